"""How seconds are taken, by the engine and by its peers alike. Standard library only: peers run it in a Python of their own."""

import cProfile
import os
import pstats
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

SECONDS, LEAST, MOST = float(os.environ.get("BSNA_BENCH_SECONDS", "4")), 3, 25
"""A task is repeated for so many seconds, at least and at most so many times; the quick benchmark sets fewer seconds."""


def median_seconds(task: Callable[[], Any], beside: Callable[[], Any] | None = None) -> tuple[Any, float, float]:
    """The task's answer, the median seconds of its warm runs, and those of what ran in turn `beside` it (0 without).

    The first run of each warms up and is not counted, unless it alone takes many times as long as all runs may.
    """
    answer, first = _timed(task)
    if first > 5 * SECONDS:
        return answer, first, _timed(beside)[1] if beside else 0.0
    if beside:
        beside()
    mine: list[float] = []
    others: list[float] = []
    start = time.perf_counter()
    while len(mine) < LEAST or (len(mine) < MOST and time.perf_counter() - start < SECONDS):
        answer, seconds = _timed(task)
        mine.append(seconds)
        others.append(_timed(beside)[1] if beside else 0.0)
    return answer, statistics.median(mine), statistics.median(others)


def profiled(task: Callable[[], Any], most: int = 12) -> dict[str, Any]:
    """Where the time of a warm run goes: `seconds` under the profiler, and `lines` of function and share of own time."""
    task()
    with cProfile.Profile() as profile:
        task()
    stats: Any = pstats.Stats(profile)
    own = sorted(((entry[2], _place(*where)) for where, entry in stats.stats.items()), reverse=True)
    return {"seconds": stats.total_tt, "lines": [[place, seconds / stats.total_tt] for seconds, place in own[:most]]}


def peak_megabytes() -> float:
    """Most memory this process ever held.

    From the kernel's own account of the process where there is one; getrusage on Linux also counts what the parent held
    when it started the process.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(float(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    except FileNotFoundError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # bytes where there is no /proc


def _timed(task: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    answer = task()
    return answer, time.perf_counter() - start


def _place(path: str, line: int, function: str) -> str:
    """Module and function, without the folders of this machine."""
    parts = Path(path).with_suffix("").parts
    name = function.removeprefix("<").removesuffix(">")
    return name if path == "~" else f"{'.'.join(parts[-2:])}:{name}"
