"""Tests of whether groups differ: t-tests and tests of ranks."""

from typing import Any

from bsna import estimation as est
from bsna.estimation.comparisons import Difference, rank_test, t_test
from tests.estimation.rsurvey.answers.asked import Asked, argument
from tests.estimation.rsurvey.calls import Call, Node, calls_to, number
from tests.estimation.rsurvey.columns import column_of
from tests.estimation.rsurvey.designs import sample_of

RANKS = {
    "wilcoxon": "wilcoxon",
    "vanderWaerden": "van_der_waerden",
    "median": "median",
    "KruskalWallis": "kruskal_wallis",
}
"""Tests of ranks by R's names."""


def means(asked: Asked) -> dict[str, Any]:
    """`svyttest`: a mean against nil, or two groups' means against each other."""
    found = _t(asked, asked.call, 0.95)
    fields = {"statistic": [found.statistic], "parameter": [found.df], "p_value": found.p_value}
    return fields | {"estimate": [found.estimate], "conf_int": [found.low, found.high]}


def limits(asked: Asked) -> dict[str, Any]:
    """`confint` of a t-test."""
    (inner,) = calls_to(asked.call, "svyttest")
    found = _t(asked, inner, number(asked.call.named.get("level"), 0.95))
    return {"values": [found.low, found.high]}


def ranks(asked: Asked) -> dict[str, Any]:
    """`svyranktest`: t for two groups, for more a chi-square that R shows as if it were a parameter.

    R gives people alike the plain mean of the places they have in the order of the rows.
    """
    design, measure, by, where = _columns(asked, asked.call)
    test = RANKS[str(asked.argument(2, "test", "wilcoxon"))]
    found = rank_test(design, measure, by, test=test, ties="in_order", where=where)
    if isinstance(found, Difference):
        fields = {"statistic": [found.statistic], "parameter": [found.df], "p_value": found.p_value}
        return fields | {"estimate": [found.estimate]}
    return {"statistic": [found.df1], "parameter": [found.chi2], "p_value": found.p_value}


def _t(asked: Asked, call: Call, level: float) -> Difference:
    design, measure, by, where = _columns(asked, call)
    return t_test(design, measure, by=by, where=where, level=level)


def _columns(asked: Asked, call: Call) -> tuple[est.SurveyDesign, str, Any, Any]:
    """The design with a measure and, unless the formula has nil on its right side, groups."""
    sample = sample_of(asked.reference, argument(call, 1, "design"), asked.options)
    formula = argument(call, 0, "formula")
    assert isinstance(formula, Call)
    measure, group = formula.args
    columns = {"measure": column_of(measure, sample.design.frame)}
    if not _is_nil(group):
        columns["groups"] = column_of(group, sample.design.frame)
    by = "groups" if "groups" in columns else None
    return sample.design.with_columns(**columns), "measure", by, sample.where


def _is_nil(node: Node) -> bool:
    return isinstance(node, float) and node == 0
