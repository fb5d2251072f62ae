"""Tests of means and of ranks, by hand and by law. R's own values are in the ledger."""

from fractions import Fraction

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bsna import estimation as est
from bsna.estimation.comparisons import Incomparable

SIX = pd.DataFrame({"satisfaction": [1, 2, 4, 3, 5, 6], "sex": list("aaabbb"), "weight": 1.0})


def single(frame: pd.DataFrame) -> est.SurveyDesign:
    return est.survey_design(frame, stratum=None, psu=None)


def clustered(seed: int, people: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"stratum": rng.integers(0, 3, people), "psu": rng.integers(0, 5, people)})
    frame["weight"] = rng.integers(1, 9, people).astype(float)
    frame["trust"] = rng.integers(0, 4, people)
    frame["sex"], frame["zone"] = rng.choice(["f", "m"], people), rng.choice(list("nesw"), people)
    return frame


def test_the_means_of_two_groups_are_tested_by_their_difference():
    # means 7/3 and 14/3; a's squares about the mean 14/3, b's too; each person's influence is a third of that
    got = est.t_test(single(SIX), "satisfaction", by="sex")
    variance = Fraction(6, 5) * (Fraction(14, 3) + Fraction(14, 3)) / 9
    assert got.estimate == pytest.approx(7 / 3)
    assert got.se == pytest.approx(float(variance) ** 0.5)
    assert got.statistic == pytest.approx(got.estimate / got.se)
    assert (got.levels, got.df, got.n) == (("a", "b"), 4.0, 6)
    assert got.low < got.estimate < got.high


def test_one_mean_is_tested_against_a_number():
    got = est.t_test(single(SIX), "satisfaction", against=3)
    assert got.estimate == pytest.approx(3.5 - 3)
    assert got.se == pytest.approx((Fraction(6, 5) * Fraction(35, 2) / 36) ** 0.5)  # 17.5 = squares about 3.5
    assert got.df == 4.0


def test_ranks_of_six_people_by_hand():
    # places 1/12, 3/12, ... 11/12, in 36ths 3, 9, 15, ...: a has 3, 9, 21 (mean 11), b has 15, 27, 33 (mean 25)
    got = est.rank_test(single(SIX), "satisfaction", "sex")
    squares = Fraction(64 + 4 + 100 + 100 + 4 + 64, 36**2)
    assert got.estimate == pytest.approx(14 / 36)
    assert got.se == pytest.approx(float(Fraction(6, 5) * squares / 9) ** 0.5)
    assert got.df == 4.0


def test_the_median_test_counts_who_is_in_the_upper_half():
    got = est.rank_test(single(SIX), "satisfaction", "sex", test="median")
    assert got.estimate == pytest.approx(2 / 3 - 1 / 3)


def test_people_alike_share_a_place_whatever_their_order_and_weight():
    frame = pd.DataFrame({"trust": [0, 0, 1, 1], "sex": list("abab"), "weight": [1.0, 3.0, 2.0, 2.0]})
    there, back = (est.rank_test(single(one), "trust", "sex") for one in (frame, frame[::-1]))
    # places (0 + 4 / 2) / 8 and (4 + 4 / 2) / 8; a: (1 x 2/8 + 2 x 6/8) / 3, b: (3 x 2/8 + 2 x 6/8) / 5
    assert there.estimate == pytest.approx((3 * 2 / 8 + 2 * 6 / 8) / 5 - (1 * 2 / 8 + 2 * 6 / 8) / 3)
    assert back == pytest.approx(there) if isinstance(back, float) else back.estimate == pytest.approx(there.estimate)
    r_there, r_back = (est.rank_test(single(one), "trust", "sex", ties="in_order") for one in (frame, frame[::-1]))
    assert abs(r_there.estimate - r_back.estimate) > 0.01


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_order_of_rows_doubled_weights_and_names_of_strata_change_no_test(seed):
    frame = clustered(seed)
    shuffled = frame.sample(frac=1, random_state=seed).assign(weight=lambda d: 2 * d["weight"])
    renamed = shuffled.assign(stratum=shuffled["stratum"].map({0: "z", 1: "x", 2: "y"}))
    for ask in (
        lambda d: est.t_test(d, "trust", by="sex"),
        lambda d: est.rank_test(d, "trust", "sex"),
        lambda d: est.rank_test(d, "trust", "sex", test="van_der_waerden"),
        lambda d: est.rank_test(d, "trust", "zone", test="kruskal_wallis"),
    ):
        one, two = (ask(est.survey_design(d, lonely="adjust")) for d in (frame, renamed))
        assert two.p_value == pytest.approx(one.p_value, rel=1e-9)
        assert two.n == one.n


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_a_weight_split_within_its_cluster_changes_no_test(seed):
    frame = clustered(seed)
    halves = pd.concat([frame.assign(weight=frame["weight"] / 4), frame.assign(weight=frame["weight"] * 3 / 4)])
    one, two = (est.rank_test(est.survey_design(d, lonely="adjust"), "trust", "zone") for d in (frame, halves))
    assert two.chi2 == pytest.approx(one.chi2, rel=1e-9)
    assert two.p_value == pytest.approx(one.p_value, rel=1e-9)


