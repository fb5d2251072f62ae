"""Regressions for survey data: numbers, yes and no, ordered answers and counts, with the design's covariances.

Terms are columns: numbers, categories (the first of `levels` is the reference), "a:b" for an interaction and "a*b" for both
with their interaction; other functions of a number are columns the caller adds. `offset` names a column that enters
with a coefficient of one. People with a missing value in any column are outside.

All raise EmptyDomain if nobody is left; NoFit if the outcome does not vary, columns are collinear, covariates predict the
outcome (separation) or the fit does not converge; ValueError for an outcome of another kind, an infinite covariate, or a
value that is not among the `levels` given.
"""

from collections.abc import Sequence

from bsna.estimation.regression.families import binomial, gaussian, poisson
from bsna.estimation.regression.fits import Fit
from bsna.estimation.regression.fitting import Levels, fitted
from bsna.estimation.regression.likelihoods import OnePredictor, Ordered
from bsna.estimation.regression.links import LinkName, link_named
from bsna.estimation.regression.newton import NoFit
from bsna.estimation.regression.terms import Term
from bsna.estimation.sample.design import SurveyDesign, Where

__all__ = [
    "Fit",
    "NoFit",
    "Term",
    "binary_logit",
    "binary_probit",
    "binary_regression",
    "linear",
    "ordered_logit",
    "ordered_probit",
    "ordered_regression",
    "poisson_regression",
]


def linear(
    design: SurveyDesign,
    outcome: str,
    terms: Sequence[str],
    *,
    where: Where = None,
    levels: Levels | None = None,
    offset: str | None = None,
) -> Fit:
    """Weighted least squares of a number, as R's svyglm with gaussian family."""
    one = OnePredictor(gaussian())
    return fitted(
        design, outcome, terms, kind="number", likelihood=lambda _: one, where=where, levels=levels, offset=offset
    )


def poisson_regression(
    design: SurveyDesign,
    outcome: str,
    terms: Sequence[str],
    *,
    where: Where = None,
    levels: Levels | None = None,
    offset: str | None = None,
) -> Fit:
    """Log-linear model of a count of 0 or more, as R's svyglm with poisson or quasipoisson family, which agree."""
    one = OnePredictor(poisson())
    return fitted(
        design, outcome, terms, kind="count", likelihood=lambda _: one, where=where, levels=levels, offset=offset
    )


def binary_logit(
    design: SurveyDesign,
    outcome: str,
    terms: Sequence[str],
    *,
    where: Where = None,
    levels: Levels | None = None,
    offset: str | None = None,
) -> Fit:
    """Logit of a 0/1 outcome, as R's svyglm with binomial or quasibinomial family, which agree."""
    return binary_regression(design, outcome, terms, link="logit", where=where, levels=levels, offset=offset)


def binary_probit(
    design: SurveyDesign,
    outcome: str,
    terms: Sequence[str],
    *,
    where: Where = None,
    levels: Levels | None = None,
    offset: str | None = None,
) -> Fit:
    """Probit of a 0/1 outcome, as `binary_logit`."""
    return binary_regression(design, outcome, terms, link="probit", where=where, levels=levels, offset=offset)


def binary_regression(
    design: SurveyDesign,
    outcome: str,
    terms: Sequence[str],
    *,
    link: LinkName,
    where: Where = None,
    levels: Levels | None = None,
    offset: str | None = None,
) -> Fit:
    """Model of a 0/1 outcome under any of the links in `links`; ValueError for another."""
    one = OnePredictor(binomial(link_named(link)))
    return fitted(
        design, outcome, terms, kind="binary", likelihood=lambda _: one, where=where, levels=levels, offset=offset
    )


def ordered_logit(
    design: SurveyDesign,
    outcome: str,
    terms: Sequence[str],
    *,
    where: Where = None,
    levels: Levels | None = None,
    offset: str | None = None,
) -> Fit:
    """Proportional-odds logit of an outcome scored 0, 1, 2, ... or an ordered categorical, as R's svyolr.

    A positive coefficient goes with higher answers. An answer that nobody gave is an error.
    """
    return ordered_regression(design, outcome, terms, link="logit", where=where, levels=levels, offset=offset)


def ordered_probit(
    design: SurveyDesign,
    outcome: str,
    terms: Sequence[str],
    *,
    where: Where = None,
    levels: Levels | None = None,
    offset: str | None = None,
) -> Fit:
    """Probit of an ordered outcome, as `ordered_logit`."""
    return ordered_regression(design, outcome, terms, link="probit", where=where, levels=levels, offset=offset)


def ordered_regression(
    design: SurveyDesign,
    outcome: str,
    terms: Sequence[str],
    *,
    link: LinkName,
    where: Where = None,
    levels: Levels | None = None,
    offset: str | None = None,
) -> Fit:
    """Model of an ordered outcome, as `ordered_logit`, under any of the links in `links`; ValueError for another."""
    chosen = link_named(link)
    return fitted(
        design,
        outcome,
        terms,
        kind="ordered",
        likelihood=lambda count: Ordered(chosen, count),
        where=where,
        levels=levels,
        offset=offset,
    )
