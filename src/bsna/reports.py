"""The chapters that do more than ask the plan: cleaning, sample, findings, recommendations, summary, countries."""

from collections.abc import Mapping
from dataclasses import asdict
from html import escape
from typing import Any

import pandas as pd

from bsna import paths, shelf
from bsna.chapter import Survey, banner, design_of, head, measure_survey, tell, vocabulary
from bsna.estimation import EmptyDomain, SurveyDesign, proportion
from bsna.intake.checks import Check, load_checks, run_checks
from bsna.intake.cleaned import COUNT_COLUMNS, Cleaned, clean, cleaning_counts, replay
from bsna.intake.decisions import load_decisions
from bsna.intake.instrument import load_questionnaire
from bsna.intake.plan import Comparable, load_plan, validate_plan
from bsna.intake.profile import POPULATIONS, Profile, list_profiles, load_profile
from bsna.intake.raw import current_delivery, read_raw
from bsna.intake.reading import type_table
from bsna.intake.reasons import reason_counts
from bsna.intake.sampling import design_frame
from bsna.judgement import Verdict, judge, recommend, release
from bsna.publishing import figures
from bsna.publishing.blocks import badge, folded, heading, items, show_block, texts
from bsna.publishing.tables import estimate_table, show_table, table_html
from bsna.publishing.verdicts import (
    count_of_verdicts,
    recommendation_count,
    recommendation_list,
    verdict_index,
    verdict_list,
    verdict_sentence,
    who_was_asked,
)
from bsna.publishing.wording import Words

HEADLINES = "cleaning_headlines"
"""Table of the plan whose measures the cleaning chapter shows before and after."""


def type_survey(profile: Profile) -> dict[str, pd.DataFrame]:
    """Typed answers of each population, from our questionnaire or through the crosswalk."""
    return {name: type_table(read_raw(profile, name), profile, name) for name in profile.populations}


def clean_survey(profile: Profile, typed: Mapping[str, pd.DataFrame]) -> Cleaned:
    """Check, correct and log; a survey that arrived cleaned passes through unchanged."""
    questionnaires = {name: load_questionnaire(name) for name in typed}
    findings = run_checks(typed, _checks_of(profile), questionnaires)
    received = current_delivery(profile.id).received
    return clean(typed, findings, load_decisions(profile.id), questionnaires, when=received)


def _checks_of(profile: Profile) -> tuple[Check, ...]:
    """Checks fit our questionnaire; a foreign survey arrives cleaned by those who made it."""
    return () if profile.crosswalk else load_checks()


def report_cleaning(profile: str, language: str) -> None:
    """Type and clean a survey, show what was found and changed, and write the cleaned tables."""
    facts, plan = load_profile(profile), load_plan()
    validate_plan(plan, {name: load_questionnaire(name) for name in POPULATIONS})
    words = vocabulary(facts, plan, language)
    banner(words)
    typed = type_survey(facts)
    cleaned = clean_survey(facts, typed)
    for name, frame in cleaned.frames.items():
        if not replay(typed[name], cleaned.log, name).equals(frame):
            raise ValueError(f"{profile}/{name}: the log does not replay into the cleaned table")
        shelf.write_frame(frame, profile, "cleaned", name)
        shelf.write_frame(typed[name], profile, "typed", name)
    shelf.write_frame(cleaned.log, profile, "cleaned", "log")
    shelf.write_frame(cleaned.flags, profile, "cleaned", "flags")
    _tell_cleaning(words, typed, cleaned)


def _tell_cleaning(words: Words, typed: Mapping[str, pd.DataFrame], cleaned: Cleaned) -> None:
    facts = words.profile
    assert facts is not None
    questionnaires = {name: load_questionnaire(name) for name in typed}
    counts = cleaning_counts(typed, cleaned, _checks_of(facts), questionnaires)
    interviews = pd.DataFrame(counts["interviews"])
    per_check = pd.DataFrame(counts["checks"], columns=list(COUNT_COLUMNS))
    decided = pd.DataFrame(counts["decisions"])
    if per_check.empty and decided.empty:
        tell(words.say("cleaning", "none"))
    else:
        changed = per_check["changed"].sum() + (decided["changed"].sum() if len(decided) else 0)
        values = {
            "records_count": interviews["received"].sum(),
            "dropped_count": interviews["dropped"].sum(),
            "changed_count": changed,
            "flagged_count": per_check["flagged"].sum(),
        }
        tell(words.say("cleaning", "counts", values))
        tell(words.say("cleaning", "replayed"))
        _show_checks(words, per_check, decided)
    _show_shift(words, typed, cleaned)
    _show_silence(words, cleaned)


