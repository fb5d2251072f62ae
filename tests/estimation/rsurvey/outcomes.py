"""One call judged: the answer held against every number of R's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from tests.estimation.rsurvey.answers.asked import Asked
from tests.estimation.rsurvey.comparison import TOLERANCE, Difference, compare, floors, is_numeric, leaves
from tests.estimation.rsurvey.reading import Case
from tests.estimation.rsurvey.refusals import refused_after

Verdict: TypeAlias = Literal["matched", "explained", "differs", "refused"]
"""matched: every number is R's, to the tolerance of the case. explained: R's numbers have fewer digits than that, its own
arithmetic gives them, and taken to the end gives ours. refused: on purpose, with a reason. differs: anything else."""

Answer: TypeAlias = Callable[[Asked], dict[str, Any]]


@dataclass(frozen=True)
class Outcome:
    """One call judged.

    `case` is its id, `family` what it belongs to, `compared` how many fields were held against R's, `worst` the field
    furthest from R's in units of what is allowed (None if none was compared), `reason` why it differs or is refused;
    `left_out` says of each field that was not compared why not.
    """

    case: str
    family: str
    verdict: Verdict
    compared: int
    worst: Difference | None
    reason: str
    left_out: Mapping[str, str] = field(default_factory=dict)


def held(case: Case, family: str, answer: Callable[[], dict[str, Any]], spared: Mapping[str, str]) -> Outcome:
    """The outcome of a call, but for the fields that are `spared` the comparison and why."""
    try:
        differences, wrong = compared(answer(), case, spared)
    except Exception as stop:
        if (reason := refused_after(case.warnings, stop)) is not None:
            return Outcome(case.id, family, "refused", 0, None, reason)
        return Outcome(case.id, family, "differs", 0, None, f"{type(stop).__name__}: {stop}")
    worst = max(differences, key=lambda d: d.relative / d.allowed, default=None)
    wrong += [f"{d.field}{list(d.place)}: got {d.got!r}, wanted {d.wanted!r}" for d in differences if not d.is_close]
    verdict: Verdict = "differs" if wrong else "matched"
    return Outcome(case.id, family, verdict, len(differences), worst, "; ".join(wrong), spared)


def compared(answer: Mapping[str, Any], case: Case, spared: Mapping[str, str]) -> tuple[list[Difference], list[str]]:
    """Differences of all numbers of R's, and the fields that are not answered or named otherwise."""
    ours = dict(leaves(answer))
    floor, allowed = floors(case.result), TOLERANCE[case.tolerance]
    differences, wrong = [], []
    for name, wanted in leaves(case.result):
        if name in spared:
            continue
        if not is_numeric(wanted):
            if name in ours and list(map(str, ours[name])) != list(map(str, wanted)):
                wrong.append(f"{name}: got {ours[name]}, wanted {wanted}")
        elif name not in ours:
            wrong.append(f"{name} is not answered")
        else:
            lowest = floor.get(name, floor.get(name.split(".")[0], 0.0))
            differences.append(compare(name, ours[name], wanted, allowed=allowed, floor=lowest))
    return differences, wrong
