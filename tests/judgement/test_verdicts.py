"""Claims on rankings, first recourses and traditional mechanisms, and what is said of the silent."""

import numpy as np
import pandas as pd
import pytest

from bsna.estimation import survey_design
from bsna.intake.measured import measure
from bsna.intake.plan import load_plan
from bsna.intake.profile import Publication
from bsna.judgement import judge
from bsna.judgement.p_values import above_zero, all_parts, among_first
from bsna.judgement.standing import Standing, Variant

RULES = Publication(threshold=10, min_clusters=3, imprecise_half_width=0.15, imprecise_n=30, admin_level="region")
RISKS = ["risk_first", "risk_second", "risk_third"]
NAMED = ("banditry", "resource_disputes", "armed_violence")


def plan_of(*claims):
    plan = load_plan()
    return plan.model_copy(update={"claims": tuple(c for c in plan.claims if c.id in claims)})


def answers(questions, groups):
    """A cleaned table: for each group, how many people give which answers to these questions, in turn."""
    rows = [list(given) for count, given in groups for _ in range(count)]
    return pd.DataFrame(rows, columns=questions).sample(frac=1, random_state=5).reset_index(drop=True)


def designs(**tables):
    made = {}
    for population, table in tables.items():
        columns = {m for m in load_plan().measures if m.population == population and set(m.question) <= set(table)}
        kept = load_plan().model_copy(update={"measures": tuple(columns)})
        frame = measure(table, kept, population).assign(weight=1.0, stratum="all", psu=np.arange(len(table)) % 40)
        made[population] = survey_design(frame)
    return made


def verdict(claim, **tables):
    absent = dict.fromkeys(tables, ())
    return judge(plan_of(claim), designs(**tables), absent, RULES, seed=3, answers=tables)[0]


def ranked(*groups):
    return answers(RISKS, groups)


MOSTLY_NAMED = ranked((200, NAMED), (30, ("poverty", "mines", "extremism")))
OTHERWISE = ranked((200, ("poverty", "banditry", "mines")), (30, NAMED))
AT_THE_EDGE = ranked(
    (100, ("banditry", "resource_disputes", "armed_violence")), (100, ("banditry", "resource_disputes", "poverty"))
)


def test_shared_priorities_need_the_same_three_risks_in_both_populations():
    assert verdict("F1", community=MOSTLY_NAMED, providers=MOSTLY_NAMED).verdict == "supported"
    assert verdict("F1", community=MOSTLY_NAMED, providers=OTHERWISE).verdict == "contradicted"
    assert verdict("F1", community=OTHERWISE, providers=MOSTLY_NAMED).verdict == "contradicted"
    assert verdict("F1", community=MOSTLY_NAMED, providers=AT_THE_EDGE).verdict == "uncertain"


def test_shared_priorities_are_not_asked_where_providers_were_not_met():
    assert verdict("F1", community=MOSTLY_NAMED).verdict == "not_asked"


def test_those_who_named_no_risk_count_as_silent():
    silent = ranked((75, NAMED), (25, ("~refused", "~not_asked", "~not_asked")))
    assert verdict("F1", community=MOSTLY_NAMED, providers=silent).nonresponse == pytest.approx(0.25)


def test_the_silent_could_have_turned_a_ranking_over():
    # 60 providers in 100 put the three first; had the 40 silent put others first, others would be among the three
    silent = ranked((55, NAMED), (5, ("poverty", "mines", "extremism")), (80, ("~refused", "~not_asked", "~not_asked")))
    found = verdict("F1", community=MOSTLY_NAMED, providers=silent)
    assert found.verdict == "supported"
    assert found.bounds == ("contradicted", "supported")
    assert {"silent", "silence_changes"} <= set(found.grade_reasons)


def recourse(crime, dispute):
    questions = ["recourse_crime", "recourse_dispute"]
    people = sum(crime.values())
    columns = [np.repeat(list(given), list(given.values())) for given in (crime, dispute)]
    assert people == sum(dispute.values())
    return pd.DataFrame(dict(zip(questions, columns, strict=True))).sample(frac=1, random_state=2, ignore_index=True)


MAYOR_FIRST = {"mayor": 120, "police": 80, "family": 40}
MAYOR_LAST = {"mayor": 20, "police": 120, "family": 100}
MAYOR_SECOND_OR_THIRD = {"mayor": 61, "police": 119, "family": 60}


def test_first_recourse_must_be_among_the_two_most_named_in_both_cases():
    assert verdict("F3c", community=recourse(MAYOR_FIRST, MAYOR_FIRST)).verdict == "supported"
    assert verdict("F3c", community=recourse(MAYOR_FIRST, MAYOR_LAST)).verdict == "contradicted"
    assert verdict("F3c", community=recourse(MAYOR_LAST, MAYOR_FIRST)).verdict == "contradicted"
    assert verdict("F3c", community=recourse(MAYOR_FIRST, MAYOR_SECOND_OR_THIRD)).verdict == "uncertain"


def test_mayor_and_chiefs_count_together_as_local_authorities():
    split = {"mayor": 30, "elected_chief": 30, "customary_chief": 60, "police": 80, "family": 40}
    assert verdict("F3c", community=recourse(split, split)).verdict == "supported"


def traditional(used, effective, weaker, stronger):
    """400 people who say that a mechanism exists."""
    n = 400
    spread = np.random.default_rng(4)
    columns = {
        "traditional_used": np.where(np.arange(n) < used * n, "often", "never"),
        "traditional_effective": np.where(np.arange(n) < effective * n, "effective", "ineffective"),
        "traditional_trend": np.select(
            [np.arange(n) < weaker * n, np.arange(n) >= (1 - stronger) * n], ["weaker", "stronger"], "same"
        ),
    }
    return pd.DataFrame({name: spread.permutation(values) for name, values in columns.items()})


