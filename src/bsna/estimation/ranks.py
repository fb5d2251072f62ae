"""Ranked lists: how much each item is preferred, and which are at the top."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd

from bsna.estimation.plackett_luce import Lists, highest, lists_of, scores_and_information
from bsna.estimation.rows import EmptyDomain
from bsna.estimation.sample.compress import Patterns, narrowed
from bsna.estimation.sample.design import SurveyDesign, Where
from bsna.estimation.sample.resampling import bootstrap_factors

Ranks: TypeAlias = Sequence[str] | Mapping[str, str]
NOT_RANKED = ""


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

        An item that nobody names has no log. The least named of the others stands in for it, which understates the
        gap; with none left, the gap is 1, of all who named the one.
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
    Equal ranks are ties, whose order was not told. People without a first choice are outside. An item that nobody names
    has worth zero, without error: that is where the likelihood is highest. Raises EmptyDomain if nobody is left,
    ValueError for an answer not among `items`, an item named twice in a list, or more than five tied. Source: Plackett
    (1975); Allison and Christakis (1994); the covariance from clusters' scores, by the delta method from log worths.
    """
    patterns, lists = _read(design, ranks, items, where)
    named = [k for k in range(len(items)) if (lists.orders == k).any()]
    clusters, df = design.clusters_of(patterns, _told(lists))
    worths, covariance = np.zeros(len(items)), np.zeros((len(items), len(items)))
    if len(named) == 1:
        worths[named] = 1.0
    else:
        worths[named], covariance[np.ix_(named, named)] = _fit(design, patterns, _renumbered(lists, named), len(named))
    return RankFit(tuple(items), worths, covariance, df, int(patterns.n[_told(lists)].sum()), clusters)


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

    One row per item: item, worth, low, high (95% of draws), named (share naming it at all), prob_top (share of
    draws in which it is among the `top` worths), n, clusters. Also the worths of the draws,
    shape (draws, items). Replicates are `draws` of the rescaled bootstrap of clusters (Rao and Wu 1988), or those of the
    design if it has any. People and errors as in `rank_model`, except that an item nobody names has worth
    zero: that is where the likelihood is highest, and no draw can say otherwise.
    """
    patterns, lists = _read(design, ranks, items, where)
    fit = rank_model(design, ranks, items, where=where)
    named = [k for k in range(len(items)) if (lists.orders == k).any()]
    weights = patterns.replicates
    if weights is None:
        weights = bootstrap_factors(design.stages, rng, draws) @ design.weights_by_psu(patterns)
    drawn = np.zeros((len(weights), len(items)))
    drawn[:, named] = 1.0
    if len(named) > 1:
        start = np.log(fit.worths[named])
        drawn[:, named] = np.exp(highest(_renumbered(lists, named), weights, len(named), start))
    drawn = drawn / drawn.sum(axis=1, keepdims=True)
    places = (-drawn).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    told = patterns.weight * _told(lists)
    holds = np.zeros((lists.count, len(items)))
    there = lists.orders >= 0
    holds[np.broadcast_to(lists.of[:, None], there.shape)[there], lists.orders[there]] = 1.0
    table = pd.DataFrame(
        {
            "item": list(items),
            "worth": fit.worths,
            "low": np.quantile(drawn, 0.025, axis=0),
            "high": np.quantile(drawn, 0.975, axis=0),
            "named": told @ holds / told.sum(),
            "prob_top": (places < top).mean(axis=0) * (fit.worths > 0),
            "n": fit.n,
            "clusters": fit.clusters,
        }
    )
    return table, drawn


def _fit(design: SurveyDesign, patterns: Patterns, lists: Lists, items: int) -> tuple[np.ndarray, np.ndarray]:
    """Worths and their covariance, of items that are all named."""
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


def _read(design: SurveyDesign, ranks: Ranks, items: Sequence[str], where: Where) -> tuple[Patterns, Lists]:
    """The distinct answers of people with a first choice, and the lists they give."""
    columns = list(ranks.values()) if isinstance(ranks, Mapping) else list(ranks)
    is_text = not isinstance(ranks, Mapping)
    filled = design.filled(columns, NOT_RANKED if is_text else -1)
    patterns = filled.patterns(columns, where=where)
    answers = [patterns.frame[column].tolist() for column in columns]
    groups = _ranked(ranks, answers, items) if isinstance(ranks, Mapping) else _chosen(columns, answers, items)
    for number, group in enumerate(groups):
        listed = [item for tied in group for item in tied]
        if len(set(listed)) < len(listed):
            found = [row[number] for row in answers]
            raise ValueError(f"{int(patterns.n[number])} respondent(s) name an item twice: {found}")
    told = np.array([bool(group) for group in groups])
    if not told.any():
        raise EmptyDomain(f"Nobody gave a first choice in {columns[0]!r}")
    return narrowed(patterns, told), lists_of(groups, len(items))


def _chosen(columns: Sequence[str], answers: list[list[object]], items: Sequence[str]) -> list[list[list[int]]]:
    position = {item: number for number, item in enumerate(items)}
    for column, found in zip(columns, answers, strict=True):
        if strange := sorted({str(answer) for answer in found} - set(items) - {NOT_RANKED}):
            raise ValueError(f"{column!r} names {strange}, not among the items {list(items)}")
    groups = []
    for row in zip(*answers, strict=True):
        end = row.index(NOT_RANKED) if NOT_RANKED in row else len(row)
        groups.append([[position[str(answer)]] for answer in row[:end]])
    return groups


def _ranked(ranks: Mapping[str, str], answers: list[list[object]], items: Sequence[str]) -> list[list[list[int]]]:
    if set(ranks) != set(items):
        raise ValueError(f"Ranks are given for {sorted(ranks)}; the items are {sorted(items)}")
    position = [list(items).index(item) for item in ranks]
    table = np.array(answers, dtype=float).T
    groups = []
    for row in table:
        order = sorted({rank for rank in row if rank >= 0})
        groups.append([[position[k] for k in np.flatnonzero(row == rank)] for rank in order])
    return groups


def _told(lists: Lists) -> np.ndarray:
    """Which lists name an item, shape (lists,)."""
    return np.bincount(lists.of, lists.orders[:, 0] >= 0, lists.count) > 0


def _renumbered(lists: Lists, named: Sequence[int]) -> Lists:
    """The same lists, with the named items numbered from nil."""
    place = np.full(int(lists.orders.max()) + 2, -1)
    place[list(named)] = np.arange(len(named))
    return Lists(place[lists.orders], lists.of, lists.count)
