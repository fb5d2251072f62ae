"""What the title of a figure states, and whether it follows from what the figure draws."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
HALF, LEVEL, SURE = 0.5, 0.05, 0.95
"""The border that titles name; the p-value up to which they speak of a difference; the chance from which they call a place sure."""

_KEY = ("measure", "population", "by", "level", "category", "item")
"""What tells one row of a figure from another."""


class Stated(str):
    """A title with what it states: the `state` of its sentence, as statement and state of the wording; `named`, the rows or
    records it names, in the order of its sentence; `tests`, by measure, the p-values that it rests on; `changes`, the rows of
    change that it rests on and that the figure does not draw."""

    state: tuple[str, str]
    named: tuple[Row, ...]
    tests: Mapping[str, float]
    changes: tuple[Row, ...]

    def __new__(
        cls,
        text: str,
        state: tuple[str, str],
        named: Iterable[Row] = (),
        tests: Mapping[str, float] | None = None,
        changes: Iterable[Row] = (),
    ) -> "Stated":
        made = super().__new__(cls, text)
        made.state, made.named, made.tests, made.changes = state, tuple(named), dict(tests or {}), tuple(changes)
        return made


def check_title(title: str, drawn: Sequence[Row]) -> None:
    """Check what a title states against the rows or records that its figure draws; a title that states nothing passes.

    Raises ValueError, with the title and what is wrong, if it does not follow, if it names what is not drawn or other numbers
    than those drawn, or if nobody has said how its state is checked.
    """
    if not isinstance(title, Stated):
        return
    if title.state not in _CHECKS:
        raise ValueError(f"The title {title!r}: no check for {'.'.join(title.state)}; declare one in stated.py")
    shown = [row for row in drawn if row.get("status", "ok") in ("ok", "imprecise")]
    if unseen := [dict(row) for row in title.named if not any(_same(row, other) for other in shown)]:
        raise ValueError(f"The title {title!r} names {len(unseen)} rows that the figure does not draw so: {unseen[:2]}")
    if fault := _CHECKS[title.state](title, shown):
        raise ValueError(f"The title {title!r} does not follow from what is drawn ({'.'.join(title.state)}): {fault}")


def _name(row: Row) -> tuple[Any, ...]:
    return tuple(row.get(key) or "" for key in _KEY) if "status" in row or "item" in row else tuple(sorted(row.items()))


def _same(row: Row, other: Row) -> bool:
    """Whether a row that is named is the one that is drawn, with the same number."""
    return _name(row) == _name(other) and row.get("estimate") == other.get("estimate")


def _rivals(title: Stated, shown: Sequence[Row]) -> list[Row]:
    """Drawn rows that a title puts in order: of a scale, those with the answer it names; the highest first."""
    first = title.named[0]
    same = [row for row in shown if row.get("category", "") == first.get("category", "") or first.get("by")]
    return sorted(same, key=lambda row: -row["estimate"])


def _first_two(title: Stated, shown: Sequence[Row]) -> str:
    rivals = _rivals(title, shown)
    for row, other in zip(title.named, rivals, strict=False):
        if row["estimate"] < other["estimate"]:
            return f"{_name(other)} has {other['estimate']:.3f}, more than {_name(row)} with {row['estimate']:.3f}"
    return ""


def _clear(title: Stated, shown: Sequence[Row]) -> str:
    first, second = title.named
    if first["low"] <= second["high"]:
        return (
            f"the interval of the first starts at {first['low']:.3f}, that of the second ends at {second['high']:.3f}"
        )
    return _first_two(title, shown)


def _close(title: Stated, shown: Sequence[Row]) -> str:
    first, second = title.named
    return "the intervals are apart" if first["low"] > second["high"] else _first_two(title, shown)


def _only(title: Stated, shown: Sequence[Row]) -> str:
    return "" if len(_rivals(title, shown)) == 1 else f"{len(_rivals(title, shown))} are drawn"


def _side(side: str) -> Callable[[Stated, Sequence[Row]], str]:
    def check(title: Stated, shown: Sequence[Row]) -> str:
        row = title.named[0]
        found = "majority" if row["low"] > HALF else "minority" if row["high"] < HALF else "unclear"
        return (
            _only(title, shown) if found == side else f"the interval {row['low']:.3f} to {row['high']:.3f} says {found}"
        )

    return check


def _exactly(title: Stated, expected: Sequence[Row]) -> str:
    """The rows named must be those that fulfil what the title says, no more and no fewer."""
    said, found = Counter(map(_name, title.named)), Counter(map(_name, expected))
    return "" if said == found else f"named without ground {[*(said - found)]}, left out {[*(found - said)]}"


def _above(title: Stated, shown: Sequence[Row]) -> str:
    return _exactly(title, [row for row in shown if row["low"] > HALF])


def _none_above(title: Stated, shown: Sequence[Row]) -> str:
    above = [_name(row) for row in shown if row["low"] > HALF]
    return f"above one half are {above}" if above else _first_two(title, shown)


def _ends(title: Stated, shown: Sequence[Row]) -> str:
    """The first and last answer of one scale."""
    low, high = title.named
    codes = [
        row["category"]
        for row in shown
        if row["measure"] == low["measure"] and row["category"] not in ("left", "right")
    ]
    return "" if (codes[0], codes[-1]) == (low["category"], high["category"]) else f"the scale runs {codes}"


def _range(title: Stated, shown: Sequence[Row]) -> str:
    """The lowest and the highest level of one measure."""
    low, high = title.named
    own = [row["estimate"] for row in shown if row["measure"] == low["measure"]]
    found = (min(own), max(own))
    return "" if (low["estimate"], high["estimate"]) == found else f"levels run from {found[0]:.3f} to {found[1]:.3f}"


def _differs(title: Stated, shown: Sequence[Row]) -> str:
    p = title.tests.get(title.named[0]["measure"], 1.0)
    return _range(title, shown) if p <= LEVEL else f"p is {p:.3f}"


def _untested(title: Stated, shown: Sequence[Row]) -> str:
    return f"{len(title.tests)} tests were made" if title.tests else _range(title, shown)


def _none_differs(title: Stated, shown: Sequence[Row]) -> str:
    sure = [name for name, p in title.tests.items() if p <= LEVEL]
    return f"beyond chance are {sure}" if sure or not title.tests else ""


def _excludes_zero(row: Row) -> bool:
    return bool(row["low"] > 0 or row["high"] < 0)


def _terms(title: Stated, shown: Sequence[Row]) -> str:
    said, found = {row["by"] for row in title.named}, {row["by"] for row in shown if _excludes_zero(row)}
    return "" if said == found else f"zero is excluded for {sorted(found)}, the title names {sorted(said)}"


def _gaps(title: Stated, shown: Sequence[Row]) -> str:
    gaps = [row for row in shown if row["unit"] == "points"]
    return _exactly(
        title, [row for row in gaps if title.tests.get(row["measure"], 1.0) <= LEVEL and _excludes_zero(row)]
    )


def _moved(sign: int) -> Callable[[Stated, Sequence[Row]], str]:
    def check(title: Stated, shown: Sequence[Row]) -> str:
        before, after = title.named
        sure = [row for row in title.changes if sign * (row["low"] if sign > 0 else row["high"]) > 0]
        if sign * (after["estimate"] - before["estimate"]) <= 0:
            return f"it went from {before['estimate']:.3f} to {after['estimate']:.3f}"
        return "" if sure else "zero is not excluded for the change"

    return check


def _still(title: Stated, shown: Sequence[Row]) -> str:
    sure = [_name(row) for row in title.changes if _excludes_zero(row)]
    return f"changes beyond chance: {sure}" if sure else ""


def _apart(title: Stated, shown: Sequence[Row]) -> str:
    """Two ends of a difference that is shown beyond chance."""
    low, high = title.named
    p = title.tests.get(high["measure"], 1.0)
    return (
        ""
        if low["estimate"] < high["estimate"] and p <= LEVEL
        else f"from {low['estimate']:.3f} to {high['estimate']:.3f}, p is {p:.3f}"
    )


def _none_apart(title: Stated, shown: Sequence[Row]) -> str:
    sure = [name for name, p in title.tests.items() if p <= LEVEL]
    return f"beyond chance are {sure}" if sure else ""


def _all_sure(title: Stated, shown: Sequence[Row]) -> str:
    return _exactly(title, [row for row in shown if min(row.values()) >= SURE])


_CHECKS: dict[tuple[str, str], Callable[[Stated, Sequence[Row]], str]] = {
    ("levels", "clear"): _clear,
    ("levels", "close"): _close,
    ("levels", "above"): _above,
    ("levels", "none_above"): _none_above,
    ("levels", "single_majority"): _side("majority"),
    ("levels", "single_minority"): _side("minority"),
    ("levels", "single_unclear"): _side("unclear"),
    ("levels", "number"): _first_two,
    ("by", "differs"): _differs,
    ("by", "none"): _none_differs,
    ("by", "untested"): _untested,
    ("by", "number"): _range,
    ("distribution", "single"): _ends,
    ("distribution", "clear"): _clear,
    ("distribution", "close"): _close,
    ("flow", "single"): _only,
    ("flow", "clear"): _clear,
    ("flow", "close"): _close,
    ("rank", "clear"): _clear,
    ("rank", "close"): _close,
    ("model", "some"): _terms,
    ("model", "none"): _terms,
    ("mirror", "gap"): _gaps,
    ("mirror", "close"): _gaps,
    ("rank_gap", "all"): _all_sure,
    ("rank_gap", "none"): _all_sure,
    ("countries", "differ"): _apart,
    ("countries", "differ_caution"): _apart,
    ("countries", "same"): _none_apart,
    ("rounds", "rose"): _moved(1),
    ("rounds", "fell"): _moved(-1),
    ("rounds", "still"): _still,
    ("published_rounds", "rose"): _moved(1),
    ("published_rounds", "fell"): _moved(-1),
    ("published_rounds", "still"): _still,
}
"""How the statement of each state is checked; a check returns what is wrong, or nothing."""
