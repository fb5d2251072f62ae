"""Whether claims fit the rest of the plan: kinds explained, models with their terms and levels, assumptions of a claim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bsna.intake.instrument import Questionnaire
from bsna.intake.plan_claims import KINDS

if TYPE_CHECKING:
    from bsna.intake.plan import Claim, Plan


def claim_faults(plan: Plan, questionnaires: Mapping[str, Questionnaire]) -> list[str]:
    """Faults of kinds.toml, of the models that claims name, and of assumptions about claims; each with file and row."""
    found = [kind.id for kind in plan.kinds]
    faults = [
        f"kinds.toml: no kind {name!r}; say in words and formulas how it is judged"
        for name in KINDS
        if name not in found
    ]
    for claim in plan.claims:
        faults += _model_faults(claim, plan, questionnaires)
        faults += _trend_faults(claim, plan)
        faults += _ranking_faults(claim, plan)
    known = {claim.id for claim in plan.claims if claim.kind == "association"}
    for row in plan.assumed_associations:
        where = f"assumed_associations.csv, {row.claim}"
        faults += [f"{where}: no association claim {row.claim!r}"] if row.claim not in known else []
        if row.level_people + row.reference_people > 1 + 1e-9:
            faults.append(f"{where}: more than all people are at the level or at the reference")
    return faults


def _model_faults(claim: Claim, plan: Plan, questionnaires: Mapping[str, Questionnaire]) -> list[str]:
    where = f"claims.toml, {claim.id}"
    if not claim.model:
        return []
    model = next((model for model in plan.models if model.id == claim.model), None)
    if model is None:
        return [f"{where}: no model {claim.model!r}"]
    if model.population != claim.population:
        return [f"{where}: {model.id} is a model of {model.population}, not of {claim.population}"]
    if claim.term not in model.terms:
        return [f"{where}: {model.id} has no term {claim.term!r}; it has {', '.join(model.terms)}"]
    known = _levels(claim.term, plan, questionnaires[claim.population], claim.population)
    if known and claim.level not in known:
        return [f"{where}: {claim.term} has no level {claim.level!r}; it has {', '.join(known)}"]
    reference = {row.group: row.level for row in plan.references}.get(claim.term, known[0] if known else "")
    return [f"{where}: {claim.level!r} is what {claim.term} is compared against"] if claim.level == reference else []


def _levels(term: str, plan: Plan, form: Questionnaire, population: str) -> list[str]:
    """Levels of a term in their order; none known beforehand where they come from numbers or measures."""
    declared = [level.level for level in plan.levels if level.group == term]
    source = next((g.source for g in plan.groups if (g.group, g.population) == (term, population)), "")
    return declared or (list(form.question(source).codes) if source in form.names else [])


def _trend_faults(claim: Claim, plan: Plan) -> list[str]:
    """A change is judged for shares only."""
    if claim.kind != "trend":
        return []
    units = {m.measure: m.unit for m in plan.measures if m.population == claim.population}
    return [f"claims.toml, {claim.id}: {m} is no share" for m in claim.measures if units.get(m, "share") != "share"]


def _ranking_faults(claim: Claim, plan: Plan) -> list[str]:
    """Rankings without a measure of naming each item, or with no item left beyond the places that count."""
    where, faults = f"claims.toml, {claim.id}", []
    named = {(m.population, m.question, m.codes) for m in plan.measures if m.kind == "named"}
    for rank in (rank for rank in plan.ranks if rank.id in claim.ranks):
        faults += [
            f"measures.csv has no measure of kind named for {item!r} in {rank.id}, which {claim.id} counts"
            for item in claim.items
            if item in rank.items and (rank.population, rank.questions, (item,)) not in named
        ]
        if (claim.top or 1) >= len(rank.items):
            faults.append(f"{where}: top is {claim.top}; {rank.id} ranks {len(rank.items)} items, so fewer must count")
    return faults
