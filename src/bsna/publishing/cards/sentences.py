"""What a card says in words: how a measure is counted, how its people were drawn, and what the page was made from."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from bsna.intake.crosswalk import Crosswalk
from bsna.intake.profile import LANGUAGES, Profile
from bsna.publishing.cards.cells import Source
from bsna.publishing.cards.facts import Making, making_of
from bsna.publishing.wording import Words

_CHECKSUMS = ("corrections", "checks", "profile", "plan", "instrument")
_CONSENT = "(${consent} = 'yes')"
"""What everybody asked anything fulfils."""

_SHORT = 16
"""Digits shown of a checksum on a page; `bsna trace` and the certificate have all."""


def counted(words: Words, made: Making, population: str) -> str:
    """How answers become the measure, in a sentence; the parts of a difference follow."""
    answers = [words.choice(made.questions[0], code, population) for code in made.codes]
    values: dict[str, Any] = {"answers_series": answers, "base": _base(words, made, population)}
    said = [words.say("card", f"measure_{made.kind}", values)]
    for part in made.parts:
        one = making_of(words.plan, words.questionnaires, part, population)
        told = {"name": words.measure(part, population), "made": counted(words, one, population)}
        said.append(words.say("card", "part", told))
    return " ".join(said)


def questions_html(words: Words, questions: Sequence[str], population: str, crosswalk: Crosswalk | None) -> str:
    """Each question as it was asked, in every language, and to whom. A survey read through a crosswalk shows what it asked."""
    foreign = {column.question: column for column in crosswalk.column} if crosswalk else {}
    lines = []
    for name in questions:
        question = words.questionnaires[population].question(name)
        asked: Mapping[str, str] = foreign[name].wording if name in foreign else question.label
        told = [f'<p lang="{language}">{escape(asked[language])}' for language in LANGUAGES]
        if name in foreign:
            told.append(f"<p>{escape(foreign[name].raw)}. {escape(foreign[name].lost[words.language])}")
        elif crosswalk is None and (condition := question.relevance.removeprefix(_CONSENT)):
            said = words.say("card", "asked_if", {"condition": condition.removeprefix(" and ")})
            told.append(f"<p>{escape(said)}")
        lines.append("".join(told))
    return "".join(lines)


def design_sentences(words: Words, population: str) -> list[str]:
    """How the people of a population were drawn and weighted, and how errors are worked out."""
    profile = words.profile
    assert profile is not None
    design = {str(name): design for name, design in profile.design.items()}.get(population)
    rules = profile.publication
    strata, psu = (list(design.strata), design.psu) if design else ([], "")
    said = [
        words.say("card", "strata", {"names_series": strata}) if strata else words.say("card", "no_strata"),
        words.say("card", "clusters", {"name": psu}) if psu else words.say("card", "no_clusters"),
        _weights(words, profile, population),
        words.say("card", "variance"),
        words.say("card", f"lonely_{design.lonely if design else 'adjust'}"),
        words.say("card", "shown", {"people_count": rules.threshold, "clusters_count": rules.min_clusters}),
    ]
    return [*said, words.typeset(design.assumption[words.language])] if design else said


def made_from(words: Words, certificate: Mapping[str, Any], source: Source) -> list[tuple[str, str]]:
    """Names and values, as HTML, of what a page was made from: notebook, code, files, decisions, libraries."""
    files = "; ".join(f"{escape(name)} <code>{sha[:_SHORT]}</code>" for name, sha in sorted(certificate["raw"].items()))
    facts = [
        ("card_notebook", f"<code>{escape(source.file)}</code>"),
        ("card_code", f"<code>{escape(certificate['code'])}</code>"),
        ("card_delivery", f"<code>{escape(certificate['delivery'])}</code>"),
        ("card_files", files or "–"),
        *((f"card_{name}", f"<code>{certificate[name][:_SHORT]}</code>") for name in _CHECKSUMS),
        ("card_seed", f"<code>{int(certificate['seed'])}</code>"),
        ("card_libraries", "; ".join(f"{escape(n)} {escape(v)}" for n, v in sorted(certificate["libraries"].items()))),
    ]
    return [(words.word(name), value) for name, value in facts]


def made_from_all(words: Words, certificates: Mapping[str, Mapping[str, Any]], source: Source) -> list[tuple[str, str]]:
    """The same for a page about all surveys, by survey."""
    made = [(words.word("card_notebook"), f"<code>{escape(source.file)}</code>")]
    for survey, certificate in sorted(certificates.items()):
        own = [f"{name} {value}" for name, value in made_from(words, certificate, source)[1:-1]]
        made.append((survey, "; ".join(own)))
    return made


def _weights(words: Words, profile: Profile, population: str) -> str:
    design = {str(name): design for name, design in profile.design.items()}.get(population)
    if design and design.weight:
        return words.say("card", "weight_delivered", {"name": design.weight})
    if population == "community" and profile.frame:
        margins = [margin.variable for margin in profile.margin]
        return words.say("card", "weight_raked" if margins else "weight_frame", {"names_series": margins})
    return words.say("card", "weight_none")


def _base(words: Words, made: Making, population: str) -> str:
    if not made.base:
        return words.word("all_asked")
    column, _, codes = made.base.partition("=")
    answers = words.word("separator").join(words.choice(column, code, population) for code in codes.split("|"))
    return words.say("alt", "row", {"name": words.question(column, population), "value": answers})
