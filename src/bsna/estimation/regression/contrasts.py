"""Numbers made of a model's coefficients: sums of multiples, and smooth functions, with delta-method errors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import differentiate, special

from bsna.estimation.intervals import t_quantile
from bsna.estimation.regression.fits import Fit

ACCURATE = 1e-7


@dataclass(frozen=True)
class Contrasts:
    """Numbers `names`, their `values` (k,) and `covariance` (k, k), with the `df` of their intervals."""

    names: tuple[str, ...]
    values: np.ndarray
    covariance: np.ndarray
    df: float

    @property
    def se(self) -> np.ndarray:
        """Standard errors, shape (k,)."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))

    def table(self, *, level: float = 0.95) -> pd.DataFrame:
        """One row per number: name, estimate, se, low, high (Student's t) and p_value of its being nil."""
        reach = t_quantile((1 + level) / 2, self.df) * self.se
        t = np.abs(self.values) / np.where(self.se > 0, self.se, np.nan)
        tails = special.ndtr(-t) if np.isinf(self.df) else special.stdtr(self.df, -t)
        return pd.DataFrame(
            {
                "name": list(self.names),
                "estimate": self.values,
                "se": self.se,
                "low": self.values - reach,
                "high": self.values + reach,
                "p_value": 2 * tails if self.df > 0 else np.full(len(t), np.nan),
            }
        )


def contrast(fit: Fit, weights: Mapping[str, Mapping[str, float]], *, df: float | None = None) -> Contrasts:
    """Sums of multiples of coefficients: `weights` gives each a name and the multiple of each coefficient in it.

    Coefficients that are left out count nil. `df` are those of the fit if None. As R's svycontrast. Raises ValueError for a
    coefficient that the model does not have.
    """
    matrix = np.zeros((len(weights), len(fit.names)))
    for row, (name, parts) in enumerate(weights.items()):
        if strange := [part for part in parts if part not in fit.names]:
            raise ValueError(f"The contrast {name!r} names {strange}; the model has {list(fit.names)}")
        for part, value in parts.items():
            matrix[row, fit.names.index(part)] = value
    covariance = matrix @ fit.covariance @ matrix.T
    return Contrasts(tuple(weights), matrix @ fit.coefficients, covariance, fit.df if df is None else df)


def nonlinear_contrast(
    fit: Fit,
    functions: Mapping[str, Callable[[Mapping[str, np.ndarray]], np.ndarray]],
    *,
    df: float | None = None,
) -> Contrasts:
    """Smooth functions of the coefficients, each of a mapping from their names to arrays, made of NumPy's functions.

    Derivatives are differences refined until they settle; ValueError if they do not settle to seven digits, as at a corner,
    or if a function gives no number. `df` as in `contrast`. As R's svycontrast of an expression.
    """
    values, slopes = np.empty(len(functions)), np.empty((len(functions), len(fit.names)))
    steps = np.where(fit.se > 0, fit.se, 1.0)

    for row, (name, function) in enumerate(functions.items()):
        moved = _along(fit, function, steps)
        found = differentiate.jacobian(moved, np.zeros(len(steps)), initial_step=0.25, order=8)
        values[row], slopes[row] = moved(np.zeros(len(steps))), found.df / steps
        off = float(np.max(found.error)) / max(float(np.max(np.abs(found.df))), 1e-300)
        if not np.isfinite(values[row]) or not np.isfinite(found.df).all() or not off <= ACCURATE:
            raise ValueError(f"The contrast {name!r} is no smooth function of the coefficients where they are")
    return Contrasts(tuple(functions), values, slopes @ fit.covariance @ slopes.T, fit.df if df is None else df)


def _along(
    fit: Fit, function: Callable[[Mapping[str, np.ndarray]], np.ndarray], steps: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """The function of coefficients (p, ...) moved away from the fit's, in units of their standard errors."""

    def moved(shift: np.ndarray) -> np.ndarray:
        ends = (shift.T * steps + fit.coefficients).T
        return np.asarray(function(dict(zip(fit.names, ends, strict=True)))) + np.zeros(shift.shape[1:])

    return moved
