"""How near two numbers are, and how near they have to be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.estimation.rsurvey.reading import numbers

TOLERANCE = {"exact": 1e-10, "iter": 1e-8, "root": 1e-5}
"""Relative difference allowed in each class. A case of class `default_iter` is judged by its tight twin."""

ROUNDING = 3e-14
"""Part of the numbers it is made of that a difference cannot be told from nil by.

Some numbers are nil in exact arithmetic, and what R shows is rounding: 7e-31 for the covariance of two strata, 3e-17 for
the error of a share that calibration fixed. They have no digits to be compared. So each field has a floor, this part of what it
is made of: of the estimate for an error, an interval and what else is in its unit; of error times estimate for a
covariance; of one for a coefficient of variation or a design effect. Above the floor every number is compared relatively.
The floor is below what the strictest class allows unless an estimate is more than 1,600 times its error."""


@dataclass(frozen=True)
class Difference:
    """The worst place of one field.

    `field` is its name in the file, `place` the index within it. `relative` is the difference over R's number, nil below the
    floor, `got` and `wanted` the two numbers, `allowed` the relative difference the class allows.
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


def compare(field: str, got: Any, wanted: Any, *, allowed: float, floor: Any = 0.0) -> Difference:
    """Hold one field against R's, number by number; the worst place comes back.

    A difference of no more than `floor` (a number, or an array of the field's shape) is none. Not a number has to meet not
    a number, and an infinity the same infinity. Raises ValueError if the shapes differ.
    """
    ours, theirs = np.asarray(got, dtype=float), numbers(wanted)
    if ours.shape != theirs.shape:
        raise ValueError(f"{field}: ours has the shape {ours.shape}, R's {theirs.shape}")
    with np.errstate(invalid="ignore", divide="ignore"):
        same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs)) | (np.abs(ours - theirs) <= floor)
        apart = np.abs(ours - theirs) / np.abs(theirs)
    apart = np.where(same, 0.0, np.where(np.isnan(apart), np.inf, apart))
    if not apart.size:
        return Difference(field, (), 0.0, np.nan, np.nan, allowed)
    place = np.unravel_index(int(np.argmax(apart)), apart.shape)
    where = tuple(int(k) for k in place)
    return Difference(field, where, float(apart[place]), float(ours[place]), float(theirs[place]), allowed)


def floors(result: Mapping[str, Any]) -> dict[str, Any]:
    """The floor of each field of a case that has estimates, by the field or the first part of its name."""
    key = next((key for key in ("est", "coef") if key in result), None)
    if key is None:
        return {}
    estimates = np.abs(numbers(result[key]))
    flat = estimates.T.reshape(-1)  # errors and limits of a matrix come column by column
    if "zeta" in result:
        flat = np.append(flat, np.abs(numbers(result["zeta"])))
    largest = float(np.nanmax(flat, initial=0.0))
    flat = np.where(flat > 0, flat, largest)
    flat = flat if estimates.ndim else flat.reshape(())
    found: dict[str, Any] = {key: largest, "zeta": largest, "cv": 1.0, "deff": 1.0, "table": largest, "se": largest}
    found |= dict.fromkeys(("ci", "ci_t", "ci90_t", "lower", "upper"), flat)
    if "se" in result and np.size(result["se"]) == flat.size:
        found["se"] = flat.reshape(np.shape(result["se"]))
    if (matrix := result.get("vcov")) is not None and np.shape(matrix) == (flat.size, flat.size):
        errors = np.maximum(np.sqrt(np.abs(np.diag(numbers(matrix)))), ROUNDING * flat)
        found["vcov"] = np.outer(errors, flat) + np.outer(flat, errors)
    return {name: ROUNDING * size for name, size in found.items()}


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
