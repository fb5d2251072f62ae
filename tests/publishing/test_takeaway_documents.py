"""Documents to take away: text is never markup, tables and figures can be heard, the same document has the same bytes."""

import dataclasses
import io
import re
import zipfile
import zlib
from dataclasses import replace
from datetime import UTC, datetime

import docx
import pytest

from bsna.publishing.takeaway.chapters import FIGURE, blocks_of_markdown, blocks_of_output
from bsna.publishing.takeaway.compact import compacted
from bsna.publishing.takeaway.document import (
    Document,
    Figure,
    Heading,
    ListBlock,
    Note,
    Paragraph,
    Run,
    Table,
    in_order,
    paragraph,
    plain,
    prose,
)
from bsna.publishing.takeaway.page_blocks import blocks_of_html
from bsna.publishing.takeaway.pdf import quoted, write_pdf
from bsna.publishing.takeaway.word import write_word

from .takeaway_survey import BANNER, HOSTILE, TABLE, png

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" width="40pt" height="20pt"><text>a</text></svg>'
SEEN = HOSTILE.replace("\u202e", "\ufffd")
BLOCKS = (
    Note(prose(HOSTILE)),
    Heading(1, HOSTILE, "holds"),
    Heading(3, "Below"),
    Paragraph((Run("strong", is_strong=True), Run(HOSTILE, is_code=True), Run("web", address='https://e.org/"#x'))),
    ListBlock((prose(HOSTILE), prose("second"))),
    Table(HOSTILE, ("Group", "Estimate"), (("Forces",), ("Army", HOSTILE)), "Source"),
    Figure("Alt text of the PNG", png()),
)
CREATED = datetime(2014, 6, 20, tzinfo=UTC)
DOCUMENT = Document(f"SIMULATED DATA {HOSTILE}", "fr", ("Author",), CREATED, f"run {HOSTILE}", BLOCKS)


def inside(pdf):
    """All that a PDF holds, its compressed streams opened."""
    opened = [pdf]
    for found in re.finditer(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL):
        try:
            opened.append(zlib.decompress(found[1]))
        except zlib.error:
            continue
    return b"\n".join(opened)


def test_characters_that_control_become_a_mark_one_can_see():
    assert plain("a\x00b\u202ec\u2066d\ud800e") == "a\ufffdb\ufffdc\ufffdd\ufffde"
    assert plain("line\r\nline\tend é « % »") == "line\nline\tend é « % »"


def test_headings_never_skip_a_level():
    levels = [block.level for block in in_order([Heading(n, "x") for n in (2, 4, 4, 1, 3, 2)])]
    assert levels == [1, 2, 3, 1, 2, 2]


def test_a_text_cannot_end_the_string_it_stands_in():
    assert quoted('a"#x\\') == '"a\\"#x\\\\"'
    assert quoted("\U0001f9ff") == '"\ufffd"'  # no letter of the font


def test_hostile_text_is_set_as_text_and_pages_are_counted(tmp_path):
    assert write_pdf(DOCUMENT, tmp_path / "a.pdf") == 1
    long = replace(DOCUMENT, blocks=tuple(paragraph(f"line {n}") for n in range(200)))
    pages = write_pdf(long, tmp_path / "b.pdf")
    assert pages > 2
    assert len(re.findall(rb"/Type ?/Page\b", inside((tmp_path / "b.pdf").read_bytes()))) == pages


def test_a_pdf_is_tagged_titled_dated_and_speaks_its_language(tmp_path):
    write_pdf(replace(DOCUMENT, contents="Contents"), tmp_path / "a.pdf")
    content = inside((tmp_path / "a.pdf").read_bytes())
    for part in (b"/StructTreeRoot", b"/Lang", b"pdfuaid:part", b"/Outlines", b"/S/TH", b"/S/Caption", b"D:20140620"):
        assert part in content or part.replace(b"/S/", b"/S /") in content, part
    assert b"Alt text of the PNG" in content and b"SIMULATED DATA" in content


def test_a_pdf_shows_the_svg_where_there_is_one(tmp_path):
    with_png, with_both = (replace(DOCUMENT, blocks=(figure,)) for figure in (BLOCKS[-1], Figure("a", png(), SVG)))
    write_pdf(with_png, tmp_path / "a.pdf")
    write_pdf(with_both, tmp_path / "b.pdf")
    images = [(tmp_path / name).read_bytes().count(b"/Subtype/Image") for name in ("a.pdf", "b.pdf")]
    assert images == [1, 0]


