"""What is known of the population, matched with the people of a sample."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from bsna.estimation.sample.compress import combined_codes
from bsna.estimation.sample.design import SurveyDesign
from bsna.estimation.sample.distances import Constraints
from bsna.estimation.sample.weighting import Margin

Columns: TypeAlias = str | tuple[str, ...]
"""A column, or several whose combinations of levels are counted; totals then have tuples as keys."""
Totals: TypeAlias = Mapping[Any, float]


def margin_of(design: SurveyDesign, column: Columns, totals: Totals) -> Margin:
    """A column's levels in the order of `totals`, everybody's code, and each level's part of all.

    Raises ValueError, with counts or names, if the column is missing for somebody, if people have a level without
    total, if nobody has a level with one, or if a total is not a number above zero.
    """
    names = [column] if isinstance(column, str) else list(column)
    coded = [design.codes(name) for name in names]
    codes = combined_codes([code for code, _ in coded], [len(levels) for _, levels in coded])
    if missing := int((codes < 0).sum()):
        raise ValueError(f"{missing} respondent(s) have no {name_of(column)!r}; population totals need it of everybody")
    seen, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    found = [_level(coded, row, isinstance(column, str)) for row in first]
    place = {level: number for number, level in enumerate(totals)}
    if strange := [level for level in found if level not in place]:
        raise ValueError(f"{name_of(column)!r}: no total for {_some(strange)}, which people have")
    if empty := [level for level in place if level not in set(found)]:
        raise ValueError(f"{name_of(column)!r}: nobody has {_some(empty)}, for which there is a total")
    if bad := [level for level, count in totals.items() if not 0 < count < np.inf]:
        raise ValueError(f"{name_of(column)!r}: the totals of {_some(bad)} are not numbers above zero")
    counts = np.array(list(totals.values()), dtype=float)
    return Margin(np.array([place[level] for level in found])[inverse.ravel()], tuple(totals), counts / counts.sum())


def constraints_of(
    design: SurveyDesign, terms: Sequence[str], totals: Mapping[str, float | Totals], population: float | None
) -> Constraints:
    """Columns of the sample whose weighted sums are known: one for a number, one for each level of a mapping.

    Raises ValueError if terms and totals differ, and as `margin_of`.
    """
    if set(terms) != set(totals) or len(set(terms)) != len(terms):
        raise ValueError(
            f"Calibration has the terms {list(terms)} and totals of {list(totals)}; each term needs one total"
        )
    people = [] if population is None else [("the number of people", np.ones(len(design.frame)), float(population))]
    known = people + [constraint for term in terms for constraint in _of_term(design, term, totals[term])]
    if not known:
        raise ValueError("Calibration needs at least one total")
    if bad := [name for name, _, total in known if not np.isfinite(total)]:
        raise ValueError(f"The totals of {bad} are missing or infinite")
    names, columns, wanted = zip(*known, strict=True)
    return Constraints(names, np.column_stack(columns), np.array(wanted))


def name_of(column: Columns) -> str:
    """A column's name, or those of several joined."""
    return column if isinstance(column, str) else " x ".join(column)


def _of_term(design: SurveyDesign, term: str, total: float | Totals) -> list[tuple[str, np.ndarray, float]]:
    if not isinstance(total, Mapping):
        return [(term, _number(design, term), float(total))]
    margin = margin_of(design, term, total)
    return [
        (f"{term} = {level!r}", (margin.codes == number).astype(float), float(total[level]))
        for number, level in enumerate(margin.levels)
    ]


def _number(design: SurveyDesign, term: str) -> np.ndarray:
    if not pd.api.types.is_numeric_dtype(design.column(term)):
        raise ValueError(f"{term!r} holds words; give a total for each of its levels")
    numbers = design.numbers(term)
    if missing := int(np.isnan(numbers).sum()):
        raise ValueError(f"{missing} respondent(s) have no {term!r}; population totals need it of everybody")
    return numbers


def _level(coded: Sequence[tuple[np.ndarray, tuple[object, ...]]], row: int, single: bool) -> object:
    levels = tuple(levels[codes[row]] for codes, levels in coded)
    return levels[0] if single else levels


def _some(levels: Sequence[object]) -> str:
    return ", ".join(sorted(map(str, levels))[:5])
