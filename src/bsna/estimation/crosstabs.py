"""Cross-tabulations with the second-order Rao–Scott test."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from bsna.estimation.design import SurveyDesign, Where
from bsna.estimation.rows import EmptyDomain


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
    rows, columns = design.column(row), design.column(column)
    inside = design.select(where) & (rows.notna() & columns.notna()).to_numpy()
    if not inside.any():
        raise EmptyDomain(f"Nobody answered both {row!r} and {column!r}")
    row_codes, row_levels = pd.factorize(rows[inside], sort=True)
    column_codes, column_levels = pd.factorize(columns[inside], sort=True)
    r, c = len(row_levels), len(column_levels)
    if min(r, c) < 2:
        raise ValueError(f"{row!r} by {column!r} has {r} x {c} levels; a test needs two of each")
    cells = np.zeros((len(design.frame), r * c))
    cells[np.flatnonzero(inside), row_codes + r * column_codes] = 1.0
    weights = np.where(inside, design.weights, 0.0)
    shares = weights @ cells / weights.sum()
    scores = weights[:, None] * (cells - shares * inside[:, None]) / weights.sum()
    n = int(inside.sum())
    variance, df = design.variance(scores), design.degrees_of_freedom(inside)
    if not df > 0 or not np.trace(variance) > 1e-24:
        raise Untestable(f"{row!r} by {column!r} cannot be tested: the clusters of these {n} people show no variance")
    chi2, f, df1, df2 = _rao_scott(shares, variance, r, c, n)
    df2 *= df
    table = pd.DataFrame(shares.reshape(c, r).T, index=list(row_levels), columns=list(column_levels))
    return CrossTab(table, f, df1, df2, float(stats.f.sf(f, df1, df2)), chi2, n)


def _rao_scott(shares: np.ndarray, variance: np.ndarray, r: int, c: int, n: int) -> tuple[float, float, float, float]:
    table = shares.reshape(c, r).T
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    chi2 = n * float(((table - expected) ** 2 / expected).sum())
    grid_row, grid_column = np.tile(np.arange(r), c), np.repeat(np.arange(c), r)
    row_part = (grid_row[:, None] == np.arange(1, r)).astype(float)
    column_part = (grid_column[:, None] == np.arange(1, c)).astype(float)
    main = np.column_stack([np.ones(r * c), row_part, column_part])
    inter = np.einsum("ij,ik->ijk", row_part, column_part).reshape(r * c, -1)
    contrast = inter - main @ np.linalg.lstsq(main, inter, rcond=None)[0]
    inverse = np.where(shares > 0, 1 / np.where(shares > 0, shares, 1), 0.0)
    scaled = contrast * inverse[:, None]
    delta = np.linalg.solve(contrast.T @ scaled / n, scaled.T @ variance @ scaled)
    trace = float(np.trace(delta))
    d0 = trace**2 / float(np.trace(delta @ delta))
    return chi2, chi2 / trace, d0, d0
