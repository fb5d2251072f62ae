"""Replicates of a sample: weights that come with the data, the jackknife, and the rescaled bootstrap of clusters."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from bsna.estimation.sample.design import SurveyDesign
from bsna.estimation.sample.replicates import Replicates, replicate_rank
from bsna.estimation.sample.stages import NOTHING_LEFT, Stages

MISMATCH = 2.0


def with_replicates(
    design: SurveyDesign,
    weights: Sequence[str] | pd.DataFrame | np.ndarray,
    *,
    scale: float,
    rscales: float | Sequence[float] | np.ndarray,
    mse: bool = False,
    combined: bool = True,
    df: float | None = None,
) -> SurveyDesign:
    """The design with replicate weights that came with the data; they make the variance instead of strata and clusters.

    `weights` names columns, or is a table (n, R): a row for each respondent, a column for each replicate. `combined` says
    that they hold the design weight already; otherwise they are factors on it. The variance is `scale` times the sum of
    `rscales` (one number, or R) times squared distances, from the estimate (`mse`) or from the replicates' mean. Balanced
    half-samples have scale 1 / R, Fay's 1 / (R (1 - rho)²), JK1 (R - 1) / R. `df` is the rank of the weights less
    one if not given. Raises ValueError, with counts, for a wrong shape, weights or scales that are missing or
    negative, a replicate without weight, or totals that show factors taken for weights or the reverse.
    Source: Wolter (2007), chapters 3 to 5.
    """
    table = _table(design, weights)
    named = {"weight(s)": table, "scale(s)": np.append(np.asarray(rscales, dtype=float), scale)}
    for what, numbers in named.items():
        if bad := int((~(np.isfinite(numbers) & (numbers >= 0))).sum()):
            raise ValueError(f"{bad} of {numbers.size} replicate {what} are missing, infinite or negative")
    scales = np.asarray(rscales, dtype=float)
    if scales.ndim and scales.shape != (len(table),):
        raise ValueError(f"rscales has shape {scales.shape} for {len(table)} replicates; give one number, or one each")
    if df is not None and not df > 0:
        raise ValueError(f"Degrees of freedom are {df}; they must be above zero, or None to count them")
    if empty := int((table.sum(axis=1) == 0).sum()):
        raise ValueError(f"{empty} of {len(table)} replicates give nobody a weight")
    _check_size(table, design.weights if combined else np.ones(len(design.weights)), combined)
    full = table if combined else table * design.weights
    made = Replicates(full, float(scale), np.broadcast_to(scales, len(full)).copy(), mse, _df(full, df))
    return replace(_plain(design), replicates=made)


def jackknife(design: SurveyDesign, *, mse: bool = False) -> SurveyDesign:
    """The design with one replicate for each cluster left out, the others of its stratum weighted up by m / (m - 1).

    Without strata this is JK1 (scale (1 - f) (m - 1) / m), with strata JKn (the same in `rscales`), f being the part of
    clusters drawn. A stratum drawn in full has no replicate; nor has one with a single cluster under the rules remove and certainty; under average the
    others' scales grow by strata over strata with more; under adjust, its replicate leaves the cluster out and
    raises all M clusters by 1 / M, which for a total gives the squared distance from their mean (with `mse`).
    Raises ValueError if there are fewer than two replicates, a second stage with a variance of its own, or a design
    calibrated or replicated before. Source: Wolter (2007), chapter 4; Rao and Shao (1985).
    """
    _check_makeable(_plain(design), "jackknife")
    stages, size = design.stages, design.clusters_in_stratum
    open_ = 1 - size / stages.psus_in_population
    clusters = np.arange(len(stages.stratum))
    alone = size[stages.stratum] == 1
    kept = clusters[(open_[stages.stratum] > NOTHING_LEFT) & (~alone | (design.lonely == "adjust"))]
    if len(kept) < 2:
        raise ValueError(f"A jackknife needs two clusters to leave out; here are {len(kept)}")
    factors = np.ones((len(kept), len(clusters)))
    for row, left in enumerate(kept):
        stratum = stages.stratum[left]
        if alone[left]:
            factors[row] += 1 / len(clusters)
            factors[row, left] -= 1
        else:
            factors[row, stages.stratum == stratum] = size[stratum] / (size[stratum] - 1)
            factors[row, left] = 0
    m = np.where(alone, np.inf, size[stages.stratum])[kept]
    rscales = open_[stages.stratum[kept]] * (1 - 1 / m) * _spread(design)
    scale = 1.0
    if design.stratum is None:
        scale, rscales = float(rscales[0]), np.ones(len(kept))
    weights = factors[:, design.psu_codes] * design.weights
    return replace(design, replicates=Replicates(weights, scale, rscales, mse, _df(weights, None)))


def bootstrap(design: SurveyDesign, rng: np.random.Generator, draws: int, *, mse: bool = False) -> SurveyDesign:
    """The design with `draws` replicates of the rescaled bootstrap: see `bootstrap_weights`.

    Where part f of a stratum's clusters was drawn, distances from the weights shrink by the root of 1 - f. Scale is
    1 / (draws - 1) about the replicates' mean, 1 / draws about the estimate (`mse`). A stratum with one cluster adds
    nothing (remove, certainty) or, under average, the others' mean. Raises ValueError under the rule adjust, which has
    no counterpart, for fewer than two draws, and as `jackknife`. Source: Rao and Wu (1988).
    """
    _check_makeable(_plain(design), "bootstrap")
    if draws < 2:
        raise ValueError(f"A bootstrap needs two draws or more; asked for {draws}")
    stages, size = design.stages, design.clusters_in_stratum
    open_ = 1 - size / stages.psus_in_population
    if design.lonely == "adjust" and ((size == 1) & (open_ > 0)).any():
        raise ValueError(
            "A bootstrap cannot centre a lone cluster at the grand mean; choose another rule, or a jackknife"
        )
    drawn = bootstrap_weights(design, rng, draws)
    shrunk = design.weights + np.sqrt(np.maximum(open_, 0.0))[design.stratum_codes] * (drawn - design.weights)
    scale = (1 / draws if mse else 1 / (draws - 1)) * _spread(design)
    return replace(design, replicates=Replicates(shrunk, scale, np.ones(draws), mse, _df(shrunk, None)))


def bootstrap_weights(design: SurveyDesign, rng: np.random.Generator, draws: int) -> np.ndarray:
    """Replicate weights, shape (draws, n).

    In each stratum of m clusters, m - 1 are drawn with replacement and weights grow by m / (m - 1) times the
    number of times drawn. A stratum with one cluster keeps its weights. Source: Rao and Wu (1988).
    """
    return bootstrap_factors(design.stages, rng, draws)[:, design.psu_codes] * design.weights


def bootstrap_factors(stages: Stages, rng: np.random.Generator, draws: int) -> np.ndarray:
    """What replicates multiply the weights of each cluster with, shape (draws, clusters): see `bootstrap_weights`."""
    factors = np.ones((draws, len(stages.stratum)))
    for stratum, size in enumerate(np.bincount(stages.stratum)):
        if size > 1:
            members = np.flatnonzero(stages.stratum == stratum)
            drawn = rng.multinomial(size - 1, np.full(size, 1 / size), size=draws)
            factors[:, members] = drawn * size / (size - 1)
    return factors


def _table(design: SurveyDesign, weights: Sequence[str] | pd.DataFrame | np.ndarray) -> np.ndarray:
    """Replicate weights (R, n)."""
    if isinstance(weights, pd.DataFrame | np.ndarray):
        table = np.asarray(weights, dtype=float)
    else:
        table = np.column_stack([design.numbers(name) for name in weights])
    if table.ndim != 2 or len(table) != len(design.frame) or table.shape[1] < 2:
        raise ValueError(f"Replicate weights have shape {table.shape}; expected ({len(design.frame)}, two or more)")
    return np.ascontiguousarray(table.T)


def _check_size(table: np.ndarray, expected: np.ndarray, combined: bool) -> None:
    ratio = table.sum(axis=1).mean() / expected.sum()
    if not 1 / MISMATCH < ratio < MISMATCH:
        raise ValueError(
            f"Replicate weights add up to {ratio:.4g} times {'the weights' if combined else 'the number of people'}; "
            f"with combined={combined} about once is expected. Are they {'factors' if combined else 'weights'}?"
        )


def _plain(design: SurveyDesign) -> SurveyDesign:
    if not design.frame.empty and design.adjustments:  # asks a table for its rows, which it refuses
        raise ValueError("The design is calibrated already; make or read replicates first, then calibrate them all")
    return design


def _check_makeable(design: SurveyDesign, what: str) -> None:
    if design.replicates is not None:
        raise ValueError(f"The design has replicate weights already; make the {what} from the design they came from")
    if design.stages.second:
        raise ValueError(
            f"A {what} of clusters leaves out the variance within them, which this design declares: take its "
            "ssu and second fpc away, or use linearised variances"
        )


def _spread(design: SurveyDesign) -> float:
    """Strata over strata with two clusters or more, under the rule that gives lone ones the others' mean."""
    if design.lonely != "average":
        return 1.0
    size = design.clusters_in_stratum
    alone = (size == 1) & (1 - size / design.stages.psus_in_population > NOTHING_LEFT)
    if alone.all():
        raise ValueError(f"All {len(size)} strata have one cluster; there is no other whose mean they could take")
    return len(size) / int((~alone).sum())


def _df(weights: np.ndarray, df: float | None) -> float:
    return replicate_rank(weights) if df is None else float(df)
