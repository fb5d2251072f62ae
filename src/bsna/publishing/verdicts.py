"""Verdicts and recommendations as lists that can be read in two minutes."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from babel import Locale
from babel.dates import format_date

from bsna.intake.plan import VERDICTS
from bsna.judgement import Verdict
from bsna.publishing.blocks import badge, folded, heading, items
from bsna.publishing.firmness import firm_sentence
from bsna.publishing.wording import Words

STATUSES = ("holds", "mixed", "fails", "not_testable")


def verdict_sentence(words: Words, verdict: Verdict) -> str:
    """The sentence of a claim in the state of its verdict, as firm as its grade allows (`firmness.firm_sentence`)."""
    claim = words.plan.row("claims", verdict.claim_id)
    template = claim.sentences[verdict.verdict][words.language]
    return firm_sentence(words, verdict.verdict, verdict.grade, template, verdict.values)


def count_of_verdicts(words: Words, found: Sequence[str]) -> str:
    """How many claims got which verdict; verdicts that none got are not named."""
    parts = _parts(words, "verdicts", VERDICTS, found)
    return words.say("verdicts", "count", {"claims_count": len(found), "parts_list": parts})


def recommendation_count(words: Words, statuses: Sequence[str]) -> str:
    """How many recommendations have which status; a status that none has is not named."""
    parts = _parts(words, "recommendations", STATUSES, statuses)
    return words.say("recommendations", "count", {"total_count": len(statuses), "parts_list": parts})


def verdict_list(words: Words, verdicts: Sequence[Verdict], page: str) -> str:
    """Each claim with badge and sentence, linked to where it is argued; the firm verdicts first, those not asked folded."""
    order = ("supported", "contradicted", "uncertain", "withheld")
    firm_first = sorted((v for v in verdicts if v.verdict in order), key=lambda v: order.index(v.verdict))
    others = [verdict for verdict in verdicts if verdict.verdict not in order]
    asked, unasked = (
        [f"{_linked(words, v, page)}<br>{escape(verdict_sentence(words, v))}" for v in own]
        for own in (firm_first, others)
    )
    return (items(asked, "verdicts") if asked else "") + _folded(words, "verdicts", "not_asked", unasked)


def verdict_index(words: Words, verdicts: Sequence[Verdict]) -> str:
    """Each claim with its badge, linked to its place on the same page."""
    return items([_linked(words, verdict, "") for verdict in verdicts], "verdicts")


def _linked(words: Words, verdict: Verdict, page: str) -> str:
    title = words.text(words.plan.row("claims", verdict.claim_id), "title")
    mark = badge(words, verdict.verdict, verdict.grade or "")
    return f'<a href="{page}#{verdict.claim_id.lower()}">{verdict.claim_id}. {escape(title)}</a> {mark}'


def recommendation_list(words: Words, made: Sequence[Mapping[str, Any]], page: str = "") -> str:
    """Each recommendation with its status, under the name of those it speaks to; those that cannot be tested folded."""
    html, untested = "", list[str]()
    rows = [(words.plan.row("recommendations", item["id"]), item["status"]) for item in made]
    for audience in dict.fromkeys(row.audience for row, _ in rows):
        lines: list[str] = []
        for row, status in rows:
            if row.audience == audience:
                link = f'<a href="{page}#{row.id.lower()}">{row.id}. {escape(words.text(row, "action"))}</a>'
                (untested if status == "not_testable" else lines).append(f"{link} {badge(words, status)}")
        if lines:
            html += heading(3, words.word(audience)) + items(lines, "verdicts")
    return html + _folded(words, "recommendations", "not_testable", untested)


def who_was_asked(words: Words, interviews: Mapping[str, int]) -> str:
    """Of whom, where and when; `interviews` are counts per population."""
    facts = words.profile
    assert facts is not None
    regions = [region.name[words.language] for region in facts.region] or [facts.name[words.language]]  # type: ignore[index]
    values = {
        "asked_list": [words.say("summary", name, {"part_count": count}) for name, count in interviews.items()],
        "regions_list": regions,
        "start": format_date(facts.fieldwork.start, "d MMMM yyyy", locale=words.language),
        "end": format_date(facts.fieldwork.end, "d MMMM yyyy", locale=words.language),
    }
    return words.say("summary", "simulated" if facts.is_simulated else "delivered", values)


def _folded(words: Words, statement: str, kind: str, lines: Sequence[str]) -> str:
    """Lines of one kind behind their count; nothing if there are none."""
    if not lines:
        return ""
    (count,) = _parts(words, statement, [kind], [kind] * len(lines))
    return folded(count, items(lines, "verdicts"))


def _parts(words: Words, statement: str, kinds: Sequence[str], found: Sequence[str]) -> list[str]:
    counts = {kind: found.count(kind) for kind in kinds if kind in found}
    plural = Locale.parse(words.language).plural_form
    return [words.say(statement, f"{kind}_{plural(n)}", {"part_count": n}) for kind, n in counts.items()]
