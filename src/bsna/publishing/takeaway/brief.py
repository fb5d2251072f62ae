"""A brief of two pages for one audience: what was asked, what it rests on, what to do, what to keep in mind."""

from collections.abc import Mapping, Sequence

import pandas as pd

from bsna.intake.plan_recommendations import Audience, Recommendation, claims_behind
from bsna.judgement import Verdict
from bsna.judgement.lead import lead_row
from bsna.judgement.recommendations import Recommended
from bsna.publishing import advice
from bsna.publishing.takeaway.document import Block, Document, Heading, ListBlock, Note, Table, paragraph, prose
from bsna.publishing.takeaway.imprint import Imprint, full_title, running_title
from bsna.publishing.verdicts import verdict_sentence, who_was_asked
from bsna.publishing.wording import Words
from bsna.reports.audiences import ordered

MOST_PAGES = 2
LARGEST = 10.0
"""Points: the text of a brief before it is made to fit its pages."""


def brief_document(
    words: Words,
    imprint: Imprint,
    audience: Audience,
    verdicts: Sequence[Verdict],
    made: Sequence[Recommended],
    interviews: Mapping[str, int],
) -> Document:
    """The brief for one audience, with all recommendations to it in their order; `interviews` are counts per population."""
    told = ordered(words, audience.id, made)
    kind = words.say("takeaway", "brief", {"audience": words.word(audience.id)})
    lead = advice.lead_sentence(words, audience, [item.status for _, item in told])
    blocks: list[Block] = [Note(prose(imprint.notice)), paragraph(lead)]
    blocks += [_head(words, "asked"), paragraph(who_was_asked(words, interviews))]
    blocks += [Heading(1, words.word("do_heading"))]
    blocks += [block for row, item in told for block in _advised(words, row, item)]
    behind = _behind(words, [row for row, _ in told], verdicts)
    if behind:
        blocks += [_head(words, "rests"), _verdicts(words, behind)]
    blocks += [_head(words, "caveats"), ListBlock(tuple(prose(text) for text in _caveats(words, behind)))]
    blocks += [_head(words, "cite"), *(paragraph(text) for text in imprint.sentences[1:])]
    title = full_title(words, kind)
    return Document(
        title, words.language, imprint.authors, imprint.created, running_title(words), tuple(blocks), size=LARGEST
    )


def _head(words: Words, name: str) -> Heading:
    return Heading(1, words.say("takeaway", name))


def _advised(words: Words, row: Recommendation, item: Recommended) -> tuple[Block, ...]:
    """What to do, how the evidence stands, and each item of it."""
    values = {"place_count": item.place, "action": words.text(row, "action"), "id": row.id}
    grade = advice.shown_grade(item)
    mark = words.word(item.status)
    if grade:
        mark = f"{mark} · {words.say('verdicts', 'graded', {'grade': grade})}"
    said = " ".join(
        [*advice.status_sentences(words, item), words.say("recommendations", "actor", {"who": words.text(row, "who")})]
    )
    evidence = ListBlock(tuple(prose(advice.evidence_sentence(words, one)) for one in item.evidence))
    return Heading(2, words.say("takeaway", "advised", values), mark), paragraph(said), evidence


def _behind(words: Words, rows: Sequence[Recommendation], verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Verdicts that the recommendations hang on, in the order of the plan."""
    named = {claim for row in rows for claim in claims_behind(row, words.plan.evidence)}
    return [verdict for verdict in verdicts if verdict.claim_id in named]


def _verdicts(words: Words, verdicts: Sequence[Verdict]) -> Table:
    header = (words.word("claim"), words.word("verdict"), words.word("grade"), words.say("takeaway", "leading"))
    lines = []
    for verdict in verdicts:
        values = {"id": verdict.claim_id, "sentence": verdict_sentence(words, verdict)}
        said = words.say("takeaway", "claimed", values)
        lines.append((said, words.word(verdict.verdict), verdict.grade or "–", _leading(words, verdict)))
    return Table("", header, tuple(lines), words.source)


def _leading(words: Words, verdict: Verdict) -> str:
    """The leading estimate of a verdict with its interval; a dash if it has none that may be shown."""
    if not verdict.rows:
        return "–"
    claim = words.plan.row("claims", verdict.claim_id)
    row = verdict.rows[lead_row(claim, pd.DataFrame(list(verdict.rows)))]
    if row["estimate"] is None or row["low"] is None:
        return words.value(row)
    return words.estimate(row)


def _caveats(words: Words, verdicts: Sequence[Verdict]) -> list[str]:
    """Caveats of the claims, then what the design of each population assumes; each once."""
    profile = words.profile
    assert profile is not None
    claims = [words.plan.row("claims", verdict.claim_id) for verdict in verdicts]
    said = [
        words.say("takeaway", "caveat_of", {"id": claim.id, "caveat": words.text(claim, "caveat")}) for claim in claims
    ]
    said += [
        words.say("takeaway", "caveat_of", {"id": words.word(name), "caveat": design.assumption[words.language]})
        for name, design in profile.design.items()
        if name in profile.populations
    ]
    return list(dict.fromkeys(said))
