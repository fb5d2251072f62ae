"""The power of every declared claim before fieldwork: the chance that its own rule supports it, if what is assumed is true."""

from collections.abc import Sequence
from dataclasses import dataclass

from bsna.estimation.planning import PlannedSample, planned_sample
from bsna.estimation.power import at_least
from bsna.intake.plan import Claim, Plan
from bsna.intake.profile import Profile
from bsna.judgement.claims import ALPHA
from bsna.judgement.planned_parts import Part, Samples, parts_of


@dataclass(frozen=True)
class ClaimPower:
    """What one claim can expect of a planned sample; all but its id None if a population has no planned sample, or if the claim
    is about change since a round that is over.

    `alone` and `corrected`: least and greatest chance that it comes out supported, however its parts hang together; tested
    alone, and at the level Holm's correction gives the first of its family, which is the least. `half_width`: of the widest
    95% interval among its shares and differences; `design_effect`: the largest assumed; `people`: the fewest expected to
    answer; `family`: planned claims corrected together.
    """

    claim_id: str
    alone: tuple[float, float] | None = None
    corrected: tuple[float, float] | None = None
    half_width: float | None = None
    design_effect: float | None = None
    people: float | None = None
    family: int | None = None


def planned_samples(profile: Profile) -> dict[str, PlannedSample]:
    """The planned sample of each population: the community's from the sampling frame, others' as the profile plans them.

    A population without either is left out.
    """
    samples: dict[str, PlannedSample] = {}
    if frame := profile.frame:
        samples["community"] = planned_sample(
            [row.sampled_clusters for row in frame],
            [row.interviews_per_cluster for row in frame],
            [row.adults for row in frame],
        )
    for name, plan in profile.planned.items():
        people = int(plan.clusters * plan.people_per_cluster)
        samples[name] = PlannedSample(plan.strata, plan.clusters, people, plan.people_per_cluster, 1.0)
    return samples


def claim_powers(plan: Plan, samples: Samples) -> tuple[ClaimPower, ...]:
    """One row for each claim of the plan, in its order.

    A claim of several parts needs them all. Its chance is bounded by those of its parts, with no assumption on how they
    hang together; for places in a list, pairwise differences are taken as in the rule itself. Two answers of
    the same people coincide as rarely as they can, except in a list of causes, which are named independently. Raises ValueError
    if the plan assumes no share for a measure that a claim counts.
    """
    planned = (claim for claim in plan.claims if set(plan.populations_of(claim)) <= set(samples))
    parts = {claim.id: parts_of(claim, plan, samples) for claim in planned}
    ready = {name: needed for name, needed in parts.items() if needed}
    families = [claim.family for claim in plan.claims if claim.id in ready]
    return tuple(
        _power(claim, ready[claim.id], families.count(claim.family)) if claim.id in ready else ClaimPower(claim.id)
        for claim in plan.claims
    )


def _power(claim: Claim, parts: Sequence[Part], family: int) -> ClaimPower:
    estimates = [estimate for part in parts for estimate in part.estimates]
    return ClaimPower(
        claim.id,
        _chance(parts, 1),
        _chance(parts, family),
        max(estimate.half_width for estimate in estimates),
        max(estimate.design_effect for estimate in estimates),
        min(estimate.n for estimate in estimates),
        family,
    )


def _chance(parts: Sequence[Part], family: int) -> tuple[float, float]:
    bounds = [
        at_least([test(alpha=ALPHA, family=family * part.split) for test in part.tests], part.needed) for part in parts
    ]
    lows, highs = zip(*bounds, strict=True)
    return max(0.0, at_least(lows, len(lows))[0]), at_least(highs, len(highs))[1]
