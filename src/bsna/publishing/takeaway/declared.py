"""What assessment/plan/takeaway.toml declares: the work that is cited, and the columns of the estimate rows."""

from typing import Literal

from pydantic import Field

from bsna import paths
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
    """takeaway.toml as a whole."""

    work: Work
    column: tuple[Column, ...] = Field(min_length=1)


def load_declared() -> Declared:
    """Read and check takeaway.toml. Raises ValueError with every fault."""
    path = paths.assessment("plan", "takeaway.toml")
    return validated(Declared, read_toml(path), path.name)
