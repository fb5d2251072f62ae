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


class EmptyDomain(ValueError):
    """A subset selects nobody who answered."""


def estimate_rows(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Frame of estimate rows in the order given; absent text is "", absent numbers are missing."""
    columns: dict[str, Any] = {}
    for name in ROW_COLUMNS:
        values = [row.get(name) for row in rows]
        if name in _TEXT:
            texts = ["" if value is None or value != value else str(value) for value in values]
            columns[name] = pd.array(texts, dtype="str")
        else:
            columns[name] = np.array([np.nan if value is None else value for value in values], dtype=float)
    return pd.DataFrame(columns)


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Estimate rows one by one, by column name."""
    return [{str(key): value for key, value in row.items()} for row in rows.to_dict("records")]
