"""How each kind of claim is tested: estimates, and p-values for it and against it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from bsna.estimation import (
    SurveyDesign,
    bootstrap_weights,
    difference,
    mean,
    proportion,
    rank_bootstrap,
    rank_model,
    records,
)
from bsna.intake.plan import Claim, Plan
from bsna.judgement.p_values import above_zero, against_half, all_parts, among_first, within_margin


@dataclass(frozen=True)
class Tested:
    """One claim after testing. `p_for`: how surprising the data were if it was not so; `p_against`: if it was so.
    `rows`: estimate rows it rests on. `values`: numbers and ids for its sentence."""

    p_for: float
    p_against: float
    rows: pd.DataFrame
    values: dict[str, Any] = field(default_factory=dict)


def test_claim(
    claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], rng: np.random.Generator | None
) -> Tested:
    """Apply the rule of a claim's kind. Raises EmptyDomain if nobody answered.

    Without `rng` no bootstrap is drawn: the p-values are the same, and `values` holds no probability.
    """
    return _KINDS[claim.kind](claim, plan, designs, rng)


def _majority_all(
    claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], rng: np.random.Generator | None
) -> Tested:
    rows = _proportions(designs[claim.population], claim.measures, claim)
    p_for, p_against = all_parts([against_half(row, claim.interval, _margin(claim)) for row in records(rows)])
    lowest = rows.loc[rows["estimate"].idxmin()]
    return Tested(p_for, p_against, rows, {"lowest_label": lowest["measure"], "lowest_share": lowest["estimate"]})


def _comparison_all(
    claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], rng: np.random.Generator | None
) -> Tested:
    rows = _differences(designs[claim.population], claim)
    p_for, p_against = all_parts([above_zero(row) for row in records(rows)])
    place = int(rows["estimate"].to_numpy().argmin())
    values = {
        "smallest_label": claim.pairs[place][0],
        "smallest_points": rows["estimate"].iloc[place],
        "smallest_size": rows["estimate"].iloc[place],
    }
    return Tested(p_for, p_against, rows, values)


def _equivalence(
    claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], rng: np.random.Generator | None
) -> Tested:
    rows, margin = _differences(designs[claim.population], claim), _margin(claim)
    row = records(rows)[0]
    values = {"net_points": row["estimate"], "margin_size": margin}
    return Tested(*within_margin(row, margin), rows, values)


def _top_k(claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], rng: np.random.Generator | None) -> Tested:
    """The first measure of each list is among the highest `top` of the list, in all lists. The bootstrap tells how
    often that is so; the verdict comes from the differences, whose tests keep their level."""
    design = designs[claim.population]
    rows, parts = [], []
    for names in claim.lists:
        rows.append(_proportions(design, names, claim))
        gaps = [records(difference(design, names[0], other))[0] for other in names[1:]]
        parts.append(among_first([above_zero(gap) for gap in gaps], claim.top or 1))
    values = {
        "first_share": rows[0]["estimate"].iloc[0],
        "second_share": rows[-1]["estimate"].iloc[0],
    }
    if rng is not None:
        values["all_prob"] = _often_first(claim, design, rng)
    return Tested(*all_parts(parts), pd.concat(rows, ignore_index=True), values)


def _often_first(claim: Claim, design: SurveyDesign, rng: np.random.Generator) -> float:
    """Share of bootstrap draws in which the first measure of each list is among the highest `top`."""
    weights = bootstrap_weights(design, rng, claim.draws)
    holds = np.ones(claim.draws, dtype=bool)
    for names in claim.lists:
        answers = design.frame[list(names)].to_numpy(dtype=float)
        known = ~np.isnan(answers).any(axis=1)
        shares = weights[:, known] @ answers[known] / weights[:, known].sum(axis=1, keepdims=True)
        holds &= (shares > shares[:, :1]).sum(axis=1) < (claim.top or 1)
    return float(holds.mean())


def _shared_top(
    claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], rng: np.random.Generator | None
) -> Tested:
    """The named items are among the highest `top` of every ranking. Bootstrap and verdict as in `_top_k`."""
    top = claim.top or 3
    rows, leaders, parts = [], [], []
    for rank in (plan.row("ranks", name) for name in claim.ranks):
        design = designs[rank.population]
        fit, rivals = rank_model(design, rank.questions, rank.items), set(rank.items) - set(claim.items)
        worths = dict(zip(fit.items, fit.worths, strict=True))
        leaders.append(sorted(worths, key=lambda item: (-worths[item], item))[:top])
        for item in claim.items:
            gaps = [fit.gap(item, rival) for rival in sorted(rivals)]
            parts.append(among_first([above_zero(gap) for gap in gaps], top - len(claim.items) + 1))
        names = [f"names_{rank.questions[0].split('_')[0]}_{item}" for item in claim.items]
        rows.append(_proportions(design, names, claim, rank.population))
    values: dict[str, Any] = {
        "items_list": list(claim.items),
        "first_list": leaders[0],
        "second_list": leaders[-1],
    }
    if rng is not None:
        values["all_prob"] = _often_shared(claim, plan, designs, top, rng)
    return Tested(*all_parts(parts), pd.concat(rows, ignore_index=True), values)


def _often_shared(
    claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], top: int, rng: np.random.Generator
) -> float:
    """Share of bootstrap draws in which the named items are the first `top` of every ranking."""
    holds = np.ones(claim.draws, dtype=bool)
    for rank in (plan.row("ranks", name) for name in claim.ranks):
        design = designs[rank.population]
        _, drawn = rank_bootstrap(design, rank.questions, rank.items, rng=rng, draws=claim.draws, top=top)
        best = np.argsort(-drawn, axis=1, kind="stable")[:, :top]
        wanted = {rank.items.index(item) for item in claim.items}
        holds &= np.array([wanted <= set(first) for first in best])
    return float(holds.mean())


def _only_one(claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], rng: np.random.Generator | None) -> Tested:
    """The first pair of measures is above `margin` in both, each other pair below it in one; and, of each list, the
    first measure (both at once, of the same people) is the highest."""
    design, margin = designs[claim.population], _margin(claim)
    tables = [_proportions(design, pair, claim) for pair in claim.pairs]
    tests = [[against_half(row, claim.interval, margin) for row in records(table)] for table in tables]
    own_for = max(above for above, _ in tests[0])
    others_for = [min(1.0, 2 * min(below for _, below in pair)) for pair in tests[1:]]
    against = [below for _, below in tests[0]] + [max(above for above, _ in pair) for pair in tests[1:]]
    joint = [_proportions(design, names, claim) for names in claim.lists]
    gaps = [difference(design, names[0], other) for names in claim.lists for other in names[1:]]
    leads = [above_zero(records(gap)[0]) for gap in gaps]
    both = [t["measure"].iloc[1] for t in tables if (t["estimate"] > margin).all()]
    values = {
        "first_share": tables[0]["estimate"].iloc[0],
        "second_share": tables[0]["estimate"].iloc[1],
        "joint_share": joint[0]["estimate"].iloc[0],
        "both_list": both,
    }
    rows = pd.concat([*tables, *joint, *gaps], ignore_index=True).assign(population=claim.population)
    against += [below for _, below in leads]
    p_for = max(own_for, *others_for, *(above for above, _ in leads))
    return Tested(p_for, min(1.0, min(against) * len(against)), rows, values)


def _chain(claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], rng: np.random.Generator | None) -> Tested:
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


def _above_average(
    claim: Claim, plan: Plan, designs: Mapping[str, SurveyDesign], rng: np.random.Generator | None
) -> Tested:
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
