"""All files that a reader takes away of one survey in one language."""

from dataclasses import replace
from pathlib import Path

from bsna import shelf
from bsna.chapter import vocabulary
from bsna.intake.plan import load_plan
from bsna.intake.profile import LANGUAGES, Profile
from bsna.publishing.takeaway.brief import MOST_PAGES, brief_document
from bsna.publishing.takeaway.chapters import read_chapters
from bsna.publishing.takeaway.document import Document
from bsna.publishing.takeaway.imprint import Imprint, full_title, imprint_of
from bsna.publishing.takeaway.package import write_package
from bsna.publishing.takeaway.pdf import write_pdf
from bsna.publishing.takeaway.recommended import read_recommended
from bsna.publishing.takeaway.report import report_document
from bsna.publishing.takeaway.rows import estimate_rows_of
from bsna.publishing.takeaway.word import write_word
from bsna.publishing.takeaway.workbook import write_workbook
from bsna.publishing.translation import SOURCE
from bsna.publishing.wording import Words
from bsna.reports.findings import read_verdicts

_SMALLEST, _STEP = 6.5, 0.5
"""Points: the smallest text of a brief, and how much smaller each attempt to fit its pages is."""


def write_takeaways(profile: Profile, language: str, folder: Path) -> list[Path]:
    """Write every file to take away into a folder, and tell which: estimates.xlsx, brief_<audience>.docx and .pdf,
    report.pdf; and once for all languages, with those of the source, estimates.csv, estimates.parquet and datapackage.json.

    All chapters of the survey must have run in this language. The same results give the same bytes. Raises ValueError for what
    is missing, and for a brief that does not fit its pages.
    """
    folder.mkdir(parents=True, exist_ok=True)
    vocabularies = {name: vocabulary(profile, load_plan(), name) for name in LANGUAGES}
    words = vocabularies[language]
    imprint, rows = imprint_of(words), estimate_rows_of(profile.id, vocabularies)
    chapters = read_chapters(profile.id, language)
    title = full_title(words, words.say("takeaway", "estimates"))
    titles = {chapter.id: chapter.title for chapter in chapters}
    written = write_package(rows, imprint, title, folder) if language == SOURCE else []
    written.append(write_workbook(rows, words, imprint, title, titles, folder / "estimates.xlsx"))
    written += _write_briefs(words, imprint, profile, folder)
    report = folder / "report.pdf"
    write_pdf(report_document(words, imprint, chapters), report)
    return [*written, report]


def _write_briefs(words: Words, imprint: Imprint, profile: Profile, folder: Path) -> list[Path]:
    verdicts, made = read_verdicts(profile.id), read_recommended(profile.id)
    interviews = {name: len(shelf.read_frame(profile.id, "design", name)) for name in profile.populations}
    written = []
    for audience in words.plan.telling.audience:
        document = brief_document(words, imprint, audience, verdicts, made, interviews)
        pdf, word = (folder / f"brief_{audience.id}.{kind}" for kind in ("pdf", "docx"))
        write_word(_fitted(document, pdf), word)
        written += [word, pdf]
    return written


def _fitted(document: Document, path: Path) -> Document:
    """Write a brief in the largest text in which it fits its pages, and give it back in that size."""
    while (pages := write_pdf(document, path)) > MOST_PAGES:
        if document.size - _STEP < _SMALLEST:
            raise ValueError(
                f"{path.name} has {pages} pages at {document.size} points and may have {MOST_PAGES}; shorten the texts of its "
                "recommendations and claims in assessment/plan"
            )
        document = replace(document, size=document.size - _STEP)
    return document
