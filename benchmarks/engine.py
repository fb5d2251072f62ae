"""The estimation engine against its peers, in one run: how long, how much memory, and whether the numbers agree."""

import json
import math
import os
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.engine_data import SAMPLES, write_population
from benchmarks.engine_goals import Goal, judge_goals
from benchmarks.engine_report import write_report
from benchmarks.engine_run import TASKS
from benchmarks.peers import (
    AS_IN_CHAPTERS,
    PINNED,
    Answers,
    ask,
    ask_peer,
    ask_r,
    has_r,
    install_peers,
    own_python,
    peer_versions,
)

HERE = Path(__file__).parent
HARD = ("crosstab", "binary", "ordered")
SURVEY = "mli"
"""The survey whose whole plan is answered."""

DUCKDB, FRAME, SPARK = "bsna on DuckDB", "bsna on a DataFrame", "bsna on Spark"
ASKED = {"1.6k": tuple(TASKS), "10k": tuple(TASKS), "1M": (*HARD, "binary_age", "proportion"), "10M": HARD}
"""Tasks by size of the sample. Of ten million people only our own engine on DuckDB is asked, one process for each task."""


def measure_engine(house: Path | None, *, quick: bool = False) -> None:
    """Write engine.csv, engine_profile.csv, engine.md and engine.png beside this module.

    `house` holds the chapters of the survey in `SURVEY`, run; without one no plan is answered. The quick way is for
    development: 10 000 people, svy alone, few repetitions, and nothing is written but printed.
    """
    if quick:
        os.environ["BSNA_BENCH_SECONDS"] = "1"
    with tempfile.TemporaryDirectory(prefix="bsna-engine-") as name:
        folder = Path(name)
        python = install_peers(folder / "peers", ("svy",) if quick else None)
        versions = peer_versions(python)
        measured = _measured(folder, python, ("10k",) if quick else tuple(SAMPLES), versions)
        plan = _plan(python, folder, house) if house else {}
        goals = judge_goals(measured, plan)
        print("\n" + pd.DataFrame([vars(goal) for goal in goals]).drop(columns=["profile"]).to_string(), flush=True)
        profiles = pd.concat([_profile(folder, house, *case) for case in _missed(goals)] or [pd.DataFrame()])
    if quick:
        print(profiles.to_string(index=False))
    else:
        write_report(HERE, measured, plan, goals, profiles, versions)


def _measured(folder: Path, python: Path, sizes: tuple[str, ...], versions: Mapping[str, str]) -> pd.DataFrame:
    """One row per size, task and tool."""
    rows: list[dict[str, Any]] = []
    for size in sizes:
        people = SAMPLES[size].rows
        path = write_population(folder / f"{size}.parquet", SAMPLES[size])
        found = _rows(people, _answers(python, path, size, tuple(peer for peer in PINNED if peer in versions)))
        table = pd.DataFrame(found).to_string(index=False, float_format=lambda value: f"{value:.4g}")
        print(f"\nengine, {people} people\n{table}", flush=True)
        rows += found
    return pd.DataFrame(rows)


def _answers(python: Path, path: Path, size: str, peers: tuple[str, ...]) -> dict[str, Answers]:
    """What each tool answers about one file."""
    tasks = ASKED[size]
    if size == "10M":
        alone = [_ask_engine(path, "duckdb", (task,)) for task in tasks]
        return {DUCKDB: {task: answer for answers in alone for task, answer in answers.items()}}
    found = {FRAME: _ask_engine(path, "frame", tasks), DUCKDB: _ask_engine(path, "duckdb", tasks)}
    if size == "10k" and find_spec("pyspark"):
        found[SPARK] = _ask_engine(path, "spark", HARD)
    found |= {peer: ask_peer(python, peer, path, tasks) for peer in peers}
    if has_r():
        found["R survey"] = ask_r(path, HARD)
    return found


def _ask_engine(path: Path, source: str, words: tuple[str, ...]) -> Answers:
    return ask([*own_python(), "-m", "benchmarks.engine_run", path, source], words, AS_IN_CHAPTERS)


def _rows(people: int, found: dict[str, Answers]) -> list[dict[str, Any]]:
    """One row per task and tool. `digits` are those of our DataFrame's estimates that a tool gives too, `digits_se` of errors."""
    rows = []
    for tool, answers in found.items():
        for task, answer in answers.items():
            ours = found.get(FRAME, {}).get(task, {}).get("numbers", {})
            row = {"people": people, "task": task, "tool": tool} | {k: v for k, v in answer.items() if k != "numbers"}
            theirs = answer.get("numbers", {})
            if tool != FRAME and theirs and ours:
                row["digits"] = _digits(ours, theirs, errors=False)
                row["digits_se"] = _digits(ours, theirs, errors=True)
            rows.append(row)
    return rows


def _digits(ours: dict[str, float], theirs: dict[str, float], *, errors: bool) -> float:
    """Digits in which all numbers agree, 15 at most: their gaps are taken relative to the number, or to its standard error
    where that is larger. Raises ValueError if one tool has numbers that the other has not."""
    if strange := sorted(set(ours) ^ set(theirs)):
        raise ValueError(f"{len(strange)} number(s) come from one tool only: {strange[:4]}")
    gaps = []
    for name in (name for name in ours if name.startswith("se ") == errors):
        size = max(abs(ours[name]), abs(theirs[name]), ours.get(name.replace("b ", "se ", 1), 0.0), 1e-300)
        gaps.append(abs(ours[name] - theirs[name]) / size)
    if not gaps:
        return float("nan")
    return float(min(15, int(-math.log10(max(*gaps, 1e-16)))))


def _plan(python: Path, folder: Path, house: Path) -> dict[str, float]:
    """Seconds of the plan of a survey, what they bought, and svy's seconds for one cross-tabulation of the same people."""
    people = folder / "plan.parquet"
    os.environ["BSNA_HOUSE"] = str(house)
    answer: Any = ask([*own_python(), "-m", "benchmarks.engine_plan", SURVEY, people], (), AS_IN_CHAPTERS)
    if "tables" not in answer:
        raise RuntimeError(f"The plan of {SURVEY} was not answered: {json.dumps(answer)}")
    peer = ask_peer(python, "svy", people, ("crosstab",))["crosstab"]
    if "failed" in peer:
        raise RuntimeError(f"svy made no cross-tabulation of {SURVEY}: {peer['failed']}")
    return dict(answer) | {"svy": peer["seconds"]}


def _missed(goals: list[Goal]) -> list[tuple[str, str, str]]:
    """Size, source and task of what is to be profiled, each once."""
    return list(dict.fromkeys(goal.profile for goal in goals if goal.profile and goal.met is False))


def _profile(folder: Path, house: Path | None, size: str, source: str, task: str) -> pd.DataFrame:
    """Shares of own time, one row per function, of a task whose goal was missed."""
    if task == "plan":
        os.environ["BSNA_HOUSE"] = str(house)
        command = [*own_python(), "-m", "benchmarks.engine_plan", SURVEY, folder / "plan.parquet", "--profile"]
        found = ask(command, (), AS_IN_CHAPTERS)
    else:
        found = _ask_engine(folder / f"{size}.parquet", source, (task, "--profile"))
    lines = found[task].get("lines", [[found[task].get("failed", ""), float("nan")]])
    table = pd.DataFrame(lines, columns=["function", "share_of_time"])
    return table.assign(sample=size, source=source, task=task)[
        ["sample", "source", "task", "function", "share_of_time"]
    ]
