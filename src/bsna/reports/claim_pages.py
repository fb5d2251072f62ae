"""One page for each claim, at a stable address, with everything needed to argue with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import pandas as pd

from bsna import shelf
from bsna.chapter import Survey, banner_html
from bsna.intake.crosswalk import load_crosswalk
from bsna.intake.plan import Claim
from bsna.intake.plan_recommendations import claims_behind, recommended_to
from bsna.judgement import Verdict
from bsna.judgement.borders import claim_borders
from bsna.judgement.claims import ALPHA
from bsna.judgement.notes import ClaimNotes
from bsna.judgement.planned_power import ClaimPower
from bsna.judgement.rows_used import measures_behind, questions_behind, rows_used
from bsna.judgement.standing import Standing
from bsna.publishing import figures
from bsna.publishing.addresses import claim_page
from bsna.publishing.blocks import badge, folded, items, margin_note, texts
from bsna.publishing.grades_shown import grade_table
from bsna.publishing.notes_shown import notes_blocks
from bsna.publishing.outside_shown import outside_table, statements_html
from bsna.publishing.questions import asked_html, counted_table
from bsna.publishing.rules_shown import rule_html
from bsna.publishing.standings import standing_figure, standing_html
from bsna.publishing.tables import estimate_table, table_html
from bsna.publishing.verdicts import verdict_sentence
from bsna.publishing.wording import Words
from bsna.publishing.written import WrittenPage
from bsna.reports.rounds import published_rounds


@dataclass(frozen=True)
class Findings:
    """All that the pages of a survey's claims are made of: the survey, its interviews as kept and as received, the verdicts,
    how they fare under reruns, what the planned sample could have shown, and what was noted in talks."""

    survey: Survey
    answers: Mapping[str, pd.DataFrame]
    received: Mapping[str, int]
    verdicts: Sequence[Verdict]
    standings: Mapping[str, Standing]
    powers: Mapping[str, ClaimPower]
    notes: Mapping[str, ClaimNotes] = field(default_factory=dict)


def write_claim_pages(findings: Findings) -> None:
    """Write a page for every claim of the plan, asked or not."""
    for verdict in findings.verdicts:
        claim = findings.survey.plan.row("claims", verdict.claim_id)
        page = _page(findings, claim, verdict)
        survey = findings.survey
        shelf.write_page(page.text, survey.profile.id, claim_page(claim.id), survey.words.language, page.figures)


def _page(findings: Findings, claim: Claim, verdict: Verdict) -> WrittenPage:
    words = findings.survey.words
    name = findings.survey.profile.title[words.language]
    page = WrittenPage(f"{claim.id}. {words.text(claim, 'title')} · {name}")
    page.add(banner_html(words))
    page.add(f'<p class="bsna-verdict">{badge(words, verdict.verdict, verdict.grade or "")}</p>')
    page.add(f'<p class="bsna-sentence">{escape(verdict_sentence(words, verdict))}</p>')
    page.add(margin_note(words, words.text(claim, "caveat")))
    page.add(texts([_power(words, findings.powers.get(claim.id))]))
    if _has_numbers(verdict):
        _decided(page, words, claim, verdict)
    page.head(words.word("how_judged"))
    page.add(rule_html(words, claim))
    if verdict.p_for is not None:
        _tested(page, words, claim, verdict)
    page.head(words.word("how_firm"))
    page.add(grade_table(words, verdict) or texts([words.say("claim_page", "ungraded")]))
    if (standing := findings.standings.get(claim.id)) is not None:
        page.draw(standing_figure(words, claim, verdict, standing))
        page.add(folded(words.word("reruns_title"), standing_html(words, standing)))
    _elsewhere(page, findings, claim, verdict)
    if said := notes_blocks(words, claim.id, findings.notes):
        page.head(words.word("in_talks"))
        page.add(said)
    _asked(page, findings, claim)
    page.head(words.word("where_made"))
    page.add(_links(words, findings, claim))
    return page


def _has_numbers(verdict: Verdict) -> bool:
    return verdict.verdict not in ("not_asked", "withheld") and bool(verdict.rows)


def _power(words: Words, power: ClaimPower | None) -> str:
    if power is None or power.corrected is None:
        return words.say("claim_page", "no_power")
    low, high = power.corrected
    values = {"low_prob": low, "high_prob": high, "claims_count": power.family}
    return words.say(
        "claim_page", "power" if words.probability(low) != words.probability(high) else "power_one", values
    )


def _decided(page: WrittenPage, words: Words, claim: Claim, verdict: Verdict) -> None:
    """The figure that decides: shares against the margin, and differences against zero or the margin."""
    page.head(words.word("what_decides"))
    title = words.text(claim, "title")
    headline = words.say("claim_page", "decides", {"verdict_word": words.word(verdict.verdict), "title_label": title})
    for unit in ("share", "points"):
        rows = [row_of(record) for record in verdict.rows if record["unit"] == unit]
        if rows:
            page.draw(
                figures.deciding(words, rows, headline, words.word(f"deciding_{unit}"), claim_borders(claim, unit))
            )
    table = estimate_table(words, [row_of(record) for record in verdict.rows])
    page.add(_table(words, table, words.word("deciding_table"), f"claim-{claim.id}"))


def _tested(page: WrittenPage, words: Words, claim: Claim, verdict: Verdict) -> None:
    sides = (
        ("p_for_side", verdict.p_for, verdict.p_for_adjusted),
        ("p_against_side", verdict.p_against, verdict.p_against_adjusted),
    )
    lines = [
        {
            words.word("side"): words.word(side),
            words.word("p_raw"): words.show("raw_p", raw),
            words.word("p_adjusted"): words.show("adjusted_p", adjusted),
        }
        for side, raw, adjusted in sides
    ]
    title = words.say("claim_page", "tests", {"alpha_share": ALPHA})
    page.add(_table(words, pd.DataFrame(lines), title, f"tests-{claim.id}"))


def _elsewhere(page: WrittenPage, findings: Findings, claim: Claim, verdict: Verdict) -> None:
    """What others found and published of the same thing, agreeing or not."""
    words, profile = findings.survey.words, findings.survey.profile
    blocks = [statements_html(words, claim, verdict, profile.id), outside_table(words, verdict, verdict.outside)]
    rounds = published_rounds(words, findings.survey.plan, profile, claim.id)
    if not any(blocks) and not rounds:
        return
    page.head(words.word("elsewhere"))
    for block in (*blocks, *rounds):
        if isinstance(block, str):
            page.add(block)
        else:
            page.draw(block)


def _asked(page: WrittenPage, findings: Findings, claim: Claim) -> None:
    """Questions in every language, what counts, and how many rows stand behind."""
    survey, words = findings.survey, findings.survey.words
    profile = survey.profile
    crosswalk = load_crosswalk(profile.crosswalk) if profile.crosswalk else None
    shown = asked_html(words, questions_behind(claim, survey.plan), crosswalk)
    page.head(words.word("as_asked"))
    page.add(shown or texts([words.say("claim_page", "none_asked")]))
    if specs := measures_behind(claim, survey.plan):
        table = counted_table(words, specs)
        page.add(_table(words, table, words.word("counts_title"), f"counts-{claim.id}"))
    used = rows_used(claim, survey.plan, findings.answers, threshold=profile.publication.threshold)
    if used:
        page.head(words.word("rows_used"))
        lines = [
            {
                words.word("population"): words.word(row.population),
                words.word("question"): words.question(row.question, row.population),
                words.word("received"): words.show("n_count", findings.received[row.population]),
                words.word("kept"): words.show("n_count", row.interviews),
                words.word("were_asked"): _count(words, row.asked),
                words.word("answered_count"): _count(words, row.answered),
            }
            for row in used
        ]
        page.add(_table(words, pd.DataFrame(lines), words.word("rows_used_title"), f"rows-{claim.id}"))


def _count(words: Words, count: int | None) -> str:
    return words.word("withheld") if count is None else words.show("n_count", count)


def _table(words: Words, table: pd.DataFrame, title: str, name: str) -> str:
    return f'<div class="bsna-table">{table_html(words, table, title, name)}</div>'


def _links(words: Words, findings: Findings, claim: Claim) -> str:
    """The notebook cell that made the verdict, and the recommendations that hang on it."""
    cell = f'<a href="../10_findings.html#{claim.id.lower()}">{escape(words.word("its_cell"))}</a>'
    lines = [cell]
    plan = findings.survey.plan
    for row in recommended_to(plan.recommendations, findings.survey.profile.country):
        if claim.id in claims_behind(row, plan.evidence):
            label = escape(f"{row.id}. {words.text(row, 'action')}")
            lines.append(f'<a href="../11_recommendations.html#{row.id.lower()}">{label}</a>')
    return items(lines, "facts")


def row_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """An estimate row as it was before it was written: what is missing is not a number."""
    return {key: float("nan") if value is None else value for key, value in record.items()}
