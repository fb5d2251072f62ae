"""Tails of weighted sums of chi-squares: exact where the sum is one, R's where it is not, and laws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from bsna.estimation.mixtures import chi_squares_above, f_sum_above

METHODS = ("satterthwaite", "saddlepoint", "integration")
weights_lists = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=12)
levels = st.floats(0.01, 20)


@pytest.mark.parametrize("method", ["satterthwaite", "integration"])
@pytest.mark.parametrize("count", [1, 2, 7, 300])
@pytest.mark.parametrize("probability", [1e-200, 1e-12, 0.01, 0.4, 0.6, 0.99, 1 - 1e-9])
def test_equal_weights_are_one_chi_square(method, count, probability):
    x = special.chdtri(count, probability)
    assert chi_squares_above(3 * x, [3.0] * count, method=method) == pytest.approx(special.chdtrc(count, x), rel=1e-9)


@pytest.mark.parametrize("method", ["satterthwaite", "integration"])
@pytest.mark.parametrize("count", [1, 2, 7])
@pytest.mark.parametrize("df", [1, 2.5, 66, 1e6])
@pytest.mark.parametrize("x", [1e-3, 0.3, 1.0, 4.0, 300.0])
def test_equal_weights_over_a_chi_square_are_an_f(method, count, df, x):
    got = f_sum_above(2 * count * x, [2.0] * count, df, method=method)
    assert got == pytest.approx(special.fdtrc(count, df, x), rel=1e-8)


def test_two_pairs_of_weights_are_two_exponentials():
    """Two chi-squares of weight a are an exponential of mean 2a: with a = 3 and b = 1 the tail of their sum at x is
    (3 exp(-x/6) - 1 exp(-x/2)) / (3 - 1)."""
    for x in (0.1, 1.0, 6.0, 40.0, 900.0):
        expected = (3 * np.exp(-x / 6) - np.exp(-x / 2)) / 2
        assert chi_squares_above(x, [3, 1, 3, 1]) == pytest.approx(expected, rel=1e-9)


def test_satterthwaite_keeps_the_mean_and_the_variance():
    """3 and 1: mean 4, variance 2 (9 + 1) = 20; 2.5 times a chi-square of 1.6: mean 4, variance 2.5**2 x 3.2 = 20."""
    assert chi_squares_above(5.0, [3, 1], method="satterthwaite") == pytest.approx(
        special.chdtrc(1.6, 5 / 2.5), rel=1e-12
    )
    assert f_sum_above(5.0, [3, 1], 30, method="satterthwaite") == pytest.approx(
        special.fdtrc(1.6, 30, 5 / 4), rel=1e-12
    )


def test_saddlepoint_for_one_exponential_is_kuonens_formula():
    """Weights 1 and 1 at x = 6: slope 2 / (1 - 2z) = 6 gives z = 1/3; K = -log(1 - 2z) = log 3;
    w = sqrt(2 (6/3 - log 3)), v = z sqrt(4 / (1 - 2z)**2) = 2."""
    w = np.sqrt(2 * (2 - np.log(3)))
    expected = special.ndtr(-(w + np.log(2 / w) / w))
    assert chi_squares_above(6.0, [1, 1], method="saddlepoint") == pytest.approx(expected, rel=1e-12)
    assert expected == pytest.approx(np.exp(-3), rel=0.02)


def test_saddlepoint_has_no_hole_at_the_mean():
    near = [chi_squares_above(x, [2, 1], method="saddlepoint") for x in (3 - 1e-6, 3 - 1e-9, 3, 3 + 1e-9, 3 + 1e-6)]
    assert np.ptp(near) < 1e-6
    assert np.all(np.diff(near) < 1e-8)


SETS = ((1, 1, 1), (2.3, 1.1, 0.4), (5, 1, 0.5, 0.2, 0.1), (1.5, 1.4, 1.3, 1.2, 1.1, 1))
"""Weights of the cases pchisqsum and pFsum (the second set) of R survey 4.5, whose upper tails follow:"""
PCHISQSUM = (  # x, set, satterthwaite, saddlepoint, integration
    (0.5, 0, 0.9188914116546759, 0.9186842013449703, 0.9188914116546747),
    (2, 0, 0.5724067044708792, 0.5732007517857349, 0.5724067044708789),
    (5, 0, 0.1717971442967332, 0.17278012673123888, 0.17179714429673265),
    (10, 0, 0.018566135463043233, 0.01877827691991867, 0.018566135463043087),
    (25, 0, 1.544049829110137e-05, 1.5769196642787754e-05, 1.5440498291163784e-05),
    (0.5, 1, 0.8916430427353558, 0.9210362079882071, 0.9222971036309917),
    (2, 1, 0.6053265320431133, 0.6077832263979617, 0.6144569400763105),
    (5, 1, 0.26871813402032163, 0.25023578968952376, 0.25613871273489286),
    (10, 1, 0.06729798840274591, 0.06438597591609077, 0.0647560256170806),
    (25, 1, 0.0009942932973485143, 0.0016601339499691921, 0.001573807403914551),
    (0.5, 2, 0.9085118458423891, 0.9757212595320015, 0.9764082066137103),
    (2, 2, 0.7165986271593107, 0.7608628067055268, 0.771513903975514),
    (5, 2, 0.46304381817610085, 0.43821294489035023, 0.4490516572001336),
    (10, 2, 0.23089826832642668, 0.20894524989496976, 0.208665288618045),
    (25, 2, 0.03062694808223312, 0.03313412868499855, 0.031931847557849946),
    (0.5, 3, 0.9987230266585049, 0.9988177755095131, 0.9988216682224542),
    (2, 3, 0.9506454040654869, 0.9516977771884734, 0.9517023044728394),
    (5, 3, 0.6738262658998125, 0.6742238466311726, 0.6741454663178419),
    (10, 3, 0.23904465440371075, 0.23802447577733593, 0.23812509007370608),
    (25, 3, 0.0029655927119784644, 0.003057200383961439, 0.003086168424931812),
)
PFSUM = (  # x, df, saddlepoint
    (2, 8, 0.6270854916920486),
    (5, 8, 0.3095459002994507),
    (10, 8, 0.12258093106290348),
    (25, 8, 0.018942464755721648),
    (2, 30, 0.6134847898362498),
    (5, 30, 0.26746987569949077),
    (10, 30, 0.07976778152547728),
    (25, 30, 0.004332311832171195),
    (2, 120, 0.6092563632873521),
    (5, 120, 0.25465180981149593),
    (10, 120, 0.0681941965862357),
    (25, 120, 0.0021923747345811333),
)


@pytest.mark.parametrize("case", PCHISQSUM)
def test_sums_of_chi_squares_are_those_of_pchisqsum(case):
    x, at, *tails = case
    assert [chi_squares_above(x, SETS[at], method=method) for method in METHODS] == pytest.approx(tails, rel=1e-5)


@pytest.mark.parametrize("case", PFSUM)
def test_sums_over_a_chi_square_are_those_of_pfsum(case):
    """R gives the saddlepoint's value for its method "satterthwaite", too; ours is the multiple of an F."""
    x, df, tail = case
    assert f_sum_above(x, SETS[1], df, method="saddlepoint") == pytest.approx(tail, rel=1e-5)


