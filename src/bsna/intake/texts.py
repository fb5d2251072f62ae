"""The texts of assessment/: where they stand, and what they say in the languages that are translated from .po files."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import polib

from bsna import paths
from bsna.intake.languages import BESIDE, FOLDER, LANGUAGES, further_languages

Place = tuple[str, str]
"""Where a text stands in its file, and what it says in English."""

_SHOWN_FAULTS = 10
_VALUE = re.compile(r"\{\w*\}")
_ENDINGS = ("_{code}", "::{code}", "::{name}")


@dataclass(frozen=True)
class Entry:
    """One text in a further language: what it says, whether a translator has to look at it (empty or fuzzy), and its line."""

    text: str
    is_open: bool
    line: int


def catalog_of(source: Path, language: str) -> Path:
    """Where the texts of a file of assessment/ stand in a further language."""
    inside = source.relative_to(paths.assessment()).with_suffix(".po")
    return paths.assessment(FOLDER, language) / inside


def spoken_facts(facts: dict[str, Any], source: Path) -> dict[str, Any]:
    """The facts of a TOML file, each text also in the further languages: a table with `en` and `fr` gets their keys.

    Keys `title_en` and `title_fr` are told likewise. Raises ValueError as `_said` does. A file outside assessment/ stays as
    it is.
    """
    said = _in_all(source, list(fact_texts(facts))) if _is_told(source) else {}
    return _with(facts, said) if said else facts


def spoken_rows(rows: Sequence[tuple[int, dict[str, str]]], source: Path) -> list[tuple[int, dict[str, str]]]:
    """Rows of a table, each text also in the further languages: beside `label_en` and `label_fr` stands `label_es`.

    Raises ValueError as `_said` does. A file outside assessment/ stays as it is.
    """
    said = _in_all(source, list(row_texts([row for _, row in rows]))) if _is_told(source) else {}
    return [(line, _row_with(row, said)) for line, row in rows] if said else list(rows)


def text_files() -> Iterator[Path]:
    """Files of assessment/ that may hold texts: tables and facts, without the .po files themselves."""
    home = paths.assessment()
    files = (path for kind in ("*.toml", "*.csv") for path in home.rglob(kind))
    yield from sorted(path for path in files if path.relative_to(home).parts[0] != FOLDER)


def fact_texts(facts: Any, key: str = "") -> Iterator[Place]:
    """Place and English text of every text of a TOML file; a place is made of keys, and of ids in lists of tables."""
    if isinstance(facts, dict):
        if _is_labels(facts):
            yield key, facts["en"]
        for column, stem, _ in _text_columns(facts):
            yield _joined(key, stem), facts[column]
        for name, inside in facts.items():
            yield from fact_texts(inside, _joined(key, name))
    elif isinstance(facts, list):
        for name, inside in _listed(facts):
            yield from fact_texts(inside, _joined(key, name))


def row_texts(rows: Sequence[Mapping[str, str]]) -> Iterator[Place]:
    """Place and English text of every text of a table; a place is the name of a row (with its list), or what stands first in it, and a
    column."""
    for row in rows:
        for column, stem, _ in _text_columns(row):
            yield _row_key(row, stem), row[column]


def entries_of(path: Path) -> Mapping[tuple[str | None, str], Entry]:
    """The entries of a .po file by context and English text, without obsolete ones; none if there is no such file."""
    return _entries(path, path.stat().st_mtime_ns) if path.is_file() else {}


@lru_cache(maxsize=1024)
def _entries(path: Path, changed_ns: int) -> dict[tuple[str | None, str], Entry]:
    return {
        (entry.msgctxt, entry.msgid): Entry(entry.msgstr, not entry.translated(), entry.linenum)
        for entry in polib.pofile(str(path))
        if not entry.obsolete
    }


def _in_all(source: Path, texts: Sequence[Place]) -> dict[str, dict[Place, str]]:
    return {language: _said(source, language, texts) for language in further_languages()} if texts else {}


def _said(source: Path, language: str, texts: Sequence[Place]) -> dict[Place, str]:
    """What each text says in a language: an entry with its place as context outranks one without; blank stays blank.

    Raises ValueError with the .po file, and place and English text of what it lacks, has left empty or marks as fuzzy, that
    is, whose English has changed since; and of a translation that has other values in braces than the English.
    """
    path = catalog_of(source, language)
    entries = entries_of(path)
    found = {one: _entry(entries, one) for one in texts if one[1].strip()}
    if lacking := [one for one, entry in found.items() if entry is None or entry.is_open]:
        raise ValueError(
            f"{path}: {len(lacking)} texts of {source.name} have no translation, or an old one, marked fuzzy:\n"
            f"{_shown(lacking)}\n"
            f"Run `bsna messages --language {language}`, then fill the empty entries and those marked fuzzy"
        )
    said = {one: entry.text for one, entry in found.items() if entry is not None}
    if other := [one for one, text in said.items() if _values(text) != _values(one[1])]:
        raise ValueError(
            f"{path}: {len(other)} translations have other values in braces than their texts:\n{_shown(other)}\n"
            "Repeat the values as they stand in the English text"
        )
    return {one: said.get(one, one[1]) for one in texts}


def _entry(entries: Mapping[tuple[str | None, str], Entry], one: Place) -> Entry | None:
    return entries.get(one, entries.get((None, one[1])))


def _values(text: str) -> set[str]:
    return set(_VALUE.findall(text))


def _shown(places: Sequence[Place]) -> str:
    return "\n".join(f"  {place}: {text[:90]!r}" for place, text in places[:_SHOWN_FAULTS])


def _is_told(source: Path) -> bool:
    return bool(further_languages()) and source.is_relative_to(paths.assessment())


def _is_labels(facts: Mapping[str, Any]) -> bool:
    return all(isinstance(facts.get(language), str) for language in BESIDE)


def _with(value: Any, said: Mapping[str, Mapping[Place, str]], key: str = "") -> Any:
    if isinstance(value, dict):
        made = {name: _with(one, said, _joined(key, name)) for name, one in value.items()}
        for language, texts in said.items():
            made |= {language: texts[key, value["en"]]} if _is_labels(value) else {}
            for column, stem, ending in _text_columns(value):
                made[_column(stem, ending, language)] = texts[_joined(key, stem), value[column]]
        return made
    if isinstance(value, list):
        return [_with(one, said, _joined(key, name)) for name, one in _listed(value)]
    return value


def _row_with(row: dict[str, str], said: Mapping[str, Mapping[Place, str]]) -> dict[str, str]:
    """The row with the further languages after French, so that all stand beside each other."""
    made: dict[str, str] = {}
    after = {_column(stem, ending, "fr"): (english, stem, ending) for english, stem, ending in _text_columns(row)}
    for name, cell in row.items():
        made[name] = cell
        if name in after:
            english, stem, ending = after[name]
            place = (_row_key(row, stem), row[english])
            made |= {_column(stem, ending, language): texts[place] for language, texts in said.items()}
    return made


def _text_columns(row: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The English column of each text, its stem, and how columns name languages: _en, ::en or ::English (en)."""
    split = [(name, *_parted(name)) for name, cell in row.items() if isinstance(cell, str)]
    return [(name, stem, ending) for name, stem, ending in split if ending and _column(stem, ending, "fr") in row]


def _parted(name: str) -> tuple[str, str]:
    endings = (ending for ending in _ENDINGS if name.endswith(ending.format(code="en", name=BESIDE["en"])))
    ending = next(endings, "")
    return name.removesuffix(ending.format(code="en", name=BESIDE["en"])), ending


def _column(stem: str, ending: str, language: str) -> str:
    return stem + ending.format(code=language, name=LANGUAGES[language])


def _row_key(row: Mapping[str, str], stem: str) -> str:
    return _joined(_joined(row.get("list_name", ""), row.get("name") or next(iter(row.values()))), stem)


def _listed(values: Sequence[Any]) -> list[tuple[str, Any]]:
    """Members of a list, each under its id, or its number where it has none."""
    return [(str(one.get("id", n)) if isinstance(one, dict) else str(n), one) for n, one in enumerate(values, 1)]


def _joined(key: str, name: str) -> str:
    return ".".join(filter(None, (key, "_".join(name.split()))))
