"""An R model formula as columns of a sample: outcome, terms and offset, with R's names for what comes of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.estimation.rsurvey.calls import Call, Node, number, terms, written
from tests.estimation.rsurvey.columns import column_of, polynomial
from tests.estimation.rsurvey.designs import Sample


@dataclass(frozen=True)
class Model:
    """What a formula asks of a sample. `terms` are as this engine takes them, made of columns whose R names `labels` holds;
    `by_term` gives the columns that make each of R's terms; `offset` is a column, or None."""

    sample: Sample
    outcome: str
    terms: tuple[str, ...]
    labels: Mapping[str, str]
    by_term: Mapping[str, tuple[str, ...]]
    offset: str | None

    @property
    def used(self) -> np.ndarray:
        """People without a missing value in any column of the model, shape (n,)."""
        names = [self.outcome, *self.labels, *([self.offset] if self.offset else [])]
        return self.sample.inside & self.sample.design.frame[names].notna().all(axis=1).to_numpy()

    def named(self, name: str) -> str:
        """R's name of a coefficient: "educ=lower:victim" here is "educlower:victim" there."""
        parts = [part.partition("=") for part in name.split(":")]
        return ":".join(f"{self.labels.get(column, column)}{level}" for column, _, level in parts)


def model_of(sample: Sample, formula: Node, *, ordered: bool = False) -> Model:
    """Columns are made over the people of the domain: `scale` and `poly` know nobody else, as in R's subsets.

    A factor with two levels is a 0/1 outcome; an `ordered` outcome stays what it is.
    """
    assert isinstance(formula, Call)
    frame = sample.design.frame
    outcome = column_of(formula.args[0], frame)
    if outcome.dtype == "category" and not ordered:
        outcome = (outcome.cat.codes > 0).astype(float).mask(outcome.isna())
    made: dict[str, pd.Series] = {"outcome": outcome}
    labels: dict[str, str] = {}
    by_term: dict[str, tuple[str, ...]] = {}
    products: list[str] = []
    for term in terms(formula):
        if isinstance(term, Call) and term.function == "offset":
            made["offset"] = column_of(term, frame)
            continue
        parts = term.args if isinstance(term, Call) and term.function == "*" else (term,)
        for part in parts:
            columns = _columns(part, frame, sample.inside, len(labels))
            made |= {name: column for name, (_, column) in columns.items()}
            labels |= {name: label for name, (label, _) in columns.items()}
            by_term[written(part)] = tuple(columns)
        if len(parts) == 2:
            (first,), (second,) = (by_term[written(part)] for part in parts)
            products.append(f"{first}:{second}")
    asked = tuple(labels) + tuple(products)
    offset = "offset" if "offset" in made else None
    return Model(sample.with_columns(**made), "outcome", asked, labels, by_term, offset)


def _columns(term: Node, frame: pd.DataFrame, inside: np.ndarray, start: int) -> dict[str, tuple[str, pd.Series]]:
    """Columns of one term by the names they get, with R's names for them."""
    if not isinstance(term, Call):
        return {f"term_{start}": (written(term), column_of(term, frame))}
    people = frame[inside]
    if term.function == "poly":
        values = column_of(term.args[0], people)
        basis = polynomial(values.to_numpy(dtype=float), int(number(term.args[1], 1.0)))
        found = {f"{written(term)}{k + 1}": pd.Series(column, index=people.index) for k, column in enumerate(basis.T)}
    else:
        found = {written(term): column_of(term, people)}
    return {f"term_{start + k}": (label, found[label].reindex(frame.index)) for k, label in enumerate(found)}
