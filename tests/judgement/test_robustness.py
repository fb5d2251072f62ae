"""How firm a verdict is: surveys in which one knows by hand which village, enumerator, correction or cut point made it."""

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from bsna.estimation import survey_design
from bsna.intake.plan import load_plan
from bsna.intake.profile import Publication
from bsna.judgement import judge
from bsna.judgement.lead import lead_row
from bsna.judgement.robustness import Evidence, Received, robustness
from bsna.judgement.robustness.corrections import by_rule, correction_shifts
from bsna.judgement.robustness.judged import judged
from bsna.judgement.robustness.removal import codes_of, without
from bsna.judgement.standing import Standing

RULES = Publication(threshold=10, min_clusters=3, imprecise_half_width=0.15, imprecise_n=30, admin_level="region")
PLAN = load_plan()
FORCES = ("army", "gendarmerie", "police")
ONLY = PLAN.model_copy(update={"claims": (PLAN.row("claims", "F3a"),)})
VILLAGES, PER_VILLAGE = 40, 10
PEOPLE = VILLAGES * PER_VILLAGE


def survey(police, enumerator=None, silent=0):
    """Forty villages of ten people. All but a few trust army and gendarmerie; `police` holds those of each village who trust
    the police. Returns the design and the answers beside it."""
    villages = np.repeat([f"V{v:02}" for v in range(VILLAGES)], PER_VILLAGE)
    trusting = np.concatenate([np.arange(PER_VILLAGE) < many for many in police])
    answers = pd.DataFrame({f"trust_{force}": np.where(np.arange(PEOPLE) % 5, "a_lot", "a_little") for force in FORCES})
    answers["trust_police"] = np.where(trusting, "somewhat", "not_at_all")
    answers["enumerator_id"] = np.repeat(enumerator or [f"E{v // 4}" for v in range(VILLAGES)], PER_VILLAGE)
    answers["row_number"] = [str(row + 1) for row in range(PEOPLE)]
    answers.loc[np.arange(silent), "trust_police"] = "~refused"
    measures = {f"trusts_{f}": answers[f"trust_{f}"].isin(["somewhat", "a_lot"]).astype(float) for f in FORCES}
    measures["trusts_police"] = measures["trusts_police"].mask(answers["trust_police"] == "~refused")
    frame = pd.DataFrame({"weight": 1.0, "stratum": "all", "psu": villages, **measures})
    return survey_design(frame), answers


def standing(design, answers, raw=None, log=None):
    designs, given = {"community": design}, {"community": answers}
    received = {} if log is None else {"community": Received("community", answers, np.ones(len(answers)), log)}
    verdicts = judge(ONLY, designs, {}, RULES, seed=1)
    evidence = Evidence(designs, given, {"community": raw or design}, received)
    (found,), rows = robustness(ONLY, verdicts, evidence, threshold=10, rng=np.random.default_rng(1))
    return found, rows


def family(found, name):
    return next(variant for variant in found.variants if variant.family == name)


def broken(found, name):
    return next(set_ for set_ in found.breaking if set_.family == name)


def test_a_verdict_that_nothing_could_change_stands_in_every_rerun_but_the_cut_point_it_lies_across():
    # seven of ten trust the police everywhere: 70%, and nobody "a lot", so only that cut point turns the verdict
    found, _ = standing(*survey([7] * VILLAGES))
    assert found.verdict == "supported"
    for name, count in (("unweighted", 1), ("uncleaned", 1), ("enumerators", 10), ("sites", 40), ("silence", 2)):
        assert (family(found, name).count, family(found, name).stands) == (count, count)
    cut = family(found, "cut_points")
    assert (cut.count, cut.stands, cut.verdicts) == (2, 1, {"contradicted": 1, "supported": 1})
    assert (cut.lowest, cut.highest) == (0.0, pytest.approx(0.7))
    assert broken(found, "sites").size is None and broken(found, "sites").tried == 10


def test_the_range_without_a_site_is_that_of_hand_arithmetic():
    # 39 villages with 6 of 10, one with 10 of 10: 244 of 400. Without the one: 234 / 390; without another: 238 / 390
    found, _ = standing(*survey([6] * 39 + [10]))
    sites = family(found, "sites")
    assert sites.estimate == pytest.approx(244 / 400)
    assert (sites.lowest, sites.highest) == (pytest.approx(234 / 390), pytest.approx(238 / 390))


def test_one_enumerator_who_made_the_verdict_is_found_and_not_named():
    # villages of one enumerator say yes 10 of 10, the others 5 of 10 (half): without that enumerator nothing is shown
    police = [10] * 8 + [5] * 32
    enumerator = ["LIAR"] * 8 + [f"E{v}" for v in range(32)]
    found, _ = standing(*survey(police, enumerator))
    assert found.verdict == "supported"
    enumerators = family(found, "enumerators")
    assert (enumerators.count, enumerators.stands, enumerators.verdicts["uncertain"]) == (33, 32, 1)
    assert (broken(found, "enumerators").size, broken(found, "enumerators").verdict) == (1, "uncertain")
    published = json.dumps(asdict(found))
    assert not [code for code in ("LIAR", "E31", "V00", "V39") if code in published]


def test_the_smallest_set_of_sites_is_as_many_as_it_takes_by_hand():
    """Villages with 10 of 10 leave first. The verdict is lost as soon as the test without them says so, which is asked of the
    rule itself, one village more at a time."""
    police = [10] * 8 + [4, 6] * 8 + [5] * 16
    design, answers = survey(police)
    found, _ = standing(design, answers)
    codes = {"community": design.frame["psu"]}
    words = []
    for count in range(9):
        fewer = without({"community": design}, codes, [f"V{v:02}" for v in range(count)])
        words.append(judge(ONLY, fewer, {}, RULES, seed=1)[0].verdict)
    needed = words.index("uncertain")
    assert words[0] == "supported" and 1 < needed < 9
    assert broken(found, "sites").size == needed


