"""What two populations say of the same thing: by how much they differ, and whether that is more than chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bsna.estimation import (
    EmptyDomain,
    SurveyDesign,
    domain_difference,
    estimate_rows,
    proportion,
    records,
    survey_design,
)
from bsna.estimation.intervals import around
from bsna.intake.plan import Claim, Mirror, Plan
from bsna.intake.profile import Profile
from bsna.judgement.claims import ALPHA, holm, plain
from bsna.judgement.disclosure import release
from bsna.judgement.extremes import measures_of
from bsna.judgement.outside import BORDERED
from bsna.judgement.p_values import above_zero

SIDE, VALUE = "_population", "_value"
OTHER_THING = "about_each_other"
"""Mirrors in which the two are asked about different things: a gap between these says nothing of a claim."""


@dataclass(frozen=True)
class Gap:
    """One mirror. `one` and `other` are released shares of the two populations, `difference` other minus one, in points.

    `p` is the two-sided p-value that there is none, `p_adjusted` the same after Holm's correction over all mirrors that
    may be shown. `state`: gap (shown beyond chance), none, withheld (a row is), or not_asked.
    """

    mirror: str
    state: str
    one: dict[str, Any] | None = None
    other: dict[str, Any] | None = None
    difference: dict[str, Any] | None = None
    p: float | None = None
    p_adjusted: float | None = None


def compare_mirrors(
    plan: Plan, designs: Mapping[str, SurveyDesign], absent: Mapping[str, Sequence[str]], profile: Profile
) -> tuple[Gap, ...]:
    """One gap for each row of mirrors.csv, in its order."""
    rows = {m.mirror: _rows(m, designs, profile) for m in plan.mirrors if _asked(m, designs, absent)}
    released = {
        name: tuple(plain(records(release(row, profile.publication))[0]) for row in three)
        for name, three in rows.items()
    }
    shown = [name for name, three in released.items() if all(row["status"] != "withheld" for row in three)]
    p_values = {name: _two_sided(records(rows[name][2])[0]) for name in shown}
    adjusted = holm(p_values)
    gaps = []
    for name in (m.mirror for m in plan.mirrors):
        if name in adjusted:
            state = "gap" if adjusted[name] <= ALPHA else "none"
            gaps.append(Gap(name, state, *_three(released[name]), p_values[name], adjusted[name]))
        else:
            known = name in released
            gaps.append(Gap(name, "withheld", *_three(released[name])) if known else Gap(name, "not_asked"))
    return tuple(gaps)


def agreements(claim: Claim, plan: Plan, gaps: Sequence[Gap]) -> tuple[dict[str, str], ...]:
    """Whether those asked the mirrored question agree with what a claim rests on: claim, measure, population, across, agreement.

    One row for each shown mirror of a measure of the claim that asks both about one thing; `population` is the claim's own, `across` that on the other side. agrees: no gap is shown;
    conflicts: one is, and the two intervals lie wholly on different sides of the claim's margin, a share; differs: one
    is, and there is no conflict.
    """
    found, names = [], measures_of(claim)
    margin = claim.margin if claim.kind in BORDERED else None
    for gap in gaps:
        spec = plan.row("mirrors", gap.mirror)
        if gap.state not in ("gap", "none") or spec.direction == OTHER_THING:
            continue
        sides = (spec.population, spec.measure, gap.one), (spec.other_population, spec.other_measure, gap.other)
        for (population, measure, ours), (across, _, theirs) in (sides, sides[::-1]):
            if population == claim.population and measure in names:
                assert ours is not None and theirs is not None
                word = "agrees" if gap.state == "none" else _side(ours, theirs, margin)
                row = {"claim": claim.id, "measure": measure, "population": population}
                found.append(row | {"across": across, "agreement": word})
    return tuple(found)


def stacked(
    designs: Mapping[str, SurveyDesign], columns: Mapping[str, Mapping[str, str]], shared: bool
) -> SurveyDesign:
    """Several populations as domains of one sample of clusters.

    `columns` says for each population which of its columns becomes which of the new frame; `SIDE` holds the population.
    People of one `psu` belong to one cluster whatever their population if the clusters are `shared`, so that what a
    place does to all of them counts in the covariance. A cluster has the stratum of the design with most strata; clusters
    that this one does not have keep their own population's. Not shared, nothing has
    anything in common, and the covariance is nil.
    """
    lead = max(designs, key=lambda name: len(np.unique(designs[name].stratum_codes)))
    home = designs[lead].frame.drop_duplicates("psu").set_index("psu")["stratum"]
    parts = []
    for name, design in designs.items():
        frame = design.frame
        own = frame["psu"].astype(str)
        part = {SIDE: name, "weight": frame["weight"]} | {new: frame[old] for old, new in columns[name].items()}
        known = frame["psu"].map(home) if shared or name == lead else pd.Series(np.nan, index=frame.index, dtype=object)
        part["stratum"] = known.fillna(f"{name}: " + frame["stratum"].astype(str)).astype(str)
        part["psu"] = own if shared else f"{name}: " + own
        parts.append(pd.DataFrame(part))
    return survey_design(pd.concat(parts, ignore_index=True), lonely=designs[lead].lonely)


def share_clusters(profile: Profile, populations: Sequence[str]) -> bool:
    """Whether the profile says that populations were met in the same clusters: all their designs name one column."""
    columns = {design.psu for name, design in profile.design.items() if name in populations}
    return len(columns) == 1 and "" not in columns


def _asked(mirror: Mirror, designs: Mapping[str, SurveyDesign], absent: Mapping[str, Sequence[str]]) -> bool:
    sides = ((mirror.population, mirror.measure), (mirror.other_population, mirror.other_measure))
    return all(population in designs and name not in absent.get(population, ()) for population, name in sides)


def _three(rows: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    one, other, difference = rows
    return one, other, difference


def _rows(mirror: Mirror, designs: Mapping[str, SurveyDesign], profile: Profile) -> tuple[pd.DataFrame, ...]:
    """Shares of both, and their difference; a side that nobody answered has a row of nobody."""
    one = _share(designs, mirror.population, mirror.measure)
    other = _share(designs, mirror.other_population, mirror.other_measure)
    facts = [records(row)[0] for row in (one, other)]
    few = {key: min(row[key] for row in facts) for key in ("n", "clusters", "df")}
    gap: dict[str, Any] = {"measure": mirror.mirror, "unit": "points"} | few
    if few["n"] > 0:
        pair = (mirror.population, mirror.other_population)
        columns = {pair[0]: {mirror.measure: VALUE}, pair[1]: {mirror.other_measure: VALUE}}
        both = stacked({name: designs[name] for name in pair}, columns, share_clusters(profile, pair))
        found = records(domain_difference(both, VALUE, SIDE, (pair[1], pair[0])))[0]
        gap |= {"estimate": found["estimate"], "se": found["se"]}
        gap["low"], gap["high"] = around(found["estimate"], found["se"], few["df"], 0.95)
    return one, other, estimate_rows([gap])


def _share(designs: Mapping[str, SurveyDesign], population: str, measure: str) -> pd.DataFrame:
    try:
        rows = proportion(designs[population], measure, interval="logit" if population == "community" else "beta")
    except EmptyDomain:
        rows = estimate_rows([{"measure": measure, "n": 0, "clusters": 0, "df": 0, "unit": "share"}])
    return rows.assign(population=population)


def _two_sided(row: Mapping[str, Any]) -> float:
    return min(1.0, 2 * min(above_zero(row)))


def _side(row: Mapping[str, Any], theirs: Mapping[str, Any], margin: float | None) -> str:
    apart = margin is not None and (row["high"] < margin < theirs["low"] or theirs["high"] < margin < row["low"])
    return "conflicts" if apart else "differs"
