"""Average marginal effects and predicted margins: what a model says in points rather than in log odds."""

from typing import Any

import numpy as np
import pandas as pd

from bsna.estimation.intervals import around
from bsna.estimation.regression.fits import Fit, offset_of
from bsna.estimation.regression.responses import average_slopes, averages, expected, matrix_at, slopes_of
from bsna.estimation.regression.terms import Term, columns_of, matrix
from bsna.estimation.rows import estimate_rows
from bsna.estimation.sample.design import SurveyDesign
from bsna.estimation.sample.linearised import Estimated

TOP_TWO = "top two"


def average_marginal_effects(fit: Fit, design: SurveyDesign, *, level: float = 0.95) -> pd.DataFrame:
    """Average difference in the chance of an answer, one term at a time, with delta-method intervals.

    One estimate row per term level (against the reference, averaged over the weighted people of the fit)
    or per numeric term (slope); `by` is the term. Interactions move with their covariates. For an ordered outcome there
    is one for each answer (`category` "0", "1", ...) and one for the two highest together. `n` and `clusters` are those of
    the fewer: people at the level, or at the reference; all of them for a slope. Unit: points, or those of a count or number.
    Associations only. The people are taken as they are: that others might have been drawn does not widen the interval.
    """
    frame, share = fit.patterns.frame, fit.patterns.weight / fit.patterns.weight.sum()
    columns, offset = columns_of(frame, fit.terms), offset_of(frame, fit.equation.offset)
    rows = []
    for term in fit.terms:
        if term.parts:
            continue
        if not term.levels:
            x = fit.equation.scale.applied(matrix(fit.terms, columns, len(frame)))
            found = average_slopes(fit, x, slopes_of(fit, columns, len(frame), term), offset, share)
            rows += _rows(fit, term.name, "", *found, (fit.n, fit.clusters), level)
        sides = {}
        for one in term.levels:
            x = matrix_at(fit, columns, len(frame), term, one)
            sides[one] = averages(fit, x, offset, share)
        for one in term.levels[1:]:
            effects, jacobian = (sides[one][part] - sides[term.levels[0]][part] for part in (0, 1))
            rows += _rows(fit, term.name, one, effects, jacobian, _fewest(fit, design, term, one), level)
    return estimate_rows(rows)


def predicted_margins(fit: Fit, design: SurveyDesign, term: str, *, level: float = 0.95) -> pd.DataFrame:
    """Mean outcome if everybody was at one level of a categorical term, all else as it is; as R's svypredmeans.

    One estimate row per level (and answer, for an ordered outcome). Errors as in `margins_estimated`.
    """
    found = margins_estimated(fit, design, term)
    levels = next(one.levels for one in fit.terms if one.name == term)
    cells = [(one, answer) for one in levels for answer in fit.answers or ("",)]
    rows = []
    for (one, answer), value, se in zip(cells, found.values, found.se, strict=True):
        low, high = around(float(value), float(se), fit.df, level)
        rows.append(
            {"measure": fit.outcome, "by": term, "level": one, "category": answer, "estimate": value, "se": se}
            | {
                "low": low,
                "high": high,
                "df": fit.df,
                "n": fit.n,
                "clusters": fit.clusters,
                "unit": _unit(fit, "share"),
            }
        )
    return estimate_rows(rows)


def margins_estimated(fit: Fit, design: SurveyDesign, term: str) -> Estimated:
    """The values of `predicted_margins`, levels by answers, with their covariance.

    It is that of the coefficients plus that of the mean over sampled people, taken as independent (Korn and Graubard
    1999); with replicate weights, that of the whole. Raises ValueError if the term is not in the model, or is a number.
    """
    chosen = next((one for one in fit.terms if one.name == term), None)
    if chosen is None or not chosen.levels:
        raise ValueError(
            f"{term!r} is no categorical term of the model; it has {[t.name for t in fit.terms if t.levels]}"
        )
    frame, weight, rows = fit.patterns.frame, fit.patterns.weight, len(fit.patterns.frame)
    columns, offset = columns_of(frame, fit.terms), offset_of(frame, fit.equation.offset)
    sides = [matrix_at(fit, columns, rows, chosen, one) for one in chosen.levels]
    people = np.column_stack([expected(fit, x, offset) for x in sides])
    values = weight @ people / weight.sum()
    if fit.inner_drawn is not None:
        assert design.replicates is not None and fit.patterns.replicates is not None
        drawn = [
            np.concatenate([w @ expected(fit, x, offset, inner) for x in sides]) / w.sum()
            for w, inner in zip(fit.patterns.replicates, fit.inner_drawn, strict=True)
        ]
        covariance = design.replicates.variance(np.array(drawn), values)
    else:
        jacobian = np.vstack([averages(fit, x, offset, weight / weight.sum())[1] for x in sides])
        sampled = design.score_variance(fit.patterns, (people - values) / weight.sum())
        covariance = jacobian @ fit.inner_covariance @ jacobian.T + sampled
    return Estimated(values, covariance, fit.n, fit.clusters, fit.df)


def _fewest(fit: Fit, design: SurveyDesign, term: Term, level: str) -> tuple[int, int]:
    """People and clusters behind an effect: those at its level, or at the reference where they are fewer."""
    members = [(fit.patterns.frame[term.name] == one).to_numpy(dtype=bool) for one in (level, term.levels[0])]
    return (
        min(int(fit.patterns.n[chosen].sum()) for chosen in members),
        min(design.clusters_of(fit.patterns, chosen)[0] for chosen in members),
    )


def _rows(
    fit: Fit, term: str, one: str, effects: np.ndarray, jacobian: np.ndarray, behind: tuple[int, int], level: float
) -> list[dict[str, Any]]:
    pick, labels = np.eye(len(effects)), list(fit.answers or ("",))
    if fit.answers:
        pick = np.vstack([pick, np.arange(len(effects)) >= len(effects) - 2])
        labels.append(TOP_TWO)
    values, covariance = pick @ effects, pick @ jacobian @ fit.inner_covariance @ jacobian.T @ pick.T
    base = {"measure": fit.outcome, "by": term, "level": one, "df": fit.df, "n": behind[0], "clusters": behind[1]}
    rows = []
    for label, value, variance in zip(labels, values, np.diag(covariance), strict=True):
        se = float(np.sqrt(max(variance, 0.0)))
        low, high = around(float(value), se, fit.df, level)
        found = {"category": label, "estimate": float(value), "se": se, "low": low, "high": high}
        rows.append(base | found | {"unit": _unit(fit, "points")})
    return rows


def _unit(fit: Fit, of_a_chance: str) -> str:
    return of_a_chance if fit.family in ("binomial", "ordered") else "number"
