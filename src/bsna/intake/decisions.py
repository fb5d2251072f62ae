"""Corrections that people decided: who changed what, when and why, one row each."""

import math
from collections.abc import Mapping
from datetime import date

import pandas as pd

from bsna import paths
from bsna.intake.faults import WHOLE
from bsna.intake.instrument import Question, Questionnaire
from bsna.intake.reasons import DROPPED, REASONS
from bsna.intake.sheets import read_rows

DECISION_COLUMNS = (
    "decision_id",
    "population",
    "where_column",
    "where_value",
    "column",
    "was",
    "now",
    "reason",
    "who",
    "when",
)


def load_decisions(profile_id: str) -> pd.DataFrame:
    """Read assessment/corrections/<profile>.csv; empty if there is none.

    One row is one decision: which interviews (`where_column`, `where_value`), which column ("*" for the
    whole interview), old and new value ("" and "~dropped" for a whole interview), reason, who, when.
    Raises ValueError, naming file and line, for other columns, an id that stands twice, a decision without reason, who or
    when, and a when that is no date.
    """
    path = paths.assessment("corrections", f"{profile_id}.csv")
    if not path.is_file():
        return pd.DataFrame(columns=list(DECISION_COLUMNS), dtype=str)
    rows = read_rows(path, DECISION_COLUMNS)
    for line, row in rows:
        _check_record(row, f"{path} line {line}")
    decisions = pd.DataFrame([row for _, row in rows], columns=list(DECISION_COLUMNS), dtype=str)
    if decisions["decision_id"].duplicated().any():
        twice = sorted(set(decisions["decision_id"][decisions["decision_id"].duplicated()]))
        raise ValueError(f"{path}: the decisions {twice} stand twice; give each its own id")
    return decisions


def _check_record(row: Mapping[str, str], where: str) -> None:
    if empty := [column for column in ("decision_id", "reason", "who", "when") if not row[column].strip()]:
        raise ValueError(f"{where}: the decision has no {', '.join(empty)}; a correction is a record")
    try:
        date.fromisoformat(row["when"])
    except ValueError as error:
        raise ValueError(f"{where}: when is {row['when']!r}, expected a date such as 2014-06-25") from error


def decided_changes(
    typed: Mapping[str, pd.DataFrame],
    decisions: pd.DataFrame,
    questionnaires: Mapping[str, Questionnaire],
) -> list[dict[str, str]]:
    """Log rows, without number, that the decisions come to.

    A cell is corrected in the first of several records sent twice; a whole interview leaves with all of
    them. Raises ValueError for a decision that names an unknown population, column or new value, or fits
    no interview, and for two decisions on one cell.
    """
    rows: list[dict[str, str]] = []
    seen: dict[tuple[str, str, str], str] = {}
    for row in decisions.to_dict("records"):
        decision = {str(key): str(value) for key, value in row.items()}
        for record in _records(typed, decision, questionnaires).to_dict("records"):
            cell = (decision["population"], record["row_number"], decision["column"])
            if cell in seen:
                raise ValueError(
                    f"Decisions {seen[cell]} and {decision['decision_id']} both correct {cell[2]} of row {cell[1]} ({cell[0]}); "
                    "keep one in assessment/corrections"
                )
            seen[cell] = decision["decision_id"]
            rows.append(
                {
                    "population": decision["population"],
                    "row_number": record["row_number"],
                    "respondent_id": record["respondent_id"],
                    "rule": decision["decision_id"],
                    **{k: decision[k] for k in ("column", "was", "now", "reason", "who", "when")},
                }
            )
    return rows


def _records(
    typed: Mapping[str, pd.DataFrame],
    decision: dict[str, str],
    questionnaires: Mapping[str, Questionnaire],
) -> pd.DataFrame:
    name, population = f"Decision {decision['decision_id']}", decision["population"]
    if population not in typed:
        raise ValueError(f"{name}: no population {population!r}; there are {sorted(typed)}")
    frame = typed[population]
    for key in ("where_column", "column"):
        if decision[key] not in frame.columns and (key, decision[key]) != ("column", WHOLE):
            raise ValueError(f"{name}: {key} {decision[key]!r} is no column of {population}")
    _check_new_value(name, decision, questionnaires[population])
    fitting = frame[frame[decision["where_column"]] == decision["where_value"]]
    if fitting.empty:
        raise ValueError(
            f"{name} fits no interview of {population}: {decision['where_column']} is nowhere "
            f"{decision['where_value']!r}"
        )
    return fitting if decision["column"] == WHOLE else fitting.drop_duplicates("respondent_id")


def _check_new_value(name: str, decision: dict[str, str], questionnaire: Questionnaire) -> None:
    column, now = decision["column"], decision["now"]
    if column == WHOLE:
        fits, expected = now == DROPPED, DROPPED
    elif column not in questionnaire.names:
        raise ValueError(f"{name}: {column} is not the answer to a question; it cannot be corrected")
    else:
        question = questionnaire.question(column)
        fits = now in REASONS or _is_answer(now, question)
        codes = list(question.codes) or f"a value of type {question.type}"
        expected = f"{codes} or one of {list(REASONS)}"
    if not fits:
        raise ValueError(f"{name}: the new value {now!r} of {column} is not {expected}")


def _is_answer(value: str, question: Question) -> bool:
    if question.type in ("integer", "decimal"):
        try:
            number = float(value)
        except ValueError:
            return False
        return math.isfinite(number) and (question.type == "decimal" or value == str(int(number)))
    if question.codes:
        chosen = value.split(" ") if question.type == "select_multiple" else [value]
        return set(chosen) <= set(question.codes)
    return bool(value) and not value.startswith("~")
