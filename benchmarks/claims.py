"""`python -m benchmarks claims`: how often claims come out against the truth, and as often as planned when they are true."""

import gc
from collections.abc import Iterator, Sequence
from functools import cache
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.claims_report import claims_text
from bsna.estimation import SurveyDesign
from bsna.intake.plan import Plan, load_plan
from bsna.intake.profile import load_profile
from bsna.judgement.planned_power import claim_powers, planned_samples
from bsna.simulation.truths.declared import Truth, load_truths
from bsna.simulation.truths.drawing import planned_designs
from bsna.simulation.truths.grading import graded_surveys
from bsna.simulation.truths.trials import Trials, any_error, corrected_words, try_truth

HERE = Path(__file__).parent
SURVEY, SEED = "mli", 2014
SURVEYS, SURVEYS_MORE, SURVEYS_FAR = 2000, 1000, 200
"""Surveys drawn from each truth; fewer from a claim's second and third border, and from truths that are false by a lot, where
nothing is near five in a hundred."""
SURVEYS_GRADED = 300
CHUNK = 100
AT_MOST = 0.05
ERRORS = ("any_false_supported", "any_true_contradicted")
COLUMNS = (
    "part",
    "claim",
    "level",
    "border",
    "quantity",
    "surveys",
    "value",
    "error",
    "low",
    "high",
    "met",
)


def measure_claims() -> None:
    """Write claims.csv, one row per number, and claims.md."""
    with get_context("spawn").Pool(2) as pool:
        trials = _tried(pool)
        rows = [*_levels(trials), *_powers(trials), *_families(trials)]
        rows += _grades(pool)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table.to_csv(HERE / "claims.csv", index=False, float_format="%.6g", lineterminator="\n")
    people = _designs()["community"]
    df = (people.degrees_of_freedom(np.ones(len(people.frame), dtype=bool)), effective_df(people))
    text = claims_text(table, SURVEY, load_plan(), df)
    (HERE / "claims.md").write_text(text, encoding="utf-8")
    print(text, flush=True)


def _tried(pool: Pool) -> list[Trials]:
    truths = load_truths(load_plan())
    jobs = [(k, first) for k in range(len(truths)) for first in range(0, _surveys(truths, k), CHUNK)]
    found: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {k: [] for k in range(len(truths))}
    for (number, _), pair in zip(jobs, pool.imap(_chunk, jobs), strict=True):
        found[number].append(pair)
    return [Trials(truth, *(np.concatenate(side) for side in zip(*found[k]))) for k, truth in enumerate(truths)]


def _surveys(truths: Sequence[Truth], number: int) -> int:
    truth = truths[number]
    if truth.level == "false_by_lot":
        return SURVEYS_FAR
    earlier = [(one.claim.id, one.level) for one in truths[:number]]
    return SURVEYS_MORE if (truth.claim.id, truth.level) in earlier else SURVEYS


@cache
def _designs() -> dict[str, SurveyDesign]:
    designs = planned_designs(load_profile(SURVEY))
    gc.freeze()  # what stays need not be looked through again
    return designs


