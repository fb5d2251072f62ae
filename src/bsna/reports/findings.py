"""The claims of the plan with their verdicts, and a page for each with what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from html import escape
from typing import Any

from bsna import shelf
from bsna.chapter import Survey, tell
from bsna.judgement import Verdict, judge
from bsna.judgement.planned_power import ClaimPower, claim_powers, planned_samples
from bsna.publishing.addresses import claim_page
from bsna.publishing.blocks import badge, heading, margin_note, show_block, texts
from bsna.publishing.cards.rows import traced_verdicts
from bsna.publishing.verdicts import count_of_verdicts, verdict_index, verdict_sentence
from bsna.publishing.wording import Words
from bsna.reports.claim_pages import Findings, write_claim_pages
from bsna.reports.gaps import read_gaps
from bsna.reports.notes import survey_notes
from bsna.reports.robustness import read_standings, uncleaned_designs


def report_findings(survey: Survey) -> None:
    """Judge the claims, show each, and write the verdicts and a page for every claim."""
    profile = survey.profile
    answers = {name: shelf.read_frame(profile.id, "design", name) for name in profile.populations}
    standings = read_standings(profile.id)
    verdicts = judge(
        survey.plan,
        survey.designs,
        survey.absent,
        profile.publication,
        seed=profile.seed,
        raw_designs=uncleaned_designs(survey)[0],
        answers=answers,
        survey=profile.id,
        standings=standings,
        agreements=_by_claim(read_gaps(profile.id).agreements(survey.plan)),
    )
    shelf.write_record([asdict(verdict) for verdict in verdicts], profile.id, "verdicts", "verdicts")
    verdicts = traced_verdicts(profile.id, verdicts)
    typed = {name: shelf.read_frame(profile.id, "typed", name) for name in profile.populations}
    received = {name: len(frame) for name, frame in typed.items()}
    notes = survey_notes(profile, survey.plan, survey.words.questionnaires, typed)
    write_claim_pages(Findings(survey, answers, received, verdicts, standings, _powers(survey), notes))
    _show(survey.words, verdicts)


def read_verdicts(profile: str) -> tuple[Verdict, ...]:
    """Verdicts of a survey, as written by its findings."""
    records = shelf.read_record(profile, "verdicts", "verdicts")
    tuples = ("rows", "outside", "grade_reasons", "weighed", "bounds")
    verdicts = []
    for record in records:
        facts: dict[str, Any] = {
            key: tuple(value) if key in tuples and value is not None else value for key, value in record.items()
        }
        verdicts.append(Verdict(**facts))
    return tuple(verdicts)


def _show(words: Words, verdicts: Sequence[Verdict]) -> None:
    tell(count_of_verdicts(words, [verdict.verdict for verdict in verdicts]))
    show_block(verdict_index(words, verdicts))
    for verdict in verdicts:
        claim = words.plan.row("claims", verdict.claim_id)
        mark = badge(words, verdict.verdict, verdict.grade or "")
        show_block(heading(3, f"{claim.id}. {words.text(claim, 'title')}", claim.id, mark))
        argue = (
            f'<a href="{claim_page(claim.id)}.html">{escape(words.say("claim_page", "argue", {"id": claim.id}))}</a>'
        )
        said = verdict_sentence(words, verdict)
        if verdict.verdict == "not_asked":
            show_block(f"<p>{escape(said)} {argue}</p>")
            continue
        note = margin_note(words, words.text(claim, "caveat"))
        show_block(f'<div class="bsna-noted">{texts([said])}{note}</div>')
        show_block(f"<p>{argue}</p>")


def _by_claim(agreements: Sequence[Mapping[str, str]]) -> dict[str, list[Mapping[str, str]]]:
    found: dict[str, list[Mapping[str, str]]] = {}
    for row in agreements:
        found.setdefault(row["claim"], []).append(row)
    return found


def _powers(survey: Survey) -> dict[str, ClaimPower]:
    samples = planned_samples(survey.profile)
    return {power.claim_id: power for power in claim_powers(survey.plan, samples)} if samples else {}
