"""A foreign survey read as if it had been asked with our questionnaire: column by column, code by code, as data."""

import difflib
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field, ValidationError

from bsna import paths
from bsna.intake.examples import few
from bsna.intake.instrument import Questionnaire
from bsna.intake.profile import Labels, Profile, Strict, Text
from bsna.intake.reasons import DONT_KNOW, NO_ANSWER, NOT_IN_SURVEY, REFUSED
from bsna.intake.sampling import positive_weights
from bsna.intake.sheets import read_toml
from bsna.intake.typed import read_numbers, rows_of

MEANINGS = {"refused": REFUSED, "dont_know": DONT_KNOW, "missing": NO_ANSWER}


class Column(Strict):
    """One raw column and the question of ours that it answers.

    `codes` maps raw codes to ours, or to refused, dont_know and missing; empty for a number, with the raw codes that
    are none under `not_numbers`. `wording` and `lost` say how the question differs.
    """

    raw: Text
    question: Text
    codes: dict[str, Text] = {}
    not_numbers: dict[str, Literal["refused", "dont_know", "missing"]] = {}
    wording: Labels
    lost: Labels


class Extra(Strict):
    """A design column that our questionnaire does not have."""

    raw: Text
    name: Text
    codes: dict[str, Text] = {}


class Crosswalk(Strict):
    id: Text
    population: Text
    respondent: Text
    cluster_columns: Annotated[tuple[Text, ...], Field(min_length=1)]
    people_per_cluster: int
    column: tuple[Column, ...]
    extra: tuple[Extra, ...]


def load_crosswalk(crosswalk_id: str) -> Crosswalk:
    """Read a crosswalk. Raises ValueError naming the file and each fault."""
    path = paths.assessment("crosswalks", f"{crosswalk_id}.toml")
    if not path.is_file():
        known = sorted(p.stem for p in path.parent.glob("*.toml"))
        raise ValueError(f"Unknown crosswalk {crosswalk_id!r}; known are {known}")
    try:
        return Crosswalk.model_validate(read_toml(path))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors()]
        raise ValueError(f"{path.name} has {len(faults)} fault(s): {'; '.join(faults)}") from error


def type_foreign(
    raw: pd.DataFrame, crosswalk: Crosswalk, questionnaire: Questionnaire, profile: Profile
) -> pd.DataFrame:
    """Typed answers of a foreign survey, in the shape of `type_answers` plus the extra design columns.

    Questions the crosswalk does not cover are "~not_in_survey" throughout. Clusters are the groups of people who share
    all `cluster_columns`: an inference, which the profile states as an assumption. Raises ValueError for a column that is
    missing, a code the crosswalk does not know, a repeated respondent, and clusters that are not of the declared size.
    """
    where = f"{profile.id} through assessment/crosswalks/{crosswalk.id}.toml"
    needed = [
        crosswalk.respondent,
        *crosswalk.cluster_columns,
        *(c.raw for c in crosswalk.column),
        *(e.raw for e in crosswalk.extra),
    ]
    _check_columns(raw, needed, where)
    people = raw[crosswalk.respondent]
    if (twice := people.duplicated(keep=False) | (people == "")).any():
        raise ValueError(
            f"{where}: {int(twice.sum())} records have a respondent id ({crosswalk.respondent}) that is blank or stands "
            f"twice, in rows {rows_of(twice)}; ask the sender which is right"
        )
    columns = {
        "row_number": pd.Series([str(n + 1) for n in range(len(raw))]),
        "respondent_id": people.reset_index(drop=True),
        "form_version": pd.Series("1", index=range(len(raw))),
        "submitted": pd.Series("", index=range(len(raw))),
    }
    covered = _covered(crosswalk, questionnaire, where)
    for question in questionnaire.questions:
        columns[question.name] = _answers(raw, covered.get(question.name), questionnaire, where)
    columns["country"] = pd.Series(profile.country, index=range(len(raw)))
    columns["consent"] = pd.Series("yes", index=range(len(raw)))
    for extra in crosswalk.extra:
        columns[extra.name] = (
            _mapped(raw[extra.raw], extra.codes, extra.raw, where)
            if extra.codes
            else raw[extra.raw].reset_index(drop=True)
        )
    design = next((d for name, d in profile.design.items() if name == crosswalk.population), None)
    if design and design.weight in columns:
        positive_weights(columns[design.weight].set_axis(columns["row_number"]), f"{where}: {design.weight}")
    columns["cluster_id"] = _clusters(raw, crosswalk, where)
    return pd.DataFrame(columns).astype(str)


