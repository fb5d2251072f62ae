"""Verdicts: supported or contradicted only when the data speak clearly, after correction for many claims."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from bsna.estimation import EmptyDomain, SurveyDesign, records
from bsna.intake.plan import Claim, Plan
from bsna.intake.profile import Publication
from bsna.judgement.disclosure import release
from bsna.judgement.extremes import measures_of, one_sided_designs, silent_share
from bsna.judgement.facts import Agreement, facts_of
from bsna.judgement.grades import grade
from bsna.judgement.outside import outside_figures
from bsna.judgement.rules import Tested, has_its_questions, test_claim
from bsna.judgement.standing import Standing

ALPHA = 0.05


@dataclass(frozen=True)
class Verdict:
    """What a survey says of one claim.

    `verdict` is one of supported, contradicted, uncertain, not_asked, withheld. p-values are those for and
    against the claim, raw and after Holm's correction within the family. `rows` are released estimate
    rows; `n` and `clusters` the fewest among them, `deff` the largest. `nonresponse` is the largest share of people asked
    who gave no usable answer; `bounds` the verdicts if all of them had answered against the claim, and for it; `raw` the verdict on
    uncleaned answers. `outside` holds published figures beside ours. `grade` A to D with `grade_reasons`, the criteria not
    met; `weighed` holds every criterion with its value, limit, steps and whether it is met (`grades.Weighed`).
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
    weighed: tuple[dict[str, Any], ...] = ()
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
    standings: Mapping[str, Standing] | None = None,
    agreements: Mapping[str, Sequence[Agreement]] | None = None,
) -> tuple[Verdict, ...]:
    """One verdict for each claim of the plan, in its order.

    `absent` lists per population the measures that the survey did not ask. `answers` are the cleaned tables, for
    non-response and worst-case bounds; `raw_designs` the same designs on uncleaned answers. The same seed gives the
    same bootstrap draws for every claim, so that claims do not depend on each other's order. `standings` by claim tell how
    verdicts fare under reruns, `agreements` how others answered mirrored questions: {measure, population, agreement}; the
    grades use what is there.
    """
    tested = {c.id: _test(c, plan, designs, absent, seed) for c in plan.claims}
    shown = {c.id: _released(tested[c.id], rules) for c in plan.claims}
    adjusted = _adjust(plan, {name: tested[name] for name, rows in shown.items() if not _is_withheld(rows)})
    verdicts = []
    for claim in plan.claims:
        result, rows = tested[claim.id], shown[claim.id]
        if isinstance(result, str) or _is_withheld(rows):
            verdicts.append(Verdict(claim.id, result if isinstance(result, str) else "withheld", rows=rows))
            continue
        facts = _facts(result, rows) | {"outside": outside_figures(claim, plan, rows, survey)}
        sides = []
        if answers:
            facts["nonresponse"] = silent_share(claim, plan, answers)
            extremes = [one_sided_designs(claim, plan, designs, answers, side=side) for side in ("against", "for")]
            sides = [_alone(_test(claim, plan, extreme, absent, seed)) for extreme in extremes]
        raw = _test(claim, plan, raw_designs, absent, seed) if raw_designs else None
        facts |= {
            "bounds": (sides[0], sides[1]) if sides else None,
            "raw": _alone(raw) if raw is not None else None,
            "raw_shift": _shift(result, raw),
        }
        word = word_of(*adjusted[claim.id])
        values = {"values": result.values, **facts}
        verdicts.append(Verdict(claim.id, word, result.p_for, result.p_against, *adjusted[claim.id], **values))
    return graded(plan, verdicts, standings or {}, agreements or {})


def graded(
    plan: Plan,
    verdicts: Sequence[Verdict],
    standings: Mapping[str, Standing],
    agreements: Mapping[str, Sequence[Agreement]],
) -> tuple[Verdict, ...]:
    """The same verdicts with the grades that the plan's criteria give them; those that were not tested have none.

    `standings` and `agreements` by claim, as in `judge`. A grade depends on nothing else than these and the verdict.
    """
    return tuple(
        _graded(plan, verdict, standings.get(verdict.claim_id), agreements.get(verdict.claim_id, ()))
        for verdict in verdicts
    )


def _graded(plan: Plan, verdict: Verdict, standing: Standing | None, agreements: Sequence[Agreement]) -> Verdict:
    if verdict.p_for is None or verdict.p_against is None:
        return verdict
    alone = word_of(verdict.p_for, verdict.p_against)
    made = grade(facts_of(verdict, alone, standing=standing, agreements=agreements), plan.grades)
    weighed = tuple(asdict(one) for one in made.weighed)
    return replace(verdict, grade=made.letter, grade_reasons=made.reasons, weighed=weighed)


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


def plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """An estimate row as it is written to a record: what is missing is None."""
    return {key: None if value != value else value for key, value in row.items()}


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
    if not populations <= set(designs) or not has_its_questions(claim, plan, designs, absent):
        return True
    for name in claim.ranks:
        rank = plan.row("ranks", name)
        if any(designs[rank.population].column(q).isna().all() for q in rank.questions[:1]):
            return True
    return bool(set(measures_of(claim)) & set(absent.get(claim.population, ())))


def _adjust(plan: Plan, tested: Mapping[str, Tested | str]) -> dict[str, tuple[float, float]]:
    """Both sides are corrected, each within the claim's family."""
    adjusted: dict[str, tuple[float, float]] = {}
    for family in dict.fromkeys(claim.family for claim in plan.claims):
        members = {
            claim.id: result
            for claim in plan.claims
            if claim.family == family and isinstance(result := tested.get(claim.id), Tested)
        }
        for_side = holm({name: result.p_for for name, result in members.items()})
        against = holm({name: result.p_against for name, result in members.items()})
        adjusted |= {name: (for_side[name], against[name]) for name in members}
    return adjusted


def word_of(p_for: float, p_against: float) -> str:
    """Supported, contradicted or uncertain, from the p-values for and against."""
    if p_for <= ALPHA:
        return "supported"
    return "contradicted" if p_against <= ALPHA else "uncertain"


def _alone(result: Tested | str) -> str:
    return result if isinstance(result, str) else word_of(result.p_for, result.p_against)


def _released(result: Tested | str, rules: Publication) -> tuple[dict[str, Any], ...]:
    if isinstance(result, str):
        return ()
    return tuple(plain(row) for row in records(release(result.rows, rules)))


def _is_withheld(rows: tuple[dict[str, Any], ...]) -> bool:
    return any(row["status"] == "withheld" for row in rows)


def _facts(result: Tested, rows: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return {
        "rows": rows,
        "n": _int(result.rows["n"].min()),
        "clusters": _int(result.rows["clusters"].min()),
        "deff": _float(result.rows["deff"].max()),
    }


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
