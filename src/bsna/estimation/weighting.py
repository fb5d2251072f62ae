"""Weights: raking to known margins, trimming, and what unequal weights cost."""

from collections.abc import Mapping

import numpy as np
import pandas as pd


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
    coded = [_code(frame[column], target, column) for column, target in margins.items()]
    for _ in range(max_iterations):
        before = weights
        for codes, shares in coded:
            weights = _fit(weights, codes, shares)
        if np.max(np.abs(weights / before - 1)) < tolerance:
            return pd.Series(weights, index=frame.index, name=weight)
    raise ValueError(f"Raking did not settle in {max_iterations} rounds; the margins may contradict")


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


def _code(column: pd.Series, target: Mapping[str, float], name: str) -> tuple[np.ndarray, np.ndarray]:
    found = set(column.dropna())
    if found != set(target):
        raise ValueError(
            f"Margin {name!r}: the data have {sorted(found)}, the target has {sorted(target)}; every level "
            "needs people and a target"
        )
    levels = list(target)
    codes = np.array([levels.index(value) if value in target else -1 for value in column])
    shares = np.array([target[level] for level in levels], dtype=float)
    return codes, shares / shares.sum()


def _fit(weights: np.ndarray, codes: np.ndarray, shares: np.ndarray) -> np.ndarray:
    known = codes >= 0
    totals = np.bincount(codes[known], weights=weights[known], minlength=len(shares))
    factors = shares * totals.sum() / totals
    return np.where(known, weights * factors[np.maximum(codes, 0)], weights)
