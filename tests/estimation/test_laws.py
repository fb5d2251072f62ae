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
SAMPLES = st.builds(
    people, SEEDS, rows=st.integers(80, 240), strata=st.integers(1, 4), psus=st.integers(3, 7), spread=st.floats(0, 2.5)
)
"""Of one to four strata, with weights over none to six orders of magnitude."""
COUNTING = {
    "population variance": ("n", "deff", "estimate", "se", "low", "high"),
    "population covariance": ("n", "estimate", "covariance"),
    "crosstab": ("n", "chi2"),
    "share with exact limits": ("n", "deff", "low", "high"),
    "working wald test": ("n", "chi2", "f"),
    "working likelihood ratio test": ("n", "chi2", "f"),
}
"""What counts people, and so moves where one row becomes two: population variances by n / (n - 1); Pearson's X-squared and
likelihood ratios, though not their tails, in which n cancels; exact limits by the people asked. Of the other doors
only n itself, and the design effect, which compares with a simple sample of n."""


def asked(door: str, frame: pd.DataFrame) -> Numbers | type[Exception]:
    """Its numbers, or how it refuses."""
    try:
        return DOORS[door](est.survey_design(frame, lonely="adjust"))
    except (est.NoFit, est.EmptyDomain, est.Untestable, est.Incomparable) as refusal:
        return type(refusal)


def same(one: Numbers | type[Exception], other: Numbers | type[Exception], *, but: tuple[str, ...] = ()) -> None:
    """The same numbers, or the same refusal; of refusals, no more than hypothesis allows."""
    if isinstance(one, type) or isinstance(other, type):
        assert one is other
        assume(False)
        return
    agree(one, other, but=but)


@pytest.mark.parametrize("door", DOORS)
@EXAMPLES
@given(SAMPLES, SEEDS)
def test_order_of_rows_and_names_of_strata_change_nothing(door, frame, seed):
    other = frame.sample(frac=1, random_state=seed)
    other["stratum"] = other["stratum"].map({0: "z", 1: "b", 2: "m", 3: "a"})
    same(asked(door, frame), asked(door, other))


@pytest.mark.parametrize("door", DOORS)
@EXAMPLES
@given(SAMPLES, st.floats(1e-3, 1e3))
def test_weights_count_relative_to_each_other_but_in_totals(door, frame, factor):
    one, other = asked(door, frame), asked(door, frame.assign(weight=frame["weight"] * factor))
    if door == "total" and isinstance(one, dict):
        one = {name: value if name.startswith(("n ", "df", "deff")) else value * factor for name, value in one.items()}
    same(one, other)


@pytest.mark.parametrize("door", DOORS)
@EXAMPLES
@given(SAMPLES, st.floats(0.05, 0.95))
def test_a_weight_split_within_its_cluster_changes_nothing_but_counts_of_people(door, frame, part):
    parts = [frame.assign(weight=frame["weight"] * share) for share in (part, 1 - part)]
    same(asked(door, frame), asked(door, pd.concat(parts)), but=COUNTING.get(door, ("n", "deff")))


@pytest.mark.parametrize("door", COUNTING)
def test_what_counts_people_is_seen_to_move(door):
    """So that the table above excuses nothing that holds."""
    frame = people(3)
    one = asked(door, frame)
    other = asked(door, pd.concat([frame.assign(weight=frame["weight"] / 2)] * 2))
    for start in COUNTING[door]:
        names = [name for name in one if name.startswith(start)]
        assert not names or any(other[name] != pytest.approx(one[name], rel=1e-6) for name in names), start


@pytest.mark.parametrize("door", [door for door in DOORS if door not in ("mean", "distribution")])
@EXAMPLES
@given(SAMPLES)
def test_a_level_that_nobody_has_changes_nothing(door, frame):
    zones = pd.Categorical(frame["zone"], ["east", "north", "south", "west"])
    same(asked(door, frame), asked(door, frame.assign(zone=zones)))


@EXAMPLES
@given(SAMPLES)
def test_a_level_that_nobody_has_adds_a_row_without_a_number_to_a_breakdown(frame):
    zones = pd.Categorical(frame["zone"], ["east", "north", "south", "west"])
    one, other = (
        est.mean(est.survey_design(people, lonely="adjust"), "age", by="zone")
        for people in (frame, frame.assign(zone=zones))
    )
    empty = other[other["level"] == "south"].iloc[0]
    assert empty["n"] == 0 and np.isnan(empty["estimate"])
    pd.testing.assert_frame_equal(one, other[other["level"] != "south"].reset_index(drop=True))


