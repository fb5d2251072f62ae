"""Every number of a table in a built chapter leads to its card, or is declared here as one that has none, with the reason."""

import json
import re
from html import unescape

import pytest

from bsna.chapter import vocabulary
from bsna.intake.plan import load_plan
from bsna.publishing.cards.keys import address_of
from bsna.reports.trace import list_keys

pytestmark = pytest.mark.xdist_group("house")

WITHOUT_A_CARD = {
    "people": "a count; the card of its row says it",
    "interval": "the interval of the estimate beside it, whose card says it",
    "deff": "of the estimate beside it, whose card says it",
    "found": "a count of answers",
    "changed": "a count of answers",
    "dropped": "a count of answers",
    "flagged": "a count of answers",
    "received": "a count of records",
    "kept": "a count of records",
    "were_asked": "a count of records",
    "answered_count": "a count of records",
    "how_many": "a count of reruns; the card beside it says it",
    "otherwise_verdicts": "a count of reruns",
    "border": "a threshold of the plan",
    "distance": "the estimate beside it less a threshold",
    "expected": "planned before fieldwork",
    "assumed_deff": "assumed before fieldwork",
    "moved_estimate": "an estimate of an earlier edition, which has no card, and of this run, which has its own in Findings",
    "half_width": "planned before fieldwork",
    "power_alone": "planned before fieldwork",
    "power_corrected": "planned before fieldwork",
    "reason": "the text of a reason, which may name dates",
    "notes_for": "a count of conversations",
    "notes_against": "a count of conversations",
}
"""Columns by their word in the vocabulary."""

OTHERS = {
    ("graded", "found"): "worked out from the numbers of the same page by the rule of its criterion",
    ("graded", "limit"): "a threshold of the plan",
    ("graded", "met"): "steps of a grade",
}
"""Columns by their statement in the vocabulary."""

NAMES = re.compile(r"\b[A-Z]\d+[a-z]?\b")
"""Names of claims and recommendations are no numbers."""

TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
LINK = re.compile(r'<a href="[^"]*?/([\w-]+)/cards/([\w-]+)\.html#([^"]+)">.*?</a>', re.DOTALL)


def pages(house, language):
    """What the chapters of the invented country and that about all surveys show, and the pages they wrote, by file."""
    home, both = (
        house / "data" / "processed" / name / ("" if language == "en" else language) for name in ("zz", "countries")
    )
    notebooks = [*sorted((home / "notebooks").glob("*.ipynb")), *(both / "notebooks").glob("*.ipynb")]
    assert notebooks[-1].stem == "13_countries"
    for path in notebooks:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        shown = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
        yield path.name, "".join("".join(data.get("text/html", "")) for data in shown)
    for path in sorted((home / "pages").rglob("*.md")):
        yield path.name, path.read_text(encoding="utf-8")


def columns(html):
    """Cells of tables with a heading for each, by the heading of their column; the first column names rows."""
    for table in TABLE.findall(html):
        heads = [text(head) for head in re.findall(r'<th scope="col"[^>]*>(.*?)</th>', table, re.DOTALL)]
        for line in re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL):
            cells = re.findall(r"<td[^>]*>(.*?)</td>", line, re.DOTALL)
            if len(cells) == len(heads) - 1:
                yield from zip(heads[1:], cells, strict=True)


def text(html):
    return unescape(re.sub(r"<[^>]*>", "", html))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_number_of_a_table_leads_to_its_card_or_is_declared_to_have_none(house, language, monkeypatch):
    monkeypatch.setenv("BSNA_HOUSE", str(house))
    words = vocabulary(None, load_plan(), language)
    declared = {words.word(name) for name in WITHOUT_A_CARD}
    declared |= {words.say(*place) for place in OTHERS}
    linked, lost = 0, {}
    for name, html in pages(house, language):
        for head, cell in columns(html):
            linked += len(LINK.findall(cell))
            bare = NAMES.sub("", text(LINK.sub("", cell)))
            if re.search(r"\d", bare) and head not in declared:
                lost.setdefault((name, head), bare)
    assert linked > 2000 and not lost


def test_every_link_of_a_number_leads_to_a_card_of_its_page(house, monkeypatch):
    monkeypatch.setenv("BSNA_HOUSE", str(house))
    anchors = {(place.survey, place.chapter, place.anchor) for place in map(address_of, list_keys("zz"))}
    home = house / "data" / "processed" / "zz"
    on_cards = {
        ("zz", path.stem, anchor)
        for path in (home / "cards").glob("*.html")
        for anchor in re.findall(r'<tr id="([^"]+)"', path.read_text(encoding="utf-8"))
    }
    used = {place for _, html in pages(house, "en") for place in LINK.findall(html)}
    kinds = {anchor.split(".")[0] for _, _, anchor in used}
    assert {"community", "test", "difference", "side", "rank", "rerun"} <= kinds
    assert on_cards <= anchors and not {place for place in used if place[0] == "zz"} - on_cards
