"""What a result is of, its number and its test, in the words of a reader."""

from collections.abc import Callable, Mapping

from bsna.intake.profile import load_profile
from bsna.publishing.cards.labels import measure_label
from bsna.publishing.cards.results import Result
from bsna.publishing.rounds_shown import outside_text
from bsna.publishing.wording import Words

_STATISTICS = ("statistic", "df1", "df2")


def result_label(words: Words, result: Result) -> str:
    """What a result is of, as the method that made it names it."""
    return _LABELS[result.method](words, result)


def result_number(words: Words, result: Result) -> str:
    """Its value with its interval; nothing where there is none."""
    if result.value is None:
        return _range(words, result)
    if result.low is None or result.high is None:
        return words.show(f"value_{result.unit}", result.value)
    if result.unit == "ratio":
        return words.say(
            "scales", "ratio", {f"{name}_ratio": getattr(result, name) for name in ("value", "low", "high")}
        )
    numbers = {"estimate": result.value, "low": result.low, "high": result.high}
    return words.estimate(numbers | {"unit": result.unit, "status": "ok"})


def result_test(words: Words, result: Result) -> str:
    """Its p-values and statistic, as far as there are any, and the numbers beside it."""
    said = []
    if result.p is not None:
        said.append(words.say("result", "tested", {"alone_p": result.p, "corrected_p": result.p_adjusted}))
    if all(getattr(result, name) is not None for name in _STATISTICS):
        values = {"value_ratio": result.statistic, "first_number": result.df1, "second_number": result.df2}
        said.append(words.say("result", "statistic", values))
    said += [words.say("result", f"further_{name}", {name: value}) for name, value in result.further]
    return ". ".join(said)


def _range(words: Words, result: Result) -> str:
    """From the lowest to the highest of several values; one value where they are the same."""
    if result.low is None or result.high is None:
        return ""
    if result.low == result.high:
        return words.show(f"value_{result.unit}", result.low)
    return words.span(result.low, result.high, result.unit)


def _table(words: Words, result: Result) -> str:
    table, measure = result.names
    population, by = result.about[0][0], words.plan.row("tables", table).by
    values = {"measure": measure_label(words, measure, population), "group_label": words.group(by, population)}
    return words.say("result", "of_group", values)


def _claim(words: Words, result: Result) -> str:
    claim, side = result.names
    values = {"claim": claim, "title": words.text(words.plan.row("claims", claim), "title")}
    return words.say("result", f"of_claim_{side}", values)


def _side(words: Words, result: Result) -> str:
    name, question, side = result.names
    spec, population = words.plan.row("distributions", name), result.about[0][0]
    answers = [words.choice(question, code, population) for code in getattr(spec, side)]
    return words.say("result", "together", {"answers_list": answers})


def _mirror(words: Words, result: Result) -> str:
    return words.text(words.plan.row("mirrors", result.names[0]), "label")


def _worth(words: Words, result: Result) -> str:
    rank = words.plan.row("ranks", result.names[0])
    item = words.choice(rank.questions[0], result.names[1], rank.population)
    return words.say("result", "of_item", {"title": words.text(rank, "title"), "item": item})


def _rerun(words: Words, result: Result) -> str:
    claim, family = result.names
    values = {"claim": claim, "title": words.text(words.plan.row("claims", claim), "title")}
    return words.say("result", "of_rerun", values | {"family": words.word(f"family_{family}")})


def _measured(words: Words, result: Result) -> str:
    ((population, measure),) = result.about
    return measure_label(words, measure, population)


def _surveys(words: Words, result: Result) -> str:
    concept, measure, one, other = result.names
    population = words.plan.row("comparability", concept).population
    names = {"one": _survey(words, one), "other": _survey(words, other)}
    values = {"title": words.measure(measure, population), "item": words.say("countries", "pair", names)}
    return words.say("result", "of_item", values)


def _item_pair(words: Words, result: Result) -> str:
    _, population, share, one, other = result.names
    names = {"item": words.measure(share, population), "one": _survey(words, one), "other": _survey(words, other)}
    return words.say("countries", "item_pair", names)


def _item_tests(words: Words, result: Result) -> str:
    _, population, share, *surveys, _ = result.names
    values = {"title": words.measure(share, population), "surveys_series": [_survey(words, name) for name in surveys]}
    return words.say("result", "of_surveys", values)


def _moved(words: Words, result: Result) -> str:
    survey, population, measure, _ = result.names
    values = {"title": words.measure(measure, population), "item": _survey(words, survey)}
    return words.say("result", "of_item", values)


def _survey(words: Words, survey: str) -> str:
    """A survey as its card calls it: the title of a simulated one says that it is."""
    profile = load_profile(survey)
    names: Mapping[str, str] = profile.title if profile.is_simulated else profile.name  # type: ignore[assignment]
    return names[words.language]


def _published_round(words: Words, result: Result) -> str:
    claim, population, measure, line = result.names
    values = {"claim": claim, "title": words.measure(measure, population), "family": outside_text(words, line)}
    return words.say("result", "of_rerun", values)


def _rank_pair(words: Words, result: Result) -> str:
    return words.text(words.plan.row("rank_pairs", result.names[0]), "title")


_LABELS: Mapping[str, Callable[[Words, Result], str]] = {
    "table": _table,
    "claim_for": _claim,
    "claim_against": _claim,
    "claim_chance": _claim,
    "side": _side,
    "mirror": _mirror,
    "rank_alone": _worth,
    "rank_together": _worth,
    "rank_pair": _rank_pair,
    "rerun": _rerun,
    "rerun_corrections": _rerun,
    "surveys": _surveys,
    "item_pair": _item_pair,
    "item_tests": _item_tests,
    "round_before": _moved,
    "round_after": _moved,
    "round_change": _moved,
    "round_everywhere": _moved,
    "answers_received": _measured,
    "answers_cleaned": _measured,
    "silence_answered": _measured,
    "silence_imputed": _measured,
    "silence_worst": _measured,
    "published_round": _published_round,
}

METHODS = tuple(_LABELS)
"""States of the statement `result` that say how results are worked out."""