def _check_columns(raw: pd.DataFrame, needed: list[str], where: str) -> None:
    absent = [name for name in dict.fromkeys(needed) if name not in raw.columns]
    if absent:
        near = {name: difflib.get_close_matches(name, list(raw.columns), n=1) for name in absent}
        hints = "; ".join(f"{name}: perhaps {close[0]}" for name, close in near.items() if close)
        raise ValueError(
            f"{where}: the file lacks {len(absent)} column(s): {few(absent)}{'. ' + hints if hints else ''}"
        )


def _covered(crosswalk: Crosswalk, questionnaire: Questionnaire, where: str) -> dict[str, Column]:
    names = [column.question for column in crosswalk.column]
    if strange := [name for name in names if name not in questionnaire.names]:
        raise ValueError(f"{where}: the questionnaire {questionnaire.population} has no questions {strange}")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{where}: two columns each are mapped to {twice}; keep one")
    return {column.question: column for column in crosswalk.column}


def _answers(raw: pd.DataFrame, column: Column | None, questionnaire: Questionnaire, where: str) -> pd.Series:
    if column is None:
        return pd.Series(NOT_IN_SURVEY, index=range(len(raw)), dtype=str)
    if column.codes:
        known = {*questionnaire.question(column.question).codes, *MEANINGS}
        strange = [
            c for c in column.codes.values() if c not in known and questionnaire.question(column.question).choices
        ]
        if strange:
            raise ValueError(f"{where}: {column.raw} is mapped to {strange}, which {column.question} does not have")
        return _mapped(raw[column.raw], column.codes, column.raw, where)
    reasons = {code: MEANINGS[meaning] for code, meaning in column.not_numbers.items()} | {"": NO_ANSWER}
    told = raw[column.raw].reset_index(drop=True)
    numbers = told.mask(told.isin(list(reasons)), "")
    question = questionnaire.question(column.question)
    if question.type in ("integer", "decimal"):
        numbers = read_numbers(numbers, question, f"{where}: {column.raw}")
    return numbers.where(numbers != "", told.map(reasons))


def _mapped(values: pd.Series, codes: dict[str, str], name: str, where: str) -> pd.Series:
    if strange := sorted(set(values) - set(codes) - {""}):
        found = values.isin(strange)
        raise ValueError(
            f"{where}: {int(found.sum())} answer(s) in {name} use the codes {few(strange)}, in rows {rows_of(found)}; known "
            f"are {sorted(codes)}. Add them to the crosswalk, or ask the sender."
        )
    meaning = {raw: MEANINGS.get(code, code) for raw, code in codes.items()}
    return values.reset_index(drop=True).map({**meaning, "": NO_ANSWER})


def _clusters(raw: pd.DataFrame, crosswalk: Crosswalk, where: str) -> pd.Series:
    group = raw[list(crosswalk.cluster_columns)].agg("|".join, axis=1)
    sizes = group.value_counts()
    odd = sizes.index[sizes % crosswalk.people_per_cluster != 0]
    if len(odd):
        raise ValueError(
            f"{where}: {len(odd)} of {len(sizes)} inferred clusters do not hold a multiple of "
            f"{crosswalk.people_per_cluster} people, those of rows {rows_of(group.isin(odd))}; check cluster_columns "
            f"{list(crosswalk.cluster_columns)}"
        )
    numbers = pd.factorize(group)[0]
    return pd.Series([f"EA{number + 1:03d}" for number in numbers])
