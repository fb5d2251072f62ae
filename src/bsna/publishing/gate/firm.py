"""Sentences on claims are no firmer than their grade: as declared, whatever the grade, and as generated for each survey."""

import json
from collections.abc import Sequence

from bsna import paths
from bsna.intake.grading import GRADES, Opening
from bsna.intake.instrument import load_questionnaire
from bsna.intake.plan import Plan
from bsna.intake.profile import LANGUAGES, POPULATIONS, Profile
from bsna.publishing.firmness import OPENED, check_sentence, firm_sentence, joined
from bsna.publishing.gate.templates import Template, line_of, relative
from bsna.publishing.wording import Words


def firm_templates(plan: Plan, templates: Sequence[Template]) -> list[str]:
    """One fault for each opening, and each sentence of a claim, that is firmer than a grade at which it may be said."""
    faults = _openings(plan)
    if faults:
        return faults
    for template in templates:
        file, _, verdict = template.address.split("/")
        if file == "claims" and verdict in OPENED:
            faults += _sentence(plan, template, verdict)
    return faults


def firm_verdicts(plan: Plan, surveys: Sequence[Profile]) -> list[str]:
    """One fault for each sentence that the verdicts of these surveys give and their grade does not allow."""
    faults = []
    forms = {name: load_questionnaire(name) for name in POPULATIONS}
    sentences = {claim.id: claim.sentences for claim in plan.claims}
    for survey in surveys:
        record = paths.processed(survey.id) / "verdicts" / "verdicts.json"
        verdicts = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else []
        for words in (Words(plan, forms, survey, language) for language in LANGUAGES):
            for said in (verdict for verdict in verdicts if verdict["claim_id"] in sentences):
                template = sentences[said["claim_id"]][said["verdict"]][words.language]  # type: ignore[index]
                try:
                    firm_sentence(words, said["verdict"], said["grade"], template, said["values"])
                except ValueError as error:
                    faults.append(f"{_place(template)}: {survey.id}, claim {said['claim_id']}: {error}")
    return faults


def _openings(plan: Plan) -> list[str]:
    kinds: list[tuple[str, Opening]] = [(firm.grade, firm.opening) for firm in plan.firmness.firm]
    faults = []
    for grade, opening in [*kinds, (GRADES[-1], plan.firmness.uncertain)]:
        for text in (opening.delivered, opening.simulated):
            for language, said in text.items():
                try:
                    check_sentence(f"{said} x", grade, language)
                except ValueError as error:
                    path = paths.assessment("plan", "firmness.toml")
                    faults.append(f"{relative(path)}:{line_of(path, said)}: {error}; choose a weaker opening")
    return faults


def _sentence(plan: Plan, template: Template, verdict: str) -> list[str]:
    """The weakest grade tells: what it allows, all allow. The message names the grade from which it is too firm."""
    for grade in GRADES:
        opening = plan.firmness.opening(verdict, grade, False)[template.language]
        try:
            check_sentence(joined(opening, template.text, template.language, plan.firmness), grade, template.language)
        except ValueError as error:
            return [f"{template.place}: {error}; say it with a weaker verb, the opening is added by grade"]
    return []


def _place(template: str) -> str:
    path = paths.assessment("plan", "claims.toml")
    line = line_of(path, template.replace('"', '\\"'))
    return f"{relative(path)}:{line}"
