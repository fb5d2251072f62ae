"""Every declared claim has a power before fieldwork, and it is that of the claim's own rule."""

import numpy as np
import pytest
from scipy import stats

from bsna import paths
from bsna.estimation import planning, power
from bsna.intake.plan import load_plan
from bsna.intake.profile import Profile, load_profile
from bsna.judgement import rules
from bsna.judgement.p_values import above_zero, among_first
from bsna.judgement.planned_parts import KINDS, _rank_gap
from bsna.judgement.planned_power import claim_powers, planned_samples


@pytest.fixture
def plan(house):
    return load_plan()


def with_claims(plan, *ids):
    return plan.model_copy(update={"claims": tuple(claim for claim in plan.claims if claim.id in ids)})


def test_every_declared_claim_has_a_power_at_the_planned_sample(plan):
    powers = claim_powers(plan, planned_samples(load_profile("zz")))
    assert [row.claim_id for row in powers] == [claim.id for claim in plan.claims]
    assert set(KINDS) == set(rules._KINDS)
    for row in powers:
        assert 0 <= row.alone[0] <= row.alone[1] <= 1
        assert row.corrected[0] <= row.alone[0] and row.corrected[1] <= row.alone[1]
        family = plan.row("claims", row.claim_id).family
        assert row.family == [claim.family for claim in plan.claims].count(family)
        assert row.half_width > 0 and row.design_effect >= 1


def test_what_is_assumed_is_of_a_measure_of_the_plan_and_cited(plan):
    cited = paths.book("references.bib").read_text(encoding="utf-8")
    for row in plan.assumed_shares:
        assert plan.measure(row.measure, row.population).kind in ("share", "all")
        assert f"{{{row.source}," in cited and f"{{{plan.cluster_effect(row).source}," in cited
    keys = [(row.measure, row.population) for row in plan.assumed_shares]
    assert len(set(keys)) == len(keys)


def test_the_planned_sample_is_that_of_the_frame_and_of_the_posts(plan):
    samples = planned_samples(load_profile("zz"))
    people = samples["community"]
    assert (people.strata, people.clusters, people.people) == (4, 8 + 6 + 6 + 5, 12 * 25)
    # weights: adults over interviews, by stratum
    weights = np.repeat([52000 / 96, 14000 / 72, 31000 / 72, 18000 / 60], [96, 72, 72, 60])
    assert people.weight_effect == pytest.approx(1 + weights.var() / weights.mean() ** 2)
    assert (samples["providers"].clusters, samples["providers"].people) == (10, 30)


def test_a_claim_of_one_share_has_the_power_of_its_test(plan):
    claim = plan.row("claims", "F3a").model_copy(update={"measures": ("trusts_police",)})
    alone = plan.model_copy(update={"claims": (claim,)})
    samples = {"community": planning.planned_sample([12, 12], [8, 8])}
    assumed = plan.assumed_share("trusts_police", "community")
    share = planning.planned_share(
        samples["community"], assumed.share, cluster_effect=plan.cluster_effect(assumed).cluster_effect
    )
    (got,) = claim_powers(alone, samples)
    assert got.alone == pytest.approx((power.power_share_above(share, 0.5),) * 2)
    assert got.corrected == got.alone and got.family == 1
    assert (got.half_width, got.people) == (share.half_width, 24 * 8)


def test_all_parts_of_a_claim_must_be_shown(plan):
    """Of three forces, at least all chances less what each may miss, at most the chance of the least sure."""
    samples = planned_samples(load_profile("zz"))
    (got,) = claim_powers(with_claims(plan, "F3a"), samples)
    single = []
    for name in plan.row("claims", "F3a").measures:
        claim = plan.row("claims", "F3a").model_copy(update={"measures": (name,)})
        single.append(claim_powers(plan.model_copy(update={"claims": (claim,)}), samples)[0].alone[0])
    assert got.alone == pytest.approx((1 - sum(1 - chance for chance in single), min(single)))


def test_a_population_without_a_plan_leaves_its_claims_without_power_and_out_of_the_family(plan):
    samples = planned_samples(load_profile("zz"))
    powers = {row.claim_id: row for row in claim_powers(plan, {"community": samples["community"]})}
    assert [name for name, row in powers.items() if row.alone is None] == ["F1", "F5"]
    assert powers["F2"].family == [claim.family for claim in plan.claims].count("assessment") - 2


