"""Claims on surveys drawn from known truths, at the planned sample: how seldom they come out against the truth, how often with it.

Counts are held to exact binomial limits that a right rule passes but once in ten thousand times, and a broken one does not.
The benchmark of the claims asks the same of many more surveys and truths.
"""

from dataclasses import replace

import pytest
from scipy import stats

from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.judgement.planned_power import claim_powers, planned_samples
from bsna.judgement.rules import test_claim as run_claim
from bsna.simulation.truths.declared import load_truths
from bsna.simulation.truths.drawing import planned_designs
from bsna.simulation.truths.trials import any_error, corrected_words, try_truth

SURVEY = "mli"
SLOW = ("shared_top", "top_k", "only_one")
LEVEL, CHANCE = 0.05, 1e-4
FEW, MANY = 40, 80
CLAIMS = list(dict.fromkeys(truth.claim.id for truth in load_truths(load_plan())))


@pytest.fixture(scope="module")
def designs():
    return planned_designs(load_profile(SURVEY))


@pytest.fixture(scope="module")
def truths():
    """The first truth of each claim and level."""
    found = {}
    for truth in load_truths(load_plan()):
        found.setdefault((truth.claim.id, truth.level), truth)
    return found


@pytest.fixture(scope="module")
def trials(designs, truths):
    """Surveys of all truths but those that are false by a lot: 40 of the claims that take long, 80 of the others."""
    near = {key: truth for key, truth in truths.items() if key[1] != "false_by_lot"}
    return {
        key: try_truth(truth, designs, range(FEW if truth.claim.kind in SLOW else MANY), seed=[1, number])
        for number, (key, truth) in enumerate(near.items())
    }


def is_too_often(share, surveys, level=LEVEL):
    return round(share * surveys) > stats.binom.ppf(1 - CHANCE, surveys, level)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_false_claim_is_seldom_supported_and_a_true_one_seldom_contradicted(trials, claim):
    for level, word in (
        ("false_by_little", "supported"),
        ("true_by_little", "contradicted"),
        ("true", "contradicted"),
    ):
        one = trials[claim, level]
        assert not is_too_often(one.share(word), len(one.p_for)), (level, one.share(word))


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claim_that_is_false_by_a_lot_is_contradicted(designs, truths, claim):
    assert try_truth(truths[claim, "false_by_lot"], designs, range(8), seed=[2]).share("contradicted") >= 0.75


def test_a_true_claim_is_shown_as_often_as_was_planned(trials):
    plan = load_plan()
    for power in claim_powers(plan, planned_samples(load_profile(SURVEY))):
        one = trials[power.claim_id, "true"]
        surveys = len(one.p_for)
        for shown, (low, high) in (
            (one.share("supported"), power.alone),
            (one.shown_at(power.family), power.corrected),
        ):
            least, most = stats.binom.ppf(CHANCE, surveys, low), stats.binom.ppf(1 - CHANCE, surveys, high)
            assert least <= round(shown * surveys) <= most, (power.claim_id, shown, low, high)


def quick(trials, level):
    return [
        one
        for (_, found), one in trials.items()
        if found == level and len(one.p_for) == MANY and one.truth.claim.family == "assessment"
    ]


def test_holm_keeps_errors_of_a_family_rare_and_dropping_it_does_not(trials):
    """Claims of one family at their borders, each wrong in up to 5 of 100 surveys: some of them in many more."""
    false, true = quick(trials, "false_by_little"), quick(trials, "true_by_little")
    assert len(false) == len(true) >= 6
    assert not is_too_often(any_error(false)[0], MANY)
    assert not is_too_often(any_error(true)[1], MANY)
    assert is_too_often(any_error(false, correction=lambda p_values: p_values)[0], MANY)
    assert is_too_often(any_error(true, correction=lambda p_values: p_values)[1], MANY)


def test_holm_shows_more_than_its_first_step_and_less_than_no_correction(trials):
    family = quick(trials, "true")
    for one, words in zip(family, corrected_words(family), strict=True):
        assert one.shown_at(len(family)) <= (words == "supported").mean() <= one.share("supported")


@pytest.mark.parametrize(("claim", "margin"), [("F3a", 0.4), ("F5", 0.4), ("F2", 0.2)])
def test_a_rule_with_a_margin_too_easy_is_caught(designs, truths, claim, margin):
    def easier(claim, plan, designs, rng):
        return run_claim(claim.model_copy(update={"margin": margin}), plan, designs, rng)

    truth = truths[claim, "false_by_little"]
    assert is_too_often(try_truth(truth, designs, range(40), seed=[3], rule=easier).share("supported"), 40)
    assert not is_too_often(try_truth(truth, designs, range(40), seed=[3]).share("supported"), 40)


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_rule_whose_sides_are_swapped_is_caught(designs, truths, claim):
    def swapped(claim, plan, designs, rng):
        found = run_claim(claim, plan, designs, rng)
        return replace(found, p_for=found.p_against, p_against=found.p_for)

    one = try_truth(truths[claim, "false_by_lot"], designs, range(8), seed=[2], rule=swapped)
    assert is_too_often(one.share("supported"), 8)


@pytest.mark.parametrize("claim", ["F3a", "F3b", "F6b"])
def test_a_rule_satisfied_with_one_part_of_many_is_caught(designs, truths, claim):
    """The others are far above the border: the least of the p-values is small, the largest decides."""

    def any_part(claim, plan, designs, rng):
        parts = [{"measures": claim.measures[:1]} if claim.measures else {"pairs": claim.pairs[:1]}]
        if claim.kind == "above_average":
            parts = [{"measures": claim.measures[:1], "others": (*claim.measures[1:], *claim.others)}]
        return run_claim(claim.model_copy(update=parts[0]), plan, designs, rng)

    one = try_truth(truths[claim, "false_by_little"], designs, range(30), seed=[4], rule=any_part)
    assert is_too_often(one.share("supported"), 30)
