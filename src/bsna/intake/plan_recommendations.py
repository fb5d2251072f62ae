"""Recommendations as rows of data: what they ask of the evidence, what to follow, and in which order they are told."""

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from bsna.intake.expressions import Expression, names_in, parsed
from bsna.intake.profile import Labels, Population, Strict, Text
from bsna.intake.sheets import read_toml, validated

FILE = "recommendations.toml"
STATUSES = ("holds", "mixed", "not_testable", "fails")


def _parsable(text: str) -> str:
    parsed(text)
    return text


class Evidence(Strict):
    """An item of evidence that recommendations hang on, by name: the verdict of a claim, the side of a limit on which the
    share of a measure lies, or an association of a model's outcome with the level of a term."""

    id: Text
    claim: str = ""
    wants: Literal["supported", "contradicted", ""] = ""
    measure: str = ""
    population: Population = "community"
    below: float | None = Field(default=None, gt=0, lt=1)
    above: float | None = Field(default=None, gt=0, lt=1)
    model: str = ""
    term: str = ""
    level: str = ""
    note: Labels

    @model_validator(mode="after")
    def _of_one_kind(self) -> "Evidence":
        if [bool(self.claim), bool(self.measure), bool(self.model)].count(True) != 1:
            raise ValueError("evidence needs one of claim, measure, model")
        if bool(self.claim) != bool(self.wants):
            raise ValueError("a claim needs `wants`, supported or contradicted, and nothing else has it")
        if [self.below, self.above].count(None) != (1 if self.measure else 2):
            raise ValueError("a measure needs `below` or `above`, one of them, and nothing else has it")
        if bool(self.model) != bool(self.term) or bool(self.model) != bool(self.level):
            raise ValueError("a model needs `term` and `level`, and nothing else has them")
        return self


class Recommendation(Strict):
    """What somebody should do. `evidence` is an expression over names of evidence and claims; a claim named there is wanted
    supported. `goal` is the share to reach of the indicator, `change` the change in it that the next survey should be
    able to see (-0.1: ten points down). `after` are recommendations that come before this one, `after_why` the reason.
    `only` are the countries it is for, none for all."""

    id: Text
    audience: Text
    action: Labels
    who: Labels
    evidence: Annotated[Text, AfterValidator(_parsable)]
    indicator: Text
    indicator_population: Population
    goal: float = Field(gt=0, lt=1)
    change: float = Field(gt=-1, lt=1)
    after: tuple[Text, ...] = ()
    after_why: Labels | None = None
    cost: Literal["low", "middle", "high", "unknown"]
    cost_source: Labels | None = None
    change_mind: Labels
    only: tuple[Text, ...] = ()

    @cached_property
    def expression(self) -> Expression:
        """What is asked of the evidence."""
        return parsed(self.evidence)

    @property
    def named(self) -> tuple[str, ...]:
        """Names of evidence and claims, in the order in which they stand."""
        return tuple(names_in(self.expression))

    @model_validator(mode="after")
    def _with_reasons(self) -> "Recommendation":
        if self.change == 0:
            raise ValueError("a change of nothing cannot be seen; declare one up or down")
        if bool(self.after) != (self.after_why is not None):
            raise ValueError("`after` and `after_why` belong together")
        if (self.cost == "unknown") == (self.cost_source is not None):
            raise ValueError("a cost class that is known needs its `cost_source`; one that is unknown has none")
        return self


class Audience(Strict):
    """Those whom recommendations speak to; `lead` opens their page."""

    id: Text
    lead: Labels


class Ordering(Strict):
    """How recommendations to one audience are put in order: by these `keys`, the first first; ties stay as declared, and
    nothing stands before what it comes after. `status` is the order of the statuses."""

    keys: tuple[Literal["status", "need"], ...]
    status: tuple[Literal["holds", "mixed", "not_testable", "fails"], ...]

    @model_validator(mode="after")
    def _complete(self) -> "Ordering":
        if sorted(self.status) != sorted(STATUSES):
            raise ValueError(f"status is {list(self.status)}, expected each of {list(STATUSES)} once")
        if len(set(self.keys)) != len(self.keys) or not self.keys:
            raise ValueError(f"keys are {list(self.keys)}, expected each once and at least one")
        return self


class FollowUp(Strict):
    """What a follow-up survey must be able to show: `power` at the two-sided level `alpha`. One that needs more than
    `most_times` the clusters of this survey is called out of reach."""

    power: float = Field(gt=0.5, lt=1)
    alpha: float = Field(gt=0, lt=0.5)
    most_times: float = Field(ge=1)


class IntervalGrade(Strict):
    """Grade of evidence that is no claim: A, less a step if it rests on fewer `clusters`, one if it is imprecise, and two
    if it is unclear."""

    clusters: int = Field(ge=2)


class Line(Strict):
    """Claims that the front page puts in one line, whose ids begin with that of the line, and its title."""

    id: Text
    claims: tuple[Text, ...] = Field(min_length=2)
    title: Labels

    @model_validator(mode="after")
    def _is_named_by_its_claims(self) -> "Line":
        if strange := [claim for claim in self.claims if not claim.startswith(self.id) or claim == self.id]:
            raise ValueError(
                f"claims {strange} of line {self.id!r}: their ids begin otherwise; expected {self.id} and a letter"
            )
        return self

    @property
    def letters(self) -> dict[str, str]:
        """What sets each claim apart from the others of its line: the end of its id."""
        return {claim: claim.removeprefix(self.id) for claim in self.claims}


class Telling(Strict):
    """order.toml: audiences, the order of what is told to them, what the next survey should see, and lines of the front page."""

    audience: tuple[Audience, ...] = Field(min_length=1)
    line: tuple[Line, ...] = ()
    order: Ordering
    follow_up: FollowUp
    interval_grade: IntervalGrade


def read_recommendations(folder: Path) -> dict[str, Any]:
    """Evidence, recommendations and how they are told: the parts of the plan of these names.

    Raises ValueError naming file, row and key of the first fault, and for an id that stands twice.
    """
    rows = read_toml(folder / FILE, ["evidence", "recommendation"])
    kinds: tuple[tuple[type[Strict], str], ...] = ((Evidence, "evidence"), (Recommendation, "recommendation"))
    made = {
        key: tuple(validated(kind, row, f"{FILE}, {row.get('id', '')}") for row in rows[key]) for kind, key in kinds
    }
    ids = [row["id"] for key in rows for row in rows[key]]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise ValueError(f"{FILE}: {twice} stand twice")
    telling = validated(Telling, read_toml(folder / "order.toml"), "order.toml")
    return {"evidence": made["evidence"], "recommendations": made["recommendation"], "telling": telling}


def recommended_to(recommendations: tuple[Recommendation, ...], country: str) -> tuple[Recommendation, ...]:
    """Recommendations for a country, in the order of the plan: those for all, and those for it alone."""
    return tuple(row for row in recommendations if not row.only or country in row.only)


def claims_behind(row: Recommendation, evidence: tuple[Evidence, ...]) -> tuple[str, ...]:
    """Claims that a recommendation hangs on; an item of evidence on a claim counts as the claim."""
    claims = {item.id: item.claim for item in evidence}
    return tuple(dict.fromkeys(claims.get(name, name) for name in row.named if claims.get(name, name)))
