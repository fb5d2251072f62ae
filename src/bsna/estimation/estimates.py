"""Shares, means, totals, ratios and differences, each with its interval."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from bsna.estimation.intervals import Interval, around, log_odds_se, share_interval
from bsna.estimation.rows import estimate_rows
from bsna.estimation.sample.compress import Sums
from bsna.estimation.sample.design import SurveyDesign, Where
from bsna.estimation.sample.linearised import Estimated, Value, estimated


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
    numerator and denominator; `n` counts those left, unweighted. `interval` is one of R's svyciprop: see `share_interval`.
    Raises EmptyDomain if nobody answered.
    """
    return estimate_rows(_shares(design, measure, where, by, interval, level))


def proportions(
    design: SurveyDesign, measures: Iterable[str], *, interval: Interval = "logit", level: float = 0.95
) -> pd.DataFrame:
    """`proportion` of several measures, one row each in their order; sooner than one by one."""
    return estimate_rows([row for measure in measures for row in _shares(design, measure, None, None, interval, level)])


def _shares(
    design: SurveyDesign, measure: str, where: Where, by: str | None, interval: Interval, level: float
) -> list[dict[str, Any]]:
    if strange := [value for value in design.levels(measure) if value not in (0, 1)]:
        raise ValueError(f"{measure!r} is no 0/1 measure: it takes the values {strange[:5]}")
    sums = design.sums(((), (measure,)), by=_names(by), where=where)
    rows = []
    for at, row in _levels(sums, measure, by):
        if row["n"]:
            found = estimated(design, sums, quotient(0, 1), quotient_slope(sums.whole[:, at], 0, 1), level=at)
            row |= _row(found, level) | {"n_yes": sums.plain[1, at], "unit": "share"}
            row["deff"] = _design_effect(found, row["estimate"] * (1 - row["estimate"]))
            odds = _log_odds_se(design, sums, at, quotient(0, 1))
            row["low"], row["high"] = share_interval(row, interval, level, int(sums.asked[at]), log_odds_se=odds)
        rows.append(row)
    return rows


