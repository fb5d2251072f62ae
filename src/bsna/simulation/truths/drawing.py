"""The planned sample of a survey, and answers of its people drawn from a truth."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bsna.estimation import SurveyDesign, survey_design
from bsna.intake.plan import Claim, Plan, Rank
from bsna.intake.profile import Profile
from bsna.simulation.truths.blocks import Block, blocks_of
from bsna.simulation.truths.holding import first_choices


@dataclass(frozen=True)
class Ranking:
    """A ranked question. `worths` (items,) add up to one; `cluster_effect` is the correlation of first choices within a cluster;
    `named` holds measures of being named at any place, with their codes."""

    rank: Rank
    worths: np.ndarray
    cluster_effect: float
    named: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Answers:
    """All that one claim rests on: `blocks` of answers of its `population`, and `rankings`, each of its own."""

    population: str
    blocks: tuple[Block, ...]
    rankings: tuple[Ranking, ...]


def planned_designs(profile: Profile) -> dict[str, SurveyDesign]:
    """The planned sample of each population, without answers: the community's clusters and interviews as the sampling frame
    plans them, adults shared out over them; others' as the profile plans them, all alike. Populations with neither are absent."""
    frames: dict[str, pd.DataFrame] = {}
    if profile.frame:
        strata = [
            _stratum(f"{row.region} / {row.settlement}", row.sampled_clusters, row.interviews_per_cluster).assign(
                weight=row.adults / row.sampled_clusters / row.interviews_per_cluster
            )
            for row in profile.frame
        ]
        frames["community"] = pd.concat(strata, ignore_index=True)
    for name, planned in profile.planned.items():
        shares = np.array_split(np.arange(planned.clusters), planned.strata)
        parts = [_stratum(f"{k}", len(part), planned.people_per_cluster) for k, part in enumerate(shares)]
        frames[name] = pd.concat(parts, ignore_index=True).assign(weight=1.0)
    designs = {name: survey_design(frame, lonely=profile.design[name].lonely) for name, frame in frames.items()}
    for design in designs.values():
        _ = design.stages  # once for all surveys drawn on this design
    return designs


def answers_of(claim: Claim, plan: Plan) -> Answers:
    """What a claim rests on, as the plan's assumed shares are true. Errors as in `blocks_of` and `first_choices`."""
    rankings = []
    for rank in (plan.row("ranks", name) for name in claim.ranks):
        rows = first_choices(rank, plan)
        effect = max(plan.cluster_effect(row).cluster_effect for row in rows)
        named = {
            spec.measure: spec.codes
            for spec in plan.measures
            if (spec.population, spec.question, spec.kind) == (rank.population, rank.questions, "named")
            and set(spec.codes) & set(claim.items)
        }
        rankings.append(Ranking(rank, np.array([row.share for row in rows]), effect, named))
    return Answers(claim.population, tuple(blocks_of(claim, plan)), tuple(rankings))


def draw_survey(
    answers: Answers, designs: Mapping[str, SurveyDesign], rng: np.random.Generator
) -> dict[str, SurveyDesign]:
    """One survey: the designs with what the claim counts.

    Clusters differ: each has shares of its own, drawn from a Dirichlet distribution about the true ones, so that two people of
    one cluster correlate as the cluster effect says in every answer (Mosimann 1962). Blocks are drawn independently. Those who
    are not asked have missing values; who is asked one thing less often asked is asked the other too.
    """
    columns: dict[str, dict[str, np.ndarray]] = {name: {} for name in designs}
    if answers.blocks:
        people = designs[answers.population].psu_codes
        luck = rng.random(len(people))
        for block in answers.blocks:
            cell = draw_cells(block, people, rng)
            for name, counts in block.counts.items():
                columns[answers.population][name] = np.where(luck < block.asked, counts[cell].astype(float), np.nan)
            for name, levels in block.groups.items():
                columns[answers.population][name] = np.array(levels, dtype=object)[cell]
    for ranking in answers.rankings:
        population = ranking.rank.population
        columns[population] |= _ranked(ranking, designs[population].psu_codes, rng)
    return {name: designs[name].with_columns(**made) if made else designs[name] for name, made in columns.items()}


def draw_cells(block: Block, clusters: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The cell of each person (n,), of `clusters` (n,) by number."""
    parts = np.array(block.parts or np.zeros(len(block.chances), dtype=int))
    shares = np.zeros((int(clusters.max()) + 1, len(parts)))
    for part in np.unique(parts):
        inside = (parts == part) & (block.chances > 0)
        if inside.any():
            size = block.chances[inside].sum()
            shares[:, inside] = size * cluster_shares(
                block.chances[inside] / size, block.cluster_effect, len(shares), rng
            )
    reached = shares.cumsum(axis=1)[clusters, :-1]
    return np.asarray((rng.random(len(clusters))[:, None] >= reached).sum(axis=1))


def cluster_shares(chances: np.ndarray, effect: float, clusters: int, rng: np.random.Generator) -> np.ndarray:
    """Shares (clusters, cells) of each cluster, about `chances` (cells,); these themselves if the effect is nil.

    A Dirichlet distribution with concentration 1 / effect - 1. ValueError for an effect outside 0 to 1, the latter excluded.
    """
    if not 0 <= effect < 1:
        raise ValueError(f"A cluster effect of {effect}; answers can be drawn for one from 0 to below 1")
    if effect == 0:
        return np.tile(chances, (clusters, 1))
    drawn = rng.gamma(chances * (1 / effect - 1), size=(clusters, len(chances)))
    return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))


def draw_lists(ranking: Ranking, clusters: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The items that people of `clusters` (n,) name in each place, as objects (n, places).

    Each person chooses by the worths of the cluster (Plackett 1975). What is left of a Dirichlet distribution without some
    of its parts does not depend on these (Connor and Mosimann 1969), so that over clusters the lists follow a
    Plackett–Luce model with the true worths.
    """
    shares = cluster_shares(ranking.worths, ranking.cluster_effect, int(clusters.max()) + 1, rng)
    with np.errstate(divide="ignore"):
        liking = np.log(shares)[clusters] + rng.gumbel(size=(len(clusters), len(ranking.worths)))
    return np.asarray(
        np.array(ranking.rank.items, dtype=object)[np.argsort(-liking, axis=1)[:, : len(ranking.rank.questions)]]
    )


def _ranked(ranking: Ranking, clusters: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    named = draw_lists(ranking, clusters, rng)
    columns = {question: named[:, place] for place, question in enumerate(ranking.rank.questions)}
    return columns | {name: np.isin(named, codes).any(axis=1).astype(float) for name, codes in ranking.named.items()}


def _stratum(name: str, clusters: int, people_per_cluster: float) -> pd.DataFrame:
    people = int(clusters * people_per_cluster)
    number = np.arange(people) * clusters // people
    return pd.DataFrame({"stratum": name, "psu": [f"{name} {k}" for k in number]})
