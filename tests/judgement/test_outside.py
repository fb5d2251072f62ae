"""Published figures beside ours: difference, agreement and conflict, worked by hand."""

import re
from math import exp, log, sqrt

import pytest

from bsna import paths
from bsna.intake.evidence import Outside, Round
from bsna.intake.plan import load_plan
from bsna.intake.profile import list_profiles, load_profile
from bsna.judgement.outside import design_effect, figure_row, outside_figures, outside_statements

PLAN = load_plan()
TEXTS = {"note_en": "x", "note_fr": "x"}


def figure(share=0.5, n=400, **more):
    facts = {
        "claim": "F3a",
        "measure": "trusts_army",
        "survey": "mli",
        "source": "afb_mli_r6",
        "year": 2014,
        "place": "mali",
        "population": "general adult",
        "n": n,
        "share": share,
        "low": "",
        "high": "",
        "deff": 4,
        "effect_item": "",
        "question": "same",
        "item": "",
        "wording": "",
        "coverage": "whole_country",
    }
    return Outside.model_validate(facts | TEXTS | more)


def ours(estimate, se=0.03, df=100, **more):
    row = {"measure": "trusts_army", "unit": "share", "estimate": estimate, "se": se, "df": df}
    return row | {"low": estimate - 2 * se, "high": estimate + 2 * se, "n": 900, "clusters": 100} | more


def beside(published, row, claim="F3a"):
    plan = PLAN.model_copy(update={"outside": (published,)})
    return outside_figures(plan.row("claims", claim), plan, [row], "mli")[0]


def test_the_difference_adds_the_variances_of_two_independent_samples():
    # published: variance 4 x 0.5 x 0.5 / 400 = 0.0025, error 0.05; ours: error 0.03, variance 0.0009
    # together 0.0034, error 0.05831; the published one has no known clusters, so that degrees of freedom are
    # 0.0034^2 / (0.0009^2 / 100) = 1427, and t is 1.9617
    found = beside(figure(0.5), ours(0.6))
    assert found["difference"] == pytest.approx(0.1)
    assert found["difference_low"] == pytest.approx(0.1 - 1.9617 * sqrt(0.0034), abs=1e-4)
    assert found["difference_high"] == pytest.approx(0.1 + 1.9617 * sqrt(0.0034), abs=1e-4)
    assert found["agreement"] == "agrees"  # -0.014 to 0.214 holds zero, though 0.5 lies outside our own 0.54 to 0.66


def test_a_figure_differs_when_the_difference_is_shown_and_conflicts_on_the_other_side_of_the_margin():
    # 0.62 beside 0.5: -0.12 +- 0.114, shown; ours 0.56 to 0.68 above one half, the figure 0.40 to 0.60 on both sides
    assert beside(figure(0.5), ours(0.62))["agreement"] == "differs"
    # 0.35 of 400: error 0.0477, 0.264 to 0.448: below one half, ours above
    low = beside(figure(0.35), ours(0.62))
    assert (low["high"] < 0.5, low["agreement"]) == (True, "conflicts")
    assert beside(figure(0.35), ours(0.20))["agreement"] == "differs"  # both below one half


def test_only_the_same_question_and_a_margin_that_is_a_share_make_a_conflict():
    near = {"question": "near", "item": "item_army", "wording": "wording_two_forces"}
    assert beside(figure(0.35, **near), ours(0.62))["agreement"] == "differs"
    worse = figure(0.35, claim="F2", measure="security_worse_foreign_troops")
    row = ours(0.62, measure="security_worse_foreign_troops")
    assert beside(worse, row, "F2")["agreement"] == "differs"  # the margin of F2 is a net change, not a share


def test_what_cannot_be_compared_is_shown_untested():
    other = {"question": "other", "item": "item_army", "wording": "wording_two_forces"}
    assert beside(figure(0.1, **other), ours(0.9))["agreement"] == "untested"
    nobody_told = beside(figure(0.1, n=""), ours(0.9))
    assert (nobody_told["agreement"], nobody_told["low"], nobody_told["difference"]) == ("untested", None, None)
    withheld = beside(figure(0.1), ours(0.9, low=None))
    assert (withheld["agreement"], withheld["low"] < 0.1 < withheld["high"]) == ("untested", True)


