"""The full report of a survey: summary, findings and recommendations first, then every chapter."""

from collections.abc import Sequence

from bsna.publishing.takeaway.chapters import Told
from bsna.publishing.takeaway.document import Block, Document, Note, paragraph, prose
from bsna.publishing.takeaway.imprint import Imprint, full_title, running_title
from bsna.publishing.wording import Words

FIRST = ("summary", "findings", "recommendations")
"""Ids of the chapters that stand first."""


def report_document(words: Words, imprint: Imprint, chapters: Sequence[Told]) -> Document:
    """The report: what it is, contents, and all chapters."""
    blocks: list[Block] = [block for chapter in _ordered(chapters) for block in chapter.blocks]
    return Document(
        full_title(words, words.say("takeaway", "report")),
        words.language,
        imprint.authors,
        imprint.created,
        running_title(words),
        tuple(blocks),
        opening=(Note(prose(imprint.notice)), *map(paragraph, imprint.sentences[1:])),
        contents=words.say("takeaway", "contents"),
        size=9.0,
    )


def _ordered(chapters: Sequence[Told]) -> list[Told]:
    place = {name: number for number, name in enumerate(FIRST)}
    return sorted(chapters, key=lambda told: (place.get(told.id, len(FIRST)), told.stem))
