"""Quantiles by hand and by law. R's own values are in the ledger."""

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bsna import estimation as est


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
