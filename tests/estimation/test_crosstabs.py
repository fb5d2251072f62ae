"""Cross-tabulations by hand, against R survey 4.5, by law, and with data that should be refused."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import get_args

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from bsna import estimation as est
from bsna.estimation.association import CrossTest
from bsna.estimation.sample.replicates import Replicates

TESTS = get_args(CrossTest)
TRUST = Path(__file__).parents[1] / "reference" / "rsurvey" / "trust.csv"


def simple(cells: dict[tuple[str, str], int]) -> est.SurveyDesign:
    """People of a simple random sample, so many in each cell."""
    people = [cell for cell, count in cells.items() for _ in range(count)]
    frame = pd.DataFrame(people, columns=["owns", "votes"]).assign(weight=5.0)
    return est.survey_design(frame, stratum=None, psu=None)


@pytest.fixture
def twenty() -> est.SurveyDesign:
    """8 own a radio, of whom 6 vote; 12 do not, of whom 3 vote."""
    return simple({("yes", "yes"): 6, ("yes", "no"): 2, ("no", "yes"): 3, ("no", "no"): 9})


def test_without_strata_and_clusters_the_test_is_pearsons_but_for_one_person(twenty):
    """X-squared = 20 (6 x 9 - 2 x 3)**2 / (8 x 12 x 9 x 11) = 20 x 2304 / 9504. The estimated variance of a share has
    n - 1 where Pearson has n, so the design effect is 20 / 19."""
    got = est.crosstab(twenty, "owns", "votes")
    pearson = 20 * 2304 / 9504
    assert got.chi2 == pytest.approx(pearson, rel=1e-13)
    assert got.deltas == pytest.approx([20 / 19], rel=1e-13)
    assert (got.statistic, got.df1, got.df2) == pytest.approx((pearson * 19 / 20, 1, 19), rel=1e-12)
    assert got.p_value == pytest.approx(special.fdtrc(1, 19, pearson * 19 / 20), rel=1e-12)
    first_order = est.crosstab(twenty, "owns", "votes", test="Chisq")
    assert (first_order.statistic, first_order.df1, first_order.df2) == pytest.approx((pearson, 1, np.inf), rel=1e-13)
    assert first_order.p_value == pytest.approx(special.chdtrc(1, pearson * 19 / 20), rel=1e-12)


def test_cells_hold_people_weights_and_shares_with_binomial_errors(twenty):
    """Rows no, yes; columns no, yes. 5 adults a person. Share 6/20 has the variance 0.3 x 0.7 / 19."""
    got = est.crosstab(twenty, "owns", "votes")
    assert (got.row_levels, got.column_levels) == (("no", "yes"), ("no", "yes"))
    assert got.people.tolist() == [[9, 3], [2, 6]]
    assert got.totals.loc["yes", "yes"] == 30
    assert got.shares.loc["yes", "yes"] == pytest.approx(0.3)
    assert got.standard_errors.loc["yes", "yes"] == pytest.approx(np.sqrt(0.3 * 0.7 / 19))


def test_wald_by_hand(twenty):
    """Owners who vote: 6 - 8 x 9 / 20 = 2.4 above independence. With 40% owning and 45% voting a person adds (1 -
    .4)(1 - .45) = .33 (6 people), -.27 (2), -.22 (3) or .18 (9): sum 2.4, squares 1.236. Variance 20 / 19 (1.236 -
    2.4**2 / 20) = .997895."""
    wald = 2.4**2 / (20 / 19 * (1.236 - 2.4**2 / 20))
    for test in ("Wald", "adjWald"):  # one contrast: nothing to adjust
        got = est.crosstab(twenty, "owns", "votes", test=test)
        assert (got.statistic, got.df1, got.df2) == pytest.approx((wald, 1, 19), rel=1e-12)
        assert got.p_value == pytest.approx(special.fdtrc(1, 19, wald), rel=1e-12)


def test_one_contrast_over_its_own_degrees_of_freedom_is_an_f(twenty):
    second_order, sums = (est.crosstab(twenty, "owns", "votes", test=test) for test in ("F", "lincom"))
    assert sums.p_value == pytest.approx(second_order.p_value, rel=1e-9)
    approximate = est.crosstab(twenty, "owns", "votes", test="saddlepoint")
    assert approximate.p_value == pytest.approx(second_order.p_value, rel=0.05)
    assert approximate.statistic == sums.statistic == second_order.chi2


def test_leaving_one_person_out_gives_the_linearised_test(twenty):
    """Shares are linear in people where each replicate has as many, so the jackknife's variance is the same."""
    keep = 1 - np.eye(20)
    jackknife = replace(twenty, replicates=Replicates(keep * 5 * 20 / 19, 19 / 20, np.ones(20), False, 19.0))
    for test in ("F", "Chisq", "Wald", "adjWald"):
        one, two = (est.crosstab(design, "owns", "votes", test=test) for design in (twenty, jackknife))
        assert two.share_se == pytest.approx(one.share_se, rel=1e-12)
        if "Wald" not in test:  # totals are not linear in the replicates
            assert (two.statistic, two.df2, two.p_value) == pytest.approx(
                (one.statistic, one.df2, one.p_value), rel=1e-10
            )


