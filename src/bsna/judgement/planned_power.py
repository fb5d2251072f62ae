"""The power of every declared claim before fieldwork: the chance that its own rule supports it, if what is assumed is true."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from bsna.estimation.planning import (
    PlannedSample,
    Precision,
    planned_difference,
    planned_mean,
    planned_sample,
    planned_share,
    rank_gap_variance,
)
from bsna.estimation.power import at_least, power_above, power_share_above, power_within
from bsna.intake.plan import AssumedShare, Claim, Plan, Rank
from bsna.intake.profile import Profile
from bsna.judgement.claims import ALPHA

Samples = Mapping[str, PlannedSample]


@dataclass(frozen=True)
class ClaimPower:
    """What one claim can expect of a planned sample; all but its id None if a population has no planned sample.

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


@dataclass(frozen=True)
class _Part:
    """Tests of which `needed` must reject, each at the level over `split`; `estimates` are what they rest on."""

    tests: tuple[Callable[..., float], ...]
    estimates: tuple[Precision, ...]
    needed: int = 1
    split: int = 1


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
    ready = {
        claim.id: _KINDS[claim.kind](claim, plan, samples)
        for claim in plan.claims
        if set(populations_of(claim, plan)) <= set(samples)
    }
    families = [claim.family for claim in plan.claims if claim.id in ready]
    return tuple(
        _power(claim, ready[claim.id], families.count(claim.family)) if claim.id in ready else ClaimPower(claim.id)
        for claim in plan.claims
    )


def populations_of(claim: Claim, plan: Plan) -> list[str]:
    """The populations whose answers a claim rests on."""
    return list(dict.fromkeys([claim.population, *(plan.row("ranks", name).population for name in claim.ranks)]))


def _power(claim: Claim, parts: Sequence[_Part], family: int) -> ClaimPower:
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


def _chance(parts: Sequence[_Part], family: int) -> tuple[float, float]:
    bounds = [
        at_least([test(alpha=ALPHA, family=family * part.split) for test in part.tests], part.needed) for part in parts
    ]
    lows, highs = zip(*bounds, strict=True)
    return max(0.0, at_least(lows, len(lows))[0]), at_least(highs, len(highs))[1]


def _majority_all(claim: Claim, plan: Plan, samples: Samples) -> list[_Part]:
    return [_above(claim, _share(claim, plan, samples, name)) for name in claim.measures]


def _comparison_all(claim: Claim, plan: Plan, samples: Samples) -> list[_Part]:
    return [_ahead(_gap(claim, plan, samples, one, other)) for one, other in claim.pairs]


def _equivalence(claim: Claim, plan: Plan, samples: Samples) -> list[_Part]:
    gap = _gap(claim, plan, samples, *claim.pairs[0])
    return [_Part((partial(power_within, gap, _margin(claim)),), (gap,))]


def _top_k(claim: Claim, plan: Plan, samples: Samples) -> list[_Part]:
    parts = []
    for names in claim.lists:
        gaps = [_gap(claim, plan, samples, names[0], other) for other in names[1:]]
        parts.append(_among_first(gaps, claim.top or 1, gaps))
    return parts


def _shared_top(claim: Claim, plan: Plan, samples: Samples) -> list[_Part]:
    """As in a fit of the whole ranking, whose worths are the assumed shares of those who name an item first."""
    parts = []
    for rank in (plan.row("ranks", name) for name in claim.ranks):
        first = _first_choices(plan, rank)
        worths, sample = [row.share for row in first.values()], samples[rank.population]
        for item in claim.items:
            assumed = first[item]
            asked, effect = sample.domain(assumed.asked), plan.cluster_effect(assumed).cluster_effect
            gaps = []
            for rival in (name for name in rank.items if name not in claim.items):
                one, other = rank.items.index(item), rank.items.index(rival)
                variance = rank_gap_variance(worths, one, other, named=len(rank.questions))
                gaps.append(planned_mean(asked, np.log(worths[one] / worths[other]), variance, cluster_effect=effect))
            shown = planned_share(asked, assumed.share, cluster_effect=effect)
            parts.append(_among_first(gaps, (claim.top or 3) - len(claim.items) + 1, [shown]))
    return parts


