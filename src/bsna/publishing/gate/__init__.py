"""What must hold of every sentence before a book is built; each fault with its file and line."""

from collections.abc import Sequence
from pathlib import Path

from bsna.intake.plan import load_plan
from bsna.intake.profile import LANGUAGES, Profile
from bsna.publishing.gate.cited import missing_claims, uncited_claims
from bsna.publishing.gate.firm import firm_templates, firm_verdicts
from bsna.publishing.gate.licences import broken_licences
from bsna.publishing.gate.proven import unproven
from bsna.publishing.gate.templates import notebook_templates, plan_templates

SHOWN_FAULTS = 20


def check_wording(stage: Path, surveys: Sequence[Profile]) -> None:
    """Raise ValueError with every fault of the wording of a book whose pages are staged, one a line: file, line, what was
    found, and what to do.

    Checked: no sentence on a claim is firmer than its grade; no number, and no adjective or quantifier without a check
    behind it, is typed by hand; every claim is named on a page of each survey; no row cites a claim that is not there.
    """
    plan = load_plan()
    faults = [*_declared(), *firm_verdicts(plan, surveys), *uncited_claims(plan, stage, surveys)]
    _raise(faults)


def check_declared() -> None:
    """The part of `check_wording` that needs no results: plan and notebooks. Raises ValueError likewise."""
    _raise(_declared())


def unlisted_languages() -> tuple[str, ...]:
    """Languages whose sentences firmness.toml cannot check for words and numbers, since it has no lists of them."""
    firmness = load_plan().firmness
    return tuple(language for language in LANGUAGES if not firmness.is_listed(language))


def _declared() -> list[str]:
    plan = load_plan()
    templates = plan_templates()
    return [
        *firm_templates(plan, templates),
        *unproven(plan, [*templates, *notebook_templates()]),
        *broken_licences(plan),
        *missing_claims(plan),
    ]


def _raise(faults: Sequence[str]) -> None:
    if faults:
        more = [f"... and {len(faults) - SHOWN_FAULTS} more"] if len(faults) > SHOWN_FAULTS else []
        raise ValueError("\n".join([f"The wording has {len(faults)} fault(s):", *faults[:SHOWN_FAULTS], *more]))
