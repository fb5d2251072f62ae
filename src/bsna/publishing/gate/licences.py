"""Licences name checks that are there: a verdict of a kind of claim, or a function of the package."""

import re
from pathlib import Path

import bsna
from bsna import paths
from bsna.intake.plan import VERDICTS, Plan
from bsna.publishing.gate.templates import line_of, relative

_HOME = Path(bsna.__file__).parent


def is_of_a_kind(plan: Plan, check: str) -> bool:
    """Whether a check is a verdict of a kind of claim, as majority_all.supported."""
    kind, _, verdict = check.partition(".")
    return verdict in VERDICTS and kind in {claim.kind for claim in plan.claims}


def broken_licences(plan: Plan) -> list[str]:
    """One fault for each licence whose check is not there, or that does not say where it holds."""
    faults = []
    for licence in plan.firmness.licence:
        if is_of_a_kind(plan, licence.check):
            continue
        if not _is_function(licence.check):
            faults.append(
                _fault(licence.check, "no kind.verdict of a claim of the plan and no function of the package")
            )
        elif not licence.on:
            faults.append(
                _fault(licence.check, "a function, but `on` does not say in which templates it licenses words")
            )
    return faults


def _fault(check: str, what: str) -> str:
    path = paths.assessment("plan", "firmness.toml")
    line = line_of(path, f'check = "{check}"')
    return (
        f"{relative(path)}:{line}: the check {check!r} of a licence is {what}: name the check that proves these words"
    )


def _is_function(check: str) -> bool:
    module, _, name = check.rpartition(".")
    path = _HOME.joinpath(*module.split(".")).with_suffix(".py")
    path = path if path.is_file() else path.with_suffix("") / "__init__.py"
    return path.is_file() and bool(re.search(rf"^def {re.escape(name)}\(", path.read_text(encoding="utf-8"), re.M))
