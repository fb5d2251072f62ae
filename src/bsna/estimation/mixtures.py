"""Tails of sums of chi-squares: what quadratic statistics of survey data follow when their terms weigh unequally."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy import optimize, special

TailMethod: TypeAlias = Literal["satterthwaite", "saddlepoint", "integration"]
ROUNDING = 1e-9
"""A weight this far below nil, as a part of the largest, is an eigenvalue's rounding error and counts as nil."""
AGREEMENT = 1e-12
MOST_POINTS = 1 << 16


def chi_squares_above(x: float, weights: Sequence[float] | np.ndarray, *, method: TailMethod = "integration") -> float:
    """Probability that a sum of weights times independent chi-squares, of one degree of freedom each, is above `x`.

    satterthwaite: as a multiple of one chi-square with the same mean and variance. saddlepoint: Kuonen (1999), near two
    digits, good in the tail. integration: the characteristic function inverted along a line through the saddlepoint, to
    some ten digits even of a small probability (Imhof 1961, who went through nil and keeps digits of 1 only). Raises
    ValueError for weights that are missing, infinite, negative or all nil, and for an `x` that is no number.
    """
    number, known = _checked(x, weights)
    if number <= 0 or np.isinf(number):
        return 1.0 if number <= 0 else 0.0
    if method == "satterthwaite":
        scale = float(known @ known) / float(known.sum())
        return float(special.chdtrc(known.sum() / scale, number / scale))
    return _above(_Sum(known, np.ones(len(known)), number), method)


def f_sum_above(
    x: float, weights: Sequence[float] | np.ndarray, df: float, *, method: TailMethod = "integration"
) -> float:
    """Probability that a sum of weights times chi-squares of one degree of freedom, over a chi-square of `df` degrees
    of freedom divided by `df`, is above `x`.

    With an infinite `df` as `chi_squares_above`; one weight of one makes the F distribution with 1 and `df`. Methods
    and errors as there, and ValueError where `df` is not above zero. satterthwaite takes the sum for a multiple of
    one chi-square. The others ask whether the sum less `x / df` times the denominator's chi-square is above nil:
    Lumley (2010), appendix.
    """
    if not df > 0:
        raise ValueError(f"df is {df}; the denominator needs degrees of freedom above zero")
    if np.isinf(df):
        return chi_squares_above(x, weights, method=method)
    number, known = _checked(x, weights)
    if number <= 0 or np.isinf(number):
        return 1.0 if number <= 0 else 0.0
    if method == "satterthwaite":
        return float(special.fdtrc(known.sum() ** 2 / (known @ known), df, number / known.sum()))
    return _above(_Sum(np.append(known, -number / df), np.append(np.ones(len(known)), df), 0.0), method)


def _checked(x: float, weights: Sequence[float] | np.ndarray) -> tuple[float, np.ndarray]:
    values = np.asarray(weights, dtype=float).ravel()
    if np.isnan(x):
        raise ValueError("x is missing; expected a number")
    if bad := int((~np.isfinite(values)).sum()):
        raise ValueError(f"{bad} of {len(values)} weights are missing or infinite")
    largest = values.max(initial=0.0)
    if bad := int((values < -ROUNDING * largest).sum()):
        raise ValueError(f"{bad} of {len(values)} weights are negative: {values[values < 0][:5].tolist()}")
    if not largest > 0:
        raise ValueError(f"None of {len(values)} weights is above zero; the sum has no distribution")
    kept = values[values > largest * np.finfo(float).tiny] / largest
    return float(x) / largest, kept


