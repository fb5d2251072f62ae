"""How firmly a verdict may be worded: criteria of its grade, openings of its sentence, and words that need a check."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from bsna.intake.languages import BESIDE, LANGUAGES
from bsna.intake.profile import Labels, Strict, Text
from bsna.intake.sheets import read_toml, validated

GRADES = ("A", "B", "C", "D")


def _by_language(lists: dict[str, Any]) -> dict[str, Any]:
    absent, strange = [one for one in BESIDE if one not in lists], [one for one in lists if one not in LANGUAGES]
    if absent or strange:
        raise ValueError(f"lists are missing in {absent}, and given in {strange}, expected some of {list(LANGUAGES)}")
    return lists


Lists = Annotated[dict[str, tuple[Text, ...]], AfterValidator(_by_language)]
"""Words by language: in English and French always, in a further language where somebody wrote them down."""

Fact = Literal[
    "half_width",
    "clusters",
    "df",
    "deff",
    "silent",
    "silence_changes",
    "cleaning_changes",
    "stands",
    "breaking_sites",
    "breaking_enumerators",
    "mirror_conflicts",
    "outside_conflicts",
    "uncertain",
]


class Limit(Strict):
    """A value that a criterion must keep to, and the steps down if it does not."""

    value: float
    steps: int = Field(ge=1, le=3)


class Criterion(Strict):
    """One weakness that a verdict may have. `id` is the fact that is measured, `limits` go from mild to severe. `label` and
    `reason` are templates with {value} and {limit}, which are written in `unit`; `yes_no` facts are 0 or more."""

    id: Fact
    facet: Literal["verdict", "precision", "design", "nonresponse", "robustness", "agreement"]
    keep: Literal["at_least", "at_most"]
    unit: Literal["size", "share", "count", "number", "yes_no"]
    limits: tuple[Limit, ...] = Field(min_length=1)
    label: Labels
    reason: Labels

    @model_validator(mode="after")
    def _limits_grow(self) -> "Criterion":
        values, steps = [limit.value for limit in self.limits], [limit.steps for limit in self.limits]
        worse = sorted(set(values), reverse=self.keep == "at_least")
        if values != worse or steps != sorted(set(steps)):
            raise ValueError(f"limits must go from mild to severe, with more steps each; found {values} with {steps}")
        return self


class Opening(Strict):
    """How a sentence may begin: of a real survey, and of a simulated one. The clause follows."""

    delivered: Labels
    simulated: Labels


class Firm(Strict):
    """A grade with its opening, and words that no weaker grade may use."""

    grade: Literal["A", "B", "C", "D"]
    opening: Opening
    words: Lists


class Causal(Strict):
    """Words that no grade allows, and phrases in which they may stand nevertheless."""

    words: Lists
    permitted: Lists


class Elision(Strict):
    """Where French "que" and "si" keep their vowel before another (`never`), and words with a mute h, before which "que"
    loses it."""

    never: tuple[Text, ...]
    mute_h: tuple[Text, ...]


class Licence(Strict):
    """Adjectives and quantifiers that a check proves. `check` is kind.verdict of a claim, or module.function below the
    package; then `on` says in which templates (a pattern of addresses). `counts` lets a claim spell out how many it
    declares under a key: the number is compared with the plan."""

    check: Text
    on: str = ""
    words: Lists


class Exempt(Strict):
    """Words and numbers that assert nothing, in templates whose address fits the pattern `on`; `reason` says why."""

    on: Text
    words: Lists
    reason: Text


class Counted(Strict):
    """A number that the sentences of a claim spell out: how many entries it declares under `key`, or the value there."""

    claim: Text
    key: Literal["items", "measures", "pairs", "lists", "top"]


class Firmness(Strict):
    """All that limits the wording of sentences."""

    firm: tuple[Firm, ...]
    uncertain: Opening
    elision: Elision
    causal: Causal
    spelt: Annotated[dict[str, dict[Text, int]], AfterValidator(_by_language)]
    quantifiers: Lists
    licence: tuple[Licence, ...] = ()
    counted: tuple[Counted, ...] = ()
    exempt: tuple[Exempt, ...] = ()

    @model_validator(mode="after")
    def _a_grade_each(self) -> "Firmness":
        if (found := tuple(firm.grade for firm in self.firm)) != GRADES:
            raise ValueError(f"one [[firm]] for each of {GRADES}, from strong to weak; found {found}")
        return self

    def is_listed(self, language: str) -> bool:
        """Whether sentences in a language can be checked by lists: of firm and causal words, number words and quantifiers."""
        lists: list[Mapping[str, Any]] = [self.causal.words, self.spelt, self.quantifiers]
        return all(language in one for one in [*lists, *(firm.words for firm in self.firm)])

    def opening(self, verdict: str, grade: str | None, is_simulated: bool) -> Mapping[str, str]:
        """The opening by language of a supported, contradicted or uncertain verdict; ValueError if it has no grade."""
        if verdict == "uncertain":
            chosen = self.uncertain
        elif grade in GRADES:
            chosen = self.firm[GRADES.index(grade)].opening
        else:
            raise ValueError(
                f"A verdict that is {verdict} needs a grade for its sentence, one of {GRADES}; found {grade!r}"
            )
        return chosen.simulated if is_simulated else chosen.delivered


def read_grades(folder: Path) -> tuple[Criterion, ...]:
    """Criteria of grades.toml in their order. Raises ValueError naming the criterion and key of a fault, or one twice."""
    rows = read_toml(folder / "grades.toml", ["criterion"])["criterion"]
    made = tuple(validated(Criterion, row, f"grades.toml, {row.get('id', '')}") for row in rows)
    ids = [row.id for row in made]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise ValueError(f"grades.toml: {twice} stand twice")
    return made


def read_firmness(folder: Path) -> Firmness:
    """firmness.toml. Raises ValueError naming the key of a fault."""
    made: Firmness = validated(Firmness, read_toml(folder / "firmness.toml"), "firmness.toml")
    return made
