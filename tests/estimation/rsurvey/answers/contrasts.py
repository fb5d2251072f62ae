"""What is made of a model: contrasts, intervals, predictions, predicted margins."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bsna.estimation.regression import contrasts, margins, predictions
from tests.estimation.rsurvey.answers.asked import Asked, degrees_of_freedom, derived
from tests.estimation.rsurvey.answers.models import fitted, model_call
from tests.estimation.rsurvey.calls import Call, Name, Node, calls_to, number, terms
from tests.estimation.rsurvey.columns import ARITHMETIC
from tests.estimation.rsurvey.designs import sample_of
from tests.estimation.rsurvey.reading import read_frame


def contrast(asked: Asked) -> dict[str, Any]:
    """`svycontrast`: sums of multiples of coefficients, or an expression of them."""
    model, fit = fitted(asked, model_call(asked, asked.argument(0, "stat")))
    ours = {model.named(name): name for name in fit.names}
    wanted = asked.argument(1, "contrasts")
    assert isinstance(wanted, Call)
    if wanted.function == "quote":
        found = contrasts.nonlinear_contrast(fit, {"contrast": _function(wanted.args[0], ours)})
    else:
        weights = {
            name: {ours[key]: number(value, 0.0) for key, value in parts.named.items()}
            for name, parts in wanted.named.items()
            if isinstance(parts, Call)
        }
        found = contrasts.contrast(fit, weights)
    df = degrees_of_freedom(sample_of(asked.reference, Name(asked.design), asked.options))
    fields = {"names": found.names, "est": found.values, "se": found.se, "vcov": found.covariance}
    return fields | derived(found.values, found.se, df)


def intervals(asked: Asked) -> dict[str, Any]:
    """`confint` of a model by Wald: with the model's degrees of freedom, and with the design's."""
    first = next(calls_to(asked.call, "confint"))
    model, fit = fitted(asked, model_call(asked, first.args[0]))
    design_df = model.sample.design.degrees_of_freedom(model.used)
    found = {"wald": fit.interval(), "wald_ddf": fit.interval(df=design_df)}
    return {name: {"values": np.column_stack(pair)} for name, pair in found.items()}


def predicted(asked: Asked) -> dict[str, Any]:
    """`predict` for the first rows of a data set, those without any missing value: expected outcomes and predictors."""
    first = next(calls_to(asked.call, "predict"))
    model, fit = fitted(asked, model_call(asked, first.args[0]))
    span = next(calls_to(first.named["newdata"], ":"))
    start, end = (int(number(part, 0.0)) for part in span.args)
    everybody = read_frame(asked.reference, "trust").iloc[start - 1 : end]
    complete = np.flatnonzero(everybody.notna().all(axis=1))
    people = model.sample.design.frame.iloc[start - 1 : end].iloc[complete]
    mean, link = predictions.expected_outcomes(fit, people), predictions.linear_predictions(fit, people)
    shown = slice(None) if model.sample.design.replicates is None else slice(1)  # R then shows the first error only
    found = {"fit": mean["estimate"], "se": mean["se"][shown], "link": link["estimate"], "link_se": link["se"][shown]}
    return {name: {"values": column.to_numpy()} for name, column in found.items()} | {
        "rows": {"values": complete + 1.0}
    }


def predicted_means(asked: Asked) -> dict[str, Any]:
    """`svypredmeans`: the model with the groups added, and the mean if everybody was in each."""
    inner = asked.argument(0, "adjustmentmodel")
    (group,) = terms(asked.argument(1, "groupfactor"))
    assert isinstance(inner, Call) and isinstance(inner.args[0], Call)
    outcome, covariates = inner.args[0].args
    formula = Call("~", (outcome, Call("+", (covariates, group))))
    model, fit = fitted(asked, Call(inner.function, (formula, *inner.args[1:]), inner.named))
    (column,) = list(model.by_term.values())[-1]
    found = margins.margins_estimated(fit, model.sample.design, column)
    levels = next(term.levels for term in fit.terms if term.name == column)
    df = degrees_of_freedom(sample_of(asked.reference, Name(asked.design), asked.options))
    fields = {"names": levels, "est": found.values, "se": found.se, "vcov": found.covariance}
    return fields | derived(found.values, found.se, df)


def _function(node: Node, ours: Mapping[str, str]) -> Callable[[Mapping[str, np.ndarray]], np.ndarray]:
    """An expression of coefficients by R's names, as a function of them by ours."""

    def value(coefficients: Mapping[str, np.ndarray], part: Node = node) -> np.ndarray:
        if isinstance(part, Name):
            return coefficients[ours[part.text]]
        if not isinstance(part, Call):
            return np.asarray(part, dtype=float)
        known = [value(coefficients, inner) for inner in part.args]
        if part.function == "exp":
            return np.exp(known[0])
        return np.asarray(ARITHMETIC[part.function](*known))

    return value