def test_the_design_effect_is_declared_or_made_of_the_cluster_effect_of_the_same_item():
    # Mali 2014, army: 1,200 people in 150 clusters, 8 in each, likeness 0.04: 1 + 7 x 0.04 = 1.28; 272 people: 34 clusters
    three = figure(0.778, 272, deff="", effect_item="trust_army")
    assert design_effect(three, PLAN) == (pytest.approx(1.28), pytest.approx(34))
    row = figure_row(three, PLAN)
    assert row["se"] == pytest.approx(sqrt(1.28 * 0.778 * 0.222 / 272))
    assert row["df"] == pytest.approx(33)
    reach = 2.0345 * row["se"] / (0.778 * 0.222)  # Student's t with 33 degrees of freedom, on the log odds
    assert row["low"] == pytest.approx(1 / (1 + exp(-(log(0.778 / 0.222) - reach))), abs=1e-4)
    assert design_effect(figure(), PLAN)[0] == 4
    with pytest.raises(ValueError, match="no 'trust_navy' of 'afb_mli_r6'"):
        design_effect(figure(deff="", effect_item="trust_navy"), PLAN)


def test_a_published_interval_is_taken_as_it_is():
    row = figure_row(figure(0.5, n="", low=0.402, high=0.598), PLAN)
    assert (row["low"], row["high"]) == (0.402, 0.598)
    assert row["se"] == pytest.approx(0.05, abs=1e-4)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"low": 0.4}, "two limits"),
        ({"deff": ""}, "either a design effect"),
        ({"effect_item": "trust_army"}, "either a design effect"),
        ({"question": "near"}, "needs item and wording"),
    ],
)
def test_a_figure_without_what_it_needs_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        figure(**wrong)


def test_words_of_a_source_agree_with_a_verdict_on_their_side_and_conflict_with_one_on_the_other():
    claim = PLAN.row("claims", "F3b")
    stands = {verdict: outside_statements(claim, PLAN, verdict, "mli") for verdict in ("supported", "contradicted")}
    assert [(s["stands"], s["agreement"]) for s in stands["supported"]] == [("for", "agrees"), ("against", "conflicts")]
    assert [s["agreement"] for s in stands["contradicted"]] == ["conflicts", "agrees"]
    assert {s["agreement"] for s in outside_statements(claim, PLAN, "uncertain", "mli")} == {"untested"}
    assert [s["source"] for s in outside_statements(claim, PLAN, "supported", "bfa")] == ["ddg_bsna_2014"]


def test_the_2014_assessment_stands_beside_every_claim_of_its_own():
    assessed = {claim.id for claim in PLAN.claims if claim.family == "assessment"}
    assert {s.claim for s in PLAN.statements if s.source == "ddg_bsna_2014"} == assessed


def test_no_survey_is_outside_evidence_for_itself_and_every_source_is_in_the_bibliography():
    cited = set(re.findall(r"^@\w+\{(\w+),", paths.book("references.bib").read_text(encoding="utf-8"), re.M))
    profiles = {name: load_profile(name) for name in list_profiles()}
    for row in (*PLAN.outside, *PLAN.statements):
        assert row.source in cited
        for name in row.survey.split():
            own = profiles[name].citation
            assert own is None or own.key != row.source, (name, row.source)
    assert {row.source for row in PLAN.rounds} <= cited


def test_published_shares_leave_out_those_who_did_not_know_as_ours_do():
    # Mali 2012, army: 17.0 + 49.7 of 100 - 1.9, published with don't-knows as 66.8; Mopti 60.8 of 100 - 2.7
    shares = {(r.year, r.line, r.measure): r.share for r in PLAN.rounds}
    assert shares[2012, "mali_country", "trusts_army"] == pytest.approx(0.668 / 0.981, abs=5e-4)
    assert shares[2012, "mali_mopti", "trusts_army"] == pytest.approx(0.608 / 0.973, abs=5e-4)
    assert shares[2008, "mali_country", "trusts_police"] == pytest.approx(0.502 / 0.944, abs=5e-4)


def test_a_round_needs_a_design_effect():
    facts = PLAN.rounds[0].model_dump() | {"deff": "", "effect_item": ""}
    with pytest.raises(ValueError, match="either a design effect"):
        Round.model_validate(facts)
