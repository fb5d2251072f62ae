"""Every number leads to the card of its row: keys are stable, and marks become links or nothing."""

import re
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest

from bsna import chapter
from bsna.chapter import Survey, vocabulary
from bsna.estimation import estimate_rows, records, survey_design
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.judgement import Verdict
from bsna.pages import show_distribution, show_estimates
from bsna.publishing import blocks, canvas, tables
from bsna.publishing.cards.keys import Traced, address_of, card_file, check_keys, keyed, row_key
from bsna.publishing.cards.marks import card_link, linked, marked, plain
from bsna.publishing.cards.rows import traced_verdicts
from bsna.publishing.written import WrittenPage

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
    assert linked(text) == '<p><a class="bsna-number" href="../zz/cards/trust.html#community.x">41%</a> trust.</p>'
    assert linked("p < 0.001 " + marked("zz/trust/community/x", "4"), "../..").endswith(
        'p < 0.001 <a class="bsna-number" href="../../zz/cards/trust.html#community.x">4</a>'
    )
    assert card_link("zz/trust/community/x", "<41") == (
        '<a class="bsna-number" href="../zz/cards/trust.html#community.x">&lt;41</a>'
    )


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
    assert '<a class="bsna-number" href="@root@/zz/cards/trust.html#community.x">41%</a>' in page.text


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

    for module in (chapter, blocks, canvas, tables):
        monkeypatch.setattr(module, "display", display)
    return shown


def test_no_mark_leaves_a_chapter_and_every_number_of_a_row_is_a_link(displayed, house):
    survey = small_survey()
    show_estimates(survey, "trust_providers")
    show_estimates(survey, "trust_by_sex")
    show_distribution(survey, "trust_scale")
    chapter.close_chapter(survey)
    files = [p.read_text(encoding="utf-8") for p in (house / "data/processed/zz/downloads").glob("*.csv")]
    assert files and not any(PRIVATE.search(text) for text in (*displayed, *files))
    for name, value in (
        ("trusts_army.sex=female", "75%"),
        ("trusts_army.sex=male", "25%"),
        ("trust_army.a_lot", "50%"),
    ):
        link = f'<a class="bsna-number" href="../zz/cards/trust.html#community.{name}">{value}</a>'
        assert any(link in text for text in displayed)