def mean(
    design: SurveyDesign,
    measure: str,
    *,
    where: Where = None,
    by: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Mean of a number, with a t interval. Rows, missing answers and errors as in `proportion`."""
    return estimate_rows(_means(design, measure, where, by, level))


def _means(design: SurveyDesign, measure: str, where: Where, by: str | None, level: float) -> list[dict[str, Any]]:
    middle = design.middle(measure)
    sums = design.sums(((), (measure,), (measure, measure)), by=_names(by), where=where, shifts={measure: middle})
    rows = []
    for at, row in _levels(sums, measure, by):
        if row["n"]:
            size, first, second = sums.whole[:, at]
            found = estimated(design, sums, quotient(0, 1), quotient_slope(sums.whole[:, at], 0, 1), level=at)
            row |= _row(found, level, middle) | {"unit": "number"}
            row["deff"] = _design_effect(found, float(second / size - (first / size) ** 2))
        rows.append(row)
    return rows


def total(
    design: SurveyDesign,
    measure: str,
    *,
    where: Where = None,
    by: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Weighted total of a number over the domain. Rows, missing answers and errors as in `proportion`."""
    sums = design.sums(((measure,), (), (measure, measure)), by=_names(by), where=where)
    rows = []
    for at, row in _levels(sums, measure, by):
        if row["n"]:
            first, size, second = sums.whole[:, at]
            found = estimated(design, sums, lambda s: s[..., :1], np.eye(3, 1), level=at)
            row |= _row(found, level) | {"unit": "number"}
            row["deff"] = _design_effect(found, float(second * size - first**2))
        rows.append(row)
    return estimate_rows(rows)


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
    sums = design.sums(((denominator,), (numerator,)), by=_names(by), where=where)
    rows = []
    for at, row in _levels(sums, f"{numerator}/{denominator}", by):
        if row["n"]:
            if sums.whole[0, at] == 0:
                raise ValueError(f"{denominator!r} adds up to zero in a domain of {row['n']}")
            found = estimated(design, sums, quotient(0, 1), quotient_slope(sums.whole[:, at], 0, 1), level=at)
            row |= _row(found, level) | {"unit": "number"}
        rows.append(row)
    return estimate_rows(rows)


def difference(
    design: SurveyDesign, measure: str, other: str, *, where: Where = None, level: float = 0.95
) -> pd.DataFrame:
    """Mean of `measure` minus mean of `other` among people who answered both; one estimate row.

    The two are on the same people, so their covariance counts. Unit: points.
    """
    return differences(design, [(measure, other)], where=where, level=level)


def differences(
    design: SurveyDesign, pairs: Iterable[tuple[str, str]], *, where: Where = None, level: float = 0.95
) -> pd.DataFrame:
    """`difference` of several pairs of measures, one row each in their order; sooner than one by one."""
    wanted, gaps = list(pairs), {}
    for measure, other in wanted:
        for name in (measure, other):
            design.middle(name)  # refuses an infinite number, which less another would pass for a missing one
        gaps[f"{measure}-{other}"] = design.numbers(measure) - design.numbers(other)
    widened = design.with_columns(**gaps)
    rows = [row for one, other in wanted for row in _means(widened, f"{one}-{other}", where, None, level)]
    return estimate_rows([row | {"unit": "points"} for row in rows])


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
    if strange := [value for value in design.levels(question) if value not in levels]:
        raise ValueError(f"{question!r} has the answers {strange}, expected {list(levels)}")
    sums = design.sums(((),), by=(question,), where=where)
    found = shares_of_levels(design, sums)
    people = int(sums.asked.sum())
    at = {chosen[0]: number for number, chosen in enumerate(sums.levels)}
    rows = []
    for answer in levels:
        row = {"measure": question, "category": answer, "estimate": 0.0, "se": 0.0, "n_yes": 0, "unit": "share"}
        row |= {"n": found.n, "clusters": found.clusters, "df": found.df}
        odds = None
        if answer in at:
            k = at[answer]
            share = float(found.values[k])
            row |= {"estimate": share, "se": float(found.se[k]), "n_yes": int(sums.n[k])}
            row["deff"] = _design_effect(found, share * (1 - share), k)
            odds = _log_odds_se(design, sums, slice(None), _share_of_level(k))
        row["low"], row["high"] = share_interval(row, interval, 0.95, people, log_odds_se=odds)
        rows.append(row)
    return estimate_rows(rows)


def shares_of_levels(design: SurveyDesign, sums: Sums) -> Estimated:
    """Share of each level of sums of weights (L,), estimated together, with their covariance."""
    size = sums.whole.sum()
    shares = sums.whole[0] / size
    slope = (np.eye(len(shares)) - shares) / size
    return estimated(design, sums, lambda s: s / s.sum(axis=-1, keepdims=True), slope)


def quotient(bottom: int, top: int) -> Value:
    """The sum at position `top` over that at position `bottom`."""
    return lambda sums: sums[..., [top]] / sums[..., [bottom]]


def quotient_slope(sums: np.ndarray, bottom: int, top: int) -> np.ndarray:
    """Derivative of `quotient` at sums (P,), shape (P, 1)."""
    slope = np.zeros((len(sums), 1))
    slope[top], slope[bottom] = 1 / sums[bottom], -sums[top] / sums[bottom] ** 2
    return slope


def _log_odds_se(design: SurveyDesign, sums: Sums, at: int | slice, share: Value) -> float | None:
    if sums.replicates is None or design.replicates is None:
        return None
    drawn = share(sums.replicates[:, :, at].reshape(len(sums.replicates), -1))[:, 0]
    return log_odds_se(design.replicates, drawn, float(share(sums.whole[:, at].reshape(-1))[0]))


def _share_of_level(level: int) -> Value:
    return lambda sums: sums[..., [level]] / sums.sum(axis=-1, keepdims=True)


def _names(by: str | None) -> tuple[str, ...]:
    return () if by is None else (by,)


def _levels(sums: Sums, measure: str, by: str | None) -> Iterator[tuple[int, dict[str, Any]]]:
    for at, level in enumerate(sums.levels):
        head = {"measure": measure} if by is None else {"measure": measure, "by": by, "level": str(level[0])}
        yield at, head | {"n": int(sums.n[at]), "clusters": int(sums.clusters[:, at].sum())}


def _row(found: Estimated, level: float, middle: float = 0.0) -> dict[str, Any]:
    value, se = float(found.values[0]) + middle, float(found.se[0])
    low, high = around(value, se, found.df, level)
    return {"estimate": value, "se": se, "low": low, "high": high, "df": found.df}


def _design_effect(found: Estimated, spread: float, at: int = 0) -> float:
    """Variance over that of a simple random sample of as many people, drawn with replacement. Source: Kish (1965)."""
    simple = spread / max(found.n - 1, 1)
    return float(found.covariance[at, at]) / simple if simple > 0 else float("nan")
