"""One-sided p-values for the parts of a claim and against them, and how those of several parts go together."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import stats


def against_half(row: Mapping[str, Any], interval: str, margin: float) -> tuple[float, float]:
    """One-sided p-values that a share is above, and below, `margin`.

    On the logit scale with Student's t, or, for `beta`, exact binomial on the effective number of people, adjusted for
    few clusters as the interval is, so that test and interval agree (Korn and Graubard 1998). A share of 0 or 1 has no
    linearised error and is always tested exactly, with a design effect of one. Without degrees of freedom nothing can
    be shown: both are 1.
    """
    share, se, df = row["estimate"], row["se"], row["df"]
    if not df > 0:
        return 1.0, 1.0
    if interval == "beta" or se < 1e-12:
        size = (row["n"] if se < 1e-12 else share * (1 - share) / se**2) * _few_clusters(row["n"], df)
        yes, no = size * share, size * (1 - share)
        above = 1.0 if yes <= 0 else float(stats.beta.cdf(margin, yes, no + 1))
        below = 1.0 if no <= 0 else float(stats.beta.sf(margin, yes + 1, no))
        return above, below
    distance = np.log(share / (1 - share)) - np.log(margin / (1 - margin))
    t = distance / (se / (share * (1 - share)))
    return float(stats.t.sf(t, df)), float(stats.t.cdf(t, df))


def _few_clusters(people: float, df: float) -> float:
    return float((stats.t.ppf(0.025, people - 1) / stats.t.ppf(0.025, df)) ** 2)


def above_zero(row: Mapping[str, Any], shift: float = 0.0) -> tuple[float, float]:
    """One-sided p-values that a difference is above, and below, `shift`; both 1 without degrees of freedom.

    Where all clusters agree there is no linearised error. A difference lies between -1 and 1, so were the true one no
    higher than `shift`, a cluster would show `estimate` or more with a chance of at most (1 + shift) / (1 + estimate)
    (Markov's inequality), and all of them with that chance to the power of their number.
    """
    if not row["df"] > 0:
        return 1.0, 1.0
    if row["se"] < 1e-12:
        return _if_all_agree(row["estimate"], shift, row["clusters"]), _if_all_agree(
            -row["estimate"], -shift, row["clusters"]
        )
    t = (row["estimate"] - shift) / row["se"]
    return float(stats.t.sf(t, row["df"])), float(stats.t.cdf(t, row["df"]))


def _if_all_agree(value: float, shift: float, clusters: float) -> float:
    return 1.0 if value <= shift else float(((1 + shift) / (1 + min(value, 1.0))) ** clusters)


def within_margin(row: Mapping[str, Any], margin: float) -> tuple[float, float]:
    """p-values that a difference is within `margin` of zero, by two one-sided tests (Schuirmann 1987), and beyond it on
    either side (the smaller of two, doubled)."""
    above_upper, below_upper = above_zero(row, margin)
    above_lower, below_lower = above_zero(row, -margin)
    return max(below_upper, above_lower), min(1.0, 2 * min(above_upper, below_lower))


def among_first(rivals: Sequence[tuple[float, float]], places: int) -> tuple[float, float]:
    """p-values that something is among the first `places` of a list, and that it is not.

    `rivals` holds for each other thing on the list the p-values that ours is above it, and below it. For: all rivals but
    `places` - 1 must be shown to be below; against: `places` of them above. Both are tests of a partial
    conjunction, valid however the comparisons hang together. Source: Benjamini and Heller (2008), Bonferroni's form.
    """
    if len(rivals) < places:
        return 0.0, 1.0
    above = sorted((p for p, _ in rivals), reverse=True)[places - 1]
    below = sorted(q for _, q in rivals)[places - 1]
    return min(1.0, places * above), min(1.0, (len(rivals) - places + 1) * below)


def all_parts(parts: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """All parts must hold: the largest p-value for (intersection–union, Berger 1982); against, the smallest
    times the number of parts (Bonferroni)."""
    return max(p for p, _ in parts), min(1.0, min(q for _, q in parts) * len(parts))