def test_silence_all_on_one_side_can_turn_a_verdict():
    # 232 of the 360 who answered trust the police (64%); with the 40 silent all against it is 232 of 400 (58%), all for 68%
    design, answers = survey([10, 10, 10, 10] + [6] * 32 + [10] * 4, silent=40)
    sides = family(standing(design, answers)[0], "silence")
    assert (sides.lowest, sides.highest) == (pytest.approx(232 / 400), pytest.approx(272 / 400))


def test_imputed_copies_keep_answers_that_were_given():
    design, answers = survey([7] * VILLAGES, silent=30)
    filled = family(standing(design, answers)[0], "imputed")
    # 30 of 400 are filled in; the 370 others hold 280 - 21 = 259 who trust (three villages of seven are silent)
    assert filled.count == 5 and 259 / 400 <= filled.lowest <= filled.highest <= 289 / 400


def test_the_leading_estimate_is_the_one_nearest_to_its_border():
    design, _ = survey([6] * VILLAGES)
    verdicts = judge(ONLY, {"community": design}, {}, RULES, seed=1)
    base = judged(ONLY, {"community": design}, verdicts)
    rows = base.rows["F3a"]
    assert rows["measure"].iloc[lead_row(ONLY.claims[0], rows)] == "trusts_police"


def log(*rows):
    columns = ["log_id", "population", "row_number", "column", "was", "now", "rule"]
    return pd.DataFrame([dict(zip(columns, (f"L{n}", "community", *row), strict=True)) for n, row in enumerate(rows)])


def test_the_shift_of_one_correction_is_that_of_hand_arithmetic():
    design, answers = survey([6] * VILLAGES)  # 240 of 400
    changes = log(
        ("1", "*", "", "~dropped", "duplicate"),  # trusts: 239 / 399
        ("10", "*", "", "~dropped", "duplicate"),  # does not: 240 / 399
        ("2", "trust_police", "somewhat", "not_at_all", "D1"),  # 239 / 400
        ("3", "trust_police", "somewhat", "~refused", "D1"),  # 239 / 399
        ("4", "trust_army", "a_lot", "a_little", "D1"),  # another question: no row
    )
    received = Received("community", answers, np.ones(PEOPLE), changes)
    shifts = correction_shifts(ONLY.claims[0], ONLY, "trusts_police", received)
    expected = [239 / 399 - 0.6, 240 / 399 - 0.6, 239 / 400 - 0.6, 239 / 399 - 0.6]
    assert shifts["shift"].tolist() == pytest.approx(expected)
    assert shifts["log_id"].tolist() == ["L0", "L1", "L2", "L3"]


def test_rules_with_few_rows_are_counted_together_or_not_shown():
    shifts = pd.DataFrame({"rule": ["a"] * 4 + ["b", "c"], "shift": [0.1, -0.3, 0.2, 0.0, 0.5, -0.1]})
    assert by_rule(shifts, threshold=4) == ({"rule": "a", "rows": 4, "largest": -0.3},)
    assert by_rule(shifts, threshold=2) == (
        {"rule": "", "rows": 2, "largest": 0.5},
        {"rule": "a", "rows": 4, "largest": -0.3},
    )
    assert by_rule(shifts.iloc[:0], threshold=2) == ()


def test_the_rows_that_moved_a_claim_most_are_ten_at_most_and_the_strongest():
    design, answers = survey([6] * VILLAGES)
    changes = log(*[(str(row), "*", "", "~dropped", "D1") for row in range(1, 31)])
    found, rows = standing(design, answers, log=changes)
    assert len(rows) == 10 and set(rows["claim"]) == {"F3a"}
    # leaving out one who does not trust (240 / 399 - 0.6 = +0.0015) moves it more than one who does (239 / 399 - 0.6 = -0.001)
    assert rows["shift"].tolist() == pytest.approx([240 / 399 - 0.6] * 10)
    assert found.corrections == ({"rule": "D1", "rows": 30, "largest": pytest.approx(240 / 399 - 0.6)},)


def test_people_who_are_each_a_site_or_name_no_enumerator_are_not_left_out_one_by_one():
    design, answers = survey([6] * VILLAGES)
    alone = survey_design(design.frame.assign(psu=[str(i) for i in range(PEOPLE)]))
    assert codes_of("sites", {"community": alone}, {"community": answers}) == {}
    unknown = answers.assign(enumerator_id="~not_in_survey")
    assert codes_of("enumerators", {"community": design}, {"community": unknown}) == {}


def test_a_population_is_left_as_it_is_where_none_of_its_interviews_goes():
    design, answers = survey([6] * VILLAGES)
    codes = {"community": design.frame["psu"]}
    assert without({"community": design}, codes, ["elsewhere"])["community"] is design
    fewer = without({"community": design}, codes, ["V00", "V01"])["community"]
    assert len(fewer.frame) == PEOPLE - 20 and "V00" not in set(fewer.frame["psu"])
    assert without({"community": design}, codes, sorted(set(design.frame["psu"]))) == {}


def test_how_often_a_verdict_stands_is_the_mean_over_families():
    found, _ = standing(*survey([8] * VILLAGES))
    shares = [variant.stands / variant.count for variant in found.variants]
    assert found.share == pytest.approx(sum(shares) / len(shares)) and found.share < 1
    assert Standing("F", "supported", (), ()).share == 1.0