def test_sums_of_chi_squares_have_no_denominator_where_replicates_make_the_variance(twenty):
    """As in R, and unlike its linearised twin: with one contrast the p-value of lincom is then that of Chisq."""
    weights = (1 - np.eye(20)) * 5 * 20 / 19
    jackknife = replace(twenty, replicates=Replicates(weights, 19 / 20, np.ones(20), False, 19.0))
    got, first = (est.crosstab(jackknife, "owns", "votes", test=test) for test in ("lincom", "Chisq"))
    assert got.df2 == np.inf
    assert got.p_value == pytest.approx(first.p_value, rel=1e-10)


def test_r_counts_people_without_an_answer_in_x_squared_and_f_does_not(twenty):
    frame = twenty.frame.copy()
    frame.loc[len(frame)] = {"owns": "yes", "votes": None, "weight": 5.0}
    more = est.survey_design(frame, stratum=None, psu=None)
    one, two = (est.crosstab(design, "owns", "votes", test="Chisq") for design in (twenty, more))
    assert (two.chi2, two.n) == (pytest.approx(one.chi2, rel=1e-12), 20)
    assert two.statistic == pytest.approx(one.statistic * 21 / 20, rel=1e-12)
    assert est.crosstab(more, "owns", "votes").statistic == pytest.approx(one.statistic_f, rel=0.01)


