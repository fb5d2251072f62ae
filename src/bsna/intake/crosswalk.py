"""A foreign survey read as if it had been asked with our questionnaire: column by column, code by code, as data."""

import tomllib
from typing import Annotated

import pandas as pd
from pydantic import Field, ValidationError

from bsna import paths
from bsna.intake.instrument import Questionnaire
from bsna.intake.profile import Labels, Profile, Strict, Text
from bsna.intake.reasons import DONT_KNOW, NO_ANSWER, NOT_IN_SURVEY, REFUSED

MEANINGS = {"refused": REFUSED, "dont_know": DONT_KNOW, "missing": NO_ANSWER}


class Column(Strict):
    """One raw column and the question of ours that it answers.

    `codes` maps raw codes to ours, or to refused, dont_know and missing; empty for a number, with the raw codes that
    are none under `not_numbers`. `wording` and `lost` say how the question differs.
    """

    raw: Text
    question: Text
    codes: dict[str, Text] = {}
    not_numbers: dict[str, Text] = {}
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
        return Crosswalk.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
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
    if absent := [name for name in needed if name not in raw.columns]:
        raise ValueError(f"{where}: the file lacks {len(absent)} column(s): {absent}")
    people = raw[crosswalk.respondent]
    if people.duplicated().any():
        raise ValueError(f"{where}: {int(people.duplicated().sum())} respondent id(s) stand twice")
    columns = {
        "row_number": pd.Series([str(n + 1) for n in range(len(raw))]),
        "respondent_id": people.reset_index(drop=True),
        "form_version": pd.Series("1", index=range(len(raw))),
        "submitted": pd.Series("", index=range(len(raw))),
    }
    covered = {column.question: column for column in crosswalk.column}
    for question in questionnaire.questions:
        columns[question.name] = _answers(raw, covered.get(question.name), questionnaire, where)
    columns["country"] = pd.Series(profile.country, index=range(len(raw)))
    columns["consent"] = pd.Series("yes", index=range(len(raw)))
    columns["cluster_id"] = _clusters(raw, crosswalk, where)
    for extra in crosswalk.extra:
        columns[extra.name] = (
            _mapped(raw[extra.raw], extra.codes, extra.raw, where)
            if extra.codes
            else raw[extra.raw].reset_index(drop=True)
        )
    return pd.DataFrame(columns).astype(str)


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
    reasons = {code: MEANINGS[meaning] for code, meaning in column.not_numbers.items()}
    return raw[column.raw].reset_index(drop=True).replace({**reasons, "": NO_ANSWER})


def _mapped(values: pd.Series, codes: dict[str, str], name: str, where: str) -> pd.Series:
    if strange := sorted(set(values) - set(codes) - {""}):
        count = int(values.isin(strange).sum())
        raise ValueError(f"{where}: {count} answer(s) in {name} use the codes {strange}; known are {sorted(codes)}")
    meaning = {raw: MEANINGS.get(code, code) for raw, code in codes.items()}
    return values.reset_index(drop=True).map({**meaning, "": NO_ANSWER})


def _clusters(raw: pd.DataFrame, crosswalk: Crosswalk, where: str) -> pd.Series:
    group = raw[list(crosswalk.cluster_columns)].agg("|".join, axis=1)
    sizes = group.value_counts()
    if (sizes % crosswalk.people_per_cluster != 0).any():
        raise ValueError(
            f"{where}: {int((sizes % crosswalk.people_per_cluster != 0).sum())} of {len(sizes)} inferred clusters do "
            f"not hold a multiple of {crosswalk.people_per_cluster} people; check cluster_columns"
        )
    numbers = pd.factorize(group)[0]
    return pd.Series([f"EA{number + 1:03d}" for number in numbers])
