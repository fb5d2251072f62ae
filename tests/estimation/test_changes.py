"""The same measure in two samples drawn apart."""

import numpy as np
import pandas as pd
import pytest

from bsna.estimation import change, mean, proportion, survey_design


def sample(seed, clusters, share):
    rng = np.random.default_rng(seed)
    psu = np.repeat(np.arange(clusters), 6)
    yes = (rng.random(len(psu)) < share).astype(float)
    return pd.DataFrame({"yes": yes, "psu": psu, "stratum": "all", "weight": rng.uniform(0.5, 2, len(psu))})


def design(frame):
    return survey_design(frame, lonely="adjust")


def test_a_change_is_the_later_share_minus_the_earlier_and_its_variances_add_up():
    # 30% with a standard error of 3 points, then 50% with 4: up 20 points, error 5, since 3² + 4² = 5².
    # Satterthwaite: 25² / (9² / 20 + 16² / 30) = 625 / (4.05 + 8.5333) = 49.669
    row = dict.fromkeys(["by", "level", "category", "population", "status", "status_reason"], "")
    before = pd.DataFrame([row | {"measure": "m", "estimate": 0.3, "se": 0.03, "df": 20.0, "n": 400, "clusters": 21}])
    after = pd.DataFrame([row | {"measure": "m", "estimate": 0.5, "se": 0.04, "df": 30.0, "n": 300, "clusters": 31}])
    moved = change(before.assign(unit="share"), after.assign(unit="share")).iloc[0]
    assert moved["estimate"] == pytest.approx(0.2)
    assert moved["se"] == pytest.approx(0.05)
    assert moved["df"] == pytest.approx(625 / (81 / 20 + 256 / 30))
    assert (moved["n"], moved["clusters"], moved["unit"]) == (300, 21, "points")


def test_the_error_of_a_change_is_that_of_both_samples_put_into_one_design_as_strata():
    one, two = sample(1, 20, 0.4), sample(2, 30, 0.6)
    moved = change(proportion(design(one), "yes"), proportion(design(two), "yes")).iloc[0]
    both = pd.concat([one.assign(stratum="first"), two.assign(stratum="second")], ignore_index=True)
    shares = [proportion(design(f), "yes")["estimate"].iloc[0] for f in (one, two)]
    # each person's influence on the difference of the two shares, written as a measure whose total is estimated
    first = both["stratum"] == "first"
    weight = both["weight"].groupby(first).transform("sum")
    influence = np.where(first, -1.0, 1.0) * (both["yes"] - np.where(first, *shares)) / weight
    scores = (influence * both["weight"]).to_numpy()[:, None]
    assert moved["se"] ** 2 == pytest.approx(design(both).variance(scores)[0, 0], rel=1e-12)


def test_rows_of_different_measures_are_not_subtracted():
    frame = sample(3, 10, 0.5).assign(no=lambda f: 1 - f["yes"])
    with pytest.raises(ValueError, match="do not stand for the same measures"):
        change(proportion(design(frame), "yes"), proportion(design(frame), "no"))


def test_a_change_of_a_mean_keeps_its_unit():
    frame = sample(4, 10, 0.5)
    assert change(mean(design(frame), "yes"), mean(design(frame), "yes"))["unit"].tolist() == ["number"]
