"""What the estimation engine was measured to take, as a table on a page of the book."""

from pathlib import Path

import pandas as pd
from babel.numbers import get_decimal_symbol

from bsna.publishing.wording import Words

TABLE = "<!-- engine benchmark -->"
"""Where a page shows the table."""


def measured_table(path: Path, words: Words) -> str:
    """Seconds of each tool for each task, from `benchmarks/engine.csv`; one row per task and number of people.

    A dash is what was not measured; a tool that stopped with an error has failed. Raises ValueError for a task without name
    in the wording.
    """
    runs = pd.read_csv(path)
    tools = list(dict.fromkeys(runs["tool"]))
    lines = [f"{words.say('engine_tasks', 'head')} {' | '.join(tools)} |", f"|---:|---|{'---:|' * len(tools)}"]
    for (people, task), group in runs.groupby(["people", "task"], sort=False):
        cells = {str(row["tool"]): _cell(row, words) for _, row in group.iterrows()}
        shown = " | ".join(cells.get(tool, "–") for tool in tools)
        lines.append(f"| {words.show('n_count', people)} | {words.say('engine_tasks', str(task))} | {shown} |")
    return "\n".join(lines)


def _cell(row: pd.Series, words: Words) -> str:
    if isinstance(row["failed"], str):
        return words.say("engine_tasks", "failed")
    digits = f"{row['seconds']:#.2g}".rstrip(".")
    return digits.replace(".", get_decimal_symbol(words.language))
