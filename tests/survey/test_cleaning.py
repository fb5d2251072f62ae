"""Corrections are records: the log replays raw into cleaned, and breaks loudly when it no longer fits."""

from datetime import date

import pandas as pd
import pytest

from bsna.chapter import design_of
from bsna.estimation import EmptyDomain, proportion
from bsna.intake.checks import load_checks, run_checks
from bsna.intake.cleaned import clean, replay
from bsna.intake.decisions import load_decisions
from bsna.intake.instrument import load_questionnaire
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.intake.reading import clean_survey, type_survey
from bsna.intake.sampling import design_frame
from bsna.simulation import deliver_simulated


@pytest.fixture
def survey(house):
    profile = load_profile("zz")
    deliver_simulated(profile)
    return profile, type_survey(profile)


def test_the_log_replays_typed_into_cleaned_exactly(survey):
    profile, typed = survey
    cleaned = clean_survey(profile, typed)
    for name, frame in typed.items():
        pd.testing.assert_frame_equal(replay(frame, cleaned.log, name), cleaned.frames[name])
    changed = cleaned.log[(cleaned.log["now"] != "~dropped") & (cleaned.log["population"] == "community")]
    by_hand = typed["community"].set_index("row_number")
    for row in changed.to_dict("records"):
        assert by_hand.at[row["row_number"], row["column"]] == row["was"]


def test_every_row_of_the_log_says_why_who_and_when(survey):
    log = clean_survey(*survey).log
    assert (log[["reason", "who", "when"]] != "").all().all()


def test_invented_interviews_leave_only_by_a_decision(survey):
    profile, typed = survey
    checks = load_checks()
    questionnaires = {name: load_questionnaire(name) for name in typed}
    findings = run_checks(typed, checks, questionnaires)
    suspects = set(findings.loc[findings["check"] == "enumerator_pattern", "respondent_id"])
    assert suspects
    without = clean(typed, findings, load_decisions("zz").iloc[:0], questionnaires, when=date(2014, 7, 1))
    assert suspects <= set(without.frames["community"]["respondent_id"])
    decided = clean_survey(profile, typed)
    assert not suspects & set(decided.frames["community"]["respondent_id"])
    assert decided.log.loc[decided.log["respondent_id"].isin(suspects), "who"].eq("field supervisor").all()


def test_personal_columns_stay_with_the_raw_file(survey):
    cleaned = clean_survey(*survey).frames["community"]
    assert not {"respondent_name", "respondent_phone", "remarks"} & set(cleaned.columns)


def corrections(house, *lines):
    head = "decision_id,population,where_column,where_value,column,was,now,reason,who,when"
    (house / "assessment" / "corrections" / "zz.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")


def test_a_correction_whose_old_value_no_longer_matches_stops(house, survey):
    someone = survey[1]["community"].iloc[0]
    corrections(house, f"D1,community,respondent_id,{someone['respondent_id']},age,999,34,slip,me,2014-07-01")
    with pytest.raises(ValueError, match="expects the old value '999'"):
        clean_survey(*survey)


def test_two_corrections_of_one_cell_stop(house, survey):
    someone = survey[1]["community"].iloc[0]
    line = f"community,respondent_id,{someone['respondent_id']},age,{someone['age']},34,slip,me,2014-07-01"
    corrections(house, f"D1,{line}", f"D2,{line}")
    with pytest.raises(ValueError, match="both correct age"):
        clean_survey(*survey)


@pytest.mark.parametrize("bad", ["0", "-1", ""])
def test_a_weight_that_is_no_positive_number_is_named_with_its_row(survey, bad):
    profile, typed = survey
    declared = profile.design["community"].model_copy(update={"weight": "w"})
    weighted = profile.model_copy(update={"design": {**profile.design, "community": declared}})
    frame = typed["community"].assign(w=["1.5"] * (len(typed["community"]) - 1) + [bad])
    with pytest.raises(ValueError, match=f"row.*{len(frame)}"):
        design_frame(frame, weighted, "community")


def test_raking_meets_the_margins_of_the_profile(survey):
    profile, typed = survey
    facts = design_frame(clean_survey(profile, typed).frames["community"], profile, "community").diagnostics
    margins = facts[facts["kind"] == "margin"]
    assert len(margins) == 6
    assert (margins["after"] - margins["target"]).abs().max() < 1e-6
    assert (margins["before"] - margins["target"]).abs().max() > 0.005


def test_a_domain_with_nobody_is_an_error_with_a_name(survey):
    profile, typed = survey
    weighted = design_frame(typed["community"], profile, "community").frame
    design = design_of(weighted, profile, load_plan(), "community")
    nobody = pd.Series(False, index=design.frame.index, name="people over 150")
    with pytest.raises(EmptyDomain, match="people over 150"):
        proportion(design, "trusts_army", where=nobody)
