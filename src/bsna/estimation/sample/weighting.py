"""Weights: raking to known margins, trimming, and what unequal weights cost."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

NOT_MET = 1e-7


def rake(
    frame: pd.DataFrame,
    weight: str,
    margins: Mapping[str, Mapping[str, float]],
    *,
    tolerance: float = 1e-10,
    max_iterations: int = 500,
) -> pd.Series:
    """Adjust weights until each margin is met; the sum of weights stays as it was.

    `margins` gives for each column the share (or count) of each level. Rows whose level is missing keep
    their factor for that column. Raises ValueError for a level without target or without people, and if
    the margins are not met after `max_iterations`. Source: Deville and Särndal (1992), raking ratio.
    """
    weights = frame[weight].to_numpy(dtype=float)
    coded = {column: _code(frame[column], target, column) for column, target in margins.items()}
    settled = raked_weights(weights, coded, tolerance=tolerance, max_iterations=max_iterations)
    return pd.Series(settled, index=frame.index, name=weight)


@dataclass(frozen=True)
class Margin:
    """A column with the part of all that each level should make up.

    `codes` (n,) is the number of each row's level, -1 where it is missing; `levels` (L,) their names; `shares` (L,) the
    parts, adding up to one.
    """

    codes: np.ndarray
    levels: tuple[object, ...]
    shares: np.ndarray


def raked_weights(
    weights: np.ndarray, margins: Mapping[str, Margin], *, tolerance: float, max_iterations: int
) -> np.ndarray:
    """Weights (n,) multiplied margin by margin, round after round, until no weight moves by more than `tolerance`.

    Rows of weight nil stay nil. Raises ValueError if a level has no weight, and if the margins are not met after
    `max_iterations` rounds, naming the level furthest off.
    """
    for _ in range(max_iterations):
        before = weights
        for name, margin in margins.items():
            weights = _fit(weights, margin, name)
        moved = np.abs(weights - before) > tolerance * before
        if not moved.any():
            break
    gap, level = _furthest(weights, margins)
    # margins that contradict each other come round to the same weights without meeting them
    if moved.any() or gap > NOT_MET:
        raise ValueError(
            f"Raking did not meet its margins in {max_iterations} rounds; furthest off is {level}. The margins may "
            "contradict each other"
        )
    return weights


def trim(weights: pd.Series, *, low: float | None, high: float | None) -> pd.Series:
    """Hold weights between `low` and `high` times their median, spreading the rest over the others.

    None means no limit. The sum stays as it was.
    """
    middle = float(weights.median())
    held = weights.clip(lower=None if low is None else low * middle, upper=None if high is None else high * middle)
    return held * (weights.sum() / held.sum())


def kish_design_effect(weights: pd.Series) -> float:
    """Variance that unequal weights alone would add: 1 + cv². Source: Kish (1965)."""
    values = weights.to_numpy(dtype=float)
    return float(len(values) * (values**2).sum() / values.sum() ** 2)


def _code(column: pd.Series, target: Mapping[str, float], name: str) -> Margin:
    found = set(column.dropna())
    if found != set(target):
        raise ValueError(
            f"Margin {name!r}: the data have {sorted(found)}, the target has {sorted(target)}; every level "
            "needs people and a target"
        )
    levels = list(target)
    codes = np.array([levels.index(value) if value in target else -1 for value in column])
    shares = np.array([target[level] for level in levels], dtype=float)
    return Margin(codes, tuple(levels), shares / shares.sum())


def _fit(weights: np.ndarray, margin: Margin, name: str) -> np.ndarray:
    totals = _totals(weights, margin)
    if not (totals > 0).all():
        empty = [level for level, total in zip(margin.levels, totals, strict=True) if not total > 0]
        raise ValueError(f"Margin {name!r}: nobody with {empty[:5]} has a weight above zero")
    factors = margin.shares * totals.sum() / totals
    return np.where(margin.codes >= 0, weights * factors[np.maximum(margin.codes, 0)], weights)


def _totals(weights: np.ndarray, margin: Margin) -> np.ndarray:
    known = margin.codes >= 0
    return np.bincount(margin.codes[known], weights=weights[known], minlength=len(margin.shares))


def _furthest(weights: np.ndarray, margins: Mapping[str, Margin]) -> tuple[float, str]:
    """The level whose share is furthest from what it should be: by how much, and in words."""
    gaps = []
    for name, margin in margins.items():
        totals = _totals(weights, margin)
        for level, found, expected in zip(margin.levels, totals / totals.sum(), margin.shares, strict=True):
            gaps.append((abs(found - expected), f"{name} = {level!r} with a share of {found:.6g}, not {expected:.6g}"))
    return max(gaps)
