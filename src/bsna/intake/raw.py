"""Deliveries as they came: found in SOURCE.toml, checked against their checksum, read as text."""

import csv
import hashlib
import io
import math
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pyreadstat

from bsna import paths
from bsna.intake.profile import Profile

SUFFIXES = (".csv", ".xlsx", ".sav", ".dta")


@dataclass(frozen=True)
class DeliveredFile:
    population: str
    name: str
    sha256: str
    rows: int


@dataclass(frozen=True)
class Delivery:
    """What arrived together on one day. `files` has one entry for each population."""

    id: str
    received: date
    origin: str
    licence: str
    note: str
    files: tuple[DeliveredFile, ...]

    def file(self, population: str) -> DeliveredFile | None:
        """The file of one population, None if this delivery has none."""
        return next((file for file in self.files if file.population == population), None)


def sha256_of(path: Path) -> str:
    """Checksum of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def list_deliveries(profile_id: str) -> tuple[Delivery, ...]:
    """Deliveries of a survey in the order they came; empty if nothing has been received."""
    source = paths.raw(profile_id) / "SOURCE.toml"
    if not source.is_file():
        return ()
    facts = tomllib.loads(source.read_text(encoding="utf-8"))
    return tuple(
        Delivery(
            id=entry["id"],
            received=entry["received"],
            origin=entry["origin"],
            licence=entry["licence"],
            note=entry["note"],
            files=tuple(DeliveredFile(**file) for file in entry["file"]),
        )
        for entry in facts["delivery"]
    )


def current_delivery(profile_id: str) -> Delivery:
    """The delivery in use. Raises ValueError, with what to do, if nothing has been received."""
    deliveries = list_deliveries(profile_id)
    if not deliveries:
        raise ValueError(
            f"Nothing has been received for {profile_id}: data/raw/{profile_id}/SOURCE.toml is not "
            f"there. Obtain the file (data/README.md) and run `bsna receive {profile_id} FILE`."
        )
    source = paths.raw(profile_id) / "SOURCE.toml"
    current = tomllib.loads(source.read_text(encoding="utf-8"))["current"]
    for delivery in deliveries:
        if delivery.id == current:
            return delivery
    raise ValueError(f"{source}: current is {current!r}, but the deliveries are {[d.id for d in deliveries]}")


def check_delivery(profile_id: str, delivery: Delivery) -> None:
    """Raise ValueError for each file of a delivery that is missing or not the one described."""
    for file in delivery.files:
        path = paths.raw(profile_id) / delivery.id / file.name
        if not path.is_file():
            raise ValueError(f"{path} is missing; SOURCE.toml lists it. Receive the file again.")
        if (found := sha256_of(path)) != file.sha256:
            raise ValueError(
                f"{path} is not the file received on {delivery.received}: sha256 is {found}, "
                f"expected {file.sha256}. Restore it, or receive the new file as a delivery."
            )


def read_raw(profile: Profile, population: str, delivery: Delivery | None = None) -> pd.DataFrame:
    """Read one population's file exactly as delivered.

    One row is one delivered record; every cell is text, "" where the file holds nothing. Raises
    ValueError if the file is missing, does not match its checksum, or cannot be read.
    """
    delivery = delivery or current_delivery(profile.id)
    file = delivery.file(population)
    if file is None:
        held = [entry.population for entry in delivery.files]
        raise ValueError(f"Delivery {delivery.id} of {profile.id} has {held}, but no {population}")
    check_delivery(profile.id, delivery)
    return read_table(paths.raw(profile.id) / delivery.id / file.name)


def read_table(path: Path) -> pd.DataFrame:
    """Read a .csv, .xlsx, .sav or .dta file as text, codes rather than labels.

    Raises ValueError if the file is missing, empty, of another kind, truncated or wrongly encoded.
    """
    if not path.is_file():
        raise ValueError(f"{path} does not exist")
    if path.stat().st_size == 0:
        raise ValueError(f"{path} is empty (0 bytes); ask the sender for the file again")
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path} ends in {path.suffix!r}; expected one of {', '.join(SUFFIXES)}")
    table = _READERS[path.suffix.lower()](path)
    if table.empty:
        raise ValueError(f"{path} holds {len(table.columns)} columns but no record")
    return table


def _read_csv(path: Path) -> pd.DataFrame:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is not UTF-8: byte {error.object[error.start]:#04x} at position "
            f"{error.start}. Export it again as UTF-8."
        ) from error
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        lines = [line for line in reader if line]
    except csv.Error as error:
        raise ValueError(f"{path} is truncated or not a CSV file: {error}") from error
    if not lines:
        raise ValueError(f"{path} holds nothing but blank lines; ask the sender for the file again")
    columns, records = lines[0], lines[1:]
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise ValueError(f"{path}: the columns {twice} stand twice in the header; rename them")
    wrong = [place for place, line in enumerate(records, start=1) if len(line) != len(columns)]
    if wrong:
        raise ValueError(
            f"{path} has {len(wrong)} record(s) with another number of cells than the "
            f"{len(columns)} columns, the first one record {wrong[0]}: truncated, or badly quoted"
        )
    return pd.DataFrame(records, columns=columns, dtype=str)


def _read_xlsx(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_excel(path, dtype=str, keep_default_na=False, engine="openpyxl")
    except Exception as error:  # openpyxl raises a dozen unrelated kinds on a broken file
        raise ValueError(f"{path} is not a readable .xlsx file: {error}") from error
    return table.fillna("").astype(str)


def _read_statistical(path: Path) -> pd.DataFrame:
    read = pyreadstat.read_sav if path.suffix.lower() == ".sav" else pyreadstat.read_dta
    try:
        table, _ = read(path, user_missing=True)
    except Exception as error:  # the reader raises its own kinds for every defect
        kind = "SPSS .sav" if path.suffix.lower() == ".sav" else "Stata .dta"
        raise ValueError(f"{path} is not a readable {kind} file: {error}") from error
    return pd.DataFrame({column: _as_text(table[column]) for column in table.columns})


def _as_text(column: pd.Series) -> pd.Series:
    """Whole numbers without a decimal point, so that a code reads as in the codebook."""

    def write(value: object) -> str:
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return ""
        if isinstance(value, float):
            return str(int(value)) if value.is_integer() else repr(value)
        return str(value)

    return pd.Series([write(value) for value in column], index=column.index, dtype=str)


_READERS = {
    ".csv": _read_csv,
    ".xlsx": _read_xlsx,
    ".sav": _read_statistical,
    ".dta": _read_statistical,
}
