"""Notes on a claim for its page: sources on each side, how alike they were read, and excerpts. Every text is escaped."""

from collections.abc import Mapping
from html import escape

import pandas as pd

from bsna.judgement.notes import DIRECTIONS, Agreement, ClaimNotes
from bsna.judgement.quotes import REASONS, Quote
from bsna.publishing.blocks import items, texts
from bsna.publishing.tables import table_html
from bsna.publishing.wording import Words


def notes_blocks(words: Words, claim_id: str, notes: Mapping[str, ClaimNotes]) -> str:
    """All that may be shown of the notes on one claim; "" where there are none."""
    found = notes.get(claim_id)
    if found is None:
        return ""
    html = texts([words.say("notes", "what")])
    if found.sources:
        title = words.say("notes", "title", {"claim": claim_id})
        html += f'<div class="bsna-table">{table_html(words, _counts(words, found), title, f"notes-{claim_id}")}</div>'
    html += texts([words.say("notes", "few", {"population_label": words.word(name)}) for name in found.few])
    html += texts([_alike(words, found.agreement)])
    html += items([_quote(words, one) for one in found.quoted.quotes], "quotes") if found.quoted.quotes else ""
    return html + texts(_not_shown(words, found))


def _counts(words: Words, found: ClaimNotes) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {words.word("notes_who"): words.word(count.population)}
            | {words.word(f"notes_{d}"): _count(words, count.directions[d]) for d in DIRECTIONS}
            for count in found.sources
        ]
    )


def _count(words: Words, count: int | None) -> str:
    return words.word("notes_too_few") if count is None else words.show("n_count", count)


def _alike(words: Words, agreement: Agreement | None) -> str:
    if agreement is None:
        return words.say("notes", "not_compared")
    values = {
        "units_count": agreement.units,
        "coders_count": agreement.coders,
        "same_share": agreement.percent,
        "kappa_ratio": agreement.kappa,
        "alpha_ratio": agreement.alpha,
        "low_ratio": agreement.low,
        "high_ratio": agreement.high,
    }
    return words.say("notes", "alike_kappa" if agreement.kappa is not None else "alike", values)


def _quote(words: Words, one: Quote) -> str:
    values = {"direction": words.word(f"notes_{one.direction}"), "population_label": words.word(one.population)}
    who = words.say("notes", one.source_type, values)
    return f"<blockquote>{escape(one.text)}</blockquote><cite>{escape(who)}</cite>"


def _not_shown(words: Words, found: ClaimNotes) -> list[str]:
    """How many excerpts are not shown, and why."""
    lines = [words.say("notes", "more", {"more_count": found.quoted.more})] if found.quoted.more else []
    reasons = [
        words.say("notes", f"withheld_{reason}", {"excerpts_count": found.quoted.withheld[reason]})
        for reason in REASONS
        if reason in found.quoted.withheld
    ]
    return lines + ([words.say("notes", "withheld", {"reasons_series": reasons})] if reasons else [])
