"""The Plackett–Luce likelihood of ranked lists, with ties as orders that were not told."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations, product

import numpy as np

MOST_TIED = 5
FURTHEST = 80.0
"""Bound on log worths below the highest: lists that leave no doubt between two items drive them apart without end."""
RIDGE, TINY = 1e-9, 1e-16
SETTLED = 1e-12
"""Worths, which add up to one, that move by less than this stand still; the log of one near nil need not."""


class NoConvergence(ValueError):
    """The worths of some lists do not settle."""


@dataclass(frozen=True)
class Lists:
    """Distinct ranked lists. `orders` (O, places) holds items by number, -1 after the end of a list; a list with ties has
    an order for each way to break them. `of` (O,) says which list an order belongs to; there are `count` lists."""

    orders: np.ndarray
    of: np.ndarray
    count: int

    @property
    def has_ties(self) -> bool:
        """Whether some list has several orders."""
        return len(self.orders) > self.count


def lists_of(groups: Sequence[Sequence[Sequence[int]]], places: int) -> Lists:
    """Lists from groups of tied items, best first. Raises ValueError if more than five items are tied."""
    orders, of = [], []
    for number, ranked in enumerate(groups):
        if (most := max(map(len, ranked), default=0)) > MOST_TIED:
            raise ValueError(
                f"{most} items share a rank; up to {MOST_TIED} can, as their orders are gone through one by one"
            )
        for broken in product(*(permutations(group) for group in ranked)):
            order = [item for group in broken for item in group]
            orders.append(order + [-1] * (places - len(order)))
            of.append(number)
    return Lists(np.array(orders, dtype=int).reshape(-1, places), np.array(of, dtype=int), len(groups))


def highest(lists: Lists, weights: np.ndarray, items: int, start: np.ndarray | None = None) -> np.ndarray:
    """Log worths (draws, items) where the likelihood of every set of weights (draws, lists) is highest, nil for the highest.

    The likelihood of a tie is the sum over its orders: which came first was not told (the exact marginal likelihood of Allison
    and Christakis 1994; Efron's and Breslow's are approximations to it). Newton's steps, in which each order counts with its
    chance given the list. A draw in which nobody names some item ends far below, not in error.
    Raises NoConvergence. Source: Plackett (1975); Dempster, Laird and Rubin (1977) for orders not told.
    """
    logs = np.tile(np.zeros(items) if start is None else start - start.max(), (len(weights), 1))
    for _ in range(500 if lists.has_ties else 60):
        gradient, information = _moments(logs, lists.orders, _shared(logs, lists, weights))
        step = _step(gradient, information)
        before = _worths(logs)
        logs = logs + step
        logs = (logs - logs.max(axis=1, keepdims=True)).clip(min=-FURTHEST)
        if np.max(np.abs(_worths(logs) - before)) < SETTLED:
            return logs
    raise NoConvergence(f"The worths of {items} items do not settle")


def scores_and_information(logs: np.ndarray, lists: Lists, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scores (lists, items) of the lists at log worths (items,), and the observed information (items, items) of all, each
    list with its weight (lists,)."""
    chance = _shared(logs[None, :], lists, np.ones((1, lists.count)))[0]
    by_order = _scores(logs, lists.orders)
    scores = np.zeros((lists.count, len(logs)))
    np.add.at(scores, lists.of, chance[:, None] * by_order)
    held = weight[lists.of] * chance
    information = _moments(logs[None, :], lists.orders, held[None, :])[1][0]
    # what is lost by not knowing the orders of the tied: the variance of the score over them (Louis 1982)
    lost = (by_order * held[:, None]).T @ by_order - (scores * weight[:, None]).T @ scores
    return scores, information - (lost if lists.has_ties else 0.0)


def _step(gradient: np.ndarray, information: np.ndarray) -> np.ndarray:
    """Newton's step (draws, items), at most 2 in any log. Worths are relative, so that information knows nothing of all
    logs rising together; that way is closed by a constant, and no item is singled out."""
    items = gradient.shape[1]
    size = np.trace(information, axis1=1, axis2=2)[:, None, None]
    closed = information + size / items**2 + RIDGE * information * np.eye(items) + TINY * size * np.eye(items)
    return np.asarray(np.linalg.solve(closed, gradient[:, :, None])[:, :, 0].clip(-2, 2))


def _worths(logs: np.ndarray) -> np.ndarray:
    worths = np.exp(logs)
    return np.asarray(worths / worths.sum(axis=1, keepdims=True))


def _shared(logs: np.ndarray, lists: Lists, weights: np.ndarray) -> np.ndarray:
    """Weights of lists (draws, lists) shared out over their orders, by the chance of each, (draws, orders)."""
    if not lists.has_ties:
        return weights[:, lists.of]
    chance = np.exp(_log_chance(logs, lists.orders))
    whole = np.stack([np.bincount(lists.of, row, lists.count) for row in chance])
    return weights[:, lists.of] * chance / whole[:, lists.of]


def _log_chance(logs: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Log chance of each order, shape (draws, orders)."""
    worths, found = np.exp(logs), np.zeros((len(logs), len(orders)))
    for left, chosen, alive in _stages(orders, logs.shape[1]):
        found[:, alive] += logs[:, chosen[alive]] - np.log(worths @ left[alive].T)
    return found


def _moments(logs: np.ndarray, orders: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradients (draws, items) and information matrices (draws, items, items) of the log likelihood of orders."""
    worths, items = np.exp(logs), logs.shape[1]
    gradient, information = np.zeros_like(logs), np.zeros((*logs.shape, items))
    for left, chosen, alive in _stages(orders, items):
        pull = weights[:, alive] / (worths @ left[alive].T)
        named = np.eye(items)[chosen[alive]]
        expected = worths * (pull @ left[alive])
        gradient += weights[:, alive] @ named - expected
        pairs = (left[alive][:, :, None] * left[alive][:, None, :]).reshape(-1, items * items)
        joint = ((pull**2 / weights[:, alive].clip(1e-300)) @ pairs).reshape(-1, items, items)
        information += expected[:, :, None] * np.eye(items)
        information -= worths[:, :, None] * worths[:, None, :] * joint
    return gradient, information


def _scores(logs: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Score of each order, shape (orders, items)."""
    score = np.zeros((len(orders), len(logs)))
    for left, chosen, alive in _stages(orders, len(logs)):
        chance = left * np.exp(logs)
        score[alive] -= chance[alive] / chance[alive].sum(axis=1, keepdims=True)
        score[np.flatnonzero(alive), chosen[alive]] += 1
    return score


def _stages(orders: np.ndarray, items: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """For each place of the list: items still open, the one chosen, and whether a choice was made."""
    left = np.ones((len(orders), items))
    stages = []
    for place in range(orders.shape[1]):
        chosen = orders[:, place]
        alive = (chosen >= 0) & (left.sum(axis=1) > 1)
        stages.append((left.copy(), chosen, alive))
        left[np.flatnonzero(chosen >= 0), chosen[chosen >= 0]] = 0
    return stages
