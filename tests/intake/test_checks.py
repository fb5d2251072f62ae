"""Each kind of fault is found where it is, and only there; nothing is changed."""

import pytest

from bsna.intake.checks import FINDING_COLUMNS, load_checks, run_checks
from bsna.intake.faults import WHOLE
from bsna.intake.instrument import load_questionnaire
from bsna.intake.reasons import DROPPED, NO_ANSWER, NOT_ASKED, NOT_IN_SURVEY, REFUSED
from tests.intake.village import FORM, check, typed

NOTHING_ASKED = {q.name: NOT_ASKED for q in FORM.questions if q.relevance} | {"consent": "no"}


def found(frame, rule):
    """(row number, column) of each finding."""
    findings = run_checks({"community": frame}, (rule,), {"community": FORM})
    return list(zip(findings["row_number"], findings["column"], strict=True))


def test_numbers_outside_their_range_are_found_and_limits_are_inside():
    ages = typed(*[{"age": age} for age in ("17", "18", "105", "106", "340", REFUSED)])
    rule = check("range", "age", low=18, high=105)
    assert found(ages, rule) == [("1", "age"), ("4", "age"), ("5", "age")]


def test_text_without_the_right_form_is_found():
    codes = typed(*[{"enumerator_id": code} for code in ("E01", "E1", "e01", "XE01")])
    rule = check("allowed", "enumerator_id", form="E[0-9]{2}")
    assert [row for row, _ in found(codes, rule)] == ["2", "3", "4"]


def test_a_part_greater_than_the_whole_is_found():
    frame = typed({"age": "4"}, {"age": "5"}, {"age": "6"}, {"age": REFUSED})
    frame["trust_army"] = "5"
    assert found(frame, check("exceeds", "age trust_army")) == [("3", "age")]


def test_an_answer_to_a_question_not_asked_is_found_with_all_that_hangs_on_it():
    frame = typed(
        {"crossed_12m": "no", "crossing_frequency": "daily", "crossing_route": "post"},
        {"crossed_12m": "yes", "crossing_frequency": "daily", "crossing_route": "post"},
    )
    rule = check("routing", action="set_missing")
    findings = run_checks({"community": frame}, (rule,), {"community": FORM})
    assert list(findings["column"]) == ["crossing_frequency", "crossing_route"]
    assert set(findings["row_number"]) == {"1"}
    assert set(findings["now"]) == {NOT_ASKED}


def test_routing_accuses_nobody_where_the_survey_did_not_ask_the_gate():
    frame = typed({"consent": NOT_IN_SURVEY, "crossed_12m": NOT_IN_SURVEY, "crossing_frequency": "daily"})
    assert found(frame, check("routing")) == []


def test_the_second_mention_of_a_rank_is_found_once():
    ranks = "risk_first risk_second risk_third"
    frame = typed(
        {},
        {"risk_second": "banditry"},
        {"risk_second": "banditry", "risk_third": "banditry"},
        {"risk_second": REFUSED, "risk_third": REFUSED},
    )
    rule = check("same_rank", ranks)
    assert found(frame, rule) == [("2", "risk_second"), ("3", "risk_second"), ("3", "risk_third")]


def test_a_record_sent_twice_is_found_in_the_later_copy():
    frame = typed({"respondent_id": "awa"}, {"respondent_id": "bah"}, {"respondent_id": "awa", "submitted": "later"})
    assert found(frame, check("duplicate_exact")) == [("3", WHOLE)]


def test_nearly_equal_interviews_of_one_cluster_are_found_in_the_later_one():
    other = {"sex": "male", "activity": "trade", "trust_army": "a_lot", "trust_police": "a_lot"}
    other |= {"goods_seen": "none", "risk_first": "mines", "risk_second": "banditry"}
    frame = typed({}, other, {"age": "50"}, {"cluster_id": "N2"})
    assert found(frame, check("duplicate_near", "cluster_id", share=0.9)) == [("3", WHOLE)]


def test_people_who_did_not_consent_are_not_called_duplicates_or_too_fast():
    silent = typed(NOTHING_ASKED, NOTHING_ASKED)
    silent["end"] = "2014-05-12T08:01:00Z"
    assert found(silent, check("duplicate_near", "cluster_id", share=0.9)) == []
    assert found(silent, check("duration", low=12, high=240)) == []


