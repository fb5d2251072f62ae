"""Deliveries as they came: found in SOURCE.toml, checked against their checksum, read as text."""

import hashlib
import math
from datetime import date
from pathlib import Path

import pandas as pd
import pyreadstat
from pydantic import AliasChoices, Field, ValidationError, model_validator

from bsna import paths
from bsna.intake.profile import Population, Profile, Strict, Text
from bsna.intake.sheets import check_header, read_sheet, read_toml

SUFFIXES = (".csv", ".xlsx", ".sav", ".dta")


class DeliveredFile(Strict):
    population: Population
    name: Text
    sha256: Text
    rows: int


class Delivery(Strict):
    """What arrived together on one day. `files` has one entry for each population."""

    id: Text
    received: date
    origin: str
    licence: str
    note: str
    files: tuple[DeliveredFile, ...] = Field(validation_alias=AliasChoices("files", "file"))

    def file(self, population: str) -> DeliveredFile | None:
        """The file of one population, None if this delivery has none."""
        return next((file for file in self.files if file.population == population), None)


class Source(Strict):
    """SOURCE.toml of a survey: its deliveries in the order they came, and the id of the one in use."""

    current: Text
    delivery: tuple[Delivery, ...]

    @model_validator(mode="after")
    def _points_somewhere(self) -> "Source":
        if self.current not in (known := [delivery.id for delivery in self.delivery]):
            raise ValueError(f"current is {self.current!r}, but the deliveries are {known}")
        return self


def sha256_of(path: Path) -> str:
    """Checksum of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def list_deliveries(profile_id: str) -> tuple[Delivery, ...]:
    """Deliveries of a survey in the order they came; empty if nothing has been received."""
    source = _source(profile_id)
    return source.delivery if source else ()


def current_delivery(profile_id: str) -> Delivery:
    """The delivery in use. Raises ValueError, with what to do, if nothing has been received."""
    source = _source(profile_id)
    if source is None:
        raise ValueError(
            f"Nothing has been received for {profile_id}: data/raw/{profile_id}/SOURCE.toml is not "
            f"there. Obtain the file (data/README.md) and run `bsna receive {profile_id} FILE`."
        )
    return next(delivery for delivery in source.delivery if delivery.id == source.current)


def _source(profile_id: str) -> Source | None:
    path = paths.raw(profile_id) / "SOURCE.toml"
    if not path.is_file():
        return None
    try:
        return Source.model_validate(read_toml(path))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, f['loc'])) or 'the whole'}: {f['msg']}" for f in error.errors()]
        raise ValueError(f"{path} has {len(faults)} fault(s): {'; '.join(faults)}") from error


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
    sheet = read_sheet(path)
    return pd.DataFrame(sheet.records, columns=sheet.columns, dtype=str)


def _read_xlsx(path: Path) -> pd.DataFrame:
    try:
        cells = pd.read_excel(path, header=None, dtype=str, keep_default_na=False, engine="openpyxl")
    except Exception as error:  # openpyxl raises a dozen unrelated kinds on a broken file
        raise ValueError(f"{path} is not a readable .xlsx file: {error}") from error
    cells = cells.fillna("").astype(str)
    cells = cells.loc[(cells != "").any(axis=1), (cells != "").any()]  # sheets keep the format of emptied cells
    if cells.empty:
        raise ValueError(f"{path} holds nothing in its first sheet; ask the sender for the file again")
    columns = list(cells.iloc[0])
    check_header(columns, path)
    return pd.DataFrame(cells.iloc[1:].to_numpy(), columns=columns, dtype=str)


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
