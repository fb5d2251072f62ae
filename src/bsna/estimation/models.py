"""Binary and ordered logit for survey data: pseudo-likelihood, with linearised covariances."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from bsna.estimation.design import SurveyDesign, Where
from bsna.estimation.rows import EmptyDomain

MAX_STEPS = 100
TOLERANCE = 1e-11


class NoFit(ValueError):
    """These answers allow no model: an outcome that does not vary, collinear covariates, or separation."""


@dataclass(frozen=True)
class Term:
    """One covariate. `levels` are those of a categorical one, the first being the reference; () if it is
    a number."""

    name: str
    levels: tuple[str, ...]


@dataclass(frozen=True)
class Fit:
    """A fitted model. `coefficients` (p,) are on the log-odds scale; for an ordered outcome with k levels the
    last k - 1 are thresholds. `covariance` is (p, p). `used` marks the rows of the design that entered."""

    family: str
    outcome: str
    terms: tuple[Term, ...]
    names: tuple[str, ...]
    coefficients: np.ndarray
    covariance: np.ndarray
    thresholds: int
    n: int
    clusters: int
    df: float
    used: np.ndarray

    def table(self) -> pd.DataFrame:
        """One row per coefficient: name, estimate, se, low, high (95%), p_value; log odds."""
        se = np.sqrt(np.diag(self.covariance))
        reach = stats.t.ppf(0.975, self.df) * se
        return pd.DataFrame(
            {
                "name": list(self.names),
                "estimate": self.coefficients,
                "se": se,
                "low": self.coefficients - reach,
                "high": self.coefficients + reach,
                "p_value": 2 * stats.t.sf(np.abs(self.coefficients / se), self.df),
            }
        )


def binary_logit(
    design: SurveyDesign,
    outcome: str,
    terms: Sequence[str],
    *,
    where: Where = None,
    levels: Mapping[str, Sequence[str]] | None = None,
) -> Fit:
    """Logit of a 0/1 outcome, as R's svyglm with quasibinomial family.

    People with a missing value in any column are outside. Raises EmptyDomain; NoFit if the outcome does not vary,
    covariates are collinear, or the fit does not converge (separation); ValueError for an outcome or a covariate
    that is no number where one is needed.
    """
    y, x, used, described, names = _prepare(design, outcome, terms, where, levels)
    x = np.column_stack([np.ones(len(x)), x])
    _check_outcome(y, outcome, 2)
    _check_rank(x, outcome, ("(Intercept)", *names))
    weights = design.weights[used] / design.weights[used].mean()
    beta = np.zeros(x.shape[1])
    for _ in range(MAX_STEPS):
        chance = 1 / (1 + np.exp(-x @ beta))
        score = x * (weights * (y - chance))[:, None]
        hessian = (x * (weights * chance * (1 - chance))[:, None]).T @ x
        step = _solve(hessian, score.sum(axis=0), outcome)
        beta = beta + step
        if np.max(np.abs(step)) < TOLERANCE * (1 + np.max(np.abs(beta))):
            chance = 1 / (1 + np.exp(-x @ beta))
            score = x * (weights * (y - chance))[:, None]
            hessian = (x * (weights * chance * (1 - chance))[:, None]).T @ x
            return _fit(design, "binary", outcome, described, ("(Intercept)", *names), beta, score, hessian, used, 0)
        _check_separation(beta, x, outcome)
    raise NoFit(f"The model of {outcome!r} did not converge in {MAX_STEPS} steps")


def ordered_logit(
    design: SurveyDesign,
    outcome: str,
    terms: Sequence[str],
    *,
    where: Where = None,
    levels: Mapping[str, Sequence[str]] | None = None,
) -> Fit:
    """Proportional-odds logit of an outcome scored 0, 1, 2, ..., as R's svyolr.

    A positive coefficient goes with higher answers. People outside, and errors, as in `binary_logit`;
    a level that nobody chose is an error.
    """
    y, x, used, described, names = _prepare(design, outcome, terms, where, levels)
    count = int(y.max()) + 1
    _check_outcome(y, outcome, count)
    _check_rank(np.column_stack([np.ones(len(x)), x]), outcome, ("threshold", *names))
    weights = design.weights[used] / design.weights[used].mean()
    below = np.array([weights[y <= k].sum() for k in range(count - 1)]) / weights.sum()
    beta = np.concatenate([np.zeros(x.shape[1]), np.log(below / (1 - below))])
    labels = tuple(names) + tuple(f"{k}|{k + 1}" for k in range(count - 1))
    value, score, hessian = _ordered_parts(beta, y, x, weights, count)
    for _ in range(MAX_STEPS):
        step = _solve(hessian, score.sum(axis=0), outcome)
        beta, (value, score, hessian) = _ordered_step(beta, step, value, y, x, weights, count)
        if np.max(np.abs(step)) < TOLERANCE * (1 + np.max(np.abs(beta))):
            return _fit(design, "ordered", outcome, described, labels, beta, score, hessian, used, count - 1)
        _check_separation(beta[: x.shape[1]], x, outcome)
    raise NoFit(f"The model of {outcome!r} did not converge in {MAX_STEPS} steps")


def _ordered_step(
    beta: np.ndarray,
    step: np.ndarray,
    value: float,
    y: np.ndarray,
    x: np.ndarray,
    weights: np.ndarray,
    count: int,
) -> tuple[np.ndarray, tuple[float, np.ndarray, np.ndarray]]:
    """Newton step, halved until the likelihood does not fall and thresholds stay in order."""
    for halving in range(40):
        trial = beta + step / 2**halving
        if np.all(np.diff(trial[x.shape[1] :]) > 0):
            parts = _ordered_parts(trial, y, x, weights, count)
            if parts[0] >= value - 1e-9 * abs(value):
                return trial, parts
    return beta, _ordered_parts(beta, y, x, weights, count)


def _ordered_parts(
    beta: np.ndarray, y: np.ndarray, x: np.ndarray, weights: np.ndarray, count: int
) -> tuple[float, np.ndarray, np.ndarray]:
    """Log likelihood, scores (n, p) and negative Hessian (p, p). Source: McCullagh (1980)."""
    p = x.shape[1]
    cuts = np.concatenate([[-np.inf], beta[p:], [np.inf]])
    linear = x @ beta[:p]
    upper, lower = (_logistic(cuts[y + shift] - linear) for shift in (1, 0))
    chance = upper[0] - lower[0]
    up, down = upper[1] / chance, lower[1] / chance
    ends = np.eye(count + 1)[:, 1:count]
    design_up = np.column_stack([-x, ends[y + 1]])
    design_down = np.column_stack([-x, ends[y]])
    score = weights[:, None] * (up[:, None] * design_up - down[:, None] * design_down)
    slope_up, slope_down = (side[1] * (1 - 2 * side[0]) / chance for side in (upper, lower))
    cross = (design_up * (weights * up * down)[:, None]).T @ design_down
    hessian = -(
        (design_up * (weights * (slope_up - up**2))[:, None]).T @ design_up
        - (design_down * (weights * (slope_down + down**2))[:, None]).T @ design_down
        + cross
        + cross.T
    )
    return float(weights @ np.log(chance)), score, hessian


def _logistic(value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(over="ignore"):
        share = 1 / (1 + np.exp(-value))
    return share, share * (1 - share)


def design_matrix(frame: pd.DataFrame, terms: Sequence[Term]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Columns of a model without intercept, shape (n, p), and their names; first levels are left out."""
    columns, names = [], []
    for term in terms:
        if not term.levels:
            numbers = pd.to_numeric(frame[term.name]).to_numpy(dtype=float, na_value=np.nan)
            if np.isinf(numbers).any():
                raise ValueError(f"The covariate {term.name!r} is infinite for {int(np.isinf(numbers).sum())} people")
            columns.append(numbers)
            names.append(term.name)
        for level in term.levels[1:]:
            columns.append((frame[term.name] == level).to_numpy(dtype=float, na_value=0.0))
            names.append(f"{term.name}={level}")
    return np.column_stack(columns) if columns else np.zeros((len(frame), 0)), tuple(names)


