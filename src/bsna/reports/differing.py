"""What is said of surveys that are compared on a concept: the title, what is refused and why, why with caution, the numbers."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from bsna.intake.plan import Comparable, SurveyMark
from bsna.intake.profile import Profile
from bsna.judgement.survey_differences import SurveyDifference
from bsna.publishing.headlines import stated
from bsna.publishing.wording import Words

Three: TypeAlias = tuple[str, str, str]
"""A measure and two surveys."""


def headline(
    words: Words, concept: Comparable, permitted: Sequence[SurveyDifference], surveys: Mapping[str, Profile]
) -> str:
    """The largest permitted difference that is shown at 5% after correction, with its two ends; or that there is none."""
    shown = [pair for pair in permitted if pair.is_shown]
    if not shown:
        return same_headline(words, [(concept, permitted)])
    pair = max(shown, key=lambda found: abs(found.row["estimate"]) if found.row else 0.0)
    ends = sorted(((pair.one, pair.before), (pair.other, pair.after)), key=lambda end: end[1]["estimate"])
    values = {"top": words.measure(pair.measure, concept.population)}
    for word, (survey, row) in zip(("low", "high"), ends, strict=True):
        values |= {f"{word}_share": row["estimate"], f"{word}_level": surveys[survey].name[words.language]}  # type: ignore[index]
    state = "differ_caution" if pair.permission.kind == "with_caution" else "differ"
    named, p = [row for _, row in ends], {ends[1][1]["measure"]: pair.p_adjusted or 0.0}
    return stated(words, ("countries", state), values, named, p)


def same_headline(words: Words, compared: Sequence[tuple[Comparable, Sequence[SurveyDifference]]]) -> str:
    """That no permitted difference on one concept or several is shown."""
    tests = {
        f"{pair.measure} {pair.one} {pair.other}": pair.p_adjusted or 0.0
        for _, permitted in compared
        for pair in permitted
        if pair.row
    }
    labels = [words.text(concept, "label") for concept, _ in compared]
    named = words.enumeration([labels[0], *map(words.inside, labels[1:])])
    return stated(words, ("countries", "same"), {"concept": named}, tests=tests)


def refusals(
    words: Words, concept: Comparable, pairs: Sequence[SurveyDifference], surveys: Mapping[str, Profile]
) -> list[tuple[str, list[str]]]:
    """For every two surveys that are not compared: on which measures and why, with the reasons of the register."""
    said = []
    refused = [pair for pair in pairs if pair.permission.kind == "not"]
    for one, other, permission in dict.fromkeys((p.one, p.other, p.permission) for p in refused):
        own = [p.measure for p in refused if (p.one, p.other, p.permission) == (one, other, permission)]
        unknown = [name_of(words, surveys[name]) for name in permission.surveys]
        values = {
            "one": name_of(words, surveys[one]),
            "other": name_of(words, surveys[other]),
            "measures_list": [words.measure(name, concept.population, short=True) for name in own],
            "reason": words.say("countries", f"because_{permission.because}", {"surveys_series": unknown}),
        }
        reasons = reasons_of(words, permission.marks, surveys) if permission.because == "marks" else []
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
    said = reasons_of(words, tuple(marks), surveys)
    differing = [labels[pair.measure, pair.one, pair.other] for pair in careful if pair.permission.because == "large"]
    if differing:
        said.append(words.say("countries", "caution_large", {"items_series": differing}))
    return said


def reasons_of(words: Words, marks: Sequence[SurveyMark], surveys: Mapping[str, Profile]) -> list[str]:
    """Reasons of the register, each with the surveys that it stands for."""
    named: dict[str, list[str]] = {}
    for mark in marks:
        named.setdefault(words.text(mark, "reason"), []).append(name_of(words, surveys[mark.survey]))
    return [
        words.say("countries", "by_survey", {"surveys_series": names, "text": text}) for text, names in named.items()
    ]


def line_of(
    words: Words, concept: Comparable, pair: SurveyDifference, surveys: Mapping[str, Profile]
) -> dict[str, str]:
    assert pair.row is not None
    names = {"one": name_of(words, surveys[pair.one]), "other": name_of(words, surveys[pair.other])}
    return {
        words.word("measure"): words.measure(pair.measure, concept.population, short=True),
        words.word("surveys_pair"): words.say("countries", "pair", names),
        words.word("points"): words.estimate(pair.row),
        words.word("p_adjusted"): words.show("p", pair.p_adjusted),
        words.word("mark"): words.word(f"mark_{pair.permission.kind}"),
    }


def name_of(words: Words, survey: Profile) -> str:
    names: Any = survey.name
    return str(names[words.language])
