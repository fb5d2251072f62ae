"""Published rounds before and after an event, worked by hand."""

from math import sqrt

import pytest

from bsna.intake.evidence import Round
from bsna.intake.instrument import load_questionnaire
from bsna.intake.plan import Trend, load_plan, validate_plan
from bsna.intake.profile import POPULATIONS
from bsna.judgement.published import published_lines, state_of

PLAN = load_plan()


def rounds(*levels, claim="F3b", measure="trusts_army", n=400, deff=4):
    """One line of a place with a published level at each moment; the design effect of 4 makes 100 people of 400."""
    facts = {"claim": claim, "country": "xx", "measure": measure, "population": "community", "source": "afb_mli_r5"}
    facts |= {
        "line": "mali_country",
        "place": "mali",
        "n": n,
        "deff": deff,
        "effect_item": "",
        "coverage": "whole_country",
    }
    moments = ("earlier", "before", "after")[-len(levels) :]
    made = [
        Round.model_validate(facts | {"year": 2008 + 2 * k, "moment": moment, "share": share})
        for k, (moment, share) in enumerate(zip(moments, levels, strict=True))
    ]
    return PLAN.model_copy(update={"rounds": tuple(reversed(made))})


def test_a_change_adds_the_variances_of_two_published_samples():
    # 0.5 (1 - 0.5) 4 / 400 = 0.0025 and 0.8 x 0.2 x 4 / 400 = 0.0016: error sqrt(0.0041) = 0.0640, 1.96 times 0.1255
    line = published_lines(rounds(0.4, 0.5, 0.8), "xx", "F3b")[0]
    assert line.change["estimate"] == pytest.approx(0.3)
    assert line.change["high"] == pytest.approx(0.3 + 1.95996 * sqrt(0.0041), abs=1e-5)
    assert (line.years, line.between) == ((2008, 2010, 2012), (2010, 2012))
    assert [row["estimate"] for row in line.rows] == [0.4, 0.5, 0.8]
    assert published_lines(rounds(0.5, 0.8), "xx", "F2") == ()
    assert published_lines(rounds(0.5, 0.8), "yy", "F3b") == ()


def test_a_rise_is_against_a_claim_of_erosion_and_a_fall_is_for_it():
    assert published_lines(rounds(0.5, 0.8), "xx", "F3b")[0].state == "fell_against"
    assert published_lines(rounds(0.8, 0.5), "xx", "F3b")[0].state == "fell_for"
    assert published_lines(rounds(0.5, 0.55), "xx", "F3b")[0].state == "fell_open"


@pytest.mark.parametrize(
    ("low", "high", "state"),
    [
        (-0.09, 0.09, "same_for"),
        (0.02, 0.09, "same_for"),
        (0.02, 0.19, "same_moved"),
        (-0.19, -0.02, "same_moved"),
        (0.11, 0.19, "same_against"),
        (-0.19, -0.11, "same_against"),
        (-0.02, 0.19, "same_open"),
    ],
)
def test_no_change_is_shown_within_the_margin_only_and_contradicted_beyond_it_only(low, high, state):
    facts = {
        "trend": "t",
        "measure": "m",
        "population": "community",
        "claim": "F2",
        "expected": "same",
        "margin": "0.1",
    }
    assert state_of(Trend.model_validate(facts), {"low": low, "high": high}) == state


def test_trust_in_the_army_rose_in_mali_against_the_claim_of_2014_also_where_both_rounds_went():
    # 2012: 0.681 of 1,179 in 150 clusters, likeness 0.051: design effect 1 + 6.86 x 0.051 = 1.350
    # 2014: 0.821 of 1,200 in 150 clusters, likeness 0.040: design effect 1 + 7 x 0.040 = 1.280
    # variances 0.0002487 and 0.0001568: error 0.02014; 0.14 +- 1.968 x 0.02014 = 0.100 to 0.180
    lines = {(line.measure, line.line): line for line in published_lines(PLAN, "mli", "F3b")}
    army = lines["trusts_army", "mali_country"]
    assert army.change["se"] == pytest.approx(0.02014, abs=1e-5)
    assert (army.change["low"], army.change["high"]) == (
        pytest.approx(0.1004, abs=2e-4),
        pytest.approx(0.1796, abs=2e-4),
    )
    assert {army.state, lines["trusts_army", "mali_reached_twice"].state} == {"fell_against"}
    assert lines["trusts_police", "mali_country"].state == "fell_open"
    assert army.coverage == ("north_not_reached", "whole_country")


def test_people_felt_less_unsafe_where_both_rounds_went_and_the_north_hides_half_of_it():
    lines = {line.line: line for line in published_lines(PLAN, "mli", "F2") if line.measure == "feels_unsafe_walking"}
    assert lines["mali_country"].change["estimate"] == pytest.approx(-0.076)
    assert lines["mali_reached_twice"].change["estimate"] == pytest.approx(-0.133)
    assert {line.state for line in lines.values()} == {"same_moved"}


def test_a_line_needs_both_moments_an_expectation_and_a_text_on_what_else_changed():
    forms = {name: load_questionnaire(name) for name in POPULATIONS}
    lone = rounds(0.5, 0.8).model_copy(update={"rounds": rounds(0.5, 0.8).rounds[:1]})
    with pytest.raises(ValueError, match="needs a round before and a round after"):
        validate_plan(lone, forms)
    with pytest.raises(ValueError, match="no text 'rounds_xx'"):
        validate_plan(rounds(0.5, 0.8), forms)
    with pytest.raises(ValueError, match=r"trends.csv expects nothing of it for claim F3a"):
        validate_plan(rounds(0.5, 0.8, claim="F3a"), forms)
