"""The Plackett–Luce likelihood of ranked lists, with ties as orders that were not told."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from bsna.estimation.ranked_lists import Lists

FURTHEST = 80.0
"""Bound on log worths below the highest: lists that leave no doubt between two items drive them apart without end."""
MOST_CELLS = 4_000_000
"""Draws times orders gone through at once."""
RIDGE, TINY = 1e-9, 1e-16
SETTLED = 1e-12
"""Worths, which add up to one, that move by less than this stand still; the log of one near nil need not."""


class NoConvergence(ValueError):
    """The worths of some lists do not settle."""


def foremost(lists: Lists, items: int) -> list[np.ndarray]:
    """Groups of items, each (items,), that no list ranks below any other; within a group, lists rank each item above each in
    turn. With several groups nothing tells them apart. With one, its worths are finite, and beside them those of the other
    items are nil: that is where the likelihood is highest. Source: Ford (1957); Hunter (2004)."""
    place = np.full((len(lists.orders), items), items)
    order, at = np.nonzero(lists.orders >= 0)
    place[order, lists.orders[order, at]] = at
    above = np.zeros((items, items), dtype=bool)
    first = np.flatnonzero(np.diff(lists.of, prepend=-1))
    for item in range(items):  # above another in a list if it is so in all its orders
        above[item] = np.logical_and.reduceat(place[:, [item]] < place, first).any(axis=0)
    count, group = csgraph.connected_components(above, connection="strong")
    below = {group[j] for i, j in zip(*np.nonzero(above), strict=True) if group[i] != group[j]}
    return [group == number for number in range(count) if number not in below]


def highest(lists: Lists, weights: np.ndarray, items: int, start: np.ndarray | None = None) -> np.ndarray:
    """Log worths (draws, items) where the likelihood of every set of weights (draws, lists) is highest, nil for the highest.

    The likelihood of a tie is the sum over its orders: which came first was not told (the exact marginal likelihood of Allison
    and Christakis 1994; Efron's and Breslow's are approximations to it). Models in which indifference is an answer of its
    own, with a parameter (Davidson 1970; Turner et al. 2020), ask another question. The log of that sum is concave, as
    that of the chance of a convex region of log-concave luck (Prékopa 1973), so that there is one highest point. Newton's
    steps, in which each order counts with its chance given the list (Dempster, Laird and Rubin 1977). A draw in which
    nobody names some item ends far below, not in error; one in which nobody names any is nan.
    Raises NoConvergence. Source: Plackett (1975).
    """
    logs, there = np.full((len(weights), items), np.nan), np.flatnonzero(weights @ lists.told > 0)
    if items == 1:
        logs[there] = 0.0
        return logs
    at_once = max(1, MOST_CELLS // len(lists.orders)) if lists.has_ties else max(1, len(weights))
    for first in range(0, len(there), at_once):
        block = there[first : first + at_once]
        begin = np.tile(np.zeros(items) if start is None else start - start.max(), (len(block), 1))
        logs[block] = _climbed(begin, lists, weights[block])
    return logs


def scores_and_information(logs: np.ndarray, lists: Lists, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scores (lists, items) of the lists at log worths (items,), and the observed information (items, items) of all, each
    list with its weight (lists,)."""
    menus = _menus(lists.orders, len(logs))
    chance = _shared(logs[None, :], lists, menus, np.ones((1, lists.count)))[0]
    by_order = menus.scores(logs)
    scores = np.zeros((lists.count, len(logs)))
    np.add.at(scores, lists.of, chance[:, None] * by_order)
    held = weight[lists.of] * chance
    information = _moments(logs[None, :], menus.open, *menus.counts(held[None, :]))[1][0]
    # what is lost by not knowing the orders of the tied: the variance of the score over them (Louis 1982)
    lost = (by_order * held[:, None]).T @ by_order - (scores * weight[:, None]).T @ scores
    return scores, information - (lost if lists.has_ties else 0.0)


