"""Does an item work alike in two groups? Worked by hand, against statsmodels, and on surveys put together."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from bsna.estimation import jackknife, survey_design
from bsna.estimation.association import Untestable
from bsna.estimation.differential import common_odds, differential_functioning, size_of, with_rest_scores
from bsna.estimation.stacking import SAMPLE, stacked


def people(cells, groups=("north", "south")):
    """One row per person, from counts [score][group][no, yes]."""
    rows = [
        (score, groups[g], float(yes))
        for score, table in enumerate(cells)
        for g, counts in enumerate(table)
        for yes, count in enumerate(counts)
        for _ in range(count)
    ]
    return pd.DataFrame(rows, columns=["score", "place", "yes"]).assign(weight=1.0)


def simple(frame):
    return survey_design(frame, stratum=None, psu=None)


TWO_SCORES = [[[2, 4], [6, 3]], [[1, 5], [4, 8]]]
"""At score 0: north 2 no, 4 yes; south 6 no, 3 yes. At score 1: north 1 no, 5 yes; south 4 no, 8 yes."""


def test_the_common_odds_ratio_is_the_sum_of_cross_products_over_the_people_of_each_score():
    found = common_odds(simple(people(TWO_SCORES)), "yes", "place", ("north", "south"), "score")
    # yes in the north times no in the south, over all at the score: 4 x 6 / 15 + 5 x 4 / 18
    # no in the north times yes in the south:                        2 x 3 / 15 + 1 x 8 / 18
    assert found.odds_ratio == pytest.approx((24 / 15 + 20 / 18) / (6 / 15 + 8 / 18))
    assert found.delta == pytest.approx(-2.35 * np.log(found.odds_ratio))
    assert (found.n, found.strata, found.unmatched) == (33, 2, 0)


def test_one_score_gives_the_textbook_variance_of_a_log_odds_ratio():
    # 1/30 + 1/10 + 1/20 + 1/40 = 0.208333, times 100/99 as a sample's variance divides by one less
    found = common_odds(simple(people([[[10, 30], [20, 40]]])), "yes", "place", ("north", "south"), "score")
    assert found.odds_ratio == pytest.approx(30 * 20 / (10 * 40))
    assert found.se**2 == pytest.approx((1 / 30 + 1 / 10 + 1 / 20 + 1 / 40) * 100 / 99)


def random_people(seed, n, shift):
    rng = np.random.default_rng(seed)
    place = rng.choice(["north", "south"], n)
    score = rng.integers(0, 6, n) + (place == "north") * rng.integers(0, 2, n)
    yes = rng.random(n) < 1 / (1 + np.exp(-(score - 3) / 1.5 - shift * (place == "north")))
    return pd.DataFrame({"place": place, "score": score, "yes": yes.astype(float), "weight": 1.0})


@pytest.mark.parametrize(("seed", "shift"), [(1, 0.0), (2, 0.8), (3, -1.5)])
def test_without_clusters_and_with_equal_weights_it_is_statsmodels_stratified_table(seed, shift):
    frame = random_people(seed, 3000, shift)
    found = common_odds(simple(frame), "yes", "place", ("north", "south"), "score")
    tables = [
        pd.crosstab(own["place"], own["yes"]).reindex(index=["north", "south"], columns=[1.0, 0.0], fill_value=0)
        for _, own in frame.groupby("score")
        if own["place"].nunique() == 2
    ]
    theirs = StratifiedTable([table.to_numpy(dtype=float) for table in tables])
    assert found.odds_ratio == pytest.approx(theirs.oddsratio_pooled, rel=1e-12)
    # theirs is Robins, Breslow and Greenland's variance, which supposes one ratio at all scores; ours does not
    assert found.se == pytest.approx(theirs.logodds_pooled_se, rel=0.03)
    assert found.unmatched == len(frame) - sum(int(table.to_numpy().sum()) for table in tables)


def clustered(seed=5, n=600):
    frame = random_people(seed, n, 0.5)
    rng = np.random.default_rng(seed)
    return frame.assign(
        weight=rng.uniform(0.5, 2.0, n), stratum=frame["place"], psu=np.arange(n) // 12 % 40, yes=frame["yes"]
    )


def test_the_linearised_error_is_that_of_a_jackknife_that_leaves_out_each_cluster_in_turn():
    design = survey_design(clustered(), lonely="adjust")
    linear = common_odds(design, "yes", "place", ("north", "south"), "score")
    left_out = common_odds(jackknife(design), "yes", "place", ("north", "south"), "score")
    assert left_out.odds_ratio == pytest.approx(linear.odds_ratio)
    assert left_out.se == pytest.approx(linear.se, rel=0.05)
    # not what a simple sample would give
    assert linear.se != pytest.approx(common_odds(simple(clustered()), "yes", "place", ("north", "south"), "score").se)


def test_the_linearised_error_follows_the_derivative_taken_by_numbers():
    """Each person's influence is the derivative of the log ratio by her weight; here by a small change of it."""
    frame = people(TWO_SCORES)
    ratio = common_odds(simple(frame), "yes", "place", ("north", "south"), "score")
    step, influence = 1e-6, []
    for row in range(len(frame)):
        nudged = frame.assign(weight=frame["weight"].where(frame.index != row, 1 + step))
        moved = common_odds(simple(nudged), "yes", "place", ("north", "south"), "score")
        influence.append((moved.log_odds - ratio.log_odds) / step)
    n = len(frame)
    assert ratio.se**2 == pytest.approx(n / (n - 1) * np.sum((influence - np.mean(influence)) ** 2), rel=1e-4)


