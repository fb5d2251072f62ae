"""What sets one survey apart from another: facts, typed, dated and sourced; unknown keys refused."""

import difflib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from bsna import paths
from bsna.intake.languages import LANGUAGES as LANGUAGES
from bsna.intake.sheets import read_toml

_TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def _not_turned(text: str) -> str:
    """Signs that turn the direction of writing can make a page say something else than what it holds."""
    if found := sorted({f"U+{ord(sign):04X}" for sign in text if sign in _TURNING}):
        raise ValueError(f"text holds signs that turn the direction of writing ({', '.join(found)}); take them out")
    return text


Text = Annotated[str, Field(min_length=1), AfterValidator(_not_turned)]


def _in_every_language(labels: dict[str, str]) -> dict[str, str]:
    known = tuple(LANGUAGES)
    if absent := [language for language in known if language not in labels]:
        raise ValueError(f"text is missing in {absent}; it is needed in {' and '.join(known)}")
    if strange := [language for language in labels if language not in known]:
        raise ValueError(
            f"text is given in {strange}, no language of the house: write it into .po files, as README tells"
        )
    return labels


Labels = Annotated[dict[str, Text], AfterValidator(_in_every_language)]
Population = Annotated[str, Field(pattern="^(community|providers|leaders|sites)$")]
POPULATIONS: tuple[Population, ...] = ("community", "providers", "leaders", "sites")


class Strict(BaseModel):
    """A record that cannot be changed and knows no key beyond its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Labelled(Strict):
    """A row whose texts stand in a column per language: those declared, in English and French, and beside them those of the
    further languages of the house."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Text]

    @model_validator(mode="before")
    @classmethod
    def _no_other_columns(cls, row: Any) -> Any:
        further = [name for name in row if name not in cls.model_fields] if isinstance(row, Mapping) else []
        stems = {name.removesuffix("_en") for name in cls.model_fields if name.endswith("_en")} if further else set()
        if strange := set(further) - {f"{stem}_{language}" for stem in stems for language in LANGUAGES}:
            raise ValueError(f"unknown keys {sorted(strange)}; known are {sorted(cls.model_fields)}")
        return row

    def labels(self, stem: str) -> dict[str, str]:
        """A text by language."""
        return {language: getattr(self, f"{stem}_{language}") for language in LANGUAGES}


class Fieldwork(Strict):
    start: date
    end: date
    source: Text

    @model_validator(mode="after")
    def _in_order(self) -> "Fieldwork":
        if self.end < self.start:
            raise ValueError(f"fieldwork ends {self.end}, before its start {self.start}")
        return self


class Publication(Strict):
    """When a number may leave `data/`. `threshold` counts people, `min_clusters` clusters."""

    threshold: int = Field(ge=2)
    min_clusters: int = Field(ge=1)
    imprecise_half_width: float = Field(gt=0, lt=1)
    imprecise_n: int = Field(ge=1)
    admin_level: Literal["country", "region", "commune"]
    sensitive_groups: tuple[str, ...] = ()
    permission_reason: str = ""

    @model_validator(mode="after")
    def _reason_for_permission(self) -> "Publication":
        finer = self.admin_level == "commune"
        if (self.sensitive_groups or finer) and not self.permission_reason.strip():
            raise ValueError("sensitive_groups or a finer admin_level is permitted without a permission_reason")
        return self


class Design(Strict):
    """How one population was drawn. An empty `weight` means that weights come from the frame."""

    strata: tuple[str, ...] = ()
    psu: str = ""
    weight: str = ""
    lonely: Literal["fail", "remove", "adjust", "average", "certainty"]
    interval: Literal["logit", "beta", "wilson", "mean"] = "logit"
    trim_low: float | None = Field(default=None, gt=0)
    trim_high: float | None = Field(default=None, gt=1)
    assumption: Labels


class Planned(Strict):
    """The sample planned of a population that no sampling frame holds; one of the community is planned in [[frame]]."""

    strata: int = Field(default=1, ge=1)
    clusters: int = Field(ge=2)
    people_per_cluster: float = Field(ge=1)
    source: Text


class Region(Strict):
    code: Text
    name: Labels
    geo: Text | None = None


class EthnicGroup(Strict):
    code: Text
    label: Labels


