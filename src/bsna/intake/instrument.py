"""The questionnaires: forms kept as tables of text, from which form, codebook and labels are made."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from bsna import paths
from bsna.drafts import drafted
from bsna.intake.profile import LANGUAGES
from bsna.intake.reasons import CHOICE_REASONS
from bsna.intake.relevance import referenced
from bsna.intake.sheets import read_rows

SURVEY_COLUMNS = ("type", "name", "required", "relevant", "constraint", "bsna::since", "bsna::personal")
PLACE_LISTS = ("country", "region", "any_region", "ethnic_group")
"""Choice lists that the profiles fill, so that a new country needs no new questionnaire."""

META_TYPES = ("start", "end", "today", "deviceid")
SILENT_TYPES = ("begin_group", "end_group", "note")


@dataclass(frozen=True)
class Choice:
    name: str
    label: dict[str, str]

    @property
    def is_missing(self) -> bool:
        return self.name in CHOICE_REASONS


@dataclass(frozen=True)
class Question:
    """One column of a questionnaire. `relevance` includes that of the groups around it."""

    name: str
    type: str
    list_name: str
    label: dict[str, str]
    choices: tuple[Choice, ...]
    relevance: str
    constraint: str
    group: str
    required: bool
    since: str
    personal: bool

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes that are answers, in the order of the questionnaire."""
        return tuple(choice.name for choice in self.choices if not choice.is_missing)

    def choice_label(self, code: str, language: str) -> str:
        """What the code says in one language; the code itself where the list comes from a profile."""
        labels = {choice.name: choice.label[language] for choice in self.choices}
        return labels.get(code, code)


