"""Confidence intervals: about a number by Student's t, and of a share within 0 and 1."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from scipy import special

from bsna.estimation.sample.replicates import Replicates

Interval: TypeAlias = Literal["logit", "xlogit", "beta", "wilson", "asin", "mean"]


def share_interval(
    row: Mapping[str, Any], interval: Interval, level: float, rows_in_domain: int, *, log_odds_se: float | None = None
) -> tuple[float, float]:
    """Interval of a share from its estimate, se, df and n; within 0 and 1, except for "mean".

    logit: t interval of the log odds, with `log_odds_se` where replicates give it (see `log_odds_se`). xlogit: the same
    from `se` alone; the two are one without replicates. beta: exact limits for the effective sample size (Korn and
    Graubard 1998). wilson: score limits for the effective sample size. asin: t interval of the arc sine of the root,
    cut at 0 and 1 (R folds it back there). mean: Wald. At a share of 0 or 1 the linearised error is zero; there
    the exact binomial limits are given for `n` people, as if the design effect was one, since an interval of no
    width would claim certainty. Both kinds of exact limits are widened for few clusters, and missing without
    degrees of freedom. `rows_in_domain` counts the people asked, answered or not. Raises ValueError for another name.
    """
    if interval not in get_args(Interval):
        raise ValueError(f"Intervals of a share are {get_args(Interval)}; {interval!r} is none of them")
    share, se, df = float(row["estimate"]), float(row["se"]), float(row["df"])
    if interval == "mean":
        return around(share, se, df, level)
    tail = (1 - level) / 2
    if se < 1e-12 or interval == "beta":
        return _exact(row, tail, rows_in_domain)
    if interval == "wilson":
        return _wilson(share, se, df, level)
    if interval == "asin":
        low, high = around(np.arcsin(np.sqrt(share)), se / (2 * np.sqrt(share * (1 - share))), df, level)
        return float(np.sin(np.maximum(low, 0)) ** 2), float(np.sin(np.minimum(high, np.pi / 2)) ** 2)
    error = se / (share * (1 - share)) if interval == "xlogit" or log_odds_se is None else log_odds_se
    low, high = around(np.log(share / (1 - share)), error, df, level)
    return float(special.expit(low)), float(special.expit(high))


def log_odds_se(replicates: Replicates, drawn: np.ndarray, share: float) -> float | None:
    """Standard error of the log odds of a share, from the shares under each replicate (R,).

    None where the share or that of a replicate is 0 or 1, which has no log odds; the interval then rests on the
    standard error of the share. R takes such odds for very small numbers and returns the whole line.
    """
    if not ((drawn > 0) & (drawn < 1)).all() or not 0 < share < 1:
        return None
    centre = np.array([special.logit(share)])
    return float(np.sqrt(replicates.variance(special.logit(drawn)[:, None], centre)[0, 0]))


def around(value: float, se: float, df: float, level: float) -> tuple[float, float]:
    """Interval of `level` about a value by Student's t with `df` degrees of freedom; missing without any."""
    reach = t_quantile((1 + level) / 2, df) * se
    return value - reach, value + reach


def t_quantile(probability: float, df: float) -> float:
    """Quantile of Student's t; the normal's for infinite `df`, missing where `df` is not above zero."""
    if not df > 0:
        return float("nan")
    return float(special.ndtri(probability) if np.isinf(df) else special.stdtrit(df, probability))


def _exact(row: Mapping[str, Any], tail: float, rows_in_domain: int) -> tuple[float, float]:
    share, se, df = float(row["estimate"]), float(row["se"]), float(row["df"])
    if not df > 0:
        return float("nan"), float("nan")
    size = float(row["n"]) if se < 1e-12 else share * (1 - share) / se**2
    size *= (t_quantile(tail, rows_in_domain - 1) / t_quantile(tail, df)) ** 2
    yes, no = size * share, size * (1 - share)
    low = 0.0 if yes <= 0 else float(special.betaincinv(yes, no + 1, tail))
    high = 1.0 if no <= 0 else float(special.betaincinv(yes + 1, no, 1 - tail))
    return low, high


def _wilson(share: float, se: float, df: float, level: float) -> tuple[float, float]:
    size = share * (1 - share) / se**2
    t = t_quantile((1 + level) / 2, df)
    centre = (share + t**2 / (2 * size)) / (1 + t**2 / size)
    reach = t / (1 + t**2 / size) * np.sqrt(share * (1 - share) / size + t**2 / (4 * size**2))
    return float(centre - reach), float(centre + reach)
