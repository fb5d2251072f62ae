"""Other ways of doing it, declared beforehand: cut points of a scale, and sets of covariates."""

from pathlib import Path
from typing import Any

from bsna.intake.profile import Labels, Population, Strict, Text
from bsna.intake.sheets import read_toml


class CutPoint(Strict):
    """Measures of one scale made of other answers of it than in measures.csv: those that count as yes."""

    id: Text
    label: Labels
    population: Population
    measures: tuple[Text, ...]
    codes: tuple[Text, ...]


class Covariates(Strict):
    """A set of terms that may stand in a model beside the one in question; empty for that one alone."""

    id: Text
    label: Labels
    terms: tuple[Text, ...]


def read_variants(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Rows of variants.toml by table."""
    return read_toml(folder / "variants.toml", ["cut_point", "covariates"])
