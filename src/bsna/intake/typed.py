"""From the delivered text to named questions and known codes; an empty cell gets its reason."""

import difflib

import numpy as np
import pandas as pd

from bsna.intake.instrument import Question, Questionnaire
from bsna.intake.profile import Profile
from bsna.intake.reasons import CHOICE_REASONS, NO_ANSWER, NOT_ASKED, NOT_IN_SURVEY, NOT_REACHED
from bsna.intake.relevance import is_asked

KEYS = ("row_number", "respondent_id", "form_version", "submitted")
"""Columns of a typed table that are no questions."""

_SYSTEM = {"_uuid": "respondent_id", "__version__": "form_version", "_submission_time": "submitted"}
_PLATFORM = ("_", "meta/", "formhub/")
"""Starts of columns that a collection server adds of its own."""

_TIMES = ("start", "end", "today", "date", "datetime")
_TRUE, _FALSE = {"1", "true"}, {"0", "false", ""}


def type_answers(raw: pd.DataFrame, questionnaire: Questionnaire, profile: Profile) -> pd.DataFrame:
    """Name and check the answers of one export.

    One row is one delivered record, in the order delivered. Columns are `KEYS` and the questions of the
    questionnaire; every cell is text: a code, codes joined by a space, a number, a time, free text, or
    a reason of missing. Raises ValueError for a column that is missing or unknown, a code the
    questionnaire or profile does not know, a number that is none, a form version later than the
    questionnaire, or one respondent id with two different records.
    """
    where = f"{profile.id}/{questionnaire.population}"
    named = _name_columns(raw, questionnaire, where)
    typed = named[list(KEYS)].copy()
    columns = {question.name: _codes(named, question, profile, where) for question in questionnaire.questions}
    answers = pd.DataFrame(columns, index=named.index)
    reasons = _reasons(answers, named["form_version"], questionnaire)
    typed = pd.concat([typed, answers.mask(answers == "", reasons)], axis=1)
    _check_identity(typed, where)
    return typed


def _name_columns(raw: pd.DataFrame, questionnaire: Questionnaire, where: str) -> pd.DataFrame:
    named: dict[str, pd.Series] = {"row_number": pd.Series([str(i + 1) for i in range(len(raw))])}
    came_from: dict[str, str] = {}
    dummies: dict[str, dict[str, pd.Series]] = {}
    unknown = []
    for column in raw.columns:
        values = raw[column].str.strip().reset_index(drop=True)
        name, code = _place(column, set(questionnaire.names))
        if code:
            dummies.setdefault(name, {})[code] = values
        elif name in came_from:
            raise ValueError(f"{where}: the columns {came_from[name]!r} and {column!r} both hold {name}; keep one")
        elif name:
            named[name], came_from[name] = values, column
        elif not column.replace(".", "/").startswith(_PLATFORM):
            unknown.append(column)
    for question, columns in dummies.items():
        if question not in named:
            named[question] = _join_dummies(questionnaire.question(question), columns, where)
    _check_columns(named, unknown, questionnaire, where)
    return pd.DataFrame(named)


def _place(column: str, questions: set[str]) -> tuple[str, str]:
    """Key or question that a column holds, and the code if it is a dummy of it; two blanks if neither."""
    if column in _SYSTEM:
        return _SYSTEM[column], ""
    *groups, last = column.replace(".", "/").split("/")
    if groups and groups[-1] in questions:
        return groups[-1], last
    return (last, "") if last in questions else ("", "")


def _join_dummies(question: Question, columns: dict[str, pd.Series], where: str) -> pd.Series:
    known = [choice.name for choice in question.choices]
    if strange := sorted(set(columns) - set(known)):
        raise ValueError(
            f"{where}: {question.name} has columns for the codes {strange}, not in the questionnaire; "
            "add them to assessment/instrument/choices.csv or correct the export"
        )
    chosen = pd.DataFrame({code: columns[code].str.lower() for code in known if code in columns})
    if bad := sorted(set(chosen.to_numpy().ravel()) - _TRUE - _FALSE):
        raise ValueError(f"{where}: {question.name} has {bad} where 0, 1 or empty is expected")
    codes = chosen.columns.to_numpy(dtype=object)
    ticks = chosen.isin(_TRUE).to_numpy()
    return pd.Series([" ".join(codes[row]) for row in ticks], index=chosen.index, dtype=str)


def _check_columns(named: dict[str, pd.Series], unknown: list[str], questionnaire: Questionnaire, where: str) -> None:
    for system, key in _SYSTEM.items():
        if key not in named:
            raise ValueError(f"{where}: the export has no column {system!r}; it has to be exported too")
    _check_versions(named["form_version"], questionnaire, where)
    newest = int(named["form_version"].astype(int).max())
    absent = [
        question.name
        for question in questionnaire.questions
        if question.name not in named and int(question.since) <= newest and not question.personal
    ]
    if absent or unknown:
        near = {name: difflib.get_close_matches(name, unknown, n=1) for name in absent}
        hints = "; ".join(f"{name}: perhaps {close[0]}" for name, close in near.items() if close)
        raise ValueError(
            f"{where}: {len(absent)} column(s) missing {absent}, {len(unknown)} unknown {unknown}. "
            f"{hints + '. ' if hints else ''}Rename them in the export, or add them to the questionnaire."
        )
    length = len(named["form_version"])
    for question in questionnaire.questions:
        named.setdefault(question.name, pd.Series([""] * length, dtype=str))


def _check_versions(versions: pd.Series, questionnaire: Questionnaire, where: str) -> None:
    known = {str(number) for number in range(1, int(questionnaire.version) + 1)}
    strange = versions[~versions.isin(known)]
    if len(strange):
        raise ValueError(
            f"{where}: {len(strange)} record(s) come from form version {sorted(set(strange))}; the "
            f"questionnaire knows {sorted(known)}. Bring assessment/instrument up to date."
        )


def _codes(named: pd.DataFrame, question: Question, profile: Profile, where: str) -> pd.Series:
    values = named[question.name]
    if question.type in ("integer", "decimal"):
        return _numbers(values, question, where)
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
        count = sum(any(code in strange for code in codes) for codes in lists)
        raise ValueError(
            f"{where}: {count} answer(s) to {question.name} use the codes {strange}; known are "
            f"{list(known)}. Add them to assessment/instrument/choices.csv (or the profile), or "
            "correct the export."
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


def _numbers(values: pd.Series, question: Question, where: str) -> pd.Series:
    numbers = pd.to_numeric(values.mask(values == ""), errors="coerce")
    bad = (values != "") & ~np.isfinite(numbers)
    if question.type == "integer":
        bad |= numbers.notna() & (numbers % 1 != 0)
    if bad.any():
        raise ValueError(
            f"{where}: {int(bad.sum())} answer(s) to {question.name} are no {question.type}, in rows "
            f"{[int(i) + 1 for i in values.index[bad][:5]]}; correct the export"
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
            f"{[int(i) + 1 for i in values.index[bad][:5]]}; export times as 2014-05-12T08:00:00"
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
    if (empty := int((typed["respondent_id"] == "").sum())) > 0:
        raise ValueError(f"{where}: {empty} record(s) have no respondent id (_uuid)")
    content = typed.drop(columns=["row_number", "submitted"])
    differing = content.drop_duplicates()
    repeated = differing["respondent_id"][differing["respondent_id"].duplicated()]
    if len(repeated):
        raise ValueError(
            f"{where}: {repeated.nunique()} respondent id(s) stand on records that differ, in rows "
            f"{list(typed.loc[repeated.index, 'row_number'][:5])}; decide with the field team which is right"
        )
