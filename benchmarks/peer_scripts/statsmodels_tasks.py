"""statsmodels: binary logit with weights and clusters. It knows no strata, so its standard errors are others."""

import sys
from typing import Any

import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf

from benchmarks.engine_data import COVARIATES, FLAG
from benchmarks.peer_scripts.answers import Numbers, print_answers

DATA = pd.read_parquet(sys.argv[1])


def main() -> None:
    """Answer the tasks named on the command line."""
    print_answers({"binary": _logit}, {"binary": _coefficients})


def _logit() -> Any:
    terms = " + ".join(f"C({name}, Treatment('{levels[0]}'))" for name, levels in COVARIATES.items())
    weights = DATA["weight"] / DATA["weight"].mean()
    model = smf.glm(f"{FLAG} ~ {terms}", DATA, family=sm.families.Binomial(), freq_weights=weights)
    return model.fit(cov_type="cluster", cov_kwds={"groups": DATA["psu"]})


def _coefficients(model: Any) -> Numbers:
    found = {}
    for label in model.params.index:
        name = label if label == "Intercept" else f"{label[2:].split(',')[0]}={label.split('[T.')[1][:-1]}"
        name = "(Intercept)" if name == "Intercept" else name
        found |= {f"b {name}": model.params[label], f"se {name}": model.bse[label]}
    return found


if __name__ == "__main__":
    main()
