"""Cross-tabulations: weighted counts, shares with standard errors, and tests of whether two answers go together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from bsna.estimation.association import CrossTest, Untestable, pearson_test, rao_scott, wald_test
from bsna.estimation.estimates import shares_of_levels
from bsna.estimation.sample.compress import Sums, at_levels
from bsna.estimation.sample.design import SurveyDesign, Where
from bsna.estimation.sample.linearised import Estimated, estimated

ShareOf: TypeAlias = Literal["table", "row", "column"]
NO_VARIANCE = 1e-24


@dataclass(frozen=True)
class CrossTab:
    """Two answers crossed, r levels of one by c of the other, and a test of whether they go together.

    `row_levels` (r,) and `column_levels` (c,) name what somebody answered. Of each cell, shape (r, c), `share` is
    that of the whole, of its row or of its column as `share_of` says, `share_se` its standard error, `total` its
    weighted and `people` its unweighted number; `n` counts all people who answered both, unweighted, `clusters` their PSUs. `chi2` is
    Pearson's X-squared on weighted shares times n; `deltas` (contrasts,), largest first, are the design effects of
    its contrasts, all near one in a simple random sample. `test` is R's name of the test. For F, Wald and adjWald
    `statistic` follows an F distribution with `df1` and `df2`. For Chisq, lincom and saddlepoint it is, as in R,
    X-squared for everybody in the domain, without an answer or with (chi2 times their number over n); `df1` counts
    the contrasts and `df2` the degrees of freedom of the chi-square below them, infinite if there is none.
    """

    row_levels: tuple[object, ...]
    column_levels: tuple[object, ...]
    share: np.ndarray
    share_se: np.ndarray
    share_of: ShareOf
    total: np.ndarray
    people: np.ndarray
    n: int
    clusters: int
    test: CrossTest
    statistic: float
    df1: float
    df2: float
    p_value: float
    chi2: float
    deltas: np.ndarray

    @property
    def shares(self) -> pd.DataFrame:
        """`share` with one row per row level and one column per column level."""
        return self._named(self.share)

    @property
    def standard_errors(self) -> pd.DataFrame:
        """`share_se` in the shape of `shares`."""
        return self._named(self.share_se)

    @property
    def totals(self) -> pd.DataFrame:
        """`total` in the shape of `shares`."""
        return self._named(self.total)

    @property
    def statistic_f(self) -> float:
        """Pearson's X-squared over the sum of the deltas: Rao and Scott's F, whatever the test."""
        return self.chi2 / float(self.deltas.sum())

    def _named(self, cells: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame(cells, index=list(self.row_levels), columns=list(self.column_levels))


def crosstab(
    design: SurveyDesign,
    row: str,
    column: str,
    *,
    where: Where = None,
    test: CrossTest = "F",
    share_of: ShareOf = "table",
) -> CrossTab:
    """Test whether two categorical columns go together.

    People with a missing answer to either are outside, and so are levels nobody chose. F and Chisq: Pearson's
    X-squared corrected to second and to first order. lincom and saddlepoint: its distribution as a weighted sum of
    chi-squares, exact and approximate. Wald and adjWald: squared distance of the counts from independence, as the
    design's covariance measures it. Raises EmptyDomain if nobody answered both; ValueError if a level's
    weights do not add up to more than nil; Untestable if either has a single level, or clusters do not outnumber
    strata, do not differ, or are too few for the contrasts. Source: Rao and Scott (1984); Thomas and Rao (1987) for Wald's; as R's
    svychisq.
    """
    tests, sides = get_args(CrossTest), get_args(ShareOf)
    if test not in tests or share_of not in sides:
        raise ValueError(f"test is {test!r} and share_of {share_of!r}; expected {tests} and {sides}")
    if row == column:
        raise ValueError(f"{row!r} is crossed with itself; a test needs two columns")
    sums, levels = _chosen(design.sums(((),), by=(row, column), where=where))
    shape = (len(levels[0]), len(levels[1]))
    _check_levels(sums, levels, (row, column))
    found = shares_of_levels(design, sums)
    if not found.df > 0 or not np.trace(found.covariance) > NO_VARIANCE:
        raise Untestable(
            f"{row!r} by {column!r} cannot be tested: the clusters of these {found.n} people show no variance"
        )
    chi2, deltas = rao_scott(found.values.reshape(shape), found.covariance, found.n)
    if test in ("Wald", "adjWald"):
        counts = estimated(design, sums, lambda s: s, np.eye(sums.whole.size))
        tested = wald_test(counts.values.reshape(shape), counts.covariance, found.df, adjusted=test == "adjWald")
    else:
        tested = pearson_test(test, chi2, deltas, found.df, np.inf if design.replicates is not None else found.df)
        if test != "F":
            tested = (tested[0] * int(design.sums(((),), where=where).n.sum()) / found.n, *tested[1:])
    shown = found if share_of == "table" else _shares_within(design, sums, shape, share_of)
    share, se, total, people = (part.reshape(shape) for part in (shown.values, shown.se, sums.whole[0], sums.n))
    return CrossTab(*levels, share, se, share_of, total, people, found.n, found.clusters, test, *tested, chi2, deltas)


def weighted_table(
    design: SurveyDesign, columns: Sequence[str], *, where: Where = None, total: float | None = None
) -> pd.Series | pd.DataFrame:
    """Weighted number of people in each combination of answers, or parts of `total`, among those who answered all.

    One column gives a Series by its levels; of more, the last one's levels are a DataFrame's columns and those of the
    others, combined, its rows. Levels nobody chose are nil. R scales the table of a design with replicate weights to
    all weights, missing answers or not; here only `total` scales. Raises EmptyDomain if nobody answered all, and
    ValueError for no or a repeated column, a `total` that is not above zero, or weights that do not add up to more
    than nil. As R's svytable.
    """
    if not columns or len(set(columns)) < len(columns):
        raise ValueError(f"columns are {list(columns)}; expected one or more, each once")
    if total is not None and not 0 < total < np.inf:
        raise ValueError(f"total is {total}; expected a number above zero")
    sums = design.sums(((),), by=columns, where=where)
    counts = sums.whole[0]
    if total is not None:
        if not counts.sum() > 0:
            raise ValueError(f"The weights of {int(sums.n.sum())} people add up to {counts.sum()}; no shares of it")
        counts = counts * (total / counts.sum())
    if len(columns) == 1:
        return pd.Series(counts, index=pd.Index([level[0] for level in sums.levels], name=columns[0]))
    across = list(dict.fromkeys(level[-1] for level in sums.levels))
    down = [level[:-1] for level in sums.levels[:: len(across)]]
    index: pd.Index = pd.MultiIndex.from_tuples(down, names=columns[:-1])
    if len(columns) == 2:
        index = pd.Index([level[0] for level in down], name=columns[0])
    return pd.DataFrame(counts.reshape(-1, len(across)), index=index, columns=pd.Index(across, name=columns[-1]))


def _chosen(sums: Sums) -> tuple[Sums, tuple[tuple[object, ...], tuple[object, ...]]]:
    """Sums without the levels nobody chose, and the levels left."""
    names = [list(dict.fromkeys(level[side] for level in sums.levels)) for side in (0, 1)]
    there = (sums.n > 0).reshape(len(names[0]), -1)
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    left = (tuple(names[0][k] for k in rows), tuple(names[1][k] for k in columns))
    if there.shape == (len(rows), len(columns)):
        return sums, left
    kept = (rows[:, None] * there.shape[1] + columns).ravel()
    return at_levels(sums, kept), left


def _check_levels(sums: Sums, levels: tuple[tuple[object, ...], ...], names: tuple[str, str]) -> None:
    r, c = len(levels[0]), len(levels[1])
    if min(r, c) < 2:
        raise Untestable(f"{names[0]!r} by {names[1]!r} has {r} x {c} levels; a test needs two of each")
    table = sums.whole[0].reshape(r, c)
    for side in (0, 1):
        if empty := [str(levels[side][k]) for k in np.flatnonzero(~(table.sum(axis=1 - side) > 0))]:
            raise ValueError(f"{names[side]!r}: the weights of {empty} do not add up to more than zero")


def _shares_within(design: SurveyDesign, sums: Sums, shape: tuple[int, int], share_of: ShareOf) -> Estimated:
    """Share of each cell among those of its row or column, with their covariance."""
    axis = -1 if share_of == "row" else -2
    table = sums.whole[0].reshape(shape)
    cell = np.arange(table.size).reshape(shape)
    side = (cell // shape[1] if axis == -1 else cell % shape[1]).ravel()
    size, share = (
        np.broadcast_to(table.sum(axis=axis, keepdims=True), shape),
        table / table.sum(axis=axis, keepdims=True),
    )
    slope = (np.eye(table.size) - (side[:, None] == side) * share.ravel()) / size.ravel()

    def within(counts: np.ndarray) -> np.ndarray:
        split = counts.reshape(*counts.shape[:-1], *shape)
        return np.asarray((split / split.sum(axis=axis, keepdims=True)).reshape(counts.shape))

    return estimated(design, sums, within, slope)
