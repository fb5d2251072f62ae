"""How each verdict fares when the same question is asked of the data in other ways."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bsna.estimation import SurveyDesign
from bsna.intake.plan import Plan
from bsna.judgement.claims import Verdict
from bsna.judgement.robustness import otherwise
from bsna.judgement.robustness.corrections import Received, by_rule, correction_shifts
from bsna.judgement.robustness.judged import Judged, judged
from bsna.judgement.robustness.removal import ENUMERATORS, SITES, codes_of, one_at_a_time, smallest_breaking
from bsna.judgement.standing import Breaking, Standing, Variant

FAMILIES = ("unweighted", "uncleaned", "enumerators", "sites", "silence", "imputed", "cut_points", "covariates")
MOST_MOVING = 10

__all__ = ["FAMILIES", "Evidence", "Received", "robustness"]


@dataclass(frozen=True)
class Evidence:
    """A survey by population: `designs` as judged, `answers` row by row beside them, `raw` the designs of uncleaned answers, and
    what was `received`, where a correction log is kept."""

    designs: Mapping[str, SurveyDesign]
    answers: Mapping[str, pd.DataFrame]
    raw: Mapping[str, SurveyDesign]
    received: Mapping[str, Received]


def robustness(
    plan: Plan, verdicts: Sequence[Verdict], evidence: Evidence, *, threshold: int, rng: np.random.Generator
) -> tuple[tuple[Standing, ...], pd.DataFrame]:
    """Standings of the claims that were tested, and the rows of the log that moved each most.

    A verdict stands in a rerun if, corrected within its family, it is the same. Unweighted, uncleaned, one-sided silence and
    removals concern all claims at once, and all are corrected together; the rest one claim while the others stay. The
    second result has one row per claim and log row, at most `MOST_MOVING` a claim: claim, log_id, rule, column, shift. It is
    about single people and is never published.
    """
    base = judged(plan, evidence.designs, verdicts)
    together = {
        "unweighted": otherwise.unweighted(base),
        "uncleaned": otherwise.uncleaned(base, evidence.raw),
        "silence": otherwise.one_sided(base, evidence.answers),
        "imputed": otherwise.imputed(base, evidence.answers, rng),
        "cut_points": otherwise.cut_elsewhere(base, evidence.answers, plan.cut_points),
        "covariates": otherwise.other_covariates(base, plan.covariates),
    }
    breaking: dict[str, list[Breaking]] = {claim.id: [] for claim in base.claims}
    for family in (ENUMERATORS, SITES):
        codes = codes_of(family, evidence.designs, evidence.answers)
        together[family], reruns = one_at_a_time(base, family, codes)
        for claim in base.claims:
            if (found := smallest_breaking(base, claim, family, codes, reruns)) is not None:
                breaking[claim.id].append(found)
    moved = {claim.id: _moved(base, claim.id, evidence.received) for claim in base.claims}
    standings = tuple(
        Standing(
            claim.id,
            base.words[claim.id],
            _in_order(together, claim.id),
            tuple(breaking[claim.id]),
            by_rule(moved[claim.id], threshold=threshold),
            str(base.rows[claim.id]["unit"].iloc[base.leads[claim.id]]),
        )
        for claim in base.claims
    )
    return standings, _strongest(moved)


def _in_order(together: Mapping[str, Mapping[str, Variant]], claim_id: str) -> tuple[Variant, ...]:
    return tuple(together[family][claim_id] for family in FAMILIES if claim_id in together[family])


def _moved(base: Judged, claim_id: str, received: Mapping[str, Received]) -> pd.DataFrame:
    claim = base.plan.row("claims", claim_id)
    lead = base.rows[claim_id].iloc[base.leads[claim_id]]
    population = str(lead["population"])
    if claim.model or population not in received:
        return pd.DataFrame(columns=["log_id", "rule", "column", "shift"])
    return correction_shifts(claim, base.plan, str(lead["measure"]), received[population])


def _strongest(moved: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    parts = []
    for claim, shifts in moved.items():
        order = shifts["shift"].abs().sort_values(ascending=False, kind="stable").index[:MOST_MOVING]
        parts.append(shifts.loc[order].assign(claim=claim))
    columns = ["claim", "log_id", "rule", "column", "shift"]
    found = [part for part in parts if not part.empty]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)
