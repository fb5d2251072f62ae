"""Outcomes with one linear predictor: numbers, yes and no, counts. What a row adds to the likelihood, and its slopes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special

from bsna.estimation.regression.links import Link, link_named


class Slopes(NamedTuple):
    """Of each row, at its linear predictor: log likelihood (less a constant), its first derivative, less its second
    derivative, and what that is expected to be; shape (rows,) each."""

    value: np.ndarray
    first: np.ndarray
    observed: np.ndarray
    expected: np.ndarray


class Response(NamedTuple):
    """Mean of the outcome at linear predictors of any shape, and its first and second derivatives; of that shape."""

    mean: np.ndarray
    slope: np.ndarray
    bend: np.ndarray


@dataclass(frozen=True)
class Family:
    """An outcome's distribution, as R's family. `slopes(y, eta)` and `response(eta)` are as their classes say.

    `saturated(y)` is the log likelihood of a perfect fit, `spread(mean)` the variance of the outcome but for the
    dispersion, `start(mean)` the linear predictor of a mean. `slack(y, step)` is above zero for a row whose likelihood
    never falls as the linear predictor moves along `step`, however far, and below zero for one where it does.
    """

    name: str
    link: str
    slopes: Callable[[np.ndarray, np.ndarray], Slopes]
    response: Callable[[np.ndarray], Response]
    saturated: Callable[[np.ndarray], np.ndarray]
    spread: Callable[[np.ndarray], np.ndarray]
    start: Callable[[float], float]
    slack: Callable[[np.ndarray, np.ndarray], np.ndarray]

    def __reduce__(self) -> tuple[Callable[[str, str], "Family"], tuple[str, str]]:
        """Written down by name, as its functions cannot be."""
        return family_named, (self.name, self.link)


def family_named(name: str, link: str) -> Family:
    """The family of that name; the link matters to the binomial only."""
    return {"gaussian": gaussian, "poisson": poisson}[name]() if name != "binomial" else binomial(link_named(link))


def gaussian() -> Family:
    """A number whose mean is the linear predictor."""
    return Family(
        name="gaussian",
        link="identity",
        slopes=lambda y, eta: Slopes(-((y - eta) ** 2) / 2, y - eta, np.ones(len(y)), np.ones(len(y))),
        response=lambda eta: Response(eta, np.ones_like(eta), np.zeros_like(eta)),
        saturated=lambda y: np.zeros(len(y)),
        spread=lambda mean: np.ones(len(mean)),
        start=lambda mean: mean,
        slack=lambda y, step: -np.abs(step),
    )


def poisson() -> Family:
    """A count whose log mean is the linear predictor."""

    def slopes(y: np.ndarray, eta: np.ndarray) -> Slopes:
        mean = np.exp(eta)
        return Slopes(y * eta - mean, y - mean, mean, mean)

    return Family(
        name="poisson",
        link="log",
        slopes=slopes,
        response=lambda eta: Response(np.exp(eta), np.exp(eta), np.exp(eta)),
        saturated=lambda y: special.xlogy(y, y) - y,
        spread=lambda mean: mean,
        start=lambda mean: float(np.log(mean)),
        slack=lambda y, step: np.where(y > 0, -np.abs(step), -step),
    )


def binomial(link: Link) -> Family:
    """A 0/1 outcome whose chance is the link's distribution function of the linear predictor."""

    def response(eta: np.ndarray) -> Response:
        density = np.exp(link.log_density(eta))
        return Response(np.exp(link.log_below(eta)), density, density * link.bend(eta))

    def slopes(y: np.ndarray, eta: np.ndarray) -> Slopes:
        yes = y > 0
        below, above, density = link.log_below(eta), link.log_above(eta), link.log_density(eta)
        value = np.where(yes, below, above)
        ratio, sign = np.exp(density - value), np.where(yes, 1.0, -1.0)
        observed = ratio**2 - sign * link.bend(eta) * ratio
        return Slopes(value, sign * ratio, observed, np.exp(2 * density - below - above))

    return Family(
        name="binomial",
        link=link.name,
        slopes=_logit_slopes if link.name == "logit" else slopes,
        response=_logit_response if link.name == "logit" else response,
        saturated=lambda y: np.zeros(len(y)),
        spread=lambda mean: mean * (1 - mean),
        start=lambda mean: float(link.quantile(np.asarray(mean))),
        slack=lambda y, step: np.where(y > 0, step, -step),
    )


def _logit_slopes(y: np.ndarray, eta: np.ndarray) -> Slopes:
    """Those of `binomial` for the logit, of which second derivatives do not depend on the outcome."""
    signed = np.where(y > 0, eta, -eta)
    small = np.exp(-np.abs(eta))
    far, near = small / (1 + small), 1 / (1 + small)
    against = np.where(signed > 0, far, near)
    return Slopes(np.minimum(signed, 0) - np.log1p(small), np.where(y > 0, against, -against), near * far, near * far)


def _logit_response(eta: np.ndarray) -> Response:
    yes, no = special.expit(eta), special.expit(-eta)
    return Response(yes, yes * no, yes * no * (no - yes))
