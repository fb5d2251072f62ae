"""Recommendations stand or fall with their evidence, and none is dropped."""

from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from bsna.estimation import survey_design
from bsna.intake.expressions import parsed
from bsna.intake.instrument import load_questionnaire
from bsna.intake.plan import load_plan, validate_plan
from bsna.intake.plan_recommendations import Evidence, FollowUp, Ordering, Recommendation, claims_behind
from bsna.intake.profile import POPULATIONS, Publication
from bsna.judgement import Verdict, recommend
from bsna.judgement.borders import binding_border
from bsna.judgement.recommendations.evidence import interval_grade
from bsna.judgement.recommendations.followup import follow_up
from bsna.judgement.recommendations.logic import deciding, grade_of, negated, outcome_of, status_of
from bsna.judgement.recommendations.weighing import order

RULES = Publication(threshold=10, min_clusters=3, imprecise_half_width=0.15, imprecise_n=30, admin_level="region")
N = 400
FORMS = {name: load_questionnaire(name) for name in POPULATIONS}
H, F, U, X = "holds", "fails", "unclear", "not_testable"


def people(**columns):
    frame = pd.DataFrame({"weight": 1.0, "stratum": "all", "psu": np.arange(N) % 40})
    spread = np.random.default_rng(5)
    made = {
        k: spread.permutation((np.arange(N) < v * N).astype(float)) if np.isscalar(v) else v for k, v in columns.items()
    }
    return survey_design(frame.assign(**made))


SEEN = Evidence(id="seen", model="trust_army", term="patrol_sight", level="weekly", note={"en": "Seen", "fr": "Vu"})


def with_association():
    """The plan with one recommendation that hangs on an association alone."""
    plan = load_plan()
    rows = tuple(
        Recommendation.model_validate(row.model_dump() | {"evidence": "seen"}) if row.id == "R4" else row
        for row in plan.recommendations
    )
    return plan.model_copy(update={"recommendations": rows, "evidence": (*plan.evidence, SEEN)})


def weigh(row_id, *, verdicts=(), absent=None, rules=RULES, plan=None, **designs):
    """The recommendation with this id; measures that a design lacks count as not asked."""
    plan = plan or load_plan()
    said = {claim.id: Verdict(claim.id, "not_asked") for claim in plan.claims}
    said |= {name: v if isinstance(v, Verdict) else Verdict(name, v) for name, v in dict(verdicts).items()}
    gone = {
        p: tuple(m.measure for m in plan.measures if m.population == p and m.measure not in d.frame)
        for p, d in designs.items()
    }
    made = recommend(plan, list(said.values()), designs, absent or gone, rules)
    return next(row for row in made if row.id == row_id)


def test_all_thirteen_stay_even_where_nothing_can_be_tested():
    plan = load_plan()
    made = recommend(plan, [Verdict(claim.id, "not_asked") for claim in plan.claims], {}, {}, RULES)
    assert [row.id for row in made] == [f"R{n}" for n in range(1, 14)]
    assert {row.status for row in made} == {"not_testable"}
    assert all(row.baseline is None and row.follow_up is None and row.grade is None for row in made)
    assert {row.tested for row in made} == {0}


TABLES = {  # rows: a; columns: b; in the order holds, fails, unclear, not testable
    "a and b": [[H, F, U, X], [F, F, F, F], [U, F, U, U], [X, F, U, X]],
    "a or b": [[H, H, H, H], [H, F, U, X], [H, U, U, U], [H, X, U, X]],
    "a and not b": [[F, H, U, X], [F, F, F, F], [F, U, U, U], [F, X, U, X]],
}


@pytest.mark.parametrize("text", TABLES)
def test_each_operator_has_its_truth_table(text):
    made = [[outcome_of(parsed(text), {"a": a, "b": b}) for b in (H, F, U, X)] for a in (H, F, U, X)]
    assert made == TABLES[text]


