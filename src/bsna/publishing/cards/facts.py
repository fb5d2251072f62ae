"""What the rows of a measure are made of: its questions, the answers that count, and of whom; as the plan declares it."""

from collections.abc import Mapping
from dataclasses import dataclass

from bsna.intake.instrument import Questionnaire
from bsna.intake.plan import Plan

AVERAGE = "-average"
"""End of the name of a difference from the average of a list."""


@dataclass(frozen=True)
class Making:
    """`kind` is that of the measure in the plan; else answers (all to one question), corridor, difference or above_average.

    `questions` are those asked; `codes` the answers that count, none where all are shown; `base` whom it is a share of, as in
    `plan.Measure`; `parts` the measures that a difference is made of, the first minus the others.
    """

    kind: str
    questions: tuple[str, ...]
    codes: tuple[str, ...] = ()
    base: str = ""
    parts: tuple[str, ...] = ()


def making_of(plan: Plan, forms: Mapping[str, Questionnaire], measure: str, population: str) -> Making:
    """What a measure of a population is made of.

    Raises ValueError for a name that neither the plan nor the questionnaire of the population has.
    """
    for spec in plan.measures:
        if (spec.measure, spec.population) == (measure, population):
            return Making(spec.kind, tuple(dict.fromkeys(spec.question)), tuple(spec.codes), spec.base)
    for flow in plan.flows:
        if (flow.flow, flow.population) == (measure, population):
            return Making("corridor", (flow.origin, flow.destination))
    if population in forms and measure in forms[population].names:
        return Making("answers", (measure,))
    if "-" in measure:
        kind = "above_average" if measure.endswith(AVERAGE) else "difference"
        parts = tuple(measure.removesuffix(AVERAGE).split("-"))
        made = [making_of(plan, forms, part, population) for part in parts]
        return Making(kind, tuple(dict.fromkeys(q for one in made for q in one.questions)), parts=parts)
    raise ValueError(
        f"{measure!r} of {population} is no measure of assessment/plan/measures.csv, no flow and no question; "
        "a row that is published must say what it is made of"
    )