def test_two_groups_of_a_kruskal_wallis_test_are_a_wilcoxon_test():
    design = est.survey_design(clustered(3), lonely="adjust")
    assert est.rank_test(design, "trust", "sex", test="kruskal_wallis") == est.rank_test(design, "trust", "sex")


def test_a_table_and_replicate_weights_give_the_same_tests():
    frame = clustered(5, 400)
    rows, table = est.survey_design(frame), est.survey_design(ibis.memtable(frame))
    assert est.rank_test(table, "trust", "zone").chi2 == pytest.approx(est.rank_test(rows, "trust", "zone").chi2)
    assert est.t_test(table, "trust", by="sex").se == pytest.approx(est.t_test(rows, "trust", by="sex").se)
    # scores as given add up like a total, for which the jackknife is the linearised variance
    drawn = est.rank_test(est.jackknife(rows), "trust", "sex")
    assert drawn.se == pytest.approx(est.rank_test(rows, "trust", "sex").se, rel=1e-9)


def test_what_cannot_be_compared_is_refused():
    design = single(SIX.assign(same=1, third=list("abcabc"), nobody=np.nan))
    with pytest.raises(Incomparable, match="two groups"):
        est.t_test(design, "satisfaction", by="third")
    with pytest.raises(Incomparable, match="1 level"):
        est.rank_test(design, "satisfaction", "same")
    with pytest.raises(Incomparable, match="no variance"):
        est.t_test(design, "same")
    with pytest.raises(Incomparable, match="no variance"):
        est.rank_test(design, "same", "sex")
    with pytest.raises(est.EmptyDomain):
        est.rank_test(design, "nobody", "sex")
    with pytest.raises(ValueError, match="turn to R survey"):
        est.rank_test(design, "satisfaction", "sex", test="savage")
    with pytest.raises(ValueError, match="without an order"):
        est.rank_test(design.with_columns(kind=pd.Categorical(list("xyzxyz"))), "kind", "sex")


def test_p_values_and_limits_are_those_of_student():
    got = est.t_test(single(SIX), "satisfaction", by="sex", level=0.9)
    reach = stats.t.ppf(0.95, 4) * got.se
    assert (got.low, got.high) == pytest.approx((got.estimate - reach, got.estimate + reach))
    assert got.p_value == pytest.approx(2 * stats.t.sf(got.statistic, 4))


def test_three_groups_of_two_people_by_hand():
    """Places 1, 3, ... 11 in twelfths: means 2, 6, 10, and 1 to either side of each. A mean has the variance 6/5 x 2 x 1 / 4 =
    3/5 in square twelfths, each apart from the others: chi2 = (16 + 0 + 16) / (3/5)."""
    frame = pd.DataFrame({"satisfaction": np.arange(1.0, 7), "zone": list("aabbcc"), "weight": 7.0})
    got = est.rank_test(single(frame), "satisfaction", "zone", test="kruskal_wallis")
    assert got.levels == ("a", "b", "c")
    assert got.scores == pytest.approx([4 / 12, 8 / 12])
    assert (got.chi2, got.df1, got.df2) == pytest.approx((32 / (3 / 5), 2, 5 - 2))
    assert got.p_value == pytest.approx(stats.f.sf(got.chi2 / 2, 2, 3))


def test_scores_are_functions_of_places():
    """3 stands for 1 person, 5 for 2 + 1, 9 for 4, of 8: places 0.5, 1 + 3/2, 4 + 4/2 over 8."""
    design = single(pd.DataFrame({"trust": [3, 5, 5, 9], "sex": list("fmfm"), "weight": [1.0, 2, 1, 4]}))
    assert est.rank_test(design, "trust", "sex", test="median").estimate == pytest.approx(4 / 6)
    low, tie, high = stats.norm.ppf(np.array([0.5, 2.5, 6]) / 8)
    normal = est.rank_test(design, "trust", "sex", test="van_der_waerden")
    assert normal.estimate == pytest.approx((tie * 2 + high * 4) / 6 - (low + tie) / 2)