def _only_one(claim: Claim, plan: Plan, samples: Samples) -> list[_Part]:
    parts = [_above(claim, _share(claim, plan, samples, name)) for name in claim.pairs[0]]
    for pair in claim.pairs[1:]:
        shares = tuple(_share(claim, plan, samples, name) for name in pair)
        rest = [replace(share, estimate=1 - share.estimate) for share in shares]
        below = tuple(partial(power_share_above, s, 1 - _margin(claim), interval=claim.interval) for s in rest)
        parts.append(_Part(below, shares, needed=1, split=2))
    for names in claim.lists:
        parts += [_ahead(_gap(claim, plan, samples, names[0], other)) for other in names[1:]]
    return parts


def _chain(claim: Claim, plan: Plan, samples: Samples) -> list[_Part]:
    return _majority_all(claim, plan, samples) + _comparison_all(claim, plan, samples)


def _above_average(claim: Claim, plan: Plan, samples: Samples) -> list[_Part]:
    rows = [plan.assumed_share(name, claim.population) for name in (*claim.measures, *claim.others)]
    sample, effect = _asked(plan, samples[claim.population], rows)
    shares = np.array([row.share for row in rows])
    parts = []
    for place in range(len(claim.measures)):
        contrast = (np.arange(len(rows)) == place) - 1 / len(rows)
        variance = float(contrast**2 @ (shares * (1 - shares)))
        parts.append(_ahead(planned_mean(sample, float(contrast @ shares), variance, cluster_effect=effect)))
    return parts


def _above(claim: Claim, share: Precision) -> _Part:
    return _Part((partial(power_share_above, share, _margin(claim), interval=claim.interval),), (share,))


def _ahead(gap: Precision) -> _Part:
    return _Part((partial(power_above, gap),), (gap,))


def _among_first(gaps: Sequence[Precision], places: int, shown: Sequence[Precision]) -> _Part:
    """All rivals but `places` - 1 must be shown to be below, each at the level over `places`."""
    return _Part(tuple(partial(power_above, gap) for gap in gaps), tuple(shown), len(gaps) - places + 1, places)


def _share(claim: Claim, plan: Plan, samples: Samples, name: str) -> Precision:
    row = plan.assumed_share(name, claim.population)
    sample, effect = _asked(plan, samples[claim.population], [row])
    return planned_share(sample, row.share, cluster_effect=effect)


def _gap(claim: Claim, plan: Plan, samples: Samples, one: str, other: str) -> Precision:
    rows = [plan.assumed_share(name, claim.population) for name in (one, other)]
    sample, effect = _asked(plan, samples[claim.population], rows)
    return planned_difference(sample, rows[0].share, rows[1].share, cluster_effect=effect)


def _asked(plan: Plan, sample: PlannedSample, rows: Sequence[AssumedShare]) -> tuple[PlannedSample, float]:
    """Those who answer all, at most as many as the least asked, and the largest of the cluster effects."""
    effect = max(plan.cluster_effect(row).cluster_effect for row in rows)
    return sample.domain(min(row.asked for row in rows)), effect


def _first_choices(plan: Plan, rank: Rank) -> dict[str, AssumedShare]:
    """What is assumed of naming each item first: the measures that count it alone among the first choices."""
    measures = {
        spec.codes[0]: spec.measure
        for spec in plan.measures
        if (spec.population, spec.question, spec.kind) == (rank.population, rank.questions[:1], "share")
        and len(spec.codes) == 1
    }
    if missing := [item for item in rank.items if item not in measures]:
        raise ValueError(
            f"measures.csv counts no first choice of {missing}, which {rank.id} ranks; add a measure for each"
        )
    return {item: plan.assumed_share(measures[item], rank.population) for item in rank.items}


def _margin(claim: Claim) -> float:
    if claim.margin is None:
        raise ValueError(f"claims.toml, {claim.id}: a claim of kind {claim.kind} needs a margin")
    return claim.margin


_KINDS: dict[str, Callable[[Claim, Plan, Samples], list[_Part]]] = {
    "majority_all": _majority_all,
    "comparison_all": _comparison_all,
    "equivalence": _equivalence,
    "top_k": _top_k,
    "shared_top": _shared_top,
    "only_one": _only_one,
    "chain": _chain,
    "above_average": _above_average,
}
