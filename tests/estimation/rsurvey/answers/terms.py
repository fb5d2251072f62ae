"""Tests of terms of a model: `regTermTest` and `anova`."""

from typing import Any

from bsna.estimation.regression import term_tests
from bsna.estimation.regression.term_tests import TermTest
from tests.estimation.rsurvey.answers.asked import Asked
from tests.estimation.rsurvey.answers.models import fitted, model_call
from tests.estimation.rsurvey.calls import calls_to, terms, written

DOORS = {
    "LRT": term_tests.working_likelihood_ratio_test,
    "WorkingWald": term_tests.working_wald_test,
}


def test(asked: Asked) -> dict[str, Any]:
    """`regTermTest` by Wald, by the working likelihood ratio or by the working Wald statistic."""
    method = asked.call.named.get("method", "Wald")
    model, fit = fitted(asked, model_call(asked, asked.argument(0, "model")))
    named = [written(term) for term in terms(asked.argument(1, "test.terms"))]
    columns = [column for name in named for column in model.by_term[name]]
    df = asked.call.named.get("df")
    given = df if isinstance(df, float) else None
    if method == "Wald":
        found = term_tests.wald_test(fit, columns, df=given)
        return {"terms": named, "F": found.f, "chisq": [[found.chi2]], "df": found.df1, "ddf": found.df2} | {
            "p": found.p_value
        }
    tail = asked.call.named.get("lrt.approximation", "saddlepoint")
    found = DOORS[str(method)](fit, columns, df=given, method=str(tail))
    if method == "LRT":
        return {"terms": named} | _working(found)
    fields: dict[str, Any] = {"values": {}} | {key: {"values": [value]} for key, value in _working(found).items()}
    return fields | {
        "chisq": {"values": [[found.chi2]]},
        "lambda": {"values": found.weights},
        "test.terms": {"values": named},
    }


def sequence(asked: Asked) -> dict[str, Any]:
    """`anova` of one model. R leaves out its terms one after the other, last first; the file shows the first such test."""
    model, fit = fitted(asked, model_call(asked, next(calls_to(asked.call, "anova")).args[0]))
    name, columns = list(model.by_term.items())[-1]
    found = term_tests.working_likelihood_ratio_test(fit, list(columns))
    fields: dict[str, Any] = {key: {"values": [value]} for key, value in _working(found).items()}
    return {"": fields | {"terms": {"values": [name]}, "lambda": {"values": found.weights}}}


def _working(found: TermTest) -> dict[str, Any]:
    return {"chisq": found.chi2, "p": found.p_value, "df": found.df1, "ddf": found.df2, "lambda": found.weights}
