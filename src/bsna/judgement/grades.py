"""How much weight a verdict bears: A, less one step for each declared weakness."""

from collections.abc import Mapping, Sequence
from typing import Any

from bsna.intake.plan import Claim, Outside, Plan

MANY_SILENT = 0.05
FEW_CLUSTERS = 30
PUBLISHED_DEFF = 2.0


def grade(
    verdict: str,
    alone: str,
    *,
    nonresponse: float | None,
    bounds: tuple[str, str] | None,
    raw: str | None,
    clusters: int | None,
    outside: Sequence[Mapping[str, Any]],
) -> tuple[str, tuple[str, ...]]:
    """A to D, and the reasons for stepping down; an uncertain verdict is at best C.

    `alone` is the verdict without correction for many claims, as the verdicts in `bounds` and `raw` are.
    """
    weak = {
        "nonresponse": nonresponse is not None and nonresponse > MANY_SILENT,
        "bounds": bounds is not None and set(bounds) != {alone},
        "cleaning": raw is not None and raw != alone,
        "clusters": (clusters or 0) < FEW_CLUSTERS,
        "outside": any(figure["agreement"] == "conflicts" for figure in outside),
        "uncertain": verdict == "uncertain",
    }
    reasons = tuple(reason for reason, is_weak in weak.items() if is_weak)
    steps = len(reasons) + (1 if verdict == "uncertain" else 0)
    return "ABCD"[min(steps, 3)], reasons


def outside_figures(
    claim: Claim, plan: Plan, rows: Sequence[Mapping[str, Any]], survey: str
) -> tuple[dict[str, Any], ...]:
    """Published figures beside those of a claim's released estimates that they can be set against.

    `agreement`: agrees if the figure lies within our interval; conflicts if that interval and the figure's own lie wholly
    on different sides of the claim's margin; else differs. The figure's own interval assumes a design effect of
    two, usual for national clustered surveys. A withheld estimate is set beside nothing.
    """
    ours = {row["measure"]: row for row in rows if row["unit"] == "share" and row["low"] is not None}
    return tuple(
        {
            "measure": o.measure,
            "source": o.source,
            "year": o.year,
            "share": o.share,
            "note": {"en": o.note_en, "fr": o.note_fr},
            "agreement": _agreement(o, ours[o.measure], claim.margin),
        }
        for o in plan.outside
        if o.measure in ours and survey in o.survey.split()
    )


def _agreement(figure: Outside, row: Mapping[str, Any], margin: float | None) -> str:
    if row["low"] <= figure.share <= row["high"]:
        return "agrees"
    if margin is None or not figure.n:
        return "differs"
    reach = 1.96 * (PUBLISHED_DEFF * figure.share * (1 - figure.share) / int(figure.n)) ** 0.5
    apart = figure.share + reach < margin < row["low"] or row["high"] < margin < figure.share - reach
    return "conflicts" if apart else "differs"
