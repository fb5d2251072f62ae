"""Quantiles by hand and by law. R's own values are in the ledger."""

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bsna import estimation as est
from bsna.estimation.quantiles import Answers, answers_of

NUMPY = {
    "math": "inverted_cdf",
    "hf1": "inverted_cdf",
    "school": "averaged_inverted_cdf",
    "hf2": "averaged_inverted_cdf",
    "hf4": "interpolated_inverted_cdf",
    "hf5": "hazen",
    "hf6": "weibull",
    "hf7": "linear",
    "hf8": "median_unbiased",
    "hf9": "normal_unbiased",
}


def single(values: list[float], weights: list[float] | None = None) -> est.SurveyDesign:
    frame = pd.DataFrame({"income": values, "weight": weights or [1.0] * len(values)})
    return est.survey_design(frame, stratum=None, psu=None)


def clustered(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"stratum": rng.integers(0, 3, 90), "psu": rng.integers(0, 4, 90)})
    return frame.assign(
        weight=rng.integers(1, 9, 90).astype(float), income=rng.integers(0, 30, 90), sex=rng.choice(["f", "m"], 90)
    )


def test_the_median_of_five_people_is_the_third_and_its_limits_are_those_of_a_share():
    row = est.quantile(single([10, 20, 30, 40, 50]), "income").iloc[0]
    assert row["estimate"] == 30
    # 3/5 are at or below it, with an error of sqrt(5/4 x (3 x 0.16 + 2 x 0.36) / 25); the limits about 1/2 are outside 0, 1
    assert np.isnan(row["low"]) and np.isnan(row["high"])


def test_a_weight_counts_people_when_half_of_them_are_sought():
    # weights 1, 1, 4: half of 6 lies within the third
    assert est.quantile(single([10, 20, 30], [1, 1, 4]), "income")["estimate"].iloc[0] == 30
    assert est.quantile(single([10, 20, 30], [4, 1, 1]), "income")["estimate"].iloc[0] == 10


def test_limits_are_the_quantiles_at_the_limits_of_the_share():
    design = single(list(range(1, 101)))
    row = est.quantile(design, "income", [0.3]).iloc[0]
    flag = design.with_columns(below=(design.frame["income"] <= row["estimate"]).astype(float))
    share = est.proportion(flag, "below", interval="mean").iloc[0]
    reach = (share["high"] - share["low"]) / 2
    ends = est.quantile(design, "income", [0.3 - reach, 0.3 + reach])["estimate"]
    assert (row["low"], row["high"]) == pytest.approx(tuple(ends))


def test_rules_for_an_even_number_of_people_are_those_of_hyndman_and_fan():
    values = [10.0, 20, 30, 40]
    medians = {
        rule: est.quantile(single(values), "income", rule=rule)["estimate"].iloc[0] for rule in ("math", "school")
    }
    assert medians == {"math": 20, "school": 25}
    # type 7, that of numpy and pandas
    assert est.quantile(single(values), "income", [0.4], rule="hf7")["estimate"].iloc[0] == np.quantile(values, 0.4)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["math", "school", "hf3", "hf6", "hf7"]))
def test_order_of_rows_and_names_of_strata_change_no_quantile(seed, rule):
    frame = clustered(seed)
    other = frame.sample(frac=1, random_state=seed).assign(stratum=lambda d: d["stratum"].map({0: 5, 1: 4, 2: 3}))
    tables = [
        est.quantile(est.survey_design(d, lonely="adjust"), "income", [0.25, 0.5, 0.9], by="sex", rule=rule)
        for d in (frame, other)
    ]
    pd.testing.assert_frame_equal(*tables, rtol=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(1e-6, 1e6))
def test_scaled_weights_change_no_quantile(seed, factor):
    frame = clustered(seed)
    tables = [
        est.quantile(est.survey_design(frame.assign(weight=frame["weight"] * f), lonely="adjust"), "income", [0.2, 0.5])
        for f in (1.0, factor)
    ]
    pd.testing.assert_frame_equal(*tables, rtol=1e-9)


