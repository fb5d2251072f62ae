"""What goes wrong in the field, planted on purpose and written down."""

from typing import Any

import numpy as np
import pandas as pd

FAULT_COLUMNS = ("type", "population", "respondent_id", "column", "was", "now")


class FaultBook:
    """List of planted faults: one row each, with the value before and after."""

    def __init__(self, population: str) -> None:
        self.population = population
        self.rows: list[dict[str, str]] = []

    def note(self, kind: str, respondent: str, column: str, was: str, now: str) -> None:
        row = (kind, self.population, respondent, column, was, now)
        self.rows.append(dict(zip(FAULT_COLUMNS, row, strict=True)))


def plant(
    interviews: pd.DataFrame,
    parameters: dict[str, Any],
    typical: dict[str, str],
    book: FaultBook,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Spoil interviews as `parameters` declare: slips, straight-lining, an enumerator who invents.

    One row of `interviews` is one interview in typed shape. Every fault is noted in `book`; the kinds do not
    fall on the same interview, so that each can be looked for by itself. Returns a new frame with the
    repeated records at its end.
    """
    frame = interviews.copy()
    free = list(frame.index[frame["enumerator_id"] != parameters["inventing_enumerator"]])
    order = iter(rng.permutation(free))
    _slips(frame, parameters["slips"], order, book)
    _texts(frame, parameters["texts"], order, book)
    _unasked(frame, parameters["unasked"], order, book)
    _straight(frame, parameters["straight_lining"], order, book)
    frame = _invent(frame, parameters, typical, book, rng)
    near = _near_duplicates(frame, parameters["near_duplicates"], order, book, rng)
    frame = pd.concat([frame, near], ignore_index=True)
    again = [next(order) for _ in range(parameters["exact_duplicates"])]
    for row in again:
        book.note("exact_duplicate", frame.at[row, "respondent_id"], "*", "", "")
    return pd.concat([frame, frame.loc[again]], ignore_index=True)


def _slips(frame: pd.DataFrame, slips: list[dict[str, Any]], order: Any, book: FaultBook) -> None:
    for slip in slips:
        for value in slip["values"]:
            row = next(order)
            book.note(
                slip["type"], frame.at[row, "respondent_id"], slip["column"], frame.at[row, slip["column"]], value
            )
            frame.at[row, slip["column"]] = value


def _texts(frame: pd.DataFrame, texts: list[dict[str, Any]], order: Any, book: FaultBook) -> None:
    for text in texts:
        for said in text["values"]:
            row = next(order)
            was = frame.at[row, text["code_column"]]
            book.note(text["type"], frame.at[row, "respondent_id"], text["code_column"], was, "other")
            for column, value in text.get("opens", {}).items():
                frame.at[row, column] = value
            frame.at[row, text["code_column"]] = "other"
            frame.at[row, text["text_column"]] = said


def _unasked(frame: pd.DataFrame, rules: list[dict[str, Any]], order: Any, book: FaultBook) -> None:
    for rule in rules:
        candidates = set(frame.index[frame[rule["column"]].str.startswith("~not_asked")])
        for _ in range(rule["count"]):
            row = next(r for r in order if r in candidates)
            book.note(
                "unasked", frame.at[row, "respondent_id"], rule["column"], frame.at[row, rule["column"]], rule["value"]
            )
            frame.at[row, rule["column"]] = rule["value"]


def _straight(frame: pd.DataFrame, rule: dict[str, Any], order: Any, book: FaultBook) -> None:
    battery = [c for c in frame.columns if c.startswith(tuple(rule["prefixes"])) and c not in rule["except"]]
    for number in range(rule["count"]):
        row = next(order)
        frame.loc[row, battery] = rule["values"][number % len(rule["values"])]
        book.note("straight_lining", frame.at[row, "respondent_id"], "*", "", "")


def _invent(
    frame: pd.DataFrame,
    parameters: dict[str, Any],
    typical: dict[str, str],
    book: FaultBook,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Interviews that were never made: mostly the commonest answer, and far too quick."""
    rows = frame.index[frame["enumerator_id"] == parameters["inventing_enumerator"]]
    for row in rows:
        for column, answer in typical.items():
            asked = not frame.at[row, column].startswith("~not_asked")
            if asked and rng.random() < parameters["inventing_typical"]:
                frame.at[row, column] = answer
        frame.at[row, "minutes"] = str(int(rng.integers(14, 21)))
        book.note("invented", frame.at[row, "respondent_id"], "*", "", "")
    return frame


def _near_duplicates(
    frame: pd.DataFrame, count: int, order: Any, book: FaultBook, rng: np.random.Generator
) -> pd.DataFrame:
    rows = [next(order) for _ in range(count)]
    copies = frame.loc[rows].copy()
    copies["respondent_id"] = [f"{identity[:-1]}n" for identity in copies["respondent_id"]]
    copies["household_number"] = [str(int(rng.integers(60, 99))) for _ in rows]
    for identity in copies["respondent_id"]:
        book.note("near_duplicate", identity, "*", "", "")
    return copies
