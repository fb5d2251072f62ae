"""Estimate rows as an Excel workbook: a sheet per chapter to read, notes, and a sheet with every column."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from bsna.estimation import records
from bsna.publishing.takeaway.declared import load_declared
from bsna.publishing.takeaway.document import plain
from bsna.publishing.takeaway.imprint import Imprint
from bsna.publishing.wording import Words

_OPTIONS = {"nan_inf_to_errors": False, "strings_to_formulas": False, "strings_to_urls": False}
_LONGEST_NAME = 31
_WIDTHS = (52, 22, 26, 26, 12, 12, 12, 10, 14, 60)
STATUSES = ("ok", "imprecise", "withheld", "not_asked")


def write_workbook(
    rows: pd.DataFrame, words: Words, imprint: Imprint, title: str, chapters: Mapping[str, str], path: Path
) -> Path:
    """Write the workbook. `chapters` has the title of each chapter, in the order of its sheets.

    A cell of text is text, whatever it begins with. Raises ValueError for a chapter of `rows` without a title. The same rows
    give the same bytes.
    """
    if unknown := sorted(set(rows["chapter"]) - set(chapters)):
        raise ValueError(f"{path.name}: chapters {unknown} have estimates and no title; titled are {sorted(chapters)}")
    with xlsxwriter.Workbook(path, _OPTIONS) as book:
        created = imprint.created.replace(tzinfo=None)
        book.set_properties(
            {"title": title, "author": "; ".join(imprint.authors), "comments": imprint.notice, "created": created}
        )
        styles = _styles(book, words.say("takeaway", "unit_points"))
        _write_notes(
            book.add_worksheet(_named(book, words.say("takeaway", "notes_sheet"))), words, imprint, title, styles
        )
        for chapter, name in chapters.items():
            shown = records(rows[rows["chapter"] == chapter])
            if shown:
                _write_chapter(book.add_worksheet(_named(book, name)), words, imprint, shown, styles)
        _write_keys(book.add_worksheet(_named(book, words.say("takeaway", "keys_sheet"))), rows, styles)
    return path


def _styles(book: xlsxwriter.Workbook, points: str) -> dict[str, Any]:
    top, signed = {"valign": "top"}, f'+0" {points}";\u22120" {points}";0" {points}"'
    codes = {"share": "0%", "points": signed, "number": "0.0"}
    styles = {unit: book.add_format({**top, "num_format": code}) for unit, code in codes.items()}
    head = {"bold": True, "text_wrap": True, "bg_color": "#E3ECF2", "bottom": 1, **top}
    return styles | {
        "text": book.add_format({**top, "text_wrap": True}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "mark": book.add_format({"bold": True, "font_color": "#9C2A00"}),
        "head": book.add_format(head),
        "count": book.add_format({**top, "num_format": "#,##0"}),
    }


def _write_notes(sheet: Worksheet, words: Words, imprint: Imprint, title: str, styles: Mapping[str, Any]) -> None:
    sheet.set_column(0, 0, 110)
    sheet.write_string(0, 0, plain(title), styles["title"])
    lines = [*imprint.sentences, words.say("takeaway", "percent")]
    lines.append(words.say("takeaway", "own_key", {"sheet": words.say("takeaway", "keys_sheet")}))
    for status in STATUSES:
        meaning = words.say("takeaway", f"status_{status}")
        lines.append(words.say("takeaway", "status_of", {"status": words.word(status), "meaning": meaning}))
    for number, line in enumerate(lines, start=2):
        sheet.write_string(number, 0, plain(line), styles["text"])


def _write_chapter(
    sheet: Worksheet, words: Words, imprint: Imprint, rows: Sequence[Mapping[str, Any]], styles: Mapping[str, Any]
) -> None:
    sheet.write_string(0, 0, plain(" ".join((imprint.notice, imprint.made))), styles["mark"])
    names = [words.word(name) for name in ("measure", "population", "level", "answer", "estimate")]
    names += [words.say("takeaway", name) for name in ("from", "to")]
    names += [words.word("people"), words.word("status"), words.say("takeaway", "key")]
    _head(sheet, names, _WIDTHS, 1, len(rows), styles)
    language = words.language
    for number, row in enumerate(rows, start=2):
        texts = (
            row[f"label_{language}"],
            words.word(row["population"]),
            row[f"level_{language}"],
            row[f"category_{language}"],
        )
        for place, text in enumerate(texts):
            sheet.write_string(number, place, plain(text), styles["text"])
        for place, name in enumerate(("estimate", "low", "high"), start=4):
            _number(sheet, number, place, row[name], 100 if row["unit"] == "points" else 1, styles[row["unit"]])
        _number(sheet, number, 7, row["n"], 1, styles["count"])
        sheet.write_string(number, 8, words.word(row["status"]), styles["text"])
        sheet.write_string(number, 9, plain(row["key"]), styles["text"])


def _write_keys(sheet: Worksheet, rows: pd.DataFrame, styles: Mapping[str, Any]) -> None:
    columns = load_declared().column
    widths = [60 if column.name == "key" else 14 for column in columns]
    _head(sheet, [column.name for column in columns], widths, 0, len(rows), styles)
    for number, row in enumerate(records(rows), start=1):
        for place, column in enumerate(columns):
            value = row[column.name]
            if column.type == "string":
                sheet.write_string(number, place, plain(value))
            elif column.type == "boolean":
                sheet.write_boolean(number, place, bool(value))
            else:
                _number(sheet, number, place, value, 1, None)


def _head(
    sheet: Worksheet, names: Sequence[str], widths: Sequence[float], line: int, count: int, styles: Mapping[str, Any]
) -> None:
    for place, (name, width) in enumerate(zip(names, widths, strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(line, place, name, styles["head"])
    sheet.freeze_panes(line + 1, 1)
    sheet.autofilter(line, 0, line + count, len(names) - 1)


def _number(sheet: Worksheet, line: int, place: int, value: Any, times: int, style: Any) -> None:
    if not pd.isna(value):
        sheet.write_number(line, place, float(value) * times, style)


def _named(book: xlsxwriter.Workbook, name: str) -> str:
    """A name that Excel allows, unlike those of the sheets there are."""
    wanted = re.sub(r"[\[\]:*?/\\']", " ", plain(name))[:_LONGEST_NAME].strip()
    taken = {sheet.get_name().lower() for sheet in book.worksheets()}
    if wanted.lower() in taken:
        raise ValueError(f"Two sheets of the workbook would be called {wanted!r}; rename a chapter")
    return wanted
