"""Numbers that break estimators: each gives the right answer or a named refusal, never a quiet wrong number."""

import warnings
from fractions import Fraction

import ibis
import numpy as np
import pandas as pd
import pytest

from bsna import estimation as est
from bsna.estimation.sample.stages import LonelyUnit
from tests.estimation.doors import CHOICES, DOORS, agree, people

MEASURES = ["age", "trust", "is_victim", "feels_safe"]
NEEDS_SEVERAL = dict.fromkeys(
    ("population variance", "population covariance", "domain difference", "crosstab"), (ValueError,)
)
REFUSALS = (est.EmptyDomain, est.NoFit, est.Untestable, est.Incomparable)


@pytest.fixture(autouse=True)
def _warnings_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def design(frame: object, **declared: object) -> est.SurveyDesign:
    return est.survey_design(frame, **({"lonely": "adjust"} | declared))  # type: ignore[arg-type]


@pytest.mark.parametrize("door", DOORS)
def test_nobody_answered(door):
    silent = people(1).assign(**dict.fromkeys([*MEASURES, *CHOICES, "zone", "sex"]))
    with pytest.raises((est.EmptyDomain, ValueError), match=r"(?i)nobody|no .*answer|selects none|expected"):
        DOORS[door](design(silent.astype(dict.fromkeys(MEASURES, float))))


@pytest.mark.parametrize("door", [door for door in DOORS if door not in ("distribution", "ranks")])
@pytest.mark.parametrize("bad", [np.inf, -np.inf])
def test_an_infinite_answer(door, bad):
    frame = people(2)
    for measure in MEASURES:
        frame.loc[7, measure] = bad
    with pytest.raises(ValueError, match=r"infinite|finite numbers|needs counts|0/1|not only 1 and 0|scored"):
        DOORS[door](design(frame))


@pytest.mark.parametrize("weight", [np.nan, np.inf, 0.0, -1.0])
def test_a_weight_that_is_none(weight):
    frame = people(3)
    frame.loc[5, "weight"] = weight
    with pytest.raises(ValueError, match=r"1 weight\(s\)"):
        design(frame)


@pytest.mark.parametrize("door", DOORS)
def test_one_person_alone(door):
    """Either a value with no error claimed, or a refusal."""
    alone = people(4).dropna().iloc[:1].reset_index(drop=True)
    with pytest.raises(LonelyUnit, match="one cluster"):
        design(alone, lonely="fail")
    try:
        found = DOORS[door](design(alone))
    except (*REFUSALS, *NEEDS_SEVERAL.get(door, ())):
        return
    assert all(np.isnan(value) for name, value in found.items() if name.startswith(("low", "high")))
    assert all(value <= 0 for name, value in found.items() if name.startswith("df"))


@pytest.mark.parametrize("door", DOORS)
def test_one_cluster(door):
    """Without degrees of freedom no interval and no test, however many people the cluster has."""
    frame = people(5).assign(stratum=1, psu=1)
    if door == "wald test":
        with pytest.raises(ValueError, match="1 clusters are too few"):
            DOORS[door](design(frame))
        return
    try:
        found = DOORS[door](design(frame))
    except REFUSALS:
        return
    assert all(np.isnan(value) for name, value in found.items() if name.startswith(("low", "high", "p_value")))


@pytest.mark.parametrize("door", DOORS)
def test_codes_unsorted_negative_and_near_overflow(door):
    frame = people(6)
    strata, psus = {0: -(2**62), 1: 2**62, 2: -1}, {0: 9, 1: -3, 2: 2**63 - 1, 3: -(2**63), 4: 0}
    odd = frame.assign(stratum=frame["stratum"].map(strata), psu=frame["psu"].map(psus))
    agree(DOORS[door](design(frame)), DOORS[door](design(odd)))


@pytest.mark.parametrize("rows", [lambda frame: frame, ibis.memtable], ids=["memory", "DuckDB"])
def test_whole_numbers_that_arithmetic_would_round_are_refused(rows):
    """Ages of 2^62 and 2^62 + 9 are one number in double precision: their mean would have no error."""
    frame = people(7).assign(age=np.int64(2**62) + np.arange(160))
    warnings.simplefilter("ignore", DeprecationWarning)  # pandas' own, on the way to the engine
    for ask in (est.mean, est.total, lambda d, age: est.jointly(d, [age, "trust"])):
        with pytest.raises(ValueError, match=r"beyond 2\^53, such as \[?4611686018427387904"):
            ask(design(rows(frame)), "age")


