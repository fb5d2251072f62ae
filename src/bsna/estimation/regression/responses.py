"""What a fitted model expects of people: mean outcomes, or the chance of each answer, and how they hang on coefficients."""

from collections.abc import Mapping

import numpy as np

from bsna.estimation.regression.families import Response, binomial
from bsna.estimation.regression.fits import Fit
from bsna.estimation.regression.likelihoods import Ordered
from bsna.estimation.regression.terms import Term, matrix, slope_matrix


def matrix_at(fit: Fit, columns: Mapping[str, np.ndarray], rows: int, term: Term, level: object) -> np.ndarray:
    """Columns on the model's inner scale, shape (rows, p), if everybody was at one level of a term."""
    flags = np.array([[level == one for one in term.levels[1:]]])
    here = dict(columns) | {term.name: np.broadcast_to(flags, (rows, flags.shape[1]))}
    return fit.equation.scale.applied(matrix(fit.terms, here, rows))


def slopes_of(fit: Fit, columns: Mapping[str, np.ndarray], rows: int, term: Term) -> np.ndarray:
    """Derivative in a numeric term of the columns on the model's inner scale, shape (rows, p)."""
    found = slope_matrix(fit.terms, columns, term.name, rows) / fit.equation.scale.width
    return found if fit.thresholds else np.column_stack([np.zeros(rows), found])


def expected(fit: Fit, x: np.ndarray, offset: np.ndarray, inner: np.ndarray | None = None) -> np.ndarray:
    """Mean outcome (D, 1), or chance of each answer (D, answers), at columns (D, p) on the inner scale.

    `inner` are coefficients on that scale, those of the fit if None.
    """
    return _by_answer(fit, _responses(fit, x, offset, fit.inner if inner is None else inner).mean, 1.0)


def averages(fit: Fit, x: np.ndarray, offset: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Averages of `expected` (answers,) with weights `share` (D,), and their derivative (answers, q) in the inner
    coefficients."""
    at = _responses(fit, x, offset, fit.inner)
    weighted = share[:, None] * at.slope
    return _by_answer(fit, share @ at.mean, 1.0), _jacobian(fit, weighted.T @ x, weighted.sum(axis=0))


def row_jacobian(fit: Fit, x: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Derivative (D, answers, q) of `expected` in the inner coefficients."""
    slope = _responses(fit, x, offset, fit.inner).slope[:, :, None]
    if not fit.thresholds:
        return slope * x[:, None, :]
    above = np.concatenate([slope * x[:, None, :], -slope * np.eye(fit.thresholds)], axis=2)
    return _by_answer(fit, above.swapaxes(1, 2), 0.0).swapaxes(1, 2)


def average_slopes(
    fit: Fit, x: np.ndarray, dx: np.ndarray, offset: np.ndarray, share: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Average derivative of `expected` (answers,) as columns move by `dx` (D, p), and its own derivative
    (answers, q) in the inner coefficients."""
    at = _responses(fit, x, offset, fit.inner)
    pace = dx @ fit.inner[: x.shape[1]]
    weighted, bent = share[:, None] * at.slope, (share * pace)[:, None] * at.bend
    values = _by_answer(fit, (weighted * pace[:, None]).sum(axis=0), 0.0)
    return values, _jacobian(fit, bent.T @ x + weighted.T @ dx, bent.sum(axis=0))


def _responses(fit: Fit, x: np.ndarray, offset: np.ndarray, inner: np.ndarray) -> Response:
    """By predictor, shape (D, 1); for an ordered outcome the chance of an answer above each threshold."""
    p, likelihood = x.shape[1], fit.equation.likelihood
    eta = (offset + x @ inner[:p])[:, None]
    if isinstance(likelihood, Ordered):
        return binomial(likelihood.link).response(eta - inner[p:])
    return likelihood.family.response(eta)


def _jacobian(fit: Fit, by_column: np.ndarray, by_threshold: np.ndarray) -> np.ndarray:
    if not fit.thresholds:
        return by_column
    return _by_answer(fit, np.column_stack([by_column, -np.diag(by_threshold)]).T, 0.0).T


def _by_answer(fit: Fit, above: np.ndarray, whole: float) -> np.ndarray:
    """From above each threshold, along the last axis, to each answer; `whole` is the sum over all answers."""
    if not fit.thresholds:
        return above
    ends = above.shape[:-1] + (1,)
    return np.asarray(-np.diff(np.concatenate([np.full(ends, whole), above, np.zeros(ends)], axis=-1), axis=-1))
