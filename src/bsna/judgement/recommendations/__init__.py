"""Recommendations and the evidence they hang on; none is ever dropped."""

from bsna.judgement.recommendations.evidence import Weighed
from bsna.judgement.recommendations.followup import Sample
from bsna.judgement.recommendations.weighing import Recommended, recommend

__all__ = ["Recommended", "Sample", "Weighed", "recommend"]