def test_a_figure_without_shape_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no viewBox"):
        write_pdf(replace(DOCUMENT, blocks=(Figure("a", svg=b"<svg/>"),)), tmp_path / "a.pdf")


def test_the_same_document_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_pdf(DOCUMENT, tmp_path / f"{name}.pdf")
        write_word(DOCUMENT, tmp_path / f"{name}.docx")
    for kind in ("pdf", "docx"):
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


PDF = (
    b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Count 0/Kids[]>>\nendobj\n"
    b"3 0 obj\n<</Length 2>>\nstream\nab\nendstream\nendobj\n"
)
"""Three objects at bytes 9, 54 and 100, the last a stream; the table follows at byte 149."""
TABLE_OF_PDF = (
    b"xref\n0 4\n0000000000 65535 f\r\n0000000009 00000 n\r\n0000000054 00000 n\r\n0000000100 00000 n\r\n"
    b"trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
)


def test_a_compacted_pdf_holds_the_same_objects_where_its_table_says():
    made = compacted(PDF + TABLE_OF_PDF % len(PDF))
    table = int(re.search(rb"startxref\n(\d+)\n", made)[1])
    entries = zlib.decompress(re.search(rb"stream\n(.*)\nendstream", made[table:], re.DOTALL)[1])
    lines = [bytes(7)]
    for at in range(0, len(entries), 8):
        assert entries[at] == 2  # each line is what it is above the one before
        lines.append(bytes((a + b) % 256 for a, b in zip(lines[-1], entries[at + 1 : at + 8], strict=True)))
    rows = [(line[0], int.from_bytes(line[1:5]), line[6]) for line in lines[1:]]
    assert [row[0] for row in rows] == [0, 2, 2, 1, 1, 1]
    assert made[rows[3][1] :].startswith(b"3 0 obj\n<</Length 2>>\nstream\nab\nendstream")
    assert rows[1][1:] == (4, 0) and rows[2][1:] == (4, 1) and rows[5][1] == table
    packed = zlib.decompress(re.search(rb"stream\n(.*?)\nendstream", made[rows[4][1] :], re.DOTALL)[1])
    first = b"<</Type/Catalog/Pages 2 0 R>>\n"
    assert packed == b"1 0 2 %d\n" % len(first) + first + b"<</Type/Pages/Count 0/Kids[]>>\n"
    assert b"/Size 6/Root 1 0 R" in made[table:]


def test_a_pdf_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="cross-reference table"):
        compacted(b"%PDF-1.7\n%%EOF")
    with pytest.raises(ValueError, match="Object 1"):
        compacted(PDF.replace(b"1 0 obj", b"7 0 obj") + TABLE_OF_PDF % len(PDF))


def test_a_word_file_has_real_headings_table_heads_alt_text_and_language(tmp_path):
    write_word(DOCUMENT, tmp_path / "a.docx")
    made = docx.Document(str(tmp_path / "a.docx"))
    styles = [(p.style.name, p.text) for p in made.paragraphs]
    assert styles[0] == ("Title", f"SIMULATED DATA {SEEN}")
    assert ("Heading 1", f"{SEEN} [holds]") in styles and ("Heading 2", "Below") in styles
    assert ("List Bullet", SEEN) in styles and ("Caption", SEEN) in styles
    body = made.element.xml
    assert body.count("<w:tblHeader") == 1 and 'descr="Alt text of the PNG"' in body
    assert [cell.text for cell in made.tables[0].rows[2].cells] == ["Army", SEEN]
    assert 'w:lang w:val="fr-FR"' in made.styles["Normal"].element.xml
    assert made.sections[0].header.paragraphs[0].text == f"run {SEEN}"


def test_columns_in_word_are_as_wide_as_their_texts_ask_and_rows_stay_whole(tmp_path):
    long = Table("C", ("Claim", "Verdict"), (("a long sentence " * 8, "supported"), ("One heading for both",)), "")
    write_word(dataclasses.replace(DOCUMENT, blocks=(long,)), tmp_path / "a.docx")
    (table,) = docx.Document(str(tmp_path / "a.docx")).tables
    first, second = (cell.width.cm for cell in table.rows[1].cells)
    assert first + second == pytest.approx(17.2, abs=0.01) and 3 < first / second < 6
    assert table.rows[2].cells[0].width.cm == pytest.approx(17.2, abs=0.01)
    assert table._tbl.xml.count("<w:cantSplit") == 3 and not table.autofit


