"""How near two numbers are, and how near they have to be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.estimation.rsurvey.reading import numbers

TOLERANCE = {"exact": 1e-10, "iter": 1e-8, "root": 1e-5}
"""Relative difference allowed in each class. A case of class `default_iter` is judged by its tight twin."""

NIL = 1e-12
"""A number of R below this part of its scale is nil in exact arithmetic, and what R shows is rounding: 7e-31 for the
covariance of two strata, 3e-14 for the error of a total that calibration fixed. Such a number has no digits to be
compared; ours then has to be as near to nil. The scale of an error, of an interval and of what else is in the unit of the
estimates is the largest estimate of the case; that of a covariance is the product of the two standard errors (of the
estimates, where an error is itself nil). No number above that part is spared the relative comparison."""


@dataclass(frozen=True)
class Difference:
    """The worst place of one field.

    `field` is its name in the file, `place` the index within it. `relative` is the difference over R's number (over the
    scale, where R's is nil), `got` and `wanted` the two numbers, `allowed` the relative difference the class allows.
    """

    field: str
    place: tuple[int, ...]
    relative: float
    got: float
    wanted: float
    allowed: float

    @property
    def is_close(self) -> bool:
        return self.relative <= self.allowed


def compare(field: str, got: Any, wanted: Any, *, allowed: float, scale: Any = 0.0) -> Difference:
    """Hold one field against R's, number by number; the worst place comes back.

    `scale` (a number, or an array of the field's shape) is the size below `NIL` of which a number counts as nil. Not a
    number has to meet not a number, and an infinity the same infinity. Raises ValueError if the shapes differ.
    """
    ours, theirs = np.asarray(got, dtype=float), numbers(wanted)
    if ours.shape != theirs.shape:
        raise ValueError(f"{field}: ours has the shape {ours.shape}, R's {theirs.shape}")
    size = np.broadcast_to(np.asarray(scale, dtype=float), theirs.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        nil = np.abs(theirs) <= NIL * size
        apart = np.abs(ours - theirs) / np.abs(theirs)
        apart = np.where(nil, np.where(np.abs(ours) <= NIL * size, 0.0, np.abs(ours) / size), apart)
    same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    apart = np.where(same, 0.0, np.where(np.isnan(apart), np.inf, apart))
    if not apart.size:
        return Difference(field, (), 0.0, np.nan, np.nan, allowed)
    place = np.unravel_index(int(np.argmax(apart)), apart.shape)
    where = tuple(int(k) for k in place)
    return Difference(field, where, float(apart[place]), float(ours[place]), float(theirs[place]), allowed)


def scales(result: Mapping[str, Any]) -> dict[str, Any]:
    """The scale of each field of a case, from its estimates and their errors; fields without one have no nil."""
    key = next((key for key in ("est", "coef") if key in result), None)
    if key is None:
        return {}
    estimates = np.abs(numbers(result[key]))
    flat = estimates.T.reshape(-1) if estimates.ndim else estimates  # limits of a matrix come column by column
    largest = float(np.nanmax(estimates, initial=0.0))
    each, flat = (np.where(values > 0, values, largest) for values in (estimates, flat))
    found: dict[str, Any] = {key: each, "cv": 1.0, "deff": 1.0, "table": largest}
    found |= dict.fromkeys(("ci", "ci_t", "ci90_t", "lower", "upper"), flat)
    if "se" in result and np.size(result["se"]) == flat.size:
        found["se"] = flat.reshape(np.shape(result["se"]))
    if (matrix := result.get("vcov")) is not None and np.shape(matrix) == (flat.size, flat.size):
        errors = np.sqrt(np.abs(np.diag(numbers(matrix))))
        reach = np.where(errors > NIL * flat, errors, flat)
        found["vcov"] = np.outer(reach, reach)
    return found


def leaves(result: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Everything in a result by its path (`ci.lower`, `table.se`), as long as it is not a mapping itself."""
    if isinstance(result, Mapping):
        for key, value in result.items():
            yield from leaves(value, f"{path}.{key}" if path else str(key))
    elif result is not None:
        yield path, result


def is_numeric(value: Any) -> bool:
    """Whether a leaf holds numbers: text that is not a number's name makes it words."""
    if isinstance(value, list):
        return all(is_numeric(part) for part in value)
    return value is None or not isinstance(value, str) or value in ("NaN", "Inf", "-Inf")
