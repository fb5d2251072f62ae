"""Small pieces of a page as HTML: headings one can link to, badges, folded parts, lists. Every text is escaped."""

import csv
import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from IPython.display import HTML, display

from bsna.publishing.cards.marks import card_link, linked
from bsna.publishing.downloads import guarded
from bsna.publishing.drawing import Drawing
from bsna.publishing.wording import Words


def show_block(html: str) -> None:
    """Display a piece of HTML made by this module."""
    display(HTML(linked(html)))


def heading(level: int, text: str, anchor: str = "", mark: str = "") -> str:
    """A heading with a stable address, and a badge behind it."""
    address = f' id="{escape(anchor.lower(), quote=True)}"' if anchor else ""
    return f'<h{level} class="bsna-heading"{address}>{escape(text)}{f" {mark}" if mark else ""}</h{level}>'


def badge(words: Words, kind: str, grade: str = "") -> str:
    """A verdict or status in word, colour and shape, the same wherever it appears."""
    text = words.word(kind)
    if grade:
        text = f"{text} · {words.say('verdicts', 'graded', {'grade': grade})}"
    return f'<span class="bsna-badge bsna-{escape(kind, quote=True)}">{escape(text)}</span>'


def items(lines: Sequence[str], kind: str) -> str:
    """A list whose items are HTML already."""
    return f'<ul class="bsna-{kind}">{"".join(f"<li>{line}</li>" for line in lines)}</ul>'


def texts(lines: Sequence[str]) -> str:
    """Plain texts as paragraphs."""
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def margin_note(words: Words, text: str) -> str:
    """A caveat, which stands in the margin where there is one, and below what it speaks of elsewhere."""
    return f'<p class="bsna-margin"><strong>{escape(words.word("caveat"))}</strong> {escape(text)}</p>'


def figure_name(drawing: Drawing) -> str:
    """Name of the files of a figure, without ending: the same figure has the same name."""
    return hashlib.sha256(drawing.svg.encode()).hexdigest()[:16]


def figure_files(drawing: Drawing) -> dict[str, bytes]:
    """The files of a figure by name: SVG, PNG, and its data as CSV, each row with its source."""
    name = figure_name(drawing)
    lines = [{key: _cell(value) for key, value in row.items()} | {"source": drawing.source} for row in drawing.rows]
    columns = list(dict.fromkeys(["label", *(key for line in lines for key in line)]))
    buffer = io.StringIO()
    table = csv.DictWriter(buffer, columns, restval="", lineterminator="\n")
    table.writeheader()
    table.writerows(lines)
    files = {"svg": drawing.svg.encode(), "png": drawing.png, "csv": buffer.getvalue().encode()}
    return {f"{name}.{kind}": content for kind, content in files.items()}


def figure_html(folder: str, drawing: Drawing, up: str = "..") -> str:
    """A figure whose files stand in a folder, loaded when it is scrolled to, with links to its files and its numbers as a table.
    `up` leads from its page to where the parts of all surveys stand."""
    source, (width, height) = f"{folder}/{figure_name(drawing)}", _size(drawing.svg)
    image = f'<img loading="lazy" src="{source}.svg" width="{width}" height="{height}" alt="{escape(drawing.alt, quote=True)}">'
    said = {key: escape(text) for key, text in drawing.labels.items()}
    files = " · ".join(
        f'<a href="{source}.{kind}" download>{said["data"] if kind == "csv" else kind.upper()}</a>'
        for kind in ("svg", "png", "csv")
    )
    caption = f"<figcaption>{said['files']} {files}{_figure_table(drawing, said['table'], up)}</figcaption>"
    return f'<figure class="bsna-figure">{image}{caption}</figure>'


def _figure_table(drawing: Drawing, summary: str, up: str) -> str:
    if not drawing.table:
        return ""
    head, *lines = drawing.table
    heads = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    rows = "".join(_figure_row(line, record, up) for line, record in zip(lines, drawing.rows, strict=True))
    caption = f"<caption>{escape(drawing.title)}</caption>"
    table = (
        f'<div class="bsna-table"><table>{caption}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
    )
    return f"<details><summary>{summary}</summary>{table}</details>"


def _figure_row(line: Sequence[str], record: Mapping[str, Any], up: str) -> str:
    """A row of a figure's table; an estimate that is shown leads to its card."""
    name, value, *rest = line
    has_card = record.get("key") and record.get("status") in ("ok", "imprecise")
    shown = card_link(record["key"], value, up) if has_card else escape(value)
    cells = "".join(f"<td>{cell}</td>" for cell in (shown, *map(escape, rest)))
    return f'<tr><th scope="row">{escape(name)}</th>{cells}</tr>'


def _size(svg: str) -> tuple[int, int]:
    """Width and height in points, as the outer element says."""
    found = re.search(r'width="([\d.]+)" height="([\d.]+)"', svg)
    assert found is not None
    return round(float(found[1])), round(float(found[2]))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else guarded(str(value))


def folded(summary: str, html: str) -> str:
    """A part that the reader opens."""
    return f'<details class="bsna-folded"><summary>{escape(summary)}</summary>{html}</details>'
