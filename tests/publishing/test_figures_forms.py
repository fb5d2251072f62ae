"""Forms of figures: bars around a middle, slopes, and letters that stay inside a figure narrow enough for a telephone."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bsna.chapter import Survey, answer_distribution, vocabulary
from bsna.estimation import survey_design
from bsna.intake.plan import Distribution, load_plan
from bsna.intake.profile import load_profile
from bsna.publishing import canvas
from bsna.publishing.diverging import Sides, colours, diverging
from bsna.publishing.slopes import slopes
from bsna.reports.sides import answer_sides

WORDS = {language: vocabulary(load_profile("zz"), load_plan(), language) for language in ("en", "fr")}
CODES = ("very_bad", "bad", "good", "very_good")


def row(category, estimate, reach=0.05, measure="coordination_forces", **more):
    ends = {"estimate": estimate, "low": estimate - reach, "high": estimate + reach}
    facts = {"measure": measure, "population": "providers", "category": category, "unit": "share", "n": 90.0}
    return facts | ends | {"status": "ok"} | more


FOUR = [row(code, share) for code, share in zip(CODES, (0.1, 0.2, 0.3, 0.4), strict=True)]
SUMS = [row("left", 0.3, 0.08), row("right", 0.7, 0.08)]


def drawn(rows=FOUR, sides=None, answers=CODES, words=WORDS["en"]):
    sides = sides or Sides(2, 2, SUMS)
    return diverging(words, rows, sides, ["With other forces"], answers, "How is it?", "Asked so")


def boxes(svg, colour):
    """Left and right end of each box of a colour."""
    found = []
    for path in re.findall(rf'<path d="([^"]*)"[^>]*fill="{colour}"', svg):
        for part in path.split("z"):
            numbers = [float(n) for n in re.findall(r"-?[\d.]+", part)][::2]
            found += [(min(numbers), max(numbers))] if numbers else []
    return found


def test_the_two_sides_meet_at_the_line_and_are_as_long_as_their_sums():
    svg = drawn().svg
    shades = colours(Sides(2, 2, SUMS), 4)
    # the last box of a colour that is not in the legend is the bar: the legend's are 20 points wide or less, all alike
    ends = {shade: max(boxes(svg, shade), key=lambda box: box[1] - box[0]) for shade in shades}
    first, second, third, fourth = (ends[shade] for shade in shades)
    middle = second[1]
    assert third[0] == pytest.approx(middle, abs=0.02)
    assert (middle - first[0]) / (fourth[1] - middle) == pytest.approx(0.3 / 0.7, abs=0.01)


def test_a_neutral_answer_lies_half_on_each_side():
    three = [row(code, share) for code, share in zip(("bad", "same", "good"), (0.2, 0.4, 0.4), strict=True)]
    sides = Sides(1, 1, [row("left", 0.2), row("right", 0.4)])
    svg = diverging(WORDS["en"], three, sides, ["x"], ("Bad", "Same", "Good"), "How is it?").svg
    between = max(boxes(svg, canvas.BETWEEN), key=lambda box: box[1] - box[0])
    right = max(boxes(svg, canvas.RIGHTWARD[-1]), key=lambda box: box[1] - box[0])
    line = re.search(r'<path d="M([\d.]+) [\d.]+V[\d.]+"', svg)
    assert line is not None
    assert float(line[1]) == pytest.approx((between[0] + between[1]) / 2, abs=0.1)
    assert right[1] - right[0] == pytest.approx(between[1] - between[0], abs=0.2)


def test_alt_text_and_data_hold_every_answer_and_both_sums_with_their_intervals():
    drawing = drawn()
    assert "With other forces, very_bad: 10% (5–15%)" in drawing.alt
    assert "together: very_bad and bad: 30% (22–38%)" in drawing.alt
    assert [record["estimate"] for record in drawing.rows] == [0.1, 0.2, 0.3, 0.4, 0.3, 0.7]
    french = drawn(words=WORDS["fr"]).alt
    assert "ensemble : very_bad et bad : 30 % (22–38 %)" in french.replace("\u00a0", " ").replace("\u202f", " ")


def test_a_question_whose_answers_are_withheld_says_so_and_has_no_bar():
    hidden = [row(code, float("nan"), measure="other", status="withheld", n=float("nan")) for code in CODES]
    sums = [row(side, float("nan"), measure="other", status="withheld") for side in ("left", "right")]
    drawing = diverging(WORDS["en"], [*FOUR, *hidden], Sides(2, 2, [*SUMS, *sums]), ["A", "B"], CODES, "How is it?")
    assert drawing.alt.count("withheld") == 6 and ">withheld<" in drawing.svg
    assert diverging(WORDS["en"], hidden, Sides(2, 2, sums), ["B"], CODES, "How is it?") is None


@pytest.mark.parametrize(
    ("left", "right"),
    [("very_bad bad", ""), ("bad", "good"), ("very_bad", "very_good"), ("very_bad bad good", "good very_good")],
)
def test_sides_that_are_not_the_two_ends_of_the_scale_are_refused(left, right):
    facts = {
        "distribution": "x",
        "chapter": "x",
        "population": "providers",
        "questions": "q",
        "levels": " ".join(CODES),
    }
    with pytest.raises(ValueError, match="must be the first and the last of levels"):
        Distribution(**facts, left=left, right=right, title_en="x", title_fr="x")


def test_both_sums_have_the_base_of_the_answers_and_add_up_to_one():
    # Ten posts of four agents, two answers of each kind but "do not know" for one agent of five.
    answers = np.array([*CODES, "dont_know"])[np.arange(40) % 5]
    frame = pd.DataFrame({"psu": [f"P{k // 4}" for k in range(40)], "coordination_forces": answers, "weight": 1.0})
    design = survey_design(frame.assign(stratum="all", coordination_authorities=None))
    survey = Survey(load_profile("zz"), load_plan(), WORDS["en"], "providers", {"providers": design}, {"providers": ()})
    sums = answer_sides(survey, "providers_coordination_scale")
    assert [(one["category"], one["estimate"], one["n"]) for one in sums] == [("left", 0.5, 32), ("right", 0.5, 32)]
    shares = answer_distribution(survey, "providers_coordination_scale").rows
    assert sum(one["estimate"] for one in shares[:2]) == pytest.approx(sums[0]["estimate"])
    assert sums[0]["low"] == pytest.approx(1 - sums[1]["high"])
    assert answer_sides(survey, "providers_mandates_scale") == []


def test_slopes_refuse_what_is_no_share_and_say_what_is_withheld():
    before, after = row("", 0.4), row("", 0.6)
    hidden = row("", float("nan"), status="withheld", n=float("nan"))
    drawing = slopes(WORDS["en"], [("A", before, after), ("B", before, hidden)], ("2012", "2014"), "What moved")
    assert "A, 2012: 40% (35–45%); A, 2014: 60% (55–65%)" in drawing.alt and "B, 2014: withheld" in drawing.alt
    assert slopes(WORDS["en"], [("B", hidden, hidden)], ("2012", "2014"), "What moved") is None
    with pytest.raises(ValueError, match="another unit"):
        slopes(WORDS["en"], [("A", before | {"unit": "number"}, after)], ("2012", "2014"), "What moved")


def test_title_and_notes_stay_inside_the_figure_with_the_widest_letters(monkeypatch):
    figure = {}
    monkeypatch.setattr(canvas, "_png", lambda made: figure.setdefault("made", made) and b"")
    words = replace(WORDS["fr"], profile=None)
    wide = "Où la gendarmerie nomme-t-on davantage comme commandement de la commune que comme homme du monde " * 2
    long = ["Tout à fait pour la libre circulation", "Plutôt pour", "Plutôt contre", "Tout à fait pour des limites"]
    diverging(words, FOUR, Sides(2, 2, SUMS), ["x"], long, wide, wide)
    made = figure["made"]
    made.canvas.draw()
    legend = made.legends[0].get_window_extent()
    ends = [text.get_window_extent().x1 for text in made.texts]
    assert len(ends) == 3 and max(*ends, legend.x1) <= made.bbox.width


def test_hostile_text_is_drawn_as_the_letters_it_is():
    drawing = diverging(
        WORDS["en"],
        FOUR,
        Sides(2, 2, SUMS),
        ["x"],
        ["$x$", "<script>", "a & b", "{y}"],
        "Costs $5 or $6",
        "<b>Asked</b>",
    )
    assert "<script" not in drawing.svg and "<b>" not in drawing.svg
    for text in (">$x$<", ">&lt;script&gt;<", ">a &amp; b<", ">Costs $5 or $6<", ">&lt;b&gt;Asked&lt;/b&gt;<"):
        assert text in drawing.svg
    turned = diverging(
        WORDS["en"], FOUR, Sides(2, 2, SUMS), ["x"], ["\u202ea", "b", "c", "d"], "\u2066T\u200fitle", "S"
    )
    assert ">Title<" in turned.svg and turned.title == "Title"
    assert not set("\u202e\u2066\u200f") & set(turned.svg + turned.alt + str(turned.rows) + str(turned.table))
