"""Whether grades order truth: how often firm verdicts of each grade are against it, on surveys with faults."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bsna.estimation import SurveyDesign
from bsna.intake.plan import Plan
from bsna.intake.profile import Profile
from bsna.judgement.claims import Verdict, graded, judge
from bsna.judgement.extremes import measures_of
from bsna.judgement.kinds.association import outcomes_of
from bsna.judgement.robustness import otherwise
from bsna.judgement.robustness.judged import judged
from bsna.judgement.robustness.removal import ENUMERATORS, codes_of, one_at_a_time, smallest_breaking
from bsna.judgement.standing import Standing
from bsna.simulation.truths.declared import Truth, between, load_truths
from bsna.simulation.truths.drawing import answers_of, planned_designs
from bsna.simulation.truths.spoilt import Spoilt, draw_faults, spoilt_survey

NEAR = 0.5
"""How far from its border a truth is drawn, as a part of the way from what is assumed to what is false by a lot."""

LONG = ("shared_top", "top_k", "only_one")
"""Kinds whose claims are left out: they take three quarters of the time, and are graded by the same facts as all others."""

DRAWS = 2
"""Bootstrap draws of claims: probabilities are shown with verdicts, but decide none."""


def graded_surveys(plan: Plan, profile: Profile, surveys: Sequence[int], *, seed: Sequence[int]) -> pd.DataFrame:
    """Verdicts and grades on surveys of these numbers; each has a generator of its own, from `seed` and its number.

    One row per survey and claim: survey, claim, verdict, grade (missing if not tested), holds (whether the claim is true),
    is_wrong (a firm verdict that the truth denies). In every survey each claim has a truth of its own near its border.
    """
    planned, rows, together = planned_designs(profile), [], _together(ways(plan))
    for number in surveys:
        rng = np.random.default_rng([*seed, number])
        for group in together:
            truths = [way.near(rng) for way in group]
            rows += [{"survey": number, **row} for row in _graded(truths, plan, profile, planned, rng)]
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Way:
    """Where a claim turns false on the way from a truth that is `true` to one that is `false`: at the part `at` of it."""

    true: Truth
    false: Truth
    at: float

    def near(self, rng: np.random.Generator) -> Truth:
        """A truth near the border, on either side."""
        part = self.at + rng.uniform(-NEAR, NEAR)
        return between(self.true, self.false, min(max(part, 0.0), 1.0))


def ways(plan: Plan) -> list[Way]:
    """The border of each claim between what is assumed and what is declared false by a lot; of those that have both, but not of
    the kinds that take `LONG`."""
    ends: dict[str, dict[str, Truth]] = {}
    for truth in (truth for truth in load_truths(plan) if truth.claim.kind not in LONG):
        ends.setdefault(truth.claim.id, {})[truth.level] = truth
    pairs = [(one["true"], one["false_by_lot"]) for one in ends.values() if {"true", "false_by_lot"} <= set(one)]
    return [Way(true, false, _turning(true, false)) for true, false in pairs]


def _together(every: Sequence[Way]) -> list[list[Way]]:
    """Claims judged together: those of a family, but one that rests on a question of an earlier one apart from it."""
    groups: list[tuple[str, set[tuple[str, str]], list[Way]]] = []
    for way in every:
        claim = way.true.claim
        answers = answers_of(claim, way.true.plan)
        own = {(claim.population, question) for block in answers.blocks for question in block.codes}
        own |= {(one.rank.population, question) for one in answers.rankings for question in one.rank.questions}
        for family, questions, group in groups:
            if family == claim.family and not questions & own:
                questions |= own
                group.append(way)
                break
        else:
            groups.append((claim.family, own, [way]))
    return [group for _, _, group in groups]


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
    """The verdict and the grade of every claim of the plan, as a survey's findings judge it; but that sites are not left out one
    by one, and silence is not imputed, which takes long."""
    verdicts = judge(
        plan,
        drawn.designs,
        {},
        profile.publication,
        seed=profile.seed,
        raw_designs=drawn.raw_designs,
        answers=drawn.answers,
    )
    judged_again = graded(plan, verdicts, _standings(plan, drawn, verdicts), {})
    return [(verdict.verdict, verdict.grade) for verdict in judged_again]


def _standings(plan: Plan, drawn: Spoilt, verdicts: Sequence[Verdict]) -> dict[str, Standing]:
    """How verdicts fare unweighted, uncleaned, with all silence on one side, and without each enumerator."""
    base = judged(plan, drawn.designs, verdicts)
    together = [otherwise.unweighted(base), otherwise.one_sided(base, drawn.answers)]
    if drawn.raw_designs is not None:
        together.append(otherwise.uncleaned(base, drawn.raw_designs))
    codes = codes_of(ENUMERATORS, drawn.designs, drawn.answers)
    without_each, reruns = one_at_a_time(base, ENUMERATORS, codes)
    found = {}
    for claim in base.claims:
        variants = tuple(family[claim.id] for family in (*together, without_each) if claim.id in family)
        breaking = smallest_breaking(base, claim, ENUMERATORS, codes, reruns)
        found[claim.id] = Standing(claim.id, base.words[claim.id], variants, (breaking,) if breaking else ())
    return found


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
