"""Two sites are compared byte by byte, and the first place that differs is named."""

import subprocess
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from bsna.cli import app
from bsna.publishing import rebuilding
from bsna.publishing.rebuilding import furnish
from bsna.publishing.verifying import Difference, compare_sites


def site(folder, **files):
    folder.mkdir()
    for name, content in {"index.html": b"<p>front</p>", **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def test_two_sites_with_the_same_bytes_do_not_differ(tmp_path):
    assert compare_sites(site(tmp_path / "a", **{"x/y": b"1"}), site(tmp_path / "b", **{"x/y": b"1"})) == []


def test_a_file_of_one_site_only_is_missing_or_extra(tmp_path):
    found = compare_sites(site(tmp_path / "a", gone=b""), site(tmp_path / "b", **{"deep/new": b""}))
    assert found == [Difference("deep/new", "extra"), Difference("gone", "missing")]


def test_the_first_place_that_differs_is_named_with_what_stands_there(tmp_path):
    one, other = site(tmp_path / "a", page=b"same\nred end"), site(tmp_path / "b", page=b"same\nrod end")
    (difference,) = compare_sites(one, other)
    assert (difference.line, difference.byte) == (2, 6)
    assert (difference.first, difference.second) == (b"ed end", b"od end")


def test_a_file_that_goes_on_in_one_site_differs_where_the_other_ends(tmp_path):
    one, other = site(tmp_path / "a", page=b"abc"), site(tmp_path / "b", page=b"abcd")
    (difference,) = compare_sites(one, other)
    assert (difference.byte, difference.first, difference.second) == (3, b"", b"d")
    assert "(ends here)" in str(difference)


def test_what_is_printed_of_a_file_cannot_steer_a_terminal(tmp_path):
    one, other = site(tmp_path / "a", page=b"\x1b[2J\xff"), site(tmp_path / "b", page=b"plain")
    assert "\x1b" not in str(compare_sites(one, other)[0])


def test_a_folder_without_a_front_page_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"is no site: it has no index\.html"):
        compare_sites(tmp_path, site(tmp_path / "b"))


def test_a_site_that_leads_to_files_elsewhere_is_refused(tmp_path):
    one = site(tmp_path / "a")
    (one / "away").symlink_to(tmp_path)
    with pytest.raises(ValueError, match=r"holds 1 link\(s\).*\['away'\]"):
        compare_sites(one, site(tmp_path / "b"))


def test_a_house_made_anew_knows_only_its_surveys_and_holds_nothing_made(house, tmp_path_factory):
    (house / "assessment" / "profiles" / "other.toml").write_text("id = 'other'\n")
    for name in ("zz", "other"):
        (house / "data" / "raw" / name).mkdir(parents=True)
        (house / "data" / "raw" / name / "SOURCE.toml").write_text("")
    (house / "data" / "processed" / "zz").mkdir(parents=True)
    (house / "book" / "_build").mkdir()
    made = furnish(tmp_path_factory.mktemp("anew"), ["zz"])
    assert [path.stem for path in (made / "assessment" / "profiles").iterdir()] == ["zz"]
    assert [path.name for path in (made / "data" / "raw").iterdir()] == ["zz"]
    assert not (made / "data" / "processed").exists() and not (made / "book" / "_build").exists()
    assert (made / "book" / "references.bib").read_bytes() == (house / "book" / "references.bib").read_bytes()


def built(house, *, fails=""):
    """Stands in for the module that starts the command that builds the book: writes a site of one page into the house it is
    told."""

    def run(command, *, cwd, env, **_):
        assert env["BSNA_HOUSE"] == str(cwd) and str(cwd) != str(house)
        if not fails:
            (cwd / "book" / "_build").mkdir()
            site(cwd / "book" / "_build" / "html")
        return subprocess.CompletedProcess(command, 1 if fails else 0, "", fails)

    return SimpleNamespace(run=run)


def test_a_site_built_anew_is_there_to_be_used_and_goes_afterwards(house, monkeypatch):
    monkeypatch.setattr(rebuilding, "subprocess", built(house))
    with rebuilding.rebuilt(["zz"]) as made:
        assert (made / "index.html").is_file()
    assert not made.exists()


def test_a_book_that_cannot_be_built_anew_says_why(house, monkeypatch):
    monkeypatch.setattr(rebuilding, "subprocess", built(house, fails="bsna: the plan has a fault"))
    with (
        pytest.raises(RuntimeError, match="could not be built anew:\nbsna: the plan has a fault"),
        rebuilding.rebuilt(["zz"]),
    ):
        pass


def test_the_command_ends_with_one_if_a_file_differs_and_with_nothing_else(house, monkeypatch, tmp_path_factory):
    monkeypatch.setattr(rebuilding, "subprocess", built(house))
    same, other = site(tmp_path_factory.mktemp("s") / "a"), site(tmp_path_factory.mktemp("s") / "b", more=b"x")
    told = CliRunner().invoke(app, ["verify", str(same)])
    assert (told.exit_code, told.output) == (0, "1 files the same.\n")
    told = CliRunner().invoke(app, ["verify", str(other)])
    assert told.exit_code == 1 and "more: not in the site built anew" in told.output


def test_a_book_of_some_surveys_leaves_the_book_of_all_as_it_is(house, monkeypatch):
    monkeypatch.setattr(rebuilding, "subprocess", built(house))
    whole = house / "book" / "_build" / "html"
    whole.mkdir(parents=True)
    (whole / "index.html").write_bytes(b"all")
    told = CliRunner().invoke(app, ["book", "--only", "zz"])
    assert told.exit_code == 0 and "Book of zz built." in told.output
    assert (whole / "index.html").read_bytes() == b"all"
    assert (house / "book" / "_build" / "selected" / "index.html").read_bytes() == b"<p>front</p>"
