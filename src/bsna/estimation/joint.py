"""Several numbers estimated together, with their covariance: what contrasts between them need."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from bsna.estimation.intervals import around
from bsna.estimation.rows import estimate_rows
from bsna.estimation.sample.compress import Sums, at_levels
from bsna.estimation.sample.design import SurveyDesign, Where
from bsna.estimation.sample.linearised import Estimated, estimated

Statistic: TypeAlias = Literal["mean", "total"]
Name: TypeAlias = tuple[object, ...]


@dataclass(frozen=True)
class Joint:
    """Numbers estimated together, by name: the measure, then the level of each breakdown. `n` (k,) counts the people
    each rests on, unweighted; `estimated` holds the values, their covariance, and what they rest on altogether. The values
    are `whole` (k,) numbers and the `rest` (k,), which contrasts add up apart: large numbers that cancel cost no digits."""

    names: tuple[Name, ...]
    n: tuple[int, ...]
    estimated: Estimated
    whole: np.ndarray
    rest: np.ndarray

    def contrast(self, weights: Mapping[Name, float]) -> Estimated:
        """The sum of the named numbers times their weights, as one number. Raises KeyError for an unknown name."""
        if unknown := [name for name in weights if name not in self.names]:
            raise KeyError(f"{len(unknown)} names were not estimated: {unknown[:5]}; there are {list(self.names)[:10]}")
        by_name = np.array([[weights.get(name, 0.0) for name in self.names]])
        values = by_name @ self.whole + by_name @ self.rest
        return replace(self.estimated, values=values, covariance=by_name @ self.estimated.covariance @ by_name.T)


def jointly(
    design: SurveyDesign,
    measures: Sequence[str],
    *,
    statistic: Statistic = "mean",
    per: str | None = None,
    by: Sequence[str] = (),
    where: Where = None,
) -> Joint:
    """Means or totals of several measures at every combination of levels of `by`, estimated together.

    People who miss any of the measures are outside, as in R. With `per`, ratios: the total of each measure over that of
    `per`. Names run through the levels of the last breakdown fastest, measure by measure; combinations nobody chose are
    absent. Raises ValueError without a measure, if one is named twice or if `per` adds up to nothing, EmptyDomain if
    nobody answered. Source: Lumley (2010), sections 2.3 and 5.3; as svymean and svyby(covmat = TRUE) of R survey.
    """
    if not measures or len(set(measures)) < len(measures):
        raise ValueError(f"Estimates together need measures, each named once; got {list(measures)}")
    if statistic == "total" and per is None:
        sums = design.sums([(measure,) for measure in measures], by=by, where=where)
        return by_level(design, sums, [(measure,) for measure in measures], TOTAL)
    if statistic != "mean":
        raise ValueError(f"Statistics are 'mean' and 'total', the latter not per anything; got {statistic!r}")
    if per is None:
        return means(design, measures, by=by, where=where)
    sums = design.sums([(per,), *((measure,) for measure in measures)], by=by, where=where)
    if nil := [level for level, n, size in zip(sums.levels, sums.n, sums.whole[0], strict=True) if n and size == 0]:
        raise ValueError(f"{per!r} adds up to zero for {len(nil)} levels: {nil[:5]}")
    return by_level(design, sums, [(measure,) for measure in measures], MEAN)


def means(
    design: SurveyDesign,
    measures: Sequence[str],
    *,
    by: Sequence[str] = (),
    where: Where = None,
    levels: Sequence[Name] | None = None,
) -> Joint:
    """Means estimated together, as `jointly`, at the named combinations of levels only, or at all."""
    middles = {measure: float(np.round(design.middle(measure))) for measure in measures}  # whole, so that nil stays nil
    sums = design.sums([(), *((measure,) for measure in measures)], by=by, where=where, shifts=middles)
    if levels is not None:
        sums = at_levels(sums, np.array([sums.levels.index(one) for one in levels]))
    found = by_level(design, sums, [(measure,) for measure in measures], MEAN)
    whole = np.array([middles[str(name[0])] for name in found.names])
    return replace(found, estimated=replace(found.estimated, values=whole + found.rest), whole=whole)


def shares(design: SurveyDesign, question: str, *, by: Sequence[str] = (), where: Where = None) -> Joint:
    """Share of each answer to a question at every combination of levels of `by`, estimated together.

    Names are the question, the levels, and the answer; those of combinations nobody chose are absent, but
    answers nobody gave there have a share of nil. Errors and source as `jointly`.
    """
    sums = design.sums(((),), by=(*by, question), where=where)
    group = pd.factorize(pd.Series([level[:-1] for level in sums.levels], dtype=object))[0]
    people = np.bincount(group, sums.n)[group]
    kept = np.flatnonzero(people > 0)
    member = (group[:, None] == group[kept]).astype(float)

    def value(flat: np.ndarray) -> np.ndarray:
        return np.asarray(flat[..., kept] / (flat @ member))

    slope = (np.eye(len(group))[:, kept] - member * value(sums.whole[0])) / (sums.whole[0] @ member)
    names = tuple((question, *sums.levels[k]) for k in kept)
    found = estimated(design, sums, value, slope)
    return Joint(names, tuple(int(people[k]) for k in kept), found, np.zeros(len(kept)), found.values)


def domain_difference(
    design: SurveyDesign,
    measure: str,
    by: str,
    levels: tuple[object, object],
    *,
    where: Where = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Mean of a measure at the first of two levels minus that at the second; one estimate row.

    Clusters with people of both count once, so the covariance of the two means does. Missing answers are outside, `n`
    counts people of both levels. Unit: points. Raises ValueError for a level that `by` does not have or
    where nobody answered.
    """
    if len(set(levels)) < 2:
        raise ValueError(f"A difference is between two levels of {by!r}; got {list(levels)}")
    if unknown := [one for one in levels if one not in design.levels(by)]:
        raise ValueError(f"Nobody has the {by!r} {unknown}; its levels are {list(design.levels(by))}")
    pair = means(design, [measure], by=[by], where=where, levels=[(one,) for one in levels])
    if missing := [one for one in levels if (measure, one) not in pair.names]:
        raise ValueError(f"Nobody with {by!r} {missing} has an answer for {measure!r}")
    found = pair.contrast({(measure, levels[0]): 1.0, (measure, levels[1]): -1.0})
    value, se = float(found.values[0]), float(found.se[0])
    low, high = around(value, se, found.df, level)
    row = {"measure": measure, "by": by, "level": f"{levels[0]}-{levels[1]}", "estimate": value, "se": se}
    row |= {"low": low, "high": high, "df": found.df, "n": found.n, "clusters": found.clusters, "unit": "points"}
    return estimate_rows([row])


