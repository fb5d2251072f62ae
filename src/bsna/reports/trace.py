"""A published number followed back to the raw rows, room by room, without showing anybody's answers."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from bsna import paths, shelf
from bsna.chapter import vocabulary
from bsna.intake.columns import raw_columns
from bsna.intake.crosswalk import load_crosswalk
from bsna.intake.instrument import Question
from bsna.intake.measured import nonresponse
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.intake.raw import current_delivery, list_deliveries, read_raw
from bsna.intake.reasons import is_reason
from bsna.publishing.cards.cells import cell_of
from bsna.publishing.cards.comparison_results import COMPARED
from bsna.publishing.cards.facts import Making, making_of
from bsna.publishing.cards.keys import Address, address_of
from bsna.publishing.cards.labels import measure_label, row_label
from bsna.publishing.cards.marks import plain
from bsna.publishing.cards.rows import FINDINGS, RECOMMENDATIONS
from bsna.publishing.cards.sentences import counted, design_sentences
from bsna.publishing.wording import Words
from bsna.reports.cards import (
    card_chapters,
    chapter_results,
    chapter_rows,
    chapter_source,
    comparison_results,
    comparison_source,
)
from bsna.reports.trace_results import asked_lines, comparison_lines, made_lines, result_lines

_WHOLE = "*"
"""Column of the log where a whole record was taken out."""

_ROOMS = {FINDINGS: "verdicts/verdicts.json", RECOMMENDATIONS: "recommendations/recommendations.json"}


def trace_lines(key: str) -> list[str]:
    """What the card of a key says, and the steps back to the raw rows, with counts where the rows are.

    Raises ValueError for what is no key, and for a key that no row has, with those that come close.
    """
    place = address_of(key)
    if place.survey == COMPARED:
        return _compared(key)
    source, certificate = chapter_source(place.survey, place.chapter)
    words = vocabulary(load_profile(place.survey), load_plan(), "en")
    if result := next((one for one in chapter_results(place.survey, place.chapter) if one.key == key), None):
        return result_lines(words, result, source, certificate)
    row = _row(key, place.survey, place.chapter)
    made = making_of(words.plan, words.questionnaires, row["measure"], row["population"])
    return [
        key,
        f"  {measure_label(words, row['measure'], row['population'])}",
        f"  {words.word(row['population'])} · {row_label(words, row)}",
        f"  {plain(words.estimate(row))}, {_numbers(row)}",
        f"  {counted(words, made, row['population'])}",
        *asked_lines(words, made.questions, row["population"]),
        "Design",
        *(f"  {line}" for line in design_sentences(words, row["population"])),
        *made_lines(source, cell_of(words.plan, source, row), certificate),
        "Back to the raw rows",
        *(f"  {number}. {step}" for number, step in enumerate(_steps(words, place, row, made), 1)),
    ]


def list_keys(where: str) -> list[str]:
    """Keys of a survey, or of one of its chapters as survey/chapter. Raises ValueError if there is neither."""
    survey, _, chapter = where.partition("/")
    if survey == COMPARED:
        return [result.key for result in comparison_results()]
    load_profile(survey)
    if chapter:
        chapter_source(survey, chapter)
    return [key for name in ([chapter] if chapter else card_chapters(survey)) for key in _keys(survey, name)]


def _compared(key: str) -> list[str]:
    results = {result.key: result for result in comparison_results()}
    if key not in results:
        raise ValueError(
            f"{key}: none of the {len(results)} results of {COMPARED} has this key{_hint(key, results, COMPARED)}"
        )
    return comparison_lines(vocabulary(None, load_plan(), "en"), results[key], comparison_source())


def _row(key: str, survey: str, chapter: str) -> dict[str, Any]:
    rows = {row["key"]: row for row in chapter_rows(survey, chapter)}
    if key in rows:
        return rows[key]
    keys = _keys(survey, chapter)
    hint = _hint(key, keys, f"{survey}/{chapter}")
    raise ValueError(f"{key}: none of the {len(keys)} rows and results of {survey}/{chapter} has this key{hint}")


def _hint(key: str, keys: Iterable[str], where: str) -> str:
    near = difflib.get_close_matches(key, list(keys), n=3, cutoff=0.5)
    return f"; did you mean {' or '.join(near)}?" if near else f"; `bsna trace --list {where}` lists them"


def _keys(survey: str, chapter: str) -> list[str]:
    results = chapter_results(survey, chapter)
    return [*(row["key"] for row in chapter_rows(survey, chapter)), *(result.key for result in results)]


def _numbers(row: Mapping[str, Any]) -> str:
    names = ("estimate", "low", "high", "se", "n", "clusters", "deff")
    shown = [f"{name} {row[name]:.6g}" for name in names if row[name] == row[name]]
    return ", ".join([*shown, f"unit {row['unit']}", f"status {row['status']}"])


def _steps(words: Words, place: Address, row: Mapping[str, Any], made: Making) -> Iterator[str]:
    """From the released row to the file received; a room that is not on this computer says so."""
    profile, population = words.profile, row["population"]
    assert profile is not None
    yield f"{_ROOMS.get(place.chapter, f'estimates/{place.chapter}.parquet')}: the released row"
    yield from _measured(place.survey, row, made)
    for name in made.questions:
        question = words.questionnaires[population].question(name)
        for kind in ("cleaned", "typed"):
            frame = _frame(place.survey, kind, population)
            yield f"{kind}/{population}.parquet, column {name}: {_counts(frame, question)}"
            if kind == "cleaned":
                yield _changes(place.survey, population, name)
        yield _raw(words, population, name)


def _measured(survey: str, row: Mapping[str, Any], made: Making) -> Iterator[str]:
    columns = made.parts or (made.questions if made.kind == "corridor" else (row["measure"],))
    frame = _frame(survey, "measured", row["population"])
    for column in columns:
        where = f"measured/{row['population']}.parquet, column {column}"
        if frame is None or column not in frame:
            yield f"{where}: not here"
            continue
        has_group = bool(row["by"]) and row["unit"] != "points" and made.kind != "corridor"
        own = frame[frame[row["by"]] == row["level"]] if has_group else frame
        who = f", {row['by']} = {row['level']}" if has_group else ""
        said = "" if row["n"] != row["n"] else f"; n of the row: {int(row['n'])}"
        yield f"{where}{who}: {int(own[column].notna().sum())} counted, {int(own[column].isna().sum())} missing{said}"


def _changes(survey: str, population: str, column: str) -> str:
    log = _frame(survey, "cleaned", "log")
    if log is None:
        return "cleaned/log.parquet: not here"
    own = log[log["population"] == population]
    changed, dropped = int((own["column"] == column).sum()), int((own["column"] == _WHOLE).sum())
    return (
        f"cleaned/log.parquet: {changed} rows changed {column}, {dropped} rows took out a whole record of {population}"
    )


def _counts(frame: pd.DataFrame | None, question: Question) -> str:
    """How many gave which answer. Of texts, numbers and places only how many answered, since these may tell who somebody is."""
    if frame is None or question.name not in frame:
        return "not here"
    answers = frame[question.name]
    asked, silent = nonresponse(answers)
    told = [f"{asked} asked, {asked - silent} answered"]
    if question.choices:
        codes = answers[~is_reason(answers)].astype(str).str.split(" ").explode().value_counts()
        told += [f"{code} {int(codes[code])}" for code in question.codes if code in codes]
    return ", ".join(told)


def _raw(words: Words, population: str, question: str) -> str:
    profile = words.profile
    assert profile is not None
    file = current_delivery(profile.id).file(population) if list_deliveries(profile.id) else None
    if file is None:
        return f"raw file of {population}: not here"
    where = f"data/raw/{profile.id}/{current_delivery(profile.id).id}/{file.name}"
    if not (paths.house() / where).is_file():
        return f"{where}: not here; expected sha256 {file.sha256}"
    raw = read_raw(profile, population)
    if profile.crosswalk:
        columns = [column.raw for column in load_crosswalk(profile.crosswalk).column if column.question == question]
    else:
        columns = raw_columns([str(column) for column in raw.columns], words.questionnaires[population], question)
    return f"{where}, columns {', '.join(columns) or 'none'}: {len(raw)} records, sha256 {file.sha256}"


def _frame(survey: str, room: str, name: str) -> pd.DataFrame | None:
    """A table of a room; None where rows are not on this computer."""
    is_here = (paths.processed(survey) / room / f"{name}.parquet").is_file()
    return shelf.read_frame(survey, room, name) if is_here else None
