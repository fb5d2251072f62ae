"""Recommendations weighed: status and grade from the evidence, indicator and next survey, and their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bsna.estimation import SurveyDesign
from bsna.intake.plan import Plan
from bsna.intake.plan_recommendations import Ordering, Recommendation, recommended_to
from bsna.intake.profile import Publication
from bsna.judgement.claims import Verdict
from bsna.judgement.recommendations.evidence import Asked, Weighed, share, weighed
from bsna.judgement.recommendations.followup import Sample, follow_up
from bsna.judgement.recommendations.logic import OPPOSITE, deciding, grade_of, negated, outcome_of, status_of


@dataclass(frozen=True)
class Recommended:
    """One recommendation and what this survey says of it.

    `outcome` is that of its expression (`logic.outcome_of`), `status` follows from it (`logic.status_of`), `grade` is the lowest
    of the evidence that decides (`logic.grade_of`). `evidence` has one entry per item, in the order of the plan; `tested` counts
    those that could be tested. `baseline` is the released estimate row of the indicator, None if not asked; `need` how far it
    is from the goal, a fraction, 0 if the goal is reached, None without baseline; `follow_up` the next survey that would
    see the declared change, None without. `place` is its place among those to the same audience, from 1.
    """

    id: str
    status: str
    outcome: str
    grade: str | None
    evidence: tuple[Weighed, ...]
    tested: int
    baseline: dict[str, Any] | None
    need: float | None
    follow_up: Sample | None
    place: int = 0


def recommend(
    plan: Plan,
    verdicts: Sequence[Verdict],
    designs: Mapping[str, SurveyDesign],
    absent: Mapping[str, tuple[str, ...]],
    rules: Publication,
    *,
    country: str = "",
) -> tuple[Recommended, ...]:
    """Weigh every recommendation of the plan for all countries, and those for this `country`, in the plan's order."""
    asked = Asked(plan, {verdict.claim_id: verdict for verdict in verdicts}, designs, absent, rules)
    rows = recommended_to(plan.recommendations, country)
    known = {name: weighed(name, asked) for name in dict.fromkeys(name for row in rows for name in row.named)}
    made = tuple(_recommended(row, known, asked) for row in rows)
    places = order(rows, made, plan.telling.order)
    return tuple(replace(item, place=places[item.id]) for item in made)


def order(rows: Sequence[Recommendation], made: Sequence[Recommended], rule: Ordering) -> dict[str, int]:
    """Place of each recommendation among those to its audience, from 1 (`plan_recommendations.Ordering`).

    Again and again comes the first, by the keys, of those whose predecessors in the same audience all have a place.
    """
    found = {item.id: item for item in made}
    waiting = sorted(rows, key=lambda row: _keys(found[row.id], rule))
    places: dict[str, int] = {}
    for audience in dict.fromkeys(row.audience for row in rows):
        own = [row for row in waiting if row.audience == audience]
        for place in range(1, len(own) + 1):
            names = {row.id for row in own}
            first = next(row for row in own if not names & set(row.after))
            own.remove(first)
            places[first.id] = place
    return places


def _keys(item: Recommended, rule: Ordering) -> tuple[float, ...]:
    """What is not known of the need comes after all that is."""
    need = np.inf if item.need is None else -item.need
    values = {"status": float(rule.status.index(item.status)), "need": need}  # type: ignore[arg-type]
    return tuple(values[key] for key in rule.keys)


def _recommended(row: Recommendation, known: Mapping[str, Weighed], asked: Asked) -> Recommended:
    outcomes = {name: known[name].outcome for name in row.named}
    is_negated, decisive = negated(row.expression), deciding(row.expression, outcomes)
    items = tuple(_turned(known[name], is_negated[name], name in decisive) for name in row.named)
    outcome = outcome_of(row.expression, outcomes)
    baseline = share(row.indicator, row.indicator_population, asked)
    return Recommended(
        row.id,
        status_of(outcome, {item.name: item.side for item in items}),
        outcome,
        grade_of(row.expression, outcomes, {item.name: item.grade for item in items}),
        items,
        sum(item.outcome != "not_testable" for item in items),
        baseline,
        _need(row, baseline),
        follow_up(baseline, row.change, _people_per_cluster(row, asked), asked.plan.telling.follow_up),
    )


def _turned(item: Weighed, is_negated: bool, decides: bool) -> Weighed:
    side = OPPOSITE.get(item.side, item.side) if is_negated else item.side
    return replace(item, side=side, decides=decides)


def _need(row: Recommendation, baseline: Mapping[str, Any] | None) -> float | None:
    if baseline is None or baseline["estimate"] is None:
        return None
    return max(0.0, float(np.sign(row.change)) * (row.goal - baseline["estimate"]))


def _people_per_cluster(row: Recommendation, asked: Asked) -> float:
    design = asked.designs.get(row.indicator_population)
    return 0.0 if design is None else len(design.frame) / len(design.stratum_of_psu)
