"""Every question of `doors`, answered a second time, row by row and in extended precision, by textbook formulas alone.

Nothing here is shared with the engine: no sums over patterns, no compression, no scaling of columns, derivatives of models
by differences where they are not one line. Each answer holds the numbers of the door of its name, or the most telling
of them. Samples are people in clusters in strata, drawn with replacement; a lone cluster is "adjusted".
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from tests.estimation.doors import Numbers

Long = np.longdouble


class Sample:
    """The rows who have an answer to all of some columns, within a sample that stays whole."""

    def __init__(self, frame: pd.DataFrame, *columns: str, inside: np.ndarray | None = None) -> None:
        self.frame = frame
        self.inside = frame[list(columns)].notna().all(axis=1).to_numpy(copy=True)
        if inside is not None:
            self.inside &= inside
        self.w = np.where(self.inside, frame["weight"].to_numpy(dtype=float), 0).astype(Long)
        self.stratum = pd.factorize(frame["stratum"])[0]
        self.psu = pd.factorize(pd.MultiIndex.from_arrays([self.stratum, pd.factorize(frame["psu"])[0]]))[0]
        self.n = int(self.inside.sum())
        self.df = len(set(self.psu[self.inside])) - len(set(self.stratum[self.inside]))

    def numbers(self, column: str) -> np.ndarray:
        """A column, nil outside. Whole numbers of 64 bits keep all their digits."""
        found = np.zeros(len(self.frame), dtype=Long)
        found[self.inside] = pd.to_numeric(self.frame[column][self.inside]).to_numpy().astype(Long)
        return found

    def levels(self, column: str) -> list[object]:
        return sorted(set(self.frame[column][self.inside]))

    def at(self, column: str, level: object) -> np.ndarray:
        return ((self.frame[column] == level).to_numpy() & self.inside).astype(Long)

    def covariance(self, scores: np.ndarray) -> np.ndarray:
        """Of the totals of scores (n, k), weights included: cluster totals about the mean of their stratum."""
        scores = scores.reshape(len(self.frame), -1)
        totals = np.zeros((self.psu.max() + 1, scores.shape[1]), dtype=Long)
        np.add.at(totals, self.psu, scores)
        stratum_of = np.zeros(len(totals), dtype=int)
        stratum_of[self.psu] = self.stratum
        there = sorted(set(self.stratum[self.inside]))
        everywhere = totals[np.isin(stratum_of, there)]
        found = np.zeros((scores.shape[1],) * 2, dtype=Long)
        for h in there:
            own = totals[stratum_of == h]
            m = len(own)
            apart = own - (own.mean(axis=0) if m > 1 else everywhere.mean(axis=0))
            found += apart.T @ apart * (Long(m) / (m - 1) if m > 1 else 1)
        return found


Part = Callable[[Sample], np.ndarray]


def solved(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Gauss' elimination with the largest pivot, of a matrix brought to unit diagonal."""
    unit = 1 / np.sqrt(np.abs(np.diag(matrix)))
    a = np.column_stack([matrix * unit * unit[:, None], (right.reshape(len(matrix), -1).T * unit).T])
    for k in range(len(matrix)):
        pivot = k + int(np.argmax(np.abs(a[k:, k])))
        a[[k, pivot]] = a[[pivot, k]]
        a[k] = a[k] / a[k, k]
        for other in range(len(matrix)):
            if other != k:
                a[other] = a[other] - a[other, k] * a[k]
    return (a[:, len(matrix) :].T * unit).T.reshape(right.shape)


def _rows(found: list[tuple[Long, Long, int, int]]) -> Numbers:
    """Estimates with their errors, t intervals, degrees of freedom and people."""
    numbers: Numbers = {}
    for k, (value, se, df, n) in enumerate(found):
        reach = se * stats.t.ppf(0.975, df) if df > 0 else np.nan
        one = {"estimate": value, "se": se, "low": value - reach, "high": value + reach, "df": df, "n": n}
        numbers |= {f"{name} {k}": float(number) for name, number in one.items()}
    return numbers


def _bare(numbers: Numbers) -> Numbers:
    """Without limits, which the door bends into its own interval."""
    return {name: value for name, value in numbers.items() if not name.startswith(("low", "high"))}


def _ratio(s: Sample, top: np.ndarray, bottom: np.ndarray, n: int, df: int) -> tuple[Long, Long, int, int]:
    size = (s.w * bottom).sum()
    value = (s.w * top).sum() / size
    return value, np.sqrt(s.covariance(s.w * (top - value * bottom) / size)[0, 0]), df, n


def _means(frame: pd.DataFrame, measure: str, by: str) -> list[tuple[Long, Long, int, int]]:
    found = []
    for level in sorted(set(frame[by].dropna())):
        s = Sample(frame, measure, inside=(frame[by] == level).to_numpy())
        found.append(_ratio(s, s.numbers(measure), s.inside.astype(Long), s.n, s.df))
    return found


