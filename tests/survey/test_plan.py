"""The plan is data: whole, in both languages, and refused where it names what is not there."""

import re

import numpy as np
import pandas as pd
import pytest

from bsna.intake.instrument import load_questionnaire
from bsna.intake.measured import absent_measures, extreme_measure, measure
from bsna.intake.plan import VERDICTS, load_plan, validate_plan
from bsna.intake.profile import POPULATIONS

FORMS = {name: load_questionnaire(name) for name in POPULATIONS}


def test_the_plan_fits_the_questionnaires():
    plan = load_plan()
    validate_plan(plan, FORMS)
    assert [claim.id for claim in plan.claims] == [
        "F1",
        "F2",
        "F3a",
        "F3b",
        "F3c",
        "F4",
        "F5",
        "F6a",
        "F6b",
        "A1",
        "A2",
        "X1",
        "X2",
    ]
    assert [row.id for row in plan.recommendations] == [f"R{n}" for n in range(1, 14)]


def test_a_plan_row_that_names_an_absent_question_is_refused(house):
    path = house / "assessment" / "plan" / "measures.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace(",trust_army,share,", ",trust_armi,share,"), encoding="utf-8"
    )
    with pytest.raises(ValueError, match=r"trusts_army \(community\): no question 'trust_armi'"):
        validate_plan(load_plan(), FORMS)


@pytest.mark.parametrize(
    ("file", "was", "now", "message"),
    [
        ("measures.csv", ",4..999,", ",4,", r"patrols_weekly \(providers\): '4' is no range"),
        (
            "measures.csv",
            "somewhat a_lot",
            "somewhat a_lott",
            r"trusts_army \(community\): no code 'a_lott' in trust_army",
        ),
        (
            "measures.csv",
            "help_ease=very_difficult|",
            "help_ese=very_difficult|",
            "finds_help_easy .*: no question 'help_ese'",
        ),
        (
            "measures.csv",
            "incident_reported=yes|no",
            "incident_reported=yes|non",
            "base has no code 'non' of incident_reported",
        ),
        (
            "measures.csv",
            "\ncrossed,community",
            "\ncrossed_12m,community",
            r"crossed_12m \(community\): bears the name of a question",
        ),
        ("measures.csv", "\nknows_border,", "\ncrossed,", r"crossed \(community\): stands 2 times"),
        ("groups.csv", "phone,community,owns_phone", "phone,community,own_phone", "no question or measure 'own_phone'"),
        ("levels.csv", "patrol_sight,never", "patrol_site,never", "patrol_site never: no such group"),
        (
            "tables.csv",
            "community,crossed crosses_off_post,region",
            "community,crosed crosses_off_post,region",
            "no measure 'crosed'",
        ),
        (
            "tables.csv",
            "community,crossed crosses_off_post,region",
            "community,crossed crosses_off_post,regions",
            "no group 'regions'",
        ),
        (
            "distributions.csv",
            "fallen same risen,fallen,risen",
            "fallen same rose,fallen,rose",
            "no code 'rose' in trust_trend_army",
        ),
        (
            "measures.csv",
            "Worse in 12 months,",
            "Same in 12 months,",
            r"tables.csv, risks_change: \['security_same_12m', 'security_worse_12m'\] are all 'Same in 12 months'",
        ),
        ("flows.csv", "crossing_origin", "crossing_from", "corridors: no question 'crossing_from'"),
        ("mirrors.csv", "forces_respectful", "forces_polite", "respect: no measure 'forces_polite' of community"),
        ("ranks.toml", '"banditry"', '"bandits"', "risks_community: no code 'bandits' in risk_first"),
        ("models.toml", '"trusts_army"', '"trust_in_army"', "trust_army: no measure 'trust_in_army' of community"),
        ("models.toml", '"victim"', '"victims"', "trust_army: no group 'victims'"),
        ("claims.toml", '"blames_displacement"', '"blames_displaced"', "F6b: no measure 'blames_displaced'"),
        ("claims.toml", '"risks_providers"', '"risks_authorities"', "F1: no ranking 'risks_authorities'"),
        (
            "claims.toml",
            'items = ["resource_disputes"',
            'items = ["disputes"',
            "F1: no item 'disputes' in risks_community",
        ),
        (
            "recommendations.toml",
            "F5 and few_have_radios",
            "F7 and few_have_radios",
            r"recommendations.toml, R5: no evidence or claim 'F7'; known are \['A1', ",
        ),
        (
            "recommendations.toml",
            '"few_know_a_contact and',
            '"few_know_contact and',
            "R6: no evidence or claim 'few_know_contact'",
        ),
        (
            "order.toml",
            'claims = ["F3a", "F3b"',
            'claims = ["F3a", "F3x"',
            r"order.toml, line: no claim 'F3x'; known are",
        ),
        ("order.toml", 'claims = ["F3a", "F3b"', 'claims = ["F3a", "F3a"', "claim 'F3a' stands 2 times; expected once"),
        ("order.toml", 'claims = ["F3a", "F3b"', 'claims = ["F1", "F3b"', r"claims \['F1'\] of line 'F3'"),
        ("recommendations.toml", 'after = ["R10"]', 'after = ["R14"]', "R8: comes after 'R14', not among"),
        ("recommendations.toml", 'audience = "ddg"', 'audience = "dgd"', "R1: no audience 'dgd' in order.toml"),
        (
            "recommendations.toml",
            'id = "R6"',
            'id = "R6"\nonly = ["zx"]',
            r"R6: only for 'zx', a country of no profile; known are \['zz'\]",
        ),
        (
            "recommendations.toml",
            'id = "R6"',
            'id = "R6"\nafter = ["R11"]\nafter_why = { en = "a", fr = "b" }',
            "R6 after R11 after R6: each waits for the next",
        ),
        (
            "recommendations.toml",
            " and few_have_telephones and F5",
            " and F5",
            "few_have_telephones: no recommendation",
        ),
        ("claims.toml", 'model = "trust_army"', 'model = "trust_navy"', "no model 'trust_navy'"),
        ("claims.toml", 'term = "patrol_sight"', 'term = "sight"', "trust_army has no term 'sight'"),
        (
            "recommendations.toml",
            'indicator = "knows_contact"',
            'indicator = "knows_contacts"',
            "R6: no measure 'knows_contacts'",
        ),
        ("outside.csv", "trusts_courts", "trust_courts_much", "no measure 'trust_courts_much'"),
    ],
)
def test_a_plan_row_that_names_what_is_not_there_is_refused_with_file_and_row(house, file, was, now, message):
    path = house / "assessment" / "plan" / file
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        validate_plan(load_plan(), FORMS)


