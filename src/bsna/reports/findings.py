"""The claims of the plan with their verdicts, and what each rests on."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bsna import shelf
from bsna.chapter import Survey, design_of, tell
from bsna.estimation import SurveyDesign
from bsna.intake.sampling import design_frame
from bsna.judgement import Verdict, judge
from bsna.publishing.blocks import badge, folded, heading, show_block, texts
from bsna.publishing.tables import estimate_table, table_html
from bsna.publishing.verdicts import count_of_verdicts, verdict_index, verdict_sentence
from bsna.publishing.wording import Words


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