def test_an_answer_outside_the_list_is_refused_by_a_distribution():
    frame = people(3).assign(zone=lambda d: pd.Categorical(d["zone"], ["east", "north", "south", "west"]))
    with pytest.raises(ValueError, match="south"):
        asked("distribution", frame)


@pytest.mark.parametrize("door", DOORS)
@settings(max_examples=3, deadline=None)
@given(SAMPLES)
def test_a_table_in_duckdb_gives_the_numbers_of_its_rows(door, frame):
    one = asked(door, frame)
    assume(isinstance(one, dict))
    agree(one, DOORS[door](est.survey_design(ibis.memtable(frame), lonely="adjust")), digits=1e-12)


@EXAMPLES
@given(SAMPLES)
def test_totals_of_domains_add_up_to_the_total(frame):
    design = est.survey_design(frame, lonely="adjust")
    for domain in ("sex", "zone", "is_victim"):
        parts = est.total(design, "age", by=domain)["estimate"]
        assert parts.sum() == pytest.approx(est.total(design, "age")["estimate"].iloc[0])


@EXAMPLES
@given(SAMPLES)
def test_shares_of_all_answers_add_up_to_one_with_no_error(frame):
    found = est.shares(est.survey_design(frame, lonely="adjust"), "zone").estimated
    assert found.values.sum() == pytest.approx(1)
    assert np.abs(found.covariance.sum(axis=0)).max() < 1e-15


@EXAMPLES
@given(SAMPLES)
def test_the_effect_in_a_saturated_model_is_the_difference_of_shares(frame):
    design = est.survey_design(frame, lonely="adjust")
    try:
        fit = est.binary_logit(design, "feels_safe", ["sex"])
    except est.NoFit:
        assume(False)
    effect = est.average_marginal_effects(fit, design).iloc[0]
    gap = est.domain_difference(design, "feels_safe", "sex", ("woman", "man")).iloc[0]
    assert effect["estimate"] == pytest.approx(gap["estimate"], rel=1e-9)
    assert effect["se"] == pytest.approx(gap["se"], rel=1e-9)


@EXAMPLES
@given(SAMPLES)
def test_adding_a_number_moves_a_mean_and_leaves_its_error(frame):
    one, other = (
        est.mean(est.survey_design(d, lonely="adjust"), "age").iloc[0]
        for d in (frame, frame.assign(age=frame["age"] + 1e6))
    )
    assert other["estimate"] - 1e6 == pytest.approx(one["estimate"], rel=1e-9)
    assert other["se"] == pytest.approx(one["se"], rel=1e-9)


@EXAMPLES
@given(SAMPLES)
def test_a_population_fully_drawn_has_no_error(frame):
    frame = frame.assign(clusters=lambda d: d.groupby("stratum")["psu"].transform("nunique"))
    design = est.survey_design(frame, fpc=("clusters",), lonely="adjust")
    assert est.mean(design, "age")["se"].iloc[0] == 0


@EXAMPLES
@given(SAMPLES)
def test_items_go_by_their_names(frame):
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
        "contrast", "estimate_rows", "f_sum_above", "impute", "jackknife", "kish_design_effect",
        "linear_predictions", "nonlinear_contrast", "pool", "pooled_estimate", "poststratified",
        "rake", "raked", "rank_bootstrap", "records", "survey_design",
        "trim", "trimmed", "with_replicates", 
        "worst_case_bounds", "binary_regression", "ordered_regression",
        "differences", "proportions",  # several of one question at once, as the next test says
    }  # fmt: skip
    names = {
        "linear": "linear model", "poisson_regression": "count model", "rank_model": "ranks",
    }  # fmt: skip
    public = {name for name in est.__all__ if name.islower() and callable(getattr(est, name))}
    covered = {names.get(name, name.replace("_", " ")) for name in public - no_question}
    assert covered <= set(DOORS), covered - set(DOORS)


def test_several_shares_and_differences_at_once_are_those_one_by_one(eight_people):
    flags = eight_people.assign(is_far=(eight_people["walk_to_post_minutes"] > 25).astype(float))
    design = est.survey_design(flags, stratum="stratum", psu="village")
    names = ["feels_safe", "is_woman", "is_far"]
    alone = pd.concat([est.proportion(design, name, interval="beta") for name in names], ignore_index=True)
    pd.testing.assert_frame_equal(est.proportions(design, names, interval="beta"), alone)
    pairs = [("feels_safe", "is_woman"), ("is_far", "feels_safe"), ("feels_safe", "is_woman")]
    alone = pd.concat([est.difference(design, *pair) for pair in pairs], ignore_index=True)
    pd.testing.assert_frame_equal(est.differences(design, pairs), alone)