def test_ties_in_the_order_of_rows_are_means_of_places_reached_one_by_one():
    """In this order 5 is reached after 1 + 2/2 and 1 + 2 + 1/2, mean 2.75 and not 2.5."""
    design = single(pd.DataFrame({"trust": [3, 5, 5, 9], "sex": list("fmfm"), "weight": [1.0, 2, 1, 4]}))
    got = est.rank_test(design, "trust", "sex", ties="in_order")
    assert got.estimate == pytest.approx(((2.75 * 2 + 6 * 4) / 6 - (0.5 + 2.75) / 2) / 8)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_a_rising_function_changes_no_rank_and_other_names_turn_the_sign(seed):
    frame = clustered(seed)
    other = frame.assign(trust=np.exp(3.0 * frame["trust"]), sex=frame["sex"].map({"f": "z", "m": "a"}))
    for test in ("wilcoxon", "median", "van_der_waerden"):
        one, two = (
            est.rank_test(est.survey_design(d, lonely="adjust"), "trust", "sex", test=test) for d in (frame, other)
        )
        assert (two.estimate, two.se) == pytest.approx((-one.estimate, one.se), rel=1e-9, abs=1e-13)


def test_a_t_test_is_the_difference_of_two_domains():
    design = est.survey_design(clustered(8), lonely="adjust")
    got = est.t_test(design, "trust", by="sex")
    row = est.domain_difference(design, "trust", "sex", ("m", "f")).iloc[0]
    assert (got.estimate, got.se, got.n, got.df) == pytest.approx((row["estimate"], row["se"], row["n"], row["df"] - 1))


@pytest.mark.parametrize("lonely", ["remove", "adjust", "average"])
def test_a_median_test_is_a_t_test_of_lying_over_the_middle_of_the_domain(lonely):
    frame = clustered(4).query("stratum > 0 or psu == 1")
    design = est.survey_design(frame, lonely=lonely, domain_lonely=True)
    inside = design.frame["psu"] < 4
    weights = design.frame["weight"][inside].groupby(design.frame["trust"][inside]).sum()
    places = (weights.cumsum() - weights / 2) / weights.sum()
    flagged = design.with_columns(over=(design.frame["trust"].map(places) > 0.5).astype(float))
    wanted = est.t_test(flagged, "over", by="sex", where=inside)
    got = est.rank_test(design, "trust", "sex", where=inside, test="median")
    assert (got.estimate, got.se, got.df, got.n) == pytest.approx((wanted.estimate, wanted.se, wanted.df, wanted.n))


def test_ordered_answers_are_ranked_in_their_order():
    words = ["never", "little", "some", "often"]
    frame = clustered(2)
    worded = frame.assign(trust=pd.Categorical.from_codes(frame["trust"], words, ordered=True))
    one, two = (est.rank_test(est.survey_design(d, lonely="adjust"), "trust", "zone") for d in (frame, worded))
    assert two.chi2 == pytest.approx(one.chi2, rel=1e-12)


@pytest.mark.parametrize("far", [1e6, 1e9, 1e12])
def test_a_large_mean_costs_a_test_no_digits(far):
    weights = [1, 2, 3, 1.1, 0.7, 3]
    near, away = (single(SIX.assign(satisfaction=SIX["satisfaction"] + d, weight=weights)) for d in (0, far))
    one, two = (est.t_test(design, "satisfaction", by="sex") for design in (near, away))
    assert (two.estimate, two.se, two.p_value) == pytest.approx((one.estimate, one.se, one.p_value), rel=1e-12)


def test_the_rounding_of_equal_answers_is_no_variance():
    """Weighted means of 3.1 differ in the sixteenth digit, and so do people from them."""
    people = SIX.assign(weight=[1, 2, 3, 1.1, 0.7, 3], satisfaction=3.1, split=[0.1, 0.1, 0.1, 0.3, 0.3, 0.3])
    for ask in (
        lambda d: est.t_test(d, "satisfaction"),
        lambda d: est.t_test(d, "satisfaction", against=3.1),
        lambda d: est.t_test(d, "satisfaction", by="sex"),
        lambda d: est.t_test(d, "split", by="sex"),
        lambda d: est.rank_test(d, "split", "sex"),
        lambda d: est.rank_test(d, "satisfaction", "sex", test="van_der_waerden"),
    ):
        with pytest.raises(Incomparable, match="no variance"):
            ask(single(people))


def test_more_groups_than_clusters_can_tell_apart_are_refused():
    frame = pd.DataFrame({"psu": [1, 1, 1, 1, 2, 2, 2, 2], "zone": list("abcd") * 2, "weight": 1.0})
    design = est.survey_design(frame.assign(trust=[1, 2, 4, 3, 2, 5, 1, 8]), stratum=None)
    with pytest.raises(Incomparable, match="these 8 people are too few or too alike"):
        est.rank_test(design, "trust", "zone")


def test_text_has_no_ranks_though_an_alphabet_has_an_order():
    with pytest.raises(ValueError, match="its answers have to be numbers"):
        est.rank_test(single(SIX.assign(trust=["low", "high", "mid"] * 2)), "trust", "sex")
    with pytest.raises(ValueError, match="expected one of"):
        est.rank_test(single(SIX), "satisfaction", "sex", ties="first")
    table = est.survey_design(ibis.memtable(clustered(1)), lonely="adjust")
    with pytest.raises(ValueError, match="a table has no order"):
        est.rank_test(table, "trust", "sex", ties="in_order")
