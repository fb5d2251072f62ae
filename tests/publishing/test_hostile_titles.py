"""Titles and names of a profile are anybody's text: on pages, in files to take away and in lists they stay plain text."""

import io
import re
from html.parser import HTMLParser
from zipfile import ZipFile

import nbformat
import openpyxl
import pandas as pd
import pytest
from markdown_it import MarkdownIt

from bsna.chapter import banner_html, vocabulary
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.publishing.staging import open_with_survey
from bsna.publishing.tables import table_html
from bsna.publishing.takeaway.imprint import full_title, imprint_of
from bsna.publishing.takeaway.rows import estimate_rows_of
from bsna.publishing.takeaway.workbook import write_workbook
from bsna.publishing.written import WrittenPage, plain_markdown

from .takeaway_survey import VOCABULARIES, write_survey

PLAN = load_plan()
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "**bold** _it_ [l](javascript:alert(1))",
    "{raw}`html <b>x</b>` $x$ @cite",
    "x\n\n# another heading\n\n<script>alert(1)</script>",
    "```{raw} html\n<script>alert(1)</script>\n```",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    r"back\slash \g<0> \1 {title} {0}",
    "=cmd|'/c calc'!A1",
    "end --> <!-- start",
]


class Page(HTMLParser):
    """Tags and text of a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def words(text, language="en"):
    labels = {"en": text, "fr": text}
    citation = {"key": "k", "text": labels}
    facts = load_profile("zz").model_dump() | {"title": labels, "name": labels, "citation": citation}
    return vocabulary(type(load_profile("zz")).model_validate(facts), PLAN, language)


def flat(text):
    return " ".join(text.split()).replace("'", "’")


@pytest.mark.parametrize("text", HOSTILE)
def test_the_banner_shows_a_title_as_it_is_written(text):
    page = Page(banner_html(words(text)))
    assert [tag for tag, _ in page.tags] == ["div", "strong"]
    assert flat(text) in flat(page.text)


@pytest.mark.parametrize("text", HOSTILE)
def test_the_banner_of_a_real_survey_shows_its_citation_as_it_is_written(text):
    said = words(text)
    real = vocabulary(said.profile.model_copy(update={"source": "delivered"}), PLAN, "en")
    page = Page(banner_html(real))
    assert [tag for tag, _ in page.tags] == ["div", "strong"] and flat(page.text).count(flat(text)) == 2


@pytest.mark.parametrize("text", HOSTILE)
def test_the_heading_of_a_chapter_is_one_heading_with_the_title_as_it_is_written(text):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Trust\n\nProse.")])
    open_with_survey(notebook, text)
    page = Page(MarkdownIt("commonmark").render(notebook.cells[0].source))
    assert [tag for tag, _ in page.tags] == ["h1", "p"]
    assert flat(page.text) == flat(f"Trust · {text} Prose.")


@pytest.mark.parametrize("text", HOSTILE)
def test_headings_of_a_page_made_of_results_are_plain_text(text):
    made = WrittenPage(text)
    made.head(text)
    page = Page(MarkdownIt("commonmark").render(made.text))
    assert [tag for tag, _ in page.tags] == ["h1", "h2"] and flat(page.text) == flat(f"{text} {text}")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_sign_of_markdown_or_of_a_role_is_left_bare(text):
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_{}\[\]<>#|$~&@^]", plain_markdown(text))
    assert "\n" not in plain_markdown(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_table_shows_the_title_in_its_source_line_as_it_is_written(text):
    said = words(text)
    plain = [tag for tag, _ in Page(table_html(words("Plain"), pd.DataFrame({"a": ["1"]}), "t", "n")).tags]
    page = Page(table_html(said, pd.DataFrame({"a": [text]}), text, "n"))
    assert [tag for tag, _ in page.tags] == plain
    assert flat(page.text).count(flat(text)) == 3


@pytest.mark.parametrize("text", HOSTILE)
def test_a_workbook_holds_the_title_as_text_and_no_formula(house, text):
    write_survey()
    rows, said = estimate_rows_of("zz", VOCABULARIES), words(text)
    path = write_workbook(rows, said, imprint_of(said), full_title(said, text), {"trust": text}, house / "a.xlsx")
    cells = [cell for sheet in openpyxl.load_workbook(path) for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert any(flat(text) in flat(str(cell.value)) for cell in cells)
    with ZipFile(io.BytesIO(path.read_bytes())) as files:
        assert not any("externalLink" in name for name in files.namelist())