def _show_checks(words: Words, per_check: pd.DataFrame, decided: pd.DataFrame) -> None:
    found = per_check[per_check["found"] > 0]
    checks = pd.DataFrame(
        {
            words.word("check"): found[f"reason_{words.language}"],
            words.word("population"): [words.word(p) for p in found["population"]],
            words.word("found"): found["found"],
            words.word("changed"): found["changed"],
            words.word("dropped"): found["dropped"],
            words.word("flagged"): found["flagged"],
        }
    )
    if len(checks):
        show_table(words, checks, words.word("checks_title"), "checks")
    if len(decided):
        decided = decided.groupby(["reason", "population"], sort=False, as_index=False)[["changed", "dropped"]].sum()
        table = pd.DataFrame(
            {
                words.word("decision"): decided["reason"],
                words.word("population"): [words.word(p) for p in decided["population"]],
                words.word("changed"): decided["changed"],
                words.word("dropped"): decided["dropped"],
            }
        )
        show_table(words, table, words.word("decisions_title"), "decisions")


def _show_shift(words: Words, typed: Mapping[str, pd.DataFrame], cleaned: Cleaned) -> None:
    """Headline estimates on uncleaned and cleaned answers, under the same design."""
    facts = words.profile
    assert facts is not None
    designs = []
    for frames in (typed, cleaned.frames):
        weighted = design_frame(frames["community"], facts, "community").frame
        designs.append(design_of(weighted, facts, words.plan, "community"))
    lines, largest = [], 0.0
    for name in words.plan.row("tables", HEADLINES).measures:
        try:
            rows = [
                release(proportion(d, name).assign(population="community"), facts.publication).iloc[0] for d in designs
            ]
        except EmptyDomain:
            continue
        if any(row["status"] == "withheld" for row in rows):
            continue
        largest = max(largest, abs(rows[1]["estimate"] - rows[0]["estimate"]))
        cells = {words.word("raw"): rows[0], words.word("cleaned"): rows[1]}
        lines.append(
            {words.word("measure"): words.measure(name, "community")} | {k: words.estimate(r) for k, r in cells.items()}
        )
    if lines:
        tell(words.say("cleaning", "shift", {"largest_size": largest}))
        show_table(words, pd.DataFrame(lines), words.word("shift_title"), "shift")


def _show_silence(words: Words, cleaned: Cleaned) -> None:
    frame = cleaned.frames["community"]
    counts = reason_counts(
        frame[[q.name for q in load_questionnaire("community").questions if q.choices and q.name in frame]]
    )
    silent = counts[["~refused", "~dont_know", "~no_answer"]].sum(axis=1)
    share = (silent / (silent + counts["answered"]).clip(lower=1)).where(counts["answered"] > 0, 0.0)
    worst = counts.assign(share=share).nlargest(1, "share", keep="first").iloc[0]
    label = words.question(worst["column"], "community")
    tell(words.say("sample", "missing", {"question": label, "silent_share": worst["share"]}))


def report_sample(profile: str, language: str) -> Survey:
    """Weight the interviews, show who stands for whom, and write the designs."""
    facts, plan = load_profile(profile), load_plan()
    words = vocabulary(facts, plan, language)
    banner(words)
    answers, diagnostics = {}, []
    for name in facts.populations:
        weighting = design_frame(shelf.read_frame(profile, "cleaned", name), facts, name)
        shelf.write_frame(weighting.frame, profile, "design", name)
        answers[name] = weighting.frame
        diagnostics.append(weighting.diagnostics)
        _tell_design(words, name, weighting.frame, weighting.diagnostics)
    shelf.write_frame(pd.concat(diagnostics, ignore_index=True), profile, "design", "diagnostics")
    return measure_survey(answers, words, "sample")


