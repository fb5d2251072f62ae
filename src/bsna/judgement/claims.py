"""Verdicts: supported or contradicted only when the data speak clearly, after correction for many claims."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from bsna.estimation import EmptyDomain, SurveyDesign
from bsna.intake.measured import extreme_measure, nonresponse
from bsna.intake.plan import Claim, Plan
from bsna.intake.profile import Publication
from bsna.judgement.disclosure import release
from bsna.judgement.rules import Tested, test_claim

ALPHA = 0.05


@dataclass(frozen=True)
class Verdict:
    """What a survey says of one claim.

    `verdict` is one of supported, contradicted, uncertain, not_asked, withheld. p-values are those for and
    against the claim, raw and after Holm's correction within the family. `rows` are released estimate
    rows; `n` and `clusters` the fewest among them, `deff` the largest. `nonresponse` is the largest share of people asked
    who gave no usable answer; `bounds` the verdicts if all of them had said no, and yes; `raw` the verdict on
    uncleaned answers. `outside` holds published figures beside ours. `grade` A to D with `grade_reasons`.
    """

    claim_id: str
    verdict: str
    p_for: float | None = None
    p_against: float | None = None
    p_for_adjusted: float | None = None
    p_against_adjusted: float | None = None
    rows: tuple[dict[str, Any], ...] = ()
    n: int | None = None
    clusters: int | None = None
    deff: float | None = None
    nonresponse: float | None = None
    bounds: tuple[str, str] | None = None
    raw: str | None = None
    raw_shift: float | None = None
    outside: tuple[dict[str, Any], ...] = ()
    grade: str | None = None
    grade_reasons: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)


def judge(
    plan: Plan,
    designs: Mapping[str, SurveyDesign],
    absent: Mapping[str, tuple[str, ...]],
    rules: Publication,
    *,
    seed: int,
    raw_designs: Mapping[str, SurveyDesign] | None = None,
    answers: Mapping[str, pd.DataFrame] | None = None,
    survey: str = "",
) -> tuple[Verdict, ...]:
    """One verdict for each claim of the plan, in its order.

    `absent` lists per population the measures that the survey did not ask. `answers` are the cleaned tables, for
    non-response and worst-case bounds; `raw_designs` the same designs on uncleaned answers. The same seed gives the
    same bootstrap draws for every claim, so that claims do not depend on each other's order.
    """
    tested = {c.id: _test(c, plan, designs, absent, seed) for c in plan.claims}
    adjusted = _adjust(plan, tested)
    extremes = [_extreme(plan, designs, answers, value) for value in (0.0, 1.0)] if answers else []
    verdicts = []
    for claim in plan.claims:
        result = tested[claim.id]
        if isinstance(result, str):
            verdicts.append(Verdict(claim.id, result))
            continue
        facts = _facts(claim, plan, result, rules, answers, survey)
        if any(row["status"] == "withheld" for row in facts["rows"]):
            verdicts.append(Verdict(claim.id, "withheld", rows=facts["rows"]))
            continue
        word = _word(*adjusted[claim.id])
        others = [_alone(_test(claim, plan, extreme, absent, seed)) for extreme in extremes]
        raw = _test(claim, plan, raw_designs, absent, seed) if raw_designs else None
        verdict = Verdict(
            claim.id,
            word,
            result.p_for,
            result.p_against,
            *adjusted[claim.id],
            bounds=(others[0], others[1]) if others else None,
            raw=_alone(raw) if raw is not None else None,
            raw_shift=_shift(result, raw),
            values=result.values,
            **facts,
        )
        verdicts.append(_graded(verdict))
    return tuple(verdicts)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Holm's step-down correction. Source: Holm (1979).

    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'c': 0.06, 'b': 0.06}
    """
    adjusted: dict[str, float] = {}
    reached = 0.0
    ordered = sorted(p_values, key=lambda name: (p_values[name], name))
    for place, name in enumerate(ordered):
        reached = max(reached, min(1.0, p_values[name] * (len(ordered) - place)))
        adjusted[name] = reached
    return adjusted


def _test(
    claim: Claim,
    plan: Plan,
    designs: Mapping[str, SurveyDesign],
    absent: Mapping[str, tuple[str, ...]],
    seed: int,
) -> Tested | str:
    if _not_asked(claim, plan, designs, absent):
        return "not_asked"
    try:
        return test_claim(claim, plan, designs, np.random.default_rng(seed))
    except EmptyDomain:
        return "withheld"


def _not_asked(
    claim: Claim,
    plan: Plan,
    designs: Mapping[str, SurveyDesign],
    absent: Mapping[str, tuple[str, ...]],
) -> bool:
    populations = {claim.population} | {plan.row("ranks", name).population for name in claim.ranks}
    if not populations <= set(designs):
        return True
    for name in claim.ranks:
        rank = plan.row("ranks", name)
        if any(designs[rank.population].column(q).isna().all() for q in rank.questions[:1]):
            return True
    return bool(set(_measures(claim)) & set(absent.get(claim.population, ())))


