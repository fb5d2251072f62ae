"""Laws that hold for any survey, asked of every question the engine answers."""

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bsna import estimation as est
from tests.estimation.doors import DOORS, ITEMS, Numbers, agree, people

SEEDS = st.integers(0, 10**6)
EXAMPLES = settings(max_examples=8, deadline=None)


def asked(door: str, frame: pd.DataFrame) -> Numbers:
    """Its numbers; a sample that allows none is no example."""
    try:
        return DOORS[door](est.survey_design(frame, lonely="adjust"))
    except (est.NoFit, est.EmptyDomain, est.Untestable, est.Incomparable):
        assume(False)
        raise


@pytest.mark.parametrize("door", DOORS)
@EXAMPLES
@given(SEEDS)
def test_order_of_rows_and_names_of_strata_change_nothing(door, seed):
    frame = people(seed)
    other = frame.sample(frac=1, random_state=seed).assign(stratum=lambda d: d["stratum"].map({0: "z", 1: "b", 2: "m"}))
    agree(asked(door, frame), asked(door, other))


@pytest.mark.parametrize("door", DOORS)
@EXAMPLES
@given(SEEDS, st.floats(1e-3, 1e3))
def test_weights_count_relative_to_each_other_but_in_totals(door, seed, factor):
    frame = people(seed)
    one, other = asked(door, frame), asked(door, frame.assign(weight=frame["weight"] * factor))
    if door == "total":
        one = {name: value if name.startswith(("n ", "df")) else value * factor for name, value in one.items()}
    agree(one, other)


@pytest.mark.parametrize("door", DOORS)
@EXAMPLES
@given(SEEDS)
def test_a_weight_split_within_its_cluster_changes_nothing_but_counts_of_people(door, seed):
    frame = people(seed)
    parts = [frame.assign(weight=frame["weight"] * part) for part in (0.25, 0.75)]
    one, other = asked(door, frame), asked(door, pd.concat(parts))
    # the population variance and its error count n - 1 people
    counting = ("n", "estimate", "se", "low", "high") if door == "population variance" else ("n",)
    agree(one, other, but=counting)


@pytest.mark.parametrize("door", DOORS)
@EXAMPLES
@given(SEEDS)
def test_a_level_that_nobody_has_changes_nothing(door, seed):
    frame = people(seed)
    zones = pd.Categorical(frame["zone"], ["east", "north", "south", "west"])
    if door == "distribution":
        with pytest.raises(ValueError, match="south"):  # an answer outside the list is refused
            asked(door, frame.assign(zone=zones))
        return
    one, other = asked(door, frame), asked(door, frame.assign(zone=zones))
    if door == "mean":
        other = {name: value for name, value in other.items() if not name.endswith(" 2")}
        other = {name.replace(" 3", " 2"): value for name, value in other.items()} | {
            f"{name} 2": value for name, value in _at(asked(door, frame.assign(zone=zones)), 3).items()
        }
    agree(one, other)


def _at(numbers: Numbers, place: int) -> Numbers:
    return {name.rsplit(" ", 1)[0]: value for name, value in numbers.items() if name.endswith(f" {place}")}


@pytest.mark.parametrize("door", [door for door in DOORS if door != "ranks"])
@settings(max_examples=3, deadline=None)
@given(SEEDS)
def test_a_table_in_duckdb_gives_the_numbers_of_its_rows(door, seed):
    frame = people(seed, rows=240)
    table = est.survey_design(ibis.memtable(frame), lonely="adjust")
    agree(asked(door, frame), DOORS[door](table), digits=1e-12)


@EXAMPLES
@given(SEEDS)
def test_totals_of_domains_add_up_to_the_total(seed):
    design = est.survey_design(people(seed), lonely="adjust")
    for domain in ("sex", "zone", "is_victim"):
        parts = est.total(design, "age", by=domain)["estimate"]
        assert parts.sum() == pytest.approx(est.total(design, "age")["estimate"].iloc[0])


@EXAMPLES
@given(SEEDS)
def test_shares_of_all_answers_add_up_to_one_with_no_error(seed):
    found = est.shares(est.survey_design(people(seed), lonely="adjust"), "zone").estimated
    assert found.values.sum() == pytest.approx(1)
    assert np.abs(found.covariance.sum(axis=0)).max() < 1e-15


@EXAMPLES
@given(SEEDS)
def test_the_effect_in_a_saturated_model_is_the_difference_of_shares(seed):
    design = est.survey_design(people(seed), lonely="adjust")
    try:
        fit = est.binary_logit(design, "feels_safe", ["sex"])
    except est.NoFit:
        assume(False)
    effect = est.average_marginal_effects(fit, design).iloc[0]
    gap = est.domain_difference(design, "feels_safe", "sex", ("woman", "man")).iloc[0]
    assert effect["estimate"] == pytest.approx(gap["estimate"], rel=1e-9)
    assert effect["se"] == pytest.approx(gap["se"], rel=1e-9)


@EXAMPLES
@given(SEEDS)
def test_adding_a_number_moves_a_mean_and_leaves_its_error(seed):
    frame = people(seed)
    one, other = (
        est.mean(est.survey_design(d, lonely="adjust"), "age").iloc[0]
        for d in (frame, frame.assign(age=frame["age"] + 1e6))
    )
    assert other["estimate"] - 1e6 == pytest.approx(one["estimate"], rel=1e-9)
    assert other["se"] == pytest.approx(one["se"], rel=1e-9)


@EXAMPLES
@given(SEEDS)
def test_a_population_fully_drawn_has_no_error(seed):
    frame = people(seed).assign(clusters=lambda d: d.groupby("stratum")["psu"].transform("nunique"))
    design = est.survey_design(frame, fpc=("clusters",), lonely="adjust")
    assert est.mean(design, "age")["se"].iloc[0] == 0


@EXAMPLES
@given(SEEDS)
def test_items_go_by_their_names(seed):
    frame = people(seed)
    names = dict(zip(ITEMS, ["w", "x", "y", "z"], strict=True))
    other = frame.assign(**{f"choice_{k}": frame[f"choice_{k}"].map(names) for k in range(3)})
    choices = [f"choice_{k}" for k in range(3)]
    one = est.rank_model(est.survey_design(frame, lonely="adjust"), choices, ITEMS)
    two = est.rank_model(est.survey_design(other, lonely="adjust"), choices, list(names.values()))
    np.testing.assert_allclose(one.worths, two.worths, rtol=1e-9)


def test_every_question_is_asked():
    """A new door joins the table above, or the list of those that are no question to a sample."""
    no_question = {
        "at_each_level", "average_marginal_effects", "bootstrap", "bootstrap_weights", "calibrated", "change", "chi_squares_above",
        "contrast", "estimate_rows", "f_sum_above", "impute", "jackknife", "jointly", "kish_design_effect",
        "linear_predictions", "nonlinear_contrast", "pool", "pooled_estimate", "population_covariance", "poststratified",
        "predicted_margins", "expected_outcomes", "rake", "raked", "rank_bootstrap", "records", "shares", "survey_design",
        "trim", "trimmed", "wald_test", "weighted_table", "with_replicates", "working_likelihood_ratio_test",
        "working_wald_test", "worst_case_bounds", "binary_regression", "ordered_regression", "binary_probit",
    }  # fmt: skip
    names = {
        "linear": "linear model", "poisson_regression": "count model", "rank_model": "ranks",
    }  # fmt: skip
    public = {name for name in est.__all__ if name.islower() and callable(getattr(est, name))}
    covered = {names.get(name, name.replace("_", " ")) for name in public - no_question}
    assert covered <= set(DOORS), covered - set(DOORS)
