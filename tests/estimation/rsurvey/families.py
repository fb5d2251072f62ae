"""What each call of the reference is about."""

from tests.estimation.rsurvey.calls import Call, Name, Node
from tests.estimation.rsurvey.reading import Case

ESTIMATES = "means, totals, ratios, variances"
SHARES = "proportions' intervals"
QUANTILES = "quantiles"
CROSSTABS = "cross-tabulations"
TESTS = "t and rank tests"
REGRESSION = "regression"
ORDERED = "ordered regression"
TERMS = "term tests"
CONTRASTS = "contrasts, margins, predictions"
REPLICATES = "replicate weights"
DESIGNS = "designs"
MULTIPLE = "multiple testing"
QUADRATIC = "distributions of quadratic forms"

FAMILIES = (
    DESIGNS,
    ESTIMATES,
    SHARES,
    QUANTILES,
    CROSSTABS,
    TESTS,
    REGRESSION,
    ORDERED,
    TERMS,
    CONTRASTS,
    REPLICATES,
    MULTIPLE,
    QUADRATIC,
)
"""Every family, in the order of the printed table."""

FAMILY_OF_FUNCTION = {
    "svymean": ESTIMATES,
    "svytotal": ESTIMATES,
    "svyratio": ESTIMATES,
    "svyvar": ESTIMATES,
    "svystandardize": ESTIMATES,
    "svycralpha": ESTIMATES,
    "svyciprop": SHARES,
    "svyquantile": QUANTILES,
    "oldsvyquantile": QUANTILES,
    "svycdf": QUANTILES,
    "svytable": CROSSTABS,
    "svychisq": CROSSTABS,
    "svygofchisq": CROSSTABS,
    "svyloglin": CROSSTABS,
    "svykappa": CROSSTABS,
    "svyttest": TESTS,
    "svyranktest": TESTS,
    "regTermTest": TERMS,
    "anova": TERMS,
    "predict": CONTRASTS,
    "confint": CONTRASTS,
    "svycontrast": CONTRASTS,
    "svypredmeans": CONTRASTS,
    "psrsq": REGRESSION,
    "svyglm": REGRESSION,
    "svyolr": ORDERED,
    "withReplicates": REPLICATES,
    "pchisqsum": QUADRATIC,
    "pFsum": QUADRATIC,
    "p.adjust": MULTIPLE,
}


def main_function(node: Node) -> str:
    """The function a call is about, from the outside in: that of survey which comes first.

    A breakdown is about what it breaks down; an interval about what it is the interval of, if that is a t-test.
    """
    for name in _words(node):
        if name == "confint" and "svyttest" in _words(node):
            return "svyttest"
        if name == "svyby" and "svystandardize" in _words(node):
            return "svystandardize"
        if name in FAMILY_OF_FUNCTION:
            return name
    raise ValueError(f"No function of survey in {node}")


def family_of(case: Case, node: Node) -> str:
    """The family: that of the design where options or replicate weights are what is tried out, else the function's."""
    function = main_function(node)
    if case.options:
        return DESIGNS
    return REPLICATES if case.design.startswith("r_") else FAMILY_OF_FUNCTION[function]


def _words(node: Node) -> list[str]:
    if isinstance(node, Name):
        return [node.text]
    if not isinstance(node, Call):
        return []
    parts = [word for part in (*node.args, *node.named.values()) for word in _words(part)]
    return [node.function, *parts]
