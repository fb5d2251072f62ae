"""Comparisons of surveys, items of scales in several, and rounds of one, as results of the chapter about all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from bsna.intake.plan import ScaleItem
from bsna.judgement.functioning import ItemOdds, ItemTests
from bsna.judgement.survey_differences import SurveyDifference
from bsna.judgement.trends import Moved
from bsna.publishing.cards.results import Result, of_row

COMPARED = "countries"
"""The chapter about all surveys, and what stands in its keys in place of a survey."""

LEVELS = ("before", "after", "change", "everywhere")


def difference_result(concept: str, pair: SurveyDifference) -> Result | None:
    """By how much two surveys differ on a measure of a concept, with its test; None where they are not compared. It compares the
    estimates of both, which have cards of their own."""
    if pair.row is None:
        return None
    base = Result(
        COMPARED,
        COMPARED,
        "comparison",
        (concept, pair.measure, pair.one, pair.other),
        "surveys",
        "report_differences",
        p=pair.p_value,
        p_adjusted=pair.p_adjusted,
        of=tuple(row["key"] for row in (pair.before, pair.after) if "key" in row),
    )
    return _without_about(of_row(_known(pair.row), base))


def odds_result(pair: ItemOdds, compared: Iterable[str]) -> Result | None:
    """How an item of a scale works in one survey against another; None where it is withheld. `compared` are keys of the shares
    of both surveys, as far as they are shown."""
    odds = pair.odds
    if odds is None:
        return None
    made = _of_item(pair.item, (pair.one, pair.other), "item_pair", odds.n, odds.clusters, compared)
    return replace(
        made,
        unit="ratio",
        value=odds.odds_ratio,
        low=odds.low,
        high=odds.high,
        p=odds.p_value,
        p_adjusted=pair.p_adjusted,
    )


def item_result(item: ItemTests, compared: Iterable[str]) -> Result | None:
    """Whether an item of a scale works alike in all surveys; None where it is withheld. `compared` as in `odds_result`."""
    tests = item.tests
    if tests is None:
        return None
    made = _of_item(item.item, (*item.surveys, "together"), "item_tests", tests.n, tests.clusters, compared)
    further = {"uniform_p": item.uniform, "nonuniform_p": item.nonuniform}
    return replace(made, further=tuple((name, float(p)) for name, p in further.items() if p is not None))


def _of_item(
    item: ScaleItem, surveys: tuple[str, ...], method: str, n: int, clusters: int, compared: Iterable[str]
) -> Result:
    return Result(
        COMPARED,
        COMPARED,
        "item",
        (item.scale, item.population, item.share, *surveys),
        method,
        "report_differences",
        n=n,
        clusters=clusters,
        of=tuple(compared),
    )


def moved_results(survey: str, population: str, measure: str, item: Moved) -> dict[str, Result]:
    """One measure in two rounds: the levels among the places that both reached, their change with its test, and the change
    everywhere. None of what is withheld."""
    base = Result(COMPARED, COMPARED, "round", (survey,), "", "report_rounds")
    tests = {"for_p": item.p_for, "against_p": item.p_against}
    found = {}
    for level in LEVELS:
        row = getattr(item, level)
        if row is None or row["estimate"] is None:
            continue
        further = tests if level == "change" else {}
        one = replace(
            base,
            names=(survey, population, measure, level),
            method=f"round_{level}",
            further=tuple((name, float(p)) for name, p in further.items() if p is not None),
        )
        found[level] = _without_about(of_row(_known(row), one))
    return found


def _known(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: float("nan") if value is None else value for key, value in row.items()}


def _without_about(result: Result) -> Result:
    """Surveys may have put a measure's question in words of their own: their cards hold these."""
    return replace(result, about=())
