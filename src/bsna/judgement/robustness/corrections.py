"""What each row of the correction log did to a claim: the leading estimate with that row alone applied to what was received."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bsna.intake.faults import WHOLE
from bsna.intake.measured import measure
from bsna.intake.plan import Claim, Measure, Plan
from bsna.judgement.extremes import measures_of

AVERAGE = "-average"


@dataclass(frozen=True)
class Received:
    """One population as received: `answers` with row numbers, `weights` (n,), and the `log` of what was changed in it."""

    population: str
    answers: pd.DataFrame
    weights: np.ndarray
    log: pd.DataFrame


def correction_shifts(claim: Claim, plan: Plan, lead: str, received: Received) -> pd.DataFrame:
    """One row per log row that touches the claim: log_id, rule, column, shift.

    `shift` is the leading estimate (a weighted mean of one column of the people) with this row alone applied to the answers
    as received, less that without it; weights stay as received. Rows on questions that the estimate is not made of, and on
    people who have no value in it before and after, are not among them. `lead` names the estimate: a measure, the
    difference of two, or one less the average of the claim's list.
    """
    specs = _specs(claim, plan, lead, received.population)
    values = _values(claim, plan, lead, specs, received.answers, received.population)
    log = received.log[received.log["column"].isin([WHOLE, *(q for s in specs for q in s.question)])]
    place = {row: number for number, row in enumerate(received.answers["row_number"].astype(str))}
    log = log[log["row_number"].astype(str).isin(list(place))]
    rows = np.array([place[row] for row in log["row_number"].astype(str)], dtype=int)
    changed = _changed(claim, plan, lead, specs, received, log, rows)
    known, weights = ~np.isnan(values), received.weights
    total, count = float(weights[known] @ values[known]), float(weights[known].sum())
    before = np.where(known[rows], values[rows], 0.0) * weights[rows]
    gone = np.where(known[rows], weights[rows], 0.0)
    after, there = np.nan_to_num(changed) * weights[rows], np.where(np.isnan(changed), 0.0, weights[rows])
    shift = (total - before + after) / (count - gone + there) - total / count
    touches = known[rows] | ~np.isnan(changed)
    return pd.DataFrame({"log_id": log["log_id"], "rule": log["rule"], "column": log["column"], "shift": shift})[
        touches
    ].reset_index(drop=True)


def by_rule(shifts: pd.DataFrame, *, threshold: int) -> tuple[dict[str, Any], ...]:
    """Log rows by check or decision, the strongest first: rule, rows, largest (the largest shift). Rules with fewer rows than
    the threshold are counted together, under no name, and only if they are as many together; else they are left out."""
    if shifts.empty:
        return ()
    counts = shifts["rule"].map(shifts["rule"].value_counts())
    named = shifts.assign(rule=shifts["rule"].where(counts >= threshold, ""))
    found = [
        {"rule": str(rule), "rows": len(part), "largest": float(part["shift"].iloc[part["shift"].abs().argmax()])}
        for rule, part in named.groupby("rule", sort=True)
        if len(part) >= threshold
    ]
    return tuple(sorted(found, key=lambda row: (-abs(row["largest"]), row["rule"])))


def _specs(claim: Claim, plan: Plan, lead: str, population: str) -> list[Measure]:
    names = measures_of(claim) if lead.endswith(AVERAGE) else lead.split("-")
    return [plan.measure(name, population) for name in names]


def _values(
    claim: Claim, plan: Plan, lead: str, specs: Sequence[Measure], answers: pd.DataFrame, population: str
) -> np.ndarray:
    narrow = plan.model_copy(update={"measures": tuple(specs), "groups": ()})
    frame = measure(answers, narrow, population)
    if lead.endswith(AVERAGE):
        average = frame[[*claim.measures, *claim.others]].mean(axis=1, skipna=False)
        return (frame[lead.removesuffix(AVERAGE)] - average).to_numpy(dtype=float)
    first, *second = (frame[name].to_numpy(dtype=float) for name in lead.split("-"))
    return first - second[0] if second else first


def _changed(
    claim: Claim,
    plan: Plan,
    lead: str,
    specs: Sequence[Measure],
    received: Received,
    log: pd.DataFrame,
    rows: np.ndarray,
) -> np.ndarray:
    """The value of each person of the log with that row alone applied; missing where the interview left."""
    if log.empty:
        return np.array([])
    after = received.answers.iloc[rows].reset_index(drop=True).copy()
    columns, now = log["column"].to_numpy(), log["now"].to_numpy()
    for number, (column, value) in enumerate(zip(columns, now, strict=True)):
        if column != WHOLE:
            after.loc[number, column] = value
    found = _values(claim, plan, lead, specs, after, received.population)
    return np.where(columns == WHOLE, np.nan, found)