def _total(frame: pd.DataFrame) -> Numbers:
    s = Sample(frame, "age", inside=frame["is_victim"].eq(1).to_numpy(dtype=bool, na_value=False))
    y = s.w * s.numbers("age")
    return _rows([(y.sum(), np.sqrt(s.covariance(y)[0, 0]), s.df, s.n)])


def _one(frame: pd.DataFrame, top: Part, bottom: Part, *columns: str) -> Numbers:
    s = Sample(frame, *columns)
    return _rows([_ratio(s, top(s), bottom(s), s.n, s.df)])


def _distribution(frame: pd.DataFrame) -> Numbers:
    s = Sample(frame, "zone")
    shares = [_ratio(s, s.at("zone", zone), s.inside.astype(Long), s.n, s.df) for zone in ("west", "north", "east")]
    return _bare(_rows(shares))


def _quantiles(frame: pd.DataFrame) -> Numbers:
    s = Sample(frame, "age")
    age, found = s.numbers("age"), {}
    values = np.unique(age[s.inside])
    reached = np.array([(s.w * (age <= value) * s.inside).sum() for value in values]) / s.w.sum()

    def least(part: Long) -> float:
        return float(values[np.argmax(reached >= part - Long("1e-12"))]) if 0 <= part <= 1 else np.nan

    for k, part in enumerate((0.25, 0.5)):
        value = least(Long(part))
        share, se, _, _ = _ratio(s, (age <= value) * s.inside.astype(Long), s.inside.astype(Long), s.n, s.df)
        reach = se * stats.t.ppf(0.975, s.df) if s.df > 0 else np.nan
        found |= {f"estimate {k}": value, f"low {k}": least(share - reach), f"high {k}": least(share + reach)}
    return found


def _variance(frame: pd.DataFrame) -> Numbers:
    s = Sample(frame, "trust")
    y, inside = s.numbers("trust"), s.inside.astype(Long)
    middle = (s.w * y).sum() / s.w.sum()
    return _rows([_ratio(s, inside * (y - middle) ** 2 * Long(s.n) / (s.n - 1), inside, s.n, s.df)])


def _gap(frame: pd.DataFrame, measure: str, one: str, other: str) -> tuple[Long, Long, int, int]:
    s = Sample(frame, measure, "sex", inside=frame["sex"].isin([one, other]).to_numpy())
    y, score, value = s.numbers(measure), np.zeros(len(frame), dtype=Long), Long(0)
    for level, sign in ((one, 1), (other, -1)):
        at = s.at("sex", level)
        size = (s.w * at).sum()
        mean = (s.w * at * y).sum() / size
        value, score = value + sign * mean, score + sign * s.w * at * (y - mean) / size
    return value, np.sqrt(s.covariance(score)[0, 0]), s.df, s.n


def _t_test(frame: pd.DataFrame) -> Numbers:
    value, se, df, n = _gap(frame, "age", "woman", "man")
    t = float(value / se)
    found = {"estimate": float(value), "se": float(se), "statistic": t, "df": df - 1, "n": n}
    return found | {"p_value": float(2 * stats.t.sf(abs(t), df - 1))}


def _crosstab(frame: pd.DataFrame) -> Numbers:
    """Rao and Scott's second-order correction; contrasts of differences span the same space as any others."""
    s = Sample(frame, "zone", "trust")
    rows, columns = s.levels("zone"), s.levels("trust")
    cells = np.column_stack([s.at("zone", a) * s.at("trust", b) for a in rows for b in columns])
    share = (s.w[:, None] * cells).sum(axis=0) / s.w.sum()
    v = s.covariance(s.w[:, None] * (cells - s.inside[:, None] * share) / s.w.sum())
    table = share.reshape(len(rows), -1)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    chi2 = s.n * ((table - expected) ** 2 / expected).sum()
    against = [np.eye(m, m - 1, dtype=Long) - np.eye(m, m - 1, -1, dtype=Long) for m in table.shape]
    c = np.kron(*against)
    scaled = c * np.where(share > 0, 1 / np.where(share > 0, share, 1), 0)[:, None]
    delta = solved(c.T @ scaled / s.n, scaled.T @ v @ scaled)
    trace = np.trace(delta)
    df1 = float(trace**2 / np.trace(delta @ delta))
    found = {f"share {k}": float(x) for k, x in enumerate(share)}
    p_value = float(stats.f.sf(float(chi2 / trace), df1, df1 * s.df))
    return found | {"F": float(chi2 / trace), "df2": df1 * s.df, "p_value": p_value, "n": s.n}


