"""Whether imputation finds a truth that silence hides: a declared population whose refusals depend on what is known."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from bsna.estimation import Imputed, SurveyDesign, impute, mean, pooled_estimate, proportion, records, survey_design

STRATA = {"north": (0.30, -0.50), "centre": (0.45, 0.10), "south": (0.25, 0.60)}
"""Share of adults in each stratum, and how much its people trust, in standard deviations."""

SCHOOLING = (0.35, 0.30, 0.20, 0.15)
"""Share of adults at each level of schooling, 0 to 3."""

SLOPE = -0.75
"""Trust for each level of schooling, in standard deviations."""

CUTS = (-0.9, 0.0, 0.9)
"""Where trust turns into the answers 0, 1, 2, 3."""

CLUSTERS, PEOPLE = 12, 12
"""Clusters drawn in each stratum, and people drawn in each cluster."""

LIKENESS = 0.15
"""Part of the variance of trust that lies between clusters, within stratum and schooling."""


def truths() -> dict[str, float]:
    """The share who trust (answers 2 and 3) and the mean answer in the population; exact, for trust is normal."""
    above = np.zeros(len(CUTS))
    for share, centre in STRATA.values():
        for level, part in enumerate(SCHOOLING):
            above += share * part * stats.norm.sf(CUTS, loc=centre + SLOPE * level)
    return {"trusts": float(above[1]), "trust": float(above.sum())}


def declared_survey(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One sample, as everybody would have answered and as they did; one row is one person.

    The schooled trust less and refuse to say more often, from one in twelve to more than half. The north refuses more
    too. Whether people fear is tied to trust and rarely refused; what they do, at random.
    """
    parts = []
    for stratum, (share, centre) in STRATA.items():
        size = CLUSTERS * PEOPLE
        schooling = rng.choice(len(SCHOOLING), size, p=SCHOOLING)
        shared = np.repeat(rng.normal(0, np.sqrt(LIKENESS), CLUSTERS), PEOPLE)
        latent = centre + SLOPE * schooling + shared + rng.normal(0, np.sqrt(1 - LIKENESS), size)
        trust = np.searchsorted(CUTS, latent).astype(float)
        parts.append(
            pd.DataFrame(
                {
                    "stratum": stratum,
                    "psu": [f"{stratum}-{number}" for number in np.repeat(np.arange(CLUSTERS), PEOPLE)],
                    "weight": share / size,
                    "schooling": schooling.astype(float),
                    "trust": trust,
                    "fears": (rng.random(size) < stats.norm.cdf(-0.7 * latent)).astype(float),
                    "activity": np.where(rng.random(size) < 0.5, "farming", rng.choice(["herding", "trade"], size)),
                }
            )
        )
    full = pd.concat(parts, ignore_index=True)
    chance = 1 / (1 + np.exp(2.4 - 0.95 * full["schooling"] - 0.6 * (full["stratum"] == "north")))
    silent = rng.random(len(full)) < chance
    answered = full.assign(
        trust=full["trust"].mask(silent),
        fears=full["fears"].mask(rng.random(len(full)) < 0.05),
        activity=full["activity"].mask(rng.random(len(full)) < 0.05),
    )
    return full, answered


def imputed_survey(answered: pd.DataFrame, rng: np.random.Generator, *, sets: int = 10, cycles: int = 5) -> Imputed:
    """Completed copies of a declared survey."""
    columns = ["trust", "fears", "activity"]
    return impute(survey_design(answered), columns, rng=rng, given=["schooling"], sets=sets, cycles=cycles)


def silence_recovery(
    *, replicates: int, seed: int, other: Callable[[pd.DataFrame, int], Imputed] | None = None
) -> pd.DataFrame:
    """How estimates fare on everybody's answers, on those given, and on imputed ones, over fresh samples.

    One row per method (everybody, answered, imputed, and `other` if a further way to impute is given; it takes the
    answers and a seed) and measure: method, measure, truth, bias (mean estimate less truth), covered (share of 95%
    intervals with the truth), half_width (mean), likeness (mean part of the variance of trust between clusters of a
    stratum, with imputed answers counted).
    """
    rng = np.random.default_rng(seed)
    truth, found = truths(), []
    for number in range(replicates):
        full, answered = declared_survey(rng)
        copies = {"imputed": imputed_survey(answered, rng)}
        if other is not None:
            copies["other"] = other(answered, number)
        rows = {"everybody": _alone(full), "answered": _alone(answered)}
        rows |= {name: _pooled(made) for name, made in copies.items()}
        found += [
            {
                "method": method,
                "measure": row["measure"],
                "truth": truth[row["measure"]],
                "bias": row["estimate"] - truth[row["measure"]],
                "covered": row["low"] <= truth[row["measure"]] <= row["high"],
                "half_width": (row["high"] - row["low"]) / 2,
                "likeness": alike,
            }
            for method, (estimates, alike) in rows.items()
            for row in records(estimates)
        ]
    return pd.DataFrame(found).groupby(["method", "measure"], sort=False).mean().reset_index()


def likeness(frame: pd.DataFrame, column: str) -> float:
    """Part of the variance of a number that lies between clusters of a stratum; missing values are left out.

    Source: Donner (1986), the analysis of variance estimator.
    """
    known = frame[frame[column].notna()]
    values, places = known[column].to_numpy(dtype=float), pd.factorize(known["psu"])[0]
    regions = pd.factorize(known["stratum"])[0]
    people = np.bincount(places).astype(float)
    own = (np.bincount(places, values) / people)[places]
    around = (np.bincount(regions, values) / np.bincount(regions))[regions]
    total, clusters = len(known), len(people)
    within = float(((values - own) ** 2).sum()) / (total - clusters)
    between = float(((own - around) ** 2).sum()) / (clusters - (regions.max() + 1))
    size = (total - float((people**2).sum()) / total) / (clusters - 1)
    return (between - within) / (between + (size - 1) * within)


def _estimates(design: SurveyDesign) -> pd.DataFrame:
    answers = design.frame["trust"]
    flagged = design.with_columns(trusts=(answers >= 2).astype(float).mask(answers.isna()))
    return pd.concat([proportion(flagged, "trusts"), mean(flagged, "trust")], ignore_index=True)


def _alone(frame: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    return _estimates(survey_design(frame)), likeness(frame, "trust")


def _pooled(made: Imputed) -> tuple[pd.DataFrame, float]:
    alike = float(np.mean([likeness(design.frame, "trust") for design in made.designs]))
    return pooled_estimate(made, _estimates).rows, alike