OF_R = (  # age from, row, column, test, statistic, parameters, p-value: cases d_trust and d_trust_40 of R survey 4.5
    (
        None,
        "trust_police",
        "region",
        "F",
        1.2649609823574528,
        (7.108705807047462, 469.1745832651325),
        0.2652557031480079,
    ),
    (
        None,
        "trust_private",
        "educ",
        "F",
        0.9643130053072282,
        (5.553785721490326, 366.5498576183615),
        0.44517493684353115,
    ),
    (None, "victim", "female", "F", 0.42008896536249446, (1, 66), 0.5191412373854407),
    (None, "trust_police", "region", "Chisq", 24.062294743409247, (9,), 0.250261566391745),
    (None, "trust_private", "educ", "Chisq", 17.138325270709963, (9,), 0.4674346429496266),
    (None, "victim", "female", "Chisq", 0.8482726604661597, (1,), 0.5168926556206683),
    (None, "trust_police", "region", "Wald", 2.140251880310808, (9, 66), 0.037982126609494855),
    (None, "trust_private", "educ", "Wald", 1.7644980780459063, (9, 66), 0.09201002918153917),
    (None, "victim", "female", "Wald", 0.41744896956677746, (1, 66), 0.5204530176517594),
    (None, "trust_police", "region", "adjWald", 1.880827409970104, (9, 58), 0.07304826255598172),
    (None, "trust_private", "educ", "adjWald", 1.5506195231312512, (9, 58), 0.1522597852060573),
    (None, "victim", "female", "adjWald", 0.41744896956677746, (1, 66), 0.5204530176517594),
    (None, "trust_police", "region", "lincom", 24.062294743409247, (), 0.2575602297963222),
    (None, "trust_private", "educ", "lincom", 17.138325270709963, (), 0.42947969597465563),
    (None, "victim", "female", "lincom", 0.8482726604661597, (), 0.5191412368430843),
    (None, "trust_police", "region", "saddlepoint", 24.062294743409247, (), 0.25512219080738685),
    (None, "trust_private", "educ", "saddlepoint", 17.138325270709963, (), 0.4204304113079371),
    (None, "victim", "female", "saddlepoint", 0.8482726604661597, (), 0.5167861303930055),
    (40, "trust_police", "region", "F", 1.9473403758505858, (4.511072573775318, 297.730789869171), 0.093965201011516),
    (40, "trust_private", "educ", "F", 0.9266664651673733, (5.8757082313824665, 387.7967432712428), 0.4741946810541102),
    (40, "victim", "female", "F", 0.20757030343379324, (1, 66), 0.6501739015998598),
    (40, "trust_police", "region", "Chisq", 34.235787095354276, (9,), 0.041087594954508734),
    (40, "trust_private", "educ", "Chisq", 17.987513160116944, (9,), 0.5002787544981873),
    (40, "victim", "female", "Chisq", 0.36435898184396, (1,), 0.6486784771160946),
    (40, "trust_police", "region", "Wald", 3.3060128238106308, (9, 66), 0.002198178209923104),
    (40, "trust_private", "educ", "Wald", 1.612436822853242, (9, 66), 0.12990122489189154),
    (40, "victim", "female", "Wald", 0.20434944832642402, (1, 66), 0.6527149809351849),
    (40, "trust_police", "region", "adjWald", 2.905283996682069, (9, 58), 0.0065987355629073315),
    (40, "trust_private", "educ", "adjWald", 1.4169899352346673, (9, 58), 0.20219897670754935),
    (40, "victim", "female", "adjWald", 0.20434944832642402, (1, 66), 0.6527149809351849),
    (40, "trust_police", "region", "lincom", 34.235787095354276, (), 0.09058642845046339),
    (40, "trust_private", "educ", "lincom", 17.987513160116944, (), 0.4637271843833277),
    (40, "victim", "female", "lincom", 0.36435898184396, (), 0.6501739014372074),
    (40, "trust_police", "region", "saddlepoint", 34.235787095354276, (), 0.08886899155100504),
    (40, "trust_private", "educ", "saddlepoint", 17.987513160116944, (), 0.45706572976382037),
    (40, "victim", "female", "saddlepoint", 0.36435898184396, (), 0.6451094250898362),
)


@pytest.mark.parametrize(("oldest", "row", "column", "test", "statistic", "parameters", "p"), OF_R)
def test_every_test_is_that_of_svychisq(oldest, row, column, test, statistic, parameters, p):
    """R integrates the sum of chi-squares to an accuracy of 1e-7 and finds the saddlepoint to 1e-5; the rest is
    exact."""
    design = est.survey_design(pd.read_csv(TRUST), weight="w")
    where = None if oldest is None else design.frame["age"] >= oldest
    got = est.crosstab(design, row, column, where=where, test=test)
    assert got.statistic == pytest.approx(statistic, rel=1e-10)
    assert (got.df1, got.df2)[: len(parameters)] == pytest.approx(parameters, rel=1e-10)
    near = {"lincom": {"abs": 1e-7, "rel": 0}, "saddlepoint": {"rel": 1e-5}}.get(test, {"rel": 1e-10})
    assert got.p_value == pytest.approx(p, **near)


def test_a_weighted_table_is_that_of_svytable():
    """Case d_trust/table1 and the first cells of table2_N, scaled to 100."""
    design = est.survey_design(pd.read_csv(TRUST), weight="w")
    one = est.weighted_table(design, ["trust_police"])[["none", "little", "some", "great"]]
    assert one.tolist() == pytest.approx(
        [33448.72139693348, 63787.116475820665, 65334.218032946235, 55532.18144914424], rel=1e-10
    )
    two = est.weighted_table(design, ["trust_police", "educ"], total=100)
    assert two.loc[["none", "little"], "primary"].tolist() == pytest.approx(
        [3.4607609455547803, 5.690827352261638], rel=1e-10
    )


