"""R's objects that calls name and do not show: population counts, p-values, models. From the script that made the calls."""

from collections.abc import Mapping
from typing import Any

POPULATION: Mapping[str, Mapping[Any, float]] = {
    "pop.types": {"E": 4421.0, "H": 755.0, "M": 1018.0},
    "pop.sw": {"No": 1072.0, "Yes": 5122.0},
    "pop.totals": {"(Intercept)": 6194.0, "stypeH": 755.0, "stypeM": 1018.0, "api99": 3914069.0},
    "tr.reg": {"N": 150000.0, "E": 130000.0, "S": 170000.0, "W": 140000.0},
    "tr.fem": {0.0: 285000.0, 1.0: 305000.0},
}
"""Totals that samples are adjusted to. The first three are counts over the population file apipop."""

HALVES = {"scdrep": ((1, 0, 1, 0, 1, 0), (1, 0, 0, 1, 0, 1), (0, 1, 1, 0, 0, 1), (0, 1, 0, 1, 1, 0))}
"""Half-samples given by hand: which rows are in each; their weight is doubled."""

P_VALUES = {
    "pv": (
        *(0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.222, 0.251, 0.269, 0.275, 0.34),
        *(0.341, 0.384, 0.569, 0.594, 0.696, 0.762, 0.94, 0.942, 0.975, 0.986),
    ),
    "pv2": (0.01, 0.01, 0.02, float("nan"), 0.5, 1.0, 0.0, 0.02),
}
"""What corrections for several tests are tried on."""

MODELS = {
    "mb": "svyglm(trusts ~ age + educ + female + victim + ethn, {design}, family = quasibinomial(), control = list(epsilon = 1e-14))",
    "mg": "svyglm(satis ~ age + educ + victim + region, {design})",
    "mp": "svyglm(incidents ~ age + educ + victim + region, {design}, family = quasipoisson(), control = list(epsilon = 1e-14))",
}
"""Regressions that tests, contrasts and predictions are about, on the sample of the case."""
