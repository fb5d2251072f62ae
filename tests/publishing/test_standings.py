"""How a verdict fares under reruns, told in words, table and figure; never which site, enumerator or person."""

import pytest

from bsna.chapter import vocabulary
from bsna.estimation import estimate_rows, records
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.judgement import Verdict
from bsna.judgement.standing import Breaking, Standing, Variant
from bsna.publishing.cards import marks
from bsna.publishing.standings import standing_figure, standing_html, standing_sentence

PLAN = load_plan()
WORDS = {language: vocabulary(load_profile("zz"), PLAN, language) for language in ("en", "fr")}
SITES = Variant("sites", 25, 24, {"supported": 24, "uncertain": 1}, 0.58, 0.55, 0.6)
CUT = Variant("cut_points", 2, 2, {"supported": 2}, 0.58, 0.58, 0.58)


def standing(*variants, breaking=(), corrections=(), unit="share"):
    return Standing("F3a", "supported", variants, breaking, corrections, unit)


def plain(text):
    return marks.plain(text).replace("\u00a0", " ").replace("\u202f", " ").replace("&nbsp;", " ")


def verdict(low=0.52):
    row = {
        "measure": "trusts_police",
        "population": "community",
        "estimate": 0.58,
        "se": 0.03,
        "low": low,
        "high": 0.64,
    }
    rows = records(estimate_rows([row | {"n": 300, "clusters": 25, "unit": "share", "status": "ok"}]))
    return Verdict("F3a", "supported", rows=tuple({k: None if v != v else v for k, v in r.items()} for r in rows))


@pytest.mark.parametrize(
    ("variants", "en", "fr"),
    [
        ((SITES, CUT), "Supported, in 26 of the 27 reruns", "Confirmé, dans 26 des 27 calculs refaits"),
        ((CUT,), "Supported, in all of the 2 reruns", "Confirmé, dans chacun des 2 calculs refaits"),
    ],
)
def test_how_often_a_verdict_stands_is_said_in_one_sentence(variants, en, fr):
    assert standing_sentence(WORDS["en"], standing(*variants)).startswith(en)
    assert plain(standing_sentence(WORDS["fr"], standing(*variants))).startswith(fr)


def test_the_table_has_a_row_for_each_family_with_other_verdicts_and_the_range():
    html = plain(standing_html(WORDS["en"], standing(SITES, CUT)))
    for cell in ("Without each site in turn", ">25<", ">24<", "Uncertain: 1", "55–60%", "Other cut points", ">58%<"):
        assert cell in html, cell


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (
            Breaking("sites", 1, 25, 7, "uncertain"),
            "Without a single one of the 25 sites the verdict would be: uncertain.",
        ),
        (Breaking("sites", 4, 25, 7, "uncertain"), "Leaving out 4 of the 25 sites, chosen for it, is enough"),
        (Breaking("enumerators", None, 10, 3, None), "No set of up to 3 of the 10 enumerators was found"),
    ],
)
def test_what_it_takes_to_turn_a_verdict_is_told_in_numbers_only(found, said):
    assert said in standing_html(WORDS["en"], standing(CUT, breaking=(found,)))


def test_corrections_are_told_by_their_number_and_the_farthest_shift():
    told = marks.plain(
        standing_html(WORDS["en"], standing(CUT, corrections=({"rule": "D1", "rows": 30, "largest": -0.012},)))
    )
    assert "30 rows bear on this claim" in told and "by 1.2 points" in told and "D1" not in told


def test_the_figure_says_the_finding_and_states_every_range():
    drawing = standing_figure(WORDS["en"], PLAN.row("claims", "F3a"), verdict(), standing(SITES, CUT))
    assert drawing is not None and drawing.alt.startswith("SIMULATED DATA. Supported, in 26 of the 27 reruns")
    assert "As judged: 58% (52–64%)" in drawing.alt and "Without each site in turn: 55–60%" in drawing.alt
    assert standing_figure(WORDS["en"], PLAN.row("claims", "F3a"), verdict(low=None), standing(SITES)) is None


def test_differences_are_told_in_points_with_their_sign():
    gap = Variant("silence", 2, 1, {"supported": 1, "uncertain": 1}, 0.1, -0.02, 0.12)
    assert "−2 to +12" in standing_html(WORDS["en"], standing(gap, unit="points"))
