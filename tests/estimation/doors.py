"""Every question the engine answers, asked of the same kind of people, with its numbers in one row."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from bsna import estimation as est
from bsna.estimation.regression.term_tests import TermTest

Numbers = dict[str, float]


def people(seed: int, rows: int = 160, strata: int = 3, psus: int = 5, spread: float = 1.0) -> pd.DataFrame:
    """Some people in clusters in strata, with some answers missing. Logs of weights have the standard deviation `spread`:
    1 for weights over two orders of magnitude, 2.5 for six."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"stratum": rng.integers(0, strata, rows), "psu": rng.integers(0, psus, rows)})
    frame["weight"] = np.exp(rng.normal(0, spread, rows))
    frame["sex"], frame["zone"] = rng.choice(["man", "woman"], rows), rng.choice(["east", "north", "west"], rows)
    frame["age"] = rng.integers(18, 80, rows).astype(float)
    frame["trust"] = rng.integers(0, 4, rows).astype(float)
    frame["is_victim"] = rng.integers(0, 2, rows).astype(float)
    frame["feels_safe"] = (rng.random(rows) < 0.3 + 0.3 * (frame["sex"] == "man")).astype(float)
    frame.loc[rng.random(rows) < 0.05, "trust"] = np.nan
    frame.loc[rng.random(rows) < 0.05, "age"] = np.nan
    named = np.array([rng.permutation(4)[:3] for _ in range(rows)])
    for place in range(3):
        frame[f"choice_{place}"] = np.array(["army", "police", "chief", "council"])[named[:, place]]
    return frame


def _rows(table: pd.DataFrame) -> Numbers:
    kept = ["estimate", "se", "low", "high", "df", "n", "deff"]
    there = [column for column in kept if column in table.columns]
    return {f"{column} {at}": float(value) for column in there for at, value in enumerate(table[column])}


def _joint(found: est.Joint) -> Numbers:
    values = {f"estimate {k}": float(value) for k, value in enumerate(found.estimated.values)}
    covariance = {f"covariance {k}": float(value) for k, value in enumerate(found.estimated.covariance.ravel())}
    return values | covariance | {"df": found.estimated.df, "n": found.estimated.n}


def _fit(fit: est.Fit) -> Numbers:
    numbers = dict(zip(fit.names, fit.coefficients, strict=True)) | {"df": fit.df, "n": fit.n}
    return numbers | {f"se {name}": se for name, se in zip(fit.names, fit.se, strict=True)}


def _test(found: est.Difference | est.SeveralGroups) -> Numbers:
    names = ("estimate", "se", "statistic", "chi2", "df", "df2", "p_value", "n")
    return {name: float(getattr(found, name)) for name in names if hasattr(found, name)}


def _crosstab(table: est.CrossTab) -> Numbers:
    cells = {f"share {k}": float(share) for k, share in enumerate(table.shares.to_numpy().ravel())}
    return cells | {
        "chi2": table.chi2,
        "F": table.statistic_f,
        "df2": table.df2,
        "p_value": table.p_value,
        "n": table.n,
    }


def _ranks(fit: est.RankFit) -> Numbers:
    worths = dict(zip(fit.items, fit.worths, strict=True))
    return worths | {f"se {k}": float(v) ** 0.5 for k, v in enumerate(np.diag(fit.covariance))} | {"n": fit.n}


def _term_test(test: Callable[..., TermTest], design: est.SurveyDesign) -> Numbers:
    found = test(est.binary_logit(design, "feels_safe", ["sex", "zone"]), ["zone"])
    return {"chi2": found.chi2, "f": found.f, "df2": float(found.df2), "p_value": found.p_value}


CHOICES = ["choice_0", "choice_1", "choice_2"]
ITEMS = ["army", "police", "chief", "council"]

