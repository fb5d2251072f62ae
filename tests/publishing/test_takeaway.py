"""The estimates to take away: one table, the same in CSV, Parquet and Excel, that says what it is."""

import hashlib
import json

import openpyxl
import pandas as pd
import pytest
import yaml

from bsna import paths, shelf
from bsna.estimation import estimate_rows
from bsna.intake.profile import LANGUAGES
from bsna.publishing.takeaway.declared import load_declared
from bsna.publishing.takeaway.imprint import imprint_of
from bsna.publishing.takeaway.keys import estimate_key
from bsna.publishing.takeaway.package import write_package
from bsna.publishing.takeaway.rows import estimate_rows_of
from bsna.publishing.takeaway.workbook import STATUSES, write_workbook

from .takeaway_survey import HOSTILE, ROWS, VOCABULARIES, share, write_survey

NUMBERS = ["estimate", "low", "high", "n", "clusters", "deff"]


@pytest.fixture
def rows(house):
    write_survey()
    return estimate_rows_of("zz", VOCABULARIES)


def workbook_of(rows, path, language="en", chapters=None):
    words = VOCABULARIES[language]
    return write_workbook(rows, words, imprint_of(words), "SIMULATED DATA.", chapters or {"trust": "Trust"}, path)


def test_a_key_names_survey_chapter_people_measure_group_and_answer():
    plain = {"population": "community", "measure": "trusts_army", "by": "", "level": "", "category": ""}
    assert estimate_key("zz", "trust", plain) == "zz/trust/community/trusts_army"
    full = plain | {"by": "region", "level": "ambera", "category": "a_lot"}
    assert estimate_key("zz", "trust", full) == "zz/trust/community/trusts_army/region=ambera/a_lot"


def test_an_estimate_shown_in_two_tables_stands_once(rows):
    assert len(ROWS) == 5 and list(rows["key"]) == [
        "zz/trust/community/trusts_army",
        "zz/trust/community/trusts_army/region=ambera",
        "zz/trust/community/trusts_army/region=basalte",
        "zz/trust/community/trust_army/a_lot",
    ]


def test_two_numbers_under_one_key_are_refused(house):
    shelf.write_frame(estimate_rows([share("trusts_army", 0.8), share("trusts_army", 0.7)]), "zz", "estimates", "trust")
    with pytest.raises(ValueError, match="Two estimates have the key zz/trust/community/trusts_army"):
        estimate_rows_of("zz", VOCABULARIES)


def test_a_survey_that_was_not_run_is_refused(house):
    with pytest.raises(ValueError, match="bsna run zz"):
        estimate_rows_of("zz", VOCABULARIES)


def test_a_withheld_row_has_no_number_even_if_one_was_written(rows):
    withheld = rows[rows["status"] == "withheld"]
    assert len(withheld) == 1 and withheld[NUMBERS].isna().all().all()
    assert rows[rows["status"] == "ok"][NUMBERS].notna().all().all()


def test_rows_are_labelled_in_every_language_and_marked_as_simulated(rows):
    first, answer = rows.iloc[1], rows.iloc[3]
    assert (first["level_en"], first["level_fr"]) == ("Ambera", "Ambéra")
    assert (answer["category_en"], answer["category_fr"]) == ("A lot", "Beaucoup")
    assert first["label_en"].startswith("Trust in the army") and first["label_fr"].startswith("Confiance dans l’armée")
    assert rows["simulated"].all()


def test_the_declared_columns_hold_a_label_for_each_language():
    names = [column.name for column in load_declared().column]
    assert {f"{part}_{language}" for part in ("label", "level", "category") for language in LANGUAGES} <= set(names)
    assert len(names) == len(set(names))


