"""The analysis plan of one survey, answered by the engine alone: `python -m benchmarks.engine_plan SURVEY FILE`.

Designs, every row of `tables.csv` and `distributions.csv` with its tests, and every model of `models.toml` with its effects,
as the chapters ask them; nothing is released, drawn or written. FILE receives the people of one cross-tabulation of the
same survey as Parquet, for a peer. One line of JSON: seconds, and how many estimates and tests they bought.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.engine_clock import median_seconds, profiled
from benchmarks.engine_data import DESIGN, GROUP, OUTCOME
from bsna.chapter import Survey, read_survey
from bsna.estimation import (
    EmptyDomain,
    NoFit,
    SurveyDesign,
    Untestable,
    average_marginal_effects,
    binary_logit,
    crosstab,
    distribution,
    mean,
    ordered_logit,
    proportion,
    survey_design,
)
from bsna.judgement.recommendations import term_levels, usable_terms

SCORE = "trust_army_score"
"""What stands for `trust` in the cross-tabulation that a peer makes of the same people."""


def main() -> None:
    """Time tables and tests, and models; with `--profile` tell where the time of the first goes."""
    name, target = sys.argv[1:3]
    survey = read_survey(name, "benchmark", "en")
    frames = {population: design.frame for population, design in survey.designs.items()}
    if "--profile" in sys.argv:
        print(json.dumps({"plan": profiled(lambda: _count(answer_tables(survey, _declared(survey, frames))))}))
        return
    _for_a_peer(frames["community"], Path(target))
    (estimates, tests), tables, _ = median_seconds(lambda: _count(answer_tables(survey, _declared(survey, frames))))
    (effects, _), models, _ = median_seconds(lambda: _count(answer_models(survey, _declared(survey, frames))))
    people = len(frames["community"])
    counts = {"people": people, "estimates": estimates, "tests": tests, "effects": effects}
    print(json.dumps({"tables": tables, "models": models} | counts))


def answer_tables(survey: Survey, designs: Mapping[str, SurveyDesign]) -> Iterator[tuple[int, int]]:
    """Estimates and tests of each question of the tables and distributions, counted."""
    for spec in survey.plan.tables:
        design = designs.get(spec.population)
        if design is None or (spec.by and spec.by not in design.frame):
            continue
        for measure in (m for m in spec.measures if m not in survey.absent[spec.population]):
            yield _estimate(survey, spec, design, measure), 0
            if spec.test:
                yield 0, _test(design, measure, spec.by)
    for spec in survey.plan.distributions:
        design = designs.get(spec.population)
        if design is None:
            continue
        for question in spec.questions:
            if question in design.frame and (asked := design.frame[question].isin(spec.levels)).any():
                only = design.with_columns(**{question: design.frame[question].where(asked)})
                yield len(distribution(only, question, tuple(spec.levels))), 0


def answer_models(survey: Survey, designs: Mapping[str, SurveyDesign]) -> Iterator[tuple[int, int]]:
    """Average marginal effects of each model of the plan, ordered and binary, counted."""
    for spec in survey.plan.models:
        design = designs.get(spec.population)
        if design is None or spec.score in survey.absent[spec.population]:
            continue
        terms = usable_terms(survey.plan, spec.terms, design)
        levels = term_levels(survey.plan, terms, design)
        with suppress(EmptyDomain, NoFit):
            for fit, outcome in ((ordered_logit, spec.score), (binary_logit, spec.share)):
                yield len(average_marginal_effects(fit(design, outcome, terms, levels=levels), design)), 0


def _declared(survey: Survey, frames: Mapping[str, pd.DataFrame]) -> dict[str, SurveyDesign]:
    return {name: survey_design(frame, lonely=survey.designs[name].lonely) for name, frame in frames.items()}


def _estimate(survey: Survey, spec: Any, design: SurveyDesign, measure: str) -> int:
    by = spec.by or None
    with suppress(EmptyDomain):
        if survey.plan.measure(measure, spec.population).unit == "number":
            return len(mean(design, measure, by=by))
        return len(proportion(design, measure, by=by, interval="beta" if spec.interval == "beta" else "logit"))
    return 0


def _test(design: SurveyDesign, measure: str, by: str) -> int:
    with suppress(Untestable, EmptyDomain):
        crosstab(design, measure, by)
        return 1
    return 0


def _count(answers: Iterator[tuple[int, int]]) -> tuple[int, int]:
    estimates, tests = zip(*answers, strict=True)
    return sum(estimates), sum(tests)


def _for_a_peer(people: pd.DataFrame, target: Path) -> None:
    columns = {SCORE: OUTCOME, GROUP: GROUP} | {name: name for name in DESIGN}
    known = people[list(columns)].dropna().rename(columns=columns)
    known.astype({OUTCOME: int}).to_parquet(target, index=False)


if __name__ == "__main__":
    main()
