"""The doors that fit something, answered a second time: each by the equations it has to solve, person by person."""

from collections.abc import Callable
from itertools import takewhile

import numpy as np
import pandas as pd
from scipy import special, stats

from tests.estimation.doors import CHOICES, ITEMS, Numbers
from tests.estimation.longhand import Long, Sample, solved

Vector = Callable[[np.ndarray], np.ndarray]


class Solved:
    """Parameters where the weighted scores add up to nil, and their sandwich. `scores` takes parameters (p,) to the
    derivative of each row's log likelihood (n, p), `information` to less the matrix of second derivatives (by
    differences of the scores if None). `free` parameters come with the model itself: an intercept, thresholds."""

    def __init__(
        self, s: Sample, scores: Vector, start: list[float], *, free: int, information: Vector | None = None
    ) -> None:
        def whole(at: np.ndarray) -> np.ndarray:
            return np.asarray((s.w[:, None] * scores(at)).sum(axis=0))

        def bread(at: np.ndarray) -> np.ndarray:
            return -derivative(whole, at) if information is None else information(at)

        beta = np.array(start, dtype=Long)
        for _ in range(200):
            step = solved(bread(beta), whole(beta))
            beta = beta + step * min(1, 1 / np.abs(step).max()) if step.any() else beta
            if np.abs(step).max() < 1e-13:
                break
        else:
            raise ArithmeticError(f"Longhand does not settle: the last step was {np.abs(step).max()}")
        self.information = bread(beta)
        influence = solved(self.information, (s.w[:, None] * scores(beta)).T).T
        self.s, self.beta, self.covariance = s, beta, s.covariance(influence)
        self.df = s.df - (len(beta) - free)

    def numbers(self, names: list[str]) -> Numbers:
        errors = np.sqrt(np.diag(self.covariance))
        found = {name: float(value) for name, value in zip(names, self.beta, strict=True)}
        found |= {f"se {name}": float(error) for name, error in zip(names, errors, strict=True)}
        return found | {"df": float(self.df), "n": float(self.s.n)}

    def of(self, value: Vector) -> Numbers:
        """Estimates that are functions of the parameters, by the delta method."""
        slope = derivative(value, self.beta)
        errors = np.sqrt(np.diag(slope @ self.covariance @ slope.T))
        found = {f"estimate {k}": float(x) for k, x in enumerate(value(self.beta))}
        return found | {f"se {k}": float(x) for k, x in enumerate(errors)} | {"df 0": float(self.df)}


def derivative(value: Vector, at: np.ndarray) -> np.ndarray:
    """By central differences of fourth order, (k, p)."""
    step, columns = Long("3e-4"), []
    for k in range(len(at)):
        h = np.zeros(len(at), dtype=Long)
        h[k] = step
        columns.append((8 * (value(at + h) - value(at - h)) - (value(at + 2 * h) - value(at - 2 * h))) / (12 * step))
    return np.column_stack(columns)


def _columns(s: Sample, terms: list[str]) -> tuple[np.ndarray, list[str]]:
    """Flags for each level of a text but the first, and numbers as they are."""
    columns, names = [], []
    for term in terms:
        if pd.api.types.is_numeric_dtype(s.frame[term]):
            columns.append(s.numbers(term))
            names.append(term)
        else:
            for level in s.levels(term)[1:]:
                columns.append(s.at(term, level))
                names.append(f"{term}={level}")
    return np.column_stack(columns), names


def _logistic(eta: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-eta)))


def _normal(eta: np.ndarray) -> np.ndarray:
    return special.ndtr(eta.astype(float)).astype(Long)


RESPONSE: dict[str, tuple[Vector, Vector, Vector]] = {
    "linear": (lambda e: e, np.ones_like, np.ones_like),
    "logit": (_logistic, lambda e: _logistic(e) * _logistic(-e), lambda e: _logistic(e) * _logistic(-e)),
    "poisson": (np.exp, np.exp, np.exp),
    "probit": (
        _normal,
        lambda e: np.exp(-(e**2) / 2) / np.sqrt(2 * Long(np.pi)),
        lambda e: _normal(e) * _normal(-e),
    ),
}
"""Of the linear predictor: the mean, its derivative, and the variance about it."""


def one_predictor(frame: pd.DataFrame, kind: str, outcome: str, terms: list[str]) -> tuple[Solved, list[str]]:
    s = Sample(frame, outcome, *terms)
    columns, names = _columns(s, terms)
    x, y = np.column_stack([s.inside.astype(Long), columns]), s.numbers(outcome)
    mean, slope, variance = RESPONSE[kind]

    def scores(beta: np.ndarray) -> np.ndarray:
        eta = x @ beta
        return np.asarray(x * ((y - mean(eta)) * slope(eta) / variance(eta))[:, None])

    def information(beta: np.ndarray) -> np.ndarray:
        eta = x @ beta
        return np.asarray((x * (s.w * slope(eta) ** 2 / variance(eta))[:, None]).T @ x)

    share = float((s.w * y).sum() / s.w.sum())
    start = [np.log(share) if kind == "poisson" else share if kind == "linear" else 0.0] + [0.0] * len(names)
    return Solved(s, scores, start, free=1, information=information), ["(Intercept)", *names]


