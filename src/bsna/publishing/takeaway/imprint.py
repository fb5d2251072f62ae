"""What every file to take away says of itself: what it is, when the fieldwork was, how to cite it, its version."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from importlib.metadata import version
from typing import Any

from babel.dates import format_date

from bsna.publishing.takeaway.declared import load_declared
from bsna.publishing.wording import Words


@dataclass(frozen=True)
class Imprint:
    """The sentences of one survey in one language.

    `title` names the survey; `notice` says whether it is simulated or real; `fieldwork`, `cite`, `licence` and `made` are
    sentences; `source` is what the numbers come from; `authors` and `version` are bare; `created` is the end of fieldwork, since a clock would change the bytes.
    """

    language: str
    title: str
    is_simulated: bool
    notice: str
    fieldwork: str
    cite: str
    licence: str
    made: str
    source: str
    authors: tuple[str, ...]
    version: str
    created: datetime

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of it, in the order in which it is printed."""
        return self.notice, self.fieldwork, self.cite, self.made, self.licence


def imprint_of(words: Words) -> Imprint:
    """The imprint of the survey of this vocabulary. A survey without a citation is cited by its title."""
    profile = words.profile
    assert profile is not None
    language, work, number = words.language, load_declared().work, version("bsna")
    title = profile.title[language]
    cited = profile.citation.text[language] if profile.citation and profile.citation.text else title
    values: dict[str, Any] = {"version": number, "title": title, "citation": cited, "licence": work.licence}
    values |= {"authors_series": work.authors, "work": work.title[language]}
    values |= {
        name: format_date(day, "d MMMM yyyy", locale=language)
        for name, day in (("start", profile.fieldwork.start), ("end", profile.fieldwork.end))
    }
    kind = "simulated" if profile.is_simulated else "delivered"
    return Imprint(
        language,
        title,
        profile.is_simulated,
        words.say("banner", kind, values),
        words.say("takeaway", f"fieldwork_{kind}", values),
        words.say("takeaway", f"cite_{kind}", values),
        words.say("takeaway", "licence", values),
        words.say("takeaway", "version", values),
        words.source if profile.is_simulated else cited,
        work.authors,
        number,
        datetime.combine(profile.fieldwork.end, time(), UTC),
    )


def full_title(words: Words, kind: str) -> str:
    """Title of a file, which says that data are simulated: `kind` is brief, report or estimates in words."""
    assert words.profile is not None
    is_simulated = words.profile.is_simulated
    values = {"mark": words.word("simulated"), "kind": kind, "title": words.profile.title[words.language]}
    return words.say("takeaway", "titled_simulated" if is_simulated else "titled", values)


def running_title(words: Words) -> str:
    """What stands at the top of every page."""
    assert words.profile is not None
    values = {"mark": words.word("simulated"), "title": words.profile.title[words.language], "version": version("bsna")}
    return words.say("takeaway", f"running_{'simulated' if words.profile.is_simulated else 'delivered'}", values)
