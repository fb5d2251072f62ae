"""Weights worked out by hand on a frame of two strata."""

import pytest

from bsna.intake.profile import Design, Margin
from bsna.intake.reasons import NO_ANSWER, NOT_IN_SURVEY
from bsna.intake.sampling import DESIGN_COLUMNS, DIAGNOSTIC_COLUMNS, design_frame
from tests.intake.village import profile, typed

SOUTH = {"region": "south", "cluster_id": "S1"}
SIX = (
    {"cluster_id": "N1", "sex": "female"},
    {"cluster_id": "N1", "sex": "male"},
    {"cluster_id": "N1", "sex": "male"},
    {"cluster_id": "N2", "sex": "female"},
    {**SOUTH, "sex": "female"},
    {**SOUTH, "sex": "male"},
)
"""North has 600 adults and two clusters, of three interviews and one; South 300 adults, one cluster of two."""


def weighting(*people, survey=None, population="community"):
    return design_frame(typed(*people), survey or profile(), population)


def fact(result, variable: str, level: str = ""):
    rows = result.diagnostics.query("variable == @variable and level == @level")
    assert len(rows) == 1
    return rows.iloc[0]


def test_adults_of_a_stratum_are_shared_by_its_clusters_and_then_by_their_interviews():
    frame = weighting(*SIX).frame
    assert frame["weight"].tolist() == pytest.approx([600 / 2 / 3] * 3 + [600 / 2 / 1] + [300 / 1 / 2] * 2)
    assert frame["weight"].sum() == pytest.approx(600 + 300)


def test_design_columns_are_added_and_the_others_stay():
    people = typed(*SIX)
    before = people.copy()
    frame = design_frame(people, profile(), "community").frame
    assert set(frame.columns) == {*people.columns, *DESIGN_COLUMNS}
    assert frame["stratum"].unique().tolist() == ["north / sedentary", "south / sedentary"]
    assert frame["psu"].tolist() == ["N1", "N1", "N1", "N2", "S1", "S1"]
    assert people.equals(before)


def test_diagnostics_count_records_clusters_and_lonely_strata():
    result = weighting(*SIX, {"consent": "no"})
    assert list(result.diagnostics.columns) == list(DIAGNOSTIC_COLUMNS)
    assert (fact(result, "records")["before"], fact(result, "records")["after"]) == (7, 6)
    north = fact(result, "clusters", "north / sedentary")
    assert (north["before"], north["after"]) == (2, 2)
    assert fact(result, "strata_with_one_cluster")["after"] == 1  # South has one cluster only


def test_the_design_effect_of_weights_is_that_of_kish():
    effect = fact(weighting(*SIX), "weights")
    # weights 100, 100, 100, 300, 150, 150: n * sum of squares / square of sum
    assert effect["before"] == pytest.approx(6 * (3 * 100**2 + 300**2 + 2 * 150**2) / 900**2)
    assert effect["after"] == pytest.approx(effect["before"])


def with_margin(**design):
    margin = Margin(variable="sex", shares={"female": 0.5, "male": 0.5}, source="invented")
    survey = profile()
    community = survey.design["community"].model_copy(update=design)
    designs = {**survey.design, "community": community}
    return survey.model_copy(update={"margin": (margin,), "design": designs})


def test_raking_moves_each_sex_to_its_share_and_keeps_the_total():
    result = weighting(*SIX, survey=with_margin())
    female = result.frame["sex"] == "female"
    assert result.frame.loc[female, "weight"].sum() == pytest.approx(450)
    assert result.frame["weight"].sum() == pytest.approx(900)
    margin = fact(result, "sex", "female")
    # Before: 100 + 300 + 150 of 900 adults.
    assert [margin["before"], margin["after"], margin["target"]] == pytest.approx([550 / 900, 0.5, 0.5])
    assert result.frame["weight_base"].sum() == pytest.approx(900)


def test_people_who_did_not_say_keep_their_weight_in_raking():
    people = (*SIX[:5], {**SIX[5], "sex": NO_ANSWER})
    frame = weighting(*people, survey=with_margin()).frame
    assert frame["weight"].iloc[5] == pytest.approx(150)
    known = frame["sex"] != NO_ANSWER
    assert frame.loc[known & (frame["sex"] == "male"), "weight"].sum() == pytest.approx(750 / 2)


