"""What was delivered is read as text, and only if it is what was delivered."""

from datetime import date

import pandas as pd
import pyreadstat
import pytest

from bsna.intake.raw import check_delivery, current_delivery, list_deliveries, read_raw, read_table
from bsna.intake.receive import receive
from tests.intake.village import profile

PEOPLE = pd.DataFrame({"code": ["01", "2"], "note": ["", 'said "no", twice']})


def test_csv_keeps_leading_zeros_blanks_and_quotes(tmp_path):
    path = tmp_path / "a.csv"
    PEOPLE.to_csv(path, index=False)
    pd.testing.assert_frame_equal(read_table(path), PEOPLE)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("separator", [b",", b";"])
def test_csv_is_read_with_or_without_byte_order_mark_and_with_either_separator(tmp_path, mark, separator):
    path = tmp_path / "a.csv"
    path.write_bytes(mark + "région;âge\r\nGao;34\r\n".encode().replace(b";", separator))
    assert read_table(path).to_dict("records") == [{"région": "Gao", "âge": "34"}]


def test_xlsx_gives_the_same_text_as_csv(tmp_path):
    PEOPLE.to_excel(tmp_path / "a.xlsx", index=False)
    PEOPLE.to_csv(tmp_path / "a.csv", index=False)
    pd.testing.assert_frame_equal(read_table(tmp_path / "a.xlsx"), read_table(tmp_path / "a.csv"))


def test_xlsx_numbers_become_text_without_a_decimal_point(tmp_path):
    pd.DataFrame({"age": [34, 61], "km": [2.5, 3.5]}).to_excel(tmp_path / "a.xlsx", index=False)
    assert read_table(tmp_path / "a.xlsx").to_dict("list") == {"age": ["34", "61"], "km": ["2.5", "3.5"]}


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_statistical_files_give_codes_and_never_labels(tmp_path, kind):
    codes = pd.DataFrame({"Q1": [1.0, 9.0, None], "weight": [0.5, 1.25, 1.0], "name": ["a", "b", ""]})
    write = pyreadstat.write_sav if kind == "sav" else pyreadstat.write_dta
    write(codes, str(tmp_path / f"a.{kind}"), variable_value_labels={"Q1": {1: "Yes", 9: "Refused"}})
    assert read_table(tmp_path / f"a.{kind}").to_dict("list") == {
        "Q1": ["1", "9", ""],
        "weight": ["0.5", "1.25", "1"],
        "name": ["a", "b", ""],
    }


def test_codes_declared_missing_in_an_spss_file_stay_codes(tmp_path):
    pyreadstat.write_sav(pd.DataFrame({"Q1": [1.0, 99.0]}), str(tmp_path / "a.sav"), missing_ranges={"Q1": [99]})
    assert list(read_table(tmp_path / "a.sav")["Q1"]) == ["1", "99"]


def test_a_column_that_stands_twice_is_refused_in_a_workbook_as_in_a_text(tmp_path):
    pd.DataFrame([["age", "age"], [34, 35]]).to_excel(tmp_path / "a.xlsx", index=False, header=False)
    with pytest.raises(ValueError, match=r"a\.xlsx: the columns \['age'\] stand twice"):
        read_table(tmp_path / "a.xlsx")


def test_rows_and_columns_that_were_emptied_in_a_workbook_are_passed_over(tmp_path):
    cells = [["age", "", "sex"], [34, "", "male"], ["", "", ""], [35, "", ""]]
    pd.DataFrame(cells).to_excel(tmp_path / "a.xlsx", index=False, header=False)
    assert read_table(tmp_path / "a.xlsx").to_dict("list") == {"age": ["34", "35"], "sex": ["male", ""]}


def test_a_workbook_with_nothing_in_it_is_refused(tmp_path):
    pd.DataFrame().to_excel(tmp_path / "a.xlsx", index=False, header=False)
    with pytest.raises(ValueError, match=r"a\.xlsx holds nothing in its first sheet"):
        read_table(tmp_path / "a.xlsx")


