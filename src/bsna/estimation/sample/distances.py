"""Weights as near as can be to given ones that meet totals: linear, raking and logit distances, with bounds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy.special import expit

Distance: TypeAlias = Literal["linear", "raking", "logit"]
Bounds: TypeAlias = tuple[float, float]
EXACT = 1e-11
TIED = 1e-9
MIDDLE = 1e-10


@dataclass(frozen=True, eq=False)
class Constraints:
    """Weighted sums that must come out: `names` (p,), `columns` (n, p), `totals` (p,)."""

    names: tuple[str, ...]
    columns: np.ndarray
    totals: np.ndarray

    def furthest(self, weights: np.ndarray) -> str:
        """The constraint that `weights` (n,) miss by most, with the sum found and the total expected."""
        found = weights @ self.columns
        size = np.abs(weights) @ np.abs(self.columns) + np.abs(self.totals)
        at = int(np.argmax(np.abs(found - self.totals) / np.where(size > 0, size, 1.0)))
        return f"{self.names[at]} adds up to {found[at]:.10g}, not {self.totals[at]:.10g}"

    def miss(self, weights: np.ndarray) -> float:
        """Largest distance from a total, relative to the sum of absolute values it is made of."""
        found = weights @ self.columns
        size = np.abs(weights) @ np.abs(self.columns) + np.abs(self.totals)
        return float(np.max(np.abs(found - self.totals) / np.where(size > 0, size, 1.0)))


@dataclass(frozen=True)
class _Curve:
    """How a weight's factor follows from its score u: `factor`, its derivative `slope`, its integral `area`.

    Between `low` and `high` the curve is as given, beyond them flat.
    """

    factor: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    area: Callable[[np.ndarray], np.ndarray]
    low: float
    high: float

    def at(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        held = np.clip(u, self.low, self.high)
        factor = self.factor(held)
        return factor, np.where(u == held, self.slope(held), 0.0), self.area(held) + factor * (u - held)


def weighted_basis(columns: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Orthonormal basis (n, r) of the columns times the root of the weights; the root (n,); and `back` (p, r).

    `columns @ back` times the root is the basis. Columns that repeat others add nothing to it.
    """
    root = np.sqrt(weights)
    size = np.sqrt(np.maximum((columns**2).T @ weights, np.finfo(float).tiny))
    left, strength, right = np.linalg.svd(columns / size * root[:, None], full_matrices=False)
    kept = strength > TIED * strength[0]
    return left[:, kept], root, (right[kept].T / strength[kept]) / size[:, None]


def calibrated_weights(
    weights: np.ndarray, constraints: Constraints, distance: Distance, bounds: Bounds | None, *, rounds: int
) -> np.ndarray:
    """Weights (n,) multiplied by factors near one so that the constraints are met. Rows of weight nil stay nil.

    `linear` has factors 1 + u, `raking` exp(u), `logit` an S between the `bounds`; u is linear in the columns. `linear`
    and `raking` with bounds cut their factors off there. Newton's method on the convex dual, halving its steps.
    Raises ValueError if totals contradict each other, or are not met after `rounds`, naming the one furthest off.
    Source: Deville and Särndal (1992), sections 2 and 4.
    """
    there = weights > 0
    d = weights[there]
    inside = Constraints(constraints.names, constraints.columns[there], constraints.totals)
    basis, root, back = weighted_basis(inside.columns, d)
    _check_tied(inside, d, back)
    z, target = basis / root[:, None], back.T @ inside.totals
    curve = _curve(distance, bounds)
    at = np.zeros(len(target))
    factor, slope, area = curve.at(z @ at)
    best = np.inf
    for _ in range(rounds):
        missed = inside.miss(d * factor)
        if missed <= EXACT and missed >= best / 2:
            return _spread(d * factor, there)
        best = missed
        gap = target - z.T @ (d * factor)
        curved = (z * (d * slope)[:, None]).T @ z
        step = np.linalg.solve(curved + MIDDLE * np.eye(len(at)), gap)
        before = at
        at, (factor, slope, area) = _downhill(curve, z, d, target, at, step, float(d @ area - target @ at))
        if at is before:
            break
    within = "" if bounds is None else f", factors held between {bounds[0]:g} and {bounds[1]:g}"
    raise ValueError(
        f"Calibration ({distance}{within}) did not meet its totals in {rounds} rounds; furthest off: "
        f"{inside.furthest(d * factor)}. Widen the bounds, or ask for fewer totals"
    )


def _spread(values: np.ndarray, there: np.ndarray) -> np.ndarray:
    found = np.zeros(len(there))
    found[there] = values
    return found


def _downhill(
    curve: _Curve, z: np.ndarray, d: np.ndarray, target: np.ndarray, at: np.ndarray, step: np.ndarray, height: float
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The step, or the largest half, quarter, ... of it, that goes down on the dual."""
    for half in range(60):
        there = at + step * 0.5**half
        with np.errstate(over="ignore", invalid="ignore"):
            found = curve.at(z @ there)
            new = float(d @ found[2] - target @ there)
        if np.isfinite(new) and new <= height + 1e-13 * abs(height):
            return there, found
    return at, curve.at(z @ at)


def _check_tied(constraints: Constraints, weights: np.ndarray, back: np.ndarray) -> None:
    """Columns that depend on each other need totals that do: the least squares weights must meet them."""
    square = constraints.columns * weights[:, None]
    lam = back @ (back.T @ (constraints.totals - square.sum(axis=0)))
    linear = weights + square @ lam
    if constraints.miss(linear) > TIED:
        raise ValueError(
            f"The totals contradict each other: some columns add up to others, their totals do not; "
            f"at best {constraints.furthest(linear)}"
        )


def _curve(distance: Distance, bounds: Bounds | None) -> _Curve:
    low, high = bounds if bounds is not None else (-np.inf, np.inf)
    if distance == "linear":
        return _Curve(lambda u: 1 + u, np.ones_like, lambda u: u + u**2 / 2, low - 1, high - 1)
    if distance == "raking":
        with np.errstate(divide="ignore"):
            return _Curve(np.exp, np.exp, np.exp, float(np.log(max(low, 0.0))), float(np.log(high)))
    steep = (high - low) / ((high - 1) * (1 - low))
    shift = float(np.log((1 - low) / (high - 1)))

    def part(u: np.ndarray) -> np.ndarray:
        return np.asarray(expit(steep * u + shift))

    return _Curve(
        lambda u: low + (high - low) * part(u),
        lambda u: (high - low) * steep * part(u) * (1 - part(u)),
        lambda u: low * u + (high - low) / steep * np.logaddexp(0.0, steep * u + shift),
        -np.inf,
        np.inf,
    )
