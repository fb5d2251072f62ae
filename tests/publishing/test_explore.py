"""The page on which numbers are chosen: only what is released, the same words and roundings as everywhere, safe in a browser."""

import csv
import json
import re
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe

from bsna import paths, shelf
from bsna.estimation import estimate_rows
from bsna.publishing.explore import explore_data, explore_page
from bsna.publishing.explore_cells import register_mark
from tests.house.browser import Watched, served

from .takeaway_survey import HOSTILE, PLAN, PROFILE, ROWS, VOCABULARIES, share, write_survey

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
TWIN = PROFILE.model_copy(update={"id": "zy", "name": {"en": "Zy", "fr": "Zy (fr)"}})
REAL = PROFILE.model_copy(
    update={"id": "zr", "source": "delivered", "name": {"en": "Real", "fr": "Réelle"}, "citation": None}
)
HALVES = [
    share("fears_crime_home", x, by="sex", level=s, low=x - 0.01, high=x + 0.02)
    for x, s in ((0.125, "female"), (0.575, "male"))
]
MORE = [share("sees_patrols_weekly", 0.3), share("age_years", 38.25, unit="number")]


def read(script):
    """What a browser has after it ran a script of data."""
    found = re.fullmatch(r'window\.bsnaExplore=.*;\nwindow\.bsnaExplore\["(\w+)"\]=(\{.*\});\n', script)
    return json.loads(found[2])


def cells(facts):
    """Cells by measure, group, level and category, as status and numbers."""
    return {
        (facts["measures"][m][0], facts["groups"][g][0], level, category): numbers
        for m, g, level, category, _, _, *numbers in facts["cells"]
    }


@pytest.fixture
def survey(house):
    write_survey()
    shelf.write_frame(estimate_rows([*ROWS, *HALVES, *MORE]), "zz", "estimates", "trust")
    return house


def test_a_withheld_cell_has_a_status_and_no_number(survey):
    assert cells(read(explore_data(PROFILE)))["trusts_army", "region", "basalte", ""] == ["withheld"]


def test_a_cell_holds_its_estimate_its_interval_in_millionths_and_its_people(survey):
    found = cells(read(explore_data(PROFILE)))
    assert found["trusts_army", "", "", ""] == ["ok", 800_000, 700_000, 900_000, 40]
    assert found["trust_army", "=answers", "", "a_lot"] == ["ok", 250_000, 150_000, 350_000, 40]


def test_no_cell_stands_there_that_no_chapter_shows(survey):
    shown = {(row["measure"], row.get("level", ""), row.get("category", "")) for row in [*ROWS, *HALVES, *MORE]}
    assert {(m, level, category) for m, _, level, category in cells(read(explore_data(PROFILE)))} == shown


def test_differences_from_models_and_questions_not_asked_have_no_cell(survey):
    points = share("trusts_army", -0.1, unit="points", by="sex", level="male")
    gone = {"measure": "owns_a_phone", "population": "community", "unit": "share", "status": "not_asked"}
    shelf.write_frame(estimate_rows([points, gone, MORE[0]]), "zz", "estimates", "trust")
    assert list(cells(read(explore_data(PROFILE)))) == [("sees_patrols_weekly", "", "", "")]


def test_the_same_estimate_in_two_chapters_stands_once_with_the_first(survey):
    shelf.write_frame(estimate_rows([MORE[0]]), "zz", "estimates", "conflict")
    chapters = {
        facts[5] for facts in read(explore_data(PROFILE))["cells"] if facts[6:] == ["ok", 300_000, 200_000, 400_000, 40]
    }
    assert chapters == {"conflict"}


def test_levels_stand_in_their_natural_order(survey):
    bands = [share("trusts_army", 0.5, by="age_band", level=level) for level in ("60+", "18-29", "45-59", "30-44")]
    known = [row.level for row in PLAN.levels if row.group == "age_band"]
    shelf.write_frame(estimate_rows([row for row in bands if row["level"] in known]), "zz", "estimates", "trust")
    found = [level for _, _, level, _ in cells(read(explore_data(PROFILE)))]
    assert found == [level for level in known if level in found] and len(found) > 1


def test_the_same_results_give_the_same_bytes(survey):
    assert explore_data(PROFILE) == explore_data(PROFILE)


