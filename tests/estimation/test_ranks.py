"""Ranked lists by hand, by law, and with worths that are known."""

from itertools import permutations

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from bsna import estimation as est
from bsna.estimation.plackett_luce import NoConvergence, highest, scores_and_information
from bsna.estimation.ranked_lists import lists_of
from bsna.estimation.ranks import _places

ITEMS = ["army", "police", "chief"]
CHOICES = ["first", "second"]


def listed(*lists: tuple[str, ...], weight: list[float] | None = None) -> est.SurveyDesign:
    frame = pd.DataFrame(
        {name: [given[k] if len(given) > k else None for given in lists] for k, name in enumerate(CHOICES)}
    )
    return est.survey_design(frame.assign(weight=weight or 1.0), stratum=None, psu=None)


def ranked(ranks: list[tuple[float, ...]], weight: list[float] | None = None) -> est.SurveyDesign:
    frame = pd.DataFrame(ranks, columns=ITEMS).assign(weight=weight or 1.0)
    return est.survey_design(frame, stratum=None, psu=None)


BY_ITEM = {item: item for item in ITEMS}
ASK = (["choice_0", "choice_1"], list("abcd"))
SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=25, deadline=None)


def chance(groups: list[list[int]], worths: np.ndarray) -> float:
    """The chance of a list by going through every order of all items: those where the groups come first, in turn."""
    total, listed = 0.0, sum(map(len, groups))
    for order in permutations(range(len(worths))):
        at, fits = 0, True
        for group in groups:
            fits &= set(order[at : at + len(group)]) == set(group)
            at += len(group)
        if fits and at == listed:
            total += np.prod([worths[item] / worths[list(order[k:])].sum() for k, item in enumerate(order)])
    return total


def some_groups(rng: np.random.Generator, lists: int, items: int) -> list[list[list[int]]]:
    """Lists cut short anywhere, with ties anywhere."""
    found = []
    for _ in range(lists):
        order = rng.permutation(items)[: rng.integers(1, items + 1)].tolist()
        ends = np.flatnonzero(rng.random(len(order) - 1) < 0.6) + 1
        found.append([part.tolist() for part in np.split(np.array(order), ends)])
    return found


def drawn(rng: np.random.Generator, people: int, worths: np.ndarray, places: int) -> pd.DataFrame:
    """Lists of people in clusters, each the order of worths times exponential luck."""
    luck = rng.exponential(size=(people, len(worths))) / worths
    order = luck.argsort(axis=1)[:, :places]
    frame = pd.DataFrame({f"choice_{k}": np.array(["a", "b", "c", "d"])[order[:, k]] for k in range(places)})
    return frame.assign(psu=rng.integers(0, 40, people), weight=rng.uniform(0.5, 2, people))


def test_of_two_items_a_worth_is_the_share_that_names_it_first():
    design = listed(("army",), ("army",), ("police",), weight=[1.0, 2.0, 3.0])
    assert est.rank_model(design, ["first"], ["army", "police"]).worths == pytest.approx([0.5, 0.5])


def test_a_list_is_choices_one_after_another():
    # lists ab, ac, ba: the likelihood a b/(b+c) . a c/(b+c) . b a/(a+c) is highest where its derivatives are nil
    design = listed(("army", "police"), ("army", "chief"), ("police", "army"))

    def loss(logs):
        a, b, c = np.exp([0, *logs]) / np.exp([0, *logs]).sum()
        return -np.log(a * b / (b + c) * a * c / (b + c) * b * a / (a + c))

    best = np.exp([0, *optimize.minimize(loss, [0, 0], tol=1e-12).x])
    assert est.rank_model(design, CHOICES, ITEMS).worths == pytest.approx(best / best.sum(), abs=1e-5)


def test_ranks_by_item_are_the_lists_they_stand_for():
    lists = est.rank_model(listed(("army", "police"), ("police",), ("chief", "army")), CHOICES, ITEMS)
    ranks = est.rank_model(ranked([(1, 2, np.nan), (np.nan, 1, np.nan), (2, np.nan, 1)]), BY_ITEM, ITEMS)
    np.testing.assert_allclose(ranks.worths, lists.worths, atol=1e-9)
    np.testing.assert_allclose(ranks.covariance, lists.covariance, atol=1e-9)


