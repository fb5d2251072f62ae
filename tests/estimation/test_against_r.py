"""Every estimator gives the values of R survey 4.5, to the tolerance class of the case."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bsna import estimation as est
from bsna.estimation.regression.likelihoods import Ordered
from bsna.estimation.regression.newton import Block
from bsna.estimation.regression.terms import design_matrix
from bsna.judgement import holm
from bsna.judgement.p_values import above_zero

HERE = Path(__file__).parents[1] / "reference" / "rsurvey"
FILE = json.loads((HERE / "cases.json").read_text())
CASES = {case["id"]: case for case in FILE["cases"]}
TOLERANCE = {"exact": 1e-10, "iter": 1e-8}
TRUST = ("none", "little", "some", "great")
EDUC = ("primary", "lower", "upper", "tertiary")


def load(name: str) -> pd.DataFrame:
    frame = pd.read_csv(HERE / name)
    for column in ("trust_police", "trust_private"):
        position = {level: number for number, level in enumerate(TRUST)}
        frame[f"{column}_score"] = frame[column].map(position)
    frame["great"] = (frame["trust_police"] == "great").astype(float).mask(frame["trust_police"].isna())
    frame["age_scaled"] = (frame["age"] - frame["age"].mean()) / frame["age"].std()
    return frame


def design_of(case_id: str) -> tuple[est.SurveyDesign, pd.Series | None]:
    name = case_id.split("/")[0]
    if name.startswith("d_lonely"):
        rule = case_id.split("/")[1].split("_")[1]
        frame = load("trust_lonely.csv")
        inside = (frame["female"] == 1) & (frame["ethn"] == "B")
        return est.survey_design(frame, weight="w", lonely=rule), inside if name == "d_lonely_dom" else None
    design = est.survey_design(load("trust.csv"), weight="w")
    frame = design.frame
    domains = {
        "d_trust_40": frame["age"] >= 40,
        "d_trust_small": (frame["region"] == "N") & (frame["ethn"] == "C") & (frame["female"] == 1),
    }
    return design, domains.get(name)


def close(got: object, case_id: str, *keys: str) -> None:
    case = CASES[case_id]
    wanted = case["result"]
    for key in keys:
        wanted = wanted[key]
    np.testing.assert_allclose(
        np.asarray(got, dtype=float), np.asarray(wanted, dtype=float), rtol=TOLERANCE[case["tol"]], atol=1e-14
    )


@pytest.mark.parametrize("name", ["d_trust", "d_trust_40"])
def test_means_errors_degrees_of_freedom_and_design_effects_are_those_of_r(name):
    case_id = f"{name}/mean_num"
    design, where = design_of(case_id)
    # R leaves out whoever misses one of the two variables
    both = design.frame["satis"].notna() & design.frame["age"].notna()
    where = both if where is None else both & where
    rows = pd.concat([est.mean(design, m, where=where) for m in ("satis", "age")])
    close(rows["estimate"], case_id, "est")
    close(rows["se"], case_id, "se")
    # R's design effect counts a finite population of as many people as the weights add up to
    n, people = rows["n"].iloc[0], design.weights[design.select(where)].sum()
    close(rows["deff"] * people / (people - n), case_id, "deff")


@pytest.mark.parametrize("name", ["d_trust", "d_trust_40"])
def test_shares_of_each_answer_are_those_of_r(name):
    design, where = design_of(f"{name}/mean_ord")
    rows = est.distribution(design, "trust_police", TRUST, where=where)
    close(rows["estimate"], f"{name}/mean_ord", "est")
    close(rows["se"], f"{name}/mean_ord", "se")
    close(rows["df"].unique(), f"{name}/mean_ord", "df")


@pytest.mark.parametrize("name", ["d_trust", "d_trust_40"])
@pytest.mark.parametrize(
    ("case", "by", "answers", "levels"),
    [("prop_col", "region", "trust_police", TRUST), ("prop_row", "trust_police", "region", ("N", "E", "S", "W"))],
)
def test_shares_by_level_are_those_of_r(name, case, by, answers, levels):
    """Each answer among each level of a breakdown, with its error and, where R gives it, its design effect."""
    design, where = design_of(f"{name}/{case}")
    rows_of_r = CASES[f"{name}/{case}"]["result"]["table"][by]
    for answer in levels:
        flag = (design.frame[answers] == answer).astype(float).mask(design.frame[answers].isna())
        one = design.with_columns(flag=flag)
        rows = est.proportion(one, "flag", by=by, where=where).set_index("level").loc[rows_of_r]
        close(rows["estimate"], f"{name}/{case}", "table", f"{answers}{answer}")
        close(rows["se"], f"{name}/{case}", "table", f"se.{answers}{answer}")
        if case == "prop_col":
            inside = one.frame["flag"].notna() if where is None else one.frame["flag"].notna() & where
            people = one.frame["w"][inside].groupby(one.frame[by][inside]).sum().loc[rows_of_r]
            close(rows["deff"] * people / (people - rows["n"]), f"{name}/{case}", "table", f"DEff.{answers}{answer}")


@pytest.mark.parametrize("name", ["d_trust", "d_trust_40"])
def test_a_difference_on_the_same_people_and_its_p_values_are_those_of_svyttest(name):
    """R tests whether satisfaction minus five is nil. Its p-value is twice the smaller of ours, which are one-sided."""
    design, where = design_of(f"{name}/ttest1")
    row = est.records(est.difference(design.with_columns(five=5.0), "satis", "five", where=where))[0]
    result = CASES[f"{name}/ttest1"]["result"]
    assert row["estimate"] == pytest.approx(result["estimate"][0], rel=1e-8)
    assert row["estimate"] / row["se"] == pytest.approx(result["statistic"][0], rel=1e-8)
    # svyttest fits a model of one coefficient and so counts one degree of freedom less
    assert row["df"] - 1 == result["parameter"][0]
    assert 2 * min(above_zero(row | {"df": row["df"] - 1})) == pytest.approx(result["p_value"], rel=1e-8)


def test_holms_correction_is_that_of_r():
    result = CASES["padjust_holm"]["result"]
    p_values = {f"{number:02d}": p for number, p in enumerate(result["p"]["values"])}
    adjusted = holm(p_values)
    assert [adjusted[name] for name in p_values] == pytest.approx(result["adj"]["values"], rel=1e-12)


@pytest.mark.parametrize("case_id", [case_id for case_id in CASES if "/ciprop_" in case_id])
def test_intervals_of_shares_are_those_of_r(case_id):
    design, where = design_of(case_id)
    row = est.proportion(design, "great", where=where, interval=case_id.split("_")[-1]).iloc[0]
    close(row["estimate"], case_id, "est")
    close(row["low"], case_id, "lower")
    close(row["high"], case_id, "upper")


@pytest.mark.parametrize("name", ["d_trust", "d_trust_40"])
def test_totals_and_ratios_by_region_are_those_of_r(name):
    design, where = design_of(f"{name}/by_total")
    order = ["N", "E", "S", "W"]
    totals = est.total(design, "trusts", by="region", where=where).set_index("level").loc[order]
    close(totals["estimate"], f"{name}/by_total", "coef")
    close(totals["se"], f"{name}/by_total", "se")
    ratios = est.ratio(design, "incidents", "age", by="region", where=where)
    ratios = ratios.set_index("level").loc[order]
    close(ratios["estimate"], f"{name}/by_ratio", "coef")
    close(ratios["se"], f"{name}/by_ratio", "se")


@pytest.mark.parametrize(
    ("case_id", "row", "column"),
    [
        ("d_trust/chisq_F", "trust_police", "region"),
        ("d_trust_40/chisq_F", "trust_police", "region"),
        ("d_trust/chisq2_F", "trust_private", "educ"),
        ("d_trust/chisq3_F", "victim", "female"),
        ("d_trust_40/chisq2_F", "trust_private", "educ"),
        ("d_trust_40/chisq3_F", "victim", "female"),
    ],
)
def test_rao_scott_tests_are_those_of_r(case_id, row, column):
    design, where = design_of(case_id)
    got = est.crosstab(design, row, column, where=where)
    close([got.statistic_f], case_id, "statistic")
    close([got.df1, got.df2], case_id, "parameter")
    close(got.p_value, case_id, "p_value")


@pytest.mark.parametrize("name", ["d_trust", "d_trust_40"])
def test_binary_logit_is_that_of_svyglm(name):
    case_id = f"{name}/glm_binom"
    design, where = design_of(case_id)
    fit = est.binary_logit(
        design, "trusts", ["age", "educ", "female", "victim", "ethn"], where=where, levels={"educ": EDUC}
    )
    close(fit.coefficients, case_id, "coef")
    close(np.sqrt(np.diag(fit.covariance)), case_id, "se")
    assert fit.df == CASES[case_id]["result"]["df_residual"]


def test_ordered_logit_with_covariates_of_unit_scale_is_that_of_svyolr():
    case_id = "d_trust/olr_private_tight"
    design, _ = design_of(case_id)
    fit = est.ordered_logit(
        design,
        "trust_private_score",
        ["region", "educ", "victim", "age_scaled"],
        levels={"educ": EDUC, "region": ("N", "E", "S", "W")},
    )
    result = CASES[case_id]["result"]
    np.testing.assert_allclose(fit.coefficients, result["coef"] + result["zeta"], rtol=1e-8, atol=1e-10)
    # R's Hessian is numerical: see the next test
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), result["se"], rtol=2e-7)
    assert fit.df == result["df_residual"]


@pytest.mark.parametrize("name", ["d_trust", "d_trust_40"])
def test_ordered_logit_differs_from_svyolr_only_by_the_numerical_hessian_of_r(name):
    """Age is in years, so R's finite differences err by some 1e-4. With R's own differences in place of
    the exact second derivatives, the standard errors are R's to its `iter` tolerance."""
    case_id = f"{name}/olr_tight"
    design, where = design_of(case_id)
    terms = ["age", "educ", "female", "victim", "ethn"]
    fit = est.ordered_logit(design, "trust_police_score", terms, where=where, levels={"educ": EDUC})
    result = CASES[case_id]["result"]
    np.testing.assert_allclose(fit.coefficients, result["coef"] + result["zeta"], atol=1e-6 * np.min(result["se"]))
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), result["se"], rtol=1e-3)
    # the columns as they came, since R brings them to no common scale
    rows, people = fit.block(), fit.patterns
    rows = rows._replace(x=design_matrix(people.frame, fit.terms)[0])
    inverse = inverse_of_r(fit.coefficients, fit.equation.likelihood, rows)
    scores = fit.equation.likelihood.summit(fit.coefficients, rows).scores @ inverse
    se = np.sqrt(np.diag(design.score_variance(people, scores / fit.unit_weight)))
    np.testing.assert_allclose(se, result["se"], rtol=2e-8)


