"""Sentences are proved by their numbers; figures and downloads are the same bytes and say what they are."""

import io
import itertools
import re
import tomllib

import nbformat
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from bsna import paths
from bsna.chapter import vocabulary
from bsna.estimation import estimate_rows
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.publishing import figures, scales
from bsna.publishing.blocks import folded, heading, texts
from bsna.publishing.canvas import SHADES
from bsna.publishing.drawing import people_range
from bsna.publishing.headlines import (
    corridor_headline,
    distribution_headline,
    group_headline,
    levels_headline,
    side_of_half,
)
from bsna.publishing.staging import open_with_survey
from bsna.publishing.tables import answer_table, estimate_table, show_table
from bsna.publishing.verdicts import recommendation_count, who_was_asked

WORDS = {language: vocabulary(load_profile("zz"), load_plan(), language) for language in ("en", "fr")}


def row(estimate, reach=0.05, measure="trusts_army", status="ok", **more):
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
    return estimate_rows([record | more]).to_dict("records")[0]


def answers(first, last, question="trust_army"):
    """Answers to one question on a scale of three."""
    shares = {"not_at_all": first, "a_little": 1 - first - last, "a_lot": last}
    return [row(share, 0.04, question, category=code) for code, share in shares.items()]


def test_every_sentence_exists_in_both_languages_with_the_same_numbers():
    wording = tomllib.loads(paths.assessment("plan", "wording.toml").read_text(encoding="utf-8"))
    for name, states in wording["statement"].items():
        for state, said in states.items():
            named = [sorted(re.findall(r"\{(\w+)\}", said[language])) for language in ("en", "fr")]
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
    assert levels_headline(WORDS["en"], [row(0.8), row(0.6, measure="trusts_police")], "t").startswith("First: army")
    assert "Too close to order" in levels_headline(WORDS["en"], [row(0.65), row(0.6, measure="trusts_police")], "t")


def test_different_things_are_never_put_in_one_order():
    knows, crossed = row(0.8, measure="knows_border"), row(0.4, measure="crossed")
    assert levels_headline(WORDS["en"], [crossed, knows], "t") == "More than half: knows the line"
    low = levels_headline(WORDS["en"], [row(0.45, measure="crossed"), row(0.4, measure="knows_border")], "t")
    assert low == "Nothing here is clearly above one half; highest: crossed, 45%"


def test_a_scale_names_the_answer_and_orders_questions_only_when_intervals_allow():
    labels, scale = {"trust_army": "Army", "trust_police": "Police"}, ["Not at all", "A little", "A lot"]
    apart = [*answers(0.1, 0.6), *answers(0.3, 0.4, "trust_police")]
    near = [*answers(0.1, 0.6), *answers(0.3, 0.55, "trust_police")]
    assert distribution_headline(WORDS["en"], apart, labels, scale).startswith("“A lot” most often for army (60%)")
    assert "too close to order" in distribution_headline(WORDS["en"], near, labels, scale)
    lone = distribution_headline(WORDS["fr"], answers(0.1, 0.6), labels, ["Pas du tout", "Un peu", "Beaucoup"])
    assert lone == "«\u00a0Pas du tout\u00a0» est la réponse de 10\u00a0%, «\u00a0Beaucoup\u00a0» de 60\u00a0%"


def test_a_busiest_corridor_is_claimed_only_when_intervals_allow():
    names = {"a": "Ambera", "b": "Coralia", "c": "Dolmena"}
    one, other = ({"level": "a", "category": end} for end in "bc")
    clear = [row(0.5, **one), row(0.2, **other)]
    assert corridor_headline(WORDS["en"], clear, names).startswith("Corridor most mentioned: Ambera to Coralia (50%)")
    close = [row(0.35, **one), row(0.3, **other)]
    assert corridor_headline(WORDS["en"], close, names).startswith("Too close to order")


def test_a_breakdown_that_did_not_pass_its_test_claims_no_difference():
    rows = [row(0.5, level=level, by="sex") for level in ("female", "male")]
    assert group_headline(WORDS["en"], rows, {"trusts_army": 0.3}, "t") == "No difference by sex can be shown"
    rows = [row(0.3, level="female", by="sex"), row(0.7, level="male", by="sex")]
    title = group_headline(WORDS["en"], rows, {"trusts_army": 0.001}, "t")
    assert title == "Differs by sex: army, from 30% (woman) to 70% (man)"


def test_a_label_loses_its_capital_inside_a_sentence_unless_it_is_a_name():
    english, french = WORDS["en"], WORDS["fr"]
    assert english.fill("The {top_label} stays.", {"top_label": "Police"}) == "The police stays."
    assert english.fill("{top_label} stays.", {"top_label": "Police"}) == "Police stays."
    kept = ["Koranic school", "ID readers", "Ambera"]
    assert [english.inside(label) for label in kept] == kept
    assert french.inside("École coranique") == "école coranique"