def test_infinite_numbers_of_both_signs_have_no_mean_in_a_table_either():
    frame = people(2)
    frame.loc[[7, 8], "feels_safe"] = [np.inf, -np.inf]
    warnings.simplefilter("ignore", DeprecationWarning)  # pandas' own, on the way to the engine
    with pytest.raises(ValueError, match="'feels_safe' is infinite"):
        est.difference(design(ibis.memtable(frame)), "feels_safe", "is_victim")


@pytest.mark.parametrize("kind", ["int64", "uint64", "Int64"])
def test_whole_numbers_just_within_reach_lose_nothing(kind):
    """Against exact fractions: 2^53 - 200 and a little."""
    ages = [2**53 - 200 + k for k in range(160)]
    frame = people(7).assign(age=pd.array(ages, dtype=kind))
    row = est.mean(design(frame), "age").iloc[0]
    weights = [Fraction(w) for w in frame["weight"]]
    exact = sum(w * a for w, a in zip(weights, ages, strict=True)) / sum(weights)
    scores = [w * (a - exact) / sum(weights) for w, a in zip(weights, ages, strict=True)]
    assert row["estimate"] == pytest.approx(float(exact), rel=1e-15)
    assert row["se"] == pytest.approx(_exact_error(frame, scores), rel=1e-9)


@pytest.mark.parametrize("rows", [lambda frame: frame, ibis.memtable], ids=["memory", "DuckDB"])
@pytest.mark.parametrize("bad", [np.inf, -np.inf])
def test_an_infinite_number_less_another_is_no_missing_answer(bad, rows):
    frame = people(2)
    for name in ("feels_safe", "is_victim"):
        frame.loc[7, name] = bad
    warnings.simplefilter("ignore", DeprecationWarning)  # pandas' own, on the way to the engine
    with pytest.raises(ValueError, match="'feels_safe' is infinite"):
        est.difference(design(rows(frame)), "feels_safe", "is_victim")


@pytest.mark.parametrize("door", ["mean", "proportion", "ratio", "total"])
def test_weights_over_twelve_orders_of_magnitude(door):
    """Against exact fractions."""
    frame = people(8).dropna(ignore_index=True)
    frame["weight"] = 10.0 ** np.linspace(-6, 6, len(frame))
    weights = [Fraction(w) for w in frame["weight"]]
    inside = (frame["is_victim"] == 1) if door == "total" else frame["sex"] == "man" if door == "proportion" else (
        frame["zone"] == "east" if door == "mean" else frame["age"] > 0
    )  # fmt: skip
    measure = {"mean": "age", "proportion": "feels_safe", "ratio": "trust", "total": "age"}[door]
    y = [Fraction(v) * int(i) for v, i in zip(frame[measure], inside, strict=True)]
    below = [Fraction(v) if door == "ratio" else Fraction(int(i)) for v, i in zip(frame["age"], inside, strict=True)]
    top, bottom = (
        sum(w * v for w, v in zip(weights, y, strict=True)),
        sum(w * v for w, v in zip(weights, below, strict=True)),
    )
    value = top if door == "total" else top / bottom
    scores = [
        w * v if door == "total" else w * (v - value * b) / bottom for w, v, b in zip(weights, y, below, strict=True)
    ]
    found = DOORS[door](design(frame))
    assert found["estimate 0"] == pytest.approx(float(value), rel=1e-12)
    assert found["se 0"] == pytest.approx(_exact_error(frame, scores), rel=1e-9)


def _exact_error(frame: pd.DataFrame, scores: list[Fraction]) -> float:
    variance = Fraction(0)
    for _, stratum in frame.groupby("stratum"):
        totals = [sum((scores[k] for k in cluster.index), Fraction(0)) for _, cluster in stratum.groupby("psu")]
        middle = sum(totals, Fraction(0)) / len(totals)
        variance += Fraction(len(totals), len(totals) - 1) * sum((t - middle) ** 2 for t in totals)
    return float(variance) ** 0.5


@pytest.mark.parametrize("model", [est.linear, est.binary_logit, est.poisson_regression])
def test_a_model_with_weights_over_twelve_orders_solves_its_equations(model):
    frame = people(9, rows=400).dropna(ignore_index=True)
    frame["weight"] = 10.0 ** np.random.default_rng(9).uniform(-6, 6, len(frame))
    try:
        fit = model(design(frame), "feels_safe", ["sex", "age"])
    except est.NoFit:
        return  # a few people carry all weight: separation is a true answer
    x = np.column_stack([np.ones(len(frame)), frame["sex"] == "woman", frame["age"]]).astype(float)
    eta = x @ fit.coefficients
    mean = {"gaussian": eta, "binomial": 1 / (1 + np.exp(-eta)), "poisson": np.exp(eta)}[fit.family]
    terms = x * (frame["weight"] * (frame["feels_safe"] - mean)).to_numpy()[:, None]
    assert np.abs(terms.sum(axis=0)).max() <= 1e-9 * np.abs(terms).sum(axis=0).max()


