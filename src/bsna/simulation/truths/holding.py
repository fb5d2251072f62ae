"""Whether a claim is true: its rule applied to shares that are known, without a sample and without doubt."""

from collections.abc import Callable, Sequence

from bsna.intake.plan import AssumedShare, Claim, Plan, Rank

TINY = 1e-9
"""Two shares closer than this are equal: a claim that one is above the other is false."""


def holds(claim: Claim, plan: Plan) -> bool:
    """Whether a claim is true if the assumed shares of the plan are those of everybody.

    What must be above something is not if it is equal. Raises ValueError for a kind without a rule here, and if the plan
    assumes no share for what the claim counts.
    """
    if claim.kind not in _KINDS:
        raise ValueError(f"{claim.id} is of kind {claim.kind}; a truth can be told of {', '.join(_KINDS)}")
    return _KINDS[claim.kind](claim, plan)


def first_choices(rank: Rank, plan: Plan) -> list[AssumedShare]:
    """What is assumed of naming each item of a ranking first, which is its worth; in the order of the items.

    Raises ValueError if the plan counts no first choice of an item, or if the shares do not add up to one.
    """
    first = {
        spec.codes[0]: spec.measure
        for spec in plan.measures
        if (spec.population, spec.question, spec.kind) == (rank.population, rank.questions[:1], "share")
        and len(spec.codes) == 1
    }
    if missing := [item for item in rank.items if item not in first]:
        raise ValueError(f"measures.csv counts no first choice of {missing}, which {rank.id} ranks")
    rows = [plan.assumed_share(first[item], rank.population) for item in rank.items]
    if abs(sum(row.share for row in rows) - 1) > TINY:
        raise ValueError(f"First choices of {rank.id} add up to {sum(row.share for row in rows):.6f}, not to 1")
    return rows


def _majority_all(claim: Claim, plan: Plan) -> bool:
    return all(_above(_share(claim, plan, name), claim.margin or 0.0) for name in claim.measures)


def _comparison_all(claim: Claim, plan: Plan) -> bool:
    return all(_above(_share(claim, plan, one), _share(claim, plan, other)) for one, other in claim.pairs)


def _equivalence(claim: Claim, plan: Plan) -> bool:
    one, other = (_share(claim, plan, name) for name in claim.pairs[0])
    return _above(claim.margin or 0.0, abs(one - other))


def _top_k(claim: Claim, plan: Plan) -> bool:
    lists = [[_share(claim, plan, name) for name in names] for names in claim.lists]
    return all(_among_first(shares[0], shares[1:], claim.top or 1) for shares in lists)


def _shared_top(claim: Claim, plan: Plan) -> bool:
    places = (claim.top or 3) - len(claim.items) + 1
    for rank in (plan.row("ranks", name) for name in claim.ranks):
        worth = {item: row.share for item, row in zip(rank.items, first_choices(rank, plan), strict=True)}
        rivals = [worth[item] for item in rank.items if item not in claim.items]
        if not all(_among_first(worth[item], rivals, places) for item in claim.items):
            return False
    return True


def _only_one(claim: Claim, plan: Plan) -> bool:
    pairs = [[_share(claim, plan, name) for name in pair] for pair in claim.pairs]
    margin = claim.margin or 0.0
    own = all(_above(share, margin) for share in pairs[0])
    others = all(_above(margin, min(pair)) for pair in pairs[1:])
    return own and others and _top_k(claim.model_copy(update={"top": 1}), plan)


def _chain(claim: Claim, plan: Plan) -> bool:
    return _majority_all(claim, plan) and _comparison_all(claim, plan)


def _above_average(claim: Claim, plan: Plan) -> bool:
    everything = [_share(claim, plan, name) for name in (*claim.measures, *claim.others)]
    average = sum(everything) / len(everything)
    return all(_above(_share(claim, plan, name), average) for name in claim.measures)


def _ranking(claim: Claim, plan: Plan) -> bool:
    rivals = [_share(claim, plan, name) for name in claim.others]
    places = (claim.top or len(claim.measures)) - len(claim.measures) + 1
    return all(_among_first(_share(claim, plan, name), rivals, places) for name in claim.measures)


def _association(claim: Claim, plan: Plan) -> bool:
    """Terms of the model are drawn independently of each other, so that people alike in the others differ as all do."""
    row = plan.assumed_association(claim.id)
    gap = row.level_share - row.reference_share
    return _above(gap if claim.expected == "more" else -gap, claim.margin or 0.0)


def _among_first(ours: float, rivals: Sequence[float], places: int) -> bool:
    """Whether fewer than `places` rivals are level or above."""
    return sum(not _above(ours, rival) for rival in rivals) < places


def _above(one: float, other: float) -> bool:
    return one > other + TINY


def _share(claim: Claim, plan: Plan, name: str) -> float:
    return plan.assumed_share(name, claim.population).share


_KINDS: dict[str, Callable[[Claim, Plan], bool]] = {
    "majority_all": _majority_all,
    "comparison_all": _comparison_all,
    "equivalence": _equivalence,
    "top_k": _top_k,
    "shared_top": _shared_top,
    "only_one": _only_one,
    "chain": _chain,
    "above_average": _above_average,
    "ranking": _ranking,
    "association": _association,
}