def test_trimmed_weights_are_counted_and_the_margins_still_hold():
    result = weighting(*SIX, survey=with_margin(trim_high=1.5))
    assert fact(result, "trimmed")["after"] == 1
    margin = fact(result, "sex", "female")
    assert margin["after"] == pytest.approx(0.5)
    untrimmed = weighting(*SIX, survey=with_margin())
    assert result.frame["weight"].max() < untrimmed.frame["weight"].max()


def test_a_number_is_raked_in_bands():
    margin = Margin(variable="age", shares={"18-39": 0.75, "40+": 0.25}, source="invented")
    survey = profile().model_copy(update={"margin": (margin,)})
    people = [{**person, "age": age} for person, age in zip(SIX, ("18", "39", "40", "70", "30", "41"), strict=True)]
    frame = weighting(*people, survey=survey).frame
    assert frame.loc[frame["age"].isin(["18", "39", "30"]), "weight"].sum() == pytest.approx(0.75 * 900)


def test_a_population_that_is_not_the_community_stands_for_itself():
    frame = weighting({}, {}, population="leaders").frame
    assert frame["weight"].tolist() == [1.0, 1.0]
    assert frame["stratum"].unique().tolist() == ["all"]
    assert frame["psu"].tolist() == ["1", "2"]


def test_a_population_without_a_design_stands_for_itself_too():
    assert weighting({}, {}, population="sites").frame["weight"].tolist() == [1.0, 1.0]


def delivered_weights(*weights: str):
    survey = profile()
    design = Design(weight="withinwt", lonely="adjust", assumption={"en": "None.", "fr": "Aucune."})
    survey = survey.model_copy(update={"design": {**survey.design, "community": design}})
    people = typed(*[{} for _ in weights]).assign(withinwt=list(weights))
    return design_frame(people, survey, "community")


def test_weights_of_a_delivered_survey_are_taken_as_they_are():
    assert delivered_weights("0.5", "2.25").frame["weight"].tolist() == [0.5, 2.25]


@pytest.mark.parametrize("bad", ["0", "-1", "", NO_ANSWER, "inf", "much"])
def test_a_weight_that_is_no_positive_number_is_named_with_its_row(bad):
    with pytest.raises(ValueError, match=r"1 weight\(s\) are missing, zero or negative, in rows \['2'\]"):
        delivered_weights("1.0", bad)


def test_a_design_column_that_does_not_exist_is_named():
    survey = profile()
    for update in ({"weight": "wt"}, {"psu": "wt"}, {"strata": ("wt",)}):
        design = survey.design["community"].model_copy(update=update)
        changed = survey.model_copy(update={"design": {**survey.design, "community": design}})
        with pytest.raises(ValueError, match="hill/community: the profile's design names 'wt'"):
            weighting({}, survey=changed)


@pytest.mark.parametrize("column", ["cluster_id", "region"])
def test_an_interview_without_cluster_or_stratum_is_named_with_its_row(column):
    with pytest.raises(ValueError, match=rf"1 interview\(s\) have no {column}, in rows \['2'\]"):
        weighting(SIX[0], {column: NO_ANSWER}, SIX[4])


def test_an_interview_outside_the_frame_and_a_stratum_without_interview_are_named():
    with pytest.raises(ValueError, match=r"1 interview\(s\) lie in \[\('north', 'nomadic'\)\]"):
        weighting(*SIX, {"settlement": "nomadic"})
    with pytest.raises(ValueError, match=r"no interview was made in \[\('south', 'sedentary'\)\]"):
        weighting(*SIX[:4])


def test_a_survey_in_which_nobody_consented_is_refused():
    with pytest.raises(ValueError, match="none of 1 records is an interview"):
        weighting({"consent": "no"})


def test_a_survey_that_did_not_ask_for_consent_keeps_its_people():
    people = [{**person, "consent": NOT_IN_SURVEY} for person in SIX]
    assert len(weighting(*people).frame) == 6
