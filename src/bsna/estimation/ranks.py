"""Ranked lists: how much each item is preferred, and which are at the top."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bsna.estimation.plackett_luce import foremost, highest, scores_and_information
from bsna.estimation.ranked_lists import Lists, Ranks, read_lists
from bsna.estimation.sample.compress import Patterns
from bsna.estimation.sample.design import SurveyDesign, Where
from bsna.estimation.sample.resampling import bootstrap_factors
from bsna.estimation.sample.stages import NOTHING_LEFT

NIL = 1e-12
LEVEL = 1e-7
"""Worths of a draw that are this close, relative to their size, share their places."""
AS_SPREAD = 0.05
"""How far, in parts of one, the spread of replicates may be from that of the estimate for them to pass for draws of it."""


@dataclass(frozen=True)
class RankFit:
    """`worths` of the items add up to one: the chance that each is named first. `covariance` is that of the
    worths (items, items), `df` its degrees of freedom: clusters minus strata."""

    items: tuple[str, ...]
    worths: np.ndarray
    covariance: np.ndarray
    df: float
    n: int
    clusters: int

    def gap(self, item: str, other: str) -> dict[str, float]:
        """Log of the worth of one item over that of another: estimate, se, df, n, clusters.

        An item of worth zero has no log. The lowest of the others stands in for it, which understates the gap; with none
        left, the gap is 1, of all who named the one. Between two of worth zero it is zero: the worths tell no more.
        """
        if item == other or self._worth(item) == self._worth(other) == 0:
            return {"estimate": 0.0, "se": 0.0, "df": self.df, "n": self.n, "clusters": self.clusters}
        item, other = self._stand_in(item, other), self._stand_in(other, item)
        if not item or not other:
            value = 1.0 if item else -1.0
            return {"estimate": value, "se": 0.0, "df": self.df, "n": self.n, "clusters": self.clusters}
        ours, theirs = ([float(name == who) / self._worth(who) for name in self.items] for who in (item, other))
        contrast = np.subtract(ours, theirs)
        se = float(np.sqrt(max(contrast @ self.covariance @ contrast, 0.0)))
        value = float(np.log(self._worth(item) / self._worth(other)))
        return {"estimate": value, "se": se, "df": self.df, "n": self.n, "clusters": self.clusters}

    def _worth(self, item: str) -> float:
        return float(self.worths[self.items.index(item)])

    def _stand_in(self, item: str, beside: str) -> str:
        named = [name for name in self.items if self._worth(name) > 0 and name != beside]
        return item if self._worth(item) > 0 else min(named, key=self._worth, default="")


def rank_model(design: SurveyDesign, ranks: Ranks, items: Sequence[str], *, where: Where = None) -> RankFit:
    """Fit worths to ranked lists: by `ranks`, the columns of first, second, ... choice, or for each item its rank's column.

    Lists may be partial. A list of choices ends at its first missing one; items without a rank are below those with one.
    Equal ranks are ties, whose order was not told. People who rank nothing are outside. An item that nobody names,
    or that no list ranks above those that others are ranked below, has worth zero, without error: that is where the
    likelihood is highest. Raises EmptyDomain if nobody is left, ValueError for an answer not among `items`, a rank that
    is none, an item named twice in a list, more than five tied, or items at the top that are tied in all lists;
    NoConvergence if nearly all lists are one tie.
    Source: Plackett (1975); Allison and Christakis (1994); the covariance from clusters' scores, by the delta method
    from log worths.
    """
    return _fitted(design, *read_lists(design, ranks, items, where), tuple(items))


def rank_bootstrap(
    design: SurveyDesign,
    ranks: Ranks,
    items: Sequence[str],
    *,
    rng: np.random.Generator,
    draws: int = 500,
    top: int = 3,
    where: Where = None,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Worths of ranked items with the uncertainty of their order, from replicates.

    One row per item: item, worth, low, high (95% of draws), named (share naming it at all), prob_top (mean over draws of
    being among the `top` worths, those that are level sharing the places left), n, clusters. Also the worths of the draws,
    shape (draws, items). People and errors as in `rank_model`; an item has worth zero, and no place, in a draw whose
    people do not name it.

    Draws are the design's replicates if their spread is that of estimates (bootstrap, balanced half-samples), or else
    `draws` of the rescaled bootstrap of clusters (Rao and Wu 1988). Where that does not hold what the design declares (other
    replicates, calibration, a second stage with its own variance, lone clusters that add to the variance), log worths are
    drawn from the normal distribution with the covariance of the fit; ValueError if they are not all finite then.
    """
    if draws < 2 or top < 1:
        raise ValueError(f"Give two draws or more and one place or more, not {draws} and {top}")
    patterns, lists = read_lists(design, ranks, items, where)
    fit = _fitted(design, patterns, lists, tuple(items))
    weights = _resampled(design, patterns, rng, draws)
    drawn = _normal(fit, lists, rng, draws) if weights is None else _refitted(fit, lists, weights)
    names = lists.named(len(items))
    told = patterns.weight * lists.told
    table = pd.DataFrame(
        {
            "item": list(items),
            "worth": fit.worths,
            "low": np.quantile(drawn, 0.025, axis=0),
            "high": np.quantile(drawn, 0.975, axis=0),
            "named": told @ names / told.sum(),
            "prob_top": _places(drawn, top).mean(axis=0),
            "n": fit.n,
            "clusters": fit.clusters,
        }
    )
    return table, drawn


