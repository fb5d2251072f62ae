"""From a design and an equation to a fitted model: coefficients by Newton's method, covariances from the design."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from bsna.estimation.regression.fits import Equation, Fit, offset_of
from bsna.estimation.regression.likelihoods import OnePredictor, Ordered
from bsna.estimation.regression.newton import Block, NoFit, Separation, inverse, maximised
from bsna.estimation.regression.outcomes import Kind, answers_of, outcome_values
from bsna.estimation.regression.scale import scale_of
from bsna.estimation.regression.terms import covariates, described, design_matrix, spelt_out
from bsna.estimation.sample.compress import Patterns
from bsna.estimation.sample.design import SurveyDesign, Where

Levels = Mapping[str, Sequence[str]]


def fitted(
    design: SurveyDesign,
    outcome: str,
    terms: Sequence[str],
    *,
    kind: Kind,
    likelihood: Callable[[int], OnePredictor | Ordered],
    where: Where,
    levels: Levels | None,
    offset: str | None,
) -> Fit:
    """Pseudo-likelihood of an outcome given terms; arguments as the doors in `models`.

    `likelihood` makes one for a number of answers (0 unless ordered). The sandwich is that of Binder (1983): the design's
    covariance of the totals of the scores, between inverses of the information; with replicate weights, the
    variance of the coefficients refitted under each.
    """
    spelt = spelt_out(terms)
    asked = dict.fromkeys([outcome, *covariates(spelt), *([offset] if offset else [])])
    patterns = design.patterns(tuple(asked), where=where)
    unit = _unit_weight(design, where, patterns, kind)
    try:
        equation, block, names = _prepared(patterns, outcome, spelt, kind, likelihood, levels or {}, offset, unit)
        return _fit(design, patterns, equation, block, names, unit)
    except Separation as found:
        raise NoFit(_separated(outcome, found.direction, names, equation.scale.thresholds)) from found
    except NoFit as found:
        raise NoFit(f"The model of {outcome!r} cannot be fitted. {found}") from found


def _prepared(
    patterns: Patterns,
    outcome: str,
    terms: Sequence[str],
    kind: Kind,
    likelihood: Callable[[int], OnePredictor | Ordered],
    levels: Levels,
    offset: str | None,
    unit: float,
) -> tuple[Equation, Block, tuple[str, ...]]:
    frame, weight = patterns.frame, patterns.weight / unit
    y, answers = outcome_values(frame[outcome], kind), answers_of(frame[outcome], kind)
    if y.min() == y.max():
        raise NoFit(f"{outcome!r} is {y[0]:g} for all {int(patterns.n.sum())} people")
    described_terms = described(frame, terms, levels)
    x, names = design_matrix(frame, described_terms)
    for name, column in zip(names, x.T, strict=True):
        if (infinite := ~np.isfinite(column)).any():
            raise ValueError(f"The covariate {name!r} is infinite for {int(patterns.n[infinite].sum())} people")
    scale = scale_of([(x, weight)], names, max(len(answers) - 1, 0))
    equation = Equation(outcome, kind, described_terms, offset, answers, likelihood(len(answers)), scale)
    return equation, Block(y, scale.applied(x), offset_of(frame, offset), weight), names


def _fit(
    design: SurveyDesign, patterns: Patterns, equation: Equation, block: Block, columns: tuple[str, ...], unit: float
) -> Fit:
    likelihood, thresholds, outward = equation.likelihood, equation.scale.thresholds, equation.scale.outward
    null = _null(likelihood, block)
    start = np.zeros(block.x.shape[1] + thresholds)
    start[block.x.shape[1] :] = null if thresholds else 0.0
    start[:1] = start[:1] if thresholds else null
    inner = maximised(likelihood, [block], start).beta
    summit = likelihood.summit(inner, block)
    bread = inverse(summit.information)
    drawn = None if patterns.replicates is None else _drawn(likelihood, block, inner, patterns.replicates / unit)
    if drawn is None:
        covariance = design.score_variance(patterns, summit.scores @ bread / unit)
    else:
        assert design.replicates is not None
        covariance = design.replicates.variance(drawn, inner)
    clusters, df = design.clusters_of(patterns)
    people = int(patterns.n.sum())
    return Fit(
        family="ordered" if isinstance(likelihood, Ordered) else likelihood.family.name,
        link=likelihood.link.name if isinstance(likelihood, Ordered) else likelihood.family.link,
        outcome=equation.outcome,
        answers=equation.answers,
        terms=equation.terms,
        names=_names(columns, equation.answers),
        coefficients=outward @ inner,
        covariance=outward @ covariance @ outward.T,
        working_covariance=outward @ bread @ outward.T,
        thresholds=thresholds,
        n=people,
        clusters=clusters,
        df=df - (len(inner) - max(thresholds, 1)),
        deviance=summit.deviance,
        null_deviance=likelihood.deviance(null, block._replace(x=block.x[:, : 0 if thresholds else 1])),
        dispersion=_dispersion(likelihood, inner, block, people, drawn is not None),
        patterns=patterns,
        equation=equation,
        inner=inner,
        inner_covariance=covariance,
        inner_drawn=drawn,
        unit_weight=unit,
    )


def _null(likelihood: OnePredictor | Ordered, block: Block) -> np.ndarray:
    """Parameters of the model without covariates: the intercept, or the thresholds."""
    share = block.weight / block.weight.sum()
    if isinstance(likelihood, Ordered):
        above = 1 - np.cumsum(np.bincount(block.y, share))[:-1]
        null = -likelihood.link.quantile(above)
    else:
        null = np.array([likelihood.family.start(float(share @ block.y))])
    if not block.offset.any():
        return null
    bare = block._replace(x=block.x[:, : 0 if isinstance(likelihood, Ordered) else 1])
    return maximised(likelihood, [bare], null).beta


def _drawn(likelihood: OnePredictor | Ordered, block: Block, start: np.ndarray, replicates: np.ndarray) -> np.ndarray:
    """Coefficients (R, p) under each set of replicate weights (R, D)."""
    drawn = np.empty((len(replicates), len(start)))
    for number, weight in enumerate(replicates):
        there = np.flatnonzero(weight)
        one = Block(block.y[there], block.x[there], block.offset[there], weight[there])
        try:
            drawn[number] = maximised(likelihood, [one], start).beta
        except NoFit as found:
            raise NoFit(f"Under replicate weights {number + 1} of {len(replicates)}: {found}") from found
    return drawn


def _dispersion(likelihood: OnePredictor | Ordered, beta: np.ndarray, block: Block, people: int, drawn: bool) -> float:
    """Variance of the Pearson residuals, or with replicate weights their mean square, as R's summary of a svyglm."""
    if isinstance(likelihood, Ordered):
        return float("nan")
    mean = likelihood.family.response(likelihood.eta(beta, block)).mean
    residual = (block.y - mean) / np.sqrt(likelihood.family.spread(mean))
    if drawn:
        return float(block.weight @ residual**2) / people
    centred = residual - block.weight @ residual / block.weight.sum()
    return float(block.weight @ centred**2) / max(people - 1, 1)


def _names(columns: tuple[str, ...], answers: tuple[str, ...]) -> tuple[str, ...]:
    if not answers:
        return ("(Intercept)", *columns)
    return (*columns, *(f"{low}|{high}" for low, high in pairwise(answers)))


def _unit_weight(design: SurveyDesign, where: Where, patterns: Patterns, kind: Kind) -> float:
    """The weight of one person in deviances. As in R: the mean of the domain, answered or not, for svyglm and for all
    replicate designs; the mean of the people of the model for svyolr."""
    if kind == "ordered" and patterns.replicates is None:
        return float(patterns.weight.sum() / patterns.n.sum())
    return design.mean_weight(where)


def _separated(outcome: str, direction: np.ndarray, columns: Sequence[str], thresholds: int) -> str:
    slopes = np.abs(direction[: len(columns)] if thresholds else direction[1:])
    named = [name for name, size in zip(columns, slopes, strict=True) if size > 1e-3 * slopes.max()]
    return (
        f"The model of {outcome!r} has no finite answer: {named} predict(s) it without fail, for some people or all "
        "(separation). Merge levels or drop the covariate."
    )
