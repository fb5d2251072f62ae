"""Average marginal effects: what a coefficient means in percentage points."""

import numpy as np
import pandas as pd
from scipy import stats

from bsna.estimation.design import SurveyDesign
from bsna.estimation.models import Fit, Term, design_matrix
from bsna.estimation.rows import estimate_rows

TOP_TWO = "top two"


def average_marginal_effects(fit: Fit, design: SurveyDesign) -> pd.DataFrame:
    """Average difference in the chance of an answer, one term at a time, with delta-method intervals.

    One estimate row per term level (against the reference, averaged over the weighted people of the fit)
    or per numeric term (slope); `by` is the term. For an ordered outcome there is one for each answer
    (`category` "0", "1", ...) and one for the two highest together. `n` and `clusters` are those of the fewer: people
    at the level, or at the reference; all of them for a slope. Unit: points. Associations only.
    """
    frame = design.frame.loc[fit.used, [term.name for term in fit.terms]]
    weights = design.weights[fit.used] / design.weights[fit.used].sum()
    rows = []
    for term in fit.terms:
        for level in term.levels[1:] or ("",):
            effects, jacobian = _effect(fit, frame, weights, term, level)
            covariance = jacobian @ fit.covariance @ jacobian.T
            rows += _rows(fit, term.name, level, effects, covariance, _fewest(design, fit, frame, term, level))
    return estimate_rows(rows)


def _fewest(design: SurveyDesign, fit: Fit, frame: pd.DataFrame, term: Term, level: str) -> tuple[int, int]:
    """People and clusters behind an effect: those at its level, or at the reference where they are fewer."""
    if not level:
        return fit.n, fit.clusters
    codes = design.psu_codes[fit.used]
    members = [(frame[term.name] == one).to_numpy() for one in (level, term.levels[0])]
    return min(int(m.sum()) for m in members), min(len(np.unique(codes[m])) for m in members)


def _rows(
    fit: Fit, term: str, level: str, effects: np.ndarray, covariance: np.ndarray, behind: tuple[int, int]
) -> list[dict[str, object]]:
    pick = np.eye(len(effects))
    labels = [str(k) for k in range(len(effects))]
    if fit.family == "ordered":
        pick = np.vstack([pick, (np.arange(len(effects)) >= len(effects) - 2).astype(float)])
        labels.append(TOP_TWO)
    else:
        labels = [""]
    reach = stats.t.ppf(0.975, fit.df)
    rows: list[dict[str, object]] = []
    for label, weights in zip(labels, pick, strict=True):
        value, se = float(weights @ effects), float(np.sqrt(max(weights @ covariance @ weights, 0.0)))
        rows.append(
            {
                "measure": fit.outcome,
                "by": term,
                "level": level,
                "category": label,
                "estimate": value,
                "se": se,
                "low": value - reach * se,
                "high": value + reach * se,
                "df": fit.df,
                "n": behind[0],
                "clusters": behind[1],
                "unit": "points",
            }
        )
    return rows


def _effect(
    fit: Fit, frame: pd.DataFrame, weights: np.ndarray, term: Term, level: str
) -> tuple[np.ndarray, np.ndarray]:
    if level:
        after, before = (_average(fit, _set(frame, term, value), weights) for value in (level, term.levels[0]))
        return after[0] - before[0], after[1] - before[1]
    width = 1e-5 * max(float(frame[term.name].std()), 1e-8)
    after, before = (
        _average(fit, frame.assign(**{term.name: frame[term.name] + shift}), weights) for shift in (width, -width)
    )
    return (after[0] - before[0]) / (2 * width), (after[1] - before[1]) / (2 * width)


def _set(frame: pd.DataFrame, term: Term, level: str) -> pd.DataFrame:
    return frame.assign(**{term.name: pd.Series(level, index=frame.index, dtype=object)})


def _average(fit: Fit, frame: pd.DataFrame, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Average chance of each answer (one for a binary outcome) and its Jacobian in the coefficients."""
    x, _ = design_matrix(frame, fit.terms)
    if fit.family == "binary":
        x = np.column_stack([np.ones(len(x)), x])
        chance = 1 / (1 + np.exp(-x @ fit.coefficients))
        return np.array([weights @ chance]), ((weights * chance * (1 - chance)) @ x)[None, :]
    p = x.shape[1]
    cuts, linear = fit.coefficients[p:], x @ fit.coefficients[:p]
    below = 1 / (1 + np.exp(-(cuts[None, :] - linear[:, None])))
    slope = weights[:, None] * below * (1 - below)
    cumulative = np.concatenate([[0.0], weights @ below, [1.0]])
    jacobian = np.zeros((len(cuts) + 2, len(fit.coefficients)))
    jacobian[1:-1, :p] = -(slope.T @ x)
    jacobian[1:-1, p:] = np.diag(slope.sum(axis=0))
    return np.diff(cumulative), np.diff(jacobian, axis=0)
