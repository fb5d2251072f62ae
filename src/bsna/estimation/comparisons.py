"""Do groups differ? Student's t test of means, and tests of ranks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
import pandas as pd
from scipy import special

from bsna.estimation.intervals import around
from bsna.estimation.joint import jointly
from bsna.estimation.quantiles import numbers
from bsna.estimation.sample.compress import Patterns
from bsna.estimation.sample.design import SurveyDesign, Where

Ties: TypeAlias = Literal["together", "in_order"]
RankTest: TypeAlias = Literal["wilcoxon", "median", "van_der_waerden", "kruskal_wallis"]
NOTHING = 1e-12
ROUNDING = 1e-14
"""Standard errors below these parts of the difference, and of the means compared, are what is left of nothing."""


class Incomparable(ValueError):
    """Groups that no test can tell apart: one of them alone, or no variance to measure a difference by."""


@dataclass(frozen=True)
class Difference:
    """A mean, or one group's mean less the other's, tested against nil. `estimate`, `se`, `low` and `high` are in the
    measure's unit (for ranks, in mean scores); `statistic` is t with `df` degrees of freedom, `p_value` two-sided. `levels`
    names the groups, the second less the first, and is empty for one sample; `n` counts people, unweighted."""

    levels: tuple[object, ...]
    estimate: float
    se: float
    low: float
    high: float
    statistic: float
    df: float
    p_value: float
    n: int


@dataclass(frozen=True)
class SeveralGroups:
    """Mean scores of several groups. `scores` holds each group's less the first's; `chi2` is their squared distance from
    nil with `df1` degrees of freedom, and `p_value` that of chi2 over df1 as an F with `df1` and `df2`."""

    levels: tuple[object, ...]
    scores: np.ndarray
    chi2: float
    df1: int
    df2: float
    p_value: float
    n: int


def t_test(
    design: SurveyDesign,
    measure: str,
    *,
    by: str | None = None,
    against: float = 0.0,
    where: Where = None,
    level: float = 0.95,
) -> Difference:
    """Test the mean of a measure against a number, or the means of two groups against each other.

    With `by`, the mean at its second level less that at its first, less `against`. People who miss either are outside.
    Degrees of freedom are clusters minus strata less one, as in R's svyttest. Raises EmptyDomain if nobody answered and
    Incomparable if `by` does not have two levels with people, or the means do not vary over clusters.
    """
    found = jointly(design, [measure], by=() if by is None else (by,), where=where)
    levels = tuple(name[1] for name in found.names) if by is not None else ()
    if by is not None and len(levels) != 2:
        raise Incomparable(f"A t test compares two groups; {by!r} has people at {len(levels)} level(s): {levels[:5]}")
    weights = dict(zip(found.names, (-1.0, 1.0) if by else (1.0,), strict=True))
    apart = found.contrast(weights)
    what = f"{measure!r} by {by!r}" if by else repr(measure)
    estimate, se = float(apart.values[0]) - against, float(apart.se[0])
    if not se > ROUNDING * np.abs(found.estimated.values).max():
        se = 0.0  # everybody answered the same
    return _tested(levels, estimate, se, apart.df - 1, apart.n, level, what)


def rank_test(
    design: SurveyDesign,
    measure: str,
    by: str,
    *,
    test: RankTest = "wilcoxon",
    ties: Ties = "together",
    where: Where = None,
    level: float = 0.95,
) -> Difference | SeveralGroups:
    """Test whether a measure tends to be higher in some groups, whatever its scale.

    A person's rank is the weight of the people below, and half of that of the people alike, over all weight: the place in
    the population. Its score is the rank itself (wilcoxon, kruskal_wallis), its normal quantile (van_der_waerden), or
    whether it is above one half (median). Two groups give a Difference of mean scores, more a SeveralGroups. People
    who miss either column are outside. With `ties="in_order"` people alike are ranked in the order of the rows and then share
    the plain mean of their places, as R's svyranktest does: where weights differ, that depends on the order of rows, and
    needs them in memory. Answers are numbers or ordered categories. Raises EmptyDomain if nobody answered; ValueError for
    an unknown test, and answers without an order or with negative weights; Incomparable for fewer than two groups or no
    variance. Source: Lumley and Scott (2013).
    """
    if ties not in get_args(Ties):
        raise ValueError(f"ties is {ties!r}; expected one of {get_args(Ties)}")
    if test not in get_args(RankTest):
        raise ValueError(f"test is {test!r}; expected one of {get_args(RankTest)}. For others turn to R survey")
    patterns = design.patterns((measure, by), where=where)
    score = _SCORES[test](_places(design, patterns, measure, ties))
    code, levels = pd.factorize(patterns.frame[by], sort=True)
    if len(levels) < 2:
        raise Incomparable(f"A rank test compares groups; {by!r} has people at {len(levels)} level(s): {list(levels)}")
    apart, covariance = _mean_scores(design, patterns, score, code, len(levels))
    df, n = design.clusters_of(patterns)[1], int(patterns.n.sum())
    what = f"The ranks of {measure!r} by {by!r}"
    if len(levels) == 2:
        return _tested(tuple(levels), float(apart[0]), float(np.sqrt(covariance[0, 0])), df - 1, n, level, what)
    return _several(tuple(levels), apart, covariance, df, n, what)


def _tested(
    levels: tuple[object, ...], estimate: float, se: float, df: float, n: int, level: float, what: str
) -> Difference:
    if not df > 0 or not se > NOTHING * max(abs(estimate), 1e-300):
        raise Incomparable(f"{what} cannot be tested: the clusters of these {n} people show no variance")
    t = estimate / se
    tail = special.ndtr(-abs(t)) if np.isinf(df) else special.stdtr(df, -abs(t))
    low, high = around(estimate, se, df, level)
    return Difference(levels, estimate, se, low, high, t, df, float(2 * tail), n)


def _several(
    levels: tuple[object, ...], apart: np.ndarray, covariance: np.ndarray, df: float, n: int, what: str
) -> SeveralGroups:
    df1, size = len(apart), np.sqrt(np.diag(covariance))
    df2 = df - df1
    if not df2 > 0 or not size.min() > 0 or np.linalg.matrix_rank(covariance / np.outer(size, size)) < df1:
        raise Incomparable(f"{what} cannot be tested: the clusters of these {n} people are too few or too alike")
    chi2 = float(apart @ np.linalg.solve(covariance, apart))
    return SeveralGroups(levels, apart, chi2, df1, df2, float(special.fdtrc(df1, df2, chi2 / df1)), n)


def _places(design: SurveyDesign, patterns: Patterns, measure: str, ties: Ties) -> np.ndarray:
    """Place of each pattern's measure in the population, from 0 to 1."""
    values = patterns.frame[measure]
    if isinstance(values.dtype, pd.CategoricalDtype) and not values.cat.ordered:
        raise ValueError(f"{measure!r} has categories without an order; ranks need one")
    is_category = isinstance(values.dtype, pd.CategoricalDtype)
    code = values.cat.codes.to_numpy() if is_category else np.unique(numbers(values), return_inverse=True)[1]
    if negative := int(patterns.n[patterns.weight < 0].sum()):
        raise ValueError(f"{negative} people's answers have negative weights together; ranks need positive ones")
    alike = np.bincount(code, patterns.weight)
    if ties == "together":
        return np.asarray(((np.cumsum(alike) - alike / 2) / alike.sum())[code])
    if patterns.code is None:
        raise ValueError("Ties in the order of rows need the rows in memory; a table has no order")
    there = patterns.code >= 0
    weight, value = design.weights[there], code[patterns.code[there]]
    order = np.argsort(value, kind="stable")
    place = np.cumsum(weight[order]) - weight[order] / 2
    mean = np.bincount(value[order], place, len(alike)) / np.maximum(np.bincount(value, minlength=len(alike)), 1)
    return np.asarray((mean / alike.sum())[code])


def _mean_scores(
    design: SurveyDesign, patterns: Patterns, score: np.ndarray, code: np.ndarray, groups: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean score of each group less that of the first, and their covariance with the scores as given."""
    member = (code[:, None] == np.arange(groups)).astype(float)
    size = patterns.weight @ member
    means = (patterns.weight * score) @ member / size
    influence = member * (score[:, None] - means) / size
    apart = influence[:, 1:] - influence[:, :1]
    if patterns.replicates is None:
        return means[1:] - means[0], design.score_variance(patterns, apart)
    assert design.replicates is not None
    return means[1:] - means[0], design.replicates.variance(patterns.replicates @ apart, patterns.weight @ apart)


_SCORES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "wilcoxon": lambda place: place,
    "kruskal_wallis": lambda place: place,
    "van_der_waerden": special.ndtri,
    "median": lambda place: (place > 0.5).astype(float),
}
