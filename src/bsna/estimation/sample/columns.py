"""A column of answers, as numbers or as codes of its levels."""

import numpy as np
import pandas as pd

EXACT = 2.0**53
"""Whole numbers beyond this have no number of their own in double precision: their differences would be lost."""


def numbers_in(values: pd.Series) -> np.ndarray:
    """A column as numbers, missing as NaN. Raises ValueError, with row numbers, for an infinite one, and as `refuse_rounded`."""
    given = pd.to_numeric(values)
    numbers = given.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(numbers).any():
        rows = [int(r) + 1 for r in np.flatnonzero(np.isinf(numbers))[:5]]
        raise ValueError(f"{values.name!r} is infinite in rows {rows}")
    refuse_rounded(given, numbers)
    return numbers


def refuse_rounded(given: pd.Series, numbers: np.ndarray) -> None:
    """Raises ValueError if `numbers`, in double precision, are not the whole numbers given: those of more than 53 bits."""
    if given.dtype.kind in "iu" and given.dtype.itemsize > 4 and (wide := np.abs(numbers) > EXACT).any():
        raise ValueError(
            f"{given.name!r} has {int(wide.sum())} whole number(s) beyond 2^53, such as {given[wide].tolist()[:2]}; "
            "arithmetic would round them, and lose how they differ. If they are codes, they are no measure; else subtract "
            "one of them from all"
        )


def codes_in(values: pd.Series) -> tuple[np.ndarray, tuple[object, ...]]:
    """A column as codes, -1 where missing, and its levels: those of a categorical, else the values in order.

    Raises ValueError for an infinite number, which is no level.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy().astype(np.int64), tuple(values.cat.categories)
    if (
        isinstance(values.dtype, np.dtype)
        and values.dtype.kind in "iuf"
        and (small := _small_numbers(values.to_numpy())) is not None
    ):
        return small
    codes, levels = pd.factorize(values, sort=True)
    if values.dtype.kind == "f" and len(levels) and np.isinf([levels[0], levels[-1]]).any():
        raise ValueError(f"{values.name!r} is infinite for {int(np.isinf(values).sum())} respondent(s)")
    return codes.astype(np.int64), tuple(levels)


def _small_numbers(numbers: np.ndarray) -> tuple[np.ndarray, tuple[object, ...]] | None:
    """As `codes_in`, at once, for whole numbers from nil to 255; None for others."""
    known = numbers == numbers
    there = numbers[known]
    if not len(there) or not (there.min() >= 0 and there.max() < 256 and (there == np.floor(there)).all()):
        return None
    present = np.bincount(there.astype(np.int64)) > 0
    codes = np.full(len(numbers), -1, dtype=np.int64)
    codes[known] = (np.cumsum(present) - 1)[there.astype(np.int64)]
    kind = float if numbers.dtype.kind == "f" else int
    return codes, tuple(kind(level) for level in np.flatnonzero(present))
