"""A table that stays in its engine gives the estimates of the same rows in memory."""

import ibis
import numpy as np
import pandas as pd
import pytest

from bsna import estimation as est

ROWS = 3000


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"stratum": rng.integers(0, 8, ROWS), "weight": rng.gamma(4, 1, ROWS)})
    frame["psu"] = rng.integers(0, 6, ROWS)  # numbered anew in each stratum
    frame["household"] = rng.integers(0, 40, ROWS)
    frame["psus"], frame["households"] = 30, 400
    frame["age"] = rng.integers(18, 90, ROWS).astype(float)
    frame["zone"] = rng.choice(["north", "south", None], ROWS, p=[0.5, 0.4, 0.1])
    frame["trusts"] = pd.array(rng.choice([0, 1, None], ROWS, p=[0.4, 0.5, 0.1]), dtype="Int64")
    frame["is_victim"] = rng.integers(0, 2, ROWS)
    frame.loc[::17, "age"] = np.nan
    return frame


@pytest.fixture(scope="module")
def both(people, tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / "people.parquet"
    people.to_parquet(path, index=False)
    return est.survey_design(people), est.survey_design(ibis.duckdb.connect().read_parquet(path))


QUESTIONS = {
    "a mean by zone": lambda d: est.mean(d, "age", by="zone"),
    "a share of some": lambda d: est.proportion(d, "trusts", where="is_victim", interval="beta"),
    "a share by zone": lambda d: est.proportion(d, "trusts", by="zone"),
    "a total": lambda d: est.total(d, "age", by="trusts"),
    "a ratio": lambda d: est.ratio(d, "trusts", "age", where="is_victim"),
    "a difference": lambda d: est.difference(d, "trusts", "is_victim"),
    "a distribution": lambda d: est.distribution(d, "zone", ("south", "north")),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_estimates_of_a_table_are_those_of_its_rows(both, question):
    rows, table = (QUESTIONS[question](design) for design in both)
    pd.testing.assert_frame_equal(rows, table, rtol=1e-12, atol=1e-13)


def test_a_cross_tabulation_of_a_table_is_that_of_its_rows(both):
    one, two = (est.crosstab(design, "zone", "trusts") for design in both)
    pd.testing.assert_frame_equal(one.shares, two.shares, rtol=1e-12)
    assert two.statistic_f == pytest.approx(one.statistic_f, rel=1e-12)
    assert (one.n, one.df2) == (two.n, pytest.approx(two.df2, rel=1e-12))


def test_households_and_finite_populations_count_in_a_table_too(people):
    frame = people.assign(household=people["psu"] * 100 + people["household"])
    declared = {"ssu": "household", "fpc": ("psus", "households")}
    rows, table = (est.survey_design(data, **declared) for data in (frame, ibis.memtable(frame)))
    pd.testing.assert_frame_equal(est.mean(rows, "age"), est.mean(table, "age"), rtol=1e-12)


def test_an_expression_chooses_a_domain(both):
    rows, table = both
    old = est.mean(table, "age", where=table.table.age > 60)
    pd.testing.assert_frame_equal(old, est.mean(rows, "age", where=rows.frame["age"] > 60), rtol=1e-12)


def test_a_table_with_unusable_weights_or_none_of_the_columns_is_refused(people):
    with pytest.raises(ValueError, match=r"2 weight\(s\) in 'weight'"):
        est.survey_design(ibis.memtable(people.assign(weight=[-1.0, np.nan, *people["weight"][2:]])))
    with pytest.raises(ValueError, match=r"no column .*cluster"):
        est.survey_design(ibis.memtable(people), psu="cluster")
    with pytest.raises(ValueError, match="single persons"):
        est.survey_design(ibis.memtable(people), psu=None)


def test_nobody_who_answered_is_an_empty_domain(both):
    with pytest.raises(est.EmptyDomain, match="age"):
        est.mean(both[1], "age", where=both[1].table.age > 1000)


def test_an_infinite_number_is_refused(people):
    with pytest.raises(ValueError, match="infinite"):
        est.mean(est.survey_design(ibis.memtable(people.assign(age=np.inf))), "age")


def test_what_needs_rows_in_memory_says_so(both):
    table = both[1]
    for ask in (
        lambda: est.jackknife(table),
        lambda: est.poststratified(table, "zone", {"north": 10.0, "south": 10.0}),
        lambda: est.impute(table, ["age"], rng=np.random.default_rng(1)),
    ):
        with pytest.raises(ValueError, match="rows of this table stay in their engine"):
            ask()


def test_text_with_a_thousand_values_is_no_covariate(people):
    named = ibis.memtable(people.assign(name=[f"person {k}" for k in range(ROWS)]))
    with pytest.raises(ValueError, match="too many for levels"):
        est.binary_logit(est.survey_design(named), "is_victim", ["name"])
