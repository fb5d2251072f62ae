"""Quantiles, with the intervals of Woodruff."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from bsna.estimation.intervals import Interval, log_odds_se, share_interval, t_quantile
from bsna.estimation.rows import estimate_rows
from bsna.estimation.sample.columns import refuse_rounded
from bsna.estimation.sample.compress import Patterns, narrowed
from bsna.estimation.sample.design import SurveyDesign, Where

Rule: TypeAlias = Literal["math", "school", "shahvaish", "hf1", "hf2", "hf3", "hf4", "hf5", "hf6", "hf7", "hf8", "hf9"]
SAME_SHARE = 1e-12
"""Shares nearer than this are one: sums of weights are not exact."""


def quantile(
    design: SurveyDesign,
    measure: str,
    probabilities: Sequence[float] = (0.5,),
    *,
    where: Where = None,
    by: str | None = None,
    rule: Rule = "math",
    interval: Interval = "mean",
    level: float = 0.95,
) -> pd.DataFrame:
    """Answers below which given parts of the people lie; the median by default.

    One estimate row per level of `by` (one in all if None) and probability, which is the row's category. The limits are
    the quantiles at the limits of the share of people at or below the estimate; `interval` is that share's (see
    `share_interval`). A limit below 0 or above 1 has no quantile and is missing, and with it `se`, which is
    the interval's width over twice the quantile of t. A level where nobody answered has `n` 0 and no estimate.

    `rule` says what lies between two answers; see `Answers.quantile`.
    Raises ValueError for a probability outside 0 to 1, an unknown rule, and answers that are no finite numbers,
    EmptyDomain if nobody answered. Source: Woodruff (1952); as svyquantile of R survey.
    """
    if outside := [p for p in probabilities if not 0 <= p <= 1]:
        raise ValueError(f"{len(outside)} probabilities are not within 0 and 1: {outside[:5]}")
    if rule not in get_args(Rule):
        raise ValueError(f"Rules for quantiles are {get_args(Rule)}; {rule!r} is none of them")
    rows = []
    for head, domain in _domains(design, measure, where, by):
        for probability in probabilities:
            row = {"measure": measure, "unit": "number", "category": f"{probability:g}", "n": 0, "clusters": 0} | head
            rows.append(row | (_row(design, domain, probability, rule, interval, level) if domain else {}))
    return estimate_rows(rows)


@dataclass(frozen=True)
class Answers:
    """The distinct answers of some people in ascending order, `values` (D,); the sum of `weight` (D,) of those who
    gave each, and their number `n` (D,)."""

    values: np.ndarray
    weight: np.ndarray
    n: np.ndarray

    def quantile(self, probability: float, rule: Rule) -> float:
        """The answer below which a part `probability` of the people lies.

        math, hf1: the least answer with at least that part at or below it. school, hf2: where a part ends at an answer,
        the middle of it and the next. hf3: there, the answer with an even number, counted from one. hf4 to hf9: types 4
        to 9 of Hyndman and Fan (1996) with a person's weight in place of one; who gave the same answer share their weight
        evenly, so that the order of people does not matter. shahvaish: Shah and Vaish (2006) as in R survey 4.5, which
        takes half a person's weight as it stands: it means something only where weights are 1 on average.
        Raises ValueError for negative weights, except by the first three rules, and if weights add up to nothing.
        """
        if not self.weight.sum() > 0:
            raise ValueError(f"The weights of {int(self.n.sum())} people add up to {self.weight.sum():g}")
        if len(self.values) == 1:
            return float(self.values[0])
        if rule in ("math", "hf1", "school", "hf2", "hf3"):
            return self._step(probability, rule)
        if (self.weight < 0).any():
            raise ValueError(f"{int((self.weight < 0).sum())} answers have negative weights; use the rule 'math'")
        if rule == "shahvaish":
            return self._shah_vaish(probability)
        return float(np.interp(probability, self._reached(rule).ravel(), np.repeat(self.values, 2)))

    def _step(self, probability: float, rule: Rule) -> float:
        reached = np.cumsum(self.weight)
        rest = probability * reached[-1] - reached
        within = np.flatnonzero(rest >= -SAME_SHARE * reached[-1])
        if not len(within):
            return float(self.values[0])
        at = within[-1]
        here, after = self.values[at], self.values[min(at + 1, len(self.values) - 1)]
        if rest[at] > SAME_SHARE * reached[-1]:
            return float(after)
        if rule in ("school", "hf2"):
            return float((here + after) / 2)
        return float(after if rule == "hf3" and at % 2 == 0 else here)

    def _reached(self, rule: Rule) -> np.ndarray:
        """The part of people that the first and the last person with each answer (D, 2) reach."""
        one = (self.weight / self.n)[:, None]
        after = np.cumsum(self.weight)[:, None] + np.array([[0.0, 0.0]])
        after[:, :1] += one - self.weight[:, None]
        before, whole, last = after - one, after[-1, 1], one[-1, 0]
        parts = {
            "hf4": after / whole,
            "hf5": (after + before) / 2 / whole,
            "hf6": after / (whole + last),
            "hf7": before / (whole - last),
            "hf8": (before + 2 * after) / 3 / (whole + last / 3),
            "hf9": (3 * before + 5 * after) / 8 / (whole + last / 4),
        }
        return np.asarray(parts[rule])

    def _shah_vaish(self, probability: float) -> float:
        people = self.n.sum()
        one, mean = self.weight / self.n, self.weight.sum() / people
        before = np.cumsum(self.weight) - self.weight
        target = ((people + 1) * probability - 0.5 + one / 2) * mean
        person = np.clip(np.floor((target - before) / one + SAME_SHARE), 0, self.n)
        part = np.where(person > 0, (before + person * one) / mean - one / 2, -np.inf)
        first = (before + one) / mean - one / 2
        return float(self.values[np.argmax(part) if np.isfinite(part).any() else np.argmin(first)])


def answers_of(values: np.ndarray, weight: np.ndarray, n: np.ndarray) -> Answers:
    """Answers from values (D,) in any order, of which some may be the same, with their weights and numbers of people.

    Values without weight are left out, as nobody stands behind them.
    """
    kept = weight != 0
    distinct, code = np.unique(values[kept], return_inverse=True)
    return Answers(distinct, np.bincount(code, weight[kept]), np.bincount(code, n[kept]))


def numbers(values: pd.Series) -> np.ndarray:
    """Answers as numbers. Raises ValueError for text and for what is infinite."""
    try:
        given = pd.to_numeric(values)
        found = given.to_numpy(dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{values.name!r} holds {values.iloc[0]!r}; its answers have to be numbers") from error
    if bad := int((~np.isfinite(found)).sum()):
        raise ValueError(f"{bad} answers to {values.name!r} are infinite")
    refuse_rounded(given, found)
    return np.asarray(found)


@dataclass(frozen=True)
class _Domain:
    """People of one level: the patterns `chosen` (D,), with the `values` (D,) of all and the answers of the chosen."""

    patterns: Patterns
    values: np.ndarray
    chosen: np.ndarray
    answers: Answers


def _domains(
    design: SurveyDesign, measure: str, where: Where, by: str | None
) -> Iterator[tuple[dict[str, Any], _Domain | None]]:
    patterns = design.patterns((measure,) if by is None else (by, measure), where=where)
    values = numbers(patterns.frame[measure])
    levels = [()] if by is None else design.sums(((),), by=(by,), where=where).levels
    for level in levels:
        chosen = (
            np.ones(len(values), dtype=bool) if by is None else patterns.frame[by].eq(level[0]).to_numpy(dtype=bool)
        )
        head = {"by": by, "level": str(level[0])} if level else {}
        if not chosen.any():
            yield head, None
            continue
        answers = answers_of(values[chosen], patterns.weight[chosen], patterns.n[chosen])
        yield head, _Domain(narrowed(patterns, chosen), values, chosen, answers)


def _row(
    design: SurveyDesign, domain: _Domain, probability: float, rule: Rule, interval: Interval, level: float
) -> dict[str, Any]:
    estimate = domain.answers.quantile(probability, rule)
    people = int(domain.answers.n.sum())
    clusters, df = design.clusters_of(domain.patterns, domain.chosen)
    below = {"n": people, "df": df} | _share(design, domain, domain.chosen & (domain.values <= estimate))
    shares = share_interval(below, interval, level, people, log_odds_se=below["log_odds_se"])
    low, high = (domain.answers.quantile(share, rule) if 0 <= share <= 1 else float("nan") for share in shares)
    se = (high - low) / (2 * t_quantile((1 + level) / 2, df))
    return {"estimate": estimate, "se": se, "low": low, "high": high, "n": people, "clusters": clusters, "df": df}


def _share(design: SurveyDesign, domain: _Domain, yes: np.ndarray) -> dict[str, Any]:
    patterns, chosen = domain.patterns, domain.chosen
    whole = patterns.weight[chosen].sum()
    share = float(patterns.weight[yes].sum() / whole)
    if design.replicates is None or patterns.replicates is None:
        variance = design.score_variance(patterns, np.where(chosen, yes - share, 0.0)[:, None] / whole)
        return {"estimate": share, "se": float(np.sqrt(max(variance[0, 0], 0.0))), "log_odds_se": None}
    drawn = patterns.replicates[:, yes].sum(axis=1) / patterns.replicates[:, chosen].sum(axis=1)
    variance = design.replicates.variance(drawn[:, None], np.array([share]))
    odds = log_odds_se(design.replicates, drawn, share)
    return {"estimate": share, "se": float(np.sqrt(variance[0, 0])), "log_odds_se": odds}
