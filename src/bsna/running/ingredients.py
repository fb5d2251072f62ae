"""What the claims of a survey were made from, as checksums: for each claim only what it uses."""

import ast
import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel

from bsna import paths, shelf
from bsna.intake.instrument import Questionnaire, load_questionnaire
from bsna.intake.languages import further_languages
from bsna.intake.plan import Claim, Measure, Plan, load_plan
from bsna.intake.profile import POPULATIONS, Profile
from bsna.intake.raw import current_delivery
from bsna.judgement.editions import ClaimIngredients, Ingredients
from bsna.provenance import computing_versions, digest, researcher_files
from bsna.running.sources import crosswalk_files, modules_behind, simulation_files
from bsna.running.trees import tree_of

_WHOLE = "*"
_TEXTS = {"title", "rule", "caveat", "sentences", "source", "objective", "chapter", "note", "reason", "label"}
_DESIGN = ("strata", "psu", "weight")


def ingredients(profile: Profile) -> Ingredients:
    """Checksums of all that the claims of a survey are made from, of files and answers as they stand now.

    Raises ValueError if nothing was received or the survey has not been run.
    """
    plan, forms = load_plan(), {name: load_questionnaire(name) for name in POPULATIONS}
    answers = {name: _columns(shelf.read_frame(profile.id, "typed", name)) for name in profile.populations}
    log = shelf.read_frame(profile.id, "cleaned", "log")
    return Ingredients(
        delivery=_sum([[file.population, file.sha256] for file in current_delivery(profile.id).files]),
        corrections=digest([path for files in researcher_files(profile.id).values() for path in files]),
        plan=_sum(_bare(plan)),
        questions=digest(list(paths.assessment("instrument").rglob("*.csv"))),
        profile=_profile(profile),
        simulation=digest(simulation_files(profile)) if profile.is_simulated else "",
        seed=profile.seed,
        code={name: _instructions(path, path.stat().st_mtime_ns) for name, path in modules_behind().items()},
        libraries=computing_versions(),
        claims={claim.id: _of_claim(claim, plan, profile, forms, answers, log) for claim in plan.claims},
    )


def _of_claim(
    claim: Claim,
    plan: Plan,
    profile: Profile,
    forms: Mapping[str, Questionnaire],
    answers: Mapping[str, Mapping[str, str]],
    log: pd.DataFrame,
) -> ClaimIngredients:
    rows = _plan_rows(claim, plan)
    questions = _questions(rows, plan)
    used = {(p, c) for p, q in questions for c in (q, *_design_columns(profile, plan, p))} if questions else set()
    asked = [(p, q) for p, q in questions if q in forms[p].names]
    return ClaimIngredients(
        answers=_sum([[p, c, answers[p][c]] for p, c in sorted(used) if c in answers.get(p, {})]),
        cleaning=_sum(_changes(log, used)),
        plan=_sum([_bare(row) for row in rows] + [_family(claim, plan)] + [_bare(row) for row in plan.grades]),
        questions=_sum([_question(forms[p], q) for p, q in asked]),
    )


def _plan_rows(claim: Claim, plan: Plan) -> list[Any]:
    """The claim, and all rows of the plan that it names, or that name what it names: whatever its kind calls them."""
    named, population = _strings(claim), claim.population
    models = [row for row in plan.models if row.id in named]
    named |= {name for row in models for name in (row.score, row.share)}
    sets = list(plan.covariates) if models else []
    terms = {term for row in models for term in row.terms} | {term for row in sets for term in row.terms}
    ranks = [row for row in plan.ranks if row.id in named]
    mirrors = [row for row in plan.mirrors if row.population == population and row.measure in named]
    mirrors += [row for row in plan.mirrors if row.other_population == population and row.other_measure in named]
    measures = [row for row in plan.measures if row.population == population and row.measure in named]
    there = {(row.population, row.measure) for row in mirrors} | {
        (r.other_population, r.other_measure) for r in mirrors
    }
    across = [row for row in plan.measures if row not in measures and (row.population, row.measure) in there]
    groups = [row for row in plan.groups if row.group in terms and row.population == population]
    outside = [row for row in plan.outside if row.claim == claim.id or row.measure in named]
    cut = [row for row in plan.cut_points if row.population == population and named & set(row.measures)]
    about = [*dict.fromkeys(mirrors), *outside, *cut]
    levels = [row for row in plan.levels if row.group in terms]
    references = [row for row in plan.references if row.group in terms]
    return [claim, *measures, *across, *ranks, *models, *sets, *groups, *levels, *references, *about]


