"""The engine answers tasks in a process of its own: `python -m benchmarks.engine_run FILE SOURCE TASK...`, JSON on the last line.

SOURCE is `duckdb` (an Ibis table over the Parquet file, two threads), `frame` (a DataFrame in memory) or `spark` (`local[2]`).
Every run declares the design anew and estimates. On DuckDB the scan of the same columns runs in turn with the task.
"""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.engine_clock import median_seconds, peak_megabytes, profiled
from benchmarks.engine_data import AGE, COVARIATES, DESIGN, FLAG, GROUP, OUTCOME
from bsna.estimation import (
    average_marginal_effects,
    binary_logit,
    crosstab,
    mean,
    ordered_logit,
    proportion,
    ratio,
    survey_design,
    total,
)

TASKS = {
    "crosstab": (OUTCOME, GROUP),
    "binary": (FLAG, *COVARIATES),
    "ordered": (OUTCOME, *COVARIATES),
    "binary_age": (FLAG, *COVARIATES, AGE),
    "margins": (FLAG, *COVARIATES),
    "proportion": (FLAG, GROUP),
    "mean": (AGE, GROUP),
    "total": (AGE, GROUP),
    "ratio": (AGE, OUTCOME, GROUP),
}
"""Columns that each task needs beside those of the design."""


def main() -> None:
    """Answer the tasks, or with `--profile` tell where the time of each goes."""
    path, source, *words = sys.argv[1:]
    names = [word for word in words if word in TASKS]
    found: dict[str, Any] = {}
    connection, data = _open(Path(path), source)
    for name in names:
        task = _task(name, data)
        scan = _scan(connection, Path(path), name) if source == "duckdb" else None
        if "--profile" in words:
            found[name] = profiled(task)
            continue
        try:
            answer, seconds, scanned = median_seconds(task, scan)
        except Exception as error:
            found[name] = {"failed": f"{type(error).__name__}: {error}".splitlines()[0]}
            continue
        found[name] = {"seconds": seconds, "numbers": _numbers(name, answer), "peak_mb": peak_megabytes()}
        if scan:  # after the peak was taken
            found[name] |= {"scan": scanned, "delivered": _delivered(connection, Path(path), name)}
    print(json.dumps(found))


def scan_query(path: Path, task: str) -> str:
    """The yardstick: one pass over the file that reads each column of a task once and keeps one number of each.

    Numbers are added up, of text the lengths; no groups, nothing is handed over.
    """
    columns = (*DESIGN, *TASKS[task])
    parts = [f"sum(strlen({name}))" if name in COVARIATES else f"sum({name})" for name in columns]
    return f"select {', '.join(parts)} from read_parquet('{path}')"


def _open(path: Path, source: str) -> tuple[Any, Any]:
    if source == "frame":
        return None, pd.read_parquet(path)
    import ibis

    if source == "duckdb":
        connection = ibis.duckdb.connect(threads=2)
        return connection, connection.read_parquet(path)
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    connection = ibis.pyspark.connect(session)
    return connection, connection.read_parquet(path)


def _task(name: str, data: Any) -> Callable[[], Any]:
    def design() -> Any:
        return survey_design(data, weight="weight", stratum="stratum", psu="psu")

    def margins() -> Any:
        declared = design()
        return average_marginal_effects(binary_logit(declared, FLAG, list(COVARIATES), levels=COVARIATES), declared)

    terms, levels = list(COVARIATES), COVARIATES
    tasks: Mapping[str, Callable[[], Any]] = {
        "crosstab": lambda: crosstab(design(), OUTCOME, GROUP),
        "binary": lambda: binary_logit(design(), FLAG, terms, levels=levels),
        "ordered": lambda: ordered_logit(design(), OUTCOME, terms, levels=levels),
        "binary_age": lambda: binary_logit(design(), FLAG, [*terms, AGE], levels=levels),
        "margins": margins,
        "proportion": lambda: proportion(design(), FLAG, by=GROUP),
        "mean": lambda: mean(design(), AGE, by=GROUP),
        "total": lambda: total(design(), AGE, by=GROUP),
        "ratio": lambda: ratio(design(), AGE, OUTCOME, by=GROUP),
    }
    return tasks[name]


def _scan(connection: Any, path: Path, task: str) -> Callable[[], Any]:
    query = scan_query(path, task)
    return lambda: connection.con.execute(query).fetchall()


def _delivered(connection: Any, path: Path, task: str) -> float:
    """Seconds to hand the columns of a task over as Arrow, row by row: what reading them costs a tool that estimates itself."""
    query = f"select {', '.join((*DESIGN, *TASKS[task]))} from read_parquet('{path}')"
    return median_seconds(lambda: connection.con.sql(query).to_arrow_table().num_rows)[1]


def _numbers(name: str, answer: Any) -> dict[str, float]:
    if name == "crosstab":
        return {"F": answer.statistic_f, "df1": answer.df1, "df2": answer.df2, "p": answer.p_value}
    if name in ("binary", "ordered", "binary_age"):
        rows = [(row["name"], row["estimate"], row["se"]) for row in answer.table().to_dict("records")]
    elif name == "margins":
        rows = [(f"{row['by']}={row['level']}", row["estimate"], row["se"]) for row in answer.to_dict("records")]
    else:
        rows = [(row["level"], row["estimate"], row["se"]) for row in answer.to_dict("records")]
    return {f"{key} {label}": float(value) for label, b, se in rows for key, value in (("b", b), ("se", se))}


if __name__ == "__main__":
    main()
