"""What a result is of, its number and its test, in the words of a reader."""

from collections.abc import Callable, Mapping

from bsna.publishing.cards.labels import measure_label
from bsna.publishing.cards.results import Result
from bsna.publishing.wording import Words

_STATISTICS = ("statistic", "df1", "df2")


def result_label(words: Words, result: Result) -> str:
    """What a result is of, as the method that made it names it."""
    return _LABELS[result.method](words, result)


def result_number(words: Words, result: Result) -> str:
    """Its value with its interval; nothing where there is none."""
    if result.value is None:
        return ""
    if result.low is None or result.high is None:
        return words.show(f"value_{result.unit}", result.value)
    numbers = {"estimate": result.value, "low": result.low, "high": result.high}
    return words.estimate(numbers | {"unit": result.unit, "status": "ok"})


def result_test(words: Words, result: Result) -> str:
    """Its p-values and statistic, as far as there are any."""
    said = []
    if result.p is not None:
        said.append(words.say("result", "tested", {"alone_p": result.p, "corrected_p": result.p_adjusted}))
    if all(getattr(result, name) is not None for name in _STATISTICS):
        values = {"value_ratio": result.statistic, "first_number": result.df1, "second_number": result.df2}
        said.append(words.say("result", "statistic", values))
    return ". ".join(said)


def _table(words: Words, result: Result) -> str:
    table, measure = result.names
    population, by = result.about[0][0], words.plan.row("tables", table).by
    values = {"measure": measure_label(words, measure, population), "group_label": words.group(by, population)}
    return words.say("result", "of_group", values)


def _claim(words: Words, result: Result) -> str:
    claim, side = result.names
    values = {"claim": claim, "title": words.text(words.plan.row("claims", claim), "title")}
    return words.say("result", f"of_claim_{side}", values)


_LABELS: Mapping[str, Callable[[Words, Result], str]] = {
    "table": _table,
    "claim_for": _claim,
    "claim_against": _claim,
    "claim_chance": _claim,
}
