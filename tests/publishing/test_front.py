"""The front page: claims in one table, small badges that say to the ear what they show to the eye."""

import re

from bsna.chapter import vocabulary
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.publishing.front import _first_advice, claims_table

PLAN = load_plan()


def said(**verdicts):
    return {claim: {"verdict": verdict, "grade": grade} for claim, (verdict, grade) in verdicts.items()}


def table(language, **verdicts):
    words = vocabulary(None, PLAN, language)
    return claims_table(words, [load_profile("zz")], {"zz": said(**verdicts)})


def test_a_badge_shows_shape_and_grade_and_says_word_and_grade():
    shown = table("fr", F1=("contradicted", "B"))
    assert 'class="bsna-badge bsna-contradicted"' in shown and 'href="zz/claims/f1.html"' in shown
    assert '<span aria-hidden="true">B</span><span class="bsna-spoken">contredit, note B</span>' in shown


def test_claims_of_other_families_stand_there_only_if_no_claim_of_the_first_was_asked():
    asked = table("en", F1=("supported", "A"), X1=("supported", "A"))
    assert "F1. " in asked and "X1. " not in asked
    assert "X1. " in table("en", F1=("not_asked", None), X1=("uncertain", "C"))


def test_a_claim_that_one_survey_was_not_asked_keeps_its_row_without_a_grade():
    row = re.search(r"<tr>.*?F2.*?</tr>", table("en", F2=("withheld", None)), re.DOTALL)
    assert row and '<span aria-hidden="true"></span><span class="bsna-spoken">withheld</span>' in row[0]


def test_claims_of_one_line_stand_together_with_their_letters_and_each_leads_to_its_page():
    shown = table("en", F1=("supported", "A"), F3a=("supported", "C"), F3b=("uncertain", "D"), F3c=("not_asked", None))
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", shown, re.DOTALL)
    assert len(rows) == 2
    assert re.findall(r"<small>(.)</small> <a href=\"(.*?)\">", rows[1]) == [
        ("a", "zz/claims/f3a.html"),
        ("b", "zz/claims/f3b.html"),
        ("c", "zz/claims/f3c.html"),
    ]


def test_the_nine_claims_of_the_assessment_are_told_in_six_lines():
    first = [claim.id for claim in PLAN.claims if claim.family == PLAN.claims[0].family]
    shown = table("fr", **dict.fromkeys(first, ("supported", "A")))
    assert len(first) == 9 and shown.count('<th scope="row">') == 6


def test_each_audience_has_its_page_and_what_stands_first_there_with_its_status():
    made = [{"id": "R6", "place": 2, "status": "holds"}, {"id": "R5", "place": 1, "status": "mixed"}]
    words = vocabulary(load_profile("zz"), PLAN, "en")
    shown = _first_advice(words, "zz", "governments", made)
    assert shown.startswith('<a href="zz/for_governments.html">Governments</a><br>R5. ')
    assert 'class="bsna-badge bsna-mixed"' in shown and "R6" not in shown
    assert (
        _first_advice(words, "zz", "partners", made)
        == '<a href="zz/for_partners.html">Technical and financial partners</a>'
    )