def test_a_hostile_name_ends_neither_the_script_nor_the_page(survey):
    hostile = PROFILE.model_copy(update={"name": {"en": HOSTILE, "fr": HOSTILE}})
    script = explore_data(hostile)
    assert "<script>" not in script and read(script)["name"][0] == HOSTILE
    assert "<script>alert" not in explore_page([hostile], "en")


def test_a_survey_without_a_mark_on_a_concept_may_not_be_set_beside_others():
    assert register_mark(PLAN, "zz", "trusts_army", "community") == "with_caution"
    assert register_mark(PLAN, "nowhere", "trusts_army", "community") == "not"


def test_the_answers_to_a_question_have_the_mark_of_its_measure():
    assert register_mark(PLAN, "zz", "trust_army", "community") == register_mark(PLAN, "zz", "trusts_army", "community")


def test_a_measure_of_no_concept_has_no_mark():
    assert register_mark(PLAN, "zz", "owns_a_phone", "community") == ""


def test_the_most_severe_mark_counts():
    rows = [m for m in PLAN.comparability_surveys if (m.concept, m.survey) == ("fear", "zz")]
    refused = PLAN.model_copy(update={"comparability_surveys": (*rows, rows[0].model_copy(update={"kind": "not"}))})
    assert register_mark(PLAN, "zz", "fears_crime_home", "community") == "comparable"
    assert register_mark(refused, "zz", "fears_crime_home", "community") == "not"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_without_script_the_page_leads_to_the_chapters_and_files_of_each_survey(house, language):
    page, up = explore_page([PROFILE, TWIN], language), "" if language == "en" else "../"
    for survey in ("zz", "zy"):
        assert f'href="{survey}/12_summary.html"' in page
        assert f'href="{up}_static/downloads/{survey}/estimates.csv"' in page
    assert "<script" not in page and "style=" not in page


@pytest.fixture
def site(survey):
    """The page alone with its scripts and styles, for three surveys of which the last is real."""
    for name in ("zy", "zr"):
        shutil.copytree(paths.processed("zz"), paths.processed(name))
    out = survey / "site"
    shutil.copytree(paths.book("_static"), out / "_static")
    (out / "_static" / "explore").mkdir()
    (out / "fr").mkdir()
    surveys = [PROFILE, TWIN, REAL]
    for profile in surveys:
        (out / "_static" / "explore" / f"{profile.id}.js").write_text(explore_data(profile), encoding="utf-8")
    for language, up in (("en", ""), ("fr", "../")):
        title, _, rest = explore_page(surveys, language).partition("\n")
        body = re.search(r"`{3,}\{raw\} html\n(.*)\n`{3,}", rest, re.DOTALL)[1]
        scripts = "".join(f'<script src="{up}_static/{n}.js" defer></script>' for n in ("bsna", "cards", "explore"))
        styles = "".join(f'<link rel="stylesheet" href="{up}_static/{n}.css">' for n in ("bsna", "cards", "explore"))
        page = (
            f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>t</title><link rel="icon" '
            f'href="{up}_static/mark.svg">{styles}{scripts}</head><body><main><h1>{title[2:]}</h1>{body}</main></body></html>'
        )
        (out / up[:0] / ("explore.html" if language == "en" else "fr/explore.html")).write_text(page, encoding="utf-8")
    return out


def opened(browser, url, root, **how):
    page = browser.new_context(viewport={"width": 390, "height": 800}, **how).new_page()
    watched = Watched(page, root)
    page.goto(url)
    page.wait_for_selector("#explore-result table")
    return page, watched


def shown(page):
    return [
        [cell.strip() for cell in row.locator("th, td").all_inner_texts()]
        for row in page.locator("#explore-result tbody tr").all()
    ]


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "fr"])
def test_numbers_are_written_as_everywhere_halves_to_the_even_neighbour(browser, site, language):
    words, where = VOCABULARIES[language], "" if language == "en" else "fr/"
    url = f"{site.as_uri()}/{where}explore.html#surveys=zz&of=community&measure=fears_crime_home&by=sex"
    page, watched = opened(browser, url, "file://")
    assert [row[1:4] for row in shown(page)] == [
        [words.value(row), words.span(row["low"], row["high"], "share"), "40"] for row in HALVES
    ]
    assert words.share(0.125).startswith("12") and words.share(0.575).startswith("58")
    page.select_option("#explore-measure", "age_years")
    number = MORE[1]
    assert shown(page)[0][1:3] == [words.value(number), words.span(number["low"], number["high"], "number")]
    assert watched.complaints == []


