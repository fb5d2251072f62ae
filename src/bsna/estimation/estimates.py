"""Shares, means, totals, ratios and differences, each with its linearised interval."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from bsna.estimation.design import SurveyDesign, Where
from bsna.estimation.rows import EmptyDomain, estimate_rows

Interval = Literal["logit", "beta", "mean"]
Estimator = Callable[[np.ndarray, int], dict[str, Any]]


def proportion(
    design: SurveyDesign,
    measure: str,
    *,
    where: Where = None,
    by: str | None = None,
    interval: Interval = "logit",
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of people for whom a 0/1 measure is 1.

    One estimate row per level of `by` in alphabetical order (one in all if None). Missing answers leave
    numerator and denominator; `n` counts those left, unweighted. `interval` is that of R's svyciprop:
    logit, beta (Korn and Graubard 1998) or mean (Wald). Raises EmptyDomain if nobody answered.
    """
    values = _numbers(design, measure)
    strange = set(np.unique(values[~np.isnan(values)])) - {0.0, 1.0}
    if strange:
        raise ValueError(f"{measure!r} is no 0/1 measure: it takes the values {sorted(strange)[:5]}")

    def estimate(inside: np.ndarray, people: int) -> dict[str, Any]:
        row = _mean_row(design, values, inside, level)
        low, high = share_interval(row, interval, level, people)
        yes = float(np.nansum(values[inside] == 1))
        return row | {"low": low, "high": high, "n_yes": yes, "unit": "share"}

    return _over_levels(design, estimate, ~np.isnan(values), measure, where, by)


