"""The same claims on other readings of the same interviews: unweighted, uncleaned, the silent on one side, imputed, other cut
points, other covariates."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from bsna.estimation import SurveyDesign, Unimputable, impute
from bsna.intake.measured import measure
from bsna.intake.plan import Claim, Measure, Plan
from bsna.intake.plan_variants import Covariates, CutPoint
from bsna.intake.reasons import ASKED_WITHOUT_ANSWER, is_reason
from bsna.judgement.extremes import measures_of, one_sided_designs
from bsna.judgement.robustness.judged import Designs, Judged, each_claim
from bsna.judgement.standing import Variant

Answers = Mapping[str, pd.DataFrame]
COPIES, CYCLES = 5, 5


def unweighted(judged: Judged) -> dict[str, Variant]:
    """Every person counts alike; strata and clusters stay."""
    equal = {name: design.with_columns(**{design.weight: 1.0}) for name, design in judged.designs.items()}
    return judged.together("unweighted", [each_claim(judged, equal)])


def uncleaned(judged: Judged, raw: Designs) -> dict[str, Variant]:
    """Answers as received, weighted anew."""
    return judged.together("uncleaned", [each_claim(judged, raw)])


def one_sided(judged: Judged, answers: Answers) -> dict[str, Variant]:
    """All who gave no usable answer had answered against the claim; and all for it."""
    found = {}
    for claim in judged.claims:
        sides = [
            one_sided_designs(claim, judged.plan, judged.designs, answers, side=side) for side in ("against", "for")
        ]
        found[claim.id] = judged.one_by_one("silence", claim, [judged.again(claim, side) for side in sides])
    return found


def cut_elsewhere(judged: Judged, answers: Answers, cut_points: Sequence[CutPoint]) -> dict[str, Variant]:
    """Measures of a claim made of other answers of the same scale, as declared."""
    found = {}
    for claim in judged.claims:
        names = measures_of(claim)
        cuts = [cut for cut in cut_points if cut.population == claim.population and set(cut.measures) & set(names)]
        reruns = [judged.again(claim, _recut(judged, claim, answers, cut, names)) for cut in cuts]
        if reruns:
            found[claim.id] = judged.one_by_one("cut_points", claim, reruns)
    return found


def _recut(judged: Judged, claim: Claim, answers: Answers, cut: CutPoint, names: Sequence[str]) -> Designs:
    specs = [judged.plan.measure(name, claim.population) for name in names if name in cut.measures]
    moved = [spec.model_copy(update={"codes": cut.codes}) for spec in specs]
    return _with_measures(judged, claim.population, answers[claim.population], moved)


def other_covariates(judged: Judged, covariates: Sequence[Covariates]) -> dict[str, Variant]:
    """Claims on a term of a model, with other sets of terms beside it, as declared."""
    found = {}
    for claim in judged.claims:
        reruns = []
        for terms in (row.terms for row in covariates if claim.model):
            plan = with_terms(judged.plan, claim.model, claim.term, terms)
            reruns.append(replace(judged, plan=plan).again(claim, judged.designs))
        if reruns:
            found[claim.id] = judged.one_by_one("covariates", claim, reruns)
    return found


def with_terms(plan: Plan, model: str, term: str, terms: Sequence[str]) -> Plan:
    """The plan with other terms in one model; the term in question stays."""
    kept = tuple(dict.fromkeys((term, *terms)))
    models = tuple(m.model_copy(update={"terms": kept}) if m.id == model else m for m in plan.models)
    return plan.model_copy(update={"models": models})


def imputed(judged: Judged, answers: Answers, rng: np.random.Generator) -> dict[str, Variant]:
    """Missing answers filled in from people alike, one verdict for each completed copy.

    Questions with one answer are imputed as they were asked, so that answers that exclude each other still do; what is made
    of several answers, measure by measure. Rankings and models are left as they are.
    """
    found = {}
    for claim in judged.claims:
        if claim.ranks or claim.model:
            continue
        copies = _completed(judged, claim, answers[claim.population], rng)
        if copies:
            found[claim.id] = judged.one_by_one("imputed", claim, [judged.again(claim, copy) for copy in copies])
    return found


def _completed(
    judged: Judged, claim: Claim, answers: pd.DataFrame, rng: np.random.Generator
) -> list[dict[str, SurveyDesign]]:
    """Designs with completed measures; empty where nobody kept silent, or too little is known."""
    specs = [judged.plan.measure(name, claim.population) for name in measures_of(claim)]
    columns, asked = _to_fill(specs, answers, judged.designs[claim.population])
    silent = [name for name in columns if (asked[name] & columns[name].isna()).any()]
    if not silent:
        return []
    design = judged.designs[claim.population].with_columns(**{f"{name}_": c for name, c in columns.items()})
    where = {f"{name}_": asked[name] for name in columns}
    try:
        made = impute(design, list(where), rng=rng, where=where, sets=COPIES, cycles=CYCLES)
    except Unimputable:
        return []
    return [_filled(judged, claim, answers, specs, copy.frame, columns) for copy in made.designs]


def _to_fill(
    specs: Sequence[Measure], answers: pd.DataFrame, design: SurveyDesign
) -> tuple[dict[str, pd.Series], dict[str, pd.Series]]:
    """What is imputed, by name: questions of one answer, else measures; missing where nothing usable was said. And who was
    asked."""
    columns: dict[str, pd.Series] = {}
    asked: dict[str, pd.Series] = {}
    for spec in specs:
        for question in spec.question:
            given = answers[question]
            silent = given.isin(ASKED_WITHOUT_ANSWER)
            several = bool(given[~is_reason(given)].str.contains(" ", regex=False).any())
            name = spec.measure if several else question
            if name in columns:
                continue
            source = design.frame[spec.measure] if several else given.astype(object).mask(is_reason(given), None)
            columns[name] = source.reset_index(drop=True)
            asked[name] = (silent | ~is_reason(given)).reset_index(drop=True)
    return columns, asked


def _filled(
    judged: Judged,
    claim: Claim,
    answers: pd.DataFrame,
    specs: Sequence[Measure],
    completed: pd.DataFrame,
    columns: Mapping[str, pd.Series],
) -> dict[str, SurveyDesign]:
    questions = {name: completed[f"{name}_"] for name in columns if name in answers}
    texts = {
        name: answers[name].where(column.isna().to_numpy(), column.to_numpy()) for name, column in questions.items()
    }
    direct = {name: completed[f"{name}_"].to_numpy() for name in columns if name not in answers}
    made = [spec for spec in specs if spec.measure not in direct]
    designs = _with_measures(judged, claim.population, answers.assign(**texts), made)
    designs[claim.population] = designs[claim.population].with_columns(**direct)
    return designs


def _with_measures(
    judged: Judged, population: str, answers: pd.DataFrame, specs: Sequence[Measure]
) -> dict[str, SurveyDesign]:
    """The designs with these measures computed anew from the answers."""
    narrow = judged.plan.model_copy(update={"measures": tuple(specs), "groups": ()})
    frame = measure(answers, narrow, population)
    columns = {spec.measure: frame[spec.measure].to_numpy() for spec in specs}
    return {**judged.designs, population: judged.designs[population].with_columns(**columns)}