def sample(seed: int, people: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"stratum": rng.integers(0, 3, people), "psu": rng.integers(0, 5, people)})
    shift = rng.normal(size=(3, 5))[frame["stratum"], frame["psu"]]
    for name, levels in (("answer", "abc"), ("group", "xyz")):
        noise = rng.normal(size=people) + shift
        frame[name] = np.array(list(levels), dtype=object)[np.digitize(noise, [-0.5, 0.5])]
    frame.loc[rng.random(people) < 0.1, "answer"] = None
    return frame.assign(weight=rng.gamma(2, 1, people), old=rng.random(people) < 0.7)


def alike(one: est.CrossTab, two: est.CrossTab) -> None:
    assert (two.statistic, two.df1, two.df2, two.p_value) == pytest.approx(
        (one.statistic, one.df1, one.df2, one.p_value), rel=1e-7
    )
    assert two.statistic_f == pytest.approx(one.statistic_f, rel=1e-8)


seeds, tests = st.integers(0, 10**6), st.sampled_from(TESTS)


def test_people_who_answered_both_and_their_clusters_are_counted():
    frame = sample(5)
    answered = frame[frame["answer"].notna() & frame["old"]]
    few = frame.assign(answer=frame["answer"].where(frame["psu"] != 2))
    one, two = (est.crosstab(est.survey_design(f), "answer", "group", where="old") for f in (frame, few))
    assert (one.n, one.clusters) == (len(answered), len(answered[["stratum", "psu"]].drop_duplicates()))
    assert one.clusters - two.clusters == answered.loc[answered["psu"] == 2, "stratum"].nunique()


@settings(max_examples=25, deadline=None)
@given(seed=seeds, test=tests)
def test_rows_and_columns_may_be_swapped(seed, test):
    design = est.survey_design(sample(seed))
    one = est.crosstab(design, "answer", "group", where="old", test=test)
    two = est.crosstab(design, "group", "answer", where="old", test=test)
    alike(one, two)
    np.testing.assert_allclose(two.share.T, one.share, rtol=1e-12)
    np.testing.assert_allclose(two.share_se.T, one.share_se, rtol=1e-9)


@settings(max_examples=25, deadline=None)
@given(seed=seeds, test=tests)
def test_names_and_order_of_levels_do_not_matter_and_unused_levels_neither(seed, test):
    frame = sample(seed)
    names = pd.Categorical(
        frame["answer"].map({"a": "Zeta", "b": "never", "c": "Alpha"}), ["Zeta", "none", "Alpha", "never"]
    )
    one, two = (
        est.crosstab(est.survey_design(f), "answer", "group", test=test) for f in (frame, frame.assign(answer=names))
    )
    alike(one, two)
    assert two.row_levels == ("Zeta", "Alpha", "never")
    assert two.shares.loc["never", "x"] == pytest.approx(one.shares.loc["b", "x"], rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=seeds, test=tests, factor=st.floats(1e-9, 1e9))
def test_the_unit_of_the_weights_does_not_matter(seed, test, factor):
    frame = sample(seed)
    one, two = (
        est.crosstab(est.survey_design(frame.assign(weight=frame["weight"] * by)), "answer", "group", test=test)
        for by in (1, factor)
    )
    alike(one, two)
    assert two.total == pytest.approx(one.total * factor, rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=seeds, test=st.sampled_from(["F", "Wald", "adjWald"]), part=st.floats(0.01, 0.99))