def test_a_word_file_bears_the_date_of_the_data_and_no_other(tmp_path):
    write_word(DOCUMENT, tmp_path / "a.docx")
    facts = docx.Document(str(tmp_path / "a.docx")).core_properties
    assert (facts.author, facts.created.date(), facts.modified.date()) == ("Author", CREATED.date(), CREATED.date())
    with zipfile.ZipFile(io.BytesIO((tmp_path / "a.docx").read_bytes())) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in archive.namelist() if "Effects" in name or "thumbnail" in name]


def test_word_refuses_a_figure_that_is_only_svg(tmp_path):
    with pytest.raises(ValueError, match="needs a figure as PNG"):
        write_word(replace(DOCUMENT, blocks=(Figure("a", svg=SVG),)), tmp_path / "a.docx")


def test_a_folded_table_keeps_its_title_groups_and_source():
    assert blocks_of_html(TABLE) == (
        Table("Trust", ("Measure", "Estimate"), (("Forces",), ("Army", "80%")), "Simulated survey, Zandara"),
    )


def test_a_page_becomes_blocks_in_its_order():
    html = (
        f'{BANNER}<h3 id="r1">R1. Talk <span class="bsna-badge bsna-holds">holds</span></h3><p>One<br>two</p>'
        '<ul><li><a href="claims/f1.html">F1</a> <span class="bsna-badge">mixed</span></li></ul>'
        "<details><summary>More</summary><p>Inside</p></details>loose <em>text</em>"
    )
    assert blocks_of_html(html) == (
        Note((Run("Zandara.", is_strong=True), Run(" Simulated data."))),
        Heading(3, "R1. Talk", "holds"),
        Paragraph((Run("One"), Run("\n"), Run("two"))),
        ListBlock(((Run("F1"), Run(" "), Run("[mixed]")),)),
        Paragraph((Run("More", is_strong=True),)),
        paragraph("Inside"),
        Paragraph((Run("loose "), Run("text", is_emphasised=True))),
    )


def test_controls_of_a_page_are_nothing_on_paper():
    assert blocks_of_html("<p>a<button>sort</button><script>x()</script> b</p>") == (Paragraph((Run("a"), Run(" b"))),)


def test_a_table_whose_rows_do_not_fit_its_head_is_refused():
    with pytest.raises(ValueError, match="2 columns has a row of 3 cells"):
        blocks_of_html(TABLE.replace("<td>80%</td>", "<td>80%</td><td>x</td>"))


def test_html_in_markdown_is_plain_text():
    (block,) = blocks_of_markdown("a <script>x</script> **b** [c](https://e.org/) [d](10_findings.html)")
    assert "".join(run.text for run in block.runs) == "a <script>x</script> b c d"
    assert [(run.is_strong, run.address) for run in block.runs if run.text in "bcd"] == [
        (True, ""),
        (False, "https://e.org/"),
        (False, ""),
    ]


def test_a_figure_takes_its_alt_text_from_what_it_says_of_itself_or_from_its_png():
    shown = {"image/svg+xml": SVG.decode(), "image/png": "", FIGURE: {"alt": "of itself", "title": "t", "rows": []}}
    assert blocks_of_output({"data": shown}, "05_trust.ipynb") == (Figure("of itself", b"", SVG),)
    old = {"data": {"image/png": "AAAA"}, "metadata": {"image/png": {"alt": "of its PNG"}}}
    assert blocks_of_output(old, "05_trust.ipynb") == (Figure("of its PNG", b"\x00\x00\x00"),)
    with pytest.raises(ValueError, match=r"05_trust\.ipynb shows a figure without alt text"):
        blocks_of_output({"data": {"image/png": "AAAA"}}, "05_trust.ipynb")


def test_what_no_report_can_hold_is_refused_by_name():
    with pytest.raises(ValueError, match=r"05_trust\.ipynb shows \['stream'\]"):
        blocks_of_output({"output_type": "stream", "text": "x"}, "05_trust.ipynb")
