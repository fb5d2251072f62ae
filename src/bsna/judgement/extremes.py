"""What the silent could have changed: non-response, and claims if all without an answer had taken one side."""

from collections.abc import Mapping

import pandas as pd

from bsna.estimation import SurveyDesign
from bsna.intake.measured import extreme_measure, extreme_ranking, nonresponse
from bsna.intake.plan import Claim, Plan, Rank
from bsna.judgement.kinds.association import one_sided_outcome, outcomes_of


def measures_of(claim: Claim) -> list[str]:
    """Names of all measures that a claim counts; a ranking is not among them."""
    names = [*claim.measures, *claim.others, *(name for pair in claim.pairs for name in pair)]
    return list(dict.fromkeys(names + [name for group in claim.lists for name in group]))


def silent_share(claim: Claim, plan: Plan, answers: Mapping[str, pd.DataFrame]) -> float:
    """Largest share, among the questions of a claim, of people asked who gave no usable answer; unweighted."""
    measures = [*measures_of(claim), *outcomes_of(claim, plan)]
    asked_of = [(claim.population, q) for m in measures for q in plan.measure(m, claim.population).question]
    asked_of += [(rank.population, rank.questions[0]) for rank in _rankings(claim, plan)]
    counts = [nonresponse(answers[population][question]) for population, question in dict.fromkeys(asked_of)]
    return max((silent / asked for asked, silent in counts if asked), default=0.0)


def one_sided_designs(
    claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], answers: Mapping[str, pd.DataFrame], *, side: str
) -> dict[str, SurveyDesign]:
    """The designs if everybody without a usable answer had answered "for" the claim, or "against" it.

    Answers that exclude each other are all counted against, so "against" is at least as bad as the worst that could have
    been. In an association those at the reference answer the other way. For an equivalence, "for" means all better and
    "against" all worse: both are against it.
    """
    wanted = {name: value if side == "for" else 1.0 - value for name, value in _favoured(claim).items()}
    specs = [plan.measure(name, claim.population) for name in wanted]
    changed = dict(designs)
    if specs:
        columns = {
            s.measure: extreme_measure(answers[claim.population], s, wanted[s.measure]).to_numpy() for s in specs
        }
        changed[claim.population] = designs[claim.population].with_columns(**columns)
    if claim.model:
        design = changed[claim.population]
        outcome = one_sided_outcome(claim, plan, design, answers[claim.population], side=side)
        changed[claim.population] = design.with_columns(**outcome)
    for rank in _rankings(claim, plan):
        table = answers[rank.population]
        order = claim.items if side == "for" else _rivals(table, rank, claim.items)
        ranked = extreme_ranking(table, rank.questions, order[: len(rank.questions)])
        changed[rank.population] = designs[rank.population].with_columns(**{q: ranked[q].to_numpy() for q in ranked})
    return changed


def _favoured(claim: Claim) -> dict[str, float]:
    """For each measure of a claim the answer that speaks for it: 1 yes, 0 no."""
    favoured = dict.fromkeys(claim.others, 0.0)
    for names in claim.lists:
        favoured |= {name: float(place == 0) for place, name in enumerate(names)}
    for place, (one, other) in enumerate(claim.pairs):
        if claim.kind == "only_one":
            favoured |= dict.fromkeys((one, other), float(place == 0))
        else:
            favoured |= {one: 1.0, other: 0.0}
    return favoured | dict.fromkeys(claim.measures, 1.0)


def _rankings(claim: Claim, plan: Plan) -> list[Rank]:
    return [plan.row("ranks", name) for name in claim.ranks]


def _rivals(table: pd.DataFrame, rank: Rank, items: tuple[str, ...]) -> list[str]:
    """Items outside the claim, the most named first."""
    named = table[list(rank.questions)].stack().value_counts()
    others = [item for item in rank.items if item not in items]
    return sorted(others, key=lambda item: (-int(named.get(item, 0)), rank.items.index(item)))
