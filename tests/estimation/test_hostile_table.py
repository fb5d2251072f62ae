"""Every question asked of every kind of hostile answers. A cell of the table is a refusal by name, or the right numbers:
those of `longhand`, which goes row by row in extended precision and shares nothing with the engine."""

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from bsna import estimation as est
from tests.estimation.doors import CHOICES, DOORS, ITEMS, Numbers, people
from tests.estimation.longhand import LONGHAND
from tests.estimation.longhand_models import LONGHAND_MODELS

Refusal = tuple[type[Exception], str]
RIGHT = LONGHAND | LONGHAND_MODELS
MEASURES = ["age", "trust", "is_victim", "feels_safe"]
BINARY_ZONE = [
    "binary logit", "effects of a binary model", "predicted margins",
    "wald test", "working wald test", "working likelihood ratio test",
]  # fmt: skip
BINARY = [*BINARY_ZONE, "binary probit", "expected outcomes"]
SHARES = ["proportion", "share with exact limits", "share with score limits"]
ORDERED = ["ordered logit", "ordered probit", "effects of an ordered model"]
MODELS = [*BINARY, *ORDERED, "linear model", "count model"]


def separated(frame: pd.DataFrame) -> pd.DataFrame:
    """Men all feel safe and trust most, women never do."""
    is_man = frame["sex"] == "man"
    return frame.assign(feels_safe=is_man.astype(float), trust=np.where(is_man, 3.0, frame.index % 3))


def collinear(frame: pd.DataFrame) -> pd.DataFrame:
    """Sex, zone, age and victimhood are one thing."""
    is_man = frame["sex"] == "man"
    zone, age = np.where(is_man, "east", "north"), np.where(is_man, 30.0, 40.0)
    return frame.assign(zone=zone, is_victim=is_man.astype(float), age=age)


