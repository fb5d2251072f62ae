"""Recommendations and the evidence they hang on; none is ever dropped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bsna.estimation import (
    EmptyDomain,
    NoFit,
    SurveyDesign,
    average_marginal_effects,
    binary_logit,
    proportion,
    records,
)
from bsna.intake.plan import Evidence, Plan, Recommendation
from bsna.intake.profile import Publication
from bsna.judgement.claims import Verdict, plain
from bsna.judgement.disclosure import release


@dataclass(frozen=True)
class Recommended:
    """One recommendation and what this survey says of it.

    `evidence` has one entry per item of the plan: note, outcome (holds, fails, unclear, not_testable), and the estimate
    row or verdict behind it. `status`: holds if all that can be tested holds, fails if all fails, not_testable if nothing
    can be, else mixed. `baseline` is the released estimate row of the indicator, None if not asked.
    """

    id: str
    status: str
    evidence: tuple[dict[str, Any], ...]
    baseline: dict[str, Any] | None


def recommend(
    plan: Plan,
    verdicts: Sequence[Verdict],
    designs: Mapping[str, SurveyDesign],
    absent: Mapping[str, tuple[str, ...]],
    rules: Publication,
) -> tuple[Recommended, ...]:
    """Weigh every recommendation of the plan, in its order."""
    words = {verdict.claim_id: verdict.verdict for verdict in verdicts}
    made = []
    for row in plan.recommendations:
        weighed = tuple(_weigh(e, words, plan, designs, absent, rules) for e in row.evidence)
        made.append(Recommended(row.id, _status(weighed), weighed, _baseline(row, designs, absent, rules)))
    return tuple(made)


def _status(evidence: Sequence[dict[str, Any]]) -> str:
    outcomes = {item["outcome"] for item in evidence} - {"not_testable"}
    if not outcomes:
        return "not_testable"
    if outcomes == {"holds"}:
        return "holds"
    return "fails" if outcomes == {"fails"} else "mixed"


def _weigh(
    evidence: Evidence,
    words: Mapping[str, str],
    plan: Plan,
    designs: Mapping[str, SurveyDesign],
    absent: Mapping[str, tuple[str, ...]],
    rules: Publication,
) -> dict[str, Any]:
    note = dict(evidence.note)
    if evidence.claim:
        return {"note": note, "claim": evidence.claim, **_from_claim(evidence, words[evidence.claim])}
    if evidence.measure:
        row = _share(evidence.measure, evidence.population, designs, absent, rules)
        return {"note": note, "measure": evidence.measure, "row": row, "outcome": _side(evidence, row)}
    row = _association(evidence, plan, designs, absent, rules)
    return {"note": note, "model": evidence.model, "row": row, "outcome": _differs(row)}


def _from_claim(evidence: Evidence, word: str) -> dict[str, str]:
    opposite = {"supported": "contradicted", "contradicted": "supported"}[evidence.wants]
    outcome = {evidence.wants: "holds", opposite: "fails", "uncertain": "unclear"}.get(word, "not_testable")
    return {"verdict": word, "outcome": outcome}


def _side(evidence: Evidence, row: dict[str, Any] | None) -> str:
    """Whether the whole interval lies on the side the recommendation needs."""
    if row is None or row["status"] in ("withheld", "not_asked"):
        return "not_testable"
    if row["low"] is None:
        return "unclear"
    limit = evidence.below if evidence.below is not None else evidence.above
    if limit is None:
        raise ValueError(f"Evidence {evidence.measure!r} needs `below` or `above`")
    is_below, is_above = row["high"] < limit, row["low"] > limit
    wanted, unwanted = (is_below, is_above) if evidence.below is not None else (is_above, is_below)
    return "holds" if wanted else "fails" if unwanted else "unclear"


def _differs(row: dict[str, Any] | None) -> str:
    if row is None or row["status"] == "withheld":
        return "not_testable"
    if row["low"] is None:
        return "unclear"
    return "holds" if row["low"] > 0 else "fails" if row["high"] < 0 else "unclear"


def _share(
    measure: str,
    population: str,
    designs: Mapping[str, SurveyDesign],
    absent: Mapping[str, tuple[str, ...]],
    rules: Publication,
) -> dict[str, Any] | None:
    if population not in designs or measure in absent.get(population, ()):
        return None
    interval = "logit" if population == "community" else "beta"
    try:
        rows = proportion(designs[population], measure, interval=interval)  # type: ignore[arg-type]
    except EmptyDomain:
        return None
    return _one(rows.assign(population=population), rules)


def _association(
    evidence: Evidence,
    plan: Plan,
    designs: Mapping[str, SurveyDesign],
    absent: Mapping[str, tuple[str, ...]],
    rules: Publication,
) -> dict[str, Any] | None:
    model = plan.row("models", evidence.model)
    design = designs.get(model.population)
    if design is None or model.share in absent.get(model.population, ()):
        return None
    terms = usable_terms(plan, model.terms, design)
    if evidence.term not in terms:
        return None
    try:
        fit = binary_logit(design, model.share, terms, levels=term_levels(plan, terms, design))
    except (EmptyDomain, NoFit):
        return None
    rows = average_marginal_effects(fit, design).assign(population=model.population)
    hit = rows[(rows["by"] == evidence.term) & (rows["level"] == evidence.level)]
    return None if hit.empty else _one(hit, rules)


def usable_terms(plan: Plan, terms: Sequence[str], design: SurveyDesign) -> list[str]:
    """Terms of a model that the survey holds with at least two levels; the others are dropped and shown."""
    return [t for t in terms if t in design.frame.columns and design.frame[t].nunique() > 1]


def term_levels(plan: Plan, terms: Sequence[str], design: SurveyDesign) -> dict[str, list[str]]:
    """Order of the levels of each term, the reference first."""
    reference = {row.group: row.level for row in plan.references}
    levels: dict[str, list[str]] = {}
    for term in terms:
        declared = [level.level for level in plan.levels if level.group == term]
        found = set(design.frame[term].dropna())
        ordered = [level for level in declared if level in found] or sorted(found)
        first = reference.get(term, ordered[0])
        levels[term] = sorted(ordered, key=lambda level: (level != first, ordered.index(level)))
    return levels


def _baseline(
    row: Recommendation,
    designs: Mapping[str, SurveyDesign],
    absent: Mapping[str, tuple[str, ...]],
    rules: Publication,
) -> dict[str, Any] | None:
    return _share(row.indicator, row.indicator_population, designs, absent, rules)


def _one(rows: pd.DataFrame, rules: Publication) -> dict[str, Any]:
    return plain(records(release(rows, rules))[0])
