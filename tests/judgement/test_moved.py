"""What moved between two runs, on pairs of runs made by hand."""

import pytest

from bsna.judgement import Verdict
from bsna.judgement.editions import ClaimIngredients, Edition, Ingredients, Stated, rounded, stated
from bsna.judgement.moved import Cause, compare

ROW = {
    "population": "community",
    "measure": "m",
    "unit": "share",
    "status": "ok",
    "estimate": 0.4,
    "low": 0.35,
    "high": 0.45,
}
OWN = {"answers": "a", "cleaning": "c", "plan": "p", "questions": "q"}
ALL = {
    "delivery": "d",
    "corrections": "co",
    "plan": "pl",
    "questions": "qu",
    "profile": "pr",
    "simulation": "",
    "seed": 7,
    "code": {"rules.py": "1", "rows.py": "1"},
    "libraries": {"numpy": "2.2.0"},
}


def claim(**facts):
    usual = {
        "verdict": "supported",
        "grade": "B",
        "p_for": 0.01,
        "p_against": 0.99,
        "family": ("A", "B"),
        "rows": (ROW,),
    }
    return Stated(**usual | facts)


def run(claims=None, recommendations=None, own=None, **made_from):
    """A run with two claims, A and B, of one family; `own` are the ingredients of A."""
    claims = {"A": claim(), "B": claim()} if claims is None else claims
    parts = {name: ClaimIngredients(**OWN | ((own or {}) if name == "A" else {})) for name in claims}
    advice = {"R1": "holds"} if recommendations is None else recommendations
    return Edition(
        survey="zz", claims=claims, recommendations=advice, ingredients=Ingredients(claims=parts, **ALL | made_from)
    )


def a_moved(**made_from):
    """A run in which A has another estimate, made from other things."""
    return run({"A": claim(rows=({**ROW, "estimate": 0.5},)), "B": claim()}, **made_from)


def causes(before, after, name="A"):
    return next(move for move in compare(before, after).claims if move.claim_id == name).causes


def test_of_two_runs_that_say_the_same_nothing_moved():
    moved = compare(run(), run())
    assert moved.is_empty and moved.differs == ()
    assert [move.state for move in moved.claims] == ["same", "same"]


def test_code_that_moves_nothing_is_told_as_a_difference_and_moves_no_claim():
    moved = compare(run(), run(code={"rules.py": "2", "rows.py": "1"}))
    assert moved.is_empty
    assert moved.differs == (Cause("code", ("rules.py",)),)


def test_verdict_and_grade_before_and_after_are_told():
    moved = compare(run(), run({"A": claim(verdict="uncertain", grade="C", p_for=0.2), "B": claim()}))
    assert (moved.claims[0].verdict, moved.claims[0].grade) == (("supported", "uncertain"), ("B", "C"))
    assert moved.claims[0].state == "moved" and moved.claims[1].state == "same"


def test_a_last_digit_that_rounds_otherwise_is_no_move_and_the_next_one_is():
    # kept to six digits, 0.400000 and 0.400004 differ by 1 in 100,000; 0.400000 and 0.40001 by 2.5
    for estimate, state in ((0.400004, "same"), (0.40001, "moved")):
        after = run({"A": claim(rows=({**ROW, "estimate": estimate},)), "B": claim()})
        assert compare(run(), after).claims[0].state == state


def test_an_interval_that_moves_about_a_still_estimate_is_a_move():
    moved = compare(run(), run({"A": claim(rows=({**ROW, "high": 0.5},)), "B": claim()}))
    assert moved.claims[0].state == "moved"
    assert (moved.claims[0].rows[0].before, moved.claims[0].rows[0].after) == (ROW, {**ROW, "high": 0.5})


def test_the_estimate_that_moved_furthest_comes_first_and_rows_that_came_or_went_before_it():
    rows = tuple({**ROW, "measure": name, "estimate": 0.4} for name in "abc")
    after = ({**rows[0], "estimate": 0.41}, {**rows[1], "estimate": 0.38}, {**ROW, "measure": "d"})
    moves = compare(run({"A": claim(rows=rows)}), run({"A": claim(rows=after)})).claims[0]
    assert [(move.after or move.before)["measure"] for move in moves.rows] == ["d", "c", "b", "a"]
    assert moves.compared == 4


def test_an_estimate_that_is_withheld_now_has_moved():
    hidden = {key: ROW[key] for key in ("population", "measure", "unit")} | {"status": "withheld"}
    assert compare(run(), run({"A": claim(rows=(hidden,)), "B": claim()})).claims[0].state == "moved"


def test_a_claim_that_is_new_or_gone_comes_from_the_plan():
    moved = compare(run({"A": claim()}), run({"B": claim()}))
    assert [(move.claim_id, move.state, move.causes) for move in moved.claims] == [
        ("B", "new", (Cause("plan"),)),
        ("A", "gone", (Cause("plan"),)),
    ]