def broken(tmp_path, name: str, content: bytes):
    (tmp_path / name).write_bytes(content)
    return tmp_path / name


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.csv", b"", r"is empty \(0 bytes\)"),
        ("a.csv", b"\n\n", "nothing but blank lines"),
        ("a.csv", b"age,sex\n", "2 columns but no record"),
        ("a.csv", "âge\n3\n".encode("latin-1"), "not UTF-8: byte 0xe2 at position 0"),
        ("a.csv", b"age,sex\n34,male\n35", "1 record.* the first on line 3: truncated"),
        ("a.csv", b'age,sex\n34,"ma', "truncated or not a CSV"),
        ("a.csv", b"age,sex\n34,ma\0le\n", "damaged: it holds NUL"),
        ("a.csv", b"age,age\n1,2\n", r"\['age'\] stand twice"),
        ("a.sav", b"age,sex\n34,male\n", r"not a readable SPSS \.sav"),
        ("a.dta", b"nothing of the kind", r"not a readable Stata \.dta"),
        ("a.xlsx", b"nothing of the kind", r"not a readable \.xlsx"),
        ("a.pdf", b"%PDF", r"ends in '\.pdf'; expected one of \.csv"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_what_is_wrong(tmp_path, name, content, complaint):
    path = broken(tmp_path, name, content)
    with pytest.raises(ValueError, match=complaint) as caught:
        read_table(path)
    assert str(path) in str(caught.value)


def test_a_truncated_spss_file_is_refused(tmp_path):
    pyreadstat.write_sav(pd.DataFrame({"Q1": [1.0] * 200, "Q2": ["x" * 40] * 200}), str(tmp_path / "whole.sav"))
    whole = (tmp_path / "whole.sav").read_bytes()
    with pytest.raises(ValueError, match=r"not a readable SPSS \.sav"):
        read_table(broken(tmp_path, "cut.sav", whole[: len(whole) // 2]))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ValueError, match="does not exist"):
        read_table(tmp_path / "a.csv")


@pytest.fixture
def delivered(hill):
    (hill / "new.csv").write_text("_uuid,age\nawa,34\n")
    return receive(profile(), {"community": hill / "new.csv"}, received=date(2014, 7, 1), origin="x", licence="y")


def test_raw_is_read_as_received(hill, delivered):
    assert read_raw(profile(), "community").to_dict("records") == [{"_uuid": "awa", "age": "34"}]


def test_a_file_changed_after_reception_is_refused_with_both_checksums(hill, delivered):
    kept = hill / "data" / "raw" / "hill" / delivered.id / "community.csv"
    kept.write_text("_uuid,age\nawa,35\n")
    with pytest.raises(ValueError, match=f"expected {delivered.files[0].sha256}"):
        read_raw(profile(), "community")


def test_a_file_gone_after_reception_is_named(hill, delivered):
    (hill / "data" / "raw" / "hill" / delivered.id / "community.csv").unlink()
    with pytest.raises(ValueError, match=r"community\.csv is missing; SOURCE\.toml lists it"):
        check_delivery("hill", delivered)


def test_a_survey_without_delivery_says_how_to_get_one(hill):
    with pytest.raises(ValueError, match="bsna receive hill FILE"):
        current_delivery("hill")


def test_a_population_without_file_is_named(hill, delivered):
    with pytest.raises(ValueError, match=r"has \['community'\], but no leaders"):
        read_raw(profile(), "leaders")


@pytest.mark.parametrize(
    ("was", "now", "complaint"),
    [
        ("sha256 =", "sha265 =", "delivery.0.file.0.sha256: Field required; delivery.0.file.0.sha265"),
        ("origin =", "orign =", "delivery.0.origin: Field required"),
        ("current =", "# current =", "current: Field required"),
        ("received = 2014-07-01", "received = soon", "not readable as TOML"),
        ("[[delivery]]", "[[deliverys]]", "deliverys: Extra inputs"),
    ],
)
def test_a_source_file_that_somebody_damaged_is_named_with_its_key(hill, delivered, was, now, complaint):
    source = hill / "data" / "raw" / "hill" / "SOURCE.toml"
    assert was in source.read_text()
    source.write_text(source.read_text().replace(was, now, 1))
    with pytest.raises(ValueError, match=complaint) as caught:
        list_deliveries("hill")
    assert str(caught.value).startswith(str(source))


def test_a_source_file_that_points_nowhere_is_refused(hill, delivered):
    source = hill / "data" / "raw" / "hill" / "SOURCE.toml"
    source.write_text(source.read_text().replace('current = "001', 'current = "009'))
    with pytest.raises(ValueError, match="current is '009_2014-07-01', but the deliveries are"):
        current_delivery("hill")
