"""`python -m benchmarks.imputation`: what imputation does where refusals depend on what is known of people.

Beside ours stands imputation row by row, as the statsmodels library does it: chained equations with predictive mean
matching, told of the strata, but neither of clusters nor of weights.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from statsmodels.imputation.mice import MICEData

from bsna.estimation import Imputed, survey_design
from bsna.simulation.silence import silence_recovery

HERE = Path(__file__).parent
REPLICATES, REPLICATES_ROW_BY_ROW = 500, 100
SETS, CYCLES, DONORS = 10, 5, 5


def measure_imputation() -> None:
    """Write benchmarks/imputation.csv and print it."""
    ours = silence_recovery(replicates=REPLICATES, seed=31).assign(replicates=REPLICATES)
    theirs = silence_recovery(replicates=REPLICATES_ROW_BY_ROW, seed=31, other=row_by_row)
    theirs = theirs[theirs["method"] == "other"].assign(method="row_by_row", replicates=REPLICATES_ROW_BY_ROW)
    table = pd.concat([ours, theirs], ignore_index=True)
    table.to_csv(HERE / "imputation.csv", index=False, float_format="%.4g", lineterminator="\n")
    print(table.to_string(index=False))


def row_by_row(answered: pd.DataFrame, seed: int) -> Imputed:
    """Copies by statsmodels. It takes numbers only, so that the activity is left out and strata are 0/1 columns."""
    design = survey_design(answered)
    numbers = answered[["trust", "fears", "schooling"]].assign(
        north=(answered["stratum"] == "north").astype(float), south=(answered["stratum"] == "south").astype(float)
    )
    rng, designs = np.random.default_rng(seed), []
    for _ in range(SETS):
        chain = MICEData(numbers, perturbation_method="boot", k_pmm=DONORS, rng=rng)
        chain.update_all(CYCLES)
        designs.append(design.with_columns(trust=chain.data["trust"].to_numpy()))
    known = int(answered["trust"].notna().sum())
    counts = pd.DataFrame({"column": ["trust"], "answered": [known], "imputed": [len(answered) - known]})
    return Imputed(design, tuple(designs), counts, np.zeros((SETS, CYCLES, 1)))


if __name__ == "__main__":
    measure_imputation()