def test_the_work_that_is_cited_is_that_of_the_citation_file():
    cited = yaml.safe_load((paths.house() / "CITATION.cff").read_text(encoding="utf-8"))
    work = load_declared().work
    assert work.title["en"] == cited["title"] and work.licence == cited["license"]
    assert list(work.authors) == [author["name"] for author in cited["authors"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_package_describes_its_tables_and_says_that_they_are_simulated(rows, tmp_path, language):
    words = VOCABULARIES[language]
    table, columns, described = write_package(rows, imprint_of(words), words.word("simulated"), tmp_path)
    facts = json.loads(described.read_text(encoding="utf-8"))
    csv = facts["resources"][0]
    read = pd.read_csv(table, keep_default_na=False)
    assert [field["name"] for field in csv["schema"]["fields"]] == list(read.columns)
    assert facts["title"] == words.word("simulated") and words.say("banner", "simulated") in facts["description"]
    assert facts["created"] == "2014-06-20T00:00:00Z" and facts["version"] and facts["licenses"][0]["name"] == "MIT"
    for resource, path in zip(facts["resources"], (table, columns), strict=True):
        assert resource["hash"] == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
        assert (resource["path"], resource["bytes"]) == (path.name, path.stat().st_size)
    assert read["key"].is_unique and list(read["simulated"]) == [True] * 4


def test_csv_and_parquet_hold_the_same_rows(rows, tmp_path):
    table, columns, _ = write_package(rows, imprint_of(VOCABULARIES["en"]), "SIMULATED DATA.", tmp_path)
    read, kept = pd.read_csv(table), pd.read_parquet(columns)
    assert list(read["key"]) == list(kept["key"])
    for name in NUMBERS:
        assert list(read[name].fillna(-1)) == list(kept[name].astype(float).fillna(-1))


def test_the_same_rows_give_the_same_bytes(rows, tmp_path):
    made = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        files = write_package(rows, imprint_of(VOCABULARIES["en"]), "SIMULATED DATA.", folder)
        made.append([path.read_bytes() for path in (*files, workbook_of(rows, folder / "e.xlsx"))])
    assert made[0] == made[1]


def test_no_text_becomes_a_formula_in_csv_or_excel(rows, tmp_path):
    hostile = rows.assign(label_en="=cmd|' /C calc'!A0", level_en="@SUM(A1)", category_en="+1", key="-1")
    table, columns, _ = write_package(hostile, imprint_of(VOCABULARIES["en"]), "=1", tmp_path)
    for name in ("label_en", "level_en", "category_en", "key"):
        assert pd.read_csv(table)[name].str.startswith("'").all()
        assert list(pd.read_parquet(columns)[name]) == list(hostile[name])
    book = openpyxl.load_workbook(workbook_of(hostile, tmp_path / "e.xlsx", chapters={"trust": "=Trust"}))
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n", "b"}
    assert book["=Trust"]["A3"].value == "=cmd|' /C calc'!A0"


def test_hostile_text_is_plain_text_in_a_cell(rows, tmp_path):
    book = openpyxl.load_workbook(workbook_of(rows.assign(label_en=HOSTILE), tmp_path / "e.xlsx"))
    assert book["Trust"]["A3"].value == HOSTILE.replace("\u202e", "\ufffd")


def test_a_chapter_sheet_is_read_with_a_frozen_head_a_filter_and_percentages(rows, tmp_path):
    sheet = openpyxl.load_workbook(workbook_of(rows, tmp_path / "e.xlsx"))["Trust"]
    assert "Simulated data" in sheet["A1"].value
    assert sheet.freeze_panes == "B3" and sheet.auto_filter.ref == "A2:J6"
    line = [cell.value for cell in sheet[4]]
    assert line[2] == "Ambera" and line[4:9] == [0.6, 0.5, 0.7, 40, "ok"]
    assert line[9] == "zz/trust/community/trusts_army/region=ambera"
    assert sheet["E4"].number_format == "0%"
    assert [cell.value for cell in sheet[5]][4:9] == [None, None, None, None, "withheld"]


def test_points_are_written_in_points(rows, tmp_path):
    gap = rows.assign(unit="points", estimate=0.13)
    sheet = openpyxl.load_workbook(workbook_of(gap, tmp_path / "e.xlsx"))["Trust"]
    assert sheet["E3"].value == 13 and "points" in sheet["E3"].number_format


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notes_say_version_fieldwork_citation_licence_and_what_statuses_mean(rows, tmp_path, language):
    words = VOCABULARIES[language]
    book = openpyxl.load_workbook(workbook_of(rows, tmp_path / "e.xlsx", language))
    assert book.sheetnames == ["Notes", "Trust", words.say("takeaway", "keys_sheet")]
    notes = [line[0].value for line in book["Notes"].iter_rows() if line[0].value]
    assert set(imprint_of(words).sentences) <= set(notes)
    for status in STATUSES:
        assert any(note.endswith(words.say("takeaway", f"status_{status}")) for note in notes)


def test_the_sheet_of_keys_has_every_row_and_column(rows, tmp_path):
    lines = list(openpyxl.load_workbook(workbook_of(rows, tmp_path / "e.xlsx"))["Keys"].iter_rows(values_only=True))
    assert list(lines[0]) == [column.name for column in load_declared().column]
    assert [line[0] for line in lines[1:]] == list(rows["key"]) and [line[2] for line in lines[1:]] == [True] * 4


def test_a_chapter_without_title_is_refused(rows, tmp_path):
    with pytest.raises(ValueError, match=r"chapters \['trust'\] have estimates and no title"):
        workbook_of(rows, tmp_path / "e.xlsx", chapters={"risks": "Risks"})
