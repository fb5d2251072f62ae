"""A column of answers, as numbers or as codes of its levels."""

import numpy as np
import pandas as pd


def numbers_in(values: pd.Series) -> np.ndarray:
    """A column as numbers, missing as NaN. Raises ValueError, with row numbers, for an infinite one."""
    numbers = pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(numbers).any():
        rows = [int(r) + 1 for r in np.flatnonzero(np.isinf(numbers))[:5]]
        raise ValueError(f"{values.name!r} is infinite in rows {rows}")
    return numbers


def codes_in(values: pd.Series) -> tuple[np.ndarray, tuple[object, ...]]:
    """A column as codes, -1 where missing, and its levels: those of a categorical, else the values in order.

    Raises ValueError for an infinite number, which is no level.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy().astype(np.int64), tuple(values.cat.categories)
    codes, levels = pd.factorize(values, sort=True)
    if values.dtype.kind == "f" and len(levels) and np.isinf([levels[0], levels[-1]]).any():
        raise ValueError(f"{values.name!r} is infinite for {int(np.isinf(values).sum())} respondent(s)")
    return codes.astype(np.int64), tuple(levels)
