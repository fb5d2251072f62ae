"""Corrections on the record: the log turns the typed table into the cleaned one, and can be replayed."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from bsna import paths
from bsna.intake.checks import WHOLE, Check
from bsna.intake.instrument import Questionnaire
from bsna.intake.reasons import DROPPED, is_reason, reason_counts

LOG_COLUMNS = (
    "log_id",
    "population",
    "row_number",
    "respondent_id",
    "column",
    "was",
    "now",
    "reason",
    "who",
    "when",
    "rule",
)
EVERYBODY = "*"
"""Respondent of a log row that takes out a whole column."""


@dataclass(frozen=True)
class Cleaned:
    """`frames`: one cleaned table per population, in typed shape. `log`: one row per change.
    `flags`: findings nobody changed. `dropped` interviews and personal columns are rows of the log too."""

    frames: dict[str, pd.DataFrame]
    log: pd.DataFrame
    flags: pd.DataFrame


def load_decisions(profile_id: str) -> pd.DataFrame:
    """Corrections decided by people, from assessment/corrections/<profile>.csv; empty if there is none.

    One row is one decision: which interviews (`where_column`, `where_value`), which column ("*" for the
    whole interview), old and new value, reason, who, when.
    """
    columns = (
        ["decision_id", "population", "where_column", "where_value", "column", "was", "now", "reason", "who", "when"]
    )
    path = paths.assessment("corrections", f"{profile_id}.csv")
    if not path.is_file():
        return pd.DataFrame(columns=columns, dtype=str)
    with path.open(newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle)
        if reader.fieldnames != columns:
            raise ValueError(f"{path} has the columns {reader.fieldnames}, expected {columns}")
        return pd.DataFrame(list(reader), columns=columns, dtype=str)


def clean(
    typed: Mapping[str, pd.DataFrame],
    findings: pd.DataFrame,
    decisions: pd.DataFrame,
    checks: tuple[Check, ...],
    questionnaires: Mapping[str, Questionnaire],
    *,
    when: date,
) -> Cleaned:
    """Turn findings and decisions into a log, and replay it.

    A decision outranks a rule on the same cell, and the first rule outranks later ones; what is outranked
    becomes a flag, so that it still is counted. `when` is the date written on changes made by rule.
    Raises ValueError for decisions that fit nobody, two decisions for one cell, or an old value that no
    longer matches.
    """
    rows = _decided(typed, decisions) + _personal(typed, questionnaires)
    taken = {(row["population"], row["row_number"], row["column"]) for row in rows}
    gone = {(p, r) for p, r, column in taken if column == WHOLE}
    reasons = {check.id: check.reason["en"] for check in checks}
    flags: list[dict[str, str]] = []
    for finding in findings.to_dict("records"):
        cell = (finding["population"], finding["row_number"], finding["column"])
        if finding["action"] == "flag" or cell in taken or cell[:2] in gone:
            flags.append(finding)
            continue
        taken.add(cell)
        rows.append(_by_rule(finding, reasons[finding["check"]], when))
    log = pd.DataFrame(rows, columns=list(LOG_COLUMNS), dtype=str)
    log["log_id"] = [f"L{number:05d}" for number in range(1, len(log) + 1)]
    frames = {population: replay(frame, log, population) for population, frame in typed.items()}
    return Cleaned(frames, log, pd.DataFrame(flags, columns=list(findings.columns), dtype=str))


def replay(typed: pd.DataFrame, log: pd.DataFrame, population: str) -> pd.DataFrame:
    """Apply the log to the typed table of one population; the result is the cleaned table.

    Rows taken out leave; personal columns leave. Raises ValueError if a log row names an unknown record,
    two log rows name one cell, or the old value is not the one in the table.
    """
    own = log[log["population"] == population]
    twice = own[own.duplicated(["row_number", "column"])]
    if len(twice):
        raise ValueError(
            f"{population}: {len(twice)} cell(s) are corrected twice, such as {twice.iloc[0]['column']} of "
            f"row {twice.iloc[0]['row_number']} ({twice.iloc[0]['log_id']}); keep one correction"
        )
    position = {number: place for place, number in enumerate(typed["row_number"])}
    columns = {name: typed[name].to_numpy(dtype=object).copy() for name in typed.columns}
    dropped: list[int] = []
    personal: list[str] = []
    for row in own.to_dict("records"):
        if row["respondent_id"] == EVERYBODY:
            personal.append(row["column"])
            continue
        place = _place(row, position, columns, population)
        if row["column"] == WHOLE:
            dropped.append(place)
        else:
            columns[row["column"]][place] = row["now"]
    frame = pd.DataFrame(columns, index=typed.index).astype(str)
    return frame.drop(index=typed.index[dropped]).drop(columns=personal).reset_index(drop=True)


def cleaning_counts(
    typed: Mapping[str, pd.DataFrame], cleaned: Cleaned, checks: tuple[Check, ...]
) -> pd.DataFrame:
    """What each check found and what became of it, in counts only.

    One row is one check, or one line for decisions by people: check, population, action, found, changed,
    dropped, flagged.
    """
    rows: list[dict[str, Any]] = []
    for check in checks:
        if check.population not in typed:
            continue
        log = cleaned.log[cleaned.log["rule"] == check.id]
        flags = cleaned.flags[cleaned.flags["check"] == check.id]
        rows.append(_count(check.id, check.population, check.action, log, len(flags)))
    for population in typed:
        log = cleaned.log[(cleaned.log["rule"] == "") & (cleaned.log["population"] == population)]
        personal = log["respondent_id"] == EVERYBODY
        rows.append(_count("decision", population, "decision", log[~personal], 0))
        rows.append(_count("personal", population, "drop", log[personal], 0))
    return pd.DataFrame(rows)


def missing_by_reason(frame: pd.DataFrame, questionnaire: Questionnaire) -> pd.DataFrame:
    """Reasons of missing by question, as `reason_counts`, for the questions of the questionnaire."""
    return reason_counts(frame[[name for name in questionnaire.names if name in frame.columns]])


def _count(
    check: str, population: str, action: str, log: pd.DataFrame, flagged: int
) -> dict[str, Any]:
    dropped = int((log["now"] == DROPPED).sum())
    return {
        "check": check,
        "population": population,
        "action": action,
        "found": len(log) + flagged,
        "changed": len(log) - dropped,
        "dropped": dropped,
        "flagged": flagged,
    }


def _place(
    row: dict[str, str], position: dict[str, int], columns: dict[str, Any], population: str
) -> int:
    name = f"{row['log_id']} ({population}, row {row['row_number']}, {row['column']})"
    place = position.get(row["row_number"])
    if place is None or columns["respondent_id"][place] != row["respondent_id"]:
        raise ValueError(f"Correction {name} names a record that is not in the delivery")
    if row["column"] != WHOLE:
        if row["column"] not in columns:
            raise ValueError(f"Correction {name} names an unknown column")
        if (found := columns[row["column"]][place]) != row["was"]:
            raise ValueError(
                f"Correction {name} expects the old value {row['was']!r}, but the delivery has {found!r}; "
                "the source may have been mended: withdraw or renew the correction"
            )
    return place


def _by_rule(finding: dict[str, str], reason: str, when: date) -> dict[str, str]:
    return {
        "population": finding["population"],
        "row_number": finding["row_number"],
        "respondent_id": finding["respondent_id"],
        "column": finding["column"],
        "was": finding["value"],
        "now": finding["now"],
        "reason": reason,
        "who": "rule",
        "when": when.isoformat(),
        "rule": finding["check"],
    }


def _decided(typed: Mapping[str, pd.DataFrame], decisions: pd.DataFrame) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    seen: dict[tuple[str, str, str], str] = {}
    for decision in decisions.to_dict("records"):
        name = f"decision {decision['decision_id']}"
        frame = typed.get(decision["population"])
        if frame is None or decision["where_column"] not in frame.columns:
            raise ValueError(
                f"{name} names {decision['population']}.{decision['where_column']}, not there"
            )
        hit = frame[frame[decision["where_column"]] == decision["where_value"]]
        if hit.empty:
            raise ValueError(
                f"{name} fits no interview: {decision['where_column']} is never as stated"
            )
        if decision["column"] != WHOLE:
            hit = hit.drop_duplicates("respondent_id")
        for record in hit.to_dict("records"):
            cell = (decision["population"], record["row_number"], decision["column"])
            if cell in seen:
                raise ValueError(f"{name} and {seen[cell]} both correct {cell[2]} of row {cell[1]}")
            seen[cell] = name
            rows.append(
                {
                    "population": decision["population"],
                    "row_number": record["row_number"],
                    "respondent_id": record["respondent_id"],
                    "rule": "",
                    **{
                        key: decision[key]
                        for key in ("column", "was", "now", "reason", "who", "when")
                    },
                }
            )
    return rows


def _personal(
    typed: Mapping[str, pd.DataFrame], questionnaires: Mapping[str, Questionnaire]
) -> list[dict[str, str]]:
    return [
        {
            "population": population,
            "row_number": f"column {question.name}",
            "respondent_id": EVERYBODY,
            "column": question.name,
            "was": "",
            "now": DROPPED,
            "reason": "Personal data stay with the raw file",
            "who": "rule",
            "when": "",
            "rule": "",
        }
        for population in typed
        for question in questionnaires[population].questions
        if question.personal and question.name in typed[population].columns
    ]


def item_nonresponse(frame: pd.DataFrame, column: str) -> float:
    """Share of those asked who gave no usable answer, unweighted; 0 if nobody was asked."""
    answers = frame[column]
    asked = ~answers.isin(["~not_asked", "~not_in_survey", "~not_reached"])
    return float((is_reason(answers) & asked).sum() / max(int(asked.sum()), 1))
