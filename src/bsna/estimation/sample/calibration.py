"""Weights fitted to what is known of the population, and the smaller variance that follows."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import get_args

import numpy as np

from bsna.estimation.sample.design import Residuals, SurveyDesign
from bsna.estimation.sample.distances import Bounds, Constraints, Distance, calibrated_weights, weighted_basis
from bsna.estimation.sample.population import Columns, Totals, constraints_of, margin_of, name_of
from bsna.estimation.sample.residuals import RegressionResiduals, margin_residuals
from bsna.estimation.sample.weighting import raked_weights

AGREE = 1e-9
SETTLED = 1e-12


def poststratified(design: SurveyDesign, column: Columns, totals: Totals) -> SurveyDesign:
    """The design with weights scaled within each level of a column to that level's total in the population.

    Variances become those within post-strata: a score counts as its distance from the mean of its post-stratum, taken
    with the weights before. Replicates are each post-stratified. Raises ValueError for a missing level, one
    without a total or without people, a total that is not above zero, or weights that are not.
    Source: Holt and Smith (1979); Valliant (1993).
    """
    margin = margin_of(design, column, totals)
    size = float(sum(totals.values()))

    def adjust(weights: np.ndarray) -> np.ndarray:
        found = np.bincount(margin.codes, weights, len(margin.levels))
        if len(empty := np.flatnonzero(found <= 0)):
            raise ValueError(f"nobody with {[margin.levels[k] for k in empty[:5]]} has a weight above zero")
        return np.asarray(weights * (margin.shares * size / found)[margin.codes])

    return _reweighted(design, adjust, lambda before, after: margin_residuals((margin.codes,), before, after))


def raked(design: SurveyDesign, margins: Mapping[Columns, Totals], *, rounds: int = 500) -> SurveyDesign:
    """The design with weights scaled margin by margin, round after round, until the totals of all levels are met.

    Variances are those of scores less their regression on the levels of all margins, each row counting once: where R
    survey takes means of margins off in turn, ten rounds, this takes what those converge to. Replicates are each
    raked. Raises ValueError as `poststratified`, for margins of different sums, and if weights still move after
    `rounds`, naming the level furthest off. Source: Deming and Stephan (1940); Deville and Särndal (1992).
    """
    coded = {name_of(column): margin_of(design, column, totals) for column, totals in margins.items()}
    sizes = {name_of(column): float(sum(totals.values())) for column, totals in margins.items()}
    if not sizes:
        raise ValueError("Raking needs at least one margin")
    size = max(sizes.values())
    if min(sizes.values()) < size * (1 - AGREE):
        raise ValueError(f"The margins contradict each other: their totals add up to {sizes}; scale them to one sum")

    def adjust(weights: np.ndarray) -> np.ndarray:
        return raked_weights(weights * (size / weights.sum()), coded, tolerance=SETTLED, max_iterations=rounds)

    codes = [margin.codes for margin in coded.values()]
    return _reweighted(design, adjust, lambda before, after: margin_residuals(codes, np.ones(len(after)), after))


def calibrated(
    design: SurveyDesign,
    terms: Sequence[str],
    totals: Mapping[str, float | Totals],
    *,
    population: float | None = None,
    distance: Distance = "linear",
    bounds: Bounds | None = None,
    by_cluster: bool = False,
    rounds: int = 50,
) -> SurveyDesign:
    """The design with weights as near as can be to what they were that meet the totals of some columns.

    `totals` gives for each of the `terms` the population total of a number, or of each of its levels; `population` the
    number of people, needed where no term has levels. `distance` and `bounds` (limits of new over old weight, around 1)
    are explained in `calibrated_weights`. With `by_cluster` the factor is one for each PSU: columns are replaced by
    their weighted cluster means, also in the variance. Variances are those of residuals of regression on the
    columns, whichever the distance; replicates are each calibrated. Linear weights may come out negative: a warning says
    how many. Raises ValueError if a column is missing for somebody, for totals that do not fit the levels, contradict
    each other, or are not met after `rounds`.
    Source: Deville and Särndal (1992).
    """
    _check_bounds(distance, bounds)
    constraints = constraints_of(design, terms, totals, population)

    def known(weights: np.ndarray) -> Constraints:
        if not by_cluster:
            return constraints
        return replace(constraints, columns=_cluster_means(constraints.columns, weights, design.psu_codes))

    def adjust(weights: np.ndarray) -> np.ndarray:
        return calibrated_weights(weights, known(weights), distance, bounds, rounds=rounds)

    def residuals(before: np.ndarray, after: np.ndarray) -> Residuals:
        basis, root, _ = weighted_basis(known(before).columns, before)
        return RegressionResiduals(basis, after / root)

    new = _reweighted(design, adjust, residuals)
    if said := _negative(new):
        warnings.warn(f"{said} negative after linear calibration; 'raking', 'logit' or bounds avoid it", stacklevel=2)
    return new


def trimmed(design: SurveyDesign, *, low: float | None, high: float | None, strict: bool = False) -> SurveyDesign:
    """The design with weights held between `low` and `high` (None: no limit), the sum as it was.

    What is cut off is shared equally among the others, once, so that some may leave the limits by that; with `strict`
    again among those never cut, until none does. Earlier calibrations stay in the variance with the weights they made, as in R survey.
    Replicates are each trimmed, their weights of nil left. Raises ValueError if the limits do not allow the sum.
    """
    limits = (-np.inf if low is None else low, np.inf if high is None else high)

    def adjust(weights: np.ndarray) -> np.ndarray:
        there = weights != 0
        held = weights.copy()
        held[there] = _held(weights[there], limits, strict)
        return held

    return _reweighted(design, adjust, None)


def _reweighted(
    design: SurveyDesign,
    adjust: Callable[[np.ndarray], np.ndarray],
    residuals: Callable[[np.ndarray, np.ndarray], Residuals] | None,
) -> SurveyDesign:
    """Adjusted weights, and replicate weights each adjusted alike or, without them, residuals for the variance."""
    before = design.weights
    if residuals is not None and (bad := int((~(before > 0)).sum())):
        raise ValueError(f"{bad} of {len(before)} weights are not above zero; calibrate from weights that are")
    after = adjust(before)
    new = design.with_columns(**{design.weight: after})
    if design.replicates is not None:
        sets = np.empty_like(design.replicates.weights)
        for number, weights in enumerate(design.replicates.weights):
            try:
                sets[number] = adjust(weights)
            except ValueError as reason:
                raise ValueError(f"Replicate {number + 1} of {len(sets)}: {reason}") from reason
        return replace(new, replicates=replace(design.replicates, weights=sets))
    if residuals is None:
        return new
    return replace(new, adjustments=(*design.adjustments, residuals(before, after)))


def _negative(design: SurveyDesign) -> str:
    """How many weights are below zero, and in how many replicates; nothing if none is."""
    count = int((design.weights < 0).sum())
    sets = 0 if design.replicates is None else int((design.replicates.weights < 0).any(axis=1).sum())
    within = f", and some in {sets} replicate(s)," if sets else ""
    return f"{count} of {len(design.weights)} weights{within} are" if count or sets else ""


def _check_bounds(distance: Distance, bounds: Bounds | None) -> None:
    if distance not in get_args(Distance):
        raise ValueError(f"distance is {distance!r}; expected one of {get_args(Distance)}")
    if bounds is not None and not bounds[0] < 1 < bounds[1]:
        raise ValueError(f"Bounds are limits of new over old weight, below and above 1; found {bounds}")
    if distance == "logit" and (bounds is None or not np.isfinite(bounds).all()):
        raise ValueError("The logit distance needs two finite bounds")


def _cluster_means(columns: np.ndarray, weights: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Columns (n, p) replaced by their weighted means within clusters; where a cluster weighs nothing, nil."""
    size = np.bincount(cluster, weights)
    size = np.where(size > 0, size, 1.0)
    return np.column_stack([(np.bincount(cluster, weights * column) / size)[cluster] for column in columns.T])


def _held(weights: np.ndarray, limits: tuple[float, float], strict: bool) -> np.ndarray:
    """Weights cut off at the limits, the rest shared among those never cut, once or until none is outside."""
    low, high = limits
    if not low <= weights.mean() <= high:
        raise ValueError(
            f"Weights between {low:g} and {high:g} cannot keep their sum: their mean is {weights.mean():.6g}"
        )
    cut = np.zeros(len(weights), dtype=bool)
    while (outside := (weights < low) | (weights > high)).any():
        cut |= outside
        held = np.clip(weights, low, high)
        rest = (weights - held).sum()
        if cut.all() and abs(rest) > AGREE * weights.sum():
            raise ValueError(
                f"All {len(weights)} weights were cut at {low:g} or {high:g}; none is left to take the rest"
            )
        held[~cut] += rest / max(int((~cut).sum()), 1)
        weights = held
        if not strict:
            break
    return weights
