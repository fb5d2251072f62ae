"""Answers read as ranked lists: choices in places, or a rank for each item."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from numbers import Real
from typing import TypeAlias

import numpy as np

from bsna.estimation.rows import EmptyDomain
from bsna.estimation.sample.compress import Patterns, narrowed
from bsna.estimation.sample.design import SurveyDesign, Where

Ranks: TypeAlias = Sequence[str] | Mapping[str, str]
Groups: TypeAlias = list[list[int]]
"""Items by number, best first, those of one rank together."""
MOST_TIED = 5
NO_CHOICE, NO_RANK = "␀", -1
"""What stands for a missing answer while people are added up: a sign, and a rank, that nobody gives."""


@dataclass(frozen=True)
class Lists:
    """Distinct ranked lists. `orders` (O, places) holds items by number, -1 after the end of a list; a list with ties has
    an order for each way to break them. `of` (O,) says which list an order belongs to; there are `count` lists."""

    orders: np.ndarray
    of: np.ndarray
    count: int

    @property
    def has_ties(self) -> bool:
        """Whether some list has several orders."""
        return len(self.orders) > self.count

    @property
    def told(self) -> np.ndarray:
        """Which lists name an item, shape (count,)."""
        return np.asarray(np.bincount(self.of, (self.orders >= 0).any(axis=1), self.count) > 0)

    def named(self, items: int) -> np.ndarray:
        """Which items each list names, shape (count, items)."""
        found = np.zeros((self.count, items), dtype=bool)
        of, place = np.nonzero(self.orders >= 0)
        found[self.of[of], self.orders[of, place]] = True
        return found

    def of_items(self, chosen: np.ndarray) -> "Lists":
        """The same lists without any item but the chosen (items,), who are numbered from nil."""
        number = np.append(np.where(chosen, chosen.cumsum() - 1, -1), -1)
        return Lists(number[self.orders], self.of, self.count)


def read_lists(design: SurveyDesign, ranks: Ranks, items: Sequence[str], where: Where) -> tuple[Patterns, Lists]:
    """The distinct answers of people who rank something, and the lists they give, empty for the answers of others.

    Raises EmptyDomain if nobody ranks anything; ValueError with counts for an answer not among `items`, a rank that is no
    number from one to the number of items, and an item named twice.
    """
    columns = list(ranks.values()) if isinstance(ranks, Mapping) else list(ranks)
    if not columns or len(set(items)) < len(items):
        raise ValueError(f"Ranks are in {columns}, items are {list(items)}; give a column or more, and each item once")
    if isinstance(ranks, Mapping):
        _check_ranks(design, ranks, items)
    filled = design.filled(columns, NO_RANK if isinstance(ranks, Mapping) else NO_CHOICE)
    patterns = filled.patterns(columns, where=where)
    read = _by_rank(ranks, patterns, items) if isinstance(ranks, Mapping) else _by_place(columns, patterns, items)
    groups = list(read)
    listed = [[item for tied in group for item in tied] for group in groups]
    twice = np.array([len(set(row)) < len(row) for row in listed])
    if twice.any():
        found = patterns.frame[columns].iloc[int(twice.argmax())].replace(NO_CHOICE, None).tolist()
        raise ValueError(f"{int(patterns.n[twice].sum())} respondent(s) name an item twice, for instance {found}")
    told = np.array([bool(row) for row in listed])
    if not told.any():
        raise EmptyDomain(f"Nobody gave a first choice in {columns[0]!r}")
    return narrowed(patterns, told), lists_of(groups, len(items))


def lists_of(groups: Sequence[Sequence[Sequence[int]]], places: int) -> Lists:
    """Lists from groups of tied items, best first. Raises ValueError if more than five items are tied."""
    orders, of = [], []
    for number, ranked in enumerate(groups):
        if (most := max(map(len, ranked), default=0)) > MOST_TIED:
            raise ValueError(
                f"{most} items share a rank; up to {MOST_TIED} can, as their orders are gone through one by one"
            )
        for broken in product(*(permutations(group) for group in ranked)):
            order = [item for group in broken for item in group]
            orders.append(order + [-1] * (places - len(order)))
            of.append(number)
    return Lists(np.array(orders, dtype=int).reshape(-1, places), np.array(of, dtype=int), len(groups))


def _by_place(columns: Sequence[str], patterns: Patterns, items: Sequence[str]) -> Iterator[Groups]:
    number = {item: k for k, item in enumerate(items)}
    answers = [patterns.frame[column].tolist() for column in columns]
    for column, found in zip(columns, answers, strict=True):
        strange = [str(answer) not in number and answer != NO_CHOICE for answer in found]
        if any(strange):
            names = sorted({str(answer) for answer, odd in zip(found, strange, strict=True) if odd})
            people = int(patterns.n[np.array(strange)].sum())
            raise ValueError(f"{column!r} names {names} {people} time(s), not among the items {list(items)}")
    for row in zip(*answers, strict=True):
        end = row.index(NO_CHOICE) if NO_CHOICE in row else len(row)
        yield [[number[str(answer)]] for answer in row[:end]]


def _by_rank(ranks: Mapping[str, str], patterns: Patterns, items: Sequence[str]) -> Iterator[Groups]:
    table = np.array([patterns.frame[ranks[item]].tolist() for item in items], dtype=float).T
    for row in table:
        yield [np.flatnonzero(row == rank).tolist() for rank in sorted(set(row[row != NO_RANK]))]


def _check_ranks(design: SurveyDesign, ranks: Mapping[str, str], items: Sequence[str]) -> None:
    if set(ranks) != set(items):
        raise ValueError(f"Ranks are given for {sorted(ranks)}; the items are {sorted(items)}")
    for column in ranks.values():
        levels = design.levels(column)
        if strange := [level for level in levels if not _is_rank(level, len(items))]:
            raise ValueError(
                f"{column!r} holds {strange[:5]}, {len(strange)} value(s) that are no rank of {len(items)} items: "
                f"give numbers from 1 to {len(items)}, equal for ties, and leave what is not ranked missing"
            )


def _is_rank(level: object, last: int) -> bool:
    return isinstance(level, Real) and not isinstance(level, bool | np.bool_) and 1 <= float(level) <= last