@pytest.mark.parametrize(
    ("outcomes", "made"),
    [
        ((H, H, F), H),
        ((H, H, X), H),  # the third cannot change it
        ((H, F, F), F),  # one is all that could hold
        ((F, F, X), F),
        ((H, F, U), U),
        ((H, F, X), X),
        ((H, U, X), U),
        ((U, U, U), U),
        ((X, X, X), X),
    ],
)
def test_at_least_two_of_three_counts(outcomes, made):
    assert outcome_of(parsed("at least 2 of (a, b, c)"), dict(zip("abc", outcomes, strict=True))) == made


def test_an_expression_holds_or_fails_only_if_it_does_whatever_becomes_of_what_is_open():
    expressions = [
        parsed("a and (b or not c)"),
        parsed("not (a or b) or c"),
        parsed("at least 2 of (a, b and c, not d)"),
    ]
    for expression, outcomes in product(expressions, product((H, F, U, X), repeat=4)):
        known = dict(zip("abcd", outcomes, strict=True))
        choices = product(*[(value,) if value in (H, F) else (H, F) for value in outcomes])
        ends = {outcome_of(expression, dict(zip("abcd", one, strict=True))) for one in choices}
        found = outcome_of(expression, known)
        assert ends == ({found} if found in (H, F) else {H, F})


def test_not_turns_and_into_or():
    for a, b in product((H, F, U, X), repeat=2):
        known = {"a": a, "b": b}
        assert outcome_of(parsed("not (a and b)"), known) == outcome_of(parsed("not a or not b"), known)


@pytest.mark.parametrize(
    ("outcome", "sides", "status"),
    [
        (H, ("for", "against"), "holds"),
        (F, ("against", "open"), "fails"),
        (F, ("against", "for"), "mixed"),
        (U, ("for", "open"), "mixed"),
        (X, ("for", "open"), "not_testable"),
    ],
)
def test_a_recommendation_fails_only_if_nothing_speaks_for_it(outcome, sides, status):
    assert status_of(outcome, dict(zip("ab", sides, strict=True))) == status


def test_an_item_below_not_speaks_for_it_by_failing():
    assert negated(parsed("a and not (b or not c)")) == {"a": False, "b": True, "c": False}


@pytest.mark.parametrize(
    ("text", "outcomes", "grades", "grade"),
    [
        ("a and b", (H, H), "AC", "C"),  # all must hold: the lowest
        ("a or b", (H, H), "AC", "A"),  # one is enough: the better one
        ("a or b", (F, H), "AC", "C"),  # it holds by b alone
        ("a and b", (F, H), "DA", "D"),  # it fails by a alone
        ("a or b", (F, F), "AC", "C"),  # both must fail
        ("not a and b", (F, H), "BA", "B"),
        ("a and b", (U, H), "DA", "D"),
        ("a and b", (H, H), "A-", None),
        ("a and b", (H, X), "A-", None),
    ],
)
def test_the_grade_is_the_lowest_of_what_decides(text, outcomes, grades, grade):
    known = dict(zip("ab", outcomes, strict=True))
    given = {name: None if letter == "-" else letter for name, letter in zip("ab", grades, strict=True)}
    assert grade_of(parsed(text), known, given) == grade


def test_two_of_three_take_the_second_best_grade():
    expression = parsed("at least 2 of (a, b, c)")
    grades = {"a": "A", "b": "B", "c": "D"}
    assert grade_of(expression, dict.fromkeys("abc", H), grades) == "B"
    assert grade_of(expression, dict.fromkeys("abc", F), grades) == "B"  # two that fail are enough


def test_what_alone_would_turn_it_decides():
    assert deciding(parsed("a and b"), {"a": H, "b": H}) == {"a", "b"}
    assert deciding(parsed("a or b"), {"a": H, "b": H}) == set()
    assert deciding(parsed("a and b"), {"a": F, "b": H}) == {"a"}
    assert deciding(parsed("a and b"), {"a": F, "b": F}) == set()


