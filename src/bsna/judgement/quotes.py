"""Which excerpts may be quoted: only those in which no person and no place could be known."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from bsna.intake.instrument import Questionnaire
from bsna.intake.notes import Code, Note
from bsna.intake.profile import Profile

REASONS = ("not_permitted", "few_sources", "name", "digits", "capital", "signs", "too_long")
"""Why an excerpt is not shown, the first that applies: those who spoke did not allow it; too few sources of its kind; it holds
the name of a place, person or group; figures; a word with a capital that stands nowhere without one, and may be a name; signs that no
sentence holds; or it is longer than what is quoted."""

LONGEST = 400
SHOWN = 3
"""Excerpts that are shown for each direction of a claim."""

_SHORTEST_NAME = 3
_WORD = re.compile(r"[^\W\d_]+")
_PLACES = ("cluster_id", "commune", "enumerator_id")
_LONGEST_NAME = 4
"""Words of a name; a longer answer to a question about the person is a remark."""


@dataclass(frozen=True)
class Guard:
    """What decides whether a text can betray somebody: names that must not be told, names that may be, and words that are
    known not to be names, since they stand in small letters in questionnaires or other notes."""

    hidden: frozenset[str]
    permitted: frozenset[str]
    ordinary: frozenset[str]


@dataclass(frozen=True)
class Quote:
    """An excerpt that may be shown, in the language it was spoken in, and who spoke: population and kind of source."""

    direction: str
    population: str
    source_type: str
    text: str


@dataclass(frozen=True)
class Quoted:
    """Excerpts of a claim that are shown, how many more could be, and how many are withheld, by the first reason (`REASONS`)."""

    quotes: tuple[Quote, ...]
    more: int
    withheld: dict[str, int]


def quote(
    notes: Sequence[Note],
    codes: Sequence[Code],
    claim_id: str,
    *,
    guard: Guard,
    threshold: int,
) -> Quoted:
    """Excerpts that speak of a claim, as far as they may be shown, in alphabetical order.

    A direction is what more than half of the coders of an excerpt found; an excerpt on which they found several, or
    disagree, is not quoted, and not counted as withheld.
    """
    sides = {code.code: code.direction for code in codes if code.claim == claim_id}
    kinds = _sources(notes)
    hidden, known = _pattern(guard.hidden), _words_of(guard.permitted) | _words_of(guard.ordinary)
    shown: list[Quote] = []
    withheld = dict.fromkeys(REASONS, 0)
    for excerpt in _excerpts(notes):
        if (direction := _direction(excerpt, sides)) is None:
            continue
        first = excerpt[0]
        enough = len(kinds[first.population, first.source_type]) >= threshold
        if reason := _reason(first, enough, hidden, known):
            withheld[reason] += 1
        else:
            shown.append(Quote(direction, first.population, first.source_type, " ".join(first.text.split())))
    chosen = _first(shown)
    return Quoted(tuple(chosen), len(shown) - len(chosen), {reason: n for reason, n in withheld.items() if n})


def guard_of(
    profile: Profile, forms: Mapping[str, Questionnaire], typed: Mapping[str, pd.DataFrame], notes: Sequence[Note]
) -> Guard:
    """What may betray somebody in the notes of one survey; `typed` are its answers as received.

    Hidden: clusters, communes and enumerators, answers to questions about the person, regions if the profile publishes the
    country only, and ethnic groups unless it permits to tell them apart.
    """
    hidden: set[str] = set()
    for population, frame in typed.items():
        personal = {question.name for question in forms[population].questions if question.personal}
        for column in frame.columns.intersection([*_PLACES, *sorted(personal)]):
            values = (str(value) for value in frame[column].unique())
            hidden |= {value for value in values if value[:1] != "~" and 0 < len(value.split()) <= _LONGEST_NAME}
    regions = {label for region in profile.region for label in (region.code, *region.name.values())}
    groups = {label for group in profile.ethnic_group for label in (group.code, *group.label.values())}
    told = {*profile.name.values(), *(label for other in profile.neighbour for label in other.name.values())}
    (hidden if profile.publication.admin_level == "country" else told).update(regions)
    (told if "ethnic_group" in profile.publication.sensitive_groups else hidden).update(groups)
    return Guard(frozenset(hidden - told), frozenset(told), _ordinary(forms, notes))


def _ordinary(forms: Mapping[str, Questionnaire], notes: Sequence[Note]) -> frozenset[str]:
    """Words that stand in small letters somewhere."""
    texts = [label for form in forms.values() for question in form.questions for label in question.label.values()]
    texts += [
        label
        for form in forms.values()
        for question in form.questions
        for choice in question.choices
        for label in choice.label.values()
    ]
    texts += [note.text for note in notes]
    return frozenset(word for text in texts for word in _WORD.findall(text) if word == word.lower())


def _reason(note: Note, enough: bool, pattern: re.Pattern[str] | None, known: set[str]) -> str:
    text = " ".join(note.text.split())
    checks = (
        ("not_permitted", not note.may_quote),
        ("few_sources", not enough),
        ("name", pattern is not None and pattern.search(_plain(text)) is not None),
        ("digits", any(sign.isnumeric() for sign in text)),
        ("capital", _has_capital(text, known)),
        ("signs", any(unicodedata.category(sign)[0] == "C" for sign in text)),
        ("too_long", len(text) > LONGEST),
    )
    return next((reason for reason, applies in checks if applies), "")


def _has_capital(text: str, known: set[str]) -> bool:
    """Whether a word has a capital that is not known to be no name. English I is none."""
    words = (word for word in _WORD.findall(text) if word != word.lower() and word != "I")
    return any(_plain(word).strip() not in known for word in words)


def _pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    """Finds each of these names as whole words of a text in `_plain` letters; None for no names."""
    forms = sorted({form for name in names if len(form := _plain(name).strip()) >= _SHORTEST_NAME})
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, forms))})(?!\w)") if forms else None


def _words_of(names: Iterable[str]) -> set[str]:
    return {_plain(word).strip() for name in names for word in _WORD.findall(name)}


def _plain(text: str) -> str:
    """Small letters without accents; every other sign is a space."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return re.sub(r"[\W_]+", " ", bare.casefold())


def _direction(excerpt: Sequence[Note], sides: Mapping[str, str]) -> str | None:
    coders = {note.coder for note in excerpt}
    found = [
        direction
        for direction in ("for", "against", "context")
        if 2 * len({note.coder for note in excerpt if sides.get(note.code) == direction}) > len(coders)
    ]
    return found[0] if len(found) == 1 else None


def _excerpts(notes: Sequence[Note]) -> list[list[Note]]:
    """Excerpts in the order of their texts, so that nobody can tell which come from one source."""
    by_id: dict[str, list[Note]] = {}
    for note in notes:
        by_id.setdefault(note.excerpt_id, []).append(note)
    return sorted(by_id.values(), key=lambda excerpt: excerpt[0].text)


def _sources(notes: Sequence[Note]) -> dict[tuple[str, str], set[str]]:
    kinds: dict[tuple[str, str], set[str]] = {}
    for note in notes:
        kinds.setdefault((note.population, note.source_type), set()).add(note.source_id)
    return kinds


def _first(quotes: Sequence[Quote]) -> list[Quote]:
    """Up to `SHOWN` of each direction, those for a claim first; what several said in the same words once."""
    once = {(one.direction, one.text): one for one in reversed(quotes)}
    return [
        one
        for direction in ("for", "against", "context")
        for one in [one for one in reversed(once.values()) if one.direction == direction][:SHOWN]
    ]
