"""Which answers of a person hang together, as the plan counts them: one of several, ticks of a list, two halves of one whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bsna.intake.instrument import load_questionnaire
from bsna.intake.plan import AssumedShare, Claim, Measure, Plan
from bsna.judgement.extremes import measures_of

SMALL = 1e-12


@dataclass(frozen=True)
class Block:
    """Answers drawn together: each person is in one of several cells that exclude each other.

    `chances` (cells,) add up to one. `cluster_effect` is the correlation of two people of one cluster, `asked` the share of people
    who are asked. `counts` tells for each measure which cells (cells,) it counts; `codes` holds for each question the code
    answered in each cell, "" where none of the plan's is.
    """

    chances: np.ndarray
    cluster_effect: float
    asked: float
    counts: dict[str, np.ndarray]
    codes: dict[str, tuple[str, ...]]


def blocks_of(claim: Claim, plan: Plan) -> list[Block]:
    """The blocks of a claim's measures, by the questions they are made of, in the order in which the claim names them.

    A multiple choice is a block for each of its codes, which are ticked independently; another question one block whose
    measures exclude each other; two questions with a measure of `all` of them one block of four cells. Raises ValueError for
    measures that hang together in another way, or whose shares cannot be.
    """
    specs = [plan.measure(name, claim.population) for name in measures_of(claim)]
    blocks = []
    for group in _connected(specs):
        rows = [plan.assumed_share(spec.measure, claim.population) for spec in group]
        effect, asked = max(plan.cluster_effect(row).cluster_effect for row in rows), min(row.asked for row in rows)
        blocks += [Block(cells[0], effect, asked, *cells[1:]) for cells in _cells(group, rows)]
    return blocks


_Cells = tuple[np.ndarray, dict[str, np.ndarray], dict[str, tuple[str, ...]]]


def _cells(group: Sequence[Measure], rows: Sequence[AssumedShare]) -> Iterable[_Cells]:
    questions = list(dict.fromkeys(name for spec in group for name in spec.question))
    if len(questions) == 2 and sorted(spec.kind for spec in group) == ["all", "share", "share"]:
        return [_halves(group, rows)]
    if len(questions) > 1 or any(spec.kind != "share" for spec in group):
        raise ValueError(
            f"Measures {[s.measure for s in group]} are made of {questions}; no way is known to draw them together"
        )
    if load_questionnaire(group[0].population).question(questions[0]).type == "select_multiple":
        return [_exclusive([spec], [row]) for spec, row in zip(group, rows, strict=True)]
    return [_exclusive(group, rows)]


def _exclusive(group: Sequence[Measure], rows: Sequence[AssumedShare]) -> _Cells:
    """One cell for each measure and one for the rest."""
    if twice := {code for spec in group for code in spec.codes if sum(code in other.codes for other in group) > 1}:
        raise ValueError(
            f"Measures {[s.measure for s in group]} share the codes {sorted(twice)}; they do not exclude each other"
        )
    shares = [row.share for row in rows]
    chances = _checked([*shares, 1 - sum(shares)], [spec.measure for spec in group])
    counts = {spec.measure: np.arange(len(chances)) == place for place, spec in enumerate(group)}
    return chances, counts, {group[0].question[0]: (*(spec.codes[0] for spec in group), "")}


def _halves(group: Sequence[Measure], rows: Sequence[AssumedShare]) -> _Cells:
    """Cells: both, the first only, the second only, neither."""
    share = {spec.question: row.share for spec, row in zip(group, rows, strict=True)}
    ((one, other),) = (spec.question for spec in group if spec.kind == "all")
    first, second, both = share[one,], share[other,], share[one, other]
    chances = _checked([both, first - both, second - both, 1 - first - second + both], [spec.measure for spec in group])
    cells = {(one,): [1, 1, 0, 0], (other,): [1, 0, 1, 0], (one, other): [1, 0, 0, 0]}
    counts = {spec.measure: np.array(cells[spec.question], dtype=bool) for spec in group}
    code = {spec.question[0]: spec.codes[0] for spec in group if spec.kind == "share"}
    codes = {name: tuple(code[name] if yes else "" for yes in cells[name,]) for name in (one, other)}
    return chances, counts, codes


def _checked(chances: Sequence[float], names: Sequence[str]) -> np.ndarray:
    found = np.array(chances)
    if found.min() < -SMALL:
        raise ValueError(
            f"Shares of {list(names)} cannot all be: cells of {found.round(4).tolist()}; change them in the truth"
        )
    return found.clip(min=0.0)


def _connected(specs: Sequence[Measure]) -> list[list[Measure]]:
    """Measures that share a question, also through others, together."""
    groups: list[list[Measure]] = []
    for spec in specs:
        touching = [group for group in groups if any(set(spec.question) & set(other.question) for other in group)]
        merged = [other for group in touching for other in group] + [spec]
        groups = (
            [merged if group is touching[0] else group for group in groups if group not in touching[1:]]
            if touching
            else [*groups, merged]
        )
    return groups
