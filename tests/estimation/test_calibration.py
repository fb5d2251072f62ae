"""Calibrated weights and their variances: arithmetic left visible, and laws that hold for any totals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bsna import estimation as est

DISTANCES = [("linear", None), ("raking", None), ("logit", (0.2, 5.0)), ("linear", (0.2, 5.0)), ("raking", (0.2, 5.0))]


def alone(**columns):
    """A sample of people drawn one by one, without strata."""
    return est.survey_design(pd.DataFrame(columns), weight="w", stratum=None, psu=None)


@pytest.fixture
def four():
    return alone(w=[10.0, 10, 10, 30], sex=list("ffmm"), place=["u", "r", "u", "r"], y=[1.0, 3, 2, 6])


@pytest.fixture
def clustered():
    """Three strata of four villages of five people, with unequal weights."""
    rng = np.random.default_rng(5)
    n = 60
    frame = pd.DataFrame({"stratum": np.repeat(list("abc"), 20), "psu": np.repeat(np.arange(12), 5)})
    frame["weight"] = rng.uniform(20, 60, n)
    frame["sex"] = rng.choice(["f", "m"], n)
    frame["place"] = rng.choice(["town", "bush", "camp"], n)
    frame["age"] = rng.integers(18, 80, n).astype(float)
    frame["y"] = frame["age"] / 10 + rng.normal(size=n)
    return est.survey_design(frame)


def totals_of(design, column):
    return design.frame.assign(w=design.weights).groupby(column)["w"].sum().to_dict()


def test_weights_are_scaled_to_the_total_of_each_post_stratum(four):
    # women weigh 20 and are 60, men weigh 40 and are 40
    assert est.poststratified(four, "sex", {"f": 60, "m": 40}).weights == pytest.approx([30, 30, 10, 30])


def test_combinations_of_columns_can_be_post_strata(four):
    totals = {("f", "u"): 1, ("f", "r"): 2, ("m", "u"): 3, ("m", "r"): 4}
    assert est.poststratified(four, ("sex", "place"), totals).weights == pytest.approx([1, 2, 3, 4])


def test_variance_of_a_post_stratified_mean_is_that_within_post_strata(four):
    row = est.mean(est.poststratified(four, "sex", {"f": 60, "m": 40}), "y").iloc[0]
    # women have 2 on average, men (10*2 + 30*6) / 40 = 5
    assert row["estimate"] == pytest.approx((60 * 2 + 40 * 5) / 100)
    # scores w (y - mean of the post-stratum) / 100: -0.3, 0.3, -0.3, 0.3; times 4/3 for four people
    assert row["se"] == pytest.approx(np.sqrt(4 / 3 * 4 * 0.3**2))


def test_what_is_the_same_within_post_strata_has_no_error(four):
    design = est.poststratified(four, "sex", {"f": 60, "m": 40})
    row = est.total(design.with_columns(woman=[1.0, 1, 0, 0]), "woman").iloc[0]
    assert row["estimate"] == pytest.approx(60)
    assert row["se"] == pytest.approx(0, abs=1e-12)


def test_raking_meets_two_margins_that_are_independent():
    equal = alone(w=[1.0] * 4, sex=list("ffmm"), place=["u", "r", "u", "r"])
    raked = est.raked(equal, {"sex": {"f": 30, "m": 10}, "place": {"u": 20, "r": 20}})
    # 30 * 20 / 40 for women in town, and so on
    assert raked.weights == pytest.approx([15, 15, 5, 5])


def test_raking_leaves_no_error_to_sums_of_margin_effects(clustered):
    margins = {"sex": {"f": 700, "m": 800}, "place": {"town": 600, "bush": 500, "camp": 400}}
    frame = clustered.frame
    effect = frame["sex"].map({"f": 2.0, "m": 5.0}) + frame["place"].map({"town": 1.0, "bush": 7.0, "camp": 0.0})
    row = est.mean(est.raked(clustered, margins).with_columns(effect=effect), "effect").iloc[0]
    assert row["estimate"] == pytest.approx((700 * 2 + 800 * 5 + 600 * 1 + 500 * 7) / 1500)
    assert row["se"] == pytest.approx(0, abs=1e-12)


def test_raking_rounds_and_the_raking_distance_give_the_same_weights(clustered):
    margins = {"sex": {"f": 700, "m": 800}, "place": {"town": 600, "bush": 500, "camp": 400}}
    raked = est.raked(clustered, margins)
    assert raked.weights == pytest.approx(est.calibrated(clustered, list(margins), margins, distance="raking").weights)
    assert totals_of(raked, "sex") == pytest.approx(margins["sex"])
    assert totals_of(raked, "place") == pytest.approx(margins["place"])


def test_one_number_is_calibrated_by_hand():
    design = est.calibrated(alone(w=[10.0, 10, 10], x=[1.0, 2, 3]), ["x"], {"x": 80})
    # 60 are 20 short; sum of w x^2 is 140; factors 1 + x 20/140
    assert design.weights == pytest.approx([10 * 8 / 7, 10 * 9 / 7, 10 * 10 / 7])


def test_variance_of_a_calibrated_total_is_that_of_residuals():
    design = est.calibrated(alone(w=[10.0, 10, 10], x=[1.0, 2, 3], y=[2.0, 2, 3]), ["x"], {"x": 80})
    # slope of y on x: (2 + 4 + 9) / 14 = 15/14; residuals 13/14, -2/14, -3/14; weights 80/7, 90/7, 100/7
    scores = np.array([80 * 13, -90 * 2, -100 * 3]) / (7 * 14)
    assert est.total(design, "y").iloc[0]["se"] == pytest.approx(np.sqrt(1.5 * ((scores - scores.mean()) ** 2).sum()))


def test_post_stratifying_is_linear_calibration_to_the_levels(clustered):
    totals = {"f": 700, "m": 800}
    one, other = est.poststratified(clustered, "sex", totals), est.calibrated(clustered, ["sex"], {"sex": totals})
    assert one.weights == pytest.approx(other.weights)
    assert est.mean(one, "y").iloc[0]["se"] == pytest.approx(est.mean(other, "y").iloc[0]["se"])


@pytest.mark.parametrize(("distance", "bounds"), DISTANCES)
def test_every_distance_meets_its_totals_within_its_bounds(clustered, distance, bounds):
    totals = {"sex": {"f": 1100.0, "m": 1200.0}, "age": 120_000.0}
    design = est.calibrated(clustered, ["sex", "age"], totals, distance=distance, bounds=bounds)
    assert totals_of(design, "sex") == pytest.approx(totals["sex"], rel=1e-10)
    assert design.weights @ clustered.numbers("age") == pytest.approx(120_000, rel=1e-10)
    factors = design.weights / clustered.weights
    assert bounds is None or (factors.min() >= bounds[0] - 1e-9 and factors.max() <= bounds[1] + 1e-9)


@pytest.mark.parametrize(("distance", "bounds"), DISTANCES)
def test_calibrating_to_what_the_sample_says_changes_no_weight(clustered, distance, bounds):
    totals = {"place": totals_of(clustered, "place"), "age": float(clustered.weights @ clustered.numbers("age"))}
    design = est.calibrated(clustered, ["place", "age"], totals, distance=distance, bounds=bounds)
    assert design.weights == pytest.approx(clustered.weights, rel=1e-10)


def test_bounds_hold_where_they_bite(clustered):
    totals = {"sex": {"f": 1100.0, "m": 1200.0}, "age": 120_000.0}
    free = est.calibrated(clustered, ["sex", "age"], totals).weights / clustered.weights
    limit = float(free.max()) - 0.05
    held = est.calibrated(clustered, ["sex", "age"], totals, bounds=(0.1, limit)).weights / clustered.weights
    assert held.max() == pytest.approx(limit)
    assert (held > limit - 1e-9).sum() > 1


def test_by_cluster_there_is_one_factor_in_each_village(clustered):
    totals = {"sex": {"f": 1100.0, "m": 1300.0}, "age": 118_000.0}
    design = est.calibrated(clustered, ["sex", "age"], totals, by_cluster=True)
    factors = pd.Series(design.weights / clustered.weights).groupby(clustered.psu_codes)
    assert factors.max().to_numpy() == pytest.approx(factors.min().to_numpy())
    assert totals_of(design, "sex") == pytest.approx(totals["sex"])
    assert est.total(design, "age").iloc[0]["se"] == pytest.approx(0, abs=1e-6)


def test_linear_weights_below_zero_are_counted():
    with pytest.warns(UserWarning, match="1 of 4 weights are negative"):
        # 12 too many; sum of w x^2 is 84; factors 1 - x 12/84: 9 becomes 1 - 108/84
        design = est.calibrated(alone(w=[1.0] * 4, x=[1.0, 1, 1, 9]), ["x"], {"x": 0.0})
    assert design.weights == pytest.approx([1 - 1 / 7, 1 - 1 / 7, 1 - 1 / 7, 1 - 9 / 7])


def test_a_domain_of_a_calibrated_design_is_a_total_with_zeros_outside(clustered):
    design = est.calibrated(clustered, ["sex"], {"sex": {"f": 1100.0, "m": 1300.0}})
    within = design.frame["place"] == "town"
    zeros = design.with_columns(y_in_town=design.frame["y"].where(within, 0.0))
    assert est.total(design, "y", where=within).iloc[0]["se"] == pytest.approx(
        est.total(zeros, "y_in_town").iloc[0]["se"], rel=1e-12
    )


def test_calibrations_add_up(clustered):
    twice = est.raked(
        est.poststratified(clustered, "place", {"town": 900, "bush": 800, "camp": 700}), {"sex": {"f": 1300, "m": 1100}}
    )
    assert len(twice.adjustments) == 2
    assert totals_of(twice, "sex") == pytest.approx({"f": 1300, "m": 1100})


def test_trimming_shares_what_is_cut_among_the_others():
    design = est.trimmed(alone(w=[10.0, 20, 30, 60]), low=None, high=40)
    # 20 are cut off, 20/3 for each of the three others
    assert design.weights == pytest.approx([10 + 20 / 3, 20 + 20 / 3, 30 + 20 / 3, 40])


def test_strict_trimming_goes_on_until_no_weight_is_outside():
    people = alone(w=[10.0, 35, 39, 60])
    # once: 20/3 for each; 39 + 20/3 is above 40 again
    assert est.trimmed(people, low=None, high=40).weights.max() == pytest.approx(39 + 20 / 3)
    # again: 35 + 20/3 - 40 and 39 + 20/3 - 40 go to the first: 144 - 3 * 40
    assert est.trimmed(people, low=None, high=40, strict=True).weights == pytest.approx([24, 40, 40, 40])


def test_trimming_after_calibration_keeps_the_residuals_of_the_calibration():
    design = est.calibrated(alone(w=[10.0, 10, 10], x=[1.0, 2, 3], y=[2.0, 2, 3]), ["x"], {"x": 80})
    trimmed = est.trimmed(design, low=None, high=13)
    # 100/7 is cut to 13, the two others get half of 9/7 each: 80/7 + 9/14, 90/7 + 9/14
    weights = np.array([80 / 7 + 9 / 14, 90 / 7 + 9 / 14, 13])
    assert trimmed.weights == pytest.approx(weights)
    # u = trimmed weight * y over calibrated weight, on x; residual times calibrated weight
    calibrated, x = np.array([80, 90, 100]) / 7, np.array([1.0, 2, 3])
    u = weights * [2, 2, 3] / calibrated
    scores = calibrated * (u - x * (u @ x) / 14)
    assert est.total(trimmed, "y").iloc[0]["se"] == pytest.approx(np.sqrt(1.5 * ((scores - scores.mean()) ** 2).sum()))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda d: est.poststratified(d, "sex", {"f": 60, "m": 30, "x": 10}), "nobody has x"),
        (lambda d: est.poststratified(d, "sex", {"f": 60}), "no total for m"),
        (lambda d: est.poststratified(d, "sex", {"f": 60, "m": 0}), "totals of m are not numbers above zero"),
        (lambda d: est.poststratified(d, "sex", {"f": 60, "m": float("nan")}), "totals of m"),
        (lambda d: est.poststratified(d, "hole", {"a": 60}), r"1 respondent\(s\) have no 'hole'"),
        (lambda d: est.raked(d, {}), "at least one margin"),
        (lambda d: est.raked(d, {"sex": {"f": 1, "m": 2}, "place": {"u": 2, "r": 2}}), "scale them to one sum"),
        (lambda d: est.calibrated(d, ["y"], {}), "each term needs one total"),
        (lambda d: est.calibrated(d, [], {}), "at least one total"),
        (lambda d: est.calibrated(d, ["sex"], {"sex": 5.0}), "'sex' holds words"),
        (lambda d: est.calibrated(d, ["gap"], {"gap": 5.0}), r"1 respondent\(s\) have no 'gap'"),
        (lambda d: est.calibrated(d, ["y"], {"y": float("inf")}), "totals of .'y'. are missing or infinite"),
        (lambda d: est.calibrated(d, ["y"], {"y": 9.0}, distance="square"), "distance is 'square'"),
        (lambda d: est.calibrated(d, ["y"], {"y": 9.0}, bounds=(1.2, 3)), "below and above 1"),
        (lambda d: est.calibrated(d, ["y"], {"y": 9.0}, distance="logit"), "needs two finite bounds"),
        (
            lambda d: est.calibrated(d, ["sex"], {"sex": {"f": 60, "m": 40}}, population=120),
            "contradict each other.*not",
        ),
        (
            lambda d: est.calibrated(d, ["y"], {"y": 9000.0}, bounds=(0.5, 2)),
            "between 0.5 and 2.* furthest off: y adds up to 480, not 9000",
        ),
        (lambda d: est.trimmed(d, low=None, high=12), "cannot keep their sum: their mean is 15"),
        (lambda d: est.trimmed(d, low=11, high=20), "All 4 weights were cut"),
    ],
)
def test_totals_that_cannot_be_met_are_refused(four, ask, message):
    design = four.with_columns(hole=["a", "a", "a", None], gap=[1.0, 2, 3, np.nan])
    with pytest.raises(ValueError, match=message):
        ask(design)


def test_raking_that_cannot_settle_names_the_level_furthest_off():
    # the only woman in town is all of both: 30 women cannot be 10 people of the town
    people = alone(w=[1.0, 1, 1], sex=list("fmm"), place=["u", "r", "r"])
    with pytest.raises(
        ValueError,
        match=r"did not meet its margins in 50 rounds; furthest off is sex = '[fm]' with a share of 0\.[27]5, not 0\.[27]5",
    ):
        est.raked(people, {"sex": {"f": 30, "m": 10}, "place": {"u": 10, "r": 30}}, rounds=50)


def test_negative_weights_are_no_start_for_a_calibration(four):
    with pytest.raises(ValueError, match="1 of 4 weights are not above zero"):
        est.poststratified(four.with_columns(w=[10.0, 10, 10, -30]), "sex", {"f": 60, "m": 40})


def test_each_replicate_is_calibrated(clustered):
    jackknife = est.jackknife(clustered)
    ages = clustered.numbers("age")
    women = (clustered.frame["sex"] == "f").to_numpy()
    linear = est.calibrated(jackknife, ["sex", "age"], {"sex": {"f": 1100.0, "m": 1200.0}, "age": 120_000.0})
    assert linear.adjustments == ()
    assert linear.replicates.weights @ ages == pytest.approx(np.full(12, 120_000.0))
    assert linear.replicates.weights[:, women].sum(axis=1) == pytest.approx(np.full(12, 1100.0))
    raked = est.raked(jackknife, {"sex": {"f": 1100.0, "m": 1200.0}})
    assert raked.replicates.weights[:, women].sum(axis=1) == pytest.approx(np.full(12, 1100.0))
    assert (raked.replicates.weights == 0).sum() == 60
    assert est.total(raked.with_columns(woman=women.astype(float)), "woman").iloc[0]["se"] == pytest.approx(0, abs=1e-9)


def test_a_replicate_without_anybody_of_a_level_is_named():
    people = alone(w=[1.0, 1, 1], sex=list("fmm"))
    with pytest.raises(ValueError, match=r"Replicate 1 of 3: nobody with .'f'. has a weight above zero"):
        est.poststratified(est.jackknife(people), "sex", {"f": 30, "m": 10})


def test_a_trimmed_replicate_keeps_its_weights_of_nil():
    trimmed = est.trimmed(est.jackknife(alone(w=[10.0, 20, 30, 40])), low=15, high=None)
    # leaving out the second: 40/3, 0, 40, 160/3; 15 - 40/3 = 5/3 is taken from the two others
    assert trimmed.replicates.weights[1] == pytest.approx([15, 0, 40 - 5 / 6, 160 / 3 - 5 / 6])


@settings(max_examples=40, deadline=None)
@given(
    people=st.lists(st.tuples(st.floats(1, 100), st.floats(0.5, 2), st.floats(1, 5)), min_size=8, max_size=20),
    distance=st.sampled_from(["linear", "raking"]),
)
def test_totals_of_some_weights_are_met_and_doubling_all_weights_changes_nothing(people, distance):
    weights, factors, x = np.array(people).T
    level = np.resize(["a", "b"], len(people))
    known = weights * factors
    totals = {"x": float(known @ x), "level": {one: float(known[level == one].sum()) for one in ("a", "b")}}
    found = [
        est.calibrated(alone(w=weights * times, x=x, level=level), ["x", "level"], totals, distance=distance)
        for times in (1, 2)
    ]
    assert found[0].weights @ x == pytest.approx(totals["x"], rel=1e-9)
    assert totals_of(found[0], "level") == pytest.approx(totals["level"], rel=1e-9)
    assert found[1].weights == pytest.approx(found[0].weights, rel=1e-6)
