"""Which rule each kind of claim is tested by; the rules stand in `kinds`."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from bsna.intake.plan import Claim, Plan
from bsna.judgement.kinds import association, places, shares, trend
from bsna.judgement.kinds.tested import Designs, Tested

__all__ = ["Tested", "has_its_questions", "test_claim"]


def test_claim(claim: Claim, plan: Plan, designs: Designs, rng: np.random.Generator | None) -> Tested:
    """Apply the rule of a claim's kind. Raises EmptyDomain if nobody answered.

    Without `rng` no bootstrap is drawn: the p-values are the same, and `values` holds no probability.
    """
    return _KINDS[claim.kind](claim, plan, designs, rng)


def has_its_questions(claim: Claim, plan: Plan, designs: Designs, absent: Mapping[str, Sequence[str]]) -> bool:
    """Whether the survey has what a claim needs beyond measures and rankings: its model's outcome and term, or two rounds.

    `absent` lists per population the measures that the survey did not ask.
    """
    if claim.kind == "association":
        return association.is_asked(claim, plan, designs, absent)
    return claim.kind != "trend" or trend.has_both_rounds(claim, designs, absent)


_KINDS: dict[str, Callable[[Claim, Plan, Designs, np.random.Generator | None], Tested]] = {
    "majority_all": shares.majority_all,
    "comparison_all": shares.comparison_all,
    "equivalence": shares.equivalence,
    "top_k": places.top_k,
    "shared_top": places.shared_top,
    "only_one": shares.only_one,
    "chain": shares.chain,
    "above_average": shares.above_average,
    "ranking": places.ranking,
    "association": association.association,
    "trend": trend.trend,
}
