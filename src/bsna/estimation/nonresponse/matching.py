"""Finding for each missing answer an answer that somebody alike has given: one step of a chained equation."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bsna.estimation.sample.design import SurveyDesign

_RIDGE = 1e-5
"""Pull of the coefficients towards zero, relative to the mean square of a standardised predictor."""

_TIE = 1e-6
"""Noise on a prediction, in standard deviations of the column, so that of people equally near all have a chance."""


class Unimputable(ValueError):
    """What the survey holds is too little to say what the missing answers could have been."""


@dataclass(frozen=True)
class Item:
    """One column as the equations see it.

    `values` holds numbers, or the place in `levels` of a category, missing where there is none; shape (n,). `missing`
    are the rows to be imputed, `observed` those that can give; a value outside both (not asked) is neither. `levels` is
    empty for a number.
    """

    name: str
    values: np.ndarray
    missing: np.ndarray
    observed: np.ndarray
    levels: tuple[object, ...]

    def predictors(self, values: np.ndarray) -> np.ndarray:
        """Columns by which this item predicts others, shape (n, k): a standardised number, or one column per category
        but the first. Where there is no value (not asked) they are zero and a further column says so."""
        there = ~np.isnan(values)
        if self.levels:
            block = (values[:, None] == np.arange(1, len(self.levels))).astype(float)
        else:
            known = self.values[~np.isnan(self.values)]
            spread = known.std() or 1.0
            block = np.where(there, (values - known.mean()) / spread, 0.0)[:, None]
        unasked = np.isnan(self.values) & ~self.missing
        return np.column_stack([block, unasked]) if unasked.any() else block

    def outcomes(self) -> np.ndarray:
        """What is predicted, shape (n, k): the number, or for each category whether it is the answer."""
        if len(self.levels) > 1:
            return (self.values[:, None] == np.arange(len(self.levels))).astype(float)
        return self.values[:, None]


def matched(
    item: Item,
    predictors: np.ndarray,
    design: SurveyDesign,
    weights: np.ndarray,
    rng: np.random.Generator,
    donors: int,
) -> np.ndarray:
    """Values for the missing rows of an item, each that of an observed row with a like prediction, shape (missing,).

    `predictors` has shape (n, p); `weights` are replicate weights of clusters, shape (n,), zero for those not drawn. A
    weighted least squares fit and a deviation drawn for each cluster give the predictions (`_deviations`). Of the `2
    donors` observed rows of drawn clusters that are nearest, the `donors` from the same stratum first, one is drawn
    with chances in proportion to its weight.
    """
    giving, taking = item.observed & (weights > 0), item.missing
    if not giving.any():
        raise Unimputable(
            f"All answers to {item.name!r} come from clusters that a draw of clusters can miss; too few to impute from"
        )
    outcomes = item.outcomes()
    slopes = _least_squares(predictors[giving], outcomes[giving], weights[giving])
    fitted = predictors @ slopes
    deviations = _deviations(outcomes - fitted, item.observed, design, weights / design.weights, rng)
    predicted = fitted + deviations[design.psu_codes]
    predicted += _TIE * outcomes[item.observed].std() * rng.standard_normal(predicted.shape)
    strata = design.stratum_codes
    places = _nearest(predicted[giving], predicted[taking], strata[giving], strata[taking], donors)
    chances = weights[giving][places].cumsum(axis=1)
    drawn = (rng.random(len(places))[:, None] * chances[:, -1:] >= chances).sum(axis=1)
    return item.values[giving][places[np.arange(len(places)), drawn]]


def _least_squares(predictors: np.ndarray, outcomes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    scaled = weights / weights.mean()
    product = predictors.T @ (predictors * scaled[:, None])
    product[np.diag_indices_from(product)] += _RIDGE * len(predictors)
    return np.linalg.solve(product, predictors.T @ (outcomes * scaled[:, None]))


def _deviations(
    residuals: np.ndarray, observed: np.ndarray, design: SurveyDesign, times_drawn: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """How far each cluster lies from what is predicted, drawn given its own observed answers, shape (clusters, k).

    Normal, with variances between and within clusters from their mean squares among the clusters drawn, as in a model
    with a random intercept per cluster; a cluster without answers is drawn around zero. Nil where people were drawn
    singly, and where clusters differ no more than chance makes them. Source: Searle, Casella and McCulloch (1992),
    section 3.6, for the mean squares and the prediction.
    """
    clusters, outcomes = len(design.stratum_of_psu), residuals.shape[1]
    codes = design.psu_codes[observed]
    people = np.bincount(codes, minlength=clusters).astype(float)
    kept = residuals[observed]
    sums = np.column_stack([np.bincount(codes, kept[:, k], minlength=clusters) for k in range(outcomes)])
    means = sums / np.maximum(people, 1)[:, None]
    times = np.zeros(clusters)
    times[design.psu_codes] = times_drawn
    times = np.where(people > 0, times, 0.0)
    noise = rng.standard_normal((clusters, outcomes))
    free_within = times @ np.maximum(people - 1, 0)
    free_between = times.sum() - len(np.unique(design.stratum_of_psu[times > 0]))
    if free_within <= 0 or free_between <= 0:
        return np.zeros_like(noise)
    within = (times[codes] @ (kept - means[codes]) ** 2) / free_within
    size = (times @ people - times @ people**2 / (times @ people)) / (times.sum() - 1)
    between = np.maximum(((times * people) @ means**2 / free_between - within) / size, 0.0)
    spread = people[:, None] * between + within
    pull = np.divide(people[:, None] * between, spread, out=np.zeros_like(means), where=spread > 0)
    return pull * means + np.sqrt(between * (1 - pull)) * noise


def _nearest(given: np.ndarray, wanted: np.ndarray, strata: np.ndarray, own: np.ndarray, donors: int) -> np.ndarray:
    """Places among `given` of the donors of each row of `wanted`, shape (wanted, donors or all there are)."""
    distance = sum((wanted[:, None, k] - given[None, :, k]) ** 2 for k in range(given.shape[1]))
    near = min(2 * donors, len(given))
    candidates = (
        np.argpartition(distance, near - 1, axis=1)[:, :near]
        if near < len(given)
        else np.tile(np.arange(near), (len(wanted), 1))
    )
    elsewhere = strata[candidates] != own[:, None]
    order = np.lexsort((np.take_along_axis(distance, candidates, axis=1), elsewhere), axis=1)
    return np.take_along_axis(candidates, order, axis=1)[:, : min(donors, len(given))]


def item_of(column: pd.Series, asked: np.ndarray) -> Item:
    """A column as an item. A column of numbers is a number, anything else a category, its levels in order of text.

    `asked` are the rows that may be imputed and may give.
    """
    absent = column.isna().to_numpy()
    levels: tuple[object, ...] = ()
    if pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
    else:
        levels = tuple(sorted(column.dropna().unique(), key=str))
        values = column.map({level: float(place) for place, level in enumerate(levels)}).to_numpy(
            dtype=float, na_value=np.nan
        )
    return Item(str(column.name), values, absent & asked, ~absent & asked, levels)
