"""Claims about shares against a margin, and about one share against another."""

import numpy as np
import pandas as pd

from bsna.estimation import SurveyDesign, mean, records
from bsna.intake.plan import Claim, Plan
from bsna.judgement.kinds.places import often_first
from bsna.judgement.kinds.tested import Designs, Tested, differences, interval_of, margin_of, proportions
from bsna.judgement.p_values import above_zero, against_half, all_parts, within_margin


def majority_all(claim: Claim, plan: Plan, designs: Designs, rng: np.random.Generator | None) -> Tested:
    """Each measure is above the margin."""
    rows = proportions(designs[claim.population], claim.measures, claim)
    p_for, p_against = all_parts(_above_margin(claim, rows))
    lowest = rows.loc[rows["estimate"].idxmin()]
    return Tested(p_for, p_against, rows, {"lowest_label": lowest["measure"], "lowest_share": lowest["estimate"]})


def comparison_all(claim: Claim, plan: Plan, designs: Designs, rng: np.random.Generator | None) -> Tested:
    """Of each pair the first is above the second."""
    rows = differences(designs[claim.population], claim)
    p_for, p_against = all_parts([above_zero(row) for row in records(rows)])
    return Tested(p_for, p_against, rows, _smallest([one for one, _ in claim.pairs], rows))


def equivalence(claim: Claim, plan: Plan, designs: Designs, rng: np.random.Generator | None) -> Tested:
    """The difference of the pair is within the margin of zero."""
    rows, margin = differences(designs[claim.population], claim), margin_of(claim)
    row = records(rows)[0]
    return Tested(*within_margin(row, margin), rows, {"net_points": row["estimate"], "margin_size": margin})


def chain(claim: Claim, plan: Plan, designs: Designs, rng: np.random.Generator | None) -> Tested:
    """Each measure is above the margin and of each pair the first above the second, all together."""
    design = designs[claim.population]
    shares = proportions(design, claim.measures, claim)
    gaps = differences(design, claim)
    p_for, p_against = all_parts(_above_margin(claim, shares) + [above_zero(row) for row in records(gaps)])
    values = {
        "used_share": shares["estimate"].iloc[0],
        "first_points": gaps["estimate"].iloc[0],
        "second_points": gaps["estimate"].iloc[-1],
        "first_size": gaps["estimate"].iloc[0],
        "second_size": gaps["estimate"].iloc[-1],
    }
    return Tested(p_for, p_against, pd.concat([shares, gaps], ignore_index=True), values)


def above_average(claim: Claim, plan: Plan, designs: Designs, rng: np.random.Generator | None) -> Tested:
    """Each measure is above the mean of all on the list, of the same people. The bootstrap tells how often the measures are
    the first of the list together, which the claim does not ask."""
    design = designs[claim.population]
    everything = [*claim.measures, *claim.others]
    average = design.frame[everything].mean(axis=1, skipna=False)
    excess = {f"{name}-average": design.frame[name] - average for name in claim.measures}
    widened = design.with_columns(**excess)
    rows = pd.concat([mean(widened, name) for name in excess], ignore_index=True)
    rows = rows.assign(unit="points", population=claim.population)
    p_for, p_against = all_parts([above_zero(row) for row in records(rows)])
    values = _smallest(claim.measures, rows)
    if rng is not None:
        values["all_prob"] = often_first(claim, design, [everything], len(claim.measures), len(claim.measures), rng)
    shares = proportions(design, everything, claim)
    return Tested(p_for, p_against, pd.concat([shares, rows], ignore_index=True), values)


def only_one(claim: Claim, plan: Plan, designs: Designs, rng: np.random.Generator | None) -> Tested:
    """The first pair of measures is above `margin` in both, each other pair below it in one; and, of each list, the
    first measure (both at once, of the same people) is the highest."""
    design, margin = designs[claim.population], margin_of(claim)
    tables = [proportions(design, pair, claim) for pair in claim.pairs]
    tests = [_above_margin(claim, table) for table in tables]
    own_for = max(above for above, _ in tests[0])
    others_for = [min(1.0, 2 * min(below for _, below in pair)) for pair in tests[1:]]
    against = [below for _, below in tests[0]] + [max(above for above, _ in pair) for pair in tests[1:]]
    joint = [proportions(design, names, claim) for names in claim.lists]
    gaps = _leads(design, claim)
    leads = [above_zero(row) for row in records(gaps)]
    values = {
        "first_share": tables[0]["estimate"].iloc[0],
        "second_share": tables[0]["estimate"].iloc[1],
        "joint_share": joint[0]["estimate"].iloc[0],
        "both_list": [t["measure"].iloc[1] for t in tables if (t["estimate"] > margin).all()],
    }
    rows = pd.concat([*tables, *joint, gaps], ignore_index=True).assign(population=claim.population)
    against += [below for _, below in leads]
    p_for = max(own_for, *others_for, *(above for above, _ in leads))
    return Tested(p_for, min(1.0, min(against) * len(against)), rows, values)


def _above_margin(claim: Claim, rows: pd.DataFrame) -> list[tuple[float, float]]:
    margin = margin_of(claim)
    return [against_half(row, interval_of(claim, row["population"]), margin) for row in records(rows)]


def _leads(design: SurveyDesign, claim: Claim) -> pd.DataFrame:
    """The first measure of each list against every other one."""
    return differences(design, claim, [(names[0], other) for names in claim.lists for other in names[1:]])


def _smallest(names: list[str] | tuple[str, ...], rows: pd.DataFrame) -> dict[str, object]:
    """The smallest difference, and the measure it is of."""
    place = int(rows["estimate"].to_numpy().argmin())
    size = rows["estimate"].iloc[place]
    return {"smallest_label": names[place], "smallest_points": size, "smallest_size": size}
