"""What each kind of claim needs shown, under the shares assumed of a planned sample: its parts, test by test."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from bsna.estimation.planning import (
    PlannedSample,
    Precision,
    planned_difference,
    planned_gap_of_domains,
    planned_mean,
    planned_share,
    rank_gap_variance,
)
from bsna.estimation.power import power_above, power_share_above, power_within
from bsna.intake.plan import AssumedShare, Claim, Plan, Rank
from bsna.judgement.kinds.tested import interval_of, margin_of

Samples = Mapping[str, PlannedSample]


@dataclass(frozen=True)
class Part:
    """Tests of which `needed` must reject, each at the level over `split`; `estimates` are what they rest on."""

    tests: tuple[Callable[..., float], ...]
    estimates: tuple[Precision, ...]
    needed: int = 1
    split: int = 1


def parts_of(claim: Claim, plan: Plan, samples: Samples) -> list[Part]:
    """The parts of a claim, all of which must be shown; none for a trend, half of which is a round that is over.

    Raises ValueError naming the file if the plan assumes nothing of what the claim counts.
    """
    return KINDS[claim.kind](claim, plan, samples)


def _majority_all(claim: Claim, plan: Plan, samples: Samples) -> list[Part]:
    return [_above(claim, _share(claim, plan, samples, name)) for name in claim.measures]


def _comparison_all(claim: Claim, plan: Plan, samples: Samples) -> list[Part]:
    return [_ahead(_gap(claim, plan, samples, one, other)) for one, other in claim.pairs]


def _equivalence(claim: Claim, plan: Plan, samples: Samples) -> list[Part]:
    gap = _gap(claim, plan, samples, *claim.pairs[0])
    return [Part((partial(power_within, gap, margin_of(claim)),), (gap,))]


def _top_k(claim: Claim, plan: Plan, samples: Samples) -> list[Part]:
    parts = []
    for names in claim.lists:
        gaps = [_gap(claim, plan, samples, names[0], other) for other in names[1:]]
        parts.append(_among_first(gaps, claim.top or 1, gaps))
    return parts


def _shared_top(claim: Claim, plan: Plan, samples: Samples) -> list[Part]:
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
                gaps.append(_rank_gap(asked, worths, (one, other), named=len(rank.questions), cluster_effect=effect))
            shown = planned_share(asked, assumed.share, cluster_effect=effect)
            parts.append(_among_first(gaps, (claim.top or 3) - len(claim.items) + 1, [shown]))
    return parts


def _rank_gap(
    asked: PlannedSample, worths: Sequence[float], pair: tuple[int, int], *, named: int, cluster_effect: float
) -> Precision:
    """The planned log of the worth of one item over that of another. What clusters add to its variance is what they add to a
    log ratio of first choices, of which the effect is assumed: later choices tell more of a person, and no more of a cluster."""
    first, variance = (rank_gap_variance(worths, *pair, named=places) for places in (1, named))
    shared = min(cluster_effect * first / variance, 1.0)
    return planned_mean(asked, np.log(worths[pair[0]] / worths[pair[1]]), variance, cluster_effect=shared)


def _only_one(claim: Claim, plan: Plan, samples: Samples) -> list[Part]:
    parts = [_above(claim, _share(claim, plan, samples, name)) for name in claim.pairs[0]]
    for pair in claim.pairs[1:]:
        shares = tuple(_share(claim, plan, samples, name) for name in pair)
        rest = [replace(share, estimate=1 - share.estimate) for share in shares]
        below = tuple(
            partial(power_share_above, s, 1 - margin_of(claim), interval=interval_of(claim, claim.population))
            for s in rest
        )
        parts.append(Part(below, shares, needed=1, split=2))
    for names in claim.lists:
        parts += [_ahead(_gap(claim, plan, samples, names[0], other)) for other in names[1:]]
    return parts


def _chain(claim: Claim, plan: Plan, samples: Samples) -> list[Part]:
    return _majority_all(claim, plan, samples) + _comparison_all(claim, plan, samples)


def _above_average(claim: Claim, plan: Plan, samples: Samples) -> list[Part]:
    rows = [plan.assumed_share(name, claim.population) for name in (*claim.measures, *claim.others)]
    sample, effect = _asked(plan, samples[claim.population], rows)
    shares = np.array([row.share for row in rows])
    parts = []
    for place in range(len(claim.measures)):
        contrast = (np.arange(len(rows)) == place) - 1 / len(rows)
        variance = float(contrast**2 @ (shares * (1 - shares)))
        parts.append(_ahead(planned_mean(sample, float(contrast @ shares), variance, cluster_effect=effect)))
    return parts


def _ranking(claim: Claim, plan: Plan, samples: Samples) -> list[Part]:
    """Things of one list are named independently."""
    parts = []
    for name in claim.measures:
        gaps = []
        for other in claim.others:
            rows = [plan.assumed_share(one, claim.population) for one in (name, other)]
            sample, effect = _asked(plan, samples[claim.population], rows)
            one, two = (row.share for row in rows)
            gaps.append(planned_difference(sample, one, two, cluster_effect=effect, both=one * two))
        parts.append(_among_first(gaps, (claim.top or len(claim.measures)) - len(claim.measures) + 1, gaps))
    return parts


def _association(claim: Claim, plan: Plan, samples: Samples) -> list[Part]:
    """The shares of two domains, at the level and at the reference, which share their clusters; what the model's other terms
    explain of being at the level leaves less of it to learn from, and their variance is multiplied by 1 / (1 - explained).

    What those terms explain of the outcome, which would help, is left out. Source: Hsieh, Bloch and Larsen (1998).
    """
    row, sample = plan.assumed_association(claim.id), samples[claim.population]
    asked = plan.assumed_share(plan.row("models", claim.model).share, claim.population).asked
    effect = plan.cluster_effect(row).cluster_effect
    ends = [
        planned_share(sample.domain(asked * people), share, cluster_effect=effect)
        for people, share in ((row.level_people, row.level_share), (row.reference_people, row.reference_share))
    ]
    gap, wider = planned_gap_of_domains(*ends), 1 / (1 - row.explained)
    gap = replace(
        gap,
        estimate=gap.estimate if claim.expected == "more" else -gap.estimate,
        se=gap.se * wider**0.5,
        half_width=gap.half_width * wider**0.5,
        design_effect=gap.design_effect * wider,
    )
    return [Part((partial(power_above, gap, claim.margin or 0.0),), (gap,))]


def _above(claim: Claim, share: Precision) -> Part:
    return Part(
        (partial(power_share_above, share, margin_of(claim), interval=interval_of(claim, claim.population)),), (share,)
    )


def _ahead(gap: Precision) -> Part:
    return Part((partial(power_above, gap),), (gap,))


def _among_first(gaps: Sequence[Precision], places: int, shown: Sequence[Precision]) -> Part:
    """All rivals but `places` - 1 must be shown to be below, each at the level over `places`."""
    return Part(tuple(partial(power_above, gap) for gap in gaps), tuple(shown), len(gaps) - places + 1, places)


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


KINDS: dict[str, Callable[[Claim, Plan, Samples], list[Part]]] = {
    "majority_all": _majority_all,
    "comparison_all": _comparison_all,
    "equivalence": _equivalence,
    "top_k": _top_k,
    "shared_top": _shared_top,
    "only_one": _only_one,
    "chain": _chain,
    "above_average": _above_average,
    "ranking": _ranking,
    "association": _association,
    "trend": lambda claim, plan, samples: [],
}
"""One entry for each kind of claim, as in `rules`."""
