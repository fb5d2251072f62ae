"""Truths of claims, told by hand, and surveys drawn from them."""

import numpy as np
import pandas as pd
import pytest

from bsna import paths
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.simulation.truths.blocks import Block, blocks_of
from bsna.simulation.truths.declared import LEVELS, between, load_truths, undeclared
from bsna.simulation.truths.drawing import Ranking, answers_of, draw_cells, draw_lists, draw_survey, planned_designs
from bsna.simulation.truths.grading import LONG, graded_surveys
from bsna.simulation.truths.holding import first_choices, holds
from bsna.simulation.truths.spoilt import Faults, spoilt_survey
from bsna.simulation.truths.trials import try_truth

PLAN = load_plan()


def told(claim, **shares):
    """Whether a claim is true if these shares are, and all others as assumed."""
    row = PLAN.row("claims", claim)
    return holds(row, with_shares(row.population, **shares))


def with_shares(population, **shares):
    rows = tuple(
        row.model_copy(update={"share": shares.get(row.measure, row.share)}) if row.population == population else row
        for row in PLAN.assumed_shares
    )
    return PLAN.model_copy(update={"assumed_shares": rows})


def test_every_claim_is_tried_under_truths_on_both_sides_of_its_border():
    levels = {}
    for truth in load_truths(PLAN):
        levels.setdefault(truth.claim.id, []).append(truth.level)
        assert truth.holds == truth.level.startswith("true"), truth.border
    assert {name: list(dict.fromkeys(found)) for name, found in levels.items()} == {
        claim.id: list(LEVELS) for claim in PLAN.claims
    }
    assert undeclared(PLAN) == ()


def test_what_is_assumed_is_true_of_every_claim():
    assert [claim.id for claim in PLAN.claims if not holds(claim, PLAN)] == []


def test_a_share_at_the_margin_is_not_above_it():
    assert told("F3a", trusts_police=0.5001)
    assert not told("F3a", trusts_police=0.5)


def test_a_net_change_of_ten_points_is_not_within_ten_points_either_way():
    assert told("F2", security_better_foreign_troops=0.30, security_worse_foreign_troops=0.21)
    assert not told("F2", security_better_foreign_troops=0.30, security_worse_foreign_troops=0.20)
    assert not told("F2", security_better_foreign_troops=0.20, security_worse_foreign_troops=0.30)


def test_among_the_first_two_means_that_at_most_one_is_level_or_above():
    crime = {"turns_to_local_authorities_crime": 0.3, "turns_to_state_forces_crime": 0.4}
    assert told("F3c", **crime, turns_to_family_crime=0.29)
    assert not told("F3c", **crime, turns_to_family_crime=0.30)


def test_only_one_asks_for_both_halves_of_the_one_and_one_missing_half_of_each_other():
    assert told("F4", confident_security_customary_chief=0.49)
    assert not told("F4", confident_security_customary_chief=0.51)  # 62% in the other role
    assert told("F4", confident_security_mayor=0.51)  # 42% in the other role
    assert not told("F4", confident_both_customary_chief=0.46)  # the chiefs' is 46%
    assert not told("F4", confident_resolution_elected_chief=0.5)


def test_a_cause_at_the_average_of_all_is_not_above_it():
    # seven causes: 0.7 * 3 + 0.2 * 3 = 2.7, and x above (2.7 + x) / 7 only if x is above 0.45
    far = {f"blames_{name}": 0.7 for name in ("population_growth", "scarce_resources", "politicised_leadership")}
    far |= {f"blames_{name}": 0.2 for name in ("youth_disengagement", "state_competition", "displacement")}
    assert told("F6b", **far, blames_no_answer_outside_threats=0.46)
    assert not told("F6b", **far, blames_no_answer_outside_threats=0.45)