@dataclass(frozen=True)
class Smooth:
    """Numbers that depend on the sums at one level only: `value` takes sums (..., P, L) to (..., K, L), `slope` sums
    (P, L) to the derivative (P, K, L)."""

    value: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]


def by_level(design: SurveyDesign, sums: Sums, heads: Sequence[Name], smooth: Smooth) -> Joint:
    """Each of K numbers, whose names begin as `heads`, at each level where somebody answered, estimated together."""
    kept = at_levels(sums, np.flatnonzero(sums.n > 0))
    products, levels = kept.whole.shape

    def value(flat: np.ndarray) -> np.ndarray:
        found = smooth.value(flat.reshape(*flat.shape[:-1], products, levels))
        return found.reshape(*found.shape[:-2], -1)

    slope = np.zeros((products, levels, len(heads), levels))
    every = np.arange(levels)
    slope[:, every, :, every] = smooth.slope(kept.whole).transpose(2, 0, 1)
    names = tuple((*head, *level) for head in heads for level in kept.levels)
    people = tuple(int(n) for n in kept.n) * len(heads)
    found = estimated(design, kept, value, slope.reshape(products * levels, -1))
    return Joint(names, people, found, np.zeros(len(names)), found.values)


def _quotients(sums: np.ndarray) -> np.ndarray:
    """Derivative of each sum but the first over the first."""
    count = len(sums) - 1
    slope = np.zeros((len(sums), count, sums.shape[1]))
    slope[0] = -sums[1:] / sums[0] ** 2
    slope[np.arange(count) + 1, np.arange(count)] = 1 / sums[0]
    return slope


def _unchanged(sums: np.ndarray) -> np.ndarray:
    return np.repeat(np.eye(len(sums))[:, :, None], sums.shape[1], axis=2)


def _over_first(sums: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):  # a replicate that leaves nobody gives no number
        return np.asarray(sums[..., 1:, :] / sums[..., :1, :])


MEAN = Smooth(_over_first, _quotients)
"""Every sum but the first over the first."""
TOTAL = Smooth(lambda sums: sums, _unchanged)
