"""Eight invented people, arithmetic left visible, and laws that hold for any data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bsna import estimation as est


@pytest.fixture
def eight():
    """Two strata of two villages of two people each."""
    return pd.DataFrame(
        {
            "stratum": ["dry"] * 4 + ["wet"] * 4,
            "psu": ["Ambel", "Ambel", "Anzo", "Anzo", "Brazo", "Brazo", "Belim", "Belim"],
            "weight": [10.0, 10, 10, 10, 20, 20, 20, 20],
            "trusts": [1.0, 1, 0, 1, 0, 0, 1, np.nan],
            "sex": list("fmfmfmfm"),
        }
    )


def test_weight_counts_people_not_rows(eight):
    row = est.proportion(est.survey_design(eight), "trusts").iloc[0]
    assert row["estimate"] == pytest.approx((10 + 10 + 10 + 20) / (10 * 4 + 20 * 3))
    assert (row["n"], row["n_yes"], row["clusters"], row["df"]) == (7, 4, 4, 4 - 2)


def test_error_is_that_of_village_totals_within_strata(eight):
    row = est.proportion(est.survey_design(eight), "trusts").iloc[0]
    # p = 0.5; scores w (y - p) / 100: Ambel 0.10, Anzo 0.00, Brazo -0.20, Belim +0.10
    # within strata, two villages: 2/1 * (2 * half the gap squared) = gap squared
    assert row["se"] == pytest.approx(np.sqrt(0.10**2 + 0.30**2))


def test_a_subset_keeps_the_design(eight):
    design = est.survey_design(eight)
    inside = est.proportion(design, "trusts", where=eight["sex"] == "f").iloc[0]
    # women: 1, 0 in dry (10 each), 0, 1 in wet (20 each): p = 30/60
    assert inside["estimate"] == pytest.approx(30 / 60)
    assert inside["n"] == 4


def test_an_interval_stays_between_zero_and_one_even_if_all_agree(eight):
    row = est.proportion(est.survey_design(eight.assign(trusts=1.0)), "trusts").iloc[0]
    assert (row["estimate"], row["high"]) == (1.0, 1.0)
    # exact binomial of 8 in 8, counted as 8 * (t7 / t2)^2 = 2.4 people since there are four villages in two strata
    size = 8 * (stats.t.ppf(0.025, 7) / stats.t.ppf(0.025, 2)) ** 2
    assert size == pytest.approx(2.416, abs=0.001)
    assert row["low"] == pytest.approx(0.025 ** (1 / size))


@pytest.mark.parametrize("interval", ["logit", "beta", "mean"])
def test_one_village_alone_has_no_interval(eight, interval):
    """Within one village the scores add up to nothing, which is no precision but no information."""
    inside = eight["psu"] == "Ambel"
    for people in (eight.assign(trusts=[1.0, 0] * 4), eight.assign(trusts=1.0)):
        row = est.proportion(est.survey_design(people), "trusts", where=inside, interval=interval).iloc[0]
        assert (row["n"], row["df"]) == (2, 0)
        assert np.isnan([row["low"], row["high"]]).all()


def test_average_effect_of_a_saturated_model_is_the_difference_of_shares(eight):
    frame = pd.concat([eight] * 6, ignore_index=True).assign(
        trusts=np.resize([1, 1, 0, 1, 0, 0, 1, 0], 48).astype(float)
    )
    frame["psu"] = frame["psu"] + (np.arange(48) // 8).astype(str)
    design = est.survey_design(frame)
    fit = est.binary_logit(design, "trusts", ["sex"])
    effect = est.average_marginal_effects(fit, design).iloc[0]
    men, women = (est.proportion(design, "trusts", where=frame["sex"] == s).iloc[0]["estimate"] for s in "mf")
    assert effect["estimate"] == pytest.approx(men - women, abs=1e-9)


def test_equal_worths_come_from_equal_choices():
    orders = [("a", "b", "c"), ("b", "c", "a"), ("c", "a", "b")] * 4
    frame = pd.DataFrame(orders, columns=["r1", "r2", "r3"]).assign(
        weight=1.0, stratum="s", psu=[str(i) for i in range(12)]
    )
    fit = est.rank_model(est.survey_design(frame), ["r1", "r2", "r3"], ["a", "b", "c"])
    assert fit.worths == pytest.approx([1 / 3] * 3, abs=1e-8)


def test_worth_is_the_share_of_first_choices_when_only_one_is_made():
    frame = pd.DataFrame({"r1": ["a"] * 6 + ["b"] * 3 + ["c"], "r2": None}).assign(
        weight=1.0, stratum="s", psu=[str(i) for i in range(10)]
    )
    fit = est.rank_model(est.survey_design(frame), ["r1", "r2"], ["a", "b", "c"])
    assert fit.worths == pytest.approx([0.6, 0.3, 0.1], abs=1e-8)


def test_the_gap_of_two_worths_is_that_of_two_shares_when_only_one_choice_is_made():
    """With first choices alone worths are shares, and the log of their ratio has the relative error of the ratio."""
    firsts = ["a"] * 12 + ["b"] * 6 + ["c"] * 3 + ["a", "b", "b"]
    frame = pd.DataFrame({"r1": firsts}).assign(
        weight=np.resize([1.0, 2, 3], 24), stratum=np.repeat(["n", "s"], 12), psu=np.arange(24) // 2
    )
    design = est.survey_design(frame.assign(**{k: (frame["r1"] == k).astype(float) for k in "abc"}))
    ratio = est.ratio(design, "a", "b").iloc[0]
    got = est.rank_model(design, ["r1"], ["a", "b", "c", "d"]).gap("a", "b")
    assert got["estimate"] == pytest.approx(np.log(ratio["estimate"]), rel=1e-7)
    assert got["se"] == pytest.approx(ratio["se"] / ratio["estimate"], rel=1e-7)
    assert [got[key] for key in ("df", "n", "clusters")] == [12 - 2, 24, 12]
    fit = est.rank_model(design, ["r1"], ["a", "b", "c", "d", "e"])
    # nobody names d: b is at least as far above it as above c, the least named
    assert fit.gap("b", "d") == fit.gap("b", "c")
    assert fit.gap("d", "b")["estimate"] == -fit.gap("b", "d")["estimate"]
    assert fit.gap("d", "e")["estimate"] == fit.gap("d", "e")["se"] == 0


def test_a_list_on_which_all_name_one_item_has_a_worth_of_one():
    frame = pd.DataFrame({"r1": ["a"] * 12}).assign(weight=1.0, stratum="s", psu=np.arange(12))
    fit = est.rank_model(est.survey_design(frame), ["r1"], ["a", "b"])
    assert fit.worths.tolist() == [1, 0]
    assert (fit.gap("a", "b")["estimate"], fit.gap("a", "b")["se"]) == (1, 0)


def test_an_item_that_nobody_names_has_worth_zero_and_no_chance_of_the_top():
    frame = pd.DataFrame({"r1": ["a", "b"] * 6}).assign(weight=1.0, stratum="s", psu=[str(i) for i in range(12)])
    table, _ = est.rank_bootstrap(
        est.survey_design(frame), ["r1"], ["a", "b", "c"], rng=np.random.default_rng(1), draws=100, top=2
    )
    assert table.set_index("item").loc["c", ["worth", "prob_top"]].tolist() == [0, 0]


def test_raking_reaches_both_margins():
    frame = pd.DataFrame({"w": [1.0] * 4, "sex": list("ffmm"), "age": ["y", "o", "y", "o"]})
    made = est.rake(frame, "w", {"sex": {"f": 0.6, "m": 0.4}, "age": {"y": 0.7, "o": 0.3}})
    assert made.tolist() == pytest.approx([4 * 0.42, 4 * 0.18, 4 * 0.28, 4 * 0.12])


def test_a_margin_without_people_is_refused():
    with pytest.raises(ValueError, match="every level needs people and a target"):
        est.rake(pd.DataFrame({"w": [1.0], "sex": ["f"]}), "w", {"sex": {"f": 0.5, "m": 0.5}})


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_a_weight_that_is_no_positive_number_is_refused_with_its_row(eight, bad):
    eight.loc[2, "weight"] = bad
    with pytest.raises(ValueError, match=r"1 weight\(s\).*rows \[3\]"):
        est.survey_design(eight)


def test_a_stratum_with_one_village_is_refused_without_a_rule(eight):
    with pytest.raises(ValueError, match=r"1 stratum\(s\) have one cluster only: \['wet'\]"):
        est.survey_design(eight.assign(psu=["a", "a", "b", "b", "c", "c", "c", "c"]))


def test_separation_and_collinear_terms_are_named(eight):
    design = est.survey_design(eight.assign(y=(eight["sex"] == "f").astype(float), other=eight["sex"]))
    with pytest.raises(ValueError, match="separation"):
        est.binary_logit(design, "y", ["sex"])
    with pytest.raises(ValueError, match="collinear"):
        est.binary_logit(design, "trusts", ["sex", "other"])


people = st.lists(
    st.tuples(st.sampled_from("NS"), st.integers(0, 4), st.floats(0.5, 20), st.integers(0, 1), st.sampled_from("ab")),
    min_size=12,
    max_size=40,
)


def surveyed(rows):
    frame = pd.DataFrame(rows, columns=["stratum", "psu", "weight", "yes", "group"]).assign(
        yes=lambda f: f["yes"].astype(float)
    )
    frame["psu"] = frame["psu"].astype(str)
    return frame


@settings(max_examples=40, deadline=None)
@given(people)
def test_doubling_weights_and_reordering_rows_change_nothing(rows):
    frame = surveyed(rows)
    once = est.proportion(est.survey_design(frame, lonely="adjust"), "yes")
    twice = est.proportion(
        est.survey_design(frame.assign(weight=frame["weight"] * 2).iloc[::-1], lonely="adjust"), "yes"
    )
    np.testing.assert_allclose(
        once[["estimate", "se", "low", "high"]], twice[["estimate", "se", "low", "high"]], atol=1e-9
    )


@settings(max_examples=40, deadline=None)
@given(people)
def test_totals_of_parts_add_up_and_a_constant_leaves_the_error(rows):
    frame = surveyed(rows)
    design = est.survey_design(frame.assign(more=frame["yes"] + 7), lonely="adjust")
    parts = est.total(design, "yes", by="group")["estimate"].sum()
    assert parts == pytest.approx(est.total(design, "yes")["estimate"].iloc[0])
    assert est.mean(design, "more")["se"].iloc[0] == pytest.approx(est.mean(design, "yes")["se"].iloc[0], abs=1e-9)


def test_a_subset_is_yes_or_no_and_as_long_as_the_survey(eight):
    """Text would all count as true, and a single value for everybody."""
    design = est.survey_design(eight)
    with pytest.raises(ValueError, match=r"'sex' holds \['f', 'm'\], not only 1 and 0"):
        est.proportion(design, "trusts", where="sex")
    with pytest.raises(ValueError, match="has 1 rows, the design 8"):
        est.proportion(design, "trusts", where=pd.Series([True]))
    flags = [pd.Series(given, dtype=object) for given in ([1, 0] * 4, [True, None] * 4, [1.0, np.nan] * 4)]
    assert {est.mean(design, "trusts", where=flag)["estimate"].iloc[0] for flag in flags} == {30 / 60}


def test_infinite_answers_are_refused_with_their_rows(eight):
    design = est.survey_design(eight.assign(income=[1, 2, np.inf, 4, 5, 6, 7, 8.0]))
    for estimator in (est.mean, est.total):
        with pytest.raises(ValueError, match=r"'income' is infinite in rows \[3\]"):
            estimator(design, "income")
    with pytest.raises(ValueError, match="'income' is infinite for 1 respondent"):
        est.binary_logit(design, "trusts", ["income"])


@pytest.mark.parametrize("fit", [est.binary_logit, est.ordered_logit])
@pytest.mark.parametrize("bad", [0.5, -1.0, np.inf])
def test_an_outcome_that_is_no_score_is_refused_and_not_cut_to_one(eight, fit, bad):
    with pytest.raises(ValueError, match=r"scored 0, 1, 2|infinite"):
        fit(est.survey_design(eight.assign(trusts=[1, bad, 0, 1, 0, 0, 1, 0.0])), "trusts", ["sex"])


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_separation_is_seen_whatever_the_unit_of_the_covariate(eight, unit):
    age = np.array([20, 25, 30, 35, 50, 55, 60, 65.0])
    split = est.survey_design(eight.assign(age=age * unit, old=(age > 40).astype(float)))
    with pytest.raises(ValueError, match="separation"):
        est.binary_logit(split, "old", ["age"])
    with pytest.raises(ValueError, match="separation"):
        est.ordered_logit(split, "old", ["age"])
    mixed = est.survey_design(eight.assign(age=age * unit))
    intercept, slope = est.binary_logit(mixed, "trusts", ["age"]).coefficients
    known = eight["trusts"].notna()
    rest = (eight["trusts"] - 1 / (1 + np.exp(-intercept - slope * age * unit)))[known] * eight["weight"][known]
    # at the highest likelihood neither the weighted residuals nor their products with age leave a sum
    assert [rest.sum(), (rest * age[known]).sum()] == pytest.approx([0, 0], abs=1e-7)


def test_one_village_shows_no_variance_to_test_a_table_or_to_average(eight):
    alone = eight.assign(psu="Ambel", stratum="dry")
    with pytest.raises(est.Untestable, match="these 7 people show no variance"):
        est.crosstab(est.survey_design(alone, lonely="adjust"), "trusts", "sex")
    row = est.proportion(est.survey_design(alone, lonely="average"), "trusts").iloc[0]
    assert np.isnan([row["se"], row["low"], row["high"]]).all()
