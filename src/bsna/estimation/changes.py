"""The same measure in two independent samples: by how much it moved."""

import numpy as np
import pandas as pd
from scipy import stats

from bsna.estimation.rows import estimate_rows

_SAME = ("measure", "by", "level", "category")


def change(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Later estimate minus earlier one, row by row, for samples drawn independently of each other.

    Both frames are estimate rows of the same measures in the same order; one row comes out for each pair. Standard
    errors add up in squares; degrees of freedom are Satterthwaite's (1946). `n` and `clusters` are the smaller of the
    two, so that a change is withheld with either of its ends. Unit: points for shares, else number. Raises ValueError
    if the rows do not pair up.
    """
    one, two = before.reset_index(drop=True), after.reset_index(drop=True)
    if len(one) != len(two) or not one[list(_SAME)].equals(two[list(_SAME)]):
        raise ValueError(f"{len(one)} earlier and {len(two)} later rows do not stand for the same measures in order")
    variances = one["se"] ** 2, two["se"] ** 2
    total = variances[0] + variances[1]
    se = np.sqrt(total)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = total**2 / (variances[0] ** 2 / one["df"] + variances[1] ** 2 / two["df"])
    moved = two["estimate"] - one["estimate"]
    reach = stats.t.ppf(0.975, df) * se
    made = one[list(_SAME)].assign(
        estimate=moved,
        se=se,
        low=moved - reach,
        high=moved + reach,
        df=df,
        n=np.minimum(one["n"], two["n"]),
        clusters=np.minimum(one["clusters"], two["clusters"]),
        unit=["points" if unit == "share" else "number" for unit in one["unit"]],
    )
    return estimate_rows([{str(k): v for k, v in row.items()} for row in made.to_dict("records")])
