"""A delivered file is taken in: copied, described in SOURCE.toml, and compared with the one before."""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from bsna import paths
from bsna.intake.profile import Profile
from bsna.intake.raw import (
    DeliveredFile,
    Delivery,
    list_deliveries,
    read_table,
    sha256_of,
)


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

    Populations absent from `files` are carried over from the delivery before. Every file is read before
    anything is copied, so that a broken one changes nothing. Raises ValueError for a broken file, a
    population the survey does not have, or files that are all the same as those in use.
    """
    earlier = list_deliveries(profile.id)
    sources = _carry_over(profile, files, earlier)
    described = tuple(
        DeliveredFile(population, f"{population}{path.suffix.lower()}", sha256_of(path), len(read_table(path)))
        for population, path in sources.items()
    )
    if earlier and {f.sha256 for f in described} == {f.sha256 for f in earlier[-1].files}:
        raise ValueError(
            f"The files are the same as those of delivery {earlier[-1].id} of {profile.id}, "
            "which is in use already; nothing was changed."
        )
    identity = f"{len(earlier) + 1:03d}_{received.isoformat()}"
    delivery = Delivery(identity, received, origin, licence, note, described)
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
    row whose column is "*". Records are matched by `_uuid` (or the column ending in RESPNO), else by
    position. No value is shown.
    """
    rows: list[dict[str, object]] = []
    for population in profile.populations:
        old, new = (_keyed(profile.id, delivery, population) for delivery in (before, after))
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


def _keyed(profile_id: str, delivery: Delivery, population: str) -> pd.DataFrame:
    file = delivery.file(population)
    if file is None:
        return pd.DataFrame()
    table = read_table(paths.raw(profile_id) / delivery.id / file.name)
    key = next((c for c in table.columns if c == "_uuid" or c.upper() == "RESPNO"), None)
    if key is None:
        return table
    occurrence = table.groupby(key).cumcount().astype(str)
    return table.set_index(table[key] + "#" + occurrence)


def _carry_over(profile: Profile, files: Mapping[str, Path], earlier: tuple[Delivery, ...]) -> dict[str, Path]:
    if strange := [name for name in files if name not in profile.populations]:
        raise ValueError(f"{profile.id} has no population {strange}; it has {list(profile.populations)}")
    sources = dict(files)
    for file in earlier[-1].files if earlier else ():
        sources.setdefault(file.population, paths.raw(profile.id) / earlier[-1].id / file.name)
    return {name: sources[name] for name in profile.populations if name in sources}


def _store(profile_id: str, delivery: Delivery, sources: Mapping[str, Path]) -> None:
    home = paths.raw(profile_id)
    home.mkdir(parents=True, exist_ok=True)
    target = home / delivery.id
    if target.exists():  # left over by a reception that was interrupted before it was recorded
        shutil.rmtree(target)
    draft = Path(tempfile.mkdtemp(dir=home, prefix=".receiving-"))
    try:
        for file in delivery.files:
            shutil.copyfile(sources[file.population], draft / file.name)
        draft.chmod(0o755)
        os.replace(draft, target)
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
    target = paths.raw(profile_id) / "SOURCE.toml"
    draft = target.with_suffix(".draft")
    draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
    os.replace(draft, target)


def _quoted(text: str) -> str:
    """A JSON string is a TOML string as long as no character is split into surrogates."""
    return json.dumps(text, ensure_ascii=False)
