"""Claims about change between two rounds of one survey: a before and an after, not a memory of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bsna.estimation import SurveyDesign, change, proportion, records
from bsna.intake.plan import Claim, Plan
from bsna.intake.profile import Earlier
from bsna.judgement.kinds.tested import Designs, Tested
from bsna.judgement.p_values import above_zero, within_margin

PLACES = "_both_rounds"
BEFORE = "_before"


@dataclass(frozen=True)
class TwoRounds:
    """A share in two rounds, one estimate row each. `before`, `after` and their `change` among the places that both rounds
    reached; `everywhere` the change among all places each of them reached."""

    before: pd.DataFrame
    after: pd.DataFrame
    change: pd.DataFrame
    everywhere: pd.DataFrame


def both_rounds(earlier: Designs, later: Designs, link: Earlier) -> dict[str, SurveyDesign]:
    """The designs of two rounds in one mapping: the later round's under the name of the population, the earlier one's with
    `_before` behind it. Of a population in both, the column `_both_rounds` marks who lives where both rounds were."""
    designs = dict(later)
    for name in (name for name in later if name in earlier):
        for key, design in ((name, later[name]), (f"{name}{BEFORE}", earlier[name])):
            here = design.column(link.variable).isin(list(link.places))
            designs[key] = design.with_columns(**{PLACES: here.astype(float)})
    return designs


def trend(claim: Claim, plan: Plan, designs: Designs, rng: np.random.Generator | None) -> Tested:
    """The share of the measure fell, or rose, or stayed the same within the margin, among the places that both rounds reached.

    `designs` are those of `both_rounds`. Raises EmptyDomain if a round has nobody who answered there.
    """
    moved = two_rounds(designs[f"{claim.population}{BEFORE}"], designs[claim.population], claim.measures[0])
    row = records(moved.change)[0]
    values = {
        "before_share": moved.before["estimate"].iloc[0],
        "after_share": moved.after["estimate"].iloc[0],
        "change_points": row["estimate"],
        "change_size": row["estimate"],
        "margin_size": claim.margin or 0.0,
    }
    p_for, p_against = moved_as(row, claim.expected, claim.margin)
    return Tested(p_for, p_against, moved.change.assign(population=claim.population), values)


def two_rounds(earlier: SurveyDesign, later: SurveyDesign, measure: str) -> TwoRounds:
    """A share and its change, from two designs marked by `both_rounds`. Raises EmptyDomain as `trend` does."""
    before, after = (proportion(design, measure, where=PLACES) for design in (earlier, later))
    everywhere = [proportion(design, measure) for design in (earlier, later)]
    return TwoRounds(before, after, change(before, after), change(*everywhere))


def moved_as(row: Mapping[str, Any], expected: str, margin: float | None) -> tuple[float, float]:
    """p-values that a change is as expected (`fell`, `rose`, or `same` within the margin), and that it is not."""
    if expected == "same":
        return within_margin(row, margin or 0.0)
    risen, fallen = above_zero(row)
    return (fallen, risen) if expected == "fell" else (risen, fallen)


def has_both_rounds(claim: Claim, designs: Designs, absent: Mapping[str, Sequence[str]]) -> bool:
    """Whether there is an earlier round and both asked the measure."""
    return f"{claim.population}{BEFORE}" in designs and claim.measures[0] not in absent.get(claim.population, ())
