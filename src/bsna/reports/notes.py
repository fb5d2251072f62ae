"""What the notes of a survey say of its claims, from the file in use."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from bsna.intake.instrument import Questionnaire
from bsna.intake.notes import load_codes, load_notes
from bsna.intake.plan import Plan
from bsna.intake.profile import Profile
from bsna.judgement.notes import ClaimNotes, weigh_notes
from bsna.judgement.quotes import guard_of


def survey_notes(
    profile: Profile, plan: Plan, forms: Mapping[str, Questionnaire], typed: Mapping[str, pd.DataFrame]
) -> dict[str, ClaimNotes]:
    """Notes on each claim that some speak of, ready to be shown; empty for a survey without notes.

    `typed` are its answers as received, for the names that must not be told. Raises ValueError as `intake.notes.read_notes`.
    """
    notes = load_notes(profile)
    if not notes:
        return {}
    guard, threshold = guard_of(profile, forms, typed, notes), profile.publication.threshold
    rng = np.random.default_rng(profile.seed)
    return weigh_notes(notes, load_codes(), [claim.id for claim in plan.claims], guard, threshold=threshold, rng=rng)
