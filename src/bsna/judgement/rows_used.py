"""The rows a claim rests on: which questions, how many were asked them, and how many gave a usable answer."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from bsna.intake.measured import nonresponse
from bsna.intake.plan import Claim, Measure, Plan
from bsna.judgement.extremes import measures_of
from bsna.judgement.kinds.association import outcomes_of


@dataclass(frozen=True)
class QuestionUse:
    """One question behind a claim. `interviews`: all of the population that were kept; `asked`: those to whom it was
    put; `answered`: those of them with a usable answer. Unweighted; `asked` and `answered` are None where fewer than the
    threshold were asked."""

    population: str
    question: str
    interviews: int
    asked: int | None
    answered: int | None


def measures_behind(claim: Claim, plan: Plan) -> tuple[Measure, ...]:
    """The measures a claim counts, in the order of its rule, or that its model is of; rankings have none of their own."""
    names = [*measures_of(claim), *outcomes_of(claim, plan)]
    return tuple(plan.measure(name, claim.population) for name in names)


def questions_behind(claim: Claim, plan: Plan) -> tuple[tuple[str, str], ...]:
    """Population and question of all that a claim rests on, each once."""
    asked = [(spec.population, q) for spec in measures_behind(claim, plan) for q in spec.question]
    for rank in (plan.row("ranks", name) for name in claim.ranks):
        asked += [(rank.population, question) for question in rank.questions]
    return tuple(dict.fromkeys(asked))


def rows_used(
    claim: Claim, plan: Plan, answers: Mapping[str, pd.DataFrame], *, threshold: int
) -> tuple[QuestionUse, ...]:
    """One row for each question behind a claim that the survey holds; `answers` are the interviews kept."""
    used = []
    for population, question in questions_behind(claim, plan):
        if population not in answers or question not in answers[population]:
            continue
        frame = answers[population]
        asked, silent = nonresponse(frame[question])
        shown = asked >= threshold
        used.append(
            QuestionUse(population, question, len(frame), asked if shown else None, asked - silent if shown else None)
        )
    return tuple(used)
