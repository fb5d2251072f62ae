"""Shares with the intervals of `svyciprop`."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import special

from bsna import estimation as est
from bsna.estimation.intervals import Interval, around, share_interval, t_quantile
from bsna.estimation.regression.newton import Block
from tests.estimation.rsurvey.answers.asked import Asked, degrees_of_freedom, with_groups, with_measures
from tests.estimation.rsurvey.answers.refitted import drawn_anew
from tests.estimation.rsurvey.answers.steps import family_of, reweighted
from tests.estimation.rsurvey.calls import Call, Node, calls_to, number, written
from tests.estimation.rsurvey.designs import Sample, sample_of

INTERVALS: Mapping[str, Interval] = {
    "logit": "logit",
    "xlogit": "xlogit",
    "beta": "beta",
    "wilson": "wilson",
    "asin": "asin",
    "mean": "mean",
}
"""R's intervals that this engine has, by R's names."""

R_EPSILON = 1e-8
"""Part of the deviance below which the regression ends that R makes for a logit interval."""


def share(asked: Asked) -> dict[str, Any]:
    """`svyciprop` on a domain. R counts degrees of freedom on the design handed over, whoever answered."""
    sample = asked.sample(1)
    return {key: values[0] for key, values in _shares(asked, sample, by=None).items()}


def by_group(asked: Asked) -> dict[str, Any]:
    """`svyby` with `svyciprop`. Degrees of freedom are each group's own, unless the call says otherwise."""
    sample = asked.sample(2)
    grouped, groups = with_groups(sample, asked.argument(1, "by"))
    found = _shares(asked, grouped, by="group")
    label = written(asked.argument(0, "formula")).removeprefix("~")
    table = groups | {label: found["est"], "ci_l": found["lower"], "ci_u": found["upper"]}
    return {"table": table, "coef": found["est"]}


def several(asked: Asked) -> dict[str, Any]:
    """`svyciprop` under each of the methods that an `lapply` goes through: estimate, lower and upper limit."""
    inner = next(calls_to(asked.call, "svyciprop"))
    methods = asked.call.args[0]
    assert isinstance(methods, Call)
    found = {}
    for name, method in methods.named.items():
        if method not in INTERVALS:
            continue
        one = share(asked.instead(Call(inner.function, inner.args, dict(inner.named) | {"method": method})))
        found[name] = {"values": [one["est"], one["lower"], one["upper"]]}
    return found


def _shares(asked: Asked, sample: Sample, *, by: str | None) -> dict[str, np.ndarray]:
    method, level = str(asked.call.named.get("method", "logit")), number(asked.call.named.get("level"), 0.95)
    measured, (measure,) = with_measures(sample, asked.argument(0, "formula"))
    rows = est.records(
        est.proportion(
            measured.design, measure.name, where=measured.where, by=by, interval=INTERVALS[method], level=level
        )
    )
    given = _given_df(asked, asked.call.named.get("df"))
    group = measured.design.frame["group"].cat.codes if by else None
    found: dict[str, list[float]] = {"est": [], "se": [], "lower": [], "upper": []}
    for at, row in enumerate(rows):
        inside = measured.inside if group is None else measured.inside & (group == at).to_numpy()
        own = measured.design.degrees_of_freedom(inside)
        df = own if given is None or method == "beta" else given  # R's beta always takes the design's
        if method == "logit" and asked.steps != "ours":
            row |= _by_steps(measured.design, measure.name, inside, df, level, asked.steps == "as R stops")
        elif method == "asin" and asked.steps == "as R stops":
            row |= _folded(row, df, level)
        elif df != row["df"]:
            row |= _with_df(row, method, df, level, int(inside.sum()))
        for key, name in zip(found, ("estimate", "se", "low", "high"), strict=True):
            found[key].append(row[name])
    return {key: np.array(values) for key, values in found.items()}


def _with_df(row: dict[str, Any], method: str, df: float, level: float, people: int) -> dict[str, Any]:
    """The limits with other degrees of freedom: those of a logit reach out from the share by another quantile of t."""
    if method != "logit":
        low, high = share_interval(row | {"df": df}, INTERVALS[method], level, people)
        return {"low": low, "high": high}
    centre, (low, high) = special.logit(row["estimate"]), special.logit([row["low"], row["high"]])
    further = t_quantile((1 + level) / 2, df) / t_quantile((1 + level) / 2, row["df"])
    return {
        "low": special.expit(centre + (low - centre) * further),
        "high": special.expit(centre + (high - centre) * further),
    }


def _folded(row: dict[str, Any], df: float, level: float) -> dict[str, Any]:
    """The limits of the arcsine as R leaves them: beyond nil or one, the square of the sine comes back."""
    share = row["estimate"]
    low, high = around(np.arcsin(np.sqrt(share)), row["se"] / (2 * np.sqrt(share * (1 - share))), df, level)
    return {"low": float(np.sin(low) ** 2), "high": float(np.sin(high) ** 2)}


def _by_steps(
    design: est.SurveyDesign, measure: str, inside: np.ndarray, df: float, level: float, as_r: bool
) -> dict[str, float]:
    """Estimate and limits by R's regression without covariates."""
    y = design.numbers(measure)
    people = inside & ~np.isnan(y)
    unit = design.weights[inside].mean()
    rows = Block(y[people], np.ones((int(people.sum()), 1)), np.zeros(int(people.sum())), design.weights[people] / unit)
    family, epsilon = family_of("binomial", "logit"), R_EPSILON if as_r else None
    end = reweighted(*rows, family=family, epsilon=epsilon)
    if design.replicates is None:
        scores = np.zeros((len(y), 1))
        scores[people] = (rows.x * (end.weight * end.residual)[:, None]) @ end.bread(rows.x)
        variance = design.variance(scores, people)
    else:
        drawn = drawn_anew(rows, design.replicates.weights[:, people] / unit, family, epsilon, end.beta)
        variance = design.replicates.variance(drawn, end.beta)
    low, high = around(float(end.beta[0]), float(np.sqrt(variance[0, 0])), df, level)
    return {"estimate": float(special.expit(end.beta[0])), "low": special.expit(low), "high": special.expit(high)}


def _given_df(asked: Asked, node: Node) -> float | None:
    if isinstance(node, Call) and node.function == "degf":
        return degrees_of_freedom(sample_of(asked.reference, node.args[0], asked.options))
    return node if isinstance(node, float) else None