def test_a_person_told_as_two_of_the_same_cluster_changes_nothing(seed, test, part):
    frame = sample(seed)
    split = pd.concat([frame, frame.iloc[[3]]], ignore_index=True)
    split.loc[[3, len(frame)], "weight"] *= [part, 1 - part]
    one, two = (est.crosstab(est.survey_design(f), "answer", "group", test=test) for f in (frame, split))
    alike(one, two)
    assert two.share_se == pytest.approx(one.share_se, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_shares_of_a_row_are_proportions_among_its_people(seed):
    frame = sample(seed)
    frame["is_x"] = (frame["group"] == "x").astype(int)
    frame["is_a"] = (frame["answer"] == "a").astype(float).mask(frame["answer"].isna())
    design = est.survey_design(frame)
    of_rows = est.crosstab(design, "answer", "group", share_of="row")
    known = est.proportion(design, "is_x", by="answer")
    assert of_rows.share[:, 0] == pytest.approx(known["estimate"].to_numpy(), rel=1e-12)
    assert of_rows.share_se[:, 0] == pytest.approx(known["se"].to_numpy(), rel=1e-9)
    of_columns = est.crosstab(design, "answer", "group", share_of="column")
    known = est.proportion(design, "is_a", by="group")
    assert of_columns.share[0] == pytest.approx(known["estimate"].to_numpy(), rel=1e-12)
    assert of_columns.share_se[0] == pytest.approx(known["se"].to_numpy(), rel=1e-9)
    assert of_rows.p_value == of_columns.p_value == est.crosstab(design, "answer", "group").p_value


@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_a_table_adds_up_to_the_weights_of_those_who_answered(seed):
    frame = sample(seed)
    design, known = est.survey_design(frame), frame[frame["answer"].notna() & frame["old"]]
    three = est.weighted_table(design, ["group", "stratum", "answer"], where="old")
    assert three.index.names == ["group", "stratum"]
    two = est.weighted_table(design, ["group", "answer"], where="old")
    one = est.weighted_table(design, ["answer"], where="old")
    assert three.groupby("group").sum().to_numpy() == pytest.approx(two.to_numpy(), rel=1e-12)
    assert two.sum().tolist() == pytest.approx(one.tolist(), rel=1e-12)
    assert one.tolist() == pytest.approx(known.groupby("answer")["weight"].sum().tolist(), rel=1e-12)
    assert est.weighted_table(design, ["group", "answer"], total=7).to_numpy().sum() == pytest.approx(7, rel=1e-12)


def test_weights_over_twelve_orders_of_magnitude_keep_their_digits():
    """Two strata of four people, each a cluster, in fractions: share p of a cell is T / N; the contrast has the score
    +-1 / p, weighted, and a variance of 4 / 3 times the squares about the stratum's mean, summed."""
    weight = [Fraction(10) ** k for k in (-6, -4, -1, 0, 1, 2, 4, 6)]
    cell = [0, 1, 2, 3, 3, 2, 1, 0]
    whole = sum(weight)
    share = [sum(w for w, c in zip(weight, cell, strict=True) if c == k) / whole for k in range(4)]
    sign = (1, -1, -1, 1)
    score = [w * sign[c] / share[c] / whole for w, c in zip(weight, cell, strict=True)]  # the signs' mean is nil
    variance = Fraction(0)
    for part in (score[:4], score[4:]):
        middle = sum(part) / 4
        variance += Fraction(4, 3) * sum((s - middle) ** 2 for s in part)
    delta = variance / (sum(1 / p for p in share) / 8)
    row, column = share[0] + share[1], share[0] + share[2]
    apart = share[0] - row * column
    chi2 = 8 * apart**2 / (row * (1 - row) * column * (1 - column))
    frame = pd.DataFrame({"weight": [float(w) for w in weight], "stratum": [0] * 4 + [1] * 4, "psu": range(8)})
    frame["row"], frame["column"] = [c // 2 for c in cell], [c % 2 for c in cell]
    got = est.crosstab(est.survey_design(frame), "row", "column")
    assert got.deltas == pytest.approx([float(delta)], rel=1e-9)
    assert got.statistic == pytest.approx(float(chi2 / delta), rel=1e-9)


def test_an_empty_cell_leaves_the_contrast_as_in_r():
    """5, 6 and 4 of 15 people, nobody in the fourth cell: X-squared = 15 (5 x 0 - 6 x 4)**2 / (11 x 4 x 9 x 6). The
    contrast of 1/p with signs +, -, - has variance (3 + 2.5 + 3.75 - 1) / 14, where Pearson has (3 + 2.5 + 3.75) /
    15."""
    got = est.crosstab(simple({("no", "no"): 5, ("no", "yes"): 6, ("yes", "no"): 4}), "owns", "votes")
    chi2, delta = 15 * 24**2 / (11 * 4 * 9 * 6), (8.25 / 14) / (9.25 / 15)
    assert (got.chi2, got.deltas[0]) == pytest.approx((chi2, delta), rel=1e-12)
    assert got.share[1, 1] == got.share_se[1, 1] == 0
    assert got.p_value == pytest.approx(special.fdtrc(1, 14, chi2 / delta), rel=1e-10)


def test_two_columns_that_agree_throughout_cannot_be_tested_with_many_levels():
    frame = pd.DataFrame({"one": list("abcabcabc"), "two": list("xyzxyzxyz"), "weight": 1.0})
    design = est.survey_design(frame, stratum=None, psu=None)
    with pytest.raises(est.Untestable, match="6 of 9 cells are empty; merge levels"):
        est.crosstab(design, "one", "two")


@pytest.mark.parametrize("test", ["Wald", "adjWald"])
def test_wald_needs_more_clusters_than_contrasts(test):
    frame = sample(1)
    frame["psu"] = frame["psu"] % 2  # 6 clusters in 3 strata give 3 degrees of freedom to 4 contrasts
    design = est.survey_design(frame)
    with pytest.raises(est.Untestable, match="covariance of 4 contrasts; 3 degrees of freedom"):
        est.crosstab(design, "answer", "group", test=test)
    assert 0 < est.crosstab(design, "answer", "group").p_value < 1


def test_what_is_no_table_is_refused_by_name(twenty):
    frame = twenty.frame
    with pytest.raises(ValueError, match="'owns' by 'votes' has 1 x 2 levels"):
        est.crosstab(twenty, "owns", "votes", where=frame["owns"] == "yes")
    nobody = est.survey_design(frame.assign(votes=None), stratum=None, psu=None)
    with pytest.raises(est.EmptyDomain, match="Nobody among 20 respondents"):
        est.crosstab(nobody, "owns", "votes")
    with pytest.raises(ValueError, match="'owns' is crossed with itself"):
        est.crosstab(twenty, "owns", "owns")
    with pytest.raises(ValueError, match="test is 'likelihood'"):
        est.crosstab(twenty, "owns", "votes", test="likelihood")
    with pytest.raises(ValueError, match="share_of 'cell'"):
        est.crosstab(twenty, "owns", "votes", share_of="cell")
    one_village = est.survey_design(frame.assign(psu="Ambel"), stratum=None, lonely="remove")
    for test in TESTS:
        with pytest.raises(est.Untestable, match="the clusters of these 20 people show no variance"):
            est.crosstab(one_village, "owns", "votes", test=test)


def test_a_level_whose_weights_cancel_is_refused(twenty):
    """Calibration may leave negative weights."""
    weight = np.where(twenty.frame["owns"] == "yes", np.where(np.arange(20) < 4, -5.0, 5.0), 5.0)
    calibrated = replace(twenty, frame=twenty.frame.assign(weight=weight), _known={})
    with pytest.raises(ValueError, match=r"'owns': the weights of \['yes'\] do not add up to more than zero"):
        est.crosstab(calibrated, "owns", "votes")


def test_tables_that_cannot_be_are_refused(twenty):
    for columns in ([], ["owns", "owns"]):
        with pytest.raises(ValueError, match="expected one or more, each once"):
            est.weighted_table(twenty, columns)
    for total in (0, -1, np.inf, np.nan):
        with pytest.raises(ValueError, match="expected a number above zero"):
            est.weighted_table(twenty, ["owns"], total=total)


@pytest.mark.parametrize("test", TESTS)
def test_a_table_in_its_engine_is_crossed_as_its_rows_are(test, tmp_path):
    frame = sample(3)
    frame.to_parquet(tmp_path / "people.parquet", index=False)
    rows, table = (
        est.survey_design(frame),
        est.survey_design(ibis.duckdb.connect().read_parquet(tmp_path / "people.parquet")),
    )
    one, two = (est.crosstab(d, "answer", "group", where="old", test=test, share_of="row") for d in (rows, table))
    alike(one, two)
    assert two.share_se == pytest.approx(one.share_se, rel=1e-10)
    pd.testing.assert_frame_equal(*(est.weighted_table(d, ["answer", "group"], total=3) for d in (rows, table)))
