"""Means, totals, ratios, and each of them by group."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bsna import estimation as est
from bsna.estimation.joint import Statistic, jointly
from bsna.estimation.sample.linearised import Estimated
from bsna.estimation.variances import population_covariance
from tests.estimation.rsurvey.answers.asked import (
    Asked,
    Measure,
    answered,
    degrees_of_freedom,
    derived,
    with_groups,
    with_measures,
)
from tests.estimation.rsurvey.calls import Call, Name, Node, written
from tests.estimation.rsurvey.designs import Sample


def stat(asked: Asked) -> dict[str, Any]:
    """`svymean` and `svytotal`: each estimate from its own door, the covariances from the sums of all together."""
    whole = asked.sample(1)
    sample, measures = with_measures(whole, asked.argument(0, "x"))
    people = answered(sample, measures)
    rows = pd.concat([_door(asked.call.function, m)(people.design, m.name, where=people.where) for m in measures])
    estimates, errors = rows["estimate"].to_numpy(), rows["se"].to_numpy()
    found = {"est": estimates, "se": errors, "names": [m.label for m in measures]}
    found["vcov"] = together(people, asked.call.function, [m.name for m in measures]).covariance
    if wanted := asked.call.named.get("deff", False):
        found["deff"] = design_effects(rows, people, np.array([True]), replaced=wanted == "replace")
    return found | derived(estimates, errors, degrees_of_freedom(whole))


def ratio(asked: Asked) -> dict[str, Any]:
    """`svyratio`: every numerator over every denominator. R knows no covariance between ratios: not a number there."""
    whole = asked.sample(2)
    top = asked.argument(0, "numerator")
    sample, measures = with_measures(whole, Call("+", (_right(top), _right(asked.argument(1, "denominator")))))
    count = len(with_measures(whole, top)[1])
    people = answered(sample, measures)
    pairs = [(a.name, b.name) for b in measures[count:] for a in measures[:count]]
    rows = pd.concat([est.ratio(people.design, a, b, where=people.where) for a, b in pairs])
    estimates, errors = rows["estimate"].to_numpy(), rows["se"].to_numpy()
    matrix = np.where(np.eye(len(errors)) == 1, np.diag(errors**2), np.nan)
    found = {"est": estimates.reshape(-1, count).T, "se": errors.reshape(-1, 1), "vcov": matrix}
    return found | derived(estimates, errors, degrees_of_freedom(whole))


def variance(asked: Asked) -> dict[str, Any]:
    """`svyvar`: the matrix of variances and covariances in the population, and theirs; with replicates only their errors."""
    sample, measures = with_measures(asked.sample(1), asked.argument(0, "x"))
    people = answered(sample, measures)
    names = [measure.name for measure in measures]
    found = population_covariance(people.design, names, where=people.where).estimated
    fields = {"names": [m.label for m in measures], "est": _square(found.values), "vcov": found.covariance}
    return fields | {"se": _square(found.se)}


def by_group(asked: Asked) -> dict[str, Any]:
    """`svyby` of means, totals and ratios: R's table, and the coefficients, groups running fastest within a measure."""
    whole = asked.sample(2)
    function = asked.argument(3, "FUN")
    assert isinstance(function, Name)
    formula = asked.argument(0, "formula")
    sample, measures = with_measures(whole, formula)
    if function.text == "svyratio":
        sample, measures = with_measures(whole, Call("+", (_right(formula), _right(asked.call.named["denominator"]))))
    grouped, groups = with_groups(answered(sample, measures), asked.argument(1, "by"))
    rows = _grouped_rows(function.text, grouped, measures)
    estimates, errors = rows["estimate"].to_numpy(), rows["se"].to_numpy()
    df = degrees_of_freedom(whole)
    found: dict[str, Any] = {"coef": estimates, "se": errors} | derived(estimates, errors, df)
    if asked.call.named.get("covmat") is True:
        found["vcov"] = together(grouped, function.text, [m.name for m in measures], by=("group",)).covariance
    if "deff" in asked.call.named:
        found["deff"] = design_effects(rows, grouped, np.arange(len(next(iter(groups.values())))), replaced=False)
    labels = [m.label for m in measures]
    if function.text == "svyratio":
        labels = ["/".join(written(_right(part)) for part in (formula, asked.call.named["denominator"]))]
    plain = len(labels) == 1 and function.text != "svyratio"
    titles = {kind: kind if plain else f"{kind}.{{label}}" for kind in _kinds(asked.call)}
    if whole.design.replicates is not None:  # R names these columns otherwise
        titles |= {"cv": "cv.{label}"} if "cv" in titles else {}
        titles |= {} if len(labels) == 1 else {"se": "se{number}"}
    return found | {"table": groups | table(labels, found, titles)}


