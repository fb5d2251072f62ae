"""The ledger: every call made in R, and whether this engine gives the same numbers or refuses on purpose."""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import get_args

import pandas as pd

from tests.estimation.rsurvey.answers import (
    comparisons,
    contrasts,
    corrections,
    crosstabs,
    estimates,
    models,
    quantiles,
    samples,
    shares,
    tails,
    terms,
)
from tests.estimation.rsurvey.answers.asked import Asked
from tests.estimation.rsurvey.calls import Call, parse
from tests.estimation.rsurvey.comparison import leaves
from tests.estimation.rsurvey.explaining import BY_STEPS, explained
from tests.estimation.rsurvey.families import DESIGNS, FAMILIES, REPLICATES, family_of, main_function
from tests.estimation.rsurvey.outcomes import Answer, Outcome, Verdict, held
from tests.estimation.rsurvey.reading import Case, Reference
from tests.estimation.rsurvey.refusals import left_out, no_answer, refusal

ANSWERS: Mapping[str, Answer] = {
    "svymean": estimates.stat,
    "svytotal": estimates.stat,
    "svyratio": estimates.ratio,
    "svyvar": estimates.variance,
    "svyttest": comparisons.means,
    "confint svyttest": comparisons.limits,
    "svyranktest": comparisons.ranks,
    "svyciprop": shares.share,
    "svyquantile": quantiles.of_everybody,
    "svyby svyquantile": quantiles.by_group,
    "$ svycdf": quantiles.distribution_function,
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


def judge_all(reference: Reference) -> list[Outcome]:
    """Outcomes of all samples and of all calls, in R's order. What the engine warns of on the way is not shown."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [judge_sample(reference, name) for name in reference.designs]
        return [*found, *(judge(reference, case) for case in reference.cases.values())]


def judge_sample(reference: Reference, name: str) -> Outcome:
    """Build a sample with this engine, and hold its weights, its replicates and its degrees of freedom against R's."""
    family = REPLICATES if name.startswith("r_") else DESIGNS
    case = Case(name, name, reference.designs[name]["call"], "exact", {}, samples.described(reference, name))
    return held(case, family, lambda: samples.description(reference, name), {})


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
    outcome = held(case, family, lambda: _answer(node)(asked), spared)
    if outcome.verdict == "differs" and main_function(node) in BY_STEPS:
        return explained(outcome, case, asked, _answer(node))
    return outcome


def table(outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """One row per family and one for all: cases, how many of each verdict, the worst relative difference of a match over what
    its class allows, and why what is explained or refused is."""
    rows = []
    judged = list(outcomes)
    for family in (*FAMILIES, "all"):
        mine = [o for o in judged if family in (o.family, "all")]
        worst = [o.worst.relative / o.worst.allowed for o in mine if o.verdict == "matched" and o.worst]
        count = {verdict: sum(o.verdict == verdict for o in mine) for verdict in get_args(Verdict)}
        row = {"family": family, "cases": len(mine), **count, "worst_over_allowed": max(worst, default=float("nan"))}
        for verdict in ("explained", "refused"):
            why = sorted({o.reason for o in mine if o.verdict == verdict and family != "all"})
            row[f"why_{verdict}"] = ". ".join(f"{reason[0].upper()}{reason[1:]}" for reason in why)
        rows.append(row)
    return pd.DataFrame(rows)


def left_out_table(outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """One row per reason why a field of an answered call was not compared: how many fields, of how many calls."""
    rows = [(reason, o.case) for o in outcomes for reason in o.left_out.values()]
    listed = pd.DataFrame(rows, columns=["reason", "case"]).groupby("reason")["case"]
    return pd.DataFrame({"fields": listed.size(), "calls": listed.nunique()}).reset_index()


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


def _judged_error(asked: Asked, case: Case, family: str) -> Outcome:
    try:
        _answer(asked.call)(asked)
    except Exception as stop:
        if isinstance(stop, ValueError) and ("one cluster" in str(stop) or "one sampling unit" in str(stop)):
            return Outcome(case.id, family, "matched", 0, None, "")
        return Outcome(case.id, family, "differs", 0, None, f"stops for another reason than R: {stop}")
    return Outcome(case.id, family, "differs", 0, None, f"does not stop where R does: {case.result['message']}")
