"""What a call asks: the sample, the columns, and what each field that R derives from estimates and errors is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from bsna.estimation.intervals import around
from tests.estimation.rsurvey.calls import Call, Node, terms, written
from tests.estimation.rsurvey.columns import column_of
from tests.estimation.rsurvey.designs import Sample, sample_of
from tests.estimation.rsurvey.reading import Reference

Steps: TypeAlias = Literal["ours", "as R stops", "to the end"]


@dataclass(frozen=True)
class Asked:
    """A call to be answered: `design` is the sample it was made on ("" if none), `options` R's options.

    `steps` says whose arithmetic: "ours" is the engine's, the other two are R's way to the same numbers (see `steps`),
    stopped as R stops or taken to the end; `at` are the coefficients where R's search for those of an ordered outcome
    stood still, if that is what is asked about.
    """

    reference: Reference
    call: Call
    design: str
    options: Mapping[str, Any]
    steps: Steps = "ours"
    at: np.ndarray | None = None

    def sample(self, position: int, name: str = "design") -> Sample:
        """The sample that the argument at a place, or of a name, stands for."""
        return sample_of(self.reference, argument(self.call, position, name), self.options)

    def argument(self, position: int, name: str, default: Node = None) -> Node:
        """An argument by its name or its place."""
        return argument(self.call, position, name, default)

    def instead(self, call: Call) -> "Asked":
        """Another call on the same sample."""
        return replace(self, call=call)


@dataclass(frozen=True)
class Measure:
    """A column made for a call: `name` in the design's frame, `label` as R names the estimate; `is_share` for the 0/1
    column of a factor's level."""

    name: str
    label: str
    is_share: bool


def with_measures(sample: Sample, formula: Node) -> tuple[Sample, list[Measure]]:
    """The sample with one number per term of a formula, and one 0/1 column per level of each factor in it."""
    made: dict[str, pd.Series] = {}
    measures: list[Measure] = []
    for term in terms(formula):
        column = column_of(term, sample.design.frame)
        parts = {"": column.astype(float)} if column.dtype != "category" else _dummies(column)
        for level, values in parts.items():
            name = f"measure_{len(measures)}"
            made[name] = values
            measures.append(Measure(name, f"{written(term)}{level}", column.dtype == "category"))
    return sample.with_columns(**made), measures


def answered(sample: Sample, measures: Sequence[Measure]) -> Sample:
    """The people with an answer to all of the measures: R leaves out whoever misses one of them."""
    there = sample.design.frame[[measure.name for measure in measures]].notna().all(axis=1).astype(float)
    return Sample(sample.design, there if sample.where is None else there * sample.where)


def with_groups(sample: Sample, formula: Node) -> tuple[Sample, dict[str, list[Any]]]:
    """The sample with a column `group` for R's breakdown, its levels in R's order: the first factor changes fastest.

    Also the value of each factor in each group that somebody of the domain is in.
    """
    columns = {written(term): column_of(term, sample.design.frame).astype("category") for term in terms(formula)}
    inside = pd.DataFrame(columns)[sample.inside].dropna()
    order = [inside[name].cat.codes for name in reversed(columns)]
    found = inside.assign(**{f"_{k}": codes for k, codes in enumerate(order)}).drop_duplicates(list(columns))
    found = found.sort_values([f"_{k}" for k in range(len(order))])[list(columns)]
    labels = {tuple(row): number for number, row in enumerate(found.itertuples(index=False))}
    rows = pd.DataFrame(columns).itertuples(index=False)
    group = pd.Categorical.from_codes([labels.get(tuple(row), -1) for row in rows], categories=range(len(labels)))
    return sample.with_columns(group=group), {name: found[name].tolist() for name in found}


def derived(estimates: np.ndarray, errors: np.ndarray, df: float) -> dict[str, Any]:
    """The fields R's `confint` and `cv` make of estimates and errors: with the normal's quantiles, with Student's, at 90%."""
    flat, se = np.ravel(estimates), np.ravel(errors)
    return {
        "ci": limits(flat, se, np.inf, 0.95),
        "ci_t": limits(flat, se, df, 0.95),
        "ci90_t": limits(flat, se, df, 0.90),
        "cv": np.divide(se, flat, out=np.full(len(flat), np.nan), where=flat != 0),
        "df": df,
    }


def limits(estimates: np.ndarray, errors: np.ndarray, df: float, level: float) -> dict[str, np.ndarray]:
    """Lower and upper limits by this engine's interval."""
    pairs = np.array([around(value, se, df, level) for value, se in zip(estimates, errors, strict=True)])
    return {"lower": pairs[:, 0], "upper": pairs[:, 1]}


def argument(call: Call, position: int, name: str, default: Node = None) -> Node:
    """An argument by its name or its place."""
    if name in call.named:
        return call.named[name]
    return call.args[position] if len(call.args) > position else default


def vector(node: Node) -> list[Any]:
    """The values of `c(...)`, or a single one."""
    return list(node.args) if isinstance(node, Call) and node.function == "c" else [node]


def degrees_of_freedom(sample: Sample) -> float:
    """R's `degf`: those of the design, or of its domain, whoever answered."""
    return sample.design.degrees_of_freedom(sample.inside)


def _dummies(column: pd.Series) -> Mapping[str, pd.Series]:
    codes = column.cat.codes
    levels = column.cat.categories
    return {str(level): (codes == k).astype(float).mask(codes < 0) for k, level in enumerate(levels)}
