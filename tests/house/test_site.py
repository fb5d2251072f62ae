"""The built site in a real browser: from a folder and under a strict policy, in both languages, for every reader."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.house.browser import Watched, served
from tests.house.making import TITLE

pytestmark = [pytest.mark.xdist_group("house"), pytest.mark.browser]

PAGES = (
    "index",
    "zz/12_summary",
    "zz/10_findings",
    "zz/11_recommendations",
    "zz/01_cleaning",
    "zz/03_flows",
    "zz/05_trust",
    "zz/14_robustness",
    "zz/claims/f5",
    "zz/for_governments",
    "zz/cards/trust",
    "zz/cards/findings",
    "countries/cards/countries",
    "zy/12_summary",
    "zz/checklist",
    "countries/13_countries",
    "explore",
    "methods",
    "numbers",
    "glossary",
    "decisions",
    "references",
    "search",
    "code/estimation/intervals",
)
"""A page of each kind."""

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


@pytest.fixture(scope="module")
def site(house):
    return house / "book" / "_build" / "html"


@pytest.fixture(scope="module")
def address(site, house):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BSNA_HOUSE", str(house))
        with served(site) as where:
            yield where


def opened(browser, url, width=1280, **how):
    page = browser.new_context(viewport={"width": width, "height": 900}, **how).new_page()
    page.goto(url)
    return page


def every_page(site):
    return sorted(site.rglob("*.html"))


@pytest.mark.parametrize("language", ["", "fr/"])
def test_nothing_complains_and_no_request_leaves_the_site_from_a_folder(site, browser, language):
    for name in PAGES:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        watched = Watched(page, "file://")
        page.goto(f"file://{site}/{language}{name}.html")
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        page.wait_for_load_state("networkidle")
        assert watched.complaints == [], name
        page.context.close()


def test_nothing_complains_under_the_policy_of_a_strict_server(address, browser):
    for name in PAGES:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        watched = Watched(page, address)
        response = page.goto(f"{address}/fr/{name}.html")
        assert "default-src 'self'" in response.headers["content-security-policy"]
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        page.wait_for_load_state("networkidle")
        assert watched.complaints == [], name
        page.context.close()


@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [("", "light", 1280), ("", "dark", 390), ("fr/", "dark", 1280), ("fr/", "light", 390)],
)
def test_no_page_breaks_a_rule_for_those_who_read_otherwise(site, browser, language, theme, width):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page, axe, found = context.new_page(), Axe(), []
    for name in PAGES:
        page.goto(f"file://{site}/{language}{name}.html")
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        for broken in axe.run(page, options=RULES).response["violations"]:
            found.append((name, broken["id"], len(broken["nodes"]), broken["nodes"][0]["html"][:160]))
    context.close()
    assert found == []


def test_no_text_scrolls_sideways_on_a_small_telephone(site, browser):
    page = opened(browser, f"file://{site}/index.html", width=320)
    for language in ("", "fr/"):
        for name in PAGES:
            page.goto(f"file://{site}/{language}{name}.html")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, language + name
    page.context.close()


class Outline(HTMLParser):
    """What a page holds that must fit together: addresses inside it, where it leads, and its headings in order."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.headings = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        if "id" in facts:
            assert facts["id"] not in self.ids, f"twice: {facts['id']}"
            self.ids.add(facts["id"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.links += [facts[name] for name in ("href", "src") if facts.get(name)]


def test_every_link_leads_somewhere_and_headings_are_in_order(site):
    outlines = {path.resolve(): Outline(path.read_text(encoding="utf-8")) for path in every_page(site)}
    assert len(outlines) > 150
    wrong = []
    for path, outline in outlines.items():
        steps = [later - earlier for earlier, later in zip(outline.headings, outline.headings[1:], strict=False)]
        if outline.headings[:1] != [1] or outline.headings.count(1) != 1 or any(step > 1 for step in steps):
            wrong.append((path.relative_to(site), "headings", outline.headings))
        for link in outline.links:
            if re.match(r"(https?|mailto|data):", link):
                continue
            name, _, anchor = link.partition("#")
            target = (path.parent / unquote(name.partition("?")[0])).resolve() if name else path
            if not target.is_file() or (anchor and target in outlines and unquote(anchor) not in outlines[target].ids):
                wrong.append((path.relative_to(site), link))
    assert wrong[:20] == []


@pytest.mark.parametrize("sought", ["gendarmerie", "conflits"])
@pytest.mark.parametrize("language", ["", "fr/"])
def test_the_search_finds_what_stands_on_pages_of_its_language(site, browser, language, sought):
    if (language, sought) == ("", "conflits"):
        sought = "conflicts"
    page = opened(browser, f"file://{site}/{language}index.html")
    page.fill(".bsna-search input", sought)
    page.press(".bsna-search input", "Enter")
    page.wait_for_selector("#search-results li a")
    links = page.eval_on_selector_all("#search-results li a", "all => all.map(one => one.href)")
    assert len(links) > 3 and all(f"html/{language}" in link for link in links)
    page.context.close()


def test_the_language_switch_leads_to_the_same_page_and_back(site, browser):
    page = opened(browser, f"file://{site}/zz/claims/f5.html")
    page.click(".bsna-languages a")
    assert page.url.endswith("/fr/zz/claims/f5.html") and page.get_attribute("html", "lang") == "fr"
    page.click(".bsna-languages a")
    assert page.url.endswith("html/zz/claims/f5.html") and page.get_attribute("html", "lang") == "en"
    page.context.close()


def test_light_and_dark_are_chosen_by_the_system_and_by_the_reader(site, browser):
    page = opened(browser, f"file://{site}/index.html", color_scheme="dark")
    assert page.get_attribute("html", "data-theme") == "dark"
    page.click(".bsna-theme")
    assert page.get_attribute("html", "data-theme") == "light"
    page.goto(f"file://{site}/zz/05_trust.html")
    assert page.get_attribute("html", "data-theme") == "light"
    page.context.close()


def test_a_number_opens_its_card_and_the_keyboard_closes_it(site, browser):
    page = opened(browser, f"file://{site}/zz/12_summary.html")
    page.goto(f"file://{site}/zz/10_findings.html")
    number = page.locator('main a[href*="/cards/"]:not([href$="#made"])').first
    number.focus()
    page.keyboard.press("Enter")
    frame = page.frame_locator("dialog[open] iframe")
    assert frame.locator("h1").first.inner_text()
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    page.context.close()


def test_tables_can_be_sorted_and_filtered(site, browser):
    page = opened(browser, f"file://{site}/zz/05_trust.html")
    table = page.locator("details.bsna-numbers", has=page.locator(".bsna-filter")).first
    table.locator("summary").click()
    table.locator("thead th button").nth(1).click()
    assert table.locator("thead th").nth(1).get_attribute("aria-sort") == "ascending"
    first = table.locator("tbody").first.locator("tr:not(.bsna-block) td:nth-child(2)")
    shares = [int(re.match(r"\d+", text)[0]) for text in first.all_inner_texts() if re.match(r"\d", text)]
    assert shares == sorted(shares) and len(shares) > 1
    table.locator(".bsna-filter input").fill("no such row")
    assert table.locator("tbody tr:visible").count() == 0
    page.context.close()


def test_figures_give_their_files_and_their_numbers(site, browser):
    page = opened(browser, f"file://{site}/zz/03_flows.html")
    figure = page.locator("figure.bsna-figure", has=page.locator("details")).first
    figure.locator("summary").click()
    assert figure.locator("table td").count() > 2
    files = figure.locator("figcaption > a").evaluate_all("all => all.map(one => one.href)")
    assert [name.rsplit(".", 1)[1] for name in files] == ["svg", "png", "csv"]
    rows = (site / "_static" / "figures" / "zz" / files[2].rsplit("/", 1)[1]).read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("label,") and all("Simulated survey" in row for row in rows[1:])
    page.context.close()


def test_everything_can_be_reached_by_keyboard(site, browser):
    page = opened(browser, f"file://{site}/zz/12_summary.html")
    reachable = page.evaluate(
        "Array.from(document.querySelectorAll('a[href], button, input, summary'))"
        ".filter(one => one.checkVisibility() && !one.closest('dialog')).length"
    )
    seen = set()
    for _ in range(reachable + 5):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("Array.from(document.querySelectorAll('*')).indexOf(document.activeElement)"))
    assert len(seen) >= reachable
    page.context.close()


def test_pages_can_be_read_without_script(site, browser):
    page = opened(browser, f"file://{site}/fr/zz/05_trust.html", java_script_enabled=False)
    assert page.locator("figure img").count() > 10 and page.locator("nav#contents a:visible").count() > 10
    page.context.close()


def test_what_somebody_wrote_in_a_title_is_text_and_runs_nowhere(site, browser):
    for language in ("", "fr/"):
        for name in ("index", "zy/12_summary", "zy/05_trust", "zy/claims/f5", "zy/for_ddg", "zy/cards/trust"):
            page = browser.new_context().new_page()
            watched = Watched(page, "file://")
            page.goto(f"file://{site}/{language}{name}.html")
            assert TITLE in page.inner_text("body").replace("\u2019", "'"), name
            assert page.locator("script:not([src])").count() == 0 and watched.complaints == []
            page.context.close()


def test_no_page_holds_script_or_style_of_its_own(site):
    for path in every_page(site):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=\"|\son\w+=\"|javascript:(?!1\))", text), (
            path.relative_to(site)
        )


