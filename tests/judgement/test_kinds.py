"""A new claim of a kind there is is a row of claims.toml: each kind with other measures, judged from row to sentence."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from bsna.estimation import survey_design
from bsna.intake.instrument import load_questionnaire
from bsna.intake.plan import load_plan, validate_plan
from bsna.intake.plan_claims import KIND_FIELDS, KINDS, Claim
from bsna.intake.profile import POPULATIONS, Earlier, Publication
from bsna.judgement import judge
from bsna.judgement.borders import binding_border, claim_borders
from bsna.judgement.extremes import one_sided_designs, silent_share
from bsna.judgement.kinds.places import all_placed
from bsna.judgement.kinds.trend import both_rounds
from bsna.judgement.p_values import above_zero, among_first, within_margin
from bsna.judgement.rules import test_claim as run_rule
from bsna.judgement.trends import judge_trends

RULES = Publication(threshold=10, min_clusters=3, imprecise_half_width=0.15, imprecise_n=30, admin_level="region")
LINK = Earlier(survey="before", variable="region", places=("south",), caution={"en": "x", "fr": "x"})
N = 400
NEEDS = [f"asks_for_{need}" for need in ("dialogue", "justice", "equipment", "focal_point", "roads_phone")]

ROWS = {
    "majority_all": {"measures": ["has_focal_point", "patrols_weekly"], "margin": 0.3, "interval": "beta"},
    "comparison_all": {"pairs": [["trusts_guard", "trusts_customs"], ["trusts_council", "trusts_courts"]]},
    "equivalence": {"pairs": [["trusts_guard", "trusts_customs"]], "margin": 0.2},
    "top_k": {"lists": [NEEDS[:3], NEEDS[::2]], "top": 1},
    "shared_top": {"ranks": ["needs_community", "needs_leaders"], "items": ["justice"], "top": 2},
    "only_one": {
        "pairs": [["trusts_army", "trusts_guard"], ["trusts_police", "trusts_customs"]],
        "lists": [["trusts_courts", "trusts_council"]],
        "margin": 0.4,
    },
    "chain": {"measures": ["knows_contact"], "pairs": [["sees_patrols", "sees_joint_patrols"]], "margin": 0.2},
    "above_average": {"measures": NEEDS[:2], "others": NEEDS[2:]},
    "ranking": {"measures": NEEDS[:2], "others": NEEDS[2:], "top": 3},
    "association": {"model": "trust_police", "term": "victim", "level": "yes", "expected": "less", "margin": 0.05},
    "trend": {"measures": ["knows_contact"], "expected": "rose"},
}


def share(value, n=N):
    """Exactly this share of ones, spread evenly over rows."""
    return (np.floor(np.arange(1, n + 1) * value) - np.floor(np.arange(n) * value)).astype(float)


def design(n=N, **columns):
    """People who are each a cluster of their own; a number is the share of a measure, anything else its column."""
    made = {name: share(value, n) if np.isscalar(value) else value for name, value in columns.items()}
    return survey_design(pd.DataFrame({"weight": 1.0, "stratum": "all", "psu": [str(i) for i in range(n)], **made}))


def needs(*shares):
    return dict(zip(NEEDS, shares, strict=True))


def ranked(*first):
    """Everybody ranks these needs in this order, but for one in ten, who ranks two others: one who stands out and one of each."""
    order = np.array(
        [first] * 360 + [("livelihoods", "equipment", "dialogue"), (first[2], "roads_phone", first[0])] * 20
    )
    columns = dict(zip(("need_first", "need_second", "need_third"), order.T.astype(object), strict=True))
    return design(asks_for_justice=(order == "justice").any(axis=1).astype(float), **columns)


def trusting(victims, others):
    """Trust in the police of 200 victims and 200 others: so many of each trust it."""
    trust = (np.concatenate([np.arange(200) < victims, np.arange(200) < others])).astype(float)
    return {"trusts_police": trust, "victim": np.array(["yes"] * 200 + ["no"] * 200, dtype=object)}


def rounds(before, after):
    """Shares who know a contact in two rounds, both in the south only."""
    places = np.array(["south"] * N, dtype=object)
    earlier, later = (design(knows_contact=value, region=places) for value in (before, after))
    return both_rounds({"community": earlier}, {"community": later}, LINK)


PEOPLE = {
    "majority_all": ("providers", {"has_focal_point": 0.5, "patrols_weekly": 0.4}, {"has_focal_point": 0.5, "patrols_weekly": 0.2}),
    "comparison_all": (
        "community",
        {"trusts_guard": 0.6, "trusts_customs": 0.4, "trusts_council": 0.5, "trusts_courts": 0.3},
        {"trusts_guard": 0.6, "trusts_customs": 0.4, "trusts_council": 0.3, "trusts_courts": 0.5},
    ),
    "equivalence": ("community", {"trusts_guard": 0.6, "trusts_customs": 0.55}, {"trusts_guard": 0.7, "trusts_customs": 0.3}),
    "top_k": ("community", needs(0.6, 0.3, 0.3, 0.2, 0.2), needs(0.3, 0.2, 0.6, 0.2, 0.2)),
    "only_one": (
        "community",
        {"trusts_army": 0.6, "trusts_guard": 0.6, "trusts_police": 0.6, "trusts_customs": 0.2, "trusts_courts": 0.6, "trusts_council": 0.3},
        {"trusts_army": 0.6, "trusts_guard": 0.6, "trusts_police": 0.6, "trusts_customs": 0.6, "trusts_courts": 0.6, "trusts_council": 0.3},
    ),
    "chain": (
        "community",
        {"knows_contact": 0.4, "sees_patrols": 0.5, "sees_joint_patrols": 0.2},
        {"knows_contact": 0.1, "sees_patrols": 0.5, "sees_joint_patrols": 0.2},
    ),
    "above_average": ("community", needs(0.6, 0.5, 0.2, 0.2, 0.2), needs(0.6, 0.1, 0.3, 0.3, 0.3)),
    "ranking": ("community", needs(0.6, 0.5, 0.7, 0.2, 0.2), needs(0.6, 0.1, 0.5, 0.4, 0.2)),
    "association": ("community", trusting(60, 140), trusting(140, 60)),
}  # fmt: skip


def designs_of(kind, holds):
    """A survey in which the claim of a kind holds, or one in which it does not."""
    if kind == "shared_top":
        orders = [("dialogue", "justice", "equipment"), ("justice", "focal_point", "dialogue")]
        orders = orders if holds else [orders[0], ("focal_point", "roads_phone", "livelihoods")]
        return dict(zip(("community", "leaders"), (ranked(*order) for order in orders), strict=True))
    if kind == "trend":
        return rounds(0.2, 0.4) if holds else rounds(0.4, 0.2)
    population, supporting, contradicting = PEOPLE[kind]
    return {population: design(**(supporting if holds else contradicting))}


def row_of(kind, **changed):
    """A row of claims.toml as a researcher would write it, with all values that its kind makes in its sentences."""
    population = PEOPLE.get(kind, ("community",))[0]
    text = " ".join("{" + name + "}" for name in KIND_FIELDS[kind].values)
    labels = {"en": f"It says {text}.", "fr": f"Il dit {text}."}
    plain = {"en": "Nothing.", "fr": "Rien."}
    claim = {"id": "N1", "objective": "O1", "family": "new", "kind": kind, "population": population, "source": "x"}
    claim |= dict.fromkeys(("title", "rule", "caveat"), plain) | ROWS[kind]
    sentences = dict.fromkeys(("supported", "contradicted", "uncertain"), labels)
    claim["sentences"] = sentences | dict.fromkeys(("not_asked", "withheld"), plain)
    return {key: value for key, value in (claim | changed).items() if value is not None}


def toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(part)}" for key, part in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def plan_with(house, claim):
    """The plan after a row was added to claims.toml, as `bsna check` would read it."""
    path = house / "assessment" / "plan" / "claims.toml"
    lines = "\n".join(f"{key} = {toml(value)}" for key, value in claim.items())
    path.write_text(f"{path.read_text(encoding='utf-8')}\n[[claim]]\n{lines}\n", encoding="utf-8")
    plan = load_plan()
    validate_plan(plan, {name: load_questionnaire(name) for name in POPULATIONS})
    return plan


def only(plan):
    return plan.model_copy(update={"claims": tuple(claim for claim in plan.claims if claim.id == "N1")})


@pytest.mark.parametrize("kind", KINDS)
def test_a_claim_of_every_kind_comes_out_as_the_survey_says(kind):
    claim, plan = claim_of(kind)
    for holds in (True, False):
        (found,) = judge(plan, designs_of(kind, holds), {}, RULES, seed=1)
        assert found.verdict == ("supported" if holds else "contradicted"), (kind, found.p_for, found.p_against)
        assert set(found.values) == set(KIND_FIELDS[kind].values)
        assert found.rows and all(row["status"] == "ok" for row in found.rows)
        claim.sentences[found.verdict]["en"].format(**found.values)


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_claim_of_every_kind_is_a_row_of_claims_toml(house, kind):
    plan = only(plan_with(house, row_of(kind)))
    assert plan.row("claims", "N1") == claim_of(kind)[0]
    assert judge(plan, designs_of(kind, holds=True), {}, RULES, seed=1)[0].verdict == "supported"
    nothing = {"community": design(x=0.5), "providers": design(x=0.5), "leaders": design(x=0.5)}
    absent = {name: tuple(m.measure for m in plan.measures if m.population == name) for name in nothing}
    if kind != "shared_top":
        assert judge(plan, nothing, absent, RULES, seed=1)[0].verdict == "not_asked"
    assert judge(plan, {}, {}, RULES, seed=1)[0].verdict == "not_asked"


def test_the_kinds_that_are_declared_explained_and_judged_are_the_same(house):
    from bsna.judgement import planned_parts, rules

    assert set(KINDS) == set(KIND_FIELDS) == set(rules._KINDS) == set(planned_parts.KINDS) == set(ROWS)
    assert {kind.id for kind in load_plan().kinds} == set(KINDS)


@pytest.mark.parametrize(
    ("kind", "changed", "message"),
    [
        ("majority_all", {"margin": None}, "kind majority_all needs the key 'margin'"),
        ("majority_all", {"measures": []}, "kind majority_all needs the key 'measures'"),
        ("comparison_all", {"margin": 0.1}, "kind comparison_all does not use the key 'margin'; take it out"),
        ("comparison_all", {"top": 3}, "does not use the key 'top'"),
        ("equivalence", {"pairs": [["trusts_guard", "trusts_customs"]] * 2}, "pairs of kind equivalence: expected one pair"),
        ("equivalence", {"margin": 0}, "margin is 0; expected a number above 0"),
        ("top_k", {"top": 3}, "top of kind top_k: expected fewer than are on each list"),
        ("shared_top", {"items": ["justice", "dialogue", "equipment"]}, "expected at least as many places as items"),
        ("shared_top", {"top": 8}, "top is 8; needs_community ranks 8 items, so fewer must count"),
        ("only_one", {"pairs": [["trusts_army", "trusts_guard"]]}, "the actor's own pair and at least one other"),
        ("ranking", {"top": 1}, "places for all measures, not all"),
        ("ranking", {"top": 5}, "places for all measures, not all"),
        ("ranking", {"others": NEEDS[1:]}, "asks_for_justice stands twice in one list"),
        ("association", {"expected": None}, "kind association needs the key 'expected'"),
        ("association", {"expected": "rose"}, "expected is 'rose'; kind association knows more, less"),
        ("association", {"measures": ["trusts_police"]}, "does not use the key 'measures'"),
        ("association", {"model": "trust_navy"}, "claims.toml, N1: no model 'trust_navy'"),
        ("association", {"term": "wealth"}, "trust_police has no term 'wealth'; it has contact_12m,"),
        ("association", {"level": "maybe"}, "victim has no level 'maybe'; it has no, yes"),
        ("association", {"level": "no"}, "'no' is what victim is compared against"),
        ("association", {"population": "leaders"}, "trust_police is a model of community, not of leaders"),
        ("trend", {"expected": "same"}, "a margin belongs to what is expected to stay the same"),
        ("trend", {"margin": 0.1}, "a margin belongs to what is expected to stay the same"),
        ("trend", {"measures": ["knows_contact", "sees_patrols"]}, "measures of kind trend: expected one measure"),
        ("trend", {"measures": ["knows_kontact"]}, "claims.toml, N1: no measure 'knows_kontact' of community"),
    ],
)  # fmt: skip
def test_a_row_with_other_keys_than_its_kind_uses_is_refused_with_file_claim_and_key(house, kind, changed, message):
    with pytest.raises(ValueError, match="N1") as refused:
        plan_with(house, row_of(kind, **changed))
    assert message in str(refused.value) and "claims.toml" in str(refused.value)


@pytest.mark.parametrize(
    ("verdict", "labels", "message"),
    [
        ("supported", None, "no sentence for supported"),
        ("doubtful", {"en": "a", "fr": "b"}, "a sentence for 'doubtful', no verdict"),
        ("withheld", {"en": "a"}, "text is missing in ['fr']"),
        ("uncertain", {"en": "{before_share}", "fr": "{after_share}"}, "sentence uncertain: other values in en than in fr"),
        ("uncertain", {"en": "{all_prob}", "fr": "{all_prob}"}, "sentence uncertain: kind trend makes no value 'all_prob'"),
        ("not_asked", {"en": "{after_share}", "fr": "{after_share}"}, "not_asked: kind trend makes no value 'after_share'"),
    ],
)  # fmt: skip
def test_a_claim_needs_a_sentence_for_each_verdict_in_each_language_with_values_that_its_kind_makes(
    house, verdict, labels, message
):
    row = row_of("trend")
    sentences = row["sentences"] | {verdict: labels}
    row["sentences"] = {key: value for key, value in sentences.items() if value is not None}
    with pytest.raises(ValueError, match=r"claims\.toml, N1") as refused:
        plan_with(house, row)
    assert message in str(refused.value)


def test_a_kind_without_explanation_and_an_assumption_about_no_claim_are_refused(house):
    folder = house / "assessment" / "plan"
    kinds = (folder / "kinds.toml").read_text(encoding="utf-8")
    (folder / "kinds.toml").write_text(kinds[: kinds.index('[[kind]]\nid = "trend"')], encoding="utf-8")
    assumed = (folder / "assumed_associations.csv").read_text(encoding="utf-8")
    (folder / "assumed_associations.csv").write_text(assumed.replace("\nA1,0.34,", "\nA9,0.44,"), encoding="utf-8")
    with pytest.raises(ValueError) as refused:
        validate_plan(load_plan(), {name: load_questionnaire(name) for name in POPULATIONS})
    for fault in (
        "kinds.toml: no kind 'trend'",
        "assumed_associations.csv, A9: no association claim 'A9'",
        "more than all people are at the level or at the reference",
    ):
        assert fault in str(refused.value)


def claim_of(kind, **changed):
    """A claim of its own, and the plan with it alone."""
    claim = Claim.model_validate(row_of(kind, **changed))
    return claim, load_plan().model_copy(update={"claims": (claim,)})


def test_an_association_of_one_term_is_the_difference_of_two_shares():
    claim, plan = claim_of("association")
    tested = run_rule(claim, plan, {"community": design(**trusting(60, 140))}, None)
    # 60 of 200 victims trust, 140 of 200 others: 30% less 70%
    assert tested.values["gap_points"] == pytest.approx(-0.4)
    row = tested.rows.iloc[0]
    # variance of each share p (1 - p) / 200, both 0.21 / 200, times 400 / 399 for one stratum of 400 clusters
    assert row["se"] == pytest.approx(np.sqrt(2 * 0.21 / 200 * 400 / 399))
    # less by more than 5 points: 40 - 5 points over the error
    assert tested.p_for == pytest.approx(stats.t.sf(0.35 / row["se"], row["df"]))
    assert tested.p_against == pytest.approx(1 - tested.p_for)
    assert tested.values["people_count"] == 200


@pytest.mark.parametrize(
    ("victims", "others", "word"),
    [(60, 140, "supported"), (100, 102, "contradicted"), (90, 110, "uncertain"), (140, 60, "contradicted")],
)
def test_an_association_must_lie_beyond_its_margin_in_the_expected_direction(victims, others, word):
    """A difference of 1 point is shown to be less than 12, and one of 10 neither more nor less."""
    claim, plan = claim_of("association", margin=0.12)
    (found,) = judge(plan, {"community": design(**trusting(victims, others))}, {}, RULES, seed=1)
    assert found.verdict == word


def test_the_other_direction_gives_the_other_verdict():
    claim, plan = claim_of("association", margin=None)
    less, more = (
        run_rule(claim.model_copy(update={"expected": word}), plan, {"community": design(**trusting(90, 110))}, None)
        for word in ("less", "more")
    )
    assert (less.p_for, less.p_against) == pytest.approx((more.p_against, more.p_for))
    assert less.p_for < 0.05


def test_more_must_be_more_than_the_margin():
    """Forty points are more than 30, and fewer than 45."""
    people = {"community": design(**trusting(140, 60))}
    for margin in (0.3, 0.45):
        claim, plan = claim_of("association", expected="more", margin=margin)
        tested = run_rule(claim, plan, people, None)
        row = tested.rows.iloc[0]
        assert tested.p_for == pytest.approx(stats.t.sf((0.4 - margin) / row["se"], row["df"]))
        assert tested.p_against == pytest.approx(stats.t.cdf((0.4 - margin) / row["se"], row["df"]))


def test_the_silent_of_a_comparison_say_the_first_and_not_the_second():
    claim, plan = claim_of("comparison_all", pairs=[["trusts_guard", "trusts_customs"]])
    answers = pd.DataFrame({"trust_guard": ["a_lot", "~refused"], "trust_customs": ["~refused", "a_lot"]})
    people = {"community": design(n=2, trusts_guard=np.array([1, np.nan]), trusts_customs=np.array([np.nan, 1]))}
    for side, guard, customs in (("for", [1, 1], [0, 1]), ("against", [1, 0], [1, 1])):
        frame = one_sided_designs(claim, plan, people, {"community": answers}, side=side)["community"].frame
        assert (frame["trusts_guard"].tolist(), frame["trusts_customs"].tolist()) == (guard, customs)


def test_other_terms_of_the_model_are_held_as_people_have_them():
    """Victims trust as others of their sex do; most victims are women, who trust less: alike in sex nothing is left."""
    cells = [("yes", "female", 50, 150), ("no", "female", 25, 75), ("yes", "male", 45, 60), ("no", "male", 90, 120)]
    rows = [(victim, sex, k < trust) for victim, sex, trust, n in cells for k in range(n)]
    victim, sex, trust = (np.array(column, dtype=object) for column in zip(*rows, strict=True))
    people = design(n=len(rows), trusts_police=trust.astype(float), victim=victim, sex=sex)
    claim, plan = claim_of("association", margin=None)
    tested = run_rule(claim, plan, {"community": people}, None)
    # plain shares: 95 of 210 victims and 115 of 195 others, 14 points apart; of women a third on both sides, of men 3/4
    assert tested.values["gap_points"] == pytest.approx(0.0, abs=1e-9)


def test_an_association_is_not_asked_without_its_outcome_or_its_term_and_withheld_where_no_model_fits():
    claim, plan = claim_of("association")
    columns = trusting(60, 140)
    people = design(**columns)
    assert (
        judge(plan, {"community": people}, {"community": ("trusts_police",)}, RULES, seed=1)[0].verdict == "not_asked"
    )
    without = design(trusts_police=columns["trusts_police"])
    assert judge(plan, {"community": without}, {}, RULES, seed=1)[0].verdict == "not_asked"
    alike = design(**columns | {"victim": np.array(["no"] * N, dtype=object)})
    assert judge(plan, {"community": alike}, {}, RULES, seed=1)[0].verdict == "not_asked"
    # all victims trust: no finite coefficient
    assert judge(plan, {"community": design(**trusting(200, 100))}, {}, RULES, seed=1)[0].verdict == "withheld"


def test_the_silent_of_an_association_answer_one_way_at_the_level_and_the_other_at_the_reference():
    claim, plan = claim_of("association")
    # of four victims and four others two trust, one does not, one refuses
    answers = pd.DataFrame({"trust_police": ["a_lot", "a_lot", "not_at_all", "~refused"] * 2})
    victim = np.array(["yes"] * 4 + ["no"] * 4, dtype=object)
    trust = np.array([1.0, 1.0, 0.0, np.nan] * 2)
    designs = {"community": design(n=8, trusts_police=trust, victim=victim)}
    against, best = (
        one_sided_designs(claim, plan, designs, {"community": answers}, side=side)["community"].frame["trusts_police"]
        for side in ("against", "for")
    )
    # the claim expects victims to trust less
    assert best.tolist() == [1, 1, 0, 0, 1, 1, 0, 1]
    assert against.tolist() == [1, 1, 0, 1, 1, 1, 0, 0]
    assert silent_share(claim, plan, {"community": answers}) == pytest.approx(2 / 8)


def test_a_ranking_needs_all_named_among_the_first_and_tells_the_rest():
    claim, plan = claim_of("ranking")
    people = design(**needs(0.6, 0.5, 0.7, 0.3, 0.2))
    tested = run_rule(claim, plan, {"community": people}, np.random.default_rng(1))
    # three places for two: one of three others may lead, so two of three must be shown to be below, each p doubled
    parts = []
    for name in NEEDS[:2]:
        gaps = [people.frame[name] - people.frame[other] for other in NEEDS[2:]]
        tests = [
            above_zero({"estimate": gap.mean(), "se": np.sqrt(gap.var() / N), "df": N - 1, "clusters": N})
            for gap in gaps
        ]
        parts.append(among_first(tests, 2))
    assert tested.p_for == pytest.approx(max(p for p, _ in parts))
    assert tested.p_against == pytest.approx(min(1, 2 * min(q for _, q in parts)))
    assert tested.values["named_list"] == NEEDS[:2]
    assert tested.values["first_list"] == [NEEDS[2], NEEDS[0], NEEDS[1]]
    assert tested.values["rest_list"] == NEEDS[3:]
    assert tested.values["all_prob"] > 0.99
    assert len(tested.rows) == 5


def test_level_values_share_the_places_left():
    """Two sure of a place each, and three level for the third: one of three gets it; both of two named ones never do."""
    draw = np.array([[0.3, 0.3, 0.1, 0.1, 0.1, 0.05]])
    assert all_placed(draw, [0, 1], 3) == [1.0]
    assert all_placed(draw, [0, 1, 2], 3) == pytest.approx([1 / 3])
    assert all_placed(draw, [0, 2, 3], 3) == [0.0]
    assert all_placed(draw, [0, 5], 3) == [0.0]
    # two places for three that are level: one named has two of three chances, two named have one of three
    level = np.array([[0.4, 0.2, 0.2, 0.2, 0.0]])
    assert all_placed(level, [1], 3) == pytest.approx([2 / 3])
    assert all_placed(level, [3, 1], 3) == pytest.approx([1 / 3])
    assert all_placed(level, [1, 2, 3], 3) == [0.0]
    # nobody named it: no place, though one is left
    assert all_placed(np.array([[0.6, 0.4, 0.0, 0.0]]), [0, 2], 3) == [0.0]


def test_level_worths_of_a_ranking_do_not_go_by_the_order_of_the_list():
    """Everybody ranks first or second what everybody else ranks second or first: each is first in half of the draws' ties."""
    claim, plan = claim_of("shared_top", ranks=["needs_community"], items=["justice"], top=1)
    first = np.array(["justice", "dialogue"] * 200, dtype=object)
    columns = {"need_first": first, "need_second": first[::-1].copy(), "need_third": np.array([None] * N, dtype=object)}
    # ten people to a cluster, five of each order: every draw has as many of both
    frame = pd.DataFrame(
        {"weight": 1.0, "stratum": "all", "psu": np.arange(N) // 10, "asks_for_justice": 1.0, **columns}
    )
    found = []
    for item in ("justice", "dialogue"):
        one = claim.model_copy(update={"items": (item,)})
        design_ = survey_design(frame.assign(asks_for_dialogue=1.0))
        found.append(run_rule(one, plan, {"community": design_}, np.random.default_rng(1)).values["all_prob"])
    assert found == pytest.approx([0.5, 0.5])


def test_the_probability_beside_above_average_is_that_all_come_first():
    claim, plan = claim_of("above_average")
    sure = run_rule(claim, plan, {"community": design(**needs(0.6, 0.5, 0.2, 0.2, 0.2))}, np.random.default_rng(1))
    not_so = run_rule(claim, plan, {"community": design(**needs(0.6, 0.4, 0.7, 0.1, 0.1))}, np.random.default_rng(1))
    # 40% against an average of 38%: above it, but third
    assert sure.values["all_prob"] > 0.99 and not_so.values["all_prob"] < 0.01


@pytest.mark.parametrize(
    ("expected", "before", "after", "word"),
    [
        ("fell", 0.4, 0.2, "supported"),
        ("fell", 0.2, 0.4, "contradicted"),
        ("rose", 0.2, 0.4, "supported"),
        ("rose", 0.4, 0.2, "contradicted"),
        ("rose", 0.30, 0.31, "uncertain"),
        ("same", 0.40, 0.41, "supported"),
        ("same", 0.60, 0.30, "contradicted"),
        ("same", 0.40, 0.32, "uncertain"),
    ],
)
def test_a_trend_is_judged_as_any_claim_where_both_rounds_are_there(expected, before, after, word):
    claim, plan = claim_of("trend", expected=expected, margin=0.1 if expected == "same" else None)
    (found,) = judge(plan, rounds(before, after), {}, RULES, seed=1)
    assert found.verdict == word
    assert (found.values["before_share"], found.values["after_share"]) == pytest.approx((before, after))
    # two samples of 400: variances p (1 - p) / 399 add up
    se = np.sqrt((before * (1 - before) + after * (1 - after)) / (N - 1))
    assert found.rows[0]["se"] == pytest.approx(se)
    row = {"estimate": after - before, "se": se, "df": found.rows[0]["df"], "clusters": N}
    rise, fall = above_zero(row)
    expected_p = {"rose": (rise, fall), "fell": (fall, rise), "same": within_margin(row, 0.1)}[expected]
    assert (found.p_for, found.p_against) == pytest.approx(expected_p)
    # one round alone does not tell
    (alone,) = judge(plan, {"community": rounds(before, after)["community"]}, {}, RULES, seed=1)
    assert alone.verdict == "not_asked"


def test_rows_of_trends_and_claims_about_change_come_out_alike():
    claim, plan = claim_of("trend", measures=["trusts_army"], expected="fell")
    places = np.array(["south"] * N, dtype=object)
    earlier, later = ({"community": design(trusts_army=value, region=places)} for value in (0.5, 0.3))
    (found,) = judge(plan, both_rounds(earlier, later, LINK), {}, RULES, seed=1)
    trend = next(t for t in plan.trends if t.measure == "trusts_army" and t.expected == "fell")
    (moved,) = judge_trends(plan.model_copy(update={"trends": (trend,)}), earlier, later, {}, LINK, RULES)
    assert (moved.verdict, moved.p_for, moved.p_against) == (found.verdict, found.p_for, found.p_against)
    assert moved.change["estimate"] == found.rows[0]["estimate"]


def test_a_trend_with_too_few_people_in_one_round_is_withheld():
    claim, plan = claim_of("trend")
    few = np.array(["south"] * 8 + ["north"] * 392, dtype=object)
    earlier, later = design(knows_contact=0.4, region=few), rounds(0.4, 0.4)["community"]
    both = both_rounds({"community": earlier}, {"community": later}, LINK)
    assert judge(plan, both, {}, RULES, seed=1)[0].verdict == "withheld"
    nobody = both_rounds({"community": design(knows_contact=0.4, region=np.array(["north"] * N, dtype=object))}, {"community": later}, LINK)  # fmt: skip
    assert judge(plan, nobody, {}, RULES, seed=1)[0].verdict == "withheld"


def test_few_people_are_tested_exactly_whatever_interval_the_claim_declares():
    claim, plan = claim_of("majority_all", interval=None, measures=["has_focal_point"])
    assert claim.interval == "logit"
    tested = run_rule(claim, plan, {"providers": design(n=20, has_focal_point=0.5)}, None)
    # variance 0.5 * 0.5 / 19, so 19 people count, 9.5 of whom say yes: the exact tail at 30%
    assert tested.p_for == pytest.approx(stats.beta.cdf(0.3, 9.5, 10.5))


@pytest.mark.parametrize(
    ("kind", "changed", "borders"),
    [
        ("association", {"expected": "less"}, (-0.05,)),
        ("association", {"expected": "more"}, (0.05,)),
        ("association", {"margin": None}, (0.0,)),
        ("trend", {}, (0.0,)),
        ("trend", {"expected": "same", "margin": 0.1}, (-0.1, 0.1)),
    ],
)
def test_a_difference_turns_at_the_margin_on_the_side_that_is_expected(kind, changed, borders):
    claim, plan = claim_of(kind, **changed)
    assert claim_borders(claim, "points") == borders
    (found,) = judge(plan, designs_of(kind, holds=True), {}, RULES, seed=1)
    border = binding_border(claim, found.rows)
    assert border.border == min(borders, key=lambda value: abs(found.rows[0]["estimate"] - value))
