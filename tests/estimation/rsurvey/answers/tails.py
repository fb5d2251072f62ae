"""Tails of sums of chi-squares that weigh unequally, and of such a sum over another chi-square."""

from typing import Any

from bsna import estimation as est
from tests.estimation.rsurvey.answers.asked import Asked, vector
from tests.estimation.rsurvey.calls import Call, Node, calls_to, number


def chi_squares(asked: Asked) -> dict[str, Any]:
    """`pchisqsum` over a grid of values and sets of weights, by each method."""
    sets = next(calls_to(asked.call, "list")).args
    x, kinds = _grid(asked.call, "set")
    rows = [(value, [number(w, 0.0) for w in vector(sets[int(kind) - 1])]) for kind in kinds for value in x]
    methods = ("satterthwaite", "saddlepoint", "integration")
    found = {name: [est.chi_squares_above(*row, method=name) for row in rows] for name in methods}
    return {"table": {"x": x * len(kinds), "set": [kind for kind in kinds for _ in x], **found}}


def quotients(asked: Asked) -> dict[str, Any]:
    """`pFsum` over a grid of values and denominators' degrees of freedom; R's own method, if none is given, is saddlepoint.

    R names a column satterthwaite that it computed by its own method.
    """
    x, dfs = _grid(asked.call, "ddf")
    columns = next(calls_to(asked.call, "data.frame")).named
    found = {name: part for name, part in columns.items() if isinstance(part, Call) and part.function == "pFsum"}
    rows = {}
    for name, part in found.items():
        weights = [number(w, 0.0) for w in vector(part.args[2])]
        method = str(part.named.get("method", "saddlepoint"))
        rows[name] = [est.f_sum_above(value, weights, df, method=method) for df in dfs for value in x]
    return {"table": {"x": x * len(dfs), "ddf": [df for df in dfs for _ in x], **rows}}


def _grid(call: Call, second: str) -> tuple[list[float], list[float]]:
    named = next(calls_to(call, "expand.grid")).named
    return _numbers(named["x"]), _numbers(named[second])


def _numbers(node: Node) -> list[float]:
    if isinstance(node, Call) and node.function == ":":
        first, last = (int(number(part, 0)) for part in node.args)
        return [float(k) for k in range(first, last + 1)]
    return [number(part, 0.0) for part in vector(node)]
