"""Variances and covariances in the population, with their own errors."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bsna.estimation.intervals import around
from bsna.estimation.joint import Joint, Smooth, by_level
from bsna.estimation.rows import estimate_rows
from bsna.estimation.sample.compress import Sums, at_levels
from bsna.estimation.sample.design import SurveyDesign, Where


def population_variance(
    design: SurveyDesign, measure: str, *, where: Where = None, by: str | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Variance of a number among the people of the population, with a t interval.

    One estimate row per level of `by` (one in all if None), in the square of the measure's unit; `n` is 0 where nobody
    answered. With n people it is n / (n - 1) times the weighted mean of squares about the mean. Missing answers are outside.
    Raises ValueError where one person answered, EmptyDomain where nobody did. Source: as svyvar of R survey.
    """
    sums = _sums(design, [measure], () if by is None else (by,), where)
    rows = []
    for at, named in enumerate(sums.levels):
        row = {"measure": measure, "n": int(sums.n[at]), "clusters": int(sums.clusters[:, at].sum())}
        row |= {} if by is None else {"by": by, "level": str(named[0])}
        if row["n"]:
            here = at_levels(sums, np.array([at]))
            found = by_level(design, here, [(measure,)], _covariances(1, here.n)).estimated
            value, se = float(found.values[0]), float(found.se[0])
            low, high = around(value, se, found.df, level)
            row |= {"estimate": value, "se": se, "low": low, "high": high, "df": found.df, "unit": "number"}
        rows.append(row)
    return estimate_rows(rows)


def population_covariance(
    design: SurveyDesign, measures: Sequence[str], *, by: Sequence[str] = (), where: Where = None
) -> Joint:
    """Covariance of each pair of measures, itself with itself too, among the people of the population.

    Names are pairs of measures, row by row of the matrix (k, k), each pair with its mirror image, then the levels of `by`.
    People who miss any of the measures are outside. Errors and source as `population_variance`.
    """
    if not measures or len(set(measures)) < len(measures):
        raise ValueError(f"Covariances need measures, each named once; got {list(measures)}")
    sums = _sums(design, measures, by, where)
    kept = at_levels(sums, np.flatnonzero(sums.n > 0))
    return by_level(design, kept, _pairs(measures), _covariances(len(measures), kept.n))


def _pairs(measures: Sequence[str]) -> list[tuple[str, str]]:
    return [(one, other) for one in measures for other in measures]


def _sums(design: SurveyDesign, measures: Sequence[str], by: Sequence[str], where: Where) -> Sums:
    middles = {measure: design.middle(measure) for measure in measures}
    products = [(), *((measure,) for measure in measures), *_pairs(measures)]
    sums = design.sums(products, by=by, where=where, shifts=middles)
    if alone := [level for level, n in zip(sums.levels, sums.n, strict=True) if n == 1]:
        raise ValueError(f"One person alone has no variance of {list(measures)}: {len(alone)} levels, {alone[:5]}")
    return sums


def _covariances(count: int, n: np.ndarray) -> Smooth:
    """Covariances of all pairs from sums of one, of `count` measures and of their products, at levels of n (L,) people."""
    left, right = np.repeat(np.arange(count), count), np.tile(np.arange(count), count)
    pair, factor = np.arange(count**2), n / np.maximum(n - 1, 1)

    def value(sums: np.ndarray) -> np.ndarray:
        means = sums[..., 1:, :] / sums[..., :1, :]
        return np.asarray(factor * (means[..., count + pair, :] - means[..., left, :] * means[..., right, :]))

    def slope(sums: np.ndarray) -> np.ndarray:
        means = sums[1:] / sums[0]
        found = np.zeros((len(sums), count**2, sums.shape[1]))
        found[0] = 2 * means[left] * means[right] - means[count + pair]
        found[1 + left, pair] -= means[right]
        found[1 + right, pair] -= means[left]
        found[1 + count + pair, pair] = 1.0
        return np.asarray(factor * found / sums[0])

    return Smooth(value, slope)
