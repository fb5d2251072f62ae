"""What might those who gave no answer change? A small table: answered, imputed, and at worst."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bsna import shelf
from bsna.chapter import Survey, keep_results, tell, write_results
from bsna.judgement.unanswered import LEAST, Unanswered, unanswered
from bsna.publishing.cards.answer_results import silence_results
from bsna.publishing.cards.marks import marked
from bsna.publishing.cards.results import tied
from bsna.publishing.tables import show_table
from bsna.publishing.wording import Words

_PEOPLE = "community"
Shown = tuple[Unanswered, dict[str, Any]]


def show_unanswered(survey: Survey) -> None:
    """Show the questions that most people left unanswered, with what imputation and the worst case make of them, and write the
    results of the chapter."""
    _show(survey)
    write_results(survey)


def _show(survey: Survey) -> None:
    words, profile = survey.words, survey.profile
    if _PEOPLE not in survey.designs:
        return
    found = unanswered(
        survey.designs[_PEOPLE],
        survey.plan,
        shelf.read_frame(profile.id, "design", _PEOPLE),
        _PEOPLE,
        profile.publication,
        rng=np.random.default_rng(profile.seed),
    )
    if not found:
        tell(words.say("unanswered", "none", {"least_share": LEAST}))
        return
    title = words.word("unanswered_title")
    shown = [(row, row.bounds) for row in found if row.bounds is not None]
    if not shown:
        tell(words.say("levels", "withheld", {"title": title}))
        return
    tell(_sentence(words, shown))
    show_table(words, _table(survey, shown), title, "unanswered")


def _sentence(words: Words, shown: list[Shown]) -> str:
    """How far the shares move at most, in whole points rounded up."""
    worst = max(
        max(row.answered["estimate"] - bounds["lowest"], bounds["highest"] - row.answered["estimate"])
        for row, bounds in shown
    )
    moved = [abs(row.imputed["estimate"] - row.answered["estimate"]) for row, _ in shown if row.imputed is not None]
    values = {"worst_size": _whole_points(worst)}
    if not moved:
        return words.say("unanswered", "not_imputed", values)
    return words.say("unanswered", "imputed", values | {"moved_size": _whole_points(max(moved))})


def _whole_points(difference: float) -> float:
    return math.ceil(difference * 100 - 1e-9) / 100


def _table(survey: Survey, shown: list[Shown]) -> pd.DataFrame:
    """One row is one measure."""
    return pd.DataFrame([_line(survey, row, bounds) for row, bounds in shown])


def _line(survey: Survey, row: Unanswered, bounds: Mapping[str, Any]) -> dict[str, str]:
    words = survey.words
    made = silence_results(survey.profile.id, survey.chapter, _PEOPLE, row)
    keep_results(survey, list(made.values()))
    key = made["worst"].key
    return {
        words.word("measure"): words.measure(row.measure, _PEOPLE),
        words.word("without_answer"): words.show("silent_share", made["answered"].traced("silent_share")),
        words.word("answered"): words.estimate(tied(row.answered, made["answered"])),
        words.word("imputed"): "–" if row.imputed is None else words.estimate(tied(row.imputed, made["imputed"])),
        words.word("worst_case"): marked(key, words.span(bounds["lowest"], bounds["highest"], "share")),
        words.word("worst_interval"): marked(key, words.span(bounds["low"], bounds["high"], "share")),
    }
