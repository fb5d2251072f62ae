"""Precision and power before fieldwork: arithmetic left visible, values published elsewhere, and laws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bsna import estimation as est
from bsna.estimation import planning, power

SHARES = st.floats(0.05, 0.95)
EFFECTS = st.floats(0, 0.3)


@pytest.fixture
def twenty():
    """Two strata of ten clusters of eleven people, all of one weight."""
    return planning.planned_sample([10, 10], [11, 11])


def of(estimate, se, df, n=100.0):
    return planning.Precision(estimate, se, float("nan"), df, n, 1.0)


def test_neighbours_who_are_alike_count_for_less(twenty):
    assert (twenty.people, twenty.people_per_cluster, twenty.weight_effect, twenty.df) == (220, 11, 1, 20 - 2)
    assert twenty.design_effect(0.1) == pytest.approx(1 + 10 * 0.1)
    # p = 0.5: 2 * 0.25 / 220, and the 97.5% point of t with 18 degrees of freedom is 2.1009
    planned = planning.planned_share(twenty, 0.5, cluster_effect=0.1)
    assert planned.se == pytest.approx(np.sqrt(2 * 0.25 / 220))
    assert planned.half_width == pytest.approx(2.10092 * planned.se, rel=1e-5)


def test_unequal_weights_cost_what_kish_says():
    # weights 100 / 40 = 2.5 and 300 / 40 = 7.5: mean 5, variance 2.5^2, so 1 + cv^2 = 1 + 0.25
    plan = planning.planned_sample([10, 10], [4, 4], [100, 300])
    assert plan.weight_effect == pytest.approx(1.25)
    assert plan.weight_effect == pytest.approx(est.kish_design_effect(pd.Series([2.5] * 40 + [7.5] * 40)))
    assert plan.design_effect(0.2) == pytest.approx(1.25 * (1 + 3 * 0.2))


def test_clusters_of_two_sizes_count_by_the_squares_of_their_weights():
    # one weight for all: b = (10 * 2^2 + 10 * 8^2) / (10 * 2 + 10 * 8)
    plan = planning.planned_sample([10, 10], [2, 8])
    assert plan.people_per_cluster == pytest.approx(680 / 100)
    assert plan.weight_effect == pytest.approx(1)


def test_a_domain_has_fewer_people_in_each_cluster_and_all_clusters(twenty):
    women = twenty.domain(0.5)
    assert (women.people, women.df) == (110, 18)
    assert women.design_effect(0.1) == pytest.approx(1 + 5 * 0.1)


def test_answers_to_one_question_exclude_each_other(twenty):
    # better 0.3, worse 0.2, nobody both: 0.5 - 0.1^2
    planned = planning.planned_difference(twenty, 0.3, 0.2, cluster_effect=0)
    assert planned.estimate == pytest.approx(0.1)
    assert planned.se == pytest.approx(np.sqrt(0.49 / 220))
    # half of all say both of 0.8 and 0.6: 1.4 - 1 - 0.04; at the least 0.4 do, and then 1.4 - 0.8 - 0.04
    known = planning.planned_difference(twenty, 0.8, 0.6, cluster_effect=0, both=0.5)
    assert known.se == pytest.approx(np.sqrt(0.36 / 220))
    unknown = planning.planned_difference(twenty, 0.8, 0.6, cluster_effect=0)
    assert unknown.se == pytest.approx(np.sqrt(0.56 / 220))


def test_domains_share_their_clusters_and_samples_do_not(twenty):
    women = planning.planned_share(twenty.domain(0.5), 0.6, cluster_effect=0)
    men = planning.planned_share(twenty.domain(0.5), 0.4, cluster_effect=0)
    gap = planning.planned_gap_of_domains(women, men)
    assert gap.estimate == pytest.approx(0.2)
    assert gap.se == pytest.approx(np.sqrt(0.24 / 110 + 0.24 / 110))
    assert (gap.df, gap.n, gap.design_effect) == (18, 220, pytest.approx(1))
    # two samples alike in error: (2 v)^2 / (2 v^2 / 18) = 36 degrees of freedom
    assert planning.planned_gap_of_samples(women, men).df == pytest.approx(36)
    with pytest.raises(ValueError, match="do not share their clusters"):
        planning.planned_gap_of_domains(women, of(0.4, 0.05, 9.0))


def test_the_gap_of_two_worths_has_the_information_of_all_choices():
    # one choice: shares of a multinomial; two items left over tell nothing more than the first choice
    assert planning.rank_gap_variance([5, 3, 2], 0, 1, named=1) == pytest.approx(1 / 0.5 + 1 / 0.3)
    two = planning.rank_gap_variance([5, 3, 2], 0, 1, named=2)
    assert planning.rank_gap_variance([5, 3, 2], 0, 1, named=3) == pytest.approx(two)
    # three alike, two choices: the first tells diag(1/3) - 1/9, the second diag(1/2) - 1/4 on a pair, each pair
    # once in three: an item is in two of them, 2 * 1/4 / 3 = 2/12 on the diagonal and -1/12 beside it
    information = (np.eye(3) / 3 - 1 / 9) + (3 * np.eye(3) - 1) / 12
    contrast = np.array([1, -1, 0])
    assert planning.rank_gap_variance([1, 1, 1], 0, 1, named=2) == pytest.approx(
        contrast @ np.linalg.pinv(information) @ contrast
    )


def test_the_planned_error_of_a_rank_gap_is_that_of_the_model_on_as_many_people():
    rng, worths = np.random.default_rng(5), np.array([0.4, 0.3, 0.2, 0.1])
    utility = np.log(worths) + rng.gumbel(size=(4000, 4))
    order = np.array(list("abcd"))[np.argsort(-utility, axis=1)]
    frame = pd.DataFrame({"r1": order[:, 0], "r2": order[:, 1], "weight": 1.0, "s": "all", "psu": np.arange(4000)})
    fit = est.rank_model(est.survey_design(frame, stratum="s"), ["r1", "r2"], list("abcd"))
    planned = np.sqrt(planning.rank_gap_variance(worths, 1, 2, named=2) / 4000)
    assert fit.gap("b", "c")["se"] == pytest.approx(planned, rel=0.03)


def test_power_of_a_one_sided_test_is_that_published_for_r():
    # R 4.x, help page of power.t.test: n = 20 in each group, delta = 1, sd = 1, level 0.05 on two sides: 0.8689528
    assert power.power_above(of(1, np.sqrt(2 / 20), 38), alpha=0.025) == pytest.approx(0.8689528, abs=5e-8)


@pytest.mark.parametrize(("cv", "people", "published"), [(0.25, 28, 0.807439), (0.30, 40, 0.815845)])
def test_power_of_equivalence_is_that_published_for_powertost(cv, people, published):
    """R PowerTOST, help page of sampleN.TOST: crossover, ratio 0.95 within 0.80 and 1.25, level 0.05."""
    se = np.sqrt(np.log(1 + cv**2) * 2 / people)
    got = power.power_within(of(np.log(0.95), se, people - 2), np.log(1.25))
    assert got == pytest.approx(published, abs=1e-6)


def test_equivalence_needs_a_narrow_error_even_where_nothing_changed():
    # on many degrees of freedom: both reject if the estimate is within 0.10 - 1.645 * 0.04 = 0.0342 of zero
    got = power.power_within(of(0.0, 0.04, 10**6), 0.10)
    assert got == pytest.approx(2 * stats.norm.cdf((0.10 - 1.644854 * 0.04) / 0.04) - 1, abs=1e-5)
    assert power.power_within(of(0.0, 0.08, 10**6), 0.10) < 1e-6  # 0.10 < 1.645 * 0.08: no estimate could


def test_the_exact_test_counts_whole_people():
    # 20 people, level 0.05: of one half, 15 or more come by chance in 0.0207, 14 or more in 0.0577
    share = of(0.8, np.sqrt(0.16 / 20), 19, n=20)
    assert power.power_share_above(share, 0.5, interval="beta") == pytest.approx(stats.binom.sf(14, 20, 0.8))
    # fewer clusters: 20 * (t19 / t9)^2 = 17.1 people, and 13 of 17 are needed
    few = of(0.8, np.sqrt(0.16 / 20), 9, n=20)
    assert power.power_share_above(few, 0.5, interval="beta") == pytest.approx(stats.binom.sf(12, 17, 0.8))


def test_correction_for_a_family_lowers_the_level(twenty):
    planned = planning.planned_share(twenty, 0.6, cluster_effect=0.05)
    assert power.power_share_above(planned, 0.5, family=9) == power.power_share_above(planned, 0.5, alpha=0.05 / 9)
    assert power.power_above(planned, 0.5, family=9) < power.power_above(planned, 0.5)


def test_parts_of_a_claim_hold_together_at_least_and_at_most():
    # all three: 1 - 0.1 - 0.2 - 0.3, and no more than the least likely
    assert power.at_least([0.9, 0.8, 0.7], 3) == pytest.approx((0.4, 0.7))
    # one of two: no less than the likelier, no more than both added
    assert power.at_least([0.3, 0.4], 1) == pytest.approx((0.4, 0.7))
    # two of three: misses 0.1, 0.2, 0.3 happen twice in at most (0.1 + 0.2) / 1 or 0.6 / 2
    assert power.at_least([0.9, 0.8, 0.7], 2) == pytest.approx((0.7, 1.0))
    assert power.at_least([0.2], 0) == (1.0, 1.0)


@settings(deadline=None, max_examples=60)
@given(chances=st.lists(st.floats(0, 1), min_size=1, max_size=5), count=st.integers(1, 5), seed=st.integers(0, 99))
def test_chances_of_events_lie_within_the_bounds_however_they_hang_together(chances, count, seed):
    """Events laid out on a circle of length one, each turned by some angle, so that they overlap at random."""
    turns = np.random.default_rng(seed).random(len(chances))
    points = (np.arange(2000)[:, None] / 2000 + turns) % 1 < np.array(chances)
    happens = float((points.sum(axis=1) >= count).mean())
    low, high = power.at_least(chances, count)
    assert low - 0.005 <= happens <= high + 0.005


@settings(deadline=None)
@given(share=SHARES, effect=EFFECTS)
def test_a_share_is_shown_above_or_below_or_neither_and_at_the_threshold_by_chance_alone(share, effect):
    plan = planning.planned_sample([12, 12], [8, 8])
    one = planning.planned_share(plan, share, cluster_effect=effect)
    rest = planning.planned_share(plan, 1 - share, cluster_effect=effect)
    for threshold in (0.3, 0.5):
        below = power.power_share_above(rest, 1 - threshold)
        assert power.power_share_above(one, threshold) + below <= 1 + 1e-9
    assert power.power_share_above(one, share) == pytest.approx(0.05)


@settings(deadline=None, max_examples=30)
@given(share=SHARES, effect=EFFECTS, width=st.floats(0.02, 0.2))
def test_the_clusters_needed_reach_the_precision_and_one_fewer_does_not(share, effect, width):
    plan = planning.planned_sample([5, 5], [8, 8])

    def reaches(sample):
        return planning.planned_share(sample, share, cluster_effect=effect).half_width <= width

    needed = power.clusters_needed(plan, reaches)
    assert reaches(plan.with_clusters(needed))
    assert needed == plan.strata + 1 or not reaches(plan.with_clusters(needed - 1))


def test_clusters_needed_for_a_power_are_those_published_for_r():
    """R 4.x, help page of power.t.test: power 0.90, delta 1, one-sided: 17.84713 people in each of two groups, so 18.

    Two groups of n people have an error of sqrt(2 / n) on 2 n - 2 degrees of freedom: a stratum each, people as clusters.
    """
    plan = planning.planned_sample([10, 10], [1, 1])

    def reaches(sample):
        # variance 4 over 2 n people is 2 / n
        return power.power_above(planning.planned_mean(sample, 1.0, 4.0, cluster_effect=0)) >= 0.90

    assert power.clusters_needed(plan, reaches) == 2 * 18
    with pytest.raises(ValueError, match="12 clusters do not reach this goal"):
        power.clusters_needed(plan, reaches, most=12)


def test_the_planned_power_is_that_of_the_test_on_drawn_samples():
    """Answers of clusters drawn from a beta distribution: a mean of p and a correlation of rho within clusters."""
    rng, p, rho = np.random.default_rng(11), 0.62, 0.10
    plan = planning.planned_sample([15, 15], [8, 8])
    planned = planning.planned_share(plan, p, cluster_effect=rho)
    shares = rng.beta(p * (1 - rho) / rho, (1 - p) * (1 - rho) / rho, size=(200, 30))
    answers = (rng.random((200, 30, 8)) < shares[:, :, None]).reshape(200, -1).astype(float)
    frame = pd.DataFrame({"stratum": np.repeat([1, 2], 120), "psu": np.repeat(np.arange(30), 8), "weight": 1.0})
    shown, errors = 0, []
    for drawn in answers:
        row = est.proportion(est.survey_design(frame.assign(yes=drawn)), "yes").iloc[0]
        scale = row["se"] / (row["estimate"] * (1 - row["estimate"]))
        logit = np.log(row["estimate"] / (1 - row["estimate"]))
        shown += stats.t.sf(logit / scale, row["df"]) <= 0.05
        errors.append(row["se"])
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(planned.se, rel=0.03)
    expected = power.power_share_above(planned, 0.5)
    assert shown / 200 == pytest.approx(expected, abs=3 * np.sqrt(expected * (1 - expected) / 200))


@pytest.mark.parametrize(
    ("ask", "complaint"),
    [
        (lambda: planning.planned_sample([2, 2], [8]), "2 strata by clusters, 1 by people"),
        (lambda: planning.planned_sample([2, 0], [8, 8]), "above zero"),
        (lambda: planning.planned_sample([1, 1], [8, 8]).df, "2 clusters in 2 strata leave no degrees of freedom"),
        (lambda: planning.planned_sample([9], [8]).design_effect(1.2), "The cluster effect is 1.2"),
        (lambda: planning.planned_sample([9], [8]).domain(0), "A domain of 0 of the people"),
        (
            lambda: planning.planned_share(planning.planned_sample([9], [8]), 1.0, cluster_effect=0),
            r"Shares of \[1.0\]",
        ),
        (
            lambda: planning.planned_difference(
                planning.planned_sample([9], [8]), 0.8, 0.6, cluster_effect=0, both=0.3
            ),
            "at least 0.4",
        ),
        (
            lambda: planning.planned_difference(
                planning.planned_sample([9], [8]), 0.5, 0.5, cluster_effect=0, both=0.5
            ),
            "A variance of 0",
        ),
        (lambda: planning.rank_gap_variance([0.5, 0.5, 0], 0, 1, named=1), "each worth must be above zero"),
        (lambda: power.power_within(of(0, 0.1, 9), 0.0), "A margin of 0.0"),
        (lambda: power.power_above(of(0, 0.1, 9), family=0), "over 0 tests"),
    ],
)
def test_what_cannot_be_planned_is_refused_with_the_reason(ask, complaint):
    with pytest.raises(ValueError, match=complaint):
        ask()
