"""P-values corrected for being several."""

import math
from typing import Any

from bsna.judgement import holm
from tests.estimation.rsurvey.answers.asked import Asked
from tests.estimation.rsurvey.calls import Call, Name, Node, number
from tests.estimation.rsurvey.objects import P_VALUES


def adjusted(asked: Asked) -> dict[str, Any]:
    """`p.adjust` by Holm: a test without a p-value is none; `n` says how many tests there were in all."""
    found = {}
    for name, node in asked.call.named.items():
        if isinstance(node, Call) and node.function == "p.adjust":
            tests = _values(node.args[0])
            others = int(number(node.named.get("n"), len(tests))) - len(tests)
            found[name] = _holm(tests, others)
        else:
            found[name] = _values(node)
    return {name: {"values": values} for name, values in found.items()}


def _holm(p_values: list[float], others: int) -> list[float]:
    tested = {f"{k:03d}": p for k, p in enumerate(p_values) if not math.isnan(p)}
    corrected = holm(tested | {f"other {k:03d}": 1.0 for k in range(others)})
    return [corrected.get(f"{k:03d}", math.nan) for k in range(len(p_values))]


def _values(node: Node) -> list[float]:
    if isinstance(node, Name):
        return list(P_VALUES[node.text])
    assert isinstance(node, Call) and node.function == "[" and isinstance(node.args[0], Name)
    span = node.args[1]
    assert isinstance(span, Call) and span.function == ":"
    first, last = (int(number(part, 0)) for part in span.args)
    return list(P_VALUES[node.args[0].text][first - 1 : last])