@pytest.mark.parametrize(
    ("shares", "word"),
    [
        ((0.7, 0.4, 0.5, 0.2), "supported"),
        ((0.3, 0.1, 0.5, 0.2), "contradicted"),
        ((0.7, 0.9, 0.5, 0.2), "contradicted"),
        ((0.7, 0.4, 0.2, 0.5), "contradicted"),
        ((0.7, 0.4, 0.33, 0.32), "uncertain"),
        ((0.51, 0.4, 0.5, 0.2), "uncertain"),
    ],
)
def test_used_but_weak_and_eroding_needs_every_part_of_the_chain(shares, word):
    assert verdict("F6a", community=traditional(*shares)).verdict == word


def test_the_silent_are_counted_against_each_half_of_a_difference():
    # 120 worse, 120 better, 160 silent: all better gives +40 points, all worse -40: beyond the margin of 10 either way
    change = np.repeat(["worse", "better", "~refused"], [120, 120, 160])
    people = pd.DataFrame({"security_change_foreign_troops": np.random.default_rng(1).permutation(change)})
    found = verdict("F2", community=people)
    assert found.nonresponse == pytest.approx(0.4)
    assert found.bounds == ("contradicted", "contradicted")


def test_all_silent_for_the_claim_give_the_highest_and_against_it_the_lowest_share():
    trust = np.repeat(["a_lot", "not_at_all", "~refused"], [210, 140, 100])
    table = pd.DataFrame(
        {f"trust_{f}": np.random.default_rng(7).permutation(trust) for f in ("army", "gendarmerie", "police")}
    )
    found = verdict("F3a", community=table)
    # 210/350 = 0.60; at worst 210/450 = 0.47, at best 310/450 = 0.69
    assert found.verdict == "supported"
    assert found.bounds == ("uncertain", "supported")


def test_reruns_and_others_asked_the_same_count_in_the_grade():
    table = pd.DataFrame(
        {f"trust_{f}": ["a_lot"] * 300 + ["not_at_all"] * 100 for f in ("army", "gendarmerie", "police")}
    )
    table = table.sample(frac=1, random_state=1, ignore_index=True)
    args = plan_of("F3a"), designs(community=table), {"community": ()}, RULES
    breaks = Standing("F3a", "supported", (Variant("sites", 40, 20, {}, None, None, None),), ())
    conflict = {"measure": "trusts_army", "population": "providers", "agreement": "conflicts"}
    assert judge(*args, seed=3)[0].grade == "A"
    told = judge(*args, seed=3, standings={"F3a": breaks}, agreements={"F3a": [conflict]})[0]
    assert (told.grade, told.grade_reasons) == ("D", ("stands", "mirror_conflicts"))


def test_a_withheld_claim_does_not_count_in_the_correction_of_others():
    n = 200
    frame = pd.DataFrame({"weight": 1.0, "stratum": "all", "psu": np.arange(n) % 40})
    trusts = {
        f"trusts_{f}": np.random.default_rng(8).permutation(np.arange(n) < 0.6 * n).astype(float)
        for f in ("army", "gendarmerie", "police")
    }
    few = np.where(np.arange(n) < 9, 1.0, np.nan)
    shares = {f"trust_{way}_{f}": few for way in ("fell", "rose") for f in ("army", "gendarmerie", "police")}
    people = survey_design(frame.assign(**trusts, **shares))
    high, eroding = judge(plan_of("F3a", "F3b"), {"community": people}, {"community": ()}, RULES, seed=1)
    assert eroding.verdict == "withheld"
    assert high.p_for_adjusted == high.p_for


def test_two_doubts_do_not_make_a_contradiction():
    """In each population poverty leads armed violence for the third place by chance: 110 to 90. Each alone is doubted by
    nine draws in ten, and both together hold in hardly any; yet neither is shown, so nothing is contradicted."""
    close = ranked((90, NAMED), (110, ("banditry", "resource_disputes", "poverty")))
    found = verdict("F1", community=close, providers=close)
    assert found.values["all_prob"] < 0.05
    assert (found.verdict, found.p_against) == ("uncertain", 1.0)


def test_ties_at_the_border_are_called_neither_way_more_often_than_one_in_twenty():
    rng, times = np.random.default_rng(1), 4000
    said = {"third of three for two places": [0, 0], "six for three places": [0, 0]}
    for _ in range(times):
        x = rng.normal(size=6)
        gaps = [[above(x[i] - x[j]) for j in range(6)] for i in range(3)]
        made = {
            "third of three for two places": among_first(gaps[0][1:3], 2),
            "six for three places": all_parts([among_first(gaps[i][3:], 1) for i in range(3)]),
        }
        for name, ps in made.items():
            said[name] = [count + (p <= 0.05) for count, p in zip(said[name], ps, strict=True)]
    # 5% of 4,000 is 200, with a standard error of 14
    assert all(count <= 200 + 3 * 14 for counts in said.values() for count in counts)


def above(gap):
    return above_zero({"estimate": gap, "se": np.sqrt(2), "df": 1e6})


def test_who_denied_one_half_cannot_be_counted_for_both():
    from bsna.intake.measured import extreme_measure

    table = pd.DataFrame(
        {
            "confidence_security_army": ["a_lot", "not_at_all", "a_lot", "~refused"],
            "confidence_resolution_army": ["a_lot", "~refused", "~refused", "~refused"],
        }
    )
    both = load_plan().measure("confident_both_army", "community")
    assert extreme_measure(table, both, 1.0).tolist() == [1, 0, 1, 1]
    assert extreme_measure(table, both, 0.0).tolist() == [1, 0, 0, 0]