def _fitted(design: SurveyDesign, patterns: Patterns, lists: Lists, items: tuple[str, ...]) -> RankFit:
    groups = foremost(lists, len(items))
    if len(groups) > 1:
        names = [[items[k] for k in np.flatnonzero(group)] for group in groups]
        raise ValueError(
            f"Nothing tells {' from '.join(map(str, names))}: all who rank both tie them; ask of one of them"
        )
    high = groups[0]
    worths, covariance = high.astype(float), np.zeros((len(items), len(items)))
    if high.sum() > 1:
        worths[high], covariance[np.ix_(high, high)] = _estimated(design, patterns, lists.of_items(high), high.sum())
    clusters, df = design.clusters_of(patterns, lists.told)
    return RankFit(items, worths, covariance, df, int(patterns.n[lists.told].sum()), clusters)


def _estimated(design: SurveyDesign, patterns: Patterns, lists: Lists, items: int) -> tuple[np.ndarray, np.ndarray]:
    """Worths and their covariance, of items that are all finite."""
    logs = highest(lists, patterns.weight[None, :], items)[0]
    worths = np.exp(logs) / np.exp(logs).sum()
    if patterns.replicates is not None:
        assert design.replicates is not None
        drawn = np.exp(highest(lists, patterns.replicates, items, logs))
        return worths, design.replicates.variance(drawn / drawn.sum(axis=1, keepdims=True), worths)
    scores, information = scores_and_information(logs, lists, patterns.weight)
    jacobian = (np.diag(worths) - np.outer(worths, worths))[:, 1:]
    influence = scores[:, 1:] @ np.linalg.inv(information[1:, 1:])
    return worths, jacobian @ design.score_variance(patterns, influence) @ jacobian.T


def _resampled(design: SurveyDesign, patterns: Patterns, rng: np.random.Generator, draws: int) -> np.ndarray | None:
    """Weights of the patterns in draws (draws, D) that spread as estimates do; None if the design has no such draws."""
    if patterns.replicates is not None:
        assert design.replicates is not None
        spread = design.replicates.scale * design.replicates.rscales * len(patterns.replicates)
        return patterns.replicates if np.all(np.abs(spread - 1) < AS_SPREAD) else None
    stages, size = design.stages, np.bincount(design.stages.stratum)
    closed = size / stages.psus_in_population
    lone = (size == 1) & (1 - closed > NOTHING_LEFT) & (design.stages.lonely in ("adjust", "average"))
    if design.adjustments or stages.second or lone.any():
        return None
    factors = bootstrap_factors(stages, rng, draws)
    if (closed > 0).any():  # of a population drawn in part, the rest of the sample's spread is known
        factors = 1 + np.sqrt(np.maximum(1 - closed, 0.0))[stages.stratum] * (factors - 1)
    return np.asarray(factors @ design.weights_by_psu(patterns))


def _refitted(fit: RankFit, lists: Lists, weights: np.ndarray) -> np.ndarray:
    """Worths of all items under each set of weights (draws, lists), zero for those nobody names there."""
    names = lists.named(len(fit.items))
    known = np.asarray(names.any(axis=0))
    if silent := int((weights @ lists.told == 0).sum()):
        raise ValueError(
            f"{silent} of {len(weights)} draws hold nobody who ranks anything: too few clusters have somebody"
        )
    drawn = np.zeros((len(weights), len(fit.items)))
    start = np.log(fit.worths[known].clip(min=NIL))
    drawn[:, known] = np.exp(highest(lists.of_items(known), weights, int(known.sum()), start))
    drawn[weights @ names == 0] = 0.0
    return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))


def _normal(fit: RankFit, lists: Lists, rng: np.random.Generator, draws: int) -> np.ndarray:
    """Worths of all items where their logs are normal about the fit."""
    known, named = fit.worths > 0, np.asarray(lists.named(len(fit.items)).any(axis=0))
    if parted := [fit.items[k] for k in np.flatnonzero(named & ~known)]:
        raise ValueError(
            f"No list ranks {parted} above the others, and this design has no bootstrap to tell their order"
        )
    relative = fit.covariance[np.ix_(known, known)] / np.outer(fit.worths[known], fit.worths[known])
    value, vector = np.linalg.eigh(relative)
    luck = rng.standard_normal((draws, len(value))) * np.sqrt(value.clip(min=0.0))
    drawn = np.zeros((draws, len(known)))
    drawn[:, known] = fit.worths[known] * np.exp(luck @ vector.T)
    return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))


def _places(drawn: np.ndarray, top: int) -> np.ndarray:
    """How far each item of each draw is among the top, zero to one: items that are level share the places left."""
    above = drawn[:, None, :] > drawn[:, :, None] * (1 + LEVEL)
    level = ~above & ~above.transpose(0, 2, 1)
    return np.asarray(((top - above.sum(axis=2)) / level.sum(axis=2)).clip(0, 1) * (drawn > 0))
