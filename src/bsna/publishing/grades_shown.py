"""A grade argued before the reader: every criterion with what was found, its limit, and whether it is met."""

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd
from babel import Locale

from bsna.intake.grading import Criterion
from bsna.judgement import Verdict
from bsna.publishing.tables import table_html
from bsna.publishing.wording import Words


def grade_table(words: Words, verdict: Verdict) -> str:
    """The grade of a verdict as HTML: a sentence with its reasons, and a table with one row for each criterion of the plan.

    Empty for a verdict that has no grade, not having been tested. What could not be computed is shown so.
    """
    if verdict.grade is None:
        return ""
    lines = [_line(words, one) for one in verdict.weighed]
    title = words.say("graded", "title", {"grade": verdict.grade})
    table = table_html(words, pd.DataFrame(lines), title, f"grade-{verdict.claim_id}")
    return f'<p>{escape(grade_sentence(words, verdict))}</p><div class="bsna-table">{table}</div>'


def grade_sentence(words: Words, verdict: Verdict) -> str:
    """The grade with a reason, numbers in it, for each step down."""
    reasons = grade_reasons(words, verdict)
    values = {"grade": verdict.grade, "reasons_list": reasons}
    return words.say("tested", "grade_reasons" if reasons else "grade", values)


def grade_reasons(words: Words, verdict: Verdict) -> list[str]:
    """Why the grade stepped down, one text for each criterion that is not met."""
    missed = [(one, _criterion(words, one)) for one in verdict.weighed if one["steps"]]
    return [words.fill(criterion.reason[words.language], _values(words, one, criterion)) for one, criterion in missed]  # type: ignore[index]


def _line(words: Words, one: Mapping[str, Any]) -> dict[str, str]:
    criterion = _criterion(words, one)
    shown = _values(words, one, criterion)
    limit = shown["limit"] if criterion.unit == "yes_no" else words.say("graded", criterion.keep, shown)
    return {
        words.say("graded", "criterion"): words.typeset(criterion.label[words.language]),  # type: ignore[index]
        words.say("graded", "found"): shown["value"],
        words.say("graded", "limit"): limit,
        words.say("graded", "met"): _met(words, one),
    }


def _values(words: Words, one: Mapping[str, Any], criterion: Criterion) -> dict[str, str]:
    return {key: _shown(words, one[key], criterion.unit) for key in ("value", "limit")}


def _shown(words: Words, value: float | None, unit: str) -> str:
    if unit == "yes_no" and value is not None:
        return words.say("graded", "yes" if value else "no")
    return words.show(f"the_{unit}", value)


def _met(words: Words, one: Mapping[str, Any]) -> str:
    if one["is_met"] is None:
        return words.say("graded", "unknown")
    if one["is_met"]:
        return words.say("graded", "is_met")
    plural = Locale.parse(words.language).plural_form(one["steps"])
    return words.say("graded", f"missed_{plural}", {"steps_count": one["steps"]})


def _criterion(words: Words, one: Mapping[str, Any]) -> Criterion:
    found: Criterion = words.plan.row("grades", one["criterion"])
    return found
