"""A document as Word: real headings, lists and tables, text for every picture, its language, and no date of a clock."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, assert_never

import docx
from docx.document import Document as WordDocument
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from bsna.publishing.takeaway.document import (
    Block,
    Document,
    Figure,
    Heading,
    ListBlock,
    Note,
    Paragraph,
    Runs,
    Table,
    column_widths,
    in_order,
    plain,
)

FONT = "Arial"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_WIDE, _TEXT_WIDTH = 12.5, 17.2
"""Centimetres of a figure, and of a line of text."""

_PADDING = 3
"""Letters that would fit into what a cell leaves free on both sides."""

_LANGUAGES = {"en": "en-GB", "fr": "fr-FR"}


def write_word(document: Document, path: Path) -> None:
    """Write a document for Word. The same document, the same bytes. Raises ValueError for a figure without PNG."""
    made = docx.Document()
    _without_leftovers(made)
    _set_page(made, document)
    _set_properties(made, document)
    made.add_paragraph(plain(document.title), style="Title")
    for block in in_order((*document.opening, *document.blocks)):
        _add(made, block)
    buffer = io.BytesIO()
    made.save(buffer)
    path.write_bytes(timeless(buffer.getvalue()))


def timeless(archive: bytes) -> bytes:
    """An archive whose members bear one fixed date."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            fixed = zipfile.ZipInfo(member.filename, _EPOCH)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(fixed, old.read(member.filename), compresslevel=9)
    return made.getvalue()


def _set_page(made: WordDocument, document: Document) -> None:
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(1.9)
    section.top_margin = section.bottom_margin = Cm(1.7)
    section.header.paragraphs[0].text = plain(document.running)
    _add_page_number(section.footer.paragraphs[0])
    sizes = {
        "Normal": 0.0,
        "Title": 6,
        "Heading 1": 3,
        "Heading 2": 1.5,
        "Heading 3": 0.5,
        "Header": -1.5,
        "Footer": -1.5,
    }
    for name, more in sizes.items():
        style: Any = made.styles[name]
        style.font.name, style.font.size = FONT, Pt(document.size + more)
        style.font.color.rgb = RGBColor(0x1B, 0x2A, 0x33)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        style.paragraph_format.space_before = Pt(6 if "Heading" in name else 0)
        style.paragraph_format.space_after = Pt(3)
    language = _element("w:lang", val=_LANGUAGES.get(document.language, document.language))
    properties = made.styles["Normal"].element.get_or_add_rPr()
    properties.append(language)


def _without_leftovers(made: WordDocument) -> None:
    """Take out what comes with the empty document and nothing here uses: a picture of it, and a second copy of its styles."""
    for rels in (made.part.rels, made.part.package.rels):
        for name in [name for name, rel in rels.items() if rel.reltype.endswith(("/stylesWithEffects", "/thumbnail"))]:
            del rels[name]


def _set_properties(made: WordDocument, document: Document) -> None:
    facts, created = made.core_properties, document.created.replace(tzinfo=None)
    facts.title, facts.author, facts.language = plain(document.title), "; ".join(document.authors), document.language
    facts.created = facts.modified = created
    facts.last_modified_by, facts.comments, facts.revision = facts.author, plain(document.running), 1


def _add(made: WordDocument, block: Block) -> None:
    match block:
        case Heading(level, text, mark):
            made.add_heading(plain(f"{text} [{mark}]" if mark else text), level)
        case Paragraph(runs):
            _fill(made.add_paragraph(), runs)
        case ListBlock(items, is_ordered):
            for item in items:
                _fill(made.add_paragraph(style="List Number" if is_ordered else "List Bullet"), item)
        case Note(runs):
            _fill(made.add_paragraph(style="Intense Quote"), runs)
        case Table():
            _add_table(made, block)
        case Figure():
            _add_figure(made, block)
        case _:
            assert_never(block)


def _fill(target: Any, runs: Runs) -> None:
    for run in runs:
        text = f"{run.text} ({run.address})" if run.address and run.address != run.text else run.text
        added = target.add_run(plain(text))
        added.bold, added.italic = run.is_strong or None, run.is_emphasised or None


def _add_table(made: WordDocument, table: Table) -> None:
    if table.caption:
        made.add_paragraph(plain(table.caption), style="Caption")
    drawn = made.add_table(rows=1, cols=len(table.header), style="Light Grid Accent 1")
    _fill_cells(drawn.rows[0].cells, table.header)
    drawn.rows[0]._tr.get_or_add_trPr().append(_element("w:tblHeader", val="true"))
    for row in table.rows:
        cells = drawn.add_row().cells
        if len(row) == 1 and len(cells) > 1:
            cells = (cells[0].merge(cells[-1]),)
        _fill_cells(cells, row)
    _set_widths(drawn, table)
    if table.source:
        made.add_paragraph(plain(table.source))


def _set_widths(drawn: Any, table: Table) -> None:
    """Columns as wide as in the PDF, with what Word leaves free in every cell, and rows that stay on one page. Left to itself,
    Word makes all columns alike, and long sentences run over many lines."""
    shares = [share + _PADDING for share in column_widths(table)]
    widths = [Cm(_TEXT_WIDTH * share / sum(shares)) for share in shares]
    drawn.autofit = False
    for column, width in zip(drawn.columns, widths, strict=True):
        column.width = width
    for row in drawn.rows:
        row._tr.get_or_add_trPr().append(_element("w:cantSplit", val="true"))
        cells = list(dict.fromkeys(cell._tc for cell in row.cells))
        for cell, width in zip(cells, widths if len(cells) == len(widths) else [Cm(_TEXT_WIDTH)], strict=True):
            cell.width = width


def _fill_cells(cells: Sequence[Any], texts: Sequence[str]) -> None:
    for cell, text in zip(cells, texts, strict=True):
        cell.paragraphs[0].text = plain(text)


def _add_figure(made: WordDocument, figure: Figure) -> None:
    if not figure.png:
        raise ValueError(f"Word needs a figure as PNG; this one has none: {figure.alt[:80]!r}")
    shape = made.add_picture(io.BytesIO(figure.png), width=Cm(_WIDE))
    shape._inline.docPr.set("descr", plain(figure.alt))


def _add_page_number(target: Any) -> None:
    for number, code in enumerate(("PAGE", "NUMPAGES")):
        if number:
            target.add_run(" / ")
        run = target.add_run()._r
        run.append(_element("w:fldChar", fldCharType="begin"))
        instruction = OxmlElement("w:instrText")
        instruction.text = code
        run.append(instruction)
        run.append(_element("w:fldChar", fldCharType="end"))


def _element(name: str, **attributes: str) -> Any:
    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made