def test_every_claim_has_a_sentence_for_every_verdict_with_the_same_numbers_in_both_languages():
    for claim in load_plan().claims:
        assert set(claim.sentences) == set(VERDICTS)
        for sentence in claim.sentences.values():
            named = [sorted(re.findall(r"\{(\w+)\}", sentence[language])) for language in ("en", "fr")]
            assert named[0] == named[1], (claim.id, sentence)


def test_measures_count_what_their_row_says():
    plan = load_plan()
    codes = ["somewhat", "a_lot", "a_little", "~refused", "~not_in_survey"]
    frame = pd.DataFrame({question.name: ["~not_asked"] * 5 for question in FORMS["community"].questions})
    frame = frame.assign(
        trust_army=codes,
        goods_seen=["fuel weapons", "none", "food", "~dont_know", "fuel"],
        goods_undeclared=["weapons", "~not_asked", "food", "~not_asked", "none"],
        victim_theft=["no", "once", "~refused", "no", "no"],
        age=["18", "29", "30", "75", "~no_answer"],
    )
    for crime in ("assault", "cattle_theft", "road_robbery", "weapon_threat"):
        frame[f"victim_{crime}"] = ["no", "no", "no", "no", "twice"]
    made = measure(frame, plan, "community")
    np.testing.assert_array_equal(made["trusts_army"], [1, 1, 0, np.nan, np.nan])
    np.testing.assert_array_equal(made["trust_army_score"], [2, 3, 1, np.nan, np.nan])
    np.testing.assert_array_equal(made["sees_goods_fuel"], [1, 0, 0, np.nan, 1])
    # a good not seen at all is not seen undeclared
    np.testing.assert_array_equal(made["sees_undeclared_weapons"], [1, 0, 0, 0, 0])
    # one refusal leaves "any crime" open unless another answer settles it
    np.testing.assert_array_equal(made["victim_of_any"], [0, 1, np.nan, 0, 1])
    assert made["age_band"].tolist()[:4] == ["18-29", "18-29", "30-44", "60+"]
    spec = plan.measure("trusts_army", "community")
    np.testing.assert_array_equal(extreme_measure(frame, spec, 1.0), [1, 1, 0, 1, np.nan])


def test_a_question_that_was_not_in_the_survey_makes_its_measures_absent():
    frame = pd.DataFrame({q.name: ["~not_in_survey"] for q in FORMS["community"].questions}).assign(trust_army="a_lot")
    gone = absent_measures(frame, load_plan(), "community")
    assert "trusts_police" in gone
    assert "trusts_army" not in gone


def test_a_share_of_a_number_counts_the_numbers_within_its_range():
    frame = pd.DataFrame({question.name: ["~not_asked"] * 6 for question in FORMS["providers"].questions})
    frame = frame.assign(patrols_month=["0", "3", "4", "30", "~refused", "~dont_know"])
    made = measure(frame, load_plan(), "providers")
    np.testing.assert_array_equal(made["patrols_weekly"], [0, 0, 1, 1, np.nan, np.nan])
    np.testing.assert_array_equal(made["patrols_per_month"], [0, 3, 4, 30, np.nan, np.nan])
