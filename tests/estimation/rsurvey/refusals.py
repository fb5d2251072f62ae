"""What this engine refuses on purpose: no chapter uses it, and it would need a room of its own. Why, and where to turn."""

from collections.abc import Mapping, Sequence

from tests.estimation.rsurvey.calls import Call, Node, calls_to
from tests.estimation.rsurvey.families import main_function
from tests.estimation.rsurvey.reading import Case

_FUNCTIONS = {
    "svykappa": "agreement of two raters: no survey here has two; R survey, svykappa",
    "svycralpha": "reliability of a scale: answers are shown one by one, not added up; R survey, svycralpha",
    "svyloglin": "loglinear models: tables are tested with Rao and Scott's correction instead; R survey, svyloglin",
    "svystandardize": "direct standardisation: rounds are compared by raking to margins; R survey, svystandardize",
    "svygofchisq": "fit to given shares: a claim compares shares with margins one by one; R survey, svygofchisq",
    "psrsq": "pseudo R-squared: no chapter judges a model by one number; R survey, psrsq",
    "oldsvyquantile": "quantiles as before survey 4.1, which R itself advises against; R survey, oldsvyquantile",
    "withReplicates": "any statistic a user writes: the engine's own take replicates as they are; R survey, withReplicates",
}
_INTERVALS = {
    "likelihood": "likelihood intervals of a share: logit, beta and wilson cover what is asked; R survey, svyciprop",
}
_ADJUSTMENTS = dict.fromkeys(
    ("hochberg", "hommel", "bonferroni", "BH", "BY"),
    "the claims are one family under Holm's correction; statsmodels, multipletests",
)
_STOPS = (
    (
        "algorithm did not converge",
        "collinear",
        "a covariate that does not vary is an error here: R goes on without an answer; R survey, svyglm",
    ),
)
"""What R warned of, what ours says on stopping, and why it stops."""

EVERYTHING = 1e-6
"""Limits of a share nearer to 0 and to 1 than this leave nothing out."""

_FIELDS = {
    ("svyglm", "iter"): "the number of steps R took on its own way",
    ("svyglm", "aic"): "no chapter chooses among models by one number; R survey, AIC of svyglm",
    ("confint", "like"): "limits from the profile of the likelihood: Wald's are what chapters show; R survey, confint",
}
"""Fields of functions that are answered, but for these."""


def refusal(node: Node) -> str | None:
    """Why a call is refused and where to turn; None if it has to be answered."""
    function = main_function(node)
    if function in _FUNCTIONS:
        return _FUNCTIONS[function]
    for call in calls_to(node, function):
        if (reason := _refused_call(call)) is not None:
            return reason
    return None


def left_out(case: Case, node: Node, name: str, value: object) -> str | None:
    """Why one field of a call that is answered is not compared; None if it is."""
    top, kind = name.split(".")[0], main_function(node)
    if isinstance(value, list) and value and all(number is None for number in value):
        return "R gives no number"
    if top == "deff" and any("cv" in _strings(call.named.get("vartype")) for call in calls_to(node, "svyby")):
        return "R gives the coefficients of variation under this name; the design effects in its table are compared"
    if kind == "svyolr" and case.design.startswith("r_") and top in ("vcov", "se", "ci"):
        return "R gives errors of nil for an ordered outcome under replicate weights"
    return _FIELDS.get((kind, top))


def no_answer(case: Case) -> str | None:
    """Why what R gave is no answer, and ours another; None if it is one."""
    result = case.result
    is_share = isinstance(result, Mapping) and result.get("kind") == "svyciprop"
    if is_share and result["lower"] < EVERYTHING and result["upper"] > 1 - EVERYTHING:
        return (
            "a logit interval where a replicate has nobody who says yes: R takes the odds where its steps ended and "
            "gives everything from 0 to 1, ours rests on the error of the share; R survey, svyciprop with xlogit"
        )
    return None


def refused_after(warnings: Sequence[str], stop: Exception) -> str | None:
    """Why a call on which R went on with a warning stops here; None if it should not have stopped."""
    for said, expected, reason in _STOPS:
        if any(said in warning for warning in warnings) and expected in str(stop):
            return reason
    return None


def _strings(node: Node) -> list[Node]:
    return list(node.args) if isinstance(node, Call) else [node]


def _refused_call(call: Call) -> str | None:
    if call.function == "svyquantile" and call.named.get("interval.type") in ("score", "quantile"):
        return (
            "limits of a quantile by score tests or from replicates of it: Woodruff's are given; R survey, svyquantile"
        )
    method = call.named.get("method")
    if call.function == "svychisq" and call.named.get("statistic") == "wls-score":
        return "a score test by weighted least squares: six tests of svychisq are answered; R survey, svychisq"
    if call.function == "svyolr" and method == "cauchit":
        return "the cauchit link: logit, probit and cloglog cover what is asked; R survey, svyolr"
    if call.function == "svyciprop" and isinstance(method, str):
        return _INTERVALS.get(method)
    if call.function == "svyranktest" and isinstance(call.named.get("test"), Call):
        return "a rank score that a user writes; R survey, svyranktest"
    if call.function == "p.adjust" and isinstance(call.args[-1], str):
        return _ADJUSTMENTS.get(call.args[-1])
    return None