def _linear(frame: pd.DataFrame) -> Numbers:
    """Age counted from that of the first person, and the intercept then moved back: large ages cost no digits."""
    s = Sample(frame, "trust", "sex", "age")
    first = s.numbers("age")[s.inside][0]
    moved = frame.assign(age=np.where(s.inside, (s.numbers("age") - first).astype(float), np.nan))
    fit, names = one_predictor(moved, "linear", "trust", ["sex", "age"])
    back = np.eye(len(names), dtype=Long)
    back[0, names.index("age")] = -first
    fit.beta, fit.covariance = back @ fit.beta, back @ fit.covariance @ back.T
    return fit.numbers(names)


def ordered(frame: pd.DataFrame, kind: str, outcome: str, terms: list[str]) -> tuple[Solved, list[str], int]:
    s = Sample(frame, outcome, *terms)
    x, names = _columns(s, terms)
    y, top = s.numbers(outcome).astype(int), int(s.numbers(outcome).max())
    chance, density = RESPONSE[kind][:2]
    p = x.shape[1]

    def scores(beta: np.ndarray) -> np.ndarray:
        cuts, eta = beta[p:], x @ beta[:p]
        found = np.zeros((len(y), len(beta)), dtype=Long)
        low, high = [np.where(y == 0, 0, y - 1), np.where(y == top, 0, y)]
        below = np.where(y == 0, 0, chance(cuts[low] - eta))
        above = np.where(y == top, 1, chance(cuts[high] - eta))
        at_low = np.where(y == 0, 0, density(cuts[low] - eta)) / (above - below)
        at_high = np.where(y == top, 0, density(cuts[high] - eta)) / (above - below)
        found[:, :p] = x * (at_low - at_high)[:, None]
        rows = np.arange(len(y))
        np.add.at(found, (rows, p + high), at_high)
        np.add.at(found, (rows, p + low), -at_low)
        return found

    reached = [(s.w * (y <= k)).sum() / s.w.sum() for k in range(top)]
    quantile = {"logit": special.logit, "probit": special.ndtri}[kind]
    start = [0.0] * p + [float(quantile(float(part))) for part in reached]
    return Solved(s, scores, start, free=top), [*names, *(f"{k}|{k + 1}" for k in range(top))], top


def _effects(frame: pd.DataFrame, outcome: str, top: int | None) -> Numbers:
    """Mean chances if everybody was at a level, less those if everybody was at the first."""
    terms = ["sex", "zone"]
    s = Sample(frame, outcome, *terms)
    x, names = _columns(s, terms)
    if top is None:
        solved_model = one_predictor(frame, "logit", outcome, terms)[0]
    else:
        solved_model, _, top = ordered(frame, "logit", outcome, terms)
    p = x.shape[1]

    def chances(beta: np.ndarray, at: np.ndarray) -> np.ndarray:
        if top is None:
            return np.array([(s.w * _logistic(beta[0] + at @ beta[1:])).sum() / s.w.sum()])
        reached = [(s.w * _logistic(cut - at @ beta[:p])).sum() / s.w.sum() for cut in beta[p:]]
        each = np.diff(np.array([0, *reached, 1], dtype=Long))
        return np.append(each, each[-2:].sum())

    def value(beta: np.ndarray) -> np.ndarray:
        found = []
        for term in terms:
            own = [k for k, name in enumerate(names) if name.startswith(f"{term}=")]
            nobody = x.copy()
            nobody[:, own] = 0
            for k in own:
                everybody = nobody.copy()
                everybody[:, k] = 1
                found.append(chances(beta, everybody) - chances(beta, nobody))
        return np.concatenate(found)

    return solved_model.of(value)


def _expected(frame: pd.DataFrame) -> Numbers:
    fit, names = one_predictor(frame, "logit", "feels_safe", ["sex"])
    found = fit.of(lambda beta: _logistic(np.array([beta[0], beta[0] + beta[1]])))
    return {name: value for name, value in found.items() if name != "df 0"}


def _margins(frame: pd.DataFrame) -> Numbers:
    """The error of the coefficients and that of the people who happen to be in the sample, as if independent."""
    fit, names = one_predictor(frame, "logit", "feels_safe", ["sex", "zone"])
    s = fit.s
    x = np.column_stack([s.inside.astype(Long), _columns(s, ["sex", "zone"])[0]])
    own = [k for k, name in enumerate(names) if name.startswith("zone=")]
    sides = []
    for k in [None, *own]:
        side = x.copy()
        side[:, own] = 0
        if k is not None:
            side[:, k] = 1
        sides.append(side)

    def value(beta: np.ndarray) -> np.ndarray:
        return np.array([(s.w * _logistic(side @ beta)).sum() / s.w.sum() for side in sides])

    values, slope = value(fit.beta), derivative(value, fit.beta)
    each = np.column_stack([_logistic(side @ fit.beta) for side in sides])
    sampled = s.covariance(s.w[:, None] * (each - values) / s.w.sum())
    errors = np.sqrt(np.diag(slope @ fit.covariance @ slope.T + sampled))
    found = {f"estimate {k}": float(v) for k, v in enumerate(values)} | {
        f"se {k}": float(v) for k, v in enumerate(errors)
    }
    return found | {"df 0": float(fit.df), "n 0": float(s.n)}


