"""A document before it is Word or PDF: headings, paragraphs, lists, tables, figures and notes, in plain text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

_LETTERS = 100
"""Letters of a line of a table, about."""

UNSHOWN = "\ufffd"
"""Stands where a character cannot be shown or would turn the text around it."""

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style; `address` is where it leads on the web, empty if nowhere."""

    text: str
    is_strong: bool = False
    is_emphasised: bool = False
    is_code: bool = False
    address: str = ""


Runs = tuple[Run, ...]


@dataclass(frozen=True)
class Heading:
    """A heading; `level` is 1 for a chapter; `mark` is a verdict or status behind it, empty if none."""

    level: int
    text: str
    mark: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of prose."""

    runs: Runs


@dataclass(frozen=True)
class ListBlock:
    """A list of items, with numbers if `is_ordered`."""

    items: tuple[Runs, ...]
    is_ordered: bool = False


@dataclass(frozen=True)
class Table:
    """A table. A row of one cell in a table of several columns is the heading of the rows below it; `source` stands below."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    source: str = ""


@dataclass(frozen=True)
class Figure:
    """A picture as SVG, PNG or both, with the text for those who cannot see it."""

    alt: str
    png: bytes = b""
    svg: bytes = b""


@dataclass(frozen=True)
class Note:
    """A text set apart, such as that data are simulated."""

    runs: Runs


Block = Heading | Paragraph | ListBlock | Table | Figure | Note


@dataclass(frozen=True)
class Document:
    """A whole document.

    `opening` stands between title and contents; `running` stands at the top of every page; `created` is its date, from the data and never from a clock; `contents` is the
    heading of the table of contents, empty if there is none; `size` is that of the text, in points.
    """

    title: str
    language: str
    authors: tuple[str, ...]
    created: datetime
    running: str
    blocks: tuple[Block, ...]
    opening: tuple[Block, ...] = ()
    contents: str = ""
    size: float = 9.0


def plain(text: str) -> str:
    """A text in which no character controls anything: control characters and those that turn the direction of text become a
    mark that one can see; line breaks and tabs are kept."""
    return _UNSAFE.sub(UNSHOWN, text.replace("\r\n", "\n"))


def prose(text: str) -> Runs:
    """A text in one style."""
    return (Run(text),)


def paragraph(text: str) -> Paragraph:
    """A paragraph in one style."""
    return Paragraph(prose(text))


def in_order(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Blocks whose headings never skip a level: one that stands too deep is raised to the level below the one before it."""
    made: list[Block] = []
    level = 0
    for block in blocks:
        if isinstance(block, Heading):
            level = min(block.level, level + 1)
            block = replace(block, level=level)
        made.append(block)
    return tuple(made)


def column_widths(table: Table) -> list[int]:
    """Shares of the width of a page: by the longest text of a column, where long ones give way to short ones, and never less than its
    longest word."""
    rows = [row for row in table.rows if len(row) == len(table.header)]
    columns = [[row[place] for row in rows] for place in range(len(table.header))]
    longest = [max((len(text) for text in column), default=0) + 2 for column in columns]
    words = [
        max(len(word) for text in (name, *column) for word in text.split(" ")) + 2
        for name, column in zip(table.header, columns, strict=True)
    ]
    for most in range(60, 12, -4):
        widths = [max(min(long, most), word, 6) for long, word in zip(longest, words, strict=True)]
        if sum(widths) <= _LETTERS:
            break
    return widths
