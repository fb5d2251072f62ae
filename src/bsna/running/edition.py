"""What the last run of a survey said and what it was made from, kept beside its results until it is published."""

from bsna import shelf
from bsna.intake.plan import load_plan
from bsna.intake.profile import Profile
from bsna.judgement.editions import Edition, stated
from bsna.judgement.moved import Cause, differing
from bsna.reports.findings import read_verdicts
from bsna.running.ingredients import ingredients

ROOM, NAME = "moved", "edition"


def write_edition(profile: Profile) -> Edition:
    """Put together and write what the run at hand said. Raises ValueError for a row that was not released."""
    families = {claim.id: claim.family for claim in load_plan().claims}
    made = shelf.read_record(profile.id, "recommendations", "recommendations")
    edition = Edition(
        survey=profile.id,
        claims=stated(read_verdicts(profile.id), families),
        recommendations={item["id"]: item["status"] for item in made},
        ingredients=ingredients(profile),
    )
    shelf.write_record(edition.model_dump(mode="json"), profile.id, ROOM, NAME)
    return edition


def read_edition(profile_id: str) -> Edition:
    """What the last run of a survey said. Raises ValueError, with what to run, if there was none."""
    return Edition.model_validate(shelf.read_record(profile_id, ROOM, NAME))


def current_edition(profile: Profile) -> Edition:
    """What the last run of a survey said. Raises ValueError, with what to run, if something it was made from changed since."""
    edition = read_edition(profile.id)
    if stale := stale_parts(edition, profile):
        named = "; ".join(" ".join((cause.kind, *cause.parts)) for cause in stale)
        raise ValueError(
            f"{profile.id}: the results are older than what they are made from (changed since: {named}); "
            f"run `bsna run {profile.id}` first"
        )
    return edition


def stale_parts(edition: Edition, profile: Profile) -> tuple[Cause, ...]:
    """Ingredients that changed since the run; none if its results are those of today."""
    return differing(edition.ingredients, ingredients(profile))
