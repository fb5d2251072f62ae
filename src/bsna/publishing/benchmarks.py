"""What the estimation engine was measured to take, as a table on a page of the book."""

from pathlib import Path

import pandas as pd

TABLE = "<!-- engine benchmark -->"
"""Where a page shows the table."""

TASKS = {
    "crosstab": "cross-tabulation",
    "binary": "binary logit",
    "ordered": "ordered logit",
    "binary_age": "binary logit, age in years",
    "margins": "marginal effects",
    "proportion": "share by group",
    "mean": "mean by group",
    "total": "total by group",
    "ratio": "ratio by group",
}


def measured_table(path: Path) -> str:
    """Seconds of each tool for each task, from `benchmarks/engine.csv`; one row per task and number of people.

    A dash is what was not measured; a tool that stopped with an error has failed. Raises ValueError for an unknown task.
    """
    runs = pd.read_csv(path)
    if strange := sorted(set(runs["task"]) - set(TASKS)):
        raise ValueError(f"{path.name} has the tasks {strange}; name them in TASKS")
    tools = list(dict.fromkeys(runs["tool"]))
    lines = [f"| people | task | {' | '.join(tools)} |", f"|---:|---|{'---:|' * len(tools)}"]
    for (people, task), group in runs.groupby(["people", "task"], sort=False):
        cells = {str(row["tool"]): _cell(row) for _, row in group.iterrows()}
        shown = " | ".join(cells.get(tool, "–") for tool in tools)
        lines.append(f"| {people:,} | {TASKS[str(task)]} | {shown} |".replace(",", "\u202f"))
    return "\n".join(lines)


def _cell(row: pd.Series) -> str:
    if isinstance(row["failed"], str):
        return "failed"
    return f"{row['seconds']:#.2g}".rstrip(".")