def _climbed(logs: np.ndarray, lists: Lists, weights: np.ndarray) -> np.ndarray:
    items = logs.shape[1]
    menus = _menus(lists.orders, items)
    counts = menus.counts(weights[:, lists.of])
    for _ in range(500 if lists.has_ties else 60):
        if lists.has_ties:
            counts = menus.counts(_shared(logs, lists, menus, weights))
        step = _step(*_moments(logs, menus.open, *counts))
        before = _worths(logs)
        logs = logs + step
        logs = (logs - logs.max(axis=1, keepdims=True)).clip(min=-FURTHEST)
        if np.max(np.abs(_worths(logs) - before)) < SETTLED:
            return logs
    raise NoConvergence(f"The worths of {items} items do not settle")


@dataclass(frozen=True)
class _Menus:
    """What choices were made from. `open` (M, items) are the distinct sets of items still open at a choice, `met` (O, M) marks
    those that an order comes by, `chosen` (O, items) the items it chooses while others are open."""

    open: np.ndarray
    met: sparse.csr_array
    chosen: sparse.csr_array

    def counts(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Sums of weights (draws, orders) by menu and by item chosen: all that the likelihood knows of them."""
        return (self.met.T @ weights.T).T, (self.chosen.T @ weights.T).T

    def log_chances(self, logs: np.ndarray) -> np.ndarray:
        """Log chance of each order at log worths (draws, items), shape (draws, orders)."""
        whole = np.log(np.exp(logs) @ self.open.T)
        return np.asarray((self.chosen @ logs.T).T - (self.met @ whole.T).T)

    def scores(self, logs: np.ndarray) -> np.ndarray:
        """Score of each order at log worths (items,), shape (orders, items)."""
        chance = self.open * np.exp(logs)
        return np.asarray(self.chosen.toarray() - self.met @ (chance / chance.sum(axis=1, keepdims=True)))


def _menus(orders: np.ndarray, items: int) -> _Menus:
    left = np.ones((len(orders), items), dtype=bool)
    stages, made = [], []
    for chosen in orders.T:
        at = np.flatnonzero((chosen >= 0) & (left.sum(axis=1) > 1))
        stages.append(left[at])
        made.append(np.column_stack([at, chosen[at]]))
        there = np.flatnonzero(chosen >= 0)
        left[there, chosen[there]] = False
    order, item = np.concatenate(made).T
    menus, menu = np.unique(np.concatenate(stages), axis=0, return_inverse=True)
    once, menu = np.ones(len(order)), menu.ravel()
    return _Menus(
        menus.astype(float),
        sparse.csr_array((once, (order, menu)), shape=(len(orders), len(menus))),
        sparse.csr_array((once, (order, item)), shape=(len(orders), items)),
    )


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


def _shared(logs: np.ndarray, lists: Lists, menus: _Menus, weights: np.ndarray) -> np.ndarray:
    """Weights of lists (draws, lists) shared out over their orders, by the chance of each, (draws, orders)."""
    chance = menus.log_chances(logs)
    first = np.flatnonzero(np.diff(lists.of, prepend=-1))
    chance = np.exp(chance - np.maximum.reduceat(chance, first, axis=1)[:, lists.of])
    return np.asarray(weights[:, lists.of] * chance / np.add.reduceat(chance, first, axis=1)[:, lists.of])


def _moments(logs: np.ndarray, menus: np.ndarray, met: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradients (draws, items) and information matrices (draws, items, items) of the log likelihood, from the weights
    of `menus` (M, items) `met` (draws, M) and of items `chosen` (draws, items)."""
    worths, items = np.exp(logs), logs.shape[1]
    whole = worths @ menus.T
    expected = worths * ((met / whole) @ menus)
    pairs = (menus[:, :, None] * menus[:, None, :]).reshape(-1, items * items)
    joint = ((met / whole**2) @ pairs).reshape(-1, items, items)
    information = expected[:, :, None] * np.eye(items) - worths[:, :, None] * worths[:, None, :] * joint
    return chosen - expected, information