def test_a_kind_without_a_rule_is_refused():
    claim = PLAN.row("claims", "F3a").model_copy(update={"kind": "trend"})
    with pytest.raises(ValueError, match="F3a is of kind trend"):
        holds(claim, PLAN)


def rewritten(house, was, now):
    path = paths.assessment("simulation", "claims.toml")
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("was", "now", "message"),
    [
        ('level = "true"', 'level = "false_by_lot"', "F1, 'as assumed': by its rule the claim is True"),
        ("trusts_police = 0.50\n", "trusts_police = 0.51\n", "'half trust the police.*claim is True"),
        ("trusts_police = 0.50\n", "trusts_polite = 0.50\n", "assumed_shares.csv has no row 'trusts_polite'"),
        ("trusts_police = 0.50\n", "trusts_police = 1.50\n", r"truth \d+ \(F3a\).*less than 1"),
        ('claim = "F2"', 'claim = "F9"', r"truths of \['F9'\], no claims"),
    ],
)
def test_a_truth_that_is_none_is_refused(house, was, now, message):
    rewritten(house, was, now)
    with pytest.raises(ValueError, match=message):
        load_truths(load_plan())


def test_half_of_the_way_between_two_truths_everything_is_half():
    true, *_, false = [truth for truth in load_truths(PLAN) if truth.claim.id == "F3a"]
    middle = between(true, false, 0.5)  # the police: 61.1% and 40%
    assert middle.plan.assumed_share("trusts_police", "community").share == pytest.approx((0.611 + 0.4) / 2)
    assert middle.plan.assumed_share("trusts_army", "community").share == pytest.approx(0.778)
    assert middle.holds and not between(true, false, 0.6).holds


def chances(claim):
    return [block.chances.round(3).tolist() for block in blocks_of(PLAN.row("claims", claim), PLAN)]


def test_answers_to_one_question_exclude_each_other_and_ticks_of_a_list_do_not():
    assert chances("F2") == [[0.225, 0.225, 0.55]]  # better, worse, as before
    assert chances("F5") == [[0.84, 0.16], [0.7, 0.3], [0.74, 0.26]]


def test_confidence_in_both_roles_is_of_the_same_person():
    """The chiefs: 64% for security, 68% for conflicts, 46% both: 18% the first only, 22% the second only, 14% neither."""
    block = blocks_of(PLAN.row("claims", "F4"), PLAN)[0]
    assert block.chances.tolist() == pytest.approx([0.46, 0.18, 0.22, 0.14])
    assert {name: counts.astype(int).tolist() for name, counts in block.counts.items()} == {
        "confident_security_elected_chief": [1, 1, 0, 0],
        "confident_resolution_elected_chief": [1, 0, 1, 0],
        "confident_both_elected_chief": [1, 0, 0, 0],
    }


def test_an_association_is_drawn_with_its_term():
    """34% had contact, of whom 75% trust, 66% had none, of whom 65% do."""
    block = blocks_of(PLAN.row("claims", "A1"), PLAN)[0]
    assert block.chances.tolist() == pytest.approx([0.34 * 0.75, 0.34 * 0.25, 0.66 * 0.65, 0.66 * 0.35, 0, 0])
    assert block.groups["contact_12m"][:4] == ("yes", "yes", "no", "no")


def test_shares_that_cannot_all_be_are_refused():
    with pytest.raises(ValueError, match=r"Shares of .*security_better.* cannot all be"):
        blocks_of(PLAN.row("claims", "F2"), with_shares("community", security_better_foreign_troops=0.8))


def block(effect, *chances, parts=()):
    return Block(np.array(chances), effect, 1.0, {}, {}, parts=parts)


def test_two_people_of_a_cluster_correlate_as_the_cluster_effect_says():
    """20,000 pairs: a correlation has an error of about 0.007."""
    pairs = np.repeat(np.arange(20_000), 2)
    cell = draw_cells(block(0.25, 0.5, 0.3, 0.2), pairs, np.random.default_rng(1)).reshape(-1, 2)
    for number, share in enumerate((0.5, 0.3, 0.2)):
        says = (cell == number).astype(float)
        assert says.mean() == pytest.approx(share, abs=0.012)
        assert np.corrcoef(says.T)[0, 1] == pytest.approx(0.25, abs=0.03)


