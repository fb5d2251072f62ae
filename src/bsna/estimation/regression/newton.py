"""The highest point of a likelihood that adds up over blocks of rows, by Newton's method; errors if there is none."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from scipy import linalg

MAX_STEPS = 100
SETTLED = 1e-10
ROUNDING = 1e-8
DOUBTFUL_AFTER = 12
RECEDES = 1e-6
SINGULAR = 1e-13


class NoFit(ValueError):
    """These answers allow no model: an outcome that does not vary, collinear covariates, or separation."""


class Separation(NoFit):
    """The likelihood rises for ever along a direction, `direction` (p,): some covariates predict the outcome."""

    def __init__(self, direction: np.ndarray) -> None:
        super().__init__("The likelihood has no highest point (separation)")
        self.direction = direction


class Block(NamedTuple):
    """Rows of a model: outcome (D,), columns (D, p), offset (D,) and weight (D,)."""

    y: np.ndarray
    x: np.ndarray
    offset: np.ndarray
    weight: np.ndarray


class Parts(NamedTuple):
    """Weighted log likelihood, its gradient (p,), and less its matrix of second derivatives (p, p)."""

    value: float
    gradient: np.ndarray
    information: np.ndarray


class Summit(NamedTuple):
    """At the highest point: what is missing of a perfect fit, twice; the information (p, p) around the variance of the
    scores; and the scores, derivatives of each row's log likelihood without its weight, shape (D, p)."""

    deviance: float
    information: np.ndarray
    scores: np.ndarray


class Likelihood(Protocol):
    """A log likelihood that is a sum over rows, at parameters (p,)."""

    def parts(self, beta: np.ndarray, block: Block) -> Parts:
        """Its value and derivatives, added up over a block. Not finite where the parameters are impossible."""

    def slack(self, step: np.ndarray, block: Block) -> np.ndarray:
        """Numbers of which none is below zero if no row's likelihood ever falls along a step, however far; all are zero
        if none changes."""


@dataclass(frozen=True)
class Peak:
    """Where the likelihood is highest, `beta` (p,), and its value and second derivatives there."""

    beta: np.ndarray
    parts: Parts


def maximised(likelihood: Likelihood, blocks: Iterable[Block], start: np.ndarray) -> Peak:
    """Newton steps from `start`, each halved until the likelihood does not fall, until a step moves no parameter by
    more than 1e-10 of the largest. Columns should be of unit size.

    Blocks are gone through once a step. Raises Separation if the steps settle on a direction along which no row's
    likelihood falls however far one goes, which is the definition of complete and quasi-complete separation (Albert and
    Anderson 1984), and NoFit if 100 steps do not get there or the second derivatives are singular.
    """
    beta, here, before = start, added(likelihood, start, blocks), np.inf
    step = np.zeros(len(start))
    for number in range(MAX_STEPS):
        last = step
        step, certain = _step(here)
        if not certain and _recedes(likelihood, last, blocks):
            raise Separation(last)
        size = float(np.max(np.abs(step), initial=0.0)) / (1 + float(np.max(np.abs(beta), initial=0.0)))
        if certain and number > 1 and (size <= SETTLED or (size <= ROUNDING and size > before / 4)):
            return Peak(beta + step, here)
        if number >= DOUBTFUL_AFTER and _recedes(likelihood, step, blocks):
            raise Separation(step)
        beta, here = _climbed(likelihood, blocks, beta, step, here)
        before = size
    raise NoFit(f"No convergence in {MAX_STEPS} steps: the last one still moved a parameter by {size:.1e}")


def added(likelihood: Likelihood, beta: np.ndarray, blocks: Iterable[Block]) -> Parts:
    """Value and derivatives of the likelihood over all blocks; not finite where a step led too far."""
    whole = Parts(0.0, np.zeros(len(beta)), np.zeros((len(beta), len(beta))))
    for block in blocks:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            value, gradient, information = likelihood.parts(beta, block)
        whole = Parts(whole.value + value, whole.gradient + gradient, whole.information + information)
    return whole


def inverse(information: np.ndarray) -> np.ndarray:
    """Inverse of a positive definite matrix, whatever the units of its rows. Raises NoFit if it is singular."""
    factor, unit = _factor(information)
    if factor is None:
        raise NoFit("The second derivatives are singular: some columns hardly matter to the people with weight")
    return np.asarray(linalg.cho_solve((factor, True), np.diag(unit))) * unit[:, None]


def _step(here: Parts) -> tuple[np.ndarray, bool]:
    """Newton's step; where second derivatives are no hill, towards the steepest rise, and False."""
    ridge = 0.0
    while True:
        factor, unit = _factor(here.information, ridge)
        if factor is not None:
            return unit * linalg.cho_solve((factor, True), unit * here.gradient, check_finite=False), ridge == 0
        ridge = 10 * ridge if ridge else 1e-4
        if not ridge < 1e9:
            raise NoFit("The second derivatives of the likelihood are no numbers")


def _factor(information: np.ndarray, ridge: float = 0.0) -> tuple[np.ndarray | None, np.ndarray]:
    """Cholesky factor of the matrix scaled to a diagonal of one, and the scale; None if it is not definite, to 13 digits."""
    size = np.abs(np.diag(information))
    unit = 1 / np.sqrt(np.where(size > 0, size, 1.0))
    scaled = information * unit * unit[:, None]
    scaled[np.diag_indices(len(unit))] += ridge
    try:
        factor = linalg.cholesky(scaled, lower=True, check_finite=True)
    except (linalg.LinAlgError, ValueError):
        return None, unit
    return (factor if np.diag(factor).min(initial=1.0) ** 2 > SINGULAR else None), unit


def _climbed(
    likelihood: Likelihood, blocks: Iterable[Block], beta: np.ndarray, step: np.ndarray, here: Parts
) -> tuple[np.ndarray, Parts]:
    for halving in range(40):
        trial = beta + step / 2**halving
        there = added(likelihood, trial, blocks)
        if there.value >= here.value - 1e-9 * abs(here.value) and np.isfinite(there.information).all():
            return trial, there
    if _recedes(likelihood, step, blocks):
        raise Separation(step)
    raise NoFit("No convergence: the likelihood falls along every step from where it is highest so far")


def _recedes(likelihood: Likelihood, step: np.ndarray, blocks: Iterable[Block]) -> bool:
    lowest, widest = 0.0, 0.0
    for block in blocks:
        slack = likelihood.slack(step, block)
        lowest, widest = min(lowest, float(slack.min())), max(widest, float(slack.max()))
    return widest > 0 and lowest >= -RECEDES * widest
