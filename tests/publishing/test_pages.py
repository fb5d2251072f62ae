"""Sentences are proved by their numbers; figures and downloads are the same bytes and say what they are."""

import re
import tomllib

import pandas as pd
import pytest

from bsna import paths
from bsna.chapter import vocabulary
from bsna.estimation import estimate_rows
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.publishing import figures
from bsna.publishing.downloads import write_downloads
from bsna.publishing.tables import show_table
from bsna.publishing.wording import levels_headline, side_of_half

WORDS = {language: vocabulary(load_profile("zz"), load_plan(), language) for language in ("en", "fr")}


def row(estimate, reach=0.05, measure="trusts_army", status="ok"):
    record = {
        "measure": measure,
        "population": "community",
        "estimate": estimate,
        "low": estimate - reach,
        "high": estimate + reach,
        "n": 250,
        "clusters": 25,
        "unit": "share",
        "status": status,
    }
    return estimate_rows([record]).to_dict("records")[0]


def test_every_sentence_exists_in_both_languages_with_the_same_numbers():
    wording = tomllib.loads(paths.assessment("plan", "wording.toml").read_text(encoding="utf-8"))
    for name, states in wording["statement"].items():
        for state, texts in states.items():
            named = [sorted(re.findall(r"\{(\w+)\}", texts[language])) for language in ("en", "fr")]
            assert named[0] == named[1], (name, state)


@pytest.mark.parametrize(
    ("share", "side"),
    [(0.30, "minority"), (0.44, "minority"), (0.46, "unclear"), (0.54, "unclear"), (0.56, "majority")],
)
def test_half_is_passed_only_when_the_whole_interval_is(share, side):
    assert side_of_half(row(share)) == side
    assert {"majority": "more than half", "minority": "fewer than half", "unclear": "cannot be told"}[
        side
    ] in levels_headline(WORDS["en"], [row(share)], "t")


def test_a_first_place_is_claimed_only_when_intervals_allow():
    assert "stands first" in levels_headline(WORDS["en"], [row(0.8), row(0.6, measure="trusts_police")], "t")
    assert "too close" in levels_headline(WORDS["en"], [row(0.65), row(0.6, measure="trusts_police")], "t")


def test_numbers_are_written_as_each_language_writes_them():
    english, french = WORDS["en"], WORDS["fr"]
    assert english.share(0.413) == "41%"
    assert re.fullmatch(r"41\s%", french.share(0.413))
    assert (english.show("deff_number", 1.25), french.show("deff_number", 1.25)) == ("1.2", "1,2")
    assert (english.p(0.0004), french.p(0.0123)) == ("< 0.001", "0,012")
    assert (english.points(0.021), english.show("gap_size", -0.021)) == ("+2 points", "2 points")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_figure_is_the_same_bytes_and_its_alt_text_carries_its_numbers(language):
    rows = [
        row(0.62),
        row(0.4, measure="trusts_police", status="imprecise"),
        row(float("nan"), measure="trusts_guard", status="withheld"),
    ]
    one, two = (figures.intervals(WORDS[language], rows, "Title") for _ in range(2))
    assert one.png == two.png
    assert WORDS[language].word("simulated") in one.alt
    assert "62" in one.alt
    assert WORDS[language].word("withheld") in one.alt


def test_nothing_to_show_draws_nothing():
    assert figures.intervals(WORDS["en"], [row(float("nan"), status="withheld")], "t") is None


def test_neighbouring_colours_differ_in_lightness_for_the_colour_blind():
    def lightness(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    steps = [lightness(colour) for colour in figures.SCALE]
    assert steps[0] < steps[1] < steps[2] > steps[3] > steps[4]
    for colour in figures.VERDICT_COLOURS.values():
        assert (1.05) / (lightness(colour) + 0.05) >= 3  # contrast on white


def test_hostile_text_is_escaped(capsys, monkeypatch):
    shown = []
    monkeypatch.setattr("bsna.publishing.tables.display", shown.append)
    show_table(WORDS["en"], pd.DataFrame({"a": ["<script>alert(1)</script>"]}), "t", "x")
    assert "<script>alert" not in shown[0].data
    assert "&lt;script&gt;" in shown[0].data


def test_downloads_say_what_they_are_and_hold_no_formula(tmp_path):
    rows = pd.DataFrame({"measure": ["=cmd()", "trusts_army"], "estimate": [0.5, 0.25]})
    notice = "SIMULATED DATA. Zandara"
    first = [path.read_bytes() for path in write_downloads(rows, tmp_path / "a", notice)]
    second = [path.read_bytes() for path in write_downloads(rows, tmp_path / "b", notice)]
    assert first == second
    assert first[0].decode().startswith("# SIMULATED DATA. Zandara\n")
    assert "'=cmd()" in first[0].decode()
    assert pd.read_excel(tmp_path / "a.xlsx", header=None).iloc[0, 0] == notice