@pytest.mark.browser
def test_a_withheld_cell_says_so_in_table_and_figure(browser, site):
    url = f"{site.as_uri()}/explore.html#surveys=zz&of=community&measure=trusts_army&by=region"
    page, _ = opened(browser, url, "file://")
    assert [row[1:] for row in shown(page)] == [["60%", "50–70%", "40", ""], ["–", "–", "–", "withheld"]]
    alt = page.get_attribute("#explore-result svg", "aria-label")
    assert "60% (50–70%)" in alt and ": withheld" in alt and "40%" not in alt
    assert page.locator("#explore-result svg g.withheld circle").count() == 0


@pytest.mark.browser
def test_simulated_and_real_surveys_are_never_chosen_together(browser, site):
    page, _ = opened(browser, f"{site.as_uri()}/explore.html#surveys=zz,zr&measure=trusts_army", "file://")
    chosen = "#explore input:checked"
    assert page.eval_on_selector_all(chosen, "all => all.map(box => box.value)") == ["zz"]
    assert "SIMULATED DATA" in page.inner_text("#explore-result caption")
    page.check("#explore input[value=zr]")
    assert page.eval_on_selector_all(chosen, "all => all.map(box => box.value)") == ["zr"]
    page.wait_for_function("!document.querySelector('#explore-result').textContent.includes('SIMULATED')")


@pytest.mark.browser
def test_what_the_register_has_not_judged_is_not_set_side_by_side(browser, site):
    page, _ = opened(browser, f"{site.as_uri()}/explore.html#surveys=zz,zy&measure=trusts_army", "file://")
    page.wait_for_selector("text=Not set beside")
    assert len(shown(page)) == 1 and page.locator('a[href="countries/13_countries.html"]').count() == 1


@pytest.mark.browser
def test_the_choice_stands_in_the_address_and_search_narrows_the_list(browser, site):
    page, _ = opened(browser, f"{site.as_uri()}/explore.html", "file://")
    page.fill("#explore-search", "PATROL")
    assert page.eval_on_selector_all("#explore-measure option", "all => all.map(o => o.value)") == [
        "sees_patrols_weekly"
    ]
    page.fill("#explore-search", "")
    page.select_option("#explore-measure", "trusts_army")
    page.select_option("#explore-by", "region")
    page.select_option("#explore-only", "ambera")
    assert page.url.endswith("#surveys=zz&of=community&measure=trusts_army&by=region&only=ambera")
    again, _ = opened(browser, page.url, "file://")
    assert shown(again) == shown(page) and len(shown(page)) == 1


@pytest.mark.browser
def test_under_the_strict_policy_the_page_works_and_its_rows_can_be_taken_along(browser, site):
    with served(site) as address:
        url = f"{address}/explore.html#surveys=zz&of=community&measure=trusts_army&by=region"
        page, watched = opened(browser, url, address)
        with page.expect_download() as waiting:
            page.click("#explore-download")
        text = waiting.value.path().read_text(encoding="utf-8-sig")
    lines = list(csv.DictReader(text.splitlines()))
    assert [(row["key"], row["estimate"], row["n"], row["status"], row["simulated"]) for row in lines] == [
        ("zz/trust/community/trusts_army/region=ambera", "0.6", "40", "ok", "true"),
        ("zz/trust/community/trusts_army/region=basalte", "", "", "withheld", "true"),
    ]
    assert waiting.value.suggested_filename == "simulated_zz_trusts_army.csv"
    assert watched.complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_has_no_barrier_and_no_sideways_scroll(browser, site, theme):
    with served(site) as address:
        url = f"{address}/explore.html#surveys=zz&of=community&measure=trusts_army&by=region"
        page, _ = opened(browser, url, address, color_scheme=theme, bypass_csp=True)
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, found.generate_report()
        page.set_viewport_size({"width": 320, "height": 800})
        page.wait_for_timeout(100)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.browser
def test_everything_is_reached_by_keyboard(browser, site):
    page, _ = opened(browser, f"{site.as_uri()}/explore.html#surveys=zz&measure=trusts_army&by=region", "file://")
    reached = set()
    for _ in range(24):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "(document.activeElement.href || '').includes('/cards/') ? 'card' : "
                "document.activeElement.id || document.activeElement.value || document.activeElement.className"
            )
        )
    assert {"zz", "zr", "explore-search", "explore-measure", "explore-by", "card", "explore-download"} <= reached
