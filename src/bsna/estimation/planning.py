"""Before fieldwork: how precise a sample will be and what it can show, from cluster effects and unequal weights."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class PlannedSample:
    """A stratified sample of clusters still to be drawn; adults answer alone, clusters are drawn with replacement."""

    strata: int
    clusters: int
    people: float
    """Interviews expected to count; in a domain a fraction of all, so not always whole."""
    people_per_cluster: float
    """Of an average cluster, each cluster counted by the squares of its weights; the plain number where all are alike."""
    weight_effect: float
    """Factor by which unequal weights alone multiply a variance: 1 + cv². Source: Kish (1965), section 11.7."""

    @property
    def df(self) -> float:
        """Degrees of freedom: clusters minus strata. ValueError if there are none."""
        if self.clusters <= self.strata:
            raise ValueError(
                f"{self.clusters} clusters in {self.strata} strata leave no degrees of freedom; plan at least two "
                "clusters in each stratum"
            )
        return float(self.clusters - self.strata)

    def design_effect(self, cluster_effect: float) -> float:
        """Variance over that of as many people drawn singly: unequal weights times 1 + (b - 1) rho.

        `cluster_effect` is rho, the correlation of two people of one cluster. Gains from strata are left out, so it errs
        to the safe side. Source: Kish (1965), section 5.4; for both together Gabler, Häder and Lahiri (1999).
        """
        if not 0 <= cluster_effect <= 1:
            raise ValueError(f"The cluster effect is {cluster_effect}; planning needs a correlation from 0 to 1")
        return self.weight_effect * (1 + (self.people_per_cluster - 1) * cluster_effect)

    def domain(self, share: float) -> "PlannedSample":
        """Those who belong to a domain spread over all clusters, or who are asked: a `share` of each cluster.

        Of the pairs within a cluster a share squared is left, hence per person (b - 1) times the share.
        """
        if not 0 < share <= 1:
            raise ValueError(f"A domain of {share} of the people; expected more than 0 and at most 1")
        inside = 1 + (self.people_per_cluster - 1) * share
        return replace(self, people=self.people * share, people_per_cluster=inside)

    def with_clusters(self, clusters: int) -> "PlannedSample":
        """The same plan with another number of clusters, shared out over the strata in proportion."""
        return replace(self, clusters=clusters, people=self.people * clusters / self.clusters)


@dataclass(frozen=True)
class Precision:
    """What to expect of an estimate, in its own unit. `half_width`: half of its interval, by Student's t; `n`: people whose
    answers it rests on; `design_effect`: variance over that of as many people drawn singly."""

    estimate: float
    se: float
    half_width: float
    df: float
    n: float
    design_effect: float


def planned_sample(
    clusters: Sequence[int], people_per_cluster: Sequence[int], adults: Sequence[float] | None = None
) -> PlannedSample:
    """The plan of a sample, one element per stratum: clusters, interviews in each, and adults it stands for.

    Without `adults` everybody counts alike. Raises ValueError if lengths differ or a number is not above zero.
    """
    drawn, taken = np.array(clusters, dtype=float), np.array(people_per_cluster, dtype=float)
    people = drawn * taken if drawn.shape == taken.shape else np.zeros(0)
    stands_for = people if adults is None else np.array(adults, dtype=float)
    if not people.size or stands_for.shape != people.shape or min(drawn.min(), taken.min(), stands_for.min()) <= 0:
        raise ValueError(
            f"A plan of {drawn.size} strata by clusters, {taken.size} by people, {stands_for.size} by adults; each stratum "
            "needs all of them, above zero"
        )
    weights = stands_for / people
    squares = people * weights**2
    average = float(squares @ taken / squares.sum())
    effect = float(people.sum() * squares.sum() / stands_for.sum() ** 2)
    return PlannedSample(len(people), int(drawn.sum()), float(people.sum()), average, effect)


def planned_mean(
    sample: PlannedSample, mean: float, variance: float, *, cluster_effect: float, level: float = 0.95
) -> Precision:
    """Precision of a mean whose values among people have this `variance`: design effect times variance over people.

    ValueError if nobody differs: then there is nothing to plan for.
    """
    if not variance > 0:
        raise ValueError(f"A variance of {variance} among people; planning needs one above zero")
    effect = sample.design_effect(cluster_effect)
    se = float(np.sqrt(effect * variance / sample.people))
    return Precision(mean, se, _reach(level, sample.df) * se, sample.df, sample.people, effect)


def planned_share(sample: PlannedSample, share: float, *, cluster_effect: float, level: float = 0.95) -> Precision:
    """Precision of a share. Source: Cochran (1977), sections 3.2 and 9.4; ValueError unless it lies between 0 and 1."""
    check_shares(share)
    return planned_mean(sample, share, share * (1 - share), cluster_effect=cluster_effect, level=level)


def planned_difference(
    sample: PlannedSample,
    share: float,
    other: float,
    *,
    cluster_effect: float,
    both: float | None = None,
    level: float = 0.95,
) -> Precision:
    """Precision of the difference of two shares of the same people, of whom `both` say both.

    A person's difference is 1, 0 or -1, so its variance is p + q - 2 both - (p - q)². If `both` is None the fewest possible
    are taken, which makes the error largest: none, where the two are answers to one question. ValueError if `both`
    cannot be.
    """
    check_shares(share, other)
    least, most = max(0.0, share + other - 1), min(share, other)
    shared = least if both is None else both
    if not least - 1e-12 <= shared <= most + 1e-12:
        raise ValueError(f"{shared} say both of {share} and {other}; at least {least:.3f} and at most {most:.3f} can")
    variance = share + other - 2 * shared - (share - other) ** 2
    return planned_mean(sample, share - other, variance, cluster_effect=cluster_effect, level=level)


def planned_gap_of_domains(one: Precision, other: Precision, *, level: float = 0.95) -> Precision:
    """Precision of the difference between two domains that share clusters, such as women and men: variances add up.

    What clusters do to both alike would make it smaller and is left out (Kish 1965). ValueError if the degrees of
    freedom differ: then the clusters are not the same.
    """
    if one.df != other.df:
        raise ValueError(f"Degrees of freedom {one.df} and {other.df}: these domains do not share their clusters")
    return _gap(one, other, one.df, level)


def planned_gap_of_samples(one: Precision, other: Precision, *, level: float = 0.95) -> Precision:
    """Precision of the difference between two samples, or two domains made of different clusters, such as regions.

    Variances add up; degrees of freedom are Satterthwaite's (1946).
    """
    squares = one.se**2, other.se**2
    df = sum(squares) ** 2 / (squares[0] ** 2 / one.df + squares[1] ** 2 / other.df)
    return _gap(one, other, df, level)


def rank_gap_variance(worths: Sequence[float], item: int, other: int, *, named: int) -> float:
    """Variance per person of the log of the worth of one item over that of another, if each ranks the first `named`.

    From the expected information of the Plackett–Luce model (Plackett 1975) about log worths, over all ordered lists; with
    one choice it is 1 / worth + 1 / worth, that of a log ratio of shares. ValueError for a worth not above zero.
    """
    shares = np.array(worths, dtype=float) / np.sum(worths)
    if shares.min() <= 0 or not 1 <= named <= len(shares):
        raise ValueError(
            f"Worths {list(worths)}, {named} named; each worth must be above zero, and no more named than items"
        )
    information = np.zeros((len(shares), len(shares)))
    for chosen in (start for places in range(named) for start in permutations(range(len(shares)), places)):
        left, chance = shares.copy(), 1.0
        for place in chosen:
            chance *= left[place] / left.sum()
            left[place] = 0.0
        next_one = left / left.sum()
        information += chance * (np.diag(next_one) - np.outer(next_one, next_one))
    contrast = np.zeros(len(shares))
    contrast[[item, other]] = 1.0, -1.0
    return float(contrast @ np.linalg.pinv(information) @ contrast)


def check_shares(*shares: float) -> None:
    """Raise ValueError unless all shares lie between 0 and 1, the ends excluded."""
    if outside := [share for share in shares if not 0 < share < 1]:
        raise ValueError(f"Shares of {outside}; planning needs shares between 0 and 1, without the ends")


def _gap(one: Precision, other: Precision, df: float, level: float) -> Precision:
    se = float(np.hypot(one.se, other.se))
    simple = one.se**2 / one.design_effect + other.se**2 / other.design_effect
    return Precision(one.estimate - other.estimate, se, _reach(level, df) * se, df, one.n + other.n, se**2 / simple)


def _reach(level: float, df: float) -> float:
    return float(stats.t.ppf((1 + level) / 2, df))
