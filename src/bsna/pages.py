"""What a chapter shows for each kind of question: a figure whose title is the finding, a sentence, a table."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from bsna.chapter import Survey, answer, answer_distribution, tell
from bsna.estimation import (
    TOP_TWO,
    EmptyDomain,
    Fit,
    NoFit,
    average_marginal_effects,
    binary_logit,
    estimate_rows,
    ordered_logit,
    proportion,
    rank_bootstrap,
    records,
)
from bsna.judgement import release, release_corridors
from bsna.judgement.recommendations import term_levels, usable_terms
from bsna.publishing import figures, flows
from bsna.publishing.tables import estimate_table, show_table
from bsna.publishing.wording import Words, above_half, group_headline, levels_headline


def show_estimates(survey: Survey, table: str) -> None:
    """Show a table of the plan: measures side by side, or one breakdown with its tests."""
    found, words = answer(survey, table), survey.words
    if found.refused:
        tell(words.say("by", "refused", {"group": words.group(found.by, _population(survey, table))}))
        return
    asked = [row for row in found.rows if row["status"] != "not_asked"]
    if not asked:
        tell(words.say("levels", "not_asked", {"title": found.title}))
        return
    if found.by:
        title = group_headline(words, asked, found.p_values, found.title)
        figures.show(figures.grouped(words, asked, title))
        _tell_tests(survey, found.p_values, found.by, asked[0]["population"])
    else:
        title = levels_headline(words, asked, found.title)
        figures.show(figures.intervals(words, asked, title))
        if len(asked) > 1 and asked[0]["unit"] == "share":
            tell(above_half(words, asked))
    show_table(words, estimate_table(words, found.rows), found.title, table)


def show_distribution(survey: Survey, name: str) -> None:
    """Show all answers to questions that share a scale."""
    found, words = answer_distribution(survey, name), survey.words
    if not found.rows:
        tell(words.say("levels", "not_asked", {"title": found.title}))
        return
    spec = survey.plan.row("distributions", name)
    questions = list(dict.fromkeys(row["measure"] for row in found.rows))
    labels = [_question_label(survey, spec.population, question) for question in questions]
    answers = [words.choice(questions[0], code, spec.population) for code in spec.levels]
    ends = {(row["measure"], row["category"]): row["estimate"] for row in found.rows if row["status"] != "withheld"}
    if not ends:
        tell(words.say("levels", "withheld", {"title": found.title}))
        return
    top = max(questions, key=lambda q: (ends.get((q, spec.levels[-1]), 0.0), q))
    values = {
        "top": labels[questions.index(top)],
        "high_share": ends.get((top, spec.levels[-1])),
        "low_share": ends.get((top, spec.levels[0])),
    }
    figures.show(figures.stacked(words, found.rows, labels, answers, words.say("distribution", "any", values)))


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
    first, second = ordered.iloc[0], ordered.iloc[1]
    state = "clear" if first["low"] > second["high"] else "close"
    values = {"first": first["label"], "top_count": spec.top, "top_list": ordered["label"].head(spec.top).tolist()}
    figures.show(figures.ranks(words, table, labels, words.say("rank", state, values)))


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
    rows = effects[0]
    labels = [
        f"{words.group(r['by'], spec.population)}: {words.level(r['by'], r['level'], spec.population)}" for r in rows
    ]
    sure = [
        label
        for label, row in zip(labels, rows, strict=True)
        if row["status"] != "withheld" and (row["low"] > 0 or row["high"] < 0)
    ]
    headline = words.say("model", "some" if sure else "none", {"title": title, "terms_list": sure})
    figures.show(figures.forest(words, rows, labels, headline))
    tell(words.say("model", "base", {"people_count": fits[0].n, "clusters_count": fits[0].clusters}))
    if dropped := [words.group(t, spec.population) for t in spec.terms if t not in terms]:
        tell(words.say("model", "dropped", {"dropped_list": dropped}))
    show_table(words, _model_table(words, labels, effects), title, f"model-{name}")


def show_mirrors(survey: Survey, direction: str) -> None:
    """Show the same thing asked of two populations, side by side."""
    words, sides = survey.words, []
    for spec in survey.plan.mirrors:
        if spec.direction == direction:
            one = _mirror_side(survey, spec.population, spec.measure)
            other = _mirror_side(survey, spec.other_population, spec.other_measure)
            if one and other:
                sides.append((words.text(spec, "label"), one, other))
    if not sides:
        tell(words.say("levels", "not_asked", {"title": words.word(direction)}))
        return
    known = [s for s in sides if s[1]["status"] != "withheld" and s[2]["status"] != "withheld"]
    apart = [s for s in known if s[1]["low"] > s[2]["high"] or s[2]["low"] > s[1]["high"]]
    title = words.say("mirror", "close")
    if apart:
        top = max(apart, key=lambda side: (abs(side[1]["estimate"] - side[2]["estimate"]), side[0]))
        values = {"top": top[0], "one_share": top[1]["estimate"], "other_share": top[2]["estimate"]}
        title = words.say("mirror", "gap", values)
    figures.show(figures.pairs(words, sides, title))


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
    corridors = [row for row in records(rows) if row["status"] != "withheld"]
    if not corridors:
        tell(words.say("levels", "withheld", {"title": words.text(spec, "title")}))
        return
    codes = {c for r in corridors for c in (r["level"], r["category"])}
    codes |= {region.code for region in (*survey.profile.region, *survey.profile.neighbour)}
    names = {code: words.choice(spec.origin, code, spec.population) for code in sorted(codes)}
    top = max(corridors, key=lambda r: r["estimate"])
    values = {"origin": names[top["level"]], "destination": names[top["category"]], "corridor_share": top["estimate"]}
    title = words.say("flow", "main", values)
    figures.show(flows.sankey(words, corridors, names, title))
    figures.show(flows.corridor_map(words, corridors, names, title))


def _effects(survey: Survey, spec: Any, fits: Sequence[Fit]) -> list[list[dict[str, Any]]]:
    """Per model, differences in the chance of the two highest answers; released, as the figure and table show them."""
    shown = []
    for fit in fits:
        rows = average_marginal_effects(fit, survey.designs[spec.population]).assign(population=spec.population)
        released = release(rows, survey.profile.publication)
        survey.kept.append(released)
        shown.append(records(released[released["category"].isin([TOP_TWO, ""])]))
    return shown


def _model_table(words: Words, labels: Sequence[str], effects: Sequence[Sequence[dict[str, Any]]]) -> pd.DataFrame:
    columns = {words.word("term"): list(labels)}
    for rows, kind in zip(effects, ("ordered", "binary"), strict=True):
        columns[f"{words.word('points')} ({kind})"] = [words.value(row) for row in rows]
        columns[f"{words.word('interval')} ({kind})"] = [
            "–" if row["status"] == "withheld" else words.span(row["low"], row["high"], "points") for row in rows
        ]
    return pd.DataFrame(columns)


def _mirror_side(survey: Survey, population: str, measure: str) -> dict[str, Any] | None:
    design = survey.designs.get(population)
    if design is None or measure in survey.absent[population]:
        return None
    try:
        rows = proportion(design, measure, interval="logit" if population == "community" else "beta")
    except EmptyDomain:
        rows = estimate_rows([{"measure": measure, "n": 0, "clusters": 0, "unit": "share"}])
    rows = release(rows.assign(population=population), survey.profile.publication)
    survey.kept.append(rows)
    return records(rows)[0]


def _tell_tests(survey: Survey, p_values: dict[str, float], by: str, population: str) -> None:
    if not p_values:
        return
    words = survey.words
    names = [words.measure(name, population, short=True) for name, p in p_values.items() if p <= 0.05]
    values = {"tests_count": len(p_values), "group": words.group(by, population), "differ_list": names}
    tell(words.say("tests", "some" if names else "none", values))


def _question_label(survey: Survey, population: str, question: str) -> str:
    """Short label of a question: that of a measure made of it alone, else its wording."""
    for spec in survey.plan.measures:
        if spec.population == population and spec.question == (question,):
            return getattr(spec, f"short_{survey.words.language}")
    return survey.words.questionnaires[population].question(question).label[survey.words.language]


def _population(survey: Survey, table: str) -> str:
    return survey.plan.row("tables", table).population


def _generator(survey: Survey) -> Any:
    return np.random.default_rng(survey.profile.seed)
