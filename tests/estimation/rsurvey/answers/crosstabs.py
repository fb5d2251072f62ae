"""Weighted tables and the tests of whether two questions go together."""

from typing import Any

import numpy as np

from bsna import estimation as est
from tests.estimation.rsurvey.answers.asked import Asked
from tests.estimation.rsurvey.calls import terms, written
from tests.estimation.rsurvey.columns import column_of
from tests.estimation.rsurvey.designs import Sample


def counts(asked: Asked) -> dict[str, Any]:
    """`svytable`: sums of weights of each combination; the first question runs fastest. `Ntotal` is what they add up to.

    With replicate weights R lets them add up to everybody's weights, also those of people without an answer.
    """
    sample, names = _with_questions(asked.sample(1), asked)
    sums = sample.design.sums(((),), by=names, where=sample.where)
    shape = [len(sample.design.codes(name)[1]) for name in names]
    values = sums.whole[0].reshape(shape)
    total = asked.argument(2, "Ntotal")
    if total is None and sample.design.replicates is not None:
        total = float(sample.design.weights[sample.inside].sum())
    if isinstance(total, float):
        values = values * total / values.sum()
    if asked.call.named.get("round") is True:
        values = np.round(values)
    levels = {f"dimnames.{name}": list(map(_level, sample.design.codes(name)[1])) for name in names}
    return {"dim": shape, "values": values.ravel(order="F")} | levels


def association(asked: Asked) -> dict[str, Any]:
    """`svychisq`. R multiplies shares with everybody asked, answered or not; ours are of those who answered. The tests
    are the same, Pearson's statistic is not, and R's is had by the ratio of the two."""
    sample, (row, column) = _with_questions(asked.sample(1), asked)
    table = est.crosstab(sample.design, row, column, where=sample.where)
    people = int(sample.inside.sum())
    shares = table.shares.to_numpy()
    found: dict[str, Any] = {
        "observed": people * shares,
        "expected": people * np.outer(shares.sum(axis=1), shares.sum(axis=0)),
    }
    statistic = asked.call.named.get("statistic", "F")
    if statistic != "F":
        raise NotImplementedError(f"crosstab gives no {statistic} statistic")
    test = {"statistic": [table.statistic_f], "parameter": [table.df1, table.df2], "p_value": table.p_value}
    return found | test


def _with_questions(sample: Sample, asked: Asked) -> tuple[Sample, list[str]]:
    """The sample with the columns that the formula names."""
    columns = {written(term): column_of(term, sample.design.frame) for term in terms(asked.argument(0, "formula"))}
    return sample.with_columns(**columns), list(columns)


def _level(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
