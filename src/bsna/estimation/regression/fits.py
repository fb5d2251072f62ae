"""A fitted model: its coefficients and their covariance, and what they were fitted to."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import special

from bsna.estimation.intervals import t_quantile
from bsna.estimation.regression.likelihoods import OnePredictor, Ordered
from bsna.estimation.regression.newton import Block
from bsna.estimation.regression.outcomes import Kind, outcome_values
from bsna.estimation.regression.scale import Scale
from bsna.estimation.regression.terms import Term, design_matrix
from bsna.estimation.sample.compress import Patterns


@dataclass(frozen=True)
class Equation:
    """How people become rows of a likelihood. `offset` names a column that enters with a coefficient of one, or None.
    `answers` names those of an ordered outcome; `scale` is that of the columns in `Block.x`."""

    outcome: str
    kind: Kind
    terms: tuple[Term, ...]
    offset: str | None
    answers: tuple[str, ...]
    likelihood: OnePredictor | Ordered
    scale: Scale

    def block(self, frame: pd.DataFrame, weight: np.ndarray) -> Block:
        """Rows of a frame with the columns of the model, none missing."""
        columns, _ = design_matrix(frame, self.terms)
        y = outcome_values(frame[self.outcome], self.kind)
        return Block(y, self.scale.applied(columns), offset_of(frame, self.offset), weight)


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    `coefficients` (p,) are on the scale of the link, log odds for a logit, in the order of `names`; for an ordered outcome
    with k `answers` the last k - 1 are `thresholds`. `covariance` is (p, p); `working_covariance` that of a simple random
    sample with a dispersion of one. `df` are the design's degrees of freedom, less the slopes. `deviance` is that of the
    model, `null_deviance` that without covariates, with weights that average one: over the domain, answered or not, or for
    an ordered outcome without replicate weights over the people of the model (as R). `dispersion` is the variance of the
    Pearson residuals, missing for an ordered outcome. `n` people in `clusters` were used; `patterns` holds them.
    `equation`, `inner` and `inner_covariance` are the model on the scale of the arithmetic, `inner_drawn` (R, p) its
    coefficients under each set of replicate weights, None without. `unit_weight` is the weight that counts as one person.
    """

    family: str
    link: str
    outcome: str
    answers: tuple[str, ...]
    terms: tuple[Term, ...]
    names: tuple[str, ...]
    coefficients: np.ndarray
    covariance: np.ndarray
    working_covariance: np.ndarray
    thresholds: int
    n: int
    clusters: int
    df: float
    deviance: float
    null_deviance: float
    dispersion: float
    patterns: Patterns = field(repr=False)
    equation: Equation = field(repr=False)
    inner: np.ndarray = field(repr=False)
    inner_covariance: np.ndarray = field(repr=False)
    inner_drawn: np.ndarray | None = field(repr=False)
    unit_weight: float = field(repr=False)

    @property
    def se(self) -> np.ndarray:
        """Standard errors of the coefficients, shape (p,)."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))

    def interval(self, *, level: float = 0.95, df: float | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper limits of the coefficients (Wald, Student's t with `df`, those of the fit if None)."""
        reach = t_quantile((1 + level) / 2, self.df if df is None else df) * self.se
        return self.coefficients - reach, self.coefficients + reach

    def table(self, *, level: float = 0.95) -> pd.DataFrame:
        """One row per coefficient: name, estimate, se, low, high, p_value; on the scale of the link."""
        low, high = self.interval(level=level)
        t = np.abs(self.coefficients) / np.where(self.se > 0, self.se, np.nan)
        return pd.DataFrame(
            {
                "name": list(self.names),
                "estimate": self.coefficients,
                "se": self.se,
                "low": low,
                "high": high,
                "p_value": _two_sided(t, self.df),
            }
        )

    def block(self) -> Block:
        """The people of the model as rows of its likelihood, each weighing its weight over `unit_weight`."""
        return self.equation.block(self.patterns.frame, self.patterns.weight / self.unit_weight)


def _two_sided(t: np.ndarray, df: float) -> np.ndarray:
    if not df > 0:
        return np.full(len(t), np.nan)
    return np.asarray(2 * (special.ndtr(-t) if np.isinf(df) else special.stdtr(df, -t)))


def offset_of(frame: pd.DataFrame, offset: str | None) -> np.ndarray:
    """A model's offset (n,); nil without one. Raises ValueError if it is not finite."""
    if offset is None:
        return np.zeros(len(frame))
    numbers = pd.to_numeric(frame[offset]).to_numpy(dtype=float, na_value=np.nan)
    if not np.isfinite(numbers).all():
        raise ValueError(f"The offset {offset!r} is infinite for {int((~np.isfinite(numbers)).sum())} people")
    return numbers