@dataclass(frozen=True)
class Questionnaire:
    population: str
    version: str
    title: dict[str, str]
    questions: tuple[Question, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(question.name for question in self.questions)

    def question(self, name: str) -> Question:
        """The question of that name; ValueError names the file if there is none."""
        for question in self.questions:
            if question.name == name:
                return question
        raise ValueError(f"assessment/instrument/{self.population}/survey.csv has no question {name!r}")


@lru_cache(maxsize=32)
def _load(population: str, folder: Path) -> Questionnaire:
    survey, settings = _sheet(folder / population / "survey.csv"), folder / population / "settings.csv"
    lists = _choice_lists(folder / "choices.csv")
    facts = _sheet(settings)[0]
    return Questionnaire(
        population=population,
        version=facts["version"],
        title={language: facts[f"form_title::{language}"] for language in LANGUAGES},
        questions=tuple(_questions(survey, lists, folder / population / "survey.csv")),
    )


def load_questionnaire(population: str) -> Questionnaire:
    """Read one questionnaire of the house.

    Raises ValueError if a sheet lacks a column, a list is unknown, a name stands twice, or a relevance
    refers to a question that does not come before it.
    """
    return _load(population, paths.assessment("instrument"))


def codebook(questionnaire: Questionnaire) -> pd.DataFrame:
    """Derive the codebook. One row is one code of one question, or one question without codes.

    Columns: question, type, group, since, code, is_missing, label and code label in each language.
    """
    rows = []
    for question in questionnaire.questions:
        for choice in question.choices or (None,):
            row: dict[str, Any] = {
                "question": question.name,
                "type": question.type,
                "group": question.group,
                "since": question.since,
                "code": choice.name if choice else "",
                "is_missing": choice.is_missing if choice else False,
            }
            for language in LANGUAGES:
                row[f"label_{language}"] = question.label[language]
                row[f"code_label_{language}"] = choice.label[language] if choice else ""
            rows.append(row)
    return pd.DataFrame(rows)


def write_form(population: str, language: str, path: Path, profiles: Sequence[Any] = ()) -> Path:
    """Write a questionnaire as an XLSForm workbook, ready for Kobo or ODK.

    All languages stay inside; `language` is the one shown first. Countries, regions and ethnic groups
    come from `profiles`. The bytes depend on nothing else. Raises ValueError for an unknown language and
    for a path that is no .xlsx in a folder that exists; OSError if it cannot be written, and what stood there stays.
    """
    if language not in LANGUAGES:
        raise ValueError(f"Unknown language {language!r}; expected one of {', '.join(LANGUAGES)}")
    if path.suffix.lower() != ".xlsx" or not path.parent.is_dir():
        raise ValueError(f"{path} is no place for a form; give a name that ends in .xlsx in a folder that exists")
    folder = paths.assessment("instrument")
    survey = _sheet(folder / population / "survey.csv")
    facts = _sheet(folder / population / "settings.csv")[0]
    columns = [column for column in survey[0] if not column.startswith("bsna::")]
    used = {row["type"].split()[1] for row in survey if row["type"].startswith("select_")}
    choices = [row for row in _sheet(folder / "choices.csv") if row["list_name"] in used]
    choices = [{**row, "country": ""} for row in choices] + _place_choices(profiles, used, _reasons(folder))
    settings = {
        "form_title": facts[f"form_title::{language}"],
        "form_id": facts["form_id"],
        "version": facts["version"],
        "default_language": LANGUAGES[language],
        "style": "theme-grid no-text-transform",
        "allow_choice_duplicates": "yes",  # an ethnic group of two countries stands once for each
    }
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as workbook:
        workbook.set_properties({"created": pd.Timestamp("2000-01-01").to_pydatetime()})
        _write_sheet(workbook, "survey", columns, survey)
        _write_sheet(workbook, "choices", list(choices[0]), choices)
        _write_sheet(workbook, "settings", list(settings), [settings])
    with drafted(path) as draft:
        draft.write_bytes(written.getvalue())
    return path


def _write_sheet(workbook: xlsxwriter.Workbook, name: str, columns: list[str], rows: list[dict[str, str]]) -> None:
    sheet = workbook.add_worksheet(name)
    for number, column in enumerate(columns):
        sheet.write_string(0, number, column)
        for line, row in enumerate(rows, start=1):
            if row[column]:
                sheet.write_string(line, number, row[column])


def _reasons(folder: Path) -> dict[str, dict[str, str]]:
    """Labels of the answers that are none, as the first list that offers them has them."""
    choices = [choice for offered in _choice_lists(folder / "choices.csv").values() for choice in offered]
    found = {
        reason: [choice.label for choice in choices if choice.name == reason] for reason in ("dont_know", "refused")
    }
    if absent := [reason for reason, labels in found.items() if not labels]:
        raise ValueError(f"{folder / 'choices.csv'} offers {absent} in no list; lists of places need their labels")
    return {reason: labels[0] for reason, labels in found.items()}


def _place_choices(profiles: Sequence[Any], used: set[str], reasons: dict[str, dict[str, str]]) -> list[dict[str, str]]:
    rows: dict[tuple[str, str, str], dict[str, str]] = {}

    def add(list_name: str, name: str, label: dict[str, str], country: str) -> None:
        if list_name in used:
            labels = {f"label::{LANGUAGES[code]}": label[code] for code in LANGUAGES}
            row = {"list_name": list_name, "name": name, **labels, "country": country}
            rows.setdefault((list_name, name, country), row)

    for profile in profiles:
        add("country", profile.country, profile.name, "")
        for region in profile.region:
            add("region", region.code, region.name, profile.country)
        for region in (*profile.region, *profile.neighbour):
            add("any_region", region.code, region.name, "")
        for group in profile.ethnic_group:
            add("ethnic_group", group.code, group.label, profile.country)
    for name, label in reasons.items():
        add("any_region", name, label, "")
        for country in dict.fromkeys(profile.country for profile in profiles):
            add("ethnic_group", name, label, country)
    return list(rows.values())


def _questions(survey: list[dict[str, str]], lists: dict[str, tuple[Choice, ...]], path: Path) -> list[Question]:
    groups: list[tuple[str, str]] = []
    questions: list[Question] = []
    for line, row in enumerate(survey, start=2):
        kind, _, list_name = row["type"].partition(" ")
        if kind == "begin_group":
            groups.append((row["name"], row["relevant"]))
        elif kind == "end_group":
            groups.pop()
        elif kind != "note":
            relevances = [text for _, text in groups] + [row["relevant"]]
            question = Question(
                name=row["name"],
                type=kind,
                list_name=list_name,
                label={code: row[f"label::{LANGUAGES[code]}"] for code in LANGUAGES},
                choices=_choices_of(list_name, lists, path, line),
                relevance=" and ".join(f"({text})" for text in relevances if text),
                constraint=row["constraint"],
                group="/".join(name for name, _ in groups),
                required=row["required"] == "yes",
                since=row["bsna::since"] or "1",
                personal=row["bsna::personal"] == "yes",
            )
            _check_position(question, questions, path, line)
            questions.append(question)
    return questions


def _choices_of(list_name: str, lists: dict[str, tuple[Choice, ...]], path: Path, line: int) -> tuple[Choice, ...]:
    if not list_name or list_name in PLACE_LISTS:
        return ()
    if list_name not in lists:
        raise ValueError(f"{path} line {line}: choice list {list_name!r} is not in choices.csv")
    return lists[list_name]


def _check_position(question: Question, before: list[Question], path: Path, line: int) -> None:
    names = {earlier.name for earlier in before}
    if question.name in names:
        raise ValueError(f"{path} line {line}: question {question.name!r} stands twice")
    if late := [name for name in referenced(question.relevance) if name not in names]:
        raise ValueError(f"{path} line {line}: {question.name!r} depends on {late}, not asked before")


def _choice_lists(path: Path) -> dict[str, tuple[Choice, ...]]:
    lists: dict[str, list[Choice]] = {}
    for line, row in enumerate(_sheet(path), start=2):
        choices = lists.setdefault(row["list_name"], [])
        if row["name"] in {choice.name for choice in choices}:
            raise ValueError(f"{path} line {line}: {row['name']!r} stands twice in {row['list_name']!r}")
        labels = {code: row[f"label::{LANGUAGES[code]}"] for code in LANGUAGES}
        choices.append(Choice(row["name"], labels))
    return {name: tuple(choices) for name, choices in lists.items()}


def _sheet(path: Path) -> list[dict[str, str]]:
    needed = {
        "survey.csv": SURVEY_COLUMNS + tuple(f"label::{text}" for text in LANGUAGES.values()),
        "choices.csv": ("list_name", "name") + tuple(f"label::{t}" for t in LANGUAGES.values()),
        "settings.csv": ("form_id", "version") + tuple(f"form_title::{code}" for code in LANGUAGES),
    }[path.name]
    rows = [row for _, row in read_rows(path)]
    if not rows:
        raise ValueError(f"{path} has a header but no row")
    if absent := [column for column in needed if column not in rows[0]]:
        raise ValueError(f"{path} lacks the columns {absent}; it has {list(rows[0])}")
    return rows
