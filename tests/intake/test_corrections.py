"""The log is the whole difference between typed and cleaned answers."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bsna.intake.checks import run_checks
from bsna.intake.cleaned import LOG_COLUMNS, clean, cleaning_counts, replay
from bsna.intake.decisions import DECISION_COLUMNS, load_decisions
from bsna.intake.faults import WHOLE
from bsna.intake.reasons import DROPPED, NO_ANSWER
from bsna.intake.typed import type_answers
from tests.intake.village import FORM, check, export, profile, typed

FORMS = {"community": FORM}
DAY = date(2014, 7, 1)
AGE = check("range", "age", "set_missing", low=18, high=105)
TWICE = check("duplicate_exact", "", "drop")
FAST = check("duration", "", "flag", low=12, high=240)


def decision(name: str = "D1", **changes: str) -> dict[str, str]:
    usual = {
        "decision_id": name,
        "population": "community",
        "where_column": "respondent_id",
        "where_value": "a0",
        "column": "age",
        "was": "34",
        "now": "43",
        "reason": "Digits swapped; called back",
        "who": "field supervisor",
        "when": "2014-06-25",
    }
    return {**usual, **changes}


DROP = {"column": WHOLE, "was": "", "now": DROPPED}


def decisions(*rows: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(DECISION_COLUMNS), dtype=str)


def cleaning(frame, *rows: dict[str, str], checks=()):
    findings = run_checks({"community": frame}, tuple(checks), FORMS)
    return clean({"community": frame}, findings, decisions(*rows), FORMS, when=DAY)


def changed(before: pd.DataFrame, after: pd.DataFrame) -> set[tuple[str, str]]:
    """Cells that differ between two tables of the same records, by row number and column."""
    after = after.set_index("row_number")
    before = before.set_index("row_number").loc[after.index, after.columns]
    differs = before != after
    return {(row, column) for column in after.columns for row in after.index[differs[column]]}


def test_a_rule_changes_its_cell_and_writes_down_old_value_new_value_reason_and_date():
    frame = typed({"age": "7"}, {})
    cleaned = cleaning(frame, checks=[AGE])
    assert changed(frame, cleaned.frames["community"]) == {("1", "age")}
    assert cleaned.frames["community"]["age"].tolist() == [NO_ANSWER, "34"]
    assert list(cleaned.log.columns) == list(LOG_COLUMNS)
    row = cleaned.log[cleaned.log["column"] == "age"].iloc[0]
    assert (row["was"], row["now"], row["reason"]) == ("7", NO_ANSWER, "A reason")
    assert (row["who"], row["when"], row["rule"]) == ("rule", "2014-07-01", "a_check")


def test_a_flag_changes_nothing_and_is_kept():
    frame = typed({"end": "2014-05-12T08:02:00Z"}, {})
    cleaned = cleaning(frame, checks=[FAST])
    assert changed(frame, cleaned.frames["community"]) == set()
    assert cleaned.flags[["row_number", "column"]].to_numpy().tolist() == [["1", WHOLE]]


def test_a_decision_changes_what_it_names_and_stands_in_the_log_under_its_id():
    frame = typed({}, {})
    cleaned = cleaning(frame, decision())
    assert changed(frame, cleaned.frames["community"]) == {("1", "age")}
    assert cleaned.frames["community"]["age"].tolist() == ["43", "34"]
    row = cleaned.log[cleaned.log["rule"] == "D1"].iloc[0]
    assert (row["who"], row["when"], row["was"], row["now"]) == ("field supervisor", "2014-06-25", "34", "43")


def test_a_decision_may_take_out_all_interviews_of_an_enumerator():
    frame = typed({"enumerator_id": "E13"}, {}, {"enumerator_id": "E13"})
    cleaned = cleaning(frame, decision(where_column="enumerator_id", where_value="E13", **DROP))
    assert cleaned.frames["community"]["row_number"].tolist() == ["2"]
    assert (cleaned.log["now"] == DROPPED).sum() == 2 + 2  # two interviews, two personal columns


def test_of_a_record_sent_twice_one_stays_corrected():
    frame = typed({"respondent_id": "awa"}, {"respondent_id": "awa"})
    cleaned = cleaning(frame, decision(where_value="awa"), checks=[TWICE])
    assert cleaned.frames["community"][["row_number", "age"]].to_numpy().tolist() == [["1", "43"]]


def test_a_decision_outranks_a_rule_on_the_same_cell_and_the_finding_stays_visible():
    cleaned = cleaning(typed({"age": "7"}), decision(was="7", now="27"), checks=[AGE])
    assert cleaned.frames["community"]["age"].tolist() == ["27"]
    assert cleaned.flags["check"].tolist() == ["a_check"]


def test_cells_of_an_interview_that_leaves_are_not_changed_as_well():
    frame = typed({"respondent_id": "awa", "age": "7"}, {"respondent_id": "awa", "age": "7"})
    cleaned = cleaning(frame, checks=[AGE, TWICE])
    assert cleaned.log.loc[cleaned.log["row_number"] == "2", "column"].tolist() == [WHOLE]


def test_personal_columns_leave_with_one_line_each_and_no_value():
    frame = typed({"respondent_name": "Awa"}, {})
    cleaned = cleaning(frame)
    assert not {"respondent_name", "remarks"} & set(cleaned.frames["community"].columns)
    assert cleaned.log["column"].tolist() == ["respondent_name", "remarks"]
    assert set(cleaned.log["respondent_id"]) == {"*"} and set(cleaned.log["was"]) == {""}


person = st.fixed_dictionaries(
    {
        "age": st.sampled_from(["7", "34", "340", ""]),
        "crossed_12m": st.sampled_from(["yes", "no", "refused"]),
        "crossing_frequency": st.sampled_from(["daily", ""]),
        "risk_second": st.sampled_from(["banditry", "mines"]),
        "enumerator_id": st.sampled_from(["E01", "E13"]),
    }
)
RULES = (
    AGE,
    check("routing", "", "set_missing"),
    check("same_rank", "risk_first risk_second risk_third", "set_missing"),
    TWICE,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(person, min_size=1, max_size=5), st.booleans(), st.booleans())
def test_whatever_people_answer_the_log_alone_makes_cleaned_from_raw(people, sent_twice, drop):
    people = [{**answers, "_uuid": f"a{number}"} for number, answers in enumerate(people)]
    raw = export(*people, *(people[:1] if sent_twice else []))
    frame = type_answers(raw, FORM, profile())
    invented = [decision(where_column="enumerator_id", where_value="E13", **DROP)]
    has_invented = (frame["enumerator_id"] == "E13").any()
    cleaned = cleaning(frame, *(invented if drop and has_invented else []), checks=RULES)
    result = cleaned.frames["community"]
    retyped = type_answers(raw, FORM, profile())
    pd.testing.assert_frame_equal(replay(retyped, cleaned.log, "community"), result)
    # Every difference is on the record, and every record is a difference.
    cells = cleaned.log[~cleaned.log["now"].eq(DROPPED)]
    kept = cells[cells["row_number"].isin(result["row_number"])]
    logged = set(zip(kept["row_number"], kept["column"], strict=True))
    assert changed(frame, result) == logged
    gone = cleaned.log[(cleaned.log["column"] == WHOLE)]["row_number"]
    assert set(frame["row_number"]) - set(result["row_number"]) == set(gone)


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([decision(was="35")], r"D1 .*expects the old value '35', but the delivery has '34'"),
        ([decision(), decision("D2", now="44")], "Decisions D1 and D2 both correct age of row 1"),
        ([decision(where_value="nobody")], "D1 fits no interview of community: respondent_id is nowhere 'nobody'"),
        ([decision(population="chiefs")], "D1: no population 'chiefs'"),
        ([decision(column="agee")], "D1: column 'agee' is no column of community"),
        ([decision(where_column="enum")], "D1: where_column 'enum' is no column"),
        ([decision(now="forty")], "D1: the new value 'forty' of age is not a value of type integer"),
        ([decision(column="sex", was="female", now="man")], r"'man' of sex is not \['female', 'male'\]"),
        ([decision(column="goods_seen", was="livestock", now="weapons gold")], "'weapons gold' of goods_seen"),
        ([decision(column="respondent_id", was="a0", now="b")], "respondent_id is not the answer to a question"),
        ([decision(column=WHOLE, was="", now="")], r"the new value '' of \* is not ~dropped"),
    ],
)
def test_a_decision_that_does_not_fit_stops_with_its_id(rows, complaint):
    with pytest.raises(ValueError, match=complaint):
        cleaning(typed({}), *rows)


def log_row(**changes: str) -> dict[str, str]:
    usual = dict.fromkeys(LOG_COLUMNS, "") | {"population": "community", "row_number": "1"}
    return usual | {"respondent_id": "a0", "column": "age", "was": "34", "now": "43"} | changes


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ([log_row(), log_row(now="44")], r"1 cell\(s\) are corrected twice, such as age of row 1"),
        ([log_row(was="35")], "expects the old value '35'"),
        ([log_row(respondent_id="a9")], "names a record that is not in the delivery"),
        ([log_row(row_number="9")], "names a record that is not in the delivery"),
        ([log_row(column="agee")], "names an unknown column"),
    ],
)
def test_a_log_that_does_not_fit_the_delivery_is_not_replayed(rows, complaint):
    with pytest.raises(ValueError, match=complaint):
        replay(typed({}), pd.DataFrame(rows, columns=list(LOG_COLUMNS), dtype=str), "community")


def test_replay_leaves_the_typed_table_alone():
    frame = typed({}, {})
    before = frame.copy()
    replay(frame, pd.DataFrame([log_row()], columns=list(LOG_COLUMNS), dtype=str), "community")
    assert frame.equals(before)


def test_counts_say_what_was_found_and_what_became_of_it():
    people = [{"age": "7"}, {"age": "9"}, {"age": "8"}, {"end": "2014-05-12T08:02:00Z"}]
    checks = (AGE, check("duration", "", "flag", id="too_fast", low=12, high=240))
    frame = typed(*people)
    out = [decision("D1", where_value="a0", **DROP), decision("D2", where_value="a1", was="9", now="39")]
    cleaned = cleaning(frame, *out, checks=checks)
    counts = cleaning_counts({"community": frame}, cleaned, checks, FORMS)
    assert counts["interviews"] == [{"population": "community", "received": 4, "dropped": 1, "kept": 3}]
    by_check = {row["check"]: row for row in counts["checks"]}
    # Three ages are wrong: one interview left, one was corrected by a decision, one is left to the rule.
    age = by_check["a_check"]
    assert [age[key] for key in ("found", "changed", "dropped", "flagged", "outranked")] == [3, 1, 0, 0, 2]
    fast = by_check["too_fast"]
    assert [fast[key] for key in ("found", "changed", "dropped", "flagged", "outranked")] == [1, 0, 0, 1, 0]
    decided = {row["decision"]: (row["changed"], row["dropped"]) for row in counts["decisions"]}
    assert decided == {"D1": (0, 1), "D2": (1, 0)}
    assert counts["personal"] == [{"population": "community", "columns": 2}]


def test_examples_show_a_code_as_it_is_a_number_as_dots_and_never_an_id_or_a_text():
    frame = typed(
        {"age": "340", "crossing_frequency": "daily"},
        {"activity": "trade", "activity_other": "a secret said in words"},
    )
    checks = (AGE, check("routing", "", "set_missing", id="unasked"))
    cleaned = cleaning(frame, checks=checks)
    counts = cleaning_counts({"community": frame}, cleaned, checks, FORMS)
    assert counts["examples"] == [
        {"check": "a_check", "population": "community", "column": "age", "was": "•••", "now": NO_ANSWER},
        {
            "check": "unasked",
            "population": "community",
            "column": "crossing_frequency",
            "was": "daily",
            "now": "~not_asked",
        },
    ]
    told = str(counts)
    assert not any(private in told for private in ("a0", "a1", "340", "secret", "Awa"))


def corrections(hill, text: str) -> None:
    (hill / "assessment" / "corrections" / "hill.csv").write_text(text, encoding="utf-8")


HEAD = ",".join(DECISION_COLUMNS)
LINE = "D1,community,respondent_id,a0,age,34,43,called back,supervisor,2014-06-25"


def test_decisions_are_read_as_text_and_a_survey_may_have_none(hill):
    assert load_decisions("hill").empty
    corrections(hill, f"{HEAD}\n{LINE}\n")
    assert load_decisions("hill").loc[0, ["was", "now"]].tolist() == ["34", "43"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f"{HEAD},more\n{LINE},x\n", "has the columns .* expected"),
        (f"{HEAD}\n{LINE}\n{LINE}\n", r"the decisions \['D1'\] stand twice"),
        (f"{HEAD}\n{LINE.replace('called back', '')}\n", r"hill\.csv line 2: the decision has no reason"),
        (f"{HEAD}\n{LINE.replace('supervisor', ' ')}\n", "line 2: the decision has no who"),
        (f"{HEAD}\n{LINE.replace('called back', 'called back, twice')}\n", "the first on line 2: .*not in quotes"),
        (f"{HEAD}\n{LINE}\nD2,community\n", "the first on line 3"),
        (f"{HEAD}\n{LINE.replace('2014-06-25', 'in June')}\n", "line 2: when is 'in June', expected a date"),
        (f"{HEAD}\n{LINE.replace('2014-06-25', '')}\n", "line 2: the decision has no when"),
    ],
)
def test_a_decision_that_is_no_full_record_is_refused(hill, text, complaint):
    corrections(hill, text)
    with pytest.raises(ValueError, match=complaint):
        load_decisions("hill")
