"""Whether recommendations fit the rest of the plan: every name they mention is there, and none waits for itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from bsna.intake.expressions import RESERVED
from bsna.intake.profile import list_profiles, load_profile

if TYPE_CHECKING:
    from bsna.intake.plan import Plan
    from bsna.intake.plan_recommendations import Recommendation

FILE = "recommendations.toml"


def recommendation_faults(plan: Plan) -> list[str]:
    """One fault, naming file and row, for each name that is not there, each item of evidence that nothing hangs on, and each
    circle of recommendations that wait for each other, and each line of the front page whose claims are not there or stand twice."""
    return [*_evidence_faults(plan), *_row_faults(plan), *_circles(plan.recommendations), *_line_faults(plan)]


def recommendation_measures(plan: Plan) -> Iterable[tuple[str, str, str]]:
    """Every measure that a row mentions: where, name, population."""
    for row in plan.recommendations:
        yield f"{FILE}, {row.id}", row.indicator, row.indicator_population
    yield from ((f"{FILE}, {item.id}", item.measure, item.population) for item in plan.evidence if item.measure)


def _evidence_faults(plan: Plan) -> list[str]:
    claims, models = {claim.id for claim in plan.claims}, {model.id: model for model in plan.models}
    hung = {name for row in plan.recommendations for name in row.named}
    faults = []
    for item in plan.evidence:
        where = f"{FILE}, {item.id}"
        if item.id in claims or item.id in RESERVED:
            faults.append(f"{where}: bears the name of a claim, or a word of the grammar")
        if item.claim and item.claim not in claims:
            faults.append(f"{where}: no claim {item.claim!r}; known are {sorted(claims)}")
        if item.model and item.model not in models:
            faults.append(f"{where}: no model {item.model!r}; known are {sorted(models)}")
        elif item.model and item.term not in models[item.model].terms:
            faults.append(f"{where}: {item.model} has no term {item.term!r}; it has {list(models[item.model].terms)}")
        if item.id not in hung:
            faults.append(f"{where}: no recommendation hangs on it; name it in one, or strike it")
    return faults


def _row_faults(plan: Plan) -> list[str]:
    known = [*(item.id for item in plan.evidence), *(claim.id for claim in plan.claims)]
    ids = [row.id for row in plan.recommendations]
    audiences = [audience.id for audience in plan.telling.audience]
    faults = []
    for row in plan.recommendations:
        where = f"{FILE}, {row.id}"
        faults += [
            f"{where}: no evidence or claim {n!r}; known are {sorted(known)}" for n in row.named if n not in known
        ]
        faults += [f"{where}: comes after {other!r}, not among {ids}" for other in row.after if other not in ids]
        if row.audience not in audiences:
            faults.append(f"{where}: no audience {row.audience!r} in order.toml, which has {audiences}")
    return [*faults, *_unknown_countries(plan)]


def _line_faults(plan: Plan) -> list[str]:
    known, told = [claim.id for claim in plan.claims], [name for line in plan.telling.line for name in line.claims]
    faults = [f"order.toml, line: no claim {name!r}; known are {known}" for name in told if name not in known]
    twice = sorted({name for name in told if told.count(name) > 1})
    return faults + [
        f"order.toml, line: claim {name!r} stands {told.count(name)} times; expected once" for name in twice
    ]


def _unknown_countries(plan: Plan) -> list[str]:
    rows = [row for row in plan.recommendations if row.only]
    known = sorted({load_profile(name).country for name in list_profiles()}) if rows else []
    return [
        f"{FILE}, {row.id}: only for {name!r}, a country of no profile; known are {known}"
        for row in rows
        for name in row.only
        if name not in known
    ]


def _circles(rows: Iterable[Recommendation]) -> list[str]:
    """Rows that are left when those that wait for none of the others are taken out, again and again."""
    waiting: dict[str, tuple[str, ...]] = {row.id: row.after for row in rows}
    while free := [name for name, after in waiting.items() if not set(after) & set(waiting)]:
        for name in free:
            del waiting[name]
    if not waiting:
        return []
    circle = " after ".join(_around(waiting))
    return [f"{FILE}: {circle}: each waits for the next, so none can come first; strike one `after`"]


def _around(waiting: Mapping[str, tuple[str, ...]]) -> list[str]:
    """One circle, from its first name back to it."""
    path = [next(iter(waiting))]
    while path[-1] not in path[:-1]:
        path.append(next(name for name in waiting[path[-1]] if name in waiting))
    return path[path.index(path[-1]) :]
