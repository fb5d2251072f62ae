"""What others published beside a claim, as a reader of its page sees it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from bsna.intake.plan import Claim
from bsna.judgement.claims import Verdict
from bsna.judgement.outside import outside_statements
from bsna.publishing.blocks import badge, items, texts
from bsna.publishing.rounds_shown import outside_text
from bsna.publishing.tables import table_html
from bsna.publishing.wording import Words

AGREEMENTS = ("agrees", "differs", "conflicts", "untested")


def outside_table(words: Words, verdict: Verdict, rows: Sequence[Mapping[str, Any]]) -> str:
    """Published figures beside ours as HTML: a sentence that counts them, the table, and the rule. "" without rows.

    `rows` are those of `outside_figures`, as a verdict carries them.
    """
    if not rows:
        return ""
    table = pd.DataFrame([_line(words, row) for row in rows])
    sources = [outside_text(words, source) for source in dict.fromkeys(row["source"] for row in rows)]
    made = words.fill(words.word("sources_delivered"), {"surveys_series": sources})
    html = table_html(words, table, words.word("outside_title"), f"outside-{verdict.claim_id}", made)
    rule = texts([words.say("outside", "rule")])
    return f'{texts([outside_sentence(words, rows)])}<div class="bsna-table">{html}</div>{rule}'


def outside_sentence(words: Words, rows: Sequence[Mapping[str, Any]]) -> str:
    """How many published figures agree, differ, conflict, or are only shown."""
    counted = Counter(row["agreement"] for row in rows)
    values = {f"{name}_count": counted[name] for name in AGREEMENTS} | {"all_count": len(rows)}
    return words.say("outside", "counted", values)


def statements_html(words: Words, claim: Claim, verdict: Verdict, survey: str) -> str:
    """What the plan's sources said of the claim in words, each with whether this verdict agrees. "" without any."""
    said = outside_statements(claim, words.plan, verdict.verdict, survey)
    lines = []
    for row in said:
        mark = badge(words, row["agreement"])
        source = escape(outside_text(words, row["source"]))
        lines.append(f"{mark} {escape(words.typeset(row['text'][words.language]))} <cite>{source}</cite>")
    return items(lines, "facts") if lines else ""


def _line(words: Words, row: Mapping[str, Any]) -> dict[str, str]:
    asked = outside_text(words, row["item"]) if row["item"] else words.measure(row["measure"], "community")
    share = {"estimate": row["share"], "low": row["low"], "high": row["high"], "unit": "share", "status": "ok"}
    gap = {"estimate": row["difference"], "low": row["difference_low"], "high": row["difference_high"]}
    place, source = outside_text(words, row["place"]), outside_text(words, row["source"])
    where = words.say("outside", "where", {"place": place, "year": str(row["year"])})
    wording = outside_text(words, row["wording"]) if row["wording"] else words.word("same_wording")
    remarks = [wording, outside_text(words, row["coverage"]), words.typeset(row["note"][words.language])]
    return {
        words.word("what_asked"): asked,
        words.word("published_by"): words.say("outside", "by", {"where": where, "source": source}),
        words.word("people"): words.show("n_count", row["n"]),
        words.word("estimate"): words.value(share) if row["low"] is None else words.estimate(share),
        words.word("ours_minus"): "–"
        if row["difference"] is None
        else words.estimate(gap | {"unit": "points", "status": "ok"}),
        words.word("agreement"): words.word(row["agreement"]),
        words.word("remark"): words.word("separator").join(
            dict.fromkeys(words.opening(r).rstrip(".") for r in remarks if r)
        ),
    }
