"""Checks on typed answers: rows of a table that say what is wrong and what a rule may do about it."""

import csv
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bsna import paths
from bsna.intake.instrument import Questionnaire
from bsna.intake.reasons import DROPPED, NO_ANSWER, NOT_ASKED, is_reason
from bsna.intake.relevance import is_asked

ACTIONS = ("flag", "set_missing", "recode", "drop")
FINDING_COLUMNS = (
    "check",
    "population",
    "row_number",
    "respondent_id",
    "column",
    "value",
    "action",
    "now",
)
WHOLE = "*"
"""Column of a finding that concerns a whole interview."""


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


def load_checks() -> tuple[Check, ...]:
    """Read assessment/checks/checks.csv.

    Raises ValueError, naming the line, for an unknown kind or action, parameters that are no TOML, or an
    id that stands twice.
    """
    path = paths.assessment("checks", "checks.csv")
    checks: list[Check] = []
    with path.open(newline="", encoding="utf-8") as handle:
        for line, row in enumerate(csv.DictReader(handle), start=2):
            if row["kind"] not in _KINDS or row["action"] not in ACTIONS:
                raise ValueError(
                    f"{path.name} line {line}: kind {row['kind']!r} or action {row['action']!r} is unknown; "
                    f"kinds are {sorted(_KINDS)}, actions {list(ACTIONS)}"
                )
            if row["check"] in {check.id for check in checks}:
                raise ValueError(f"{path.name} line {line}: check {row['check']!r} stands twice")
            checks.append(
                Check(
                    id=row["check"],
                    population=row["population"],
                    kind=row["kind"],
                    columns=tuple(row["columns"].split()),
                    parameters=tomllib.loads(row["parameters"].replace(";", "\n")),
                    action=row["action"],
                    reason={"en": row["reason_en"], "fr": row["reason_fr"]},
                )
            )
    return tuple(checks)


def run_checks(
    typed: Mapping[str, pd.DataFrame],
    checks: tuple[Check, ...],
    questionnaires: Mapping[str, Questionnaire],
) -> pd.DataFrame:
    """Apply every check to its population.

    One row is one finding: a cell, or a whole interview (column "*"). Checks see the answers as typed, so
    that the order of checks does not matter. A question the survey does not have yields nothing.
    Columns: `FINDING_COLUMNS`; `now` is the value the rule proposes, "" for a flag.
    """
    found: list[dict[str, str]] = []
    for check in checks:
        if check.population in typed:
            frame = typed[check.population]
            marks = _KINDS[check.kind](frame, check, questionnaires[check.population])
            found += [_finding(frame, check, *mark) for mark in marks]
    return pd.DataFrame(found, columns=list(FINDING_COLUMNS)).astype(str)


def _finding(frame: pd.DataFrame, check: Check, row: int, column: str, now: str) -> dict[str, str]:
    value = frame.at[row, column] if column != WHOLE else ""
    proposal = {"set_missing": NO_ANSWER, "drop": DROPPED, "flag": ""}.get(check.action, now)
    return {
        "check": check.id,
        "population": check.population,
        "row_number": frame.at[row, "row_number"],
        "respondent_id": frame.at[row, "respondent_id"],
        "column": column,
        "value": str(value),
        "action": check.action,
        "now": now or proposal if check.action == "set_missing" else proposal,
    }


Marks = list[tuple[int, str, str]]


def _numbers(frame: pd.DataFrame, column: str) -> pd.Series:
    answers = frame[column]
    return pd.to_numeric(answers.mask(is_reason(answers) | (answers == "")), errors="coerce")


def _range(frame: pd.DataFrame, check: Check, _: Questionnaire) -> Marks:
    marks: Marks = []
    for column in check.columns:
        numbers = _numbers(frame, column)
        outside = (numbers < check.parameters["low"]) | (numbers > check.parameters["high"])
        marks += [(int(row), column, "") for row in frame.index[outside]]
    return marks


def _exceeds(frame: pd.DataFrame, check: Check, _: Questionnaire) -> Marks:
    """The first column may not be greater than the second."""
    part, whole = check.columns
    more = _numbers(frame, part) > _numbers(frame, whole)
    return [(int(row), part, "") for row in frame.index[more]]


def _routing(frame: pd.DataFrame, check: Check, questionnaire: Questionnaire) -> Marks:
    marks: Marks = []
    for question in questionnaire.questions:
        if question.relevance:
            answered = ~is_reason(frame[question.name])
            unasked = answered & ~is_asked(question.relevance, frame)
            marks += [(int(row), question.name, NOT_ASKED) for row in frame.index[unasked]]
    return marks


def _same_rank(frame: pd.DataFrame, check: Check, _: Questionnaire) -> Marks:
    marks: Marks = []
    for position, column in enumerate(check.columns):
        for earlier in check.columns[:position]:
            twice = (frame[column] == frame[earlier]) & ~is_reason(frame[column])
            marks += [(int(row), column, "") for row in frame.index[twice]]
    return marks


def _duplicate_exact(frame: pd.DataFrame, check: Check, _: Questionnaire) -> Marks:
    content = frame.drop(columns=["row_number", "submitted"])
    return [(int(row), WHOLE, "") for row in frame.index[content.duplicated()]]


