"""Shares with the intervals of `svyciprop`."""

from typing import Any

import numpy as np

from bsna import estimation as est
from bsna.estimation.intervals import share_interval
from tests.estimation.rsurvey.answers.asked import Asked, degrees_of_freedom, with_groups, with_measures
from tests.estimation.rsurvey.calls import Call, Node, calls_to, number, written
from tests.estimation.rsurvey.designs import Sample, sample_of

INTERVALS = {"logit": "logit", "xlogit": "logit", "beta": "beta", "mean": "mean", "wilson": "wilson"}
"""R's two logit intervals are one: from a regression, and by the delta method."""


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
    interval = INTERVALS[method]
    rows = est.records(
        est.proportion(measured.design, measure.name, where=measured.where, by=by, interval=interval, level=level)
    )
    given = _given_df(asked, asked.call.named.get("df"))
    group = measured.design.frame["group"].cat.codes if by else None
    found: dict[str, list[float]] = {"est": [], "se": [], "lower": [], "upper": []}
    for at, row in enumerate(rows):
        inside = measured.inside if group is None else measured.inside & (group == at).to_numpy()
        own = measured.design.degrees_of_freedom(inside)
        df = own if given is None or method == "beta" else given  # R's beta always takes the design's
        limits = row["low"], row["high"]
        if df != row["df"]:
            limits = share_interval(row | {"df": df}, interval, level, int(inside.sum()))
        for key, value in zip(found, (row["estimate"], row["se"], *limits), strict=True):
            found[key].append(value)
    return {key: np.array(values) for key, values in found.items()}


def _given_df(asked: Asked, node: Node) -> float | None:
    if isinstance(node, Call) and node.function == "degf":
        return degrees_of_freedom(sample_of(asked.reference, node.args[0], asked.options))
    return node if isinstance(node, float) else None
