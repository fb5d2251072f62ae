"""The page of cards of a chapter: one static page without script, on which the address of a number shows that number alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from typing import Any

from bsna.intake.crosswalk import Crosswalk
from bsna.publishing.cards.cells import Source, cell_of
from bsna.publishing.cards.facts import making_of
from bsna.publishing.cards.keys import address_of, check_keys
from bsna.publishing.cards.labels import measure_label, row_label
from bsna.publishing.cards.marks import plain
from bsna.publishing.cards.results import Result, keyed_records
from bsna.publishing.cards.results_shown import results_html
from bsna.publishing.cards.sentences import counted, design_sentences, made_from, made_from_all, questions_html
from bsna.publishing.wording import Words

Row = Mapping[str, Any]

_HEADS = ("card_group", "card_key", "card_value", "people", "card_clusters", "deff", "card_cell", "status")


@dataclass(frozen=True)
class Cards:
    """All that a page of cards is made of: the chapter, its notebook and birth certificate (for a chapter about all surveys, whose
    words have no profile, one by survey), and the rows that its pages show,
    with their keys, each once, and the results that are no estimate of a row; none of either for a chapter without such numbers."""

    words: Words
    chapter: str
    source: Source
    certificate: Mapping[str, Any]
    rows: tuple[Row, ...]
    crosswalk: Crosswalk | None
    results: tuple[Result, ...] = ()


def card_html(cards: Cards, banner: str) -> str:
    """A whole HTML document with `banner` at its top. Raises ValueError like `keys.check_keys` and `facts.making_of`."""
    check_keys([*cards.rows, *keyed_records(cards.results)])
    words = cards.words
    title = cards.source.title.get(words.language, cards.chapter)
    heading = words.word("card_page_title").format(title=title)
    back = words.word("card_to_chapter").format(title=title)
    survey = f" · {words.profile.title[words.language]}" if words.profile else ""  # type: ignore[index]
    every = f'<p class="all"><a href="#">{escape(words.word("card_show_all"))}</a></p>\n' if _keys(cards) else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{words.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(heading)}{escape(survey)}</title>"
        '<link rel="icon" type="image/svg+xml" href="../../_static/mark.svg">'
        '<link rel="stylesheet" href="../../_static/cards.css"></head>\n'
        f'<body class="bsna-cards"><main><h1>{escape(heading)}</h1>\n{banner}\n{_groups(cards)}'
        f"{results_html(words, cards.source, cards.results, cards.crosswalk)}{_made(cards)}{every}"
        f'<p><a href="../{cards.source.page}" target="_top">{escape(back)}</a></p></main></body></html>\n'
    )


def _groups(cards: Cards) -> str:
    """The rows under the claim or recommendation they belong to, and under who was asked."""
    html = []
    for (under, population), rows in groupby(cards.rows, lambda row: (_under(row), row["population"])):
        name = " · ".join([*under, cards.words.word(population)])
        inside = _sections(cards, list(rows), population)
        html.append(f'<div class="group {population}"><h2>{escape(name)}</h2>\n{inside}</div>\n')
    return "".join(html)


def _sections(cards: Cards, rows: Sequence[Row], population: str) -> str:
    """Measures of the same questions together, so that these stand once."""
    words, html = cards.words, []
    heads = "".join(f"<th scope=col>{escape(words.word(name))}" for name in _HEADS)
    measures: dict[str, list[Row]] = {}
    for row in rows:
        measures.setdefault(row["measure"], []).append(row)
    made = {name: making_of(words.plan, words.questionnaires, name, population) for name in measures}
    for questions in dict.fromkeys(one.questions for one in made.values()):
        bodies = "".join(_body(cards, measures[name]) for name, one in made.items() if one.questions == questions)
        asked = questions_html(words, questions, population, cards.crosswalk)
        html.append(f"<section><div><table><thead><tr>{heads}{bodies}</table></div>{asked}</section>\n")
    return "".join(html)


def _body(cards: Cards, rows: Sequence[Row]) -> str:
    words, first = cards.words, rows[0]
    measure, population, stem = first["measure"], first["population"], _stem(first)
    made = making_of(words.plan, words.questionnaires, measure, population)
    label, said = measure_label(words, measure, population), counted(words, made, population)
    lines = "".join(_line(cards, row, len(stem)) for row in rows)
    return (
        f"<tbody><tr class=of><th scope=rowgroup colspan={len(_HEADS)}>{escape(label)}"
        f"<p>{escape(said)} <code>{stem}</code>\n{lines}"
    )


def _line(cards: Cards, row: Row, stem: int) -> str:
    words, cell = cards.words, cell_of(cards.words.plan, cards.source, row)
    numbers = (
        row["key"][stem:],
        plain(words.estimate(row)),
        words.show("n_count", row["n"]),
        words.show("n_count", row["clusters"]),
        words.show("deff_number", row["deff"]) if row["deff"] == row["deff"] else "–",
        str(cell.number) if cell else "–",
        words.word(row["status"]),
    )
    shown = "".join(f"<td>{escape(number)}" for number in numbers)
    return f'<tr id="{address_of(row["key"]).anchor}"><th>{escape(row_label(words, row))}{shown}\n'


def _made(cards: Cards) -> str:
    """The part that all numbers of the chapter share, also those that are no estimate row."""
    words = cards.words
    drawn = "".join(
        f'<p class="design {population}"><strong>{escape(words.word(population))}.</strong> '
        f"{escape(' '.join(design_sentences(words, population)))}"
        for population in _populations(cards)
    )
    facts = (made_from if words.profile else made_from_all)(words, cards.certificate, cards.source)
    listed = "".join(f"<dt>{escape(name)}<dd>{value}" for name, value in facts)
    cells = "".join(
        f"<li value={cell.number}><code>{escape(cell.call, quote=False)}</code> ({cell.id})"
        for cell in cards.source.cells
    )
    sample = escape(next(iter(_keys(cards)), "KEY"))
    return (
        f'<section id="made"><h2>{escape(words.word("card_how"))}</h2>\n{drawn}'
        f"<p>{escape(words.say('card', 'blocks'))}</p><dl>{listed}</dl><ol>{cells}</ol>"
        f"<p>{escape(words.say('card', 'trace'))} <code>bsna trace {sample}</code></section>\n"
    )


def _keys(cards: Cards) -> list[str]:
    return [*(row["key"] for row in cards.rows), *(result.key for result in cards.results)]


def _populations(cards: Cards) -> list[str]:
    """Everybody who was asked what the numbers are about."""
    found = [*(row["population"] for row in cards.rows), *(name for one in cards.results for name in one.populations)]
    return list(dict.fromkeys(found))


def _under(row: Row) -> tuple[str, ...]:
    """Parts of a key between its chapter and its population."""
    return tuple(_stem(row).split("/")[2:-2])


def _stem(row: Row) -> str:
    """A key without group and answer, which are its last parts."""
    return "/".join(row["key"].split("/")[: -(bool(row["by"]) + bool(row["category"])) or None])
