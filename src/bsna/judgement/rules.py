"""How each kind of claim is tested: estimates, and p-values for it and against it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from bsna.estimation import (
    SurveyDesign,
    bootstrap_weights,
    difference,
    mean,
    proportion,
    rank_bootstrap,
    records,
)
from bsna.intake.plan import Claim, Plan


@dataclass(frozen=True)
class Tested:
    """One claim after testing. `p_for`: how surprising the data were if it was not so; `p_against`: if it was so.
    `rows`: estimate rows it rests on. `values`: numbers and ids for its sentence."""

    p_for: float
    p_against: float
    rows: pd.DataFrame
    values: dict[str, Any] = field(default_factory=dict)


def test_claim(claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], rng: np.random.Generator) -> Tested:
    """Apply the rule of a claim's kind. Raises EmptyDomain if nobody answered."""
    return _KINDS[claim.kind](claim, plan, designs, rng)


def against_half(row: Mapping[str, Any], interval: str, margin: float) -> tuple[float, float]:
    """One-sided p-values that a share is above, and below, `margin`.

    On the logit scale with Student's t, or, for `beta`, exact binomial on the effective number of people, adjusted for
    few clusters as the interval is, so that test and interval agree (Korn and Graubard 1998). A share of 0 or 1 has no
    linearised error and is always tested exactly. Without degrees of freedom nothing can be shown: both are 1.
    """
    share, se, df = row["estimate"], row["se"], row["df"]
    if not df > 0:
        return 1.0, 1.0
    if interval == "beta" or se < 1e-12:
        size = row["n"] if se < 1e-12 else share * (1 - share) / se**2 * _few_clusters(row["n"], df)
        yes, no = size * share, size * (1 - share)
        above = 1.0 if yes <= 0 else float(stats.beta.cdf(margin, yes, no + 1))
        below = 1.0 if no <= 0 else float(stats.beta.sf(margin, yes + 1, no))
        return above, below
    distance = np.log(share / (1 - share)) - np.log(margin / (1 - margin))
    t = distance / (se / (share * (1 - share)))
    return float(stats.t.sf(t, df)), float(stats.t.cdf(t, df))


def _few_clusters(people: float, df: float) -> float:
    return float((stats.t.ppf(0.025, people - 1) / stats.t.ppf(0.025, df)) ** 2)


def above_zero(row: Mapping[str, Any], shift: float = 0.0) -> tuple[float, float]:
    """One-sided p-values that a difference is above, and below, `shift`; both 1 without degrees of freedom."""
    if not row["df"] > 0:
        return 1.0, 1.0
    if row["se"] < 1e-12:
        return (0.0, 1.0) if row["estimate"] > shift else (1.0, 0.0)
    t = (row["estimate"] - shift) / row["se"]
    return float(stats.t.sf(t, row["df"])), float(stats.t.cdf(t, row["df"]))


def within_margin(row: Mapping[str, Any], margin: float) -> tuple[float, float]:
    """p-values that a difference is within `margin` of zero, by two one-sided tests (Schuirmann 1987), and beyond it on
    either side (the smaller of two, doubled)."""
    above_upper, below_upper = above_zero(row, margin)
    above_lower, below_lower = above_zero(row, -margin)
    return max(below_upper, above_lower), min(1.0, 2 * min(above_upper, below_lower))


def all_parts(parts: list[tuple[float, float]]) -> tuple[float, float]:
    """All parts must hold: the largest p-value for (intersection–union, Berger 1982); against, the smallest
    times the number of parts (Bonferroni)."""
    return max(p for p, _ in parts), min(1.0, min(q for _, q in parts) * len(parts))


def _majority_all(claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], rng: np.random.Generator) -> Tested:
    rows = _proportions(designs[claim.population], claim.measures, claim)
    p_for, p_against = all_parts([against_half(row, claim.interval, _margin(claim)) for row in records(rows)])
    lowest = rows.loc[rows["estimate"].idxmin()]
    return Tested(p_for, p_against, rows, {"lowest_label": lowest["measure"], "lowest_share": lowest["estimate"]})


def _comparison_all(claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], rng: np.random.Generator) -> Tested:
    rows = _differences(designs[claim.population], claim)
    p_for, p_against = all_parts([above_zero(row) for row in records(rows)])
    place = int(rows["estimate"].to_numpy().argmin())
    values = {
        "smallest_label": claim.pairs[place][0],
        "smallest_points": rows["estimate"].iloc[place],
        "smallest_size": rows["estimate"].iloc[place],
    }
    return Tested(p_for, p_against, rows, values)


def _equivalence(claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], rng: np.random.Generator) -> Tested:
    rows, margin = _differences(designs[claim.population], claim), _margin(claim)
    row = records(rows)[0]
    values = {"net_points": row["estimate"], "margin_size": margin}
    return Tested(*within_margin(row, margin), rows, values)


def _top_k(claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], rng: np.random.Generator) -> Tested:
    """The first measure of each list is among the highest `top` of the list, in all lists."""
    design = designs[claim.population]
    weights = bootstrap_weights(design, rng, claim.draws)
    holds = np.ones(claim.draws, dtype=bool)
    rows = []
    for names in claim.lists:
        answers = design.frame[list(names)].to_numpy(dtype=float)
        known = ~np.isnan(answers).any(axis=1)
        shares = weights[:, known] @ answers[known] / weights[:, known].sum(axis=1, keepdims=True)
        holds &= (shares > shares[:, :1]).sum(axis=1) < (claim.top or 1)
        rows.append(_proportions(design, names, claim))
    probability = float(holds.mean())
    values = {"first_share": rows[0]["estimate"].iloc[0], "second_share": rows[-1]["estimate"].iloc[0]}
    return Tested(1 - probability, probability, pd.concat(rows, ignore_index=True), values | {"all_prob": probability})