@pytest.mark.parametrize(
    ("row", "outcome", "grade"),
    [
        ({"clusters": 40, "status": "ok"}, H, "A"),
        ({"clusters": 30, "status": "ok"}, F, "A"),
        ({"clusters": 29, "status": "ok"}, H, "B"),
        ({"clusters": 29, "status": "imprecise"}, H, "C"),
        ({"clusters": 40, "status": "ok"}, U, "C"),
        ({"clusters": 29, "status": "imprecise"}, U, "D"),
        ({"clusters": 40, "status": "withheld"}, X, None),
        (None, X, None),
    ],
)
def test_evidence_without_a_claim_is_graded_by_its_interval(row, outcome, grade):
    assert interval_grade(row, outcome, 30) == grade


@pytest.mark.parametrize(
    ("knows", "has", "shares", "status", "outcome"),
    [
        (0.2, 0.3, 0.8, "holds", H),
        (0.8, 0.7, 0.2, "fails", F),
        (0.2, 0.3, 0.2, "mixed", F),
        (0.5, 0.3, 0.8, "mixed", U),
    ],
)
def test_status_follows_from_the_side_on_which_whole_intervals_lie(knows, has, shares, status, outcome):
    found = weigh(
        "R6", community=people(knows_contact=knows, would_share=shares), providers=people(has_focal_point=has)
    )
    assert (found.status, found.outcome, found.tested) == (status, outcome, 3)
    assert found.grade == ("C" if outcome == U else "A")


def test_what_it_cannot_do_without_must_be_tested():
    """Two of three items of an `and` were not asked: the third holds, and tells nothing of the whole."""
    found = weigh("R6", community=people(knows_contact=0.2))
    assert [item.outcome for item in found.evidence] == ["holds", "not_testable", "not_testable"]
    assert (found.status, found.tested, found.grade) == ("not_testable", 1, None)


def test_a_limit_inside_the_interval_is_unclear_and_touching_it_is_too():
    # half of 400 people: the interval holds 0.5
    found = weigh("R6", community=people(knows_contact=0.5))
    assert found.evidence[0].outcome == "unclear"
    assert found.status == "mixed"


@pytest.mark.parametrize(
    ("word", "outcome", "status"),
    [
        ("supported", "holds", "holds"),
        ("contradicted", "fails", "mixed"),
        ("uncertain", "unclear", "mixed"),
        ("not_asked", "not_testable", "not_testable"),
        ("withheld", "not_testable", "not_testable"),
    ],
)
def test_a_verdict_is_evidence_as_far_as_it_goes(word, outcome, status):
    found = weigh("R5", verdicts={"F5": word}, providers=people(has_enough_radio=0.1))
    assert found.evidence[0].outcome == outcome
    assert found.status == status


def test_a_claim_brings_its_grade_and_p_value():
    verdict = Verdict("F5", "supported", p_for_adjusted=0.01, p_against_adjusted=1.0, grade="B")
    found = weigh("R5", verdicts={"F5": verdict}, providers=people(has_enough_radio=0.1))
    assert (found.evidence[0].p, found.evidence[0].grade, found.grade) == (0.01, "B", "B")
    turned = Verdict("F5", "contradicted", p_for_adjusted=1.0, p_against_adjusted=0.02, grade="A")
    assert weigh("R5", verdicts={"F5": turned}, providers=people(has_enough_radio=0.1)).evidence[0].p == 0.02


def test_an_item_of_evidence_may_want_a_claim_contradicted(house):
    path = house / "assessment" / "plan" / "recommendations.toml"
    text = path.read_text(encoding="utf-8").replace('"F5 and few_have_radios"', '"means_there and not few_have_radios"')
    item = '[[evidence]]\nid = "means_there"\nclaim = "F5"\nwants = "contradicted"\nnote = { en = "a", fr = "b" }\n'
    path.write_text(f"{item}\n{text}", encoding="utf-8")
    plan = load_plan()
    assert claims_behind(plan.row("recommendations", "R5"), plan.evidence) == ("F5",)
    found = weigh("R5", verdicts={"F5": "contradicted"}, providers=people(has_enough_radio=0.9))
    assert [(item.outcome, item.side) for item in found.evidence] == [("holds", "for"), ("fails", "for")]
    assert found.status == "holds"


