"""Weighted tables and the tests of whether two questions go together."""

from typing import Any

import numpy as np
from scipy import integrate

from bsna import estimation as est
from tests.estimation.rsurvey.answers.asked import Asked
from tests.estimation.rsurvey.calls import terms, written
from tests.estimation.rsurvey.columns import column_of
from tests.estimation.rsurvey.designs import Sample


def counts(asked: Asked) -> dict[str, Any]:
    """`svytable`: weighted numbers of each combination; the first question runs fastest. `Ntotal` is what they add up to.

    With replicate weights R lets them add up to everybody's weights, also those of people without an answer.
    """
    sample, names = _with_questions(asked.sample(1), asked)
    total = asked.argument(2, "Ntotal")
    if total is None and sample.design.replicates is not None:
        total = float(sample.design.weights[sample.inside].sum())
    table = est.weighted_table(sample.design, names, where=sample.where, total=total)
    shape = [len(sample.design.levels(name)) for name in names]
    values = table.to_numpy().reshape(shape)
    if asked.call.named.get("round") is True:
        values = np.round(values)
    levels = {name: list(map(_level, sample.design.levels(name))) for name in names}
    return {"dim": shape, "values": values.ravel(order="F"), "dimnames": levels}


def association(asked: Asked) -> dict[str, Any]:
    """`svychisq`. What R calls observed and expected are shares times everybody asked, answered or not."""
    sample, (row, column) = _with_questions(asked.sample(1), asked)
    kind = str(asked.call.named.get("statistic", "F"))
    table = est.crosstab(sample.design, row, column, where=sample.where, test=kind)
    people, shares = int(sample.inside.sum()), table.share
    parameters = {"Chisq": [table.df1], "lincom": None, "saddlepoint": None}.get(kind, [table.df1, table.df2])
    return {
        "statistic": [table.statistic],
        "parameter": parameters,
        "p_value": table.p_value if asked.steps == "ours" or kind != "lincom" else _integrated(table),
        "observed": people * shares,
        "expected": people * np.outer(shares.sum(axis=1), shares.sum(axis=0)),
    }


def _integrated(table: est.CrossTab) -> float:
    """The tail of lincom by another road: Imhof's integral of a sum of chi-squares less a multiple of another.

    R's denominator has whole degrees of freedom. Source: Imhof (1961), formula 3.2.
    """
    weights, df = table.deltas, np.ones(len(table.deltas))
    if np.isfinite(table.df2):
        whole = np.floor(table.df2 * (1 + 1e-12))
        weights, df = np.append(weights, -table.chi2 / table.df2), np.append(df, whole)
    x = 0.0 if np.isfinite(table.df2) else table.chi2

    def integrand(u: float) -> float:
        angle = (df @ np.arctan(weights * u) - x * u) / 2
        return float(np.sin(angle) / u * np.exp(-(df @ np.log1p((weights * u) ** 2)) / 4))

    found = integrate.quad(integrand, 0, np.inf, epsabs=1e-14, epsrel=1e-13, limit=5000)[0]
    return 0.5 + found / np.pi


def _with_questions(sample: Sample, asked: Asked) -> tuple[Sample, list[str]]:
    """The sample with the columns that the formula names."""
    columns = {written(term): column_of(term, sample.design.frame) for term in terms(asked.argument(0, "formula"))}
    return sample.with_columns(**columns), list(columns)


def _level(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
