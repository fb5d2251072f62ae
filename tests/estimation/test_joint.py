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
    with pytest.raises(ValueError, match="Nobody has the 'sex'"):
        est.domain_difference(design, "trust", "sex", ("m", "x"))
    with pytest.raises(KeyError, match="were not estimated"):
        est.jointly(design, ["trust"]).contrast({("age",): 1.0})
    with pytest.raises(ValueError, match="One person alone"):
        est.population_variance(design, "age", where=EIGHT["age"] == 20)


def clustered(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"stratum": np.arange(90) % 3, "psu": np.arange(90) // 3 % 5})
    frame["weight"] = rng.integers(1, 9, 90).astype(float)
    frame["days"], frame["income"] = rng.integers(0, 9, 90).astype(float), rng.normal(2000, 3, 90)
    frame["sex"], frame["zone"] = rng.choice(["f", "m"], 90), rng.choice(["n", "s"], 90)
    frame.loc[::11, "days"], frame.loc[::7, "income"] = np.nan, np.nan
    return frame


@pytest.mark.parametrize("seed", range(5))
def test_each_of_the_numbers_is_what_it_is_alone(seed):
    design = est.survey_design(clustered(seed))
    both = design.frame["days"].notna() & design.frame["income"].notna()
    found = est.jointly(design, ["days", "income"], by=["sex", "zone"], where=design.frame["zone"] == "n")
    assert {name[2] for name in found.names} == {"n"}
    for name, value, se, n in zip(found.names, found.estimated.values, found.estimated.se, found.n, strict=True):
        inside = both & (design.frame["sex"] == name[1]) & (design.frame["zone"] == name[2])
        row = est.mean(design, name[0], where=inside).iloc[0]
        assert (value, se, n) == pytest.approx((row["estimate"], row["se"], row["n"]), rel=1e-10)
    variances = est.population_covariance(design, ["days", "income"], by=["sex"])
    for k in (0, 1, 6, 7):
        one, other, sex = variances.names[k]
        row = est.population_variance(design, one, where=both & (design.frame["sex"] == sex)).iloc[0]
        got = (variances.estimated.values[k], variances.estimated.se[k])
        assert one == other and got == pytest.approx((row["estimate"], row["se"]), rel=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_contrasts_of_measures_are_the_difference_on_the_same_people(seed):
    design = est.survey_design(clustered(seed))
    gap = est.jointly(design, ["days", "income"]).contrast({("days",): 1.0, ("income",): -1.0})
    row = est.difference(design, "days", "income").iloc[0]
    assert (gap.values[0], gap.se[0], gap.n, gap.df) == pytest.approx((row["estimate"], row["se"], row["n"], row["df"]))


@pytest.mark.parametrize("seed", range(5))
def test_shares_of_all_answers_add_up_to_one_without_error(seed):
    design = est.survey_design(clustered(seed))
    found = est.shares(design, "zone", by=["sex"])
    assert found.names == (("zone", "f", "n"), ("zone", "f", "s"), ("zone", "m", "n"), ("zone", "m", "s"))
    for sex in "fm":
        whole = found.contrast({("zone", sex, "n"): 1.0, ("zone", sex, "s"): 1.0})
        assert whole.values[0] == pytest.approx(1)
        assert whole.covariance[0, 0] == pytest.approx(0, abs=1e-15)
    rows = est.proportion(design.with_columns(south=(design.frame["zone"] == "s").astype(float)), "south", by="sex")
    assert found.estimated.se[[1, 3]] == pytest.approx(rows["se"].to_numpy(), rel=1e-10)
    assert found.n == (rows["n"][0], rows["n"][0], rows["n"][1], rows["n"][1])


@pytest.mark.parametrize("far", [1e6, 1e9])
def test_a_large_mean_costs_contrasts_no_digits(far):
    near, away = (est.survey_design(clustered(1).assign(days=lambda f, d=d: f["days"] + d)) for d in (0.0, far))
    one, two = (est.domain_difference(design, "days", "sex", ("f", "m")).iloc[0] for design in (near, away))
    assert (two["estimate"], two["se"]) == pytest.approx((one["estimate"], one["se"]), rel=1e-9)
    covariance = est.jointly(near, ["days"], by=["sex"]).estimated.covariance
    assert est.jointly(away, ["days"], by=["sex"]).estimated.covariance == pytest.approx(covariance, rel=1e-9)


def test_a_mean_of_nothing_but_nil_is_nil_without_error():
    frame = clustered(0).assign(days=lambda f: f["days"].mask(f["sex"] == "f", 0.0))
    found = est.jointly(est.survey_design(frame), ["days"], by=["sex"]).estimated
    assert (found.values[0], found.se[0]) == (0, 0)


def test_combinations_nobody_chose_are_absent_and_levels_without_answers_have_no_variance():
    frame = clustered(0).assign(zone=lambda f: f["sex"].map({"f": "n", "m": "s"}))
    design = est.survey_design(frame.assign(income=frame["income"].where(frame["sex"] == "f")))
    assert est.jointly(design, ["days"], by=["sex", "zone"]).names == (("days", "f", "n"), ("days", "m", "s"))
    assert est.shares(design, "zone", by=["sex"]).estimated.values.tolist() == [1, 0, 0, 1]
    rows = est.population_variance(design, "income", by="sex").set_index("level")
    assert rows.loc["m", "n"] == 0 and np.isnan(rows.loc["m", "estimate"])
    assert rows.loc["f", "estimate"] > 0


def test_replicates_and_tables_give_numbers_together_too():
    frame = clustered(3)
    rows, table = est.survey_design(frame), est.survey_design(ibis.memtable(frame))
    for ask in (
        lambda d: est.jointly(d, ["days", "income"], by=["sex", "zone"]),
        lambda d: est.shares(d, "zone", by=["sex"]),
        lambda d: est.population_covariance(d, ["days", "income"], by=["sex"]),
    ):
        one, two = ask(rows), ask(table)
        assert one.names == two.names
        assert two.estimated.covariance == pytest.approx(one.estimated.covariance, rel=1e-9, abs=1e-15)
    one, two = (est.jointly(d, ["days"], statistic="total", by=["sex"]).estimated for d in (rows, est.jackknife(rows)))
    assert two.covariance == pytest.approx(one.covariance, rel=1e-9)  # of totals a jackknife's is the linearised one


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda d: est.jointly(d, []), r"each named once; got \[\]"),
        (lambda d: est.jointly(d, ["days"], statistic="median"), "got 'median'"),
        (lambda d: est.jointly(d, ["days"], statistic="total", per="income"), "not per anything"),
        (lambda d: est.jointly(d.with_columns(income=0.0), ["days"], per="income"), "'income' adds up to zero"),
        (
            lambda d: est.domain_difference(d, "days", "sex", ("x", "y")),
            r"Nobody has the 'sex' \['x', 'y'\]; its levels are \['f', 'm'\]",
        ),
        (lambda d: est.domain_difference(d, "days", "sex", ("f", "f")), "between two levels of 'sex'"),
        (lambda d: est.domain_difference(d, "days", "sex", ("f", "m"), where=d.frame["sex"] == "f"), r"\['m'\]"),
        (lambda d: est.population_covariance(d, ["days", "days"]), "each named once"),
        (lambda d: est.jointly(d.with_columns(days=np.inf), ["days"]), "'days' is infinite"),
    ],
)
def test_other_numbers_that_cannot_be_estimated_together_are_refused(ask, message):
    with pytest.raises(ValueError, match=message):
        ask(est.survey_design(clustered(0)))
