"""What those who gave no answer might hide: the questions with most silence, answered, imputed, and at worst."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from bsna.estimation import (
    SurveyDesign,
    Unimputable,
    impute,
    pooled_estimate,
    proportion,
    records,
    worst_case_bounds,
)
from bsna.intake.measured import is_silent, nonresponse
from bsna.intake.plan import Measure, Plan
from bsna.intake.profile import Publication
from bsna.intake.reasons import ASKED_WITHOUT_ANSWER, NOT_ASKED
from bsna.judgement.disclosure import release

SHOWN = 6
"""Questions shown, those with the largest share of silent people."""

LEAST = 0.01
"""Share of people asked that must be silent for a question to be shown."""

SETS, CYCLES = 20, 10


@dataclass(frozen=True)
class Unanswered:
    """One measure whose question some people left unanswered.

    `silent` is the share of people asked who gave no usable answer, unweighted. `answered` is the released estimate row
    of those who answered, `imputed` the same pooled over imputed copies (None where too little is known), `bounds` the
    row of `worst_case_bounds`; both are None where the answers are withheld.
    """

    measure: str
    silent: float
    answered: dict[str, Any]
    imputed: dict[str, Any] | None
    bounds: dict[str, Any] | None


def unanswered(
    design: SurveyDesign,
    plan: Plan,
    answers: pd.DataFrame,
    population: str,
    rules: Publication,
    *,
    rng: np.random.Generator,
) -> tuple[Unanswered, ...]:
    """The shares that silence could move most, the most silent question first; empty if nearly all asked answered.

    `answers` is the cleaned table on which `design` stands, row by row, with the reasons of missing answers. Questions
    are those put to everybody, `SHOWN` of those where at least `LEAST` kept silent; for each the first measure of the
    plan with a share of its own stands. They are imputed together, given one another and what groups people: all groups
    of the plan that are not sensitive and not part of the strata. What the rules withhold comes without numbers.
    Not-asked answers stay as they are.
    """
    specs = _most_silent(plan, answers, population)
    rows = {s.measure: release(proportion(design, s.measure).assign(population=population), rules) for s in specs}
    shown = [spec for spec in specs if rows[spec.measure]["status"][0] != "withheld"]
    silence = {spec.measure: is_silent(answers, spec) for spec in shown}
    pooled = _pooled(design, shown, silence, _groups(plan, answers, design, population, specs), rng) if shown else {}
    found = []
    for spec in specs:
        asked, silent = nonresponse(answers[spec.question[0]])
        bounds = None
        if spec in shown:
            bounds = records(worst_case_bounds(design, spec.measure, silent=silence[spec.measure]))[0]
        row = records(rows[spec.measure])[0]
        found.append(Unanswered(spec.measure, silent / asked, row, pooled.get(spec.measure), bounds))
    return tuple(found)


def _most_silent(plan: Plan, answers: pd.DataFrame, population: str) -> list[Measure]:
    first: dict[str, Measure] = {}
    for spec in plan.measures:
        alone = spec.population == population and spec.kind == "share" and not spec.base and len(spec.question) == 1
        if alone and spec.question[0] in answers and not (answers[spec.question[0]] == NOT_ASKED).any():
            first.setdefault(spec.question[0], spec)
    counts = {question: nonresponse(answers[question]) for question in first}
    shares = {q: silent / asked for q, (asked, silent) in counts.items() if LEAST * asked <= silent < asked}
    return [first[question] for question in sorted(shares, key=lambda q: -shares[q])[:SHOWN]]


def _groups(
    plan: Plan, answers: pd.DataFrame, design: SurveyDesign, population: str, specs: Sequence[Measure]
) -> dict[str, pd.Series]:
    """Groups that help to predict, each with those who were asked and gave no answer."""
    shown = {spec.question[0] for spec in specs}
    groups = {}
    for group in plan.groups:
        there = group.population == population and group.group in design.frame and group.sensitive == "no"
        if (
            not there
            or group.source in shown
            or design.frame[group.group].nunique() < 2
            or _splits(design, group.group)
        ):
            continue
        made_of = [spec for spec in plan.measures if (spec.measure, spec.population) == (group.source, population)]
        silent = is_silent(answers, made_of[0]) if made_of else answers[group.source].isin(ASKED_WITHOUT_ANSWER)
        groups[group.group] = silent & design.frame[group.group].isna()
    return groups


def _splits(design: SurveyDesign, group: str) -> bool:
    """Whether a group is the same for all people of each stratum, so that the strata already tell it."""
    return bool((design.frame.groupby(design.stratum_codes)[group].nunique() <= 1).all())


def _pooled(
    design: SurveyDesign,
    specs: Sequence[Measure],
    silence: dict[str, pd.Series],
    groups: dict[str, pd.Series],
    rng: np.random.Generator,
) -> dict[str, dict[str, Any]]:
    asked = {name: design.frame[name].notna() | silent for name, silent in (silence | groups).items()}
    try:
        made = impute(design, list(asked), rng=rng, where=asked, sets=SETS, cycles=CYCLES)
    except Unimputable:
        return {}
    return {
        spec.measure: records(pooled_estimate(made, partial(proportion, measure=spec.measure)).rows)[0]
        for spec in specs
    }
