"""One pass over a table in its engine: added up there by groups, or on the way through."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import mul
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from bsna.estimation.sample.compress import Product, combined_codes, product_columns

ROWS_AT_ONCE = 1_000_000
FEW_LEVELS = 64
WIDEST_LOOKUP = 10_000_000


@dataclass(frozen=True)
class Part:
    """Some rows, or groups of rows: their `columns`; `joint`, the number of their combination of levels, -1 where one is
    missing; how many people were `asked` and `answered`, shape (m,); and the sums of the products over those who
    answered, with weights (`sums`) and without (`plain`), shape (P, m)."""

    columns: dict[str, pa.Array]
    joint: np.ndarray
    asked: np.ndarray
    answered: np.ndarray
    sums: np.ndarray
    plain: np.ndarray


@dataclass(frozen=True)
class Pass:
    """What to read of a `table`: `columns` as they are, `levels` of columns as the number of their combination, and
    `products` of numbers with the `weight`, less `shifts`. `grouped` says whether the engine adds up people who are alike
    in columns and levels."""

    table: ir.Table
    columns: tuple[str, ...]
    levels: Mapping[str, tuple[object, ...]]
    weight: str
    grouped: bool
    products: tuple[Product, ...] = ((),)
    shifts: Mapping[str, float] = field(default_factory=dict)

    def parts(self) -> Iterator[Part]:
        """The rows or groups. Raises ValueError for an infinite number."""
        named = product_columns(self.products)
        for batch in batches(self._groups(named) if self.grouped else self._rows(named)):
            columns = {name: batch.column(f"c{k}") for k, name in enumerate(self.columns)}
            joint = self._joint(batch)
            if self.grouped:
                sums = np.stack([_counts(batch.column(f"s{k}")) for k in range(len(self.products))])
                if not np.isfinite(sums).all():
                    raise ValueError(f"A sum over {named} is infinite or undefined: one of them is infinite somewhere")
                asked = _counts(batch.column("asked"))
                n = _counts(batch.column("n")) if named else asked
                plain = [_counts(batch.column(f"u{k}")) if product else n for k, product in enumerate(self.products)]
                yield Part(columns, joint, asked, n, sums, np.stack(plain))
            else:
                numbers = {name: numbers_of(batch.column(f"v{k}"), name) for k, name in enumerate(named)}
                weight = numbers_of(batch.column("w"), self.weight)
                yield Part(columns, joint, *self._weighted(numbers, weight))

    def _joint(self, batch: pa.RecordBatch) -> np.ndarray:
        if self._is_coded:
            return np.asarray(batch.column("joint")) if self.levels else np.zeros(batch.num_rows, dtype=np.int64)
        if not self.levels:
            return np.zeros(batch.num_rows, dtype=np.int64)
        codes = [codes_of(batch.column(f"l{k}"), known) for k, known in enumerate(self.levels.values())]
        return combined_codes(codes, [len(known) for known in self.levels.values()])

    @property
    def _is_coded(self) -> bool:
        """Whether the engine numbers the combinations: of few levels, before rows are handed over one by one."""
        if self.grouped:
            return False
        sizes = [len(known) for known in self.levels.values()]
        return max(sizes, default=0) <= FEW_LEVELS and float(np.prod([float(size) for size in sizes])) < 2**31

    def _weighted(
        self, numbers: dict[str, np.ndarray], weight: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        asked = np.ones(len(weight), dtype=bool)
        answered = ~np.isnan(sum(numbers.values())) if numbers else asked
        plain = np.ones((len(self.products), len(weight)))
        for k, product in enumerate(self.products):
            for name in product:
                plain[k] *= numbers[name] - self.shifts.get(name, 0.0)
        if numbers:
            plain[:, ~answered] = 0.0
        return asked, answered, plain * weight, plain

    def _rows(self, named: Sequence[str]) -> ir.Table:
        table = self.table
        kept = {f"c{k}": table[name] for k, name in enumerate(self.columns)}
        numbers = {f"v{k}": table[name].cast("float64") for k, name in enumerate(named)}
        return table.select(**kept, **self._levelled(), **numbers, w=table[self.weight].cast("float64"))

    def _levelled(self) -> dict[str, ir.Value]:
        if not self._is_coded:
            return {f"l{k}": self.table[name] for k, name in enumerate(self.levels)}
        joint: Any = None
        for name, known in self.levels.items():
            code = self.table[name].cases(*[(level, number) for number, level in enumerate(known)], else_=None)  # type: ignore[arg-type]
            joint = code.cast("int32") if joint is None else joint * len(known) + code.cast("int32")
        return {} if joint is None else {"joint": joint.cast("int32").fill_null(-1)}

    def _groups(self, named: Sequence[str]) -> ir.Table:
        rows = self._rows(named)
        keys = [f"c{k}" for k in range(len(self.columns))] + list(self._levelled())
        if not named:
            return rows.group_by(keys).aggregate(asked=rows.count(), s0=rows["w"].sum())
        answered = rows["w"].notnull()
        for k in range(len(named)):
            answered = answered & rows[f"v{k}"].notnull() & ~rows[f"v{k}"].isnan()
        factors = {name: rows[f"v{k}"] - self.shifts.get(name, 0.0) for k, name in enumerate(named)}
        sums = {}
        for k, product in enumerate(self.products):
            if not product:
                sums[f"s{k}"] = answered.ifelse(rows["w"], 0.0).sum()
                continue
            plain = reduce(mul, [factors[name] for name in product])
            sums[f"u{k}"] = answered.ifelse(plain, 0.0).sum()
            sums[f"s{k}"] = answered.ifelse(rows["w"] * plain, 0.0).sum()
        counts = {"asked": rows.count(), "n": answered.ifelse(1, 0).sum()}
        return rows.group_by(keys).aggregate(**counts, **sums)


def batches(expression: ir.Table) -> Iterator[pa.RecordBatch]:
    """The rows of an Ibis expression, some hundred thousand at a time."""
    engine: Any = expression.get_backend()
    if engine.name == "duckdb":
        # Ibis 12 calls a method for this that DuckDB 2 no longer has
        yield from engine.con.sql(str(ibis.to_sql(expression))).to_arrow_reader(ROWS_AT_ONCE)
    else:
        yield from expression.to_pyarrow_batches(chunk_size=ROWS_AT_ONCE)


def is_far(table: ir.Table) -> bool:
    """Whether the rows are elsewhere, so that reading them one by one would cost more than grouping them there."""
    return bool(table.get_backend().name != "duckdb")


def numbers_of(values: pa.Array, name: str) -> np.ndarray:
    """A column of a batch as numbers, missing as NaN. Raises ValueError if one is infinite."""
    numbers = values.to_numpy(zero_copy_only=False).astype(float, copy=False)
    if infinite := int(np.isinf(numbers).sum()):
        raise ValueError(f"{name!r} is infinite for {infinite} respondent(s)")
    return numbers


def codes_of(values: pa.Array, levels: Sequence[Any]) -> np.ndarray:
    """A column of a batch as positions among its levels, -1 where missing or not among them."""
    if pa.types.is_integer(values.type) and values.null_count == 0 and levels:
        low = min(levels)
        if max(levels) - low < WIDEST_LOOKUP:
            table = np.full(int(max(levels) - low) + 1, -1, dtype=np.int64)
            table[np.asarray(levels, dtype=np.int64) - low] = np.arange(len(levels))
            return table[values.to_numpy() - low]
    coded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
    place = {value: number for number, value in enumerate(levels)}
    table = np.array([*(place.get(value, -1) for value in coded.dictionary.to_pylist()), -1], dtype=np.int64)
    return table[np.asarray(coded.indices.fill_null(len(table) - 1))]


def _counts(values: pa.Array) -> np.ndarray:
    return values.to_numpy(zero_copy_only=False).astype(float)
