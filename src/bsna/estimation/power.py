"""What a planned sample will be able to show: chances that tests find what is assumed to be true."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from scipy import integrate, stats

from bsna.estimation.planning import PlannedSample, Precision, check_shares


def power_above(planned: Precision, threshold: float = 0.0, *, alpha: float = 0.05, family: int = 1) -> float:
    """Chance that a one-sided t test shows a mean or difference to be above `threshold`: noncentral t, exact if the error is
    estimated on `df`. Source: Johnson, Kotz and Balakrishnan (1995), chapter 31.

    With a `family` of tests under Holm's correction the level is alpha / family, that of the first of them: the least power.
    """
    return _noncentral((planned.estimate - threshold) / planned.se, planned.df, _level(alpha, family))


def power_share_above(
    planned: Precision,
    threshold: float,
    *,
    interval: Literal["logit", "beta"] = "logit",
    alpha: float = 0.05,
    family: int = 1,
) -> float:
    """Chance that a share is shown to be above `threshold`, on the logit scale by t, or, for beta, by the exact binomial
    test on the effective number of people, adjusted for few clusters (Korn and Graubard 1998), in whole people.

    That a share is below a threshold is that the share of all others is above what is left. `family` as in `power_above`.
    """
    check_shares(planned.estimate, threshold)
    share, level = planned.estimate, _level(alpha, family)
    spread = share * (1 - share)
    if interval == "logit":
        distance = np.log(share / (1 - share)) - np.log(threshold / (1 - threshold))
        return _noncentral(float(distance) * spread / planned.se, planned.df, level)
    few = (stats.t.ppf(0.025, planned.n - 1) / stats.t.ppf(0.025, planned.df)) ** 2
    size = int(spread / planned.se**2 * few + 1e-9)
    most_by_chance = stats.binom.ppf(1 - level, size, threshold)
    return float(stats.binom.sf(most_by_chance, size, share))


def power_within(planned: Precision, margin: float, *, alpha: float = 0.05, family: int = 1) -> float:
    """Chance that two one-sided tests show a difference to be within `margin` of zero (Schuirmann 1987).

    Exact: given the estimated error, which has a chi distribution, both reject if the estimate lies between two bounds; this
    is averaged over the errors that leave room between them. Source: Phillips (1990). `family` as in `power_above`.
    """
    if margin <= 0:
        raise ValueError(f"A margin of {margin}; equivalence needs one above zero")
    df = planned.df
    critical = stats.t.ppf(1 - _level(alpha, family), df)
    below, above = (margin - planned.estimate) / planned.se, (-margin - planned.estimate) / planned.se

    def given(quantile: float) -> float:
        reach = critical * np.sqrt(stats.chi2.ppf(quantile, df) / df)
        return float(stats.norm.cdf(below - reach) - stats.norm.cdf(above + reach))

    widest = stats.chi2.cdf(df * (margin / planned.se / critical) ** 2, df)
    return float(integrate.quad(given, 0, widest, epsabs=1e-10, limit=200)[0]) if widest > 0 else 0.0


def at_least(chances: Sequence[float], count: int) -> tuple[float, float]:
    """Least and greatest chance that at least `count` of some events happen, however they hang together.

    Source: Rüger (1978); for all events Fréchet's and Bonferroni's bounds. The bounds are those of the chances alone.
    """
    misses = [1 - chance for chance in chances]
    return 1 - _most(misses, len(misses) - count + 1), _most(list(chances), count)


def clusters_needed(sample: PlannedSample, reaches: Callable[[PlannedSample], bool], *, most: int = 100_000) -> int:
    """Fewest clusters with which the plan `reaches` a goal, such as a half-width or a power, all else as planned.

    The goal must stay reached with more clusters. ValueError if `most` clusters do not reach it.
    """
    if not reaches(sample.with_clusters(most)):
        raise ValueError(f"{most} clusters do not reach this goal; take another goal, or fewer people in more clusters")
    too_few, enough = sample.strata, most
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if reaches(sample.with_clusters(middle)) else (middle, enough)
    return enough


def _most(chances: list[float], count: int) -> float:
    if count <= 0:
        return 1.0
    if count > len(chances):
        return 0.0
    ordered = sorted(chances)
    return min(1.0, *(sum(ordered[: len(ordered) - sure]) / (count - sure) for sure in range(count)))


def _level(alpha: float, family: int) -> float:
    if not 0 < alpha < 0.5 or family < 1:
        raise ValueError(f"A level of {alpha} over {family} tests; expected a level between 0 and one half, and a test")
    return alpha / family


def _noncentral(distance: float, df: float, level: float) -> float:
    return float(stats.nct.sf(stats.t.ppf(1 - level, df), df, distance))
