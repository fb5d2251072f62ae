"""Titles that state the finding, as far as the intervals allow and no further."""

from collections.abc import Mapping, Sequence
from typing import Any

from bsna.publishing.stated import Stated
from bsna.publishing.wording import Words

Row = Mapping[str, Any]


def stated(
    words: Words,
    state: tuple[str, str],
    values: Mapping[str, Any],
    named: Sequence[Row] = (),
    tests: Mapping[str, float] | None = None,
    changes: Sequence[Row] = (),
) -> Stated:
    """The sentence of a statement in a state, with the rows it names and what it rests on, for its figure to check."""
    return Stated(words.say(*state, values), state, named, tests, changes)


def levels_headline(words: Words, rows: Sequence[Row], title: str) -> str:
    """Title of a set of measures.

    Answers to one question are ordered if their intervals let one say so. Measures of different things are never
    ordered: the title then says which lie above one half.
    """
    shown = shown_rows(rows)
    if not shown:
        asked = any(row["status"] == "withheld" for row in rows)
        return words.say("levels", "withheld" if asked else "not_asked", {"title": title})
    ordered = sorted(shown, key=lambda row: -row["estimate"])
    first = ordered[0]
    values: dict[str, Any] = {"top_label": words.measure(first["measure"], first["population"], short=len(rows) > 1)}
    if first["unit"] == "number":
        return stated(words, ("levels", "number"), values | {"top_number": first["estimate"]}, [first])
    values["top_share"] = first["estimate"]
    if len(shown) == 1:
        return stated(words, ("levels", f"single_{side_of_half(first)}"), values, [first])
    if not are_alike(words, shown):
        above = [row for row in ordered if row["low"] > 0.5]
        values |= {"above_list": _named(words, above)}
        return stated(words, ("levels", "above" if above else "none_above"), values, above or [first])
    second = ordered[1]
    values |= {"second_label": words.measure(second["measure"], second["population"], short=True)}
    return stated(words, ("levels", _order(first, second)), values | {"second_share": second["estimate"]}, ordered[:2])


def shown_rows(rows: Sequence[Row]) -> list[Row]:
    """Rows whose numbers may be shown."""
    return [row for row in rows if row["status"] in ("ok", "imprecise")]


def are_alike(words: Words, rows: Sequence[Row]) -> bool:
    """Whether measures can be put in one order: answers to one question, or the same answers to like questions.

    A yes to one thing and a yes to another are not alike.
    """
    specs = [words.plan.measure(row["measure"].split("-")[0], row["population"]) for row in rows]
    if len({(spec.question, spec.kind, spec.base) for spec in specs}) == 1:
        return True
    return len({(spec.codes, spec.kind, spec.base) for spec in specs}) == 1 and specs[0].codes != ("yes",)


def side_of_half(row: Row) -> str:
    """majority, minority or unclear: where the whole interval lies."""
    return "majority" if row["low"] > 0.5 else "minority" if row["high"] < 0.5 else "unclear"


def above_half(words: Words, rows: Sequence[Row]) -> str:
    """Which measures lie above one half with their whole interval."""
    names = _named(words, [row for row in shown_rows(rows) if row["unit"] == "share" and row["low"] > 0.5])
    return words.say("above", "some" if names else "none", {"above_list": names})


def group_headline(words: Words, rows: Sequence[Row], p_values: Mapping[str, float], title: str) -> str:
    """Title of a breakdown: the measure that differs most surely, from its lowest to its highest level."""
    shown = shown_rows(rows)
    if not shown:
        return levels_headline(words, rows, title)
    population, by = shown[0]["population"], shown[0]["by"]
    values: dict[str, Any] = {"group_label": words.group(by, population)}
    differing = [name for name, p in p_values.items() if p <= 0.05]
    if p_values and not differing:
        return stated(words, ("by", "none"), values, tests=p_values)
    there = {row["measure"] for row in shown}
    chosen = min(set(differing) & there or there, key=lambda name: (p_values.get(name, 0.0), name))
    levels = sorted((r for r in shown if r["measure"] == chosen), key=lambda row: row["estimate"])
    low, high = levels[0], levels[-1]
    unit = low["unit"]
    values |= {
        "top_label": words.measure(chosen, population, short=True),
        f"low_{unit}": low["estimate"],
        f"high_{unit}": high["estimate"],
        "low_label": words.level(by, low["level"], population),
        "high_label": words.level(by, high["level"], population),
    }
    state = "number" if unit == "number" else "differs" if p_values else "untested"
    return stated(words, ("by", state), values, [low, high], p_values)


def distribution_headline(words: Words, rows: Sequence[Row], labels: Mapping[str, str], answers: Sequence[str]) -> str:
    """Title of answers on a scale: both ends of one question, or which of several gets the last answer most.

    `labels` names each question; `answers` are the labels of the scale, first to last.
    """
    codes = list(dict.fromkeys(row["category"] for row in rows))
    shown = [row for row in shown_rows(rows) if row["category"] == codes[-1]]
    values: dict[str, Any] = {"low_answer": answers[0], "high_answer": answers[-1]}
    ordered = sorted(shown, key=lambda row: -row["estimate"])
    first = ordered[0]
    if len(ordered) == 1:
        low = next(row for row in rows if (row["measure"], row["category"]) == (first["measure"], codes[0]))
        values |= {"low_share": _known(low), "high_share": first["estimate"]}
        return stated(words, ("distribution", "single"), values, [low, first])
    second = ordered[1]
    values |= {"top_label": labels[first["measure"]], "top_share": first["estimate"]}
    values |= {"second_label": labels[second["measure"]], "second_share": second["estimate"]}
    return stated(words, ("distribution", _order(first, second)), values, ordered[:2])


def corridor_headline(words: Words, rows: Sequence[Row], names: Mapping[str, str]) -> str:
    """Title of corridors: which is mentioned most, if the intervals let one say so."""
    ordered = sorted(shown_rows(rows), key=lambda row: -row["estimate"])
    first = ordered[0]
    values = {"top": corridor_label(words, first, names), "top_share": first["estimate"]}
    if len(ordered) == 1:
        return stated(words, ("flow", "single"), values, ordered)
    second = ordered[1]
    values |= {"second": corridor_label(words, second, names), "second_share": second["estimate"]}
    return stated(words, ("flow", _order(first, second)), values, ordered[:2])


def corridor_label(words: Words, row: Row, names: Mapping[str, str]) -> str:
    """Origin and destination of a corridor."""
    return words.say("flow", "corridor", {"origin": names[row["level"]], "destination": names[row["category"]]})


def _order(first: Row, second: Row) -> str:
    return "clear" if first["low"] > second["high"] else "close"


def _named(words: Words, rows: Sequence[Row]) -> list[str]:
    return [words.measure(r["measure"], r["population"], short=True) for r in rows]


def _known(row: Row) -> float | None:
    return row["estimate"] if row["estimate"] == row["estimate"] else None
