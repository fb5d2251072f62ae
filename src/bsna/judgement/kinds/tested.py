"""What comes of testing a claim, and the estimates that most kinds of claim are made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import pandas as pd

from bsna import estimation
from bsna.estimation import SurveyDesign
from bsna.intake.plan import Claim

Designs: TypeAlias = Mapping[str, SurveyDesign]
"""The design of each population, by its name; `trend.both_rounds` adds those of an earlier round."""


@dataclass(frozen=True)
class Tested:
    """One claim after testing. `p_for`: how surprising the data were if it was not so; `p_against`: if it was so.
    `rows`: estimate rows it rests on. `values`: numbers and ids for its sentence."""

    p_for: float
    p_against: float
    rows: pd.DataFrame
    values: dict[str, Any] = field(default_factory=dict)


def proportions(
    design: SurveyDesign, names: Iterable[str], claim: Claim, population: str | None = None
) -> pd.DataFrame:
    """A row for the share of each measure, with the interval that the claim's tests go with."""
    whose = population or claim.population
    return estimation.proportions(design, names, interval=interval_of(claim, whose)).assign(population=whose)


def differences(design: SurveyDesign, claim: Claim, pairs: Iterable[tuple[str, str]] | None = None) -> pd.DataFrame:
    """A row for each pair of measures, those of the claim if None: the first share minus the second, of the same people."""
    rows = estimation.differences(design, claim.pairs if pairs is None else pairs)
    return rows.assign(population=claim.population)


def interval_of(claim: Claim, population: str) -> Literal["logit", "beta"]:
    """Interval and test of a share: exact for the few people of other populations than the community."""
    return claim.interval if population == "community" else "beta"


def margin_of(claim: Claim) -> float:
    """The margin of a claim; ValueError naming file and claim if it declares none."""
    if claim.margin is None:
        raise ValueError(f"claims.toml, {claim.id}: a claim of kind {claim.kind} needs a margin")
    return claim.margin
