"""Real surveys where their files are: levels as published, and verdicts that published figures and a pencil expect.

Standard errors in the comments: with a cluster effect r among the 8 people of an area, sqrt(p (1 - p) / n x (1 + 7 r)).
Cluster effects are those published for the survey (assessment/plan/cluster_effects.csv). Weights, which cost a little, and
strata, which save a little, are left aside; that is near enough where z is far from 1.64.
"""

import csv
import math
from pathlib import Path

import pandas as pd
import pytest

from bsna.intake.measured import absent_measures
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.judgement import judge
from bsna.judgement.trends import judge_trends
from tests.survey.test_crosswalk import received

REFERENCE = Path(__file__).parents[1] / "reference"
FILES = {
    "mli_afrobarometer_r5": "mli_r5_data_july_2015.sav",
    "mli_afrobarometer_r6": "mli_r6_data_2015_eng.sav",
    "ner_afrobarometer_r6": "ngr_r6_data_2016_eng.sav",
}


@pytest.mark.real
@pytest.mark.parametrize(
    ("profile", "published", "within", "at_least"),
    [
        ("mli_afrobarometer_r5", "published_mli_r5.csv", 0.06, 90),
        ("ner_afrobarometer_r6", "published_ner_r6.csv", 0.51, 2),  # a press release, in whole percent
    ],
)
def test_published_rows_agree_within_rounding(tmp_path, monkeypatch, profile, published, within, at_least):
    """Published shares keep don't-know in the base and leave out refusals. The files are copied from published figures;
    nothing in them was computed here. Mali 2012: every answer on trust, fear and crime, whole country and Mopti."""
    _, frame, _ = received(tmp_path, monkeypatch, profile, FILES[profile])
    weights, compared = pd.to_numeric(frame["withinwt"]), 0
    with (REFERENCE / published).open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            inside = ~frame[row["question"]].isin(["~refused", "~no_answer"])
            if row["region"] != "national":
                inside &= frame["region"] == row["region"]
            hit = inside & frame[row["question"]].isin(row["codes"].split())
            got = 100 * weights[hit].sum() / weights[inside].sum()
            assert got == pytest.approx(float(row["value_percent"]), abs=within), row
            compared += 1
    assert compared >= at_least


def verdicts(tmp_path, monkeypatch, profile):
    facts, frame, design = received(tmp_path, monkeypatch, profile, FILES[profile])
    plan = load_plan()
    absent = {"community": absent_measures(frame, plan, "community")}
    made = judge(plan, {"community": design}, absent, facts.publication, seed=facts.seed)
    return {verdict.claim_id: verdict for verdict in made}


def sure(share, people, cluster_effect, border=0.5):
    """How many standard errors a published share lies above a border."""
    return (share - border) / math.sqrt(share * (1 - share) / people * (1 + 7 * cluster_effect))


@pytest.mark.real
def test_mali_2014_trusts_chiefs_more_than_the_police_and_half_of_it_the_police(tmp_path, monkeypatch):
    """X1. Police: (25.2 + 26.5) / 99.9 = 51.7% of 1,198, r = 0.033: error sqrt(0.517 x 0.483 / 1198 x 1.231) = 1.60 points,
    z = 1.7 / 1.60 = 1.1, p = 0.14: not shown to lie above one half, nor below: uncertain, though the army has 82.1%.

    X2. Customary 84.9%, religious leaders 86.0%, police 51.7%: gaps of 33 and 34 points. The error of a gap is at most the
    sum of both: 1.6 + 1.3 points; z is above 11: supported.
    """
    found = verdicts(tmp_path, monkeypatch, "mli_afrobarometer_r6")
    assert 0.5 < sure(0.517, 1198, 0.033) < 1.64
    assert found["X1"].verdict == "uncertain" and found["X1"].p_against == 1.0
    assert (0.849 - 0.517) / (0.0160 + 0.0126) > 11
    assert found["X2"].verdict == "supported"
    gaps = {row["measure"]: row["estimate"] for row in found["X2"].rows}
    assert gaps["trusts_customary_chief-trusts_police"] == pytest.approx(0.849 - 0.517, abs=0.005)
    assert gaps["trusts_religious_leader-trusts_police"] == pytest.approx(0.860 - 0.517, abs=0.005)


