"""What an estimate row is of, in the words of a reader."""

from collections.abc import Mapping
from typing import Any

from bsna.estimation import TOP_TWO
from bsna.publishing.cards.facts import Making, making_of
from bsna.publishing.wording import Words

Row = Mapping[str, Any]


def measure_label(words: Words, measure: str, population: str) -> str:
    """Label of whatever rows are of: a measure, a flow, or a question in its own words."""
    made = making_of(words.plan, words.questionnaires, measure, population)
    if made.kind == "corridor":
        return words.text(words.plan.row("flows", measure), "title")
    if made.kind == "answers":
        return words.question(measure, population)
    return words.measure(measure, population)


def row_label(words: Words, row: Row) -> str:
    """For whom and for which answer a row is; that it is for all if for nobody in particular."""
    made = making_of(words.plan, words.questionnaires, row["measure"], row["population"])
    if made.kind == "corridor":
        ends = zip(("origin", "destination"), made.questions, (row["level"], row["category"]), strict=True)
        return words.say("flow", "corridor", {end: words.choice(q, code, row["population"]) for end, q, code in ends})
    parts = [_group(words, row)] if row["by"] else []
    parts += [_answer(words, made, row)] if row["category"] else []
    return " · ".join(parts) or words.word("card_of_all")


def _group(words: Words, row: Row) -> str:
    name = words.group(row["by"], row["population"])
    if not row["level"]:
        return name
    level = words.level(row["by"], row["level"], row["population"])
    return words.say("alt", "row", {"name": name, "value": level})


def _answer(words: Words, made: Making, row: Row) -> str:
    """An ordered model names answers by their place on the scale."""
    category = row["category"]
    if category == TOP_TWO:
        return words.word("top_two")
    if category.isdecimal() and int(category) < len(made.codes):
        category = made.codes[int(category)]
    return words.choice(made.questions[0], category, row["population"])