def test_a_claim_without_an_assumption_is_refused_with_the_file_to_edit(plan):
    kept = tuple(row for row in plan.assumed_shares if row.measure != "blames_displacement")
    with pytest.raises(ValueError, match=r"assumed_shares.csv has no row 'blames_displacement' of community"):
        claim_powers(plan.model_copy(update={"assumed_shares": kept}), planned_samples(load_profile("zz")))
    kept = tuple(row for row in plan.cluster_effects if row.item != "trust_police")
    with pytest.raises(ValueError, match=r"cluster_effects.csv has no 'trust_police' of 'afb_mli_r6'"):
        claim_powers(plan.model_copy(update={"cluster_effects": kept}), planned_samples(load_profile("zz")))


def test_a_population_planned_in_two_places_is_refused():
    facts = load_profile("zz").model_dump() | {
        "planned": {"community": {"clusters": 9, "people_per_cluster": 4, "source": "x"}}
    }
    with pytest.raises(ValueError, match="planned twice"):
        Profile.model_validate(facts)


def shown_among_first(shares, places, people, rng, draws=1000):
    """Share of drawn samples in which the rule shows the first to be among the first `places`."""
    counts = rng.multinomial(people, shares, size=draws) / people
    shown = 0
    for found in counts:
        rows = []
        for other in found[1:]:
            gap = found[0] - other
            se = np.sqrt((found[0] + other - gap**2) / (people - 1))
            rows.append({"estimate": gap, "se": se, "df": people - 1, "clusters": people})
        shown += among_first([above_zero(row) for row in rows], places)[0] <= 0.05
    return shown / draws


def test_the_power_of_a_place_in_a_list_bounds_what_its_rule_shows_in_drawn_samples(plan):
    """First recourses of 150 people drawn singly, of whom 30% name the one that should be among the first two."""
    shares = [0.30, 0.36, 0.17, 0.07, 0.06, 0.04]
    names = plan.row("claims", "F3c").lists[0]
    claim = plan.row("claims", "F3c").model_copy(update={"lists": (names,), "top": 2})
    assumed = tuple(
        plan.assumed_share(name, "community").model_copy(update={"share": share})
        for name, share in zip(names, shares, strict=True)
    )
    alone = plan.model_copy(update={"claims": (claim,), "assumed_shares": assumed})
    (got,) = claim_powers(alone, {"community": planning.planned_sample([150], [1])})
    shown = shown_among_first(shares, 2, 150, np.random.default_rng(3))
    slack = 3 * np.sqrt(0.25 / 1000)
    assert got.alone[0] - slack <= shown <= got.alone[1] + slack
    # four of five rivals must be below at half the level; of them only the one at 0.17 is in doubt
    gap = (0.30 - 0.17) / np.sqrt((0.30 + 0.17 - 0.13**2) / 150)
    assert got.alone[1] == pytest.approx(stats.norm.sf(stats.norm.isf(0.025) - gap), abs=0.02)


def test_an_association_has_the_power_of_a_difference_between_two_groups_of_one_sample(plan):
    """A third of 400 people at the level, of whom 75% trust, and two thirds at the reference, of whom 65% do."""
    assumed = plan.assumed_association("A1").model_copy(
        update={"level_people": 1 / 3, "reference_people": 2 / 3, "level_share": 0.75, "reference_share": 0.65}
    )
    alone = with_claims(plan, "A1")
    samples = {"community": planning.planned_sample([400], [1])}
    errors = 0.75 * 0.25 / (400 / 3) + 0.65 * 0.35 / (800 / 3)
    for explained in (0.0, 0.36):
        row = assumed.model_copy(update={"explained": explained})
        (got,) = claim_powers(alone.model_copy(update={"assumed_associations": (row,)}), samples)
        # what other terms explain leaves 64% to learn from: errors grow by 1 / 0.8
        se = np.sqrt(errors / (1 - explained))
        assert got.alone == pytest.approx((stats.nct.sf(stats.t.ppf(0.95, 399), 399, 0.10 / se),) * 2)
        assert got.half_width == pytest.approx(stats.t.ppf(0.975, 399) * se)
        assert got.people == pytest.approx(400)
    # expected less, the same shares are no support: the chance lies below the level
    turned = alone.claims[0].model_copy(update={"expected": "less"})
    (got,) = claim_powers(alone.model_copy(update={"claims": (turned,)}), samples)
    assert got.alone[1] < 0.05


