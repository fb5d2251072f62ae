"""Does an item of a scale work alike in two groups? People with the same score on the rest of the scale are compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy import stats

from bsna.estimation.association import Untestable
from bsna.estimation.regression.models import ordered_logit
from bsna.estimation.regression.term_tests import working_likelihood_ratio_test
from bsna.estimation.sample.compress import Sums, at_levels
from bsna.estimation.sample.design import SurveyDesign, Where
from bsna.estimation.sample.linearised import estimated

Size: TypeAlias = Literal["A", "B", "C"]
DELTA = -2.35
"""Log odds ratios on the scale of difficulty of the Educational Testing Service. Source: Holland and Thayer (1988)."""
SMALL, LARGE, ALPHA = 1.0, 1.5, 0.05


@dataclass(frozen=True)
class CommonOdds:
    """Odds of yes in one group over those in another, among people with the same matching score.

    `log_odds` is the logarithm of Mantel and Haenszel's common `odds_ratio`, with standard error `se`, degrees of freedom `df`
    and 95% interval `low` to `high` of the odds ratio. `p_value` is two-sided, against a ratio of one. `delta` is
    -2.35 times `log_odds`, `size` its class: A negligible, B moderate, C large. `n` people in `clusters` were compared, in
    `strata` scores; `unmatched` people had a score that nobody of the other group had, and are outside.
    """

    odds_ratio: float
    log_odds: float
    se: float
    df: float
    low: float
    high: float
    p_value: float
    delta: float
    size: Size
    n: int
    clusters: int
    strata: int
    unmatched: int


@dataclass(frozen=True)
class Differential:
    """Whether the answers to an item depend on the group, given the score on the rest.

    `uniform`: p-value that groups do not matter (the same shift at every score). `nonuniform`: that the shift does not
    depend on the score. `n` people in `clusters`, `df` the design's degrees of freedom.
    """

    uniform: float
    nonuniform: float
    n: int
    clusters: int
    df: float


def with_rest_scores(design: SurveyDesign, items: Sequence[str], named: Mapping[str, str]) -> SurveyDesign:
    """The same sample with, for each item, the sum of all other items in the column that `named` gives.

    Missing for people who did not answer all items. Raises ValueError for fewer than two items.
    """
    if len(items) < 2:
        raise ValueError(f"A rest score needs two or more items; the scale has {list(items)}")
    scores = np.column_stack([design.numbers(item) for item in items])
    total = scores.sum(axis=1)  # missing if any item is
    return design.with_columns(**{named[item]: total - scores[:, k] for k, item in enumerate(items)})


def common_odds(
    design: SurveyDesign, yes: str, group: str, levels: tuple[object, object], match: str, *, where: Where = None
) -> CommonOdds:
    """Mantel and Haenszel's odds ratio of a 0/1 answer, at the first of two levels of `group` over the second.

    People are compared within each value of `match`. Counts are weighted; the variance of the logarithm is that of a smooth
    function of the weighted counts, linearised over clusters within strata, or from replicate weights if the
    design has them. In a simple random sample it agrees with Robins, Breslow and Greenland (1986) but for what
    these two estimate apart. Raises Untestable if no score has people of both groups, if all answers of one kind come from
    one group, or clusters do not outnumber strata; ValueError if the groups are the same.
    Source: Mantel and Haenszel (1959), Holland and Thayer (1988) for `delta`, Zieky (1993) for `size`.
    """
    if levels[0] == levels[1]:
        raise ValueError(f"Two levels of {group!r} are compared; got {list(levels)}")
    sums = design.sums(((),), by=(match, group, yes), where=where)
    cells, scores, unmatched = _matched(sums, levels)
    if cells is None:
        raise Untestable(f"{yes!r} by {group!r}: no value of {match!r} has people of both {list(levels)}")
    agree, cross = _products(cells.whole[0])
    if not (agree.sum() > 0 and cross.sum() > 0):
        raise Untestable(f"{yes!r} by {group!r}: at no value of {match!r} do answers differ both ways")
    found = estimated(design, cells, _log_ratio, _slope(cells.whole[0])[:, None])
    if not (found.df > 0 and found.se[0] > 0):
        raise Untestable(f"{yes!r} by {group!r}: the clusters of these {found.n} people show no variance")
    value, se = float(found.values[0]), float(found.se[0])
    reach = float(stats.t.ppf(0.975, found.df)) * se
    return CommonOdds(
        float(np.exp(value)),
        value,
        se,
        found.df,
        float(np.exp(value - reach)),
        float(np.exp(value + reach)),
        2 * float(stats.t.sf(abs(value) / se, found.df)),
        DELTA * value,
        size_of(DELTA * value, abs(DELTA) * se, found.df),
        found.n,
        found.clusters,
        scores,
        unmatched,
    )


def size_of(delta: float, se: float, df: float) -> Size:
    """A: below 1 or not shown to differ from nil; C: 1.5 or more, and shown to exceed 1; B: what lies between. Each test
    at 5%, the second one-sided. Source: Zieky (1993).

    >>> size_of(-0.9, 0.1, 100), size_of(1.6, 0.5, 100), size_of(1.6, 0.2, 100)
    ('A', 'B', 'C')
    """
    away = abs(delta)
    if away < SMALL or 2 * stats.t.sf(away / se, df) > ALPHA:
        return "A"
    return "C" if away >= LARGE and stats.t.sf((away - SMALL) / se, df) <= ALPHA else "B"


def differential_functioning(
    design: SurveyDesign, item: str, group: str, match: str, *, where: Where = None
) -> Differential:
    """Ordered logit of an item scored 0, 1, 2, ... on the matching score, a number, and the group.

    Uniform: the model with the group against that without; non-uniform: with the product of group and score against
    that without it. Likelihood ratios, whose distribution is that under the design (Rao–Scott). Raises as
    `ordered_logit`. Source: Swaminathan and Rogers (1990), Zumbo (1999) for ordered answers, Lumley and Scott (2014).
    """
    product = f"{match}:{group}"
    plain = ordered_logit(design, item, [match, group], where=where)
    crossed = ordered_logit(design, item, [match, group, product], where=where)
    uniform = working_likelihood_ratio_test(plain, [group])
    nonuniform = working_likelihood_ratio_test(crossed, [product])
    return Differential(uniform.p_value, nonuniform.p_value, plain.n, plain.clusters, plain.df)


def _matched(sums: Sums, levels: tuple[object, object]) -> tuple[Sums | None, int, int]:
    """Sums of weights in the four cells (first and second group, no and yes) of each score that both groups have, score after
    score; the number of these scores; and the people at scores of one group only."""
    place = {level: number for number, level in enumerate(sums.levels)}
    answers = sorted({level[2] for level in sums.levels}, key=str)
    if len(answers) != 2:
        return None, 0, 0
    chosen: list[int] = []
    unmatched = scores = 0
    for score in dict.fromkeys(level[0] for level in sums.levels):
        cells = [place.get((score, group, answer)) for group in levels for answer in answers]
        if None in cells:
            raise ValueError(f"The groups {list(levels)} are not among {sorted({str(one[1]) for one in sums.levels})}")
        at = [cell for cell in cells if cell is not None]
        people = sums.n[at]
        if people[:2].sum() and people[2:].sum():
            chosen, scores = chosen + at, scores + 1
        else:
            unmatched += int(people.sum())
    return (at_levels(sums, np.array(chosen)) if chosen else None), scores, unmatched


def _products(flat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of cells (..., 4K): yes in the first group times no in the second, and no times yes, over all people of the score; each (..., K)."""
    first_no, first_yes, second_no, second_yes = _cells(flat)
    size = first_no + first_yes + second_no + second_yes
    share = np.divide(1.0, size, out=np.zeros_like(size), where=size > 0)
    return first_yes * second_no * share, first_no * second_yes * share


def _cells(flat: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    return flat[..., 0::4], flat[..., 1::4], flat[..., 2::4], flat[..., 3::4]


def _log_ratio(flat: np.ndarray) -> np.ndarray:
    agree, cross = _products(flat)
    return np.asarray(np.log(agree.sum(axis=-1, keepdims=True) / cross.sum(axis=-1, keepdims=True)))


def _slope(flat: np.ndarray) -> np.ndarray:
    """Derivative of the log ratio by each cell, (4K,)."""
    first_no, first_yes, second_no, second_yes = _cells(flat)
    size = first_no + first_yes + second_no + second_yes
    agree, cross = _products(flat)
    common = cross / cross.sum() / size - agree / agree.sum() / size  # every cell adds to the people of its score
    parts = [
        common - second_yes / size / cross.sum(),
        common + second_no / size / agree.sum(),
        common + first_yes / size / agree.sum(),
        common - first_no / size / cross.sum(),
    ]
    return np.column_stack(parts).ravel()
