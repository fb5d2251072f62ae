"""Results on a page of cards: one line for each, under their kind, with what they are worked out from."""

from collections.abc import Sequence
from html import escape
from itertools import groupby

from bsna.intake.crosswalk import Crosswalk
from bsna.publishing.cards.cells import Source, cell_asking
from bsna.publishing.cards.facts import making_of
from bsna.publishing.cards.keys import address_of
from bsna.publishing.cards.result_labels import result_label, result_number, result_test
from bsna.publishing.cards.results import KINDS, Result
from bsna.publishing.cards.sentences import questions_html
from bsna.publishing.wording import Words

_HEADS = ("card_what", "card_key", "card_result", "card_tested", "people", "card_clusters", "card_cell", "card_of")


def results_html(words: Words, source: Source, results: Sequence[Result], crosswalk: Crosswalk | None) -> str:
    """All results of a chapter by kind, and within a kind by who was asked; those about the same questions share these."""
    ordered = sorted(results, key=lambda result: (KINDS.index(result.kind), result.populations))
    html = []
    for (kind, populations), found in groupby(ordered, lambda result: (result.kind, result.populations)):
        name = " · ".join([words.word(f"result_{kind}"), *map(words.word, populations)])
        parts: dict[tuple[str, tuple[tuple[str, str], ...]], list[Result]] = {}
        for result in found:
            parts.setdefault((result.method, _questions(words, result)), []).append(result)
        inside = "".join(_section(words, source, own, crosswalk) for own in parts.values())
        own_class = f"group {populations[0]}" if len(populations) == 1 else "group"
        html.append(f'<div class="{own_class}"><h2>{escape(name)}</h2>\n{inside}</div>\n')
    return "".join(html)


def _section(words: Words, source: Source, results: Sequence[Result], crosswalk: Crosswalk | None) -> str:
    first = results[0]
    heads = "".join(f"<th scope=col>{escape(words.word(name))}" for name in _HEADS)
    stem = f"{first.survey}/{first.chapter}/{first.kind}/"
    made = escape(words.say("result", first.method))
    lines = "".join(_line(words, source, result, len(stem)) for result in results)
    asked = "".join(
        questions_html(
            words, [name for who, name in _questions(words, first) if who == population], population, crosswalk
        )
        for population in first.populations
    )
    return (
        f"<section><div><table><thead><tr>{heads}<tbody><tr class=of><th scope=rowgroup colspan={len(_HEADS)}>"
        f"{made} <code>{stem}</code>\n{lines}</table></div>{asked}</section>\n"
    )


def _line(words: Words, source: Source, result: Result, stem: int) -> str:
    cell = cell_asking(source, result.asked)
    facts = (
        result.key[stem:],
        result_number(words, result),
        result_test(words, result),
        "" if result.n is None else words.show("n_count", result.n),
        "" if result.clusters is None else words.show("n_count", result.clusters),
        str(cell.number) if cell else "–",
    )
    shown = "".join(f"<td>{escape(fact)}" for fact in facts)
    links = " ".join(f'<a href="{_href(key, result)}">{place}</a>' for place, key in enumerate(result.of, 1))
    return f'<tr id="{address_of(result.key).anchor}"><th scope=row>{escape(result_label(words, result))}{shown}<td>{links}\n'


def _href(key: str, result: Result) -> str:
    """From the page of a result's chapter to the card of a row."""
    place = address_of(key)
    is_here = (place.survey, place.chapter) == (result.survey, result.chapter)
    return f"#{place.anchor}" if is_here else f"../../{place.href}"


def _questions(words: Words, result: Result) -> tuple[tuple[str, str], ...]:
    """Population and question of all that a result is about."""
    return tuple(
        dict.fromkeys(
            (population, question)
            for population, name in result.about
            for question in making_of(words.plan, words.questionnaires, name, population).questions
        )
    )
