"""A fit as R's own arithmetic leaves it: stopped where R stops, or with R's differences for second derivatives."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bsna.estimation.regression.fits import Fit
from bsna.estimation.regression.likelihoods import Ordered
from bsna.estimation.regression.newton import Block
from bsna.estimation.regression.terms import design_matrix
from tests.estimation.rsurvey.answers.formulas import Model
from tests.estimation.rsurvey.answers.steps import Family, family_of, reweighted

STEP = 1e-3
"""How far R's `optim` moves a parameter to either side for a second derivative."""
FLAT = 1e-14
"""Part of a deviance that nobody can tell from nil: R stops where it falls by less than 1e-16 of itself."""
NEAR = 1e-2
"""How far, in standard errors, a parameter is moved for second derivatives that are as good as exact."""


def refitted(model: Model, fit: Fit, family: str, *, epsilon: float | None, at: np.ndarray | None) -> Fit:
    """The fit by R's steps, stopped at `epsilon` or, without one, taken to the end.

    For an ordered outcome `at` are the coefficients where R's search stood still, if they are known.
    """
    if isinstance(fit.equation.likelihood, Ordered):
        return _with_differences(model, fit, epsilon is not None, at)
    people, design = model.used, model.sample.design
    frame = design.frame[people]
    block = fit.equation.block(frame, design.weights[people] / fit.unit_weight)
    rows = block._replace(y=block.y.astype(float))
    shape = family_of(family, fit.link)
    end = reweighted(*rows, family=shape, epsilon=epsilon)
    bread, drawn = end.bread(block.x), None
    if design.replicates is None:
        scores = np.zeros((len(design.frame), len(end.beta)))
        scores[people] = (block.x * (end.weight * end.residual)[:, None]) @ bread
        covariance = design.variance(scores, people)
    else:
        drawn = drawn_anew(rows, design.replicates.weights[:, people] / fit.unit_weight, shape, epsilon, end.beta)
        covariance = design.replicates.variance(drawn, end.beta)
    return _moved(fit, end.beta, covariance, bread, drawn, end.deviance)


def drawn_anew(
    rows: Block, weights: np.ndarray, family: Family, epsilon: float | None, start: np.ndarray
) -> np.ndarray:
    """Coefficients (R, p) under each set of weights (R, n), made to add up to one, each from `start`: as R."""
    found = []
    for weight in weights:
        there = weight > 0
        some = Block(rows.y[there], rows.x[there], rows.offset[there], weight[there] / weight.sum())
        found.append(reweighted(*some, family=family, epsilon=epsilon, start=start).beta)
    return np.array(found)


def _moved(
    fit: Fit, inner: np.ndarray, covariance: np.ndarray, bread: np.ndarray, drawn: np.ndarray | None, deviance: float
) -> Fit:
    outward = fit.equation.scale.outward
    return replace(
        fit,
        inner=inner,
        inner_covariance=covariance,
        inner_drawn=drawn,
        coefficients=outward @ inner,
        covariance=outward @ covariance @ outward.T,
        working_covariance=outward @ bread @ outward.T,
        deviance=deviance,
    )


def _with_differences(model: Model, fit: Fit, as_r: bool, at: np.ndarray | None) -> Fit:
    """An ordered fit whose information is made of differences of the gradient: R's, or others, near enough to nil.

    R searches until the deviance falls no further. Raises ValueError if `at` is not such a place.
    """
    people, design = model.used, model.sample.design
    frame = design.frame[people]
    block = fit.equation.block(frame, design.weights[people] / fit.unit_weight)
    raw = block._replace(x=np.asfortranarray(design_matrix(frame, fit.terms)[0]))
    back = np.linalg.inv(fit.equation.scale.outward)
    if as_r and at is not None:
        deviance = fit.equation.likelihood.deviance(at, raw)
        if not abs(deviance - fit.deviance) <= FLAT * fit.deviance:
            raise ValueError(f"The deviance is {deviance!r} there, {fit.deviance!r} at its lowest")
        fit = replace(fit, coefficients=at, inner=back @ at, deviance=deviance)
    if design.replicates is not None:
        return fit  # each replicate is fitted anew: no derivatives enter
    bread = _inverse_of_differences(fit, raw, as_r)
    scores = np.zeros((len(design.frame), len(bread)))
    scores[people] = fit.equation.likelihood.summit(fit.coefficients, raw).scores * block.weight[:, None] @ bread
    covariance = design.variance(scores, people)
    return replace(fit, covariance=covariance, inner_covariance=back @ covariance @ back.T)


def _inverse_of_differences(fit: Fit, block: Block, as_r: bool) -> np.ndarray:
    """Inverse information (p, p), from differences in slopes, the first threshold and the logs of the gaps after it."""
    slopes = len(fit.coefficients) - fit.thresholds

    def spread(inner: np.ndarray) -> np.ndarray:
        cuts = np.cumsum(np.concatenate([inner[slopes : slopes + 1], np.exp(inner[slopes + 1 :])]))
        return np.concatenate([inner[:slopes], cuts])

    def jacobian(inner: np.ndarray) -> np.ndarray:
        whole = np.eye(len(inner))
        for row in range(fit.thresholds):
            reached = np.arange(1, fit.thresholds) <= row
            whole[slopes + row, slopes] = 1.0
            whole[slopes + row, slopes + 1 :] = np.where(reached, np.exp(inner[slopes + 1 :]), 0)
        return whole

    def gradient(inner: np.ndarray) -> np.ndarray:
        return jacobian(inner).T @ fit.equation.likelihood.parts(spread(inner), block).gradient

    cuts = fit.coefficients[slopes:]
    inner = np.concatenate([fit.coefficients[:slopes], cuts[:1], np.log(np.diff(cuts))])
    outer = jacobian(inner)
    if as_r:
        second = np.array([_slope(gradient, inner, STEP * move) for move in np.eye(len(inner))]) / STEP
    else:
        steps = NEAR / np.sqrt(
            np.diag(outer.T @ fit.equation.likelihood.parts(spread(inner), block).information @ outer)
        )
        moves = np.diag(steps)
        near = np.array([_slope(gradient, inner, move) for move in moves])
        far = np.array([_slope(gradient, inner, 2 * move) for move in moves])
        second = (4 * near - far / 2) / 3 / steps[:, None]
    return outer @ np.linalg.inv((second + second.T) / 2) @ outer.T


def _slope(gradient: Callable[[np.ndarray], np.ndarray], at: np.ndarray, move: np.ndarray) -> np.ndarray:
    """Half of what the gradient falls from one side to the other."""
    return (gradient(at - move) - gradient(at + move)) / 2
