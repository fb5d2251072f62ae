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
    assert [claim.id for claim in plan.claims] == ["F1", "F2", "F3a", "F3b", "F3c", "F4", "F5", "F6a", "F6b"]
    assert [row.id for row in plan.recommendations] == [f"R{n}" for n in range(1, 14)]


def test_a_plan_row_that_names_an_absent_question_is_refused(house):
    path = house / "assessment" / "plan" / "measures.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace(",trust_army,share,", ",trust_armi,share,"), encoding="utf-8"
    )
    with pytest.raises(ValueError, match=r"trusts_army \(community\): no question 'trust_armi'"):
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