def mean(
    design: SurveyDesign,
    measure: str,
    *,
    where: Where = None,
    by: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Mean of a number, with a t interval. Rows, missing answers and errors as in `proportion`."""
    values = _numbers(design, measure)

    def estimate(inside: np.ndarray, people: int) -> dict[str, Any]:
        return _mean_row(design, values, inside, level) | {"unit": "number"}

    return _over_levels(design, estimate, ~np.isnan(values), measure, where, by)


def total(
    design: SurveyDesign,
    measure: str,
    *,
    where: Where = None,
    by: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Weighted total of a number over the domain. Rows, missing answers and errors as in `proportion`."""
    values = _numbers(design, measure)

    def estimate(inside: np.ndarray, people: int) -> dict[str, Any]:
        scores = np.where(inside, design.weights * np.nan_to_num(values), 0.0)
        return _row(design, scores.sum(), scores, inside, level) | {"unit": "number"}

    return _over_levels(design, estimate, ~np.isnan(values), measure, where, by)


def ratio(
    design: SurveyDesign,
    numerator: str,
    denominator: str,
    *,
    where: Where = None,
    by: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Ratio of two totals among people who answered both. Rows and errors as in `proportion`.

    Raises ValueError if the denominator adds up to zero in a domain. Source: Lumley (2010), section 2.
    """
    top, bottom = _numbers(design, numerator), _numbers(design, denominator)
    answered = ~(np.isnan(top) | np.isnan(bottom))

    def estimate(inside: np.ndarray, people: int) -> dict[str, Any]:
        weights = np.where(inside, design.weights, 0.0)
        below = float(weights @ np.nan_to_num(bottom))
        if below == 0:
            raise ValueError(f"{denominator!r} adds up to zero in a domain of {people}")
        value = float(weights @ np.nan_to_num(top)) / below
        scores = weights * (np.nan_to_num(top) - value * np.nan_to_num(bottom)) / below
        return _row(design, value, scores, inside, level) | {"unit": "number"}

    return _over_levels(design, estimate, answered, f"{numerator}/{denominator}", where, by)


def difference(
    design: SurveyDesign, measure: str, other: str, *, where: Where = None, level: float = 0.95
) -> pd.DataFrame:
    """Mean of `measure` minus mean of `other` among people who answered both; one estimate row.

    The two are on the same people, so their covariance counts. Unit: points.
    """
    one, two = _numbers(design, measure), _numbers(design, other)
    gap = one - two

    def estimate(inside: np.ndarray, people: int) -> dict[str, Any]:
        return _mean_row(design, gap, inside, level) | {"unit": "points"}

    return _over_levels(design, estimate, ~np.isnan(gap), f"{measure}-{other}", where, None)


def distribution(
    design: SurveyDesign,
    question: str,
    levels: tuple[str, ...],
    *,
    where: Where = None,
    interval: Interval = "logit",
) -> pd.DataFrame:
    """Share of each answer to a question; one estimate row per level, in the order of `levels`.

    Missing answers are None in the column. Raises ValueError for an answer not among `levels`.
    """
    answers = design.column(question)
    if strange := sorted(set(answers.dropna()) - set(levels)):
        raise ValueError(f"{question!r} has the answers {strange}, expected {list(levels)}")
    tables = []
    for level in levels:
        picked = (answers == level).astype(float).mask(answers.isna())
        one = design.with_columns(_picked=picked)
        tables.append(proportion(one, "_picked", where=where, interval=interval).assign(category=level))
    return pd.concat(tables, ignore_index=True).assign(measure=question)


def share_interval(row: dict[str, Any], interval: Interval, level: float, rows_in_domain: int) -> tuple[float, float]:
    """Interval of a share that stays within 0 and 1 (except "mean"), from an estimate row.

    At a share of 0 or 1 the linearised error is zero; there the exact binomial limits are given for `n` people, as if
    the design effect was one, since an interval of no width would claim certainty. Both kinds of exact limits
    are widened for few clusters (Korn and Graubard 1998), and missing without degrees of freedom.
    """
    share, se, df = row["estimate"], row["se"], row["df"]
    tail = (1 - level) / 2
    if interval == "mean":
        reach = _t(1 - tail, df) * se
        return share - reach, share + reach
    if se < 1e-12 or interval == "beta":
        if not df > 0:
            return float("nan"), float("nan")
        size = row["n"] if se < 1e-12 else share * (1 - share) / se**2
        size *= (_t(tail, rows_in_domain - 1) / _t(tail, df)) ** 2
        yes, no = size * share, size * (1 - share)
        low = 0.0 if yes <= 0 else float(stats.beta.ppf(tail, yes, no + 1))
        high = 1.0 if no <= 0 else float(stats.beta.ppf(1 - tail, yes + 1, no))
        return low, high
    reach = _t(1 - tail, df) * se / (share * (1 - share))
    centre = np.log(share / (1 - share))
    return float(1 / (1 + np.exp(reach - centre))), float(1 / (1 + np.exp(-reach - centre)))


def _t(probability: float, df: float) -> float:
    return float(stats.t.ppf(probability, df)) if df > 0 else float("nan")


def _numbers(design: SurveyDesign, measure: str) -> np.ndarray:
    numbers = pd.to_numeric(design.column(measure)).to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(numbers).any():
        raise ValueError(
            f"{measure!r} is infinite in rows {[int(r) + 1 for r in np.flatnonzero(np.isinf(numbers))[:5]]}"
        )
    return numbers


def _mean_row(design: SurveyDesign, values: np.ndarray, inside: np.ndarray, level: float) -> dict[str, Any]:
    weights = np.where(inside, design.weights, 0.0)
    filled = np.where(inside, np.nan_to_num(values), 0.0)
    size = weights.sum()
    value = float(weights @ filled / size)
    scores = weights * (filled - value) / size
    row = _row(design, value, scores, inside, level)
    n = inside.sum()
    simple = float(weights @ (filled - value) ** 2 / size / max(n - 1, 1))
    row["deff"] = row["se"] ** 2 / simple if simple > 0 else float("nan")
    return row


def _row(design: SurveyDesign, value: float, scores: np.ndarray, inside: np.ndarray, level: float) -> dict[str, Any]:
    se = float(np.sqrt(design.variance(scores[:, None])[0, 0]))
    df = design.degrees_of_freedom(inside)
    reach = _t((1 + level) / 2, df) * se
    return {
        "estimate": value,
        "se": se,
        "low": value - reach,
        "high": value + reach,
        "df": df,
        "n": int(inside.sum()),
        "clusters": len(np.unique(design.psu_codes[inside])),
    }


def _over_levels(
    design: SurveyDesign,
    estimate: Estimator,
    answered: np.ndarray,
    measure: str,
    where: Where,
    by: str | None,
) -> pd.DataFrame:
    domain = design.select(where)
    if not (domain & answered).any():
        raise EmptyDomain(f"Nobody among {int(domain.sum())} respondents has an answer for {measure!r}")
    if by is None:
        return estimate_rows([{"measure": measure, **estimate(domain & answered, int(domain.sum()))}])
    groups = design.column(by)
    levels = (
        list(groups.cat.categories)
        if isinstance(groups.dtype, pd.CategoricalDtype)
        else sorted(groups.dropna().unique())
    )
    rows: list[dict[str, Any]] = []
    for level in levels:
        members = domain & (groups == level).to_numpy(dtype=bool, na_value=False)
        inside = members & answered
        found = estimate(inside, int(members.sum())) if inside.any() else {"n": 0, "clusters": 0}
        rows.append({"measure": measure, "by": by, "level": str(level), **found})
    return estimate_rows(rows)
