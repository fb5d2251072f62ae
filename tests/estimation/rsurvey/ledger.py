"""The ledger: every call made in R, and whether this engine gives the same numbers or refuses on purpose."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from tests.estimation.rsurvey.answers import (
    contrasts,
    corrections,
    crosstabs,
    estimates,
    models,
    samples,
    shares,
    tails,
    terms,
)
from tests.estimation.rsurvey.answers.asked import Asked
from tests.estimation.rsurvey.calls import Call, parse
from tests.estimation.rsurvey.comparison import TOLERANCE, Difference, compare, floors, is_numeric, leaves
from tests.estimation.rsurvey.families import DESIGNS, FAMILIES, REPLICATES, family_of, main_function
from tests.estimation.rsurvey.reading import Case, Reference, numbers
from tests.estimation.rsurvey.refusals import (
    R_INTEGRAL,
    left_out,
    no_answer,
    refusal,
    refused_after,
    why_explained,
)

Verdict = Literal["matched", "explained", "differs", "refused"]
Answer = Callable[[Asked], dict[str, Any]]

ANSWERS: Mapping[str, Answer] = {
    "svymean": estimates.stat,
    "svytotal": estimates.stat,
    "svyratio": estimates.ratio,
    "svyciprop": shares.share,
    "svytable": crosstabs.counts,
    "svychisq": crosstabs.association,
    "list p.adjust": corrections.adjusted,
    "svyglm": models.regression,
    "svyolr": models.ordered,
    "regTermTest": terms.test,
    "{ anova": terms.sequence,
    "svycontrast": contrasts.contrast,
    "list confint": contrasts.intervals,
    "{ predict": contrasts.predicted,
    "svypredmeans": contrasts.predicted_means,
    "{ pchisqsum": tails.chi_squares,
    "{ pFsum": tails.quotients,
    "lapply svyciprop": shares.several,
    "svyby svymean": estimates.by_group,
    "svyby svytotal": estimates.by_group,
    "svyby svyratio": estimates.by_group,
    "svyby svyciprop": shares.by_group,
}
"""What answers a call: by its function, or by the outer and the inner one."""


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


def judge_all(reference: Reference) -> list[Outcome]:
    """Outcomes of all samples and of all calls, in R's order."""
    samples = [judge_sample(reference, name) for name in reference.designs]
    return [*samples, *(judge(reference, case) for case in reference.cases.values())]


def judge_sample(reference: Reference, name: str) -> Outcome:
    """Build a sample with this engine, and hold its weights, its replicates and its degrees of freedom against R's."""
    family = REPLICATES if name.startswith("r_") else DESIGNS
    calibrated = any(word in reference.designs[name]["call"] for word in ("rake(", "calibrate("))
    wanted = samples.described(reference, name)
    case = Case(name, name, reference.designs[name]["call"], "iter" if calibrated else "exact", {}, wanted)
    return _outcome(case, family, lambda: samples.description(reference, name), {})


def judge(reference: Reference, case: Case) -> Outcome:
    """Answer a call with this engine and hold every number of R's against it."""
    node = parse(case.call)
    family = family_of(case, node)
    if (reason := refusal(node) or no_answer(case)) is not None:
        return Outcome(case.id, family, "refused", 0, None, reason)
    if case.tolerance == "default_iter":
        return replace(judge(reference, _twin(reference, case)), case=case.id)
    assert isinstance(node, Call)
    asked = Asked(reference, node, case.design, case.options)
    if isinstance(case.result, Mapping) and case.result.get("kind") == "error":
        return _judged_error(asked, case, family)
    spared = {name: why for name, v in leaves(case.result) if (why := left_out(case, node, name, v)) is not None}
    outcome = _outcome(case, family, lambda: _answer(node)(asked), spared)
    return outcome if outcome.verdict != "differs" else _explained(outcome, case, asked, spared)