def test_a_table_gives_the_same_quantiles():
    frame = clustered(1)
    rows, table = (est.quantile(est.survey_design(d), "income", [0.1, 0.5]) for d in (frame, ibis.memtable(frame)))
    pd.testing.assert_frame_equal(rows, table, rtol=1e-12)


def test_quantiles_that_cannot_be_are_refused():
    design = single([10, 20, np.nan])
    assert est.quantile(design, "income")["n"].iloc[0] == 2
    with pytest.raises(ValueError, match="not within 0 and 1"):
        est.quantile(design, "income", [50])
    with pytest.raises(ValueError, match="none of them"):
        est.quantile(design, "income", rule="hf10")
    with pytest.raises(est.EmptyDomain):
        est.quantile(single([np.nan, np.nan]), "income")
    with pytest.raises(ValueError, match="infinite"):
        est.quantile(single([1, np.inf]), "income")


def test_half_of_all_intervals_of_five_people_run_from_the_third_to_the_fourth():
    """1 2 4 7 9: three of five are at or below 4. The share 0.6 has the error sqrt(0.6 x 0.4 / 4) and t with 4 degrees
    of freedom; half of all intervals reach 0.741 errors, to 0.419 and 0.781: there lie 4 (0.4 to 0.6) and 7 (0.6 to 0.8)."""
    row = est.quantile(single([7, 1, 9, 4, 2]), "income", level=0.5).iloc[0]
    reach = stats.t.ppf(0.75, 4)
    assert 0.6 - reach * np.sqrt(0.06) > 0.4 and 0.6 + reach * np.sqrt(0.06) < 0.8
    assert (row["estimate"], row["low"], row["high"]) == (4, 4, 7)
    assert row["se"] == pytest.approx(3 / (2 * reach), rel=1e-14)
    assert (row["category"], row["n"], row["clusters"], row["df"]) == ("0.5", 5, 5, 4)


def test_each_rule_says_what_lies_between_two_answers():
    """Four people of weight 1, 1, 2, 4 answer 10, 20, 30, 40: parts reached are 1/8, 2/8, 4/8, 1."""
    design = single([10, 20, 30, 40], [1, 1, 2, 4])
    at_half = {
        "math": 30,
        "school": (30 + 40) / 2,
        "hf3": 40,  # the third answer has an odd number, so the fourth
        "hf4": 30,
        # middles of people at 1/16, 3/16, 6/16, 12/16
        "hf5": 30 + 10 * (8 - 6) / (12 - 6),
        # parts of 8 + 4: 1/12, 2/12, 4/12, 8/12
        "hf6": 30 + 10 * (6 - 4) / (8 - 4),
        # parts before of 8 - 4: 0, 1/4, 2/4, 1
        "hf7": 30,
        # two thirds of the way through each, of 8 + 4/3: (2/3, 5/3, 10/3, 20/3) / (28/3)
        "hf8": 30 + 10 * (14 / 3 - 10 / 3) / (20 / 3 - 10 / 3),
        # five eighths of the way through each, of 9: (5, 13, 26, 52) / 8 / 9
        "hf9": 30 + 10 * (36 - 26) / (52 - 26),
    }
    for rule, wanted in at_half.items():
        assert est.quantile(design, "income", rule=rule)["estimate"].iloc[0] == pytest.approx(wanted, rel=1e-14), rule
        assert est.quantile(design, "income", [0], rule=rule)["estimate"].iloc[0] == 10, rule


def test_shah_and_vaish_count_half_a_person_more():
    """Four people of weight 1: (S + 1/2 - 1/2) / 5 are 1/5, 2/5, 3/5, 4/5; half lies past the second."""
    got = est.quantile(single([10, 20, 30, 40]), "income", [0.1, 0.2, 0.5, 0.9], rule="shahvaish")["estimate"]
    assert got.tolist() == [10, 10, 20, 40]


