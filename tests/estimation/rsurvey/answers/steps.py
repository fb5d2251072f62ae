"""R's own way to an estimate, for numbers of R that have fewer digits than their class.

R fits regressions in steps and stops when the deviance stands still, one step after the weights that its covariances use;
our fits go on until nothing moves. Here the same steps are taken twice: stopped as R stops, which has to give R's numbers,
and to the end, which has to give ours.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

MOST_STEPS = 300
STILL = 1e-13
"""Part of the largest coefficient by which rounding alone may move them."""


@dataclass(frozen=True)
class Family:
    """A regression of R: what is expected at a predictor, its slope, the variance of an outcome, the deviance of each row
    (outcome, expected), the predictor of an expected outcome, and the expected outcome R starts from (outcome, weight)."""

    mean: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    variance: Callable[[np.ndarray], np.ndarray]
    deviance: Callable[[np.ndarray, np.ndarray], np.ndarray]
    predictor: Callable[[np.ndarray], np.ndarray]
    start: Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Stopped:
    """Where steps ended: coefficients (p,), the weights of rows in the last step (n,), the working residuals (n,), what is
    expected of each row (n,), and the deviance."""

    beta: np.ndarray
    weight: np.ndarray
    residual: np.ndarray
    mean: np.ndarray
    deviance: float

    def bread(self, x: np.ndarray) -> np.ndarray:
        """Inverse of the columns' weighted products, shape (p, p): R's unscaled covariance."""
        return np.linalg.inv((x * self.weight[:, None]).T @ x)


def reweighted(
    y: np.ndarray,
    x: np.ndarray,
    offset: np.ndarray,
    weight: np.ndarray,
    *,
    family: Family,
    epsilon: float | None,
    start: np.ndarray | None = None,
) -> Stopped:
    """Iteratively reweighted least squares from R's start, or from `start` (p,). With `epsilon`, until the deviance moves by
    less than that part of itself; without, until the coefficients stand still. Source: McCullagh and Nelder (1989), 2.5."""
    eta = family.predictor(family.start(y, weight)) if start is None else offset + x @ start
    beta = np.full(x.shape[1], np.inf) if start is None else start
    before = float(weight @ family.deviance(y, family.mean(eta)))
    for _ in range(MOST_STEPS):
        mean, slope = family.mean(eta), family.slope(eta)
        used = weight * slope**2 / family.variance(mean)
        root, aim = np.sqrt(used), eta - offset + (y - mean) / slope
        last, beta = beta, np.linalg.lstsq(x * root[:, None], root * aim, rcond=None)[0]
        eta = offset + x @ beta
        mean = family.mean(eta)
        after = float(weight @ family.deviance(y, mean))
        if epsilon is None:
            stands = bool(np.max(np.abs(beta - last)) < STILL * (1 + np.max(np.abs(beta))))
        else:
            stands = abs(after - before) / (abs(after) + 0.1) < epsilon
        if stands:
            return Stopped(beta, used, (y - mean) / family.slope(eta), mean, after)
        before = after
    raise ArithmeticError(f"Steps did not end within {MOST_STEPS}")


def family_of(name: str, link: str) -> Family:
    """The family of a call of `svyglm`; binomial with a logit or probit link."""
    if name == "gaussian":
        ones = np.ones_like
        return Family(np.copy, ones, ones, lambda y, mean: (y - mean) ** 2, np.copy, lambda y, w: np.copy(y))
    if name in ("poisson", "quasipoisson"):
        return Family(np.exp, np.exp, np.copy, _poisson_deviance, np.log, lambda y, w: y + 0.1)
    curves = {
        "logit": (special.expit, lambda eta: special.expit(eta) * special.expit(-eta), special.logit),
        "probit": (special.ndtr, stats.norm.pdf, special.ndtri),
    }
    mean, slope, predictor = curves[link]
    return Family(
        mean, slope, lambda p: p * (1 - p), _binomial_deviance, predictor, lambda y, w: (w * y + 0.5) / (w + 1)
    )


def _poisson_deviance(y: np.ndarray, mean: np.ndarray) -> np.ndarray:
    return 2 * (special.xlogy(y, y) - special.xlogy(y, mean) - (y - mean))


def _binomial_deviance(y: np.ndarray, mean: np.ndarray) -> np.ndarray:
    return -2 * (special.xlogy(y, mean) + special.xlogy(1 - y, 1 - mean))
