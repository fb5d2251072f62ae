"""Who was asked: the relevance expressions of a questionnaire, evaluated on answers.

The expressions are XPath with two functions of the form standard, `selected` and `count-selected`.
They are evaluated once per distinct combination of the answers they refer to.
"""

import re
from typing import Any

import elementpath
import pandas as pd
from elementpath.xpath1 import XPath1Parser

from bsna.intake.reasons import CHOICE_REASONS, is_reason

_REFERENCE = re.compile(r"\$\{(\w+)\}")
_SELECTED = re.compile(r"selected\(\s*([^,()]+?)\s*,\s*([^,()]+?)\s*\)")


def referenced(expression: str) -> tuple[str, ...]:
    """Questions that an expression refers to, in order of first mention."""
    return tuple(dict.fromkeys(_REFERENCE.findall(expression)))


def is_asked(expression: str, frame: pd.DataFrame) -> pd.Series:
    """True for each row of `frame` in which a question with this relevance is put.

    An empty expression is true for all. Refusals and don't-knows are the codes they were in the form; any other
    reason of missing is an empty answer. Raises ValueError if the expression refers to a column that `frame` lacks or
    is not an expression.
    """
    if not expression.strip():
        return pd.Series(True, index=frame.index)
    names = referenced(expression)
    if absent := [name for name in names if name not in frame.columns]:
        raise ValueError(f"Relevance {expression!r} refers to {absent}, which the table does not hold")
    answers = frame[list(names)].replace({reason: code for code, reason in CHOICE_REASONS.items()})
    answers = answers.mask(answers.apply(is_reason), "")
    distinct = answers.drop_duplicates()
    keys = list(distinct.itertuples(index=False, name=None))
    verdict = {key: _evaluate(expression, dict(zip(names, key, strict=True))) for key in keys}
    rows = answers.itertuples(index=False, name=None)
    return pd.Series([verdict[row] for row in rows], index=frame.index, dtype=bool)


def _evaluate(expression: str, answers: dict[str, Any]) -> bool:
    xpath = _SELECTED.sub(r"contains(concat(' ', \1, ' '), concat(' ', \2, ' '))", expression)
    xpath = _REFERENCE.sub(r"$\1", xpath)
    try:
        found = elementpath.select(None, f"boolean({xpath})", variables=answers, parser=XPath1Parser, item="")
    except (elementpath.ElementPathError, ValueError, TypeError) as error:
        raise ValueError(f"Relevance {expression!r} cannot be evaluated: {error}") from error
    return bool(found)
