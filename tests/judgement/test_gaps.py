"""Two populations met in the same places, by hand: gap, agreement, order and top of rankings."""

from math import sqrt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from bsna.estimation import survey_design
from bsna.intake.plan import Mirror, load_plan
from bsna.intake.profile import Design, Publication
from bsna.judgement.gaps import Gap, agreements, compare_mirrors, share_clusters, stacked
from bsna.judgement.rank_gaps import RankGap, Top, compare_ranks, discordance, rank_agreements

PLAN = load_plan()
BOTH = {"en": "x", "fr": "x"}


def profile(threshold=5, psu="cluster_id"):
    """What is asked of a profile here: rules of publication, seed, and the clusters of each population."""
    rules = Publication(
        threshold=threshold, min_clusters=3, imprecise_half_width=0.15, imprecise_n=30, admin_level="region"
    )
    declared = {
        name: Design(psu=psu, lonely="adjust", assumption=BOTH) for name in ("community", "providers", "leaders")
    }
    return SimpleNamespace(publication=rules, design=declared, seed=7)


def sample(column, answers, stratum="all"):
    """`answers` by cluster: one person for each."""
    rows = [(cluster, float(a)) for cluster, given in answers.items() for a in given]
    frame = pd.DataFrame(rows, columns=["psu", column])
    return survey_design(frame.assign(weight=1.0, stratum=stratum), lonely="adjust")


def mirror(name="army", direction="seen_and_believed"):
    facts = {"mirror": name, "direction": direction, "population": "community", "measure": "trusts_army"}
    facts |= {"other_population": "providers", "other_measure": "believes_trusted_army"}
    return Mirror(**facts, label_en="x", label_fr="x", note_en="x", note_fr="x")


def compared(people, providers, who=None, mirrors=(), absent=()):
    plan = PLAN.model_copy(update={"mirrors": mirrors or (mirror(),)})
    designs = {"community": sample("trusts_army", people), "providers": sample("believes_trusted_army", providers)}
    return compare_mirrors(plan, designs, {"community": absent}, who or profile())


SIX = {"A": (1, 1), "B": (1, 0), "C": (0, 0)}
EIGHT = {"A": (1, 1, 1), "B": (1, 0, 0), "C": (0, 0)}


def test_a_gap_counts_what_a_place_does_to_both_populations():
    # People: 3 of 6 say yes; scores by place (yes - 1/2 each) / 6:      A +1/6      B 0         C -1/6
    # Providers: 4 of 8; scores / 8:                                     A +1.5/8    B -0.5/8    C -1/8
    # Difference of the two: A 0.0208333, B -0.0625, C 0.0416667; squares add up to 0.0060764
    # Variance 3/2 x 0.0060764 = 0.0091146. Taken apart it would be 3/2 (0.0555556 + 0.0546875) = 0.1653646.
    gap = compared(SIX, EIGHT)[0]
    assert (gap.one["estimate"], gap.other["estimate"], gap.difference["estimate"]) == (0.5, 0.5, 0.0)
    assert gap.difference["se"] == pytest.approx(sqrt(0.00911458), abs=1e-6)
    # three clusters in one stratum leave 2 degrees of freedom; Student's t is 4.3027
    assert (gap.difference["df"], gap.difference["n"], gap.difference["clusters"]) == (2, 6, 3)
    assert gap.difference["high"] == pytest.approx(4.3027 * sqrt(0.00911458), abs=1e-4)
    assert (gap.state, gap.p) == ("none", 1.0)


def test_populations_of_different_places_are_independent():
    elsewhere = {"D": EIGHT["A"], "E": EIGHT["B"], "F": EIGHT["C"]}
    assert compared(SIX, elsewhere)[0].difference["se"] == pytest.approx(sqrt(0.1653646), abs=1e-6)
    # the same names mean nothing where a population has no clusters in common by its profile
    assert compared(SIX, EIGHT, profile(psu=""))[0].difference["se"] == pytest.approx(sqrt(0.1653646), abs=1e-6)
    assert not share_clusters(profile(psu=""), ["community", "providers"])


def test_a_gap_is_withheld_with_either_of_its_sides_and_nobody_is_no_gap():
    gap = compared(SIX, EIGHT, profile(threshold=7))[0]
    assert (gap.state, gap.one["status"], gap.other["estimate"]) == ("withheld", "withheld", 0.5)
    assert gap.difference["estimate"] is None and gap.p is None
    nobody = compared(SIX, {"A": (np.nan,) * 8})[0]
    assert (nobody.state, nobody.difference["estimate"]) == ("withheld", None)
    assert compared(SIX, EIGHT, absent=("trusts_army",))[0] == Gap("army", "not_asked")


def test_gaps_are_corrected_over_all_that_may_be_shown():
    # ten places of 5 and 5: people say yes 2 or 3 times in 5, providers 3 or 4 times: a gap of 0.2
    people = {f"P{k}": (1, 1, 1, 0, 0) if k % 2 else (1, 1, 0, 0, 0) for k in range(10)}
    providers = {f"Q{k}": (1, 1, 1, 1, 0) if k % 2 else (1, 1, 1, 0, 0) for k in range(10)}
    alone = compared(people, providers)[0]
    assert (alone.state, alone.p_adjusted) == ("gap", alone.p)
    twice = compared(people, providers, mirrors=(mirror(), mirror("again")))
    assert [gap.p_adjusted for gap in twice] == [pytest.approx(2 * alone.p)] * 2


