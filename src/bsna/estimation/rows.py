"""The one shape in which every number travels: the estimate row."""

from typing import Any

import numpy as np
import pandas as pd

ROW_COLUMNS = (
    "measure",
    "population",
    "by",
    "level",
    "category",
    "estimate",
    "se",
    "low",
    "high",
    "df",
    "n",
    "n_yes",
    "clusters",
    "deff",
    "unit",
    "status",
    "status_reason",
)
"""measure: what; by, level, category: for whom and which answer ("" if none); estimate, se, low, high: in
`unit` (share: 0 to 1; points: difference of shares; number); df: degrees of freedom; n: people who
answered, unweighted; n_yes: of these, in the numerator; clusters: among them; status: set by release."""

_TEXT = ("measure", "population", "by", "level", "category", "unit", "status", "status_reason")
_NUMBERS = tuple(name for name in ROW_COLUMNS if name not in _TEXT)
_STR = pd.StringDtype(na_value=np.nan)


class EmptyDomain(ValueError):
    """A subset selects nobody who answered."""


def estimate_rows(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Frame of estimate rows in the order given; absent text is "", absent numbers are missing."""
    given = [[row.get(name) for row in rows] for name in _TEXT]
    texts = pd.array(["" if v is None or v != v else str(v) for values in given for v in values], dtype=_STR)
    numbers = np.array([row.get(name) for name in _NUMBERS for row in rows], dtype=float)  # None becomes missing
    parts: dict[str, Any] = {}
    for names, values in ((_TEXT, texts), (_NUMBERS, numbers)):
        for at, name in enumerate(names):
            parts[name] = values[at * len(rows) : (at + 1) * len(rows)]
    return pd.DataFrame({name: parts[name] for name in ROW_COLUMNS})


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Estimate rows one by one, by column name."""
    names = [str(name) for name in rows.columns]
    columns = [rows.iloc[:, place].tolist() for place in range(len(names))]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
