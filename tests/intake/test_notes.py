"""Notes of focus groups and interviews as they arrive: read whole, or refused with file and row."""

import shutil
import zipfile

import pytest

from bsna.intake.notes import COLUMNS, load_codes, load_notes, notes_file, read_notes, take_in
from bsna.intake.profile import load_profile
from bsna.intake.qdpx import read_project
from tests.survey.test_command_line import bsna  # noqa: F401

ROW = ("E1", "S1", "interview", "community", "They come when we call.", "C1", "trusts_the_forces", "yes")


def csv_of(path, *rows):
    lines = [",".join(COLUMNS), *(",".join(f'"{cell}"' for cell in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def changed(**cells):
    return tuple({**dict(zip(COLUMNS, ROW, strict=True)), **cells}.values())


def read(path):
    return read_notes(path, load_profile("zz"), load_codes())


def test_a_row_is_one_code_by_one_coder_and_an_empty_code_is_a_reading_that_found_none(house):
    notes = read(csv_of(house / "notes.csv", ROW, changed(coder="C2", code="")))
    assert [(note.excerpt_id, note.coder, note.code, note.may_quote) for note in notes] == [
        ("E1", "C1", "trusts_the_forces", True),
        ("E1", "C2", "", True),
    ]


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (
            [changed(source_type="chat")],
            r"line 2: source_type is 'chat', expected one of \['focus_group', 'interview'\]",
        ),
        ([changed(population="villagers")], "line 2: population is 'villagers'"),
        ([changed(code="loves_them")], "line 2: code is 'loves_them'.*codes.csv"),
        ([changed(may_quote="perhaps")], "line 2: may_quote is 'perhaps'"),
        ([changed(text=" ")], "line 2: text is empty"),
        (
            [ROW, changed(coder="C2", text="Another text.")],
            "line 3: excerpt_id 'E1' has another .*text.* than in line 2",
        ),
        (
            [ROW, changed(excerpt_id="E2", population="leaders")],
            "line 3: source_id 'S1' has another source_type, population",
        ),
        ([ROW, ROW], "line 3: the code 'trusts_the_forces' stands there already, in line 2"),
        ([ROW, changed(code="")], "line 2: the coder gives 'trusts_the_forces', but found no code"),
        ([], "no coded excerpt"),
    ],
)
def test_what_is_missing_unknown_or_contradicts_itself_is_refused_with_its_row(house, rows, complaint):
    with pytest.raises(ValueError, match=complaint):
        read(csv_of(house / "notes.csv", *rows))


def test_all_faults_are_counted_and_the_first_ten_shown(house):
    rows = [changed(excerpt_id=f"E{n}", code="x") for n in range(12)]
    with pytest.raises(ValueError, match=r"has 12 fault\(s\)(.|\n)*\.\.\. and 2 more"):
        read(csv_of(house / "notes.csv", *rows))


def test_a_code_of_a_claim_that_is_not_there_is_refused(house):
    path = house / "assessment" / "plan" / "codes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",F5,", ",F99,"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"codes\.csv names the claims \['F99'\]"):
        load_codes()


def test_the_notes_of_the_invented_country_are_read_like_any_others(house):
    notes = load_notes(load_profile("zz"))
    assert len({note.source_id for note in notes}) == 42
    with pytest.raises(ValueError, match=r"is simulated; its notes stand in assessment/simulation/notes_zz\.csv"):
        take_in(load_profile("zz"), csv_of(house / "notes.csv", ROW))
    notes_file(load_profile("zz")).unlink()
    assert load_notes(load_profile("zz")) == ()


def test_received_notes_are_kept_beside_earlier_ones_and_the_last_is_in_use(house):
    facts = load_profile("zz").model_copy(update={"source": "delivered"})
    first = take_in(facts, csv_of(house / "a.csv", ROW))
    second = take_in(facts, csv_of(house / "b.csv", ROW, changed(coder="C2")))
    assert (first.name, second.name, len(load_notes(facts))) == ("001.csv", "002.csv", 2)
    assert first.parent == house / "data" / "raw" / "zz" / "notes"
    with pytest.raises(ValueError, match=r"is the same as 002\.csv"):
        take_in(facts, house / "b.csv")
    with pytest.raises(ValueError, match="has 1 fault"):
        take_in(facts, csv_of(house / "c.csv", changed(code="x")))
    assert len(list(first.parent.iterdir())) == 2


# a project in which two coders marked the same passage of an interview, one of them a second one

TEXT = "They come when we call. Nobody tells them anything."
PROJECT = """<?xml version="1.0" encoding="utf-8"?>
<Project name="notes" xmlns="urn:QDA-XML:project:1.0">
 <Users><User guid="u1" name="One"/><User guid="u2" name="Two"/></Users>
 <CodeBook><Codes>
  <Code guid="c0" name="Trust" isCodable="false">
   <Code guid="c1" name="trusts_the_forces" isCodable="true"/><Code guid="c2" name="distrusts_the_forces" isCodable="true"/>
  </Code>
 </Codes></CodeBook>
 <Variables>
  <Variable guid="v1" name="source_type" typeOfVariable="Text"/><Variable guid="v2" name="population" typeOfVariable="Text"/>
  <Variable guid="v3" name="may_quote" typeOfVariable="Text"/><Variable guid="v4" name="village" typeOfVariable="Text"/>
 </Variables>
 <Cases><Case guid="k1" name="first">
  <VariableValue><VariableRef targetGUID="v1"/><TextValue>interview</TextValue></VariableValue>
  <VariableValue><VariableRef targetGUID="v2"/><TextValue>community</TextValue></VariableValue>
  <VariableValue><VariableRef targetGUID="v4"/><TextValue>Tamba</TextValue></VariableValue>
  <SourceRef targetGUID="s1"/>
 </Case></Cases>
 <Sources>
  <TextSource guid="s1" name="first interview" plainTextPath="internal://s1.txt">
   <PlainTextSelection guid="p1" name="" startPosition="0" endPosition="23" creatingUser="u1">
    <Coding guid="g1" creatingUser="u1"><CodeRef targetGUID="c1"/></Coding>
    <Coding guid="g2" creatingUser="u2"><CodeRef targetGUID="c1"/></Coding>
   </PlainTextSelection>
   <PlainTextSelection guid="p2" name="" startPosition="24" endPosition="51" creatingUser="u2">
    <Coding guid="g3"><CodeRef targetGUID="c2"/></Coding>
   </PlainTextSelection>
   <VariableValue><VariableRef targetGUID="v3"/><TextValue>yes</TextValue></VariableValue>
  </TextSource>
 </Sources>
</Project>
"""


def project(path, xml=PROJECT, **files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.qde", xml)
        for name, text in ({"sources/s1.txt": TEXT} | files).items():
            archive.writestr(name, text)
    return path


def test_a_refi_qda_project_with_two_coders_is_read(house):
    notes = read(project(house / "notes.qdpx"))
    assert [(n.text, n.coder, n.code) for n in notes] == [
        ("They come when we call.", "u1", "trusts_the_forces"),
        ("They come when we call.", "u2", "trusts_the_forces"),
        ("Nobody tells them anything.", "u2", "distrusts_the_forces"),
    ]
    assert len({n.excerpt_id for n in notes}) == 2
    assert {(n.source_id, n.source_type, n.population, n.may_quote) for n in notes} == {
        ("s1", "interview", "community", True)
    }


def test_a_text_that_does_not_say_whether_it_may_be_quoted_may_not(house):
    silent = PROJECT.replace('targetGUID="v3"', 'targetGUID="v4"')
    assert not any(note.may_quote for note in read(project(house / "notes.qdpx", silent)))


def test_a_source_without_its_facts_is_refused_with_the_passage(house):
    lost = PROJECT.replace("<TextValue>community</TextValue>", "<TextValue/>")
    with pytest.raises(ValueError, match="source 'first interview', characters 0-23: population is ''"):
        read(project(house / "notes.qdpx", lost))


ENTITY = PROJECT.replace("<Project ", '<!DOCTYPE Project [<!ENTITY e SYSTEM "file:///etc/hostname">]>\n<Project ', 1)


@pytest.mark.parametrize(
    ("xml", "files", "complaint"),
    [
        (ENTITY, {}, "defines entities or a document type"),
        (ENTITY.replace('SYSTEM "file:///etc/hostname"', '"lol"'), {}, "defines entities or a document type"),
        (PROJECT, {"../../out.txt": "x"}, r"'\.\./\.\./out\.txt', which leads outside"),
        (PROJECT, {"/etc/out.txt": "x"}, "which leads outside"),
        (PROJECT, {"C:\\out.txt": "x"}, "which leads outside"),
        (PROJECT, {"sources/large.txt": "0" * 60_000_000}, "at most 5000 and 50000000 are read"),
        (PROJECT[:300], {}, "is not readable as XML"),
        (PROJECT.replace("project:1.0", "project:9.0"), {}, "expected Project of urn:QDA-XML:project:1.0"),
        (PROJECT.replace("internal://s1.txt", "internal://s2.txt"), {}, "which is not in the project"),
        (PROJECT.replace("internal://s1.txt", "/etc/hostname"), {}, "which is not in the project"),
        (PROJECT.replace('endPosition="51"', 'endPosition="5100"'), {}, "the text has 51 characters"),
        (PROJECT.replace('startPosition="0"', 'startPosition="-3"'), {}, "expected a start below an end"),
        (PROJECT.replace('CodeRef targetGUID="c2"', 'CodeRef targetGUID="c9"'), {}, "'c9' is not in the project's code book"),
    ],
)  # fmt: skip
def test_a_hostile_or_broken_project_is_refused_and_nothing_of_it_is_read(house, xml, files, complaint):
    with pytest.raises(ValueError, match=complaint):
        read_project(project(house / "notes.qdpx", xml, **files))


def test_a_file_that_is_no_archive_or_holds_no_project_is_refused(house):
    (house / "notes.qdpx").write_text("no archive", encoding="utf-8")
    with pytest.raises(ValueError, match="not a readable REFI-QDA project"):
        read_project(house / "notes.qdpx")
    with zipfile.ZipFile(house / "other.qdpx", "w") as archive:
        archive.writestr("sources/s1.txt", TEXT)
    with pytest.raises(ValueError, match=r"holds no project\.qde"):
        read_project(house / "other.qdpx")
    shutil.copyfile(house / "other.qdpx", house / "notes.docx")
    with pytest.raises(ValueError, match=r"ends in '\.docx'; expected one of \.csv, \.qdpx"):
        read(house / "notes.docx")


def test_the_command_keeps_what_it_can_read_and_refuses_the_rest_with_exit_code_one(house, bsna):  # noqa: F811
    code, _, complaint = bsna("notes", "zz", csv_of(house / "notes.csv", ROW))
    assert code == 1 and "is simulated" in complaint
    profile = house / "assessment" / "profiles" / "zz.toml"
    profile.write_text(profile.read_text(encoding="utf-8").replace('"simulated"', '"delivered"', 1), encoding="utf-8")
    code, told, _ = bsna("notes", "zz", house / "notes.csv")
    assert code == 0 and "notes 001.csv received and in use: 1 codings, 1 sources, 1 coders" in told
    code, _, complaint = bsna("notes", "zz", house / "absent.csv")
    assert code == 1 and "absent.csv is missing" in complaint
