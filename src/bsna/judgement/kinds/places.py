"""Claims about places in a list or a ranking: what is among the first few."""

from collections.abc import Sequence
from math import comb
from typing import Any

import numpy as np
import pandas as pd

from bsna.estimation import SurveyDesign, bootstrap_weights, rank_bootstrap, rank_model, records
from bsna.estimation.ranks import LEVEL
from bsna.intake.plan import Claim, Plan
from bsna.judgement.kinds.tested import Designs, Tested, differences, proportions
from bsna.judgement.p_values import above_zero, all_parts, among_first


def top_k(claim: Claim, plan: Plan, designs: Designs, rng: np.random.Generator | None) -> Tested:
    """The first measure of each list is among the highest `top` of the list, in all lists. The bootstrap tells how
    often that is so; the verdict comes from the differences, whose tests keep their level."""
    design, top = designs[claim.population], claim.top or 1
    rows = [proportions(design, names, claim) for names in claim.lists]
    parts = [among_first(_gaps(claim, design, names[0], names[1:]), top) for names in claim.lists]
    values = {
        "first_share": rows[0]["estimate"].iloc[0],
        "second_share": rows[-1]["estimate"].iloc[0],
    }
    if rng is not None:
        values["all_prob"] = often_first(claim, design, claim.lists, 1, top, rng)
    return Tested(*all_parts(parts), pd.concat(rows, ignore_index=True), values)


def ranking(claim: Claim, plan: Plan, designs: Designs, rng: np.random.Generator | None) -> Tested:
    """All `measures` are among the highest `top` of a list that also holds the `others`; so at most `top` less their number of
    the others are above any of them. Bootstrap and verdict as in `top_k`."""
    design, top = designs[claim.population], claim.top or len(claim.measures)
    everything = (*claim.measures, *claim.others)
    places = top - len(claim.measures) + 1
    parts = [among_first(_gaps(claim, design, name, claim.others), places) for name in claim.measures]
    rows = proportions(design, everything, claim)
    ordered = rows.sort_values("estimate", ascending=False, kind="stable")["measure"].tolist()
    values: dict[str, Any] = {
        "named_list": list(claim.measures),
        "first_list": ordered[:top],
        "rest_list": ordered[top:],
    }
    if rng is not None:
        values["all_prob"] = often_first(claim, design, [everything], len(claim.measures), top, rng)
    return Tested(*all_parts(parts), rows, values)


def shared_top(claim: Claim, plan: Plan, designs: Designs, rng: np.random.Generator | None) -> Tested:
    """The named items are among the highest `top` of every ranking. Bootstrap and verdict as in `top_k`."""
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
        rows.append(
            proportions(design, [plan.naming(rank, item).measure for item in claim.items], claim, rank.population)
        )
    values: dict[str, Any] = {
        "items_list": list(claim.items),
        "first_list": leaders[0],
        "second_list": leaders[-1],
    }
    if rng is not None:
        values["all_prob"] = _often_shared(claim, plan, designs, top, rng)
    return Tested(*all_parts(parts), pd.concat(rows, ignore_index=True), values)


def often_first(
    claim: Claim, design: SurveyDesign, lists: Sequence[Sequence[str]], named: int, top: int, rng: np.random.Generator
) -> float:
    """How often, over bootstrap draws, the first `named` measures of each list are all among its highest `top`; of those who
    answered on the whole list."""
    weights = bootstrap_weights(design, rng, claim.draws)
    holds = np.ones(claim.draws)
    for names in lists:
        answers = design.frame[list(names)].to_numpy(dtype=float)
        known = ~np.isnan(answers).any(axis=1)
        shares = weights[:, known] @ answers[known] / weights[:, known].sum(axis=1, keepdims=True)
        holds *= all_placed(shares, range(named), top)
    return float(holds.mean())


def all_placed(drawn: np.ndarray, wanted: Sequence[int], top: int) -> np.ndarray:
    """Of each draw (draws, items) the chance that all `wanted` items are among the highest `top`.

    It is 1 or 0 where values differ. Items that are level across the last place share the places left, every choice of
    them being as likely as any other; so for one item this is what `rank_bootstrap` calls its chance. An item at
    zero, which nobody named, has no place.
    """
    chances = np.ones(len(drawn))
    chosen = np.isin(np.arange(drawn.shape[1]), list(wanted))
    for draw, values in enumerate(drawn):
        last = np.sort(values)[::-1][top - 1]
        above, level = values > last * (1 + LEVEL), np.isclose(values, last, rtol=LEVEL, atol=0)
        left, tied = top - int(above.sum()), int(level.sum())
        needed = int((chosen & level).sum())
        if (chosen & ~above & ~level).any() or (chosen & (values <= 0)).any():
            chances[draw] = 0.0
        elif needed:
            chances[draw] = comb(tied - needed, left - needed) / comb(tied, left) if needed <= left else 0.0
    return chances


def _gaps(claim: Claim, design: SurveyDesign, name: str, rivals: Sequence[str]) -> list[tuple[float, float]]:
    """p-values that a measure is above, and below, each of its rivals."""
    return [above_zero(row) for row in records(differences(design, claim, [(name, rival) for rival in rivals]))]


def _often_shared(claim: Claim, plan: Plan, designs: Designs, top: int, rng: np.random.Generator) -> float:
    """How often, over bootstrap draws, the named items are all among the first `top` of every ranking."""
    holds = np.ones(claim.draws)
    for rank in (plan.row("ranks", name) for name in claim.ranks):
        design = designs[rank.population]
        _, drawn = rank_bootstrap(design, rank.questions, rank.items, rng=rng, draws=claim.draws, top=top)
        holds = holds * all_placed(drawn, [rank.items.index(item) for item in claim.items], top)
    return float(holds.mean())