def test_swapping_the_groups_turns_the_ratio_over_and_weights_count():
    frame = people(TWO_SCORES)
    one = common_odds(simple(frame), "yes", "place", ("north", "south"), "score")
    other = common_odds(simple(frame), "yes", "place", ("south", "north"), "score")
    assert other.log_odds == pytest.approx(-one.log_odds) and other.size == one.size
    heavy = frame.assign(weight=frame["weight"].where(frame["yes"] == 0, 2.0))
    # every yes counts twice: each cross product doubles, and so does each score's yes in its size
    got = common_odds(simple(heavy), "yes", "place", ("north", "south"), "score")
    assert got.odds_ratio == pytest.approx((48 / 22 + 40 / 31) / (12 / 22 + 16 / 31))


def test_a_score_that_only_one_group_has_compares_nobody_and_is_counted():
    only_north = [[[3, 2], [0, 0]]]
    found = common_odds(simple(people(TWO_SCORES + only_north)), "yes", "place", ("north", "south"), "score")
    assert (found.n, found.unmatched) == (33, 5)
    with pytest.raises(Untestable, match="no value of 'score' has people of both"):
        common_odds(simple(people(only_north + [[[0, 0], [1, 4]]])), "yes", "place", ("north", "south"), "score")


def test_a_ratio_without_bounds_is_refused():
    with pytest.raises(Untestable, match="at no value of 'score' do answers differ both ways"):
        common_odds(simple(people([[[0, 5], [5, 5]]])), "yes", "place", ("north", "south"), "score")
    with pytest.raises(ValueError, match="Two levels of 'place' are compared"):
        common_odds(simple(people(TWO_SCORES)), "yes", "place", ("north", "north"), "score")
    with pytest.raises(ValueError, match="are not among"):
        common_odds(simple(people(TWO_SCORES)), "yes", "place", ("north", "west"), "score")


@pytest.mark.parametrize(
    ("delta", "se", "size"),
    [
        (0.99, 0.01, "A"),  # sure, but small
        (2.0, 1.5, "A"),  # large, but not shown to differ from nil: 2 / 1.5 = 1.33
        (1.2, 0.2, "B"),
        (-1.6, 0.5, "B"),  # -1.6 differs from nil (3.2) but is not shown to exceed 1: 0.6 / 0.5 = 1.2
        (-1.6, 0.3, "C"),  # 0.6 / 0.3 = 2.0, above 1.66
        (1.49, 0.01, "B"),
    ],
)
def test_classes_are_those_of_the_testing_service(delta, se, size):
    assert size_of(delta, se, 100) == size


