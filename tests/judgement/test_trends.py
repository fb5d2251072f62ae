"""Two rounds of one survey beside a claim about change."""

import numpy as np
import pandas as pd
import pytest

from bsna.estimation import survey_design
from bsna.intake.plan import Trend, load_plan
from bsna.intake.profile import Earlier, Publication
from bsna.judgement.trends import judge_trends, stricter

RULES = Publication(threshold=10, min_clusters=3, imprecise_half_width=0.15, imprecise_n=30, admin_level="region")
LINK = Earlier(survey="before", variable="region", places=("south",), caution={"en": "x", "fr": "x"})


def round_of(south_yes, south, north_yes=0, north=0):
    """A round in which so many of so many people in each region say yes, in clusters of five."""
    rows = [("south", k < south_yes) for k in range(south)] + [("north", k < north_yes) for k in range(north)]
    frame = pd.DataFrame(rows, columns=["region", "trusts_army"]).sample(frac=1, random_state=1)
    frame = frame.sort_values("region", kind="stable").reset_index(drop=True)
    return survey_design(
        frame.assign(
            trusts_army=frame["trusts_army"].astype(float), weight=1.0, stratum="s", psu=np.arange(len(frame)) // 5
        )
    )


def moved(before, after, expected="fell", margin="", absent=()):
    trend = Trend.model_validate(
        {"trend": "t", "measure": "trusts_army", "population": "community", "claim": "F3b"}
        | {"expected": expected, "margin": margin}
    )
    plan = load_plan().model_copy(update={"trends": (trend,)})
    return judge_trends(plan, {"community": before}, {"community": after}, {"community": absent}, LINK, RULES)[0]


def test_trust_that_fell_supports_a_claim_of_erosion_and_trust_that_rose_contradicts_it():
    low, high = round_of(150, 500), round_of(350, 500)
    assert moved(high, low).verdict == "supported"
    assert moved(low, high).verdict == "contradicted"
    assert moved(low, round_of(155, 500)).verdict == "uncertain"


def test_no_change_needs_both_one_sided_tests_and_is_never_supported_by_a_small_sample():
    assert moved(round_of(250, 500), round_of(255, 500), "same", "0.1").verdict == "supported"
    assert moved(round_of(25, 50), round_of(25, 50), "same", "0.1").verdict == "uncertain"
    assert moved(round_of(150, 500), round_of(350, 500), "same", "0.1").verdict == "contradicted"


def test_only_places_that_both_rounds_reached_decide():
    # in the south nothing moved; the second round adds a north that trusts much more
    before, after = round_of(200, 400), round_of(200, 400, north_yes=190, north=200)
    item = moved(before, after, "same", "0.1")
    assert item.change["estimate"] == pytest.approx(0.0)
    assert item.everywhere["estimate"] == pytest.approx(390 / 600 - 200 / 400)
    assert item.verdict == "supported"


def test_a_round_that_did_not_ask_or_has_too_few_people_gives_no_verdict():
    assert moved(round_of(200, 400), round_of(200, 400), absent=("trusts_army",)).verdict == "not_asked"
    few = moved(round_of(200, 400), round_of(4, 8))
    assert few.verdict == "withheld"
    assert few.change["estimate"] is None and few.after["estimate"] is None
    assert moved(round_of(200, 400), round_of(0, 0, 50, 100)).verdict == "withheld"


def test_two_surveys_together_follow_the_stricter_rule_of_each():
    other = RULES.model_copy(update={"threshold": 20, "min_clusters": 2, "imprecise_half_width": 0.2})
    both = stricter(RULES, other)
    assert (both.threshold, both.min_clusters, both.imprecise_half_width) == (20, 3, 0.15)


@pytest.mark.parametrize(("expected", "margin"), [("same", ""), ("fell", "0.1")])
def test_a_margin_belongs_to_what_should_stay_the_same(expected, margin):
    with pytest.raises(ValueError, match="a margin belongs"):
        moved(round_of(1, 20), round_of(1, 20), expected, margin)
