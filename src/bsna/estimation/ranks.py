"""Ranked lists: the Plackett–Luce model for first, second and third choices, and the top of a list."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bsna.estimation.design import SurveyDesign, Where
from bsna.estimation.resampling import bootstrap_weights
from bsna.estimation.rows import EmptyDomain


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


def rank_model(design: SurveyDesign, ranks: Sequence[str], items: Sequence[str], *, where: Where = None) -> RankFit:
    """Fit worths to partial rankings; `ranks` are the columns of first, second, ... choice.

    A list ends at its first missing choice; people without a first choice are outside. An item that nobody names
    has worth zero, without error: that is where the likelihood is highest. Raises EmptyDomain if
    nobody is left, ValueError for an answer not among `items`. Source: Plackett (1975), by Newton's method; the
    covariance from clusters' scores, and by the delta method from log worths to worths.
    """
    choices, inside = _choices(design, ranks, items, where)
    named = [k for k in range(len(items)) if (choices[inside] == k).any()]
    df = design.degrees_of_freedom(inside)
    n, clusters = int(inside.sum()), len(np.unique(design.psu_codes[inside]))
    worths, covariance = np.zeros(len(items)), np.zeros((len(items), len(items)))
    if len(named) == 1:
        worths[named] = 1.0
    else:
        place = np.full(len(items) + 1, -1)
        place[named] = np.arange(len(named))
        worths[named], covariance[np.ix_(named, named)] = _fit(
            design, place[choices], inside, [items[k] for k in named]
        )
    return RankFit(tuple(items), worths, covariance, df, n, clusters)


def _fit(
    design: SurveyDesign, choices: np.ndarray, inside: np.ndarray, items: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Worths and their covariance, of items that are all named."""
    patterns, group = np.unique(choices[inside], axis=0, return_inverse=True)
    weights = np.bincount(group.ravel(), weights=design.weights[inside])
    logs = _newton(patterns, weights[None, :], items)[0]
    score = _scores(logs, patterns)
    information = _moments(logs[None, :], patterns, weights[None, :])[1][0, 1:, 1:]
    scores = np.zeros((len(design.frame), len(items) - 1))
    scores[inside] = design.weights[inside, None] * score[group.ravel()][:, 1:] @ np.linalg.inv(information)
    worths = np.exp(logs) / np.exp(logs).sum()
    jacobian = (np.diag(worths) - np.outer(worths, worths))[:, 1:]
    return worths, jacobian @ design.variance(scores) @ jacobian.T