@pytest.mark.real
def test_mali_2012_cannot_tell_whether_most_trust_the_police_and_did_not_ask_about_chiefs(tmp_path, monkeypatch):
    """X1. Police: (15.5 + 33.5) / 97.2 = 50.4% of 1,166, r = 0.042: error 1.67 points, z = 0.4 / 1.67 = 0.2: uncertain. The army
    has 66.7 / 98.0 = 68.1%, z = 18.1 / 1.58 = 11, so the police decide. X2: chiefs were not asked about."""
    found = verdicts(tmp_path, monkeypatch, "mli_afrobarometer_r5")
    assert abs(sure(0.504, 1166, 0.042)) < 1.64 < sure(0.681, 1179, 0.051)
    assert found["X1"].verdict == "uncertain"
    assert found["X1"].values["lowest_label"] == "trusts_police"
    assert found["X2"].verdict == "not_asked"


@pytest.mark.real
def test_niger_2015_trusts_army_and_police(tmp_path, monkeypatch):
    """X1. Published: army 92%, police 86% of 1,200. No cluster effect is published for Niger; with the largest of Mali's for trust in
    the police (0.141 in 2008) the error of the police is 1.4 points, z = 36 / 1.4 = 25: supported.

    X2. No figure on chiefs is published for Niger; the file has 89% for the customary chief and 87% for the police. Were the answers
    unrelated, the gap of 1.3 points would have an error of sqrt(0.89 x 0.11 / 1193 + 0.87 x 0.13 / 1182) = 1.3 points, z = 1.0:
    uncertain, though religious leaders (94%) are ahead.
    """
    found = verdicts(tmp_path, monkeypatch, "ner_afrobarometer_r6")
    assert sure(0.86, 1200, 0.141) > 20 and sure(0.92, 1200, 0.141) > 20
    assert found["X1"].verdict == "supported"
    assert found["X2"].verdict == "uncertain"
    assert found["X2"].rows[0]["estimate"] < 0.02 < found["X2"].rows[1]["estimate"]


@pytest.mark.real
@pytest.mark.parametrize("profile", FILES)
def test_what_the_real_surveys_did_not_ask_is_not_asked(tmp_path, monkeypatch, profile):
    """No gendarmerie (F3a), no memory of two years (F2, F3b), no ranked risks (F1), no roles (F4), no providers (F5), no causes
    (F6): none of the assessment's claims can be tested here, and none gets a verdict."""
    found = verdicts(tmp_path, monkeypatch, profile)
    assessed = [claim.id for claim in load_plan().claims if claim.family == "assessment"]
    assert {found[name].verdict for name in assessed} == {"not_asked"}
    assert all(not found[name].rows and found[name].p_for is None for name in assessed)


@pytest.mark.real
def test_what_moved_in_mali_has_the_verdict_that_published_figures_expect(tmp_path, monkeypatch):
    """Army, 68.1% (r = 0.051, n = 1179: error 1.58) to 82.1% (0.040, 1200: 1.25): up 14.0, error 2.02, z = 7: it rose, which
    contradicts that it fell. Police, 50.4% (1.67) to 51.7% (1.60): up 1.3, error 2.3, z = 0.6: uncertain.

    Unsafe walking, 42.7% (r = 0.106, n = 1200: 1.88) to 35.1% (0.238: 2.25): down 7.6, error 2.9. Within 10 points? z = (10 -
    7.6) / 2.9 = 0.8: not shown, and not beyond either: uncertain. Verdicts are on the six regions that both rounds reached, where
    it fell by more (the north, reached in 2014 only, felt less safe); beyond 10 points is not shown there either.
    """
    rounds = []
    for name in ("mli_afrobarometer_r5", "mli_afrobarometer_r6"):
        (tmp_path / name).mkdir()
        rounds.append(received(tmp_path / name, monkeypatch, name, FILES[name])[2])
    later = load_profile("mli_afrobarometer_r6")
    moved = judge_trends(
        load_plan(), {"community": rounds[0]}, {"community": rounds[1]}, {}, later.earlier, later.publication
    )
    found = {item.trend: item for item in moved}
    assert (0.821 - 0.681) / math.hypot(0.0158, 0.0125) > 6
    assert found["army_trust"].verdict == "contradicted"
    assert abs(0.517 - 0.504) / math.hypot(0.0167, 0.0160) < 1
    assert found["police_trust"].verdict == "uncertain"
    assert (0.10 - 0.076) / math.hypot(0.0188, 0.0225) < 1
    assert found["unsafe_walking"].verdict == "uncertain"
    assert found["unsafe_walking"].change["estimate"] < found["unsafe_walking"].everywhere["estimate"]
