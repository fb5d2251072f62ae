"""How far those without an answer could move a share, whatever they would have said."""

from contextlib import suppress

import numpy as np
import pandas as pd

from bsna.estimation.estimates import proportion
from bsna.estimation.intervals import Interval
from bsna.estimation.rows import EmptyDomain
from bsna.estimation.sample.design import SurveyDesign, Where

BOUND_COLUMNS = ("measure", "by", "level", "lowest", "highest", "low", "high", "n", "silent", "clusters", "df")
"""measure, by, level: as in estimate rows; lowest, highest: the share with all who are silent counted 0, and counted 1;
low, high: an interval that covers both; n: people asked, unweighted; silent: of these, without an answer; clusters:
among those asked; df: degrees of freedom."""


def worst_case_bounds(
    design: SurveyDesign,
    measure: str,
    *,
    silent: Where = None,
    where: Where = None,
    by: str | None = None,
    interval: Interval = "logit",
    level: float = 0.95,
) -> pd.DataFrame:
    """Lowest and highest share that a 0/1 measure could have had, if all asked had answered.

    One row per level of `by` (one in all if None), columns as in BOUND_COLUMNS. `silent` selects those who were asked
    and gave no answer; only where the measure is missing do they count. For None, it is everybody in `where` without a
    value: `where` must then leave out those who were not asked. Nothing is assumed about the silent.

    The interval runs from the lower limit of the lowest share to the upper limit of the highest: the union of their two
    intervals. It covers the whole range between the bounds at the level stated, and the one true share more often than
    that; the interval of Imbens and Manski (2004), which aims at the share alone, is narrower. Raises as `proportion`
    does.
    """
    values = pd.to_numeric(design.column(measure))
    without = values.isna().to_numpy() & design.select(where) & _yes(design, silent)
    ends = [
        proportion(
            design.with_columns(**{measure: values.mask(without, end)}),
            measure,
            where=where,
            by=by,
            interval=interval,
            level=level,
        )
        for end in (0.0, 1.0)
    ]
    lowest, highest = ends
    return lowest.assign(
        lowest=lowest["estimate"],
        highest=highest["estimate"],
        high=highest["high"],
        silent=_counts(design, without, by, lowest["level"]),
    )[list(BOUND_COLUMNS)]


def _yes(design: SurveyDesign, silent: Where) -> np.ndarray:
    with suppress(EmptyDomain):
        return design.select(silent)
    return np.zeros(len(design.frame), dtype=bool)


def _counts(design: SurveyDesign, without: np.ndarray, by: str | None, levels: pd.Series) -> list[float]:
    if by is None:
        return [float(without.sum())]
    counts = design.column(by)[without].map(str).value_counts()
    return [float(counts.get(name, 0)) for name in levels]