def test_interviews_too_short_or_too_long_are_found():
    times = ("08:11", "08:12", "12:00", "12:01")
    frame = typed(*[{"end": f"2014-05-12T{time}:00Z"} for time in times])
    assert found(frame, check("duration", low=12, high=240)) == [("1", WHOLE), ("4", WHOLE)]


def test_time_zones_are_taken_into_account():
    frame = typed({"start": "2014-05-12T08:00:00Z", "end": "2014-05-12T09:05:00+01:00"})
    assert found(frame, check("duration", low=12, high=240)) == [("1", WHOLE)]


def test_the_same_answer_throughout_every_battery_is_found():
    columns = "trust_army trust_police risk_first risk_second risk_third"
    alike = {"trust_army": "a_lot", "trust_police": "a_lot"} | dict.fromkeys(columns.split()[2:], "mines")
    frame = typed(alike, {**alike, "risk_third": "banditry"}, {**alike, "trust_army": REFUSED, "trust_police": REFUSED})
    rule = check("straight_lining", columns, batteries=["trust_", "risk_"])
    assert found(frame, rule) == [("1", WHOLE)]


def test_a_number_far_from_the_others_is_found():
    frame = typed(*[{"age": age} for age in ("30", "31", "32", "33", "34", "99", REFUSED)])
    assert found(frame, check("outlier", "age", deviations=6)) == [("6", "age")]


def test_no_number_is_far_where_most_are_equal():
    frame = typed(*[{"age": age} for age in ("30", "30", "30", "99")])
    assert found(frame, check("outlier", "age", deviations=6)) == []


def team(invents_fast: bool, invents_alike: bool):
    """Three enumerators with three interviews each; E03 is the one to look at."""
    varied = ("not_at_all", "a_little", "somewhat")
    people = []
    for who in ("E01", "E02", "E03"):
        for number in range(3):
            suspect = who == "E03"
            answers = (
                {}
                if suspect and invents_alike
                else {
                    "trust_army": varied[number],
                    "sex": ["male", "female"][number % 2],
                    "risk_first": ["mines", "extremism", "banditry"][number],
                    "activity": ["trade", "other", "herding"][number],
                }
            )
            minutes = "15" if suspect and invents_fast else "50"
            people.append({"enumerator_id": who, "end": f"2014-05-12T08:{minutes}:00Z", **answers})
    return typed(*people)


@pytest.mark.parametrize(
    ("fast", "alike", "rows"),
    [(True, True, ["7", "8", "9"]), (True, False, []), (False, True, [])],
)
def test_an_enumerator_is_suspected_on_two_signals_and_never_on_one(fast, alike, rows):
    rule = check("enumerator", "enumerator_id", minutes_share=0.6, agreement_above=0.1)
    assert [row for row, _ in found(team(fast, alike), rule)] == rows


def recodes(hill, *lines):
    path = hill / "assessment" / "checks" / "recodes.csv"
    path.write_text("\n".join(["question,text,code", *lines]) + "\n", encoding="utf-8")


def test_free_text_that_a_code_covers_is_recoded_and_other_text_is_left_for_a_person(hill):
    recodes(hill, "activity_other,Vente de lait,trade")
    said = {"activity": "other", "activity_other": "vente de LAIT "}
    frame = typed(said, {"activity": "other", "activity_other": "guérisseur"}, {"activity_other": "vente de lait"})
    recode = check("other_recode", "activity_other activity", "recode")
    findings = run_checks({"community": frame}, (recode,), {"community": FORM})
    assert findings[["row_number", "column", "value", "now"]].to_numpy().tolist() == [
        ["1", "activity", "other", "trade"]
    ]
    assert found(frame, check("other_open", "activity_other")) == [("2", "activity_other")]


def test_a_recode_to_a_code_that_does_not_exist_is_refused(hill):
    recodes(hill, "activity_other,vente de lait,commerce")
    with pytest.raises(ValueError, match=r"gives activity_other the codes \['commerce'\]"):
        found(typed({}), check("other_recode", "activity_other activity", "recode"))


@pytest.mark.parametrize(("action", "now"), [("flag", ""), ("set_missing", NO_ANSWER), ("drop", DROPPED)])
def test_a_finding_says_what_was_found_and_what_the_rule_proposes(action, now):
    findings = run_checks(
        {"community": typed({"age": "7"})}, (check("range", "age", action, low=18, high=105),), {"community": FORM}
    )
    assert list(findings.columns) == list(FINDING_COLUMNS)
    assert findings.to_dict("records") == [
        {
            "check": "a_check",
            "population": "community",
            "row_number": "1",
            "respondent_id": "a0",
            "column": "age",
            "value": "7",
            "action": action,
            "now": now,
            "reason": "A reason",
        }
    ]


