"""From a delivery to typed and cleaned answers: by our questionnaire, or through the crosswalk of a foreign survey."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from bsna.intake.checks import Check, load_checks, run_checks
from bsna.intake.cleaned import Cleaned, clean
from bsna.intake.crosswalk import load_crosswalk, type_foreign
from bsna.intake.decisions import load_decisions
from bsna.intake.instrument import load_questionnaire
from bsna.intake.profile import Profile
from bsna.intake.raw import current_delivery, read_raw, read_table
from bsna.intake.typed import type_answers


def type_table(raw: pd.DataFrame, profile: Profile, population: str) -> pd.DataFrame:
    """Typed answers of one population. Raises ValueError for whatever does not fit questionnaire, profile or crosswalk."""
    questionnaire = load_questionnaire(population)
    if profile.crosswalk:
        return type_foreign(raw, load_crosswalk(profile.crosswalk), questionnaire, profile)
    return type_answers(raw, questionnaire, profile)


def check_fit(profile: Profile, files: Mapping[str, Path]) -> None:
    """Raise ValueError, naming the file, unless the file of each population can be read and typed."""
    for population, path in files.items():
        raw = read_table(path)
        try:
            type_table(raw, profile, population)
        except ValueError as error:
            raise ValueError(f"{path} does not fit the survey, nothing was received. {error}") from error


def type_survey(profile: Profile) -> dict[str, pd.DataFrame]:
    """Typed answers of each population, from our questionnaire or through the crosswalk."""
    return {name: type_table(read_raw(profile, name), profile, name) for name in profile.populations}


def clean_survey(profile: Profile, typed: Mapping[str, pd.DataFrame]) -> Cleaned:
    """Check, correct and log; a survey that arrived cleaned passes through unchanged."""
    questionnaires = {name: load_questionnaire(name) for name in typed}
    findings = run_checks(typed, checks_of(profile), questionnaires)
    received = current_delivery(profile.id).received
    return clean(typed, findings, load_decisions(profile.id), questionnaires, when=received)


def checks_of(profile: Profile) -> tuple[Check, ...]:
    """Checks fit our questionnaire; a foreign survey arrives cleaned by those who made it."""
    return () if profile.crosswalk else load_checks()
