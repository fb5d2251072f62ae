"""Published numbers that are no estimate of a row: what was worked out from rows or from the sample, each with a key of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from bsna.publishing.cards.keys import NUMBERS, Traced, joined

KINDS = ("test", "difference", "side", "rank", "round", "rerun", "item", "comparison")
"""In the order in which a page of cards lists them."""


@dataclass(frozen=True)
class Result:
    """One number, or a number with its test, that a chapter shows. What is missing is None, and nothing is not a number.

    `kind` is one of `KINDS`; `names` are ids of the plan that tell it from others of its kind, the same over reruns; `method` is
    the state of the statement `result` that says how it was worked out, and in which order `names` stand. `asked` is what a
    cell of the notebook names to make it: a row of the plan, or the function that it calls.
    `unit` of `value`, `low` and `high`: share, prob, points, ratio or number; `low` to `high` is an interval, or a range over reruns.
    `p` is the p-value alone, `p_adjusted` after correction; `statistic` follows a distribution with `df1` and `df2` degrees of
    freedom. `n` people in `clusters`. `further` are numbers shown beside it that its card says too, by name, whose ending tells
    how it is written (`Words.show`). `about` holds population and measure, or question, of what it is about; `of` the keys of
    the estimate rows or results that it was worked out from or compares.
    """

    survey: str
    chapter: str
    kind: str
    names: tuple[str, ...]
    method: str
    asked: str
    unit: str = "share"
    value: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    statistic: float | None = None
    df1: float | None = None
    df2: float | None = None
    n: int | None = None
    clusters: int | None = None
    further: tuple[tuple[str, float], ...] = ()
    about: tuple[tuple[str, str], ...] = ()
    of: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError for a kind that is not declared, and for names that make no key."""
        if self.kind not in KINDS or not all(self.names) or not self.names:
            raise ValueError(f"result {self.kind!r} of {self.names}: expected a kind of {KINDS} and one name or more")

    @property
    def key(self) -> str:
        """survey/chapter/kind/name[/name]."""
        return joined((self.survey, self.chapter, self.kind, *self.names))

    @property
    def populations(self) -> tuple[str, ...]:
        """Of whom it is, in the order of `about`."""
        return tuple(dict.fromkeys(population for population, _ in self.about))

    def traced(self, name: str) -> float | None:
        """One of its numbers, or of those beside it, carrying its key; nothing for one that is missing."""
        further = dict(self.further)
        value = further[name] if name in further else getattr(self, name)
        return None if value is None else Traced(value, self.key)


def result_record(result: Result) -> dict[str, Any]:
    """A result as a record of JSON."""
    return asdict(result)


def read_result(record: Mapping[str, Any]) -> Result:
    """A result from its record. Raises TypeError for a record with other fields."""
    parts: dict[str, Any] = {name: tuple(record[name]) for name in ("names", "of")}
    parts |= {name: tuple(map(tuple, record[name])) for name in ("about", "further")}
    return Result(**{**record, **parts})


def keyed_records(results: Iterable[Result]) -> list[dict[str, Any]]:
    """Results as records with their `key`, for `keys.check_keys`."""
    return [{**result_record(result), "key": result.key} for result in results]


def whole(result: Result) -> Result:
    """The same without what is not a number, whose place is empty."""
    given = result_record(result)
    return read_result({name: None if value != value else value for name, value in given.items()})


def of_row(row: Mapping[str, Any], base: Result) -> Result:
    """A result with the number, interval and people of an estimate row that has no card of its own, and about its measure."""
    made = whole(
        replace(base, unit=row["unit"], value=float(row["estimate"]), low=float(row["low"]), high=float(row["high"]))
    )
    about = made.about or ((row["population"], row["measure"]),)
    counts = {name: None if row[name] != row[name] else int(row[name]) for name in ("n", "clusters")}
    return replace(made, about=about, n=counts["n"], clusters=counts["clusters"])


def tied(row: Mapping[str, Any], result: Result) -> dict[str, Any]:
    """An estimate row that has no card of its own, with numbers that carry the key of a result."""
    made: dict[str, Any] = {**row, "key": result.key}
    for name in NUMBERS:
        if isinstance(row[name], float) and row[name] == row[name]:
            made[name] = Traced(row[name], result.key)
    return made
