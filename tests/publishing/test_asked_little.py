"""A survey that asked little of what the plan wants says so in few words, and advises nothing that it cannot bear out."""

from dataclasses import replace

import pandas as pd
import pytest

from bsna import shelf
from bsna.chapter import vocabulary
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.judgement import Verdict
from bsna.publishing.advice import lead_sentence
from bsna.publishing.front import _first_advice
from bsna.publishing.takeaway.brief import brief_document
from bsna.publishing.takeaway.imprint import imprint_of
from bsna.publishing.verdicts import recommendation_list, verdict_list
from bsna.reports.audiences import audience_html
from bsna.reports.summary import topics_of
from bsna.running.chapters import list_chapters
from tests.publishing.test_audiences import weighed

PLAN, PROFILE = load_plan(), load_profile("zz")
WORDS = {language: vocabulary(PROFILE, PLAN, language) for language in ("en", "fr")}


def untested(made):
    return [replace(item, status="not_testable", grade=None, evidence=()) for item in made]


@pytest.mark.parametrize("status", ["fails", "not_testable"])
def test_the_front_page_tells_nobody_to_do_first_what_the_answers_do_not_bear_out(status):
    made = [{"id": "R6", "place": 2, "status": status}, {"id": "R5", "place": 1, "status": status}]
    shown = _first_advice(WORDS["en"], "zz", "governments", made)
    assert shown == (
        '<a href="zz/for_governments.html">Governments</a><br>no recommendation is borne out by these answers'
    )
    made.append({"id": "R7", "place": 3, "status": "holds"})
    assert "<br>R5. " in _first_advice(WORDS["en"], "zz", "governments", made)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_of_an_audience_says_first_that_none_is_borne_out_and_then_tells_each(language):
    words, made = WORDS[language], weighed()
    audience = next(one for one in PLAN.telling.audience if one.id == "governments")
    said = {"en": "None of these recommendations is borne out", "fr": "Aucune de ces recommandations"}[language]
    page = audience_html(words, audience, untested(made)).text
    assert page.index(said) < page.index("<h2 ") and page.count("<h2 ") == 4
    holding = [replace(item, status="holds", grade="B") for item in made]
    assert said not in audience_html(words, audience, holding).text


def test_claims_that_were_not_asked_stand_folded_behind_their_count_after_those_that_were():
    said = [Verdict(claim.id, "not_asked") for claim in PLAN.claims]
    shown = verdict_list(WORDS["en"], said, "10_findings.html")
    assert shown.startswith(f'<details class="bsna-folded"><summary>{len(said)} not asked</summary>')
    said[-1] = Verdict(said[-1].claim_id, "withheld")
    asked, folds = verdict_list(WORDS["fr"], said, "10_findings.html").split("<details")
    assert asked.count("<li>") == 1 and folds.count("<li>") == len(said) - 1
    assert f"<summary>{len(said) - 1} non demandés</summary>" in folds


def test_recommendations_that_cannot_be_tested_stand_folded_and_an_audience_without_others_is_not_named():
    made = [{"id": row.id, "status": "not_testable"} for row in PLAN.recommendations]
    made[0]["status"] = "fails"
    open_part, folds = recommendation_list(WORDS["en"], made).split("<details")
    assert open_part.count("<h3") == 1 and open_part.count("<li>") == 1
    assert f"<summary>{len(made) - 1} not testable here</summary>" in folds and folds.count("<li>") == len(made) - 1


def test_the_summary_names_the_topics_that_have_answers_and_no_others(house):
    writing = {room.partition("/")[2] for c in list_chapters() for room in c.writes if room.startswith("estimates/")}
    topics = WORDS["en"].states("topic")
    assert set(topics) <= writing
    for topic in topics:
        statuses = ["withheld", "ok"] if topic == "trust" else ["not_asked", "withheld"]
        shelf.write_frame(pd.DataFrame({"status": statuses}), "zz", "estimates", topic)
    assert topics_of(WORDS["en"], "zz") == ["trust in the forces and authorities"]
    assert topics_of(WORDS["fr"], "zz") == ["la confiance dans les forces et les autorités"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_brief_begins_with_what_is_asked_of_its_audience_or_with_that_none_is_borne_out(language):
    words, audience = WORDS[language], PLAN.telling.audience[1]
    said = {"en": "None of these recommendations", "fr": "Aucune de ces recommandations"}[language]
    assert lead_sentence(words, audience, ["fails", "not_testable"]).startswith(said)
    assert lead_sentence(words, audience, ["mixed", "fails"]) == words.typeset(audience.lead[language])
    brief = brief_document(words, imprint_of(words), audience, (), untested(weighed()), {"community": 40})
    assert said in str(brief.blocks[1])