def _term_test(frame: pd.DataFrame, kind: str) -> Numbers:
    """Of all coefficients of `zone`. Working tests give a person the weight 1 on average over the domain; their tails
    are not here."""
    fit, names = one_predictor(frame, "logit", "feels_safe", ["sex", "zone"])
    at = [k for k, name in enumerate(names) if name.startswith("zone=")]
    unit, b = frame["weight"].to_numpy(dtype=float).astype(Long).mean(), fit.beta[at]
    if kind == "wald":
        chi2 = b @ solved(fit.covariance[np.ix_(at, at)], b)
        f = float(chi2 / len(at))
        p_value = float(stats.f.sf(f, len(at), fit.df)) if fit.df > 0 else np.nan
        return {"chi2": float(chi2), "f": f, "df2": float(fit.df), "p_value": p_value}
    if kind == "working":
        working = solved(fit.information / unit, np.eye(len(names), dtype=Long))
        chi2 = b @ solved(working[np.ix_(at, at)], b)
    else:
        s = fit.s
        smaller = Sample(frame[frame["zone"].notna()], "feels_safe", "sex")
        small = one_predictor(smaller.frame, "logit", "feels_safe", ["sex"])[0]
        chi2 = 2 * (_log_likelihood(s, ["sex", "zone"], fit) - _log_likelihood(smaller, ["sex"], small)) / unit
    return {"chi2": float(chi2), "f": float(chi2 / len(at)), "df2": float(fit.df)}


def _log_likelihood(s: Sample, terms: list[str], fit: Solved) -> Long:
    eta = fit.beta[0] + _columns(s, terms)[0] @ fit.beta[1:]
    return -(s.w * np.log1p(np.exp(np.where(s.numbers("feels_safe") == 1, -eta, eta)))).sum()


def _ranks(frame: pd.DataFrame) -> Numbers:
    """Plackett and Luce: at each choice, the chosen's chance among the items still open. The first item's log is nil."""
    s = Sample(frame, CHOICES[0])
    named = [list(takewhile(lambda choice: isinstance(choice, str), row)) for row in frame[CHOICES].to_numpy()]
    lists = [[ITEMS.index(choice) for choice in row] for row in named]

    def worths(beta: np.ndarray) -> np.ndarray:
        worth = np.exp(np.concatenate([[Long(0)], beta]))
        return np.asarray(worth / worth.sum())

    kinds = sorted(set(map(tuple, lists)))
    kind = np.array([kinds.index(tuple(one)) for one in lists])

    def scores(beta: np.ndarray) -> np.ndarray:
        worth, found = worths(beta), np.zeros((len(kinds), len(ITEMS)), dtype=Long)
        for row, choices in enumerate(kinds):
            left = list(range(len(ITEMS)))
            for item in choices:
                found[row, item] += 1
                found[row, left] -= worth[left] / worth[left].sum()
                left.remove(item)
        return np.asarray(found[kind, 1:])

    fit = Solved(s, scores, [0.0] * (len(ITEMS) - 1), free=0)
    slope = derivative(worths, fit.beta)
    errors = np.sqrt(np.diag(slope @ fit.covariance @ slope.T))
    found = {item: float(worth) for item, worth in zip(ITEMS, worths(fit.beta), strict=True)}
    return found | {f"se {k}": float(error) for k, error in enumerate(errors)} | {"n": float(s.n)}


def _named(found: tuple[Solved, list[str]] | tuple[Solved, list[str], int]) -> Numbers:
    return found[0].numbers(found[1])


LONGHAND_MODELS: dict[str, Callable[[pd.DataFrame], Numbers]] = {
    "linear model": _linear,
    "binary logit": lambda f: _named(one_predictor(f, "logit", "feels_safe", ["sex", "zone"])),
    "count model": lambda f: _named(one_predictor(f, "poisson", "trust", ["sex"])),
    "ordered logit": lambda f: _named(ordered(f, "logit", "trust", ["sex", "is_victim"])),
    "ordered probit": lambda f: _named(ordered(f, "probit", "trust", ["sex"])),
    "effects of a binary model": lambda f: _effects(f, "feels_safe", None),
    "effects of an ordered model": lambda f: _effects(f, "trust", 0),
    "binary probit": lambda f: _named(one_predictor(f, "probit", "feels_safe", ["sex"])),
    "predicted margins": _margins,
    "expected outcomes": _expected,
    "wald test": lambda f: _term_test(f, "wald"),
    "working wald test": lambda f: _term_test(f, "working"),
    "working likelihood ratio test": lambda f: _term_test(f, "likelihood"),
    "ranks": _ranks,
}
