"""The one shape in which every number travels: the estimate row."""

from typing import Any

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
    frame = pd.DataFrame(rows, columns=list(ROW_COLUMNS))
    for column in ROW_COLUMNS:
        if column in _TEXT:
            frame[column] = ["" if value is None or value != value else str(value) for value in frame[column]]
        else:
            frame[column] = frame[column].astype(float)
    return frame


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Estimate rows one by one, by column name."""
    return [{str(key): value for key, value in row.items()} for row in rows.to_dict("records")]
