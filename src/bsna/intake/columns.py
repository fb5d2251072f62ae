"""Which column of an export holds which question: names of groups taken off, dummies joined, nothing left over."""

import difflib
from collections.abc import Sequence

import numpy as np
import pandas as pd

from bsna.intake.examples import few
from bsna.intake.instrument import Question, Questionnaire

KEYS = ("row_number", "respondent_id", "form_version", "submitted")
"""Columns of a typed table that are no questions."""

_SYSTEM = {"_uuid": "respondent_id", "__version__": "form_version", "_submission_time": "submitted"}
_PLATFORM = ("_", "meta/", "formhub/")
"""Starts of columns that a collection server adds of its own."""

_TRUE, _FALSE = {"1", "true"}, {"0", "false", ""}


def name_columns(raw: pd.DataFrame, questionnaire: Questionnaire, where: str) -> pd.DataFrame:
    """The export with one column for each of `KEYS` and each question, groups taken off and dummies joined.

    A question that is newer than every form used, or personal, may be absent, and is blank. Raises ValueError for a column
    that is missing, unknown or there twice, and for dummies that do not say what their joined column says.
    """
    named: dict[str, pd.Series] = {"row_number": pd.Series([str(i + 1) for i in range(len(raw))])}
    came_from: dict[str, str] = {}
    dummies: dict[str, dict[str, pd.Series]] = {}
    unknown = []
    for column in raw.columns:
        values = raw[column].str.strip().reset_index(drop=True)
        name, code = _place(column, questionnaire)
        if code:
            dummies.setdefault(name, {})[code] = values
        elif name in came_from:
            raise ValueError(f"{where}: the columns {came_from[name]!r} and {column!r} both hold {name}; keep one")
        elif name:
            named[name], came_from[name] = values, column
        elif not column.replace(".", "/").startswith(_PLATFORM):
            unknown.append(column)
    for question, columns in dummies.items():
        joined = _join_dummies(questionnaire.question(question), columns, where)
        _check_agreement(named.setdefault(question, joined), joined, question, where)
    _check_columns(named, unknown, questionnaire, where)
    return pd.DataFrame(named)


def raw_columns(columns: Sequence[str], questionnaire: Questionnaire, question: str) -> list[str]:
    """Columns of an export that hold a question: one, and its dummies if it allows several answers."""
    return [column for column in columns if _place(column, questionnaire)[0] == question]


def _place(column: str, questionnaire: Questionnaire) -> tuple[str, str]:
    """Key or question that a column holds, and the code if it is a dummy of it; two blanks if neither."""
    if column in _SYSTEM:
        return _SYSTEM[column], ""
    *groups, last = column.replace(".", "/").split("/")
    multiple = {question.name for question in questionnaire.questions if question.type == "select_multiple"}
    if groups and groups[-1] in multiple:
        return groups[-1], last
    return (last, "") if last in questionnaire.names else ("", "")


def _join_dummies(question: Question, columns: dict[str, pd.Series], where: str) -> pd.Series:
    known = [choice.name for choice in question.choices]
    if strange := sorted(set(columns) - set(known)):
        raise ValueError(
            f"{where}: {question.name} has columns for the codes {few(strange)}, not in the questionnaire; "
            "add them to assessment/instrument/choices.csv or correct the export"
        )
    chosen = pd.DataFrame({code: columns[code].str.lower() for code in known if code in columns})
    if bad := sorted(set(chosen.to_numpy().ravel()) - _TRUE - _FALSE):
        raise ValueError(f"{where}: {question.name} has {few(bad)} where 0, 1 or empty is expected")
    codes = chosen.columns.to_numpy(dtype=object)
    ticks = chosen.isin(_TRUE).to_numpy()
    return pd.Series([" ".join(codes[row]) for row in ticks], index=chosen.index, dtype=str)


def _check_agreement(told: pd.Series, joined: pd.Series, question: str, where: str) -> None:
    """An export may hold both the joined codes and the dummies; they have to be the same answers."""
    differing = told.str.split().map(set) != joined.str.split().map(set)
    if differing.any():
        raise ValueError(
            f"{where}: {question} and its columns of single codes differ in {int(differing.sum())} record(s), in rows "
            f"{few(int(place) + 1 for place in np.flatnonzero(differing.to_numpy()))}; keep the one that is right"
        )


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
            f"{where}: {len(absent)} column(s) missing {few(absent)}, {len(unknown)} unknown {few(unknown)}. "
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
            f"{where}: {len(strange)} record(s) come from form version {few(sorted(set(strange)))}; the "
            f"questionnaire knows {sorted(known)}. Bring assessment/instrument up to date."
        )
