"""Answers are named and checked; a blank says why it is one."""

import pytest

from bsna.intake.reasons import (
    DONT_KNOW,
    NO_ANSWER,
    NOT_ASKED,
    NOT_IN_SURVEY,
    NOT_REACHED,
    REFUSED,
    reason_counts,
)
from bsna.intake.typed import KEYS, type_answers
from tests.intake.village import AWA, FORM, NO_CONSENT, export, profile


def answers(*people: dict[str, str]):
    return type_answers(export(*people), FORM, profile())


def test_one_row_per_record_with_keys_first_and_every_cell_text():
    typed = answers({}, {"age": "61"})
    assert list(typed.columns) == [*KEYS, *FORM.names]
    assert list(typed["row_number"]) == ["1", "2"]
    assert list(typed["respondent_id"]) == ["a0", "a1"]
    assert typed.map(lambda cell: isinstance(cell, str) and cell != "").drop(columns="submitted").all(None)


@pytest.mark.parametrize("mark", ["/", "."])
def test_group_names_in_front_of_columns_make_no_difference(mark):
    plain = export({}, {"age": "61"})
    grouped = plain.rename(columns={name: f"village{mark}part{mark}{name}" for name in FORM.names})
    assert type_answers(grouped, FORM, profile()).equals(type_answers(plain, FORM, profile()))


@pytest.mark.parametrize(("yes", "no"), [("1", "0"), ("True", "False"), ("TRUE", "")])
def test_multiple_choices_are_read_alike_as_dummies_and_as_one_column(yes, no):
    together = export({"goods_seen": "weapons livestock"}, {"goods_seen": "none"})
    apart = together.drop(columns="goods_seen").assign(
        **{
            "village/goods_seen/none": [no, yes],
            "village/goods_seen/weapons": [yes, no],
            "village/goods_seen/livestock": [yes, no],
            "village/goods_seen/dont_know": [no, no],
        }
    )
    typed = type_answers(apart, FORM, profile())
    assert list(typed["goods_seen"]) == ["livestock weapons", "none"]
    assert typed.equals(type_answers(together, FORM, profile()))


@pytest.mark.parametrize("told", ["weapons livestock", "livestock weapons"])
def test_an_export_may_hold_multiple_choices_both_ways_if_they_agree(told):
    both = export({"goods_seen": told}, {"goods_seen": "none"}).assign(
        **{"goods_seen/none": ["0", "1"], "goods_seen/weapons": ["1", "0"], "goods_seen/livestock": ["1", "0"]}
    )
    assert list(type_answers(both, FORM, profile())["goods_seen"]) == ["livestock weapons", "none"]
    with pytest.raises(ValueError, match=r"goods_seen .* differ in 1 record\(s\), in rows \[1\]; keep the one"):
        type_answers(both.assign(**{"goods_seen/weapons": "0"}), FORM, profile())


def test_a_column_that_looks_like_a_choice_of_a_question_without_choices_is_unknown():
    with pytest.raises(ValueError, match=r"1 unknown \['age.1'\]"):
        type_answers(export({}).assign(**{"age.1": "35"}), FORM, profile())


def test_refused_and_dont_know_become_reasons():
    typed = answers({"trust_army": "refused", "trust_police": "dont_know", "goods_seen": "dont_know"})
    assert list(typed.loc[0, ["trust_army", "trust_police", "goods_seen"]]) == [REFUSED, DONT_KNOW, DONT_KNOW]


def test_a_blank_that_was_not_asked_is_told_from_a_blank_that_was():
    typed = answers({"crossed_12m": "no"}, {"crossed_12m": "yes"})
    assert list(typed["crossing_frequency"]) == [NOT_ASKED, NO_ANSWER]


def test_a_refusal_at_the_gate_means_that_what_follows_was_not_asked():
    assert answers({"crossed_12m": "refused"}).loc[0, "crossing_frequency"] == NOT_ASKED


def test_after_no_consent_nothing_was_asked():
    typed = answers(NO_CONSENT)
    asked = [question.name for question in FORM.questions if "consent" in question.relevance]
    assert set(typed.loc[0, asked]) == {NOT_ASKED}


def test_where_an_interview_broke_off_nothing_later_was_reached():
    broken = dict.fromkeys(("trust_police", "risk_first", "risk_second", "risk_third"), "")
    typed = answers(broken)
    assert set(typed.loc[0, list(broken)]) == {NOT_REACHED}
    assert typed.loc[0, "remarks"] == NOT_REACHED


def test_a_blank_with_answers_behind_it_is_no_answer():
    typed = answers({"trust_army": "", "trust_police": "", "remarks": ""})
    assert list(typed.loc[0, ["trust_army", "trust_police", "remarks"]]) == [NO_ANSWER] * 3


def test_a_question_newer_than_the_form_used_was_not_in_the_survey():
    typed = answers({"__version__": "1", "joint_patrols_seen": ""}, {"joint_patrols_seen": ""})
    assert list(typed["joint_patrols_seen"]) == [NOT_IN_SURVEY, NO_ANSWER]


def test_a_column_may_lack_if_its_question_is_newer_than_every_form_used():
    old = export({"__version__": "1"}).drop(columns="joint_patrols_seen")
    assert type_answers(old, FORM, profile()).loc[0, "joint_patrols_seen"] == NOT_IN_SURVEY
    with pytest.raises(ValueError, match=r"1 column\(s\) missing \['joint_patrols_seen'\]"):
        type_answers(export({}).drop(columns="joint_patrols_seen"), FORM, profile())


