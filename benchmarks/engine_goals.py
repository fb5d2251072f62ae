"""What the engine is to reach, and whether it does: goals set high on purpose, each judged from the same run."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

LARGE, SMALL, HUGE = 1_000_000, (1_600, 10_000), 10_000_000
OURS = {"duckdb": "bsna on DuckDB", "frame": "bsna on a DataFrame"}
SIZES = {1_600: "1.6k", 10_000: "10k", LARGE: "1M", HUGE: "10M"}
SCANS = {"crosstab": 1.4, "binary": 2.5, "ordered": 2.5}
FASTER = {("svy", "crosstab"): 75.0, ("svy", "binary"): 15.0} | {("R survey", task): 90.0 for task in SCANS}
MEGABYTES, PLANS = 700.0, 25.0


@dataclass(frozen=True)
class Goal:
    """`aim` is a bound on `measured`, both in words; `met` is None where it could not be measured. `by` is the factor
    by which it is missed (1 if met). `profile` says which sample, source and task shows where the time goes."""

    what: str
    aim: str
    measured: str
    met: bool | None
    by: float
    profile: tuple[str, str, str] | None


def judge_goals(measured: pd.DataFrame, plan: Mapping[str, float]) -> list[Goal]:
    """All goals in the order of the table. `measured` has one row per people, task and tool."""
    seconds = {
        (row["people"], row["task"], row["tool"]): row
        for row in measured.to_dict("records")
        if row.get("seconds", 0) > 0
    }
    goals = [_scan(seconds, task, bound) for task, bound in SCANS.items()]
    goals += [_faster(seconds, tool, task, bound) for (tool, task), bound in FASTER.items()]
    for people in SMALL:
        tasks = sorted({task for size, task, tool in seconds if size == people and tool == "svy"})
        goals += [_no_slower(seconds, people, task) for task in tasks]
    goals.append(
        _plan(plan) if plan else _unmeasured("Plan of one survey, in cross-tabulations of svy", f"≤ {PLANS:g} ×")
    )
    goals += [_memory(seconds, task) for task in SCANS] + [_growth(seconds, task) for task in SCANS]
    return goals


def _most(what: str, aim: float, value: float, unit: str, profile: tuple[str, str, str]) -> Goal:
    """A goal that a value is at most `aim`."""
    return Goal(what, f"≤ {aim:g}{unit}", f"{value:.3g}{unit}", value <= aim, max(1.0, value / aim), profile)


def _least(what: str, aim: float, value: float, profile: tuple[str, str, str]) -> Goal:
    """A goal that something is at least `aim` times as fast."""
    return Goal(what, f"≥ {aim:g} ×", f"{value:.3g} ×", value >= aim, max(1.0, aim / value), profile)


def _unmeasured(what: str, aim: str) -> Goal:
    return Goal(what, aim, "not measured", None, float("nan"), None)


Seconds = Mapping[tuple[int, str, str], Mapping[str, float]]


def _scan(seconds: Seconds, task: str, bound: float) -> Goal:
    what, ours = f"10⁶ people, {task}, against the scan", seconds.get((LARGE, task, OURS["duckdb"]))
    if ours is None:
        return _unmeasured(what, f"≤ {bound:g} ×")
    return _most(what, bound, ours["seconds"] / ours["scan"], " ×", ("1M", "duckdb", task))


def _faster(seconds: Seconds, tool: str, task: str, bound: float) -> Goal:
    what = f"10⁶ people, {task}, faster than {tool}"
    ours, theirs = seconds.get((LARGE, task, OURS["duckdb"])), seconds.get((LARGE, task, tool))
    if ours is None or theirs is None:
        return _unmeasured(what, f"≥ {bound:g} ×")
    return _least(what, bound, theirs["seconds"] / ours["seconds"], ("1M", "duckdb", task))


def _no_slower(seconds: Seconds, people: int, task: str) -> Goal:
    what = f"{people} people, {task}, no slower than svy"
    ours, theirs = (seconds.get((people, task, tool)) for tool in (OURS["frame"], "svy"))
    if ours is None or theirs is None:
        return _unmeasured(what, "≥ 1 ×")
    return _least(what, 1.0, theirs["seconds"] / ours["seconds"], (SIZES[people], "frame", task))


def _plan(plan: Mapping[str, float]) -> Goal:
    what = (
        f"Plan of one survey of {plan['people']:.0f} people, {plan['estimates']:.0f} estimates and {plan['tests']:.0f} tests, "
        "in cross-tabulations of svy"
    )
    return _most(what, PLANS, plan["tables"] / plan["svy"], " ×", ("plan", "frame", "plan"))


def _memory(seconds: Seconds, task: str) -> Goal:
    what, ours = f"10⁷ people, {task}, peak memory", seconds.get((HUGE, task, OURS["duckdb"]))
    if ours is None:
        return _unmeasured(what, f"≤ {MEGABYTES:g} MB")
    return _most(what, MEGABYTES, ours["peak_mb"], " MB", ("10M", "duckdb", task))


def _growth(seconds: Seconds, task: str) -> Goal:
    """How much more the time grows than the scan's, from 10⁶ to 10⁷ people."""
    what = f"10⁶ to 10⁷ people, {task}, growth against that of the scan"
    small, large = (seconds.get((people, task, OURS["duckdb"])) for people in (LARGE, HUGE))
    if small is None or large is None:
        return _unmeasured(what, "≤ 1 ×")
    growth = (large["seconds"] / small["seconds"]) / (large["scan"] / small["scan"])
    return _most(what, 1.0, growth, " ×", ("10M", "duckdb", task))
