"""By how much surveys differ, concept by concept, as the register of comparability allows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import Any

import pandas as pd

from bsna import paths, shelf
from bsna.chapter import Survey, head, read_survey, shelve_results, tell, vocabulary
from bsna.estimation import records
from bsna.intake.plan import Comparable, ScaleItem, load_plan
from bsna.intake.profile import Profile
from bsna.judgement.comparability import marks_of
from bsna.judgement.survey_differences import SurveyDifference, survey_differences
from bsna.publishing.blocks import folded, items, show_block, texts
from bsna.publishing.cards.comparison_results import COMPARED, difference_result
from bsna.publishing.cards.keys import keyed
from bsna.publishing.cards.results import Result, tied
from bsna.publishing.drawing import show
from bsna.publishing.multiples import multiples
from bsna.publishing.tables import table_html
from bsna.publishing.wording import Words
from bsna.reports.countries import SOURCES, surveys_of
from bsna.reports.differing import Three, cautions, headline, line_of, name_of, reasons_of, refusals, same_headline
from bsna.reports.scales import Estimates, functioning_of, pair_label, scales_of, show_functioning, show_rule


@dataclass(frozen=True)
class Compared:
    """Surveys of one kind that have estimates on a concept, and every pair of them, measure by measure."""

    concept: Comparable
    surveys: tuple[Profile, ...]
    pairs: tuple[SurveyDifference, ...]

    @cached_property
    def permitted(self) -> list[SurveyDifference]:
        """Pairs that the register lets be compared."""
        return [pair for pair in self.pairs if pair.permission.kind != "not"]

    @property
    def named(self) -> dict[str, Profile]:
        """The surveys by id."""
        return {survey.id: survey for survey in self.surveys}

    @property
    def is_plain(self) -> bool:
        """Whether every pair may be compared without caution, and none is shown to differ beyond chance."""
        return all(p.permission.kind == "comparable" for p in self.pairs) and not any(p.is_shown for p in self.pairs)


def report_differences(language: str) -> None:
    """How the items of scales work, and by how much surveys differ, concept by concept, where the register permits it."""
    plan = load_plan()
    words = vocabulary(None, plan, language)
    results: list[Result] = []
    show_rule(words)
    tell(words.say("countries", "rule"))
    for source in SOURCES:
        profiles = surveys_of(source)
        if not profiles:
            continue
        head(3, words.say("countries", source))
        if len(profiles) < 2:
            tell(words.say("countries", "single", {"survey": name_of(words, profiles[0])}))
            continue
        surveys = [read_survey(profile.id, "countries", language) for profile in profiles]
        estimates = {profile.id: _estimates(profile.id) for profile in profiles}
        large, labels, worked = _show_scales(words, surveys, estimates)
        results += worked
        results += _show_concepts(words, profiles, estimates, large, labels)
    shelve_results(COMPARED, "differences", results)


def _show_scales(
    words: Words, surveys: Sequence[Survey], estimates: Estimates
) -> tuple[dict[Three, ScaleItem], dict[Three, str], list[Result]]:
    """Show how the items of each scale work; those that work very differently, what they are called, and all as results."""
    large, labels, results = {}, {}, list[Result]()
    names = {s.profile.id: s.profile.name[words.language] for s in surveys}  # type: ignore[index]
    for scale in scales_of(words.plan):
        found = functioning_of(scale, surveys)
        results += show_functioning(words, scale, surveys, found, estimates)
        for key, pair in (found.large if found else {}).items():
            large[key], labels[key] = pair.item, pair_label(words, pair, names)
    return large, labels, results


def _show_concepts(
    words: Words,
    surveys: Sequence[Profile],
    estimates: Estimates,
    large: Mapping[Three, ScaleItem],
    labels: Mapping[Three, str],
) -> list[Result]:
    """Show concepts with something to tell one by one; those without caution on which no two surveys are shown to differ in one
    figure; then those on which nothing is compared. All differences as results."""
    results: list[Result] = []
    compared: list[Compared] = []
    nothing: list[Compared] = []
    for concept in words.plan.comparability:
        there = tuple(s for s in surveys if any((m, concept.population) in estimates[s.id] for m in concept.measures))
        found = survey_differences(words.plan, concept, there, estimates, large)
        made = [difference_result(concept.concept, pair) for pair in found]
        results += [result for result in made if result is not None]
        pairs = tuple(_tied(pair, result) for pair, result in zip(found, made, strict=True))
        (compared if len(there) > 1 else nothing).append(Compared(concept, there, pairs))
    plain = [one for one in compared if one.is_plain]
    alone = [[one] for one in compared if one not in plain]
    for group in [*alone, *([plain] if plain else [])]:
        _show_compared(words, group, estimates, labels)
    for one in nothing:
        _show_nothing(words, one.concept, surveys, one.surveys)
    return results


def _tied(pair: SurveyDifference, result: Result | None) -> SurveyDifference:
    if result is None or pair.row is None:
        return pair
    return replace(pair, row=tied(pair.row, result), p_adjusted=result.traced("p_adjusted"))


def _show_compared(words: Words, group: Sequence[Compared], estimates: Estimates, labels: Mapping[Three, str]) -> None:
    """One figure of what may be compared, what is refused and why; folded, the reasons for caution and the numbers."""
    first, several = group[0], len(group) > 1
    label = words.text(first.concept, "label")
    head(4, words.say("countries", "alike") if several else label)
    groups: dict[str, list[tuple[Profile, Mapping[str, Any]]]] = {}
    absent: dict[tuple[str, str], str] = {}
    for one in group:
        groups |= _groups(words, one)
        absent |= _absent(words, one, estimates)
    if groups:
        together = same_headline(words, [(one.concept, one.permitted) for one in group])
        title = together if several else headline(words, first.concept, first.permitted, first.named)
        subtitle = "" if several else words.say("countries", "subtitle", {"concept": label})
        show(multiples(words, groups, absent, title, subtitle))
    for one in group:
        for sentence, reasons in refusals(words, one.concept, one.pairs, one.named):
            _show_refusal(sentence, reasons)
    if tables := "".join(_numbers(words, one, labels) for one in group):
        careful = any(pair.permission.kind == "with_caution" for one in group for pair in one.permitted)
        show_block(folded(words.say("countries", "cautious" if careful else "tested"), tables))


def _numbers(words: Words, one: Compared, labels: Mapping[Three, str]) -> str:
    """Why a concept is compared with caution, and all its permitted differences as a table."""
    html = ""
    if reasons := cautions(words, one.permitted, one.named, labels):
        html += texts([words.say("countries", "caution")]) + items(list(map(escape, reasons)), "facts")
    if lines := [line_of(words, one.concept, pair, one.named) for pair in one.permitted if pair.row]:
        title = words.say("countries", "differences", {"concept": words.text(one.concept, "label")})
        name = f"differences-{one.concept.concept}-{one.surveys[0].source}"
        table = table_html(words, pd.DataFrame(lines), title, name, words.sources(one.surveys))
        html += f'<div class="bsna-table">{table}</div>'
    return html


def _show_nothing(words: Words, concept: Comparable, surveys: Sequence[Profile], there: Sequence[Profile]) -> None:
    """Where fewer than two surveys have estimates: which one has, and what the register refuses."""
    label, named = words.text(concept, "label"), {survey.id: survey for survey in surveys}
    marks = [m for name in named for m in marks_of(words.plan, concept.concept, name) if m.kind == "not"]
    if there or marks:
        head(4, label)
    for survey in there:
        tell(words.say("countries", "alone", {"concept": label, "survey": name_of(words, survey)}))
    if marks:
        names = [name_of(words, named[name]) for name in dict.fromkeys(mark.survey for mark in marks)]
        sentence = words.say("countries", "unasked", {"concept": label, "surveys_series": names})
        _show_refusal(sentence, reasons_of(words, marks, named))


def _show_refusal(sentence: str, reasons: Sequence[str]) -> None:
    html = texts([sentence]) + (items(list(map(escape, reasons)), "facts") if reasons else "")
    show_block(html)


def _groups(words: Words, one: Compared) -> dict[str, list[tuple[Profile, Mapping[str, Any]]]]:
    """Per measure, the surveys that may be compared with at least one other, in their order."""
    groups: dict[str, list[tuple[Profile, Mapping[str, Any]]]] = {}
    for name in one.concept.measures:
        own = [pair for pair in one.permitted if pair.measure == name]
        rows = dict(end for p in own for end in ((p.one, p.before), (p.other, p.after)))
        if rows:
            label = words.measure(name, one.concept.population)
            groups[label] = [(survey, rows[survey.id]) for survey in one.surveys if survey.id in rows]
    return groups


def _absent(words: Words, one: Compared, estimates: Estimates) -> dict[tuple[str, str], str]:
    """What stands in place of estimates that the register keeps out of the figure, by measure and survey."""
    population = one.concept.population
    return {
        (words.measure(name, population), survey.id): words.word("mark_not")
        for name in one.concept.measures
        for survey in one.surveys
        if (name, population) in estimates[survey.id]
    }


def _estimates(profile: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Released estimates of a survey as a whole, by measure and population; the first chapter that shows one counts."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for path in sorted((paths.processed(profile) / "estimates").glob("*.parquet")):
        rows = shelf.read_frame(profile, "estimates", path.stem)
        whole = rows[(rows["by"] == "") & (rows["category"] == "") & rows["status"].isin(["ok", "imprecise"])]
        for row in keyed(records(whole), profile, path.stem):
            found.setdefault((row["measure"], row["population"]), row)
    return found
