"""Two rounds of one survey, side by side: what moved between them, and what that says of claims about change."""

from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import Any

import pandas as pd

from bsna import paths
from bsna.chapter import Survey, head, read_survey, shelve_results, tell, vocabulary
from bsna.intake.plan import Plan, load_plan
from bsna.intake.profile import Profile, list_profiles, load_profile
from bsna.judgement.published import published_lines
from bsna.judgement.trends import Moved, judge_trends, stricter
from bsna.publishing import figures
from bsna.publishing.blocks import folded, items, show_block, texts
from bsna.publishing.cards.comparison_results import COMPARED, moved_results
from bsna.publishing.cards.results import Result, tied
from bsna.publishing.cards.round_results import published_results, tied_lines
from bsna.publishing.cards.rows import FINDINGS
from bsna.publishing.drawing import Drawing
from bsna.publishing.headlines import stated
from bsna.publishing.rounds_shown import outside_text, rounds_figure, rounds_sentences, rounds_table
from bsna.publishing.slopes import slopes
from bsna.publishing.tables import table_html
from bsna.publishing.wording import Words

_ASKED = "report_rounds"


def report_rounds(language: str) -> None:
    """Show every survey whose profile names an earlier round, where both have been run; then what was published of rounds."""
    plan = load_plan()
    profiles = [load_profile(name) for name in list_profiles()]
    linked = [p for p in profiles if p.earlier and paths.has_results(p.id) and paths.has_results(p.earlier.survey)]
    if not linked:
        tell(vocabulary(None, plan, language).say("rounds", "none"))
    results = [result for profile in linked for result in _report(profile, language)]
    shelve_results(COMPARED, "rounds", [*results, *_show_published(plan, language)])


def published_rounds(words: Words, plan: Plan, profile: Profile, claim_id: str) -> tuple[str | Drawing, ...]:
    """The published rounds of a survey's country beside one claim, in the order in which a page shows them: HTML, a
    figure, HTML. Empty where rounds.csv has none. Shown whether or not the files of the rounds are at hand, and not
    marked as simulated, since the numbers are published ones."""
    country = profile.country
    found = published_lines(plan, country, claim_id)
    if not found:
        return ()
    lines = tied_lines(profile.id, FINDINGS, "report_findings", claim_id, found)
    title = words.say("published_rounds", "title", {"claim": claim_id})
    sentences = texts([*rounds_sentences(words, lines, claim_id), *_read_so(words, country)])
    table = rounds_table(words, lines, title, f"published-{country}-{claim_id}")
    return sentences, rounds_figure(words, lines, title), table


def _read_so(words: Words, country: str) -> list[str]:
    """How published rounds of a country are to be read."""
    return [outside_text(words, f"rounds_{country}"), words.say("published_rounds", "rule")]


def _show_published(plan: Plan, language: str) -> list[Result]:
    """Published rounds of every country of which a survey has results: how they are to be read, then claim by claim the
    figure, and place by place what moved. The changes as results."""
    countries = {load_profile(name).country for name in list_profiles() if paths.has_results(name)}
    words = vocabulary(None, plan, language)
    rows = dict.fromkeys((row.country, row.claim) for row in plan.rounds if row.country in countries)
    for country in dict.fromkeys(country for country, _ in rows):
        claims = [claim for other, claim in rows if other == country]
        for claim in claims:
            title = words.text(plan.row("claims", claim), "title")
            head(3, words.say("published_rounds", "head", {"claim": claim, "title": title}))
            _show_claim(words, plan, country, claim)
        show_block(texts(_read_so(words, country)))
    return [
        result
        for country in dict.fromkeys(country for country, _ in rows)
        for result in published_results(COMPARED, COMPARED, _ASKED, plan, country)
    ]


def _show_claim(words: Words, plan: Plan, country: str, claim: str) -> None:
    found = published_lines(plan, country, claim)
    if not found:
        return
    lines = tied_lines(COMPARED, COMPARED, _ASKED, claim, found)
    title = words.say("published_rounds", "title", {"claim": claim})
    figures.show(rounds_figure(words, lines, title))
    sentences = items([escape(line) for line in rounds_sentences(words, lines, claim)], "facts")
    table = rounds_table(words, lines, title, f"published-{country}-{claim}")
    show_block(folded(words.say("rounds", "places"), sentences + table))


