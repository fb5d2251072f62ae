"""The analysis plan: measures, groups, tables, models, claims and recommendations as rows of data."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from bsna import paths
from bsna.intake.evidence import Outside as Outside
from bsna.intake.evidence import OutsideText as OutsideText
from bsna.intake.evidence import RankPair as RankPair
from bsna.intake.evidence import Round as Round
from bsna.intake.evidence import Statement as Statement
from bsna.intake.fitting import validate_plan as validate_plan
from bsna.intake.grading import Criterion, Firmness, read_firmness, read_grades
from bsna.intake.plan_claims import VERDICTS as VERDICTS
from bsna.intake.plan_claims import Claim as Claim
from bsna.intake.plan_claims import Kind as Kind
from bsna.intake.plan_recommendations import Evidence, Recommendation, Telling, read_recommendations
from bsna.intake.plan_variants import Covariates, CutPoint, read_variants
from bsna.intake.profile import Labelled, Population, Strict, Text
from bsna.intake.sheets import read_rows, read_toml, validated

Words = Annotated[tuple[str, ...], BeforeValidator(lambda v: tuple(v.split()) if isinstance(v, str) else v)]


class Measure(Labelled):
    """A number made of one question or a few; `base` restricts who counts, as question=code|code."""

    measure: Text
    population: Population
    question: Words
    kind: Literal["share", "number", "score", "any", "named", "all"]
    codes: Words
    base: str
    not_asked_means: Literal["", "no"]
    unit: Literal["share", "number"]
    chapter: Text
    label_en: Text
    label_fr: Text
    short_en: Text
    short_fr: Text


class Group(Labelled):
    """A variable by which estimates are broken down."""

    group: Text
    population: Population
    source: Text
    sensitive: Literal["yes", "no"]
    admin_level: str
    origin: Literal["form", "crosswalk"]
    label_en: Text
    label_fr: Text


class Level(Labelled):
    """A level of a group that is made of codes, or of numbers from..to."""

    group: Text
    level: Text
    codes: Text
    label_en: Text
    label_fr: Text


class Table(Labelled):
    table: Text
    chapter: Text
    population: Population
    measures: Words
    by: str
    interval: Literal["logit", "beta", "mean"]
    test: Literal["", "rao_scott"]
    title_en: Text
    title_fr: Text


class Distribution(Labelled):
    """Questions with one scale, shown with all their answers.

    A scale with a middle names the answers on either side of it: `left`, the first of `levels`, and `right`, the last of them;
    at most one answer, neither one nor the other, stands between. Both are empty for a scale without a middle.
    """

    distribution: Text
    chapter: Text
    population: Population
    questions: Words
    levels: Words
    left: Words
    right: Words
    title_en: Text
    title_fr: Text

    @model_validator(mode="after")
    def _sides_of_a_middle(self) -> "Distribution":
        between = len(self.levels) - len(self.left) - len(self.right)
        ends = (*self.levels[: len(self.left)], *self.levels[len(self.levels) - len(self.right) :])
        lone = bool(self.left) != bool(self.right)
        if lone or (self.left and (ends != (*self.left, *self.right) or between not in (0, 1))):
            raise ValueError(
                f"left {list(self.left)} and right {list(self.right)} must be the first and the last of levels {list(self.levels)}, "
                "with at most one answer between them, or both be empty"
            )
        return self


class Flow(Labelled):
    flow: Text
    chapter: Text
    population: Population
    origin: Text
    destination: Text
    title_en: Text
    title_fr: Text


class Mirror(Labelled):
    """The same thing asked of two populations."""

    mirror: Text
    direction: Literal["seen_and_believed", "about_each_other", "same_exchange", "same_question"]
    population: Population
    measure: Text
    other_population: Population
    other_measure: Text
    label_en: Text
    label_fr: Text
    note_en: Text
    note_fr: Text


class Reference(Strict):
    group: Text
    level: Text


class Model(Labelled):
    id: Text
    chapter: Text
    population: Population
    score: Text
    share: Text
    terms: tuple[Text, ...]
    title_en: Text
    title_fr: Text


class Rank(Labelled):
    id: Text
    chapter: Text
    population: Population
    questions: tuple[Text, ...]
    items: tuple[Text, ...]
    top: int = Field(ge=1)
    draws: int = Field(ge=100)
    title_en: Text
    title_fr: Text


class Comparable(Labelled):
    """A concept that surveys may share, and the measures of one population that stand for it."""

    concept: Text
    measures: Words
    population: Population
    label_en: Text
    label_fr: Text


class SurveyMark(Labelled):
    """One aspect under which a survey's answers on a concept may, may with caution, or may not be set beside those of
    other surveys. The mark of a survey is the most severe of its rows; `reason` says why, always."""

    concept: Text
    survey: Text
    kind: Literal["comparable", "with_caution", "not"]
    aspect: Literal["wording", "scale", "frame", "mode", "season", "translation"]
    reason_en: Text
    reason_fr: Text


class ScaleItem(Strict):
    """An item of a scale: its score, and the share that tables show. `when_large` is what becomes of the comparison of
    that share by two surveys where the item works very differently in them."""

    scale: Text
    population: Population
    score: Text
    share: Text
    when_large: Literal["with_caution", "not"]


class Trend(Strict):
    """A measure that two rounds of one survey asked, and what a claim leads one to expect between them: that it `fell`,
    or stayed the `same` within `margin`."""

    trend: Text
    measure: Text
    population: Population
    claim: Text
    expected: Literal["fell", "same"]
    margin: Annotated[float | None, BeforeValidator(lambda v: v or None)] = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def _margin_of_the_same(self) -> "Trend":
        if (self.expected == "same") != (self.margin is not None):
            raise ValueError("a margin belongs to what is expected to stay the same, and only to that")
        return self


class ClusterEffect(Labelled):
    """How alike the people of one cluster answered an item: the intra-cluster correlation in one published study."""

    source: Text
    item: Text
    n: int = Field(ge=2)
    clusters: int = Field(ge=2)
    cluster_effect: float = Field(ge=0, le=1)
    study_en: Text
    study_fr: Text


class AssumedShare(Strict):
    """The share of a measure under which the power of the claims is planned, a cluster effect that stands for its theme, and
    the share of people who are `asked`. Its `basis` is a `published` figure of `source`, or `assumed` in line with it."""

    measure: Text
    population: Population
    share: float = Field(gt=0, lt=1)
    asked: float = Field(gt=0, le=1)
    effect_source: Text
    effect_item: Text
    basis: Literal["published", "assumed"]
    source: Text


class AssumedAssociation(Strict):
    """What is assumed of an association claim when its power is planned.

    `level_people` and `reference_people`: shares of all people at the level of the claim's term and at the reference;
    `level_share` and `reference_share`: shares of these who count in the model's outcome; `explained`: share of the variance
    of being at the level that the model's other terms explain. The cluster effect and `basis` as in AssumedShare.
    """

    claim: Text
    level_people: float = Field(gt=0, lt=1)
    reference_people: float = Field(gt=0, lt=1)
    level_share: float = Field(gt=0, lt=1)
    reference_share: float = Field(gt=0, lt=1)
    explained: float = Field(ge=0, lt=1)
    effect_source: Text
    effect_item: Text
    basis: Literal["published", "assumed"]
    source: Text


class Plan(Strict):
    measures: tuple[Measure, ...]
    groups: tuple[Group, ...]
    levels: tuple[Level, ...]
    tables: tuple[Table, ...]
    distributions: tuple[Distribution, ...]
    flows: tuple[Flow, ...]
    mirrors: tuple[Mirror, ...]
    models: tuple[Model, ...]
    references: tuple[Reference, ...]
    ranks: tuple[Rank, ...]
    kinds: tuple[Kind, ...]
    cut_points: tuple[CutPoint, ...]
    covariates: tuple[Covariates, ...]
    claims: tuple[Claim, ...]
    evidence: tuple[Evidence, ...]
    recommendations: tuple[Recommendation, ...]
    telling: Telling
    outside: tuple[Outside, ...]
    outside_texts: tuple[OutsideText, ...]
    statements: tuple[Statement, ...]
    rounds: tuple[Round, ...]
    rank_pairs: tuple[RankPair, ...]
    comparability: tuple[Comparable, ...]
    comparability_surveys: tuple[SurveyMark, ...]
    scales: tuple[ScaleItem, ...]
    trends: tuple[Trend, ...]
    cluster_effects: tuple[ClusterEffect, ...]
    assumed_shares: tuple[AssumedShare, ...]
    assumed_associations: tuple[AssumedAssociation, ...]
    grades: tuple[Criterion, ...]
    firmness: Firmness

    def measure(self, name: str, population: str) -> Measure:
        """The measure of that name; ValueError naming the file if there is none."""
        for measure in self.measures:
            if (measure.measure, measure.population) == (name, population):
                return measure
        raise ValueError(f"assessment/plan/measures.csv has no measure {name!r} of {population}")

    def naming(self, rank: Rank, item: str) -> Measure:
        """The measure of naming an item at any place of a ranking; ValueError naming the file if there is none."""
        for spec in self.measures:
            same = (spec.population, spec.kind, spec.question) == (rank.population, "named", rank.questions)
            if same and spec.codes == (item,):
                return spec
        raise ValueError(
            f"assessment/plan/measures.csv has no measure of kind named for {item!r} in {rank.id}; add one"
        )

    def group(self, name: str, population: str) -> Group:
        """The group of that name; ValueError naming the file if there is none."""
        for group in self.groups:
            if (group.group, group.population) == (name, population):
                return group
        raise ValueError(f"assessment/plan/groups.csv has no group {name!r} of {population}")

    def assumed_share(self, name: str, population: str) -> AssumedShare:
        """What is assumed of a measure when power is planned; ValueError naming the file if nothing is."""
        for row in self.assumed_shares:
            if (row.measure, row.population) == (name, population):
                return row
        raise ValueError(
            f"assessment/plan/assumed_shares.csv has no row {name!r} of {population}, which a claim counts; declare the share "
            "under which its power is wanted"
        )

    def assumed_association(self, claim: str) -> AssumedAssociation:
        """What is assumed of an association claim when power is planned; ValueError naming the file if nothing is."""
        for row in self.assumed_associations:
            if row.claim == claim:
                return row
        raise ValueError(
            f"assessment/plan/assumed_associations.csv has no row {claim!r}; declare what its power is wanted under"
        )

    def cluster_effect(self, assumed: AssumedShare | AssumedAssociation) -> ClusterEffect:
        """The cluster effect that an assumption names; ValueError naming the file if it is not there."""
        for row in self.cluster_effects:
            if (row.source, row.item) == (assumed.effect_source, assumed.effect_item):
                return row
        file, name = (
            ("assumed_shares.csv", assumed.measure)
            if isinstance(assumed, AssumedShare)
            else ("assumed_associations.csv", assumed.claim)
        )
        raise ValueError(
            f"assessment/plan/cluster_effects.csv has no {assumed.effect_item!r} of {assumed.effect_source!r}, which "
            f"{file} names for {name!r}"
        )

    def row(self, kind: str, name: str) -> Any:
        """A table, distribution, flow, trend, concept, model, rank, claim, recommendation or item of evidence by its id."""
        own = {"tables": "table", "distributions": "distribution", "flows": "flow", "trends": "trend"}
        own |= {"mirrors": "mirror", "rank_pairs": "pair", "comparability": "concept"}
        key = own.get(kind, "id")
        for row in getattr(self, kind):
            if getattr(row, key) == name:
                return row
        raise ValueError(f"assessment/plan/{kind} has no row {name!r}")

    def populations_of(self, claim: Claim) -> tuple[str, ...]:
        """The populations whose answers a claim rests on, its own first."""
        return tuple(dict.fromkeys([claim.population, *(self.row("ranks", name).population for name in claim.ranks)]))


_CSV: dict[str, type[Strict]] = {
    "measures": Measure,
    "groups": Group,
    "levels": Level,
    "tables": Table,
    "distributions": Distribution,
    "flows": Flow,
    "mirrors": Mirror,
    "outside": Outside,
    "outside_texts": OutsideText,
    "statements": Statement,
    "rounds": Round,
    "rank_pairs": RankPair,
    "comparability": Comparable,
    "comparability_surveys": SurveyMark,
    "scales": ScaleItem,
    "trends": Trend,
    "cluster_effects": ClusterEffect,
    "assumed_shares": AssumedShare,
    "assumed_associations": AssumedAssociation,
}


@lru_cache(maxsize=8)
def _load(folder: Path) -> Plan:
    parts: dict[str, Any] = {"grades": read_grades(folder), "firmness": read_firmness(folder)}
    for name, record in _CSV.items():
        rows = read_rows(folder / f"{name}.csv", list(record.model_fields))
        parts[name] = tuple(validated(record, row, f"{name}.csv line {line}") for line, row in rows)
    models = read_toml(folder / "models.toml", ["model", "reference"])
    parts["models"] = _records(Model, models["model"], "models.toml")
    parts["references"] = _records(Reference, models["reference"], "models.toml")
    parts["ranks"] = _records(Rank, read_toml(folder / "ranks.toml", ["rank"])["rank"], "ranks.toml")
    parts["kinds"] = _records(Kind, read_toml(folder / "kinds.toml", ["kind"])["kind"], "kinds.toml")
    parts["claims"] = _records(Claim, read_toml(folder / "claims.toml", ["claim"])["claim"], "claims.toml")
    parts |= read_recommendations(folder)
    variants = read_variants(folder)
    parts["cut_points"] = _records(CutPoint, variants["cut_point"], "variants.toml")
    parts["covariates"] = _records(Covariates, variants["covariates"], "variants.toml")
    return Plan(**parts)


def load_plan() -> Plan:
    """Read assessment/plan. Raises ValueError naming file, row and key of the first fault."""
    return _load(paths.assessment("plan"))


def _records(record: type[Strict], rows: list[dict[str, Any]], file: str) -> tuple[Any, ...]:
    made = tuple(validated(record, row, f"{file}, {row.get('id', '')}") for row in rows)
    ids = [row["id"] for row in rows if "id" in row]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise ValueError(f"{file}: {twice} stand twice")
    return made
