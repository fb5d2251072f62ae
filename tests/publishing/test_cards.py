"""Every number leads to the card of its row: keys are stable, and marks become links or nothing."""

import json
import re
from dataclasses import replace
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest

from bsna import chapter, shelf
from bsna.chapter import Survey, vocabulary
from bsna.estimation import estimate_rows, proportion, records, survey_design
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.judgement import Verdict, release
from bsna.pages import show_distribution, show_estimates
from bsna.publishing import blocks, drawing, tables
from bsna.publishing.cards.cells import cell_of, chapter_sources
from bsna.publishing.cards.facts import Making, making_of
from bsna.publishing.cards.keys import Traced, address_of, card_file, check_keys, keyed, row_key
from bsna.publishing.cards.marks import card_link, linked, marked, plain
from bsna.publishing.cards.pages import Cards, card_html
from bsna.publishing.cards.rows import traced_verdicts
from bsna.publishing.written import WrittenPage
from bsna.reports.cards import card_chapters, card_page
from bsna.reports.trace import list_keys, trace_lines

WORDS = {language: vocabulary(load_profile("zz"), load_plan(), language) for language in ("en", "fr")}
PRIVATE = re.compile("[\ue000-\uf8ff]")


def row(**facts):
    """Awa's village: 41% of 250, from 38% to 44%."""
    given = {"measure": "trusts_army", "population": "community", "estimate": 0.41, "low": 0.38, "high": 0.44}
    return records(estimate_rows([given | {"n": 250, "clusters": 25, "unit": "share", "status": "ok"} | facts]))[0]


def tied(**facts):
    return keyed([row(**facts)], "zz", "trust")[0]


