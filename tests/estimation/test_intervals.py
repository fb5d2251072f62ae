"""Intervals of a share from its error, and from replicates."""

import numpy as np
import pytest
from scipy import stats

from bsna.estimation.intervals import log_odds_se, share_interval
from bsna.estimation.sample.replicates import Replicates

ROW = {"estimate": 0.2, "se": 0.05, "df": 10, "n": 80}


def test_log_odds_and_arc_sines_are_as_far_from_the_middle_on_either_side():
    t = stats.t.ppf(0.975, 10)
    low, high = share_interval(ROW, "xlogit", 0.95, 80)
    # the log odds are log(1/4), with the error 0.05 / (0.2 x 0.8)
    assert np.log([low / (1 - low), high / (1 - high)]) == pytest.approx(np.log(0.25) + np.array([-t, t]) * 0.3125)
    assert share_interval(ROW, "logit", 0.95, 80) == (low, high)
    low, high = share_interval(ROW, "asin", 0.95, 80)
    # the arc sine of the root has the error 0.05 / (2 x 0.4)
    assert np.arcsin(np.sqrt([low, high])) == pytest.approx(np.arcsin(np.sqrt(0.2)) + np.array([-t, t]) * 0.0625)


def test_an_arc_sine_below_nil_is_nil():
    low, high = share_interval(ROW | {"estimate": 0.01, "se": 0.02}, "asin", 0.95, 80)
    assert low == 0 and 0.01 < high < 1
    low, high = share_interval(ROW | {"estimate": 0.99, "se": 0.02}, "asin", 0.95, 80)
    assert high == 1 and 0 < low < 0.99


def test_replicates_have_log_odds_of_their_own():
    """Shares 1/5 and 4/5 under two replicates: log odds -log 4 and log 4, mean nil."""
    replicates = Replicates(np.ones((2, 1)), 0.5, np.ones(2), False, 1)
    assert log_odds_se(replicates, np.array([0.2, 0.8]), 0.5) == pytest.approx(np.log(4))
    reach = stats.t.ppf(0.975, 10) * 0.25
    low, high = share_interval(ROW, "logit", 0.95, 80, log_odds_se=0.25)
    assert (low, high) == pytest.approx((1 / (1 + 4 * np.exp(reach)), 1 / (1 + 4 * np.exp(-reach))))
    assert share_interval(ROW, "xlogit", 0.95, 80, log_odds_se=0.25) == share_interval(ROW, "xlogit", 0.95, 80)


@pytest.mark.parametrize(("drawn", "share"), [([0.0, 0.4], 0.2), ([0.6, 1.0], 0.8), ([0.0, 0.0], 0.0)])
def test_a_replicate_of_nil_or_all_has_no_log_odds(drawn, share):
    replicates = Replicates(np.ones((2, 1)), 0.5, np.ones(2), False, 1)
    assert log_odds_se(replicates, np.array(drawn), share) is None


def test_an_unknown_interval_is_refused_by_name():
    with pytest.raises(ValueError, match="'likelihood' is none of them"):
        share_interval(ROW, "likelihood", 0.95, 80)
