"""The reviewer's checklist of a survey, filled by its run: every item is answered, or says why it cannot be."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from bsna import paths
from bsna.chapter import banner_html, vocabulary
from bsna.intake.checklist import Checklist, Item, List, Own, State, answer_of, load_checklist, own_answers
from bsna.intake.plan import load_plan
from bsna.intake.profile import Profile
from bsna.publishing.blocks import texts
from bsna.publishing.checklist_facts import checklist_facts
from bsna.publishing.translation import chapter_title
from bsna.publishing.wording import Words
from bsna.publishing.written import WrittenPage

STATES: tuple[State, ...] = ("answered", "not_known", "not_applicable")
HAND_WRITTEN = ("methods", "decisions", "glossary")
"""Hand-written pages an item may lead to."""

_CODE = re.compile(r"`([^`]+)`")
_NAMED = re.compile(r"\{(\w+)\}")


def checklist_page(survey: Profile, language: str) -> WrittenPage:
    """The page in one language. Each item has its id, in lower case, as anchor.

    Raises ValueError naming the item that has no answer, or whose answer needs a fact that this survey does not have; and for a
    page that is not in the book.
    """
    words, checklist = vocabulary(survey, load_plan(), language), load_checklist()
    facts, own = checklist_facts(words), own_answers(survey, checklist)
    answers = {item.id: answer_of(item, survey, own) for item in checklist.item}
    filled = {item.id: filled_answer(words, item, answers[item.id], facts) for item in checklist.item}
    page = WrittenPage(words.say("checklist", "title", {"title": survey.title[language]}))
    page.add(banner_html(words))
    page.add(texts([words.say("checklist", "intro"), counted(words, list(answers.values()))]))
    for one in checklist.list:
        page.head(words.typeset(one.title[language]))
        page.add(_list_html(words, checklist, one, answers, filled))
    return page


def counted(words: Words, answers: Sequence[Own]) -> str:
    """How many items are answered, not known and not applicable."""
    states = [answer.state for answer in answers]
    values = {f"{state}_count": states.count(state) for state in STATES}
    return words.say("checklist", "counts", {"items_count": len(states)} | values)


def filled_answer(words: Words, item: Item, answer: Own, facts: Mapping[str, Any]) -> str:
    """An answer with the facts it names. Raises ValueError for one that is not there, naming item and fact."""
    template = answer.text[words.language]
    if unknown := sorted(set(_NAMED.findall(template)) - set(facts)):
        raise ValueError(f"checklist.toml: item {item.id} names {unknown}; facts are {', '.join(sorted(facts))}")
    if blank := sorted(name for name in set(_NAMED.findall(template)) if facts[name] is None):
        raise ValueError(
            f"checklist.toml: the answer to item {item.id} ({item.asks['en']}) rests on {', '.join(blank)}, which "
            f"{facts['survey']} does not have; complete its profile, or answer the item in "
            f"assessment/checklists/{facts['survey']}.toml"
        )
    return words.fill(template, facts)


def _list_html(
    words: Words, checklist: Checklist, one: List, answers: Mapping[str, Own], filled: Mapping[str, str]
) -> str:
    lines = [
        f'<dt id="{escape(item.id.lower(), quote=True)}"><strong>{escape(item.id)}.</strong> '
        f"{escape(words.typeset(item.asks[words.language]))}</dt>"
        f"<dd>{_state(words, answers[item.id])}{_prose(filled[item.id])} {_link(words, item.page)}</dd>"
        for item in checklist.item
        if item.list == one.id
    ]
    return f'{texts([words.typeset(one.cited[words.language])])}<dl class="bsna-checklist">{"".join(lines)}</dl>'


def _state(words: Words, answer: Own) -> str:
    return "" if answer.state == "answered" else f"<em>{escape(words.say('checklist', answer.state))}</em> "


def _prose(text: str) -> str:
    """An escaped text in which what stands between backticks is code."""
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _link(words: Words, page: str) -> str:
    """A link to a chapter by its title, or to a hand-written page; ValueError if there is none."""
    if page in HAND_WRITTEN:
        target, title = f"../{page}.html", words.say("shell", page)
    else:
        path = paths.notebooks() / f"{page}.ipynb"
        if not path.is_file():
            raise ValueError(f"checklist.toml: {page!r} is neither a chapter nor one of {', '.join(HAND_WRITTEN)}")
        target, title = f"{page}.html", words.typeset(chapter_title(path, words.language))
    return f'<a href="{escape(target, quote=True)}">{escape(words.say("checklist", "more", {"page": title}))}</a>'
