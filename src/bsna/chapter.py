"""What a notebook opens first and closes last, and how it asks the plan a question."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from html import escape
from typing import Any

import pandas as pd
from IPython.display import HTML, Markdown, display

from bsna import shelf
from bsna.estimation import (
    CrossTab,
    EmptyDomain,
    SurveyDesign,
    Untestable,
    crosstab,
    distribution,
    estimate_rows,
    mean,
    proportion,
    records,
    survey_design,
)
from bsna.intake.instrument import load_questionnaire
from bsna.intake.measured import absent_measures, measure
from bsna.intake.plan import Plan, load_plan
from bsna.intake.profile import POPULATIONS, Profile, load_profile
from bsna.judgement import holm, permitted, release
from bsna.publishing.cards.keys import Traced, check_keys, keyed, row_key
from bsna.publishing.cards.marks import linked, plain
from bsna.publishing.cards.results import Result, keyed_records, result_record, whole
from bsna.publishing.cards.tested import table_tests
from bsna.publishing.wording import Words


@dataclass(frozen=True)
class Survey:
    """One survey as a chapter sees it. `designs` are the weighted interviews with their measures, `absent` the measures
    the survey did not ask, per population; `kept` collects released estimate rows, `results` the other numbers that have a card."""

    profile: Profile
    plan: Plan
    words: Words
    chapter: str
    designs: dict[str, SurveyDesign]
    absent: dict[str, tuple[str, ...]]
    kept: list[pd.DataFrame] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """Released estimate rows of one table, and p-values of its tests by measure, corrected (Holm); those that may be shown carry
    the key of their card."""

    rows: list[dict[str, Any]]
    p_values: dict[str, float]
    title: str
    by: str
    refused: bool = False


def open_chapter(profile: str, chapter: str, language: str) -> Survey:
    """Read the designs of a survey and show what kind of survey it is.

    Raises ValueError if the profile is unknown or the survey has not been cleaned, weighted and measured.
    """
    survey = read_survey(profile, chapter, language)
    banner(survey.words)
    return survey


def read_survey(profile: str, chapter: str, language: str) -> Survey:
    """The designs of a survey as its chapters see them, without a word. Errors as in `open_chapter`."""
    facts, plan = load_profile(profile), load_plan()
    frames = {name: shelf.read_frame(profile, "measured", name) for name in facts.populations}
    gone = shelf.read_frame(profile, "measured", "absent")
    return Survey(
        facts,
        plan,
        vocabulary(facts, plan, language),
        chapter,
        {name: _declared(frame, facts, name) for name, frame in frames.items()},
        {name: tuple(gone.loc[gone["population"] == name, "measure"]) for name in frames},
    )


def measure_survey(answers: Mapping[str, pd.DataFrame], words: Words, chapter: str) -> Survey:
    """Compute the measures of weighted interviews, write them for the chapters that follow, and open the survey."""
    profile = words.profile
    assert profile is not None
    designs = {name: design_of(frame, profile, words.plan, name) for name, frame in answers.items()}
    absent = {name: absent_measures(frame, words.plan, name) for name, frame in answers.items()}
    for name, design in designs.items():
        shelf.write_frame(design.frame, profile.id, "measured", name)
    gone = [(population, measure) for population, measures in absent.items() for measure in measures]
    shelf.write_frame(
        pd.DataFrame(gone, columns=["population", "measure"], dtype=str), profile.id, "measured", "absent"
    )
    return Survey(profile, words.plan, words, chapter, designs, absent)


def vocabulary(profile: Profile | None, plan: Plan, language: str) -> Words:
    """Words of a survey, or of no survey in particular."""
    forms = {name: load_questionnaire(name) for name in POPULATIONS}
    return Words(plan, forms, profile, language)


def design_of(frame: pd.DataFrame, profile: Profile, plan: Plan, population: str) -> SurveyDesign:
    """Sample design of one population, with a column per measure and group."""
    return _declared(measure(frame, plan, population), profile, population)


def _declared(measured: pd.DataFrame, profile: Profile, population: str) -> SurveyDesign:
    declared = profile.design.get(population)  # type: ignore[call-overload]
    return survey_design(measured, lonely=declared.lonely if declared else "adjust")


def banner(words: Words) -> None:
    """Say at the top of a page whether the survey is simulated or real."""
    display(HTML(banner_html(words)))


def banner_html(words: Words) -> str:
    """What stands at the top of every page: whether the survey is simulated or real, and its citation."""
    profile = words.profile
    title = f"<strong>{escape(profile.title[words.language])}.</strong> " if profile else ""
    if profile is None:
        kind, text = "all", words.say("banner", "all")
    elif profile.is_simulated:
        kind, text = "simulated", words.say("banner", "simulated")
    else:
        cited = profile.citation.text[words.language] if profile.citation else profile.title[words.language]  # type: ignore[index]
        kind, text = "delivered", words.say("banner", "delivered", {"citation": cited})
    said = "".join(
        f' data-{name}="{escape(words.word(f"card_{key}"))}"' for name, key in (("card", "how"), ("close", "close"))
    )
    return f'<div class="bsna-banner bsna-{kind}" role="note"{said}>{title}{escape(text)}</div>'


def tell(text: str) -> None:
    """Show a generated sentence as prose."""
    display(Markdown(linked(text if text.endswith((".", "?", "|")) else f"{text}.")))


def head(level: int, text: str) -> None:
    """Show a generated heading. As HTML, so that it does not depend on headings of the page around it."""
    display(HTML(f"<h{level}>{escape(plain(text))}</h{level}>"))


def answer(survey: Survey, table: str) -> Answer:
    """Estimates of one table of the plan, released, with its tests.

    Measures that the survey did not ask come as rows with status not_asked, measures nobody answered as withheld.
    A breakdown that the profile does not permit is refused as a whole.
    """
    spec = survey.plan.row("tables", table)
    title = survey.words.text(spec, "title")
    design = survey.designs.get(spec.population)
    there = [] if design is None else [m for m in spec.measures if m not in survey.absent[spec.population]]
    if spec.by:
        group = survey.plan.group(spec.by, spec.population)
        if not permitted(group, survey.profile):
            return Answer([], {}, title, spec.by, refused=True)
        if design is None or spec.by not in design.frame.columns:
            there = []
    rows = [_not_asked(spec, name) for name in spec.measures if name not in there]
    rows += [_estimate(survey, spec, name) for name in there]
    frame = pd.concat(rows, ignore_index=True)
    released = release(frame, survey.profile.publication)
    survey.kept.append(released)
    own = released_rows(survey, released)
    return Answer(own, _tested(survey, spec, there, own) if spec.test else {}, title, spec.by)


def answer_distribution(survey: Survey, name: str) -> Answer:
    """All answers to the questions of a distribution, released; questions not asked are left out."""
    spec = survey.plan.row("distributions", name)
    title = survey.words.text(spec, "title")
    design, tables = survey.designs.get(spec.population), []
    for question in spec.questions:
        if design is not None and question in design.frame and design.frame[question].isin(spec.levels).any():
            inside = design.frame[question].isin(spec.levels)
            levels = tuple(spec.levels)
            only = design.with_columns(**{question: design.frame[question].where(inside)})
            tables.append(distribution(only, question, levels))
    if not tables:
        return Answer([], {}, title, "")
    released = release(
        pd.concat(tables, ignore_index=True).assign(population=spec.population), survey.profile.publication
    )
    survey.kept.append(released)
    return Answer(released_rows(survey, released), {}, title, "")


def released_rows(survey: Survey, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Released estimate rows of a chapter one by one, their numbers with the key of their card."""
    return keyed(records(rows), survey.profile.id, survey.chapter)


