"""The sample design: weights, strata, primary sampling units, and the variance they imply."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from bsna.estimation.rows import EmptyDomain

Lonely = Literal["fail", "remove", "adjust", "average", "certainty"]
Where: TypeAlias = str | pd.Series | None
_FIELDS = ("frame", "weight", "stratum", "psu", "lonely")


@dataclass(frozen=True)
class SurveyDesign:
    """People drawn in clusters within strata. One row of `frame` is one respondent.

    `weight` is the number of adults a row stands for; `stratum` and `psu` name columns, None for a
    sample without strata or clusters. `lonely` says what a stratum with one cluster contributes, with
    the meanings of R survey: remove and certainty nothing, adjust its squared distance from the mean of
    all clusters, average the mean of the other strata, fail stops.
    """

    frame: pd.DataFrame
    weight: str
    stratum: str | None
    psu: str | None
    lonely: Lonely

    @cached_property
    def weights(self) -> np.ndarray:
        """Weights, shape (n,)."""
        return self.frame[self.weight].to_numpy(dtype=float)

    @cached_property
    def psu_codes(self) -> np.ndarray:
        """Number of each row's cluster, clusters numbered within strata, shape (n,)."""
        if self.psu is None:
            return np.arange(len(self.frame))
        pairs = pd.MultiIndex.from_arrays([self.stratum_codes, self.frame[self.psu]])
        return pd.factorize(pairs)[0]

    @cached_property
    def stratum_codes(self) -> np.ndarray:
        """Number of each row's stratum, shape (n,)."""
        if self.stratum is None:
            return np.zeros(len(self.frame), dtype=int)
        return pd.factorize(self.frame[self.stratum])[0]

    @cached_property
    def stratum_of_psu(self) -> np.ndarray:
        """Stratum of each cluster, shape (clusters,)."""
        strata = np.zeros(self.psu_codes.max() + 1, dtype=int)
        strata[self.psu_codes] = self.stratum_codes
        return strata

    @cached_property
    def clusters_in_stratum(self) -> np.ndarray:
        """Clusters in each stratum, shape (strata,)."""
        return np.bincount(self.stratum_of_psu)

    def variance(self, scores: np.ndarray) -> np.ndarray:
        """Covariance matrix of the totals of `scores`, by linearisation.

        `scores` has shape (n, k), weights included, and zero outside the domain; the result (k, k).
        Clusters count as drawn with replacement. Source: Binder (1983); Lumley (2010), section 2.
        """
        totals = np.zeros((len(self.stratum_of_psu), scores.shape[1]))
        np.add.at(totals, self.psu_codes, scores)
        size = self.clusters_in_stratum
        means = np.zeros((len(size), scores.shape[1]))
        np.add.at(means, self.stratum_of_psu, totals)
        means /= size[:, None]
        alone = size == 1
        if self.lonely == "adjust":
            means[alone] = totals.mean(axis=0)
        scale = np.where(alone, 1.0, size / np.maximum(size - 1, 1))
        centred = (totals - means[self.stratum_of_psu]) * np.sqrt(scale)[self.stratum_of_psu, None]
        spread = 1.0
        if self.lonely == "average" and alone.any():
            spread = len(size) / (len(size) - alone.sum()) if not alone.all() else np.nan
        return centred.T @ centred * spread

    def degrees_of_freedom(self, inside: np.ndarray) -> float:
        """Clusters minus strata among the rows `inside`."""
        clusters = np.unique(self.psu_codes[inside])
        return float(len(clusters) - len(np.unique(self.stratum_of_psu[clusters])))

    def select(self, where: Where) -> np.ndarray:
        """Rows of a domain as a boolean array; all of them for None. A missing value is outside.

        Raises ValueError if the column is unknown, has another length, or holds anything but yes and no (True and
        False, 1 and 0), and EmptyDomain if nobody is selected.
        """
        if where is None:
            return np.ones(len(self.frame), dtype=bool)
        values = self.column(where) if isinstance(where, str) else where
        if len(values) != len(self.frame):
            raise ValueError(f"The subset has {len(values)} rows, the design {len(self.frame)}")
        if strange := set(values.dropna().unique()) - {0, 1}:
            raise ValueError(f"The subset {values.name!r} holds {sorted(map(str, strange))[:5]}, not only 1 and 0")
        inside = values.eq(1).to_numpy(dtype=bool, na_value=False)
        if not inside.any():
            name = where if isinstance(where, str) else where.name
            raise EmptyDomain(f"The subset {name!r} selects none of {len(inside)} respondents")
        return inside

    def column(self, name: str) -> pd.Series:
        """A column of the frame; ValueError with the nearest names if it is not there."""
        if name not in self.frame.columns:
            raise ValueError(f"The design has no column {name!r}; add a measure or group to the plan")
        return self.frame[name]

    def with_columns(self, **columns: object) -> "SurveyDesign":
        """The same sample with columns added or replaced, aligned with its rows."""
        frame = self.frame.assign(**columns)  # type: ignore[arg-type]
        changed = SurveyDesign(frame, self.weight, self.stratum, self.psu, self.lonely)
        if not {self.weight, self.stratum, self.psu} & set(columns):
            known = {name: value for name, value in vars(self).items() if name not in _FIELDS}
            vars(changed).update(known)  # rows, clusters and weights are the same
        return changed


def survey_design(
    frame: pd.DataFrame,
    *,
    weight: str = "weight",
    stratum: str | None = "stratum",
    psu: str | None = "psu",
    lonely: Lonely = "fail",
) -> SurveyDesign:
    """Declare a sample design and check it.

    Raises ValueError, with counts and row numbers, for an empty frame, a weight that is missing, not finite
    or not above zero, a missing stratum or cluster, and, under `lonely="fail"`, a stratum with one cluster.
    """
    if frame.empty:
        raise ValueError("A design needs at least one respondent; the frame has no rows")
    if lonely not in get_args(Lonely):
        raise ValueError(f"lonely is {lonely!r}; expected one of {get_args(Lonely)}")
    weights = pd.to_numeric(frame[weight], errors="coerce")
    bad = ~(np.isfinite(weights.to_numpy(dtype=float, na_value=np.nan)) & (weights > 0).to_numpy())
    if bad.any():
        rows = list(np.flatnonzero(bad)[:5] + 1)
        raise ValueError(
            f"{int(bad.sum())} weight(s) in {weight!r} are missing, infinite, zero or negative, in rows "
            f"{[int(r) for r in rows]}; every respondent needs a positive weight"
        )
    for column in filter(None, (stratum, psu)):
        if (missing := int(frame[column].isna().sum())) > 0:
            raise ValueError(f"{missing} respondent(s) have no {column!r}")
    design = SurveyDesign(frame.reset_index(drop=True), weight, stratum, psu, lonely)
    alone = np.flatnonzero(design.clusters_in_stratum == 1)
    if lonely == "fail" and len(alone):
        names = pd.factorize(design.frame[stratum])[1][alone] if stratum else ["the whole sample"]
        raise ValueError(
            f"{len(alone)} stratum(s) have one cluster only: {[str(name) for name in names[:5]]}. Give the "
            "profile a rule (lonely = adjust, average, remove or certainty) or merge strata."
        )
    return design
