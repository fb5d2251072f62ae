"""Replicate weights, read or made: arithmetic left visible, and laws that tie them to linearisation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bsna import estimation as est
from bsna.estimation.sample.replicates import Replicates
from bsna.estimation.sample.stages import LonelyUnit


def villages(lonely="fail", *, fpc=(), alone=False):
    """Two strata of three and two villages; with `alone`, a third stratum of one. Two people each, unequal weights."""
    sizes = {"a": 3, "b": 2} | ({"c": 1} if alone else {})
    rows = [(s, f"{s}{k}", {"a": 6, "b": 8, "c": 5}[s]) for s, m in sizes.items() for k in range(m) for _ in range(2)]
    frame = pd.DataFrame(rows, columns=["stratum", "psu", "in_population"])
    n = np.arange(len(frame))
    frame = frame.assign(weight=10.0 + n, y=(n * 7.0) % 5, sex=np.where(n % 2, "f", "m"))
    return est.survey_design(frame, lonely=lonely, fpc=fpc)


def se(design, question=est.total, **keywords):
    return question(design, "y", **keywords).iloc[0]["se"]


def test_a_jackknife_leaves_each_person_out_and_weights_the_others_up():
    people = est.survey_design(pd.DataFrame({"weight": [1.0, 1, 1], "y": [1.0, 2, 6]}), stratum=None, psu=None)
    design = est.jackknife(people)
    assert design.replicates.weights == pytest.approx(np.array([[0, 1.5, 1.5], [1.5, 0, 1.5], [1.5, 1.5, 0]]))
    assert (design.replicates.scale, list(design.replicates.rscales)) == (pytest.approx(2 / 3), [1, 1, 1])
    # totals 12, 10.5, 4.5 about 9: 2/3 * (9 + 2.25 + 20.25) = 21 = 3/2 * (4 + 1 + 9)
    assert se(design) == pytest.approx(np.sqrt(21))


def test_a_stratified_jackknife_scales_by_villages_and_the_part_not_drawn():
    design = est.jackknife(villages(fpc=("in_population",)))
    # (1 - 3/6) * 2/3 for each of three, (1 - 2/8) * 1/2 for each of two
    assert design.replicates.rscales == pytest.approx([1 / 3] * 3 + [3 / 8] * 2)
    first = design.replicates.weights[0]
    assert first[:6] == pytest.approx([0, 0, 12 * 1.5, 13 * 1.5, 14 * 1.5, 15 * 1.5])
    assert first[6:] == pytest.approx([16, 17, 18, 19])
    assert design.replicates.df == 5 - 2


@pytest.mark.parametrize("fpc", [(), ("in_population",)])
@pytest.mark.parametrize("mse", [False, True])
def test_a_jackknifed_total_has_the_linearised_error(fpc, mse):
    design = villages(fpc=fpc)
    assert se(est.jackknife(design, mse=mse)) == pytest.approx(se(design), rel=1e-12)


@pytest.mark.parametrize("fpc", [(), ("in_population",)])
@pytest.mark.parametrize("lonely", ["remove", "certainty", "average", "adjust"])
def test_a_lone_village_counts_in_a_jackknife_as_it_does_by_linearisation(lonely, fpc):
    design = villages(lonely, alone=True, fpc=fpc)
    assert se(est.jackknife(design, mse=True)) == pytest.approx(se(design), rel=1e-12)


def test_a_stratum_drawn_in_full_has_no_replicate():
    design = villages(fpc=("in_population",))
    frame = design.frame.assign(in_population=design.frame["in_population"].where(design.frame["stratum"] != "a", 3))
    full = est.survey_design(frame, fpc=("in_population",))
    made = est.jackknife(full)
    assert len(made.replicates.weights) == 2
    assert se(made) == pytest.approx(se(full))


def test_doubling_the_weights_leaves_a_jackknifed_mean_alone():
    design = villages()
    doubled = design.with_columns(weight=2 * design.weights)
    one, two = (est.mean(est.jackknife(d), "y").iloc[0] for d in (design, doubled))
    assert (one["estimate"], one["se"]) == (pytest.approx(two["estimate"]), pytest.approx(two["se"]))


@settings(max_examples=30, deadline=None)
@given(values=st.lists(st.floats(-100, 100), min_size=10, max_size=10), mse=st.booleans())
def test_jackknife_and_linearisation_agree_on_any_total(values, mse):
    design = villages().with_columns(y=np.array(values))
    assert se(est.jackknife(design, mse=mse)) == pytest.approx(se(design), rel=1e-9, abs=1e-9)


def test_a_bootstrap_of_two_villages_takes_one_twice():
    frame = pd.DataFrame({"stratum": "a", "psu": [1, 2], "weight": [3.0, 5.0], "half": 4})
    made = est.bootstrap(est.survey_design(frame), np.random.default_rng(1), 40)
    assert {tuple(w) for w in made.replicates.weights.tolist()} == {(6, 0), (0, 10)}
    # with 2 of 4 drawn, distances shrink by the root of 1/2
    shrunk = est.bootstrap(est.survey_design(frame, fpc=("half",)), np.random.default_rng(1), 40)
    assert shrunk.replicates.weights - [3, 5] == pytest.approx(np.sqrt(0.5) * (made.replicates.weights - [3, 5]))


@pytest.mark.parametrize(("mse", "scale"), [(False, 1 / 49), (True, 1 / 50)])
def test_a_bootstrap_divides_by_draws_less_one_about_its_own_mean(mse, scale):
    made = est.bootstrap(villages(), np.random.default_rng(3), 50, mse=mse)
    assert made.replicates.scale == pytest.approx(scale)
    totals = made.replicates.weights @ made.numbers("y")
    centre = made.weights @ made.numbers("y") if mse else totals.mean()
    assert se(made) == pytest.approx(np.sqrt(scale * ((totals - centre) ** 2).sum()))


@pytest.mark.parametrize(("lonely", "fpc"), [("remove", ()), ("average", ()), ("average", ("in_population",))])
def test_many_bootstraps_of_a_total_come_to_the_linearised_error(lonely, fpc):
    design = villages(lonely, alone=True, fpc=fpc)
    made = est.bootstrap(design, np.random.default_rng(11), 20_000)
    # the error of a standard deviation from 20,000 draws is about 1 in 200
    assert se(made) == pytest.approx(se(design), rel=0.02)


def test_the_same_generator_draws_the_same_replicates():
    one, two = (est.bootstrap(villages(), np.random.default_rng(8), 20).replicates.weights for _ in range(2))
    assert (one == two).all()


def test_variance_is_about_the_replicates_or_about_the_estimate():
    sets = Replicates(np.ones((2, 1)), scale=0.5, rscales=np.ones(2), mse=False, df=1.0)
    about = Replicates(np.ones((2, 1)), scale=0.5, rscales=np.ones(2), mse=True, df=1.0)
    estimates, centre = np.array([[8.0], [12.0]]), np.array([9.0])
    # about 10: (4 + 4) / 2; about 9: (1 + 9) / 2
    assert sets.variance(estimates, centre) == pytest.approx(np.array([[4.0]]))
    assert about.variance(estimates, centre) == pytest.approx(np.array([[5.0]]))


def test_half_samples_are_read_as_factors_or_as_weights():
    frame = villages().frame.iloc[:8].assign(psu=np.repeat([1, 2, 1, 2], 2), stratum=np.repeat(["a", "b"], 4))
    design = est.survey_design(frame)
    halves = np.array([[1, 0, 1, 0], [1, 0, 0, 1], [0, 1, 1, 0], [0, 1, 0, 1]]).T
    factors = 2.0 * np.repeat(halves, 2, axis=0)
    read = est.with_replicates(design, factors, scale=1 / 4, rscales=1.0, combined=False)
    same = est.with_replicates(
        design.with_columns(**{f"r{k}": factors[:, k] * design.weights for k in range(4)}),
        [f"r{k}" for k in range(4)],
        scale=1 / 4,
        rscales=[1, 1, 1, 1],
    )
    # two villages in each of two strata: the halves are balanced, so a total has the linearised error
    assert se(read) == pytest.approx(se(design))
    assert se(same) == pytest.approx(se(design))
    # of four sets, each is settled by the other three
    assert read.replicates.df == same.replicates.df == 2
    assert est.total(read, "y", where=read.frame["sex"] == "f").iloc[0]["df"] == 2
    assert est.with_replicates(design, factors, scale=0.25, rscales=1, combined=False, df=7).replicates.df == 7


def test_a_replicate_without_the_domain_is_left_out_with_a_warning():
    design = villages()
    made = est.jackknife(design)
    inside = design.frame["psu"].isin(["a0"])
    within = inside | (design.frame["psu"] == "a1") & (design.frame["sex"] == "f")
    assert est.mean(made, "y", where=within).iloc[0]["se"] > 0
    with pytest.warns(UserWarning, match="1 of 5 replicates give no number and are left out"):
        est.mean(made, "y", where=inside)


def test_sets_of_which_half_give_no_number_give_no_error():
    sets = Replicates(np.ones((4, 1)), scale=1.0, rscales=np.ones(4), mse=False, df=3.0)
    with pytest.raises(ValueError, match="2 of 4 replicates give no number"):
        sets.variance(np.array([[1.0], [np.nan], [np.nan], [2.0]]), np.array([1.0]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": np.ones((9, 3))}, r"shape \(9, 3\); expected \(10, two or more\)"),
        ({"weights": np.ones((10, 1))}, "two or more"),
        ({"weights": np.full((10, 3), np.nan)}, "30 of 30 replicate weight"),
        ({"weights": np.full((10, 3), -1.0)}, "30 of 30 replicate weight"),
        ({"weights": np.full((10, 3), 14.5) * [1, 1, 0]}, "1 of 3 replicates give nobody a weight"),
        ({"weights": np.ones((10, 3))}, "with combined=True about once is expected. Are they factors"),
        ({"combined": False}, "with combined=False about once is expected. Are they weights"),
        ({"rscales": [1, 2]}, r"rscales has shape \(2,\) for 3 replicates"),
        ({"rscales": [1, 2, -1]}, r"1 of 4 replicate scale\(s\)"),
        ({"scale": float("nan")}, r"1 of 2 replicate scale\(s\)"),
        ({"df": 0}, "Degrees of freedom are 0"),
    ],
)
def test_replicates_that_do_not_fit_are_refused(change, message):
    good = {"weights": np.full((10, 3), 14.5), "scale": 1.0, "rscales": 1.0}
    with pytest.raises(ValueError, match=message):
        est.with_replicates(villages(), **(good | change))


def test_replicates_come_before_calibration():
    design = est.poststratified(villages(), "sex", {"f": 100, "m": 90})
    for make in (est.jackknife, lambda d: est.bootstrap(d, np.random.default_rng(1), 5)):
        with pytest.raises(ValueError, match="calibrated already"):
            make(design)
        with pytest.raises(ValueError, match="has replicate weights already"):
            make(est.jackknife(villages()))


def test_samples_without_a_counterpart_are_refused():
    frame = villages().frame.assign(house=range(10), houses=50)
    two_stages = est.survey_design(frame, ssu="house", fpc=("in_population", "houses"))
    with pytest.raises(ValueError, match="leaves out the variance within them"):
        est.jackknife(two_stages)
    with pytest.raises(ValueError, match="cannot centre a lone cluster"):
        est.bootstrap(villages("adjust", alone=True), np.random.default_rng(1), 5)
    with pytest.raises(ValueError, match="two draws or more; asked for 1"):
        est.bootstrap(villages(), np.random.default_rng(1), 1)
    with pytest.raises(ValueError, match="two clusters to leave out; here are 0"):
        est.jackknife(est.survey_design(frame, stratum="psu", lonely="remove"))
    with pytest.raises(LonelyUnit):
        villages("fail", alone=True)
