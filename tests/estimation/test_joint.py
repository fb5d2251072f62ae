"""Numbers estimated together, and the differences between them."""

import ibis
import numpy as np
import pandas as pd
import pytest

from bsna import estimation as est

# four clusters of two people; men and women share clusters
EIGHT = pd.DataFrame(
    {
        "psu": [1, 1, 2, 2, 3, 3, 4, 4],
        "sex": list("mwmwmwmw"),
        "trust": [1.0, 1, 0, 0, 1, 0, 0, 0],
        "age": [20.0, 30, 40, 50, 60, 70, 80, 90],
        "weight": 1.0,
    }
)


@pytest.fixture
def design() -> est.SurveyDesign:
    return est.survey_design(EIGHT, stratum=None)


def test_the_difference_of_two_groups_counts_their_shared_clusters(design):
    # men 2/4, women 1/4. Influence of a man (y - 1/2) / 4, of a woman -(y - 1/4) / 4; by cluster, in 16ths:
    # 2 - 3, -2 + 1, 2 + 1, -2 + 1
    row = est.domain_difference(design, "trust", "sex", ("m", "w")).iloc[0]
    clusters = np.array([2 - 3, -2 + 1, 2 + 1, -2 + 1]) / 16
    assert row["estimate"] == pytest.approx(2 / 4 - 1 / 4)
    assert row["se"] == pytest.approx(np.sqrt(4 / 3 * (clusters**2).sum()))
    assert (row["df"], row["n"], row["unit"]) == (3, 8, "points")


def test_means_estimated_together_have_the_errors_of_each_alone(design):
    found = est.jointly(design, ["trust", "age"], by=("sex",))
    alone = pd.concat([est.mean(design, measure, by="sex") for measure in ("trust", "age")])
    assert found.names == (("trust", "m"), ("trust", "w"), ("age", "m"), ("age", "w"))
    np.testing.assert_allclose(found.estimated.values, alone["estimate"])
    np.testing.assert_allclose(found.estimated.se, alone["se"])


def test_a_contrast_of_totals_over_all_groups_is_the_total(design):
    parts = est.jointly(design, ["age"], statistic="total", by=("sex",))
    whole, row = parts.contrast(dict.fromkeys(parts.names, 1.0)), est.total(design, "age").iloc[0]
    assert whole.values[0] == pytest.approx(row["estimate"])
    assert whole.se[0] == pytest.approx(row["se"])


def test_ratios_and_shares_together_are_those_apart(design):
    ratio = est.jointly(design, ["trust"], per="age")
    assert ratio.estimated.se[0] == pytest.approx(est.ratio(design, "trust", "age")["se"].iloc[0])
    shares = est.shares(design, "sex").estimated
    assert shares.values == pytest.approx([0.5, 0.5])
    assert shares.covariance.sum() == pytest.approx(0, abs=1e-15)


def test_people_who_miss_any_measure_are_outside(design):
    holes = design.with_columns(trust=EIGHT["trust"].mask(EIGHT["age"] == 20))
    assert est.jointly(holes, ["trust", "age"]).n == (7, 7)


def test_the_variance_of_four_numbers_by_hand():
    frame = pd.DataFrame({"x": [1.0, 2, 4, 9], "weight": 1.0})
    row = est.population_variance(est.survey_design(frame, stratum=None, psu=None), "x").iloc[0]
    # mean 4, squares 9, 4, 0, 25: their mean 9.5 times 4/3; error that of the mean of those squares
    assert row["estimate"] == pytest.approx(38 / 3)
    squares = np.array([9, 4, 0, 25]) * 4 / 3
    assert row["se"] == pytest.approx(np.sqrt(squares.var(ddof=1) / 4))


def test_a_large_mean_costs_no_digits():
    frame = pd.DataFrame({"x": np.array([1.0, 2, 4, 9]) + 1e9, "weight": 1.0})
    design = est.survey_design(frame, stratum=None, psu=None)
    assert est.population_variance(design, "x")["estimate"].iloc[0] == pytest.approx(38 / 3, rel=1e-12)


def test_covariances_are_symmetric_and_hold_the_variances(design):
    found = est.population_covariance(design, ["trust", "age"])
    matrix = found.estimated.values.reshape(2, 2)
    assert matrix[0, 1] == matrix[1, 0] == pytest.approx(np.cov(EIGHT["trust"], EIGHT["age"])[0, 1])
    assert matrix[1, 1] == pytest.approx(EIGHT["age"].var())


def test_a_table_gives_the_same(design):
    table = est.survey_design(ibis.memtable(EIGHT), stratum=None)
    ask = lambda d: est.domain_difference(d, "trust", "sex", ("m", "w"))  # noqa: E731
    pd.testing.assert_frame_equal(ask(table), ask(design), rtol=1e-12)


def test_what_cannot_be_estimated_together_is_refused(design):
    with pytest.raises(ValueError, match="each named once"):
        est.jointly(design, ["trust", "trust"])
    with pytest.raises(ValueError, match="Nobody with 'sex'"):
        est.domain_difference(design, "trust", "sex", ("m", "x"))
    with pytest.raises(KeyError, match="were not estimated"):
        est.jointly(design, ["trust"]).contrast({("age",): 1.0})
    with pytest.raises(ValueError, match="One person alone"):
        est.population_variance(design, "age", where=EIGHT["age"] == 20)
