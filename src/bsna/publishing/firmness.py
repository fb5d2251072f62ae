"""Sentences on claims, no firmer than their grade: an opening and a clause, and a checker of what came out."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from bsna.intake.grading import GRADES, Firmness
from bsna.intake.plan import load_plan
from bsna.publishing.cards.marks import plain
from bsna.publishing.wording import Words

OPENED = ("supported", "contradicted", "uncertain")
"""Verdicts whose sentence is an opening and a clause. The others say nothing of people, and are whole sentences."""

_VOWELS = "aàâæeéèêëiîïoôœuùûü"


def firm_sentence(words: Words, verdict: str, grade: str | None, template: str, values: Mapping[str, Any]) -> str:
    """The clause of a claim behind the opening that its grade allows; a simulated survey is called so.

    Raises ValueError for a verdict without grade that needs one, and like `check_sentence`.
    """
    sentence = words.fill(template, values)
    if verdict in OPENED:
        is_simulated = words.profile is not None and words.profile.is_simulated
        opening = words.plan.firmness.opening(verdict, grade, is_simulated)[words.language]
        sentence = words.typeset(joined(opening, words.inside(sentence), words.language, words.plan.firmness))
    check_sentence(plain(sentence), grade if verdict in OPENED else None, words.language)
    return sentence


def joined(opening: str, clause: str, language: str, firmness: Firmness) -> str:
    """Opening and clause as one sentence; in French, que and si lose their vowel where they must."""
    if language == "fr":
        before, _, last = opening.rpartition(" ")
        first = re.split(r"\W", plain(clause).lower(), maxsplit=1)[0]
        if last == "que" and _elides(first, firmness):
            return f"{before} qu'{clause}"
        if last == "si" and first in ("il", "ils"):
            return f"{before} s'{clause}"
    return f"{opening} {clause}"


def check_sentence(text: str, grade: str | None, language: str) -> None:
    """Raise ValueError for a sentence that is firmer than its grade allows, or that speaks of causes.

    The message has the sentence, the words found, the grade, and the grades that allow them. A sentence with a grade must
    begin with an opening of this or a weaker grade, or say that the survey cannot tell: bare, it would be firmer than any.
    In a language without lists of words only this beginning is checked.
    """
    firmness = load_plan().firmness
    causal = words_found(text, firmness.causal.words.get(language, ()), firmness.causal.permitted.get(language, ()))
    if causal:
        raise ValueError(f"{text!r} says {causal[0]!r}; no grade allows it: a survey shows associations, not effects")
    if grade is None:
        return
    place = GRADES.index(grade)
    for firm in firmness.firm[:place]:
        if found := words_found(text, firm.words.get(language, ())):
            allowed = ", ".join(GRADES[: GRADES.index(firm.grade) + 1])
            raise ValueError(f"{text!r} says {found[0]!r} at grade {grade}; only {allowed} may")
    allowed_openings = [firm.opening for firm in firmness.firm[place:]] + [firmness.uncertain]
    stems = [stem_of(kind[language]) for o in allowed_openings for kind in (o.delivered, o.simulated)]
    if not plain_text(text).startswith(tuple(stems)):
        raise ValueError(f"{text!r} opens with nothing that grade {grade} allows; it may open with {stems}")


def stem_of(opening: str) -> str:
    """An opening without its last word, which may lose its vowel."""
    return plain_text(opening).rpartition(" ")[0]


def plain_text(text: str) -> str:
    """A text in lower case, with straight apostrophes and ordinary spaces."""
    return re.sub(r"\s+", " ", text.replace("’", "'")).strip().lower()


def words_found(text: str, words: Sequence[str], permitted: Sequence[str] = ()) -> list[str]:
    """Which of the words stand in a text, as whole words and in its order, outside of permitted phrases.

    A word ending in * stands for all that begin so; case and kind of apostrophe do not matter.
    """
    return _pattern(tuple(words)).findall(without(text, permitted)) if words else []


def without(text: str, phrases: Sequence[str]) -> str:
    """A text as plain text, with a dot in place of each of the phrases; a lone * stands for every word."""
    text = plain_text(text)
    return _pattern(tuple(phrases)).sub(" · ", text) if phrases else text


@lru_cache(maxsize=1024)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(map(plain_text, words), key=lambda word: (-len(word), word))
    forms = [r"\w+" if word == "*" else re.escape(word).replace(r"\*", r"\w*") for word in longest_first]
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)")


def _elides(first: str, firmness: Firmness) -> bool:
    return first in firmness.elision.mute_h or (first[:1] in _VOWELS and first not in firmness.elision.never)
