"""Words and numbers for a reader: labels, formats and whole sentences, in one language."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from bsna import paths
from bsna.intake.instrument import Questionnaire
from bsna.intake.plan import Plan
from bsna.intake.profile import LANGUAGES, Profile
from bsna.intake.sheets import read_toml
from bsna.publishing.cards import marks
from bsna.publishing.cards.keys import key_of

_FORMS = ("zero", "two", "few", "many")
"""Plural forms (CLDR) beside one and other."""


@lru_cache(maxsize=4)
def _load(path: Path) -> dict[str, Any]:
    return read_toml(path)


def _form(key: str, known: Mapping[str, Any]) -> str:
    """A key that ends in a plural form, or the one for all numbers without a form of their own: English has two forms, other
    languages up to six."""
    stem, _, form = key.rpartition("_")
    return f"{stem}_other" if key not in known and form in _FORMS else key


@dataclass(frozen=True)
class Words:
    """The vocabulary of one survey in one language."""

    plan: Plan
    questionnaires: Mapping[str, Questionnaire]
    profile: Profile | None
    language: str

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ValueError(
                f"No text is said in {self.language!r}, languages are {', '.join(LANGUAGES)}; run `bsna messages --language "
                f"{self.language}` and translate its entries"
            )

    @cached_property
    def _wording(self) -> dict[str, Any]:
        return _load(paths.assessment("plan", "wording.toml"))

    def word(self, key: str) -> str:
        """A single word or short label of the vocabulary; ValueError if it has none. Of plural forms see `_form`."""
        words = self._wording["words"]
        if (found := _form(key, words)) not in words:
            raise ValueError(f"assessment/plan/wording.toml has no word {key!r}")
        return self.typeset(words[found][self.language])

    def typeset(self, text: str) -> str:
        """A text as it is printed: curly apostrophes; in French, no line may break before : ; ? ! % » or after «."""
        text = text.replace("'", "’")
        if self.language == "fr":
            text = re.sub(r" ([;:?!%»])", "\u00a0\\1", text).replace("« ", "«\u00a0")
        return text

    def say(self, statement: str, state: str, values: Mapping[str, Any] | None = None) -> str:
        """A whole sentence: the template of a statement in one state, with its values formatted."""
        states = self._wording["statement"].get(statement, {})
        if (found := _form(state, states)) not in states:
            raise ValueError(f"assessment/plan/wording.toml has no statement {statement}.{state}")
        return self.fill(states[found][self.language], values or {})

    def states(self, statement: str) -> tuple[str, ...]:
        """States in which a statement can be said, in the order of the vocabulary."""
        return tuple(self._wording["statement"].get(statement, {}))

    def fill(self, template: str, values: Mapping[str, Any]) -> str:
        """Put formatted values into a template; ValueError names a placeholder without value.

        Labels lose their capital inside a sentence; the sentence itself starts with one if its template does.
        """
        shown = {key: self.show(key, value) for key, value in values.items()}
        try:
            text = template.format(**shown)
        except KeyError as error:
            raise ValueError(f"No value for {error} in the sentence {template!r}") from error
        return self.typeset(self.opening(text) if template.startswith("{") else text)

    def show(self, key: str, value: Any) -> str:
        """Format a value by the ending of its name: share, prob, points (with sign), size (without), count, number, ratio, p,
        list and label (as they stand inside a sentence), series (parts of any length)."""
        kind = key.rsplit("_", 1)[-1]
        if value is None:
            return "–"
        if kind == "list":
            return self.enumeration([self.inside(self.name(v)) for v in value]) if value else "–"
        if kind == "label":
            return self.inside(self.name(str(value)))
        formats: dict[str, Callable[[Any], str]] = {
            "share": self.share,
            "prob": self.probability,
            "points": self.points,
            "size": lambda v: self.points(abs(v)).lstrip("+"),
            "count": lambda v: format_decimal(int(v), locale=self.language),
            "number": lambda v: format_decimal(v, format="#,##0.0", locale=self.language),
            "ratio": lambda v: format_decimal(v, format="#,##0.00", locale=self.language),
            "p": self.p,
            "series": self.word("separator").join,
        }
        return marks.marked(key_of(value), formats.get(kind, str)(value))

    def enumeration(self, items: Sequence[str]) -> str:
        """Items as a list of the language; items that hold commas of their own are set apart by semicolons."""
        if any("," in item for item in items):
            return self.word("separator").join(items)
        return format_list(list(items), locale=self.language)

    def inside(self, label: str) -> str:
        """A label as it stands inside a sentence: without its capital, unless it is a name or an abbreviation."""
        before, label = marks.parted(label)
        first = label.split(" ", 1)[0]
        kept = _load(paths.assessment("plan", "wording.toml"))["capitals"]["words"]
        if label[1:2].isupper() or first in kept or label.startswith(self._names()):
            return before + label
        return before + label[:1].lower() + label[1:]

    def opening(self, label: str) -> str:
        """A text as it stands at the start of a line."""
        before, label = marks.parted(label)
        return before + label[:1].upper() + label[1:]

    def share(self, value: float) -> str:
        """0.413 as 41% or 41 %."""
        shown = format_percent(value, format="#,##0%" if self.language == "en" else None, locale=self.language)
        return marks.marked(key_of(value), shown)

    def probability(self, value: float) -> str:
        """A probability from draws in percent; never certain, since draws are finite."""
        if value > 0.99:
            return self.word("over").format(limit=self.share(0.99))
        return self.word("under").format(limit=self.share(0.01)) if value < 0.01 else self.share(value)

    def points(self, value: float) -> str:
        """0.023 as +2 points, with sign."""
        number = abs(round(value * 100))
        plural = Locale.parse(self.language).plural_form(number)
        return marks.marked(key_of(value), self.word(f"points_{plural}").format(number=self.signed(value)))

    def signed(self, value: float) -> str:
        """0.023 as +2, -0.02 with a true minus sign, and 0 without sign."""
        return format_decimal(round(value * 100) + 0, format="+#,##0;\u2212#,##0", locale=self.language).replace(
            "+0", "0"
        )

    def p(self, value: float) -> str:
        """A p-value with three decimals, or that it is smaller or larger than these can say."""
        if value < 0.001:
            return f"< {format_decimal(0.001, format='0.000', locale=self.language)}"
        if value > 0.999:
            return f"> {format_decimal(0.999, format='0.000', locale=self.language)}"
        return format_decimal(value, format="0.000", locale=self.language)

    def span(self, low: float, high: float, unit: str) -> str:
        """An interval in the unit of its row, the unit written once: 58–66%, −2 to +6 points, 1.2–1.8."""
        if unit == "points":
            return self.word("span_points").format(low=self.signed(low), high=self.points(float(high)))
        if unit == "number":
            return f"{self.show('low_number', float(low))}–{self.show('high_number', float(high))}"
        return f"{format_decimal(round(low * 100), locale=self.language)}–{self.share(float(high))}"

    def value(self, row: Mapping[str, Any]) -> str:
        """The estimate of a row in its unit, or its status if it has none."""
        if row["estimate"] is None or row["estimate"] != row["estimate"]:
            return self.word(row["status"] or "withheld")
        key = {"share": "share", "points": "points", "number": "number"}[row["unit"]]
        return self.show(f"the_{key}", row["estimate"])

    def estimate(self, row: Mapping[str, Any]) -> str:
        """The estimate of a row with its interval in brackets, or its status."""
        if row["estimate"] is None or row["estimate"] != row["estimate"]:
            return self.value(row)
        value = marks.plain(self.value(row))
        if row["unit"] == "points":
            return marks.marked(key_of(row["estimate"]), f"{value} ({self._signed_span(row)})")
        span = self.span(row["low"], row["high"], row["unit"])
        return marks.marked(key_of(row["estimate"]), f"{value} ({span})")

    def brief(self, row: Mapping[str, Any]) -> str:
        """The same where the unit stands elsewhere: +10 (+6 to +13) in a column or at an axis of points."""
        if row["unit"] != "points" or row["estimate"] is None or row["estimate"] != row["estimate"]:
            return self.estimate(row)
        shown = f"{self.signed(row['estimate'])} ({self._signed_span(row)})"
        return marks.marked(key_of(row["estimate"]), shown)

    def _signed_span(self, row: Mapping[str, Any]) -> str:
        low, high = self.signed(row["low"]), self.signed(row["high"])
        return self.word("span_points").format(low=low, high=high)

    def measure(self, name: str, population: str, short: bool = False) -> str:
        """Label of a measure, of a difference of two, or of a difference from the average of its list."""
        if name.endswith("-average"):
            first = self.measure(name.removesuffix("-average"), population, short)
            return self.fill(self.word("above_average"), {"first_label": first})
        if "-" in name:
            first, second = (self.measure(part, population, short) for part in name.split("-", 1))
            if short and first == second:  # two answers of one thing: the text around says which
                return first
            return self.fill(self.word("difference"), {"first_label": first, "second_label": second})
        spec = self.plan.measure(name, population)
        return self.typeset(getattr(spec, f"{'short' if short else 'label'}_{self.language}"))

    def group(self, name: str, population: str) -> str:
        """Label of a group."""
        return self.typeset(getattr(self.plan.group(name, population), f"label_{self.language}"))

    def level(self, group: str, level: str, population: str) -> str:
        """Label of a level of a group: from the plan, the questionnaire or the profile."""
        for row in self.plan.levels:
            if (row.group, row.level) == (group, level):
                return self.typeset(getattr(row, f"label_{self.language}"))
        spec = self.plan.group(group, population)
        return self.choice(spec.source, level, population)

    def ordered(self, group: str, levels: Sequence[str], population: str) -> list[str]:
        """Levels of a group in their natural order: that of the plan, the questionnaire or the profile."""
        declared = [row.level for row in self.plan.levels if row.group == group]
        source = self.plan.group(group, population).source
        if not declared and source in self.questionnaires[population].names:
            declared = list(self.questionnaires[population].question(source).codes)
        declared += list(self._places())
        return sorted(levels, key=lambda level: (declared.index(level) if level in declared else len(declared), level))

    def choice(self, question: str, code: str, population: str) -> str:
        """What a code of a question says."""
        if (place := self._place(code)) is not None:
            return place
        questionnaire = self.questionnaires[population]
        if question not in questionnaire.names:
            return code
        return self.typeset(questionnaire.question(question).choice_label(code, self.language))

    def question(self, name: str, population: str) -> str:
        """The wording of a question."""
        return self.typeset(self.questionnaires[population].question(name).label[self.language])

    def _place(self, code: str) -> str | None:
        label = self._places().get(code)
        return label[self.language] if label else None  # type: ignore[index]

    def _places(self) -> dict[str, Any]:
        """Labels of the regions, neighbours and ethnic groups of the profile, by code."""
        if self.profile is None:
            return {}
        places = {region.code: region.name for region in [*self.profile.region, *self.profile.neighbour]}
        return places | {group.code: group.label for group in self.profile.ethnic_group}

    def _names(self) -> tuple[str, ...]:
        return tuple(label[self.language] for label in self._places().values())

    def name(self, key: str) -> str:
        """Label of whatever an id names: a measure, an item that people ranked or picked from a list, or itself."""
        for population in self.questionnaires:
            for spec in self.plan.measures:
                if spec.population == population and (
                    spec.measure == key or (spec.kind, spec.codes) == ("named", (key,))
                ):
                    return self.typeset(getattr(spec, f"short_{self.language}"))
        return key

    def text(self, row: Any, field: str) -> str:
        """A field of a plan row that exists in every language."""
        value = getattr(row, field, None)
        return self.typeset(value[self.language] if value is not None else getattr(row, f"{field}_{self.language}"))

    def sources(self, profiles: Sequence[Profile]) -> str:
        """Source line of a figure or table about several surveys of one kind."""
        titles = [(p.name if p.is_simulated else p.title)[self.language] for p in profiles]
        return self.fill(self.word(f"sources_{profiles[0].source}"), {"surveys_series": titles})

    @property
    def source(self) -> str:
        """Source line of a figure or table."""
        if self.profile is None:
            return ""
        kind = "source_simulated" if self.profile.is_simulated else "source_delivered"
        title = self.profile.name if self.profile.is_simulated else self.profile.title
        return self.word(kind).format(title=title[self.language])  # type: ignore[index]
