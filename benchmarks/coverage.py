"""How often 95% intervals contain the truth, over samples of the assessment's design from a declared population."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from bsna import estimation as est

HERE = Path(__file__).parent
CLUSTERS_DRAWN = (12, 12, 10, 10, 8, 8, 8, 6, 6, 5)
"""In each stratum; the last is a region of its own, a domain of five clusters."""
CLUSTERS_THERE = 80
PEOPLE_PER_CLUSTER = 12
TERMS = ["sex", "schooling", "is_victim"]
AIM, AIM_IN_FIVE = (0.94, 0.96), (0.93, 1.0)
"""Between which shares of samples intervals should contain the truth: in general, and in a domain of five clusters."""
MODELS = {"trusts": est.binary_logit, "trust": est.ordered_logit}


@dataclass(frozen=True)
class Declared:
    """The population, one row per adult, and where each cluster's adults stand in it."""

    adults: pd.DataFrame
    first: np.ndarray
    size: np.ndarray


def declared_population(seed: int) -> Declared:
    """Adults in clusters of 40 to 200 in ten strata. Neighbours resemble each other (cluster effects near 0.1)."""
    rng = np.random.default_rng(seed)
    size = rng.integers(40, 201, len(CLUSTERS_DRAWN) * CLUSTERS_THERE)
    cluster = np.repeat(np.arange(len(size)), size)
    stratum, likeness = cluster // CLUSTERS_THERE, rng.normal(0, 0.6, len(size))[cluster]
    adults = pd.DataFrame({"stratum": stratum, "psu": cluster, "sex": rng.choice(["man", "woman"], len(cluster))})
    adults["schooling"] = rng.choice(["none", "primary", "secondary"], len(cluster), p=[0.5, 0.3, 0.2])
    adults["is_victim"] = (rng.random(len(cluster)) < stats.logistic.cdf(-1.5 + likeness)).astype(float)
    latent = 0.5 * (adults["sex"] == "woman") - 0.8 * adults["is_victim"] + 0.4 * (adults["schooling"] == "secondary")
    latent = latent + 0.1 * stratum - 0.4 + likeness + rng.logistic(size=len(cluster))
    adults["trust"] = np.digitize(latent, [-1.0, 0.2, 1.5]).astype(float)
    adults["trusts"] = (adults["trust"] >= 2).astype(float)
    adults["rare"] = (latent > 3.6).astype(float)
    adults["income"] = np.exp(
        6 + 0.4 * likeness + 0.3 * (adults["schooling"] == "secondary") + rng.normal(0, 0.5, len(cluster))
    )
    adults["is_last"] = (stratum == len(CLUSTERS_DRAWN) - 1).astype(float)
    return Declared(adults, np.cumsum(size) - size, size)


def drawn(population: Declared, rng: np.random.Generator) -> est.SurveyDesign:
    """One sample: clusters in each stratum with chances in proportion to size, systematically; then people, all alike."""
    rows, weights = [], []
    for stratum, count in enumerate(CLUSTERS_DRAWN):
        clusters = rng.permutation(np.arange(CLUSTERS_THERE) + stratum * CLUSTERS_THERE)
        ends = np.cumsum(population.size[clusters])
        points = (rng.random() + np.arange(count)) * ends[-1] / count
        for cluster in clusters[np.searchsorted(ends, points)]:
            chosen = rng.choice(population.size[cluster], PEOPLE_PER_CLUSTER, replace=False)
            rows.append(population.first[cluster] + chosen)
            weights.append(np.full(PEOPLE_PER_CLUSTER, ends[-1] / (count * PEOPLE_PER_CLUSTER)))
    frame = population.adults.iloc[np.concatenate(rows)].assign(weight=np.concatenate(weights))
    return est.survey_design(frame)


def engine_coverage(*, replicates: int, seed: int) -> pd.DataFrame:
    """One row per estimate: kind, what, truth, covered (share of samples whose interval contains the truth), mean_estimate,
    spread (standard deviation of the estimates), mean_se (root of the mean square of their standard errors; missing where one
    is), error (Monte Carlo standard error of `covered` if it was 0.95), samples. Truths are those of all adults."""
    population = declared_population(seed)
    rng = np.random.default_rng([seed, 1])
    truth = _asked(est.survey_design(population.adults.assign(weight=1.0)))
    hits, moments = np.zeros(len(truth)), np.zeros((3, len(truth)))
    for _ in range(replicates):
        found = _asked(drawn(population, rng))
        hits += (found["low"] <= truth["estimate"]) & (truth["estimate"] <= found["high"])
        off = (found["estimate"] - truth["estimate"]).to_numpy()
        moments += [off, off**2, found["se"] ** 2]
    bias, square, variance = moments / replicates
    return truth[["kind", "what"]].assign(
        truth=truth["estimate"],
        covered=hits / replicates,
        mean_estimate=truth["estimate"] + bias,
        spread=np.sqrt((square - bias**2) * replicates / (replicates - 1)),
        mean_se=np.sqrt(variance),
        error=np.sqrt(0.95 * 0.05 / replicates),
        samples=replicates,
    )


