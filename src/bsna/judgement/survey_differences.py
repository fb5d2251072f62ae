"""By how much surveys differ on a concept, where the register lets them be compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import pandas as pd

from bsna.estimation import change, estimate_rows, records
from bsna.intake.plan import Comparable, Plan, ScaleItem
from bsna.intake.profile import Profile
from bsna.judgement.claims import holm, plain
from bsna.judgement.comparability import Permission, lowered, may_compare
from bsna.judgement.disclosure import release
from bsna.judgement.p_values import above_zero
from bsna.judgement.trends import stricter

Row = Mapping[str, Any]


@dataclass(frozen=True)
class SurveyDifference:
    """One measure in two surveys. `before` and `after` are the released estimates of `one` and `other`, `row` the second
    minus the first, None where `permission` refuses or nothing may be shown. `p_value` is two-sided, `p_adjusted`
    corrected over all permitted differences of the concept (Holm)."""

    measure: str
    one: str
    other: str
    permission: Permission
    before: Row
    after: Row
    row: dict[str, Any] | None = None
    p_value: float | None = None
    p_adjusted: float | None = None

    @property
    def is_shown(self) -> bool:
        """Whether the surveys are shown to differ beyond chance, at 5% after correction."""
        return self.row is not None and (self.p_adjusted or 0.0) <= 0.05


def survey_differences(
    plan: Plan,
    concept: Comparable,
    surveys: Sequence[Profile],
    estimates: Mapping[str, Mapping[tuple[str, str], Row]],
    large: Mapping[tuple[str, str, str], ScaleItem],
) -> tuple[SurveyDifference, ...]:
    """Every pair of surveys that has estimates of a measure of the concept, measure by measure.

    `estimates` are released rows by survey, then measure and population. `large` names, by measure and two surveys, the
    items that work very differently there. Samples are independent: variances add up (`change`). Permission is asked
    before anything is subtracted.
    """
    found = []
    for name in concept.measures:
        rows = {s.id: estimates[s.id].get((name, concept.population)) for s in surveys}
        for one, other in combinations([s for s in surveys if rows[s.id] is not None], 2):
            permission = may_compare(plan, concept.concept, one, other)
            if item := large.get((name, one.id, other.id)):
                permission = lowered(permission, item)
            before, after = rows[one.id], rows[other.id]
            assert before is not None and after is not None
            pair = SurveyDifference(name, one.id, other.id, permission, before, after)
            found.append(pair if permission.kind == "not" else _subtracted(pair, one, other))
    adjusted = holm({str(k): pair.p_value for k, pair in enumerate(found) if pair.p_value is not None})
    return tuple(replace(pair, p_adjusted=adjusted.get(str(k))) for k, pair in enumerate(found))


def _subtracted(pair: SurveyDifference, one: Profile, other: Profile) -> SurveyDifference:
    moved = change(_frame(pair.before), _frame(pair.after)).assign(population=pair.before["population"])
    rules = stricter(one.publication, other.publication)
    row = plain(records(release(moved, rules))[0])
    if row["status"] == "withheld":
        return pair
    return replace(pair, row=row, p_value=min(1.0, 2 * min(above_zero(row))))


def _frame(row: Row) -> pd.DataFrame:
    return estimate_rows([dict(row) | {"status": "", "status_reason": ""}])
