from pathlib import Path

import bsna
from bsna.provenance import digest


def test_code_has_the_same_checksum_in_a_house_that_does_not_hold_it(tmp_path, monkeypatch):
    modules = sorted(Path(bsna.__file__).parent.glob("*.py"))
    here = digest(modules)
    monkeypatch.setenv("BSNA_HOUSE", str(tmp_path))
    assert digest(modules) == here
    assert digest(modules[1:]) != here


def test_a_file_of_a_house_has_the_same_checksum_in_another_house(tmp_path, monkeypatch):
    sums = []
    for name in ("one", "other"):
        house = tmp_path / name
        (house / "assessment").mkdir(parents=True)
        (house / "assessment" / "a.toml").write_text("x = 1\n")
        monkeypatch.setenv("BSNA_HOUSE", str(house))
        sums.append(digest([house / "assessment" / "a.toml"]))
    assert sums[0] == sums[1]
