"""What notes of focus groups and interviews say of claims: how many sources on which side, and how alike coders read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.stats.inter_rater import cohens_kappa

from bsna.intake.notes import Code, Note
from bsna.judgement.quotes import Guard, Quoted, quote

DIRECTIONS = ("for", "against", "context")
BOTH, NEITHER = "both", "neither"
DRAWS = 1000
_DEFINED = 0.95
"""Share of bootstrap draws in which alpha must exist for its interval to be given."""

Judgements = Mapping[str, Mapping[str, str]]
"""For each excerpt, what each of its coders found: coder to category."""


@dataclass(frozen=True)
class SourceCount:
    """Sources of one population that spoke of a claim, by direction; a source may be on several sides. A direction with fewer
    than the threshold is None; there are none at all where the population has fewer."""

    population: str
    directions: dict[str, int | None]


@dataclass(frozen=True)
class Agreement:
    """How alike coders read `units` excerpts that at least two of them read. `percent`: share of pairs of codings of one
    excerpt that are the same; `kappa`: Cohen's, for two coders; `alpha`: Krippendorff's for names, with a 95% bootstrap interval
    over excerpts. None is what does not exist: kappa for more coders, alpha where nobody ever differed in anything found."""

    units: int
    coders: int
    percent: float
    kappa: float | None
    alpha: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ClaimNotes:
    """All that notes say of one claim, and all of it may be shown: `sources` by population, `few` populations with too few
    of them, `agreement` of coders, and excerpts that may be quoted."""

    claim_id: str
    sources: tuple[SourceCount, ...]
    few: tuple[str, ...]
    agreement: Agreement | None
    quoted: Quoted


def weigh_notes(
    notes: Sequence[Note],
    codes: Sequence[Code],
    claim_ids: Sequence[str],
    guard: Guard,
    *,
    threshold: int,
    rng: np.random.Generator,
) -> dict[str, ClaimNotes]:
    """What notes say of each claim that at least one code of theirs is about; of the others nothing.

    Agreement rests on at least `threshold` excerpts, or is not told.
    """
    found = {}
    given = {note.code for note in notes}
    for claim_id in claim_ids:
        if not any(code.claim == claim_id and code.code in given for code in codes):
            continue
        counts = count_sources(notes, codes, claim_id, threshold=threshold)
        alike = read_alike(notes, codes, claim_id, rng)
        found[claim_id] = ClaimNotes(
            claim_id,
            tuple(count for count in counts if count.directions),
            tuple(count.population for count in counts if not count.directions),
            alike if alike and alike.units >= threshold else None,
            quote(notes, codes, claim_id, guard=guard, threshold=threshold),
        )
    return found


def count_sources(
    notes: Sequence[Note], codes: Sequence[Code], claim_id: str, *, threshold: int
) -> tuple[SourceCount, ...]:
    """Sources for, against, and with context of a claim, by population: sources, never mentions.

    A source is on a side if more than half of the coders who read one of its excerpts found it there. A population with
    fewer than `threshold` sources that speak of the claim has no directions.
    """
    sides = {code.code: code.direction for code in codes if code.claim == claim_id}
    found: dict[str, dict[str, set[str]]] = {}
    for excerpt in _by_excerpt(notes).values():
        source, population = excerpt[0].source_id, excerpt[0].population
        coders = {note.coder for note in excerpt}
        for direction in DIRECTIONS:
            agreed = {note.coder for note in excerpt if sides.get(note.code) == direction}
            if 2 * len(agreed) > len(coders):
                found.setdefault(population, {}).setdefault(direction, set()).add(source)
    counts = []
    for population, by in sorted(found.items()):
        enough = len(set().union(*by.values())) >= threshold
        shown = {d: _at_least(len(by.get(d, ())), threshold) for d in DIRECTIONS} if enough else {}
        counts.append(SourceCount(population, shown))
    return tuple(counts)


def read_alike(
    notes: Sequence[Note], codes: Sequence[Code], claim_id: str, rng: np.random.Generator
) -> Agreement | None:
    """Agreement of coders on what excerpts say of a claim: for, against, both, context, neither.

    Excerpts in which no coder found anything about the claim count as well: that is agreement too. None if fewer than two excerpts were
    read by two coders, or none of these is about the claim.
    """
    judged = _judgements(notes, codes, claim_id)
    pairable = {name: found for name, found in judged.items() if len(found) > 1}
    if len(pairable) < 2 or all(word == NEITHER for found in pairable.values() for word in found.values()):
        return None
    coders = sorted({coder for found in pairable.values() for coder in found})
    low, high = _alpha_interval(list(pairable.values()), rng)
    return Agreement(
        len(pairable),
        len(coders),
        percent_agreement(pairable),
        kappa(pairable, coders) if len(coders) == 2 else None,
        krippendorff_alpha(pairable),
        low,
        high,
    )


def percent_agreement(judged: Judgements) -> float:
    """Share of pairs of codings of one excerpt that are the same, each excerpt weighing by its number of coders as in alpha."""
    table = _coincidences(list(judged.values()))
    return float(np.trace(table) / table.sum())


def kappa(judged: Judgements, coders: Sequence[str]) -> float | None:
    """Cohen's kappa of two coders over the excerpts that both read; None where chance alone would make them agree always.

    Source: Cohen (1960), by statsmodels.
    """
    pairs = [(found[coders[0]], found[coders[1]]) for found in judged.values() if set(coders) <= set(found)]
    names = sorted({word for pair in pairs for word in pair})
    if len(names) < 2:
        return None
    one, other = (pd.Categorical([pair[place] for pair in pairs], categories=names) for place in (0, 1))
    return float(cohens_kappa(pd.crosstab(one, other, dropna=False).to_numpy()).kappa)


def krippendorff_alpha(judged: Judgements) -> float | None:
    """Krippendorff's alpha for names, any number of coders, excerpts read by some of them only; None without any variation.

    One less observed over expected disagreement of pairs of codings. Source: Krippendorff (2011), section C.
    """
    return _alpha(_coincidences([found for found in judged.values() if len(found) > 1]))


def _alpha(table: np.ndarray) -> float | None:
    totals, n = table.sum(axis=0), table.sum()
    expected = n * n - float(totals @ totals)
    if n < 2 or expected <= 0:
        return None
    return float(1 - (n - 1) * (n - np.trace(table)) / expected)


def _coincidences(units: Sequence[Mapping[str, str]]) -> np.ndarray:
    """Coincidences of categories: a unit with m codings adds each of its ordered pairs 1 / (m - 1) times."""
    return np.sum(_unit_tables(units), axis=0)


def _unit_tables(units: Sequence[Mapping[str, str]]) -> np.ndarray:
    names = sorted({word for found in units for word in found.values()})
    counts = np.array([[list(found.values()).count(name) for name in names] for found in units], dtype=float)
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(len(names))
    return pairs / (counts.sum(axis=1) - 1)[:, None, None]


def _alpha_interval(units: Sequence[Mapping[str, str]], rng: np.random.Generator) -> tuple[float | None, float | None]:
    """Percentiles of alpha over draws of excerpts with replacement; None where too many draws lack any variation."""
    tables = _unit_tables(units)
    draws = rng.integers(len(units), size=(DRAWS, len(units)))
    found = [value for draw in draws if (value := _alpha(tables[draw].sum(axis=0))) is not None]
    if len(found) < _DEFINED * DRAWS:
        return None, None
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def _judgements(notes: Sequence[Note], codes: Sequence[Code], claim_id: str) -> dict[str, dict[str, str]]:
    sides = {code.code: code.direction for code in codes if code.claim == claim_id}
    judged: dict[str, dict[str, str]] = {}
    for name, excerpt in sorted(_by_excerpt(notes).items()):
        for coder in sorted({note.coder for note in excerpt}):
            judged.setdefault(name, {})[coder] = _category(
                {sides[n.code] for n in excerpt if n.coder == coder and n.code in sides}
            )
    return judged


def _category(found: set[str]) -> str:
    if {"for", "against"} <= found:
        return BOTH
    return next((direction for direction in DIRECTIONS if direction in found), NEITHER)


def _by_excerpt(notes: Sequence[Note]) -> dict[str, list[Note]]:
    excerpts: dict[str, list[Note]] = {}
    for note in notes:
        excerpts.setdefault(note.excerpt_id, []).append(note)
    return excerpts


def _at_least(count: int, threshold: int) -> int | None:
    return count if count >= threshold else None
