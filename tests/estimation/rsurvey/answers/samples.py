"""What R said of a sample itself: people, degrees of freedom, weights, and those of its replicates."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.estimation.rsurvey.answers.asked import degrees_of_freedom
from tests.estimation.rsurvey.designs import build
from tests.estimation.rsurvey.reading import Reference, read_weights


def description(reference: Reference, name: str) -> dict[str, Any]:
    """This engine's sample of that name, by R's names; replicate weights as they stand for analysis."""
    sample = build(reference, name, {"survey.lonely.psu": "remove"})  # weights do not depend on the rule
    inside = sample.inside
    weights = sample.design.weights[inside]
    found: dict[str, Any] = {"n": int(inside.sum()), "degf": degrees_of_freedom(sample)}
    if (replicates := sample.design.replicates) is None:
        return found | {"weights": weights, "sum_weights": weights.sum()}
    found |= {"scale": replicates.scale, "mse": float(replicates.mse), "nrep": len(replicates.weights)}
    return found | {"weights": weights} | _in_order(replicates.weights[:, inside], replicates.rscales)


def described(reference: Reference, name: str) -> dict[str, Any]:
    """R's words on the same sample; where R stopped at its own tolerance, on the same sample iterated to the end."""
    twin = name.removesuffix("_default")
    spec: Mapping[str, Any] = reference.designs[twin if twin in reference.designs else name]
    found = {key: spec[key] for key in ("n", "degf", "weights", "sum_weights", "scale", "nrep") if key in spec}
    if "mse" not in spec:
        return found
    found["mse"] = float(spec["mse"])
    if (read := read_weights(reference, name)) is None:
        return found
    return found | {"weights": read[0].tolist()} | _in_order(read[1], np.array(spec["rscales"], dtype=float))


def _in_order(weights: np.ndarray, rscales: np.ndarray) -> dict[str, Any]:
    """Replicates in the order of the first person they leave out: R numbers clusters as they come, we by their names."""
    order = np.argsort(np.argmax(weights == 0, axis=1), kind="stable")
    return {"replicate_weights": weights[order].tolist(), "rscales": rscales[order].tolist()}
