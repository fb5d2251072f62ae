"""What a chapter shows for each kind of question: a figure whose title is the finding, a sentence, a table."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from bsna.chapter import Survey, answer, answer_distribution, keep_results, released_rows, tell
from bsna.estimation import (
    TOP_TWO,
    EmptyDomain,
    Fit,
    NoFit,
    average_marginal_effects,
    binary_logit,
    ordered_logit,
    proportion,
    rank_bootstrap,
)
from bsna.judgement import release, release_corridors
from bsna.judgement.model_terms import term_levels, usable_terms
from bsna.publishing import figures, flows, scales
from bsna.publishing.cards.gap_results import ranking_results
from bsna.publishing.diverging import Sides, diverging
from bsna.publishing.drawing import Drawing
from bsna.publishing.headlines import (
    above_half,
    are_alike,
    corridor_headline,
    corridor_label,
    distribution_headline,
    group_headline,
    levels_headline,
    stated,
)
from bsna.publishing.tables import answer_table, estimate_table, show_estimate_table
from bsna.publishing.wording import Words
from bsna.reports.sides import answer_sides

DRAWN = 6
"""Measures drawn of a breakdown; the table holds all."""


def show_estimates(survey: Survey, table: str) -> None:
    """Show a table of the plan: measures side by side, or one breakdown with its tests."""
    found, words = answer(survey, table), survey.words
    if found.refused:
        tell(words.say("by", "refused", {"group_label": words.group(found.by, _population(survey, table))}))
        return
    asked = [row for row in found.rows if row["status"] != "not_asked"]
    if not asked:
        tell(words.say("levels", "not_asked", {"title": found.title}))
        return
    if found.by:
        title = group_headline(words, asked, found.p_values, found.title)
        chosen, note = _most_different(words, asked, found.p_values)
        figures.show(figures.grouped(words, chosen, title, found.title, note, DRAWN), table_follows=True)
        _tell_tests(survey, found.p_values, found.by, asked[0]["population"])
    else:
        title = levels_headline(words, asked, found.title)
        figures.show(figures.intervals(words, asked, title, found.title), table_follows=True)
        if len(asked) > 1 and asked[0]["unit"] == "share" and are_alike(words, asked):
            tell(above_half(words, asked))
    show_estimate_table(words, estimate_table(words, found.rows, found.p_values), found.title, table)


def show_distribution(survey: Survey, name: str) -> None:
    """Show all answers to questions that share a scale."""
    found, words = answer_distribution(survey, name), survey.words
    if not found.rows:
        tell(words.say("levels", "not_asked", {"title": found.title}))
        return
    spec = survey.plan.row("distributions", name)
    questions = list(dict.fromkeys(row["measure"] for row in found.rows))
    labels = {question: _question_label(survey, question, spec.population) for question in questions}
    if len(set(labels.values())) < len(questions) or len(questions) == 1:
        labels = {question: words.question(question, spec.population) for question in questions}
    answers = [words.choice(questions[0], code, spec.population) for code in spec.levels]
    if not any(r["status"] != "withheld" for r in found.rows if r["category"] == spec.levels[-1]):
        tell(words.say("levels", "withheld", {"title": found.title}))
        return
    subtitle = found.title if len(questions) > 1 else labels[questions[0]]
    title = distribution_headline(words, found.rows, labels, answers)
    sides = answer_sides(survey, name)
    figures.show(
        _scale(words, spec, found.rows, sides, list(labels.values()), answers, title, subtitle), table_follows=True
    )
    table = answer_table(words, found.rows, labels, answers, sides, {"left": spec.left, "right": spec.right})
    show_estimate_table(words, table, found.title, name)


def show_ranking(survey: Survey, name: str) -> None:
    """Show how a population ranks a list, with the uncertainty of the order."""
    spec, words = survey.plan.row("ranks", name), survey.words
    title = words.text(spec, "title")
    design = survey.designs.get(spec.population)
    if design is None or design.frame[spec.questions[0]].isna().all():
        tell(words.say("levels", "not_asked", {"title": title}))
        return
    rng = _generator(survey)
    try:
        table, _ = rank_bootstrap(design, spec.questions, spec.items, rng=rng, draws=spec.draws, top=spec.top)
    except EmptyDomain:
        tell(words.say("levels", "withheld", {"title": title}))
        return
    rules = survey.profile.publication
    if table["n"].iloc[0] < rules.threshold or table["clusters"].iloc[0] < rules.min_clusters:
        tell(words.say("levels", "withheld", {"title": title}))
        return
    labels = [words.choice(spec.questions[0], item, spec.population) for item in table["item"]]
    ordered = table.assign(label=labels).sort_values("worth", ascending=False)
    first, second = ordered.assign(estimate=ordered["worth"]).head(2).to_dict("records")
    state = "clear" if first["low"] > second["high"] else "close"
    values = {"first_label": first["label"], "second_label": second["label"]}
    kept = keep_results(
        survey,
        ranking_results(survey.profile.id, survey.chapter, spec, [dict(row) for row in table.to_dict("records")]),
    )
    keys = {result.names[1]: result.key for result in kept}
    table = table.assign(key=[keys.get(item, "") for item in table["item"]])
    figures.show(figures.ranks(words, table, labels, stated(words, ("rank", state), values, [first, second])))
    sure = ordered["label"][ordered["prob_top"] >= 0.95].tolist()
    tell(words.say("rank", "sure" if sure else "unsure", {"top_count": spec.top, "sure_list": sure}))


def show_model(survey: Survey, name: str) -> None:
    """Show what goes with trust in one actor: differences in points, ordered and binary side by side."""
    spec, words = survey.plan.row("models", name), survey.words
    title, design = words.text(spec, "title"), survey.designs.get(spec.population)
    if design is None or spec.score in survey.absent[spec.population]:
        tell(words.say("levels", "not_asked", {"title": title}))
        return
    terms = usable_terms(survey.plan, spec.terms, design)
    levels = term_levels(survey.plan, terms, design)
    try:
        fits = [
            ordered_logit(design, spec.score, terms, levels=levels),
            binary_logit(design, spec.share, terms, levels=levels),
        ]
    except (EmptyDomain, NoFit):
        tell(words.say("model", "unfit", {"title": title}))
        return
    effects = _effects(survey, spec, fits)
    rows, groups = effects[0], _terms(survey, spec.population, effects[0], levels)
    sure = [r for r in rows if r["status"] != "withheld" and (r["low"] > 0 or r["high"] < 0)]
    names = [words.group(term, spec.population) for term in dict.fromkeys(row["by"] for row in sure)]
    values = {"title": title, "terms_list": names}
    headline = stated(words, ("model", "some" if names else "none"), values, sure)
    figures.show(figures.forest(words, groups, headline, words.say("model", "subtitle")), table_follows=True)
    tell(words.say("model", "base", {"people_count": fits[0].n, "clusters_count": fits[0].clusters}))
    if dropped := [words.group(t, spec.population) for t in spec.terms if t not in terms]:
        tell(words.say("model", "dropped", {"dropped_list": dropped}))
    show_estimate_table(words, _model_table(words, groups, effects[1]), title, f"model-{name}")


def show_corridors(survey: Survey, name: str) -> None:
    """Show from where to where people cross, as bands and on a map; shares of those who crossed."""
    spec, words = survey.plan.row("flows", name), survey.words
    design = survey.designs.get(spec.population)
    if design is None or design.frame[spec.destination].isna().all():
        tell(words.say("levels", "not_asked", {"title": words.text(spec, "title")}))
        return
    pairs = design.frame[[spec.origin, spec.destination]].dropna().drop_duplicates()
    pairs = pairs[pairs[spec.origin] != pairs[spec.destination]].sort_values([spec.origin, spec.destination])
    both = design.frame[spec.origin].notna() & design.frame[spec.destination].notna()
    tables = []
    for origin, destination in pairs.itertuples(index=False):
        hit = (design.frame[spec.origin] == origin) & (design.frame[spec.destination] == destination)
        one = design.with_columns(_corridor=hit.astype(float).where(both))
        tables.append(
            proportion(one, "_corridor").assign(
                measure=name, population=spec.population, by=spec.origin, level=origin, category=destination
            )
        )
    rows = release_corridors(pd.concat(tables, ignore_index=True), survey.profile.publication)
    survey.kept.append(rows)
    corridors = [row for row in released_rows(survey, rows) if row["status"] != "withheld"]
    if not corridors:
        tell(words.say("levels", "withheld", {"title": words.text(spec, "title")}))
        return
    codes = {c for r in corridors for c in (r["level"], r["category"])}
    codes |= {region.code for region in (*survey.profile.region, *survey.profile.neighbour)}
    names = {code: words.choice(spec.origin, code, spec.population) for code in sorted(codes)}
    title = corridor_headline(words, corridors, names)
    labelled = [(corridor_label(words, row, names), row) for row in corridors]
    figures.show(figures.corridors(words, labelled, title, words.say("flow", "subtitle")))
    figures.show(flows.sankey(words, corridors, names, title), table_follows=True)
    figures.show(flows.corridor_map(words, corridors, names, title), table_follows=True)


def _scale(
    words: Words,
    spec: Any,
    rows: Sequence[dict[str, Any]],
    sides: Sequence[dict[str, Any]],
    labels: list[str],
    answers: list[str],
    *texts: str,
) -> Drawing | None:
    """Bars around the middle of a scale, or, for a scale without a middle, bars that add up to one."""
    if not spec.left:
        return scales.stacked(words, rows, labels, answers, *texts)
    return diverging(words, rows, Sides(len(spec.left), len(spec.right), sides), labels, answers, *texts)


def _most_different(
    words: Words, rows: Sequence[dict[str, Any]], p_values: dict[str, float]
) -> tuple[list[dict[str, Any]], str]:
    """Rows of the measures a figure has room for, those that differ most surely, in the order of the plan; and a note."""
    measures = list(dict.fromkeys(row["measure"] for row in rows))
    if len(measures) <= DRAWN:
        return list(rows), ""
    chosen = sorted(measures, key=lambda name: (p_values.get(name, 1.0), measures.index(name)))[:DRAWN]
    values = {"drawn_count": DRAWN, "total_count": len(measures)}
    return [row for row in rows if row["measure"] in chosen], words.fill(words.word("some_drawn"), values)


def _terms(
    survey: Survey, population: str, rows: Sequence[dict[str, Any]], levels: dict[str, list[str]]
) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """Rows of a model under the name of their term, which says what its levels are compared with."""
    words, groups = survey.words, {}
    for term in dict.fromkeys(row["by"] for row in rows):
        values = {
            "group_label": words.opening(words.group(term, population)),
            "level_label": words.level(term, levels[term][0], population),
        }
        found = {row["level"]: row for row in rows if row["by"] == term}
        members = [
            (words.level(term, level, population), found[level])
            for level in words.ordered(term, list(found), population)
        ]
        groups[words.fill(words.word("reference"), values)] = members
    return groups


def _effects(survey: Survey, spec: Any, fits: Sequence[Fit]) -> list[list[dict[str, Any]]]:
    """Per model, differences in the chance of the two highest answers; released, as the figure and table show them."""
    shown = []
    for fit in fits:
        rows = average_marginal_effects(fit, survey.designs[spec.population]).assign(population=spec.population)
        released = release(rows, survey.profile.publication)
        survey.kept.append(released)
        shown.append(released_rows(survey, released[released["category"].isin([TOP_TWO, ""])]))
    return shown


def _model_table(
    words: Words, groups: dict[str, list[tuple[str, dict[str, Any]]]], binary: Sequence[dict[str, Any]]
) -> pd.DataFrame:
    """The ordered and the binary model side by side; the first column names the term of each block."""
    other = {(row["by"], row["level"]): row for row in binary}
    return pd.DataFrame(
        [
            {
                "": group,
                words.word("term"): label,
                words.word("ordered"): words.brief(row),
                words.word("binary"): words.brief(other[row["by"], row["level"]]),
            }
            for group, members in groups.items()
            for label, row in members
        ]
    )


def _tell_tests(survey: Survey, p_values: dict[str, float], by: str, population: str) -> None:
    if not p_values:
        return
    words = survey.words
    names = [words.measure(name, population, short=True) for name, p in p_values.items() if p <= 0.05]
    values = {"tests_count": len(p_values), "group_label": words.group(by, population), "differ_list": names}
    state = "none" if not names else "one" if len(p_values) == 1 else "some"
    tell(words.say("tests", state, values))


def _question_label(survey: Survey, question: str, population: str) -> str:
    """Short label of a question: that of a measure made of it alone, else its wording."""
    for spec in survey.plan.measures:
        if spec.population == population and spec.question == (question,):
            return survey.words.measure(spec.measure, population, short=True)
    return survey.words.question(question, population)


def _population(survey: Survey, table: str) -> str:
    return survey.plan.row("tables", table).population


def _generator(survey: Survey) -> Any:
    return np.random.default_rng(survey.profile.seed)