def test_without_a_cluster_effect_people_answer_alone_and_a_whole_one_is_refused():
    pairs = np.repeat(np.arange(20_000), 2)
    cell = draw_cells(block(0.0, 0.5, 0.5), pairs, np.random.default_rng(2)).reshape(-1, 2)
    assert np.corrcoef(cell.T)[0, 1] == pytest.approx(0.0, abs=0.03)
    with pytest.raises(ValueError, match=r"cluster effect of 1.0"):
        draw_cells(block(1.0, 0.5, 0.5), pairs, np.random.default_rng(2))


def test_parts_are_alike_in_all_clusters_and_people_of_a_part_resemble_each_other():
    """Half of all people are in each part; in the first three in five say yes, in the second one in five."""
    pairs = np.repeat(np.arange(40_000), 2)
    drawn = block(0.25, 0.3, 0.2, 0.1, 0.4, parts=(0, 0, 1, 1))
    cell = draw_cells(drawn, pairs, np.random.default_rng(5)).reshape(-1, 2)
    assert np.corrcoef((cell < 2).T)[0, 1] == pytest.approx(0.0, abs=0.02)
    both = cell[(cell < 2).all(axis=1)]  # about 10,000 pairs, both in the first part
    assert (both == 0).mean() == pytest.approx(0.6, abs=0.02)
    assert np.corrcoef((both == 0).T)[0, 1] == pytest.approx(0.25, abs=0.04)


def test_lists_of_all_clusters_follow_the_true_worths_whatever_the_clusters_do():
    """Worths 0.5, 0.3, 0.2 of three items: the first then the second with a chance of 0.5 * 0.3 / (0.3 + 0.2) = 0.3."""
    rank = PLAN.row("ranks", "risks_community").model_copy(
        update={"items": ("a", "b", "c"), "questions": ("one", "two", "three")}
    )
    ranking = Ranking(rank, np.array([0.5, 0.3, 0.2]), 0.4, {})
    named = pd.DataFrame(draw_lists(ranking, np.arange(40_000), np.random.default_rng(3)))
    found = (named[0] + named[1]).value_counts(normalize=True)
    expected = {"ab": 0.3, "ac": 0.2, "ba": 0.3 * 0.5 / 0.7, "bc": 0.3 * 0.2 / 0.7, "ca": 0.2 * 0.5 / 0.8, "cb": 0.075}
    assert found.to_dict() == pytest.approx(expected, abs=0.01)  # four errors of 0.0025


def test_first_choices_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match=r"risks_community add up to 1\.1"):
        first_choices(PLAN.row("ranks", "risks_community"), with_shares("community", worst_risk_poverty=0.19))


def test_the_drawn_sample_is_that_of_the_frame():
    designs = planned_designs(load_profile("zz"))
    people = designs["community"].frame
    assert people.groupby("stratum", sort=False)["psu"].nunique().tolist() == [8, 6, 6, 5]
    assert people.groupby("stratum", sort=False)["weight"].sum().tolist() == pytest.approx([52000, 14000, 31000, 18000])
    assert (people.groupby("psu").size() == 12).all()
    assert designs["providers"].frame.groupby("psu").size().tolist() == [3] * 10


def test_those_who_are_not_asked_have_no_answer():
    claim = PLAN.row("claims", "F6b")  # 49% are asked for causes; 300 people, an error of 2.9 points
    drawn = draw_survey(answers_of(claim, PLAN), planned_designs(load_profile("zz")), np.random.default_rng(4))
    known = drawn["community"].frame[list(claim.measures)].notna()
    assert known.mean().tolist() == pytest.approx([0.49] * 4, abs=0.12)
    assert (known.nunique(axis=1) == 1).all()


