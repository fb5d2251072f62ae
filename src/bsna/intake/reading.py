"""From a delivered table to typed answers: by our questionnaire, or through the crosswalk of a foreign survey."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from bsna.intake.crosswalk import load_crosswalk, type_foreign
from bsna.intake.instrument import load_questionnaire
from bsna.intake.profile import Profile
from bsna.intake.raw import read_table
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
