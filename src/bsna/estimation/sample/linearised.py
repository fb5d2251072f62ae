"""From sums to a value and its variance: by linearisation, or from replicate weights."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bsna.estimation.sample.compress import Sums
from bsna.estimation.sample.design import SurveyDesign

Value = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Estimated:
    """Some numbers estimated together: `values` (k,), `covariance` (k, k), and on whom they rest: `n` people,
    `clusters` PSUs, `df` degrees of freedom."""

    values: np.ndarray
    covariance: np.ndarray
    n: int
    clusters: int
    df: float

    @property
    def se(self) -> np.ndarray:
        """Standard errors, shape (k,)."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))


def estimated(
    design: SurveyDesign, sums: Sums, value: Value, slope: np.ndarray, *, level: int | None = None
) -> Estimated:
    """Numbers that are smooth functions of weighted sums.

    `value` takes sums (..., P) to numbers (..., k); `slope` (P, k) is its derivative at the sums over everybody. With
    a `level`, P counts the products at that level; without, all products at all levels, levels running fastest.
    Linearisation is exact to first order; replicates apply `value` to the sums under each. Source: Binder (1983).
    """
    at = slice(None) if level is None else level
    whole = sums.whole[:, at].reshape(-1)
    values = value(whole)
    n = int(sums.n[at].sum())
    clusters, df = design.degrees(_any(sums.clusters[:, at]))
    if sums.replicates is not None:
        assert design.replicates is not None
        with np.errstate(divide="ignore", invalid="ignore"):  # a replicate may lack the domain; `variance` tells
            drawn = value(sums.replicates[:, :, at].reshape(len(sums.replicates), -1))
        return Estimated(values, design.replicates.variance(drawn, values), n, clusters, df)
    assert sums.units is not None
    scores = sums.units[:, :, at].reshape(len(sums.units), -1) @ slope
    return Estimated(values, design.stages.variance(scores, _any(sums.present[:, at])), n, clusters, df)


def _any(flags: np.ndarray) -> np.ndarray:
    return np.asarray(flags.reshape(len(flags), -1).any(axis=1))
