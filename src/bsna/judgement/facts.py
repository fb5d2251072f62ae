"""What is known of a verdict's weight: the facts on which its grade hangs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bsna.judgement.standing import Standing

if TYPE_CHECKING:
    from bsna.judgement.claims import Verdict

Agreement = Mapping[str, Any]


@dataclass(frozen=True)
class Facts:
    """Measured facts of one verdict; None is what could not be computed, or has nothing to be set beside.

    `half_width`: half of the widest 95% interval among its shares and differences, a fraction. `clusters` and `df`: the
    fewest; `deff`: the largest. `silent`: share of people asked without a usable answer. `silence_changes`: on how many
    of two sides the verdict would change if all of these had taken it; `cleaning_changes`: 1 if it is another on
    uncleaned answers. `stands`: share of reruns in which it stands. `breaking_sites`, `breaking_enumerators`: size of the
    smallest set that changes it, a share of all. `mirror_conflicts`, `outside_conflicts`: how many conflict.
    `uncertain`: 1 if so is the verdict. `at_least` names facts that are known from below only.
    """

    half_width: float | None = None
    clusters: float | None = None
    df: float | None = None
    deff: float | None = None
    silent: float | None = None
    silence_changes: float | None = None
    cleaning_changes: float | None = None
    stands: float | None = None
    breaking_sites: float | None = None
    breaking_enumerators: float | None = None
    mirror_conflicts: float | None = None
    outside_conflicts: float | None = None
    uncertain: float = 0.0
    at_least: frozenset[str] = frozenset()


def facts_of(
    verdict: Verdict, alone: str, *, standing: Standing | None = None, agreements: Sequence[Agreement] = ()
) -> Facts:
    """Facts of a verdict that was tested.

    `alone` is the verdict without correction for many claims, as the verdicts of the silent and on uncleaned answers are.
    `agreements` are those of the claim's mirrored questions: agrees, differs or conflicts; what was not compared (untested)
    counts as not there.
    """
    rows = verdict.rows
    widths = [
        (row["high"] - row["low"]) / 2
        for row in rows
        if row["unit"] in ("share", "points") and row["low"] is not None and row["high"] is not None
    ]
    breaking, bounded = _breaking(standing)
    return Facts(
        half_width=max(widths, default=None),
        clusters=verdict.clusters,
        df=min((row["df"] for row in rows if row.get("df") is not None), default=None),
        deff=verdict.deff,
        silent=verdict.nonresponse,
        silence_changes=None if verdict.bounds is None else float(sum(word != alone for word in verdict.bounds)),
        cleaning_changes=None if verdict.raw is None else float(verdict.raw != alone),
        stands=None if standing is None else standing.share,
        breaking_sites=breaking.get("sites"),
        breaking_enumerators=breaking.get("enumerators"),
        mirror_conflicts=_conflicts(agreements),
        outside_conflicts=_conflicts(verdict.outside),
        uncertain=float(verdict.verdict == "uncertain"),
        at_least=bounded,
    )


def _conflicts(agreements: Sequence[Agreement]) -> float | None:
    found = [a["agreement"] for a in agreements if a["agreement"] in ("agrees", "differs", "conflicts")]
    return float(found.count("conflicts")) if found else None


def _breaking(standing: Standing | None) -> tuple[dict[str, float], frozenset[str]]:
    """Shares by family; where no set was found, the share of the next larger one, known from below only."""
    shares, bounded = {}, set()
    for found in standing.breaking if standing else ():
        if not found.of:
            continue
        shares[found.family] = min(1.0, (found.tried + 1 if found.size is None else found.size) / found.of)
        if found.size is None:
            bounded.add(f"breaking_{found.family}")
    return shares, frozenset(bounded)