def test_a_tie_has_the_chances_of_all_its_orders_together():
    """Against the likelihood written out, with its derivatives by differences."""
    ranks = [(1, 1, 2), (1, 2, 3), (2, 1, 1), (3, 1, 2), (1, 3, 2), (2, 1, 3)]
    weight = [1.0, 2.0, 1.5, 1.0, 3.0, 0.5]
    fit = est.rank_model(ranked(ranks, weight), BY_ITEM, ITEMS)

    def chance(order, worths):
        left, found = list(range(3)), 1.0
        for item in order:
            found *= worths[item] / worths[left].sum()
            left.remove(item)
        return found

    def loss(logs):
        worths = np.exp([0, *logs])
        told = [[o for o in permutations(range(3)) if list(np.array(r)[list(o)]) == sorted(r)] for r in ranks]
        return -sum(w * np.log(sum(chance(o, worths) for o in orders)) for w, orders in zip(weight, told, strict=True))

    best = np.exp([0, *optimize.minimize(loss, [0, 0], tol=1e-13).x])
    np.testing.assert_allclose(fit.worths, best / best.sum(), atol=1e-6)


def test_a_tie_of_everything_says_nothing():
    lists = [(1, 2, 3), (2, 1, 3), (3, 1, 2), (1, 3, 2)]
    one, two = (est.rank_model(ranked(ranks), BY_ITEM, ITEMS) for ranks in (lists, [*lists, (1, 1, 1)]))
    np.testing.assert_allclose(one.worths, two.worths, atol=1e-9)


def test_errors_with_ties_are_those_of_small_changes_of_weight():
    """Linearised errors: the derivative of the worths in each person's weight, by differences."""
    rng = np.random.default_rng(4)
    ranks = [tuple(float(r) for r in rng.integers(1, 4, 3)) for _ in range(25)]
    weight = rng.uniform(1, 3, 25)
    fit = est.rank_model(ranked(ranks, list(weight)), BY_ITEM, ITEMS)
    influence = []
    for k in range(25):
        ends = [
            est.rank_model(ranked(ranks, list(weight + step * (np.arange(25) == k))), BY_ITEM, ITEMS).worths
            for step in (1e-4, -1e-4)
        ]
        influence.append((ends[0] - ends[1]) / 2e-4 * weight[k])
    scores = np.array(influence) - np.mean(influence, axis=0)
    np.testing.assert_allclose(fit.covariance, 25 / 24 * scores.T @ scores, rtol=1e-4, atol=1e-9)


def test_known_worths_are_found_and_their_intervals_hold_them():
    worths, rng, hits = np.array([0.4, 0.3, 0.2, 0.1]), np.random.default_rng(8), []
    for _ in range(150):
        fit = est.rank_model(
            est.survey_design(drawn(rng, 400, worths, 3), stratum=None),
            ["choice_0", "choice_1", "choice_2"],
            list("abcd"),
        )
        hits.append(np.abs(fit.worths - worths) <= 2.02 * np.sqrt(np.diag(fit.covariance)))
    assert 0.9 < np.mean(hits) < 0.99


