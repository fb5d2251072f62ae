"""Models by hand, and what is read off them. R's own values are in the ledger."""

import ibis
import numpy as np
import pandas as pd
import pytest
from scipy import special

from bsna import estimation as est
from tests.estimation.doors import people


@pytest.fixture
def design() -> est.SurveyDesign:
    return est.survey_design(people(31, rows=300).dropna(ignore_index=True), lonely="adjust")


def shares(design: est.SurveyDesign, outcome: str) -> dict[str, float]:
    rows = est.proportion(design, outcome, by="sex")
    return dict(zip(rows["level"], rows["estimate"], strict=True))


def test_a_saturated_logit_is_the_log_odds_of_shares(design):
    fit = est.binary_logit(design, "feels_safe", ["sex"])
    men, women = (shares(design, "feels_safe")[sex] for sex in ("man", "woman"))
    assert fit.names == ("(Intercept)", "sex=woman")
    np.testing.assert_allclose(
        fit.coefficients, [special.logit(men), special.logit(women) - special.logit(men)], rtol=1e-10
    )
    # the error of log odds is that of the share, over p (1 - p)
    se = est.proportion(design, "feels_safe", by="sex")["se"].iloc[0]
    assert fit.se[0] == pytest.approx(se / (men * (1 - men)), rel=1e-10)


def test_a_saturated_probit_and_count_model_are_their_links_of_means(design):
    probit = est.binary_probit(design, "feels_safe", ["sex"])
    assert probit.coefficients[0] == pytest.approx(special.ndtri(shares(design, "feels_safe")["man"]), rel=1e-10)
    means = est.mean(design, "trust", by="sex")["estimate"]
    count = est.poisson_regression(design, "trust", ["sex"])
    np.testing.assert_allclose(count.coefficients, [np.log(means[0]), np.log(means[1] / means[0])], rtol=1e-10)


def test_a_linear_model_is_weighted_least_squares(design):
    fit = est.linear(design, "trust", ["age", "sex"])
    x = np.column_stack([np.ones(fit.n), design.numbers("age"), design.frame["sex"] == "woman"]).astype(float)
    w, y = design.weights, design.numbers("trust")
    beta = np.linalg.solve((x.T * w) @ x, (x.T * w) @ y)
    np.testing.assert_allclose(fit.coefficients, beta, rtol=1e-10)
    bread = np.linalg.inv((x.T * w) @ x)
    np.testing.assert_allclose(
        fit.covariance, bread @ design.variance(x * (w * (y - x @ beta))[:, None]) @ bread, rtol=1e-8
    )


def test_thresholds_without_covariates_are_log_odds_of_cumulative_shares(design):
    for model, link in ((est.ordered_logit, special.logit), (est.ordered_probit, special.ndtri)):
        fit = model(design, "trust", [])
        below = est.distribution(
            design.with_columns(answer=design.frame["trust"].astype(int).astype(str)), "answer", tuple("0123")
        )
        np.testing.assert_allclose(fit.coefficients, link(below["estimate"].cumsum()[:-1]), rtol=1e-9)


def test_an_ordered_model_of_two_answers_is_a_binary_one(design):
    one, two = (model(design, "feels_safe", ["age", "sex"]) for model in (est.binary_logit, est.ordered_logit))
    np.testing.assert_allclose(two.coefficients, [*one.coefficients[1:], -one.coefficients[0]], rtol=1e-8)
    np.testing.assert_allclose(two.se, [*one.se[1:], one.se[0]], rtol=1e-8)


def test_an_interaction_saturates_two_covariates(design):
    fit = est.binary_logit(design, "feels_safe", ["sex", "is_victim", "sex:is_victim"])
    cells = est.proportion(design, "feels_safe", by="sex", where="is_victim")["estimate"]
    assert fit.coefficients.sum() == pytest.approx(special.logit(cells[1]), rel=1e-9)


def test_an_offset_counts_as_time_does(design):
    timed = design.with_columns(log_years=np.log(design.numbers("age")))
    fit = est.poisson_regression(timed, "trust", [], offset="log_years")
    rate = est.ratio(design, "trust", "age")["estimate"].iloc[0]
    assert fit.coefficients[0] == pytest.approx(np.log(rate), rel=1e-10)


def test_effects_of_an_ordered_outcome_add_up_to_nothing_and_tops_to_their_sum(design):
    rows = est.average_marginal_effects(est.ordered_logit(design, "trust", ["sex", "age"]), design)
    for _, part in rows.groupby(["by", "level"]):
        by_answer = part.set_index("category")["estimate"]
        assert by_answer[list("0123")].sum() == pytest.approx(0, abs=1e-12)
        assert by_answer[est.TOP_TWO] == pytest.approx(by_answer["2"] + by_answer["3"], rel=1e-10)