def rank_bootstrap(
    design: SurveyDesign,
    ranks: Sequence[str],
    items: Sequence[str],
    *,
    rng: np.random.Generator,
    draws: int = 500,
    top: int = 3,
    where: Where = None,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Worths of ranked items with the uncertainty of their order, by a bootstrap of clusters.

    One row per item: item, worth, low, high (95% of draws), named (share naming it at all), prob_top (share of
    draws in which it is among the `top` worths), n, clusters. Also the worths of the draws,
    shape (draws, items). People and errors as in `rank_model`, except that an item nobody names has worth
    zero: that is where the likelihood is highest, and no draw can say otherwise.
    """
    choices, inside = _choices(design, ranks, items, where)
    if missing := [k for k in range(len(items)) if not (choices[inside] == k).any()]:
        return _without_unnamed(design, ranks, items, missing, rng, draws, top, where)
    fit = rank_model(design, ranks, items, where=where)
    patterns, group = np.unique(choices[inside], axis=0, return_inverse=True)
    replicates = bootstrap_weights(design, rng, draws)[:, inside]
    sums = np.stack([np.bincount(group.ravel(), weights=w, minlength=len(patterns)) for w in replicates])
    drawn = np.exp(_newton(patterns, sums, items, np.log(fit.worths)))
    drawn = drawn / drawn.sum(axis=1, keepdims=True)
    places = (-drawn).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    named = (choices[inside][:, :, None] == np.arange(len(items))).any(axis=1)
    weights = design.weights[inside]
    table = pd.DataFrame(
        {
            "item": list(items),
            "worth": fit.worths,
            "low": np.quantile(drawn, 0.025, axis=0),
            "high": np.quantile(drawn, 0.975, axis=0),
            "named": weights @ named / weights.sum(),
            "prob_top": (places < top).mean(axis=0),
            "n": fit.n,
            "clusters": fit.clusters,
        }
    )
    return table, drawn


def _without_unnamed(
    design: SurveyDesign,
    ranks: Sequence[str],
    items: Sequence[str],
    missing: list[int],
    rng: np.random.Generator,
    draws: int,
    top: int,
    where: Where,
) -> tuple[pd.DataFrame, np.ndarray]:
    kept = [k for k in range(len(items)) if k not in missing]
    named = [items[k] for k in kept]
    table, drawn = rank_bootstrap(design, ranks, named, rng=rng, draws=draws, top=top, where=where)
    zero = pd.DataFrame({"item": [items[k] for k in missing]}).assign(
        worth=0.0, low=0.0, high=0.0, named=0.0, prob_top=0.0, n=table["n"].iloc[0], clusters=table["clusters"].iloc[0]
    )
    whole = np.zeros((draws, len(items)))
    whole[:, kept] = drawn
    return pd.concat([table, zero]).set_index("item").loc[list(items)].reset_index(), whole


def _choices(
    design: SurveyDesign, ranks: Sequence[str], items: Sequence[str], where: Where
) -> tuple[np.ndarray, np.ndarray]:
    position = {item: number for number, item in enumerate(items)}
    columns = []
    for rank in ranks:
        answers = design.column(rank)
        if strange := sorted(set(answers.dropna()) - set(items)):
            raise ValueError(f"{rank!r} names {strange}, not among the items {list(items)}")
        columns.append([position[a] if a in position else -1 for a in answers])
    choices = np.array(columns).T
    ended = (choices < 0).cumsum(axis=1) > 0
    choices = np.where(ended, -1, choices)
    inside = design.select(where) & (choices[:, 0] >= 0)
    if not inside.any():
        raise EmptyDomain(f"Nobody gave a first choice in {ranks[0]!r}")
    return choices, inside


def _newton(
    patterns: np.ndarray, weights: np.ndarray, items: Sequence[str], start: np.ndarray | None = None
) -> np.ndarray:
    """Log worths of every set of weights (draws, patterns), the first item held at zero: (draws, items).

    A draw in which nobody names some item ends far below, not in error.
    """
    if start is None:
        absent = [item for k, item in enumerate(items) if not (patterns == k).any()]
        if absent:
            raise ValueError(f"Nobody names {absent}; leave them out of the items of this population")
        start = np.zeros(len(items))
    logs = np.tile(start - start[0], (len(weights), 1))
    for _ in range(60):
        gradient, information = _moments(logs, patterns, weights)
        inner = information[:, 1:, 1:]
        ridge = 1e-9 * np.trace(inner, axis1=1, axis2=2)[:, None, None] * np.eye(len(items) - 1)
        step = np.linalg.solve(inner + ridge, gradient[:, 1:, None])[:, :, 0].clip(-2, 2)
        logs[:, 1:] = (logs[:, 1:] + step).clip(-25, 25)
        if np.max(np.abs(step)) < 1e-10:
            break
    return logs


def _moments(logs: np.ndarray, patterns: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradients (draws, items) and information matrices (draws, items, items) of the log likelihood."""
    worths, items = np.exp(logs), logs.shape[1]
    gradient, information = np.zeros_like(logs), np.zeros((*logs.shape, items))
    for left, chosen, alive in _stages(patterns, items):
        pull = weights[:, alive] / (worths @ left[alive].T)
        named = np.eye(items)[chosen[alive]]
        expected = worths * (pull @ left[alive])
        gradient += weights[:, alive] @ named - expected
        pairs = (left[alive][:, :, None] * left[alive][:, None, :]).reshape(-1, items * items)
        joint = ((pull**2 / weights[:, alive].clip(1e-300)) @ pairs).reshape(-1, items, items)
        information += expected[:, :, None] * np.eye(items)
        information -= worths[:, :, None] * worths[:, None, :] * joint
    return gradient, information


def _scores(logs: np.ndarray, patterns: np.ndarray) -> np.ndarray:
    """Score of each pattern, shape (patterns, items)."""
    score = np.zeros((len(patterns), len(logs)))
    for left, chosen, alive in _stages(patterns, len(logs)):
        chance = left * np.exp(logs)
        score[alive] -= chance[alive] / chance[alive].sum(axis=1, keepdims=True)
        score[np.flatnonzero(alive), chosen[alive]] += 1
    return score


def _stages(patterns: np.ndarray, items: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """For each place of the list: items still open, the one chosen, and whether a choice was made."""
    left = np.ones((len(patterns), items))
    stages = []
    for place in range(patterns.shape[1]):
        chosen = patterns[:, place]
        alive = (chosen >= 0) & (left.sum(axis=1) > 1)
        stages.append((left.copy(), chosen, alive))
        left[np.flatnonzero(chosen >= 0), chosen[chosen >= 0]] = 0
    return stages