def test_an_association_without_an_assumption_is_refused_with_the_file_to_edit(plan):
    samples = planned_samples(load_profile("zz"))
    with pytest.raises(ValueError, match=r"assumed_associations.csv has no row 'A1'"):
        claim_powers(plan.model_copy(update={"assumed_associations": ()}), samples)
    row = plan.assumed_association("A1").model_copy(update={"effect_item": "trust_navy"})
    with pytest.raises(ValueError, match=r"assumed_associations.csv names for 'A1'"):
        claim_powers(plan.model_copy(update={"assumed_associations": (row,)}), samples)


def test_what_is_assumed_of_associations_is_cited(plan):
    cited = paths.book("references.bib").read_text(encoding="utf-8")
    for row in plan.assumed_associations:
        assert f"{{{row.source}," in cited and f"{{{plan.cluster_effect(row).source}," in cited


def test_a_ranking_of_two_causes_has_the_power_of_their_differences(plan):
    """Two named causes and one other, named independently by 200 people drawn singly."""
    names = [f"blames_{cause}" for cause in ("population_growth", "scarce_resources", "displacement")]
    shares = dict(zip(names, (0.6, 0.5, 0.4), strict=True))
    claim = plan.row("claims", "F6b").model_copy(
        update={"kind": "ranking", "measures": tuple(names[:2]), "others": (names[2],), "top": 2}
    )
    assumed = tuple(
        plan.assumed_share(name, "community").model_copy(update={"share": share, "asked": 1.0})
        for name, share in shares.items()
    )
    alone = plan.model_copy(update={"claims": (claim,), "assumed_shares": assumed})
    (got,) = claim_powers(alone, {"community": planning.planned_sample([200], [1])})
    # of independent answers variances add up: 0.24 + 0.24 and 0.25 + 0.24
    chances = [
        stats.nct.sf(stats.t.ppf(0.95, 199), 199, gap / np.sqrt(variance / 200))
        for gap, variance in ((0.2, 0.48), (0.1, 0.49))
    ]
    assert got.alone == pytest.approx((sum(chances) - 1, min(chances)))


def test_a_claim_about_change_since_a_round_that_is_over_has_no_planned_power(plan):
    claim = plan.row("claims", "F3a").model_copy(
        update={"kind": "trend", "measures": ("trusts_army",), "expected": "fell", "margin": None}
    )
    changed = plan.model_copy(update={"claims": (claim, plan.row("claims", "F2"))})
    change, other = claim_powers(changed, planned_samples(load_profile("zz")))
    assert change.alone is None and other.family == 1


def test_no_change_is_shown_only_by_a_large_sample(plan):
    equivalence = with_claims(plan, "F2")
    chances = [
        claim_powers(equivalence, {"community": planning.planned_sample([clusters], [12])})[0].alone[0]
        for clusters in (25, 100, 400)
    ]
    # cluster effect 0.238: 1 + 11 * 0.238 = 3.618; 0.45 * 3.618 / 300 gives an error of 0.0737, and 0.10 < 1.71 * 0.0737
    assert chances[0] < 0.05
    assert chances[0] < chances[1] < chances[2] and chances[2] > 0.99


def test_naming_more_places_tells_more_of_a_person_and_no_more_of_a_cluster(plan):
    """With very many people in each cluster the variance of a log of worths is what lies between clusters, rho (1/p + 1/q) over
    the clusters, however many places each person names."""
    few, rho, worths = planning.planned_sample([20], [10**7]), 0.05, [0.5, 0.3, 0.2]
    alone, ranked = (_rank_gap(few, worths, (0, 1), named=places, cluster_effect=rho) for places in (1, 2))
    between = rho * (1 / 0.5 + 1 / 0.3) / 20
    assert alone.se**2 == pytest.approx(between, rel=1e-5)
    assert ranked.se**2 == pytest.approx(between, rel=1e-5)
    lone = planning.planned_sample([200], [1])
    assert (
        _rank_gap(lone, worths, (0, 1), named=2, cluster_effect=rho).se
        < _rank_gap(lone, worths, (0, 1), named=1, cluster_effect=rho).se
    )
