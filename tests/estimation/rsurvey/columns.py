"""R expressions over the columns of a data set: `I(api00 > 650)`, `interaction(a, b)`, `poly(age, 2)`."""

import operator
from collections.abc import Callable

import numpy as np
import pandas as pd

from tests.estimation.rsurvey.calls import Call, Name, Node, written

ARITHMETIC: dict[str, Callable] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
}
_COMPARISONS: dict[str, Callable] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def column_of(node: Node, frame: pd.DataFrame) -> pd.Series:
    """The column an expression stands for, one value per row of `frame`, missing where R would say NA.

    A factor comes as categories, a condition as 1 and 0. Raises ValueError for what is not understood.
    """
    if isinstance(node, Name):
        return frame[node.text]
    if not isinstance(node, Call):
        return pd.Series([node] * len(frame), index=frame.index)
    if node.function in _FUNCTIONS:
        return _FUNCTIONS[node.function](node, frame)
    if node.function in ARITHMETIC | _COMPARISONS:
        return _operated(node, frame)
    raise ValueError(f"{written(node)}: {node.function!r} is not understood")


def polynomial(values: np.ndarray, degree: int) -> np.ndarray:
    """Orthogonal polynomials of a variable without the constant, shape (n, degree), each of length one.

    Each has a positive leading coefficient, as in R's `poly`. Source: Kennedy and Gentle (1980), section 8.
    """
    basis = [np.ones(len(values))]
    for power in range(1, degree + 1):
        new = basis[-1] * (values - values.mean()) if power > 1 else values - values.mean()
        for old in (*basis, *basis):  # twice, so that rounding does not tilt one against another
            new = new - old * (new @ old) / (old @ old)
        basis.append(new)
    return np.column_stack([column / np.sqrt(column @ column) for column in basis[1:]])


def _operated(node: Call, frame: pd.DataFrame) -> pd.Series:
    parts = [column_of(part, frame) for part in node.args]
    if len(parts) == 1:
        return -parts[0]
    if node.function in ARITHMETIC:
        return ARITHMETIC[node.function](parts[0].astype(float), parts[1].astype(float))
    left, right = (part.astype(object) if part.dtype == "category" else part for part in parts)
    answer = _COMPARISONS[node.function](left, right).astype(float)
    return answer.mask(left.isna() | right.isna())


def _both(node: Call, frame: pd.DataFrame) -> pd.Series:
    """NA and FALSE is FALSE, NA and TRUE is NA."""
    left, right = (column_of(part, frame) for part in node.args)
    return (left * right).mask((left == 0) | (right == 0), 0.0)


def _interaction(node: Call, frame: pd.DataFrame) -> pd.Series:
    """One level for each pair of levels, those of the first factor changing fastest."""
    left, right = (column_of(part, frame).astype("category") for part in node.args)
    levels = [f"{a}.{b}" for b in right.cat.categories for a in left.cat.categories]
    size = len(left.cat.categories)
    codes = np.where(left.isna() | right.isna(), -1, left.cat.codes + size * right.cat.codes.astype(int))
    return pd.Series(pd.Categorical.from_codes(codes, categories=levels), index=frame.index)


def _number(node: Call, frame: pd.DataFrame) -> pd.Series:
    column = column_of(node.args[0], frame)
    if column.dtype == "category":
        return (column.cat.codes + 1.0).mask(column.isna())
    return column.astype(float)


def _scaled(node: Call, frame: pd.DataFrame) -> pd.Series:
    column = column_of(node.args[0], frame)
    return (column - column.mean()) / column.std()


_FUNCTIONS: dict[str, Callable[[Call, pd.DataFrame], pd.Series]] = {
    "I": lambda node, frame: column_of(node.args[0], frame),
    "offset": lambda node, frame: column_of(node.args[0], frame),
    "log": lambda node, frame: np.log(column_of(node.args[0], frame)),
    "is.na": lambda node, frame: column_of(node.args[0], frame).isna().astype(float),
    "!": lambda node, frame: 1.0 - column_of(node.args[0], frame),
    "&": _both,
    "interaction": _interaction,
    "as.numeric": _number,
    "scale": _scaled,
}
