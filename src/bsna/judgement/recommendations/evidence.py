"""Items of evidence: what this survey says of each, and what it would take to say otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bsna.estimation import (
    EmptyDomain,
    NoFit,
    SurveyDesign,
    proportion,
    records,
)
from bsna.intake.plan import Claim, Plan
from bsna.intake.plan_recommendations import Evidence
from bsna.intake.profile import Publication
from bsna.judgement.borders import Border, binding_border, border_of
from bsna.judgement.claims import Verdict, plain
from bsna.judgement.disclosure import release
from bsna.judgement.model_terms import marginal_effect, usable_terms


@dataclass(frozen=True)
class Weighed:
    """One item of evidence and what this survey says of it.

    `outcome`: holds, fails, unclear or not_testable. `side` is for, against or open: what that says of the recommendation, an
    item it wants not to be so speaking for it by failing. `grade` A to D says how much weight the outcome bears, None where
    nothing was tested. A claim comes with `verdict` and `p`, the corrected p-value of the side on which it came out, or for the
    claim if on neither; anything else with `row`, its released estimate. `border` is the value at which the outcome turns, None where a claim
    has none;
    `decides` whether the whole expression would come to something else if this item alone did.
    """

    name: str
    note: Mapping[str, str]
    outcome: str
    side: str
    grade: str | None = None
    claim: str = ""
    verdict: str = ""
    p: float | None = None
    row: dict[str, Any] | None = None
    border: Border | None = None
    decides: bool = False


@dataclass(frozen=True)
class Asked:
    """What a survey has to answer with: verdicts by claim, designs and measures that it did not ask by population, and when
    a number may be published."""

    plan: Plan
    verdicts: Mapping[str, Verdict]
    designs: Mapping[str, SurveyDesign]
    absent: Mapping[str, tuple[str, ...]]
    rules: Publication


def weighed(name: str, asked: Asked) -> Weighed:
    """An item of evidence by its name, or a claim by its id, wanted supported; its side as if it was wanted so."""
    plan = asked.plan
    claims = {claim.id: claim for claim in plan.claims}
    if name in claims:
        return _claim(name, claims[name].title, claims[name], "supported", asked)
    item: Evidence = plan.row("evidence", name)
    if item.claim:
        return _claim(name, item.note, claims[item.claim], item.wants, asked)
    if item.measure:
        row, limit = share(item.measure, item.population, asked), _limit(item)
        outcome = _outcome(row, limit, wants_more=item.above is not None)
    else:
        row, limit = _association(item, asked), 0.0
        outcome = _outcome(row, limit, wants_more=True)
    grade = interval_grade(row, outcome, plan.telling.interval_grade.clusters)
    return Weighed(name, item.note, outcome, _side(outcome), grade, row=row, border=border_of(row, limit))


def share(measure: str, population: str, asked: Asked) -> dict[str, Any] | None:
    """The released share of a measure; None if the survey did not ask, or nobody answered."""
    if population not in asked.designs or measure in asked.absent.get(population, ()):
        return None
    interval = "logit" if population == "community" else "beta"
    try:
        rows = proportion(asked.designs[population], measure, interval=interval)  # type: ignore[arg-type]
    except EmptyDomain:
        return None
    return _one(rows.assign(population=population), asked.rules)


def interval_grade(row: Mapping[str, Any] | None, outcome: str, clusters: int) -> str | None:
    """Grade of evidence that is no claim (`plan_recommendations.IntervalGrade`); None if it was not tested."""
    if row is None or outcome == "not_testable":
        return None
    steps = (row["clusters"] < clusters) + (row["status"] == "imprecise") + 2 * (outcome == "unclear")
    return "ABCD"[min(steps, 3)]


def _claim(name: str, note: Mapping[str, str], claim: Claim, wants: str, asked: Asked) -> Weighed:
    verdict = asked.verdicts[claim.id]
    opposite = {"supported": "contradicted", "contradicted": "supported"}[wants]
    outcome = {wants: "holds", opposite: "fails", "uncertain": "unclear"}.get(verdict.verdict, "not_testable")
    is_against = verdict.verdict == "contradicted"
    return Weighed(
        name,
        note,
        outcome,
        _side(outcome),
        verdict.grade,
        claim=claim.id,
        verdict=verdict.verdict,
        p=verdict.p_against_adjusted if is_against else verdict.p_for_adjusted,
        border=binding_border(claim, verdict.rows),
    )


def _limit(item: Evidence) -> float:
    limit = item.below if item.below is not None else item.above
    assert limit is not None  # the plan has one of them
    return limit


def _outcome(row: Mapping[str, Any] | None, limit: float, *, wants_more: bool) -> str:
    """Whether the whole interval lies on the side that is wanted."""
    if row is None or row["status"] in ("withheld", "not_asked"):
        return "not_testable"
    if row["low"] is None:
        return "unclear"
    is_below, is_above = row["high"] < limit, row["low"] > limit
    wanted, unwanted = (is_above, is_below) if wants_more else (is_below, is_above)
    return "holds" if wanted else "fails" if unwanted else "unclear"


def _side(outcome: str) -> str:
    return {"holds": "for", "fails": "against"}.get(outcome, "open")


def _association(item: Evidence, asked: Asked) -> dict[str, Any] | None:
    plan, model = asked.plan, asked.plan.row("models", item.model)
    design = asked.designs.get(model.population)
    if design is None or model.share in asked.absent.get(model.population, ()):
        return None
    if not usable_terms(plan, [item.term], design):
        return None
    try:
        hit = marginal_effect(plan, model, item.term, item.level, design)
    except (EmptyDomain, NoFit):
        return None
    return None if hit.empty else _one(hit, asked.rules)


def _one(rows: pd.DataFrame, rules: Publication) -> dict[str, Any]:
    return plain(records(release(rows, rules))[0])
