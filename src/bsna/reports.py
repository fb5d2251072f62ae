"""The chapters that do more than ask the plan: cleaning, sample, findings, recommendations, summary, countries."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from bsna import paths, shelf
from bsna.chapter import Survey, banner, design_of, head, measure_survey, tell, vocabulary
from bsna.estimation import EmptyDomain, SurveyDesign, proportion
from bsna.intake.checks import Check, load_checks, run_checks
from bsna.intake.cleaned import COUNT_COLUMNS, Cleaned, clean, cleaning_counts, replay
from bsna.intake.decisions import load_decisions
from bsna.intake.instrument import load_questionnaire
from bsna.intake.plan import VERDICTS, Comparable, load_plan, validate_plan
from bsna.intake.profile import POPULATIONS, Profile, list_profiles, load_profile
from bsna.intake.raw import current_delivery, read_raw
from bsna.intake.reading import type_table
from bsna.intake.reasons import reason_counts
from bsna.intake.sampling import design_frame
from bsna.judgement import Verdict, judge, recommend, release
from bsna.publishing import figures
from bsna.publishing.tables import estimate_table, show_table
from bsna.publishing.wording import Words

HEADLINES = "cleaning_headlines"
"""Table of the plan whose measures the cleaning chapter shows before and after."""

STATUSES = ("holds", "mixed", "fails", "not_testable")


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
        show_table(words, checks, words.word("check"), "checks")
    if len(decided):
        table = pd.DataFrame(
            {
                words.word("decision"): decided["reason"],
                words.word("population"): [words.word(p) for p in decided["population"]],
                words.word("changed"): decided["changed"],
                words.word("dropped"): decided["dropped"],
            }
        )
        show_table(words, table, words.word("decision"), "decisions")


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
            {words.word("measure"): words.measure(name, "community")}
            | {k: f"{words.value(r)} ({words.span(r['low'], r['high'], 'share')})" for k, r in cells.items()}
        )
    if lines:
        tell(words.say("cleaning", "shift", {"largest_size": largest}))
        show_table(words, pd.DataFrame(lines), words.word("cleaned"), "shift")


def _show_silence(words: Words, cleaned: Cleaned) -> None:
    frame = cleaned.frames["community"]
    counts = reason_counts(
        frame[[q.name for q in load_questionnaire("community").questions if q.choices and q.name in frame]]
    )
    silent = counts[["~refused", "~dont_know", "~no_answer"]].sum(axis=1)
    share = (silent / (silent + counts["answered"]).clip(lower=1)).where(counts["answered"] > 0, 0.0)
    worst = counts.assign(share=share).nlargest(1, "share", keep="first").iloc[0]
    label = load_questionnaire("community").question(worst["column"]).label[words.language]
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
    question = words.questionnaires["community"].question(row["variable"])
    return question.choice_label(row["level"], words.language)


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
    figures.show(figures.verdict_strip(words, verdicts, _verdict_count(words, verdicts)))
    for verdict in verdicts:
        _tell_verdict(words, verdict)


def _raw_designs(survey: Survey) -> dict[str, SurveyDesign]:
    designs = {}
    for name in survey.profile.populations:
        weighted = design_frame(shelf.read_frame(survey.profile.id, "typed", name), survey.profile, name)
        designs[name] = design_of(weighted.frame, survey.profile, survey.plan, name)
    return designs


def _verdict_count(words: Words, verdicts: Any) -> str:
    counts = {f"{word}_count": sum(v.verdict == word for v in verdicts) for word in VERDICTS}
    return words.say("verdicts", "count", counts | {"claims_count": len(verdicts)})


def verdict_sentence(words: Words, verdict: Verdict) -> str:
    """The sentence of a claim in the state of its verdict."""
    claim = words.plan.row("claims", verdict.claim_id)
    return words.fill(claim.sentences[verdict.verdict][words.language], verdict.values)  # type: ignore[index]


def _tell_verdict(words: Words, verdict: Verdict) -> None:
    claim = words.plan.row("claims", verdict.claim_id)
    head(3, f"{verdict.claim_id}. {words.text(claim, 'title')}: {words.word(verdict.verdict)}")
    tell(verdict_sentence(words, verdict))
    tell(words.text(claim, "rule"))
    if verdict.p_for is not None:
        _tell_facts(words, verdict)
    tell(words.text(claim, "caveat"))
    if verdict.rows and verdict.verdict not in ("not_asked",):
        show_table(
            words,
            estimate_table(words, [_row(r) for r in verdict.rows]),
            words.text(claim, "title"),
            f"claim-{verdict.claim_id}",
        )


def _tell_facts(words: Words, verdict: Verdict) -> None:
    values = {
        "people_count": verdict.n,
        "clusters_count": verdict.clusters,
        "for_p": verdict.p_for,
        "for_adjusted_p": verdict.p_for_adjusted,
        "against_p": verdict.p_against,
        "against_adjusted_p": verdict.p_against_adjusted,
        "silent_share": verdict.nonresponse,
    }
    tell(words.say("tested", "facts", values))
    if verdict.bounds and verdict.raw:
        low, high = (words.word(word) for word in verdict.bounds)
        tell(words.say("tested", "bounds", {"low_word": low, "high_word": high, "raw_word": words.word(verdict.raw)}))
    reasons = [words.word(reason) for reason in verdict.grade_reasons]
    tell(
        words.say("tested", "grade_reasons" if reasons else "grade", {"grade": verdict.grade, "reasons_list": reasons})
    )
    for figure in verdict.outside:
        measure = words.measure(figure["measure"], words.plan.row("claims", verdict.claim_id).population)
        tell(
            words.say(
                "tested",
                "outside",
                {"measure": measure, "outside_share": figure["share"], "note": figure["note"][words.language]},
            )
        )


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
    tell(_recommendation_count(words, [item.status for item in made]))
    audience = ""
    for item in made:
        spec = survey.plan.row("recommendations", item.id)
        if spec.audience != audience:
            audience = spec.audience
            head(2, words.word(audience))
        _tell_recommendation(words, spec, item)


def _recommendation_count(words: Words, statuses: list[str]) -> str:
    counts = {f"{status}_count": statuses.count(status) for status in STATUSES}
    return words.say("recommendations", "count", counts | {"total_count": len(statuses)})


def _tell_recommendation(words: Words, spec: Any, item: Any) -> None:
    head(3, f"{spec.id}. {words.text(spec, 'action')}: {words.word(item.status)}")
    lines = [
        {
            words.word("evidence"): evidence["note"][words.language],
            words.word("estimate"): _evidence_value(words, evidence),
            words.word("outcome"): words.word(evidence["outcome"]),
        }
        for evidence in item.evidence
    ]
    show_table(words, pd.DataFrame(lines), words.text(spec, "action"), f"evidence-{spec.id}")
    label = words.measure(spec.indicator, spec.indicator_population)
    row = item.baseline
    if row and row["estimate"] is not None:
        values = {"label": label, "baseline_share": row["estimate"], "low_share": row["low"], "high_share": row["high"]}
        tell(words.say("recommendations", "indicator", values))
    else:
        tell(words.say("recommendations", "no_indicator", {"label": label}))
    tell(f"{words.word('who')}: {words.text(spec, 'who')}")
    tell(words.say("recommendations", "change_mind", {"text": words.text(spec, "change_mind")}))


def _evidence_value(words: Words, evidence: Mapping[str, Any]) -> str:
    if "verdict" in evidence:
        return f"{evidence['claim']}: {words.word(evidence['verdict'])}"
    row = evidence.get("row")
    if not row or row["estimate"] is None:
        return words.word("not_asked" if not row else row["status"])
    return f"{words.value(row)} ({words.span(row['low'], row['high'], row['unit'])})"


def report_summary(profile: str, language: str) -> None:
    """Two minutes for a minister: the verdicts in sentences, then what holds for each recommendation."""
    facts, plan = load_profile(profile), load_plan()
    words = vocabulary(facts, plan, language)
    banner(words)
    verdicts = read_verdicts(profile)
    items = shelf.read_record(profile, "recommendations", "recommendations")
    figures.show(figures.verdict_strip(words, verdicts, _verdict_count(words, verdicts)))
    for word in ("supported", "contradicted", "uncertain", "withheld"):
        chosen = [verdict for verdict in verdicts if verdict.verdict == word]
        for verdict in chosen:
            tell(f"- **{words.word(word)}** — {verdict_sentence(words, verdict)}")
    tell(_recommendation_count(words, [item["status"] for item in items]))
    lines = [
        {
            words.word("audience"): words.word(plan.row("recommendations", item["id"]).audience),
            words.word(
                "recommendation"
            ): f"{item['id']}. {words.text(plan.row('recommendations', item['id']), 'action')}",
            words.word("status"): words.word(item["status"]),
        }
        for item in items
    ]
    show_table(words, pd.DataFrame(lines), words.word("recommendation"), "recommendations")


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
