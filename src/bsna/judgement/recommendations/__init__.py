"""Recommendations and the evidence they hang on; none is ever dropped."""

from bsna.judgement.recommendations.evidence import Weighed, term_levels, usable_terms
from bsna.judgement.recommendations.followup import Sample
from bsna.judgement.recommendations.weighing import Recommended, recommend

__all__ = ["Recommended", "Sample", "Weighed", "recommend", "term_levels", "usable_terms"]