def test_a_numeric_effect_is_the_average_slope(design):
    fit = est.binary_logit(design, "feels_safe", ["age", "sex"])
    row = est.average_marginal_effects(fit, design).set_index("by").loc["age"]
    chance = special.expit(
        fit.coefficients[0]
        + fit.coefficients[1] * design.numbers("age")
        + fit.coefficients[2] * (design.frame["sex"] == "woman")
    )
    slope = np.average(chance * (1 - chance), weights=design.weights) * fit.coefficients[1]
    assert row["estimate"] == pytest.approx(slope, rel=1e-6)


def test_predicted_margins_of_the_only_covariate_are_its_shares(design):
    rows = est.predicted_margins(est.binary_logit(design, "feels_safe", ["sex"]), design, "sex")
    assert dict(zip(rows["level"], rows["estimate"], strict=True)) == pytest.approx(shares(design, "feels_safe"))


def test_expected_outcomes_stay_within_nil_and_one(design):
    fit = est.binary_logit(design, "feels_safe", ["sex"])
    rows = est.expected_outcomes(fit, pd.DataFrame({"sex": ["woman", "man"]}))
    assert rows["estimate"].tolist() == pytest.approx([shares(design, "feels_safe")[s] for s in ("woman", "man")])
    assert (rows["low"] > 0).all() and (rows["high"] < 1).all()
    with pytest.raises(ValueError, match="knows nothing"):
        est.expected_outcomes(fit, pd.DataFrame({"sex": ["child"]}))


def test_walds_test_of_one_coefficient_is_its_t_squared(design):
    fit = est.binary_logit(design, "feels_safe", ["sex", "age"])
    found, row = est.wald_test(fit, ["age"]), fit.table().iloc[2]
    assert found.f == pytest.approx((row["estimate"] / row["se"]) ** 2, rel=1e-10)
    assert found.p_value == pytest.approx(row["p_value"], rel=1e-8)


def test_a_term_of_no_account_is_found_so_by_both_tests():
    frame = people(33, rows=2000, psus=40)
    fit = est.binary_logit(est.survey_design(frame, lonely="adjust"), "feels_safe", ["sex", "zone"])
    wald, ratio = est.wald_test(fit, ["zone"]), est.working_likelihood_ratio_test(fit, ["zone"])
    assert wald.p_value > 0.1 and ratio.p_value > 0.1
    assert est.wald_test(fit, ["sex"]).p_value < 1e-6


def test_a_contrast_is_the_sum_it_says(design):
    fit = est.binary_logit(design, "feels_safe", ["sex", "age"])
    found = est.contrast(fit, {"ten years": {"age": 10.0}})
    assert found.values[0] == pytest.approx(10 * fit.coefficients[2])
    assert np.sqrt(found.covariance[0, 0]) == pytest.approx(10 * fit.se[2])


def test_replicates_refit_the_model(design):
    fits = [est.binary_logit(d, "feels_safe", ["sex", "age"]) for d in (design, est.jackknife(design))]
    np.testing.assert_allclose(fits[0].coefficients, fits[1].coefficients, rtol=1e-9)
    np.testing.assert_allclose(fits[0].se, fits[1].se, rtol=0.15)


def test_a_model_of_a_table_with_a_continuous_covariate_is_that_of_its_rows():
    frame = people(34, rows=3000)
    frame["exact_age"] = frame["age"] + np.random.default_rng(1).random(3000)
    designs = (est.survey_design(frame), est.survey_design(ibis.memtable(frame)))
    for model, outcome in ((est.binary_logit, "feels_safe"), (est.ordered_logit, "trust")):
        one, two = (model(d, outcome, ["exact_age", "sex"]) for d in designs)
        np.testing.assert_allclose(one.coefficients, two.coefficients, rtol=1e-11)
        np.testing.assert_allclose(one.se, two.se, rtol=1e-11)


def test_links_of_no_use_here_are_refused_by_name(design):
    with pytest.raises(ValueError, match="cauchit"):
        est.ordered_regression(design, "trust", ["sex"], link="cauchit")


@pytest.mark.parametrize("code", [999, 10**9, 2**62])
def test_the_code_of_a_missing_answer_is_no_score(code):
    """Each score up to it would otherwise be an answer: of a code of nine digits, more than fit in memory."""
    frame = people(1).assign(trust=lambda d: d["trust"].fillna(code).astype("int64"))
    for model in (est.ordered_logit, est.ordered_probit):
        with pytest.raises(ValueError, match=r"code of a missing answer|beyond 2\^53"):
            model(est.survey_design(frame, lonely="adjust"), "trust", ["sex"])


def test_covariates_that_arithmetic_would_round_are_refused():
    frame = people(1).assign(person=lambda d: 2**62 + d.index)
    with pytest.raises(ValueError, match=r"'person' has .* beyond 2\^53"):
        est.linear(est.survey_design(frame, lonely="adjust"), "is_victim", ["person"])
