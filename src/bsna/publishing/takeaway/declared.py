"""What assessment/plan/takeaway.toml declares: the work that is cited, and the columns of the estimate rows."""

from typing import Literal

from babel import Locale
from pydantic import Field

from bsna import paths
from bsna.intake.languages import further_languages
from bsna.intake.profile import Labels, Strict, Text
from bsna.intake.sheets import read_toml, validated


class Work(Strict):
    """What is cited, by whom it was made, and the licence of its text and numbers."""

    authors: tuple[Text, ...] = Field(min_length=1)
    title: Labels
    licence: Text
    licence_address: Text


class Column(Strict):
    """One column of the estimate rows; `type` is that of the Frictionless table schema."""

    name: Text
    type: Literal["string", "number", "integer", "boolean"]
    describes: Labels


class Declared(Strict):
    """takeaway.toml as a whole. `further` describes, by the stem of their name, columns in further languages, with {language}
    in them: after `label_fr` stands `label_es`."""

    work: Work
    further: dict[str, Labels]
    column: tuple[Column, ...] = Field(min_length=1)


def load_declared() -> Declared:
    """Read and check takeaway.toml. Raises ValueError with every fault."""
    path = paths.assessment("plan", "takeaway.toml")
    declared = validated(Declared, read_toml(path), path.name)
    columns = [one for column in declared.column for one in (column, *_further(column, declared.further))]
    return declared.model_copy(update={"column": tuple(columns)})


def _further(column: Column, described: dict[str, Labels]) -> list[Column]:
    stem, _, last = column.name.rpartition("_")
    return [
        Column(name=f"{stem}_{language}", type=column.type, describes=_described(described[stem], language))
        for language in (further_languages() if last == "fr" and stem in described else ())
    ]


def _described(templates: Labels, language: str) -> Labels:
    """The description in every language, which names this one."""
    named = {code: Locale.parse(language).get_display_name(code) for code in templates}
    return {code: text.format(language=named[code]) for code, text in templates.items()}
