"""From rows to estimates: design first, question second, everything else by keyword."""

from bsna.estimation.bounds import BOUND_COLUMNS, worst_case_bounds
from bsna.estimation.calibration import calibrated, poststratified, raked, trimmed
from bsna.estimation.changes import change
from bsna.estimation.crosstabs import CrossTab, Untestable, crosstab, weighted_table
from bsna.estimation.design import Lonely, SurveyDesign, Where, survey_design
from bsna.estimation.estimates import difference, distribution, mean, proportion, ratio, total
from bsna.estimation.imputation import Imputed, impute
from bsna.estimation.margins import TOP_TWO, average_marginal_effects
from bsna.estimation.matching import Unimputable
from bsna.estimation.mixtures import chi_squares_above, f_sum_above
from bsna.estimation.models import Fit, NoFit, Term, binary_logit, ordered_logit
from bsna.estimation.pooling import Pooled, pool, pooled_estimate
from bsna.estimation.ranks import RankFit, rank_bootstrap, rank_model
from bsna.estimation.resampling import bootstrap, bootstrap_weights, jackknife, with_replicates
from bsna.estimation.rows import ROW_COLUMNS, EmptyDomain, estimate_rows, records
from bsna.estimation.weighting import kish_design_effect, rake, trim

__all__ = [
    "BOUND_COLUMNS",
    "ROW_COLUMNS",
    "TOP_TWO",
    "CrossTab",
    "EmptyDomain",
    "Fit",
    "Imputed",
    "Lonely",
    "NoFit",
    "Pooled",
    "RankFit",
    "SurveyDesign",
    "Term",
    "Unimputable",
    "Untestable",
    "Where",
    "average_marginal_effects",
    "binary_logit",
    "bootstrap",
    "bootstrap_weights",
    "calibrated",
    "change",
    "chi_squares_above",
    "crosstab",
    "difference",
    "distribution",
    "estimate_rows",
    "f_sum_above",
    "impute",
    "jackknife",
    "kish_design_effect",
    "mean",
    "ordered_logit",
    "pool",
    "pooled_estimate",
    "poststratified",
    "proportion",
    "rake",
    "raked",
    "rank_bootstrap",
    "rank_model",
    "ratio",
    "records",
    "survey_design",
    "total",
    "trim",
    "trimmed",
    "weighted_table",
    "with_replicates",
    "worst_case_bounds",
]