@settings(max_examples=30, deadline=None)
@given(weights=weights_lists, part=levels, factor=st.floats(1e-6, 1e6), method=st.sampled_from(METHODS))
def test_the_unit_of_the_sum_does_not_matter(weights, part, factor, method):
    x = part * sum(weights)
    scaled = [w * factor for w in weights]
    assert chi_squares_above(x * factor, scaled, method=method) == pytest.approx(
        chi_squares_above(x, weights, method=method), rel=1e-8, abs=1e-300
    )
    assert f_sum_above(x * factor, scaled, 12, method=method) == pytest.approx(
        f_sum_above(x, weights, 12, method=method), rel=1e-8
    )


@settings(max_examples=30, deadline=None)
@given(weights=weights_lists, part=levels, more=st.floats(1e-3, 2), method=st.sampled_from(METHODS))
def test_further_out_is_less_likely(weights, part, more, method):
    x = part * sum(weights)
    for tail in (
        lambda at: chi_squares_above(at, weights, method=method),
        lambda at: f_sum_above(at, weights, 9, method=method),
    ):
        assert 0 <= tail(x + more * sum(weights)) <= tail(x) <= 1


@settings(max_examples=30, deadline=None)
@given(weights=st.lists(st.floats(0.1, 10), min_size=2, max_size=12), part=st.floats(0.3, 4))
def test_the_saddlepoint_is_near_the_integral(weights, part):
    x = part * sum(weights)
    assert chi_squares_above(x, weights, method="saddlepoint") == pytest.approx(chi_squares_above(x, weights), rel=0.15)
    assert f_sum_above(x, weights, 20, method="saddlepoint") == pytest.approx(f_sum_above(x, weights, 20), rel=0.2)


@settings(max_examples=30, deadline=None)
@given(weights=weights_lists, part=levels)
def test_a_denominator_without_error_is_none(weights, part):
    x = part * sum(weights)
    assert f_sum_above(x, weights, np.inf) == chi_squares_above(x, weights)
    assert f_sum_above(x, weights, 1e10) == pytest.approx(chi_squares_above(x, weights), rel=1e-4, abs=1e-9)


@given(weights=weights_lists, method=st.sampled_from(METHODS))
def test_a_weight_of_nil_adds_nothing(weights, method):
    x = sum(weights)
    assert chi_squares_above(x, [*weights, 0.0], method=method) == chi_squares_above(x, weights, method=method)


@pytest.mark.parametrize("method", METHODS)
def test_the_ends_are_certain(method):
    assert [chi_squares_above(x, [2, 1], method=method) for x in (-1, 0, np.inf, 1e6)] == [1, 1, 0, 0]
    assert [f_sum_above(x, [2, 1], 5, method=method) for x in (-1, 0, np.inf)] == [1, 1, 0]
    assert f_sum_above(1e30, [2, 1], 5, method=method) == pytest.approx(0, abs=1e-40)
    assert f_sum_above(1e-30, [2, 1], 5, method=method) == pytest.approx(1)


def test_what_has_no_distribution_is_refused():
    with pytest.raises(ValueError, match=r"1 of 2 weights are negative: \[-0.5\]"):
        chi_squares_above(1, [1, -0.5])
    with pytest.raises(ValueError, match="1 of 2 weights are missing or infinite"):
        chi_squares_above(1, [1, np.nan])
    for none in ([], [0.0, 0.0]):
        with pytest.raises(ValueError, match=r"None of \d weights is above zero"):
            chi_squares_above(1, none)
    with pytest.raises(ValueError, match="x is missing"):
        chi_squares_above(np.nan, [1])
    with pytest.raises(ValueError, match="df is 0; the denominator needs"):
        f_sum_above(1, [1], 0)
    with pytest.raises(ValueError, match="method is 'davies'; expected satterthwaite"):
        chi_squares_above(1, [1], method="davies")


def test_rounding_of_an_eigenvalue_is_no_negative_weight():
    assert chi_squares_above(3.0, [1.0, -1e-14]) == pytest.approx(special.chdtrc(1, 3.0), rel=1e-10)
