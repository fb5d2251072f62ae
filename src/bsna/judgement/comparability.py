"""What may be set beside what, and why not: the register of comparability, pair by pair."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from bsna.intake.plan import Plan, ScaleItem, SurveyMark
from bsna.intake.profile import Profile

Kind: TypeAlias = Literal["comparable", "with_caution", "not"]
SEVERITY: tuple[Kind, ...] = ("comparable", "with_caution", "not")


@dataclass(frozen=True)
class Permission:
    """Whether two surveys may be compared on a concept, and why not, or why with caution.

    `because` says what lowers it: nothing (""), the `marks` of the register, a survey without a mark (`unmarked`, named in
    `surveys`), data of two sources (`sources`: simulated and real), or `large`, an item that works very differently.
    `marks` are the rows of the register with the severity of the permission, and stay where an item lowers it further.
    """

    kind: Kind
    because: Literal["", "marks", "unmarked", "sources", "large"]
    marks: tuple[SurveyMark, ...] = ()
    surveys: tuple[str, ...] = ()


def marks_of(plan: Plan, concept: str, survey: str) -> tuple[SurveyMark, ...]:
    """Rows of the register about a survey and a concept, the most severe first, else as they stand."""
    rows = [m for m in plan.comparability_surveys if (m.concept, m.survey) == (concept, survey)]
    return tuple(sorted(rows, key=lambda m: -SEVERITY.index(m.kind)))


def mark_of(plan: Plan, concept: str, survey: str) -> Kind | None:
    """The most severe mark of a survey on a concept; None if it has none."""
    rows = marks_of(plan, concept, survey)
    return rows[0].kind if rows else None


def may_compare(plan: Plan, concept: str, one: Profile, other: Profile) -> Permission:
    """Whether two surveys may be compared on a concept: only if both are marked, neither "not", and both simulated or
    both real. Caution of either is carried to the pair."""
    if one.source != other.source:
        return Permission("not", "sources", surveys=(one.id, other.id))
    kinds = {survey.id: mark_of(plan, concept, survey.id) for survey in (one, other)}
    if without := tuple(name for name, kind in kinds.items() if kind is None):
        return Permission("not", "unmarked", surveys=without)
    worst: Kind = max((kind for kind in kinds.values() if kind is not None), key=SEVERITY.index)
    if worst == "comparable":
        return Permission(worst, "")
    rows = [row for survey in kinds for row in marks_of(plan, concept, survey) if row.kind == worst]
    return Permission(worst, "marks", tuple(rows))


def lowered(permission: Permission, item: ScaleItem) -> Permission:
    """The same where the item of a scale works very differently in the two surveys: no better than `when_large`."""
    if permission.kind == "not" or SEVERITY.index(item.when_large) < SEVERITY.index(permission.kind):
        return permission
    return Permission(item.when_large, "large", permission.marks, permission.surveys)
