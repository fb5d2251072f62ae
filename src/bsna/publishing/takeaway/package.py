"""Estimate rows as CSV and Parquet, described as a tabular data package (Frictionless, version 1)."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bsna.publishing.downloads import guarded
from bsna.publishing.takeaway.declared import load_declared
from bsna.publishing.takeaway.imprint import Imprint


def write_package(rows: pd.DataFrame, imprint: Imprint, title: str, folder: Path) -> list[Path]:
    """Write estimates.csv, estimates.parquet and datapackage.json. The same rows give the same bytes.

    In CSV a text that a spreadsheet would take for a formula has an apostrophe in front; Parquet holds it as it is.
    """
    table, columns = folder / "estimates.csv", folder / "estimates.parquet"
    table.write_text(_csv(rows), encoding="utf-8", newline="")
    _write_parquet(rows, imprint, title, columns)
    described = folder / "datapackage.json"
    facts = data_package(imprint, title, [table, columns], str(rows["survey"].iloc[0]))
    described.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return [table, columns, described]


def data_package(imprint: Imprint, title: str, files: list[Path], survey: str) -> dict[str, Any]:
    """The description of the two tables: `title` says whether data are simulated, `created` is the end of fieldwork."""
    declared = load_declared()
    schema = {
        "fields": [
            {"name": c.name, "type": c.type, "description": c.describes[imprint.language]} for c in declared.column
        ],
        "missingValues": [""],
        "primaryKey": "key",
    }
    csv, parquet = (_resource(path) for path in files)
    return {
        "profile": "tabular-data-package",
        "name": f"bsna-{survey}".replace("_", "-"),
        "title": title,
        "description": " ".join(imprint.sentences),
        "version": imprint.version,
        "created": imprint.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "licenses": [{"name": declared.work.licence, "path": declared.work.licence_address}],
        "contributors": [{"title": name, "role": "author"} for name in imprint.authors],
        "sources": [{"title": imprint.source}],
        "resources": [
            csv | {"profile": "tabular-data-resource", "format": "csv", "mediatype": "text/csv", "schema": schema},
            parquet | {"format": "parquet", "mediatype": "application/vnd.apache.parquet"},
        ],
    }


def _csv(rows: pd.DataFrame) -> str:
    texts = {c.name: rows[c.name].map(guarded) for c in load_declared().column if c.type == "string"}
    flags = {
        c.name: rows[c.name].map({True: "true", False: "false"}) for c in load_declared().column if c.type == "boolean"
    }
    return rows.assign(**texts, **flags).to_csv(index=False, lineterminator="\n")


def _write_parquet(rows: pd.DataFrame, imprint: Imprint, title: str, path: Path) -> None:
    table = pa.Table.from_pandas(rows, preserve_index=False)
    said = {"title": title, "description": " ".join(imprint.sentences), "version": imprint.version}
    pq.write_table(table.replace_schema_metadata(said), path, compression="zstd")


def _resource(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    facts: dict[str, Any] = {"name": f"{path.stem}-{path.suffix[1:]}", "path": path.name, "encoding": "utf-8"}
    if path.suffix != ".csv":
        del facts["encoding"]
    return facts | {"bytes": len(content), "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}