def test_surveys_may_be_shared_out_in_any_way():
    truth = next(truth for truth in load_truths(PLAN) if truth.claim.id == "F3b")
    designs = planned_designs(load_profile("zz"))
    whole = try_truth(truth, designs, range(4), seed=[5])
    parts = [try_truth(truth, designs, part, seed=[5]) for part in ((0, 1), (2, 3))]
    assert whole.p_for.tolist() == [p for part in parts for p in part.p_for.tolist()]
    assert len(set(whole.p_for)) == 4


def spoilt(seed, **faults):
    claims = tuple(PLAN.row("claims", name) for name in ("F3a", "F5"))
    names = {name for claim in claims for name in claim.measures}
    measures = tuple(spec for spec in PLAN.measures if spec.measure in names)
    plan = PLAN.model_copy(update={"measures": measures, "groups": (), "claims": claims})
    faults = Faults(**({"clusters": 1.0, "silence": 0.0, "has_inventor": False, "is_found": False} | faults))
    answers = [answers_of(claim, PLAN) for claim in claims]
    return spoilt_survey(answers, plan, planned_designs(load_profile("mli")), faults, np.random.default_rng(seed))


def test_a_survey_without_faults_is_whole_and_nobody_is_silent():
    drawn = spoilt(6)
    people = drawn.answers["community"]
    assert len(people) == 1560 and not (people == "~refused").any().any() and drawn.raw_designs is None
    trusts = drawn.designs["community"].frame["trusts_army"]
    assert trusts.mean() == pytest.approx(0.778, abs=0.05)  # an error of 1.3 points
    assert trusts.tolist() == people["trust_army"].isin(["somewhat", "a_lot"]).astype(float).tolist()


def test_ticks_of_a_list_are_counted_each_for_itself():
    providers = spoilt(6).designs["providers"].frame
    assert providers["hindered_by_equipment"].mean() == pytest.approx(0.84, abs=0.15)
    assert providers["hindered_by_training"].mean() == pytest.approx(0.70, abs=0.2)


def test_silence_depends_on_the_answer_and_fewer_clusters_stand_for_all():
    drawn = spoilt(7, silence=0.4, clusters=0.1)
    people = drawn.answers["community"]
    assert (people["trust_police"] == "~refused").mean() > 0.04
    assert people.groupby("stratum", sort=False)["psu"].nunique().tolist() == [
        4,
        3,
        3,
        3,
        3,
        3,
    ]  # of 40, 16, 24, 18, 18, 14
    whole = planned_designs(load_profile("mli"))["community"].frame
    assert people["weight"].sum() == pytest.approx(whole["weight"].sum())


def test_an_inventor_who_is_found_is_in_what_was_delivered_only():
    drawn = spoilt(8, has_inventor=True, is_found=True)
    kept, delivered = drawn.designs["community"].frame, drawn.raw_designs["community"].frame
    assert len(delivered) == 1560 and len(kept) == 1560 - 22 * 6  # of 12 enumerators one, in 22 clusters, half of each
    assert kept["weight"].sum() == pytest.approx(delivered["weight"].sum())
    assert spoilt(8, has_inventor=True).raw_designs is None


def test_a_firm_verdict_that_the_truth_denies_is_an_error():
    found = graded_surveys(PLAN, load_profile("zz"), [0], seed=[9])
    tried = [claim.id for claim in PLAN.claims if claim.kind not in LONG]
    assert sorted(found["claim"]) == sorted(tried) and (found["survey"] == 0).all()
    supported, contradicted = found["verdict"] == "supported", found["verdict"] == "contradicted"
    assert found["is_wrong"].tolist() == ((supported & ~found["holds"]) | (contradicted & found["holds"])).tolist()
    assert found["grade"].dropna().isin(list("ABCD")).all()
