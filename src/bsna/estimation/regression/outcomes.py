"""What is explained: yes and no, ordered answers, counts and numbers, each checked before it is used."""

from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from bsna.estimation.regression.newton import NoFit
from bsna.estimation.sample.columns import refuse_rounded

MOST_ANSWERS = 100
Kind: TypeAlias = Literal["number", "count", "binary", "ordered"]


def answers_of(column: pd.Series, kind: Kind) -> tuple[str, ...]:
    """Names of an ordered outcome's answers, lowest first; () for the other kinds.

    An ordered categorical has its own; a score 0, 1, 2, ... is named by its numbers. Raises NoFit, with their names, for
    answers that nobody gave, and ValueError for categories without an order, and for a score beyond a hundred, which is rather
    the code of a missing answer.
    """
    if kind != "ordered":
        return ()
    if isinstance(column.dtype, pd.CategoricalDtype):
        if not column.cat.ordered:
            raise ValueError(f"{column.name!r} is a categorical without order; order it, or score it 0, 1, 2, ...")
        answers = tuple(str(answer) for answer in column.cat.categories)
        given = column.cat.codes.to_numpy()
    else:
        scores = _scores(column)
        if (far := scores > MOST_ANSWERS).any():
            raise ValueError(
                f"{column.name!r} is scored up to {scores.max():.0f}, beyond {MOST_ANSWERS}, in {int(far.sum())} combination(s) "
                "of answers; a score counts answers from 0. If it is the code of a missing answer, make it missing"
            )
        given = scores.astype(np.int64)
        answers = tuple(str(score) for score in range(int(given.max()) + 1))
    counts = np.bincount(given, minlength=len(answers))
    if len(answers) < 2 or (counts == 0).any():
        empty = [answer for answer, count in zip(answers, counts, strict=True) if not count]
        raise NoFit(
            f"{column.name!r} needs people at each of its answers {list(answers)[:10]}; nobody gave {empty[:5]}"
        )
    return answers


def outcome_values(column: pd.Series, kind: Kind) -> np.ndarray:
    """An outcome without missing values as numbers (n,): answers by their place from 0, yes as 1.

    Raises ValueError for values that the kind does not have.
    """
    if kind == "ordered":
        if isinstance(column.dtype, pd.CategoricalDtype):
            return column.cat.codes.to_numpy().astype(np.int64)
        return _scores(column).astype(np.int64)
    if kind == "binary":
        scores = _scores(column)
        if (scores > 1).any():
            raise ValueError(f"{column.name!r} is no 0/1 outcome; it holds {sorted(set(scores[scores > 1]))[:5]}")
        return scores
    numbers = _numbers(column)
    wrong = ~np.isfinite(numbers) | ((numbers < 0) if kind == "count" else False)
    if wrong.any():
        wanted = "counts, of 0 and more" if kind == "count" else "finite numbers"
        raise ValueError(f"{column.name!r} needs {wanted}; it holds {sorted(set(numbers[wrong]))[:5]}")
    return numbers


def _scores(column: pd.Series) -> np.ndarray:
    """Answers as 0, 1, 2, ...; anything else would be cut to a whole number without a word."""
    numbers = _numbers(column)
    whole = np.isfinite(numbers) & (numbers == np.floor(numbers)) & (numbers >= 0)
    if not whole.all():
        raise ValueError(f"{column.name!r} is scored 0, 1, 2, ...; it holds {sorted(set(numbers[~whole]))[:5]}")
    return numbers


def _numbers(column: pd.Series) -> np.ndarray:
    given = pd.to_numeric(column)
    numbers = given.to_numpy(dtype=float, na_value=np.nan)
    refuse_rounded(given, numbers)
    return numbers
