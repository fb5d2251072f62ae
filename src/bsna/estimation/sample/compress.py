"""Rows added up: every estimate depends on people only through weighted sums over groups of them."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import pandas as pd

MOST_COMBINATIONS = 10_000_000
Product: TypeAlias = tuple[str, ...]
"""Columns multiplied with the weight before adding up: () adds up weights, ("age",) ages, ("age", "age") squares."""


@dataclass(frozen=True)
class Sums:
    """Weighted sums of products over a domain, apart for each level of a breakdown.

    `levels` names the levels, one tuple of values each. Of L levels, P products and U sampling units: `whole` (P, L) is
    the sum over everybody; `units` (U, P, L) that within each unit, less what calibration explains, None for
    a design with replicate weights; `replicates` (R, P, L) the sums under each replicate's weights, else None.
    `plain` (P, L) is the sum over everybody without weights. `n` (L,) counts people who answered, `asked` (L,) also those who did not, unweighted. `present` (U, L) marks the units
    that count as sampled for the variance; `clusters` (PSUs, L) the primary sampling units where somebody answered.
    """

    levels: tuple[tuple[object, ...], ...]
    whole: np.ndarray
    units: np.ndarray | None
    replicates: np.ndarray | None
    plain: np.ndarray
    n: np.ndarray
    asked: np.ndarray
    present: np.ndarray
    clusters: np.ndarray


def at_levels(sums: Sums, chosen: np.ndarray) -> Sums:
    """The sums at some levels only, by their numbers."""
    return Sums(
        tuple(sums.levels[k] for k in chosen),
        sums.whole[:, chosen],
        None if sums.units is None else sums.units[:, :, chosen],
        None if sums.replicates is None else sums.replicates[:, :, chosen],
        sums.plain[:, chosen],
        sums.n[chosen],
        sums.asked[chosen],
        sums.present[:, chosen],
        sums.clusters[:, chosen],
    )


@dataclass(frozen=True)
class Patterns:
    """The distinct combinations of some columns in a domain, one row of `frame` each, in the order of their codes.

    `weight` (D,) is the sum of weights of the people with the combination, `n` (D,) their number. `replicates` (R, D)
    holds the sums of replicate weights, if the design has them. `code` gives for each row of a design in memory the number
    of its pattern, -1 outside the domain or where a column is missing; None if the rows stay in their engine. Then `by_unit`
    (U, D) holds the weights by sampling unit, or `again` makes a second pass: scores (D, k) in, their totals by unit
    (U, k) and the units present (U,) out.
    """

    frame: pd.DataFrame
    weight: np.ndarray
    n: np.ndarray
    replicates: np.ndarray | None
    code: np.ndarray | None
    by_unit: np.ndarray | None = None
    again: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]] | None = None


def narrowed(patterns: Patterns, chosen: np.ndarray) -> Patterns:
    """The same patterns with nobody but the chosen (D,): units without any of them are then absent from the domain."""
    if chosen.all():
        return patterns
    code, by_unit, again = patterns.code, patterns.by_unit, patterns.again

    def second(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        assert again is not None
        totals = again(np.column_stack([scores * chosen[:, None], chosen]))[0]
        return totals[:, :-1], totals[:, -1] > 0

    return replace(
        patterns,
        code=None if code is None else np.where(chosen[code] & (code >= 0), code, -1),
        by_unit=None if by_unit is None else by_unit * chosen,
        again=None if again is None else second,
    )


def combined_levels(levels: Sequence[Sequence[object]]) -> tuple[tuple[object, ...], ...]:
    """Every combination of levels, the last running fastest; one empty combination of no levels.

    Raises OverflowError for more than ten million, which no table could show.
    """
    sizes = [len(known) for known in levels]
    if float(np.prod([float(size) for size in sizes])) > MOST_COMBINATIONS:
        raise OverflowError(f"{sizes} levels have too many combinations to keep apart; ask of fewer columns")
    return tuple(itertools.product(*levels))


def product_columns(products: Sequence[Product]) -> list[str]:
    """The columns that products are made of, in alphabetical order."""
    return sorted({column for product in products for column in product})


def combined_codes(codes: list[np.ndarray], sizes: list[int]) -> np.ndarray:
    """One number per row for its combination of codes, in the order of the first column, then the second, ...

    A row with a negative code in any column gets -1. Raises OverflowError if the numbers outgrow 64 bits.
    """
    if float(np.prod([float(size) for size in sizes])) > 2.0**62:
        raise OverflowError(f"{sizes} levels have too many combinations to number")
    joint = np.zeros(len(codes[0]), dtype=np.int64)
    outside = np.zeros(len(codes[0]), dtype=bool)
    for code, size in zip(codes, sizes, strict=True):
        joint = joint * size + code
        outside |= code < 0
    joint[outside] = -1
    return joint


def distinct(codes: list[np.ndarray], sizes: list[int]) -> tuple[np.ndarray, np.ndarray] | None:
    """Number of each row's pattern (-1 outside) and the first row of every pattern; None if patterns do not compress.

    Patterns are numbered in the order of their codes, so that the order of rows does not matter.
    """
    rows = len(codes[0])
    cells = float(np.prod([float(size) for size in sizes]))
    if (max(sizes, default=1) > rows / 2 and rows > 64) or cells > 2.0**62:
        return None
    joint = combined_codes(codes, sizes)
    inside = np.flatnonzero(joint >= 0)
    if cells <= 4 * rows + 1024:
        first = np.full(int(cells), -1, dtype=np.int64)
        first[joint[inside[::-1]]] = inside[::-1]
        there = np.flatnonzero(first >= 0)
        number = np.full(int(cells) + 1, -1, dtype=np.int64)
        number[there] = np.arange(len(there))
        return number[joint], first[there]
    values, first_inside, inverse = np.unique(joint[inside], return_index=True, return_inverse=True)
    if len(values) > len(inside) / 2 and len(inside) > 64:
        return None
    code = np.full(rows, -1, dtype=np.int64)
    code[inside] = inverse.ravel()
    return code, inside[first_inside]
