"""Weights adjusted to what is known of the population, by this engine, from the R call that did so."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bsna import estimation as est
from tests.estimation.rsurvey.calls import Call, Node, number, terms, written
from tests.estimation.rsurvey.objects import POPULATION


def poststratified(design: est.SurveyDesign, call: Call) -> est.SurveyDesign:
    """`postStratify`."""
    return est.poststratified(design, _names(call.args[1])[0], _population(call.args[2]))


def raked(design: est.SurveyDesign, call: Call) -> est.SurveyDesign:
    """`rake`. R rakes replicates along with the sample, for as many rounds as the sample needs, so that theirs are
    nearly there; ours are raked to the end. To be held to ten digits they are left where R leaves them."""
    formulas, totals = call.args[1], call.args[2]
    assert isinstance(formulas, Call) and isinstance(totals, Call)
    margins = {_names(f)[0]: _population(t) for f, t in zip(formulas.args, totals.args, strict=True)}
    found = est.raked(design, margins)
    if found.replicates is None:
        return found
    control = call.named.get("control")
    assert isinstance(control, Call)
    rounds = _in_turn(design, margins, number(control.named.get("epsilon"), 1.0))
    assert rounds.replicates is not None
    if not np.allclose(rounds.replicates.weights, found.replicates.weights, rtol=1e-9, atol=0):
        raise ValueError("Post-stratifying replicates in turn does not lead to the raked weights")
    return rounds


def calibrated(design: est.SurveyDesign, call: Call) -> est.SurveyDesign:
    """`calibrate`. R names totals as the columns of a regression: the first level of a factor is what the others leave."""
    columns, known = _names(call.args[1]), _population(call.args[2])
    totals: dict[str, Any] = {name: known[name] for name in columns if name in known}
    for name in (name for name in columns if name not in known):
        first, *others = design.codes(name)[1]
        totals[name] = {level: known[f"{name}{level}"] for level in others}
        totals[name] = {first: known["(Intercept)"] - sum(totals[name].values())} | totals[name]
    bounds = call.named.get("bounds")
    limits = None if not isinstance(bounds, Call) else (number(bounds.args[0], 0.0), number(bounds.args[1], 0.0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # linear weights may be negative, as R's are
        return est.calibrated(
            design,
            columns,
            totals,
            population=known["(Intercept)"],
            distance=call.named.get("calfun", "linear"),
            bounds=limits,
            by_cluster="aggregate.stage" in call.named,
            rounds=200,
        )


def trimmed(design: est.SurveyDesign, call: Call) -> est.SurveyDesign:
    """`trimWeights`."""
    low, high = (number(call.named.get(side), np.nan) for side in ("lower", "upper"))
    return est.trimmed(design, low=low, high=high, strict=call.named.get("strict") is True)


ADJUSTMENTS: Mapping[str, Callable[[est.SurveyDesign, Call], est.SurveyDesign]] = {
    "postStratify": poststratified,
    "rake": raked,
    "calibrate": calibrated,
    "trimWeights": trimmed,
}
"""What adjusts weights, by R's names."""


def _in_turn(design: est.SurveyDesign, margins: Mapping[str, Mapping[Any, float]], epsilon: float) -> est.SurveyDesign:
    """The design post-stratified to each margin in turn until its table moves by less than that part of all weights."""
    before = None
    while True:
        table = est.weighted_table(design, list(margins)).to_numpy()
        if before is not None and np.max(np.abs(table - before)) < epsilon * design.weights.sum():
            return design
        before = table
        for column, totals in margins.items():
            design = est.poststratified(design, column, totals)


def _names(node: Node) -> list[str]:
    return [written(term) for term in terms(node)]


def _population(node: Node) -> Mapping[Any, float]:
    return POPULATION[written(node)]
