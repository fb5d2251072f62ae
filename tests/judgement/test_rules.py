"""Each kind of claim on hand-made surveys: true, false, unclear; and the corrections around them."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from bsna.estimation import (
    average_marginal_effects,
    binary_logit,
    estimate_rows,
    proportion,
    survey_design,
)
from bsna.intake.plan import load_plan
from bsna.intake.profile import Publication
from bsna.judgement import holm, judge, permitted, release, release_corridors
from bsna.judgement.claims import word_of
from bsna.judgement.p_values import above_zero, against_half, all_parts, among_first, within_margin

RULES = Publication(threshold=10, min_clusters=3, imprecise_half_width=0.15, imprecise_n=30, admin_level="region")
N = 400


def share(value, n=N):
    """Exactly this share of ones, spread evenly over rows."""
    return (np.floor(np.arange(1, n + 1) * value) - np.floor(np.arange(n) * value)).astype(float)


def design(n=N, **measures):
    columns = {name: share(value, n) if np.isscalar(value) else value for name, value in measures.items()}
    return survey_design(pd.DataFrame({"weight": 1.0, "stratum": "all", "psu": [str(i) for i in range(n)], **columns}))


def verdict(claim_id, people, population="community", absent=()):
    """Verdict on one claim; every other claim counts as not asked, so that no correction interferes."""
    plan = load_plan()
    only = plan.model_copy(update={"claims": tuple(c for c in plan.claims if c.id == claim_id)})
    return judge(only, {population: people}, {population: tuple(absent)}, RULES, seed=1)[0]


@pytest.mark.parametrize(("least", "word"), [(0.60, "supported"), (0.40, "contradicted"), (0.51, "uncertain")])
def test_high_trust_needs_all_three_forces(least, word):
    people = design(trusts_army=0.8, trusts_gendarmerie=0.7, trusts_police=least)
    assert verdict("F3a", people).verdict == word


@pytest.mark.parametrize(
    ("better", "worse", "word"), [(0.2, 0.21, "supported"), (0.45, 0.1, "contradicted"), (0.3, 0.2, "uncertain")]
)
def test_no_change_needs_two_one_sided_tests(better, worse, word):
    up = share(better)
    down = np.where(up == 1, 0, 0.0)
    free = np.flatnonzero(up == 0)
    down[free[: round(worse * N)]] = 1
    people = design(security_better_foreign_troops=up, security_worse_foreign_troops=down)
    assert verdict("F2", people).verdict == word


def test_no_significance_alone_never_supports_no_change():
    people = design(
        n=24, security_better_foreign_troops=share(0.25, 24), security_worse_foreign_troops=share(0.25, 24)[::-1].copy()
    )
    assert verdict("F2", people).verdict == "uncertain"


@pytest.mark.parametrize(
    ("fell", "rose", "word"), [(0.4, 0.2, "supported"), (0.2, 0.4, "contradicted"), (0.3, 0.29, "uncertain")]
)
def test_erosion_needs_more_fallen_than_risen_for_each(fell, rose, word):
    columns = {}
    for force in ("army", "gendarmerie", "police"):
        f, r = (fell, rose) if force == "police" else (0.4, 0.2)
        down = share(f)
        up = np.zeros(N)
        up[np.flatnonzero(down == 0)[: round(r * N)]] = 1
        columns |= {f"trust_fell_{force}": down, f"trust_rose_{force}": up}
    assert verdict("F3b", design(**columns)).verdict == word


def confidences(**pairs):
    columns = {}
    for actor in (
        "army",
        "gendarmerie",
        "police",
        "mayor",
        "elected_chief",
        "customary_chief",
        "religious_leader",
        "self_defence",
    ):
        halves = pairs.get(actor, (0.6, 0.3))
        security, resolution = (share(half) if np.isscalar(half) else half for half in halves)
        columns |= {
            f"confident_security_{actor}": security,
            f"confident_resolution_{actor}": resolution,
            f"confident_both_{actor}": security * resolution,
        }
    return design(**columns)


def test_only_one_actor_needs_both_halves():
    assert verdict("F4", confidences(elected_chief=(0.7, 0.7))).verdict == "supported"
    assert verdict("F4", confidences(elected_chief=(0.7, 0.4))).verdict == "contradicted"
    assert verdict("F4", confidences(elected_chief=(0.7, 0.7), mayor=(0.7, 0.7))).verdict == "contradicted"
    assert verdict("F4", confidences(elected_chief=(0.7, 0.7), mayor=(0.7, 0.51))).verdict == "uncertain"


def test_the_only_trusted_actor_also_has_the_highest_joint_confidence():
    """Of 400 people 60% trust the chiefs in each role: for 240 both roles, the same people, or for 80 only."""
    first, last = np.arange(N) < 240, np.arange(N) >= 160
    same, apart = (first.astype(float), first.astype(float)), (first.astype(float), last.astype(float))
    # the army: 280 for security, 180 of them for conflicts too: 45% in both roles, and below one half in one
    army = ((np.arange(N) < 280).astype(float), (np.arange(N) < 180).astype(float))
    assert verdict("F4", confidences(elected_chief=same, army=army)).verdict == "supported"
    found = verdict("F4", confidences(elected_chief=apart, army=army))
    assert found.verdict == "contradicted"
    assert found.values["joint_share"] == pytest.approx(80 / 400)
    gap = next(r for r in found.rows if r["measure"] == "confident_both_elected_chief-confident_both_army")
    assert gap["estimate"] == pytest.approx((80 - 180) / 400)
    # nine parts on the halves and seven on joint confidence: 16 in all
    _, below = above_zero({"estimate": -0.25, "se": gap["se"], "df": gap["df"]})
    assert found.p_against == pytest.approx(16 * below)


def test_sixty_providers_are_tested_exactly():
    hindered = {f"hindered_by_{name}": 0.9 for name in ("equipment", "training", "personnel")}
    assert verdict("F5", design(n=60, **hindered), "providers").verdict == "supported"
    assert (
        verdict("F5", design(n=60, **hindered | {"hindered_by_training": 0.2}), "providers").verdict == "contradicted"
    )
    assert verdict("F5", design(n=60, **hindered | {"hindered_by_training": 0.55}), "providers").verdict == "uncertain"


@pytest.mark.parametrize(("least", "word"), [(0.55, "supported"), (0.05, "contradicted"), (0.34, "uncertain")])
def test_each_cause_must_stand_above_the_average(least, word):
    causes = {
        "population_growth": 0.6,
        "scarce_resources": 0.6,
        "politicised_leadership": 0.6,
        "no_answer_outside_threats": least,
    }
    others = {"youth_disengagement": 0.2, "state_competition": 0.2, "displacement": 0.2, "other": 0.02}
    people = design(**{f"blames_{name}": value for name, value in (causes | others).items()})
    assert verdict("F6b", people).verdict == word


def test_a_measure_that_was_not_asked_leaves_the_claim_not_asked():
    people = design(trusts_army=0.8, trusts_gendarmerie=np.full(N, np.nan), trusts_police=0.7)
    assert verdict("F3a", people, absent=["trusts_gendarmerie"]).verdict == "not_asked"


def test_too_few_people_leave_the_verdict_withheld_and_the_numbers_out():
    few = verdict("F3a", design(n=9, trusts_army=0.8, trusts_gendarmerie=0.7, trusts_police=0.6))
    assert few.verdict == "withheld"
    assert all(row["estimate"] is None for row in few.rows)


def test_holm_by_hand():
    # sorted 0.01 x3, 0.03 x2, 0.04 x1, never falling
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "c": 0.06, "b": 0.06})


def test_all_parts_take_the_weakest_for_and_bonferroni_against():
    assert all_parts([(0.01, 0.9), (0.2, 0.02), (0.03, 0.8)]) == (0.2, pytest.approx(0.06))


def test_being_among_the_first_needs_all_rivals_but_so_many_below():
    rivals = [(0.9, 0.1), (0.02, 0.98), (0.001, 0.999), (0.03, 0.97)]
    # one may be above: of 0.9, 0.03, 0.02, 0.001 the second largest, twice; against: of 0.1, 0.97, ... the second
    # smallest, times the three pairs of neighbours left
    assert among_first(rivals, 2) == (pytest.approx(2 * 0.03), 1.0)
    assert among_first(rivals, 1) == (0.9, pytest.approx(4 * 0.1))
    assert among_first([(1.0, 1e-3), (1.0, 2e-3), (0.5, 0.5)], 2) == (1.0, pytest.approx(2 * 2e-3))
    assert among_first(rivals, 5) == (0.0, 1.0)
    # as many places as rivals: one of them must be shown to be below, either may be; against, both above
    assert among_first(rivals[:2], 2) == (pytest.approx(2 * 0.02), pytest.approx(0.98))


def test_two_one_sided_tests_take_the_worse_for_and_twice_the_better_against():
    inside, outside = ({"estimate": value, "se": 0.05, "df": 50} for value in (0.02, 0.2))
    # 0.02 lies 1.6 errors below 0.10 and 2.4 above -0.10; 0.2 lies 2 errors above 0.10
    assert within_margin(inside, 0.10) == (pytest.approx(stats.t.sf(1.6, 50)), 1.0)
    assert within_margin(outside, 0.10) == (pytest.approx(stats.t.cdf(2, 50)), pytest.approx(2 * stats.t.sf(2, 50)))


def test_claims_of_one_family_are_corrected_together_on_both_sides_and_others_by_themselves():
    """Of 400 people 55% trust the army and 45% the police: above one half hardly shown, and below it."""
    plan = load_plan()
    base = plan.row("claims", "F3a")

    def claim(name, measure, family):
        return base.model_copy(update={"id": name, "measures": (measure,), "family": family})

    claims = (
        claim("a", "trusts_army", "one"),
        claim("b", "trusts_police", "one"),
        claim("c", "trusts_police", "another"),
    )
    people = design(trusts_army=0.55, trusts_police=0.45)
    found = judge(plan.model_copy(update={"claims": claims}), {"community": people}, {"community": ()}, RULES, seed=1)
    high, low, alone = found
    # 0.05 above one half and 0.05 below: 2.0 errors on 400 people, one-sided p 0.023, and 0.046 as the first of two
    assert high.p_for == pytest.approx(low.p_against) == pytest.approx(0.023, abs=0.001)
    assert high.p_for_adjusted == pytest.approx(2 * high.p_for)
    assert low.p_against_adjusted == pytest.approx(2 * low.p_against)
    assert (high.p_against_adjusted, low.p_for_adjusted) == (high.p_against, low.p_for)
    assert (alone.p_for_adjusted, alone.p_against_adjusted) == (alone.p_for, alone.p_against)
    assert [one.verdict for one in found] == ["supported", "contradicted", "contradicted"]


def test_the_sentence_names_the_weakest_part():
    trust = verdict("F3a", design(trusts_army=0.8, trusts_gendarmerie=0.6, trusts_police=0.7)).values
    assert (trust["lowest_label"], trust["lowest_share"]) == ("trusts_gendarmerie", pytest.approx(0.6))
    moved = {f"trust_fell_{force}": fell for force, fell in (("army", 0.5), ("gendarmerie", 0.4), ("police", 0.6))}
    still = {f"trust_rose_{force}": 0.1 for force in ("army", "gendarmerie", "police")}
    erosion = verdict("F3b", design(**moved, **still)).values
    assert (erosion["smallest_label"], erosion["smallest_points"]) == ("trust_fell_gendarmerie", pytest.approx(0.3))


def test_another_actor_has_two_chances_to_fall_short_so_the_smaller_p_value_counts_twice():
    """The army has 46% for security and 60% for conflicts: it falls short in one role, and hardly."""
    found = verdict("F4", confidences(elected_chief=(0.8, 0.8), army=(0.46, 0.6)))
    army = next(row for row in found.rows if row["measure"] == "confident_security_army")
    _, below = against_half(army, "logit", 0.5)
    assert found.p_for == pytest.approx(2 * below) and 0.05 < found.p_for < 0.2


def test_clusters_that_all_agree_are_no_certainty():
    row = {"estimate": 0.0, "se": 0.0, "df": 11, "clusters": 12}
    assert above_zero(row) == (1.0, 1.0)  # no difference is neither above nor below
    # were the mean 0.1 or more, a cluster would show 0 or less at most (1 - 0.1) / (1 - 0) of the time; 12 clusters: 0.28
    above, below = above_zero(row, 0.10)
    assert (above, below) == (1.0, pytest.approx(0.9**12))
    above, below = above_zero(row | {"estimate": 0.5}, 0.10)
    assert (above, below) == (pytest.approx((1.1 / 1.5) ** 12), 1.0)
    assert above_zero(row | {"df": 0}) == (1.0, 1.0)


def test_twelve_people_who_see_no_change_do_not_prove_that_there_is_none():
    nobody = np.zeros(12)
    people = design(n=12, security_better_foreign_troops=nobody, security_worse_foreign_troops=nobody)
    assert verdict("F2", people).verdict == "uncertain"
    many = design(security_better_foreign_troops=np.zeros(N), security_worse_foreign_troops=np.zeros(N))
    assert verdict("F2", many).verdict == "supported"


def test_a_share_of_one_is_tested_on_fewer_people_where_clusters_are_few():
    row = {"estimate": 1.0, "se": 0.0, "n": 60, "df": 5}
    # Korn and Graubard: 60 people in 6 clusters count as 60 * (t59 / t5)^2, that is 36.4
    size = 60 * (stats.t.ppf(0.025, 59) / stats.t.ppf(0.025, 5)) ** 2
    assert size == pytest.approx(36.4, abs=0.05)
    assert against_half(row, "logit", 0.5) == (pytest.approx(0.5**size), 1.0)


def test_the_exact_test_is_the_binomial_test():
    row = {"estimate": 15 / 20, "se": np.sqrt(0.75 * 0.25 / 20), "df": 19, "n": 20}
    above, below = against_half(row, "beta", 0.5)
    assert above == pytest.approx(stats.binom.sf(14, 20, 0.5))
    assert below == pytest.approx(stats.binom.cdf(15, 20, 0.5))


def test_the_exact_test_and_the_exact_interval_say_the_same_where_clusters_are_few():
    clusters = np.repeat(np.arange(6), 10)
    for yes in range(5, 56):
        answers = np.zeros(60)
        answers[np.argsort((np.arange(60) * 7) % 60)[:yes]] = 1
        frame = pd.DataFrame({"weight": 1.0, "stratum": "all", "psu": clusters, "m": answers})
        row = proportion(survey_design(frame), "m", interval="beta").iloc[0]
        above, below = against_half(row, "beta", 0.5)
        assert (above < 0.025) == (row["low"] > 0.5), yes
        assert (below < 0.025) == (row["high"] < 0.5), yes


def test_without_degrees_of_freedom_nothing_is_shown_for_or_against():
    row = {"estimate": 0.9, "se": 0.01, "df": 0, "n": 50}
    assert against_half(row, "logit", 0.5) == against_half(row, "beta", 0.5) == above_zero(row) == (1.0, 1.0)


def test_a_difference_is_tested_in_the_direction_it_is_declared():
    for_it, against = above_zero({"estimate": 0.1, "se": 0.03, "df": 50})
    assert for_it < 0.01 < 0.99 < against
    assert word_of(0.05, 1.0) == "supported"
    assert word_of(0.051, 1.0) == "uncertain"
    assert word_of(1.0, 0.05) == "contradicted"


def rows(*people, clusters=20):
    return estimate_rows(
        [
            {
                "measure": "m",
                "population": "community",
                "by": "region",
                "level": f"r{i}",
                "estimate": 0.5,
                "low": 0.4,
                "high": 0.6,
                "n": n,
                "clusters": clusters,
                "unit": "share",
            }
            for i, n in enumerate(people)
        ]
    )


def test_the_threshold_is_the_smallest_number_that_is_shown():
    alone = [release(rows(n).assign(by="", level=""), RULES)["status"].iloc[0] for n in (9, 10, 29, 30)]
    assert alone == ["withheld", "imprecise", "imprecise", "ok"]
    assert release(rows(200, clusters=2).assign(by=""), RULES)["status"].iloc[0] == "withheld"


def test_one_withheld_level_takes_the_next_smallest_with_it():
    released = release(rows(5, 40, 300), RULES)
    assert released["status"].tolist() == ["withheld", "withheld", "ok"]
    assert released["status_reason"].tolist() == ["too_few", "protects_another", ""]
    assert released.loc[:1, ["estimate", "n", "low", "clusters"]].isna().all().all()
    assert release(rows(5, 6, 300), RULES)["status"].tolist() == ["withheld", "withheld", "ok"]


def test_what_is_withheld_cannot_be_worked_out_as_a_group_either():
    # total 347, shown 300 and 40: the other two together would be known to be 7 people, below the threshold of 10
    assert release(rows(3, 4, 300, 40), RULES)["status"].tolist() == ["withheld", "withheld", "ok", "withheld"]
    # 4 + 6 people are as many as the threshold, and two levels: nothing more needs to go
    assert release(rows(4, 6, 300, 40), RULES)["status"].tolist() == ["withheld", "withheld", "ok", "ok"]
    # a level with nobody in it hides no one
    assert release(rows(0, 5, 40, 300), RULES)["status"].tolist() == ["withheld", "withheld", "withheld", "ok"]
    assert release(rows(0, 40, 300), RULES)["status"].tolist() == ["withheld", "ok", "ok"]


def test_sensitive_breakdowns_need_permission_by_name_and_a_reason():
    from bsna.intake.profile import load_profile

    plan, profile = load_plan(), load_profile("zz")
    group = plan.group("ethnic_group", "community")
    assert not permitted(group, profile)
    assert permitted(plan.group("region", "community"), profile)
    open_rules = profile.publication.model_copy(
        update={"sensitive_groups": ("ethnic_group",), "permission_reason": "agreed"}
    )
    assert permitted(group, profile.model_copy(update={"publication": open_rules}))
    with pytest.raises(ValueError, match="permission_reason"):
        Publication(**{**RULES.model_dump(), "sensitive_groups": ("ethnic_group",)})


def corridors(**mentions):
    """One row per corridor: origin_destination = how many of 200 people mention it."""
    return estimate_rows(
        [
            {
                "measure": "corridors",
                "population": "community",
                "by": "origin",
                "level": name.split("_")[0],
                "category": name.split("_")[1],
                "estimate": count / 200,
                "low": count / 200 - 0.05,
                "high": count / 200 + 0.05,
                "n": 200,
                "n_yes": count,
                "clusters": 20,
                "unit": "share",
            }
            for name, count in mentions.items()
        ]
    )


def hidden_corridors(**mentions):
    released = release_corridors(corridors(**mentions), RULES)
    hidden = released["status"] == "withheld"
    assert released.loc[hidden, ["estimate", "n", "low"]].isna().all().all()
    assert (released.loc[~hidden, "n"] == 200).all()
    return [f"{r.level}_{r.category}" for r in released[hidden].itertuples()]


def test_a_corridor_that_few_mention_cannot_be_worked_out_from_the_others():
    # 4 is too few; with 15 and 81 shown it would be 100 - 96, and those of north are 15 and 4
    assert hidden_corridors(north_east=4, north_south=15, west_south=81) == ["north_east", "north_south"]
    assert hidden_corridors(north_east=10, north_south=15, west_south=81) == []


def test_a_corridor_cannot_be_worked_out_from_those_who_cross_from_its_origin():
    # how many cross from the north is in another table: 4 = 54 - 50, so 50 leaves with it, though 12 would do in all
    assert hidden_corridors(north_east=4, north_south=50, west_south=12, west_east=90) == ["north_east", "north_south"]
    # the only one from the north: another must leave of all, and then a second of that origin
    assert hidden_corridors(north_east=4, west_south=12, west_east=90, west_north=70) == [
        "north_east",
        "west_south",
        "west_north",
    ]


def test_exact_counts_of_answers_are_never_released():
    """300 people, 298 of known age: 190 of these say yes, and 192 of all: both of unknown age would be known to."""
    shown = pd.concat([rows(150, 148).assign(n_yes=[100.0, 90.0]), rows(300).assign(by="", level="", n_yes=192.0)])
    assert release(shown.reset_index(drop=True), RULES)["n_yes"].isna().all()


def test_a_number_without_an_interval_is_imprecise():
    shown = rows(200).assign(by="", low=np.nan, high=np.nan)
    assert release(shown, RULES)["status"].tolist() == ["imprecise"]


def test_an_effect_rests_on_the_people_at_its_level_or_at_the_reference():
    """Of 200 people 8 fish: their effect would tell how these eight answered, and is withheld as their share is."""
    activity = np.array(["herding"] * 120 + ["farming"] * 72 + ["fishing"] * 8, dtype=object)
    people = design(n=200, trusts=share(0.6, 200), activity=activity)
    order = ["herding", "farming", "fishing"]
    fit = binary_logit(people, "trusts", ["activity"], levels={"activity": order})
    effects = average_marginal_effects(fit, people).set_index("level")
    assert effects["n"].to_dict() == {"farming": 72, "fishing": 8}
    assert release(effects.reset_index(), RULES).set_index("level")["status"]["fishing"] == "withheld"
    turned = binary_logit(people, "trusts", ["activity"], levels={"activity": order[::-1]})
    assert average_marginal_effects(turned, people)["n"].tolist() == [8, 8]
