"""A page says how its notebook was run; the notebook to take away is small, and keeps its code and cells."""

import base64
from html.parser import HTMLParser

import nbformat
import pytest

from bsna.chapter import vocabulary
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.publishing.drawing import FIGURE
from bsna.publishing.notebook_pages import COLUMNS, commands_of, measured, notebook_block, parameters_of
from bsna.publishing.published_notebook import LARGEST, published_notebook, slim

PLAN = load_plan()
HOSTILE = "<script>alert(1)</script> **b** {role}`x` [l](javascript:x)\n\n# =cmd|x \u202egnirts"
FACTS = {
    "raw": {"community.csv": "a" * 64},
    "code": "0.1.0+abc",
    "delivery": "001",
    "seed": 7,
    "libraries": {"numpy": "2.4"},
    **{name: name[0] * 64 for name in ("corrections", "checks", "profile", "plan", "instrument")},
}
PICTURE = {
    "image/svg+xml": "<svg/>",
    "image/png": base64.b64encode(b"png" * 9000).decode(),
    "text/plain": "Army: 80% *sure*.",
    FIGURE: {"title": "Trust"},
}
TABLE = (
    '<details class="bsna-table"><summary>Table: Trust</summary><div id="t"><table class="x"><caption>Trust &amp; fear'
    '</caption><thead><tr><th scope="col" id="c">Who</th></tr></thead>'
    '<tbody><tr><td><a class="bsna-number" href="../x.html#k">80%</a> &lt;b&gt;</td></tr></tbody></table></div></details>'
)


