"""A delivered file is taken in: copied, described in SOURCE.toml, and compared with the one before."""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from bsna import paths
from bsna.drafts import drafted
from bsna.intake.crosswalk import load_crosswalk
from bsna.intake.profile import Profile
from bsna.intake.raw import (
    DeliveredFile,
    Delivery,
    current_delivery,
    list_deliveries,
    read_table,
    sha256_of,
)
from bsna.intake.reading import type_table

_DRAFT = ".receiving-"
"""Start of the folder in which a delivery stands until it is whole."""


def receive(
    profile: Profile,
    files: Mapping[str, Path],
    *,
    received: date,
    origin: str,
    licence: str,
    note: str = "",
) -> Delivery:
    """Take in the files of one delivery, one for each population; it becomes the current one.

    Populations absent from `files` are carried over from the delivery in use. Every file is read before
    anything is copied, so that a broken one changes nothing. Raises ValueError for a broken file, a
    population the survey does not have, or files that are all the same as those in use; OSError if they cannot be copied.
    """
    earlier = list_deliveries(profile.id)
    current = current_delivery(profile.id) if earlier else None
    sources = _carry_over(profile, files, current)
    described = tuple(_described(population, path) for population, path in sources.items())
    if current and {(f.population, f.sha256) for f in described} == {(f.population, f.sha256) for f in current.files}:
        raise ValueError(
            f"The files are the same as those of delivery {current.id} of {profile.id}, "
            "which is in use already; nothing was changed."
        )
    delivery = Delivery(
        id=f"{len(earlier) + 1:03d}_{received.isoformat()}",
        received=received,
        origin=origin,
        licence=licence,
        note=note,
        files=described,
    )
    _store(profile.id, delivery, sources)
    _write_source(profile.id, (*earlier, delivery))
    return delivery


def assign_populations(profile: Profile, paths_given: list[Path], population: str | None) -> dict[str, Path]:
    """Which population each file belongs to: as told, else by file name, else the survey's only one.

    Raises ValueError for a file that fits no population, or two files that fit the same one.
    """
    assigned: dict[str, Path] = {}
    for path in paths_given:
        name = population or (path.stem if path.stem in profile.populations else None)
        if name is None and len(profile.populations) == 1:
            name = profile.populations[0]
        if name not in profile.populations:
            raise ValueError(
                f"{path.name} fits no population of {profile.id}; name the file after one of "
                f"{', '.join(profile.populations)}, or say which with --population."
            )
        if name in assigned:
            raise ValueError(f"Both {assigned[name].name} and {path.name} are given for {name}")
        assigned[name] = path
    return assigned


def compare_deliveries(profile: Profile, before: Delivery, after: Delivery) -> pd.DataFrame:
    """What changed between two deliveries, in counts.

    One row is one population and one column that differs; `rows_added` and `rows_removed` stand in the
    row whose column is "*". Columns are questions, so that another way of exporting the same answers is no change; if
    either delivery does not fit the questionnaire as it now is, they are the columns of the files. Records are matched by
    respondent, in files without one by position. No value is shown.
    """
    rows: list[dict[str, object]] = []
    for population in profile.populations:
        old, new = _comparable(profile, population, (before, after))
        both = old.index.intersection(new.index)
        added, removed = len(new.index.difference(both)), len(old.index.difference(both))
        rows.append(_change(population, "*", 0, added, removed))
        for column in dict.fromkeys([*old.columns, *new.columns]):
            if column in old and column in new:
                changed = int((old.loc[both, column] != new.loc[both, column]).sum())
            else:
                changed = len(both)
            if changed:
                rows.append(_change(population, column, changed, 0, 0))
    return pd.DataFrame(rows)


def _change(population: str, column: str, changed: int, added: int, removed: int) -> dict[str, object]:
    return {
        "population": population,
        "column": column,
        "cells_changed": changed,
        "rows_added": added,
        "rows_removed": removed,
    }


def _comparable(profile: Profile, population: str, deliveries: tuple[Delivery, ...]) -> list[pd.DataFrame]:
    """The population's table in each delivery, its rows labelled by respondent; an empty one where there is none."""
    files = [(delivery, delivery.file(population)) for delivery in deliveries]
    raw = [read_table(paths.raw(profile.id) / d.id / f.name) if f else pd.DataFrame() for d, f in files]
    try:
        typed = [type_table(table, profile, population) if len(table) else table for table in raw]
    except ValueError:
        key = load_crosswalk(profile.crosswalk).respondent if profile.crosswalk else "_uuid"
        return [_labelled(table, key) for table in raw]
    return [_labelled(table.drop(columns="row_number", errors="ignore"), "respondent_id") for table in typed]


def _labelled(table: pd.DataFrame, key: str) -> pd.DataFrame:
    if key not in table.columns:
        return table
    occurrence = table.groupby(key).cumcount().astype(str)
    return table.set_index(table[key] + "#" + occurrence)


def _described(population: str, path: Path) -> DeliveredFile:
    name = f"{population}{path.suffix.lower()}"
    return DeliveredFile(population=population, name=name, sha256=sha256_of(path), rows=len(read_table(path)))


def _carry_over(profile: Profile, files: Mapping[str, Path], current: Delivery | None) -> dict[str, Path]:
    if strange := [name for name in files if name not in profile.populations]:
        raise ValueError(f"{profile.id} has no population {strange}; it has {list(profile.populations)}")
    sources = dict(files)
    if current:
        kept = {file.population: paths.raw(profile.id) / current.id / file.name for file in current.files}
        sources = kept | sources
    return {name: sources[name] for name in profile.populations if name in sources}


def _store(profile_id: str, delivery: Delivery, sources: Mapping[str, Path]) -> None:
    home = paths.raw(profile_id)
    home.mkdir(parents=True, exist_ok=True)
    target = home / delivery.id
    for left in (*home.glob(f"{_DRAFT}*"), target):  # by a reception that was killed before it was recorded
        shutil.rmtree(left, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(dir=home, prefix=_DRAFT))
    try:
        for file in delivery.files:
            shutil.copyfile(sources[file.population], draft / file.name)
        draft.chmod(0o755)
        os.replace(draft, target)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise OSError(
            error.errno or errno.EIO, f"{target} could not be written, nothing was received: {error.strerror or error}"
        ) from error
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _write_source(profile_id: str, deliveries: tuple[Delivery, ...]) -> None:
    lines = [
        "# Written by `bsna receive`. The files below are kept as delivered.",
        f"current = {_quoted(deliveries[-1].id)}",
    ]
    for delivery in deliveries:
        lines += ["", "[[delivery]]", f"id = {_quoted(delivery.id)}"]
        lines += [f"received = {delivery.received.isoformat()}"]
        lines += [f"{key} = {_quoted(getattr(delivery, key))}" for key in ("origin", "licence", "note")]
        for file in delivery.files:
            lines += ["", "[[delivery.file]]", f"population = {_quoted(file.population)}"]
            lines += [
                f"name = {_quoted(file.name)}",
                f"sha256 = {_quoted(file.sha256)}",
                f"rows = {file.rows}",
            ]
    with drafted(paths.raw(profile_id) / "SOURCE.toml") as draft:
        draft.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _quoted(text: str) -> str:
    """A JSON string is a TOML string as long as no character is split into surrogates."""
    return json.dumps(text, ensure_ascii=False)
