"""The sample design of a table that stays in its engine: DuckDB on a laptop, Spark on a cluster, through Ibis."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, TypeVar

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from bsna.estimation.rows import EmptyDomain
from bsna.estimation.sample.columns import EXACT
from bsna.estimation.sample.compress import Patterns, Product, Sums, combined_levels, product_columns
from bsna.estimation.sample.stages import Stages
from bsna.estimation.sample.streams import Part, Pass, codes_of, is_far, numbers_of
from bsna.estimation.sample.units import Units

TableWhere: TypeAlias = str | ir.BooleanValue | None
PEOPLE_PER_GROUP, MOST_GROUPS = 8, 200_000
"""Groups pay if they hold as many people on average and are no more than that; else handing over rows is quicker."""
MOST_CELLS = 16_000_000
MOST_LEVELS = 1000
T = TypeVar("T")


@dataclass(frozen=True)
class TableDesign:
    """As `SurveyDesign`, over an Ibis table with one row per respondent, never in memory as a whole.

    `units` are its sampling units. Calibration, replicate weights and samples without clusters need their rows in memory. Weights are added up where the rows are if
    that leaves few groups or the rows are far, else on their way through. An engine adds up in no fixed order, so that the
    last digits may differ from run to run.
    """

    table: ir.Table
    weight: str
    units: Units
    replicates: None = None
    adjustments: tuple[()] = ()
    _known: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def _once(self, key: object, make: Callable[[], T]) -> T:
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]  # type: ignore[no-any-return]

    @property
    def frame(self) -> pd.DataFrame:
        """There is none. Raises ValueError for what asks for rows: calibration, replicate weights, imputation."""
        raise ValueError(
            "The rows of this table stay in their engine, and this needs them in memory: declare the design of "
            "table.to_pandas() instead"
        )

    @property
    def weights(self) -> np.ndarray:
        """As `frame`."""
        return np.asarray(self.frame[self.weight])

    def codes(self, name: str) -> tuple[np.ndarray, tuple[object, ...]]:
        """As `frame`."""
        return np.asarray(self.frame[name]), ()

    @property
    def people(self) -> int:
        """Respondents in the table."""
        return int(self.units.design.frame["_people"].sum())

    @property
    def stages(self) -> Stages:
        """How the units were drawn."""
        return self.units.design.stages

    def degrees(self, psus: np.ndarray) -> tuple[int, float]:
        """As `SurveyDesign.degrees`."""
        return self.units.design.degrees(psus)

    def numbers(self, name: str) -> ir.FloatingValue:
        """A column as numbers, an expression in the engine. Raises ValueError for whole numbers of more than 53 bits."""
        column = self._column(name)
        if column.type().is_integer() and column.type().nbytes > 4:
            self._once(("exact", name), lambda: self._refuse_rounded(name))
        return column.cast("float64")

    def _refuse_rounded(self, name: str) -> None:
        column = self._column(name)
        ends = self.table.aggregate(low=column.min(), high=column.max()).to_pyarrow().to_pylist()[0].values()
        if wide := [end for end in ends if end is not None and abs(end) > EXACT]:
            raise ValueError(
                f"{name!r} has whole numbers beyond 2^53, such as {wide[0]}; arithmetic would round them, and lose how they "
                "differ. If they are codes, they are no measure; else subtract one of them from all"
            )

    def middle(self, name: str) -> float:
        """Plain mean of a column, from which sums of large numbers are best counted. Nan if all are missing."""
        found = self._once(("middle", name), lambda: _known_only(self.numbers(name)).mean().execute())
        if found is not None and not np.isfinite(found):  # no number: infinite ones of both signs
            raise ValueError(f"{name!r} is infinite somewhere in the table")
        return float("nan") if found is None else float(found)

    def levels(self, name: str) -> tuple[object, ...]:
        """The values of a column in order, without missing ones. Raises ValueError if there are more than a thousand."""
        if (found := self._levels(name)) is None:
            raise ValueError(f"{name!r} has more than {MOST_LEVELS} values, too many for levels; is it a number?")
        return found

    def _levels(self, name: str) -> tuple[object, ...] | None:
        def look() -> tuple[object, ...] | None:
            found = self.table.select(name=self._column(name)).distinct().limit(MOST_LEVELS + 3).to_pyarrow()["name"]
            values = [value for value in found.to_pylist() if value is not None and value == value]
            if any(isinstance(value, float) and np.isinf(value) for value in values):
                raise ValueError(f"{name!r} is infinite somewhere in the table")
            return tuple(sorted(values)) if len(values) <= MOST_LEVELS else None

        return self._once(("levels", name), look)

    def _column(self, name: str) -> Any:
        if name not in self.table.columns:
            raise ValueError(f"The table has no column {name!r}; it has {list(self.table.columns)[:20]}")
        return self.table[name]

    def with_columns(self, **columns: ir.Value) -> "TableDesign":
        """The same sample with columns added or replaced by expressions."""
        known = {key: value for key, value in self._known.items() if key[1] not in columns}
        return replace(self, table=self.table.mutate(**columns), _known=known)

    def select(self, where: TableWhere) -> ir.Table:
        """The rows of a domain. Raises ValueError if a named column holds anything but yes and no."""
        return self.table if where is None else self.table.filter(self._chosen(where))

    def _chosen(self, where: str | ir.BooleanValue) -> ir.BooleanValue:
        if not isinstance(where, str):
            return where
        if strange := [value for value in self.levels(where) if value not in (0, 1)]:
            raise ValueError(f"The subset {where!r} holds {strange[:5]}, not only 1 and 0")
        return self._column(where).cast("int8") == 1

    def domain(self, by: str, level: Any, where: TableWhere = None) -> ir.BooleanValue:
        """As `SurveyDesign.domain`, an expression in the engine."""
        at_level = self._column(by) == level
        return at_level if where is None else at_level & self._chosen(where)

    def mean_weight(self, where: TableWhere = None) -> float:
        """As `SurveyDesign.mean_weight`."""
        if where is None:
            return float(self.units.design.weights.sum() / self.people)
        domain = self.sums(((),), where=where)
        return float(domain.whole.sum() / domain.n.sum())

    def sums(
        self,
        products: Sequence[Product],
        *,
        by: Sequence[str] = (),
        where: TableWhere = None,
        shifts: Mapping[str, float] | None = None,
    ) -> Sums:
        """As `SurveyDesign.sums`, in one pass over the table."""
        values = [self.levels(name) for name in by]
        for name in product_columns(products):
            self.numbers(name)  # refuses what arithmetic would round
        levels = combined_levels(values)
        count, units = len(levels), len(self.stages.psu)
        wanted = tuple(dict.fromkeys(((), *products)))
        asked, n, added = np.zeros(count), np.zeros(count), np.zeros((len(wanted), units * count))
        plain = np.zeros((len(wanted), count))
        known = dict(zip(by, values, strict=True))
        for part in self._pass((), known, where, units * count, wanted, shifts or {}).parts():
            level, unit, people, answered, sums, unweighted = self._inside(part)
            counted = np.bincount(level, people, count)
            asked += counted
            n += counted if answered is people else np.bincount(level, answered, count)
            cell = unit * np.int64(count) + level
            for number, product in enumerate(wanted):
                _add(added[number], cell, sums[number])
                plain[number] += np.bincount(level, unweighted[number], count) if product else 0.0
        if not n.any():
            asked_for = ", ".join(sorted(set(product_columns(products)) | set(by)))
            raise EmptyDomain(f"Nobody among {int(asked.sum())} respondents has an answer for {asked_for!r}")
        cells = added.reshape(len(wanted), units, count)
        present = cells[0] > 0
        plain[0] = n
        at = [wanted.index(product) for product in products]
        kept = cells[at].transpose(1, 0, 2)
        psus = _any_by(present, self.stages.psu, len(self.stages.stratum))
        whole = kept.sum(axis=0)
        return Sums(levels, whole, kept, None, plain[at], n.astype(int), asked.astype(int), present, psus)

    def _pass(
        self,
        columns: Sequence[str],
        levels: Mapping[str, tuple[object, ...]],
        where: TableWhere,
        groups: int,
        products: tuple[Product, ...] = ((),),
        shifts: Mapping[str, float] | None = None,
    ) -> Pass:
        few = groups <= min(self.people // PEOPLE_PER_GROUP, MOST_GROUPS)
        grouped = few or is_far(self.table)
        names = tuple(dict.fromkeys((*self.units.keys, *columns)))
        return Pass(self.select(where), names, levels, self.weight, grouped, products, shifts or {})

    def _inside(self, part: Part) -> tuple[np.ndarray, ...]:
        """Joint level, unit, people asked and answered, sums and plain sums (P, m) of rows with no level missing."""
        unit, there = self.units.of(part.columns), part.joint >= 0
        if there.all():
            return part.joint, unit, part.asked, part.answered, part.sums, part.plain
        counts = part.joint[there], unit[there], part.asked[there], part.answered[there]
        return *counts, part.sums[:, there], part.plain[:, there]

    def patterns(self, columns: Sequence[str], *, where: TableWhere = None) -> Patterns:
        """As `SurveyDesign.patterns`; the rows stay where they are.

        Where units times combinations are few, one pass adds up all of it. A column of more than a thousand values does
        not compress: then each person is a pattern, and these columns come into memory.
        """
        found = [self._levels(name) for name in columns]
        for name in (name for name, known in zip(columns, found, strict=True) if known is None):
            if not self._column(name).type().is_numeric():
                self.levels(name)
        if (values := [known for known in found if known is not None]) != found:
            return self._each(columns, found, where)
        sizes, units = [len(known) for known in values], len(self.stages.psu)
        if units * float(np.prod([float(size) for size in sizes])) > MOST_CELLS:
            return self._far_apart(columns, values, where)
        count = int(np.prod(sizes))
        weight, n = np.zeros(units * count), np.zeros(count)
        for part in self._pass((), dict(zip(columns, values)), where, units * count).parts():
            joint, unit, people, _, sums, _ = self._inside(part)
            _add(weight, unit * np.int64(count) + joint, sums[0])
            n += np.bincount(joint, people, count)
        there = np.flatnonzero(n)
        if not len(there):
            raise EmptyDomain(f"Nobody has answers for {columns[0]!r} and all of {list(columns[1:])}")
        table = weight.reshape(units, count)
        table = table if len(there) == count else table[:, there]
        frame = _frame(columns, values, np.unravel_index(there, sizes))
        return Patterns(frame, table.sum(axis=0), n[there].astype(int), None, None, table)

    def _far_apart(self, columns: Sequence[str], values: list[tuple[object, ...]], where: TableWhere) -> Patterns:
        """Patterns added up by the engine without their units, which `score_variance` reads in a second pass."""
        known, sizes = dict(zip(columns, values, strict=True)), [len(level) for level in values]
        parts = list(Pass(self.select(where), (), known, self.weight, True).parts())
        joint, weight, n = (
            np.concatenate(arrays)
            for arrays in zip(*[(part.joint, part.sums[0], part.answered) for part in parts], strict=True)
        )
        order = np.argsort(joint, kind="stable")
        order = order[joint[order] >= 0]
        joint, weight, n = joint[order], weight[order], n[order]
        if not len(joint):
            raise EmptyDomain(f"Nobody has answers for {columns[0]!r} and all of {list(columns[1:])}")
        frame = _frame(columns, values, np.unravel_index(joint, sizes))
        again = _Again(self, self._pass((), known, where, MOST_CELLS), joint)
        return Patterns(frame, weight, n.astype(int), None, None, None, again)

    def _each(self, columns: Sequence[str], values: list[tuple[object, ...] | None], where: TableWhere) -> Patterns:
        """Each person as a pattern: the columns in memory, levels as categories."""
        kept: dict[str, list[np.ndarray]] = {name: [] for name in columns}
        units, weights = [], []
        for part in self._pass(columns, {}, where, MOST_CELLS).parts():
            coded = {
                name: numbers_of(part.columns[name], name) if known is None else codes_of(part.columns[name], known)
                for name, known in zip(columns, values, strict=True)
            }
            there = np.all(
                [code >= 0 if code.dtype.kind == "i" else ~np.isnan(code) for code in coded.values()], axis=0
            )
            for name, code in coded.items():
                kept[name].append(code[there] if code.dtype.kind == "f" else code[there].astype(np.int16))
            units.append(self.units.of(part.columns)[there].astype(np.int32))
            weights.append(part.sums[0][there])
        unit, weight = np.concatenate(units), np.concatenate(weights)
        if not len(unit):
            raise EmptyDomain(f"Nobody has answers for {columns[0]!r} and all of {list(columns[1:])}")
        frame = pd.DataFrame(
            {
                name: np.concatenate(kept[name]) if known is None else _decoded(known, np.concatenate(kept[name]))
                for name, known in zip(columns, values, strict=True)
            }
        )
        count = len(self.stages.psu)

        def again(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            added = [np.bincount(unit, weight * column, count) for column in scores.T]
            return np.column_stack(added), np.bincount(unit, minlength=count) > 0

        return Patterns(frame, weight, np.ones(len(unit), dtype=int), None, None, None, again)

    def score_variance(self, patterns: Patterns, scores: np.ndarray) -> np.ndarray:
        """As `SurveyDesign.score_variance`."""
        if patterns.by_unit is not None:
            return self.stages.variance(patterns.by_unit @ scores, patterns.by_unit.sum(axis=1) > 0)
        assert patterns.again is not None
        totals, present = patterns.again(scores)
        return self.stages.variance(totals, present)

    def clusters_of(self, patterns: Patterns, chosen: np.ndarray | None = None) -> tuple[int, float]:
        """As `SurveyDesign.clusters_of`."""
        picked = np.ones(len(patterns.weight), dtype=bool) if chosen is None else chosen
        if patterns.by_unit is not None:
            present = patterns.by_unit @ picked > 0
        else:
            assert patterns.again is not None
            present = patterns.again(picked[:, None].astype(float))[0][:, 0] > 0
        return self.degrees(_any_by(present[:, None], self.stages.psu, len(self.stages.stratum))[:, 0])

    def weights_by_psu(self, patterns: Patterns) -> np.ndarray:
        """As `SurveyDesign.weights_by_psu`."""
        by_unit = patterns.by_unit
        if by_unit is None:
            assert patterns.again is not None
            by_unit = patterns.again(np.eye(len(patterns.weight)))[0]
        psus = len(self.stages.stratum)
        if psus == len(by_unit):
            return by_unit
        return np.stack([np.bincount(self.stages.psu, column, psus) for column in by_unit.T], axis=1)

    def filled(self, columns: Sequence[str], value: Any) -> "TableDesign":
        """As `SurveyDesign.filled`."""
        return self.with_columns(**{name: self._column(name).fill_null(value) for name in columns})


@dataclass(frozen=True)
class _Again:
    """A second pass: totals by unit of scores that depend on a person's pattern."""

    design: TableDesign
    reading: Pass
    joint: np.ndarray

    def __call__(self, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        units = len(self.design.stages.psu)
        totals, present = np.zeros((units, scores.shape[1])), np.zeros(units)
        for part in self.reading.parts():
            joint, unit, _, _, sums, _ = self.design._inside(part)
            weight, pattern = sums[0], np.searchsorted(self.joint, joint)
            present += np.bincount(unit, weight, units)
            for k in range(scores.shape[1]):
                totals[:, k] += np.bincount(unit, weight * scores[pattern, k], units)
        return totals, present > 0


def _known_only(numbers: ir.FloatingValue) -> ir.FloatingValue:
    return numbers.isnan().ifelse(ibis.null("float64"), numbers)


def _decoded(levels: tuple[object, ...], codes: np.ndarray) -> Any:
    if all(isinstance(level, str) for level in levels):
        return pd.Categorical.from_codes(codes, list(levels))  # type: ignore[arg-type]
    return np.array(levels)[codes]


def _frame(columns: Sequence[str], values: Sequence[tuple[object, ...]], codes: Sequence[np.ndarray]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: pd.Series(list(known)).take(code).array
            for name, known, code in zip(columns, values, codes, strict=True)
        }
    )


def _add(total: np.ndarray, cell: np.ndarray, weight: np.ndarray) -> None:
    """Add weights to cells; a long list of cells is gone through once, not once for each batch."""
    if len(total) > len(cell):
        np.add.at(total, cell, weight)
    else:
        total += np.bincount(cell, weight, len(total))


def _any_by(present: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    """Whether any unit (units, L) of each group is marked: (groups, L)."""
    if count == len(present):
        return present  # units are the clusters, in order
    return np.stack([np.bincount(group, column, count) > 0 for column in present.T], axis=1)
