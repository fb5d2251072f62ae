"""Words and numbers for a reader: labels, formats and whole sentences, in one language."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from bsna import paths
from bsna.intake.instrument import Questionnaire
from bsna.intake.plan import Plan
from bsna.intake.profile import Profile

LANGUAGES = ("en", "fr")


@lru_cache(maxsize=4)
def _load(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Words:
    """The vocabulary of one survey in one language."""

    plan: Plan
    questionnaires: Mapping[str, Questionnaire]
    profile: Profile | None
    language: str

    def word(self, key: str) -> str:
        """A single word or short label of the vocabulary; ValueError if it has none."""
        words = _load(paths.assessment("plan", "wording.toml"))["words"]
        if key not in words:
            raise ValueError(f"assessment/plan/wording.toml has no word {key!r}")
        return words[key][self.language]

    def say(self, statement: str, state: str, values: Mapping[str, Any] | None = None) -> str:
        """A whole sentence: the template of a statement in one state, with its values formatted."""
        statements = _load(paths.assessment("plan", "wording.toml"))["statement"]
        if state not in statements.get(statement, {}):
            raise ValueError(f"assessment/plan/wording.toml has no statement {statement}.{state}")
        return self.fill(statements[statement][state][self.language], values or {})

    def fill(self, template: str, values: Mapping[str, Any]) -> str:
        """Put formatted values into a template; ValueError names a placeholder without value."""
        shown = {key: self.show(key, value) for key, value in values.items()}
        try:
            return template.format(**shown)
        except KeyError as error:
            raise ValueError(f"No value for {error} in the sentence {template!r}") from error

    def show(self, key: str, value: Any) -> str:
        """Format a value by the ending of its name: share, prob, points (with sign), size (without), count, number, p, list, label."""
        kind = key.rsplit("_", 1)[-1]
        if value is None:
            return "–"
        if kind in ("share", "prob"):
            return self.share(value)
        if kind == "points":
            return self.points(value)
        if kind == "size":
            return self.points(abs(value)).lstrip("+")
        if kind == "count":
            return format_decimal(int(value), locale=self.language)
        if kind == "number":
            return format_decimal(value, format="#,##0.0", locale=self.language)
        if kind == "p":
            return self.p(value)
        if kind == "list":
            return format_list([self.name(v) for v in value], locale=self.language) if value else "–"
        return self.name(str(value)) if kind == "label" else str(value)

    def share(self, value: float) -> str:
        """0.413 as 41% or 41 %."""
        return format_percent(value, format="#,##0%" if self.language == "en" else None, locale=self.language)

    def points(self, value: float) -> str:
        """0.023 as +2 points, with sign."""
        number = format_decimal(round(value * 100, 0) + 0.0, format="+#,##0;-#,##0", locale=self.language)
        return f"{number} {'point' if abs(round(value * 100)) == 1 else 'points'}"

    def p(self, value: float) -> str:
        """A p-value with three decimals, or that it is smaller."""
        if value < 0.001:
            return f"< {format_decimal(0.001, format='0.000', locale=self.language)}"
        return format_decimal(value, format="0.000", locale=self.language)

    def span(self, low: float, high: float, unit: str) -> str:
        """An interval in the unit of its row."""
        if unit == "points":
            return f"{self.points(low)} – {self.points(high)}"
        if unit == "number":
            return f"{self.show('low_number', low)} – {self.show('high_number', high)}"
        return f"{self.share(low)} – {self.share(high)}"

    def value(self, row: Mapping[str, Any]) -> str:
        """The estimate of a row in its unit, or its status if it has none."""
        if row["estimate"] is None or row["estimate"] != row["estimate"]:
            return self.word(row["status"] or "withheld")
        key = {"share": "share", "points": "points", "number": "number"}[row["unit"]]
        return self.show(f"the_{key}", row["estimate"])

    def measure(self, name: str, population: str, short: bool = False) -> str:
        """Label of a measure, or of a difference of two."""
        if "-" in name:
            return self.measure(name.split("-")[0], population, short)
        spec = self.plan.measure(name, population)
        return getattr(spec, f"{'short' if short else 'label'}_{self.language}")

    def group(self, name: str, population: str) -> str:
        """Label of a group."""
        return getattr(self.plan.group(name, population), f"label_{self.language}")

    def level(self, group: str, level: str, population: str) -> str:
        """Label of a level of a group: from the plan, the questionnaire or the profile."""
        for row in self.plan.levels:
            if (row.group, row.level) == (group, level):
                return getattr(row, f"label_{self.language}")
        spec = self.plan.group(group, population)
        return self.choice(spec.source, level, population)

    def choice(self, question: str, code: str, population: str) -> str:
        """What a code of a question says."""
        if (place := self._place(code)) is not None:
            return place
        questionnaire = self.questionnaires[population]
        if question not in questionnaire.names:
            return code
        return questionnaire.question(question).choice_label(code, self.language)

    def _place(self, code: str) -> str | None:
        if self.profile is None:
            return None
        named = [*self.profile.region, *self.profile.neighbour]
        places = {region.code: region.name for region in named}
        places |= {group.code: group.label for group in self.profile.ethnic_group}
        return places[code][self.language] if code in places else None  # type: ignore[index]

    def name(self, key: str) -> str:
        """Label of whatever an id names: a measure, an item of a list, or itself."""
        for population in self.questionnaires:
            for spec in self.plan.measures:
                if (spec.measure, spec.population) == (key, population):
                    return getattr(spec, f"short_{self.language}")
        for questionnaire in self.questionnaires.values():
            for question in questionnaire.questions:
                if key in question.codes and question.list_name in ("risk", "need"):
                    return question.choice_label(key, self.language)
        return key

    def text(self, row: Any, field: str) -> str:
        """A field of a plan row that exists in both languages."""
        value = getattr(row, field, None)
        return value[self.language] if value is not None else getattr(row, f"{field}_{self.language}")

    @property
    def source(self) -> str:
        """Source line of a figure or table."""
        if self.profile is None:
            return ""
        kind = "source_simulated" if self.profile.is_simulated else "source_delivered"
        title = self.profile.name if self.profile.is_simulated else self.profile.title
        return self.word(kind).format(title=title[self.language])  # type: ignore[index]


def levels_headline(words: Words, rows: Sequence[Mapping[str, Any]], title: str) -> str:
    """Title of a set of measures: which stands first, if the intervals let one say so."""
    shown = [row for row in rows if row["status"] in ("ok", "imprecise")]
    if not shown:
        asked = any(row["status"] == "withheld" for row in rows)
        return words.say("levels", "withheld" if asked else "not_asked", {"title": title})
    ordered = sorted(shown, key=lambda row: -row["estimate"])
    first = ordered[0]
    values = {"top": words.measure(first["measure"], first["population"], short=len(rows) > 1)}
    if first["unit"] == "number":
        return words.say("levels", "number", values | {"top_number": first["estimate"]})
    values["top_share"] = first["estimate"]
    if len(shown) == 1:
        return words.say("levels", f"single_{side_of_half(first)}", values)
    second = ordered[1]
    if first["low"] > second["high"]:
        return words.say("levels", "clear", values)
    values |= {"second": words.measure(second["measure"], second["population"], short=True)}
    return words.say("levels", "close", values | {"second_share": second["estimate"]})


def side_of_half(row: Mapping[str, Any]) -> str:
    """majority, minority or unclear: where the whole interval lies."""
    return "majority" if row["low"] > 0.5 else "minority" if row["high"] < 0.5 else "unclear"


def above_half(words: Words, rows: Sequence[Mapping[str, Any]]) -> str:
    """Which measures lie above one half with their whole interval."""
    shown = [row for row in rows if row["status"] in ("ok", "imprecise") and row["unit"] == "share"]
    names = [words.measure(r["measure"], r["population"], short=True) for r in shown if r["low"] > 0.5]
    return words.say("above", "some" if names else "none", {"above_list": names})


def group_headline(words: Words, rows: Sequence[Mapping[str, Any]], p_values: Mapping[str, float], title: str) -> str:
    """Title of a breakdown: the measure that differs most surely, from its lowest to its highest level."""
    shown = [row for row in rows if row["status"] in ("ok", "imprecise")]
    if not shown:
        return levels_headline(words, rows, title)
    population, by = shown[0]["population"], shown[0]["by"]
    values: dict[str, Any] = {"group": words.group(by, population)}
    differing = [name for name, p in p_values.items() if p <= 0.05]
    if p_values and not differing:
        return words.say("by", "none", values)
    chosen = min(differing or {row["measure"] for row in shown}, key=lambda n: (p_values.get(n, 0.0), n))
    levels = sorted((r for r in shown if r["measure"] == chosen), key=lambda row: row["estimate"])
    if not levels or levels[0]["unit"] == "number":
        return title
    low, high = levels[0], levels[-1]
    values |= {
        "top": words.measure(chosen, population, short=True),
        "low_share": low["estimate"],
        "high_share": high["estimate"],
        "low_level": words.level(by, low["level"], population),
        "high_level": words.level(by, high["level"], population),
    }
    return words.say("by", "differs" if p_values else "untested", values)
