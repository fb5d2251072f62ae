"""From rows to estimates: design first, question second, everything else by keyword."""

from bsna.estimation.changes import change
from bsna.estimation.comparisons import Difference, Incomparable, SeveralGroups, rank_test, t_test
from bsna.estimation.crosstabs import CrossTab, Untestable, crosstab, weighted_table
from bsna.estimation.domains import at_each_level
from bsna.estimation.estimates import difference, differences, distribution, mean, proportion, proportions, ratio, total
from bsna.estimation.joint import Joint, domain_difference, jointly, shares
from bsna.estimation.mixtures import chi_squares_above, f_sum_above
from bsna.estimation.nonresponse.bounds import BOUND_COLUMNS, worst_case_bounds
from bsna.estimation.nonresponse.imputation import Imputed, impute
from bsna.estimation.nonresponse.matching import Unimputable
from bsna.estimation.nonresponse.pooling import Pooled, pool, pooled_estimate
from bsna.estimation.quantiles import quantile
from bsna.estimation.ranks import RankFit, rank_bootstrap, rank_model
from bsna.estimation.regression.contrasts import contrast, nonlinear_contrast
from bsna.estimation.regression.margins import TOP_TWO, average_marginal_effects, predicted_margins
from bsna.estimation.regression.models import (
    Fit,
    NoFit,
    Term,
    binary_logit,
    binary_probit,
    binary_regression,
    linear,
    ordered_logit,
    ordered_probit,
    ordered_regression,
    poisson_regression,
)
from bsna.estimation.regression.predictions import expected_outcomes, linear_predictions
from bsna.estimation.regression.term_tests import wald_test, working_likelihood_ratio_test, working_wald_test
from bsna.estimation.rows import ROW_COLUMNS, EmptyDomain, estimate_rows, records
from bsna.estimation.sample.calibration import calibrated, poststratified, raked, trimmed
from bsna.estimation.sample.declaration import survey_design
from bsna.estimation.sample.design import SurveyDesign, Where
from bsna.estimation.sample.resampling import bootstrap, bootstrap_weights, jackknife, with_replicates
from bsna.estimation.sample.stages import Lonely
from bsna.estimation.sample.weighting import kish_design_effect, rake, trim
from bsna.estimation.variances import population_covariance, population_variance

__all__ = [
    "BOUND_COLUMNS",
    "ROW_COLUMNS",
    "TOP_TWO",
    "CrossTab",
    "Difference",
    "EmptyDomain",
    "Fit",
    "Imputed",
    "Incomparable",
    "Joint",
    "Lonely",
    "NoFit",
    "Pooled",
    "RankFit",
    "SeveralGroups",
    "SurveyDesign",
    "Term",
    "Unimputable",
    "Untestable",
    "Where",
    "at_each_level",
    "average_marginal_effects",
    "binary_logit",
    "binary_probit",
    "binary_regression",
    "bootstrap",
    "bootstrap_weights",
    "calibrated",
    "change",
    "chi_squares_above",
    "contrast",
    "crosstab",
    "difference",
    "differences",
    "distribution",
    "domain_difference",
    "estimate_rows",
    "expected_outcomes",
    "f_sum_above",
    "impute",
    "jackknife",
    "jointly",
    "kish_design_effect",
    "linear",
    "linear_predictions",
    "mean",
    "nonlinear_contrast",
    "ordered_logit",
    "ordered_probit",
    "ordered_regression",
    "poisson_regression",
    "pool",
    "pooled_estimate",
    "population_covariance",
    "population_variance",
    "poststratified",
    "predicted_margins",
    "proportion",
    "proportions",
    "quantile",
    "rake",
    "raked",
    "rank_bootstrap",
    "rank_model",
    "rank_test",
    "ratio",
    "records",
    "shares",
    "survey_design",
    "t_test",
    "total",
    "trim",
    "trimmed",
    "wald_test",
    "weighted_table",
    "with_replicates",
    "working_likelihood_ratio_test",
    "working_wald_test",
    "worst_case_bounds",
]
