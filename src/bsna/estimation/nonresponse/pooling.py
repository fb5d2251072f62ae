"""One estimate from several imputed data sets, with the uncertainty of what was never said."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bsna.estimation.intervals import Interval, around, share_interval
from bsna.estimation.nonresponse.imputation import Imputed
from bsna.estimation.rows import estimate_rows, records
from bsna.estimation.sample.design import SurveyDesign

_KEYS = ["measure", "population", "by", "level", "category", "unit"]
_PEOPLE = ["n", "n_yes", "clusters"]


@dataclass(frozen=True)
class Pooled:
    """Estimates pooled over imputed data sets.

    `rows` are estimate rows: `estimate` the mean over the sets, `se` and `df` those of Rubin and of Barnard and Rubin,
    `deff` the mean over the sets. `information` has one row for each of them, in the same order:
    `within` the mean squared standard error, `between` the variance of the estimate between the sets,
    `fraction_missing` the fraction of the information that is missing (0 to 1), `efficiency` the variance that
    infinitely many sets would give, over that of these (0 to 1), `sets` their number.
    """

    rows: pd.DataFrame
    information: pd.DataFrame


def pool(
    estimates: Sequence[pd.DataFrame],
    *,
    answered: pd.DataFrame | None = None,
    interval: Interval = "logit",
    level: float = 0.95,
) -> Pooled:
    """Pool estimate rows, one frame for each imputed data set, by Rubin's rules.

    With m sets, estimates q and squared standard errors u: the estimate is the mean of q, its variance
    T = mean(u) + (1 + 1/m) var(q). With g = (1 + 1/m) var(q) / T and v the degrees of freedom of the design (clusters
    minus strata, the fewest over the sets), df is a b / (a + b), where a = (m - 1) / g² and b = v (v + 1) / (v + 3) (1
    - g). Where all sets agree nothing is missing, and df is v. Intervals are Student's; of a share, on the scale of
    `interval` as in `proportion`.

    `answered` are the same rows estimated on the answers alone: `n`, `n_yes` and `clusters` are then theirs, so that
    nobody whose answer was imputed counts as having answered. Without it they are the fewest over the sets.

    Raises ValueError for fewer than two sets, for sets whose rows differ or stand in another order, and for a row that
    has an estimate in some of the sets only. Sources: Rubin (1987), section 3.1; Barnard and Rubin (1999).
    """
    if len(estimates) < 2:
        raise ValueError(f"{len(estimates)} imputed data set(s); pooling needs at least 2")
    first = estimates[0].reset_index(drop=True)
    for place, other in enumerate([*estimates[1:], *([] if answered is None else [answered])], start=2):
        _same_rows(first, other, "the answers alone" if place > len(estimates) else f"set {place}")
    told = _per_set(estimates, "estimate", first)
    moments = _moments(told, _per_set(estimates, "se", first) ** 2, _per_set(estimates, "df", first).min(axis=0))
    people = {name: _per_set(estimates, name, None).min(axis=0) for name in _PEOPLE}
    if answered is not None:
        people = {name: answered[name].to_numpy(dtype=float) for name in _PEOPLE}
    rows = first.assign(
        estimate=moments["estimate"],
        se=np.sqrt(moments["total"]),
        df=moments["df"],
        deff=_per_set(estimates, "deff", None).mean(axis=0),
        low=np.nan,
        high=np.nan,
        **people,
    )
    pooled = estimate_rows([row | _limits(row, interval, level) for row in records(rows)])
    columns = ("within", "between", "fraction_missing", "efficiency")
    return Pooled(pooled, pd.DataFrame({name: moments[name] for name in columns} | {"sets": len(estimates)}))


def pooled_estimate(
    imputed: Imputed,
    estimate: Callable[[SurveyDesign], pd.DataFrame],
    *,
    interval: Interval = "logit",
    level: float = 0.95,
) -> Pooled:
    """Make the same estimate on every imputed data set and on the answers alone, and pool.

    `estimate` turns a design into estimate rows. People and clusters are those who answered; errors as in `pool`.
    """
    return pool(
        [estimate(design) for design in imputed.designs],
        answered=estimate(imputed.original),
        interval=interval,
        level=level,
    )


def _same_rows(first: pd.DataFrame, other: pd.DataFrame, name: str) -> None:
    if len(first) != len(other):
        raise ValueError(
            f"Set 1 has {len(first)} estimate rows, {name} has {len(other)}; the sets must agree row by row"
        )
    rows = [list(frame[_KEYS].itertuples(index=False, name=None)) for frame in (first, other)]
    differs = [place for place, (one, two) in enumerate(zip(*rows, strict=True), start=1) if one != two]
    if differs:
        one, two = (found[differs[0] - 1] for found in rows)
        raise ValueError(
            f"{len(differs)} estimate row(s) differ: row {differs[0]} is {one} in set 1, {two} in {name}; "
            "every set must give the same rows in the same order"
        )


def _per_set(estimates: Sequence[pd.DataFrame], column: str, first: pd.DataFrame | None) -> np.ndarray:
    """Values of a column, shape (sets, rows). With `first`, those of a row must be there in all sets or in none."""
    values = np.array([frame[column].to_numpy(dtype=float) for frame in estimates])
    absent = np.isnan(values).sum(axis=0)
    if first is not None and (part := (absent > 0) & (absent < len(values))).any():
        place = int(np.flatnonzero(part)[0])
        raise ValueError(
            f"Row {place + 1} ({first['measure'][place]!r}, {first['level'][place]!r}) has no {column} in "
            f"{absent[place]} of {len(values)} sets; estimate it on a domain that is there in every set"
        )
    return values


def _moments(told: np.ndarray, variances: np.ndarray, complete_df: np.ndarray) -> dict[str, np.ndarray]:
    sets = len(told)
    agree = np.ptp(told, axis=0) == 0
    certain = agree & (np.ptp(variances, axis=0) == 0)
    within = np.where(certain, variances[0], variances.mean(axis=0))
    between = np.where(agree, 0.0, told.var(axis=0, ddof=1))
    between = np.where(np.isnan(told[0]), np.nan, between)
    added = (1 + 1 / sets) * between
    total = within + added
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total > 0, added / total, 0.0 * total)
        kept = np.where(np.isinf(complete_df), 1.0, (complete_df + 1) / (complete_df + 3))
        observed_df = complete_df * kept * (1 - share)
        inverse = share**2 / (sets - 1) + 1 / observed_df
        df = np.where(certain, complete_df, np.where(observed_df > 0, 1 / inverse, 0.0))
        # (r + 2 / (df + 3)) / (r + 1), r = added / within, written so that within may be zero
        missing = np.where(certain, 0.0 * total, share + (1 - share) * 2 / (df + 3))
    return {
        "estimate": np.where(agree, told[0], told.mean(axis=0)),
        "total": total,
        "df": np.where(np.isnan(total), np.nan, df),
        "within": within,
        "between": between,
        "fraction_missing": missing,
        "efficiency": 1 / (1 + missing / sets),
    }


def _limits(row: dict[str, Any], interval: Interval, level: float) -> dict[str, float]:
    if np.isnan(row["estimate"]):
        return {}
    if row["unit"] == "share":
        low, high = share_interval(row, interval, level, int(row["n"]))
    else:
        low, high = around(row["estimate"], row["se"], row["df"], level)
    return {"low": low, "high": high}
