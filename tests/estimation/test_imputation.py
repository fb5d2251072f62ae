"""Missing answers: Rubin's arithmetic by hand, what imputation may never do, and a population of declared silence."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bsna import estimation as est
from bsna.estimation.nonresponse.imputation import _check_settled
from bsna.estimation.nonresponse.matching import item_of
from bsna.simulation.silence import declared_survey, imputed_survey, silence_recovery, truths


def rows_of(value, se, df=10.0, unit="number", **more):
    row = {"measure": "x", "estimate": value, "se": se, "df": df, "n": 40, "clusters": 12, "unit": unit}
    return est.estimate_rows([row | more])


@pytest.fixture(scope="module")
def answered():
    return declared_survey(np.random.default_rng(5))[1]


@pytest.fixture(scope="module")
def completed(answered):
    return imputed_survey(answered, np.random.default_rng(1), sets=4, cycles=3)


# Rubin's rules, by hand


def test_three_sets_pool_as_by_hand():
    pooled = est.pool([rows_of(value, 0.1) for value in (0.5, 0.6, 0.7)])
    row, facts = pooled.rows.iloc[0], pooled.information.iloc[0]
    # W = 0.01, B = 0.01, T = 0.01 + 4/3 * 0.01 = 7/300, g = (4/3 * 0.01) / T = 4/7
    assert row["estimate"] == pytest.approx(0.6, rel=1e-12)
    assert row["se"] == pytest.approx(np.sqrt(7 / 300), rel=1e-12)
    # Barnard and Rubin: a = 2 / (4/7)^2 = 6.125, b = 10 * 11/13 * 3/7 = 330/91
    df = 1 / (1 / 6.125 + 91 / 330)
    assert row["df"] == pytest.approx(df, rel=1e-12)
    assert row["high"] == pytest.approx(0.6 + stats.t.ppf(0.975, df) * np.sqrt(7 / 300), rel=1e-12)
    # r = 4/3; fraction missing (r + 2 / (df + 3)) / (r + 1)
    missing = (4 / 3 + 2 / (df + 3)) / (7 / 3)
    assert (facts["within"], facts["between"]) == (pytest.approx(0.01), pytest.approx(0.01))
    assert facts["fraction_missing"] == pytest.approx(missing, rel=1e-12)
    assert facts["efficiency"] == pytest.approx(1 / (1 + missing / 3), rel=1e-12)


def test_many_clusters_give_rubins_own_degrees_of_freedom():
    row = est.pool([rows_of(value, 0.1, df=np.inf) for value in (0.5, 0.6, 0.7)]).rows.iloc[0]
    assert row["df"] == pytest.approx(2 * (7 / 4) ** 2, rel=1e-12)  # (m - 1) (1 + 1/r)^2


def test_degrees_of_freedom_never_exceed_those_of_the_design():
    row = est.pool([rows_of(value, 0.1, df=8) for value in (0.500, 0.501, 0.502, 0.499)]).rows.iloc[0]
    assert row["df"] < 8 * 9 / 11


def test_sets_that_agree_miss_nothing():
    pooled = est.pool([rows_of(0.3, 0.1, unit="share")] * 20)
    row, facts = pooled.rows.iloc[0], pooled.information.iloc[0]
    assert (row["estimate"], row["se"], row["df"]) == (0.3, pytest.approx(0.1, rel=1e-15), 10)
    assert (facts["between"], facts["fraction_missing"], facts["efficiency"]) == (0, 0, 1)


def test_the_interval_of_a_share_stays_between_zero_and_one():
    row = est.pool([rows_of(value, 0.05, unit="share") for value in (0.01, 0.02, 0.06)]).rows.iloc[0]
    assert 0 < row["low"] < row["estimate"] < row["high"] < 1


def test_nobody_whose_answer_was_imputed_counts_as_having_answered():
    sets = [rows_of(value, 0.1) for value in (0.5, 0.6)]
    assert est.pool(sets).rows.iloc[0]["n"] == 40
    row = est.pool(sets, answered=rows_of(0.4, 0.1, n=31, clusters=11)).rows.iloc[0]
    assert (row["n"], row["clusters"]) == (31, 11)


def test_sets_with_other_rows_or_another_order_are_refused():
    one = pd.concat([rows_of(0.5, 0.1, level="a"), rows_of(0.6, 0.1, level="b")], ignore_index=True)
    with pytest.raises(ValueError, match=r"2 estimate row\(s\) differ: row 1 .*'a'.*'b'.* in set 2"):
        est.pool([one, one.iloc[::-1]])
    with pytest.raises(ValueError, match="Set 1 has 2 estimate rows, set 2 has 1"):
        est.pool([one, one.iloc[:1]])
    with pytest.raises(ValueError, match="the answers alone has 1"):
        est.pool([one, one], answered=one.iloc[:1])
    with pytest.raises(ValueError, match="needs at least 2"):
        est.pool([one])


def test_a_row_without_estimate_in_some_sets_is_refused_and_in_all_stays_empty():
    there, gone = rows_of(0.5, 0.1), rows_of(np.nan, np.nan, df=np.nan, n=0)
    with pytest.raises(ValueError, match="no estimate in 1 of 2 sets"):
        est.pool([there, gone])
    row = est.pool([gone, gone]).rows.iloc[0]
    assert np.isnan([row["estimate"], row["se"], row["low"], row["high"], row["df"]]).all()


@given(st.lists(st.floats(0.05, 0.95), min_size=2, max_size=12), st.floats(0.01, 0.3), st.floats(1, 60))
@settings(max_examples=40, deadline=None)
def test_pooling_adds_uncertainty_and_takes_degrees_of_freedom(values, se, df):
    pooled = est.pool([rows_of(value, se, df=df) for value in values])
    row, facts = pooled.rows.iloc[0], pooled.information.iloc[0]
    assert row["se"] >= se * (1 - 1e-12)
    assert 0 < row["df"] <= df
    assert 0 <= facts["fraction_missing"] <= 1 and 0 < facts["efficiency"] <= 1
    turned = est.pool([rows_of(value, se, df=df) for value in reversed(values)]).rows.iloc[0]
    assert turned["estimate"] == pytest.approx(row["estimate"]) and turned["se"] == pytest.approx(row["se"])


# What imputation does and may never do


def test_observed_answers_are_untouched_and_all_missing_ones_are_filled(answered, completed):
    for design in completed.designs:
        for column in ("trust", "fears", "activity"):
            known = answered[column].notna()
            assert design.frame.loc[known, column].equals(answered.loc[known, column])
            assert design.frame[column].notna().all()
        rest = ["stratum", "psu", "weight", "schooling"]
        pd.testing.assert_frame_equal(design.frame[rest], answered[rest])
    assert completed.counts["imputed"].tolist() == [int(answered[c].isna().sum()) for c in completed.counts["column"]]


def test_only_answers_that_somebody_gave_are_imputed(answered, completed):
    for column in ("trust", "fears", "activity"):
        gave = set(answered[column].dropna())
        assert all(set(design.frame[column]) <= gave for design in completed.designs)


def test_copies_differ_where_answers_are_missing(answered, completed):
    silent = answered["trust"].isna()
    one, two = (design.frame.loc[silent, "trust"] for design in completed.designs[:2])
    assert 0.1 < (one != two).mean() < 0.9


def test_the_same_generator_gives_the_same_copies(answered, completed):
    again = imputed_survey(answered, np.random.default_rng(1), sets=4, cycles=3)
    for one, two in zip(completed.designs, again.designs, strict=True):
        pd.testing.assert_frame_equal(one.frame, two.frame)


def test_the_order_of_rows_does_not_matter(answered, completed):
    order = np.random.default_rng(3).permutation(len(answered))
    mixed = imputed_survey(answered.iloc[order], np.random.default_rng(1), sets=4, cycles=3)
    for one, two in zip(completed.designs, mixed.designs, strict=True):
        back = two.frame.assign(place=order).sort_values("place")
        columns = ["stratum", "psu", "weight", "schooling", "trust", "fears", "activity"]
        pd.testing.assert_frame_equal(
            one.frame[columns].sort_values(columns).reset_index(drop=True),
            back[columns].sort_values(columns).reset_index(drop=True),
        )


def test_with_nothing_missing_the_estimate_is_that_of_the_survey():
    full, _ = declared_survey(np.random.default_rng(5))
    design = est.survey_design(full.assign(trusts=(full["trust"] >= 2).astype(float)))
    made = est.impute(design, ["trusts", "activity"], rng=np.random.default_rng(1), sets=3, cycles=1)
    pooled = est.pooled_estimate(made, lambda one: est.proportion(one, "trusts", by="stratum")).rows
    pd.testing.assert_frame_equal(pooled, est.proportion(design, "trusts", by="stratum"), rtol=1e-12)


def test_those_not_asked_are_not_imputed_and_give_nothing(answered):
    asked = answered["schooling"] > 0
    frame = answered.assign(trust=answered["trust"].where(asked, 3.0).mask(answered["schooling"] == 3), asked=asked)
    frame.loc[(frame["schooling"] == 0) & (frame.index % 2 == 0), "trust"] = np.nan
    frame.loc[asked & (frame["trust"] == 3.0), "trust"] = 2.0  # a 3 is only had by those not asked
    made = est.impute(
        est.survey_design(frame),
        ["trust", "fears", "activity"],
        given=["schooling"],
        rng=np.random.default_rng(2),
        where={"trust": (frame["schooling"].isin([1, 2]))},
        sets=2,
        cycles=2,
    )
    for design in made.designs:
        out = ~frame["schooling"].isin([1, 2])
        assert design.frame.loc[out, "trust"].equals(frame.loc[out, "trust"])
        assert set(design.frame.loc[~out, "trust"]) <= {0.0, 1.0, 2.0}


def test_a_constant_column_is_completed_with_its_constant(answered):
    silent = answered["trust"].isna()
    frame = answered.assign(says_yes=np.where(silent, np.nan, 1.0))
    made = est.impute(est.survey_design(frame), ["says_yes"], rng=np.random.default_rng(1), sets=2, cycles=2)
    assert (made.designs[0].frame["says_yes"] == 1).all()
    row = est.pooled_estimate(made, lambda one: est.proportion(one, "says_yes")).rows.iloc[0]
    assert row["n"] == (~silent).sum() and 0.9 < row["low"] < row["high"] == 1


def test_a_category_named_once_can_be_imputed_and_predict(answered):
    frame = answered.copy()
    frame.loc[frame["activity"].first_valid_index(), "activity"] = "fishing"
    made = imputed_survey(frame, np.random.default_rng(4), sets=2, cycles=2)
    assert all(design.frame["activity"].notna().all() for design in made.designs)


def test_whole_numbers_and_categories_keep_their_type(answered):
    frame = answered.assign(trust=answered["trust"].astype("Int64"), activity=answered["activity"].astype("category"))
    made = imputed_survey(frame, np.random.default_rng(1), sets=2, cycles=1)
    assert made.designs[0].frame[["trust", "activity"]].dtypes.equals(frame[["trust", "activity"]].dtypes)


def test_a_column_that_nobody_answered_is_refused(answered):
    with pytest.raises(est.Unimputable, match="Nobody of 432 asked answered 'fears'"):
        imputed_survey(answered.assign(fears=np.nan), np.random.default_rng(1))


def test_one_cluster_is_refused(answered):
    alone = answered[answered["psu"] == "north-1"].assign(weight=1.0)
    design = est.survey_design(alone, lonely="adjust")
    with pytest.raises(est.Unimputable, match=r"1 cluster\(s\) in 1 stratum"):
        est.impute(design, ["trust"], rng=np.random.default_rng(1))


def test_too_few_answers_for_the_regression_are_refused(answered):
    frame = answered.assign(trust=answered["trust"].where(answered.index % 40 == 0))
    with pytest.raises(est.Unimputable, match=r"'trust' has .* answers for the 7 terms"):
        imputed_survey(frame, np.random.default_rng(1))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": ["trust", "nowhere"]}, "no column 'nowhere'"),
        ({"columns": []}, "No column to impute"),
        ({"columns": ["trust", "trust"]}, "more than once"),
        ({"columns": ["psu"]}, "part of the design"),
        ({"given": ["fears"]}, "'fears' is given but missing for"),
        ({"sets": 1}, "sets is 1"),
        ({"donors": 0}, "donors is 0"),
        ({"where": {"fears": "asked"}}, "`where` names \\['fears'\\]"),
    ],
)
def test_what_cannot_be_meant_is_refused(answered, changes, message):
    settings_of = {"columns": ["trust"], "rng": np.random.default_rng(1)} | changes
    with pytest.raises(ValueError, match=message):
        est.impute(est.survey_design(answered), settings_of.pop("columns"), **settings_of)


def test_infinite_numbers_are_refused(answered):
    with pytest.raises(ValueError, match="'trust' holds infinite numbers"):
        imputed_survey(answered.assign(trust=answered["trust"].replace(3.0, np.inf)), np.random.default_rng(1))


def test_copies_that_still_drift_are_refused():
    item = item_of(pd.Series([1.0, np.nan], name="trust"), np.ones(2, dtype=bool))
    still = np.random.default_rng(1).normal(size=(20, 10, 1))
    _check_settled(still, [item])
    with pytest.raises(RuntimeError, match="'trust' still drift after 10 cycles"):
        _check_settled(still + np.arange(10)[None, :, None], [item])


def test_of_people_equally_near_all_give_and_the_missing_third_costs_a_third_of_the_information():
    """Without clusters and predictors, T is that of those who answered: y varies as p q / n, and n is 0.7 of all."""
    rng, ratios, givers = np.random.default_rng(6), [], set()
    for _ in range(60):
        frame = pd.DataFrame({"y": (rng.random(200) < 0.4).astype(float), "weight": 1.0})
        frame.loc[:59, "y"] = np.nan
        design = est.survey_design(frame.assign(number=rng.random(200)), stratum=None, psu=None)
        made = est.impute(design, ["y"], rng=rng, sets=20, cycles=1)
        pooled = est.pooled_estimate(made, lambda one: est.mean(one, "y"))
        ratios.append(pooled.rows["se"][0] ** 2 / pooled.information["within"][0])
    labels = frame.assign(y=np.where(frame["y"].isna(), np.nan, np.arange(200.0)))
    made = est.impute(est.survey_design(labels, stratum=None, psu=None), ["y"], rng=rng, sets=20, cycles=1)
    for one in made.designs:
        givers |= set(one.frame.loc[:59, "y"])
    assert np.mean(ratios) == pytest.approx(1 / 0.7, abs=0.08)
    assert len(givers) > 130


def test_categories_and_weights_are_followed_where_silence_depends_on_what_is_known():
    rng = np.random.default_rng(8)
    size = 3000
    frame = pd.DataFrame({"stratum": np.repeat(["a", "b"], size // 2), "psu": np.arange(size) // 25})
    level = rng.integers(0, 2, size)
    frame = frame.assign(level=level.astype(float), weight=np.where(rng.random(size) < 0.5, 4.0, 1.0))
    # the heavy say yes more often; the schooled herd less, and keep silent more often
    told = pd.DataFrame(
        {
            "yes": (rng.random(size) < np.where(frame["weight"] > 1, 0.8, 0.2)).astype(float),
            "activity": np.where(rng.random(size) < np.where(level == 1, 0.2, 0.7), "herding", "trade"),
        }
    )
    told.loc[rng.random(size) < 0.1, "activity"] = "farming"
    silent = rng.random(size) < np.where(level == 1, 0.7, 0.1)
    known = frame.assign(yes=told["yes"].mask(rng.random(size) < 0.4), activity=told["activity"].mask(silent))
    made = est.impute(est.survey_design(known), ["yes", "activity"], given=["level"], rng=rng, sets=10, cycles=5)
    truth = est.survey_design(frame.assign(**told))

    def shares(design):
        herds = (design.frame["activity"] == "herding").astype(float).mask(design.frame["activity"].isna())
        flagged = design.with_columns(herds=herds)
        return pd.concat([est.proportion(flagged, "herds"), est.mean(flagged, "yes")], ignore_index=True)

    herds, yes = shares(truth)["estimate"] - est.pooled_estimate(made, shares).rows["estimate"]
    assert abs(herds) < 0.03 < 0.08 < abs(shares(truth)["estimate"][0] - shares(made.original)["estimate"][0])
    assert abs(yes) < 0.03


# The declared population


def test_the_truth_of_the_declared_population_is_that_of_a_large_sample():
    full = pd.concat([declared_survey(np.random.default_rng(seed))[0] for seed in range(150)])
    share = np.average(full["trust"] >= 2, weights=full["weight"])
    assert share == pytest.approx(truths()["trusts"], abs=0.01)


def test_where_refusals_depend_on_what_is_known_imputation_finds_the_truth_and_the_answers_alone_do_not():
    found = silence_recovery(replicates=100, seed=20).set_index(["method", "measure"])
    for measure in ("trusts", "trust"):
        alone, filled = found.loc[("answered", measure)], found.loc[("imputed", measure)]
        assert alone["covered"] < 0.75
        assert abs(filled["bias"]) < 0.2 * alone["bias"]
        assert filled["covered"] >= 0.88  # 95% less three standard errors of 100 samples
        assert filled["half_width"] >= found.loc[("everybody", measure), "half_width"]
    likeness = found["likeness"].xs("trust", level="measure")
    assert likeness["imputed"] > 0.8 * likeness["everybody"]


# Worst-case bounds


@pytest.fixture
def eight():
    return pd.DataFrame(
        {
            "stratum": ["dry"] * 4 + ["wet"] * 4,
            "psu": ["Ambel", "Ambel", "Anzo", "Anzo", "Brazo", "Brazo", "Belim", "Belim"],
            "weight": [10.0, 10, 10, 10, 20, 20, 20, 20],
            "trusts": [1.0, 1, 0, np.nan, 0, 0, 1, np.nan],
        }
    )


def test_bounds_count_all_silent_people_one_way_and_the_other(eight):
    design = est.survey_design(eight)
    row = est.worst_case_bounds(design, "trusts").iloc[0]
    assert row["lowest"] == pytest.approx((10 + 10 + 20) / 120)
    assert row["highest"] == pytest.approx((10 + 10 + 20 + 10 + 20) / 120)
    assert (row["n"], row["silent"], row["clusters"]) == (8, 2, 4)
    ends = [est.proportion(design.with_columns(t=eight["trusts"].fillna(end)), "t").iloc[0] for end in (0.0, 1.0)]
    assert (row["low"], row["high"]) == (ends[0]["low"], ends[1]["high"])


def test_those_not_asked_move_no_bound(eight):
    design = est.survey_design(eight)
    silent = pd.Series([0, 0, 0, 1, 0, 0, 0, 0])
    row = est.worst_case_bounds(design, "trusts", silent=silent).iloc[0]
    assert row["highest"] == pytest.approx((10 + 10 + 20 + 10) / 100)
    assert (row["n"], row["silent"]) == (7, 1)
    inside = pd.Series([1, 1, 1, 1, 1, 1, 1, 0])
    assert est.worst_case_bounds(design, "trusts", where=inside).iloc[0]["n"] == 7


def test_with_nobody_silent_the_bounds_are_the_share(eight):
    design = est.survey_design(eight)
    row = est.worst_case_bounds(design, "trusts", silent=pd.Series(np.zeros(8))).iloc[0]
    share = est.proportion(design, "trusts").iloc[0]
    assert (row["lowest"], row["highest"], row["low"], row["high"]) == (
        *[share["estimate"]] * 2,
        share["low"],
        share["high"],
    )


def test_bounds_by_group_count_the_silent_of_each(eight):
    rows = est.worst_case_bounds(est.survey_design(eight), "trusts", by="stratum")
    assert rows["level"].tolist() == ["dry", "wet"] and rows["silent"].tolist() == [1, 1]
    assert rows["highest"].tolist() == pytest.approx([3 / 4, 2 / 4])


@given(
    st.lists(st.sampled_from([0.0, 1.0, None]), min_size=8, max_size=8).filter(lambda v: any(x is not None for x in v))
)
@settings(max_examples=40, deadline=None)
def test_whatever_the_silent_would_have_said_lies_within_the_bounds(said):
    frame = pd.DataFrame({"stratum": ["a"] * 4 + ["b"] * 4, "psu": list("uuvvwwxx"), "weight": [1.0, 2, 3, 4] * 2})
    frame["y"] = np.array(said, dtype=float)
    row = est.worst_case_bounds(est.survey_design(frame), "y").iloc[0]
    for number in range(4):
        answers = np.random.default_rng(number).integers(0, 2, 8).astype(float)
        share = np.average(frame["y"].fillna(pd.Series(answers)), weights=frame["weight"])
        assert row["lowest"] - 1e-12 <= share <= row["highest"] + 1e-12
