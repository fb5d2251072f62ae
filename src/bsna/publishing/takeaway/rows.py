"""All released estimates of a survey as one table, from which every file to take away is made."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from bsna import paths
from bsna.estimation import TOP_TWO, records
from bsna.intake.profile import LANGUAGES
from bsna.publishing.takeaway.declared import Column, load_declared
from bsna.publishing.takeaway.keys import estimate_key
from bsna.publishing.wording import Words

SHOWN = ("ok", "imprecise")
"""Statuses of estimates whose numbers may be shown."""

NUMBERS = ("estimate", "low", "high", "n", "clusters", "deff")
_TYPES = {"string": "str", "number": "float64", "integer": "Int64", "boolean": "bool"}
_DIGITS = 6

Vocabularies = Mapping[str, Words]


def estimate_rows_of(survey: str, vocabularies: Vocabularies) -> pd.DataFrame:
    """One row per released estimate of a survey, with the columns of takeaway.toml, chapter by chapter.

    `vocabularies` has the words of each language. Numbers have six digits. A row that is not shown has none.
    An estimate that a chapter shows in several tables stands once. Raises ValueError if two rows of one key differ, or if
    the survey has no estimates.
    """
    files = sorted((paths.processed(survey) / "estimates").glob("*.parquet"))
    if not files:
        raise ValueError(f"{survey} has no estimates; run `bsna run {survey}` first")
    made = [_row(vocabularies, survey, path.stem, row) for path in files for row in records(pd.read_parquet(path))]
    return _typed(_once(made), load_declared().column)


def _once(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    known: dict[str, dict[str, Any]] = {}
    for row in rows:
        first = known.setdefault(row["key"], row)
        if first != row:
            raise ValueError(f"Two estimates have the key {row['key']}: {first} and {row}; keys must tell them apart")
    return list(known.values())


def _typed(rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> pd.DataFrame:
    return pd.DataFrame(
        {c.name: pd.array([row[c.name] for row in rows], dtype=_TYPES[c.type]) for c in columns}  # type: ignore[call-overload]
    )


def _row(vocabularies: Vocabularies, survey: str, chapter: str, row: Mapping[str, Any]) -> dict[str, Any]:
    profile = next(iter(vocabularies.values())).profile
    made: dict[str, Any] = {"key": estimate_key(survey, chapter, row), "survey": survey, "chapter": chapter}
    made |= {name: row[name] for name in ("population", "measure", "by", "level", "category", "unit", "status")}
    made["simulated"] = profile is None or profile.is_simulated
    for language in LANGUAGES:
        words = vocabularies[language]
        made[f"label_{language}"] = measure_label(words, row)
        made[f"level_{language}"] = level_label(words, row)
        made[f"category_{language}"] = category_label(words, row)
    shown = row["status"] in SHOWN
    return made | {name: _rounded(row[name]) if shown else None for name in NUMBERS}


def measure_label(words: Words, row: Mapping[str, Any]) -> str:
    """What was measured: the label of a measure, the title of corridors, or the wording of a question."""
    name, population = row["measure"], row["population"]
    if (flow := _flow(words, name)) is not None:
        return words.text(flow, "title")
    is_question = name in words.questionnaires[population].names
    return words.question(name, population) if is_question else words.measure(name, population)


def level_label(words: Words, row: Mapping[str, Any]) -> str:
    """For whom: the level of a breakdown, or the origin of a corridor; empty if there is none."""
    by, level, population = row["by"], row["level"], row["population"]
    if not by or not level:
        return ""
    is_corridor = _flow(words, row["measure"]) is not None
    return words.choice(by, level, population) if is_corridor else words.level(by, level, population)


def category_label(words: Words, row: Mapping[str, Any]) -> str:
    """Which answer: its label, that of a score, or of the highest two, or the destination of a corridor; empty if none."""
    code, name, population = row["category"], row["measure"], row["population"]
    if not code:
        return ""
    if code == TOP_TWO:
        return words.word("top_two")
    if (flow := _flow(words, name)) is not None:
        return words.choice(flow.destination, code, population)
    if name in words.questionnaires[population].names:
        return words.choice(name, code, population)
    spec = words.plan.measure(name, population)
    return words.choice(spec.question[0], spec.codes[int(code)], population)


def _flow(words: Words, name: str) -> Any:
    return next((flow for flow in words.plan.flows if flow.flow == name), None)


def _rounded(value: Any) -> float | int | None:
    if value is None or value != value:
        return None
    return float(f"{value:.{_DIGITS}g}")
