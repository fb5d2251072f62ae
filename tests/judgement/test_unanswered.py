"""What the silent might hide, on the invented country: the most silent questions, answered, imputed and at worst."""

import numpy as np
import pytest

from bsna.estimation import proportion, survey_design
from bsna.intake.measured import measure, nonresponse
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.intake.reasons import NOT_REACHED, REFUSED
from bsna.judgement.unanswered import SHOWN, unanswered
from bsna.simulation.parameters import load_parameters
from bsna.simulation.population import Population
from bsna.simulation.survey import draw_community, make_populations

SILENT = {"weapons_common": 90, "trust_army": 60, "trust_police": 2}
"""Question and how many of 300 people refuse it."""


@pytest.fixture(scope="module")
def people() -> Population:
    return make_populations(load_profile("zz"), load_parameters("zz"), np.random.default_rng(1))["community"]


@pytest.fixture(scope="module")
def answers(people):
    rng = np.random.default_rng(2)
    sample = draw_community(load_profile("zz"), people, rng)[0].astype(str)
    for question, count in SILENT.items():
        sample.loc[rng.choice(len(sample), count, replace=False), question] = REFUSED
    return sample


def design_on(answers):
    made = measure(answers, load_plan(), "community")
    return survey_design(
        made.assign(weight=1.0, stratum=answers["region"] + answers["settlement"], psu=answers["cluster_id"]),
        lonely="adjust",
    )


def found_in(answers, seed=7):
    rules = load_profile("zz").publication
    return unanswered(design_on(answers), load_plan(), answers, "community", rules, rng=np.random.default_rng(seed))


def test_the_most_silent_question_comes_first_with_all_three_readings(answers):
    found = found_in(answers)
    assert [row.measure for row in found[:2]] == ["weapons_are_common", "trusts_army"]
    assert "trusts_police" not in {row.measure for row in found} and len(found) <= SHOWN
    for row in found[:2]:
        alone = proportion(design_on(answers), row.measure).iloc[0]
        assert row.answered["estimate"] == alone["estimate"]
        assert row.bounds["lowest"] < row.answered["estimate"] < row.bounds["highest"]
        assert row.bounds["lowest"] < row.imputed["estimate"] < row.bounds["highest"]
        assert row.imputed["n"] == row.answered["n"] and row.imputed["df"] < row.answered["df"]
    assert (found[0].silent, found[0].bounds["silent"], found[0].bounds["n"]) == (90 / 300, 90, 300)


def test_the_same_seed_gives_the_same_numbers(answers):
    assert str(found_in(answers)) == str(found_in(answers))
    assert found_in(answers)[0].imputed != found_in(answers, seed=8)[0].imputed


def test_an_interview_that_broke_off_is_neither_imputed_nor_bounded(answers):
    broken = answers.assign(weapons_common=answers["weapons_common"].replace(REFUSED, NOT_REACHED))
    found = found_in(broken)
    assert "weapons_are_common" not in {row.measure for row in found}
    half = answers["weapons_common"].mask(answers.index % 2 == 0, NOT_REACHED)
    row = found_in(answers.assign(weapons_common=half))[0]
    assert row.bounds["n"] == nonresponse(half)[0]


def test_where_everybody_answered_there_is_nothing_to_show(people):
    full = draw_community(load_profile("zz"), people, np.random.default_rng(2))[0].astype(str)
    assert found_in(full) == ()


def test_what_too_few_answered_comes_without_numbers(answers):
    few = answers["weapons_common"].mask(answers.index >= 8, REFUSED)
    found = {row.measure: row for row in found_in(answers.assign(weapons_common=few))}
    row = found["weapons_are_common"]
    assert row.answered["status"] == "withheld" and np.isnan(row.answered["estimate"])
    assert row.imputed is None and row.bounds is None
    assert found["trusts_army"].imputed is not None
