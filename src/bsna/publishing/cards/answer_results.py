"""Estimates beside those of the chapters, as results: before and after cleaning, and what silence might change."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bsna.judgement.unanswered import Unanswered
from bsna.publishing.cards.results import Result, of_row

CLEANING = "cleaning"


def shift_results(survey: str, measure: str, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Result]:
    """One measure by the state of the answers, `received` and `cleaned`."""
    base = Result(survey, CLEANING, "rerun", (measure,), "", "report_cleaning")
    return {
        state: of_row(row, replace(base, names=(measure, state), method=f"answers_{state}"))
        for state, row in rows.items()
    }


def silence_results(survey: str, chapter: str, population: str, found: Unanswered) -> dict[str, Result]:
    """One measure as answered, with missing answers imputed where that can be, and at worst: the range if all the silent had
    said no, or yes. None of a measure that is withheld."""
    if found.bounds is None:
        return {}
    about = ((population, found.measure),)
    base = Result(survey, chapter, "rerun", (found.measure,), "", "show_unanswered", about=about)
    bounds, silent = found.bounds, (("silent_share", float(found.silent)),)
    made = {"answered": of_row(found.answered, _named(base, "answered", silent))}
    if found.imputed is not None:
        made["imputed"] = of_row(found.imputed, _named(base, "imputed", silent))
    ends = (("worst_low_share", float(bounds["low"])), ("worst_high_share", float(bounds["high"])))
    worst = _named(base, "worst", ends)
    made["worst"] = replace(worst, low=float(bounds["lowest"]), high=float(bounds["highest"]))
    return made


def _named(base: Result, state: str, further: tuple[tuple[str, float], ...]) -> Result:
    return replace(base, names=(*base.names, state), method=f"silence_{state}", further=further)