def inverse_of_r(beta: np.ndarray, likelihood: Ordered, rows: Block) -> np.ndarray:
    """Inverse of R's Hessian: optim differentiates the gradient with steps of 0.001, and the thresholds
    enter as the first one and the logs of the gaps between them."""
    p = rows.x.shape[1]

    def jacobian(inner: np.ndarray) -> np.ndarray:
        whole = np.eye(len(inner))
        for i in range(len(inner) - p):
            whole[p + i, p] = 1.0
            whole[p + i, p + 1 :] = np.where(np.arange(1, len(inner) - p) <= i, np.exp(inner[p + 1 :]), 0)
        return whole

    def gradient(inner: np.ndarray) -> np.ndarray:
        cuts = np.cumsum(np.concatenate([[inner[p]], np.exp(inner[p + 1 :])]))
        return jacobian(inner).T @ likelihood.parts(np.concatenate([inner[:p], cuts]), rows).gradient

    inner = np.concatenate([beta[: p + 1], np.log(np.diff(beta[p:]))])
    steps = 1e-3 * np.eye(len(inner))
    hessian = np.array([-(gradient(inner + e) - gradient(inner - e)) / 2e-3 for e in steps])
    outer = jacobian(inner)
    return outer @ np.linalg.inv((hessian + hessian.T) / 2) @ outer.T


