"""The recommendations of the plan with their evidence; none is ever dropped."""

from collections.abc import Mapping
from dataclasses import asdict
from html import escape
from typing import Any

import pandas as pd

from bsna import shelf
from bsna.chapter import Survey, tell
from bsna.judgement import recommend
from bsna.publishing.blocks import badge, heading, items, show_block
from bsna.publishing.tables import show_table
from bsna.publishing.verdicts import recommendation_count
from bsna.publishing.wording import Words
from bsna.reports.findings import read_verdicts


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
