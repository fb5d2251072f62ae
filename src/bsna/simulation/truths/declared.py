"""Truths under which claims are tried: each a set of shares, near to a claim's border or far from it, on either side."""

from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from pydantic import Field, ValidationError

from bsna import paths
from bsna.intake.plan import Claim, Plan
from bsna.intake.profile import Population, Strict, Text
from bsna.intake.sheets import read_toml
from bsna.simulation.truths.holding import holds

Level = Literal["true", "true_by_little", "false_by_little", "false_by_lot"]
LEVELS: tuple[str, ...] = get_args(Level)
Part = Literal["level_people", "reference_people", "level_share", "reference_share"]
Share = Annotated[float, Field(gt=0, lt=1)]
FILE = "assessment/simulation/claims.toml"


class _Row(Strict):
    """What one truth changes in the assumed shares, by population and measure, and in the association assumed of its claim."""

    claim: Text
    level: Level
    border: Text
    shares: dict[Population, dict[Text, Share]] = {}
    association: dict[Part, Share] = {}


@dataclass(frozen=True)
class Truth:
    """One truth for one claim. `border` says in words what is true; `plan` is the plan with the true shares in the place of those
    assumed, so that the power planned under it is the power if this is true."""

    claim: Claim
    level: str
    border: str
    plan: Plan

    @property
    def holds(self) -> bool:
        """Whether the claim is true, by its own rule."""
        return holds(self.claim, self.plan)


def load_truths(plan: Plan) -> tuple[Truth, ...]:
    """The declared truths, in the order of the plan's claims and of `LEVELS`; first of each claim, what the plan assumes.

    A claim that is not declared has none. Raises ValueError naming row and key for what is ill-typed, a claim or a share that
    the plan does not know, or a level that is not what the claim's rule says of these shares.
    """
    rows = [
        _row(row, number)
        for number, row in enumerate(read_toml(paths.assessment("simulation", "claims.toml"), ["truth"])["truth"], 1)
    ]
    if strange := sorted({row.claim for row in rows} - {claim.id for claim in plan.claims}):
        raise ValueError(f"{FILE} declares truths of {strange}, no claims of the plan: {[c.id for c in plan.claims]}")
    found = []
    for claim in plan.claims:
        own = [row for row in rows if row.claim == claim.id]
        found += [_truth(claim, row, plan) for row in sorted(own, key=lambda row: LEVELS.index(row.level))]
    return tuple(found)


def undeclared(plan: Plan) -> tuple[str, ...]:
    """Claims of the plan that no truth is declared for, and that are therefore not tried."""
    known = {truth.claim.id for truth in load_truths(plan)}
    return tuple(claim.id for claim in plan.claims if claim.id not in known)


def between(one: Truth, other: Truth, part: float) -> Truth:
    """A truth on the way from one to another of the same claim: at `part` of it, 0 to 1, all assumptions in proportion."""
    shares = tuple(
        row.model_copy(update={"share": row.share + part * (end.share - row.share)})
        for row, end in zip(one.plan.assumed_shares, other.plan.assumed_shares, strict=True)
    )
    associations = tuple(
        row.model_copy(
            update={
                name: value + part * (getattr(end, name) - value)
                for name in get_args(Part)
                for value in [getattr(row, name)]
            }
        )
        for row, end in zip(one.plan.assumed_associations, other.plan.assumed_associations, strict=True)
    )
    plan = one.plan.model_copy(update={"assumed_shares": shares, "assumed_associations": associations})
    return Truth(one.claim, "", f"{part:.0%} of the way from {one.border!r} to {other.border!r}", plan)


def _truth(claim: Claim, row: _Row, plan: Plan) -> Truth:
    truth = Truth(claim, row.level, row.border, _changed(plan, row))
    if truth.holds != row.level.startswith("true"):
        raise ValueError(
            f"{FILE}, {claim.id}, {row.border!r}: by its rule the claim is {truth.holds} under these shares, declared is "
            f"{row.level}; change the shares or the level"
        )
    return truth


def _changed(plan: Plan, row: _Row) -> Plan:
    """The plan with other assumptions. ValueError for one that it does not make."""
    for population, changed in row.shares.items():
        for measure in changed:
            plan.assumed_share(measure, population)
    if row.association:
        plan.assumed_association(row.claim)
    shares = tuple(
        one.model_copy(update={"share": row.shares.get(one.population, {}).get(one.measure, one.share)})
        for one in plan.assumed_shares
    )
    associations = tuple(
        one.model_copy(update={str(key): share for key, share in row.association.items()})
        if one.claim == row.claim
        else one
        for one in plan.assumed_associations
    )
    return plan.model_copy(update={"assumed_shares": shares, "assumed_associations": associations})


def _row(row: dict[str, object], number: int) -> _Row:
    try:
        return _Row.model_validate(row)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise ValueError(
            f"{FILE}, truth {number} ({row.get('claim')}), has {len(faults)} fault(s): {'; '.join(faults)}"
        ) from error