@pytest.mark.parametrize("rule", ["remove", "certainty", "adjust", "average"])
def test_rules_for_a_stratum_with_one_cluster_are_those_of_r(rule):
    stem = f"d_lonely/lonely_{rule}_adlFALSE"
    design, _ = design_of(f"{stem}/mean")
    both = design.frame["satis"].notna() & design.frame["trusts"].notna()
    rows = pd.concat([est.mean(design, m, where=both) for m in ("satis", "trusts")])
    close(rows["estimate"], f"{stem}/mean", "est")
    close(rows["se"], f"{stem}/mean", "se")
    close(est.total(design, "trusts")["se"], f"{stem}/total", "se")
    got = est.crosstab(design, "trusts", "victim")
    close([got.statistic_f], f"{stem}/chisq", "statistic")
    close([got.df1, got.df2], f"{stem}/chisq", "parameter")
    fit = est.binary_logit(design, "trusts", ["female", "age", "victim"])
    close(fit.coefficients, f"{stem}/glm", "coef")
    close(np.sqrt(np.diag(fit.covariance)), f"{stem}/glm", "se")


@pytest.mark.parametrize("rule", ["remove", "certainty", "adjust"])
def test_small_domains_under_each_rule_are_those_of_r(rule):
    """26 people of one sex and group, over strata of which one has a single cluster.

    R's subset forgets clusters without anybody of the domain, ours keeps them: the mean over all clusters, which "adjust" takes
    for totals, and the number of strata, which "average" takes, are then not the same. No chapter uses either.
    """
    stem = f"d_lonely_dom/lonely_{rule}_adlFALSE"
    design, where = design_of(f"{stem}/mean")
    both = where & design.frame["satis"].notna() & design.frame["trusts"].notna()
    rows = pd.concat([est.mean(design, m, where=both) for m in ("satis", "trusts")])
    close(rows["estimate"], f"{stem}/mean", "est")
    close(rows["se"], f"{stem}/mean", "se")
    if rule != "adjust":
        close(est.total(design, "trusts", where=where)["se"], f"{stem}/total", "se")
    regions = est.proportion(design, "trusts", by="region", where=where).set_index("level").loc[["N", "E", "S", "W"]]
    result = CASES[f"{stem}/by"]["result"]
    np.testing.assert_allclose(regions["estimate"], result["coef"], rtol=1e-10)
    np.testing.assert_allclose(regions["se"], result["se"], rtol=1e-10, atol=1e-14)
    got = est.crosstab(design, "trusts", "victim", where=where)
    close([got.statistic_f], f"{stem}/chisq", "statistic")
    close([got.df1, got.df2], f"{stem}/chisq", "parameter")
    close(got.p_value, f"{stem}/chisq", "p_value")


def test_twelve_people_are_estimated_as_in_r():
    stem = "d_trust_small/lonely_remove_adlFALSE"
    design, where = design_of(f"{stem}/mean")
    both = where & design.frame["satis"].notna() & design.frame["trusts"].notna()
    rows = pd.concat([est.mean(design, m, where=both) for m in ("satis", "trusts")])
    close(rows["estimate"], f"{stem}/mean", "est")
    close(rows["se"], f"{stem}/mean", "se")
    total = est.total(design, "trusts", where=where).iloc[0]
    close([total["estimate"]], f"{stem}/total", "est")
    close([total["se"]], f"{stem}/total", "se")
    close([total["low"]], f"{stem}/total", "ci_t", "lower")


def test_raked_weights_are_those_of_r():
    frame = load("trust.csv")
    frame["sex"] = frame["female"].map({0: "man", 1: "woman"})
    frame["w"] = frame["w"] * 590000 / frame["w"].sum()
    margins = {
        "region": {"N": 150000, "E": 130000, "S": 170000, "W": 140000},
        "sex": {"man": 285000, "woman": 305000},
    }
    got = est.rake(frame, "w", margins)
    np.testing.assert_allclose(got, FILE["raked_weights"], rtol=1e-8)
