"""Where a covariate predicts an outcome without fail there is no fit, and only there: a linear programme says where."""

import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize

from bsna import estimation as est

MODELS = {
    "logit": (est.binary_logit, 1),
    "probit": (est.binary_probit, 1),
    "count": (est.poisson_regression, 3),
    "ordered logit": (est.ordered_logit, 3),
    "ordered probit": (est.ordered_probit, 3),
}


def surveyed(outcome: list[int], x: np.ndarray, weight: list[float]) -> est.SurveyDesign:
    frame = pd.DataFrame({"y": outcome, "psu": np.arange(len(outcome)), "weight": weight})
    return est.survey_design(frame.assign(**{f"x{k}": column for k, column in enumerate(x.T)}), stratum=None)


def ends(model: str, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Rows a such that a direction d lets no likelihood fall if a'd is nowhere below nil."""
    one = np.column_stack([np.ones(len(y)), x])
    if model == "count":
        return np.vstack([-one[y == 0], one[y > 0], -one[y > 0]])
    if not model.startswith("ordered"):
        return one * np.where(y > 0, 1, -1)[:, None]
    cuts = np.eye(int(y.max()) + 2)[:, 1:-1]  # of threshold k, in row k + 1
    up, down = np.column_stack([x, -cuts[y]]), np.column_stack([-x, cuts[y + 1]])
    return np.vstack([up[y > 0], down[y < y.max()]])


def is_separated(rows: np.ndarray) -> bool:
    """Whether some direction makes a row's likelihood rise and lets none fall. Source: Konis (2007)."""
    found = optimize.linprog(-rows.sum(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=[(-1, 1)] * rows.shape[1])
    return -found.fun > 1e-7


@pytest.mark.parametrize("model", MODELS)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_model_has_a_fit_unless_a_linear_programme_finds_separation(model, data):
    rows = data.draw(st.integers(6, 24))
    fit, highest = MODELS[model]
    draw = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    x = draw.integers(0, 3, (rows, data.draw(st.integers(1, 2)))).astype(float)
    towards = data.draw(st.sampled_from([0.0, 1.0, 4.0]))
    y = np.clip(np.round(towards * (x[:, 0] - 1) + draw.normal(size=rows) + highest / 2), 0, highest).astype(int)
    design = surveyed(y.tolist(), x, draw.uniform(0.5, 2, rows).tolist())
    one = np.column_stack([np.ones(rows), x])
    assume(y.min() < y.max() and np.linalg.matrix_rank(one) == one.shape[1])
    assume(model == "count" or len(np.unique(y)) == y.max() + 1)
    terms = [f"x{k}" for k in range(x.shape[1])]
    if is_separated(ends(model, y, x)):
        with pytest.raises(est.NoFit, match="separation"):
            fit(design, "y", terms)
    else:
        assert np.isfinite(fit(design, "y", terms).coefficients).all()


def test_two_villages_whose_answers_do_not_meet_leave_the_gap_between_them_open():
    """One village answers 0 or 1, the other 2 or 3: within each the odds are known, between them anything fits better."""
    design = surveyed([0, 0, 1, 1, 2, 2, 3, 3], np.repeat([[0.0], [1.0]], 4, axis=0), [1.0] * 8)
    with pytest.raises(est.NoFit, match=r"\['x0'\] predict.*separation"):
        est.ordered_logit(design, "y", ["x0"])


def test_one_light_person_who_breaks_the_rule_gives_a_fit():
    """Log odds of 1 to a hundred million: far, but not without end."""
    design = surveyed([0, 0, 0, 1, 1, 0], np.array([[0.0, 0, 1, 0, 1, 1]]).T, [1, 1, 1, 1, 1e8, 1e-8])
    fit = est.binary_logit(design, "y", ["x0"])
    # of those with x0 at 1, weights of 1e8 said yes and 1 + 1e-8 no; at 0, weights of 1 yes and 2 no
    assert fit.coefficients == pytest.approx([np.log(1 / 2), np.log(1e8 / (1 + 1e-8)) - np.log(1 / 2)], rel=1e-9)


def test_a_fit_can_be_written_down_and_read_again():
    design = surveyed([0, 1, 1, 0, 1, 0], np.array([[0.0, 0, 1, 0, 1, 1]]).T, [1.0] * 6)
    for fit in (
        est.binary_logit(design, "y", ["x0"]),
        est.linear(design, "y", ["x0"]),
        est.ordered_probit(design, "y", ["x0"]),
    ):
        again = pickle.loads(pickle.dumps(fit))
        pd.testing.assert_frame_equal(again.table(), fit.table())
        pd.testing.assert_frame_equal(
            est.average_marginal_effects(again, design), est.average_marginal_effects(fit, design)
        )
