"""How much weight a verdict bears: A, less the steps of each declared criterion that is not met."""

from collections.abc import Sequence
from dataclasses import dataclass

from bsna.intake.grading import GRADES, Criterion, Limit
from bsna.judgement.facts import Facts

_DECIMALS = {"size": 2, "share": 2, "number": 1}


@dataclass(frozen=True)
class Weighed:
    """One criterion applied to a verdict: the fact as found (None if not known), the limit that it did not keep, or the
    first if it did, and the steps down that this costs. `is_met` is None where the fact is not known."""

    criterion: str
    value: float | None
    limit: float
    steps: int
    is_met: bool | None


@dataclass(frozen=True)
class Grade:
    """A letter from A to D, every criterion as weighed, and the names of those that cost a step."""

    letter: str
    weighed: tuple[Weighed, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Names of the criteria that are not met, in the order of the plan."""
        return tuple(one.criterion for one in self.weighed if one.steps)


def grade(facts: Facts, criteria: Sequence[Criterion]) -> Grade:
    """A, less the steps of all criteria that are not met; three steps or more make D.

    A fact counts as it is shown: shares and points to the nearest percent, numbers to the nearest tenth. One that is not
    known costs nothing; one known from below only costs nothing either, and is met if the bound is.
    """
    weighed = tuple(_weigh(facts, criterion) for criterion in criteria)
    steps = sum(one.steps for one in weighed)
    return Grade(GRADES[min(steps, len(GRADES) - 1)], weighed)


def _weigh(facts: Facts, criterion: Criterion) -> Weighed:
    known = getattr(facts, criterion.id)
    value = None if known is None else round(float(known), _DECIMALS.get(criterion.unit, 0))
    if value is None:
        return Weighed(criterion.id, None, criterion.limits[0].value, 0, None)
    missed = [limit for limit in criterion.limits if not _keeps(value, criterion, limit)]
    if missed and criterion.id in facts.at_least:
        return Weighed(criterion.id, None, criterion.limits[0].value, 0, None)
    hit = missed[-1] if missed else criterion.limits[0]
    return Weighed(criterion.id, value, hit.value, hit.steps if missed else 0, not missed)


def _keeps(value: float, criterion: Criterion, limit: Limit) -> bool:
    return value >= limit.value if criterion.keep == "at_least" else value <= limit.value