def _chunk(job: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """p-values for and against, of some surveys of one truth."""
    number, first = job
    truths = load_truths(load_plan())
    last = min(first + CHUNK, _surveys(truths, number))
    trials = try_truth(truths[number], _designs(), range(first, last), seed=[SEED, number])
    return trials.p_for, trials.p_against


def _levels(trials: Sequence[Trials]) -> Iterator[tuple[object, ...]]:
    """How each claim alone comes out under each truth."""
    for one in trials:
        for word in ("supported", "contradicted", "uncertain"):
            against = word == ("contradicted" if one.truth.holds else "supported")
            yield _row("alone", one, word, one.share(word), len(one.p_for), high=AT_MOST if against else None)


def _powers(trials: Sequence[Trials]) -> Iterator[tuple[object, ...]]:
    """Where what is assumed is true: how often claims come out supported, beside the power that was planned."""
    planned = {
        row.claim_id: row for row in claim_powers(_unexplained(load_plan()), planned_samples(load_profile(SURVEY)))
    }
    for family in _by_family([one for one in trials if one.truth.level == "true"]):
        words = corrected_words(family)
        for place, one in enumerate(family):
            power, surveys = planned[one.truth.claim.id], len(one.p_for)
            if power.alone is None or power.corrected is None or power.family is None:
                continue
            yield _row("power", one, "alone", one.share("supported"), surveys, *power.alone)
            yield _row("power", one, "corrected", one.shown_at(power.family), surveys, *power.corrected)
            yield _row("power", one, "holm", float((words[place] == "supported").mean()), surveys)


def _unexplained(plan: Plan) -> Plan:
    """The plan as surveys are drawn here: a model's other terms explain nothing of the term that a claim is about."""
    rows = tuple(row.model_copy(update={"explained": 0.0}) for row in plan.assumed_associations)
    return plan.model_copy(update={"assumed_associations": rows})


def effective_df(design: SurveyDesign) -> float:
    """Degrees of freedom of an error that adds up over strata which differ in weight, where people do not differ between them:
    fewer than clusters minus strata. Source: Satterthwaite (1946)."""
    clusters = design.frame.groupby(["stratum", "psu"])["weight"].sum().groupby("stratum")
    parts = clusters.sum() ** 2 / clusters.size()
    return float(parts.sum() ** 2 / (parts**2 / (clusters.size() - 1)).sum())


def _families(trials: Sequence[Trials]) -> Iterator[tuple[object, ...]]:
    """How often, after Holm's correction, some claim of a family comes out against the truth, under truths put together."""
    for family in _by_family(trials):
        name = family[0].truth.claim.family
        for what, detail, mixed in _mixtures(family):
            surveys = min(len(one.p_for) for one in mixed if one.truth.level != "false_by_lot")
            shares = dict(zip(ERRORS, any_error([_resized(one, surveys) for one in mixed]), strict=True))
            for error in (
                ERRORS if what.startswith("by turns") else ERRORS[1:] if "true by little" in what else ERRORS[:1]
            ):
                yield "family", name, what, detail, error, *_number(shares[error], surveys, None, AT_MOST)


def _resized(one: Trials, surveys: int) -> Trials:
    """The first surveys; fewer, which are all alike, as often as needed."""
    return Trials(one.truth, np.resize(one.p_for, surveys), np.resize(one.p_against, surveys))


def _mixtures(family: Sequence[Trials]) -> Iterator[tuple[str, str, list[Trials]]]:
    """Truths put together: what in general, in particular, and one of each claim."""
    by_claim: dict[str, dict[str, list[Trials]]] = {}
    for one in family:
        by_claim.setdefault(one.truth.claim.id, {}).setdefault(one.truth.level, []).append(one)
    claims = list(by_claim)

    def mix(*levels: str) -> list[Trials]:
        return [by_claim[name][levels[k % len(levels)]][0] for k, name in enumerate(claims)]

    yield "all false by little", "", mix("false_by_little")
    yield "all true by little", "", mix("true_by_little")
    yield "by turns false and true by little", "", mix("false_by_little", "true_by_little")
    yield "by turns true by little and false", "", mix("true_by_little", "false_by_little")
    for place, name in enumerate(claims):
        for one in by_claim[name]["false_by_little"]:
            others = mix("true")
            mixed = [*others[:place], one, *others[place + 1 :]]
            yield "one false by little, all others as assumed", f"{name}: {one.truth.border}", mixed
        others = mix("false_by_lot")
        mixed = [*others[:place], by_claim[name]["true_by_little"][0], *others[place + 1 :]]
        yield "one true by little, all others false by a lot", name, mixed


def _grades(pool: Pool) -> list[tuple[object, ...]]:
    """How often firm verdicts of each grade are against the truth, on surveys of all sizes and with faults."""
    jobs = [range(first, min(first + 10, SURVEYS_GRADED)) for first in range(0, SURVEYS_GRADED, 10)]
    verdicts = pd.concat(pool.imap(_graded, jobs), ignore_index=True)
    rows = []
    for letter in "ABCD":
        graded = verdicts[verdicts["grade"] == letter]
        firm = graded[graded["verdict"] != "uncertain"]
        rows.append(("grade", "", letter, "", "verdicts", len(graded), len(graded), None, None, None, None))
        if len(firm):
            wrong = float(firm["is_wrong"].mean())
            rows.append(("grade", "", letter, "", "wrong_of_firm", *_number(wrong, len(firm), None, None)))
    return rows


def _graded(surveys: range) -> pd.DataFrame:
    return graded_surveys(load_plan(), load_profile(SURVEY), surveys, seed=[SEED, 1_000_000])


def _by_family(trials: Sequence[Trials]) -> list[list[Trials]]:
    families = dict.fromkeys(one.truth.claim.family for one in trials)
    return [[one for one in trials if one.truth.claim.family == family] for family in families]


def _row(part: str, one: Trials, quantity: str, value: float, surveys: int, low=None, high=None) -> tuple[object, ...]:
    truth = one.truth
    return (part, truth.claim.id, truth.level, truth.border, quantity, *_number(value, surveys, low, high))


def _number(value: float, surveys: int, low: float | None, high: float | None) -> tuple[object, ...]:
    """A share, its Monte Carlo standard error, the bounds it should lie in, and whether it does: yes, no, or by_chance, outside
    by no more than two standard errors of what the bound would give, and one survey."""
    error, met = float(np.sqrt(value * (1 - value) / surveys)), None
    if low is not None or high is not None:
        bound = low if low is not None and value < low else high
        beyond = abs(value - bound) if value < (low or 0.0) or value > (1.0 if high is None else high) else 0.0
        chance = 2 * np.sqrt(bound * (1 - bound) / surveys) + 1 / surveys
        met = "yes" if beyond == 0 else "by_chance" if beyond <= chance else "no"
    return surveys, value, error, low, high, met