class Tags(HTMLParser):
    """Tags of a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.names = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)


def words(language="en", profile="zz", **changed):
    facts = load_profile(profile).model_copy(update=changed) if profile else None
    return vocabulary(facts, PLAN, language)


def notebook(*outputs, given='profile = "mli"\nlanguage = "en"'):
    made = nbformat.v4.new_notebook()
    sources = [
        ('profile = "zz"\nlanguage = "en"', "parameters"),
        (given, "injected-parameters"),
        ("show()", "hide-input"),
    ]
    made.cells = [nbformat.v4.new_code_cell(text, metadata={"tags": [tag]}) for text, tag in sources]
    made.cells[-1].outputs = [nbformat.v4.new_output("display_data", data) for data in outputs]
    for number, cell in enumerate(made.cells):
        cell["id"] = f"c{number}"
    return made


def test_the_values_put_in_stand_for_those_declared():
    assert parameters_of(notebook(), "a.ipynb") == {"profile": "mli", "language": "en"}


def test_a_parameter_that_is_computed_is_refused():
    with pytest.raises(ValueError, match=r"a\.ipynb: the cell of parameters holds more"):
        parameters_of(notebook(given="import os"), "a.ipynb")
    with pytest.raises(ValueError, match="malformed"):
        parameters_of(notebook(given="profile = open('x')"), "a.ipynb")


@pytest.mark.parametrize(
    ("profile", "given", "expected"),
    [
        (
            "zz",
            {"profile": "zz", "language": "en"},
            ("papermill notebooks/05.ipynb out.ipynb -p profile zz", "bsna run zz"),
        ),
        (
            "zz",
            {"profile": "zz", "language": "fr"},
            ("papermill notebooks/05.ipynb out.ipynb -p profile zz -p language fr", "bsna run zz"),
        ),
        ("", {"language": "en"}, ("papermill notebooks/05.ipynb out.ipynb", "bsna run --all")),
        ("zz", {"profile": "a; rm b"}, ("papermill notebooks/05.ipynb out.ipynb -p profile 'a; rm b'", "bsna run zz")),
    ],
)
def test_the_two_commands_make_the_page_again(profile, given, expected):
    assert commands_of(words(profile=profile), "05.ipynb", given) == expected


def record(house, *lines):
    (house / "benchmarks" / "chapters.csv").write_text("\n".join([",".join(COLUMNS), *lines]) + "\n")


def test_the_run_time_is_that_of_the_record_and_not_of_the_run(house):
    record(house, "05_trust,zz,3.8,2,3.11.2")
    found = measured("05_trust", "zz")
    assert (found.seconds, found.cores) == (3.8, 2) and measured("05_trust", "mli") is None
    block = notebook_block(words(), notebook(), FACTS, "05_trust.ipynb")
    assert "3.8 seconds, measured once on a computer with 2 cores" in block
    assert "Not measured for this survey." in notebook_block(words(), notebook(), FACTS, "06_x.ipynb")


def test_a_record_that_cannot_be_read_is_refused_with_its_line(house):
    record(house, "05_trust,zz,soon,2,3.11.2")
    with pytest.raises(ValueError, match=r"chapters\.csv line 2: could not convert.*measure it anew"):
        measured("05_trust", "zz")
    (house / "benchmarks" / "chapters.csv").write_text("chapter,seconds\n")
    with pytest.raises(ValueError, match=r"chapters\.csv has the columns"):
        measured("05_trust", "zz")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_block_has_parameters_commands_certificate_and_files_on_one_line(language):
    made = notebook(given=f'profile = "zz"\nlanguage = "{language}"')
    block = notebook_block(words(language), made, FACTS, "05_trust.ipynb", [("a/05.ipynb", "notebook")])
    assert "\n" not in block and Tags(block).names.count("details") == 2
    for text in (f"language = &#x27;{language}&#x27;", "bsna run zz", "0.1.0+abc", "numpy 2.4", 'href="a/05.ipynb"'):
        assert text in block


def test_a_chapter_on_all_surveys_has_a_certificate_of_each():
    block = notebook_block(words(profile=""), notebook(given=""), {"zz": FACTS, "mli": FACTS}, "13_countries.ipynb")
    assert block.count("Birth certificate: ") == 2 and "Mali, simulated survey" in block


def test_hostile_text_in_parameters_titles_and_certificates_is_plain_text_in_the_block(monkeypatch):
    given = f"profile = {HOSTILE!r}"
    facts = {**FACTS, "raw": {HOSTILE: "a" * 64}, "delivery": HOSTILE, "libraries": {HOSTILE: HOSTILE}}
    block = notebook_block(words(), notebook(given=given), facts, "05_trust.ipynb", [(f'"{HOSTILE}', HOSTILE)])
    assert "script" not in Tags(block).names and "\n" not in block
    hostile = load_profile("zz").model_copy(update={"title": {"en": HOSTILE, "fr": HOSTILE}})
    monkeypatch.setattr("bsna.publishing.notebook_pages.load_profile", lambda _: hostile)
    block = notebook_block(words(profile=""), notebook(given=""), {"zz": FACTS}, "13_countries.ipynb")
    assert "script" not in Tags(block).names and "\n" not in block and "&lt;script&gt;" in block


def test_a_figure_becomes_its_text_for_the_blind_and_a_link():
    made = published_notebook(words(), notebook(PICTURE), "../../../zz/05_trust.html")
    (output,) = made.cells[-1].outputs
    assert output.data == {"text/markdown": r"Figure. Army: 80% \*sure\*. [On its page](../../../zz/05_trust.html)"}
    assert output.metadata == {}


def test_a_table_keeps_its_texts_and_loses_what_only_the_page_uses():
    made = published_notebook(words(), notebook({"text/html": TABLE, "text/plain": "<HTML>"}), "p.html")
    html = made.cells[-1].outputs[0].data["text/html"]
    assert html.endswith("<tbody><tr><td>80% &lt;b&gt;</td></tr></tbody></table></div></details>")
    assert 'scope="col"' in html and "class=" not in html and "href" not in html


def test_tables_that_would_make_the_file_large_are_named_and_stay_on_the_page():
    long = TABLE.replace("80%", "80% " * LARGEST)
    made = published_notebook(words(), notebook({"text/html": long}), "p.html")
    html = made.cells[-1].outputs[0].data["text/html"]
    assert '<p>Table: Trust &amp; fear <a href="p.html">On its page</a></p>' in html and "<table" not in html
    assert len(nbformat.writes(made)) < LARGEST


def test_the_file_is_a_notebook_with_the_same_cells_and_the_one_at_hand_is_not_touched():
    before = notebook(PICTURE, {"text/html": TABLE})
    text = nbformat.writes(before)
    made = published_notebook(words(), before, "p.html")
    nbformat.validate(made)
    assert [(cell["id"], cell.source) for cell in made.cells] == [(cell["id"], cell.source) for cell in before.cells]
    assert nbformat.writes(before) == text
    assert nbformat.writes(published_notebook(words(), before, "p.html")) == nbformat.writes(made)


def test_escaped_text_stays_escaped_when_html_is_made_slim():
    assert slim('<p class="a" onclick="x()">&lt;script&gt; &#x27;</p>') == "<p>&lt;script&gt; &#x27;</p>"