def _tell_design(words: Words, population: str, frame: pd.DataFrame, facts: pd.DataFrame) -> None:
    count = facts[facts["kind"] == "count"].set_index("variable")
    records = count.loc["records"]
    effect = facts[facts["kind"] == "design_effect"]["after"].iloc[0]
    values = {
        "interviews_count": len(frame),
        "clusters_count": frame[["stratum", "psu"]].drop_duplicates().shape[0],
        "strata_count": frame["stratum"].nunique(),
        "without_consent_count": records["before"] - records["after"],
        "deff_number": effect,
    }
    tell(f"**{words.word(population)}.** " + words.say("sample", "base", values))
    assert words.profile is not None
    design = words.profile.design.get(population)  # type: ignore[call-overload]
    if design:
        tell(words.text(design, "assumption"))
    lonely = count.loc["strata_with_one_cluster", "after"]
    if lonely and design:
        tell(words.say("sample", "lonely", {"lonely_count": lonely, "rule": design.lonely}))
    margins = facts[facts["kind"] == "margin"]
    if population != "community":
        return
    if margins.empty:
        tell(words.say("sample", "not_raked"))
        return
    trimmed = count["after"].get("trimmed", 0)
    title = words.say("sample", "raked", {"trimmed_count": trimmed})
    labels = [_margin_label(words, row) for row in margins.to_dict("records")]
    figures.show(figures.before_after(words, margins, labels, title))


def _margin_label(words: Words, row: Mapping[Any, Any]) -> str:
    for group in words.plan.groups:
        if (group.source, group.population) == (row["variable"], "community"):
            return words.level(group.group, row["level"], "community")
    question = words.questionnaires["community"].question(row["variable"])
    return words.typeset(question.choice_label(row["level"], words.language))


def report_findings(survey: Survey) -> None:
    """Judge the claims, show each with what it rests on, and write the verdicts."""
    profile = survey.profile
    raw = _raw_designs(survey)
    verdicts = judge(
        survey.plan,
        survey.designs,
        survey.absent,
        profile.publication,
        seed=profile.seed,
        raw_designs=raw,
        answers={name: shelf.read_frame(profile.id, "design", name) for name in profile.populations},
        survey=profile.id,
    )
    shelf.write_record([asdict(verdict) for verdict in verdicts], profile.id, "verdicts", "verdicts")
    words = survey.words
    tell(count_of_verdicts(words, [verdict.verdict for verdict in verdicts]))
    show_block(verdict_index(words, verdicts))
    for verdict in verdicts:
        _tell_verdict(words, verdict)


def _raw_designs(survey: Survey) -> dict[str, SurveyDesign]:
    designs = {}
    for name in survey.profile.populations:
        weighted = design_frame(shelf.read_frame(survey.profile.id, "typed", name), survey.profile, name)
        designs[name] = design_of(weighted.frame, survey.profile, survey.plan, name)
    return designs


def _tell_verdict(words: Words, verdict: Verdict) -> None:
    claim = words.plan.row("claims", verdict.claim_id)
    title = words.text(claim, "title")
    mark = badge(words, verdict.verdict, verdict.grade or "")
    show_block(heading(3, f"{verdict.claim_id}. {title}", verdict.claim_id, mark))
    tell(verdict_sentence(words, verdict))
    tell(words.text(claim, "caveat"))
    how = texts([words.text(claim, "rule"), *_facts(words, verdict)])
    if verdict.rows and verdict.verdict != "not_asked":
        table = estimate_table(words, [_row(r) for r in verdict.rows])
        how += f'<div class="bsna-table">{table_html(words, table, title, f"claim-{verdict.claim_id}")}</div>'
    show_block(folded(words.say("verdicts", "how"), how))


def _facts(words: Words, verdict: Verdict) -> list[str]:
    """People, p-values, what silence and cleaning could change, the grade with its reasons, figures from outside."""
    if verdict.p_for is None:
        return []
    values = {
        "people_count": verdict.n,
        "clusters_count": verdict.clusters,
        "for_p": verdict.p_for,
        "for_adjusted_p": verdict.p_for_adjusted,
        "against_p": verdict.p_against,
        "against_adjusted_p": verdict.p_against_adjusted,
        "silent_share": verdict.nonresponse,
    }
    facts = [words.say("tested", "facts", values)]
    if verdict.bounds and verdict.raw:
        low, high = (words.word(word) for word in verdict.bounds)
        facts.append(
            words.say("tested", "bounds", {"low_word": low, "high_word": high, "raw_word": words.word(verdict.raw)})
        )
    reasons = [words.word(reason) for reason in verdict.grade_reasons]
    state = "grade_reasons" if reasons else "grade"
    facts.append(words.say("tested", state, {"grade": verdict.grade, "reasons_list": reasons}))
    population = words.plan.row("claims", verdict.claim_id).population
    for figure in verdict.outside:
        published: dict[str, Any] = {
            "measure": words.measure(figure["measure"], population),
            "outside_share": figure["share"],
            "note": figure["note"][words.language],
        }
        facts.append(words.say("tested", "outside", published))
    return facts


