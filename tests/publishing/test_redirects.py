"""Old addresses lead to a page that exists, without script, or the build stops."""

from html.parser import HTMLParser

import pytest

from bsna import paths
from bsna.chapter import vocabulary
from bsna.intake.plan import load_plan
from bsna.publishing import redirects
from bsna.publishing.redirects import Redirect, expanded, load_redirects, redirect_page, write_redirects

WORDS = {language: vocabulary(None, load_plan(), language) for language in ("en", "fr")}
CHAPTERS = {"ant": ["01_nest", "02_food"], "countries": ["13_countries"]}
MAILED = Redirect(old="old/{survey}/{chapter}.html", new="{survey}/{chapter}.html", languages=("en",), reason="gone")


class Page(HTMLParser):
    """Tags of a page with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def of(self, name):
        return [attributes for tag, attributes in self.tags if tag == name]


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A built site with the pages of `CHAPTERS`."""
    for survey, chapters in CHAPTERS.items():
        for chapter in chapters:
            (tmp_path / survey).mkdir(exist_ok=True)
            (tmp_path / survey / f"{chapter}.html").write_text("page")
    monkeypatch.setattr(
        redirects, "notebooks_of", lambda name, _: [paths.notebooks() / f"{c}.ipynb" for c in CHAPTERS[name]]
    )
    return tmp_path


def test_a_pattern_stands_for_every_chapter_of_every_survey():
    assert expanded([MAILED], CHAPTERS, "en") == {
        "old/ant/01_nest.html": "ant/01_nest.html",
        "old/ant/02_food.html": "ant/02_food.html",
        "old/countries/13_countries.html": "countries/13_countries.html",
    }
    assert expanded([MAILED], CHAPTERS, "fr") == {}


def test_an_address_that_leads_to_two_pages_is_refused():
    other = MAILED.model_copy(update={"new": "{survey}/index.html"})
    with pytest.raises(ValueError, match=r"old/ant/01_nest\.html leads to ant/01_nest\.html and to ant/index\.html"):
        expanded([MAILED, other], CHAPTERS, "en")


@pytest.mark.parametrize("address", ["../x.html", "/x.html", "a/../x.html", "https://x.org/a.html", "x.pdf"])
def test_an_address_outside_the_book_is_refused(address):
    with pytest.raises(ValueError, match="new"):
        Redirect(old="a.html", new=address, languages=("en",), reason="gone")


def test_every_declared_old_address_leads_from_where_it_stands_to_a_page_that_exists(site):
    written = write_redirects(site, ["ant"], WORDS["en"])
    assert len(written) == 3 * len(load_redirects())
    for path in written:
        page = Page(path.read_text(encoding="utf-8"))
        target = page.of("a")[0]["href"]
        assert (path.parent / target).resolve().read_text() == "page"
        (refresh,) = [meta["content"] for meta in page.of("meta") if meta.get("http-equiv") == "refresh"]
        assert refresh == f"0; url={target}"


def test_an_old_address_that_leads_nowhere_stops_the_build(site):
    (site / "ant" / "02_food.html").unlink()
    with pytest.raises(ValueError, match=r"leads to ant/02_food\.html, which is no page of the book"):
        write_redirects(site, ["ant"], WORDS["en"])


def test_an_old_address_never_takes_the_place_of_a_page(site):
    write_redirects(site, ["ant"], WORDS["en"])
    with pytest.raises(ValueError, match="is a page of the book"):
        write_redirects(site, ["ant"], WORDS["en"])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_needs_no_script_says_its_language_and_cannot_be_broken_by_its_target(language):
    text = redirect_page(WORDS[language], 'a"><script>alert(1)</script>.html')
    page = Page(text)
    assert not page.of("script") and page.of("html") == [{"lang": language}]
    assert WORDS[language].say("redirect", "title") in text
    assert len(page.of("h1")) == 1 and len(page.of("main")) == 1