def _questions(rows: Sequence[Any], plan: Plan) -> list[tuple[str, str]]:
    """Population and question of all that these rows count, restrict to, rank or break down by; each once."""
    found: list[tuple[str, str]] = []
    for row in rows:
        if isinstance(row, Measure):
            found += [(row.population, question) for question in row.question]
            found += [(row.population, row.base.partition("=")[0])] if row.base else []
        elif row in plan.ranks:
            found += [(row.population, question) for question in row.questions]
        elif row in plan.groups:
            found.append((row.population, row.source))
    return list(dict.fromkeys(found))


def _design_columns(profile: Profile, plan: Plan, population: str) -> list[str]:
    """Columns that say where people stand in the sample, or by which they are weighted, and who asked them."""
    design = profile.design.get(population)  # type: ignore[call-overload]
    declared = [getattr(design, key) for key in _DESIGN] if design else []
    names = [name for value in declared for name in ((value,) if isinstance(value, str) else value) if name]
    margins = [margin.variable for margin in profile.margin]
    sources = [row.source for row in plan.groups if row.group in margins and row.population == population]
    return list(dict.fromkeys(["consent", "enumerator_id", *names, *margins, *sources]))


def _columns(frame: pd.DataFrame) -> dict[str, str]:
    """A checksum of each column with the respondents in alphabetical order, so that the order of a file is no difference."""
    ordered = frame.sort_values("respondent_id", kind="stable")
    people = "\x1f".join(ordered["respondent_id"].astype(str))
    return {str(name): _sum([people, *ordered[name].astype(str)]) for name in ordered}


def _changes(log: pd.DataFrame, used: set[tuple[str, str]]) -> list[list[str]]:
    """Changes that cleaning made to these columns, and interviews that it took out, in an order of their own."""
    populations = {population for population, _ in used}
    columns = ("population", "respondent_id", "column", "was", "now")
    rows = log[list(columns)].astype(str).itertuples(index=False)
    return sorted(
        [
            list(map(str, row))
            for row in rows
            if (row[0], row[2]) in used or (row[2] == _WHOLE and row[0] in populations)
        ]
    )


def _family(claim: Claim, plan: Plan) -> list[str]:
    return sorted(other.id for other in plan.claims if other.family == claim.family)


def _question(form: Questionnaire, name: str) -> dict[str, Any]:
    question = form.question(name)
    choices = [dataclasses.asdict(choice) for choice in question.choices]
    return {"name": name, "type": question.type, "relevance": question.relevance, "choices": _bare(choices)}


def _bare(value: Any) -> Any:
    """A row of the plan without what is only said of it: texts for readers decide nothing."""
    if isinstance(value, BaseModel):
        return _bare(value.model_dump(mode="json"))
    if isinstance(value, Mapping):
        return {key: _bare(inside) for key, inside in value.items() if not _is_text(str(key))}
    return [_bare(inside) for inside in value] if isinstance(value, list | tuple) else value


def _is_text(key: str) -> bool:
    further = further_languages()
    return key in _TEXTS or key in further or key.endswith(("_en", "_fr", *(f"_{language}" for language in further)))


def _strings(row: BaseModel) -> set[str]:
    found, waiting = set(), [_bare(row)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str):
            found.add(value)
    return found


def _profile(profile: Profile) -> str:
    facts = profile.model_dump(
        mode="json", include={"populations", "design", "publication", "frame", "margin", "crosswalk"}
    )
    return _sum([_bare(facts), digest(crosswalk_files(profile))])


@cache
def _instructions(path: Path, changed_ns: int) -> str:
    """A checksum of what a module does: comments and docstrings do nothing."""
    tree = tree_of(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [line for line in node.body if not _is_remark(line)]
    return _sum(ast.dump(tree))


def _is_remark(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and isinstance(line.value.value, str)


def _sum(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
