"""By how much surveys differ, concept by concept, as the register of comparability allows."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, TypeAlias

import pandas as pd

from bsna import paths, shelf
from bsna.chapter import Survey, head, read_survey, tell, vocabulary
from bsna.estimation import records
from bsna.intake.plan import Comparable, ScaleItem, SurveyMark, load_plan
from bsna.intake.profile import Profile
from bsna.judgement.comparability import marks_of
from bsna.judgement.survey_differences import SurveyDifference, survey_differences
from bsna.publishing import figures
from bsna.publishing.blocks import folded, items, show_block, texts
from bsna.publishing.headlines import stated
from bsna.publishing.tables import table_html
from bsna.publishing.wording import Words
from bsna.reports.countries import SOURCES, surveys_of
from bsna.reports.scales import functioning_of, pair_label, scales_of, show_functioning, show_rule

Estimates: TypeAlias = Mapping[str, Mapping[tuple[str, str], dict[str, Any]]]
"""By survey, then by measure and population."""
Three: TypeAlias = tuple[str, str, str]
"""A measure and two surveys."""


def report_differences(language: str) -> None:
    """How the items of scales work, and by how much surveys differ, concept by concept, where the register permits it."""
    plan = load_plan()
    words = vocabulary(None, plan, language)
    show_rule(words)
    tell(words.say("countries", "rule"))
    for source in SOURCES:
        profiles = surveys_of(source)
        if not profiles:
            continue
        head(3, words.say("countries", source))
        if len(profiles) < 2:
            tell(words.say("countries", "single", {"survey": _name(words, profiles[0])}))
            continue
        surveys = [read_survey(profile.id, "countries", language) for profile in profiles]
        large, labels = _show_scales(words, surveys)
        estimates = {profile.id: _estimates(profile.id) for profile in profiles}
        for concept in plan.comparability:
            _show_concept(words, concept, profiles, estimates, large, labels)


def _show_scales(words: Words, surveys: Sequence[Survey]) -> tuple[dict[Three, ScaleItem], dict[Three, str]]:
    """Show how the items of each scale work; those that work very differently, and what they are called."""
    large, labels = {}, {}
    names = {s.profile.id: s.profile.name[words.language] for s in surveys}  # type: ignore[index]
    for scale in scales_of(words.plan):
        found = functioning_of(scale, surveys)
        show_functioning(words, scale, surveys, found)
        for key, pair in (found.large if found else {}).items():
            large[key], labels[key] = pair.item, pair_label(words, pair, names)
    return large, labels


def _show_concept(
    words: Words,
    concept: Comparable,
    surveys: Sequence[Profile],
    estimates: Estimates,
    large: Mapping[Three, ScaleItem],
    labels: Mapping[Three, str],
) -> None:
    """One concept: the figure of what may be compared, the reasons for caution, what is refused and why, the numbers."""
    there = [s for s in surveys if any((name, concept.population) in estimates[s.id] for name in concept.measures)]
    if len(there) < 2:
        _show_nothing(words, concept, surveys, there)
        return
    pairs, named = survey_differences(words.plan, concept, there, estimates, large), {s.id: s for s in there}
    permitted = [pair for pair in pairs if pair.permission.kind != "not"]
    label = words.text(concept, "label")
    if permitted:
        groups = _groups(words, concept, permitted, named)
        subtitle = words.say("countries", "subtitle", {"concept": label})
        figures.show(figures.across(words, groups, headline(words, concept, permitted, named), subtitle))
    if reasons := cautions(words, permitted, named, labels):
        show_block(folded(words.say("countries", "caution"), items(list(map(escape, reasons)), "facts")))
    for sentence, reasons in refusals(words, concept, pairs, named):
        _show_refusal(sentence, reasons)
    if lines := [_line(words, concept, pair, named) for pair in permitted if pair.row]:
        title = words.say("countries", "differences", {"concept": label})
        name = f"differences-{concept.concept}-{there[0].source}"
        table = table_html(words, pd.DataFrame(lines), title, name, words.sources(there))
        show_block(folded(title, f'<div class="bsna-table">{table}</div>'))


def _show_nothing(words: Words, concept: Comparable, surveys: Sequence[Profile], there: Sequence[Profile]) -> None:
    """Where fewer than two surveys have estimates: which one has, and what the register refuses."""
    label = words.text(concept, "label")
    for survey in there:
        tell(words.say("countries", "alone", {"concept": label, "survey": _name(words, survey)}))
    named = {survey.id: survey for survey in surveys}
    marks = [m for name in named for m in marks_of(words.plan, concept.concept, name) if m.kind == "not"]
    if marks:
        names = [_name(words, named[name]) for name in dict.fromkeys(mark.survey for mark in marks)]
        sentence = words.say("countries", "unasked", {"concept": label, "surveys_series": names})
        _show_refusal(sentence, _reasons(words, marks, named))


def _show_refusal(sentence: str, reasons: Sequence[str]) -> None:
    html = texts([sentence]) + (items(list(map(escape, reasons)), "facts") if reasons else "")
    show_block(html)


def headline(
    words: Words, concept: Comparable, permitted: Sequence[SurveyDifference], surveys: Mapping[str, Profile]
) -> str:
    """The largest permitted difference that is shown at 5% after correction, with its two ends; or that there is none."""
    shown = [(pair, pair.row) for pair in permitted if pair.row and (pair.p_adjusted or 0.0) <= 0.05]
    if not shown:
        tests = {f"{pair.measure} {pair.one} {pair.other}": pair.p_adjusted or 0.0 for pair in permitted if pair.row}
        return stated(words, ("countries", "same"), {"concept": words.text(concept, "label")}, tests=tests)
    pair, _ = max(shown, key=lambda found: abs(found[1]["estimate"]))
    ends = sorted(((pair.one, pair.before), (pair.other, pair.after)), key=lambda end: end[1]["estimate"])
    values = {"top": words.measure(pair.measure, concept.population)}
    for word, (survey, row) in zip(("low", "high"), ends, strict=True):
        values |= {f"{word}_share": row["estimate"], f"{word}_level": surveys[survey].name[words.language]}  # type: ignore[index]
    state = "differ_caution" if pair.permission.kind == "with_caution" else "differ"
    named, p = [row for _, row in ends], {ends[1][1]["measure"]: pair.p_adjusted or 0.0}
    return stated(words, ("countries", state), values, named, p)


def refusals(
    words: Words, concept: Comparable, pairs: Sequence[SurveyDifference], surveys: Mapping[str, Profile]
) -> list[tuple[str, list[str]]]:
    """For every two surveys that are not compared: on which measures and why, with the reasons of the register."""
    said = []
    refused = [pair for pair in pairs if pair.permission.kind == "not"]
    for one, other, permission in dict.fromkeys((p.one, p.other, p.permission) for p in refused):
        own = [p.measure for p in refused if (p.one, p.other, p.permission) == (one, other, permission)]
        unknown = [_name(words, surveys[name]) for name in permission.surveys]
        values = {
            "one": _name(words, surveys[one]),
            "other": _name(words, surveys[other]),
            "measures_list": [words.measure(name, concept.population, short=True) for name in own],
            "reason": words.say("countries", f"because_{permission.because}", {"surveys_series": unknown}),
        }
        reasons = _reasons(words, permission.marks, surveys) if permission.because == "marks" else []
        said.append((words.say("countries", "refused", values), reasons))
    return said


def cautions(
    words: Words,
    permitted: Sequence[SurveyDifference],
    surveys: Mapping[str, Profile],
    labels: Mapping[Three, str],
) -> list[str]:
    """Why some of these comparisons are made with caution: the register's reasons, and questions that work differently."""
    careful = [pair for pair in permitted if pair.permission.kind == "with_caution"]
    marks = dict.fromkeys(mark for pair in careful for mark in pair.permission.marks)
    said = _reasons(words, tuple(marks), surveys)
    differing = [labels[pair.measure, pair.one, pair.other] for pair in careful if pair.permission.because == "large"]
    if differing:
        said.append(words.say("countries", "caution_large", {"items_series": differing}))
    return said


