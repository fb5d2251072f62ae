"""Rankings of one list by several populations: in how much of the order they disagree, and whether they share the top."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bsna.estimation import EmptyDomain, SurveyDesign, estimate_rows, rank_bootstrap, rank_model, records
from bsna.intake.plan import Claim, Plan, Rank
from bsna.intake.profile import Profile
from bsna.judgement.claims import holm, plain
from bsna.judgement.disclosure import release
from bsna.judgement.gaps import share_clusters, stacked

LOWEST = 1e-9
"""Stands for a worth of nil where a log is taken."""
NEARLY_SURE = 0.95


@dataclass(frozen=True)
class Top:
    """The ranking of one population: released worths by item, in the order of the list, and the chance of each to be among
    the first `top`. `rows` and `chances` are empty where the ranking was not asked or is withheld."""

    rank: str
    state: str
    top: int
    rows: tuple[dict[str, Any], ...] = ()
    chances: tuple[float, ...] = ()


@dataclass(frozen=True)
class RankGap:
    """Two rankings. `discordance` is the share of pairs of items that the two put in opposite order, 0 to 1, with the
    middle 95% of draws; `by_chance` what it would be on average if both gave the same worths; `p` how often it would then
    be as large, `p_adjusted` the same after Holm's correction over all pairs shown. `same_top` is the chance that the first places hold the same items in both, `shared` the number of items
    in both to be expected, `both` by item the chance to be there in both."""

    pair: str
    state: str
    discordance: float | None = None
    low: float | None = None
    high: float | None = None
    by_chance: float | None = None
    p: float | None = None
    p_adjusted: float | None = None
    same_top: float | None = None
    shared: float | None = None
    both: tuple[float, ...] = ()


def compare_ranks(
    plan: Plan, designs: Mapping[str, SurveyDesign], profile: Profile
) -> tuple[tuple[Top, ...], tuple[RankGap, ...]]:
    """The rankings that rank_pairs.csv names, and its pairs, in its order.

    All populations are domains of one sample (`stacked`), and every ranking is drawn with the same luck, so that in each draw
    the same clusters stand for all. Where that cannot be (`_table`), a population is drawn apart.
    """
    ranks = [plan.row("ranks", name) for name in dict.fromkeys(n for p in plan.rank_pairs for n in (p.one, p.other))]
    asked = [rank for rank in ranks if _asked(rank, designs)]
    if not asked:
        gone = tuple(RankGap(pair.pair, "not_asked") for pair in plan.rank_pairs)
        return tuple(_none(rank, "not_asked") for rank in ranks), gone
    both = _together(asked, designs, profile)
    tops, drawn = [], {}
    for number, rank in enumerate(ranks):
        top, draws = _none(rank, "not_asked"), None
        if rank in asked:
            top, draws = _drawn(rank, both, designs[rank.population], number, profile)
        tops.append(top)
        if draws is not None:
            drawn[rank.id] = draws
    found = {top.rank: top for top in tops}
    gaps = [
        _gap(p.pair, found[p.one], found[p.other], drawn)
        if p.one in drawn and p.other in drawn
        else RankGap(p.pair, next(found[n].state for n in (p.one, p.other) if n not in drawn))
        for p in plan.rank_pairs
    ]
    adjusted = holm({gap.pair: gap.p for gap in gaps if gap.p is not None})
    return tuple(tops), tuple(replace(gap, p_adjusted=adjusted.get(gap.pair)) for gap in gaps)


def discordance(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Share of pairs of items in opposite order in two sets of worths (..., items); level in one counts one half.

    Kendall's distance over its largest value. Source: Kendall (1938).

    >>> float(discordance(np.array([3, 2, 1]), np.array([1, 2, 3])))
    1.0
    """
    first, second = np.triu_indices(one.shape[-1], 1)
    orders = [np.sign(worths[..., first] - worths[..., second]) for worths in (one, other)]
    return np.asarray(np.abs(orders[0] - orders[1]).mean(axis=-1) / 2)


def rank_agreements(claim: Claim, plan: Plan, tops: Sequence[Top]) -> tuple[dict[str, str], ...]:
    """Whether populations that a claim about rankings does not name put its items first: claim, measure (their
    ranking), population (the claim's own), across (theirs), agreement. agrees: all are among the first with a chance of at least 95%; conflicts: one is with a
    chance of at most 5%; else differs."""
    found = []
    lists = {plan.row("ranks", name).items for name in claim.ranks}
    for top in tops:
        rank = plan.row("ranks", top.rank)
        if top.chances and rank.id not in claim.ranks and rank.items in lists:
            chances = [top.chances[rank.items.index(item)] for item in claim.items]
            word = "agrees" if min(chances) >= NEARLY_SURE else "differs"
            word = "conflicts" if min(chances) <= 1 - NEARLY_SURE else word
            row = {"claim": claim.id, "measure": rank.id, "population": claim.population}
            found.append(row | {"across": rank.population, "agreement": word})
    return tuple(found)


