"""What can be wrong with answers, and how each kind of fault is found. Nothing is changed here."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from bsna import paths
from bsna.intake.instrument import Questionnaire
from bsna.intake.reasons import NOT_ASKED, NOT_IN_SURVEY, is_reason
from bsna.intake.relevance import is_asked, referenced
from bsna.intake.sheets import read_rows

WHOLE = "*"
"""Column of a mark that concerns a whole interview."""

LEAST_ANSWERED = 0.25
"""Share of the survey's questions that must be answered before an interview's pattern says anything:
refusals at the door and early break-offs are short and alike for good reasons."""


@dataclass(frozen=True)
class Check:
    """One row of checks.csv. `parameters` depend on the kind; `action` is what the rule may do."""

    id: str
    population: str
    kind: str
    columns: tuple[str, ...]
    parameters: dict[str, Any]
    action: str
    reason: dict[str, str]


@dataclass(frozen=True)
class Mark:
    """One suspicious cell: index of the row, column ("*" for the whole interview), and the value that
    should stand there where the kind of fault tells it, else ""."""

    row: int
    column: str
    now: str = ""


@dataclass(frozen=True)
class Kind:
    """How a kind of fault is found, the parameters it needs, and of how many columns it speaks (0: of none, None: of any)."""

    find: Callable[[pd.DataFrame, Check, Questionnaire], list[Mark]]
    parameters: Mapping[str, type] = field(default_factory=dict)
    columns: int | None = None


def _mark(frame: pd.DataFrame, where: Any, column: str, now: str = "") -> list[Mark]:
    return [Mark(int(row), column, now) for row in frame.index[where]]


def _numbers(frame: pd.DataFrame, column: str) -> pd.Series:
    return pd.to_numeric(frame[column].mask(is_reason(frame[column])), errors="coerce")


def _range(frame: pd.DataFrame, check: Check, _: Questionnaire) -> list[Mark]:
    marks: list[Mark] = []
    for column in check.columns:
        numbers = _numbers(frame, column)
        outside = (numbers < check.parameters["low"]) | (numbers > check.parameters["high"])
        marks += _mark(frame, outside, column)
    return marks


def _allowed(frame: pd.DataFrame, check: Check, _: Questionnaire) -> list[Mark]:
    """Text that does not have the form it should have, such as E and two digits."""
    marks: list[Mark] = []
    for column in check.columns:
        fits = frame[column].str.fullmatch(check.parameters["form"])
        marks += _mark(frame, ~fits & ~is_reason(frame[column]), column)
    return marks


def _exceeds(frame: pd.DataFrame, check: Check, _: Questionnaire) -> list[Mark]:
    """The first column may not be greater than the second."""
    part, whole = check.columns
    return _mark(frame, _numbers(frame, part) > _numbers(frame, whole), part)


def _routing(frame: pd.DataFrame, check: Check, questionnaire: Questionnaire) -> list[Mark]:
    """Answered though not asked. What hangs on such an answer was not asked either."""
    marks: list[Mark] = []
    as_asked = frame.copy()
    unasked_by: dict[str, pd.Series] = {}
    for question in questionnaire.questions:
        if not (gates := list(referenced(question.relevance))):
            continue
        if question.relevance not in unasked_by:
            told = (frame[gates] != NOT_IN_SURVEY).all(axis=1)
            unasked_by[question.relevance] = told & ~is_asked(question.relevance, as_asked)
        wrong = unasked_by[question.relevance] & ~is_reason(frame[question.name])
        if wrong.any():
            as_asked[question.name] = as_asked[question.name].mask(wrong, NOT_ASKED)
            unasked_by.clear()
            marks += _mark(frame, wrong, question.name, NOT_ASKED)
    return marks


def _same_rank(frame: pd.DataFrame, check: Check, _: Questionnaire) -> list[Mark]:
    """The same item at two ranks; the later rank is marked, once."""
    marks: list[Mark] = []
    for position, column in enumerate(check.columns):
        earlier = frame[list(check.columns[:position])]
        again = earlier.eq(frame[column], axis=0).any(axis=1)
        marks += _mark(frame, again & ~is_reason(frame[column]), column)
    return marks


def _duplicate_exact(frame: pd.DataFrame, check: Check, _: Questionnaire) -> list[Mark]:
    content = frame.drop(columns=["row_number", "submitted"])
    return _mark(frame, content.duplicated(), WHOLE)


def _pattern(frame: pd.DataFrame, questionnaire: Questionnaire) -> pd.DataFrame:
    """Answers of interviews that were held, one of each record sent twice, without the cover sheet."""
    names = [q.name for q in questionnaire.questions if q.type.startswith("select") and q.group != "cover"]
    in_survey = [name for name in names if (frame[name] != NOT_IN_SURVEY).any()]
    answered = ~frame[in_survey].apply(is_reason)
    held = answered.mean(axis=1) >= LEAST_ANSWERED
    return frame.loc[held & ~frame["respondent_id"].duplicated(), in_survey]


def _duplicate_near(frame: pd.DataFrame, check: Check, questionnaire: Questionnaire) -> list[Mark]:
    """Interviews of one cluster that agree on almost every answer, the later one of each pair."""
    pattern = _pattern(frame, questionnaire)
    if pattern.empty:
        return []
    codes = pattern.apply(lambda column: pd.factorize(column)[0]).to_numpy()
    marks: list[Mark] = []
    groups = frame.loc[pattern.index].groupby(list(check.columns), sort=True).indices
    for rows in groups.values():
        same = (codes[rows][:, None, :] == codes[rows][None, :, :]).mean(axis=2)
        later = np.tril(same >= check.parameters["share"], k=-1).any(axis=1)
        marks += _mark(pattern.iloc[rows], later, WHOLE)
    return marks


def _minutes(frame: pd.DataFrame) -> pd.Series:
    start, end = (
        pd.to_datetime(frame[name].mask(is_reason(frame[name])), utc=True, format="ISO8601")
        for name in ("start", "end")
    )
    return (end - start).dt.total_seconds() / 60


def _duration(frame: pd.DataFrame, check: Check, questionnaire: Questionnaire) -> list[Mark]:
    held = frame.loc[_pattern(frame, questionnaire).index]
    minutes = _minutes(held)
    outside = (minutes < check.parameters["low"]) | (minutes > check.parameters["high"])
    return _mark(held, outside, WHOLE)


def _straight_lining(frame: pd.DataFrame, check: Check, _: Questionnaire) -> list[Mark]:
    """Every item of each battery answered, and all alike within it. A battery is a start of names."""
    alike = pd.Series(True, index=frame.index)
    for start in check.parameters["batteries"]:
        battery = frame[[column for column in check.columns if column.startswith(start)]]
        in_survey = battery.loc[:, (battery != NOT_IN_SURVEY).any()]
        if in_survey.shape[1] < 2:
            return []
        first = in_survey.iloc[:, 0]
        alike &= in_survey.eq(first, axis=0).all(axis=1) & ~is_reason(first)
    return _mark(frame, alike, WHOLE)


def _outlier(frame: pd.DataFrame, check: Check, _: Questionnaire) -> list[Mark]:
    """Far from the median, in scaled median absolute deviations. Source: Iglewicz and Hoaglin (1993)."""
    marks: list[Mark] = []
    for column in check.columns:
        numbers = _numbers(frame, column)
        away = (numbers - numbers.median()).abs()
        spread = away.median() * 1.4826
        if spread > 0:
            marks += _mark(frame, away / spread > check.parameters["deviations"], column)
    return marks


def _enumerator(frame: pd.DataFrame, check: Check, questionnaire: Questionnaire) -> list[Mark]:
    """All interviews of an enumerator who is both far too fast and whose interviews agree too much.

    Agreement is the share of answers that are the commonest ones of the survey, the median over the
    enumerator's interviews. Neither signal alone accuses anybody.
    """
    pattern = _pattern(frame, questionnaire)
    if pattern.empty:
        return []
    held = frame.loc[pattern.index]
    signals = pd.DataFrame(
        {
            "who": held[check.columns[0]],
            "minutes": _minutes(held),
            "agreement": pattern.eq(pattern.mode().iloc[0], axis=1).mean(axis=1),
        }
    )
    usual = signals.groupby("who")[["minutes", "agreement"]].median()
    fast = usual["minutes"] < check.parameters["minutes_share"] * usual["minutes"].median()
    above = check.parameters["agreement_above"]
    alike = usual["agreement"] > usual["agreement"].median() + above
    suspects = usual.index[fast & alike]
    return _mark(frame, frame[check.columns[0]].isin(suspects), WHOLE)


def _other_recode(frame: pd.DataFrame, check: Check, questionnaire: Questionnaire) -> list[Mark]:
    """Free text that says what a code of the list says: the code takes the place of "other"."""
    text_column, code_column = check.columns
    table = load_recodes(text_column)
    question = questionnaire.question(code_column)
    if strange := sorted(set(table.values()) - set(question.codes)):
        raise ValueError(f"recodes.csv gives {text_column} the codes {strange}, which {code_column} does not have")
    said = frame[text_column].str.strip().str.lower()
    marks: list[Mark] = []
    for row in frame.index[said.isin(list(table))]:
        codes = str(frame.at[row, code_column]).split(" ")
        if "other" in codes:
            new = {table[said[row]] if code == "other" else code for code in codes}
            now = " ".join(code for code in question.codes if code in new)
            marks.append(Mark(int(row), code_column, now))
    return marks


def _other_open(frame: pd.DataFrame, check: Check, _: Questionnaire) -> list[Mark]:
    """Free text that no recode decides, for a person to read."""
    marks: list[Mark] = []
    for column in check.columns:
        said = frame[column].str.strip().str.lower()
        decided = said.isin(list(load_recodes(column)))
        marks += _mark(frame, ~is_reason(said) & ~decided, column)
    return marks


def load_recodes(question: str) -> dict[str, str]:
    """Code for each free text of a question, in small letters, from assessment/checks/recodes.csv."""
    rows = [row for _, row in recode_rows() if row["question"] == question]
    return {row["text"].strip().lower(): row["code"] for row in rows}


def recode_rows() -> list[tuple[int, dict[str, str]]]:
    """Rows of assessment/checks/recodes.csv, each with its line. Raises ValueError if it is no such table."""
    return read_rows(paths.assessment("checks", "recodes.csv"), ("question", "text", "code"))


KINDS: dict[str, Kind] = {
    "range": Kind(_range, {"low": float, "high": float}),
    "allowed": Kind(_allowed, {"form": re.Pattern}),
    "exceeds": Kind(_exceeds, columns=2),
    "routing": Kind(_routing, columns=0),
    "same_rank": Kind(_same_rank),
    "duplicate_exact": Kind(_duplicate_exact, columns=0),
    "duplicate_near": Kind(_duplicate_near, {"share": float}),
    "duration": Kind(_duration, {"low": float, "high": float}, columns=0),
    "straight_lining": Kind(_straight_lining, {"batteries": list}),
    "outlier": Kind(_outlier, {"deviations": float}),
    "enumerator": Kind(_enumerator, {"minutes_share": float, "agreement_above": float}, columns=1),
    "other_recode": Kind(_other_recode, columns=2),
    "other_open": Kind(_other_open),
}
