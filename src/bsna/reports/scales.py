"""Scales across surveys: does a question work alike in each, as far as the answers can tell?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, TypeAlias

import pandas as pd

from bsna.chapter import Survey, tell
from bsna.intake.plan import Comparable, Plan, ScaleItem
from bsna.intake.profile import Publication
from bsna.judgement.comparability import mark_of
from bsna.judgement.functioning import Functioning, ItemOdds, ItemTests, item_functioning
from bsna.judgement.trends import stricter
from bsna.publishing.blocks import folded, items, show_block, texts
from bsna.publishing.cards.comparison_results import item_result, odds_result
from bsna.publishing.cards.results import Result
from bsna.publishing.tables import table_html
from bsna.publishing.wording import Words

Estimates: TypeAlias = Mapping[str, Mapping[tuple[str, str], dict[str, Any]]]
"""Released rows by survey, then by measure and population."""


@dataclass(frozen=True)
class Scale:
    """A scale of the plan: its items, and the concept of the register that its shares belong to."""

    items: tuple[ScaleItem, ...]
    concept: Comparable


def scales_of(plan: Plan) -> tuple[Scale, ...]:
    """The scales of the plan. Raises ValueError for one whose shares are not measures of one concept."""
    found = []
    for name, population in dict.fromkeys((item.scale, item.population) for item in plan.scales):
        items = tuple(item for item in plan.scales if (item.scale, item.population) == (name, population))
        shares = {item.share for item in items}
        concepts = [c for c in plan.comparability if c.population == population and shares <= set(c.measures)]
        if len(concepts) != 1:
            raise ValueError(
                f"assessment/plan/scales.csv: the {len(shares)} shares of {name!r} are measures of {len(concepts)} concepts of "
                "comparability.csv together; expected exactly one"
            )
        found.append(Scale(items, concepts[0]))
    return tuple(found)


def functioning_of(scale: Scale, surveys: Sequence[Survey]) -> Functioning | None:
    """How the items work in those surveys of one kind that may be compared on the concept; None for fewer than two."""
    population, concept = scale.concept.population, scale.concept.concept
    members = {
        survey.profile.id: survey
        for survey in surveys
        if population in survey.designs and mark_of(survey.plan, concept, survey.profile.id) not in (None, "not")
    }
    if len(members) < 2:
        return None
    designs = {name: survey.designs[population] for name, survey in members.items()}
    absent = {name: survey.absent[population] for name, survey in members.items()}
    return item_functioning(scale.items, designs, absent, strictest([s.profile.publication for s in members.values()]))


def strictest(rules: Sequence[Publication]) -> Publication:
    """Publication rules that satisfy all of several surveys."""
    first, *others = rules
    for one in others:
        first = stricter(first, one)
    return first


def show_functioning(
    words: Words,
    scale: Scale,
    surveys: Sequence[Survey],
    found: Functioning | None,
    estimates: Estimates,
) -> list[Result]:
    """Say which questions work very differently, and show the tests behind it; the tests as results.

    `estimates` hold the shares that the tests compare.
    """
    label = words.text(scale.concept, "label")
    if found is None or not found.pairs:
        tell(words.say("scales", "too_few", {"concept": label}))
        return []
    named = _names(words, surveys)
    large = [pair_label(words, pair, named) for pair in found.large.values()]
    tell(words.say("scales", "large" if large else "none", {"concept": label}))
    if large:
        show_block(items(list(map(escape, large)), "facts"))
    source = words.sources([survey.profile for survey in surveys])
    kind = surveys[0].profile.source
    title = words.say("scales", "pairs", {"concept": label})
    made: list[Result | None] = [odds_result(p, _shares(estimates, p.item, (p.one, p.other))) for p in found.pairs]
    lines = [_pair_line(words, pair, result, named) for pair, result in zip(found.pairs, made, strict=True)]
    parts = [table_html(words, pd.DataFrame(lines), title, f"odds-{found.scale}-{kind}", source)]
    if found.items:
        over = [named[name] for name in found.items[0].surveys]
        title = words.say("scales", "items", {"concept": label, "surveys_series": over})
        over_all = [item_result(item, _shares(estimates, item.item, item.surveys)) for item in found.items]
        lines = [_item_line(words, *pair) for pair in zip(found.items, over_all, strict=True)]
        made += over_all
        parts.append(table_html(words, pd.DataFrame(lines), title, f"items-{found.scale}-{kind}", source))
    tables = "".join(f'<div class="bsna-table">{part}</div>' for part in parts)
    show_block(folded(words.say("scales", "tests", {"concept": label}), tables))
    return [result for result in made if result is not None]


def _shares(estimates: Estimates, item: ScaleItem, surveys: Sequence[str]) -> list[str]:
    """Keys of the shares that an item is compared by."""
    found = (estimates[survey].get((item.share, item.population)) for survey in surveys)
    return [row["key"] for row in found if row is not None]


def show_rule(words: Words) -> None:
    """How the tests work, and what they cannot tell."""
    show_block(folded(words.say("scales", "heading"), texts([words.say("scales", "rule")])))
    tell(words.say("scales", "meaning"))


def pair_label(words: Words, pair: ItemOdds, names: dict[str, str]) -> str:
    """A question and the two surveys in which it is compared."""
    values = {"item": _item(words, pair.item), "one": names[pair.one], "other": names[pair.other]}
    return words.say("countries", "item_pair", values)


def _names(words: Words, surveys: Sequence[Survey]) -> dict[str, str]:
    return {s.profile.id: s.profile.name[words.language] for s in surveys}  # type: ignore[index]


def _item(words: Words, item: ScaleItem) -> str:
    return words.measure(item.share, item.population, short=True)


def _pair_line(words: Words, pair: ItemOdds, result: Result | None, names: dict[str, str]) -> dict[str, str]:
    odds = pair.odds
    line = {words.word("item"): _item(words, pair.item)}
    line[words.word("surveys_pair")] = f"{names[pair.one]} / {names[pair.other]}"
    if odds is None or result is None:
        return line | {words.word("odds_ratio"): "–", words.word("size"): words.word("withheld")}
    ratio = {f"{name}_ratio": result.traced(name) for name in ("value", "low", "high")}
    return line | {
        words.word("odds_ratio"): words.say("scales", "ratio", ratio),
        words.word("size"): words.word(f"size_{odds.size.lower()}"),
        words.word("p_adjusted"): words.show("p", result.traced("p_adjusted")),
        words.word("people"): words.show("n_count", odds.n),
    }


def _item_line(words: Words, item: ItemTests, result: Result | None) -> dict[str, str]:
    def p(name: str) -> float | None:
        return result.traced(name) if result else None

    return {
        words.word("item"): _item(words, item.item),
        words.word("p_uniform"): words.show("p", p("uniform_p")),
        words.word("p_nonuniform"): words.show("p", p("nonuniform_p")),
        words.word("people"): words.show("n_count", item.tests.n if item.tests else None),
    }
