"""The same questions of a table in Spark. Run where the extra `spark` and Java are installed; counted out elsewhere."""

import ibis
import numpy as np
import pandas as pd
import pytest

from bsna import estimation as est
from tests.estimation.doors import DOORS, agree, people

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """One sample, in DuckDB and in Spark, from the same file."""
    from pyspark.sql import SparkSession

    path = tmp_path_factory.mktemp("rows") / "people.parquet"
    people(21, rows=600).to_parquet(path, index=False)
    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    session.conf.set("spark.sql.shuffle.partitions", "2")
    spark = ibis.pyspark.connect(session)
    yield ibis.duckdb.connect().read_parquet(path), spark.read_parquet(str(path))
    session.stop()


@pytest.mark.parametrize("door", DOORS)
def test_spark_gives_the_numbers_of_duckdb(tables, door):
    duckdb, spark = (DOORS[door](est.survey_design(table, lonely="adjust")) for table in tables)
    agree(duckdb, spark, digits=1e-12)


def test_a_column_with_as_many_values_as_people_works_in_spark_too(tables):
    fits = [
        est.binary_logit(est.survey_design(t.mutate(w2=t.weight * 1.0), lonely="adjust"), "feels_safe", ["w2"])
        for t in tables
    ]
    np.testing.assert_allclose(fits[0].coefficients, fits[1].coefficients, rtol=1e-12)
    np.testing.assert_allclose(fits[0].se, fits[1].se, rtol=1e-12)


def test_missing_answers_are_missing_in_spark(tables):
    rows = pd.concat([est.mean(est.survey_design(table, lonely="adjust"), "trust") for table in tables])
    assert rows["n"].nunique() == 1 and rows["n"].iloc[0] < 600
