"""The invented surveys: the same at every run, true to what they are modelled on, and spoilt as declared."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from bsna import paths
from bsna.estimation import survey_design
from bsna.intake.checks import load_checks, run_checks
from bsna.intake.instrument import load_questionnaire
from bsna.intake.measured import measure
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.intake.raw import current_delivery, read_raw
from bsna.intake.reading import clean_survey, type_survey
from bsna.intake.receive import receive
from bsna.judgement.extremes import measures_of
from bsna.judgement.kinds.association import outcomes_of
from bsna.judgement.rules import test_claim as run_claim
from bsna.simulation import deliver_simulated, simulated_survey
from bsna.simulation.recovery import coverage, fault_recovery

SIZES = {
    "mli": (1200, 1800, 60, 120, 40, 80),
    "bfa": (1200, 1800, 60, 120, 40, 80),
    "ner": (1200, 1800, 60, 120, 40, 80),
    "zz": (300, 320, 30, 30, 20, 20),
}


@pytest.fixture(scope="module")
def surveys():
    return {name: simulated_survey(load_profile(name)) for name in SIZES}


def upper(survey, question, population="community"):
    answers = survey.populations[population].answers[question].astype(str)
    weights = survey.populations[population].weights
    codes = load_questionnaire(population).question(question).codes
    asked = ~answers.str.startswith("~")
    return weights[asked & answers.isin(codes[len(codes) // 2 :])].sum() / weights[asked].sum()


def test_sizes_are_as_designed(surveys):
    for name, (low, high, p_low, p_high, l_low, l_high) in SIZES.items():
        exports = surveys[name].exports
        assert low <= len(exports["community"]) <= high
        assert p_low <= len(exports["providers"]) <= p_high
        assert l_low <= len(exports["leaders"]) <= l_high


def test_the_same_seed_gives_the_same_bytes(surveys):
    again = simulated_survey(load_profile("zz"))
    for name, table in surveys["zz"].exports.items():
        pd.testing.assert_frame_equal(table, again.exports[name])


def test_trust_is_at_the_published_level_in_mali(surveys):
    # Afrobarometer Mali 2014: army 82, council 57, traditional leaders 85
    for question, share in (("trust_army", 0.82), ("trust_council", 0.57), ("trust_customary_chief", 0.84)):
        assert upper(surveys["mli"], question) == pytest.approx(share, abs=0.03)


# Afrobarometer Mali: cluster effects, the mean of 2012 and 2014 where both asked; Spearman correlations, 2014
PUBLISHED_ALIKE = {
    "trust_army": 0.046,
    "trust_police": 0.038,
    "trust_council": 0.097,
    "trust_customary_chief": 0.068,
    "trust_religious_leader": 0.036,
    "trust_courts": 0.043,
    "unsafe_walking": 0.172,
    "fear_crime_home": 0.151,
    "crossing_difficulty": 0.112,
}
PUBLISHED_TOGETHER = {
    ("trust_army", "trust_police"): 0.417,
    ("trust_army", "trust_council"): 0.293,
    ("trust_army", "trust_customary_chief"): 0.358,
    ("trust_army", "trust_religious_leader"): 0.315,
    ("trust_army", "trust_courts"): 0.298,
    ("trust_police", "trust_customary_chief"): 0.242,
    ("trust_police", "trust_religious_leader"): 0.251,
    ("trust_council", "trust_police"): 0.427,
    ("trust_council", "trust_customary_chief"): 0.347,
    ("trust_council", "trust_religious_leader"): 0.306,
    ("trust_religious_leader", "trust_customary_chief"): 0.661,
    ("trust_courts", "trust_police"): 0.499,
    ("trust_courts", "trust_council"): 0.46,
    ("trust_courts", "trust_customary_chief"): 0.294,
    ("trust_courts", "trust_religious_leader"): 0.304,
}


def scored(people, question):
    codes = {code: n for n, code in enumerate(load_questionnaire("community").question(question).codes)}
    return people.answers[question].map(codes).astype(float)


@pytest.mark.parametrize("question", PUBLISHED_ALIKE)
def test_neighbours_are_as_alike_as_published(surveys, question):
    people = surveys["mli"].populations["community"]
    answers = scored(people, question)
    groups = answers.groupby(people.place)
    size = groups.size().iloc[0]
    between, within = groups.mean().var() * size, groups.var().mean()
    alike = (between - within) / (between + (size - 1) * within)
    assert alike == pytest.approx(PUBLISHED_ALIKE[question], abs=0.03)


@pytest.mark.parametrize("pair", PUBLISHED_TOGETHER)
def test_trust_items_go_together_as_published(surveys, pair):
    one, other = (scored(surveys["mli"].populations["community"], question) for question in pair)
    assert one.corr(other, method="spearman") == pytest.approx(PUBLISHED_TOGETHER[pair], abs=0.1)


FALSE_BY_DESIGN = {"mli": set(), "bfa": {"F3a", "F4", "X1"}, "ner": {"F1", "F2", "F3b"}, "zz": {"F5", "F6a"}}


@pytest.mark.parametrize("country", FALSE_BY_DESIGN)
def test_each_claim_is_true_of_everybody_or_false_as_declared(surveys, country):
    """The rules of the claims put to all people instead of a sample: then only the truth decides."""
    plan = load_plan()
    named = {name for claim in plan.claims for name in (*measures_of(claim), *outcomes_of(claim, plan))}
    named |= {m.measure for m in plan.measures if m.measure.startswith("names_risk_")}
    terms = {term for model in plan.models for term in model.terms}
    named |= {group.source for group in plan.groups if group.group in terms}
    kept = {
        "measures": tuple(m for m in plan.measures if m.measure in named),
        "groups": tuple(group for group in plan.groups if group.group in terms),
    }
    narrow = plan.model_copy(update=kept)
    everybody = {}
    for population in ("community", "providers"):
        people = surveys[country].populations[population]
        frame = measure(people.answers.astype(str), narrow, population)
        everybody[population] = survey_design(frame.assign(weight=people.weights, stratum="all", psu=people.place))
    found = {
        claim.id: run_claim(claim.model_copy(update={"draws": 2}), plan, everybody, np.random.default_rng(1))
        for claim in plan.claims
    }
    # a one-sided p-value below one half: every estimate lies on the side the claim asks for
    assert {name for name, tested in found.items() if tested.p_for >= 0.5} == FALSE_BY_DESIGN[country]
    assert all(tested.p_against < 0.01 for name, tested in found.items() if name in FALSE_BY_DESIGN[country])


def test_the_qualitative_findings_hold_in_mali_and_fail_where_declared(surveys):
    def share(country, question, code, population="community"):
        people = surveys[country].populations[population]
        answers = people.answers[question].astype(str)
        asked = ~answers.str.startswith("~")
        hit = answers.str.split(" ").map(lambda codes: code in codes)
        return people.weights[asked & hit].sum() / people.weights[asked].sum()

    assert share("mli", "security_change_foreign_troops", "same") > 0.5
    for force in ("army", "gendarmerie", "police"):
        assert upper(surveys["mli"], f"trust_{force}") > 0.5
        assert share("mli", f"trust_trend_{force}", "fallen") > share("mli", f"trust_trend_{force}", "risen")
        assert share("ner", f"trust_trend_{force}", "fallen") < share("ner", f"trust_trend_{force}", "risen")
    assert upper(surveys["bfa"], "trust_police") < 0.5
    for leader in ("customary_chief", "religious_leader"):
        assert upper(surveys["mli"], f"trust_{leader}") > 0.75
    both = {
        a: (upper(surveys["mli"], f"confidence_security_{a}"), upper(surveys["mli"], f"confidence_resolution_{a}"))
        for a in ("army", "elected_chief", "customary_chief", "mayor")
    }
    assert [actor for actor, pair in both.items() if min(pair) > 0.5] == ["elected_chief"]
    for hindrance in ("equipment", "training", "personnel"):
        assert share("mli", "hindrances", hindrance, "providers") > 0.5
    assert share("zz", "hindrances", "training", "providers") < 0.5
    top = [surveys[c].populations["community"].answers["risk_first"].value_counts().index[:3] for c in ("mli", "ner")]
    assert set(top[0]) == {"resource_disputes", "armed_violence", "banditry"} != set(top[1])


def test_a_researchers_delivery_is_never_overwritten_and_a_simulated_one_is_made_anew(house, tmp_path):
    profile = load_profile("zz")
    first = deliver_simulated(profile)
    assert deliver_simulated(profile) == first
    truth = json.loads((paths.raw("zz") / "truth" / "truth.json").read_text())
    assert truth["community"]["sex"]["female"] == pytest.approx(0.51, abs=0.05)
    table = read_raw(profile, "community")
    table.iloc[:-1].to_csv(tmp_path / "community.csv", index=False)
    files = {"community": tmp_path / "community.csv"}
    theirs = receive(profile, files, received=date(2014, 7, 1), origin="field team", licence="private")
    assert deliver_simulated(profile) is None
    assert current_delivery("zz") == theirs


def test_planted_faults_are_found(house):
    profile = load_profile("zz")
    deliver_simulated(profile)
    typed = type_survey(profile)
    findings = run_checks(typed, load_checks(), {n: load_questionnaire(n) for n in typed})
    faults = pd.read_csv(paths.raw("zz") / "truth" / "faults.csv", dtype=str, keep_default_na=False)
    found = fault_recovery(findings, faults).set_index("type")
    for kind in (
        "exact_duplicate",
        "near_duplicate",
        "keying_slip",
        "unasked",
        "straight_lining",
        "invented",
        "other_to_recode",
    ):
        assert found.loc[kind, "recall"] == 1, kind
        assert found.loc[kind, "precision"] >= 0.6, kind
    cleaned = clean_survey(profile, typed).frames["community"]
    assert (cleaned["respondent_id"].duplicated()).sum() == 0


def test_intervals_contain_the_truth_about_as_often_as_they_say():
    shown = coverage(load_profile("zz"), replicates=60, seed=3)
    assert 0.90 <= shown.loc[~shown["refused_not_at_random"], "covered"].mean() <= 0.99
    apart = shown[shown["refused_not_at_random"]]
    assert len(apart) == 2
    assert (apart["bounds_hold"] >= 0.95).all()
    # refusals that depend on the answer pull the estimate away from the truth; that is why they are shown apart
    assert (apart["mean_estimate"] < apart["truth"] - 0.01).all()
