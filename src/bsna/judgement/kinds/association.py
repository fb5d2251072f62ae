"""Claims that two things go together: an average marginal effect of a model of the plan. Never that one brings the other."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from bsna.estimation import EmptyDomain, NoFit, SurveyDesign, records
from bsna.intake.measured import extreme_measure
from bsna.intake.plan import Claim, Model, Plan
from bsna.judgement.kinds.tested import Designs, Tested
from bsna.judgement.model_terms import marginal_effect, reference_of, usable_terms
from bsna.judgement.p_values import above_zero


def association(claim: Claim, plan: Plan, designs: Designs, rng: np.random.Generator | None) -> Tested:
    """The share that the model is of is higher (`more`), or lower, at the level of the term than at its reference, by more
    than the margin or at all, among people alike in the model's other terms (average marginal effect, binary logit).

    Raises EmptyDomain if nobody answered all of it, or if too few did for the model to be fitted.
    """
    model: Model = plan.row("models", claim.model)
    try:
        rows = marginal_effect(plan, model, claim.term, claim.level, designs[claim.population])
    except NoFit as error:
        raise EmptyDomain(f"{claim.id}: {error}") from error
    if rows.empty:
        raise EmptyDomain(f"{claim.id}: nobody is at the level {claim.level!r} of {claim.term}")
    row, margin = records(rows)[0], claim.margin or 0.0
    values = {
        "gap_points": row["estimate"],
        "gap_size": row["estimate"],
        "margin_size": margin,
        "people_count": row["n"],
    }
    return Tested(*beyond(row["estimate"], row, margin, claim.expected), rows, values)


def beyond(value: float, row: Mapping[str, float], margin: float, expected: str) -> tuple[float, float]:
    """p-values that a difference lies beyond the margin in the direction expected, and that it does not."""
    if expected == "less":
        return above_zero({**row, "estimate": -value}, margin)
    return above_zero(row, margin)


def is_asked(claim: Claim, plan: Plan, designs: Designs, absent: Mapping[str, Sequence[str]]) -> bool:
    """Whether a survey has the outcome of the claim's model and people at different levels of its term."""
    model: Model = plan.row("models", claim.model)
    if claim.population not in designs or model.share in absent.get(claim.population, ()):
        return False
    return bool(usable_terms(plan, [claim.term], designs[claim.population]))


def outcomes_of(claim: Claim, plan: Plan) -> list[str]:
    """The measure that the claim's model is of; none if it has no model."""
    return [plan.row("models", claim.model).share] if claim.model else []


def one_sided_outcome(
    claim: Claim, plan: Plan, design: SurveyDesign, answers: pd.DataFrame, *, side: str
) -> dict[str, np.ndarray]:
    """The outcome of the claim's model if all silent at the level had answered for the claim (or against it), and all silent at
    the reference the other way. Those at other levels stay silent, as their answers do not enter the difference."""
    (name,) = outcomes_of(claim, plan)
    spec, at = plan.measure(name, claim.population), design.frame[claim.term].to_numpy()
    low, high = (extreme_measure(answers, spec, value).to_numpy() for value in (0.0, 1.0))
    wants_high = (side == "for") == (claim.expected == "more")
    level, reference = (high, low) if wants_high else (low, high)
    outcome = np.where(at == reference_of(plan, claim.term, design), reference, design.frame[name].to_numpy())
    return {name: np.where(at == claim.level, level, outcome)}
