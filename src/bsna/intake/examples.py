"""How a fault shows what it found: a few examples, each cut short, so that a message stays one that can be read."""

from collections.abc import Iterable

MOST, LONGEST = 8, 40


def few(values: Iterable[object]) -> str:
    """The first distinct values as a list, long ones cut, and how many more there are."""
    distinct = list(dict.fromkeys(values))
    shown = [f"{v[:LONGEST]}…" if isinstance(v, str) and len(v) > LONGEST else v for v in distinct[:MOST]]
    more = len(distinct) - len(shown)
    return f"{shown} and {more} more" if more else f"{shown}"
