"""Verdicts without each enumerator, and without each site; and the smallest set found whose removal changes one."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from bsna.estimation import SurveyDesign, survey_design
from bsna.intake.plan import Claim
from bsna.judgement.robustness.judged import Designs, Judged, Rerun
from bsna.judgement.standing import Breaking, Variant

SITES, ENUMERATORS = "sites", "enumerators"
LARGEST = 0.25
"""Share of all sites, or of all enumerators, beyond which no set is looked for."""

_COLUMN = {SITES: "psu", ENUMERATORS: "enumerator_id"}
Codes = Mapping[str, pd.Series]


def codes_of(family: str, designs: Designs, answers: Mapping[str, pd.DataFrame]) -> dict[str, pd.Series]:
    """Site or enumerator of each interview by population, aligned with the rows of its design.

    A population whose interviews name no enumerator, or each a site of its own, is left out.
    """
    found: dict[str, pd.Series] = {}
    for population, design in designs.items():
        column = _COLUMN[family]
        source = design.frame if column in design.frame else answers[population]
        if column in source and source[column].nunique() < len(source) and not _unknown(source[column]):
            found[population] = source[column].astype(str).reset_index(drop=True)
    return found


def _unknown(codes: pd.Series) -> bool:
    return bool(codes.astype(str).str.startswith("~").all()) or codes.nunique() < 2


def without(designs: Designs, codes: Codes, gone: Sequence[str]) -> dict[str, SurveyDesign]:
    """The designs as if the interviews of some sites or enumerators had not been made; weights stay as they are.

    A population none of whose interviews goes keeps its design; one that would be empty is left out.
    """
    remaining: dict[str, SurveyDesign] = {}
    for population, design in designs.items():
        if population not in codes or not (leaves := codes[population].isin(list(gone)).to_numpy()).any():
            remaining[population] = design
        elif not leaves.all():
            kept = design.frame[~leaves].reset_index(drop=True)
            lonely = "adjust" if design.lonely == "fail" else design.lonely
            remaining[population] = survey_design(
                kept, weight=design.weight, stratum=design.stratum, psu=design.psu, lonely=lonely
            )
    return remaining


def one_at_a_time(judged: Judged, family: str, codes: Codes) -> tuple[dict[str, Variant], dict[str, dict[str, Rerun]]]:
    """Every claim without each site, or each enumerator, in turn: how its verdict fares, and the reruns by code.

    Only codes behind a claim's own populations count for it.
    """
    behind = {population: set(values) for population, values in codes.items()}
    everyone = sorted(set().union(*behind.values())) if behind else []
    reruns: dict[str, dict[str, Rerun]] = {}
    for code in everyone:
        fewer = without(judged.designs, codes, [code])
        reruns[code] = _touched(judged, fewer, {p for p, values in behind.items() if code in values})
    words = {code: judged.corrected(reruns[code]) for code in everyone}
    variants = {}
    for claim in judged.claims:
        own = [code for code in everyone if claim.id in reruns[code]]
        if own:
            mine = [reruns[code][claim.id] for code in own]
            variants[claim.id] = judged.variant(family, claim, mine, [words[code][claim.id] for code in own])
    return variants, reruns


def _touched(judged: Judged, fewer: Designs, populations: set[str]) -> dict[str, Rerun]:
    """Reruns of claims on these populations; of one that has lost a whole population, nothing is left to test."""
    found = {}
    for claim in judged.claims:
        needed = set(judged.plan.populations_of(claim))
        if needed & populations:
            found[claim.id] = judged.again(claim, fewer) if needed <= set(fewer) else Rerun(None, None)
    return found


def smallest_breaking(
    judged: Judged, claim: Claim, family: str, codes: Codes, reruns: Mapping[str, Mapping[str, Rerun]]
) -> Breaking | None:
    """The smallest set found whose removal changes the verdict of a claim, the other claims staying as they are.

    Codes leave in the order in which each alone moves the p-value that the verdict hangs on, most first; the number
    needed is found by halving, so it is an upper bound: another set may be smaller. None if the claim rests on no codes.
    Sets of more than `LARGEST` of all are not looked for. Source of the idea: Broderick, Giordano and Meager (2020).
    """
    own = {code: found[claim.id] for code, found in reruns.items() if claim.id in found}
    if not own:
        return None
    tried = max(1, int(np.ceil(LARGEST * len(own))))
    best: tuple[int, str] | None = None
    for order in _orders(judged.words[claim.id], own):
        found = _fewest(judged, claim, codes, order[:tried])
        if found is not None and (best is None or found[0] < best[0]):
            best = found
    return Breaking(family, best[0] if best else None, len(own), tried, best[1] if best else None)


def _orders(word: str, own: Mapping[str, Rerun]) -> list[list[str]]:
    """Codes by how far each alone pushes towards another verdict, for each side to which it could turn."""

    def sort(side: int, sign: int) -> list[str]:
        def key(code: str) -> tuple[float, str]:
            pair = own[code].p_values
            return (-np.inf if pair is None else sign * pair[side], code)

        return sorted(own, key=key)

    if word == "supported":
        return [sort(0, -1)]
    return [sort(1, -1)] if word == "contradicted" else [sort(0, 1), sort(1, 1)]


def _fewest(judged: Judged, claim: Claim, codes: Codes, order: Sequence[str]) -> tuple[int, str] | None:
    """How many of the first codes must go, and what the verdict becomes, by halving; None if all of them do not change it."""

    def word(count: int) -> str:
        fewer = without(judged.designs, codes, order[:count])
        lost = not set(judged.plan.populations_of(claim)) <= set(fewer)
        rerun = Rerun(None, None) if lost else judged.again(claim, fewer)
        return judged.corrected({claim.id: rerun})[claim.id]

    low, high, reached = 0, len(order), word(len(order))
    if reached == judged.words[claim.id]:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        found = word(middle)
        if found == judged.words[claim.id]:
            low = middle
        else:
            high, reached = middle, found
    return high, reached