def _prepare(
    design: SurveyDesign,
    outcome: str,
    terms: Sequence[str],
    where: Where,
    levels: Mapping[str, Sequence[str]] | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[Term, ...], tuple[str, ...]]:
    complete = design.column(outcome).notna()
    for name in terms:
        complete &= design.column(name).notna()
    used = design.select(where) & complete.to_numpy()
    if not used.any():
        raise EmptyDomain(f"Nobody has answers for {outcome!r} and all of {list(terms)}")
    frame = design.frame[used]
    described = tuple(_describe(frame[name], (levels or {}).get(name)) for name in terms)
    x, names = design_matrix(frame, described)
    return _scores(frame[outcome]), x, used, described, names


def _scores(outcome: pd.Series) -> np.ndarray:
    """Answers as 0, 1, 2, ...; anything else would be cut to a whole number without a word."""
    numbers = pd.to_numeric(outcome).to_numpy(dtype=float)
    whole = np.isfinite(numbers) & (numbers == np.floor(numbers)) & (numbers >= 0)
    if not whole.all():
        raise ValueError(f"{outcome.name!r} is scored 0, 1, 2, ...; it holds {sorted(set(numbers[~whole]))[:5]}")
    return numbers.astype(int)


def _describe(column: pd.Series, levels: Sequence[str] | None) -> Term:
    if pd.api.types.is_numeric_dtype(column) and levels is None:
        return Term(str(column.name), ())
    found = set(column)
    ordered = levels or (column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else sorted(found))
    if strange := found - set(ordered):
        raise ValueError(f"{column.name!r} has the levels {sorted(strange)}, expected {list(ordered)}")
    return Term(str(column.name), tuple(level for level in ordered if level in found))