DOORS: dict[str, Callable[[est.SurveyDesign], Numbers]] = {
    "mean": lambda d: _rows(est.mean(d, "age", by="zone")),
    "proportion": lambda d: _rows(est.proportion(d, "feels_safe", by="sex")),
    "total": lambda d: _rows(est.total(d, "age", where="is_victim")),
    "ratio": lambda d: _rows(est.ratio(d, "trust", "age")),
    "difference": lambda d: _rows(est.difference(d, "feels_safe", "is_victim")),
    "distribution": lambda d: _rows(est.distribution(d, "zone", ("west", "north", "east"))),
    "quantile": lambda d: _rows(est.quantile(d, "age", (0.25, 0.5))),
    "population variance": lambda d: _rows(est.population_variance(d, "trust")),
    "domain difference": lambda d: _rows(est.domain_difference(d, "trust", "sex", ("man", "woman"))),
    "crosstab": lambda d: _crosstab(est.crosstab(d, "zone", "trust")),
    "t test": lambda d: _test(est.t_test(d, "age", by="sex")),
    "rank test": lambda d: _test(est.rank_test(d, "trust", "zone")),
    "linear model": lambda d: _fit(est.linear(d, "trust", ["sex", "age"])),
    "binary logit": lambda d: _fit(est.binary_logit(d, "feels_safe", ["sex", "zone"])),
    "count model": lambda d: _fit(est.poisson_regression(d, "trust", ["sex"])),
    "ordered logit": lambda d: _fit(est.ordered_logit(d, "trust", ["sex", "is_victim"])),
    "ordered probit": lambda d: _fit(est.ordered_probit(d, "trust", ["sex"])),
    "effects of a binary model": lambda d: _effects(d, est.binary_logit, "feels_safe"),
    "effects of an ordered model": lambda d: _effects(d, est.ordered_logit, "trust"),
    "binary probit": lambda d: _fit(est.binary_probit(d, "feels_safe", ["sex"])),
    "share with exact limits": lambda d: _rows(est.proportion(d, "feels_safe", by="sex", interval="beta")),
    "share with score limits": lambda d: _rows(est.proportion(d, "feels_safe", by="sex", interval="wilson")),
    "population covariance": lambda d: _joint(est.population_covariance(d, ["age", "trust"])),
    "jointly": lambda d: _joint(est.jointly(d, ["age", "trust"], by=["sex"])),
    "shares": lambda d: _joint(est.shares(d, "trust", by=["sex"])),
    "weighted table": lambda d: _cells(est.weighted_table(d, ["sex", "trust"], total=1)),
    "predicted margins": lambda d: _rows(
        est.predicted_margins(est.binary_logit(d, "feels_safe", ["sex", "zone"]), d, "zone")
    ),
    "expected outcomes": lambda d: _rows(
        est.expected_outcomes(est.binary_logit(d, "feels_safe", ["sex"]), pd.DataFrame({"sex": ["man", "woman"]}))
    ),
    "wald test": lambda d: _term_test(est.wald_test, d),
    "working wald test": lambda d: _term_test(est.working_wald_test, d),
    "working likelihood ratio test": lambda d: _term_test(est.working_likelihood_ratio_test, d),
    "ranks": lambda d: _ranks(est.rank_model(d, CHOICES, ITEMS)),
}


def agree(one: Numbers, other: Numbers, *, but: tuple[str, ...] = (), digits: float = 1e-8) -> None:
    """The same numbers, apart from those whose names start with `but`."""
    assert one.keys() == other.keys()
    for name, value in one.items():
        if not name.startswith(but or ("nothing",)):
            assert other[name] == pytest.approx(value, rel=digits, abs=digits, nan_ok=True), name


def _cells(table: pd.DataFrame | pd.Series) -> Numbers:
    return {f"cell {k}": float(value) for k, value in enumerate(table.to_numpy().ravel())}


def _effects(design: est.SurveyDesign, model: Callable[..., est.Fit], outcome: str) -> Numbers:
    return _rows(est.average_marginal_effects(model(design, outcome, ["sex", "zone"]), design))
