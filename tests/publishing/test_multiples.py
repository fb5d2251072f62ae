"""Small multiples: a panel per survey on one scale, which say what is simulated and what has no number."""

import re

import pytest

from bsna.chapter import vocabulary
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.publishing.multiples import BESIDE, multiples

WORDS = {language: vocabulary(None, load_plan(), language) for language in ("en", "fr")}
MLI, NER, BFA = (load_profile(name) for name in ("mli", "ner", "bfa"))
REAL = load_profile("mli_afrobarometer_r6")


def share(estimate, status="ok", **more):
    row = {"measure": "trusts_army", "population": "community", "by": "", "level": "", "category": "", "unit": "share"}
    return (
        row | {"estimate": estimate, "low": estimate - 0.04, "high": estimate + 0.04, "n": 400, "status": status} | more
    )


def texts(drawing):
    """What is written in the figure."""
    return re.findall(r"<text[^>]*>([^<]*)</text>", drawing.svg)


def test_every_number_is_written_with_its_interval_and_the_figure_says_that_it_is_simulated():
    drawing = multiples(WORDS["en"], {"Army": [(MLI, share(0.5)), (NER, share(0.7))]}, {}, "Title", "")
    assert drawing.alt.startswith("SIMULATED DATA. Title. n = 400.")
    assert "Army, Mali: 50% (46–54%); Army, Niger: 70% (66–74%)" in drawing.alt
    assert {"Mali", "Niger", "50% (46–54%)", "70% (66–74%)", "SIMULATED DATA"} <= set(texts(drawing))
    real = multiples(WORDS["en"], {"Army": [(REAL, share(0.5))]}, {}, "Title", "")
    assert real.alt.startswith("Title.") and "SIMULATED DATA" not in texts(real)


def test_what_the_register_keeps_out_has_a_word_in_place_of_a_number():
    groups = {"Army": [(MLI, share(0.5)), (NER, share(0.7))], "Police": [(MLI, share(0.3)), (BFA, share(0.4))]}
    drawing = multiples(WORDS["en"], groups, {("Police", "ner"): "✕ not compared"}, "Title", "")
    assert texts(drawing).count("✕ not compared") == 1
    assert texts(drawing).count("– no number") == 1  # Burkina Faso has no estimate for the army
    assert len([text for text in texts(drawing) if re.search(r"\d% \(", text)]) == 4
    assert "not compared" not in drawing.alt


def test_all_panels_have_one_scale_that_starts_at_nothing_and_holds_every_interval():
    drawing = multiples(WORDS["en"], {"Army": [(MLI, share(0.07)), (NER, share(0.58))]}, {}, "Title", "")
    assert texts(drawing).count("0%") == 2 and texts(drawing).count("70%") == 2
    full = multiples(WORDS["fr"], {"Army": [(MLI, share(0.97))]}, {}, "Title", "")
    assert "100\u00a0%" in texts(full)


def test_further_surveys_stand_below_so_that_numbers_keep_their_size():
    surveys = [
        MLI.model_copy(update={"id": f"s{k}", "name": {"en": f"S{k}", "fr": f"S{k}"}}) for k in range(BESIDE + 1)
    ]
    row = {"Army": [(survey, share(0.5)) for survey in surveys]}
    few, many = (multiples(WORDS["en"], {"Army": row["Army"][:k]}, {}, "T", "") for k in (BESIDE, BESIDE + 1))
    heights = [float(re.search(r'viewBox="0 0 [\d.]+ ([\d.]+)"', drawing.svg)[1]) for drawing in (few, many)]
    assert heights[1] > heights[0] and texts(many).count("Army") == 2 and "S4" in texts(many)


def test_an_imprecise_estimate_has_a_hollow_dot():
    sure, unsure = (multiples(WORDS["en"], {"A": [(MLI, share(0.5, s))]}, {}, "T", "") for s in ("ok", "imprecise"))
    hollow = re.compile(r'<use [^>]*fill="#fff"')
    assert hollow.search(unsure.svg) and not hollow.search(sure.svg)


def test_estimates_in_two_units_have_no_common_scale():
    with pytest.raises(ValueError, match=r"\['number', 'share'\]; panels on one scale need one unit"):
        multiples(WORDS["en"], {"A": [(MLI, share(0.5)), (NER, share(3.0, unit="number"))]}, {}, "T", "")


def test_nothing_that_may_be_shown_gives_no_figure():
    assert multiples(WORDS["en"], {"A": [(MLI, share(0.5, "withheld"))]}, {}, "T", "") is None