@pytest.mark.parametrize("door", DOORS)
def test_ten_thousand_clusters_of_one_person(door):
    """As a sample of single persons."""
    frame = people(10, rows=10_000)
    clusters, persons = design(frame.assign(stratum=1, psu=np.arange(10_000))), design(frame, stratum=None, psu=None)
    agree(DOORS[door](clusters), DOORS[door](persons))


@pytest.mark.parametrize("model", [est.binary_logit, est.binary_probit])
def test_separation_is_named(model):
    frame = people(11).assign(feels_safe=lambda d: (d["sex"] == "man").astype(float))
    with pytest.raises(est.NoFit, match=r"sex=woman.*separation"):
        model(design(frame), "feels_safe", ["sex", "age"])


def test_separation_of_some_people_only_is_named_too():
    frame = people(12).assign(rare=lambda d: (d.index % 20 == 0).astype(float))
    frame["feels_safe"] = np.where(frame["rare"] == 1, 1.0, frame["feels_safe"])
    with pytest.raises(est.NoFit, match=r"rare.*separation"):
        est.binary_logit(design(frame), "feels_safe", ["rare", "age"])


def test_separation_of_an_ordered_outcome_and_of_counts_is_named():
    frame = people(13).assign(trust=lambda d: np.where(d["sex"] == "man", 3.0, d.index % 3))
    with pytest.raises(est.NoFit, match="separation"):
        est.ordered_logit(design(frame), "trust", ["sex"])
    never = people(13).assign(trust=lambda d: np.where(d["sex"] == "man", 0.0, d.index % 3))
    with pytest.raises(est.NoFit, match="separation"):
        est.poisson_regression(design(never), "trust", ["sex"])


@pytest.mark.parametrize("model", [est.linear, est.binary_logit, est.ordered_logit, est.poisson_regression])
def test_covariates_that_are_constant_or_add_up_are_named(model):
    frame = people(14).assign(one=1.0, twice=lambda d: 2 * d["age"] + 3, trust=lambda d: d["feels_safe"])
    with pytest.raises(est.NoFit, match="one"):
        model(design(frame), "trust", ["age", "one"])
    with pytest.raises(est.NoFit, match="twice"):
        model(design(frame), "trust", ["age", "twice"])


def test_a_covariate_far_from_nil_costs_no_digits():
    frame = people(15)
    near, far = (
        est.binary_logit(design(frame.assign(year=frame["age"].fillna(40) + off)), "feels_safe", ["year", "sex"])
        for off in (0.0, 1e7)
    )
    assert far.coefficients[1:] == pytest.approx(near.coefficients[1:], rel=1e-7)
    assert far.se[1:] == pytest.approx(near.se[1:], rel=1e-7)


def test_an_outcome_that_does_not_vary_or_skips_a_level():
    frame = people(16).assign(same=1.0, gap=lambda d: np.where(d["trust"] == 2, 3, d["trust"]))
    with pytest.raises(est.NoFit, match="same"):
        est.binary_logit(design(frame), "same", ["sex"])
    with pytest.raises((est.NoFit, ValueError), match="gap"):
        est.ordered_logit(design(frame), "gap", ["sex"])


def test_more_combinations_than_can_be_numbered():
    frame = people(17, rows=300)
    wide = {f"q{k}": np.random.default_rng(k).integers(0, 140, 300) for k in range(9)}  # 140^9 is more than 2^62
    with pytest.raises(OverflowError, match="combinations"):
        est.weighted_table(design(frame.assign(**wide)), list(wide))
    fit = est.linear(design(frame.assign(**wide)), "feels_safe", list(wide))
    assert fit.n == 300


def test_answers_no_question_expects():
    frame = people(18)
    with pytest.raises(ValueError, match="0/1"):
        est.proportion(design(frame), "trust")
    with pytest.raises(ValueError, match="not only 1 and 0"):
        est.mean(design(frame), "age", where="trust")
    with pytest.raises(ValueError, match="no column 'nothing'"):
        est.mean(design(frame), "nothing")
