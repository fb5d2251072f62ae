"""What others published beside a claim: whether it agrees with our estimates, differs from them, or conflicts."""

from collections.abc import Mapping, Sequence
from typing import Any

from scipy import stats

from bsna.estimation import change, estimate_rows, records
from bsna.estimation.intervals import share_interval
from bsna.intake.evidence import Outside, Round, Statement
from bsna.intake.plan import Claim, Plan

BORDERED = ("majority_all", "only_one", "chain")
"""Kinds of claim whose margin is a share that estimates must pass: only there can a figure lie on the other side."""

_BY_VERDICT = {
    ("supported", "for"): "agrees",
    ("supported", "against"): "conflicts",
    ("contradicted", "for"): "conflicts",
    ("contradicted", "against"): "agrees",
}


def outside_figures(
    claim: Claim, plan: Plan, rows: Sequence[Mapping[str, Any]], survey: str
) -> tuple[dict[str, Any], ...]:
    """Published figures attached to a claim, each beside our released estimate of the measure it names.

    `difference` is ours minus the published share, with its 95% interval: the samples are independent, their variances
    add up, degrees of freedom are Satterthwaite's (`change`). The figure's variance is that of a share of `n` people
    times its design effect (see `design_effect`), or that of its published interval. `agreement` is
    "agrees" if that interval holds zero: no difference is shown, and the interval tells how large a one may hide;
    "conflicts" if it does not, the same was asked, and the figure's interval and ours lie wholly on different sides of
    the claim's margin, a share; "differs" if it does not and there is no conflict;
    "untested" if another question was asked, the number of people was not published, or ours is withheld or not asked.
    """
    ours = {row["measure"]: row for row in rows if row["unit"] == "share" and row["low"] is not None}
    margin = claim.margin if claim.kind in BORDERED else None
    return tuple(
        _beside(figure, plan, ours.get(figure.measure), margin)
        for figure in plan.outside
        if figure.claim == claim.id and survey in figure.survey.split()
    )


def outside_statements(claim: Claim, plan: Plan, verdict: str, survey: str) -> tuple[dict[str, Any], ...]:
    """What sources say of a claim in words, and whether the verdict of a survey agrees with it, conflicts with it, or
    (uncertain, withheld, not asked) leaves it untested."""
    return tuple(
        {
            "source": said.source,
            "stands": said.stands,
            "text": said.labels("text"),
            "agreement": _BY_VERDICT.get((verdict, said.stands), "untested"),
        }
        for said in _statements(claim, plan, survey)
    )


def figure_row(figure: Outside | Round, plan: Plan) -> dict[str, Any] | None:
    """A published share as an estimate row with its design-based error; None if neither people nor interval were published.

    Clusters and degrees of freedom come from the study whose cluster effect is used, as many people to a cluster; where a
    design effect is declared instead, they are unknown and the normal distribution is taken.
    """
    row: dict[str, Any] = {"measure": figure.measure, "population": "", "unit": "share", "estimate": figure.share}
    low, high = getattr(figure, "low", None), getattr(figure, "high", None)
    if low is not None and high is not None:
        se = (high - low) / (2 * float(stats.norm.ppf(0.975)))
        return row | {"se": se, "low": low, "high": high, "df": float("inf"), "n": figure.n or float("nan")}
    if figure.n is None:
        return None
    deff, clusters = design_effect(figure, plan)
    row |= {"n": figure.n, "clusters": clusters, "deff": deff, "df": clusters - 1}
    row["se"] = (deff * figure.share * (1 - figure.share) / figure.n) ** 0.5
    row["low"], row["high"] = share_interval(row, "logit", 0.95, figure.n)
    return row


def design_effect(figure: Outside | Round, plan: Plan) -> tuple[float, float]:
    """Design effect of a published share, and its clusters (infinite if unknown).

    As declared, or 1 + (b - 1) r with b people to a cluster and the cluster effect r of the same item in the same
    source. Source: Kish (1965), section 5.4. Raises ValueError if cluster_effects.csv has no such item.
    """
    if figure.deff is not None:
        return figure.deff, float("inf")
    for effect in plan.cluster_effects:
        if (effect.source, effect.item) == (figure.source, figure.effect_item):
            each = effect.n / effect.clusters
            return 1 + (each - 1) * effect.cluster_effect, (figure.n or 0) / each
    raise ValueError(
        f"assessment/plan/cluster_effects.csv has no {figure.effect_item!r} of {figure.source!r}, which a figure of "
        f"{figure.measure!r} names; add it there or declare a design effect"
    )


def _beside(figure: Outside, plan: Plan, ours: Mapping[str, Any] | None, margin: float | None) -> dict[str, Any]:
    row = figure_row(figure, plan) or {"low": None, "high": None, "deff": None}
    found: dict[str, Any] = {
        "measure": figure.measure,
        "source": figure.source,
        "year": figure.year,
        "place": figure.place,
        "n": figure.n,
        "share": figure.share,
        "low": row["low"],
        "high": row["high"],
        "deff": row.get("deff"),
        "question": figure.question,
        "item": figure.item,
        "wording": figure.wording,
        "coverage": figure.coverage,
        "note": figure.labels("note"),
        "difference": None,
        "difference_low": None,
        "difference_high": None,
        "agreement": "untested",
    }
    if ours is None or row["low"] is None or figure.question == "other":
        return found
    gap = _gap(row, ours)
    found |= {"difference": gap["estimate"], "difference_low": gap["low"], "difference_high": gap["high"]}
    return found | {"agreement": _agreement(figure, row, ours, gap, margin)}


def _gap(figure: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    """Ours minus the published share, as an estimate row."""
    here = {key: ours[key] for key in ("measure", "unit", "estimate", "se", "df", "n", "clusters")}
    return records(change(estimate_rows([dict(figure)]), estimate_rows([here])))[0]


def _agreement(
    figure: Outside, row: Mapping[str, Any], ours: Mapping[str, Any], gap: Mapping[str, Any], margin: float | None
) -> str:
    if not (gap["low"] > 0 or gap["high"] < 0):
        return "agrees"
    if figure.question != "same" or margin is None:
        return "differs"
    apart = row["high"] < margin < ours["low"] or ours["high"] < margin < row["low"]
    return "conflicts" if apart else "differs"


def _statements(claim: Claim, plan: Plan, survey: str) -> list[Statement]:
    """Those about the claim that are about every survey, or about this one by name."""
    return [s for s in plan.statements if s.claim == claim.id and (not s.survey or survey in s.survey.split())]