def _check_outcome(y: np.ndarray, outcome: str, count: int) -> None:
    counts = np.bincount(y, minlength=count)
    if count < 2 or len(counts) > count or (counts == 0).any():
        raise NoFit(f"{outcome!r} needs people at each level; it has {counts.tolist()}")


def _check_rank(x: np.ndarray, outcome: str, names: Sequence[str]) -> None:
    rank = np.linalg.matrix_rank(x)
    if rank < x.shape[1]:
        raise NoFit(f"The covariates of {outcome!r} are collinear: {x.shape[1]} columns, rank {rank}: {list(names)}")


def _check_separation(beta: np.ndarray, x: np.ndarray, outcome: str) -> None:
    """Log odds that differ by more than 30 over the range of a covariate, whatever its unit, run off to infinity."""
    if len(beta) and np.max(np.abs(beta) * np.ptp(x, axis=0)) > 30:
        raise NoFit(
            f"The model of {outcome!r} has no finite answer: a covariate predicts it without fail "
            "(separation). Merge levels or drop the covariate."
        )


def _solve(hessian: np.ndarray, gradient: np.ndarray, outcome: str) -> np.ndarray:
    try:
        return np.linalg.solve(hessian, gradient)
    except np.linalg.LinAlgError as error:
        raise NoFit(f"The model of {outcome!r} is singular: separation or collinear terms") from error


def _fit(
    design: SurveyDesign,
    family: str,
    outcome: str,
    terms: tuple[Term, ...],
    names: tuple[str, ...],
    beta: np.ndarray,
    score: np.ndarray,
    hessian: np.ndarray,
    used: np.ndarray,
    thresholds: int,
) -> Fit:
    scores = np.zeros((len(design.frame), len(beta)))
    scores[used] = score @ np.linalg.inv(hessian)
    return Fit(
        family=family,
        outcome=outcome,
        terms=terms,
        names=names,
        coefficients=beta,
        covariance=design.variance(scores),
        thresholds=thresholds,
        n=int(used.sum()),
        clusters=len(np.unique(design.psu_codes[used])),
        df=design.degrees_of_freedom(used) - (len(beta) - max(thresholds, 1)),
        used=used,
    )
