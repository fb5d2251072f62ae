"""A result followed back to the estimate rows that it was worked out from, and the lines that all traces share."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bsna.intake.crosswalk import load_crosswalk
from bsna.intake.profile import LANGUAGES
from bsna.publishing.cards.cells import Cell, Source, cell_asking
from bsna.publishing.cards.facts import making_of
from bsna.publishing.cards.marks import plain
from bsna.publishing.cards.result_labels import result_label, result_number, result_test
from bsna.publishing.cards.results import Result
from bsna.publishing.cards.sentences import design_sentences
from bsna.publishing.wording import Words

_NUMBERS = ("value", "low", "high", "p", "p_adjusted", "statistic", "df1", "df2", "n", "clusters")


def result_lines(words: Words, result: Result, source: Source, certificate: Mapping[str, Any]) -> list[str]:
    """What the card of a result says, and the keys of the estimate rows or results behind it, to be traced in their turn."""
    questions = {who: _questions(words, result, who) for who in result.populations}
    return [
        *_said(words, result),
        *(line for who, names in questions.items() for line in asked_lines(words, names, who)),
        *(line for who in questions for line in ("Design", *(f"  {said}" for said in design_sentences(words, who)))),
        *made_lines(source, cell_asking(source, result.asked), certificate),
        "Back to the raw rows",
        f"  results/{result.chapter}.json: the result",
        *(f"  bsna trace {key}" for key in result.of),
        *(f"  cleaned/{who}.parquet, columns {', '.join(names)}" for who, names in questions.items() if not result.of),
    ]


def comparison_lines(words: Words, result: Result, source: Source) -> list[str]:
    """The same of a result of the chapter about all surveys; what each was made from, the keys of its rows tell."""
    cell = cell_asking(source, result.asked)
    return [
        *_said(words, result),
        "Made from",
        f"  notebooks/{source.file}" + (f", cell {cell.number} ({cell.id}): {cell.call}" if cell else ""),
        *(f"  bsna trace {key}" for key in result.of),
    ]


def _said(words: Words, result: Result) -> list[str]:
    said = filter(None, (result_number(words, result), result_test(words, result)))
    return [
        result.key,
        f"  {words.word(f'result_{result.kind}')}: {result_label(words, result)}",
        *(f"  {plain(text)}" for text in said),
        f"  {_numbers(result)}",
        f"  {words.say('result', result.method)}",
    ]


def asked_lines(words: Words, questions: Iterable[str], population: str) -> Iterator[str]:
    """Questions as they were asked, in every language, and to whom."""
    assert words.profile is not None
    crosswalk = load_crosswalk(words.profile.crosswalk) if words.profile.crosswalk else None
    foreign = {column.question: column for column in crosswalk.column} if crosswalk else {}
    yield "Asked"
    for name in questions:
        question = words.questionnaires[population].question(name)
        asked: Mapping[str, str] = foreign[name].wording if name in foreign else question.label
        yield from (f"  {name} ({language}): {asked[language]}" for language in LANGUAGES)
        if question.relevance and not crosswalk:
            yield f"  {name} only if: {question.relevance}"


def made_lines(source: Source, cell: Cell | None, certificate: Mapping[str, Any]) -> list[str]:
    """The notebook and its cell, the code, and checksums of what was declared."""
    sums = {name: certificate[name] for name in ("profile", "plan", "instrument", "corrections", "checks")}
    return [
        "Made from",
        f"  notebooks/{source.file}" + (f", cell {cell.number} ({cell.id}): {cell.call}" if cell else ""),
        f"  code {certificate['code']}, seed {certificate['seed']}",
        *(f"  {name} sha256 {value}" for name, value in sums.items()),
    ]


def _questions(words: Words, result: Result, population: str) -> list[str]:
    names = [name for who, name in result.about if who == population]
    made = (making_of(words.plan, words.questionnaires, name, population) for name in names)
    return list(dict.fromkeys(question for one in made for question in one.questions))


def _numbers(result: Result) -> str:
    given = {name: getattr(result, name) for name in _NUMBERS}
    shown = [f"{name} {value:.6g}" for name, value in given.items() if value is not None]
    shown += [f"{name} {value:.6g}" for name, value in result.further]
    return ", ".join([*shown, f"unit {result.unit}"])