def some_missing(frame: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    columns = [*MEASURES, "sex", "zone", *CHOICES]
    return frame.assign(**{name: frame[name].where(rng.random(len(frame)) > 0.3) for name in columns})


def all_missing(frame: pd.DataFrame) -> pd.DataFrame:
    texts = [*CHOICES, "zone", "sex"]
    return frame.assign(**dict.fromkeys(MEASURES, np.nan), **dict.fromkeys(texts)).astype(dict.fromkeys(texts, "str"))


def negative(frame: pd.DataFrame) -> pd.DataFrame:
    """Answers below zero, and codes of clusters in no order, some below zero and some near the end of 64 bits."""
    strata, psus = {0: -(2**62), 1: 2**62, 2: -1}, {0: 9, 1: -3, 2: 2**63 - 1, 3: -(2**63), 4: 0}
    coded = frame.assign(stratum=frame["stratum"].map(strata), psu=frame["psu"].map(psus))
    return coded.assign(**{name: -frame[name] for name in MEASURES}).iloc[::-1]


def over_twelve_orders(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(weight=10.0 ** np.random.default_rng(8).permutation(np.linspace(-6, 6, len(frame))))


def near_overflow(frame: pd.DataFrame) -> pd.DataFrame:
    """Whole numbers whose squares are beyond 64 bits; trust stays."""
    wide = {name: 2**62 + 1024 * frame[name].fillna(40).astype("int64") for name in ("age", "is_victim", "feels_safe")}
    return frame.assign(**wide)


INPUTS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "separation": separated,
    "collinear covariates": collinear,
    "constant columns": lambda f: f.assign(sex="man", zone="east", age=30.0, is_victim=1.0),
    "an answer nobody gave": lambda f: f.assign(trust=f["trust"].replace(2.0, 3.0), feels_safe=0.0),
    "all missing": all_missing,
    "some missing": some_missing,
    "one person": lambda f: f.dropna().iloc[:1],
    "one cluster": lambda f: f.assign(stratum=1, psu=1),
    "ten thousand clusters of one": lambda _: people(10, rows=10_000).assign(stratum=1, psu=np.arange(10_000)),
    "weights over twelve orders": over_twelve_orders,
    "an infinite answer": lambda f: f.assign(**{name: f[name].where(f.index != 7, np.inf) for name in MEASURES}),
    "whole numbers near overflow": near_overflow,
    "unsorted and negative codes": negative,
}
ONE_LEVEL: Refusal = (est.NoFit, "'sex' takes one level only")
BEYOND: Refusal = (ValueError, r"whole number\(s\) beyond 2\^53")
NOT_BINARY: Refusal = (ValueError, r"no 0/1 (measure|outcome)|scored 0, 1, 2")
REFUSED: dict[str, dict[str, Refusal]] = {
    "separation": dict.fromkeys([*BINARY, *ORDERED], (est.NoFit, "sex=woman.*separation")),
    "collinear covariates": {
        **dict.fromkeys([*BINARY_ZONE, "effects of an ordered model"], (est.NoFit, "collinear.*zone=north")),
        "linear model": (est.NoFit, "collinear.*age"),
        "ordered logit": (est.NoFit, "collinear.*is_victim"),
        "t test": (est.Incomparable, "no variance"),
    },
    "constant columns": {
        **dict.fromkeys(MODELS, ONE_LEVEL),
        "domain difference": (ValueError, "Nobody has the 'sex' .'woman'"),
        "crosstab": (est.Untestable, "1 x 4 levels"),
        "t test": (est.Incomparable, "'sex' has people at 1 level"),
        "rank test": (est.Incomparable, "'zone' has people at 1 level"),
    },
    "an answer nobody gave": {
        **dict.fromkeys(BINARY, (est.NoFit, "'feels_safe' is 0 for all 160 people")),
        **dict.fromkeys(ORDERED, (est.NoFit, "'trust' needs people at each .* nobody gave .'2'")),
    },
    "all missing": {
        **dict.fromkeys(DOORS, (est.EmptyDomain, "Nobody|selects none of 160")),
        "domain difference": (ValueError, "Nobody has the 'sex' .'man', 'woman'"),
    },
    "one person": {
        **dict.fromkeys([*MODELS], (est.NoFit, "for all 1 people|needs people at each")),
        **dict.fromkeys(["population variance", "population covariance"], (ValueError, "One person alone")),
        "domain difference": (ValueError, "Nobody has the 'sex' .'woman'"),
        "crosstab": (est.Untestable, "1 x 1 levels"),
        **dict.fromkeys(["t test", "rank test"], (est.Incomparable, "at 1 level")),
    },
    "one cluster": {
        "crosstab": (est.Untestable, "no variance"),
        **dict.fromkeys(["t test", "rank test"], (est.Incomparable, "no variance|too few")),
        "wald test": (ValueError, "1 clusters are too few"),
    },
    "an infinite answer": {
        **dict.fromkeys(set(DOORS) - {"distribution", "ranks"}, (ValueError, "infinite (in rows|for 1 resp)")),
        "total": (ValueError, "'is_victim' holds .'inf'"),
    },
    "whole numbers near overflow": {
        **dict.fromkeys(["mean", "ratio", "difference", "t test", "population covariance", "jointly"], BEYOND),
        **dict.fromkeys([*BINARY, "linear model", "ordered logit", "quantile"], BEYOND),
        **dict.fromkeys(SHARES, NOT_BINARY),
        "total": (ValueError, "not only 1 and 0"),
    },
    "unsorted and negative codes": {
        **dict.fromkeys([*SHARES, *BINARY], NOT_BINARY),
        **dict.fromkeys(ORDERED, (ValueError, "scored 0, 1, 2")),
        "count model": (ValueError, "counts, of 0 and more"),
        "total": (ValueError, "not only 1 and 0"),
    },
}
ONE_LIST = dict(zip(ITEMS, (1.0, 0.0, 0.0, 0.0), strict=True)) | {f"se {k}": 0.0 for k in range(4)} | {"n": 1}
"""One list, army first: the likelihood is highest where army is always chosen. It is the limit of its equations, not a root."""


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", INPUTS)
def test_hostile_answers_give_the_right_numbers_or_a_refusal_by_name(kind, door):
    frame = INPUTS[kind](people(1)).reset_index(drop=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if refusal := REFUSED.get(kind, {}).get(door):
            with pytest.raises(refusal[0], match=refusal[1]) as refused:
                DOORS[door](est.survey_design(frame, lonely="adjust"))
            assert refused.type is refusal[0]  # not a subclass, such as NumPy's LinAlgError
            return
        found = DOORS[door](est.survey_design(frame, lonely="adjust"))
    _compare(found, ONE_LIST if (kind, door) == ("one person", "ranks") else _by_longhand(door, frame))


def test_no_question_is_missing_from_the_table():
    assert set(RIGHT) == set(DOORS)
    assert set(REFUSED) <= set(INPUTS) and all(set(cells) <= set(DOORS) for cells in REFUSED.values())


def test_the_table_would_see_a_wrong_standard_error():
    right = _by_longhand("mean", people(1))
    with pytest.raises(AssertionError, match="se 1"):
        _compare(right | {"se 1": right["se 1"] * (1 + 1e-6)}, right)


def _by_longhand(door: str, frame: pd.DataFrame) -> Numbers:
    with np.errstate(all="ignore"):
        return RIGHT[door](frame)


def _compare(found: Numbers, right: Numbers) -> None:
    assert right and set(right) <= set(found)
    for name, value in right.items():
        assert found[name] == pytest.approx(value, rel=1e-8, abs=1e-9, nan_ok=True), name
