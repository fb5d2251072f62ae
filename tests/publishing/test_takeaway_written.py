"""All files of a survey: which there are, briefs of two pages, a report of all chapters, the same at every run."""

from dataclasses import replace

import docx
import pytest

from bsna.estimation import proportion, records
from bsna.intake.profile import LANGUAGES
from bsna.judgement import Verdict
from bsna.publishing.takeaway import write_takeaways, writing
from bsna.publishing.takeaway.brief import MOST_PAGES, brief_document
from bsna.publishing.takeaway.chapters import read_chapters
from bsna.publishing.takeaway.document import Figure, Heading, Note, Table
from bsna.publishing.takeaway.imprint import imprint_of
from bsna.publishing.takeaway.pdf import write_pdf
from bsna.publishing.takeaway.recommended import read_recommended
from bsna.publishing.takeaway.report import report_document

from .takeaway_survey import PLAN, PROFILE, VOCABULARIES, judged, people, write_survey

AUDIENCES = [audience.id for audience in PLAN.telling.audience]
INTERVIEWS = dict.fromkeys(PROFILE.populations, 12)


def brief(language, audience, verdicts=None):
    words = VOCABULARIES[language]
    said, made = judged()
    row = next(row for row in PLAN.telling.audience if row.id == audience)
    return brief_document(words, imprint_of(words), row, verdicts or said, made, INTERVIEWS)


def told(path):
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_file_is_written_and_says_what_it_is(house, tmp_path, language):
    write_survey(language)
    written = write_takeaways(PROFILE, language, tmp_path / "out")
    briefs = [f"brief_{audience}.{kind}" for audience in AUDIENCES for kind in ("docx", "pdf")]
    once = ["estimates.csv", "estimates.parquet", "datapackage.json"] if language == "en" else []
    tables = [*once, "estimates.xlsx"]
    assert [path.name for path in written] == [*tables, *briefs, "report.pdf"]
    words = VOCABULARIES[language]
    for path in (path for path in written if path.suffix == ".docx"):
        text = told(path)
        assert text.startswith(words.word("simulated"))
        assert all(sentence in text for sentence in imprint_of(words).sentences)


def test_the_same_results_give_the_same_files(house, tmp_path):
    write_survey()
    first, second = ([p.read_bytes() for p in write_takeaways(PROFILE, "en", tmp_path / name)] for name in "ab")
    assert first == second


def test_chapters_that_were_not_run_in_a_language_are_refused(house, tmp_path):
    write_survey("en")
    with pytest.raises(ValueError, match="zz has no chapters in 'fr'"):
        write_takeaways(PROFILE, "fr", tmp_path)


def test_recommendations_are_read_as_they_were_made(house):
    write_survey()
    assert [item.id for item in read_recommended("zz")] == [item.id for item in judged()[1]]
    for read, made in zip(read_recommended("zz"), judged()[1], strict=True):
        assert [one.border for one in read.evidence] == [one.border for one in made.evidence]
        assert (read.follow_up, read.place, read.status) == (made.follow_up, made.place, made.status)


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_brief_has_two_pages_at_most_and_every_recommendation_to_its_audience(tmp_path, language, audience):
    document = brief(language, audience)
    assert write_pdf(writing._fitted(document, tmp_path / "a.pdf"), tmp_path / "b.pdf") <= MOST_PAGES
    headings = [block.text for block in document.blocks if isinstance(block, Heading) and block.level == 2]
    wanted = [row.id for row in PLAN.recommendations if row.audience == audience and not row.only]
    assert len(headings) == len(wanted) and all(any(f"({name})" in text for text in headings) for name in wanted)


def test_a_brief_that_does_not_fit_is_refused_with_what_to_do(tmp_path):
    document = brief("en", AUDIENCES[0])
    with pytest.raises(ValueError, match=r"brief\.pdf has \d+ pages .* shorten the texts"):
        writing._fitted(replace(document, blocks=document.blocks * 4), tmp_path / "brief.pdf")


def test_a_brief_tells_the_verdicts_behind_it_with_grade_number_and_interval():
    said, _ = judged()
    design = people(hindered_by_equipment=0.8)
    row = records(proportion(design, "hindered_by_equipment").assign(population="providers", status="ok"))[0]
    values = {"lowest_label": "equipment", "lowest_share": 0.8}
    verdict = Verdict("F5", "supported", rows=(row,), grade="B", values=values)
    verdicts = [verdict if one.claim_id == "F5" else one for one in said]
    audience = next(row.audience for row in PLAN.recommendations if "F5" in row.named or row.id == "R5")
    table = next(block for block in brief("en", audience, verdicts).blocks if isinstance(block, Table))
    line = next(line for line in table.rows if line[0].startswith("F5."))
    assert line[1:] == ("supported", "B", VOCABULARIES["en"].estimate(row))


def test_the_report_has_every_chapter_the_summary_first_and_the_banner_once(house):
    write_survey()
    words = VOCABULARIES["en"]
    document = report_document(words, imprint_of(words), read_chapters("zz", "en"))
    headings = [block.text.split()[0] for block in document.blocks if isinstance(block, Heading)]
    assert headings == ["summary", "trust"]
    assert sum(isinstance(block, Note) for block in (*document.opening, *document.blocks)) == 1
    assert sum(isinstance(block, Figure) for block in document.blocks) == 2
    assert document.contents and document.title.startswith("SIMULATED DATA")
