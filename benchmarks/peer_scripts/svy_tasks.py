"""svy: every task but the ordered logit, which it does not have."""

import sys
from typing import Any

import polars as pl
import svy

from benchmarks.engine_data import AGE, COVARIATES, FLAG, GROUP, OUTCOME
from benchmarks.peer_scripts.answers import Numbers, print_answers

DATA = pl.read_parquet(sys.argv[1])


def main() -> None:
    """Answer the tasks named on the command line."""
    tasks = {
        "crosstab": lambda: _sample().categorical.tabulate(OUTCOME, GROUP),
        "binary": _logit,
        "binary_age": lambda: _logit(AGE),
        "margins": lambda: _logit().margins(variables=list(COVARIATES)),
        "proportion": lambda: _sample().estimation.prop(FLAG, by=GROUP),
        "mean": lambda: _sample().estimation.mean(AGE, by=GROUP),
        "total": lambda: _sample().estimation.total(AGE, by=GROUP),
        "ratio": lambda: _sample().estimation.ratio(AGE, OUTCOME, by=GROUP),
    }
    numbers = dict.fromkeys(tasks, _levels) | {
        "crosstab": _test,
        "binary": _coefficients,
        "binary_age": _coefficients,
        "margins": _margins,
    }
    print_answers(tasks, numbers)


def _sample() -> Any:
    return svy.Sample(DATA, svy.Design(stratum="stratum", psu="psu", wgt="weight"))


def _logit(*others: str) -> Any:
    terms = [svy.Cat(name, ref=levels[0]) for name, levels in COVARIATES.items()]
    return _sample().glm.fit(FLAG, x=[*terms, *others], family="binomial")


def _test(table: Any) -> Numbers:
    f = table.stats.f
    return {"F": f.value, "df1": f.df_num, "df2": f.df_den, "p": f.p_value}


def _coefficients(model: Any) -> Numbers:
    found = {}
    for coefficient in model.fitted.coefs:
        name = coefficient.term
        for covariate in COVARIATES:
            name = name.replace(f"{covariate}_", f"{covariate}=")
        name = "(Intercept)" if name == "_intercept_" else name
        found |= {f"b {name}": coefficient.est, f"se {name}": coefficient.se}
    return found


def _margins(margins: Any) -> Numbers:
    found = {}
    for row in margins.to_polars().iter_rows(named=True):
        name = f"{row['term']}={row['contrast'].split(' - ')[0]}"
        found |= {f"b {name}": row["margin"], f"se {name}": row["se"]}
    return found


def _levels(estimate: Any) -> Numbers:
    rows = [row for row in estimate.to_polars().iter_rows(named=True) if row.get(FLAG, 1) == 1]
    return {f"{key} {row[GROUP]}": row[column] for row in rows for key, column in (("b", "est"), ("se", "se"))}


if __name__ == "__main__":
    main()
