"""Models of the plan on the survey at hand: which of their terms it holds, and what goes with one level of one term."""

from collections.abc import Sequence

import pandas as pd

from bsna.estimation import SurveyDesign, average_marginal_effects, binary_logit
from bsna.intake.plan import Model, Plan


def usable_terms(plan: Plan, terms: Sequence[str], design: SurveyDesign) -> list[str]:
    """Terms of a model that the survey holds with at least two levels; the others are dropped and shown."""
    return [t for t in terms if t in design.frame.columns and design.frame[t].nunique() > 1]


def term_levels(plan: Plan, terms: Sequence[str], design: SurveyDesign) -> dict[str, list[str]]:
    """Order of the levels of each term, the reference first."""
    reference = {row.group: row.level for row in plan.references}
    levels: dict[str, list[str]] = {}
    for term in terms:
        declared = [level.level for level in plan.levels if level.group == term]
        found = set(design.frame[term].dropna())
        ordered = [level for level in declared if level in found] or sorted(found)
        first = reference.get(term, ordered[0])
        levels[term] = sorted(ordered, key=lambda level: (level != first, ordered.index(level)))
    return levels


def reference_of(plan: Plan, term: str, design: SurveyDesign) -> str:
    """The level that the others of a term are compared against."""
    return term_levels(plan, [term], design)[term][0]


def marginal_effect(plan: Plan, model: Model, term: str, level: str, design: SurveyDesign) -> pd.DataFrame:
    """Average marginal effect of one level of a term on a model's share, all usable terms in it: one estimate row.

    No row if the survey lacks the term or the level. Raises EmptyDomain if nobody answered all questions of the model,
    NoFit if it cannot be fitted.
    """
    terms = usable_terms(plan, model.terms, design)
    fit = binary_logit(design, model.share, terms, levels=term_levels(plan, terms, design))
    rows = average_marginal_effects(fit, design).assign(population=model.population)
    return rows[(rows["by"] == term) & (rows["level"] == level)].reset_index(drop=True)
