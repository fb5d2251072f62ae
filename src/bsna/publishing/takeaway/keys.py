"""The stable address of an estimate."""

from collections.abc import Mapping
from typing import Any


def estimate_key(survey: str, chapter: str, row: Mapping[str, Any]) -> str:
    """`<survey>/<chapter>/<population>/<measure>[/<by>=<level>][/<category>]`: the same at every rerun."""
    parts = [survey, chapter, row["population"], row["measure"]]
    if row["by"]:
        parts.append(f"{row['by']}={row['level']}")
    return "/".join([*parts, row["category"]] if row["category"] else parts)
