"""Corrections on the record: the log turns the typed table into the cleaned one, and can be replayed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from bsna.intake.decisions import decided_changes
from bsna.intake.faults import WHOLE, Check
from bsna.intake.instrument import Questionnaire
from bsna.intake.languages import LANGUAGES
from bsna.intake.reasons import DROPPED, REASONS

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
"""Row number and respondent of a log row that takes out a whole column."""

RULE, PERSONAL = "rule", "personal"
"""What stands under `who` for a change made by rule, and under `rule` for a personal column."""


@dataclass(frozen=True)
class Cleaned:
    """`frames`: one cleaned table per population, in typed shape. `log`: one row per change, whole
    interviews and personal columns taken out included. `flags`: findings that changed nothing."""

    frames: dict[str, pd.DataFrame]
    log: pd.DataFrame
    flags: pd.DataFrame


def clean(
    typed: Mapping[str, pd.DataFrame],
    findings: pd.DataFrame,
    decisions: pd.DataFrame,
    questionnaires: Mapping[str, Questionnaire],
    *,
    when: date,
) -> Cleaned:
    """Turn findings and decisions into a log, and replay it.

    A decision outranks a rule on the same cell, a rule that takes out an interview outranks those that
    change its cells, and the first of two rules on a cell outranks the second; what is outranked stays
    among the flags. `when` is the date written on changes made by rule: the day the delivery was
    received. Raises ValueError for a decision that does not fit, two decisions on one cell, or an old
    value that no longer matches.
    """
    rows = decided_changes(typed, decisions, questionnaires)
    taken = {(row["population"], row["row_number"], row["column"]) for row in rows}
    flags: list[dict[str, str]] = []
    records = sorted(_records(findings), key=lambda finding: finding["action"] != "drop")
    for finding in records:
        record = (finding["population"], finding["row_number"])
        cell = (*record, finding["column"])
        if finding["action"] == "flag" or cell in taken or (*record, WHOLE) in taken:
            flags.append(finding)
        else:
            taken.add(cell)
            rows.append(_by_rule(finding, when))
    rows += _without_personal_columns(typed, questionnaires, when)
    log = pd.DataFrame(rows, columns=list(LOG_COLUMNS), dtype=str)
    log["log_id"] = [f"L{number:05d}" for number in range(1, len(log) + 1)]
    frames = {population: replay(frame, log, population) for population, frame in typed.items()}
    return Cleaned(frames, log, pd.DataFrame(flags, columns=list(findings.columns), dtype=str))


def replay(typed: pd.DataFrame, log: pd.DataFrame, population: str) -> pd.DataFrame:
    """Apply the log to the typed table of one population; the result is the cleaned table.

    Raises ValueError if a log row names an unknown record or column, two log rows name one cell, or the
    old value is not the one in the table.
    """
    own = log[log["population"] == population]
    twice = own[own.duplicated(["row_number", "column"])]
    if len(twice):
        raise ValueError(
            f"{population}: {len(twice)} cell(s) are corrected twice, such as "
            f"{twice.iloc[0]['column']} of row {twice.iloc[0]['row_number']} "
            f"({twice.iloc[0]['log_id']}, {twice.iloc[0]['rule']}); keep one correction"
        )
    position = {number: place for place, number in enumerate(typed["row_number"])}
    columns = {name: typed[name].to_numpy(dtype=object).copy() for name in typed.columns}
    dropped: list[int] = []
    personal: list[str] = []
    for row in _records(own):
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


def count_columns() -> list[str]:
    """Keys of the entries of `checks` in `cleaning_counts`; a foreign survey has none."""
    reasons = [f"reason_{language}" for language in LANGUAGES]
    return ["check", "population", "kind", "action", *reasons, "found", "changed", "dropped", "flagged", "outranked"]


def cleaning_counts(
    typed: Mapping[str, pd.DataFrame],
    cleaned: Cleaned,
    checks: tuple[Check, ...],
    questionnaires: Mapping[str, Questionnaire],
) -> dict[str, list[dict[str, Any]]]:
    """What was found, changed and dropped, in counts that may be published under the usual rules.

    `interviews`: one entry per population, before and after. `checks`: one per check, its findings split
    into changed cells, dropped interviews, flags, and those outranked by another change. `decisions`:
    one per decision. `personal`: columns taken out, per population. `examples`: at most one change per
    check, a code as it is, a number as dots; never an id, never a text.
    """
    log, flags = cleaned.log, cleaned.flags
    decided = log[log["who"] != RULE]
    own = [check for check in checks if check.population in typed]
    return {
        "interviews": [
            {
                "population": population,
                "received": len(frame),
                "dropped": len(frame) - len(cleaned.frames[population]),
                "kept": len(cleaned.frames[population]),
            }
            for population, frame in typed.items()
        ],
        "checks": [_count(check, log, flags[flags["check"] == check.id]) for check in own],
        "decisions": [
            {"decision": rule, "population": population, "reason": reason, **_changes(rows)}
            for (rule, population, reason), rows in decided.groupby(["rule", "population", "reason"], sort=False)
        ],
        "personal": [
            {"population": population, "columns": int((rows["rule"] == PERSONAL).sum())}
            for population, rows in ((name, log[log["population"] == name]) for name in typed)
        ],
        "examples": [
            example
            for check in own
            for example in _example(log[log["rule"] == check.id], questionnaires[check.population])
        ],
    }


def _records(table: pd.DataFrame) -> list[dict[str, str]]:
    return [{str(k): str(v) for k, v in row.items()} for row in table.to_dict("records")]


def _changes(rows: pd.DataFrame) -> dict[str, int]:
    dropped = int((rows["now"] == DROPPED).sum())
    return {"changed": len(rows) - dropped, "dropped": dropped}


def _count(check: Check, log: pd.DataFrame, flags: pd.DataFrame) -> dict[str, Any]:
    changes = _changes(log[log["rule"] == check.id])
    flagged = int((flags["action"] == "flag").sum())
    outranked = len(flags) - flagged
    return {
        "check": check.id,
        "population": check.population,
        "kind": check.kind,
        "action": check.action,
        **{f"reason_{language}": text for language, text in check.reason.items()},
        "found": sum(changes.values()) + flagged + outranked,
        **changes,
        "flagged": flagged,
        "outranked": outranked,
    }


def _example(rows: pd.DataFrame, questionnaire: Questionnaire) -> list[dict[str, str]]:
    """The first change of a cell; none where only whole interviews or texts changed."""
    for row in _records(rows[rows["column"] != WHOLE]):
        question = questionnaire.question(row["column"])
        if question.codes or question.type in ("integer", "decimal"):
            shown = {
                key: row[key] if question.codes or row[key] in REASONS else "•" * len(row[key])
                for key in ("was", "now")
            }
            place = {key: row[key] for key in ("population", "column")}
            return [{"check": row["rule"], **place, **shown}]
    return []


def _place(row: dict[str, str], position: dict[str, int], columns: dict[str, Any], population: str) -> int:
    name = f"{row['rule']} ({row['log_id']}: {population}, row {row['row_number']}, {row['column']})"
    place = position.get(row["row_number"])
    if place is None or columns["respondent_id"][place] != row["respondent_id"]:
        raise ValueError(f"Correction {name} names a record that is not in the delivery")
    if row["column"] != WHOLE:
        if row["column"] not in columns:
            raise ValueError(f"Correction {name} names an unknown column")
        if (found := columns[row["column"]][place]) != row["was"]:
            raise ValueError(
                f"Correction {name} expects the old value {row['was']!r}, but the delivery has "
                f"{found!r}; the source may have been mended: withdraw or renew the correction in assessment/corrections"
            )
    return place


def _by_rule(finding: dict[str, str], when: date) -> dict[str, str]:
    kept = {key: finding[key] for key in ("population", "row_number", "respondent_id", "column")}
    change = {"was": finding["value"], "now": finding["now"], "reason": finding["reason"]}
    return {**kept, **change, "who": RULE, "when": when.isoformat(), "rule": finding["check"]}


def _without_personal_columns(
    typed: Mapping[str, pd.DataFrame], questionnaires: Mapping[str, Questionnaire], when: date
) -> list[dict[str, str]]:
    return [
        {
            "population": population,
            "row_number": EVERYBODY,
            "respondent_id": EVERYBODY,
            "column": question.name,
            "was": "",
            "now": DROPPED,
            "reason": "Personal data stay with the raw file",
            "who": RULE,
            "when": when.isoformat(),
            "rule": PERSONAL,
        }
        for population, frame in typed.items()
        for question in questionnaires[population].questions
        if question.personal and question.name in frame.columns
    ]
