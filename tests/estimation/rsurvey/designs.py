"""The samples of the reference, built by this engine from the R call that made them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bsna import estimation as est
from tests.estimation.rsurvey.adjustments import ADJUSTMENTS
from tests.estimation.rsurvey.calls import Call, Name, Node, parse, terms, written
from tests.estimation.rsurvey.columns import column_of
from tests.estimation.rsurvey.objects import HALVES
from tests.estimation.rsurvey.reading import Reference, read_frame, read_reference, read_weights

WEIGHT = "sampling_weight"
"""Column with the weights, in every design made here."""


@dataclass(frozen=True)
class Sample:
    """A design and the domain R's subset left of it; `where` is None for everybody."""

    design: est.SurveyDesign
    where: pd.Series | None = None

    @property
    def inside(self) -> np.ndarray:
        """Rows of the domain, shape (n,)."""
        return self.design.select(self.where)

    def only(self, condition: Node) -> "Sample":
        """The part of the domain for which an R expression holds."""
        holds = column_of(condition, self.design.frame) == 1
        return replace(self, where=holds if self.where is None else holds & self.where)

    def with_columns(self, **columns: object) -> "Sample":
        """The same people with columns added."""
        return replace(self, design=self.design.with_columns(**columns))


def build(reference: Reference, name: str, options: Mapping[str, Any]) -> Sample:
    """The design of that name. `options` are R's: what a stratum with one cluster contributes, also in domains."""
    return _built(reference.folder, name, tuple(sorted(options.items())))


@cache
def _built(folder: Path, name: str, options: tuple[tuple[str, Any], ...]) -> Sample:
    reference = read_reference(folder)
    spec = reference.designs[name]
    call = parse(spec["call"])
    if not isinstance(call, Call) or call.function not in _BUILDERS:
        raise NotImplementedError(f"{name}: no builder for {spec['call'][:60]!r}")
    return _BUILDERS[call.function](reference, spec, call, dict(options))


def sample_of(reference: Reference, node: Node, options: Mapping[str, Any]) -> Sample:
    """The design an argument stands for: its name, or a subset of it."""
    if isinstance(node, Name):
        return build(reference, node.text, options)
    if isinstance(node, Call) and node.function == "subset":
        return sample_of(reference, node.args[0], options).only(node.args[1])
    raise ValueError(f"{written(node)} is no design")


def _svydesign(reference: Reference, spec: Mapping[str, Any], call: Call, options: Mapping[str, Any]) -> Sample:
    named = {key: _names(call.named[key]) for key in ("ids", "strata", "fpc", "weights", "prob") if key in call.named}
    frame = read_frame(reference, spec["data"])
    units = [name for name in named["ids"] if name != "1"]
    stratum = named.get("strata", [None])[0]
    frame = frame.assign(**{WEIGHT: _weights(frame, named, units, stratum)})
    design = est.survey_design(
        frame,
        weight=WEIGHT,
        stratum=stratum,
        psu=units[0] if units else None,
        ssu=units[1] if len(units) > 1 else None,
        fpc=tuple(named.get("fpc", ())),
        lonely=options.get("survey.lonely.psu", "fail"),
        domain_lonely=bool(options.get("survey.adjust.domain.lonely", False)),
    )
    return Sample(design)


def _replicated(reference: Reference, spec: Mapping[str, Any], call: Call, options: Mapping[str, Any]) -> Sample:
    """A design with replicate weights: a jackknife is made here, half-samples and what R drew at random are read."""
    base = build(reference, spec["base"], options)
    if spec["type"] in ("JK1", "JKn"):
        return Sample(est.jackknife(base.design, mse=call.named.get("mse") is True))
    if (read := read_weights(reference, spec["id"])) is None:
        raise ValueError(f"{spec['id']}: the copy has no file with the weights of its replicates")
    return Sample(_with_replicates(base.design, read[1].T, spec, combined=True))


def _svrepdesign(reference: Reference, spec: Mapping[str, Any], call: Call, options: Mapping[str, Any]) -> Sample:
    """A design with half-samples given by hand, as factors on weights of one."""
    frame = read_frame(reference, spec["data"]).assign(**{WEIGHT: 1.0})
    halves = HALVES[written(call.named["repweights"])]
    design = est.survey_design(frame, weight=WEIGHT, stratum=None, psu=None)
    return Sample(_with_replicates(design, 2.0 * np.array(halves).T, spec, combined=False))


def _with_replicates(
    design: est.SurveyDesign, table: np.ndarray, spec: Mapping[str, Any], *, combined: bool
) -> est.SurveyDesign:
    return est.with_replicates(
        design, table, scale=spec["scale"], rscales=spec["rscales"], mse=spec["mse"], combined=combined
    )


def _adjusted(reference: Reference, spec: Mapping[str, Any], call: Call, options: Mapping[str, Any]) -> Sample:
    """A sample with its weights, and those of its replicates, adjusted to what is known of the population."""
    base = build(reference, spec["base"], options)
    return replace(base, design=ADJUSTMENTS[call.function](base.design, call))


def _subset(reference: Reference, spec: Mapping[str, Any], call: Call, options: Mapping[str, Any]) -> Sample:
    return build(reference, spec["base"], options).only(call.args[1])


def _names(node: Node) -> list[str]:
    return [written(term) for term in terms(node)]


def _weights(frame: pd.DataFrame, named: Mapping[str, list[str]], units: list[str], stratum: str | None) -> pd.Series:
    """Weights given, the inverse of chances given, or else what population sizes over sample sizes come to."""
    if "weights" in named:
        return frame[named["weights"][0]]
    if "prob" in named:
        return pd.Series(1 / float(named["prob"][0]), index=frame.index)
    weight = pd.Series(1.0, index=frame.index)
    outer = pd.Series(0, index=frame.index) if stratum is None else frame[stratum]
    for stage, size in enumerate(named["fpc"]):
        unit = frame[units[stage]] if units else pd.Series(range(len(frame)), index=frame.index)
        weight = weight * frame[size] / unit.groupby(outer).transform("nunique")
        outer = unit
    return weight


_BUILDERS: dict[str, Callable[[Reference, Mapping[str, Any], Call, Mapping[str, Any]], Sample]] = {
    "svydesign": _svydesign,
    "subset": _subset,
    "as.svrepdesign": _replicated,
    "svrepdesign": _svrepdesign,
    **dict.fromkeys(ADJUSTMENTS, _adjusted),
}
