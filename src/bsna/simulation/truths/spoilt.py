"""Surveys with faults that grades should tell: too few clusters, silence that depends on the answer, an enumerator who invents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bsna.estimation import SurveyDesign, survey_design
from bsna.intake.measured import measure
from bsna.intake.plan import Plan
from bsna.intake.reasons import NOT_ASKED, REFUSED
from bsna.simulation.truths.blocks import Block
from bsna.simulation.truths.drawing import Answers, draw_cells, draw_lists

THINNED = (1.0, 0.5, 0.25, 0.1)
"""Shares of the planned clusters that may be reached."""
FEWEST = 3
"""Clusters that every stratum keeps, if it has as many."""
MOST_SILENT = 0.4
"""Greatest chance that somebody refuses whose answer is of the kind that is kept back; of others a fifth of it."""
TEAM = 12
"""Enumerators of a survey; two share the interviews of a cluster."""


@dataclass(frozen=True)
class Faults:
    """What is wrong with one survey. `clusters`: share of those planned that are reached. `silence`: greatest chance to refuse,
    nil if none depends on the answer. `has_inventor`: one enumerator writes down answers of his own; `is_found` if the checks
    find it, so that cleaning takes his interviews out."""

    clusters: float
    silence: float
    has_inventor: bool
    is_found: bool


@dataclass(frozen=True)
class Spoilt:
    """One survey. `answers` are the cleaned tables in typed shape by population, `designs` their designs with measures;
    `raw_designs` those of what was delivered, None if cleaning took nothing out."""

    answers: dict[str, pd.DataFrame]
    designs: dict[str, SurveyDesign]
    raw_designs: dict[str, SurveyDesign] | None


def draw_faults(rng: np.random.Generator) -> Faults:
    """Faults of one survey: each is there in half of all, the number of clusters is any of `THINNED`."""
    clusters = float(rng.choice(THINNED))
    silence = float(rng.uniform(0, MOST_SILENT) * (rng.random() < 0.5))
    has_inventor = bool(rng.random() < 0.5)
    return Faults(clusters, silence, has_inventor, bool(rng.random() < 0.5))


def spoilt_survey(
    answers: Sequence[Answers],
    plan: Plan,
    planned: Mapping[str, SurveyDesign],
    faults: Faults,
    rng: np.random.Generator,
) -> Spoilt:
    """One survey with the answers that several claims rest on, which are drawn independently of each other.

    `plan` holds the measures to count and no others. Raises ValueError if two claims rest on one question.
    """
    cleaned, designs, raw_designs, taken_out = {}, {}, {}, False
    for population, whole in planned.items():
        frame = _thinned(whole.frame[["stratum", "psu", "weight"]], faults.clusters, rng)
        clusters = pd.factorize(frame["psu"])[0]
        enumerator = (2 * clusters + np.arange(len(frame)) % 2) % TEAM
        invented = (enumerator == rng.integers(TEAM)) & faults.has_inventor
        names = [f"E{number}" for number in enumerator]
        delivered = frame.assign(
            enumerator_id=names, **_answers(answers, population, clusters, invented, faults.silence, rng)
        )
        kept = delivered[~invented] if faults.is_found else delivered
        kept = _reweighted(kept, delivered).reset_index(drop=True)
        cleaned[population] = kept
        designs[population] = survey_design(measure(kept, plan, population), lonely=whole.lonely)
        taken_out |= len(kept) < len(delivered)
        raw_designs[population] = designs[population]
        if len(kept) < len(delivered):
            raw_designs[population] = survey_design(measure(delivered, plan, population), lonely=whole.lonely)
    return Spoilt(cleaned, designs, raw_designs if taken_out else None)


def _thinned(frame: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Some clusters of each stratum, standing for all of them."""
    kept = []
    for _, stratum in frame.groupby("stratum", sort=False):
        clusters = stratum["psu"].unique()
        count = min(len(clusters), max(FEWEST, round(share * len(clusters))))
        kept.append(stratum[stratum["psu"].isin(rng.choice(clusters, count, replace=False))])
    return _reweighted(pd.concat(kept), frame).reset_index(drop=True)


def _reweighted(kept: pd.DataFrame, whole: pd.DataFrame) -> pd.DataFrame:
    """Weights that add up, in each stratum, to those of all of whom these are a part."""
    wanted = whole.groupby("stratum")["weight"].sum()
    found = kept.groupby("stratum")["weight"].sum()
    return kept.assign(weight=kept["weight"] * kept["stratum"].map(wanted / found))


def _answers(
    answers: Sequence[Answers],
    population: str,
    clusters: np.ndarray,
    invented: np.ndarray,
    silence: float,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Columns of codes by question."""
    columns: dict[str, np.ndarray] = {}
    for one in answers:
        drawn: dict[str, np.ndarray] = {}
        luck = rng.random(len(clusters))
        for block in one.blocks if one.population == population else ():
            for question, codes in _coded(block, clusters, invented, luck, silence, rng).items():
                drawn[question] = _joined(drawn[question], codes) if question in drawn else codes
        for ranking in (ranking for ranking in one.rankings if ranking.rank.population == population):
            named = draw_lists(ranking, clusters, rng)
            named[invented] = named[rng.integers(len(named))]
            first = rng.choice(np.array(ranking.rank.items, dtype=object))
            refuses = rng.random(len(named)) < np.where(named[:, 0] == first, silence, silence / 5)
            named[refuses] = REFUSED
            drawn |= {question: named[:, place] for place, question in enumerate(ranking.rank.questions)}
        if twice := sorted(set(drawn) & set(columns)):
            raise ValueError(f"Two claims rest on the questions {twice}; draw them for one survey each")
        columns |= drawn
    return columns


def _coded(
    block: Block,
    clusters: np.ndarray,
    invented: np.ndarray,
    luck: np.ndarray,
    silence: float,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    cell = draw_cells(block, clusters, rng)
    possible = np.flatnonzero(block.chances)
    cell[invented] = rng.choice(possible)
    refuses = rng.random(len(cell)) < np.where(cell == rng.choice(possible), silence, silence / 5)
    columns = {}
    for question, codes in block.codes.items():
        found = np.array(codes, dtype=object)[cell]
        found[refuses] = REFUSED
        found[luck >= block.asked] = NOT_ASKED
        columns[question] = found
    return columns


def _joined(before: np.ndarray, more: np.ndarray) -> np.ndarray:
    """Codes ticked in a list and one more; a reason stays one, and who refuses one refuses the list."""
    pairs = zip(before, more, strict=True)
    return np.array(
        [max(a, b) if a.startswith("~") or b.startswith("~") else f"{a} {b}".strip() for a, b in pairs], dtype=object
    )
