"""95% intervals contain the truth about 95 times in 100; the benchmark draws 2,000 samples, this 150."""

import numpy as np
import pytest
from benchmarks.coverage import declared_population, drawn, engine_coverage

from bsna import estimation as est

SAMPLES = 150


@pytest.fixture(scope="module")
def covered():
    return engine_coverage(replicates=SAMPLES, seed=4)


def test_no_interval_misses_more_than_chance_allows(covered):
    # 40 intervals at 95%: one below this bound has a chance of 40 x 3e-5
    worst = covered.loc[covered["covered"].idxmin()]
    assert worst["covered"] > 0.95 - 4 * np.sqrt(0.95 * 0.05 / SAMPLES), worst.to_dict()


def test_each_kind_of_estimate_covers_near_its_level(covered):
    for kind, share in covered.groupby("kind")["covered"].mean().items():
        assert 0.92 < share < 0.99, (kind, share)


def test_estimates_are_not_off_on_average(covered):
    assert np.abs(covered["mean_estimate"] - covered["truth"]).max() < 0.02 * covered["truth"].abs().max()


def test_intervals_that_forget_clusters_are_seen_to_fail():
    population, rng = declared_population(4), np.random.default_rng(9)
    truth = population.adults["trusts"].mean()
    hits = 0
    for _ in range(SAMPLES):
        row = est.proportion(est.survey_design(drawn(population, rng).frame, psu=None), "trusts").iloc[0]
        hits += row["low"] <= truth <= row["high"]
    assert hits / SAMPLES < 0.9
