"""From estimates to what may be said, and how firmly."""

from bsna.judgement.claims import Verdict, holm, judge
from bsna.judgement.disclosure import permitted, release, release_corridors
from bsna.judgement.recommendations import Recommended, recommend

__all__ = ["Recommended", "Verdict", "holm", "judge", "permitted", "recommend", "release", "release_corridors"]