def test_a_ranked_item_is_called_by_its_short_name():
    values = {"items_list": ["resource_disputes", "banditry"]}
    assert WORDS["en"].fill("First: {items_list}.", values) == "First: resource disputes and banditry."


def test_items_with_commas_of_their_own_are_set_apart():
    assert WORDS["en"].enumeration(["army", "police"]) == "army and police"
    assert WORDS["en"].enumeration(["water, pasture or land", "banditry"]) == "water, pasture or land; banditry"


def test_levels_stand_in_their_natural_order_not_the_alphabet():
    found = WORDS["en"].ordered("education", ["higher", "koranic", "none", "primary", "secondary"], "community")
    assert found == ["none", "koranic", "primary", "secondary", "higher"]
    assert WORDS["en"].ordered("age_band", ["60+", "18-29"], "community") == ["18-29", "60+"]
    assert WORDS["en"].ordered("region", ["basalte", "ambera"], "community") == ["ambera", "basalte"]
    rows = [row(0.5, by="education", level=level) for level in ("higher", "none")]
    assert list(estimate_table(WORDS["en"], rows)["Group"]) == ["None", "Higher"]


def test_a_difference_names_both_of_its_parts():
    label = WORDS["en"].measure("trust_fell_army-trust_rose_army", "community")
    assert "fallen" in label and "minus" in label and "risen" in label
    assert "average" in WORDS["en"].measure("blames_scarce_resources-average", "community")


def test_verdicts_and_statuses_that_nobody_got_are_not_counted_out():
    text = recommendation_count(WORDS["en"], ["holds"] * 12 + ["mixed"])
    assert (
        text == "Of 13 recommendations, by what this survey shows: 12 whose evidence holds and 1 with mixed evidence."
    )
    assert "non vérifiables ici" in recommendation_count(WORDS["fr"], ["not_testable"] * 2)


def test_numbers_are_written_as_each_language_writes_them():
    english, french = WORDS["en"], WORDS["fr"]
    assert english.share(0.413) == "41%"
    assert re.fullmatch(r"41\s%", french.share(0.413))
    assert (english.show("deff_number", 1.25), french.show("deff_number", 1.25)) == ("1.2", "1,2")
    assert (english.p(0.0004), french.p(0.0123)) == ("< 0.001", "0,012")
    assert (english.points(0.021), english.show("gap_size", -0.021)) == ("+2 points", "2 points")
    assert (english.points(-0.05), english.points(0.001), english.points(0.01)) == (
        "\u22125 points",
        "0 points",
        "+1 point",
    )
    assert french.points(0.001) == "0\u00a0point"


def test_an_interval_writes_its_unit_once():
    english, french = WORDS["en"], WORDS["fr"]
    assert english.span(0.58, 0.66, "share") == "58–66%"
    assert re.fullmatch(r"58–66\s%", french.span(0.58, 0.66, "share"))
    assert english.span(-0.05, 0.07, "points") == "\u22125 to +7 points"
    change = row(0.01, 0.06, unit="points")
    assert english.estimate(change) == "+1 point (\u22125 to +7)"
    assert french.brief(change) == "+1 (\u22125 à +7)"
    assert (english.span(1.2, 1.8, "number"), french.span(1.2, 1.8, "number")) == ("1.2–1.8", "1,2–1,8")


def test_a_probability_from_draws_is_never_certain():
    assert [WORDS["en"].show("all_prob", p) for p in (1.0, 0.97, 0.0)] == ["over 99%", "97%", "under 1%"]
    assert WORDS["en"].p(1.0) == "> 0.999"


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
    assert WORDS[language].span(0.57, 0.67, "share") in one.alt
    assert people_range(WORDS[language], rows[:1]) in one.alt
    assert WORDS[language].word("withheld") in one.alt


def test_a_ranked_item_that_nobody_named_has_no_interval_of_width_zero():
    table = pd.DataFrame({"worth": [0.6, 0.0], "low": [0.5, 0.0], "high": [0.7, 0.0], "n": [40, 40]})
    drawing = figures.ranks(WORDS["en"], table, ["Banditry", "Mines"], "T")
    assert "Banditry: 60% (50–70%); Mines: named by nobody" in drawing.alt


def test_nothing_to_show_draws_nothing():
    assert figures.intervals(WORDS["en"], [row(float("nan"), status="withheld")], "t") is None


