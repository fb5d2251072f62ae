"""samplics: cross-tabulation and binary logit."""

import sys
from typing import Any

import pandas as pd
from samplics.categorical import CrossTabulation
from samplics.regression import SurveyGLM
from samplics.utils.types import ModelType, PopParam

from benchmarks.engine_data import COVARIATES, FLAG, GROUP, OUTCOME
from benchmarks.peer_scripts.answers import Numbers, print_answers

DATA = pd.read_parquet(sys.argv[1])
DESIGN = {"samp_weight": DATA["weight"], "stratum": DATA["stratum"], "psu": DATA["psu"]}


def main() -> None:
    """Answer the tasks named on the command line."""
    print_answers({"crosstab": _crosstab, "binary": _logit}, {"crosstab": _test, "binary": _coefficients})


def _crosstab() -> Any:
    table = CrossTabulation(PopParam.prop)
    table.tabulate(DATA[[OUTCOME, GROUP]], **DESIGN)
    return table


def _logit() -> Any:
    model, names = SurveyGLM(model=ModelType.LOGISTIC), list(COVARIATES)
    first = {name: levels[0] for name, levels in COVARIATES.items()}
    terms = {"x_cat": DATA[names], "x_cat_labels": names, "x_cat_reference": first}
    model.estimate(y=DATA[FLAG], add_intercept=True, **terms, **DESIGN)
    return model


def _test(table: Any) -> Numbers:
    f = table.stats["Pearson-Adj"]
    return {"F": f["f_value"], "df1": f["df_num"], "df2": f["df_den"], "p": f["p_value"]}


def _coefficients(model: Any) -> Numbers:
    found = {}
    for label, b, se in zip(model.x_labels, model.beta["point_est"], model.beta["stderror"], strict=True):
        name = "(Intercept)" if label == "Intercept" else label.replace("_", "=", 1)
        found |= {f"b {name}": b, f"se {name}": se}
    return found


if __name__ == "__main__":
    main()