def _asked(design: est.SurveyDesign) -> pd.DataFrame:
    """Every estimate of one sample, in one order."""
    parts = []

    def add(kind: str, what: str, rows: pd.DataFrame) -> None:
        names = [
            f"{what} {by} {level} {category}".strip()
            for by, level, category in zip(rows["by"], rows["level"], rows["category"])
        ]
        parts.append(rows[["estimate", "se", "low", "high"]].assign(kind=kind, what=names))

    add("mean", "income", est.mean(design, "income"))
    add("mean", "trust by sex", est.mean(design, "trust", by="sex"))
    for interval in ("logit", "beta", "wilson"):
        add("proportion", f"trusts, {interval}", est.proportion(design, "trusts", interval=interval))
        add("proportion", f"rare, {interval}", est.proportion(design, "rare", interval=interval))
        add(
            "domain of 5 clusters",
            f"trusts, {interval}",
            est.proportion(design, "trusts", where="is_last", interval=interval),
        )
    add("domain of 5 clusters", "income", est.mean(design, "income", where="is_last"))
    add("median", "income", est.quantile(design, "income"))
    for outcome, model in MODELS.items():
        fit = model(design, outcome, TERMS)
        add("average marginal effect", outcome, est.average_marginal_effects(fit, design))
    return pd.concat(parts, ignore_index=True)


def measure_coverage() -> None:
    """Write coverage_engine.csv, one row per estimate, and coverage_engine.md, one line per kind."""
    table = engine_coverage(replicates=2000, seed=20)
    table.to_csv(HERE / "coverage_engine.csv", index=False, float_format="%.6g", lineterminator="\n")
    text = coverage_text(table)
    (HERE / "coverage_engine.md").write_text(text, encoding="utf-8")
    print(text, flush=True)


def coverage_text(table: pd.DataFrame) -> str:
    """What `engine_coverage` found, one line per kind, and which estimates are outside the aim."""
    error, part = table["error"].iloc[0], [count / CLUSTERS_THERE for count in CLUSTERS_DRAWN]
    lines = [
        "# Coverage of 95% intervals",
        "",
        f"{table['samples'].iloc[0]:,} samples of {sum(CLUSTERS_DRAWN)} clusters of {PEOPLE_PER_CLUSTER} people in "
        f"{len(CLUSTERS_DRAWN)} strata, from a declared population. One share has a Monte Carlo standard error of "
        f"{error:.1%}. Details: `coverage_engine.csv`.",
        "",
        "| kind | estimates | lowest | mean | highest | aim | outside | by more than chance | error / spread |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    strange = []
    for kind, rows in table.groupby("kind", sort=False):
        covered, (low, high) = rows["covered"], AIM_IN_FIVE if "5 clusters" in str(kind) else AIM
        outside = (covered < low) | (covered > high)
        beyond = (covered < low - 2 * error) | (covered > high + 2 * error)
        strange += [f"{row['what']} {row['covered']:.1%}" for row in rows[outside].to_dict("records")]
        lines.append(
            f"| {kind} | {len(rows)} | {covered.min():.1%} | {covered.mean():.1%} | {covered.max():.1%} | {low:.0%} to "
            f"{high:.0%} | {outside.sum()} | {beyond.sum()} | {(rows['mean_se'] / rows['spread']).median():.3f} |"
        )
    lines += [
        "",
        f"Outside the aim: {'; '.join(strange) or 'none'}. More than chance is two Monte Carlo standard errors. An interval that "
        "is right to the point is outside 94 to 96 in 100 in one benchmark of twenty-five.",
        "",
        "Error / spread is the root mean square of the standard errors over the standard deviation of the estimates, the median "
        f"of the kind. Where it is above one: {min(part):.0%} to {max(part):.0%} of a stratum's clusters are drawn, without "
        "replacement and in proportion to size, and the design is declared as drawn with replacement, as usual. Exact (beta) "
        "limits are conservative besides.",
        "",
    ]
    return "\n".join(lines)