def _reasons(words: Words, marks: Sequence[SurveyMark], surveys: Mapping[str, Profile]) -> list[str]:
    """Reasons of the register, each with the surveys that it stands for."""
    named: dict[str, list[str]] = {}
    for mark in marks:
        named.setdefault(words.text(mark, "reason"), []).append(_name(words, surveys[mark.survey]))
    return [
        words.say("countries", "by_survey", {"surveys_series": names, "text": text}) for text, names in named.items()
    ]


def _groups(
    words: Words, concept: Comparable, permitted: Sequence[SurveyDifference], surveys: Mapping[str, Profile]
) -> dict[str, list[tuple[Profile, Mapping[str, Any]]]]:
    """Per measure, the surveys that may be compared with at least one other, in their order."""
    groups: dict[str, list[tuple[Profile, Mapping[str, Any]]]] = {}
    for name in concept.measures:
        ends = [end for p in permitted if p.measure == name for end in ((p.one, p.before), (p.other, p.after))]
        rows = dict(ends)
        if rows:
            label = words.measure(name, concept.population)
            groups[label] = [(survey, rows[key]) for key, survey in surveys.items() if key in rows]
    return groups


def _line(words: Words, concept: Comparable, pair: SurveyDifference, surveys: Mapping[str, Profile]) -> dict[str, str]:
    assert pair.row is not None
    names = {"one": _name(words, surveys[pair.one]), "other": _name(words, surveys[pair.other])}
    return {
        words.word("measure"): words.measure(pair.measure, concept.population, short=True),
        words.word("surveys_pair"): words.say("countries", "pair", names),
        words.word("points"): words.estimate(pair.row),
        words.word("p_adjusted"): words.show("p", pair.p_adjusted),
        words.word("mark"): words.word(f"mark_{pair.permission.kind}"),
    }


def _name(words: Words, survey: Profile) -> str:
    names: Any = survey.name
    return str(names[words.language])


def _estimates(profile: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Released estimates of a survey as a whole, by measure and population; the first chapter that shows one counts."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for path in sorted((paths.processed(profile) / "estimates").glob("*.parquet")):
        rows = shelf.read_frame(profile, "estimates", path.stem)
        whole = rows[(rows["by"] == "") & (rows["category"] == "") & rows["status"].isin(["ok", "imprecise"])]
        for row in records(whole):
            found.setdefault((row["measure"], row["population"]), row)
    return found
