"""The estimate on which a claim stands or falls first: the one nearest to its border."""

import numpy as np
import pandas as pd

from bsna.intake.plan import Claim
from bsna.judgement.borders import claim_borders

_UNITS = ("points", "share", "number")


def lead_row(claim: Claim, rows: pd.DataFrame) -> int:
    """Place of the leading estimate: among differences if there are any, else among shares, the one fewest standard errors from
    the nearest border of the claim; the first where the rule has no border in its unit."""
    unit = next(unit for unit in _UNITS if (rows["unit"] == unit).any())
    chosen = np.flatnonzero((rows["unit"] == unit).to_numpy())
    borders = claim_borders(claim, unit)
    if not borders:
        return int(chosen[0])
    estimates = rows["estimate"].to_numpy(dtype=float)[chosen]
    errors = np.maximum(rows["se"].to_numpy(dtype=float)[chosen], 1e-12)
    reach = np.min([np.abs(estimates - border) / errors for border in borders], axis=0)
    return int(chosen[int(np.nanargmin(np.where(np.isnan(reach), np.inf, reach)))])