def test_the_border_of_an_item_says_how_far_the_estimate_is_from_turning_it():
    found = weigh("R6", community=people(knows_contact=0.2), providers=people(has_focal_point=0.3))
    border = found.evidence[0].border
    assert (border.measure, border.unit, border.border) == ("knows_contact", "share", 0.5)
    assert border.gap == pytest.approx(0.2 - 0.5)
    assert border.errors == pytest.approx(-0.3 / found.evidence[0].row["se"])
    assert found.evidence[2].border is None


def estimated(name, estimate, se, unit="share"):
    return {"measure": name, "population": "community", "unit": unit, "estimate": estimate, "se": se}


def test_the_border_of_a_claim_is_that_of_the_estimate_that_carries_its_verdict():
    claim = load_plan().row("claims", "F3a")  # shares, each to be above one half
    high = estimated("a", 0.8, 0.1)  # 3 errors above
    near = estimated("b", 0.6, 0.05)  # 2
    low = estimated("c", 0.3, 0.05)  # 4 below
    lower = estimated("d", 0.2, 0.1)  # 3 below
    withheld = estimated("e", None, None)
    found = binding_border(claim, [high, near, withheld])
    assert (found.measure, found.border) == ("b", 0.5) and found.errors == pytest.approx(2)
    assert binding_border(claim, [high, low, near, lower]).measure == "c"
    assert binding_border(claim, [withheld]) is None


def test_the_border_of_no_change_is_the_margin_on_the_side_of_the_estimate():
    claim = load_plan().row("claims", "F2")  # a net change within its margin on both sides of nil
    reach = claim.margin
    for sign in (1, -1):
        found = binding_border(claim, [estimated("a-b", sign * 0.02, 0.01, "points")])
        assert found.border == sign * reach
        assert found.errors == pytest.approx(sign * (0.02 - reach) / 0.01)


def test_a_claim_of_another_rule_has_no_border():
    rows = [estimated("a", 0.52, 0.05)]
    assert binding_border(load_plan().row("claims", "F4"), rows) is None
    assert binding_border(load_plan().row("claims", "F1"), rows) is None


def test_the_baseline_is_the_released_estimate_of_the_indicator():
    found = weigh("R6", community=people(knows_contact=0.2))
    assert found.baseline["measure"] == "knows_contact"
    assert found.baseline["estimate"] == pytest.approx(0.2)
    assert found.need == pytest.approx(0.3)  # the goal is one half
    few = RULES.model_copy(update={"threshold": N + 1})
    hidden = weigh("R6", rules=few, community=people(knows_contact=0.2))
    assert hidden.baseline["status"] == "withheld" and hidden.baseline["estimate"] is None
    assert hidden.status == "not_testable" and hidden.need is None and hidden.follow_up is None


def test_a_goal_that_is_reached_leaves_no_need():
    assert weigh("R6", community=people(knows_contact=0.6)).need == 0
    assert weigh("R9", community=people(finds_crossing_difficult=0.6)).need == pytest.approx(0.1)  # downwards
    assert weigh("R9", community=people(finds_crossing_difficult=0.4)).need == 0


@pytest.mark.parametrize(
    ("weekly", "never", "outcome"), [(0.9, 0.4, "holds"), (0.4, 0.9, "fails"), (0.6, 0.6, "unclear")]
)
def test_an_association_is_evidence_by_its_direction(weekly, never, outcome):
    sight = np.where(np.arange(N) % 2 == 0, "weekly", "never")
    share = np.where(sight == "weekly", weekly, never)
    trusts = np.random.default_rng(1).permutation(N).argsort() / N  # evenly spread over both groups
    seen = people(trusts_army=(trusts < share).astype(float), patrol_sight=sight)
    (found,) = weigh("R4", plan=with_association(), community=seen).evidence
    assert found.outcome == outcome
    assert (found.border.unit, found.border.border) == ("points", 0)


