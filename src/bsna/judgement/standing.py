"""How often a verdict stands when the same question is asked of the data in other ways."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Variant:
    """One way of doing it otherwise.

    `family`: unweighted, uncleaned, enumerators, sites, silence, imputed, cut_points or covariates. `count` reruns, of
    which `stands` have the verdict of the base; `verdicts` counts them by verdict. `estimate` is the claim's leading
    estimate, `lowest` and `highest` those over the reruns; None where there is none.
    """

    family: str
    count: int
    stands: int
    verdicts: dict[str, int]
    estimate: float | None
    lowest: float | None
    highest: float | None


@dataclass(frozen=True)
class Breaking:
    """The smallest set found whose removal changes the verdict: of `enumerators` or `sites`, `size` out of `of`.

    `size` is None if none was found up to `tried`; `verdict` is what it becomes.
    """

    family: str
    size: int | None
    of: int
    tried: int
    verdict: str | None


@dataclass(frozen=True)
class Standing:
    """How one verdict, corrected for many claims, fares under reruns. `corrections` are log rows by check or decision: rule (""
    for several with few rows), rows, and largest, the largest shift of the leading estimate by one row alone. `unit` is that of
    the leading estimate: share, points or number."""

    claim_id: str
    verdict: str
    variants: tuple[Variant, ...]
    breaking: tuple[Breaking, ...]
    corrections: tuple[dict[str, Any], ...] = ()
    unit: str = "share"

    @property
    def share(self) -> float:
        """How often the verdict stands: the mean over families of the share of reruns in which it does."""
        shares = [variant.stands / variant.count for variant in self.variants if variant.count]
        return sum(shares) / len(shares) if shares else 1.0
