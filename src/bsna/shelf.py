"""Where results stand between chapters: the only module that reads and writes data/processed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from bsna import paths
from bsna.drafts import drafted


def read_frame(profile_id: str, room: str, name: str) -> pd.DataFrame:
    """Read one table of a room. Raises ValueError, with what to run, if it has not been made."""
    path = paths.processed(profile_id) / room / f"{name}.parquet"
    if not path.is_file():
        raise ValueError(f"{path} is not there yet; run `bsna run {profile_id}` first")
    return pd.read_parquet(path)


def write_frame(frame: pd.DataFrame, profile_id: str, room: str, name: str) -> Path:
    """Write one table of a room, all at once: a reader never sees half of it."""
    path = _prepared(profile_id, room, f"{name}.parquet")
    with drafted(path) as draft:
        frame.to_parquet(draft, index=False, engine="pyarrow", compression="zstd")
    return path


def read_record(profile_id: str, room: str, name: str) -> Any:
    """Read one record of a room. Raises ValueError, with what to run, if it has not been made."""
    path = paths.processed(profile_id) / room / f"{name}.json"
    if not path.is_file():
        raise ValueError(f"{path} is not there yet; run `bsna run {profile_id}` first")
    return json.loads(path.read_text(encoding="utf-8"))


def write_record(record: Mapping[str, Any] | list[Any], profile_id: str, room: str, name: str) -> Path:
    """Write one record of a room as JSON with sorted keys, all at once."""
    path = _prepared(profile_id, room, f"{name}.json")
    text = json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False, default=_plain)
    with drafted(path) as draft:
        draft.write_text(text + "\n", encoding="utf-8")
    return path


def write_page(
    text: str, profile_id: str, name: str, language: str, figures: Mapping[str, bytes] | None = None
) -> Path:
    """Write one page of the room of pages of a language, `name` without ending, its figures first: a page never lacks one."""
    room = paths.told(profile_id, language) / "pages"
    for figure, content in (figures or {}).items():
        with drafted(_placed(room / "figures" / figure)) as draft:
            draft.write_bytes(content)
    path = _placed(room / f"{name}.md")
    with drafted(path) as draft:
        draft.write_text(text, encoding="utf-8")
    return path


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def _prepared(profile_id: str, room: str, name: str) -> Path:
    return _placed(paths.processed(profile_id) / room / name)


def _placed(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
