"""One answer per task, in one shape for all peers, as JSON on standard output."""

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.engine_clock import median_seconds, peak_megabytes

Numbers = Mapping[str, float]


def print_answers(tasks: Mapping[str, Callable[[], Any]], numbers: Mapping[str, Callable[[Any], Numbers]]) -> None:
    """Time the tasks named on the command line after the file; a peer's error is its answer.

    `tasks` declare the design and estimate; `numbers` read what was estimated, off the clock: "F", "df1", "df2" and "p"
    of a test, "b NAME" and "se NAME" of anything else, NAME being a level, or covariate=level.
    """
    found: dict[str, Any] = {}
    for name in (asked for asked in sys.argv[2:] if asked in tasks):
        try:
            answer, seconds, _ = median_seconds(tasks[name])
            values = {key: float(value) for key, value in numbers[name](answer).items()}
            found[name] = {"seconds": seconds, "numbers": values, "peak_mb": peak_megabytes()}
        except Exception as error:
            found[name] = {"failed": f"{type(error).__name__}: {error}".splitlines()[0]}
    print(json.dumps(found))