def _measures(claim: Claim) -> list[str]:
    names = [*claim.measures, *claim.others, *(name for pair in claim.pairs for name in pair)]
    return names + [name for group in claim.lists for name in group]


def _adjust(plan: Plan, tested: Mapping[str, Tested | str]) -> dict[str, tuple[float, float]]:
    """Both sides are corrected, each within the claim's family."""
    adjusted: dict[str, tuple[float, float]] = {}
    for family in dict.fromkeys(claim.family for claim in plan.claims):
        members = {
            claim.id: result
            for claim in plan.claims
            if claim.family == family and isinstance(result := tested[claim.id], Tested)
        }
        for_side = holm({name: result.p_for for name, result in members.items()})
        against = holm({name: result.p_against for name, result in members.items()})
        adjusted |= {name: (for_side[name], against[name]) for name in members}
    return adjusted


def _word(p_for: float, p_against: float) -> str:
    if p_for <= ALPHA:
        return "supported"
    return "contradicted" if p_against <= ALPHA else "uncertain"


def _alone(result: Tested | str) -> str:
    return result if isinstance(result, str) else _word(result.p_for, result.p_against)


def _facts(
    claim: Claim,
    plan: Plan,
    result: Tested,
    rules: Publication,
    answers: Mapping[str, pd.DataFrame] | None,
    survey: str,
) -> dict[str, Any]:
    rows = release(result.rows, rules)
    silent = 0.0
    for name in dict.fromkeys(_measures(claim)) if answers else ():
        asked, unanswered = nonresponse(answers[claim.population], plan.measure(name, claim.population))  # type: ignore[index]
        silent = max(silent, unanswered / asked if asked else 0.0)
    shown = rows["measure"].tolist()
    outside = [
        {
            "measure": o.measure,
            "source": o.source,
            "year": o.year,
            "share": o.share,
            "note": {"en": o.note_en, "fr": o.note_fr},
        }
        for o in plan.outside
        if o.measure in shown and survey in o.survey.split()
    ]
    return {
        "rows": tuple(_plain(row) for row in rows.to_dict("records")),
        "n": _int(result.rows["n"].min()),
        "clusters": _int(result.rows["clusters"].min()),
        "deff": _float(result.rows["deff"].max()),
        "nonresponse": silent,
        "outside": tuple(outside),
    }


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(key): None if value != value else value for key, value in row.items()}


def _int(value: float) -> int | None:
    return None if value != value else int(value)


def _float(value: float) -> float | None:
    return None if value != value else float(value)


def _shift(result: Tested, raw: Tested | str | None) -> float | None:
    """Largest change that cleaning made to an estimate of the claim."""
    if not isinstance(raw, Tested) or len(raw.rows) != len(result.rows):
        return None
    gaps = (result.rows["estimate"].to_numpy() - raw.rows["estimate"].to_numpy()).astype(float)
    return float(gaps[np.argmax(np.abs(gaps))])


def _extreme(
    plan: Plan,
    designs: Mapping[str, SurveyDesign],
    answers: Mapping[str, pd.DataFrame],
    value: float,
) -> dict[str, SurveyDesign]:
    """The designs if everybody without a usable answer had said no (0) or yes (1) to what claims count."""
    changed = {}
    for population, design in designs.items():
        names = {n for c in plan.claims if c.population == population for n in _measures(c)}
        columns = {
            spec.measure: extreme_measure(answers[population], spec, value).to_numpy()
            for spec in plan.measures
            if spec.population == population and spec.measure in names and spec.unit == "share"
        }
        frame = design.frame.assign(**columns)
        changed[population] = SurveyDesign(frame, design.weight, design.stratum, design.psu, design.lonely)
    return changed


def _graded(verdict: Verdict) -> Verdict:
    """A, less one step for each declared weakness; an uncertain verdict is at best C."""
    reasons = []
    if verdict.nonresponse is not None and verdict.nonresponse > 0.05:
        reasons.append("nonresponse")
    if verdict.bounds and any(bound != _word_alone(verdict) for bound in verdict.bounds):
        reasons.append("bounds")
    if verdict.raw is not None and verdict.raw != _word_alone(verdict):
        reasons.append("cleaning")
    if (verdict.clusters or 0) < 30:
        reasons.append("clusters")
    if verdict.verdict == "uncertain":
        reasons.append("uncertain")
    steps = len(reasons) + (1 if verdict.verdict == "uncertain" else 0)
    return Verdict(**{**verdict.__dict__, "grade": "ABCD"[min(steps, 3)], "grade_reasons": tuple(reasons)})


def _word_alone(verdict: Verdict) -> str:
    """The verdict without correction for many claims, as bounds and raw verdicts are given."""
    return _word(
        verdict.p_for if verdict.p_for is not None else 1.0, verdict.p_against if verdict.p_against is not None else 1.0
    )
