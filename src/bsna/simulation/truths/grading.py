"""Whether grades order truth: how often firm verdicts of each grade are against it, on surveys with faults."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bsna.estimation import SurveyDesign
from bsna.intake.plan import Plan
from bsna.intake.profile import Profile
from bsna.judgement.claims import judge
from bsna.judgement.extremes import measures_of
from bsna.judgement.kinds.association import outcomes_of
from bsna.simulation.truths.declared import Truth, between, load_truths
from bsna.simulation.truths.drawing import answers_of, planned_designs
from bsna.simulation.truths.spoilt import Spoilt, draw_faults, spoilt_survey

NEAR = 0.5
"""How far from its border a truth is drawn, as a part of the way from what is assumed to what is false by a lot."""

DRAWS = 2
"""Bootstrap draws of claims: probabilities are shown with verdicts, but decide none."""


def graded_surveys(plan: Plan, profile: Profile, surveys: Sequence[int], *, seed: Sequence[int]) -> pd.DataFrame:
    """Verdicts and grades on surveys of these numbers; each has a generator of its own, from `seed` and its number.

    One row per survey and claim: survey, claim, verdict, grade (missing if not tested), holds (whether the claim is true),
    is_wrong (a firm verdict that the truth denies). In every survey each claim has a truth of its own near its border.
    """
    planned, rows = planned_designs(profile), []
    families: dict[str, list[Border]] = {}
    for border in borders(plan):
        families.setdefault(border.true.claim.family, []).append(border)
    for number in surveys:
        rng = np.random.default_rng([*seed, number])
        for family in families.values():
            truths = [border.near(rng) for border in family]
            rows += [{"survey": number, **row} for row in _graded(truths, plan, profile, planned, rng)]
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Border:
    """Where a claim turns false on the way from a truth that is `true` to one that is `false`: at the part `at` of it."""

    true: Truth
    false: Truth
    at: float

    def near(self, rng: np.random.Generator) -> Truth:
        """A truth near the border, on either side."""
        part = self.at + rng.uniform(-NEAR, NEAR)
        return between(self.true, self.false, min(max(part, 0.0), 1.0))


def borders(plan: Plan) -> list[Border]:
    """The border of each claim between what is assumed and what is declared false by a lot; of those that have both."""
    ends: dict[str, dict[str, Truth]] = {}
    for truth in load_truths(plan):
        ends.setdefault(truth.claim.id, {})[truth.level] = truth
    pairs = [(one["true"], one["false_by_lot"]) for one in ends.values() if {"true", "false_by_lot"} <= set(one)]
    return [Border(true, false, _turning(true, false)) for true, false in pairs]


def _turning(true: Truth, false: Truth) -> float:
    holds_at, fails_at = 0.0, 1.0
    for _ in range(30):
        middle = (holds_at + fails_at) / 2
        holds_at, fails_at = (middle, fails_at) if between(true, false, middle).holds else (holds_at, middle)
    return fails_at


def _graded(
    truths: Sequence[Truth],
    plan: Plan,
    profile: Profile,
    planned: Mapping[str, SurveyDesign],
    rng: np.random.Generator,
) -> list[dict[str, object]]:
    claims = tuple(truth.claim.model_copy(update={"draws": DRAWS}) for truth in truths)
    narrow = _counting(plan.model_copy(update={"claims": claims}))
    drawn = spoilt_survey([answers_of(t.claim, t.plan) for t in truths], narrow, planned, draw_faults(rng), rng)
    rows: list[dict[str, object]] = []
    for truth, (verdict, grade) in zip(truths, verdicts_and_grades(narrow, profile, drawn), strict=True):
        is_wrong = verdict == ("contradicted" if truth.holds else "supported")
        rows.append(
            {"claim": truth.claim.id, "verdict": verdict, "grade": grade, "holds": truth.holds, "is_wrong": is_wrong}
        )
    return rows


def verdicts_and_grades(plan: Plan, profile: Profile, drawn: Spoilt) -> list[tuple[str, str | None]]:
    """The verdict and the grade of every claim of the plan, as a survey's findings judge it."""
    judged = judge(
        plan,
        drawn.designs,
        {},
        profile.publication,
        seed=profile.seed,
        raw_designs=drawn.raw_designs,
        answers=drawn.answers,
    )
    return [(verdict.verdict, verdict.grade) for verdict in judged]


def _counting(plan: Plan) -> Plan:
    """The plan with no other measures and groups than its claims count."""
    names = {
        (claim.population, name) for claim in plan.claims for name in (*measures_of(claim), *outcomes_of(claim, plan))
    }
    ranks = [(plan.row("ranks", name), claim.items) for claim in plan.claims for name in claim.ranks]
    names |= {(rank.population, plan.naming(rank, item).measure) for rank, items in ranks for item in items}
    terms = {(claim.population, claim.term) for claim in plan.claims}
    return plan.model_copy(
        update={
            "measures": tuple(spec for spec in plan.measures if (spec.population, spec.measure) in names),
            "groups": tuple(group for group in plan.groups if (group.population, group.group) in terms),
        }
    )
