"""Replicates of a sample: the rescaled bootstrap of clusters."""

import numpy as np

from bsna.estimation.design import SurveyDesign


def bootstrap_weights(design: SurveyDesign, rng: np.random.Generator, draws: int) -> np.ndarray:
    """Replicate weights, shape (draws, n).

    In each stratum of m clusters, m - 1 are drawn with replacement and weights grow by m / (m - 1) times the
    number of times drawn. A stratum with one cluster keeps its weights. Source: Rao and Wu (1988).
    """
    factors = np.ones((draws, len(design.stratum_of_psu)))
    for stratum, size in enumerate(design.clusters_in_stratum):
        if size > 1:
            members = np.flatnonzero(design.stratum_of_psu == stratum)
            drawn = rng.multinomial(size - 1, np.full(size, 1 / size), size=draws)
            factors[:, members] = drawn * size / (size - 1)
    return factors[:, design.psu_codes] * design.weights
