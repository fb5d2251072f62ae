"""What moved since the last published edition, for a page and for the command line."""

from collections.abc import Sequence
from datetime import date
from html import escape

from babel.dates import format_date

from bsna import shelf
from bsna.chapter import Survey, tell, vocabulary
from bsna.intake.plan import Plan
from bsna.intake.profile import Profile
from bsna.judgement.editions import Edition
from bsna.judgement.moved import Cause, Moved, compare
from bsna.publishing.blocks import items, show_block, texts
from bsna.publishing.moves import advice_table, causes, claim_table, told
from bsna.publishing.published import Published, read_published
from bsna.publishing.tables import show_table
from bsna.publishing.wording import Words


def show_moved(survey: Survey) -> None:
    """What this run says that the published edition does not, and which of the things it is made from differ."""
    words, found = survey.words, _found(survey.profile.id)
    if isinstance(found, Edition):
        tell(words.say("moved", "not_yet"))
        return
    published, moved = found
    _show(words, moved, published.published, "run")


def show_last_published(survey: Survey) -> None:
    """What moved between the two editions published last, as it was told then."""
    words, published = survey.words, read_published(survey.profile.id)
    if published is None:
        tell(words.say("moved", "never"))
        return
    values = {"day": _day(words, published.published), "note": _note(published.note)}
    show_block(texts([words.say("moved", "published", values)]))
    if published.moved is None or published.since is None:
        tell(words.say("moved", "first"))
        return
    _show(words, published.moved, published.since, "edition")


def moved_lines(profile: Profile, plan: Plan, language: str, stale: Sequence[Cause] = ()) -> list[str]:
    """What moved in the last run of a survey, line by line; first what changed since that run, if anything did.

    Raises ValueError, with what to run, if there was no run.
    """
    words, found = vocabulary(profile, plan, language), _found(profile.id)
    lines = [words.say("moved", "run_older", {"causes_series": causes(words, stale)})] if stale else []
    if isinstance(found, Edition):
        return [*lines, words.say("moved", "not_yet")]
    published, moved = found
    lines += told(words, moved, _day(words, published.published))
    for table in (claim_table(words, moved), advice_table(words, moved)):
        for row in table.to_dict("records"):
            head, *cells = row.items()
            facts = [words.say("alt", "row", {"name": name, "value": value}) for name, value in cells]
            lines += ["", str(head[1]), *(f"  {fact}" for fact in facts)]
    return lines


def _found(survey: str) -> Edition | tuple[Published, Moved]:
    """The run at hand, set beside the published edition if there is one."""
    edition = Edition.model_validate(shelf.read_record(survey, "moved", "edition"))
    published = read_published(survey)
    return edition if published is None else (published, compare(published.edition, edition))


def _show(words: Words, moved: Moved, since: date, name: str) -> None:
    first, *others = told(words, moved, _day(words, since))
    tell(first)
    for key, table in (("claims", claim_table(words, moved)), ("advice", advice_table(words, moved))):
        if not table.empty:
            show_table(words, table, words.word(f"moved_{key}_title"), f"moved-{key}-{name}")
    show_block(items([escape(line) for line in others], "facts"))


def _day(words: Words, day: date) -> str:
    return format_date(day, "d MMMM yyyy", locale=words.language)


def _note(note: str) -> str:
    return note if note.endswith((".", "!", "?")) or not note else f"{note}."
