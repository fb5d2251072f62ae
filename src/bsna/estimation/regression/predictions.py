"""What a model expects of people described in a frame, each with its error."""

import numpy as np
import pandas as pd
from scipy import special

from bsna.estimation.intervals import t_quantile
from bsna.estimation.regression.fits import Fit, offset_of
from bsna.estimation.regression.responses import expected, row_jacobian
from bsna.estimation.regression.terms import covariates, design_matrix


def linear_predictions(fit: Fit, frame: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Linear predictor of each row of a frame, on the scale of the link, as R's predict(type = "link").

    One row per row of the frame, in its order and with its index: estimate, se, low, high. For an ordered outcome it is
    without the thresholds. Raises ValueError for a missing value, or for a level that the model does not know.
    """
    x, offset = _rows(fit, frame)
    p = x.shape[1]
    link, covariance = offset + x @ fit.inner[:p], fit.inner_covariance[:p, :p]
    if fit.thresholds:
        from_nil = fit.equation.scale.centre / fit.equation.scale.width
        x, link = x + from_nil, link + from_nil @ fit.inner[:p]
    se = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", x, covariance, x), 0.0))
    reach = t_quantile((1 + level) / 2, fit.df) * se
    return pd.DataFrame({"estimate": link, "se": se, "low": link - reach, "high": link + reach}, index=frame.index)


def expected_outcomes(fit: Fit, frame: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Expected outcome of each row of a frame, as R's predict(type = "response"): a mean, or the chance of each answer.

    One row per row of the frame and answer of an ordered outcome (`category`, else ""): estimate, se, low, high. Limits of a
    chance are those of its log odds, so that they stay within 0 and 1; of a count, those of its log. Errors as in
    `linear_predictions`.
    """
    x, offset = _rows(fit, frame)
    answers = fit.answers or ("",)
    mean = expected(fit, x, offset)
    jacobian = row_jacobian(fit, x, offset)
    se = np.sqrt(np.maximum(np.einsum("daj,jk,dak->da", jacobian, fit.inner_covariance, jacobian), 0.0))
    reach = t_quantile((1 + level) / 2, fit.df)
    low, high = (_limit(fit, mean, side * reach * se) for side in (-1, 1))
    rows = {"category": np.tile(np.array(answers, dtype=object), len(frame))}
    rows |= {"estimate": mean.ravel(), "se": se.ravel(), "low": low.ravel(), "high": high.ravel()}
    return pd.DataFrame(rows, index=frame.index.repeat(len(answers)))


def _rows(fit: Fit, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    offset = fit.equation.offset
    asked = [*covariates([term.name for term in fit.terms]), *([offset] if offset else [])]
    if missing := {name: int(frame[name].isna().sum()) for name in asked if frame[name].isna().any()}:
        raise ValueError(f"Predictions need every covariate; these have missing values: {missing}")
    return fit.equation.scale.applied(design_matrix(frame, fit.terms)[0]), offset_of(frame, offset)


def _limit(fit: Fit, mean: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """A mean moved by `reach` along a scale on which it has no bounds."""
    if fit.family == "gaussian":
        return mean + reach
    if fit.family == "poisson":
        return np.asarray(mean * np.exp(reach / mean))
    return np.asarray(special.expit(special.logit(mean) + reach / (mean * (1 - mean))))