def _row(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: float("nan") if value is None else value for key, value in record.items()}


def read_verdicts(profile: str) -> tuple[Verdict, ...]:
    """Verdicts of a survey, as written by its findings."""
    records = shelf.read_record(profile, "verdicts", "verdicts")
    tuples = ("rows", "outside", "grade_reasons", "bounds")
    verdicts = []
    for record in records:
        facts: dict[str, Any] = {
            key: tuple(value) if key in tuples and value is not None else value for key, value in record.items()
        }
        verdicts.append(Verdict(**facts))
    return tuple(verdicts)


def report_recommendations(survey: Survey) -> None:
    """Weigh the recommendations, show each by audience, and write them."""
    words = survey.words
    made = recommend(
        survey.plan, read_verdicts(survey.profile.id), survey.designs, survey.absent, survey.profile.publication
    )
    shelf.write_record([asdict(item) for item in made], survey.profile.id, "recommendations", "recommendations")
    tell(recommendation_count(words, [item.status for item in made]))
    audience = ""
    for item in made:
        spec = survey.plan.row("recommendations", item.id)
        if spec.audience != audience:
            audience = spec.audience
            show_block(heading(2, words.word(audience)))
        _tell_recommendation(words, spec, item)


def _tell_recommendation(words: Words, spec: Any, item: Any) -> None:
    show_block(heading(3, f"{spec.id}. {words.text(spec, 'action')}", spec.id, badge(words, item.status)))
    lines = [
        {
            words.word("evidence"): words.typeset(evidence["note"][words.language]),
            words.word("here"): _evidence_value(words, evidence),
            words.word("outcome"): words.word(evidence["outcome"]),
        }
        for evidence in item.evidence
    ]
    title = words.word("evidence_for").format(id=spec.id)
    show_table(words, pd.DataFrame(lines), title, f"evidence-{spec.id}")
    facts = [
        _indicator(words, spec, item.baseline),
        words.say("recommendations", "actor", {"who": words.text(spec, "who")}),
        words.say("recommendations", "change_mind", {"text_label": words.text(spec, "change_mind")}),
    ]
    show_block(items([escape(fact) for fact in facts], "facts"))


def _indicator(words: Words, spec: Any, row: Mapping[str, Any] | None) -> str:
    values = {"indicator_label": words.measure(spec.indicator, spec.indicator_population)}
    if not row or row["estimate"] is None:
        return words.say("recommendations", "no_indicator", values)
    span = words.span(row["low"], row["high"], row["unit"])
    return words.say("recommendations", "indicator", values | {"baseline_share": row["estimate"], "span": span})


def _evidence_value(words: Words, evidence: Mapping[str, Any]) -> str:
    if "verdict" in evidence:
        values = {"name": evidence["claim"], "value": words.word(evidence["verdict"])}
        return words.say("alt", "row", values)
    row = evidence.get("row")
    if not row or row["estimate"] is None:
        return words.word("not_asked" if not row else row["status"])
    return words.estimate(row)


def report_summary(profile: str, language: str) -> None:
    """Two minutes for a minister: the verdicts in sentences, then what holds for each recommendation."""
    facts, plan = load_profile(profile), load_plan()
    words = vocabulary(facts, plan, language)
    banner(words)
    verdicts = read_verdicts(profile)
    made = shelf.read_record(profile, "recommendations", "recommendations")
    interviews = {name: len(shelf.read_frame(profile, "design", name)) for name in facts.populations}
    show_block(heading(2, words.word("asked_heading")))
    show_block(texts([who_was_asked(words, interviews), words.say("summary", "topics")]))
    show_block(heading(2, words.word("found_heading")))
    show_block(
        texts([count_of_verdicts(words, [verdict.verdict for verdict in verdicts]), words.say("verdicts", "legend")])
    )
    show_block(verdict_list(words, verdicts, "10_findings.html"))
    show_block(heading(2, words.word("do_heading")))
    show_block(texts([recommendation_count(words, [item["status"] for item in made])]))
    show_block(recommendation_list(words, made, "11_recommendations.html"))


