"""Which survey asks what, and whether the register of comparability tells of all of it."""

from collections.abc import Sequence

from bsna.intake.crosswalk import load_crosswalk
from bsna.intake.plan import Measure, Plan
from bsna.intake.profile import Profile


def asks(profile: Profile, measure: Measure) -> bool:
    """Whether the questionnaire of a survey, or the crosswalk it came through, holds the questions of a measure."""
    if measure.population not in profile.populations:
        return False
    if profile.crosswalk is None:
        return True
    crosswalk = load_crosswalk(profile.crosswalk)
    return crosswalk.population == measure.population and set(measure.question) <= {
        c.question for c in crosswalk.column
    }


def asks_any(profile: Profile, plan: Plan, concept: str) -> bool:
    """Whether a survey asks any measure of a concept."""
    row = plan.row("comparability", concept)
    return any(asks(profile, plan.measure(name, row.population)) for name in row.measures)


def unmarked(plan: Plan, profiles: Sequence[Profile]) -> tuple[str, ...]:
    """What the register lacks: a line for each survey that asks a measure of a concept without a mark there.

    Such a survey is compared with none on that concept until somebody has judged it.
    """
    marked = {(mark.concept, mark.survey) for mark in plan.comparability_surveys}
    return tuple(
        f"comparability_surveys.csv: {profile.id} asks about {row.concept!r} and has no mark there"
        for row in plan.comparability
        for profile in profiles
        if (row.concept, profile.id) not in marked and asks_any(profile, plan, row.concept)
    )