class FrameRow(Strict):
    """One stratum of the sampling frame. `adults` are people of 18 or more; clusters are localities."""

    region: Text
    settlement: Text
    adults: float = Field(gt=0)
    clusters: int = Field(ge=1)
    sampled_clusters: int = Field(ge=1)
    interviews_per_cluster: int = Field(ge=1)
    source: Text


class Margin(Strict):
    """A known distribution of one variable among adults; shares add up to one."""

    variable: Text
    shares: dict[str, Annotated[float, Field(gt=0)]]
    source: Text

    @model_validator(mode="after")
    def _adds_up(self) -> "Margin":
        if abs(sum(self.shares.values()) - 1) > 1e-6:
            raise ValueError(f"shares of margin {self.variable} add up to {sum(self.shares.values()):.6f}, not 1")
        return self


class Geography(Strict):
    file: Text


class Citation(Strict):
    key: Text
    text: Labels | None = None


class Earlier(Strict):
    """An earlier round of the same survey. `places` are the levels of `variable` that both rounds reached; `caution`
    says what else differs between them."""

    survey: Text
    variable: Text
    places: tuple[Text, ...] = Field(min_length=1)
    caution: Labels


class Profile(Strict):
    """All facts of one survey. `source` tells simulated data from delivered data."""

    id: Text
    country: Text
    source: Literal["simulated", "delivered"]
    name: Labels
    title: Labels
    instrument: Literal["bsna"] = "bsna"
    crosswalk: str | None = None
    populations: tuple[Population, ...]
    seed: int
    fieldwork: Fieldwork
    publication: Publication
    design: dict[Population, Design]
    planned: dict[Population, Planned] = {}
    region: tuple[Region, ...] = ()
    neighbour: tuple[Region, ...] = ()
    ethnic_group: tuple[EthnicGroup, ...] = ()
    frame: tuple[FrameRow, ...] = ()
    margin: tuple[Margin, ...] = ()
    geography: Geography | None = None
    citation: Citation | None = None
    earlier: Earlier | None = None

    @property
    def is_simulated(self) -> bool:
        return self.source == "simulated"

    @model_validator(mode="after")
    def _whole(self) -> "Profile":
        for population in self.populations:
            if population != "sites" and population not in self.design:
                raise ValueError(f"[design.{population}] is missing for a population of the survey")
        if self.frame and "community" in self.planned:
            raise ValueError("The community is planned twice, in [[frame]] and in [planned.community]; keep one")
        known = {region.code for region in self.region}
        if strange := sorted({row.region for row in self.frame} - known):
            raise ValueError(f"[[frame]] names regions {strange}, not among [[region]] {sorted(known)}")
        return self


def profile_path(profile_id: str) -> Path:
    """File of one profile."""
    return paths.assessment("profiles", f"{profile_id}.toml")


def list_profiles() -> tuple[str, ...]:
    """Ids of all profiles of the house, in alphabetical order."""
    return tuple(sorted(path.stem for path in paths.assessment("profiles").glob("*.toml")))


def load_profile(profile_id: str) -> Profile:
    """Read and check one profile.

    Raises ValueError for an unknown id (with the known ones), a file that is no TOML, and for each key
    that is unknown (with the nearest known key), missing or ill-typed, naming file and key.
    """
    path = profile_path(profile_id)
    if not path.is_file():
        known = list_profiles()
        near = difflib.get_close_matches(profile_id, known, n=1, cutoff=0.5)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise ValueError(f"Unknown profile {profile_id!r}; known are {', '.join(known)}.{hint}")
    facts = read_toml(path)
    try:
        profile = Profile.model_validate(facts)
    except ValidationError as error:
        raise ValueError(_explain(path.name, error)) from error
    if profile.id != profile_id:
        raise ValueError(f"{path.name}: id is {profile.id!r}, expected {profile_id!r} as in the file name")
    return profile


def _explain(file: str, error: ValidationError) -> str:
    lines = [f"{file} has {error.error_count()} fault(s):"]
    for fault in error.errors():
        where = ".".join(str(part) for part in fault["loc"]) or "the whole file"
        hint = ""
        if fault["type"] == "extra_forbidden":
            near = difflib.get_close_matches(str(fault["loc"][-1]), _known_keys(), n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; known keys: {', '.join(_known_keys())}"
        lines.append(f"  {where}: {fault['msg']}{hint}")
    return "\n".join(lines)


def _known_keys() -> list[str]:
    return sorted({key for record in Strict.__subclasses__() for key in record.model_fields})
