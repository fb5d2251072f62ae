"""How far an estimate lies from the value at which what is said of it turns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bsna.intake.plan import Claim

ALL_ABOVE = ("majority_all", "comparison_all", "chain", "above_average")
"""Kinds of claims that are so if every estimate lies above its border."""
ONE_ESTIMATE = ("equivalence", "association", "trend")
"""Kinds of claims that rest on one difference."""


@dataclass(frozen=True)
class Border:
    """An estimate and the value at which it would speak the other way.

    `estimate`, `border` and `gap` (estimate minus border) are fractions in `unit`: share, or points for a difference of shares.
    `errors` is the gap in standard errors of the estimate, None where it has none.
    """

    measure: str
    population: str
    unit: str
    estimate: float
    border: float
    gap: float
    errors: float | None


def border_of(row: Mapping[str, Any] | None, value: float) -> Border | None:
    """The border of a released estimate row at a value; None if the row has no estimate."""
    if row is None or row["estimate"] is None:
        return None
    gap = row["estimate"] - value
    errors = gap / row["se"] if row["se"] else None
    return Border(row["measure"], row["population"], row["unit"], row["estimate"], value, gap, errors)


def claim_borders(claim: Claim, unit: str) -> tuple[float, ...]:
    """Values that the estimates of a claim, in this unit, are judged against: its margin, nil for a difference, or the margin
    on both sides for an equivalence; on the side expected for an association. Empty where the rule sets none."""
    if claim.kind == "association":
        return (-(claim.margin or 0.0),) if claim.expected == "less" else (claim.margin or 0.0,)
    if unit == "points":
        within = claim.kind == "equivalence" or claim.expected == "same"
        return (-claim.margin, claim.margin) if within and claim.margin else (0.0,)
    return (claim.margin,) if claim.margin and claim.kind != "equivalence" else ()


def binding_border(claim: Claim, rows: Iterable[Mapping[str, Any]]) -> Border | None:
    """Of a claim's released estimates the one that carries its verdict: the farthest on the wrong side of its border, or, if
    none is there, the nearest to it, in standard errors.

    None for a claim whose rule is not that all estimates pass one border, such as a ranking; for what else may decide there, its
    p-values speak. None, too, if no estimate has an error.
    """
    if claim.kind not in ALL_ABOVE and claim.kind not in ONE_ESTIMATE:
        return None
    found: list[tuple[float, Border]] = []
    for row in rows:
        for value in claim_borders(claim, row["unit"]):
            border = border_of(row, value)
            if border is not None and border.errors is not None:
                found.append((-border.errors if value < 0 or claim.kind in ALL_ABOVE else border.errors, border))
    return max(found, key=lambda pair: pair[0])[1] if found else None
