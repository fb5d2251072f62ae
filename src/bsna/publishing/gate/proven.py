"""Numbers typed by hand, adjectives and quantifiers that no check proves, and words of cause."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from bsna.intake.plan import Claim, Plan
from bsna.publishing.firmness import without, words_found
from bsna.publishing.gate.licences import is_of_a_kind
from bsna.publishing.gate.templates import Template

_DIGITS = re.compile(r"(?<![\w.])\d[\d.,]*(?<![.,])")
_PLACEHOLDER = re.compile(r"\{\w*\}")


def unproven(plan: Plan, templates: Sequence[Template]) -> list[str]:
    """One fault for each number, unlicensed adjective or quantifier, and word of cause, with its place; of texts in languages
    that have lists of such words."""
    claims = {claim.id: claim for claim in plan.claims}
    checked = [template for template in templates if plan.firmness.is_listed(template.language)]
    return [fault for template in checked for fault in _faults(plan, claims, template)]


def _faults(plan: Plan, claims: dict[str, Claim], template: Template) -> list[str]:
    firmness, language = plan.firmness, template.language
    text = _PLACEHOLDER.sub("·", template.text)
    allowed = [*_licensed(plan, claims, template), *_exempt(plan, template), *_counted(plan, claims, template)]
    where = f"{template.place}: the text of {template.address} ({language})"
    numbers = [
        *_DIGITS.findall(without(text, allowed)),
        *words_found(text, list(firmness.spelt.get(language, ())), allowed),
    ]
    faults = [
        f"{where} has the number {found!r} typed by hand: let the code fill it in, or declare it in firmness.toml under "
        "[[counted]], or under [[exempt]] with a reason"
        for found in dict.fromkeys(numbers)
    ]
    faults += [
        f"{where} says {found!r}, which no check proves: take it out, or name the check in a [[licence]] of firmness.toml"
        for found in dict.fromkeys(words_found(text, firmness.quantifiers.get(language, ()), allowed))
    ]
    permitted = [*firmness.causal.permitted.get(language, ()), *_exempt(plan, template)]
    faults += [
        f"{where} says {found!r}, which speaks of cause: say what goes together, or permit the phrase in firmness.toml"
        for found in dict.fromkeys(words_found(text, firmness.causal.words.get(language, ()), permitted))
    ]
    return faults


def _licensed(plan: Plan, claims: dict[str, Claim], template: Template) -> list[str]:
    words: list[str] = []
    for licence in plan.firmness.licence:
        if is_of_a_kind(plan, licence.check):
            kind, _, verdict = licence.check.partition(".")
            file, row, key = (*template.address.split("/"), "", "")[:3]
            fits = file == "claims" and key == verdict and row in claims and claims[row].kind == kind
        else:
            fits = fnmatchcase(template.address, licence.on)
        words += licence.words.get(template.language, ()) if fits else ()
    return words


def _exempt(plan: Plan, template: Template) -> list[str]:
    rows = [row for row in plan.firmness.exempt if fnmatchcase(template.address, row.on)]
    return [word for row in rows for word in row.words.get(template.language, ())]


def _counted(plan: Plan, claims: dict[str, Claim], template: Template) -> list[str]:
    """Number words that say how many a claim declares, in its own texts and in rows that cite it."""
    file, row, *_ = template.address.split("/")
    about = {row} if file == "claims" else set(re.findall(r'\bclaim\s*=\s*"([^"]+)"', template.line))
    words = []
    for counted in plan.firmness.counted:
        if counted.claim in about and counted.claim in claims:
            number = _number(getattr(claims[counted.claim], counted.key))
            words += [word for word, value in plan.firmness.spelt.get(template.language, {}).items() if value == number]
    return words


def _number(value: Any) -> int:
    return value if isinstance(value, int) else len(value or ())
