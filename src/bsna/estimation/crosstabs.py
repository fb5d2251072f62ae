"""Cross-tabulations with the second-order Rao–Scott test."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from bsna.estimation.design import SurveyDesign, Where
from bsna.estimation.estimates import shares_of_levels


class Untestable(ValueError):
    """A table whose clusters say nothing of its variance."""


@dataclass(frozen=True)
class CrossTab:
    """`shares` has one row per row level and one column per column level: shares of the whole, adding up
    to one. `statistic_f` follows an F distribution with df1 and df2; `chi2` is Pearson's, on weighted
    shares times n. `n` counts people who answered both, unweighted."""

    shares: pd.DataFrame
    statistic_f: float
    df1: float
    df2: float
    p_value: float
    chi2: float
    n: int


def crosstab(design: SurveyDesign, row: str, column: str, *, where: Where = None) -> CrossTab:
    """Test whether two categorical columns go together.

    People with a missing answer to either are outside. Raises EmptyDomain if nobody answered both and
    ValueError if either has a single level; Untestable if clusters do not outnumber strata, or do not differ. Source: Rao and Scott (1984); as R's svychisq.
    """
    sums = design.sums(((),), by=(row, column), where=where)
    there = sums.n.reshape(len({level[0] for level in sums.levels}), -1) > 0
    row_levels, column_levels = (_chosen(sums.levels, side, np.any(there, axis=1 - side)) for side in (0, 1))
    r, c = len(row_levels), len(column_levels)
    if min(r, c) < 2:
        raise ValueError(f"{row!r} by {column!r} has {r} x {c} levels; a test needs two of each")
    kept = np.flatnonzero(np.outer(there.any(axis=1), there.any(axis=0)))
    found = shares_of_levels(design, sums)
    shares, variance = found.values[kept], found.covariance[np.ix_(kept, kept)]
    if not found.df > 0 or not np.trace(variance) > 1e-24:
        raise Untestable(
            f"{row!r} by {column!r} cannot be tested: the clusters of these {found.n} people show no variance"
        )
    chi2, f, df1, df2 = _rao_scott(shares.reshape(r, c), variance, found.n)
    df2 *= found.df
    table = pd.DataFrame(shares.reshape(r, c), index=row_levels, columns=column_levels)
    return CrossTab(table, f, df1, df2, float(stats.f.sf(f, df1, df2)), chi2, found.n)


def _chosen(levels: tuple[tuple[object, ...], ...], side: int, there: np.ndarray) -> list[object]:
    names = list(dict.fromkeys(level[side] for level in levels))
    return [name for name, is_there in zip(names, there, strict=True) if is_there]


def _rao_scott(table: np.ndarray, variance: np.ndarray, n: int) -> tuple[float, float, float, float]:
    r, c = table.shape
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    chi2 = n * float(((table - expected) ** 2 / expected).sum())
    grid_row, grid_column = np.repeat(np.arange(r), c), np.tile(np.arange(c), r)
    row_part = (grid_row[:, None] == np.arange(1, r)).astype(float)
    column_part = (grid_column[:, None] == np.arange(1, c)).astype(float)
    main = np.column_stack([np.ones(r * c), row_part, column_part])
    inter = np.einsum("ij,ik->ijk", row_part, column_part).reshape(r * c, -1)
    contrast = inter - main @ np.linalg.lstsq(main, inter, rcond=None)[0]
    inverse = _inverse(table.ravel())
    scaled = contrast * inverse[:, None]
    delta = np.linalg.solve(contrast.T @ scaled / n, scaled.T @ variance @ scaled)
    trace = float(np.trace(delta))
    d0 = trace**2 / float(np.trace(delta @ delta))
    return chi2, chi2 / trace, d0, d0


def _inverse(shares: np.ndarray) -> np.ndarray:
    return np.where(shares > 0, 1 / np.where(shares > 0, shares, 1), 0.0)
