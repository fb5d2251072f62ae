"""The reference file and its data, with the types R had. Values are read, never made."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[3]
SMALL = ROOT / "tests" / "reference" / "rsurvey"
FULL_NAME = "reference_survey4.5.json"
SMALL_NAME = "reference.json"
DECLARED = "BSNA_R_REFERENCE"
"""Environment variable with the folder of the full reference, where it is not `shared/reference/rsurvey`."""

_WORDS = {"NaN": np.nan, "Inf": np.inf, "-Inf": -np.inf, None: np.nan}


@dataclass(frozen=True)
class Case:
    """One call made in R and what R answered.

    `design` names the sample it was made on ("" if none), `call` is R's text, `tolerance` its class, `options` the
    options R was given where they are not its own, `result` the numbers by name, `warnings` what R said on the way.
    """

    id: str
    design: str
    call: str
    tolerance: str
    options: Mapping[str, Any]
    result: Any
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reference:
    """What was read from one folder.

    `folder` holds the CSV files. `data` declares their columns, `designs` the samples (call, people, weights, and
    for replicate designs their scales), `cases` the calls by id, in R's order.
    """

    folder: Path
    data: Mapping[str, Any]
    designs: Mapping[str, Any]
    cases: Mapping[str, Case]


def full_folder() -> Path | None:
    """Folder with all of R's values: $BSNA_R_REFERENCE, or `shared/reference/rsurvey` beside the checkout; None if absent."""
    declared = os.environ.get(DECLARED)
    folder = Path(declared) if declared else ROOT.parent / "shared" / "reference" / "rsurvey"
    return folder if (folder / FULL_NAME).is_file() else None


@cache
def read_reference(folder: Path) -> Reference:
    """The full folder or the small copy, whichever `folder` is."""
    path = folder / FULL_NAME
    raw = json.loads((path if path.is_file() else folder / SMALL_NAME).read_text(encoding="utf-8"))
    cases = [
        Case(
            c["id"], c["design"] or "", c["call"], c["tol"], c["options"] or {}, c["result"], tuple(c["warnings"] or ())
        )
        for c in raw["cases"]
    ]
    return Reference(folder, raw["data"], raw["designs"], {case.id: case for case in cases})


@cache
def _frame(folder: Path, name: str) -> pd.DataFrame:
    columns = read_reference(folder).data[name]["columns"]
    texts = _texts(folder, f"{name}.csv")
    return pd.DataFrame({column: _typed(texts[column], spec) for column, spec in columns.items()})


def read_frame(reference: Reference, name: str) -> pd.DataFrame:
    """A data set with R's column types: factors as categories in R's order, numbers as floats, missing as NaN.

    One row is one row of R's data frame. Raises ValueError where a file holds other missing values than R counted.
    """
    frame = _frame(reference.folder, name)
    missing = reference.data[name]["n_missing"]
    found = {column: int(count) for column, count in frame.isna().sum().items()}
    if len(frame) != reference.data[name]["nrow"] or found != missing:
        wrong = sorted(column for column in missing if found[column] != missing[column])
        raise ValueError(f"{name}: {len(frame)} rows, and other missing values than R counted in {wrong}")
    return frame


def read_weights(reference: Reference, design: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Weights of the sample, shape (n,), and of its replicates, shape (replicates, n); None if the copy has no such file."""
    name = f"repw_{design}.csv"
    if _path(reference.folder, name) is None:
        return None
    table = _texts(reference.folder, name).astype(float)
    return table["pw"].to_numpy(), table.drop(columns="pw").to_numpy().T


def numbers(value: Any) -> np.ndarray:
    """A number, vector or matrix of the file as floats; "NaN", "Inf" and null become what they stand for."""
    if isinstance(value, list):
        return np.array([numbers(part) for part in value], dtype=float)
    return np.array(_WORDS[value] if value is None or isinstance(value, str) else float(value))


def _path(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / "data" / name, folder / name) if path.is_file()), None)


def _texts(folder: Path, name: str) -> pd.DataFrame:
    path = _path(folder, name)
    if path is None:
        raise ValueError(f"{folder.name} has no file {name}")
    return pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])


def _typed(texts: pd.Series, spec: Mapping[str, Any]) -> pd.Series:
    kind = spec["type"]
    if kind in ("factor", "ordered"):
        if strange := sorted(set(texts.dropna()) - set(spec["levels"])):
            raise ValueError(f"{texts.name}: {strange} are not among R's levels {spec['levels']}")
        return pd.Series(pd.Categorical(texts, categories=spec["levels"], ordered=kind == "ordered"))
    # text to float in Python, which rounds each number correctly
    return texts.astype(object) if kind == "string" else texts.map(float, na_action="ignore").astype(float)