def report_countries(language: str) -> None:
    """All surveys that have verdicts, side by side, simulated and real apart, as the comparability rows allow."""
    plan = load_plan()
    words = vocabulary(None, plan, language)
    banner(words)
    done = [load_profile(p) for p in list_profiles() if (paths.processed(p) / "recommendations").is_dir()]
    for source in ("simulated", "delivered"):
        surveys = [profile for profile in done if profile.source == source]
        head(2, words.say("countries", source))
        if not surveys:
            tell(words.say("countries", "no_delivered"))
            continue
        _show_matrix(words, surveys)
        _show_levels(words, surveys)


def _show_matrix(words: Words, surveys: list[Profile]) -> None:
    verdicts = {s.id: {v.claim_id: v for v in read_verdicts(s.id)} for s in surveys}
    lines = [
        {words.word("claim"): f"{c.id}. {words.text(c, 'title')}"}
        | {s.name[words.language]: words.word(verdicts[s.id][c.id].verdict) for s in surveys}  # type: ignore[index]
        for c in words.plan.claims
    ]
    show_table(_under(words, surveys[0]), pd.DataFrame(lines), words.word("verdict"), f"verdicts-{surveys[0].source}")
    items = {
        s.id: {r["id"]: r["status"] for r in shelf.read_record(s.id, "recommendations", "recommendations")}
        for s in surveys
    }
    lines = [
        {words.word("recommendation"): f"{r.id}. {words.text(r, 'action')}"}
        | {s.name[words.language]: words.word(items[s.id][r.id]) for s in surveys}  # type: ignore[index]
        for r in words.plan.recommendations
    ]
    show_table(
        _under(words, surveys[0]),
        pd.DataFrame(lines),
        words.word("recommendation"),
        f"recommendations-{surveys[0].source}",
    )


def _show_levels(words: Words, surveys: list[Profile]) -> None:
    """Estimates side by side, concept by concept, each with the reason why it may or may not be compared.

    Surveys with our questionnaire and those that came through a crosswalk are never put into one table.
    """
    for family in ("bsna", "foreign"):
        members = [survey for survey in surveys if (survey.crosswalk is None) == (family == "bsna")]
        for concept in words.plan.comparability if members else ():
            if family in concept.surveys:
                _show_concept(words, concept, members, f"levels-{concept.concept}-{family}")


def _show_concept(words: Words, concept: Comparable, surveys: list[Profile], name: str) -> None:
    reason = words.text(concept, "reason")
    if concept.kind == "not":
        tell(reason)
        return
    lines = [_level_line(words, measure, surveys) for measure in concept.measures]
    if filled := [line for line in lines if line]:
        show_table(_under(words, surveys[0]), pd.DataFrame(filled), reason, name)


def _level_line(words: Words, name: str, surveys: list[Profile]) -> dict[str, str] | None:
    known = False
    line: dict[str, str] = {}
    population = next(m.population for m in words.plan.measures if m.measure == name)
    line[words.word("measure")] = words.measure(name, population)
    for survey in surveys:
        row = _estimate_of(survey.id, name, population)
        known |= row is not None
        line[survey.name[words.language]] = (
            "–" if row is None else f"{words.value(row)} ({words.span(row['low'], row['high'], row['unit'])})"
        )  # type: ignore[index]
    return line if known else None


def _estimate_of(profile: str, name: str, population: str) -> dict[str, Any] | None:
    folder = paths.processed(profile) / "estimates"
    for path in sorted(folder.glob("*.parquet")):
        rows = shelf.read_frame(profile, "estimates", path.stem)
        hit = rows[
            (rows["measure"] == name)
            & (rows["population"] == population)
            & (rows["by"] == "")
            & (rows["category"] == "")
            & rows["status"].isin(["ok", "imprecise"])
        ]
        if len(hit):
            return {str(k): v for k, v in hit.iloc[0].to_dict().items()}
    return None


def _under(words: Words, survey: Profile) -> Words:
    """The same words, with the source line of one kind of survey."""
    return Words(words.plan, words.questionnaires, survey, words.language)
