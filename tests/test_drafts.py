"""What is written is whole, or was not written."""

import errno
from pathlib import Path

import pandas as pd
import pytest

from bsna import shelf
from bsna.drafts import drafted


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def half(path: Path, end: BaseException) -> None:
    with drafted(path) as draft:
        draft.write_text("ha")
        raise end


def test_a_file_takes_its_place_when_it_is_whole(tmp_path):
    with drafted(tmp_path / "a.txt") as draft:
        draft.write_text("whole")
        assert not (tmp_path / "a.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "whole"


def test_a_full_disk_leaves_what_stood_there_and_no_draft_and_names_the_file(tmp_path):
    (tmp_path / "a.txt").write_text("before")
    with pytest.raises(OSError, match=r"a\.txt could not be written and is as it was.*No space left") as caught:
        half(tmp_path / "a.txt", OSError(errno.ENOSPC, "No space left on device"))
    assert caught.value.errno == errno.ENOSPC
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.txt": "before"}


def test_an_interruption_leaves_what_stood_there_and_no_draft(tmp_path):
    (tmp_path / "a.txt").write_text("before")
    with pytest.raises(KeyboardInterrupt):
        half(tmp_path / "a.txt", KeyboardInterrupt())
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a.txt": "before"}


def test_a_table_of_results_survives_a_full_disk(tmp_path, monkeypatch):
    monkeypatch.setenv("BSNA_HOUSE", str(tmp_path))
    first = pd.DataFrame({"a": ["1"]})
    shelf.write_frame(first, "hill", "cleaned", "community")

    def begin(self: pd.DataFrame, path: Path, **_: object) -> None:
        path.write_bytes(b"PAR1 half of it")
        full()

    monkeypatch.setattr(pd.DataFrame, "to_parquet", begin)
    with pytest.raises(OSError, match=r"community\.parquet could not be written"):
        shelf.write_frame(first.assign(a="2"), "hill", "cleaned", "community")
    assert shelf.read_frame("hill", "cleaned", "community").equals(first)
    assert [path.name for path in (tmp_path / "data/processed/hill/cleaned").iterdir()] == ["community.parquet"]


def test_a_record_of_results_survives_a_value_that_cannot_be_written(tmp_path, monkeypatch):
    monkeypatch.setenv("BSNA_HOUSE", str(tmp_path))
    shelf.write_record({"a": 1}, "hill", "verdicts", "verdicts")
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match=r"verdicts\.json could not be written"):
        shelf.write_record({"a": 2}, "hill", "verdicts", "verdicts")
    assert shelf.read_record("hill", "verdicts", "verdicts") == {"a": 1}
