"""Whether the method finds what was planted: faults by type, and the truth inside its intervals."""

import numpy as np
import pandas as pd

from bsna.estimation import proportion, survey_design, worst_case_bounds
from bsna.intake.measured import is_silent, measure
from bsna.intake.plan import Plan, load_plan
from bsna.intake.profile import Profile
from bsna.intake.reasons import REFUSED
from bsna.simulation.parameters import load_parameters
from bsna.simulation.population import Population
from bsna.simulation.survey import draw_community, make_populations

SOUGHT = {
    "exact_duplicate": ("duplicate_exact_community",),
    "near_duplicate": ("duplicate_near",),
    "keying_slip": ("age_range", "household_range", "years_in_post_range", "years_in_function_range"),
    "unlikely_age": ("age_range",),
    "unasked": ("routing_community",),
    "straight_lining": ("straight_lining",),
    "invented": ("enumerator_pattern",),
    "other_to_recode": ("activity_recode",),
    "other_unknown": ("other_open",),
}
"""Which checks look for which planted fault."""

MEASURES = (
    "trusts_army",
    "trusts_police",
    "crossed",
    "feels_insecure",
    "had_contact",
    "sees_patrols_weekly",
    "victim_of_any",
    "knows_contact",
    "weapons_are_common",
    "trusts_self_defence",
)


def fault_recovery(findings: pd.DataFrame, faults: pd.DataFrame) -> pd.DataFrame:
    """One row per type of planted fault: planted, found, precision, recall.

    A fault is found if a check that looks for it names the respondent and, for a cell, the column. Precision is the share
    of the findings of these checks that were planted, by any fault these checks look for.
    """
    rows = []
    for kind, checks in SOUGHT.items():
        planted = set(
            faults.loc[faults["type"] == kind, ["respondent_id", "column"]].itertuples(index=False, name=None)
        )
        named = findings[findings["check"].isin(checks)]
        found = set(named[["respondent_id", "column"]].itertuples(index=False, name=None))
        alike = {other for other, sought in SOUGHT.items() if set(sought) & set(checks)}
        fair = set(
            faults.loc[faults["type"].isin(alike), ["respondent_id", "column"]].itertuples(index=False, name=None)
        )
        found = {(who, _sought_column(kind, column)) for who, column in found}
        rows.append(
            {
                "type": kind,
                "planted": len(planted),
                "found": len(planted & found),
                "recall": len(planted & found) / max(len(planted), 1),
                "precision": len(fair & found) / max(len(found), 1),
            }
        )
    return pd.DataFrame(rows)


def _sought_column(kind: str, column: str) -> str:
    return "activity" if kind == "other_unknown" and column == "activity_other" else column


def coverage(profile: Profile, *, replicates: int, seed: int) -> pd.DataFrame:
    """How often 95% intervals contain the truth, over fresh samples from one finite population.

    A light survey: clusters and people are drawn, refusals planted, nothing else spoilt, no raking. One row per measure: measure,
    truth, covered, mean_estimate, refused_not_at_random, bounds_hold (share of samples whose worst-case bounds, each
    with its interval, contain the truth).
    """
    rng = np.random.default_rng(seed)
    plan, parameters = load_plan(), load_parameters(profile.id)
    people = make_populations(profile, parameters, rng)["community"]
    rules = parameters["community"].get("refusal_not_at_random", [])
    truth = _truths(people, plan)
    adults = {(row.region, row.settlement): row.adults for row in profile.frame}
    hits = {name: [0, 0, 0.0] for name in MEASURES}
    for _ in range(replicates):
        sample, _ = draw_community(profile, people, rng)
        for rule in rules:
            refuses = sample[rule["question"]].isin(rule["codes"]) & (rng.random(len(sample)) < rule["chance"])
            sample.loc[refuses, rule["question"]] = REFUSED
        _count(sample.astype(str), adults, plan, truth, hits)
    refused = {rule["question"] for rule in rules}
    return pd.DataFrame(
        {
            "measure": list(MEASURES),
            "truth": [truth[name] for name in MEASURES],
            "covered": [hits[name][0] / replicates for name in MEASURES],
            "mean_estimate": [hits[name][2] / replicates for name in MEASURES],
            "refused_not_at_random": [bool(set(plan.measure(n, "community").question) & refused) for n in MEASURES],
            "bounds_hold": [hits[name][1] / replicates for name in MEASURES],
        }
    )


def _truths(people: Population, plan: Plan) -> dict[str, float]:
    made = measure(people.answers.astype(str), plan, "community")
    truths = {}
    for name in MEASURES:
        known = made[name].notna().to_numpy()
        truths[name] = float(np.average(made[name][known], weights=people.weights[known]))
    return truths


def _count(
    sample: pd.DataFrame,
    adults: dict[tuple[str, str], float],
    plan: Plan,
    truth: dict[str, float],
    hits: dict[str, list[float]],
) -> None:
    cells = list(zip(sample["region"], sample["settlement"], strict=True))
    sizes = pd.Series(cells).value_counts()
    columns = {name: plan.measure(name, "community") for name in MEASURES}
    narrow = plan.model_copy(update={"measures": tuple(columns.values()), "groups": ()})
    frame = measure(sample, narrow, "community").assign(
        weight=[adults[cell] / sizes[cell] for cell in cells],
        stratum=[" / ".join(cell) for cell in cells],
        psu=sample["cluster_id"],
    )
    silence = {f"{name}_silent": is_silent(sample, spec) for name, spec in columns.items()}
    design = survey_design(frame.assign(**silence), lonely="adjust")
    for name in columns:
        row = proportion(design, name).iloc[0]
        bounds = worst_case_bounds(design, name, silent=f"{name}_silent").iloc[0]
        hits[name][0] += row["low"] <= truth[name] <= row["high"]
        hits[name][1] += bounds["low"] <= truth[name] <= bounds["high"]
        hits[name][2] += row["estimate"]
