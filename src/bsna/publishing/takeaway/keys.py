"""The stable address of an estimate."""

from collections.abc import Mapping
from typing import Any

from bsna.publishing.cards.keys import row_key


def estimate_key(survey: str, chapter: str, row: Mapping[str, Any]) -> str:
    """`<survey>/<chapter>/<population>/<measure>[/<by>=<level>][/<category>]`: the same at every rerun, and on its card."""
    return row_key(survey, chapter, row)
