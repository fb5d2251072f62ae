"""What one run of a survey said, in the form that is published and compared with later runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from bsna.intake.profile import Strict, Text
from bsna.judgement.claims import Verdict

SIGNIFICANT_DIGITS = 6
"""Of every number kept; the last may differ between computers."""

RELEASED = ("ok", "imprecise", "withheld", "not_asked")
_ROW = ("population", "measure", "by", "level", "category", "unit", "status", "estimate", "se", "low", "high", "n")
_NUMBERS = ("estimate", "se", "low", "high", "n")


class Stated(Strict):
    """What a run said of one claim: verdict, grade, p-values before and after correction, and its released estimate rows.
    `family`: the claims corrected together with it, itself included. None is what does not exist for its verdict."""

    verdict: Text
    grade: str | None = None
    p_for: float | None = None
    p_against: float | None = None
    p_for_adjusted: float | None = None
    p_against_adjusted: float | None = None
    family: tuple[Text, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()


class ClaimIngredients(Strict):
    """Checksums of what one claim was made from, and nothing else: the answers received to its questions with the design of
    their people, the changes that cleaning made to these, the rows of the plan and the questions that it uses."""

    answers: Text
    cleaning: Text
    plan: Text
    questions: Text


class Ingredients(Strict):
    """What all claims of a survey were made from, as checksums. `delivery`: the files received; `corrections`: decisions and
    checks; `plan` and `questions`: the whole of each; `profile`: its design, frame and publication rules, and how foreign
    files are read; `simulation`: what a simulated delivery is drawn from, "" for a delivered survey; `code` by module;
    `libraries` their versions; `claims` by id."""

    delivery: Text
    corrections: Text
    plan: Text
    questions: Text
    profile: Text
    simulation: str
    seed: int
    code: dict[str, str]
    libraries: dict[str, str]
    claims: dict[str, ClaimIngredients]


class Edition(Strict):
    """All that a run said, and what it was made from. `claims` in the order of the plan; `recommendations`: status by id."""

    survey: Text
    claims: dict[str, Stated]
    recommendations: dict[str, str]
    ingredients: Ingredients


def stated(verdicts: Sequence[Verdict], families: Mapping[str, str]) -> dict[str, Stated]:
    """Verdicts as they are kept; `families` gives the family of each claim.

    Raises ValueError for a row that was not released: without a known status, with a number although withheld, or with an
    exact count of answers.
    """
    together = {c: tuple(o for o, f in families.items() if f == family) for c, family in families.items()}
    return {v.claim_id: _stated(v, together[v.claim_id]) for v in verdicts}


def _stated(verdict: Verdict, family: tuple[str, ...]) -> Stated:
    sides = ("p_for", "p_against", "p_for_adjusted", "p_against_adjusted")
    return Stated(
        verdict=verdict.verdict,
        grade=verdict.grade,
        family=family,
        rows=tuple(_released(verdict.claim_id, row) for row in verdict.rows),
        **{side: rounded(getattr(verdict, side)) for side in sides},
    )


def _released(claim_id: str, row: Mapping[str, Any]) -> dict[str, Any]:
    name = f"Claim {claim_id}: the estimate row {row.get('measure')!r} of {row.get('population')!r}"
    if row.get("status") not in RELEASED:
        raise ValueError(
            f"{name} has the status {row.get('status')!r}, expected one of {RELEASED}; it was not released"
        )
    if row.get("n_yes") is not None:
        raise ValueError(f"{name} holds an exact count of answers (n_yes), which is not published")
    shown = [key for key in _NUMBERS if row.get(key) is not None]
    if row["status"] in ("withheld", "not_asked") and shown:
        raise ValueError(f"{name} is {row['status']} but holds {shown}; it was not released")
    return {key: rounded(row[key]) if key in _NUMBERS else row[key] for key in _ROW if row.get(key) not in (None, "")}


def rounded(value: float | None) -> float | None:
    """A number to the digits that are kept; None for what is missing.

    >>> rounded(0.1234567)
    0.123457
    """
    return None if value is None or value != value else float(f"{value:.{SIGNIFICANT_DIGITS}g}")