def test_a_scale_draws_and_tells_its_intervals():
    drawing = scales.stacked(WORDS["en"], answers(0.1, 0.6), ["Army"], ["Not at all", "A little", "A lot"], "T")
    assert "Army, Not at all: 10% (6–14%); Army, A little: 30% (26–34%); Army, A lot: 60% (56–64%)" in drawing.alt
    sure = [r | {"low": r["estimate"], "high": r["estimate"]} for r in answers(0.1, 0.6)]
    assert scales.stacked(WORDS["en"], sure, ["Army"], ["Not at all", "A little", "A lot"], "T").png != drawing.png
    table = answer_table(WORDS["en"], answers(0.1, 0.6), {"trust_army": "Army"}, ["Not at all", "A little", "A lot"])
    assert list(table["95% interval"]) == ["6–14%", "26–34%", "56–64%"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_nothing_written_in_a_figure_is_cut_at_its_edge(language):
    words = WORDS[language]
    rows = [row(0.97, 0.02, spec.measure) for spec in words.plan.measures if spec.population == "community"][:60]
    levels = [row(0.97, 0.02, by="patrol_sight", level=level) for level in ("never", "at_times", "weekly")]
    differences = {"A long name of a term (compared with: no)": [("Every week", row(-0.3, 0.62, unit="points"))]}
    for drawing in (
        figures.intervals(words, [r for r in rows if r["unit"] == "share"], "A long title " * 12, "subtitle " * 20),
        figures.grouped(words, levels, "T", note="A note that runs on " * 12),
        figures.forest(words, differences, "T", "S"),
        figures.ranks(words, pd.DataFrame({"worth": [1.0, 0.0], "low": 0.8, "high": [1.0, 0.0], "n": 9}), "ab", "T"),
        scales.stacked(words, answers(0.1, 0.6), ["A long name of a question"], ["An answer of length"] * 3, "T"),
    ):
        pixels = np.asarray(Image.open(io.BytesIO(drawing.png)).convert("L"))
        edges = (pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:])
        assert min(edge.min() for edge in edges) > 200


def test_a_figure_weighs_little():
    rows = [row(0.1 + place / 50, measure="trusts_army") for place in range(8)]
    assert len(figures.intervals(WORDS["en"], rows, "Title").png) < 45_000


def test_neighbouring_colours_differ_in_lightness_for_the_colour_blind():
    def lightness(colour):
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    steps = [lightness(colour) for colour in SHADES]
    assert all(one - other > 0.05 for one, other in itertools.pairwise(steps))
    style = paths.book("_static", "bsna.css").read_text(encoding="utf-8")
    badges = re.findall(r"--(?:good|bad|open|none): (#[0-9a-f]{6})", style)
    assert len(badges) >= 4
    for colour in badges:
        assert 1.05 / (lightness(colour) + 0.05) >= 4.5  # white letters on the badge


def test_hostile_text_is_escaped(capsys, monkeypatch):
    shown = []
    monkeypatch.setattr("bsna.publishing.tables.display", shown.append)
    show_table(WORDS["en"], pd.DataFrame({"a": ["<script>alert(1)</script>"]}), "t", "x")
    assert "<script>alert" not in shown[0].data
    assert "&lt;script&gt;" in shown[0].data
    page = heading(3, "<script>", 'x"onclick="y', "") + texts(["<script>"]) + folded("<script>", "")
    assert "<script>" not in page and 'x"onclick' not in page


def test_a_page_opens_with_its_survey_and_what_kind_it_is():
    banner = '<div class="bsna-banner bsna-simulated">Simulated data.</div>'
    cells = [
        nbformat.v4.new_markdown_cell("# Sample\n\nWho was interviewed."),
        nbformat.v4.new_code_cell("", outputs=[nbformat.v4.new_output("display_data", {"text/html": banner})]),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    open_with_survey(notebook, "Zandara, simulated survey")
    assert notebook.cells[0].source == f"# Sample · Zandara, simulated survey\n\n{banner}\n\nWho was interviewed."
    assert notebook.cells[1].outputs == []


def test_the_name_of_a_survey_in_a_heading_is_plain_text():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Sample")])
    open_with_survey(notebook, "<script>x</script> [a](javascript:b) {glue:text}`k`\n# Another")
    (line,) = notebook.cells[0].source.splitlines()
    assert line == r"# Sample · \<script\>x\</script\> \[a\](javascript:b) \{glue:text\}\`k\` \# Another"


def test_the_summary_says_of_whom_where_and_when_and_that_it_is_simulated():
    interviews = {"community": 255, "providers": 30}
    assert who_was_asked(WORDS["en"], interviews) == (
        "Interviews simulated: 255 adults and 30 members of the security forces; places: Ambera and Basalta; "
        "as if between 12 May 2014 and 20 June 2014."
    )
    assert "comme s’ils avaient eu lieu du 12 mai 2014 au 20 juin 2014" in who_was_asked(WORDS["fr"], interviews)


def test_a_difference_of_two_answers_of_one_thing_has_its_short_name_once():
    words = WORDS["en"]
    assert words.measure("trust_fell_army-trust_rose_army", "community", short=True) == "Army"
    assert words.measure("trust_fell_army-trust_rose_army", "community").startswith("Trust in the army has fallen")
    assert words.measure("trusts_army-trusts_police", "community", short=True) == "Army, minus: police"
