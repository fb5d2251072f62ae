"""The declared population of the speed benchmark: a stratified cluster sample of any size, from a seed."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SEED = 20140520
CHUNK = 500_000
OUTCOME, FLAG, GROUP = "trust", "victim", "activity"
COVARIATES = {
    GROUP: ("farming", "herding", "trade", "service", "none"),
    "region": ("east", "north", "south", "west"),
    "education": ("none", "primary", "secondary", "koranic"),
    "sex": ("man", "woman"),
}
"""Levels of the categorical covariates: 4 + 3 + 3 + 1 coefficients, twelve with the intercept of a binary model."""

AGE = "age_years"
DESIGN = ("weight", "stratum", "psu")


@dataclass(frozen=True)
class Sample:
    """How many people (rows), strata, and primary sampling units in each stratum."""

    rows: int
    strata: int = 60
    psus: int = 50


SAMPLES = {
    "1.6k": Sample(1_600, strata=8, psus=20),
    "10k": Sample(10_000),
    "1M": Sample(1_000_000),
    "10M": Sample(10_000_000),
}
"""The assessment's own size and design (about ten people in each of 160 units), and three of 60 x 50 units."""


def write_population(path: Path, sample: Sample, *, seed: int = SEED, missing: float = 0.0) -> Path:
    """Write one row per respondent as Parquet, in chunks, so that memory does not grow with the rows.

    People stand in no order, which is harder than a file sorted by unit. `trust` is 0 to 3 and `victim` 0 or 1, both
    correlated within units; `weight` is different for each person; covariates are text, `age_years` a number.
    `missing` is the share of empty answers in each of `trust`, `victim` and the covariates. The same seed, the same rows.
    """
    units = sample.strata * sample.psus
    effects = np.random.default_rng(seed).normal(size=(3, units)) * np.array([[0.5], [0.5], [0.3]])
    with pq.ParquetWriter(path, _schema(), store_schema=False) as writer:
        for number, start in enumerate(range(0, sample.rows, CHUNK)):
            rng = np.random.default_rng([seed, number + 1])
            count = min(CHUNK, sample.rows - start)
            writer.write_table(_chunk(rng, count, sample, effects, missing))
    return path


def _schema() -> pa.Schema:
    text = [(name, pa.string()) for name in COVARIATES]
    whole = [("stratum", pa.int32()), ("psu", pa.int32()), (OUTCOME, pa.int32()), (FLAG, pa.int32())]
    return pa.schema([("weight", pa.float64()), *whole, *text, (AGE, pa.float64())])


def _chunk(rng: np.random.Generator, count: int, sample: Sample, effects: np.ndarray, missing: float) -> pa.Table:
    unit = rng.integers(0, len(effects[0]), count)
    codes = {name: rng.integers(0, len(levels), count) for name, levels in COVARIATES.items()}
    age = np.round(rng.gamma(6.0, 6.0, count) + 18, 1)
    # Weak effects: the tests keep p-values that can be compared digit by digit.
    taste = 0.004 * codes[GROUP] - 0.05 * codes["region"] + 0.1 * codes["sex"] + 0.08 * (codes["education"] == 2)
    latent = taste + 0.003 * (age - 50) + rng.logistic(size=count)
    columns = {
        "weight": np.exp(effects[2][unit] + rng.normal(0.0, 0.3, count)) * 250,
        "stratum": unit // sample.psus,
        "psu": unit,
        OUTCOME: np.digitize(latent + effects[0][unit], [-1.2, 0.1, 1.4]),
        FLAG: (rng.logistic(size=count) < effects[1][unit] - 0.9 + taste),
    }
    fields = {name: pa.array(values).cast(_schema().field(name).type) for name, values in columns.items()}
    for name, levels in COVARIATES.items():
        fields[name] = pa.DictionaryArray.from_arrays(pa.array(codes[name]), pa.array(levels)).cast(pa.string())
    fields[AGE] = pa.array(age)
    for name in (OUTCOME, FLAG, *COVARIATES) if missing else ():
        fields[name] = pa.compute.if_else(pa.array(rng.random(count) < missing), None, fields[name])
    return pa.table([fields[name] for name in _schema().names], schema=_schema())
