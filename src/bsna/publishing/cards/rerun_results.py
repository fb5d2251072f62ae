"""How a verdict fares under reruns, as results: one for each way of doing it otherwise, and one for single corrections."""

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from bsna.intake.plan import Plan
from bsna.judgement import Verdict
from bsna.judgement.lead import lead_row
from bsna.judgement.standing import Standing, Variant
from bsna.publishing.cards.keys import keyed
from bsna.publishing.cards.results import Result
from bsna.publishing.cards.rows import FINDINGS

ROBUSTNESS = "robustness"
"""The chapter whose results are those of reruns."""

CORRECTIONS = "corrections"
_ASKED = "report_robustness"


def rerun_results(
    survey: str, plan: Plan, standings: Iterable[Standing], verdicts: Mapping[str, Verdict]
) -> tuple[Result, ...]:
    """All of a survey. `verdicts` by claim tell the leading row, from which reruns are told to differ; a claim without one has
    results that lead to no row."""
    found = []
    for standing in standings:
        verdict = verdicts.get(standing.claim_id)
        of = (_leading(survey, plan, verdict),) if verdict is not None and verdict.rows else ()
        found += list(standing_results(survey, standing, of))
    return tuple(found)


def standing_results(survey: str, standing: Standing, of: tuple[str, ...] = ()) -> Iterator[Result]:
    """Those of one claim, in the order of its reruns; corrections last."""
    yield from (_variant(survey, standing, variant, of) for variant in standing.variants)
    if standing.corrections:
        rows = sum(row["rows"] for row in standing.corrections)
        largest = max(abs(row["largest"]) for row in standing.corrections)
        further = (("rows_count", float(rows)), ("largest_number", largest * 100))
        names = (standing.claim_id, CORRECTIONS)
        yield Result(survey, ROBUSTNESS, "rerun", names, "rerun_corrections", _ASKED, further=further, of=of)


def _variant(survey: str, standing: Standing, variant: Variant, of: tuple[str, ...]) -> Result:
    return Result(
        survey,
        ROBUSTNESS,
        "rerun",
        (standing.claim_id, variant.family),
        "rerun",
        _ASKED,
        standing.unit,
        low=variant.lowest,
        high=variant.highest,
        further=(("stands_count", float(variant.stands)), ("reruns_count", float(variant.count))),
        of=of,
    )


def _leading(survey: str, plan: Plan, verdict: Verdict) -> str:
    rows = keyed(verdict.rows, survey, FINDINGS, (verdict.claim_id,))
    place = lead_row(plan.row("claims", verdict.claim_id), pd.DataFrame(list(verdict.rows)))
    return str(rows[place]["key"])