def _asked(rank: Rank, designs: Mapping[str, SurveyDesign]) -> bool:
    return rank.population in designs and not designs[rank.population].frame[rank.questions[0]].isna().all()


def _none(rank: Rank, state: str) -> Top:
    return Top(rank.id, state, rank.top)


def _together(ranks: Sequence[Rank], designs: Mapping[str, SurveyDesign], profile: Profile) -> SurveyDesign:
    """One sample with the answers to each ranking in columns of its own, empty for everybody else."""
    chosen = {rank.population: designs[rank.population] for rank in ranks}
    columns: dict[str, dict[str, str]] = {name: {} for name in chosen}
    for rank in ranks:
        columns[rank.population] |= {question: f"{rank.id}:{question}" for question in rank.questions}
    return stacked(chosen, columns, share_clusters(profile, list(chosen)))


def _drawn(
    rank: Rank, both: SurveyDesign, design: SurveyDesign, number: int, profile: Profile
) -> tuple[Top, np.ndarray | None]:
    """A released ranking with its draws (draws, items); none where it is withheld."""
    questions = [f"{rank.id}:{question}" for question in rank.questions]
    try:
        fit = rank_model(both, questions, rank.items)
    except EmptyDomain:
        return _none(rank, "withheld"), None
    facts = {"measure": rank.id, "population": rank.population, "unit": "share", "n": fit.n, "clusters": fit.clusters}
    if (release(estimate_rows([facts]), profile.publication)["status"] == "withheld").all():
        return _none(rank, "withheld"), None
    table, drawn = _table(rank, both, design, number, profile.seed)
    numbers = [
        {"category": row["item"], "estimate": row["worth"], "low": row["low"], "high": row["high"]} for row in table
    ]
    rows = release(estimate_rows([facts | number for number in numbers]), profile.publication)
    shown = tuple(plain(row) for row in records(rows))
    return Top(rank.id, "shown", rank.top, shown, tuple(float(row["prob_top"]) for row in table)), drawn


def _table(
    rank: Rank, both: SurveyDesign, design: SurveyDesign, number: int, seed: int
) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Worths and draws. With a lone cluster, or where some draw of all clusters would leave none of this population, draws
    are those of the population alone, with luck of its own."""
    options: dict[str, Any] = {"draws": rank.draws, "top": rank.top}
    questions = [f"{rank.id}:{question}" for question in rank.questions]
    if (both.clusters_in_stratum > 1).all():
        with suppress(ValueError):
            table, drawn = rank_bootstrap(both, questions, rank.items, rng=np.random.default_rng(seed), **options)
            return records(table), drawn
    rng = np.random.default_rng([seed, number])
    table, drawn = rank_bootstrap(design, rank.questions, rank.items, rng=rng, **options)
    return records(table), drawn


def _gap(pair: str, one: Top, other: Top, drawn: Mapping[str, np.ndarray]) -> RankGap:
    """Draws under equal worths are those of each population, moved so that both lie about the middle of the two fits
    (logs). Source: Hall and Wilson (1991)."""
    fits = [np.log(np.clip([row["estimate"] for row in top.rows], LOWEST, None)) for top in (one, other)]
    logs = [np.log(np.clip(drawn[top.rank], LOWEST, None)) for top in (one, other)]
    middle = (fits[0] + fits[1]) / 2
    value = float(discordance(fits[0], fits[1]))
    among = discordance(logs[0], logs[1])
    chance = discordance(logs[0] - fits[0] + middle, logs[1] - fits[1] + middle)
    tops = [_first(drawn[top.rank], top.top) for top in (one, other)]
    return RankGap(
        pair,
        "shown",
        value,
        float(np.quantile(among, 0.025)),
        float(np.quantile(among, 0.975)),
        float(chance.mean()),
        float((1 + (chance >= value - 1e-9).sum()) / (1 + len(chance))),
        same_top=float((tops[0] == tops[1]).all(axis=1).mean()),
        shared=float((tops[0] & tops[1]).sum(axis=1).mean()),
        both=tuple(float(p) for p in (tops[0] & tops[1]).mean(axis=0)),
    )


def _first(drawn: np.ndarray, top: int) -> np.ndarray:
    """Which items hold the first places in each draw (draws, items); those level with the last are in by their order."""
    best = np.argsort(-drawn, axis=1, kind="stable")[:, :top]
    inside = np.zeros(drawn.shape, dtype=bool)
    inside[np.arange(len(drawn))[:, None], best] = True
    return inside & (drawn > 0)
