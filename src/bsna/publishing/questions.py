"""Questions as they were asked, in every language of the questionnaire, with the answers offered."""

from collections.abc import Iterable, Sequence
from html import escape

import pandas as pd

from bsna.intake.crosswalk import Crosswalk
from bsna.intake.instrument import Question
from bsna.intake.plan import Measure
from bsna.intake.profile import LANGUAGES
from bsna.publishing.wording import Words

_SHOWN = 24
"""Answers listed; longer lists, of places, say how many they are."""


def asked_html(words: Words, asked: Iterable[tuple[str, str]], crosswalk: Crosswalk | None) -> str:
    """Each question in all languages side by side. A survey that came through a crosswalk shows what that survey asked in
    our words, and what does not carry over."""
    foreign = {column.question: column for column in crosswalk.column} if crosswalk else {}
    blocks = []
    for population, name in asked:
        question = words.questionnaires[population].question(name)
        if crosswalk is None:
            texts = "".join(_asked(question, language) for language in LANGUAGES)
        elif name in foreign:
            column = foreign[name]
            texts = "".join(
                f'<p lang="{language}">{escape(column.wording[language])} ({escape(column.raw)}). '  # type: ignore[index]
                f"{escape(column.lost[language])}.</p>"  # type: ignore[index]
                for language in LANGUAGES
            )
        else:
            continue
        blocks.append(f"<li><strong>{escape(words.word(population))}</strong>{texts}</li>")
    return f'<ul class="bsna-asked">{"".join(blocks)}</ul>' if blocks else ""


def _asked(question: Question, language: str) -> str:
    offered = [choice.label[language] for choice in question.choices]
    answers = " · ".join(offered[:_SHOWN]) + (f" … ({len(offered)})" if len(offered) > _SHOWN else "")
    shown = f"<br><small>{escape(answers)}</small>" if answers else ""
    return f'<p lang="{language}">{escape(question.label[language])}{shown}</p>'


def counted_table(words: Words, specs: Sequence[Measure]) -> pd.DataFrame:
    """One row is one measure: of which questions it is made, which answers count as yes, and of whom it is a share."""
    return pd.DataFrame(
        [
            {
                words.word("measure"): words.measure(spec.measure, spec.population),
                words.word("question"): words.word("separator").join(
                    words.question(name, spec.population) for name in dict.fromkeys(spec.question)
                ),
                words.word("counts"): words.word("separator").join(_answers(words, spec)),
                words.word("of_whom"): _base(words, spec),
            }
            for spec in specs
        ]
    )


def _answers(words: Words, spec: Measure) -> list[str]:
    return [words.choice(spec.question[0], code, spec.population) for code in spec.codes]


def _base(words: Words, spec: Measure) -> str:
    if not spec.base:
        return words.word("all_asked")
    column, _, codes = spec.base.partition("=")
    answers = words.word("separator").join(words.choice(column, code, spec.population) for code in codes.split("|"))
    return words.say("alt", "row", {"name": words.question(column, spec.population), "value": answers})
