"""Whether the rows and columns of an estimated table go together: tests from shares or counts and their covariance."""

from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
from scipy import special

from bsna.estimation.mixtures import f_sum_above

CrossTest: TypeAlias = Literal["F", "Chisq", "Wald", "adjWald", "lincom", "saddlepoint"]
Tested: TypeAlias = tuple[float, float, float, float]
"""Statistic, its two degrees of freedom, and the probability of one as large where rows and columns are independent."""
DEPENDENT = 1e-11


class Untestable(ValueError):
    """A table with nothing to compare, or whose clusters say nothing of its variance."""


def rao_scott(shares: np.ndarray, covariance: np.ndarray, n: int) -> tuple[float, np.ndarray]:
    """Pearson's X-squared of `n` people with shares (r, c), and the design effects of its contrasts, largest first.

    `covariance` (r c, r c) is that of the shares, row after row. Without a design X-squared is a chi-square; with it, a
    sum of chi-squares of one degree of freedom times these (r - 1)(c - 1) numbers. A cell without anybody
    leaves the contrasts, as in R. Raises Untestable if too many are empty. Source: Rao and Scott (1984).
    """
    expected = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    chi2 = n * float(((shares - expected) ** 2 / expected).sum())
    flat, contrast = shares.ravel(), _contrasts(*shares.shape)
    scaled = contrast * np.divide(1.0, flat, out=np.zeros_like(flat), where=flat != 0)[:, None]
    try:
        root = np.linalg.cholesky(contrast.T @ scaled / n)
    except np.linalg.LinAlgError:
        empty = int((flat <= 0).sum())
        raise Untestable(f"{empty} of {len(flat)} cells are empty; merge levels to test the table") from None
    within = np.linalg.solve(root, scaled.T)
    deltas = np.linalg.eigvalsh(within @ covariance @ within.T)[::-1]
    return chi2, np.maximum(deltas, 0.0)


def pearson_test(test: CrossTest, chi2: float, deltas: np.ndarray, df: float, sum_df: float) -> Tested:
    """Pearson's X-squared against its distribution under the design, `df` being the degrees of freedom of the deltas.

    F and Chisq: second and first order corrections of Rao and Scott (1984). lincom: the sum of chi-squares times
    deltas, over a chi-square of `sum_df` times F's first degrees of freedom, integrated; saddlepoint: the same,
    approximately. As in R, that chi-square has whole degrees of freedom, rounded down. Source: Lumley (2010),
    appendix.
    """
    trace, contrasts = float(deltas.sum()), float(len(deltas))
    df1 = trace**2 / float(deltas @ deltas)
    if test == "F":
        return chi2 / trace, df1, df1 * df, float(special.fdtrc(df1, df1 * df, chi2 / trace))
    if test == "Chisq":
        return chi2, contrasts, np.inf, float(special.chdtrc(contrasts, chi2 / trace * contrasts))
    method: Literal["saddlepoint", "integration"] = "saddlepoint" if test == "saddlepoint" else "integration"
    below = df1 * sum_df
    whole = np.floor(below * (1 + 1e-12)) if np.isfinite(below) else below
    part = whole / below if np.isfinite(below) else 1.0
    return chi2, contrasts, below, f_sum_above(chi2 * part, deltas, whole, method=method)


def wald_test(counts: np.ndarray, covariance: np.ndarray, df: float, *, adjusted: bool) -> Tested:
    """Distance of weighted counts (r, c) from independence, squared, as `covariance` (r c, r c) of the counts
    measures it.

    k = (r - 1)(c - 1) contrasts have an F distribution with k and `df`, or, `adjusted`, after a factor (df - k + 1) /
    df, with k and df - k + 1. Raises Untestable where the covariance has no inverse, or `df` is below k. Source:
    Thomas and Rao (1987); Fellegi (1980) for the adjustment.
    """
    r, c = counts.shape
    k = (r - 1) * (c - 1)
    apart, jacobian = _from_independence(counts)
    variance = jacobian @ covariance @ jacobian.T
    spread = np.sqrt(np.diag(variance))
    correlation = variance / np.outer(spread, spread) if (spread > 0).all() else np.zeros((k, k))
    if df < k or not np.linalg.eigvalsh(correlation)[0] > DEPENDENT:
        raise Untestable(f"Wald's test needs the covariance of {k} contrasts; {df:g} degrees of freedom do not give it")
    wald = float(apart / spread @ np.linalg.solve(correlation, apart / spread)) / k
    df2 = df
    if adjusted:
        wald, df2 = wald * (df - k + 1) / df, df - k + 1
    return wald, float(k), df2, float(special.fdtrc(k, df2, wald))


def _from_independence(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts less those expected, but for the first row and column, with their derivative by every count."""
    r, c = counts.shape
    row, column = counts.sum(axis=1) / counts.sum(), counts.sum(axis=0) / counts.sum()
    expected = np.outer(row, column)
    slope = np.eye(r * c).reshape(r, c, r, c)
    slope -= np.eye(r)[:, None, :, None] * column[:, None, None] + np.eye(c)[:, None, :] * row[:, None, None, None]
    slope += expected[:, :, None, None]
    apart = counts - expected * counts.sum()
    return apart[1:, 1:].ravel(), slope[1:, 1:].reshape(-1, r * c)


@lru_cache(maxsize=256)
def _contrasts(r: int, c: int) -> np.ndarray:
    """Contrasts (r c, (r - 1)(c - 1)) of cells, row after row, that sum to nil over each row and each column."""
    return np.kron(_helmert(r), _helmert(c))


def _helmert(levels: int) -> np.ndarray:
    """Each level but the first against those before it, shape (levels, levels - 1), columns of length one."""
    against = np.triu(np.ones((levels, levels - 1)))
    against[np.arange(1, levels), np.arange(levels - 1)] = -np.arange(1.0, levels)
    return np.asarray(against / np.sqrt((against**2).sum(axis=0)))
