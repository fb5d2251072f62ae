"""A document as PDF: tagged, with numbered pages, an outline and text for every picture (PDF/UA-1)."""

import json
import re
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import assert_never

import matplotlib
import typst
from matplotlib.ft2font import FT2Font

from bsna.publishing.takeaway.compact import compacted
from bsna.publishing.takeaway.document import (
    UNSHOWN,
    Block,
    Document,
    Figure,
    Heading,
    ListBlock,
    Note,
    Paragraph,
    Run,
    Runs,
    Table,
    column_widths,
    in_order,
    plain,
)

FONT = "DejaVu Sans"
_WIDE, _HIGH = 12.5, 20.0
"""Room for a figure, in centimetres."""

_LAYOUT = """
#set page(paper: "a4", margin: (x: 1.9cm, top: 1.9cm, bottom: 1.7cm),
  header: text(size: 7pt, fill: rgb("#52616a"), RUNNING),
  footer: context align(center, text(size: 7pt, fill: rgb("#52616a"),
    counter(page).display("1 / 1", both: true))))
#set par(leading: 0.55em, spacing: 0.75em)
#set list(spacing: 0.55em, indent: 0.3em)
#show heading: it => block(above: 1.2em, below: 0.6em, sticky: true, it)
#show heading.where(level: 1): set text(size: 1.05em)
#show heading.where(level: 2): set text(size: 0.95em)
#show title: set text(size: 1em)
#set table(inset: 3pt, stroke: (x, y) => (bottom: 0.4pt + rgb("#b8c4ca")), align: left + top)
#set table.cell(breakable: false)
#set figure(supplement: none, numbering: none, gap: 0.4em)
#set figure.caption(position: top)
#show figure.where(kind: table): set block(breakable: true)
#show figure.caption: it => block(sticky: true, align(left, strong(it.body)))
#show figure: set align(left)
"""


def write_pdf(document: Document, path: Path) -> int:
    """Write a document as PDF and tell how many pages it has. Text is never read as markup. The same document, the same bytes.

    Raises ValueError naming the file if it cannot be set, with what the typesetter says.
    """
    files: dict[str, bytes] = {}
    blocks = "\n".join(_block(block, files) for block in in_order(document.blocks))
    files["main.typ"] = f"{_opening(document, files)}\n{blocks}\n".encode()
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        try:
            made, pages = _set(folder, int(document.created.timestamp()))
        except typst.TypstError as error:
            raise ValueError(f"{path.name} cannot be set: {error.message} {error.diagnostic}") from error
    path.write_bytes(compacted(made))
    return pages


def _set(folder: str, timestamp: int) -> tuple[bytes, int]:
    compiler = typst.Compiler(
        str(Path(folder) / "main.typ"), root=folder, font_paths=_fonts(), ignore_system_fonts=True
    )
    made = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=timestamp)
    assert isinstance(made, bytes)
    return made, int(json.loads(compiler.query("<pages>", field="value", one=True)))


@cache
def _fonts() -> typst.Fonts:
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])


@cache
def _characters() -> frozenset[int]:
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return frozenset(FT2Font(str(folder / "DejaVuSans.ttf")).get_charmap())


def quoted(text: str) -> str:
    """A text as a string of the typesetter, in which nothing is markup; what the font cannot show becomes a visible mark."""
    shown = "".join(c if ord(c) in _characters() or c in "\n\t" else UNSHOWN for c in plain(text))
    return '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _opening(document: Document, files: dict[str, bytes]) -> str:
    day = document.created
    authors = "".join(f"{quoted(name)}," for name in document.authors)
    parts = [
        f"#set document(title: {quoted(document.title)}, author: ({authors}), "
        f"date: datetime(year: {day.year}, month: {day.month}, day: {day.day}))",
        f'#set text(font: "{FONT}", size: {document.size}pt, lang: {quoted(document.language)}, fill: rgb("#1b2a33"))',
        _LAYOUT.replace("RUNNING", quoted(document.running)),
        "#context [#metadata(counter(page).final().first())<pages>]",
        "#title()",
        *(_block(block, files) for block in document.opening),
        _contents(document),
    ]
    return "\n".join(parts)


def _contents(document: Document) -> str:
    return f"#outline(title: {quoted(document.contents)}, depth: 2)\n#pagebreak()" if document.contents else ""


def _block(block: Block, files: dict[str, bytes]) -> str:
    match block:
        case Heading(level, text, mark):
            return f"#heading(level: {level}, {quoted(f'{text} [{mark}]' if mark else text)})"
        case Paragraph(runs):
            return f"#par[{_runs(runs)}]"
        case ListBlock(items, is_ordered):
            return f"#{'enum' if is_ordered else 'list'}({', '.join(f'[{_runs(item)}]' for item in items)})"
        case Note(runs):
            return (
                '#block(width: 100%, inset: 6pt, stroke: (left: 3pt + rgb("#d55e00")), fill: rgb("#f6f1ea"))'
                f"[{_runs(runs)}]"
            )
        case Table():
            return _table(block)
        case Figure():
            return _figure(block, files)
    assert_never(block)


def _runs(runs: Runs) -> str:
    return "".join(map(_run, runs))


def _run(run: Run) -> str:
    made = f"#text({quoted(run.text)})" if not run.is_code else f"#raw({quoted(run.text)})"
    for is_so, name in ((run.is_strong, "strong"), (run.is_emphasised, "emph")):
        made = f"#{name}[{made}]" if is_so else made
    return f"#link({quoted(run.address)})[{made}]" if run.address else made


def _table(table: Table) -> str:
    count = len(table.header)
    head = ", ".join(f"[#strong({quoted(name)})]" for name in table.header)
    rows = ",\n".join(", ".join(_cells(row, count)) for row in table.rows)
    columns = ", ".join(f"{width}fr" for width in column_widths(table))
    source = f"\n#text(size: 0.8em, {quoted(table.source)})" if table.source else ""
    set_table = f"table(columns: ({columns},), table.header({head}),\n{rows})"
    caption = quoted(table.caption) if table.caption else "none"
    return f"#figure(caption: {caption}, kind: table, text(size: 0.85em, {set_table})){source}"


def _cells(row: Sequence[str], count: int) -> list[str]:
    if len(row) == 1 and count > 1:
        return [f"table.cell(colspan: {count}, strong({quoted(row[0])}))"]
    return [f"[#text({quoted(cell)})]" for cell in row]


def _figure(figure: Figure, files: dict[str, bytes]) -> str:
    content, kind = (figure.svg, "svg") if figure.svg else (figure.png, "png")
    name = f"figure{len(files)}.{kind}"
    files[name] = content
    width, height = proportions(figure)
    wide = min(_WIDE, _HIGH * width / height)
    return f"#figure(image({quoted(name)}, width: {wide:.2f}cm, alt: {quoted(figure.alt)}))"


def proportions(figure: Figure) -> tuple[float, float]:
    """Width and height of a picture, in any unit. Raises ValueError for a picture that does not say them."""
    if figure.png:
        return tuple(float(int.from_bytes(figure.png[at : at + 4], "big")) for at in (16, 20))  # type: ignore[return-value]
    box = re.search(rb'viewBox="[\d.\-]+[ ,]+[\d.\-]+[ ,]+([\d.]+)[ ,]+([\d.]+)"', figure.svg)
    if box is None:
        raise ValueError(f"A figure as SVG has no viewBox, from which its shape is read: {figure.alt[:80]!r}")
    return float(box[1]), float(box[2])
