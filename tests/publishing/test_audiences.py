"""A page for each audience holds all that is recommended to it, in order, and marks what fails."""

import re

import numpy as np
import pandas as pd
import pytest

from bsna import paths
from bsna.chapter import vocabulary
from bsna.estimation import survey_design
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.judgement import Verdict, recommend
from bsna.publishing import advice
from bsna.publishing.addresses import audience_page, written_pages
from bsna.reports.audiences import ordered, write_audience_pages

PLAN, PROFILE = load_plan(), load_profile("zz")
AUDIENCES = [audience.id for audience in PLAN.telling.audience]


def people(**shares):
    spread, count = np.random.default_rng(5), 400
    frame = pd.DataFrame({"weight": 1.0, "stratum": "all", "psu": np.arange(count) % 40})
    made = {k: spread.permutation((np.arange(count) < v * count).astype(float)) for k, v in shares.items()}
    return survey_design(frame.assign(**made))


def weighed():
    """People know a contact and would not use it, and the posts have one: R6 fails. Radios are lacking: R13 holds."""
    designs = {
        "community": people(knows_contact=0.8, would_share=0.2),
        "providers": people(has_focal_point=0.8, has_enough_radio=0.1, has_enough_phone=0.1),
    }
    absent = {
        p: tuple(m.measure for m in PLAN.measures if m.population == p and m.measure not in d.frame)
        for p, d in designs.items()
    }
    said = {claim.id: Verdict(claim.id, "not_asked") for claim in PLAN.claims}
    said["F5"] = Verdict("F5", "supported", p_for_adjusted=0.01, p_against_adjusted=1.0, grade="B")
    return recommend(PLAN, list(said.values()), designs, absent, PROFILE.publication, country=PROFILE.country)


@pytest.fixture(params=["en", "fr"])
def told(house, request):
    words, made = vocabulary(PROFILE, PLAN, request.param), weighed()
    write_audience_pages(words, made)
    home = paths.told("zz", request.param) / "pages"
    return words, made, {a: (home / f"{audience_page(a)}.md").read_text(encoding="utf-8") for a in AUDIENCES}


def test_every_recommendation_is_on_the_page_of_its_audience_and_only_there(told):
    words, made, pages = told
    assert [f"for_{a}" for a in AUDIENCES] == written_pages(PLAN)["11_recommendations"]
    found = {audience: re.findall(r'<h2 [^>]*id="(r\d+)"', page) for audience, page in pages.items()}
    assert sorted(name for names in found.values() for name in names) == sorted(row.id.lower() for row in made)
    for audience in AUDIENCES:
        rows = [row.id.lower() for row, _ in ordered(words, audience, made)]
        assert found[audience] == rows
        assert {row.upper() for row in rows} == {row.id for row in PLAN.recommendations if row.audience == audience}


def test_every_page_says_at_once_that_the_survey_is_simulated(told):
    words, _, pages = told
    for audience, page in pages.items():
        first = page.splitlines()[0]
        assert first.startswith("# ") and words.word(audience) in first
        assert page.index("bsna-simulated") < page.index("<h2 ")


def test_one_that_fails_stays_and_is_marked(told):
    words, made, pages = told
    item = next(row for row in made if row.id == "R6")
    assert item.status == "fails"
    part = pages["governments"].split('id="r6"')[1].split("</h2>")[0]
    assert "bsna-fails" in part and words.word("fails") in part
    assert words.say("advice", "fails_A", {"survey": words.word("this_survey_simulated")}) in (
        " ".join(advice.status_sentences(words, item))
    )


def test_each_names_indicator_next_survey_what_comes_first_cost_and_what_would_turn_it(told):
    words, made, pages = told
    part = pages["partners"].split('id="r13"')[1].split("<h2 ")[0]
    row, item = PLAN.row("recommendations", "R13"), next(one for one in made if one.id == "R13")
    said = [*advice.indicator_sentences(words, row, item), *advice.follow_up_sentences(words, item)]
    said += [advice.cost_sentence(words, row), *advice.turning_sentences(words, row, item)]
    said += [words.say("advice", "no_after")]
    assert item.follow_up.state == "reached" and item.baseline["estimate"] == pytest.approx(0.1)
    assert all(sentence in part for sentence in said)
    assert 'href="claims/f5.html"' in part and 'href="11_recommendations.html#r13"' in part
    waits = pages["ddg"].split('id="r1"')[1].split("<h2 ")[0]
    assert 'href="for_governments.html#r6"' in waits


def test_the_rules_stand_on_every_page(told):
    words, _, pages = told
    for page in pages.values():
        assert all(sentence.replace("'", "&#x27;") in page for sentence in advice.rule_sentences(words))
        assert advice.assumptions(words) in page


def test_what_is_needed_is_spelt_out_in_words(told):
    words, made, _ = told
    row, item = PLAN.row("recommendations", "R1"), next(one for one in made if one.id == "R1")
    said = advice.needs_sentence(words, row, item)
    notes = {one.name: words.inside(words.typeset(one.note[words.language])) for one in item.evidence}
    first, *others = row.named
    inner = words.say("advice", "at_least_of", {"least_count": 2, "parts_series": [notes[name] for name in others]})
    whole = words.say("advice", "all_of", {"parts_series": [notes[first], f"({inner})"]})
    assert said == words.say("advice", "needs", {"needs": whole})


@pytest.mark.parametrize("language", ["en", "fr"])
def test_wording_weakens_from_grade_to_grade(language):
    words = vocabulary(PROFILE, PLAN, language)
    for status in ("holds", "fails"):
        said = {
            words.say("advice", f"{status}_{grade}", {"survey": words.word("this_survey_simulated")})
            for grade in "ABCD"
        }
        assert len(said) == 4
        assert sum(words.word(status) in sentence for sentence in said) == 2  # C and D only lean
