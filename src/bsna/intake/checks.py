"""Checks on typed answers: rows of a table that say what is wrong and what a rule may do about it."""

import re
import tomllib
from collections.abc import Mapping

import pandas as pd

from bsna import paths
from bsna.intake.faults import KINDS, WHOLE, Check, Kind, Mark, recode_rows
from bsna.intake.instrument import Questionnaire
from bsna.intake.profile import LANGUAGES, POPULATIONS
from bsna.intake.reasons import DROPPED, NO_ANSWER
from bsna.intake.sheets import read_rows

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
    "reason",
)
CHECK_COLUMNS = (
    "check",
    "population",
    "kind",
    "columns",
    "parameters",
    "action",
    "reason_en",
    "reason_fr",
)


_NAMES: Mapping[type, str] = {float: "number", list: "list of names", re.Pattern: "pattern that can be matched"}


def load_checks() -> tuple[Check, ...]:
    """Read assessment/checks/checks.csv.

    Raises ValueError, naming the line, for an unknown population, kind or action, columns or parameters that are
    not those of the kind, an id that stands twice, and a recode of a text that no check recodes.
    """
    path = paths.assessment("checks", "checks.csv")
    checks: list[Check] = []
    for line, row in read_rows(path, CHECK_COLUMNS):
        if row["check"] in {check.id for check in checks}:
            raise ValueError(f"{path.name} line {line}: check {row['check']!r} stands twice")
        checks.append(_check(row, f"{path.name} line {line}"))
    recoded = {check.columns[0] for check in checks if check.kind == "other_recode"}
    for line, row in recode_rows() if recoded else ():
        if row["question"] not in recoded:
            raise ValueError(
                f"recodes.csv line {line}: no check recodes {row['question']!r}; known are {sorted(recoded)}"
            )
    return tuple(checks)


def run_checks(
    typed: Mapping[str, pd.DataFrame],
    checks: tuple[Check, ...],
    questionnaires: Mapping[str, Questionnaire],
) -> pd.DataFrame:
    """Apply every check to its population; a population the survey does not have is passed over.

    One row is one finding: a cell, or a whole interview (column "*"). Checks see the answers as typed, so
    that the order of checks does not matter; a question the survey did not ask yields nothing. Columns:
    `FINDING_COLUMNS`; `now` is the value the rule proposes, "" for a flag; `reason` is in English, and
    in every language in the check. Raises ValueError for a check on a question that does not exist.
    """
    found: list[dict[str, str]] = []
    for check in checks:
        if check.population not in typed:
            continue
        frame, questionnaire = typed[check.population], questionnaires[check.population]
        if unknown := [name for name in check.columns if name not in questionnaire.names]:
            raise ValueError(
                f"checks.csv: check {check.id} names the questions {unknown}, which the "
                f"questionnaire {check.population} does not have"
            )
        found += [_finding(frame, check, mark) for mark in KINDS[check.kind].find(frame, check, questionnaire)]
    return pd.DataFrame(found, columns=list(FINDING_COLUMNS), dtype=str)


def _check(row: dict[str, str], where: str) -> Check:
    for key, known in (("population", POPULATIONS), ("kind", tuple(KINDS)), ("action", ACTIONS)):
        if row[key] not in known:
            raise ValueError(f"{where}: {key} {row[key]!r} is unknown; known are {sorted(known)}")
    try:
        parameters = tomllib.loads(row["parameters"].replace(";", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{where}: parameters {row['parameters']!r} are no TOML: {error}") from error
    _check_kind(KINDS[row["kind"]], row, parameters, where)
    return Check(
        id=row["check"],
        population=row["population"],
        kind=row["kind"],
        columns=tuple(row["columns"].split()),
        parameters=parameters,
        action=row["action"],
        reason={language: row[f"reason_{language}"] for language in LANGUAGES},
    )


def _check_kind(kind: Kind, row: Mapping[str, str], parameters: Mapping[str, object], where: str) -> None:
    if set(parameters) != set(kind.parameters):
        raise ValueError(
            f"{where}: kind {row['kind']} has the parameters {sorted(kind.parameters)}, found {sorted(parameters)}"
        )
    for name, expected in kind.parameters.items():
        if not _is(parameters[name], expected):
            raise ValueError(f"{where}: {name} is {parameters[name]!r}, no {_NAMES[expected]}")
    columns = row["columns"].split()
    if len(columns) != kind.columns if kind.columns is not None else not columns:
        wanted = "at least one column" if kind.columns is None else f"{kind.columns} column(s)"
        raise ValueError(f"{where}: kind {row['kind']} speaks of {wanted}, found {columns}")


def _is(value: object, expected: type) -> bool:
    if expected is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if expected is re.Pattern:
        try:
            re.compile(str(value))
        except re.error:
            return False
        return isinstance(value, str)
    return isinstance(value, expected)


def _finding(frame: pd.DataFrame, check: Check, mark: Mark) -> dict[str, str]:
    proposal = {
        "set_missing": mark.now or NO_ANSWER,
        "recode": mark.now,
        "drop": DROPPED,
        "flag": "",
    }
    return {
        "check": check.id,
        "population": check.population,
        "row_number": str(frame.at[mark.row, "row_number"]),
        "respondent_id": str(frame.at[mark.row, "respondent_id"]),
        "column": mark.column,
        "value": "" if mark.column == WHOLE else str(frame.at[mark.row, mark.column]),
        "action": check.action,
        "now": proposal[check.action],
        "reason": check.reason["en"],
    }
