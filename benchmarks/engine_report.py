"""The engine's benchmark as tables, as a page and as a figure."""

import os
import platform
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pandas as pd

from benchmarks.engine_clock import LEAST, MOST, SECONDS
from benchmarks.engine_data import SAMPLES
from benchmarks.engine_figure import draw_seconds, spaced
from benchmarks.engine_goals import Goal
from benchmarks.engine_run import scan_query

LIBRARIES = ("duckdb", "ibis-framework", "numpy", "pandas", "scipy", "pyarrow")
COLUMNS = ("people", "task", "tool", "seconds", "scan", "delivered", "peak_mb", "digits", "digits_se", "failed")
TASKS = {
    "crosstab": "cross-tabulation 4 × 5, second-order Rao–Scott test",
    "binary": "binary logit, 12 coefficients",
    "ordered": "ordered logit of four answers, 11 coefficients and 3 thresholds",
    "binary_age": "binary logit, the same and a continuous covariate",
    "margins": "binary logit and its average marginal effects",
    "proportion": "share by five groups",
    "mean": "mean by five groups",
    "total": "total by five groups",
    "ratio": "ratio by five groups",
}


def write_report(
    folder: Path,
    measured: pd.DataFrame,
    plan: Mapping[str, float],
    goals: list[Goal],
    profiles: pd.DataFrame,
    versions: Mapping[str, str],
) -> None:
    """Write engine.csv, engine_profile.csv, engine.md and engine.png."""
    table = measured.reindex(columns=COLUMNS)
    table.to_csv(folder / "engine.csv", index=False, float_format="%.4g", lineterminator="\n")
    profiles.to_csv(folder / "engine_profile.csv", index=False, float_format="%.3f", lineterminator="\n")
    draw_seconds(table, folder / "engine.png")
    sections = [_head(versions), _goals(goals), _seconds(table), _plan(plan), _profiles(profiles)]
    (folder / "engine.md").write_text("\n\n".join(sections) + "\n", encoding="utf-8")


def _head(versions: Mapping[str, str]) -> str:
    own = ", ".join(f"{name} {version(name)}" for name in (*LIBRARIES, *(["pyspark"] if find_spec("pyspark") else [])))
    absent = {"R survey": "R survey" in versions, "Spark": bool(find_spec("pyspark"))}
    missing = " and ".join(name for name, is_there in absent.items() if not is_there)
    peers = ", ".join(f"{name} {found}" for name, found in versions.items())
    strata = SAMPLES["1M"]
    return "\n".join(
        [
            "# The estimation engine, measured",
            "",
            f"{_machine()}, Python {platform.python_version()}; ours: {own}; peers, in an environment of their own: {peers}. "
            "Two threads for every tool, ours multiplying matrices in one. Seconds differ from machine to machine; ratios less."
            + (f" Not on this machine, so not measured: {missing}." if missing else ""),
            "",
            "Every run declares the design and estimates; the table shows the median of warm runs "
            f"({LEAST} to {MOST}, within {SECONDS:g} seconds where that is enough). Peers and the DataFrame hold their data in "
            "memory before the clock starts; DuckDB reads the Parquet file in every run. The sample is made from a seed: "
            f"{strata.strata} strata of {strata.psus} primary sampling units, for 1 600 people {SAMPLES['1.6k'].strata} of "
            f"{SAMPLES['1.6k'].psus}, people in no order, a weight of their own each.",
            "",
            "**The scan** is one pass of DuckDB over the same file in which each column of the task is read once and nothing is "
            "grouped or handed over. It runs in turn with the task. For the cross-tabulation:",
            "",
            f"```sql\n{scan_query(Path('people.parquet'), 'crosstab')}\n```",
            "",
            "**Handed over** is the time in which DuckDB hands the same columns over as an Arrow table, person by person: what "
            "reading alone costs a tool that estimates by itself.",
            "",
            "![Seconds by task and tool](engine.png)",
        ]
    )