def _answers_only(frame: pd.DataFrame, questionnaire: Questionnaire) -> pd.DataFrame:
    names = [
        q.name
        for q in questionnaire.questions
        if q.type.startswith("select") and q.group != "cover"
    ]
    return frame[names]


def _duplicate_near(frame: pd.DataFrame, check: Check, questionnaire: Questionnaire) -> Marks:
    """Interviews of one cluster that agree on almost every answer, the later one of each pair."""
    codes = _answers_only(frame, questionnaire).apply(lambda c: pd.factorize(c)[0]).to_numpy()
    first = ~frame["respondent_id"].duplicated().to_numpy()
    marks: Marks = []
    for _, rows in frame.groupby(list(check.columns), sort=True).indices.items():
        rows = rows[first[rows]]
        block = codes[rows]
        same = (block[:, None, :] == block[None, :, :]).mean(axis=2)
        later = np.tril(same >= check.parameters["share"], k=-1).any(axis=1)
        marks += [(int(row), WHOLE, "") for row in frame.index[rows[later]]]
    return marks


def _minutes(frame: pd.DataFrame) -> pd.Series:
    start, end = (
        pd.to_datetime(
            frame[c].mask(is_reason(frame[c])), errors="coerce", utc=True, format="ISO8601"
        )
        for c in ("start", "end")
    )
    return (end - start).dt.total_seconds() / 60


def _duration(frame: pd.DataFrame, check: Check, _: Questionnaire) -> Marks:
    minutes = _minutes(frame)
    outside = (minutes < check.parameters["low"]) | (minutes > check.parameters["high"])
    return [(int(row), WHOLE, "") for row in frame.index[outside]]


def _straight_lining(frame: pd.DataFrame, check: Check, _: Questionnaire) -> Marks:
    """Every item of each battery answered, and all alike within it."""
    alike = pd.Series(True, index=frame.index)
    batteries = check.parameters["batteries"]
    for prefix in batteries:
        items = frame[[c for c in check.columns if c.startswith(prefix)]]
        alike &= (items.nunique(axis=1) == 1) & ~is_reason(items.iloc[:, 0])
    return [(int(row), WHOLE, "") for row in frame.index[alike]]


def _outlier(frame: pd.DataFrame, check: Check, _: Questionnaire) -> Marks:
    """Far from the median, measured in median absolute deviations."""
    marks: Marks = []
    for column in check.columns:
        numbers = _numbers(frame, column)
        spread = (numbers - numbers.median()).abs().median() * 1.4826
        if spread > 0:
            far = (numbers - numbers.median()).abs() / spread > check.parameters["deviations"]
            marks += [(int(row), column, "") for row in frame.index[far]]
    return marks


def _enumerator(frame: pd.DataFrame, check: Check, questionnaire: Questionnaire) -> Marks:
    """All interviews of an enumerator who is both far too fast and whose interviews agree too much."""
    answers = _answers_only(frame, questionnaire)
    typical = answers.mode().iloc[0]
    signals = (
        pd.DataFrame(
            {
                "who": frame[check.columns[0]],
                "minutes": _minutes(frame),
                "typical": answers.eq(typical, axis=1).mean(axis=1),
            }
        )
        .groupby("who")[["minutes", "typical"]]
        .median()
    )
    fast = signals["minutes"] < check.parameters["minutes_share"] * signals["minutes"].median()
    alike = signals["typical"] > signals["typical"].median() + check.parameters["agreement_above"]
    suspect = set(signals.index[fast & alike])
    return [(int(row), WHOLE, "") for row in frame.index[frame[check.columns[0]].isin(suspect)]]


def _other_recode(frame: pd.DataFrame, check: Check, _: Questionnaire) -> Marks:
    """Free text that says what a code of the list says: the code takes the place of "other"."""
    text_column, code_column = check.columns
    table = _recodes(text_column)
    said = frame[text_column].str.strip().str.lower()
    marks: Marks = []
    for row in frame.index[said.isin(list(table))]:
        codes = frame.at[row, code_column].split(" ")
        if "other" in codes:
            new = [table[said[row]] if code == "other" else code for code in codes]
            marks.append((int(row), code_column, " ".join(dict.fromkeys(new))))
    return marks


def _recodes(question: str) -> dict[str, str]:
    path = paths.assessment("checks", "recodes.csv")
    with path.open(newline="", encoding="utf-8") as handle:
        rows = [row for row in csv.DictReader(handle) if row["question"] == question]
    return {row["text"].lower(): row["code"] for row in rows}


def _other_open(frame: pd.DataFrame, check: Check, _: Questionnaire) -> Marks:
    """Free text that no recode decides, for a person to read."""
    marks: Marks = []
    for column in check.columns:
        said = frame[column].str.strip().str.lower()
        open_text = (said != "") & ~said.str.startswith("~") & ~said.isin(list(_recodes(column)))
        marks += [(int(row), column, "") for row in frame.index[open_text]]
    return marks


_KINDS: dict[str, Callable[[pd.DataFrame, Check, Questionnaire], Marks]] = {
    "range": _range,
    "exceeds": _exceeds,
    "routing": _routing,
    "same_rank": _same_rank,
    "duplicate_exact": _duplicate_exact,
    "duplicate_near": _duplicate_near,
    "duration": _duration,
    "straight_lining": _straight_lining,
    "outlier": _outlier,
    "enumerator": _enumerator,
    "other_recode": _other_recode,
    "other_open": _other_open,
}
