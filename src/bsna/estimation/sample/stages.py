"""What a sample design implies for the variance of totals: stages, finite populations, strata with one unit."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Lonely = Literal["fail", "remove", "adjust", "average", "certainty"]
NOTHING_LEFT = 1e-7


class LonelyUnit(ValueError):
    """A stratum has one sampling unit, and the design names no rule for it."""


@dataclass(frozen=True)
class Stages:
    """How units were drawn. A unit is what was drawn at the last declared stage: a cluster, a household in a cluster,
    or a person. `psu` gives the primary sampling unit of each unit, shape (units,); `stratum` the stratum of each PSU,
    shape (PSUs,). `psus_in_population` is the number of PSUs in the population of each stratum, shape (strata,), and
    `units_in_population` the number of units in the population of each PSU, shape (PSUs,): infinite where drawn with
    replacement. `second` says whether units within PSUs add a variance of their own. `lonely` and `domain_lonely` are
    the rules for a stratum with one PSU in the sample, or with one in a domain."""

    psu: np.ndarray
    stratum: np.ndarray
    psus_in_population: np.ndarray
    units_in_population: np.ndarray
    second: bool
    lonely: Lonely
    domain_lonely: bool

    def variance(self, totals: np.ndarray, present: np.ndarray | None = None) -> np.ndarray:
        """Covariance matrix (k, k) of the sums of `totals`, shape (units, k): weighted scores, added up by unit.

        `present` marks the units with somebody in the domain; None means all of them. Absent units count with a total
        of nil towards their stratum's mean; a stratum without anybody present is no stratum of the domain.
        The first stage gives (1 - f) m / (m - 1) times the squares about the stratum's mean; the second the same
        within each PSU, times the first stage's f. Source: Binder (1983); Lumley (2010), section 2;
        Särndal, Swensson and Wretman (1992), section 4.3.
        """
        there = np.ones(len(totals), dtype=bool) if present is None else present
        if not self.second and len(self.stratum) == len(totals):
            first, first_there = totals, there  # units are the PSUs, in order
        else:
            first = _added(totals, self.psu, len(self.stratum))
            first_there = np.bincount(self.psu, there, len(self.stratum)) > 0
        size = np.bincount(self.stratum)
        drawn = size / self.psus_in_population
        found = self._stage(first, self.stratum, size, drawn, np.ones(len(size)), first_there)
        if self.second:
            within = np.bincount(self.psu, minlength=len(self.stratum))
            drawn_within = within / self.units_in_population
            found = found + self._stage(totals, self.psu, within, drawn_within, drawn[self.stratum], there)
        return found

    def _stage(
        self,
        totals: np.ndarray,
        group: np.ndarray,
        size: np.ndarray,
        drawn: np.ndarray,
        factor: np.ndarray,
        there: np.ndarray,
    ) -> np.ndarray:
        """Variance of one stage; `group` is what units were drawn from, `size` how many, `drawn` which part of all."""
        seen = np.bincount(group, there, len(size)).astype(int)
        open_ = (1 - drawn > NOTHING_LEFT) & (seen > 0)
        alone = open_ & (size == 1)
        if self.lonely == "fail" and alone.any():
            raise LonelyUnit(f"{int(alone.sum())} stratum(s) have one sampling unit, and lonely is 'fail'")
        sparse = open_ & (size > 1) & (seen == 1) if self.domain_lonely else np.zeros(len(size), dtype=bool)
        centre = _added(totals, group, len(size)) / size[:, None]
        if self.lonely == "adjust":
            centre[alone | sparse] = totals.sum(axis=0) / size[seen > 0].sum()
        centred = totals - centre[group]
        scale = np.where(open_, (1 - drawn) * factor, 0.0) * np.where(size > 1, size / np.maximum(size - 1, 1), 1.0)
        spread = 1.0
        if self.lonely == "average":
            unknown = alone | sparse
            scale = np.where(unknown, 0.0, scale)
            known = int(((seen > 0) & ~unknown).sum())
            spread = int((seen > 0).sum()) / known if known else float("nan")
        centred *= np.sqrt(scale)[group, None]
        return np.asarray(centred.T @ centred * spread)


def _added(totals: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    added = np.empty((count, totals.shape[1]))
    for column in range(totals.shape[1]):
        added[:, column] = np.bincount(group, totals[:, column], count)
    return added