def _machine() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (FileNotFoundError, StopIteration):
        model = platform.machine()
    return f"{model}, {os.cpu_count()} cores, {platform.system()}"


def _goals(goals: list[Goal]) -> str:
    lines = ["## Goals", "", "| what | goal | measured | |", "|---|---|---|---|"]
    for goal in goals:
        verdict = {True: "met", False: f"missed by {goal.by:.3g} ×", None: ""}[goal.met]
        lines.append(f"| {goal.what} | {goal.aim} | {goal.measured} | {verdict} |")
    met, judged = sum(goal.met is True for goal in goals), sum(goal.met is not None for goal in goals)
    return "\n".join([*lines, "", f"{met} of {judged} goals that could be measured here are met."])


def _seconds(table: pd.DataFrame) -> str:
    lines = [
        "## Seconds",
        "",
        "Digits: in how many digits estimates (and standard errors) agree with ours on a DataFrame, a gap being taken relative "
        "to the number, or to its standard error where that is larger. statsmodels knows no strata, so its standard errors "
        "are others; it has no ordered logit with weights, and svy has none.",
    ]
    for people, size in table.groupby("people", sort=True):
        lines += ["", f"### {spaced(people)} people", ""]
        lines += [
            "| task | tool | seconds | × scan | × handed over | peak MB | digits |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += [_line(row, alone=people == table["people"].max()) for row in size.to_dict("records")]
    return "\n".join([*lines, "", "Tasks: " + "; ".join(f"*{key}*, {text}" for key, text in TASKS.items()) + "."])


def _line(row: Mapping[str, float], *, alone: bool) -> str:
    """`alone`: each task had a process of its own, so that its peak memory means something."""
    if row["failed"] == row["failed"]:
        return f"| {row['task']} | {row['tool']} | failed: {str(row['failed'])[:90].replace('|', ' ')} | | | | |"
    times = [_number(row["seconds"] / row[key]) for key in ("scan", "delivered")]
    digits = "" if row["digits"] != row["digits"] else f"{row['digits']:.0f}"
    if row["digits_se"] == row["digits_se"]:
        digits += f" ({row['digits_se']:.0f})"
    peak = _number(row["peak_mb"]) if alone else ""
    return f"| {row['task']} | {row['tool']} | {row['seconds']:.3g} | {times[0]} | {times[1]} | {peak} | {digits} |"


def _number(value: float) -> str:
    return "" if value != value else f"{value:.3g}"


def _plan(plan: Mapping[str, float]) -> str:
    answers = plan["estimates"] + plan["tests"]
    each = plan["tables"] / answers
    return "\n".join(
        [
            "## The plan of one survey",
            "",
            f"All tables and distributions of the plan, for the {plan['people']:.0f} people of one survey and the other "
            f"populations: {plan['estimates']:.0f} estimates and {plan['tests']:.0f} tests in {plan['tables']:.3g} seconds, which is "
            f"{plan['tables'] / plan['svy']:.3g} times one cross-tabulation of the same people by svy ({plan['svy'] * 1000:.3g} ms); "
            f"400 of them, at the same pace, {400 * each / plan['svy']:.3g} times. "
            f"The models, ordered and binary, with {plan['effects']:.0f} marginal effects: {plan['models']:.3g} seconds.",
        ]
    )


def _profiles(profiles: pd.DataFrame) -> str:
    lines = ["## Where the time goes, where a goal is missed", ""]
    if profiles.empty:
        return "\n".join([*lines, "No goal is missed."])
    lines += [
        "Own time by function, under Python's profiler.",
        "",
        "| sample | source | task | time |",
        "|---|---|---|---|",
    ]
    for (sample, source, task), part in profiles.groupby(["sample", "source", "task"], sort=False):
        most = part.nlargest(5, "share_of_time")
        shares = [f"{share:.0%} `{name}`" for name, share in zip(most["function"], most["share_of_time"], strict=True)]
        lines.append(f"| {sample} | {source} | {task} | {', '.join(shares)} |")
    return "\n".join([*lines, "", "More lines: `engine_profile.csv`."])