def small_survey(name="trust"):
    """240 people in 24 villages of two strata; women trust the army in three of four cases, men in one of four."""
    number = np.arange(240)
    is_woman = number % 2 == 0
    trusts = np.where(is_woman, number % 8 != 0, number % 8 == 1)
    frame = pd.DataFrame(
        {
            "stratum": np.where(number < 120, "river", "hills"),
            "psu": [f"v{place}" for place in number // 10],
            "weight": 1.0,
            "sex": np.where(is_woman, "female", "male"),
            "trusts_army": trusts.astype(float),
            "trust_army": np.where(trusts, "a_lot", "not_at_all"),
        }
    )
    profile, plan = load_profile("zz"), load_plan()
    absent = tuple(m.measure for m in plan.measures if m.population == "community" and m.measure != "trusts_army")
    designs = {"community": survey_design(frame)}
    return Survey(profile, plan, WORDS["en"], name, designs, {"community": absent})


def test_a_key_says_survey_chapter_people_measure_group_and_answer():
    assert row_key("mli", "trust", row()) == "mli/trust/community/trusts_army"
    assert row_key("mli", "trust", row(by="sex", level="female")) == "mli/trust/community/trusts_army/sex=female"
    corridor = row(measure="corridors", by="home", level="gao", category="tillaberi")
    assert row_key("mli", "flows", corridor) == "mli/flows/community/corridors/home=gao/tillaberi"
    assert row_key("mli", "findings", row(), ("F1",)) == "mli/findings/F1/community/trusts_army"


def test_letters_that_mean_something_in_an_address_are_written_as_their_number():
    assert row_key("mli", "trust", row(by="age", level="60+")).endswith("/age=60+")
    assert row_key("mli", "trust", row(category="top two")).endswith("/top~20two")
    assert row_key("mli", "trust", row(category="a/b=é")).endswith("/a~2fb~3d~c3~a9")


def test_an_anchor_has_dots_where_the_key_has_strokes():
    place = address_of("mli/trust/community/trusts_army/sex=female")
    assert (place.survey, place.chapter, place.anchor) == ("mli", "trust", "community.trusts_army.sex=female")
    assert place.href == "mli/cards/trust.html#community.trusts_army.sex=female"
    assert card_file("mli", "trust") == "mli/cards/trust.html"
    assert urlsplit(place.href).fragment == place.anchor


@pytest.mark.parametrize("text", ["", "mli/trust", "mli/trust/community", "../../x/y/z", "mli/trust/a b/c", "a//b/c/d"])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(ValueError, match="is no key; expected survey/chapter/population/measure"):
        address_of(text)


def test_the_same_row_in_two_tables_has_one_key_and_two_different_rows_are_refused():
    check_keys([tied(), tied()])
    with pytest.raises(
        ValueError, match=r"zz/trust/community/trusts_army: two different rows .*'n': '250.0'.*'n': '9.0'"
    ):
        check_keys([tied(), tied(n=9)])


def test_a_traced_number_is_a_number_and_what_is_computed_from_it_is_no_row():
    value = tied()["estimate"]
    assert value == 0.41 and f"{value:.2f}" == "0.41" and value.key == "zz/trust/community/trusts_army"
    assert type(value + 0.0) is float and type(abs(value)) is float
    withheld = tied(estimate=None, low=None, high=None, status="withheld")
    assert withheld["estimate"] != withheld["estimate"] and not isinstance(withheld["estimate"], Traced)
    assert estimate_rows([tied()])["estimate"].dtype == float


@pytest.mark.parametrize(("language", "shown"), [("en", "41% (38–44%)"), ("fr", "41\u202f% (38–44\u202f%)")])
def test_words_mark_numbers_of_rows_and_no_others(language, shown):
    words, found = WORDS[language], tied()
    key = found["key"]
    shown = re.sub("\u202f", words.share(0.41)[2:-1], shown)
    assert words.estimate(found) == marked(key, shown)
    assert words.value(found) == words.share(found["estimate"]) == marked(key, words.share(0.41))
    assert words.show("the_share", found["estimate"]) == marked(key, words.share(0.41))
    assert words.show("gap_size", found["estimate"]) == marked(key, words.show("gap_size", 0.41))
    assert words.estimate(row()) == shown
    assert words.span(found["low"], found["high"], "share") == words.span(0.38, 0.44, "share")
    apart = tied(unit="points")
    assert plain(words.brief(apart)) == words.brief(row(unit="points")) != words.brief(apart)


def test_a_sentence_that_opens_with_a_number_reads_the_same_with_and_without_its_mark():
    for words in WORDS.values():
        marked_over = marked("zz/trust/community/x", "over {limit}")
        assert plain(words.opening(marked_over)) == "Over {limit}"
        assert plain(words.inside(marked("zz/trust/community/x", "Over"))) == "over"
        template = "{low_share} of people ; {high_share}"
        found = tied()
        with_marks = words.fill(template, {"low_share": found["low"], "high_share": found["high"]})
        assert plain(with_marks) == words.fill(template, {"low_share": 0.38, "high_share": 0.44})


def test_a_mark_becomes_a_link_to_the_card():
    text = f"<p>{marked('zz/trust/community/x', '41%')} trust.</p>"
    assert linked(text) == '<p><a href="../zz/cards/trust.html#community.x">41%</a> trust.</p>'
    assert linked("p < 0.001 " + marked("zz/trust/community/x", "4"), "../..").endswith(
        'p < 0.001 <a href="../../zz/cards/trust.html#community.x">4</a>'
    )
    assert card_link("zz/trust/community/x", "<41") == ('<a href="../zz/cards/trust.html#community.x">&lt;41</a>')


@pytest.mark.parametrize(
    "around",
    [
        '<img alt="{}">',
        '<a href="x">{}</a>',
        "<summary>{}</summary>",
        "<h3>{}</h3>",
        "<th><b>{}</b></th>",
        "<title>{}</title>",
    ],
)
def test_a_mark_goes_without_a_link_where_none_may_stand(around):
    number = marked("zz/trust/community/x", "41%")
    assert linked(around.format(number)) == around.format("41%")
    assert linked(around.format("") + number).endswith("41%</a>")


def test_marks_that_somebody_else_wrote_make_no_link_and_do_not_stay():
    for hostile in (
        "\ue000javascript:alert(1)\ue001x\ue002",
        "\ue000zz/x\ue001",
        "\ue002\ue001\ue000",
        "\ue000a\ue000b",
    ):
        assert "href" not in linked(f"<p>{hostile}</p>")
        assert not PRIVATE.search(linked(f"<p>{hostile}</p>")) and not PRIVATE.search(plain(hostile))


def test_a_page_made_of_results_names_the_way_up_later():
    page = WrittenPage(marked("zz/trust/community/x", "41%"))
    page.head(marked("zz/trust/community/x", "41%"))
    page.add(f"<p>{marked('zz/trust/community/x', '41%')}</p>")
    assert page.text.startswith("# 41%\n\n## 41%\n")
    assert '<a href="@root@/zz/cards/trust.html#community.x">41%</a>' in page.text


def test_a_value_of_a_verdict_is_traced_to_the_one_row_that_has_it():
    rows = (row(), row(measure="trusts_police", estimate=0.6, low=0.5, high=0.7), row(measure="crossed", low=0.5))
    verdict = Verdict("F1", "supported", rows=rows, values={"a_share": 0.6, "b_share": 0.41, "c_share": 0.33, "d": "x"})
    (made,) = traced_verdicts("zz", [verdict])
    assert made.values == verdict.values
    assert made.values["a_share"].key == "zz/findings/F1/community/trusts_police"
    assert not any(isinstance(made.values[name], Traced) for name in ("b_share", "c_share", "d"))
    assert made.rows[0]["estimate"].key == "zz/findings/F1/community/trusts_army"


@pytest.fixture
def displayed(monkeypatch):
    """All that a chapter displays: markup, texts, and the alt texts of figures."""
    shown = []

    def display(content, **more):
        shown.append(f"{content} {more}" if isinstance(content, dict) else content.data)

    for module in (chapter, blocks, drawing, tables):
        monkeypatch.setattr(module, "display", display)
    return shown


def test_no_mark_leaves_a_chapter_and_every_number_of_a_row_is_a_link(displayed, house):
    survey = small_survey()
    show_estimates(survey, "trust_providers")
    show_estimates(survey, "trust_by_sex")
    show_distribution(survey, "trust_scale")
    chapter.close_chapter(survey)
    assert displayed and not any(PRIVATE.search(text) for text in displayed)
    for name, value in (
        ("trusts_army.sex=female", "75%"),
        ("trusts_army.sex=male", "25%"),
        ("trust_army.a_lot", "50%"),
    ):
        link = f'<a href="../zz/cards/trust.html#community.{name}">{value}</a>'
        assert any(link in text for text in displayed)


CERTIFICATE = {
    "raw": {"community.csv": "ab" * 32},
    "code": "0.1.0+abc",
    "delivery": "001",
    "seed": 7,
    "libraries": {"numpy": "2.4"},
    **dict.fromkeys(("corrections", "checks", "profile", "plan", "instrument"), "cd" * 32),
}


def cards(rows, language="en", name="trust"):
    return Cards(WORDS[language], name, chapter_sources()[name], CERTIFICATE, tuple(rows), None)


def test_a_measure_is_made_of_its_questions_and_the_answers_that_count():
    plan, forms = WORDS["en"].plan, WORDS["en"].questionnaires
    trusts = making_of(plan, forms, "trusts_army", "community")
    assert (trusts.kind, trusts.questions, trusts.codes) == ("share", ("trust_army",), ("somewhat", "a_lot"))
    assert making_of(plan, forms, "trust_army", "community") == Making("answers", ("trust_army",))
    eroding = making_of(plan, forms, "trust_fell_army-trust_rose_army", "community")
    assert (eroding.kind, eroding.questions) == ("difference", ("trust_trend_army",))
    assert eroding.parts == ("trust_fell_army", "trust_rose_army")
    assert making_of(plan, forms, "blames_population_growth-average", "community").kind == "above_average"
    assert making_of(plan, forms, "corridors", "community").questions == ("crossing_origin", "crossing_destination")
    with pytest.raises(ValueError, match="'trusts_nobody' of community is no measure"):
        making_of(plan, forms, "trusts_nobody", "community")


def test_a_row_knows_the_cell_that_asks_for_it():
    plan, source = WORDS["en"].plan, chapter_sources()["trust"]
    calls = [
        cell_of(plan, source, row(**facts)).call
        for facts in ({}, {"by": "sex", "level": "male"}, {"measure": "trust_army", "category": "a_lot"})
    ]
    assert [call.split("'")[1] for call in calls] == ["trust_providers", "trust_by_sex", "trust_scale"]
    effect = row(measure="trust_army_score", by="sex", level="male", category="top two", unit="points")
    assert cell_of(plan, chapter_sources()["associations"], effect).call == "show_model(survey, 'trust_army')"
    assert cell_of(plan, chapter_sources()["findings"], row()).call == "report_findings(survey)"
    assert cell_of(plan, chapter_sources()["summary"], row()).call.startswith("report_summary")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_of_cards_holds_each_row_once_with_its_facts_and_both_wordings(language):
    rows = [tied(), tied(by="sex", level="female", estimate=0.2, low=0.1, high=0.3)]
    page = card_html(cards(rows, language), banner="<b>SIMULATED</b>")
    assert page.startswith(f'<!DOCTYPE html>\n<html lang="{language}">') and "<b>SIMULATED</b>" in page
    assert re.findall(r'<tr id="([^"]+)"', page) == ["community.trusts_army", "community.trusts_army.sex=female"]
    assert page.count("How much do you trust the army?") == page.count("dans l&#x27;armée ?") == 1
    for fact in (
        plain(WORDS[language].estimate(rows[0])),
        "<td>250<td>25<td>",
        "abababababababab",
        "0.1.0+abc",
        "05_trust.ipynb",
    ):
        assert fact in page
    assert not PRIVATE.search(page) and "<script" not in page and " style=" not in page
    assert page == card_html(cards(rows, language), banner="<b>SIMULATED</b>")


def test_a_chapter_without_rows_still_says_what_its_numbers_were_made_from():
    page = card_html(cards([], name="cleaning"), banner="")
    assert 'id="made"' in page and "report_cleaning(profile, language)" in page and "<table" not in page


def test_what_a_profile_says_is_text_on_a_card():
    made = cards([tied()])
    facts = made.words.profile
    named = facts.model_copy(update={"title": dict.fromkeys(facts.title, "<script>x</script>")})
    page = card_html(replace(made, words=replace(made.words, profile=named)), banner="")
    assert "<script" not in page and "&lt;script&gt;" in page


@pytest.fixture
def traced_house(house):
    """The small survey as a run leaves it: two records were taken out, and one answer was changed."""
    survey = small_survey()
    people = survey.designs["community"].frame
    rows = proportion(survey.designs["community"], "trusts_army", by="sex").assign(population="community")
    survey.kept.append(release(rows, survey.profile.publication))
    chapter.close_chapter(survey)
    shelf.write_frame(people, "zz", "measured", "community")
    answers = people[["trust_army"]].assign(respondent_id=[f"secret-{n}" for n in range(240)])
    shelf.write_frame(answers, "zz", "cleaned", "community")
    shelf.write_frame(pd.concat([answers, answers[:2]], ignore_index=True), "zz", "typed", "community")
    log = pd.DataFrame(
        {"population": "community", "column": ["*", "*", "trust_army", "sex"], "respondent_id": "secret"}
    )
    shelf.write_frame(log, "zz", "cleaned", "log")
    notebooks = house / "data/processed/zz/notebooks"
    notebooks.mkdir(parents=True)
    (notebooks / "05_trust.certificate.json").write_text(json.dumps(CERTIFICATE), encoding="utf-8")
    return house


def test_a_key_is_traced_to_its_answers_and_nobody_is_named(traced_house):
    lines = trace_lines("zz/trust/community/trusts_army/sex=female")
    told = "\n".join(lines)
    assert "75%" in lines[3] and "n 120, clusters 24" in lines[3]
    steps = [line.split(". ", 1)[1] for line in lines[lines.index("Back to the raw rows") + 1 :]]
    assert steps == [
        "estimates/trust.parquet: the released row",
        "measured/community.parquet, column trusts_army, sex = female: 120 counted, 0 missing; n of the row: 120",
        "cleaned/community.parquet, column trust_army: 240 asked, 240 answered, not_at_all 120, a_lot 120",
        "cleaned/log.parquet: 1 rows changed trust_army, 2 rows took out a whole record of community",
        "typed/community.parquet, column trust_army: 242 asked, 242 answered, not_at_all 121, a_lot 121",
        "raw file of community: not here",
    ]
    assert "secret" not in told and "cell 6" in told and "cd" * 32 in told


def test_a_key_that_no_row_has_names_those_that_come_close(traced_house):
    with pytest.raises(
        ValueError,
        match=r"none of the 2 rows and results of zz/trust .* did you mean zz/trust/community/trusts_army/sex=male",
    ):
        trace_lines("zz/trust/community/trusts_army/sex=mal")
    with pytest.raises(ValueError, match="has not been run for zz"):
        trace_lines("zz/risks/community/x")
    assert (
        list_keys("zz")
        == list_keys("zz/trust")
        == [f"zz/trust/community/trusts_army/sex={s}" for s in ("female", "male")]
    )


def test_a_page_of_cards_is_made_of_what_a_run_left(traced_house):
    assert card_chapters("zz") == ("trust",)
    page = card_page("zz", "trust", "fr")
    assert 'id="community.trusts_army.sex=male"' in page and WORDS["fr"].share(0.75) in page
    with pytest.raises(ValueError, match="There is no chapter 'x' about one survey"):
        card_page("zz", "x", "en")
