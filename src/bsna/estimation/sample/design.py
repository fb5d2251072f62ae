"""The sample design: weights, strata, sampling units at each stage, and the variance they imply."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, TypeVar

import numpy as np
import pandas as pd

from bsna.estimation.rows import EmptyDomain
from bsna.estimation.sample.columns import codes_in, numbers_in
from bsna.estimation.sample.compress import (
    Patterns,
    Product,
    Sums,
    combined_codes,
    combined_levels,
    distinct,
    product_columns,
)
from bsna.estimation.sample.replicates import Replicates
from bsna.estimation.sample.stages import Lonely, Stages

Where: TypeAlias = str | pd.Series | None
Residuals: TypeAlias = Callable[[np.ndarray], np.ndarray]
"""Weighted scores (n, k) in, weighted scores less what the adjustment's population totals explain (n, k) out."""
T = TypeVar("T")


@dataclass(frozen=True)
class SurveyDesign:
    """People drawn in clusters within strata. One row of `frame` is one respondent.

    `weight` is the number of adults a row stands for; `stratum`, `psu` and `ssu` (what was drawn within the cluster, such
    as a household) name columns, None for a sample without. `fpc` names, for each stage drawn without replacement, the
    column with the number of units in the population (or, up to 1, the part of them drawn). `lonely` says what a stratum
    with one cluster contributes, with the meanings of R survey: remove and certainty nothing, adjust its squared
    distance from the mean of all clusters, average the mean of the other strata, fail stops; `domain_lonely` extends the
    rule to strata with one cluster in a domain. `adjustments` are calibrations in order; `replicates`, if given, make
    the variance instead of the stages.
    """

    frame: pd.DataFrame
    weight: str
    stratum: str | None
    psu: str | None
    lonely: Lonely
    ssu: str | None = None
    fpc: tuple[str, ...] = ()
    domain_lonely: bool = False
    adjustments: tuple[Residuals, ...] = ()
    replicates: Replicates | None = None
    _known: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def _once(self, key: object, make: Callable[[], T]) -> T:
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]  # type: ignore[no-any-return]

    @property
    def weights(self) -> np.ndarray:
        """Weights, shape (n,)."""
        return self._once("weights", lambda: self.frame[self.weight].to_numpy(dtype=float))

    @property
    def stratum_codes(self) -> np.ndarray:
        """Number of each row's stratum, in the order of their names, shape (n,)."""
        if self.stratum is None:
            return self._once("strata", lambda: np.zeros(len(self.frame), dtype=np.int64))
        return self.codes(self.stratum)[0]

    @property
    def psu_codes(self) -> np.ndarray:
        """Number of each row's cluster, clusters numbered within strata, shape (n,)."""
        return self._once("psus", lambda: self._nested(self.stratum_codes, self.psu))

    @property
    def unit_codes(self) -> np.ndarray:
        """Number of each row's unit of the last stage, shape (n,); the cluster if there is one stage."""
        if self.ssu is None:
            return self.psu_codes
        return self._once("units", lambda: self._nested(self.psu_codes, self.ssu))

    def _nested(self, outer: np.ndarray, name: str | None) -> np.ndarray:
        if name is None:
            return np.arange(len(self.frame))
        codes, levels = self.codes(name)
        joint = combined_codes([outer, codes], [int(outer.max()) + 1, len(levels)])
        return np.unique(joint, return_inverse=True)[1].ravel()

    @property
    def stages(self) -> Stages:
        """How the units were drawn."""
        return self._once("stages", self._stages)

    def _stages(self) -> Stages:
        stratum_of_psu = _first(self.stratum_codes, self.psu_codes)
        psu_of_unit = _first(self.psu_codes, self.unit_codes)
        strata, psus = np.bincount(stratum_of_psu), np.bincount(psu_of_unit)
        counts = [strata, psus]
        outer = [self.stratum_codes, self.psu_codes]
        sizes = [np.full(len(count), np.inf) for count in counts]
        for stage, name in enumerate(self.fpc):
            sizes[stage] = _population(self.numbers(name), outer[stage], counts[stage], name)
        second = self.ssu is not None and len(self.fpc) > 0
        return Stages(psu_of_unit, stratum_of_psu, sizes[0], sizes[1], second, self.lonely, self.domain_lonely)

    @property
    def stratum_of_psu(self) -> np.ndarray:
        """Stratum of each cluster, shape (clusters,)."""
        return self.stages.stratum

    @property
    def clusters_in_stratum(self) -> np.ndarray:
        """Clusters in each stratum, shape (strata,)."""
        return np.bincount(self.stratum_of_psu)

    def variance(self, scores: np.ndarray, inside: np.ndarray | None = None) -> np.ndarray:
        """Covariance matrix of the totals of `scores`, by linearisation.

        `scores` has shape (n, k), weights included, and zero outside the domain; the result (k, k). `inside` (n,) marks
        the domain, None if it is everybody. Source: see `Stages.variance`.
        """
        present = None if inside is None or self.adjustments else self._present(inside)
        return self.stages.variance(self.unit_totals(scores), present)

    def unit_totals(self, scores: np.ndarray) -> np.ndarray:
        """Weighted scores (n, k) added up by sampling unit (units, k), less what the adjustments explain."""
        for residuals in self.adjustments:
            scores = residuals(scores)
        if self.ssu is None and self.psu is None:
            return scores
        units = len(self.stages.psu)
        return np.column_stack([np.bincount(self.unit_codes, column, units) for column in scores.T])

    def _present(self, inside: np.ndarray) -> np.ndarray:
        return np.bincount(self.unit_codes[inside], minlength=len(self.stages.psu)) > 0

    def degrees_of_freedom(self, inside: np.ndarray) -> float:
        """Clusters minus strata among the rows `inside`; those of the replicates if the design has them."""
        return self.degrees(np.bincount(self.psu_codes[inside], minlength=len(self.stratum_of_psu)) > 0)[1]

    def degrees(self, psus: np.ndarray) -> tuple[int, float]:
        """Number of the PSUs marked in `psus` (PSUs,), and degrees of freedom: PSUs minus strata, or the replicates'."""
        clusters = int(psus.sum())
        if self.replicates is not None:
            return clusters, self.replicates.df
        return clusters, float(clusters - len(np.unique(self.stratum_of_psu[psus])))

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

    def domain(self, by: str, level: object, where: Where = None) -> pd.Series:
        """The people of a domain who are at a level of a column, as a domain."""
        at_level = (self.column(by) == level).fillna(False).astype(bool)
        return (at_level & self.select(where)).rename(f"{by} = {level}")

    def mean_weight(self, where: Where = None) -> float:
        """Mean weight of the people of a domain."""
        return float(self.weights[self.select(where)].mean())

    def column(self, name: str) -> pd.Series:
        """A column of the frame; ValueError with the nearest names if it is not there."""
        if name not in self.frame.columns:
            raise ValueError(f"The design has no column {name!r}; add a measure or group to the plan")
        return self.frame[name]

    def numbers(self, name: str) -> np.ndarray:
        """A column as numbers (n,), missing as NaN. Raises ValueError for an infinite one."""
        return self._once(("numbers", name), lambda: numbers_in(self.column(name)))

    def codes(self, name: str) -> tuple[np.ndarray, tuple[object, ...]]:
        """A column as codes (n,), -1 where missing, and its levels: those of a categorical, else the values sorted."""
        return self._once(("codes", name), lambda: codes_in(self.column(name)))

    def middle(self, name: str) -> float:
        """Plain mean of a column, from which sums of large numbers are best counted. Nan if all are missing."""
        numbers = self.numbers(name)
        known = numbers[~np.isnan(numbers)]
        return float(known.mean()) if len(known) else float("nan")

    def levels(self, name: str) -> tuple[object, ...]:
        """The levels of a column: those of a categorical, else its values in order, without missing ones."""
        return self.codes(name)[1]

    def sums(
        self,
        products: Sequence[Product],
        *,
        by: Sequence[str] = (),
        where: Where = None,
        shifts: Mapping[str, float] | None = None,
    ) -> Sums:
        """Weighted sums of products, apart for each combination of levels of `by`, over people who answered all.

        `shifts` are taken off a column's numbers beforehand, so that digits are not lost to a large mean. A level that
        nobody chose has sums of nil. Raises EmptyDomain if nobody answered.
        """
        off = shifts or {}
        inside = self.select(where)
        coded = [self.codes(name) for name in by]
        levels = combined_levels([values for _, values in coded])
        level = self._level(coded)
        members = inside & (level >= 0)
        answered = members.copy()
        for name in product_columns(products):
            answered &= ~np.isnan(self.numbers(name))
        rows = np.flatnonzero(answered)
        if not len(rows):
            asked = ", ".join(sorted(set(product_columns(products)) | set(by)))
            raise EmptyDomain(f"Nobody among {int(inside.sum())} respondents has an answer for {asked!r}")
        factors = np.ones((len(products), len(rows)))
        for number, product in enumerate(products):
            for place, name in enumerate(product):
                values = _of_rows(self.numbers(name), rows) - off.get(name, 0.0)
                factors[number] = factors[number] * values if place else values
        at = _of_rows(level, rows)
        n = np.bincount(at, minlength=len(levels))
        everybody = int(np.count_nonzero(members)) == len(rows)
        asked_n = n if everybody else np.bincount(level[members], minlength=len(levels))
        return self._added(levels, at, rows, factors, n, asked_n)

    def _level(self, coded: list[tuple[np.ndarray, tuple[object, ...]]]) -> np.ndarray:
        if not coded:
            return self._once("whole", lambda: np.zeros(len(self.frame), dtype=np.int64))
        if len(coded) == 1:
            return coded[0][0]
        return combined_codes([code for code, _ in coded], [len(values) for _, values in coded])

    def _added(
        self,
        levels: tuple[tuple[object, ...], ...],
        at: np.ndarray,
        rows: np.ndarray,
        factors: np.ndarray,
        n: np.ndarray,
        asked: np.ndarray,
    ) -> Sums:
        count, units = len(levels), len(self.stages.psu)
        weighted = factors * _of_rows(self.weights, rows)
        whole = np.stack([np.bincount(at, values, count) for values in weighted])
        cell = _of_rows(self.unit_codes, rows) * count + at
        present = (np.bincount(cell, minlength=units * count) > 0).reshape(units, count)
        psus = present
        if self.ssu is not None:
            in_psu = _of_rows(self.psu_codes, rows) * count + at
            psus = (np.bincount(in_psu, minlength=len(self.stratum_of_psu) * count) > 0).reshape(-1, count)
        by_unit = replicates = None
        if self.replicates is not None:
            replicates = self.replicates.sums(rows, at, count, factors)
        elif self.adjustments:
            spread = np.zeros((len(self.frame), len(factors) * count))
            for number, values in enumerate(weighted):
                spread[rows, number * count + at] = values
            by_unit = self.unit_totals(spread).reshape(units, len(factors), count)
            present = np.ones_like(present)
        else:
            added = [np.bincount(cell, values, units * count).reshape(units, count) for values in weighted]
            by_unit = np.stack(added, axis=1)
        plain = np.stack([np.bincount(at, values, count) for values in factors])
        return Sums(levels, whole, by_unit, replicates, plain, n, asked, present, psus)

    def patterns(self, columns: Sequence[str], *, where: Where = None) -> Patterns:
        """Distinct combinations of columns among people who answered all of them. Raises EmptyDomain if nobody did.

        Where combinations would be nearly as many as people, each person is one.
        """
        inside = self.select(where)
        coded = [self.codes(name) for name in columns]
        codes = [np.where(inside, code, -1) for code, _ in coded]
        found = distinct(codes, [len(levels) for _, levels in coded])
        if found is None:
            rows = np.flatnonzero(np.all([code >= 0 for code in codes], axis=0))
            code = np.full(len(inside), -1)
            code[rows] = np.arange(len(rows))
        else:
            code, rows = found
        if not len(rows):
            raise EmptyDomain(f"Nobody has answers for {columns[0]!r} and all of {list(columns[1:])}")
        there = code >= 0
        weight = np.bincount(code[there], self.weights[there], len(rows))
        people = np.bincount(code[there], minlength=len(rows))
        replicates = None if self.replicates is None else self.replicates.by_code(code, len(rows))
        frame = self.frame[list(columns)].iloc[rows].reset_index(drop=True)
        return Patterns(frame, weight, people, replicates, code)

    def score_variance(self, patterns: Patterns, scores: np.ndarray) -> np.ndarray:
        """Covariance (k, k) of totals of weighted scores that depend on a person's pattern only: `scores` (D, k)."""
        code = patterns.code
        assert code is not None
        units, found = len(self.stages.psu), np.flatnonzero(code >= 0)
        present = None if self.adjustments else self._present(found)
        if self.adjustments or units * len(scores) > 4 * len(code) + 4096:
            rows = np.zeros((len(code), scores.shape[1]))
            rows[found] = scores[code[found]] * self.weights[found, None]
            return self.stages.variance(self.unit_totals(rows), present)
        cell = self.unit_codes[found] * len(scores) + code[found]
        table = np.bincount(cell, self.weights[found], units * len(scores)).reshape(units, len(scores))
        return self.stages.variance(table @ scores, present)

    def clusters_of(self, patterns: Patterns, chosen: np.ndarray | None = None) -> tuple[int, float]:
        """PSUs with somebody of the `chosen` patterns (D,) (None for all), and their degrees of freedom."""
        code = patterns.code
        assert code is not None
        there = code >= 0 if chosen is None else (code >= 0) & chosen[code]
        return self.degrees(np.bincount(self.psu_codes[there], minlength=len(self.stratum_of_psu)) > 0)

    def weights_by_psu(self, patterns: Patterns) -> np.ndarray:
        """Sum of weights of each pattern in each primary sampling unit, shape (PSUs, D)."""
        assert patterns.code is not None
        there, psus = patterns.code >= 0, len(self.stratum_of_psu)
        cell = self.psu_codes[there] * len(patterns.weight) + patterns.code[there]
        return np.bincount(cell, self.weights[there], psus * len(patterns.weight)).reshape(psus, -1)

    def filled(self, columns: Sequence[str], value: object) -> "SurveyDesign":
        """The same sample with missing answers to some columns replaced by a value, which is then a level of its own."""
        found = {name: self.column(name).astype(object) for name in columns}
        return self.with_columns(**{name: column.where(column.notna(), value) for name, column in found.items()})

    def with_columns(self, **columns: object) -> "SurveyDesign":
        """The same sample with columns added or replaced, aligned with its rows."""
        frame = self.frame.assign(**columns)  # type: ignore[arg-type]
        if {self.weight, self.stratum, self.psu, self.ssu, *self.fpc} & set(columns):
            return replace(self, frame=frame, _known={})
        known = {k: v for k, v in self._known.items() if not (isinstance(k, tuple) and k[1] in columns)}
        return replace(self, frame=frame, _known=known)


def _of_rows(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Values at sorted row numbers; all of them, not a copy, if those are all rows."""
    return values if len(rows) == len(values) else values.take(rows)


def _first(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The value of each group, constant within it."""
    found = np.zeros(int(group.max()) + 1, dtype=np.int64)
    found[group] = values
    return found


def _population(values: np.ndarray, group: np.ndarray, drawn: np.ndarray, name: str) -> np.ndarray:
    sizes = np.zeros(len(drawn))
    sizes[group] = values
    if varying := len(np.unique(group[values != sizes[group]])):
        raise ValueError(f"{name!r} varies within {varying} stratum(s) or cluster(s); it counts their whole population")
    sizes = np.where(sizes <= 1, drawn / np.where(sizes > 0, sizes, np.nan), sizes)
    if (short := int((~(sizes >= drawn * (1 - 1e-9))).sum())) > 0:
        raise ValueError(f"{name!r} is smaller than the sample in {short} of {len(drawn)} stratum(s) or cluster(s)")
    return sizes
