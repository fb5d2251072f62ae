"""Whether a difference is R's own: its numbers have fewer digits than their class, and its own arithmetic shows why."""

from dataclasses import replace
from typing import Any

import numpy as np

from tests.estimation.rsurvey.answers.asked import Asked
from tests.estimation.rsurvey.calls import Call, calls_to
from tests.estimation.rsurvey.comparison import leaves
from tests.estimation.rsurvey.families import main_function
from tests.estimation.rsurvey.outcomes import Answer, Outcome, compared
from tests.estimation.rsurvey.reading import Case, numbers

BY_STEPS = (
    *("svyglm", "svyolr", "regTermTest", "anova", "svycontrast", "svypredmeans", "predict", "confint"),
    *("svyciprop", "svyquantile", "svychisq"),
)
"""Functions of R whose numbers may rest on where an iteration, an integral or a sum of rounded numbers stopped."""

R_INTEGRAL = 1e-7
"""How near R's own integral of the tail of lincom is asked to be (Davies 1980)."""


def explained(outcome: Outcome, case: Case, asked: Asked, answer: Answer) -> Outcome:
    """The outcome "explained" if R's own steps give R's numbers where R stops, and ours where they end, both to the
    tolerance of the case; else the outcome as it was.

    Where R stops cannot be told for an integral: R's has to be as near as R asked for.
    """
    if main_function(asked.call) == "svyolr":
        asked = replace(asked, at=np.concatenate([numbers(case.result[key]) for key in ("coef", "zeta")]))
    try:
        ours, stopped, ended = (
            dict(leaves(answer(replace(asked, steps=steps)))) for steps in ("ours", "as R stops", "to the end")
        )
    except Exception as stop:
        return replace(outcome, reason=f"{outcome.reason}; by R's steps: {type(stop).__name__}: {stop}")
    if asked.call.named.get("statistic") == "lincom" and abs(ended["p_value"] - case.result["p_value"]) < R_INTEGRAL:
        stopped["p_value"] = case.result["p_value"]
    short, unanswered = compared(stopped, case, outcome.left_out)
    both, _ = compared(ours, replace(case, result=_instead(case.result, ended)), outcome.left_out)
    if unanswered or not all(difference.is_close for difference in (*short, *both)):
        return outcome
    worst = max((*short, *both), key=lambda d: d.relative / d.allowed)
    return replace(outcome, verdict="explained", worst=worst, reason=_why(asked.call))


def _instead(result: Any, ended: dict[str, Any], path: str = "") -> Any:
    """R's result with the numbers that its steps end with."""
    if isinstance(result, dict):
        return {key: _instead(part, ended, f"{path}.{key}" if path else key) for key, part in result.items()}
    return np.asarray(ended[path]).tolist() if path in ended else result


def _why(call: Call) -> str:
    if any(calls_to(call, "svyolr")):
        return (
            "R takes second derivatives by differences a thousandth apart, and stops where the deviance falls no further: "
            "its steps give its numbers, exact derivatives ours"
        )
    if any(part.named.get("method") == "asin" for part in calls_to(call, "svyciprop")):
        return "R folds a limit of the arcsine back that fell below nil, to a share above it; ours is nil"
    if call.function == "svyquantile":
        return (
            "R's sums of weights miss a tie by their rounding, or its line goes on beyond the least answer: so counted, "
            "its numbers follow; counted exactly, ours"
        )
    if call.function == "svychisq":
        return "R integrates to seven places; another integral gives ours to ten"
    return (
        "R stops when the deviance stands still, its covariance one step behind: its steps, stopped there, give its "
        "numbers, and taken to the end ours"
    )
