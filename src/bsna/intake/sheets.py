"""Tables and facts kept as text: read strictly, with the file and the line of every fault."""

import csv
import io
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bsna.intake.texts import spoken_facts, spoken_rows

Record = TypeVar("Record", bound=BaseModel)
DELIMITERS = (",", ";", "\t")
LONGEST_CELL = 2**31 - 1
"""Python's reader takes a cell of 131,072 characters for a mistake; a long remark is none."""


@dataclass(frozen=True)
class Sheet:
    """A header and records of as many cells; `lines` are the lines of the file on which the records start."""

    columns: list[str]
    records: list[list[str]]
    lines: list[int]


def read_text(path: Path) -> str:
    """Text of a UTF-8 file, with or without a byte order mark.

    Raises ValueError if it is missing, in another encoding, or holds NUL, as damaged files do.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ValueError(f"{path} is missing; restore it") from error
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is not UTF-8: byte {error.object[error.start]:#04x} at position "
            f"{error.start}. Export it again as UTF-8."
        ) from error
    if (place := text.find("\0")) >= 0:
        raise ValueError(f"{path} is damaged: it holds NUL, first at character {place}; ask for the file again")
    return text


def read_sheet(path: Path) -> Sheet:
    """Read a CSV file, separated by comma, semicolon or tab as its header is. Blank lines are passed over.

    Raises ValueError if it cannot be read as text, holds no line, is cut short within quotes, names a column twice or not
    at all, or has a record with more or fewer cells than the header.
    """
    text = read_text(path)
    header = re.search(r"[^\r\n]+", text)
    delimiter = max(DELIMITERS, key=header[0].count) if header else ","
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines, records, start = [], [], 1
    try:
        for cells in reader:
            if cells:
                lines.append(start)
                records.append(cells)
            start = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f"{path} is truncated or not a CSV file: {error}, from line {start}") from error
    if not records:
        raise ValueError(f"{path} holds nothing but blank lines; ask the sender for the file again")
    check_header(records[0], path)
    _check_lengths(records, lines, path)
    return Sheet(records[0], records[1:], lines[1:])


def read_rows(path: Path, columns: Sequence[str] | None = None) -> list[tuple[int, dict[str, str]]]:
    """Rows of a table that people edit, each with its line. Rows with nothing in them are passed over.

    Texts of assessment/ come in every language of the house (`texts.spoken_rows`). Raises ValueError like `read_sheet`,
    for other columns than `columns`, if given, and for a text that lacks its translation.
    """
    return spoken_rows(source_rows(path, columns), path)


def source_rows(path: Path, columns: Sequence[str] | None = None) -> list[tuple[int, dict[str, str]]]:
    """Rows as `read_rows` has them, in the languages that stand in the file alone."""
    sheet = read_sheet(path)
    if columns is not None and set(sheet.columns) != set(columns):
        missing = [name for name in columns if name not in sheet.columns]
        unknown = [name for name in sheet.columns if name not in columns]
        raise ValueError(
            f"{path} has the columns {sheet.columns}, expected {list(columns)}: {missing} missing, {unknown} unknown"
        )
    rows = zip(sheet.lines, sheet.records, strict=True)
    return [(line, dict(zip(sheet.columns, cells, strict=True))) for line, cells in rows if any(cells)]


def read_toml(path: Path, tables: Sequence[str] | None = None) -> dict[str, Any]:
    """Facts of a TOML file; texts of assessment/ come in every language of the house (`texts.spoken_facts`).

    Raises ValueError naming the file if it is missing or no TOML, or, if `tables` are given, holds others on its first
    level; and for a text that lacks its translation.
    """
    return spoken_facts(source_facts(path, tables), path)


def source_facts(path: Path, tables: Sequence[str] | None = None) -> dict[str, Any]:
    """Facts as `read_toml` has them, in the languages that stand in the file alone."""
    try:
        facts = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path} is not readable as TOML: {error}") from error
    if tables is not None and set(facts) != set(tables):
        raise ValueError(f"{path} holds {sorted(facts)}, expected {sorted(tables)}")
    return facts


def check_header(columns: Sequence[str], path: Path) -> None:
    """Raise ValueError for a column without a name, or a name that stands twice."""
    if blank := sum(not name.strip() for name in columns):
        raise ValueError(f"{path}: {blank} of {len(columns)} columns have no name in the header; name or remove them")
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise ValueError(f"{path}: the columns {twice} stand twice in the header; rename them")


def _check_lengths(records: list[list[str]], lines: list[int], path: Path) -> None:
    wrong = [line for line, cells in zip(lines, records, strict=True) if len(cells) != len(records[0])]
    if wrong:
        raise ValueError(
            f"{path} has {len(wrong)} record(s) with another number of cells than the {len(records[0])} columns, the "
            f"first on line {wrong[0]}: truncated, or a text that holds the separator is not in quotes"
        )


def validated(record: type[Record], row: dict[str, Any], where: str) -> Record:
    """A row as a record of its kind. Raises ValueError, naming `where`, with every fault of the row."""
    try:
        return record.model_validate(row)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors()]
        raise ValueError(f"{where} has {len(faults)} fault(s): {'; '.join(faults)}") from error