def test_the_front_page_shows_numbers_and_what_is_simulated_before_the_first_scroll(site, browser):
    for language, word in (("", "SIMULATED"), ("fr/", "SIMULÉ")):
        page = opened(browser, f"file://{site}/{language}index.html", width=390)
        lead = page.locator(".bsna-banner").first
        assert word in lead.inner_text() and re.search(r"\d{3}", lead.inner_text())
        assert (
            lead.bounding_box()["y"] < 300 and page.locator(".bsna-front .bsna-badge").nth(3).bounding_box()["y"] < 844
        )
        page.context.close()
    sizes = sum(path.stat().st_size for path in (site / "_static").glob("*.*")) + (site / "index.html").stat().st_size
    assert sizes < 1_000_000


def test_a_site_of_four_surveys_weighs_less_than_60_mb(site):
    """Reckoned from the heaviest survey here: what belongs to a survey stands below its id, or bears it; all else is shared."""
    weights = dict.fromkeys(("zz", "zy", "shared"), 0)
    for path in site.rglob("*"):
        if path.is_file():
            names = {*path.relative_to(site).parts, path.stem}
            weights[next((name for name in ("zz", "zy") if name in names), "shared")] += path.stat().st_size
    assert min(weights.values()) > 1_000_000
    assert weights["shared"] + 4 * max(weights["zz"], weights["zy"]) < 60_000_000, weights
