"""Replicate weights: a sample's variance from estimates under perturbed weights."""

import warnings
from dataclasses import dataclass

import numpy as np
from scipy import linalg

RANK_TOLERANCE = 1e-5


@dataclass(frozen=True)
class Replicates:
    """Sets of weights, one row of `weights` (R, n) each, for analysis as they stand.

    The variance is `scale` times the sum over replicates of `rscales` (R,) times the squared distance from the estimate
    (`mse`) or from the replicates' mean. `df` are its degrees of freedom.
    """

    weights: np.ndarray
    scale: float
    rscales: np.ndarray
    mse: bool
    df: float

    def variance(self, estimates: np.ndarray, centre: np.ndarray) -> np.ndarray:
        """Covariance (k, k) from estimates under each replicate (R, k), `centre` (k,) being that under the weights.

        A replicate that leaves nobody in a domain gives no number: it is left out with a warning, as in R survey; the
        others' scales stay. Raises ValueError if half of them or more give none. Source: Wolter (2007), chapters 3 to 5.
        """
        found = np.isfinite(estimates).all(axis=1)
        if bad := int((~found).sum()):
            if 2 * bad >= len(found):
                raise ValueError(f"{bad} of {len(found)} replicates give no number; use linearised variances here")
            warnings.warn(f"{bad} of {len(found)} replicates give no number and are left out", stacklevel=2)
        estimates, rscales = estimates[found], self.rscales[found]
        counted = rscales > 0
        middle = centre if self.mse or not counted.any() else estimates[counted].mean(axis=0)
        apart = estimates - middle
        return np.asarray((apart * (self.scale * rscales)[:, None]).T @ apart)

    def sums(self, rows: np.ndarray, level: np.ndarray, levels: int, factors: np.ndarray) -> np.ndarray:
        """Sums (R, P, L) of factors (P, rows) times replicate weights, apart for each level."""
        found = np.zeros((len(self.weights), len(factors), levels))
        for k in range(levels):
            here = level == k
            found[:, :, k] = self.weights[:, rows[here]] @ factors[:, here].T
        return found

    def by_code(self, code: np.ndarray, count: int) -> np.ndarray:
        """Sums of replicate weights (R, count) by pattern; code -1 is outside."""
        there = code >= 0
        return np.stack([np.bincount(code[there], w[there], count) for w in self.weights])


def replicate_rank(weights: np.ndarray) -> float:
    """Degrees of freedom of a set of replicate weights (R, n): their rank less one."""
    triangle = np.abs(np.diag(linalg.qr(weights.T, mode="r", pivoting=True)[0]))
    return float((triangle > RANK_TOLERANCE * triangle[0]).sum() - 1)