def _shared_top(claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], rng: np.random.Generator) -> Tested:
    """The named items are the highest of every ranking."""
    holds = np.ones(claim.draws, dtype=bool)
    rows, leaders = [], []
    for name in claim.ranks:
        rank = plan.row("ranks", name)
        table, drawn = rank_bootstrap(
            designs[rank.population], rank.questions, rank.items, rng=rng, draws=claim.draws, top=claim.top or 3
        )
        best = np.argsort(-drawn, axis=1, kind="stable")[:, : claim.top]
        wanted = [rank.items.index(item) for item in claim.items]
        holds &= np.isin(wanted, best).all() if best.ndim == 1 else np.array([set(wanted) <= set(b) for b in best])
        leaders.append(table.nlargest(claim.top or 3, "worth")["item"].tolist())
        names = [f"names_{rank.questions[0].split('_')[0]}_{item}" for item in claim.items]
        rows.append(_proportions(designs[rank.population], names, claim, rank.population))
    probability = float(holds.mean())
    values = {
        "items_list": list(claim.items),
        "first_list": leaders[0],
        "second_list": leaders[-1],
        "all_prob": probability,
    }
    return Tested(1 - probability, probability, pd.concat(rows, ignore_index=True), values)


def _only_one(claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], rng: np.random.Generator) -> Tested:
    design, margin = designs[claim.population], _margin(claim)
    tables = [_proportions(design, pair, claim) for pair in claim.pairs]
    tests = [[against_half(row, claim.interval, margin) for row in records(table)] for table in tables]
    own_for = max(above for above, _ in tests[0])
    others_for = [min(1.0, 2 * min(below for _, below in pair)) for pair in tests[1:]]
    against = [below for _, below in tests[0]] + [max(above for above, _ in pair) for pair in tests[1:]]
    both = [t["measure"].iloc[1] for t in tables if (t["estimate"] > margin).all()]
    values = {
        "first_share": tables[0]["estimate"].iloc[0],
        "second_share": tables[0]["estimate"].iloc[1],
        "both_list": both,
    }
    rows = pd.concat(tables, ignore_index=True)
    return Tested(max(own_for, *others_for), min(1.0, min(against) * len(against)), rows, values)


def _chain(claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], rng: np.random.Generator) -> Tested:
    """Shares above one half, and differences above zero, all together."""
    design = designs[claim.population]
    shares = _proportions(design, claim.measures, claim)
    gaps = _differences(design, claim)
    parts = [against_half(row, claim.interval, _margin(claim)) for row in records(shares)]
    p_for, p_against = all_parts(parts + [above_zero(row) for row in records(gaps)])
    values = {
        "used_share": shares["estimate"].iloc[0],
        "first_points": gaps["estimate"].iloc[0],
        "second_points": gaps["estimate"].iloc[-1],
        "first_size": gaps["estimate"].iloc[0],
        "second_size": gaps["estimate"].iloc[-1],
    }
    return Tested(p_for, p_against, pd.concat([shares, gaps], ignore_index=True), values)


def _above_average(claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], rng: np.random.Generator) -> Tested:
    """Each measure minus the mean of all on the list, on the same people."""
    design = designs[claim.population]
    everything = [*claim.measures, *claim.others]
    average = design.frame[everything].mean(axis=1, skipna=False)
    excess = {f"{name}-average": design.frame[name] - average for name in claim.measures}
    widened = design.with_columns(**excess)
    rows = pd.concat([mean(widened, name) for name in excess], ignore_index=True)
    rows = rows.assign(unit="points", population=claim.population)
    p_for, p_against = all_parts([above_zero(row) for row in records(rows)])
    place = int(rows["estimate"].to_numpy().argmin())
    values = {
        "smallest_label": claim.measures[place],
        "smallest_points": rows["estimate"].iloc[place],
        "smallest_size": rows["estimate"].iloc[place],
    }
    shares = _proportions(design, everything, claim)
    return Tested(p_for, p_against, pd.concat([shares, rows], ignore_index=True), values)


def _margin(claim: Claim) -> float:
    if claim.margin is None:
        raise ValueError(f"claims.toml, {claim.id}: a claim of kind {claim.kind} needs a margin")
    return claim.margin


def _proportions(design: SurveyDesign, names: Any, claim: Claim, population: str | None = None) -> pd.DataFrame:
    interval = "beta" if (population or claim.population) != "community" else claim.interval
    rows = [proportion(design, name, interval=interval) for name in names]
    return pd.concat(rows, ignore_index=True).assign(population=population or claim.population)


def _differences(design: SurveyDesign, claim: Claim) -> pd.DataFrame:
    rows = [difference(design, one, other) for one, other in claim.pairs]
    return pd.concat(rows, ignore_index=True).assign(population=claim.population)


_KINDS: dict[str, Callable[..., Tested]] = {
    "majority_all": _majority_all,
    "comparison_all": _comparison_all,
    "equivalence": _equivalence,
    "top_k": _top_k,
    "shared_top": _shared_top,
    "only_one": _only_one,
    "chain": _chain,
    "above_average": _above_average,
}
