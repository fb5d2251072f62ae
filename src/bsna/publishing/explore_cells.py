"""The cells a reader may choose from: released estimate rows of a survey, with labels in every language."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bsna.intake.plan import Plan
from bsna.intake.profile import POPULATIONS, Profile
from bsna.judgement.comparability import SEVERITY, mark_of
from bsna.publishing.takeaway.rows import SHOWN, estimate_rows_of
from bsna.publishing.wording import Words

ANSWERS = "=answers"
"""Stands in the place of a group for the answers to a question. No group has this name."""

UNITS = ("share", "number")
"""Units of cells. Differences in points come from models and stand in their chapter."""

STATUSES = ("ok", "imprecise", "withheld")
"""Statuses of cells. What was not asked has no cell."""

Record = Mapping[str, Any]
Vocabularies = Mapping[str, Words]

_MILLION = 1_000_000
_CELL = ["population", "measure", "by", "level", "category"]


def explore_cells(profile: Profile, vocabularies: Vocabularies) -> dict[str, list[Any]]:
    """Texts, populations, groups, measures and cells of a survey, as lists whose members name each other by place.

    `texts`: in every language. `populations` and `groups`: code, text. `measures`: code, population, text, unit, and what the
    register says of the survey (`register_mark`). `cells`: measure, group, level, category, text, chapter, status,
    estimate, its interval, people; estimates in millionths. Codes are those of keys (`cards.keys`). An estimate that several
    chapters show stands once, with the first. Raises ValueError for a survey without estimates.
    """
    cells, texts = _ordered(estimate_rows_of(profile.id, vocabularies), vocabularies), _Places()
    populations, groups, measures = _Places(), _Places(), _Places()
    rows = []
    for cell in cells:
        population = populations.place((cell["population"], texts.place(_words(vocabularies, cell["population"]))))
        group = groups.place((_group_code(cell), texts.place(_group_texts(vocabularies, cell))))
        mark = register_mark(_plan(vocabularies), profile.id, cell["measure"], cell["population"])
        label = texts.place(_texts(vocabularies, cell, "label"))
        measure = measures.place((cell["code"], population, label, cell["unit"], mark))
        text = texts.place(_cell_texts(vocabularies, cell))
        rows.append([measure, group, cell["level_code"], cell["category_code"], text, cell["chapter"], *_numbers(cell)])
    lists = {"texts": texts, "populations": populations, "groups": groups, "measures": measures}
    return {name: [list(entry) for entry in places] for name, places in lists.items()} | {"cells": rows}


def register_mark(plan: Plan, survey: str, measure: str, population: str) -> str:
    """Whether a survey may be set beside others on a measure, or on a question that a measure is made of: its most severe
    mark in the register on all concepts that the measure belongs to, no better than what the plan allows where a question
    works very differently elsewhere. Empty if no concept holds it."""
    names = {m.measure for m in plan.measures if m.population == population and measure in (m.measure, *m.question)}
    concepts = [c for c in plan.comparability if c.population == population and names & set(c.measures)]
    if not concepts:
        return ""
    marks = [mark_of(plan, concept.concept, survey) or "not" for concept in concepts]
    marks += [item.when_large for item in plan.scales if item.population == population and item.share in names]
    return max(marks, key=SEVERITY.index)


class _Places(dict[Any, int]):
    """Things in the order in which they first came, each once."""

    def place(self, entry: tuple[Any, ...]) -> int:
        return self.setdefault(entry, len(self))


def _ordered(frame: pd.DataFrame, vocabularies: Vocabularies) -> list[dict[str, Any]]:
    """Cells to choose from: populations as they are asked, levels in their natural order, everything else as chapters have it."""
    shown = frame[frame["unit"].isin(UNITS) & frame["status"].isin(STATUSES)].drop_duplicates(_CELL)
    cells = [_coded(record) for record in shown.to_dict("records")]
    words = next(iter(vocabularies.values()))
    levels: dict[tuple[str, str], list[str]] = {}
    for cell in cells:
        levels.setdefault((cell["population"], cell["by"]), []).append(cell["level"])
    declared = {
        key: words.ordered(key[1], list(dict.fromkeys(own)), key[0]) if _is_group(words, *key) else own
        for key, own in levels.items()
    }
    first = {(cell["population"], cell["measure"]): place for place, cell in reversed(list(enumerate(cells)))}

    def order(cell: Mapping[str, Any]) -> tuple[int, int, int]:
        population, by = cell["population"], cell["by"]
        place = declared[population, by].index(cell["level"])
        return POPULATIONS.index(population), first[population, cell["measure"]], place

    return sorted(cells, key=order)


def _coded(record: Mapping[Any, Any]) -> dict[str, Any]:
    """A row with its codes as its key writes them."""
    _, _, _, measure, *rest = str(record["key"]).split("/")
    level = rest.pop(0).partition("=")[2] if record["by"] else ""
    category = rest.pop(0) if record["category"] else ""
    return {str(k): v for k, v in record.items()} | {"code": measure, "level_code": level, "category_code": category}


def _numbers(cell: Record) -> list[Any]:
    """Status, estimate, its interval and people; of what is withheld the status alone."""
    if cell["status"] not in SHOWN:
        return [cell["status"]]
    return [cell["status"], *(round(cell[name] * _MILLION) for name in ("estimate", "low", "high")), int(cell["n"])]


def _group_code(cell: Record) -> str:
    return cell["by"] or (ANSWERS if cell["category"] else "")


def _group_texts(vocabularies: Vocabularies, cell: Record) -> tuple[str, ...]:
    by, population = cell["by"], cell["population"]
    if not by:
        return _words(vocabularies, "every_answer" if cell["category"] else "everybody")
    if not _is_group(next(iter(vocabularies.values())), population, by):
        return _texts(vocabularies, cell, "label")
    return tuple(words.group(by, population) for words in vocabularies.values())


def _is_group(words: Words, population: str, name: str) -> bool:
    return any((group.group, group.population) == (name, population) for group in words.plan.groups)


def _cell_texts(vocabularies: Vocabularies, cell: Record) -> tuple[str, ...]:
    """For whom and for which answer a cell is, or that it is for all."""
    pairs = zip(_texts(vocabularies, cell, "level"), _texts(vocabularies, cell, "category"), strict=True)
    everybody = _words(vocabularies, "everybody")
    return tuple(" · ".join(filter(None, pair)) or other for pair, other in zip(pairs, everybody, strict=True))


def _texts(vocabularies: Vocabularies, cell: Record, name: str) -> tuple[str, ...]:
    return tuple(str(cell[f"{name}_{language}"]) for language in vocabularies)


def _words(vocabularies: Vocabularies, key: str) -> tuple[str, ...]:
    return tuple(words.word(key) for words in vocabularies.values())


def _plan(vocabularies: Vocabularies) -> Plan:
    return next(iter(vocabularies.values())).plan
