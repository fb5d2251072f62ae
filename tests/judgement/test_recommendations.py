"""Recommendations stand or fall with their evidence, and none is dropped."""

import numpy as np
import pandas as pd
import pytest

from bsna.estimation import survey_design
from bsna.intake.plan import load_plan
from bsna.intake.profile import Publication
from bsna.judgement import Verdict, recommend

RULES = Publication(threshold=10, min_clusters=3, imprecise_half_width=0.15, imprecise_n=30, admin_level="region")
N = 400


def people(**columns):
    frame = pd.DataFrame({"weight": 1.0, "stratum": "all", "psu": np.arange(N) % 40})
    spread = np.random.default_rng(5)
    made = {
        k: spread.permutation((np.arange(N) < v * N).astype(float)) if np.isscalar(v) else v for k, v in columns.items()
    }
    return survey_design(frame.assign(**made))


def weigh(row_id, *, verdicts=(), absent=None, rules=RULES, **designs):
    """The recommendation with this id; measures that a design lacks count as not asked."""
    plan = load_plan()
    said = {claim.id: "not_asked" for claim in plan.claims} | dict(verdicts)
    gone = {
        p: tuple(m.measure for m in plan.measures if m.population == p and m.measure not in d.frame)
        for p, d in designs.items()
    }
    made = recommend(plan, [Verdict(name, word) for name, word in said.items()], designs, absent or gone, rules)
    return next(row for row in made if row.id == row_id)


def test_all_thirteen_stay_even_where_nothing_can_be_tested():
    plan = load_plan()
    made = recommend(plan, [Verdict(claim.id, "not_asked") for claim in plan.claims], {}, {}, RULES)
    assert [row.id for row in made] == [f"R{n}" for n in range(1, 14)]
    assert {row.status for row in made} == {"not_testable"}
    assert all(row.baseline is None for row in made)


@pytest.mark.parametrize(
    ("knows", "has", "shares", "status"),
    [(0.2, 0.3, 0.8, "holds"), (0.8, 0.7, 0.2, "fails"), (0.2, 0.3, 0.2, "mixed"), (0.5, 0.3, 0.8, "mixed")],
)
def test_status_follows_from_the_side_on_which_whole_intervals_lie(knows, has, shares, status):
    found = weigh(
        "R6", community=people(knows_contact=knows, would_share=shares), providers=people(has_focal_point=has)
    )
    assert found.status == status


def test_evidence_that_cannot_be_tested_does_not_count_against():
    found = weigh("R6", community=people(knows_contact=0.2))
    assert [item["outcome"] for item in found.evidence] == ["holds", "not_testable", "not_testable"]
    assert found.status == "holds"


def test_a_limit_inside_the_interval_is_unclear_and_touching_it_is_too():
    # half of 400 people: the interval holds 0.5
    found = weigh("R6", community=people(knows_contact=0.5))
    assert found.evidence[0]["outcome"] == "unclear"
    assert found.status == "mixed"


@pytest.mark.parametrize(
    ("word", "outcome", "status"),
    [
        ("supported", "holds", "holds"),
        ("contradicted", "fails", "mixed"),
        ("uncertain", "unclear", "mixed"),
        ("not_asked", "not_testable", "holds"),
        ("withheld", "not_testable", "holds"),
    ],
)
def test_a_verdict_is_evidence_as_far_as_it_goes(word, outcome, status):
    found = weigh("R5", verdicts={"F5": word}, providers=people(has_enough_radio=0.1))
    assert found.evidence[0]["outcome"] == outcome
    assert found.status == status


def test_the_baseline_is_the_released_estimate_of_the_indicator():
    found = weigh("R6", community=people(knows_contact=0.2))
    assert found.baseline["measure"] == "knows_contact"
    assert found.baseline["estimate"] == pytest.approx(0.2)
    few = RULES.model_copy(update={"threshold": N + 1})
    hidden = weigh("R6", rules=few, community=people(knows_contact=0.2))
    assert hidden.baseline["status"] == "withheld" and hidden.baseline["estimate"] is None
    assert hidden.status == "not_testable"


@pytest.mark.parametrize(
    ("weekly", "never", "outcome"), [(0.9, 0.4, "holds"), (0.4, 0.9, "fails"), (0.6, 0.6, "unclear")]
)
def test_an_association_is_evidence_by_its_direction(weekly, never, outcome):
    sight = np.where(np.arange(N) % 2 == 0, "weekly", "never")
    share = np.where(sight == "weekly", weekly, never)
    trusts = np.random.default_rng(1).permutation(N).argsort() / N  # evenly spread over both groups
    seen = people(trusts_army=(trusts < share).astype(float), patrol_sight=sight)
    assert weigh("R4", community=seen).evidence[-1]["outcome"] == outcome


def test_an_association_that_no_model_can_show_is_not_testable():
    """All who see patrols weekly trust the army and nobody else does: the odds run off to infinity."""
    sight = np.where(np.arange(N) % 2 == 0, "weekly", "never")
    split = people(trusts_army=(sight == "weekly").astype(float), patrol_sight=sight)
    assert weigh("R4", community=split).evidence[-1]["outcome"] == "not_testable"
    alike = people(trusts_army=np.ones(N), patrol_sight=sight)
    assert weigh("R4", community=alike).evidence[-1]["outcome"] == "not_testable"
