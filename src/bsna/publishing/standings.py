"""How a verdict fares under reruns, as a reader of its page sees it: a sentence, a figure, a small table."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bsna.intake.plan import Claim
from bsna.judgement.borders import claim_borders
from bsna.judgement.claims import Verdict
from bsna.judgement.lead import lead_row
from bsna.judgement.standing import Breaking, Standing, Variant
from bsna.publishing import figures
from bsna.publishing.blocks import texts
from bsna.publishing.cards.keys import Traced
from bsna.publishing.cards.marks import marked
from bsna.publishing.cards.rerun_results import CORRECTIONS, standing_results
from bsna.publishing.drawing import Drawing
from bsna.publishing.tables import table_html
from bsna.publishing.wording import Words


def standing_sentence(words: Words, standing: Standing) -> str:
    """In how many of the reruns the verdict stands."""
    reruns = sum(variant.count for variant in standing.variants)
    stands = sum(variant.stands for variant in standing.variants)
    values = {"verdict_word": words.word(standing.verdict), "stands_count": stands, "reruns_count": reruns}
    return words.say("standing", "all" if stands == reruns else "some", values)


def standing_html(words: Words, standing: Standing) -> str:
    """A table with one row for each way of doing it otherwise, what it takes to change the verdict, and what single corrections
    did."""
    keys = rerun_keys(words, standing)
    table = pd.DataFrame([_line(words, standing, variant, keys[variant.family]) for variant in standing.variants])
    html = table_html(words, table, words.word("reruns_title"), f"reruns-{standing.claim_id}")
    notes = [*(_breaking(words, found) for found in standing.breaking), *_corrections(words, standing, keys)]
    return f'<div class="bsna-table">{html}</div>{texts(notes)}'


def standing_figure(words: Words, claim: Claim, verdict: Verdict, standing: Standing) -> Drawing | None:
    """The leading estimate as judged, and the range it takes under each family of reruns; None where it is not shown."""
    rows = pd.DataFrame(list(verdict.rows))
    base: Mapping[str, Any] = verdict.rows[lead_row(claim, rows)]
    if base["estimate"] is None or base["low"] is None:
        return None
    spans, keys = [], rerun_keys(words, standing)
    for variant in standing.variants:
        if variant.lowest is None or variant.highest is None:
            continue
        row = {**base, "estimate": variant.lowest, "low": variant.lowest, "high": variant.highest, "status": "ok"}
        row["key"] = keys[variant.family]
        spans.append((words.word(f"family_{variant.family}"), row, _range(words, base["unit"], variant)))
    title = standing_sentence(words, standing).rstrip(".")
    return figures.reruns(words, base, spans, title, claim_borders(claim, base["unit"]))


def rerun_keys(words: Words, standing: Standing) -> dict[str, str]:
    """Keys of the cards of a claim's reruns, by family, and of corrections."""
    assert words.profile is not None
    return {result.names[1]: result.key for result in standing_results(words.profile.id, standing)}


def _line(words: Words, standing: Standing, variant: Variant, key: str) -> dict[str, str]:
    others = {word: count for word, count in variant.verdicts.items() if word != standing.verdict}
    return {
        words.word("reruns"): words.word(f"family_{variant.family}"),
        words.word("how_many"): words.show("n_count", variant.count),
        words.word("stands_in"): words.show("n_count", Traced(variant.stands, key)),
        words.word("otherwise_verdicts"): words.word("separator").join(
            words.say("alt", "row", {"name": words.word(word), "value": words.show("n_count", count)})
            for word, count in others.items()
        )
        or "–",
        words.word("leading_range"): marked(key, _range(words, standing.unit, variant)),
    }


def _range(words: Words, unit: str, variant: Variant) -> str:
    if variant.lowest is None or variant.highest is None:
        return "–"
    if unit == "points":
        low, high = words.signed(variant.lowest), words.signed(variant.highest)
        return low if low == high else words.word("span_points").format(low=low, high=high)
    low, high = words.share(variant.lowest), words.share(variant.highest)
    return low if low == high else words.span(variant.lowest, variant.highest, "share")


def _breaking(words: Words, found: Breaking) -> str:
    values: dict[str, Any] = {"of_count": found.of, "size_count": found.size, "tried_count": found.tried}
    values |= {"verdict_word": words.word(found.verdict)} if found.verdict else {}
    state = "none" if found.size is None else "one" if found.size == 1 else "several"
    return words.say("standing", f"breaking_{found.family}_{state}", values)


def _corrections(words: Words, standing: Standing, keys: Mapping[str, str]) -> list[str]:
    if not standing.corrections:
        return []
    rows = sum(row["rows"] for row in standing.corrections)
    largest = Traced(max(abs(row["largest"]) for row in standing.corrections) * 100, keys[CORRECTIONS])
    return [words.say("standing", "corrections", {"rows_count": rows, "largest_number": largest})]