def table(outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """One row per family and one for all: cases, matched, refused, differing, the worst relative difference of a match over
    what its class allows, and why what is refused is refused."""
    rows = []
    judged = list(outcomes)
    for family in (*FAMILIES, "all"):
        mine = [o for o in judged if family in (o.family, "all")]
        worst = [o.worst.relative / o.worst.allowed for o in mine if o.verdict == "matched" and o.worst]
        count = {verdict: sum(o.verdict == verdict for o in mine) for verdict in get_args(Verdict)}
        why = sorted({o.reason for o in mine if o.verdict == "refused"}) if family != "all" else []
        row = {"family": family, "cases": len(mine), **count, "worst_over_allowed": max(worst, default=float("nan"))}
        rows.append(row | {"why_refused": "; ".join(why)})
    return pd.DataFrame(rows)


def _twin(reference: Reference, case: Case) -> Case:
    """The same model, iterated by R until it stood still."""
    stem = case.id.removesuffix("_default")
    for name in (f"{stem}_tight", stem):
        if name in reference.cases and name != case.id:
            return reference.cases[name]
    raise ValueError(f"{case.id}: there is no tight twin to compare with")


def _answer(node: Call) -> Answer:
    inner = main_function(node)
    name = inner if node.function == inner else f"{node.function} {inner}"
    if name not in ANSWERS:
        raise NotImplementedError(f"nothing answers {name}")
    return ANSWERS[name]


def _outcome(case: Case, family: str, answer: Callable[[], dict[str, Any]], spared: Mapping[str, str]) -> Outcome:
    try:
        differences, wrong = _held(answer(), case, spared)
    except Exception as stop:
        if (reason := refused_after(case.warnings, stop)) is not None:
            return Outcome(case.id, family, "refused", 0, None, reason)
        return Outcome(case.id, family, "differs", 0, None, f"{type(stop).__name__}: {stop}")
    worst = max(differences, key=lambda d: d.relative / d.allowed, default=None)
    wrong += [f"{d.field}{list(d.place)}: got {d.got!r}, wanted {d.wanted!r}" for d in differences if not d.is_close]
    verdict: Verdict = "differs" if wrong else "matched"
    return Outcome(case.id, family, verdict, len(differences), worst, "; ".join(wrong), spared)


def _explained(outcome: Outcome, case: Case, asked: Asked, spared: Mapping[str, str]) -> Outcome:
    """Whether R's own steps give R's numbers where R stops, and ours where they end; else the outcome as it was.

    Where R stops cannot be told for an integral: R's has to be as near as R asked for, ours as the class asks.
    """
    function = main_function(asked.call)
    if function == "svyolr":
        at = np.concatenate([numbers(case.result[key]) for key in ("coef", "zeta")])
        asked = replace(asked, at=at)
    try:
        answer = _answer(asked.call)
        ours, ended = (dict(leaves(answer(replace(asked, steps=steps)))) for steps in ("ours", "to the end"))
        stopped = dict(leaves(answer(replace(asked, steps="as R stops"))))
    except Exception as stop:
        return replace(outcome, reason=f"{outcome.reason}; by R's steps: {type(stop).__name__}: {stop}")
    integral = function == "svychisq" and asked.call.named.get("statistic") == "lincom"
    if integral:
        if abs(ended["p_value"] - case.result["p_value"]) > R_INTEGRAL:
            return outcome
        stopped["p_value"] = case.result["p_value"]
    short, wrong = _held(stopped, case, spared)
    floor, allowed = floors(case.result), TOLERANCE[case.tolerance]
    both = [
        compare(name, ours[name], np.asarray(ended[name]).tolist(), allowed=allowed, floor=_floor_of(floor, name))
        for name, wanted in leaves(case.result)
        if name not in spared and is_numeric(wanted)
    ]
    if wrong or not all(difference.is_close for difference in (*short, *both)):
        return outcome
    worst = max((*short, *both), key=lambda d: d.relative / d.allowed)
    return replace(outcome, verdict="explained", worst=worst, reason=why_explained(asked.call))


def _held(answer: Mapping[str, Any], case: Case, spared: Mapping[str, str]) -> tuple[list[Difference], list[str]]:
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
            differences.append(compare(name, ours[name], wanted, allowed=allowed, floor=_floor_of(floor, name)))
    return differences, wrong


def _floor_of(floor: Mapping[str, Any], name: str) -> Any:
    return floor.get(name, floor.get(name.split(".")[0], 0.0))


def _judged_error(asked: Asked, case: Case, family: str) -> Outcome:
    try:
        _answer(asked.call)(asked)
    except Exception as stop:
        if isinstance(stop, ValueError) and ("one cluster" in str(stop) or "one sampling unit" in str(stop)):
            return Outcome(case.id, family, "matched", 0, None, "")
        return Outcome(case.id, family, "differs", 0, None, f"stops for another reason than R: {stop}")
    return Outcome(case.id, family, "differs", 0, None, f"does not stop where R does: {case.result['message']}")
