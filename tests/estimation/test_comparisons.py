"""Tests of means and of ranks, by hand and by law. R's own values are in the ledger."""

from fractions import Fraction

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