def table(labels: Sequence[str], found: Mapping[str, Any], titles: Mapping[str, str]) -> dict[str, Any]:
    """R's table of a breakdown: a column per measure, then one per kind of variance and measure under its title."""
    size = len(found["coef"]) // len(labels)
    pieces = {"": found["coef"], "se": found["se"], "cv": found["cv"], "var": found["se"] ** 2}
    pieces |= {"ci_l": found["ci"]["lower"], "ci_u": found["ci"]["upper"]}
    columns = {}
    for k, label in enumerate(labels):
        part = slice(k * size, (k + 1) * size)
        for kind, title in ({"": "{label}"} | dict(titles)).items():
            columns[title.format(label=label, number=k + 1)] = pieces[kind][part]
        if "deff" in found:
            columns[f"DEff.{label}"] = found["deff"][part]
    return columns


def together(sample: Sample, function: str, measures: Sequence[str], *, by: Sequence[str] = ()) -> Estimated:
    """Means or totals of several measures at all levels, estimated together; levels run fastest within a measure."""
    statistic: Statistic = "total" if function == "svytotal" else "mean"
    return jointly(sample.design, measures, statistic=statistic, by=by, where=sample.where).estimated


def design_effects(rows: pd.DataFrame, people: Sample, groups: np.ndarray, *, replaced: bool) -> np.ndarray:
    """R's design effects. Ours compares with a sample drawn with replacement (R: "replace"); R otherwise takes the
    population to be as many as the weights add up to, N, and multiplies the variance of the other sample by 1 - n/N."""
    ours = rows["deff"].to_numpy()
    if replaced:
        return ours
    inside = people.inside
    weights = people.design.weights
    if "group" in people.design.frame:
        group = people.design.frame["group"].cat.codes.to_numpy()
        size = np.array([weights[inside & (group == at)].sum() for at in groups])
    else:
        size = np.array([weights[inside].sum()])
    size = np.tile(size, len(ours) // len(size))
    return ours * size / (size - rows["n"].to_numpy())


def _grouped_rows(function: str, sample: Sample, measures: Sequence[Measure]) -> pd.DataFrame:
    if function == "svyratio":
        top, bottom = measures
        return est.ratio(sample.design, top.name, bottom.name, by="group", where=sample.where)
    return pd.concat([_door(function, m)(sample.design, m.name, by="group", where=sample.where) for m in measures])


def _door(function: str, measure: Measure) -> Callable[..., pd.DataFrame]:
    if function == "svytotal":
        return est.total
    return est.proportion if measure.is_share else est.mean


def _kinds(call: Call) -> list[str]:
    node = call.named.get("vartype", "se")
    named = [str(kind) for kind in node.args] if isinstance(node, Call) else [str(node)]
    return [column for kind in named for column in (("ci_l", "ci_u") if kind == "ci" else (kind,))]


def _square(values: np.ndarray) -> np.ndarray:
    size = int(np.sqrt(len(values)))
    return values.reshape(size, size)


def _right(formula: Node) -> Node:
    assert isinstance(formula, Call)
    return formula.args[-1]