@dataclass(frozen=True)
class _Sum:
    """Is a sum of `weights` times chi-squares of `df` degrees of freedom above `x`? The largest weight is one."""

    weights: np.ndarray
    df: np.ndarray
    x: float

    def rise(self, start: float, step: np.ndarray) -> np.ndarray:
        """Cumulant function less argument times x, at complex points `start + step`, over its value at `start`."""
        part = np.multiply.outer(step, -2 * self.weights / (1 - 2 * start * self.weights))
        size = np.log1p(2 * part.real + part.real**2 + part.imag**2) / 2
        return np.asarray(-(size + 1j * np.arctan2(part.imag, 1 + part.real)) @ self.df / 2 - step * self.x)

    def slope(self, at: float) -> float:
        """Derivative of the cumulant function at a real point."""
        return float(self.df @ (self.weights / (1 - 2 * at * self.weights))) - self.x

    def moment(self, at: float, order: int) -> float:
        """Derivative of an order of two or more."""
        part = self.weights / (1 - 2 * at * self.weights)
        return float(special.factorial(order - 1) * 2 ** (order - 1) * (self.df @ part**order))

    def saddlepoint(self) -> float:
        """Where the cumulant function is flat."""
        apart = self.slope(0.0)
        if apart == 0:
            return 0.0
        positive = self.weights > 0
        up = float(self.df[positive] @ self.weights[positive])
        down = self.x - float(self.df[~positive] @ self.weights[~positive])
        if apart < 0:  # the largest weight alone makes up for everything below
            low, high = 0.0, (1 - max(1 / down, 1e-15)) / 2
        elif positive.all():
            low, high = -float(self.df.sum()) / (2 * self.x), 0.0
        else:
            low, high = (1 - max(down / up, 1e-15)) / (2 * self.weights.min()), 0.0
        if self.slope(low) >= 0 or self.slope(high) <= 0:
            return low if self.slope(low) >= 0 else high
        return float(optimize.brentq(self.slope, low, high, xtol=1e-300, rtol=4 * np.finfo(float).eps, maxiter=500))


def _above(total: _Sum, method: TailMethod) -> float:
    if method == "saddlepoint":
        return _lugannani(total)
    if method == "integration":
        return _inverted(total)
    raise ValueError(f"method is {method!r}; expected satterthwaite, saddlepoint or integration")


def _lugannani(total: _Sum) -> float:
    """Barndorff-Nielsen's form of the tail; at the mean itself, its limit. Source: Kuonen (1999)."""
    at = total.saddlepoint()
    spread = np.sqrt(total.moment(at, 2))
    v = at * spread
    if abs(v) < 1e-7:
        return float(special.ndtr(-total.moment(at, 3) / spread**3 / 6))
    w = np.sign(at) * np.sqrt(2 * total.df @ _excess(2 * at * total.weights))
    return float(special.ndtr(-(w + np.log(v / w) / w)))


def _excess(u: np.ndarray) -> np.ndarray:
    """u / (2 - 2u) + log(1 - u) / 2, from its series where digits would be lost."""
    small = np.where(np.abs(u) < 0.02, u, 0.0)
    series = sum(small**k * (1 - 1 / k) for k in range(2, 12)) / 2
    large = np.where(np.abs(u) < 0.02, 0.5, u)
    return np.where(np.abs(u) < 0.02, series, large / (1 - large) / 2 + np.log1p(-large) / 2)


def _inverted(total: _Sum) -> float:
    """Tail as an integral along a hyperbola through the saddlepoint, open towards the poles of positive weights.

    Left of nil it gives the probability below, right of nil that above: the smaller one, so it keeps its digits.
    Raises ArithmeticError where halving the step does not settle the sum.
    """
    centre = total.saddlepoint()
    away = 0.3 / np.sqrt(total.moment(0.0, 2))  # keeps off the pole at nil
    negative = min(float(total.weights.min()), 0.0)
    at = max(centre, min(away, 0.25)) if centre >= 0 else min(centre, -1 / (1 / away - 4 * negative))
    line = _Line(total, at, 1 / np.sqrt(total.moment(at, 2)))
    reaches = 1.25 ** np.arange(25)
    reach = reaches[int(np.argmax(np.append(np.abs(line.integrand(reaches[:-1])) < 1e-17, True)))]
    points, before = 64, np.nan
    while points <= MOST_POINTS:
        found = float(line.integrand((np.arange(points) + 0.5) * reach / points).imag.sum() * reach / points)
        if abs(found - before) <= AGREEMENT * abs(found):
            tail = abs(found) * float(np.exp(total.rise(0.0, np.array([complex(at)])).real[0])) / np.pi
            return min(tail, 1.0) if at > 0 else 1 - min(tail, 1.0)
        before, points = found, 2 * points
    raise ArithmeticError(f"The integral over {len(total.weights)} weights did not settle with {MOST_POINTS} points")


@dataclass(frozen=True)
class _Line:
    """A hyperbola upwards from a point `at` on the real axis, then bent to the right."""

    total: _Sum
    at: float
    scale: float

    def integrand(self, t: np.ndarray) -> np.ndarray:
        """Integrand, over its size at the real axis without the pole; the imaginary part of its integral counts."""
        away = self.scale * ((np.cosh(t) - 1) / 2 + 1j * np.sinh(t))
        speed = self.scale * (np.sinh(t) / 2 + 1j * np.cosh(t))
        return np.asarray(np.exp(self.total.rise(self.at, away)) / (self.at + away) * speed)