def test_a_recommendation_that_changed_came_or_went_is_told():
    moved = compare(
        run(recommendations={"R1": "holds", "R2": "fails"}), run(recommendations={"R1": "mixed", "R3": "holds"})
    )
    assert moved.recommendations == {"R1": ("holds", "mixed"), "R3": ("", "holds"), "R2": ("fails", "")}
    assert not moved.is_empty


@pytest.mark.parametrize(
    ("after", "cause"),
    [
        ({"own": {"answers": "b"}, "delivery": "e"}, Cause("data")),
        ({"own": {"cleaning": "b"}, "corrections": "e"}, Cause("corrections")),
        ({"own": {"plan": "b"}, "plan": "e"}, Cause("plan")),
        ({"own": {"questions": "b"}, "questions": "e"}, Cause("questions")),
        ({"profile": "e"}, Cause("profile")),
        ({"seed": 8}, Cause("seed")),
        ({"code": {"rules.py": "2", "new.py": "1", "rows.py": "1"}}, Cause("code", ("new.py", "rules.py"))),
        ({"libraries": {"numpy": "2.3.0"}}, Cause("library", ("numpy 2.2.0 → 2.3.0",))),
        ({"plan": "e", "corrections": "f"}, Cause("elsewhere", ("corrections", "plan"))),
    ],
)  # fmt: skip
def test_one_thing_that_differs_is_the_cause(after, cause):
    assert causes(run(), a_moved(**after)) == (cause,)


def test_several_things_that_differ_are_all_named_and_what_the_claim_does_not_use_is_not():
    # the corrections changed, but none of those to A's questions
    after = a_moved(own={"answers": "b", "plan": "b"}, delivery="e", plan="e", corrections="e")
    assert causes(run(), after) == (Cause("data"), Cause("plan"))


def test_what_nothing_recorded_can_account_for_has_no_cause():
    assert causes(run(), a_moved()) == ()


def test_answers_read_otherwise_from_the_same_files_are_laid_to_the_code_and_not_to_the_data():
    after = a_moved(own={"answers": "b", "cleaning": "b"}, code={"rules.py": "1", "rows.py": "2"})
    assert causes(run(), after) == (Cause("code", ("rows.py",)),)


def test_new_answers_that_the_checks_of_before_correct_are_laid_to_the_data_alone():
    assert causes(run(), a_moved(own={"answers": "b", "cleaning": "b"}, delivery="e")) == (Cause("data"),)


def test_a_simulated_survey_drawn_otherwise_is_no_new_data():
    drawn = {"own": {"answers": "b"}, "delivery": "e"}
    before = run(simulation="s")
    assert causes(before, a_moved(simulation="t", **drawn)) == (Cause("simulation"),)
    assert causes(before, a_moved(simulation="s", seed=8, **drawn)) == (Cause("seed"),)
    assert causes(before, a_moved(simulation="s", **drawn)) == (Cause("data"),)


def test_a_verdict_that_only_the_correction_for_many_claims_moved_is_laid_to_those_of_its_family_that_moved():
    # B's own p-value stays 0.03; A's rises from 0.01 to 0.04, so that Holm multiplies B's by 2: 0.06
    before = run({"A": claim(p_for=0.01), "B": claim(p_for=0.03, p_for_adjusted=0.03)})
    after = run(
        {"A": claim(p_for=0.04), "B": claim(p_for=0.03, p_for_adjusted=0.06, verdict="uncertain")},
        own={"answers": "b"},
        delivery="e",
    )
    b = compare(before, after).claims[1]
    assert (b.claim_id, b.verdict, b.through, b.causes) == ("B", ("supported", "uncertain"), ("A",), (Cause("data"),))


def test_runs_of_two_surveys_are_not_compared():
    with pytest.raises(ValueError, match="zz and zy are two surveys"):
        compare(run(), run().model_copy(update={"survey": "zy"}))


def full_row(**facts):
    return {**ROW, "by": "", "level": "", "category": "", "se": 0.02, "n": 253.0, "n_yes": None, "deff": 1.2} | facts


def test_what_is_kept_of_a_verdict_has_six_digits_and_nothing_else_than_is_shown():
    verdict = Verdict("A", "supported", p_for=0.00123456789, rows=(full_row(estimate=1 / 3),), grade="A")
    kept = stated([verdict], {"A": "f", "B": "f", "C": "g"})["A"]
    assert (kept.p_for, kept.rows[0]["estimate"], kept.family) == (0.00123457, 0.333333, ("A", "B"))
    assert "deff" not in kept.rows[0] and "n_yes" not in kept.rows[0]
    assert rounded(float("nan")) is None


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (full_row(status=""), "has the status ''"),
        (full_row(n_yes=3.0), "exact count"),
        (full_row(status="withheld"), r"is withheld but holds \['estimate', 'se', 'low', 'high', 'n'\]"),
    ],
)
def test_a_row_that_was_not_released_is_refused(row, complaint):
    with pytest.raises(ValueError, match=complaint):
        stated([Verdict("A", "supported", rows=(row,))], {"A": "f"})
