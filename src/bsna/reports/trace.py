"""A published number followed back to the raw rows, room by room, without showing anybody's answers."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from bsna import paths, shelf
from bsna.chapter import vocabulary
from bsna.intake.columns import raw_columns
from bsna.intake.crosswalk import load_crosswalk
from bsna.intake.instrument import Question
from bsna.intake.measured import nonresponse
from bsna.intake.plan import load_plan
from bsna.intake.profile import LANGUAGES, load_profile
from bsna.intake.raw import current_delivery, list_deliveries, read_raw
from bsna.intake.reasons import is_reason
from bsna.publishing.cards.cells import cell_of
from bsna.publishing.cards.facts import Making, making_of
from bsna.publishing.cards.keys import Address, address_of
from bsna.publishing.cards.labels import measure_label, row_label
from bsna.publishing.cards.marks import plain
from bsna.publishing.cards.rows import FINDINGS, RECOMMENDATIONS
from bsna.publishing.cards.sentences import counted, design_sentences
from bsna.publishing.wording import Words
from bsna.reports.cards import card_chapters, chapter_rows, chapter_source

_WHOLE = "*"
"""Column of the log where a whole record was taken out."""

_ROOMS = {FINDINGS: "verdicts/verdicts.json", RECOMMENDATIONS: "recommendations/recommendations.json"}


def trace_lines(key: str) -> list[str]:
    """What the card of a key says, and the steps back to the raw rows, with counts where the rows are.

    Raises ValueError for what is no key, and for a key that no row has, with those that come close.
    """
    place = address_of(key)
    source, certificate = chapter_source(place.survey, place.chapter)
    row = _row(key, place.survey, place.chapter)
    words = vocabulary(load_profile(place.survey), load_plan(), "en")
    made = making_of(words.plan, words.questionnaires, row["measure"], row["population"])
    cell = cell_of(words.plan, source, row)
    sums = {name: certificate[name] for name in ("profile", "plan", "instrument", "corrections", "checks")}
    return [
        key,
        f"  {measure_label(words, row['measure'], row['population'])}",
        f"  {words.word(row['population'])} · {row_label(words, row)}",
        f"  {plain(words.estimate(row))}, {_numbers(row)}",
        f"  {counted(words, made, row['population'])}",
        *_asked(words, made, row["population"]),
        "Design",
        *(f"  {line}" for line in design_sentences(words, row["population"])),
        "Made from",
        f"  notebooks/{source.file}" + (f", cell {cell.number} ({cell.id}): {cell.call}" if cell else ""),
        f"  code {certificate['code']}, seed {certificate['seed']}",
        *(f"  {name} sha256 {value}" for name, value in sums.items()),
        "Back to the raw rows",
        *(f"  {number}. {step}" for number, step in enumerate(_steps(words, place, row, made), 1)),
    ]


def list_keys(where: str) -> list[str]:
    """Keys of a survey, or of one of its chapters as survey/chapter. Raises ValueError if there is neither."""
    survey, _, chapter = where.partition("/")
    load_profile(survey)
    if chapter:
        chapter_source(survey, chapter)
    return [
        row["key"] for name in ([chapter] if chapter else card_chapters(survey)) for row in chapter_rows(survey, name)
    ]


def _row(key: str, survey: str, chapter: str) -> dict[str, Any]:
    rows = {row["key"]: row for row in chapter_rows(survey, chapter)}
    if key in rows:
        return rows[key]
    near = difflib.get_close_matches(key, rows, n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(near)}?" if near else f"; `bsna trace --list {survey}/{chapter}` lists them"
    raise ValueError(f"{key}: none of the {len(rows)} rows of {survey}/{chapter} has this key{hint}")


def _numbers(row: Mapping[str, Any]) -> str:
    names = ("estimate", "low", "high", "se", "n", "clusters", "deff")
    shown = [f"{name} {row[name]:.6g}" for name in names if row[name] == row[name]]
    return ", ".join([*shown, f"unit {row['unit']}", f"status {row['status']}"])


def _asked(words: Words, made: Making, population: str) -> Iterator[str]:
    assert words.profile is not None
    crosswalk = load_crosswalk(words.profile.crosswalk) if words.profile.crosswalk else None
    foreign = {column.question: column for column in crosswalk.column} if crosswalk else {}
    yield "Asked"
    for name in made.questions:
        question = words.questionnaires[population].question(name)
        asked: Mapping[str, str] = foreign[name].wording if name in foreign else question.label
        yield from (f"  {name} ({language}): {asked[language]}" for language in LANGUAGES)
        if question.relevance and not crosswalk:
            yield f"  {name} only if: {question.relevance}"


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