def test_clusters_keep_the_stratum_of_the_survey_that_has_strata():
    people = sample("x", {"A": (1, 0), "B": (1, 0), "C": (0, 0)}, stratum=["s", "s", "s", "s", "t", "t"])
    both = stacked(
        {"community": people, "providers": sample("y", {"C": (1,), "D": (0,)})},
        {"community": {"x": "v"}, "providers": {"y": "v"}},
        shared=True,
    )
    found = both.frame.groupby("psu")["stratum"].agg(["min", "max"])
    assert (found["min"] == found["max"]).all()
    assert found["min"].to_dict() == {"A": "s", "B": "s", "C": "t", "D": "providers: all"}


def shown(state, one, other, name="trust_army"):
    def row(interval):
        return {"low": interval[0], "high": interval[1], "estimate": sum(interval) / 2}

    return Gap(name, state, row(one), row(other), {"estimate": 0.1})


def test_those_across_agree_differ_or_conflict_with_a_claim():
    claim = PLAN.row("claims", "F3a")

    def word(gap):
        return [(a["measure"], a["across"], a["agreement"]) for a in agreements(claim, PLAN, [gap])]

    assert word(shown("none", (0.6, 0.7), (0.3, 0.8))) == [("trusts_army", "providers", "agrees")]
    assert word(shown("gap", (0.6, 0.7), (0.8, 0.9))) == [("trusts_army", "providers", "differs")]
    assert word(shown("gap", (0.6, 0.7), (0.2, 0.4))) == [("trusts_army", "providers", "conflicts")]
    assert word(shown("gap", (0.6, 0.7), (0.2, 0.4), "leaders_trust_army")) == [("trusts_army", "leaders", "conflicts")]
    assert word(Gap("trust_army", "withheld")) == []
    assert word(shown("gap", (0.6, 0.7), (0.2, 0.4), "trust_both_ways")) == []  # providers speak of people there


def test_discordance_is_the_share_of_pairs_in_opposite_order():
    order = np.array([4.0, 3.0, 2.0, 1.0])
    assert discordance(order, order * 2) == 0
    assert discordance(order, order[::-1]) == 1
    assert discordance(order, np.array([3.0, 4.0, 2.0, 1.0])) == pytest.approx(1 / 6)  # one pair of six
    assert discordance(order, np.array([3.0, 3.0, 2.0, 1.0])) == pytest.approx(0.5 / 6)  # a tie is half a pair


ITEMS = PLAN.row("ranks", "risks_community").items
QUESTIONS = PLAN.row("ranks", "risks_community").questions


def ranked(first, clusters=8, each=5):
    """Everybody lists three risks, from `first` on; every fifth person starts one further on."""
    rows = []
    for person in range(clusters * each):
        start = first + (1 if person % 5 == 0 else 0)
        rows.append([ITEMS[(start + place) % len(ITEMS)] for place in range(3)] + [f"C{person // each}"])
    return survey_design(pd.DataFrame(rows, columns=[*QUESTIONS, "psu"]).assign(weight=1.0, stratum="all"))


def test_two_populations_that_answer_alike_share_order_and_top_in_every_draw():
    people = ranked(0)
    tops, gaps = compare_ranks(PLAN, {"community": people, "providers": people}, profile())
    assert [top.state for top in tops] == ["shown", "shown", "not_asked"]
    assert tops[0].chances == tops[1].chances and sum(tops[0].chances) == pytest.approx(3)
    both = gaps[0]
    assert (both.discordance, both.low, both.high, both.p, both.same_top) == (0, 0, 0, 1, 1)
    assert both.shared == 3 and sum(both.both) == pytest.approx(3)
    assert gaps[1] == RankGap("risks_people_leaders", "not_asked")


def test_two_populations_with_nothing_in_common_share_no_top():
    tops, gaps = compare_ranks(PLAN, {"community": ranked(0), "providers": ranked(5)}, profile())
    assert (gaps[0].same_top, gaps[0].shared) == (0, 0)
    assert gaps[0].p < 0.05 and gaps[0].discordance > gaps[0].by_chance
    assert (gaps[0].p_adjusted, gaps[1].p_adjusted) == (gaps[0].p, None)  # the only pair that was asked
    assert tops[1].chances[ITEMS.index(ITEMS[5])] == 1


def test_a_ranking_of_few_people_is_withheld_with_its_pairs():
    tops, gaps = compare_ranks(PLAN, {"community": ranked(0), "providers": ranked(0, clusters=2)}, profile())
    assert (tops[1].state, tops[1].rows, tops[1].chances) == ("withheld", (), ())
    assert gaps[0] == RankGap("risks_people_providers", "withheld")


def test_a_third_population_agrees_with_a_shared_top_or_conflicts_with_it():
    claim = PLAN.row("claims", "F1")
    places = [ITEMS.index(item) for item in claim.items]

    def word(*chances):
        all_of_them = [0.0] * len(ITEMS)
        for place, chance in zip(places, chances, strict=True):
            all_of_them[place] = chance
        tops = [Top(name, "shown", 3, (), tuple(all_of_them)) for name in ("risks_community", "risks_leaders")]
        return [(a["measure"], a["across"], a["agreement"]) for a in rank_agreements(claim, PLAN, tops)]

    assert word(1, 0.99, 0.96) == [("risks_leaders", "leaders", "agrees")]
    assert word(1, 0.99, 0.50) == [("risks_leaders", "leaders", "differs")]
    assert word(1, 0.99, 0.04) == [("risks_leaders", "leaders", "conflicts")]
