"""Quantiles with Woodruff's intervals, and the distribution function they come from."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from bsna import estimation as est
from bsna.estimation.intervals import Interval, t_quantile
from bsna.estimation.quantiles import quantile
from tests.estimation.rsurvey.answers.asked import Asked, vector, with_groups, with_measures
from tests.estimation.rsurvey.calls import Name, calls_to, number, terms, written
from tests.estimation.rsurvey.designs import Sample, sample_of

INTERVALS: Mapping[str, Interval] = {"mean": "mean", "beta": "beta", "xlogit": "xlogit", "asin": "asin"}
"""R's intervals of a share that those of a quantile may come from."""


def of_everybody(asked: Asked) -> dict[str, Any]:
    """`svyquantile`: a row per probability: the quantile, its limits and its standard error."""
    sample, measures = with_measures(asked.sample(1), asked.argument(0, "x"))
    found = {}
    for measure in measures:
        rows = _rows(asked, sample, measure.name, by=None)
        found[measure.label] = {"values": rows[["estimate", "low", "high", "se"]].to_numpy()}
    return {"vars": found}


def by_group(asked: Asked) -> dict[str, Any]:
    """`svyby` with `svyquantile` at one probability."""
    sample, (measure,) = with_measures(asked.sample(2), asked.argument(0, "formula"))
    grouped, groups = with_groups(sample, asked.argument(1, "by"))
    rows = _rows(asked, grouped, measure.name, by="group")
    table = {measure.label: rows["estimate"], "ci_l": rows["low"], "ci_u": rows["high"]}
    return {
        "table": groups | {name: column.to_numpy() for name, column in table.items()},
        "coef": rows["estimate"].to_numpy(),
    }


def distribution_function(asked: Asked) -> dict[str, Any]:
    """`svycdf`: the share of people at or below each answer that somebody gave."""
    inner = next(calls_to(asked.call, "svycdf"))
    sample = sample_of(asked.reference, inner.args[1], asked.options)
    (term,) = terms(inner.args[0])
    assert isinstance(term, Name)
    sums = sample.design.sums(((),), by=(written(term),), where=sample.where)
    return {"values": np.cumsum(sums.whole[0]) / sums.whole[0].sum()}


def _rows(asked: Asked, sample: Sample, measure: str, *, by: str | None) -> pd.DataFrame:
    named = asked.call.named
    asked_for = vector(named["quantiles"] if "quantiles" in named else asked.argument(2, "quantiles"))
    probabilities = [number(p, 0.5) for p in asked_for]
    rule, interval = str(named.get("qrule", "math")), INTERVALS[str(named.get("interval.type", "mean"))]
    if asked.steps != "ours" and by is None and interval == "mean" and rule in ("math", "hf4"):
        return pd.DataFrame([_by_rows(sample, measure, p, rule, asked.steps == "as R stops") for p in probabilities])
    return quantile(sample.design, measure, probabilities, where=sample.where, by=by, rule=rule, interval=interval)


def _by_rows(sample: Sample, measure: str, probability: float, rule: str, as_r: bool) -> dict[str, float]:
    """A quantile and its limits, person by person."""
    answers = sample.design.numbers(measure)
    people = np.flatnonzero(sample.inside & ~np.isnan(answers))
    people = people[np.argsort(answers[people], kind="stable")]
    x, w = answers[people], sample.design.weights[people]

    def at(share: float) -> float:
        if rule == "math":
            return _least(x, w, share, as_r)
        reached = np.cumsum(w) / w.sum()
        if share < reached[0]:  # R goes on along the first line, beyond the least answer
            return float(x[0] + (share / reached[0] - 1) * (x[1] - x[0])) if as_r else float(x[0])
        return float(np.interp(share, reached, x))

    estimate = at(probability)
    flag = pd.Series(answers <= estimate, dtype=float).mask(np.isnan(answers))
    row = est.records(est.mean(sample.design.with_columns(flag=flag), "flag", where=sample.where))[0]
    low, high = (at(row[side]) if 0 <= row[side] <= 1 else np.nan for side in ("low", "high"))
    return {"estimate": estimate, "low": low, "high": high, "se": (high - low) / 2 / t_quantile(0.975, row["df"])}


def _least(x: np.ndarray, w: np.ndarray, share: float, as_r: bool) -> float:
    """The least answer with at least that share at or below it: by R's sums, rounded as they go, or by exact ones.

    Exactly, a weight is the number it is written as: two hundred times 30.97 are 6194.
    """
    if as_r:
        reached_weight = np.cumsum(w, dtype=np.longdouble).astype(float)  # R adds up in extended precision
        rest = share * reached_weight[-1] - reached_weight
        reached = np.flatnonzero(rest >= 0)
        after = 0 if not len(reached) else reached[-1] + (rest[reached[-1]] > 0)
        return float(x[min(after, len(x) - 1)])
    exact = [Fraction(repr(float(weight))) for weight in w]
    whole, sum_, goal = sum(exact), Fraction(0), Fraction(repr(float(share)))
    for answer, weight in zip(x, exact, strict=True):
        sum_ += weight
        if sum_ >= goal * whole:
            return float(answer)
    return float(x[-1])