def test_personal_columns_may_be_taken_out_before_delivery():
    spared = type_answers(export({}).drop(columns="respondent_name"), FORM, profile())
    assert spared.loc[0, "respondent_name"] == NO_ANSWER


def test_columns_of_the_collection_server_are_passed_over():
    extra = export({}).assign(_id="7", _index="1", **{"meta/instanceID": "u", "formhub/uuid": "f"})
    assert type_answers(extra, FORM, profile()).equals(answers({}))


@pytest.mark.parametrize(("written", "canonical"), [("34", "34"), ("34.0", "34"), (" 34 ", "34"), ("034", "34")])
def test_numbers_are_written_in_one_way(written, canonical):
    assert answers({"age": written}).loc[0, "age"] == canonical


def test_a_time_from_a_spreadsheet_is_written_like_one_from_a_server():
    assert answers({"start": "2014-05-12 08:00:00"}).loc[0, "start"] == "2014-05-12T08:00:00"


@pytest.mark.parametrize("mark", ["Z", "+00:00", "+0000", "+01", ""])
def test_a_time_as_a_collection_server_writes_it_stays_as_written(mark):
    assert answers({"start": f"2014-05-12T09:00:00.000{mark}"}).loc[0, "start"] == f"2014-05-12T09:00:00.000{mark}"


def test_a_text_that_looks_like_a_reason_is_not_one():
    assert answers({"remarks": "~refused"}).loc[0, "remarks"] == "refused"


@pytest.mark.parametrize(
    ("person", "complaint"),
    [
        ({"sex": "femal"}, r"1 answer\(s\) to sex use the codes \['femal'\].*choices\.csv"),
        ({"goods_seen": "livestock gld"}, r"goods_seen use the codes \['gld'\]"),
        ({"region": "west"}, r"region use the codes \['west'\], in rows \[2\]; known are \['north', 'south'\]"),
        ({"age": "old"}, r"1 answer\(s\) to age are no integer, in rows \[2\], such as \['old'\]"),
        ({"age": "34.5"}, "age are no integer"),
        ({"age": "inf"}, "age are no integer"),
        ({"start": "12/05/2014"}, r"start are no ISO 8601 time, in rows \[2\]"),
        ({"__version__": "3"}, r"form version \['3'\]; the questionnaire knows \['1', '2'\]"),
        ({"_uuid": ""}, "1 record.* no respondent id"),
        ({"_uuid": "a0", "age": "35"}, r"1 respondent id\(s\).* differ, in rows \[1, 2\]"),
    ],
)
def test_a_value_that_fits_nowhere_is_named_with_column_count_and_place(person, complaint):
    with pytest.raises(ValueError, match=complaint) as caught:
        answers({}, person)
    assert "hill/community" in str(caught.value)


def test_a_text_where_a_code_should_be_is_told_in_short():
    with pytest.raises(ValueError, match="use the codes") as caught:
        answers({"sex": "<script>" * 1000})
    assert len(str(caught.value)) < 400


def test_a_renamed_column_is_named_with_its_likely_new_name():
    with pytest.raises(ValueError, match=r"missing \['trust_army'\], 1 unknown .*trust_army: perhaps trust_armee"):
        type_answers(export({}).rename(columns={"trust_army": "trust_armee"}), FORM, profile())


def test_an_unknown_column_is_never_dropped_in_silence():
    with pytest.raises(ValueError, match=r"1 unknown \['shoe_size'\]"):
        type_answers(export({}).assign(shoe_size="43"), FORM, profile())


def test_an_unknown_code_among_dummies_is_named():
    apart = export({}).drop(columns="goods_seen").assign(**{"goods_seen/gold": "1"})
    with pytest.raises(ValueError, match=r"goods_seen has columns for the codes \['gold'\]"):
        type_answers(apart, FORM, profile())


def test_a_dummy_that_is_neither_true_nor_false_is_named():
    apart = export({}).drop(columns="goods_seen").assign(**{"goods_seen/none": "maybe"})
    with pytest.raises(ValueError, match=r"goods_seen has \['maybe'\] where 0, 1 or empty"):
        type_answers(apart, FORM, profile())


def test_two_columns_for_one_question_are_refused():
    with pytest.raises(ValueError, match="'age' and 'profile/age' both hold age"):
        type_answers(export({}).assign(**{"profile/age": "50"}), FORM, profile())


@pytest.mark.parametrize("system", ["_uuid", "__version__", "_submission_time"])
def test_an_export_without_a_system_column_is_refused(system):
    with pytest.raises(ValueError, match=f"no column '{system}'"):
        type_answers(export({}).drop(columns=system), FORM, profile())


def test_a_record_sent_twice_stays_for_the_check_to_find():
    again = answers({"_uuid": "awa"}, {"_uuid": "awa", "_submission_time": "2014-05-13T20:00:00Z"})
    assert list(again["respondent_id"]) == ["awa", "awa"]
    assert list(again["row_number"]) == ["1", "2"]


def test_the_frame_handed_in_is_left_alone():
    raw = export({"age": "34.0"})
    before = raw.copy()
    type_answers(raw, FORM, profile())
    assert raw.equals(before)


def test_reasons_are_counted_by_column():
    counts = reason_counts(answers({"trust_army": "refused"}, {}, NO_CONSENT)).set_index("column")
    found = counts.loc["trust_army"]
    assert (found["answered"], found[REFUSED], found[NOT_ASKED]) == (1, 1, 1)
    assert counts.loc["crossing_frequency", NOT_ASKED] == 3


def test_awa_is_complete():
    assert set(AWA) == {*FORM.names, "_uuid", "__version__", "_submission_time"}
