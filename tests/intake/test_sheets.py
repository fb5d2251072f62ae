"""Tables and facts are read strictly, and a fault is told with its file and line."""

import pytest

from bsna.intake.examples import few
from bsna.intake.sheets import read_rows, read_sheet, read_toml


def written(tmp_path, content: bytes | str, name: str = "a.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_is_the_same_however_a_spreadsheet_wrote_it(tmp_path, mark, separator, end):
    text = (
        mark + end.join([separator.join(line) for line in (["text", "code"], ["bétail", "herding"], ["", "x"])]) + end
    )
    assert [row for _, row in read_rows(written(tmp_path, text))] == [
        {"text": "bétail", "code": "herding"},
        {"text": "", "code": "x"},
    ]


def test_a_row_is_known_by_the_line_on_which_it_starts(tmp_path):
    sheet = read_sheet(written(tmp_path, 'a,b\n1,"two\nlines"\n\n3,4\n'))
    assert sheet.records == [["1", "two\nlines"], ["3", "4"]]
    assert sheet.lines == [2, 5]


def test_rows_that_a_spreadsheet_left_empty_are_passed_over(tmp_path):
    assert read_rows(written(tmp_path, "a,b\n1,2\n,\n")) == [(2, {"a": "1", "b": "2"})]


def test_a_long_remark_is_no_fault(tmp_path):
    long = "x" * 200_000
    assert read_sheet(written(tmp_path, f"a,b\n1,{long}\n")).records == [["1", long]]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("a,b\n1,2\n3,called back, then mended\n", r"1 record\(s\) .* 2 columns, the first on line 3: .*not in quotes"),
        ("a,b\n1\n", r"the first on line 2"),
        ('a,b\n1,"2\n3,4\n', "truncated or not a CSV file: .*from line 2"),
        (b"a,b\n\xe9,1\n", r"not UTF-8: byte 0xe9 at position 4"),
        ("a,b\nx,y\0z\n", r"damaged: it holds NUL, first at character 7"),
        ("a,,b\n1,2,3\n", r"1 of 3 columns have no name"),
        ("a,b,a\n1,2,3\n", r"the columns \['a'\] stand twice"),
        ("a,c\n1,2\n", r"has the columns \['a', 'c'\], expected \['a', 'b'\]"),
        ("a,b\n1,2\n\n", None),
    ],
)
def test_a_table_that_is_not_as_it_should_be_is_named_with_what_is_wrong(tmp_path, content, complaint):
    path = written(tmp_path, content)
    if complaint is None:
        assert len(read_rows(path, ["b", "a"])) == 1
        return
    with pytest.raises(ValueError, match=complaint) as caught:
        read_rows(path, ["a", "b"])
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"[[claim]\n", "not readable as TOML"),
        (b'claim = "\xe9"\n', "not UTF-8"),
        (b"[[claims]]\nid = 1\n", r"holds \['claims'\], expected \['claim'\]"),
    ],
)
def test_facts_that_cannot_be_read_are_named_with_their_file(tmp_path, content, complaint):
    path = written(tmp_path, content, "a.toml")
    with pytest.raises(ValueError, match=complaint) as caught:
        read_toml(path, ["claim"])
    assert str(caught.value).startswith(str(path))


def test_facts_may_begin_with_a_byte_order_mark(tmp_path):
    assert read_toml(written(tmp_path, "\ufeffa = 1\n", "a.toml")) == {"a": 1}


def test_a_file_that_is_missing_is_named(tmp_path):
    for read in (read_rows, read_toml):
        with pytest.raises(ValueError, match="absent is missing"):
            read(tmp_path / "absent")


def test_a_message_shows_few_values_and_none_at_length():
    assert few(["a", "b", "a"]) == "['a', 'b']"
    assert few(range(20)) == "[0, 1, 2, 3, 4, 5, 6, 7] and 12 more"
    assert len(few(["<script>" * 1000])) < 60