def close_chapter(survey: Survey) -> None:
    """Write the released estimates and the results of a chapter. Raises ValueError if two that differ have one key
    (`keys.check_keys`)."""
    rows = pd.concat(survey.kept, ignore_index=True) if survey.kept else estimate_rows([])
    named = [{**row, "key": row_key(survey.profile.id, survey.chapter, row)} for row in records(rows)]
    check_keys([*named, *keyed_records(survey.results)])
    shelf.write_frame(rows, survey.profile.id, "estimates", survey.chapter)
    write_results(survey)


def keep_results(survey: Survey, results: Sequence[Result]) -> tuple[Result, ...]:
    """Keep results for the cards of a chapter; as they are kept, without what is not a number."""
    kept = tuple(map(whole, results))
    survey.results.extend(kept)
    return kept


def write_results(survey: Survey) -> None:
    """Write the results that a chapter kept, each once. Raises ValueError like `close_chapter`."""
    shelve_results(survey.profile.id, survey.chapter, survey.results)


def shelve_results(survey: str, chapter: str, results: Sequence[Result]) -> None:
    """Write results of a chapter that opened no survey. Raises ValueError like `close_chapter`."""
    check_keys(keyed_records(results))
    once = {result.key: result_record(result) for result in results}
    shelf.write_record(list(once.values()), survey, "results", chapter)


def _not_asked(spec: Any, name: str) -> pd.DataFrame:
    row = {"measure": name, "population": spec.population, "by": spec.by, "status": "not_asked", "unit": "share"}
    return estimate_rows([row])


def _estimate(survey: Survey, spec: Any, name: str) -> pd.DataFrame:
    design = survey.designs[spec.population]
    unit = survey.plan.measure(name, spec.population).unit
    by = spec.by or None
    try:
        if unit == "number":
            rows = mean(design, name, by=by)
        else:
            rows = proportion(design, name, by=by, interval=spec.interval if spec.interval != "mean" else "logit")
    except EmptyDomain:
        nobody = {"measure": name, "by": spec.by, "n": 0, "clusters": 0, "unit": unit}
        rows = estimate_rows([nobody])
    return rows.assign(population=spec.population)


def _tested(survey: Survey, spec: Any, measures: Sequence[str], rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    tests = _tests(survey, spec, measures)
    adjusted = holm({name: test.p_value for name, test in tests.items()})
    results = table_tests(survey.profile.id, survey.chapter, spec, tests, adjusted, rows)
    keep_results(survey, list(results.values()))
    return adjusted | {name: Traced(adjusted[name], result.key) for name, result in results.items()}


def _tests(survey: Survey, spec: Any, measures: Sequence[str]) -> dict[str, CrossTab]:
    design, found = survey.designs[spec.population], {}
    for name in measures:
        with suppress(Untestable, EmptyDomain):
            found[name] = crosstab(design, name, spec.by)
    return found