@FEW
@given(SEEDS)
def test_scores_and_information_are_the_derivatives_of_chances_added_up_over_every_order(seed):
    rng = np.random.default_rng(seed)
    groups, logs, weight = some_groups(rng, 6, 4), rng.normal(0, 0.7, 4), rng.uniform(0.5, 3, 6)
    scores, information = scores_and_information(logs, lists_of(groups, 4), weight)

    def value(logs):
        return np.log([chance(group, np.exp(logs)) for group in groups])

    step, way = 1e-4, np.eye(4)
    slopes = np.column_stack([(value(logs + step * e) - value(logs - step * e)) / (2 * step) for e in way])
    np.testing.assert_allclose(scores, slopes, atol=1e-6)
    for i in range(4):
        for j in range(4):
            ends = [value(logs + step * (a * way[i] + b * way[j])) for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
            curved = weight @ (ends[0] - ends[1] - ends[2] + ends[3]) / (4 * step**2)
            assert information[i, j] == pytest.approx(-curved, abs=1e-5)


def test_chances_of_a_tie_and_of_both_orders_are_the_same():
    # (1, 1, 2) is army police chief or police army chief: worths a, b, c give a b / (b + c) + b a / (a + c), of sum one
    worths = np.array([0.5, 0.3, 0.2])
    assert chance([[0, 1], [2]], worths) == pytest.approx(0.5 * 0.3 / 0.5 + 0.3 * 0.5 / 0.7)
    assert chance([[0, 1, 2]], worths) == pytest.approx(1)


@FEW
@given(SEEDS)
def test_the_last_place_of_a_full_list_tells_nothing(seed):
    frame = drawn(np.random.default_rng(seed), 120, np.array([0.4, 0.3, 0.2, 0.1]), 4)
    design = est.survey_design(frame, stratum=None)
    whole, cut = (est.rank_model(design, [f"choice_{k}" for k in range(places)], list("abcd")) for places in (4, 3))
    np.testing.assert_allclose(whole.worths, cut.worths, rtol=1e-9)
    np.testing.assert_allclose(whole.covariance, cut.covariance, rtol=1e-7, atol=1e-12)


@FEW
@given(SEEDS)
def test_an_item_that_nobody_names_changes_nothing(seed):
    frame = drawn(np.random.default_rng(seed), 120, np.array([0.4, 0.3, 0.2, 0.1]), 2)
    design = est.survey_design(frame, stratum=None)
    one, two = (est.rank_model(design, ASK[0], items) for items in (list("abcd"), list("abxcd")))
    np.testing.assert_allclose(one.worths, np.delete(two.worths, 2), rtol=1e-9)
    np.testing.assert_allclose(one.covariance, np.delete(np.delete(two.covariance, 2, 0), 2, 1), rtol=1e-7, atol=1e-12)
    assert two.worths[2] == two.covariance[2, 2] == 0
    tables = [
        est.rank_bootstrap(design, ASK[0], i, rng=np.random.default_rng(3), draws=50)[0] for i in ("abcd", "abxcd")
    ]
    pd.testing.assert_frame_equal(tables[0], tables[1].drop(2).reset_index(drop=True), rtol=1e-9)


def test_an_item_that_no_list_ranks_above_the_others_has_worth_zero_and_its_place():
    """All rank army first, and two of three police before chief: worths 1, 0, 0, in that order of places."""
    lists = [("army", "police"), ("army", "police"), ("army", "chief")] * 20
    fit = est.rank_model(listed(*lists), CHOICES, ITEMS)
    assert fit.worths.tolist() == [1, 0, 0]
    assert (fit.covariance == 0).all()
    assert [fit.gap("army", "police")[key] for key in ("estimate", "se")] == [1, 0]
    table, _ = est.rank_bootstrap(listed(*lists), CHOICES, ITEMS, rng=np.random.default_rng(2), top=2)
    assert table["prob_top"].tolist() == pytest.approx([1, 1, 0], abs=0.02)
    assert table["named"].tolist() == pytest.approx([1, 2 / 3, 1 / 3])


def test_level_items_share_the_places_left():
    # of four, one is above; two level ones share the second place, then both have one
    worths = np.array([[0.4, 0.25, 0.25, 0.1], [0.0, 0.5, 0.5, 0.0]])
    assert _places(worths, 2).tolist() == [[1, 0.5, 0.5, 0], [0, 1, 1, 0]]
    assert _places(worths, 3).tolist() == [[1, 1, 1, 0], [0, 1, 1, 0]]
    assert _places(worths, 1).tolist() == [[1, 0, 0, 0], [0, 0.5, 0.5, 0]]


def test_the_top_is_as_sure_as_replicates_make_it():
    frame = drawn(np.random.default_rng(5), 600, np.array([0.32, 0.28, 0.22, 0.18]), 2)
    design, rng = est.survey_design(frame, stratum=None), np.random.default_rng(1)
    table, worths = est.rank_bootstrap(design, *ASK, rng=rng, top=2)
    assert table["prob_top"].sum() == pytest.approx(2)
    assert table["prob_top"].tolist() == ((-worths).argsort(axis=1).argsort(axis=1) < 2).mean(axis=0).tolist()
    replicates = est.bootstrap(design, np.random.default_rng(1), 500)
    own, same = est.rank_bootstrap(replicates, *ASK, rng=np.random.default_rng(7), top=2)
    np.testing.assert_allclose(same, worths, rtol=1e-9)  # the design's own draws, not those of the generator
    np.testing.assert_allclose(own["prob_top"], table["prob_top"])


def declared(frame: pd.DataFrame) -> dict[str, est.SurveyDesign]:
    """Designs in which the spread of draws is not that of clusters drawn with replacement."""
    frame = frame.assign(clusters=44, people=60, person=np.arange(600), lone=frame["psu"].clip(upper=16))
    plain = est.survey_design(frame, stratum=None)
    population = {name: int(k) for name, k in zip("abcd", (260, 250, 240, 20), strict=True)}
    return {
        "drawn in part": est.survey_design(frame, stratum=None, fpc=("clusters",)),
        "two stages": est.survey_design(frame, stratum=None, ssu="person", fpc=("clusters", "people")),
        "calibrated": est.poststratified(plain, "choice_0", population),
        "jackknife": est.jackknife(plain),
        "lone clusters": est.survey_design(frame, stratum="lone", lonely="adjust"),
    }


@pytest.mark.parametrize("name", ["drawn in part", "two stages", "calibrated", "jackknife", "lone clusters"])
def test_draws_spread_as_the_worths_of_the_design_do(name):
    """The spread of 2,000 draws is known to 1 / sqrt(4000), 1.6 in 100 of it; that of refitted worths is not quite linear."""
    design = declared(drawn(np.random.default_rng(5), 600, np.array([0.32, 0.28, 0.22, 0.18]), 2))[name]
    fit = est.rank_model(design, *ASK)
    table, worths = est.rank_bootstrap(design, *ASK, rng=np.random.default_rng(1), draws=2000, top=2)
    np.testing.assert_allclose(worths.std(axis=0), np.sqrt(np.diag(fit.covariance)), rtol=0.1)
    np.testing.assert_allclose(worths.mean(axis=0), fit.worths, atol=0.15 * np.sqrt(np.diag(fit.covariance)).max())
    assert table["prob_top"].sum() == pytest.approx(2)


def test_without_a_bootstrap_no_order_is_made_up_for_items_of_worth_zero():
    frame = pd.DataFrame([("army", "police"), ("army", "chief")] * 20, columns=CHOICES).assign(weight=1.0)
    design = est.jackknife(est.survey_design(frame, stratum=None, psu=None))
    with pytest.raises(ValueError, match=r"No list ranks \['police', 'chief'\] above the others"):
        est.rank_bootstrap(design, CHOICES, ITEMS, rng=np.random.default_rng(1))


def test_draws_without_anybody_who_ranks_are_told():
    frame = pd.DataFrame({"first": ["army", "police"] + [None] * 6, "psu": [0, 0, 1, 2, 3, 4, 5, 6], "weight": 1.0})
    with pytest.raises(ValueError, match=r"of 100 draws hold nobody who ranks"):
        est.rank_bootstrap(
            est.survey_design(frame, stratum=None), ["first"], ITEMS, rng=np.random.default_rng(1), draws=100
        )
    nobody = highest(lists_of([[[0]], [[1]]], 2), np.array([[1.0, 1.0], [0.0, 0.0]]), 2)
    assert np.isnan(nobody).all(axis=1).tolist() == [False, True]


def test_a_table_and_replicates_give_the_same_worths():
    frame = drawn(np.random.default_rng(6), 500, np.array([0.4, 0.3, 0.2, 0.1]), 3)
    rows, table = est.survey_design(frame, stratum=None), est.survey_design(ibis.memtable(frame), stratum=None)
    ask = (["choice_0", "choice_1", "choice_2"], list("abcd"))
    one, two, three = (est.rank_model(d, *ask) for d in (rows, table, est.jackknife(rows)))
    np.testing.assert_allclose(one.covariance, two.covariance, rtol=1e-9)
    np.testing.assert_allclose(np.diag(one.covariance), np.diag(three.covariance), rtol=0.1)


def test_a_table_of_ranks_by_item_with_ties_gives_the_same_worths():
    rng = np.random.default_rng(9)
    frame = pd.DataFrame(rng.integers(1, 4, (300, 3)).astype(float), columns=ITEMS).mask(rng.random((300, 3)) < 0.2)
    frame = frame.assign(weight=rng.uniform(1, 2, 300), psu=rng.integers(0, 30, 300))
    one, two = (est.survey_design(given, stratum=None) for given in (frame, ibis.memtable(frame)))
    fits = [est.rank_model(d, BY_ITEM, ITEMS) for d in (one, two)]
    np.testing.assert_allclose(fits[0].worths, fits[1].worths, rtol=1e-9)
    np.testing.assert_allclose(fits[0].covariance, fits[1].covariance, rtol=1e-9)
    draws = [est.rank_bootstrap(d, BY_ITEM, ITEMS, rng=np.random.default_rng(1), draws=40)[1] for d in (one, two)]
    np.testing.assert_allclose(draws[0], draws[1], rtol=1e-9)


@pytest.mark.parametrize("bad", [0.0, -1.0, 99.0, "2", True])
def test_what_is_no_rank_is_refused(bad):
    frame = pd.DataFrame({"army": [1.0, 2.0], "police": [2.0, 1.0], "chief": [bad, None], "weight": 1.0})
    with pytest.raises(ValueError, match=r"'chief' holds .* no rank of 3 items"):
        est.rank_model(est.survey_design(frame, stratum=None, psu=None), BY_ITEM, ITEMS)


@pytest.mark.parametrize("ranks", [(1, 1, 1), (1, 1, 2), (1, 1, np.nan)])
def test_items_that_are_tied_in_all_lists_are_not_told_apart(ranks):
    for ask in (est.rank_model, lambda *given: est.rank_bootstrap(*given, rng=np.random.default_rng(1))):
        with pytest.raises(ValueError, match=r"Nothing tells \['army'\] from \['police'\]"):
            ask(ranked([ranks] * 5), BY_ITEM, ITEMS)


def test_lists_of_which_nearly_all_say_nothing_are_refused_rather_than_stopped_short():
    with pytest.raises(NoConvergence, match="do not settle"):
        est.rank_model(ranked([(1, 2, 3), (2, 1, 3), (3, 1, 2), (1, 3, 2)] + [(1, 1, 1)] * 900), BY_ITEM, ITEMS)


def test_lists_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match=r"1 respondent\(s\) name an item twice"):
        est.rank_model(listed(("army", "army"), ("police",)), CHOICES, ITEMS)
    with pytest.raises(ValueError, match=r"3 respondent\(s\) name an item twice, for instance \['army', 'army'\]"):
        est.rank_model(listed(*[("army", "army")] * 2, ("chief", "chief"), ("police",)), CHOICES, ITEMS)
    with pytest.raises(ValueError, match=r"\['', 'navy'\] 3 time\(s\), not among the items"):
        est.rank_model(listed(("navy",), ("navy",), ("",), ("army",)), CHOICES, ITEMS)
    for choices, items in (([], ITEMS), (["first"], [*ITEMS, "army"])):
        with pytest.raises(ValueError, match="give a column or more, and each item once"):
            est.rank_model(listed(("army",), ("police",)), choices, items)
    for draws, top in ((1, 3), (100, 0)):
        with pytest.raises(ValueError, match="two draws or more"):
            est.rank_bootstrap(
                listed(("army",), ("police",)), ["first"], ITEMS, rng=np.random.default_rng(1), draws=draws, top=top
            )
    with pytest.raises(est.EmptyDomain, match="first choice"):
        est.rank_model(listed((), ()), CHOICES, ITEMS)
    six = pd.DataFrame([[1.0] * 6], columns=list("abcdef")).assign(weight=1.0)
    with pytest.raises(ValueError, match="6 items share a rank"):
        est.rank_model(
            est.survey_design(six, stratum=None, psu=None, lonely="adjust"),
            dict(zip("abcdef", "abcdef")),
            list("abcdef"),
        )
