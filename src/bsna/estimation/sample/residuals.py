"""What calibration leaves of a score: the residuals whose variance is that of a calibrated estimate."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

NO_INFORMATION = 1e-10


@dataclass(frozen=True, eq=False)
class MarginResiduals:
    """Weighted scores less what known totals of levels explain.

    With calibrated weights w, a weighted score s gives u = s / w. u is regressed on the levels of each margin together,
    each row counting by `metric`, and w times the residual is left. With one margin that is u less its mean within
    the post-stratum. `codes` (n,) numbers each row's level, one array a margin; `inverse` is that of the levels' cross
    product. Raking and post-stratification give totals that do not vary, so only residuals do.
    Source: Deville and Särndal (1992), section 3; Lumley (2010), section 7.
    """

    codes: tuple[np.ndarray, ...]
    metric: np.ndarray
    weights: np.ndarray
    inverse: np.ndarray

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Residuals (n, k) of weighted scores (n, k)."""
        first = np.cumsum([0, *(int(codes.max()) + 1 for codes in self.codes)])
        left = np.empty_like(scores)
        for column in range(scores.shape[1]):
            plain = scores[:, column] / self.weights
            known = np.concatenate([np.bincount(codes, self.metric * plain) for codes in self.codes])
            slopes = self.inverse @ known
            for start, codes in zip(first, self.codes, strict=False):
                plain = plain - slopes[start + codes]
            left[:, column] = plain * self.weights
        return left


@dataclass(frozen=True, eq=False)
class RegressionResiduals:
    """Weighted scores less what the calibration's columns explain.

    With base weights d and calibrated weights w, a weighted score s gives u = s / w. u is regressed on the columns,
    each row counting by d, and w times the residual is left. `basis` (n, r) is orthonormal and spans the columns times
    the root of d; `scale` (n,) is w over the root of d. A row of base weight nil keeps nothing.
    Source: Deville and Särndal (1992), section 3.
    """

    basis: np.ndarray
    scale: np.ndarray

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Residuals (n, k) of weighted scores (n, k)."""
        scale = np.where(self.scale == 0, 1.0, self.scale)[:, None]
        plain = scores / scale
        return np.asarray((plain - self.basis @ (self.basis.T @ plain)) * self.scale[:, None])


def margin_residuals(codes: Sequence[np.ndarray], metric: np.ndarray, weights: np.ndarray) -> MarginResiduals:
    """Residuals from the levels of margins, whose `codes` (n,) run from nil without gaps."""
    sizes = [int(code.max()) + 1 for code in codes]
    blocks = [
        [
            np.bincount(one * width + other, metric, height * width).reshape(height, width)
            for other, width in zip(codes, sizes, strict=True)
        ]
        for one, height in zip(codes, sizes, strict=True)
    ]
    inverse = np.linalg.pinv(np.block(blocks), rcond=NO_INFORMATION, hermitian=True)
    return MarginResiduals(tuple(codes), metric, weights, inverse)
