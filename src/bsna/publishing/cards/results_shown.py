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
    """All results of a chapter by kind, by who was asked and by method; those about the same questions share these."""
    ordered = sorted(results, key=lambda result: (KINDS.index(result.kind), result.populations))
    html = []
    for (kind, populations), found in groupby(ordered, lambda result: (result.kind, result.populations)):
        name = " · ".join([words.word(f"result_{kind}"), *map(words.word, populations)])
        methods: dict[str, list[Result]] = {}
        for result in found:
            methods.setdefault(result.method, []).append(result)
        inside = "".join(_section(words, source, own, crosswalk) for own in methods.values())
        own_class = f"group {populations[0]}" if len(populations) == 1 else "group"
        html.append(f'<div class="{own_class}"><h2>{escape(name)}</h2>\n{inside}</div>\n')
    return "".join(html)


def _section(words: Words, source: Source, results: Sequence[Result], crosswalk: Crosswalk | None) -> str:
    """Results of one method: its sentence once, and a block of lines for those about the same questions."""
    heads = "".join(f"<th scope=col>{escape(words.word(name))}" for name in _HEADS)
    made = escape(words.say("result", results[0].method))
    blocks: dict[tuple[tuple[str, str], ...], list[Result]] = {}
    for result in results:
        blocks.setdefault(_questions(words, result), []).append(result)
    bodies = "".join(_body(words, source, asked, own, crosswalk) for asked, own in blocks.items())
    return f"<section><div><table><thead><tr>{heads}{bodies}</table></div><p>{made}</section>\n"


def _body(
    words: Words,
    source: Source,
    asked: tuple[tuple[str, str], ...],
    results: Sequence[Result],
    crosswalk: Crosswalk | None,
) -> str:
    first = results[0]
    stem = f"{first.survey}/{first.chapter}/{first.kind}/"
    said = "".join(
        questions_html(words, [name for who, name in asked if who == population], population, crosswalk)
        for population in first.populations
    )
    lines = "".join(_line(words, source, result, len(stem)) for result in results)
    return f"<tbody><tr class=of><th scope=rowgroup colspan={len(_HEADS)}><code>{stem}</code>{said}\n{lines}"


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
    name = escape(result_label(words, result))
    return f'<tr id="{address_of(result.key).anchor}"><th>{name}{shown}<td>{_links(result)}\n'


def _links(result: Result) -> str:
    """Numbered links to the rows or results behind a result; of more than two the first and the last, as `bsna trace` lists all."""
    links = [f'<a href="{_href(key, result)}">{place}</a>' for place, key in enumerate(result.of, 1)]
    return " ".join(links) if len(links) < 3 else f"{links[0]} … {links[-1]}"


def _href(key: str, result: Result) -> str:
    """From the page of a result's chapter to the card of a row or result."""
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
