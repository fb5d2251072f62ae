"""From the delivered text to named questions and known codes; an empty cell gets its reason."""

import numpy as np
import pandas as pd

from bsna.intake.columns import KEYS, name_columns
from bsna.intake.examples import few
from bsna.intake.instrument import Question, Questionnaire
from bsna.intake.profile import Profile
from bsna.intake.reasons import CHOICE_REASONS, NO_ANSWER, NOT_ASKED, NOT_IN_SURVEY, NOT_REACHED
from bsna.intake.relevance import is_asked

_TIMES = ("start", "end", "today", "date", "datetime")


def rows_of(concerned: pd.Series) -> str:
    """Numbers of the first rows that are true, counted from one as `row_number` is."""
    return few(int(place) + 1 for place in np.flatnonzero(concerned.to_numpy()))


def type_answers(raw: pd.DataFrame, questionnaire: Questionnaire, profile: Profile) -> pd.DataFrame:
    """Name and check the answers of one export.

    One row is one delivered record, in the order delivered. Columns are `KEYS` and the questions of the
    questionnaire; every cell is text: a code, codes joined by a space, a number, a time, free text, or
    a reason of missing. Raises ValueError for a column that is missing or unknown, a code the
    questionnaire or profile does not know, a number that is none, a form version later than the
    questionnaire, or one respondent id with two different records.
    """
    where = f"{profile.id}/{questionnaire.population}"
    named = name_columns(raw, questionnaire, where)
    typed = named[list(KEYS)].copy()
    columns = {question.name: _codes(named, question, profile, where) for question in questionnaire.questions}
    answers = pd.DataFrame(columns, index=named.index)
    reasons = _reasons(answers, named["form_version"], questionnaire)
    typed = pd.concat([typed, answers.mask(answers == "", reasons)], axis=1)
    _check_identity(typed, where)
    return typed


def _codes(named: pd.DataFrame, question: Question, profile: Profile, where: str) -> pd.Series:
    values = named[question.name]
    if question.type in ("integer", "decimal"):
        return read_numbers(values, question, where)
    if question.type in _TIMES:
        return _times(values, question, where)
    if question.type == "text":
        return values.str.lstrip("~")  # "~" opens a reason of missing and nothing else
    if question.type not in ("select_one", "select_multiple"):
        return values
    known = _known_codes(question, profile)
    lists = values.str.split(" ") if question.type == "select_multiple" else values.map(lambda v: [v])
    given = {code for codes in lists for code in codes if code}
    if strange := sorted(given - set(known)):
        found = lists.map(lambda codes: any(code in strange for code in codes))
        raise ValueError(
            f"{where}: {int(found.sum())} answer(s) to {question.name} use the codes {few(strange)}, in rows "
            f"{rows_of(found)}; known are {list(known)}. Add them to assessment/instrument/choices.csv (or the "
            "profile), or correct the export."
        )
    if question.type == "select_one":
        return values.replace(CHOICE_REASONS)
    order = list(known)
    joined = lists.map(lambda codes: " ".join(sorted(filter(None, codes), key=order.index)))
    return joined.replace(CHOICE_REASONS)


def _known_codes(question: Question, profile: Profile) -> tuple[str, ...]:
    """Codes of a list, those of places and groups from the profile."""
    reasons = tuple(CHOICE_REASONS)
    if question.list_name == "country":
        return (profile.country,)
    if question.list_name == "region":
        return tuple(region.code for region in profile.region)
    if question.list_name == "ethnic_group":
        return tuple(group.code for group in profile.ethnic_group) + reasons
    if question.list_name == "any_region":
        return tuple(region.code for region in (*profile.region, *profile.neighbour)) + reasons
    return tuple(choice.name for choice in question.choices)


def read_numbers(values: pd.Series, question: Question, where: str) -> pd.Series:
    """Numbers written in one way, blanks as they are. Raises ValueError, with rows, for what is no such number."""
    numbers = pd.to_numeric(values.mask(values == ""), errors="coerce")
    bad = (values != "") & ~np.isfinite(numbers)
    if question.type == "integer":
        bad |= numbers.notna() & (numbers % 1 != 0)
    if bad.any():
        raise ValueError(
            f"{where}: {int(bad.sum())} answer(s) to {question.name} are no {question.type}, in rows "
            f"{rows_of(bad)}, such as {few(values[bad])}; correct the export"
        )
    written = [str(int(n)) if n % 1 == 0 else repr(n) for n in numbers.fillna(0).astype(float)]
    return pd.Series(written, index=values.index, dtype=str).mask(values == "", "")


def _times(values: pd.Series, question: Question, where: str) -> pd.Series:
    """Times as written, with the T of ISO 8601 where a spreadsheet puts a space."""
    written = values.str.replace(r"^(\d{4}-\d\d-\d\d) (?=\d)", r"\1T", regex=True)
    read = pd.to_datetime(written.mask(written == ""), format="ISO8601", utc=True, errors="coerce")
    bad = (written != "") & read.isna()
    if bad.any():
        raise ValueError(
            f"{where}: {int(bad.sum())} value(s) of {question.name} are no ISO 8601 time, in rows "
            f"{rows_of(bad)}, such as {few(values[bad])}; export times as 2014-05-12T08:00:00"
        )
    return written


def _reasons(answers: pd.DataFrame, versions: pd.Series, questionnaire: Questionnaire) -> pd.DataFrame:
    expressions = dict.fromkeys(question.relevance for question in questionnaire.questions)
    relevant = {expression: is_asked(expression, answers) for expression in expressions}
    asked = pd.DataFrame({q.name: relevant[q.relevance] for q in questionnaire.questions})
    version = versions.astype(int)
    in_version = pd.DataFrame({q.name: version >= int(q.since) for q in questionnaire.questions})
    reasons = pd.DataFrame(NO_ANSWER, index=answers.index, columns=answers.columns, dtype=str)
    reasons = reasons.mask(~_reached(answers, questionnaire), NOT_REACHED)
    reasons = reasons.mask(~asked, NOT_ASKED)
    return reasons.mask(~in_version, NOT_IN_SURVEY)


def _reached(answers: pd.DataFrame, questionnaire: Questionnaire) -> np.ndarray:
    """True where this or any later question that calls for an answer has one.

    What stands behind the last such question (remarks) is reached together with it.
    """
    content = np.array([q.type.startswith("select") or q.required for q in questionnaire.questions])
    answered = (answers != "").to_numpy() & content
    reached = np.logical_or.accumulate(answered[:, ::-1], axis=1)[:, ::-1]
    last = int(max(np.flatnonzero(content), default=0))
    reached[:, last + 1 :] = reached[:, last : last + 1]
    return reached


def _check_identity(typed: pd.DataFrame, where: str) -> None:
    if (empty := typed["respondent_id"] == "").any():
        raise ValueError(
            f"{where}: {int(empty.sum())} record(s) have no respondent id (_uuid), in rows {rows_of(empty)}; "
            "export it too, or take the records out"
        )
    content = typed.drop(columns=["row_number", "submitted"])
    differing = content.drop_duplicates()
    repeated = differing["respondent_id"][differing["respondent_id"].duplicated()]
    if len(repeated):
        concerned = typed["respondent_id"].isin(repeated)
        raise ValueError(
            f"{where}: {repeated.nunique()} respondent id(s) stand on records that differ, in rows {rows_of(concerned)}; "
            "decide with the field team which is right, and take the others out of the export"
        )