def _report(profile: Profile, language: str) -> list[Result]:
    assert profile.earlier is not None
    later = read_survey(profile.id, "rounds", language)
    earlier = read_survey(profile.earlier.survey, "rounds", language)
    words = later.words
    moved = judge_trends(
        words.plan,
        earlier.designs,
        later.designs,
        _absent(earlier, later),
        profile.earlier,
        stricter(earlier.profile.publication, profile.publication),
    )
    results = [_results(words.plan, profile.id, item) for item in moved]
    moved = tuple(_tied(item, own) for item, own in zip(moved, results, strict=True))
    names = {"earlier": earlier.profile.name[language], "later": profile.name[language]}
    head(3, words.say("rounds", "title", names))
    tell(words.typeset(profile.earlier.caution[language]))
    tell(words.say("rounds", "rule", names))
    sides = _ends(words, moved)
    figures.show(slopes(words, sides, (names["earlier"], names["later"]), _headline(words, moved)))
    show_block(items([escape(_sentence(words, item)) for item in moved], "facts"))
    shown = [_line(words, item, names) for item in moved if item.change is not None]
    if shown:
        source = words.sources((earlier.profile, profile))
        table = table_html(
            words, pd.DataFrame(shown), words.say("rounds", "title", names), f"rounds-{profile.id}", source
        )
        show_block(folded(words.say("rounds", "numbers"), f'<div class="bsna-table">{table}</div>'))
    return [result for own in results for result in own.values()]


def _results(plan: Plan, survey: str, item: Moved) -> dict[str, Result]:
    trend = plan.row("trends", item.trend)
    return moved_results(survey, trend.population, trend.measure, item)


def _tied(item: Moved, results: Mapping[str, Result]) -> Moved:
    rows: dict[str, Any] = {level: tied(getattr(item, level), result) for level, result in results.items()}
    if change := results.get("change"):
        tests = {"p_for": "for_p", "p_against": "against_p"}
        rows |= {name: change.traced(test) for name, test in tests.items() if getattr(item, name) is not None}
    return replace(item, **rows)


def _absent(*surveys: Survey) -> dict[str, tuple[str, ...]]:
    populations = {name for survey in surveys for name in survey.absent}
    return {name: tuple({m for s in surveys for m in s.absent.get(name, ())}) for name in populations}


def _label(words: Words, item: Moved) -> str:
    trend = words.plan.row("trends", item.trend)
    return words.measure(trend.measure, trend.population)


def _ends(words: Words, moved: tuple[Moved, ...]) -> list[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    return [(_label(words, m), m.before, m.after) for m in moved if m.before is not None and m.after is not None]


def _headline(words: Words, moved: tuple[Moved, ...]) -> str:
    changes = [(m, m.change) for m in moved if m.change is not None and m.verdict != "withheld"]
    sure = [(m, c) for m, c in changes if c["low"] > 0 or c["high"] < 0]
    if not sure:
        return stated(words, ("rounds", "still"), {}, changes=[change for _, change in changes])
    item, change = max(sure, key=lambda pair: abs(pair[1]["estimate"]))
    assert item.before is not None and item.after is not None
    values = {"top": _label(words, item), "low_share": item.before["estimate"], "high_share": item.after["estimate"]}
    state = "rose" if change["estimate"] > 0 else "fell"
    return stated(words, ("rounds", state), values, [item.before, item.after], changes=[change])


def _sentence(words: Words, item: Moved) -> str:
    trend = words.plan.row("trends", item.trend)
    values: dict[str, Any] = {"measure": _label(words, item), "claim": trend.claim, "margin_size": trend.margin or 0.0}
    if item.verdict in ("not_asked", "withheld") or item.before is None or item.after is None:
        return words.say("rounds", item.verdict, values)
    values |= {"before_share": item.before["estimate"], "after_share": item.after["estimate"]}
    state = f"{trend.expected}_{item.verdict}"
    if state == "same_uncertain" and item.change and (item.change["low"] > 0 or item.change["high"] < 0):
        state = "same_uncertain_moved"
    return words.say("rounds", state, values)


def _line(words: Words, item: Moved, names: Mapping[str, str]) -> dict[str, str]:
    line = {words.word("measure"): _label(words, item)}
    columns = (names["earlier"], names["later"], words.word("change"), words.word("change_everywhere"))
    rows = (item.before, item.after, item.change, item.everywhere)
    line |= {name: words.estimate(row) for name, row in zip(columns, rows, strict=True) if row}
    line[words.word("people")] = " / ".join(words.show("n_count", r["n"]) for r in (item.before, item.after) if r)
    line[words.word("p_for")] = words.show("for_p", item.p_for)
    line[words.word("p_against")] = words.show("against_p", item.p_against)
    return line
