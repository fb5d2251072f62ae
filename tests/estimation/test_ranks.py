"""Ranked lists by hand, by law, and with worths that are known."""

from itertools import permutations

import ibis
import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from bsna import estimation as est

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


def test_the_top_is_as_sure_as_replicates_make_it():
    frame = drawn(np.random.default_rng(5), 600, np.array([0.5, 0.3, 0.1, 0.1]), 2)
    design = est.survey_design(frame, stratum=None)
    table, _ = est.rank_bootstrap(design, ["choice_0", "choice_1"], list("abcd"), rng=np.random.default_rng(1), top=2)
    assert table["prob_top"].sum() == pytest.approx(2)
    assert table.set_index("item")["prob_top"]["a"] == 1
    own, _ = est.rank_bootstrap(
        est.jackknife(design), ["choice_0", "choice_1"], list("abcd"), rng=np.random.default_rng(1)
    )
    assert (own["worth"] - table["worth"]).abs().max() < 1e-12


def test_a_table_and_replicates_give_the_same_worths():
    frame = drawn(np.random.default_rng(6), 500, np.array([0.4, 0.3, 0.2, 0.1]), 3)
    rows, table = est.survey_design(frame, stratum=None), est.survey_design(ibis.memtable(frame), stratum=None)
    ask = (["choice_0", "choice_1", "choice_2"], list("abcd"))
    one, two, three = (est.rank_model(d, *ask) for d in (rows, table, est.jackknife(rows)))
    np.testing.assert_allclose(one.covariance, two.covariance, rtol=1e-9)
    np.testing.assert_allclose(np.diag(one.covariance), np.diag(three.covariance), rtol=0.1)


def test_lists_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match=r"1 respondent\(s\) name an item twice"):
        est.rank_model(listed(("army", "army"), ("police",)), CHOICES, ITEMS)
    with pytest.raises(ValueError, match="not among the items"):
        est.rank_model(listed(("navy",), ("army",)), CHOICES, ITEMS)
    with pytest.raises(est.EmptyDomain, match="first choice"):
        est.rank_model(listed((), ()), CHOICES, ITEMS)
    six = pd.DataFrame([[1.0] * 6], columns=list("abcdef")).assign(weight=1.0)
    with pytest.raises(ValueError, match="6 items share a rank"):
        est.rank_model(
            est.survey_design(six, stratum=None, psu=None, lonely="adjust"),
            dict(zip("abcdef", "abcdef")),
            list("abcdef"),
        )
