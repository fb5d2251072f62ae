"""Why a cell holds no answer. Every cell of a typed table is a code, a number or one of these."""

import pandas as pd

REFUSED = "~refused"
DONT_KNOW = "~dont_know"
NOT_ASKED = "~not_asked"
NOT_REACHED = "~not_reached"
NOT_IN_SURVEY = "~not_in_survey"
NO_ANSWER = "~no_answer"
REASONS = (REFUSED, DONT_KNOW, NO_ANSWER, NOT_REACHED, NOT_ASKED, NOT_IN_SURVEY)
CHOICE_REASONS = {"refused": REFUSED, "dont_know": DONT_KNOW}
"""Choices of a questionnaire that are reasons rather than answers."""

ASKED_WITHOUT_ANSWER = (REFUSED, DONT_KNOW, NO_ANSWER)
"""Item non-response: the question was put, and no usable answer came."""

DROPPED = "~dropped"
"""New value of the log row that takes a whole interview out; never stands in a table."""


def is_reason(answers: pd.Series) -> pd.Series:
    """True where the cell holds a reason instead of an answer."""
    return answers.str.startswith("~")


def reason_counts(frame: pd.DataFrame) -> pd.DataFrame:
    """How many cells of each column hold each reason.

    One row is one column of `frame`; the columns are `column`, `answered` and the reasons, in the order
    of `REASONS`. Counts are unweighted.
    """
    rows = []
    for column in frame.columns:
        counts = frame[column].value_counts()
        found = {reason: int(counts.get(reason, 0)) for reason in REASONS}
        rows.append({"column": column, "answered": len(frame) - sum(found.values()), **found})
    return pd.DataFrame(rows, columns=["column", "answered", *REASONS])
