"""A finished figure with all that belongs to it, as a cell of a notebook keeps it: pictures, title, text for the blind, data, table."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from IPython.display import display

from bsna.publishing.cards.marks import plain
from bsna.publishing.wording import Words

TURNING = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
"""Signs that turn the direction of writing."""

FIGURE = "application/vnd.bsna.figure+json"
"""Kind under which a notebook keeps what a figure shows beside its pictures."""

DATA = ("estimate", "low", "high", "n", "unit", "status", "key")
"""What is kept of the estimate row behind a mark of a figure."""


@dataclass(frozen=True)
class Drawing:
    """A finished figure: SVG, PNG, its title, and the text for those who cannot see it. `rows` is what is drawn, a record per
    mark, for a file of data; `table` the same for a reader, its headings first; `labels` are the words under the figure for its
    files and table, and `source` says where the numbers come from."""

    svg: str
    png: bytes
    alt: str
    title: str = ""
    rows: tuple[Mapping[str, Any], ...] = ()
    table: tuple[tuple[str, ...], ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    source: str = ""


def show(drawing: Drawing | None, table_follows: bool = False) -> None:
    """Display a figure with all that belongs to it; nothing for None. Its own table is left out if a fuller one follows."""
    if drawing is not None:
        drawing = replace(drawing, table=()) if table_follows else drawing
        display(bundle(drawing), metadata={"image/png": {"alt": drawing.alt}}, raw=True)


def bundle(drawing: Drawing) -> dict[str, Any]:
    """A figure as the output of a cell, by kind of content."""
    facts = {key: value for key, value in asdict(drawing).items() if key not in ("svg", "png")}
    png = base64.b64encode(drawing.png).decode()
    return {"image/svg+xml": drawing.svg, "image/png": png, "text/plain": drawing.alt, FIGURE: facts}


def unbundled(content: Mapping[str, Any]) -> Drawing | None:
    """The figure in an output of a cell; None if it holds none."""
    if FIGURE not in content:
        return None
    facts = dict(content[FIGURE])
    facts["table"] = tuple(tuple(row) for row in facts["table"])
    return Drawing(
        content["image/svg+xml"], base64.b64decode(content["image/png"]), **facts | {"rows": tuple(facts["rows"])}
    )


def records_of(marks: Sequence[tuple[str, str, Mapping[str, Any]]]) -> tuple[dict[str, Any], ...]:
    """What is drawn as data: of an estimate row what `DATA` names, of any other record all. Numbers that are missing are None."""
    records = []
    for name, _, row in marks:
        kept = {key: row[key] for key in DATA if key in row} if "status" in row else dict(row)
        unboxed = {key: value.item() if hasattr(value, "item") else value for key, value in kept.items()}
        records.append(
            {"label": letters(name)} | {key: value if value == value else None for key, value in unboxed.items()}
        )
    return tuple(records)


def cells_of(words: Words, marks: Sequence[tuple[str, str, Mapping[str, Any]]]) -> tuple[tuple[str, ...], ...]:
    counted = any(row.get("n") == row.get("n") and row.get("n") is not None for _, _, row in marks)
    head = (words.say("figure", "what"), words.word("estimate"), *([words.word("people")] if counted else []))
    lines = [
        (
            letters(name),
            letters(value),
            *([words.show("n_count", row["n"]) if row.get("n") == row.get("n") else "–"] if counted else []),
        )
        for name, value, row in marks
    ]
    return (head, *lines)


def people_range(words: Words, rows: Sequence[Mapping[str, Any]]) -> str:
    """n = 10 to 20, from the rows that may be shown."""
    counts = sorted(int(row["n"]) for row in rows if row["n"] == row["n"])
    if not counts:
        return ""
    key = "n_range" if counts[0] == counts[-1] else "n_ranges"
    return words.fill(words.word(key), {"low_count": counts[0], "high_count": counts[-1]})


def letters(text: str) -> str:
    """A text as a figure shows it: without the keys of cards, and without signs that turn the direction of writing round."""
    return plain(text).translate(TURNING)
