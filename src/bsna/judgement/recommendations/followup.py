"""How many people the next survey must ask, to see a declared change in an indicator."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from bsna.estimation.planning import PlannedSample, Precision, planned_gap_of_samples
from bsna.estimation.power import clusters_needed, power_above
from bsna.intake.plan_recommendations import FollowUp

NO_LIMIT = 100_000
"""Clusters of a survey so large that its own error is nil."""


@dataclass(frozen=True)
class Sample:
    """The follow-up survey that would see a change.

    `state`: reached; too_large, if it needs more clusters than the plan calls within reach; baseline_too_rough, if no size would do,
    because of the error of this survey; beyond, if the share to be seen is no share. `expected` is that share.
    `clusters` and `people` (interviews) are those needed, None unless reached; `answers_per_cluster` and `design_effect` are those
    of this survey's indicator. `seen` is the smallest change in that direction, in whole points, that a survey as large as this
    one would see, None if none.
    """

    state: Literal["reached", "too_large", "baseline_too_rough", "beyond"]
    change: float
    expected: float
    clusters: int | None
    people: int | None
    answers_per_cluster: float
    design_effect: float
    seen: float | None


def follow_up(row: Mapping[str, Any] | None, change: float, people_per_cluster: float, rule: FollowUp) -> Sample | None:
    """The sample of a second, independent survey that shows a `change` in a share, up or down, with the power of the rule.

    `row` is the released baseline; None comes back if it has no interval. The test is that of a difference of two
    samples, both errors counted, by Student's t with Satterthwaite's degrees of freedom (`planned_gap_of_samples`). Assumed are
    as many clusters for each stratum, answers for each cluster and the same design effect as in this survey, one at least: a
    smaller one is more often luck than design. `people_per_cluster` are interviews, some of whom are not asked.
    """
    if row is None or not row["se"] or not row["df"] or row["deff"] is None:
        return None
    base = Precision(row["estimate"], row["se"], np.nan, row["df"], row["n"], row["deff"])
    strata = max(1, round(row["clusters"] - row["df"]))
    sample = PlannedSample(strata, int(row["clusters"]), row["n"], row["n"] / row["clusters"], 1.0)
    effect, expected = max(1.0, row["deff"]), row["estimate"] + change
    seen = next((p / 100 for p in range(1, 100) if _sees(sample, base, np.sign(change) * p / 100, effect, rule)), None)
    made = Sample("beyond", change, expected, None, None, sample.people_per_cluster, effect, seen)
    if not 0 < expected < 1:
        return made

    def sees(plan: PlannedSample) -> bool:
        return _sees(plan, base, change, effect, rule)

    if not sees(sample.with_clusters(NO_LIMIT)):
        return replace(made, state="baseline_too_rough")
    clusters = clusters_needed(sample, sees, most=NO_LIMIT)
    if clusters > rule.most_times * sample.clusters:
        return replace(made, state="too_large")
    return replace(made, state="reached", clusters=clusters, people=int(np.ceil(clusters * people_per_cluster)))


def _sees(plan: PlannedSample, base: Precision, change: float, effect: float, rule: FollowUp) -> bool:
    """Whether a follow-up of this plan has the power to tell a change; half of alpha lies on the side where it is."""
    share = base.estimate + change
    if not 0 < share < 1 or plan.clusters <= plan.strata:
        return False
    se = float(np.sqrt(effect * share * (1 - share) / plan.people))
    gap = planned_gap_of_samples(Precision(share, se, np.nan, plan.df, plan.people, effect), base)
    return power_above(replace(gap, estimate=abs(gap.estimate)), alpha=rule.alpha / 2) >= rule.power
