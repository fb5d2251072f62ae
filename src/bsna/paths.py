"""Where the rooms of the house are. Asked at run time, so that a test can point to another house."""

import os
from pathlib import Path

HOUSE_VARIABLE = "BSNA_HOUSE"


def house() -> Path:
    """Root of the house: `$BSNA_HOUSE` if set, else the checkout this package stands in."""
    declared = os.environ.get(HOUSE_VARIABLE)
    return Path(declared).resolve() if declared else Path(__file__).resolve().parents[2]


def assessment(*parts: str) -> Path:
    """What a researcher edits: instrument, profiles, checks, corrections, plan."""
    return house().joinpath("assessment", *parts)


def raw(profile_id: str) -> Path:
    """Deliveries of one survey, as received."""
    return house() / "data" / "raw" / profile_id


def processed(profile_id: str) -> Path:
    """Everything made from one survey's deliveries; safe to delete."""
    return house() / "data" / "processed" / profile_id


def told(profile_id: str, language: str) -> Path:
    """What was made of a survey to be read in one language: notebooks and pages. Those in English stand with the results."""
    return processed(profile_id) if language == "en" else processed(profile_id) / language


def has_results(profile_id: str) -> bool:
    """Whether a survey has been run to its end: recommendations come last."""
    return (processed(profile_id) / "recommendations").is_dir()


def notebooks() -> Path:
    """The chapters as source notebooks, without outputs."""
    return house() / "notebooks"


def book(*parts: str) -> Path:
    """Hand-written pages of the book, and below `_build` what is made of them."""
    return house().joinpath("book", *parts)