def _rank_test(frame: pd.DataFrame) -> Numbers:
    s = Sample(frame, "trust", "zone")
    y = s.numbers("trust")
    rank = np.array([(s.w * (y < v)).sum() + (s.w * (y == v)).sum() / 2 for v in y]) / s.w.sum()
    groups = s.levels("zone")
    at = np.column_stack([s.at("zone", zone) for zone in groups])
    size = (s.w[:, None] * at).sum(axis=0)
    mean = ((s.w * rank)[:, None] * at).sum(axis=0) / size
    scores = s.w[:, None] * at * (rank[:, None] - mean) / size
    apart, v = mean[1:] - mean[0], s.covariance(scores[:, 1:] - scores[:, :1])
    if len(groups) == 2:
        t, df = float(apart[0] / np.sqrt(v[0, 0])), s.df - 1
        found = {"estimate": float(apart[0]), "se": float(np.sqrt(v[0, 0])), "statistic": t, "df": df, "n": s.n}
        return found | {"p_value": float(2 * stats.t.sf(abs(t), df))}
    chi2, k = float(apart @ solved(v, apart)), len(apart)
    return {"chi2": chi2, "df2": s.df - k, "p_value": float(stats.f.sf(chi2 / k, k, s.df - k)), "n": s.n}


def _covariances(frame: pd.DataFrame) -> Numbers:
    s = Sample(frame, "age", "trust")
    inside, size = s.inside.astype(Long), s.w.sum()
    apart = [(y - (s.w * y).sum() / size) * inside for y in (s.numbers("age"), s.numbers("trust"))]
    products = np.column_stack([one * other for one in apart for other in apart]) * Long(s.n) / (s.n - 1)
    values = (s.w[:, None] * products).sum(axis=0) / size
    return _together(s, values, s.w[:, None] * (products - values * inside[:, None]) / size)


def _jointly(frame: pd.DataFrame) -> Numbers:
    s = Sample(frame, "age", "trust", "sex")
    at = np.column_stack([s.at("sex", sex) for sex in s.levels("sex")] * 2)
    y = np.column_stack([s.numbers(measure) for measure in ("age", "trust") for _ in s.levels("sex")])
    return _means_of(s, y, at)


def _shares(frame: pd.DataFrame) -> Numbers:
    s = Sample(frame, "trust", "sex")
    cells = [(sex, trust) for sex in s.levels("sex") for trust in s.levels("trust")]
    at = np.column_stack([s.at("sex", sex) for sex, _ in cells])
    return _means_of(s, np.column_stack([s.at("trust", trust) for _, trust in cells]), at)


def _means_of(s: Sample, y: np.ndarray, at: np.ndarray) -> Numbers:
    """Means of the columns of y (n, k), each among the people its column of `at` marks."""
    w = s.w[:, None] * at
    values = (w * y).sum(axis=0) / w.sum(axis=0)
    return _together(s, values, w * (y - values) / w.sum(axis=0))


def _together(s: Sample, values: np.ndarray, scores: np.ndarray) -> Numbers:
    found = {f"estimate {k}": float(value) for k, value in enumerate(values)}
    found |= {f"covariance {k}": float(value) for k, value in enumerate(s.covariance(scores).ravel())}
    return found | {"df": s.df, "n": s.n}


def _table(frame: pd.DataFrame) -> Numbers:
    s = Sample(frame, "sex", "trust")
    cells = [s.at("sex", a) * s.at("trust", b) for a in s.levels("sex") for b in s.levels("trust")]
    return {f"cell {k}": float((s.w * cell).sum() / s.w.sum()) for k, cell in enumerate(cells)}


def _score_limits(frame: pd.DataFrame) -> Numbers:
    """Wilson's roots of (p - share)^2 = t^2 p (1 - p) / size, for the size that would give the standard error."""
    numbers = _rows(_means(frame, "feels_safe", "sex"))
    for k in range(sum(name.startswith("estimate") for name in numbers)):
        share, se, df = (numbers[f"{name} {k}"] for name in ("estimate", "se", "df"))
        if not 0 < share < 1 or not se > 0 or not df > 0:
            return _bare(numbers)
        t2 = stats.t.ppf(0.975, df) ** 2 * se**2 / (share * (1 - share))
        roots = np.roots([1 + t2, -2 * share - t2, share**2])
        numbers |= {f"low {k}": float(min(roots)), f"high {k}": float(max(roots))}
    return numbers


LONGHAND: dict[str, Callable[[pd.DataFrame], Numbers]] = {
    "mean": lambda f: _rows(_means(f, "age", "zone")),
    "proportion": lambda f: _bare(_rows(_means(f, "feels_safe", "sex"))),
    "total": _total,
    "ratio": lambda f: _one(f, lambda s: s.numbers("trust"), lambda s: s.numbers("age"), "trust", "age"),
    "difference": lambda f: _one(
        f,
        lambda s: s.numbers("feels_safe") - s.numbers("is_victim"),
        lambda s: s.inside.astype(Long),
        "feels_safe",
        "is_victim",
    ),
    "distribution": _distribution,
    "quantile": _quantiles,
    "population variance": _variance,
    "domain difference": lambda f: _rows([_gap(f, "trust", "man", "woman")]),
    "crosstab": _crosstab,
    "t test": _t_test,
    "rank test": _rank_test,
    "share with exact limits": lambda f: _bare(_rows(_means(f, "feels_safe", "sex"))),
    "share with score limits": _score_limits,
    "population covariance": _covariances,
    "jointly": _jointly,
    "shares": _shares,
    "weighted table": _table,
}