def test_an_association_that_no_model_can_show_is_not_testable():
    """All who see patrols weekly trust the army and nobody else does: the odds run off to infinity."""
    sight = np.where(np.arange(N) % 2 == 0, "weekly", "never")
    split = people(trusts_army=(sight == "weekly").astype(float), patrol_sight=sight)
    plan = with_association()
    assert weigh("R4", plan=plan, community=split).evidence[0].outcome == "not_testable"
    alike = people(trusts_army=np.ones(N), patrol_sight=sight)
    assert weigh("R4", plan=plan, community=alike).evidence[0].outcome == "not_testable"


RULE = FollowUp(power=0.8, alpha=0.05, most_times=5)


def baseline(share, n, deff=1.0):
    """A survey of so many clusters of one person each, in one stratum."""
    se = np.sqrt(deff * share * (1 - share) / n)
    return {"estimate": share, "se": se, "df": n - 1, "n": n, "clusters": n, "deff": deff}


@pytest.mark.parametrize("deff", [1.0, 2.0])
def test_the_next_survey_is_as_large_as_arithmetic_says(deff):
    """From 30% to 40%, by the normal distribution.

    The error of the difference may be 0.1 / (1.9600 + 0.8416) = 0.03569, its square 0.001274. Without design effect the
    baseline takes 0.3 x 0.7 / 1000 = 0.000210 of it. Left are 0.001064, hence 0.4 x 0.6 / 0.001064 = 225.6 people. With a design
    effect of two 0.000854 are left, hence 2 x 0.4 x 0.6 / 0.000854 = 562.1. Student's t asks for a few more.
    """
    needed = 0.4 * 0.6 * deff / ((0.1 / 2.8016) ** 2 - 0.3 * 0.7 * deff / 1000)
    assert needed == pytest.approx({1.0: 225.6, 2.0: 562.1}[deff], abs=0.2)
    found = follow_up(baseline(0.3, 1000, deff), 0.1, 1.25, RULE)
    assert found.state == "reached"
    assert needed < found.clusters < needed + 5
    assert found.people == int(np.ceil(1.25 * found.clusters))  # four of five were asked this


def test_one_cluster_less_would_not_do():
    base = baseline(0.3, 1000)
    found = follow_up(base, 0.1, 1.0, RULE)

    def power(clusters):
        parts = 0.4 * 0.6 / clusters, base["se"] ** 2
        df = sum(parts) ** 2 / (parts[0] ** 2 / (clusters - 1) + parts[1] ** 2 / 999)
        return stats.nct.sf(stats.t.ppf(0.975, df), df, 0.1 / np.sqrt(sum(parts)))

    assert power(found.clusters) >= 0.8 > power(found.clusters - 1)


@pytest.mark.parametrize(
    ("share", "n", "change", "state"),
    [
        (0.3, 1000, 0.1, "reached"),
        (0.3, 170, 0.1, "too_large"),  # 0.21 / 170 = 0.001235 leaves 0.000039: some 6,200 people
        (0.3, 160, 0.1, "baseline_too_rough"),  # 0.21 / 160 = 0.00131, more than 0.001274
        (0.05, 1000, -0.1, "beyond"),
    ],
)
def test_what_cannot_be_reached_says_why(share, n, change, state):
    found = follow_up(baseline(share, n), change, 1.0, RULE)
    assert found.state == state
    assert (found.clusters is None) == (found.people is None) == (state != "reached")


def test_a_design_effect_below_one_is_taken_for_luck():
    lucky = follow_up(baseline(0.3, 1000) | {"deff": 0.5}, 0.1, 1.0, RULE)
    assert lucky.design_effect == 1
    assert lucky.clusters == follow_up(baseline(0.3, 1000), 0.1, 1.0, RULE).clusters


def test_a_survey_of_the_same_size_sees_a_change_of_whole_points():
    """2.8016 x sqrt(0.21 / 1000 + p (1 - p) / 1000): at 36% 0.0587, less than six points; at 35% 0.0585, more than five."""
    assert follow_up(baseline(0.3, 1000), 0.1, 1.0, RULE).seen == 0.06


def test_a_baseline_without_interval_gives_no_sample():
    assert follow_up(None, 0.1, 1.0, RULE) is None
    assert follow_up(baseline(0.3, 1000) | {"se": None}, 0.1, 1.0, RULE) is None


