"""Checks on typed answers: rows of a table that say what is wrong and what a rule may do about it."""

import csv
import tomllib
from collections.abc import Mapping

import pandas as pd

from bsna import paths
from bsna.intake.faults import KINDS, WHOLE, Check, Mark
from bsna.intake.instrument import Questionnaire
from bsna.intake.reasons import DROPPED, NO_ANSWER

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


def load_checks() -> tuple[Check, ...]:
    """Read assessment/checks/checks.csv.

    Raises ValueError, naming the line, for an unknown kind or action, parameters that are no TOML or not
    those of the kind, and an id that stands twice.
    """
    path = paths.assessment("checks", "checks.csv")
    checks: list[Check] = []
    with path.open(newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle)
        if tuple(reader.fieldnames or ()) != CHECK_COLUMNS:
            raise ValueError(f"{path.name} has the columns {reader.fieldnames}, expected {list(CHECK_COLUMNS)}")
        for line, row in enumerate(reader, start=2):
            if row["check"] in {check.id for check in checks}:
                raise ValueError(f"{path.name} line {line}: check {row['check']!r} stands twice")
            checks.append(_check(row, f"{path.name} line {line}"))
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
    in both languages in the check. Raises ValueError for a check on a question that does not exist.
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
    if row["kind"] not in KINDS or row["action"] not in ACTIONS:
        raise ValueError(
            f"{where}: kind {row['kind']!r} or action {row['action']!r} is unknown; "
            f"kinds are {sorted(KINDS)}, actions {list(ACTIONS)}"
        )
    try:
        parameters = tomllib.loads(row["parameters"].replace(";", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{where}: parameters {row['parameters']!r} are no TOML: {error}") from error
    expected = KINDS[row["kind"]].parameters
    if set(parameters) != set(expected):
        raise ValueError(
            f"{where}: kind {row['kind']} has the parameters {sorted(expected)}, found {sorted(parameters)}"
        )
    return Check(
        id=row["check"],
        population=row["population"],
        kind=row["kind"],
        columns=tuple(row["columns"].split()),
        parameters=parameters,
        action=row["action"],
        reason={"en": row["reason_en"], "fr": row["reason_fr"]},
    )


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
