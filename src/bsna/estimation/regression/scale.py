"""Columns brought to one scale for the arithmetic, and coefficients brought back to the scale they came in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from bsna.estimation.regression.newton import NoFit

COLLINEAR = 1e-6


@dataclass(frozen=True)
class Scale:
    """How the columns of a model were moved and stretched: less `centre` (p,), over `width` (p,).

    A year of 2015 or an income of millions would otherwise cost most digits of a variance. `thresholds` counts those of an
    ordered outcome; at 0 there is an intercept, which comes first.
    """

    centre: np.ndarray
    width: np.ndarray
    thresholds: int

    def applied(self, x: np.ndarray) -> np.ndarray:
        """Columns (n, p) on the inner scale, after a column of ones if there is an intercept."""
        first = 0 if self.thresholds else 1
        scaled = np.empty((len(x), first + x.shape[1]), order="F")
        scaled[:, :first] = 1.0
        np.subtract(x, self.centre, out=scaled[:, first:])
        scaled[:, first:] /= self.width
        return scaled

    @property
    def outward(self) -> np.ndarray:
        """Matrix that takes inner coefficients to those of the columns as they came."""
        p, k = len(self.centre), max(self.thresholds, 1)
        slopes = slice(0, p) if self.thresholds else slice(1, 1 + p)
        others = slice(p, p + k) if self.thresholds else slice(0, 1)
        matrix = np.eye(p + k)
        matrix[slopes, slopes] = np.diag(1 / self.width)
        matrix[others, slopes] = (1 if self.thresholds else -1) * self.centre / self.width
        return matrix


def scale_of(blocks: Iterable[tuple[np.ndarray, np.ndarray]], names: Sequence[str], thresholds: int) -> Scale:
    """Scale of columns from blocks of (columns, weight): their weighted mean, and their furthest value from it.

    Raises ValueError for a column that is infinite, and NoFit for columns that are constant or that others, before them,
    add up to, to six digits or to the rounding of their values, whichever is coarser; it names them.
    """
    stored = list(blocks) if not isinstance(blocks, list) else blocks
    weight = sum(float(w.sum()) for _, w in stored)
    centre = sum((w @ x for x, w in stored), np.zeros(len(names))) / weight
    low = np.min([x.min(axis=0) for x, _ in stored], axis=0)
    high = np.max([x.max(axis=0) for x, _ in stored], axis=0)
    width = np.maximum(high - centre, centre - low)
    rounding = 8 * np.finfo(float).eps * np.maximum(np.abs(high), np.abs(low))
    width[width <= rounding] = 0.0
    scale = Scale(centre, np.where(width > 0, width, 1.0), thresholds)
    _check_rank(stored, Scale(scale.centre, scale.width, 0), rounding / scale.width, width == 0, names)
    return scale


def _check_rank(
    blocks: Iterable[tuple[np.ndarray, np.ndarray]],
    scale: Scale,
    rounding: np.ndarray,
    constant: np.ndarray,
    names: Sequence[str],
) -> None:
    gram = np.zeros((len(names) + 1,) * 2)
    for x, _ in blocks:
        inner = scale.applied(x)
        gram += inner.T @ inner
    size = np.sqrt(np.diag(gram))
    try:
        if not constant.any() and np.diag(linalg.cholesky(gram / size / size[:, None])).min() > 1e-3:
            return
    except linalg.LinAlgError:
        pass
    triangle = np.zeros((0, len(size)))
    for x, _ in blocks:
        triangle = linalg.qr(np.vstack([triangle, scale.applied(x) / np.where(size > 0, size, 1.0)]), mode="r")[0]
        triangle = triangle[: len(size)]
    left = np.zeros(len(size))
    left[: len(triangle)] = np.abs(np.diag(triangle))
    tolerance = np.maximum(COLLINEAR, rounding * np.sqrt(gram[0, 0]) / np.where(size[1:] > 0, size[1:], 1.0))
    offending = [name for name, r, t, c in zip(names, left[1:], tolerance, constant) if c or r <= t]
    if offending:
        raise NoFit(
            f"{len(offending)} of {len(names)} columns are collinear with those before them or constant: {offending}. "
            "Leave them out, or merge levels."
        )
