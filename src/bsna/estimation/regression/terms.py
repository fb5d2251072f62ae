"""Covariates of a model: numbers, categories and their products, as columns of a design matrix."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bsna.estimation.regression.newton import NoFit
from bsna.estimation.sample.columns import refuse_rounded


@dataclass(frozen=True)
class Term:
    """One covariate. `levels` are those of a categorical one, the first being the reference; () if it is a number.
    `parts` names the covariates whose columns an interaction multiplies; () for a covariate by itself."""

    name: str
    levels: tuple[str, ...]
    parts: tuple[str, ...] = ()


def spelt_out(terms: Sequence[str]) -> tuple[str, ...]:
    """Terms with "a*b" written as "a", "b" and "a:b", each term once, in the order they came, interactions last as in R.

    Raises ValueError for an interaction of a covariate with itself, or of one that is not a term of its own: without it
    the interaction would not mean what it seems to.
    """
    found: dict[str, None] = {}
    for term in terms:
        names = term.split("*")
        found |= dict.fromkeys(names)
        if len(names) == 2:
            found[":".join(names)] = None
        elif len(names) > 2:
            raise ValueError(f"{term!r} has {len(names)} parts; write out its interactions, as in 'a', 'b', 'a:b'")
    for term in found:
        parts = term.split(":")
        if len(parts) > 1 and (len(set(parts)) < len(parts) or not set(parts) <= set(found)):
            raise ValueError(f"The interaction {term!r} needs different covariates that are also terms of their own")
    return tuple(sorted(found, key=lambda term: term.count(":")))


def covariates(terms: Sequence[str]) -> tuple[str, ...]:
    """Columns that terms, spelt out, are made of."""
    return tuple(dict.fromkeys(part for term in terms for part in term.split(":")))


def described(frame: pd.DataFrame, terms: Sequence[str], levels: Mapping[str, Sequence[str]]) -> tuple[Term, ...]:
    """Terms, spelt out, as they are in a frame without missing values.

    A column is a number if its values are and it has no `levels`; levels nobody has are left out. Raises ValueError for a
    value that is not among the levels given, and NoFit for a category all are in.
    """
    return tuple(
        Term(name, (), tuple(name.split(":")))
        if ":" in name
        else Term(name, _levels_found(frame[name], levels.get(name)))
        for name in terms
    )


def design_matrix(frame: pd.DataFrame, terms: Sequence[Term]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Columns of a model without intercept, shape (n, p), and their names; first levels are left out.

    Raises ValueError for a covariate that takes a level that the terms do not have.
    """
    return matrix(terms, columns_of(frame, terms), len(frame)), column_names(terms)


def columns_of(frame: pd.DataFrame, terms: Sequence[Term]) -> dict[str, np.ndarray]:
    """Columns (n, k) of each term that is no interaction: the number itself, or one flag per level but the first."""
    found = {}
    for term in terms:
        if term.levels:
            found[term.name] = _codes(frame[term.name], term)[:, None] == np.arange(1, len(term.levels))
        elif not term.parts:
            found[term.name] = _numbers(frame[term.name])[:, None]
    return found


def matrix(terms: Sequence[Term], columns: Mapping[str, np.ndarray], rows: int) -> np.ndarray:
    """Columns of all terms side by side, interactions multiplied out; shape (rows, p), column by column in memory."""
    return _beside([_of_term(term, columns) for term in terms], rows)


def slope_matrix(terms: Sequence[Term], columns: Mapping[str, np.ndarray], name: str, rows: int) -> np.ndarray:
    """Derivative of `matrix` in the numeric covariate `name`, shape (rows, p)."""
    raised = dict(columns) | {name: np.ones((rows, 1))}
    return _beside([_of_term(term, raised) * float(name in (term.name, *term.parts)) for term in terms], rows)


def column_names(terms: Sequence[Term]) -> tuple[str, ...]:
    """Names of the columns of `matrix`: "age", "sex=m", "sex=m:age"."""
    return tuple(name for names in names_by_term(terms).values() for name in names)


def names_by_term(terms: Sequence[Term]) -> dict[str, list[str]]:
    """Names of the columns of each term."""
    names: dict[str, list[str]] = {}
    for term in terms:
        if term.parts:
            first, *others = term.parts
            names[term.name] = names[first]
            for part in others:
                names[term.name] = [f"{a}:{b}" for b in names[part] for a in names[term.name]]
        else:
            names[term.name] = [f"{term.name}={level}" for level in term.levels[1:]] or [term.name]
    return names


def _of_term(term: Term, columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Columns of a term; of an interaction, all products of its parts' columns, those of the first running fastest."""
    first, *others = term.parts or (term.name,)
    whole = columns[first]
    for name in others:
        whole = (columns[name][:, :, None] * whole[:, None, :]).reshape(len(whole), -1)
    return whole


def _beside(parts: Sequence[np.ndarray], rows: int) -> np.ndarray:
    filled = np.empty((rows, sum(part.shape[1] for part in parts)), order="F")
    at = 0
    for part in parts:
        filled[:, at : at + part.shape[1]] = part
        at += part.shape[1]
    return filled


def _levels_found(column: pd.Series, levels: Sequence[str] | None) -> tuple[str, ...]:
    if pd.api.types.is_numeric_dtype(column) and levels is None:
        return ()
    found = set(column.unique())
    if levels is None:
        is_named = isinstance(column.dtype, pd.CategoricalDtype)
        levels = list(column.cat.categories) if is_named else sorted(found)
    if strange := found - set(levels):
        raise ValueError(f"{column.name!r} has the levels {sorted(strange, key=str)}, expected {list(levels)}")
    if len(found) < 2:
        raise NoFit(f"{column.name!r} takes one level only among these people: {[str(level) for level in found]}")
    return tuple(level for level in levels if level in found)


def _codes(column: pd.Series, term: Term) -> np.ndarray:
    place: dict[object, int] = {level: number for number, level in enumerate(term.levels)}
    if isinstance(column.dtype, pd.CategoricalDtype):
        known, values = column.cat.codes.to_numpy(), column.cat.categories
    else:
        known, values = pd.factorize(column)
    codes = np.array([*(place.get(value, -1) for value in values.tolist()), -1], dtype=np.int64)[known]
    if (codes < 0).any():
        strange = sorted(set(column[codes < 0]), key=str)
        raise ValueError(f"{term.name!r} has the levels {strange[:5]}, of which the model knows nothing")
    return codes


def _numbers(column: pd.Series) -> np.ndarray:
    given = pd.to_numeric(column)
    numbers = given.to_numpy(dtype=float, na_value=np.nan)
    refuse_rounded(given, numbers)
    return numbers