@given(
    st.lists(st.integers(-5, 5), min_size=2, max_size=30),
    st.sampled_from([0.125, 0.25, 0.375, 0.5, 0.75, 0.875]),
    st.sampled_from(sorted(NUMPY)),
)
@settings(deadline=None)
def test_people_of_one_weight_have_the_quantiles_of_hyndman_and_fan(answers, probability, rule):
    got = answers_of(np.array(answers, float), np.full(len(answers), 2.0), np.ones(len(answers), int))
    wanted = np.quantile(np.array(answers, float), probability, method=NUMPY[rule])
    assert got.quantile(probability, rule) == pytest.approx(float(wanted), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("lonely", ["remove", "adjust", "average"])
@pytest.mark.parametrize("kept", [lambda frame: frame, ibis.memtable], ids=["rows", "table"])
@pytest.mark.parametrize("places", [1, 10**6], ids=["few answers", "each its own"])
def test_a_level_is_the_subset_of_it_also_where_a_stratum_has_one_cluster(lonely, kept, places):
    frame = clustered(4)
    frame = pd.concat([frame] * 14, ignore_index=True).query("stratum > 0 or psu == 1")
    spread = np.random.default_rng(0).integers(0, places, len(frame)) / places
    # only women live in the last stratum
    frame = frame.assign(sex=frame["sex"].where(frame["stratum"] < 2, "f"), income=frame["income"] + spread)
    for sex in "fm":
        frame[f"is_{sex}"] = (frame["sex"] == sex).astype(int)
    design = est.survey_design(kept(frame), lonely=lonely, domain_lonely=True)
    levels = est.quantile(design, "income", by="sex")[["estimate", "low", "high", "se", "df"]]
    subsets = pd.concat([est.quantile(design, "income", where=f"is_{sex}") for sex in "fm"], ignore_index=True)
    pd.testing.assert_frame_equal(levels, subsets[levels.columns], rtol=1e-12)


def test_a_jackknife_of_single_persons_gives_the_same_limits():
    """Leaving out one of n equal people in turn has exactly the variance of a share among them."""
    design = single(list(np.arange(40.0) % 13))
    columns = ["estimate", "low", "high", "se"]
    for interval in ("mean", "xlogit", "beta", "wilson", "asin"):
        one, two = (est.quantile(d, "income", (0.3, 0.5), interval=interval) for d in (design, est.jackknife(design)))
        pd.testing.assert_frame_equal(one[columns], two[columns], rtol=1e-9)


def test_a_level_without_answers_says_so():
    design = single([1, 2, 3, np.nan]).with_columns(sex=["f", "f", "f", "m"])
    rows = est.quantile(design, "income", by="sex").set_index("level")
    assert (rows.loc["f", "estimate"], rows.loc["f", "n"]) == (2, 3)
    assert rows.loc["m", "n"] == 0 and np.isnan(rows.loc["m", "estimate"])


def test_all_the_same_answer_is_every_quantile():
    for rule in ("math", "school", "shahvaish", "hf3", "hf4", "hf7"):
        row = est.quantile(single([3.0] * 6), "income", rule=rule).iloc[0]
        assert (row["estimate"], row["low"], row["high"]) == (3, 3, 3)


def test_text_and_intervals_of_other_kinds_are_refused():
    with pytest.raises(ValueError, match="its answers have to be numbers"):
        est.quantile(single(["low", "high", "low"]), "income")
    for interval in ("score", "quantile"):
        with pytest.raises(ValueError, match=f"'{interval}' is none of them"):
            est.quantile(single([1, 2, 3]), "income", interval=interval)


def test_negative_weights_have_no_people_between_two_answers():
    answers = Answers(np.array([1.0, 2, 3]), np.array([2.0, -1, 3]), np.array([1, 1, 1]))
    with pytest.raises(ValueError, match="1 answers have negative weights; use the rule 'math'"):
        answers.quantile(0.5, "hf5")
    assert answers.quantile(0.5, "math") == 3
    with pytest.raises(ValueError, match="The weights of 2 people add up to 0"):
        answers_of(np.array([1.0, 2]), np.array([1.0, -1]), np.array([1, 1])).quantile(0.5, "math")
