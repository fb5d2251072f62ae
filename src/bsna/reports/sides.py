"""Answers on either side of the middle of a scale, taken together."""

from typing import Any

import pandas as pd

from bsna.chapter import Survey, keep_results
from bsna.estimation import SurveyDesign, proportion, records
from bsna.judgement import release
from bsna.publishing.cards.keys import row_key
from bsna.publishing.cards.results import Result, of_row, tied

LEFT, RIGHT = "left", "right"


def answer_sides(survey: Survey, name: str) -> list[dict[str, Any]]:
    """The share of answers on each side of the middle of a distribution's scale, released by the rule of its answers.

    Two rows per question that was asked, category `left` and `right`; none for a scale without a middle. The base is that of
    the distribution: whoever gave an answer of the scale. The rows serve a figure and its table and are not kept as estimates:
    those shown are kept as results, whose key they carry.
    """
    spec = survey.plan.row("distributions", name)
    design = survey.designs.get(spec.population)
    if design is None or not spec.left:
        return []
    asked = [q for q in spec.questions if q in design.frame and design.frame[q].isin(spec.levels).any()]
    tables = [_side(design, spec, question, side) for question in asked for side in (LEFT, RIGHT)]
    if not tables:
        return []
    rows = pd.concat(tables, ignore_index=True).assign(population=spec.population)
    return [_kept(survey, spec, row) for row in records(release(rows, survey.profile.publication))]


def _side(design: SurveyDesign, spec: Any, question: str, side: str) -> pd.DataFrame:
    answers = design.frame[question]
    on_side = answers.isin(getattr(spec, side)).astype(float).where(answers.isin(spec.levels))
    return proportion(design.with_columns(_side=on_side), "_side").assign(measure=question, category=side)


def _kept(survey: Survey, spec: Any, row: dict[str, Any]) -> dict[str, Any]:
    """A sum with the key of its result, which is made of the answers on its side; one that is withheld is none."""
    if row["status"] not in ("ok", "imprecise"):
        return row
    answers = [row | {"category": code} for code in getattr(spec, row["category"])]
    result = Result(
        survey.profile.id,
        survey.chapter,
        "side",
        (spec.distribution, row["measure"], row["category"]),
        "side",
        spec.distribution,
        of=tuple(row_key(survey.profile.id, survey.chapter, answer) for answer in answers),
    )
    return tied(row, *keep_results(survey, [of_row(row, result)]))