def test_a_check_of_a_population_the_survey_lacks_is_passed_over():
    assert run_checks({}, (check("range", "age", low=1, high=2),), {}).empty


def test_a_check_on_a_question_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match=r"check a_check names the questions \['agee'\]"):
        found(typed({}), check("range", "agee", low=1, high=2))


def test_checks_leave_the_answers_alone():
    frame = typed({"crossed_12m": "no", "crossing_frequency": "daily"})
    before = frame.copy()
    found(frame, check("routing"))
    assert frame.equals(before)


HEAD = "check,population,kind,columns,parameters,action,reason_en,reason_fr"


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["a,community,rangee,age,low = 1; high = 2,flag,x,y"], "line 2: kind 'rangee'"),
        (
            ["a,community,range,age,low = 1; high = 2,delete,x,y"],
            "line 2: action 'delete' is unknown; known are .*flag",
        ),
        (["a,community,range,age,low = 1,flag,x,y"], r"line 2: kind range has the parameters \['high', 'low'\]"),
        (["a,communty,range,age,low = 1; high = 2,flag,x,y"], "line 2: population 'communty' is unknown"),
        (["a,community,range,age,low = 1; high = true,flag,x,y"], "line 2: high is True, no number"),
        (["a,community,allowed,age,form = '[',flag,x,y"], r"line 2: form is '\[', no pattern"),
        (["a,community,straight_lining,age,batteries = 'trust_',flag,x,y"], "batteries is 'trust_', no list"),
        (["a,community,exceeds,age,,flag,x,y"], r"line 2: kind exceeds speaks of 2 column\(s\), found \['age'\]"),
        (["a,community,routing,age,,flag,x,y"], r"kind routing speaks of 0 column\(s\), found \['age'\]"),
        (["a,community,same_rank,,,flag,x,y"], r"kind same_rank speaks of at least one column, found \[\]"),
        (["a,community,routing,,,flag,x, or y"], None),
        (["a,community,routing,,,flag,x,y,or z"], "another number of cells than the 8 columns, the first on line 2"),
        (["a,community,range,age,low is 1,flag,x,y"], "line 2: parameters 'low is 1' are no TOML"),
        (["a,community,routing,,,flag,x,y", "a,leaders,routing,,,flag,x,y"], "line 3: check 'a' stands twice"),
    ],
)
def test_a_faulty_row_of_the_table_of_checks_is_named_with_its_line(hill, lines, complaint):
    (hill / "assessment" / "checks" / "checks.csv").write_text("\n".join([HEAD, *lines]), encoding="utf-8")
    if complaint is None:
        assert len(load_checks()) == len(lines)
        return
    with pytest.raises(ValueError, match=complaint):
        load_checks()


def test_a_recode_of_a_question_that_no_check_recodes_is_named_with_its_line(hill):
    line = "a,community,other_recode,activity_other activity,,recode,x,y"
    (hill / "assessment" / "checks" / "checks.csv").write_text(f"{HEAD}\n{line}\n", encoding="utf-8")
    recodes(hill, "activity_other,vente de lait,trade", "activty_other,tissage,crafts")
    with pytest.raises(ValueError, match=r"recodes\.csv line 3: no check recodes 'activty_other'"):
        load_checks()


def test_a_table_of_recodes_with_other_columns_is_refused(hill):
    (hill / "assessment" / "checks" / "recodes.csv").write_text("question,txt,code\na,b,c\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"recodes\.csv has the columns \['question', 'txt', 'code'\]"):
        found(typed({}), check("other_open", "activity_other"))


def test_a_table_of_checks_with_other_columns_is_refused(hill):
    (hill / "assessment" / "checks" / "checks.csv").write_text("check,kind\na,range\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"has the columns \['check', 'kind'\], expected"):
        load_checks()


def test_the_checks_of_the_house_fit_its_questionnaires_and_speak_both_languages():
    rules = load_checks()
    for rule in rules:
        names = load_questionnaire(rule.population).names
        assert set(rule.columns) <= set(names), rule.id
        assert rule.reason["en"] and rule.reason["fr"] and rule.reason["en"] != rule.reason["fr"]
    assert not [rule.id for rule in rules if rule.kind == "enumerator" and rule.action != "flag"]
