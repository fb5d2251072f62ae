"""Which answers of a person hang together, as the plan counts them: one of several, ticks of a list, two halves of one whole."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bsna.intake.instrument import load_questionnaire
from bsna.intake.plan import Claim, Measure, Plan
from bsna.judgement.extremes import measures_of

SMALL = 1e-12


@dataclass(frozen=True)
class Block:
    """Answers drawn together: each person is in one of several cells that exclude each other.

    `chances` (cells,) add up to one. `cluster_effect` is the correlation of two people of one cluster, `asked` the share of people
    who are asked. `counts` tells for each measure which cells (cells,) it counts, `groups` for each group the level of each cell.
    `codes` holds for each question the code answered in each cell: that of a measure, one that no measure here counts, or "",
    a code of a list that is not ticked. `parts` numbers the parts (cells,) into which people fall alike in all clusters, which
    differ within parts only; one if all are 0.
    """

    chances: np.ndarray
    cluster_effect: float
    asked: float
    counts: dict[str, np.ndarray]
    codes: dict[str, tuple[str, ...]]
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    parts: tuple[int, ...] = ()


def blocks_of(claim: Claim, plan: Plan) -> list[Block]:
    """The blocks of what a claim counts, by the questions it is made of, in the order in which the claim names them.

    A multiple choice is a block for each of its codes, which are ticked independently; another question one block whose
    measures exclude each other; two questions with a measure of `all` of them one block of four cells; a model's outcome and the
    term that a claim is about, one block. Raises ValueError for measures that hang together in another way, or whose
    shares cannot be.
    """
    specs = [plan.measure(name, claim.population) for name in measures_of(claim)]
    blocks = [block for group in _connected(specs) for block in _blocks(group, plan)]
    return [*blocks, _association(claim, plan)] if claim.model else blocks


def _blocks(group: Sequence[Measure], plan: Plan) -> list[Block]:
    questions = list(dict.fromkeys(name for spec in group for name in spec.question))
    if len(questions) == 2 and sorted(spec.kind for spec in group) == ["all", "share", "share"]:
        return [_halves(group, plan)]
    if len(questions) > 1 or any(spec.kind != "share" for spec in group):
        raise ValueError(
            f"Measures {[s.measure for s in group]} are made of {questions}; no way is known to draw them together"
        )
    if _is_list(group[0].population, questions[0]):
        return [_exclusive([spec], plan) for spec in group]
    return [_exclusive(group, plan)]


def _exclusive(group: Sequence[Measure], plan: Plan) -> Block:
    """One cell for each measure and one for the rest."""
    if twice := {code for spec in group for code in spec.codes if sum(code in other.codes for other in group) > 1}:
        raise ValueError(
            f"Measures {[s.measure for s in group]} share the codes {sorted(twice)}; they do not exclude each other"
        )
    shares = [_share(spec, plan) for spec in group]
    chances = _checked([*shares, 1 - sum(shares)], group)
    counts = {spec.measure: np.arange(len(chances)) == place for place, spec in enumerate(group)}
    codes = (*(spec.codes[0] for spec in group), _rest(group))
    return Block(chances, *_assumed(group, plan), counts, {group[0].question[0]: codes})


def _halves(group: Sequence[Measure], plan: Plan) -> Block:
    """Cells: both, the first only, the second only, neither."""
    share = {spec.question: _share(spec, plan) for spec in group}
    ((one, other),) = (spec.question for spec in group if spec.kind == "all")
    first, second, both = share[one,], share[other,], share[one, other]
    chances = _checked([both, first - both, second - both, 1 - first - second + both], group)
    cells = {(one,): [1, 1, 0, 0], (other,): [1, 0, 1, 0], (one, other): [1, 0, 0, 0]}
    counts = {spec.measure: np.array(cells[spec.question], dtype=bool) for spec in group}
    codes = {
        spec.question[0]: tuple(spec.codes[0] if yes else _rest([spec]) for yes in cells[spec.question])
        for spec in group
        if spec.kind == "share"
    }
    return Block(chances, *_assumed(group, plan), counts, codes)


def _association(claim: Claim, plan: Plan) -> Block:
    """Cells: yes and no at the level, yes and no at the reference, yes and no at another level, whose people are as those at
    the reference. Two levels of two have no other. People of a level are spread over all clusters, as the plan has it."""
    row, spec = (
        plan.assumed_association(claim.id),
        plan.measure(plan.row("models", claim.model).share, claim.population),
    )
    group = plan.group(claim.term, claim.population)
    made_of = {one.level: one.codes.split()[0] for one in plan.levels if one.group == claim.term}
    codes = made_of or {code: code for code in load_questionnaire(claim.population).question(group.source).codes}
    first = next(iter(made_of or sorted(codes)))  # as the rule takes it where none is declared
    reference = next((one.level for one in plan.references if one.group == claim.term), first)
    levels = (claim.level, reference, next((one for one in codes if one not in (claim.level, reference)), reference))
    people = (row.level_people, row.reference_people, 1 - row.level_people - row.reference_people)
    shares = (row.level_share, row.reference_share, row.reference_share)
    cells = [part * yes for part, share in zip(people, shares, strict=True) for yes in (share, 1 - share)]
    says_yes = np.array([True, False] * 3)
    term = tuple(level for level in levels for _ in range(2))
    return Block(
        _checked(cells, [spec]),
        plan.cluster_effect(row).cluster_effect,
        plan.assumed_share(spec.measure, claim.population).asked,
        {spec.measure: says_yes},
        {
            spec.question[0]: tuple(spec.codes[0] if yes else _rest([spec]) for yes in says_yes),
            group.source: tuple(codes[level] for level in term),
        },
        {claim.term: term},
        (0, 0, 1, 1, 2, 2),
    )


def _assumed(group: Sequence[Measure], plan: Plan) -> tuple[float, float]:
    """The largest cluster effect and the least share of people asked."""
    rows = [plan.assumed_share(spec.measure, spec.population) for spec in group]
    return max(plan.cluster_effect(row).cluster_effect for row in rows), min(row.asked for row in rows)


def _share(spec: Measure, plan: Plan) -> float:
    return plan.assumed_share(spec.measure, spec.population).share


def _rest(group: Sequence[Measure]) -> str:
    """A code of the question that no measure of the group counts; "" for a list, of which others are not ticked."""
    question = load_questionnaire(group[0].population).question(group[0].question[0])
    if question.type == "select_multiple":
        return ""
    return next((code for code in question.codes if not any(code in spec.codes for spec in group)), "")


def _is_list(population: str, question: str) -> bool:
    return load_questionnaire(population).question(question).type == "select_multiple"


def _checked(chances: Sequence[float], group: Sequence[Measure]) -> np.ndarray:
    found = np.array(chances)
    if found.min() < -SMALL:
        names = [spec.measure for spec in group]
        raise ValueError(
            f"Shares of {names} cannot all be: cells of {found.round(4).tolist()}; change them in the truth"
        )
    return found.clip(min=0.0)


def _connected(specs: Sequence[Measure]) -> list[list[Measure]]:
    """Measures that share a question, also through others, together."""
    groups: list[list[Measure]] = []
    for spec in specs:
        touching = [g for g in groups if any(set(spec.question) & set(other.question) for other in g)]
        merged = [other for g in touching for other in g] + [spec]
        place = groups.index(touching[0]) if touching else len(groups)
        groups[place : place + 1] = [merged]
        groups = [g for g in groups if g not in touching[1:]]
    return groups