def told(*rows):
    """Rows (id, audience, status, need, after) as recommendations, and their places."""
    specs = [SimpleNamespace(id=name, audience=audience, after=after) for name, audience, _, _, after in rows]
    made = [SimpleNamespace(id=name, status=status, need=need) for name, _, status, need, _ in rows]
    return specs, made


STATUS_FIRST = Ordering(keys=("status", "need"), status=("holds", "mixed", "not_testable", "fails"))


def test_recommendations_are_ordered_by_status_then_need_then_as_declared():
    specs, made = told(
        ("a", "x", "fails", 0.9, ()),
        ("b", "x", "holds", 0.1, ()),
        ("c", "x", "holds", None, ()),
        ("d", "x", "holds", 0.3, ()),
        ("e", "x", "mixed", 0.5, ()),
        ("f", "x", "holds", 0.1, ()),
        ("g", "y", "fails", 0.0, ()),
    )
    assert order(specs, made, STATUS_FIRST) == {"d": 1, "b": 2, "f": 3, "c": 4, "e": 5, "a": 6, "g": 1}
    need_first = STATUS_FIRST.model_copy(update={"keys": ("need", "status")})
    assert order(specs, made, need_first) == {"a": 1, "e": 2, "d": 3, "b": 4, "f": 5, "c": 6, "g": 1}


def test_what_another_waits_for_stands_before_it_whatever_its_status():
    specs, made = told(
        ("a", "x", "holds", 0.9, ("c",)),
        ("b", "x", "holds", 0.1, ()),
        ("c", "x", "fails", 0.0, ("z",)),
        ("z", "y", "fails", 0.0, ()),
    )
    assert order(specs, made, STATUS_FIRST) == {"b": 1, "c": 2, "a": 3, "z": 1}  # z is told to others


def test_a_recommendation_for_one_country_is_weighed_there_alone(house):
    path = house / "assessment" / "plan" / "recommendations.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('id = "R9"', 'id = "R9"\nonly = ["zz"]'), encoding="utf-8")
    plan = load_plan()
    said = [Verdict(claim.id, "not_asked") for claim in plan.claims]
    there = recommend(plan, said, {}, {}, RULES, country="zz")
    elsewhere = recommend(plan, said, {}, {}, RULES, country="zx")
    assert {row.id for row in there} - {row.id for row in elsewhere} == {"R9"}
    assert len(there) == 13


@pytest.mark.parametrize(
    ("was", "now", "message"),
    [
        ('cost = "unknown"', 'cost = "low"', "R1 .*a cost class that is known needs its `cost_source`"),
        ("change = 0.1", "change = 0.0", "a change of nothing cannot be seen"),
        ("few_had_contact and at", "few_had_contact or at", None),
        ("few_had_contact and at", "few_had_contact and F1 or at", "R1 .*put parentheses"),
        ("below = 0.5", "below = 0.5\nabove = 0.4", "few_had_contact .*`below` or `above`, one of them"),
        (
            'after_why = { en = "Contact',
            'cost_source = { en = "Contact',
            "R1 .*`after` and `after_why` belong together",
        ),
        ('id = "few_see_patrols"', 'id = "few_had_contact"', r"\['few_had_contact'\] stand twice"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused_by_name(house, was, now, message):
    path = house / "assessment" / "plan" / "recommendations.toml"
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now, 1), encoding="utf-8")
    if message is None:
        assert load_plan().row("recommendations", "R1").named[0] == "few_had_contact"
    else:
        with pytest.raises(ValueError, match=message):
            load_plan()


def test_a_circle_is_refused_with_the_rows_that_wait_for_each_other(house):
    path = house / "assessment" / "plan" / "recommendations.toml"
    circle = 'after = ["R1"]\nafter_why = { en = "a", fr = "b" }'
    path.write_text(path.read_text(encoding="utf-8").replace('id = "R6"', f'id = "R6"\n{circle}'), encoding="utf-8")
    with pytest.raises(ValueError, match=r"R1 after R6 after R1: each waits for the next"):
        validate_plan(load_plan(), FORMS)
