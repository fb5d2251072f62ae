"""Regressions: `svyglm` and `svyolr`."""

from typing import Any

import numpy as np
from scipy import special

from bsna.estimation.regression import models
from bsna.estimation.regression.responses import expected
from tests.estimation.rsurvey.answers.asked import Asked, argument, limits
from tests.estimation.rsurvey.answers.formulas import Model, model_of
from tests.estimation.rsurvey.answers.refitted import refitted
from tests.estimation.rsurvey.calls import Call, Name, Node, number, parse
from tests.estimation.rsurvey.designs import sample_of
from tests.estimation.rsurvey.objects import MODELS

HEAD = {"svyglm": 10, "svyolr": 5}
"""How many people R's fitted values are shown of."""

R_EPSILON = 1e-8
"""Part of the deviance below which R's steps end, unless a call says otherwise."""


def regression(asked: Asked) -> dict[str, Any]:
    """`svyglm`: coefficients in R's order, and what its summary makes of them."""
    model, fit = fitted(asked, asked.call)
    t = fit.coefficients / fit.se
    tails = special.stdtr(fit.df, -np.abs(t))
    wald = limits(fit.coefficients, fit.se, fit.df, 0.95)
    low, high = fit.interval()
    assert np.array_equal(low, wald["lower"]) and np.array_equal(high, wald["upper"])
    people, mean, working = _head(model, fit, HEAD["svyglm"])
    return {
        "names": [model.named(name) for name in fit.names],
        "coef": fit.coefficients,
        "se": fit.se,
        "vcov": fit.covariance,
        "naive_cov_unscaled": fit.working_covariance,
        "t": t,
        "p": 2 * tails,
        "df_residual": fit.df,
        "degf_design": model.sample.design.degrees_of_freedom(model.used),
        "deviance": fit.deviance,
        "null_deviance": fit.null_deviance,
        "dispersion": fit.dispersion * _counted(model, fit),
        "nobs": fit.n,
        "ci_wald": wald,
        "ci_default": wald,
        "ci_df_residual": wald,
        "fitted_head": mean[:, 0],
        "resid_working_head": working,
    }


def ordered(asked: Asked) -> dict[str, Any]:
    """`svyolr`: slopes, then thresholds (R: zeta)."""
    model, fit = fitted(asked, asked.call)
    slopes = len(fit.names) - fit.thresholds
    _, chances, _ = _head(model, fit, HEAD["svyolr"])
    return {
        "coef_names": [model.named(name) for name in fit.names[:slopes]],
        "coef": fit.coefficients[:slopes],
        "zeta_names": list(fit.names[slopes:]),
        "zeta": fit.coefficients[slopes:],
        "vcov": fit.covariance,
        "se": fit.se,
        "df_residual": fit.df,
        "deviance": fit.deviance,
        "ci": limits(fit.coefficients, fit.se, np.inf, 0.95),
        "n": fit.n,
        "fitted_head": chances,
    }


def fitted(asked: Asked, call: Call) -> tuple[Model, models.Fit]:
    """The model of a call of `svyglm` or `svyolr`, fitted by the steps that are asked for."""
    sample = sample_of(asked.reference, argument(call, 1, "design"), asked.options)
    model = model_of(sample, argument(call, 0, "formula"), ordered=call.function == "svyolr")
    fit, family = _fit(model, call)
    if asked.steps == "ours":
        return model, fit
    control = call.named.get("control")
    given = control.named.get("epsilon") if isinstance(control, Call) else None
    epsilon = number(given, R_EPSILON) if asked.steps == "as R stops" else None
    return model, refitted(model, fit, family, epsilon=epsilon, at=asked.at)


def _fit(model: Model, call: Call) -> tuple[models.Fit, str]:
    people = {"where": model.sample.where, "offset": model.offset}
    equation = model.sample.design, model.outcome, model.terms
    if call.function == "svyolr":
        method = str(call.named.get("method", "logistic"))
        link = {"logistic": "logit"}.get(method, method)
        return models.ordered_regression(*equation, link=link, **people), "ordered"
    family, link = _family(call.named.get("family"))
    if family == "gaussian":
        return models.linear(*equation, **people), family
    if family == "quasipoisson":
        return models.poisson_regression(*equation, **people), family
    return models.binary_regression(*equation, link=link, **people), family


def model_call(asked: Asked, node: Node) -> Call:
    """The call of a model that an argument is, or that R's script gave a name."""
    if isinstance(node, Name):
        node = parse(MODELS[node.text].format(design=asked.design))
    assert isinstance(node, Call)
    return node


def _family(node: Node) -> tuple[str, str]:
    if not isinstance(node, Call):
        return "gaussian", "identity"
    return node.function, str(argument(node, 0, "link", "logit"))


def _counted(model: Model, fit: models.Fit) -> float:
    """What R's dispersion of a calibrated sample is of ours: R gives people without an answer a weight of nil, and counts
    them."""
    return fit.n / float(model.sample.inside.sum()) if model.sample.design.adjustments else 1.0


def _head(model: Model, fit: models.Fit, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of the first people of the model: which they are, what is expected of them, and their working residuals."""
    people = np.flatnonzero(model.used)[:count]
    frame = model.sample.design.frame.iloc[people]
    block = fit.equation.block(frame, np.ones(len(frame)))
    mean = expected(fit, block.x, block.offset)
    if fit.thresholds:
        return people, mean, np.full(len(frame), np.nan)
    eta = block.offset + block.x @ fit.inner
    return people, mean, (block.y - mean[:, 0]) / fit.equation.likelihood.family.response(eta).slope
