"""Whether the plan fits the questionnaires: every name and code that a row of the plan mentions is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bsna.intake.fitting_claims import claim_faults
from bsna.intake.fitting_recommendations import recommendation_faults, recommendation_measures
from bsna.intake.instrument import Questionnaire

if TYPE_CHECKING:
    from bsna.intake.plan import Claim, Measure, Plan

SHOWN_FAULTS = 8


def validate_plan(plan: Plan, questionnaires: Mapping[str, Questionnaire]) -> None:
    """Raise ValueError, naming file and row, if the plan mentions a question, code, measure, group, level, claim, model or
    ranking that is not there, if a row stands twice, or if a measure bears the name of a question."""
    faults = [
        *_twice(plan),
        *_measure_faults(plan, questionnaires),
        *_group_faults(plan, questionnaires),
        *_scale_faults(plan, questionnaires),
        *claim_faults(plan, questionnaires),
        *_missing_measures(plan),
        *_alike(plan),
        *_missing_rows(plan),
        *_missing_evidence(plan),
        *recommendation_faults(plan),
    ]
    if faults:
        raise ValueError(f"assessment/plan has {len(faults)} fault(s): " + "; ".join(faults[:SHOWN_FAULTS]))


def _twice(plan: Plan) -> list[str]:
    keys = {
        "measures.csv": [f"{m.measure} ({m.population})" for m in plan.measures],
        "groups.csv": [f"{g.group} ({g.population})" for g in plan.groups],
        "levels.csv": [f"{level.group} {level.level}" for level in plan.levels],
        "tables.csv": [t.table for t in plan.tables],
        "distributions.csv": [d.distribution for d in plan.distributions],
        "flows.csv": [f.flow for f in plan.flows],
        "mirrors.csv": [m.mirror for m in plan.mirrors],
        "trends.csv": [t.trend for t in plan.trends],
        "comparability.csv": [c.concept for c in plan.comparability],
        "comparability_surveys.csv": [f"{m.concept} {m.survey} {m.aspect}" for m in plan.comparability_surveys],
        "scales.csv": [f"{i.scale} {i.score} ({i.population})" for i in plan.scales],
    }
    return [
        f"{file}, {key}: stands {n} times" for file, rows in keys.items() for key, n in Counter(rows).items() if n > 1
    ]


def _measure_faults(plan: Plan, questionnaires: Mapping[str, Questionnaire]) -> list[str]:
    faults = []
    for spec in plan.measures:
        form, where = questionnaires[spec.population], f"measures.csv, {spec.measure} ({spec.population})"
        column, _, codes = spec.base.partition("=")
        if spec.measure in form.names:
            faults.append(f"{where}: bears the name of a question")
        if missing := [name for name in [*spec.question, *filter(None, [column])] if name not in form.names]:
            faults += [f"{where}: no question {name!r}" for name in missing]
            continue
        faults += _code_faults(spec, form, where)
        if column:
            known = form.question(column).codes
            faults += [f"{where}: base has no code {c!r} of {column}" for c in codes.split("|") if c not in known]
    return faults


def _code_faults(spec: Measure, form: Questionnaire, where: str) -> list[str]:
    """Codes no question offers; and shares of a number whose codes are not ranges, which would always be nil."""
    known = {code for name in spec.question for code in form.question(name).codes}
    if known:
        strange = [code for code in spec.codes if code not in known]
        return [f"{where}: no code {code!r} in {' '.join(spec.question)}" for code in strange]
    if any(form.question(name).type in ("integer", "decimal") for name in spec.question):
        return [f"{where}: {code!r} is no range such as 4..99" for code in spec.codes if not _is_range(code)]
    return []


def _is_range(code: str) -> bool:
    low, dots, high = code.partition("..")
    return bool(dots) and low.replace(".", "", 1).isdigit() and high.replace(".", "", 1).isdigit()


def _group_faults(plan: Plan, questionnaires: Mapping[str, Questionnaire]) -> list[str]:
    """A group comes from a question, a measure, or, if its origin is a crosswalk, from a foreign survey alone."""
    have = _measures(plan)
    faults = [
        f"groups.csv, {g.group} ({g.population}): no question or measure {g.source!r}"
        for g in plan.groups
        if g.origin == "form"
        and g.source not in questionnaires[g.population].names
        and (g.source, g.population) not in have
    ]
    groups = {(g.group, g.population) for g in plan.groups}
    names = {name for name, _ in groups}
    faults += [
        f"levels.csv, {level.group} {level.level}: no such group" for level in plan.levels if level.group not in names
    ]
    for table in plan.tables:
        if table.by and (table.by, table.population) not in groups:
            faults.append(f"tables.csv, {table.table}: no group {table.by!r} of {table.population}")
    for model in plan.models:
        absent = [term for term in model.terms if (term, model.population) not in groups]
        faults += [f"models.toml, {model.id}: no group {term!r}" for term in absent]
    faults += [f"models.toml, reference: no group {r.group!r}" for r in plan.references if r.group not in names]
    return faults


def _scale_faults(plan: Plan, questionnaires: Mapping[str, Questionnaire]) -> list[str]:
    rows = [("distributions.csv", d.distribution, d.population, d.questions, d.levels) for d in plan.distributions]
    rows += [("ranks.toml", r.id, r.population, r.questions, r.items) for r in plan.ranks]
    rows += [("flows.csv", f.flow, f.population, (f.origin, f.destination), ()) for f in plan.flows]
    faults = []
    for file, name, population, questions, codes in rows:
        form = questionnaires[population]
        faults += [f"{file}, {name}: no question {q!r}" for q in questions if q not in form.names]
        for question in (q for q in questions if q in form.names):
            known = form.question(question).codes
            faults += [f"{file}, {name}: no code {code!r} in {question}" for code in codes if code not in known]
    return faults


def _missing_measures(plan: Plan) -> list[str]:
    have = _measures(plan)
    return [
        f"{where}: no measure {name!r} of {population}"
        for where, name, population in _mentions(plan)
        if (name, population) not in have
    ]


def _mentions(plan: Plan) -> Iterable[tuple[str, str, str]]:
    """Every measure that a row mentions: where, name, population."""
    for table in plan.tables:
        yield from ((f"tables.csv, {table.table}", name, table.population) for name in table.measures)
    for mirror in plan.mirrors:
        yield f"mirrors.csv, {mirror.mirror}", mirror.measure, mirror.population
        yield f"mirrors.csv, {mirror.mirror}", mirror.other_measure, mirror.other_population
    for model in plan.models:
        yield from ((f"models.toml, {model.id}", name, model.population) for name in (model.score, model.share))
    for claim in plan.claims:
        yield from ((f"claims.toml, {claim.id}", name, claim.population) for name in _claimed(claim))
    yield from recommendation_measures(plan)
    yield from ((f"outside.csv, {o.source}", o.measure, "community") for o in plan.outside)
    yield from ((f"trends.csv, {t.trend}", t.measure, t.population) for t in plan.trends)
    yield from ((f"rounds.csv, {r.measure} {r.year}", r.measure, r.population) for r in plan.rounds)
    for concept in plan.comparability:
        yield from ((f"comparability.csv, {concept.concept}", name, concept.population) for name in concept.measures)
    for item in plan.scales:
        yield from ((f"scales.csv, {item.scale}", name, item.population) for name in (item.score, item.share))


def _claimed(claim: Claim) -> list[str]:
    names = [*claim.measures, *claim.others, *(name for pair in claim.pairs for name in pair)]
    return names + [name for group in claim.lists for name in group]


def _alike(plan: Plan) -> list[str]:
    """Measures of one table that a figure could not tell apart, since they have one short label."""
    known = {(spec.measure, spec.population): spec for spec in plan.measures}
    faults = []
    for table in plan.tables:
        specs = [known[key] for name in table.measures if (key := (name, table.population)) in known]
        for label, count in Counter(label for spec in specs for label in set(spec.labels("short").values())).items():
            alike = [spec.measure for spec in specs if label in spec.labels("short").values()]
            if count > 1:
                faults.append(
                    f"tables.csv, {table.table}: {alike} are all {label!r} for short; give each a label of its own"
                )
    return faults


def _missing_rows(plan: Plan) -> list[str]:
    ranks = {rank.id: rank for rank in plan.ranks}
    claims = {claim.id for claim in plan.claims}
    concepts = {concept.concept for concept in plan.comparability}
    faults = [f"trends.csv, {t.trend}: no claim {t.claim!r}" for t in plan.trends if t.claim not in claims]
    faults += [
        f"comparability_surveys.csv, {m.survey}: no concept {m.concept!r}"
        for m in plan.comparability_surveys
        if m.concept not in concepts
    ]
    for claim in plan.claims:
        faults += [f"claims.toml, {claim.id}: no ranking {name!r}" for name in claim.ranks if name not in ranks]
        for rank in (ranks[name] for name in claim.ranks if name in ranks):
            faults += [
                f"claims.toml, {claim.id}: no item {i!r} in {rank.id}" for i in claim.items if i not in rank.items
            ]
    return faults


def _missing_evidence(plan: Plan) -> list[str]:
    """Claims, texts, cluster effects and rankings that rows about evidence name and that are not there."""
    claims, texts = {claim.id for claim in plan.claims}, {row.key for row in plan.outside_texts}
    effects = {(row.source, row.item) for row in plan.cluster_effects}
    ranks = {rank.id: rank for rank in plan.ranks}
    named: list[tuple[str, Any, tuple[str, ...]]] = []
    named += [(f"outside.csv, {o.source}", o, (o.source, o.place, o.item, o.wording, o.coverage)) for o in plan.outside]
    named += [(f"statements.csv, {s.source}", s, (s.source,)) for s in plan.statements]
    named += [(f"rounds.csv, {r.measure} {r.year}", r, (r.source, r.line, r.place, r.coverage)) for r in plan.rounds]
    faults = [f"{where}: no claim {row.claim!r}" for where, row, _ in named if row.claim not in claims]
    faults += [f"{where}: no text {t!r}" for where, _, keys in named for t in keys if t and t not in texts]
    faults += [
        f"{where}: no cluster effect of {row.effect_item!r} in {row.source!r}"
        for where, row, _ in named
        if getattr(row, "effect_item", "") and (row.source, row.effect_item) not in effects
    ]
    trends = {(trend.claim, trend.measure) for trend in plan.trends}
    lines = {(r.country, r.claim, r.measure, r.line): set() for r in plan.rounds}  # type: dict[tuple[str, ...], set[str]]
    for r in plan.rounds:
        lines[r.country, r.claim, r.measure, r.line].add(r.moment)
        if (r.claim, r.measure) not in trends:
            faults.append(f"rounds.csv, {r.measure} {r.year}: trends.csv expects nothing of it for claim {r.claim}")
        if f"rounds_{r.country}" not in texts:
            faults.append(f"rounds.csv, {r.measure} {r.year}: no text 'rounds_{r.country}' on what else changed")
    lone = [key for key, moments in lines.items() if not {"before", "after"} <= moments]
    faults += [f"rounds.csv, {key[2]} ({key[3]}): needs a round before and a round after" for key in lone]
    for pair in plan.rank_pairs:
        absent = [name for name in (pair.one, pair.other) if name not in ranks]
        faults += [f"rank_pairs.csv, {pair.pair}: no ranking {name!r}" for name in absent]
        if not absent and ranks[pair.one].items != ranks[pair.other].items:
            faults.append(f"rank_pairs.csv, {pair.pair}: the two rankings are of different lists")
    return faults


def _measures(plan: Plan) -> set[tuple[str, str]]:
    return {(spec.measure, spec.population) for spec in plan.measures}