def scale(seed, n, shift, name):
    """Four items of one trait scored 0 to 3, the last one `shift` higher on the logit in this sample."""
    rng = np.random.default_rng(seed)
    trait = rng.normal(0, 1.5, n)
    shifts = [0.0, 0.0, 0.0, shift]
    noisy = {f"i{k}": trait + s + rng.logistic(0, 1, n) for k, s in enumerate(shifts)}
    scores = {item: np.digitize(value, [-1.5, 0.0, 1.5]).astype(float) for item, value in noisy.items()}
    return survey_design(
        pd.DataFrame({**scores, "stratum": "all", "psu": np.arange(n) // 10, "weight": rng.uniform(50, 150, n)})
    )


ITEMS = ["i0", "i1", "i2", "i3"]
REST = {item: f"rest_{item}" for item in ITEMS}


def both(shift):
    return with_rest_scores(stacked({"a": scale(1, 900, 0.0, "a"), "b": scale(2, 900, shift, "b")}, ITEMS), ITEMS, REST)


def test_an_item_that_is_easier_in_one_sample_is_found_and_the_others_are_not():
    design = both(1.5)
    tests = {item: differential_functioning(design, item, SAMPLE, REST[item]) for item in ITEMS}
    assert tests["i3"].uniform < 1e-6 and tests["i3"].nonuniform > 0.01
    assert tests["i3"].uniform == min(test.uniform for test in tests.values())
    yes = design.with_columns(high=(design.frame["i3"] >= 2).astype(float))
    found = common_odds(yes, "high", SAMPLE, ("a", "b"), REST["i3"])
    assert found.size == "C" and found.odds_ratio < 1


def test_items_that_work_alike_are_called_so():
    design = both(0.0)
    for item in ITEMS:
        found = differential_functioning(design, item, SAMPLE, REST[item])
        assert found.uniform > 0.01 and found.nonuniform > 0.01
        yes = design.with_columns(high=(design.frame[item] >= 2).astype(float))
        assert common_odds(yes, "high", SAMPLE, ("a", "b"), REST[item]).size == "A"


def test_the_shift_that_depends_on_the_score_is_told_from_one_that_does_not():
    rng = np.random.default_rng(7)
    n = 1500
    rest = rng.integers(0, 10, n).astype(float)
    group = rng.choice(["a", "b"], n)
    slope = np.where(group == "a", 0.2, 0.8)
    item = np.digitize(slope * (rest - 4.5) + rng.logistic(0, 1, n), [-1.5, 0.0, 1.5]).astype(float)
    design = simple(pd.DataFrame({"item": item, "rest": rest, "group": group, "weight": 1.0}))
    found = differential_functioning(design, "item", "group", "rest")
    assert found.nonuniform < 1e-6 < found.uniform


def test_a_rest_score_is_the_sum_of_the_others_and_missing_where_any_item_is():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, np.nan], "c": [0.0, 1.0], "weight": 1.0})
    design = with_rest_scores(simple(frame), ["a", "b", "c"], {"a": "ra", "b": "rb", "c": "rc"})
    np.testing.assert_array_equal(design.frame[["ra", "rb", "rc"]], [[3, 1, 4], [np.nan] * 3])
    with pytest.raises(ValueError, match="two or more items"):
        with_rest_scores(design, ["a"], {"a": "ra"})


def test_stacked_samples_keep_their_clusters_apart_and_count_by_their_people():
    one, two = scale(1, 100, 0.0, "a"), scale(2, 200, 0.0, "b")
    design = stacked({"a": one, "b": two}, ["i0"])
    assert len(np.unique(design.psu_codes)) == 10 + 20 and len(np.unique(design.stratum_codes)) == 2
    sizes = pd.Series(design.weights).groupby(design.frame[SAMPLE]).sum()
    assert sizes.to_dict() == pytest.approx({"a": 100.0, "b": 200.0})
    with pytest.raises(ValueError, match="two or more"):
        stacked({"a": one}, ["i0"])
    with pytest.raises(ValueError, match="different rules"):
        stacked({"a": one, "b": survey_design(two.frame, lonely="adjust")}, ["i0"])
    with pytest.raises(ValueError, match=r"\['b'\]: stacking knows"):
        stacked({"a": one, "b": jackknife(two)}, ["i0"])
    with pytest.raises(ValueError, match="no column 'i9'"):
        stacked({"a": one, "b": two}, ["i9"])
