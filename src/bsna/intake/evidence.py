"""Evidence from outside, as rows of data: published figures and statements beside claims, rounds, rankings to compare."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from bsna.intake.profile import Labelled, Population, Strict, Text

Blank = BeforeValidator(lambda value: value if value != "" else None)
Share = Annotated[float, Field(ge=0, le=1)]
MaybeShare = Annotated[Share | None, Blank]
MaybeCount = Annotated[Annotated[int, Field(ge=1)] | None, Blank]
Deff = Annotated[Annotated[float, Field(ge=1)] | None, Blank]


class Outside(Labelled):
    """A published figure beside a claim, and beside the measure of it whose question comes nearest.

    `survey` lists the profiles beside which it stands, never that of its own interviews. `n` is missing where none was
    published. `low` and `high` are the published interval; without one it is computed with the design effect: `deff` as
    declared, or that of the item `effect_item` of the same source in cluster_effects.csv. `question` tells whether the
    same was asked, something near, or something other that is shown and not compared. `item`, `place`, `wording` and
    `coverage` are keys of outside_texts.csv; `item` and `wording` may be empty where the question is the same.
    """

    claim: Text
    measure: Text
    survey: Text
    source: Text
    year: int
    place: Text
    population: Text
    n: MaybeCount
    share: Share
    low: MaybeShare
    high: MaybeShare
    deff: Deff
    effect_item: str
    question: Literal["same", "near", "other"]
    item: str
    wording: str
    coverage: Text
    note_en: Text
    note_fr: Text

    @model_validator(mode="after")
    def _whole(self) -> "Outside":
        if (self.low is None) != (self.high is None):
            raise ValueError("a published interval has two limits, low and high")
        if (self.deff is None) == (self.effect_item == ""):
            raise ValueError(
                "give either a design effect (deff) or the item whose cluster effect makes it (effect_item)"
            )
        if self.question != "same" and not (self.item and self.wording):
            raise ValueError("another question than ours needs item and wording")
        return self


class OutsideText(Labelled):
    """A text that rows about outside evidence share: a place, a source, what was asked, what differs."""

    key: Text
    text_en: Text
    text_fr: Text


class Statement(Labelled):
    """What a source says of a claim in words, without a share of our measure. `stands` for or against the claim."""

    claim: Text
    source: Text
    survey: str
    stands: Literal["for", "against"]
    text_en: Text
    text_fr: Text


class Round(Strict):
    """A published level of a measure at one `moment`, of the two or three that lie about an event. `line` is the
    place, a key of outside_texts.csv, that stays the same from moment to moment; `place` what of it a round reached."""

    claim: Text
    country: Text
    measure: Text
    population: Population
    source: Text
    year: int
    moment: Literal["earlier", "before", "after"]
    line: Text
    place: Text
    n: Annotated[int, Field(ge=2)]
    share: Share
    deff: Deff
    effect_item: str
    coverage: Text

    @model_validator(mode="after")
    def _whole(self) -> "Round":
        if (self.deff is None) == (self.effect_item == ""):
            raise ValueError(
                "give either a design effect (deff) or the item whose cluster effect makes it (effect_item)"
            )
        return self


class RankPair(Labelled):
    """Two rankings of one list by two populations, whose order is compared."""

    pair: Text
    chapter: Text
    one: Text
    other: Text
    title_en: Text
    title_fr: Text
