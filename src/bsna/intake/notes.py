"""Notes of focus groups and interviews: excerpts as coders read them, linked to claims by a codebook."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bsna import paths
from bsna.intake.plan import load_plan
from bsna.intake.profile import POPULATIONS, Labelled, Profile, Text
from bsna.intake.sheets import read_rows, validated

COLUMNS = ("excerpt_id", "source_id", "source_type", "population", "text", "coder", "code", "may_quote")
SOURCE_TYPES = ("focus_group", "interview")
SUFFIXES = (".csv", ".qdpx")
_SHOWN_FAULTS = 10


class Code(Labelled):
    """What an excerpt says of a claim: for it, against it, or context without a side. One row is one code."""

    code: Text
    claim: Text
    direction: Literal["for", "against", "context"]
    label_en: Text
    label_fr: Text


@dataclass(frozen=True)
class Note:
    """One coder's code on one excerpt, or the fact that a coder read it and found none (`code` is ""). `source_id` is the
    conversation it comes from, `source_type` its kind; `may_quote`: whether those who spoke allowed it to be quoted."""

    excerpt_id: str
    source_id: str
    source_type: str
    population: str
    text: str
    coder: str
    code: str
    may_quote: bool


def load_codes() -> tuple[Code, ...]:
    """assessment/plan/codes.csv; empty if it is not there. Raises ValueError naming file, line and key of a fault, a code that
    stands twice, or one of a claim that the plan does not have."""
    path = paths.assessment("plan", "codes.csv")
    if not path.is_file():
        return ()
    rows = read_rows(path, list(Code.model_fields))
    made = [validated(Code, row, f"{path} line {line}") for line, row in rows]
    claims = [claim.id for claim in load_plan().claims] if made else []
    if strange := sorted({code.claim for code in made} - set(claims)):
        raise ValueError(f"{path} names the claims {strange}, expected some of {claims}")
    names = [code.code for code in made]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{path}: the codes {twice} stand twice; give each its own name")
    return tuple(made)


def notes_file(profile: Profile) -> Path | None:
    """The notes of a survey in use: the last received; of a simulated survey those made for it; None if it has none."""
    if profile.is_simulated:
        path = paths.assessment("simulation", f"notes_{profile.id}.csv")
        return path if path.is_file() else None
    received = [path for path in _folder(profile).glob("[0-9]*") if path.suffix in SUFFIXES]
    return max(received, default=None, key=lambda path: path.name)


def load_notes(profile: Profile) -> tuple[Note, ...]:
    """Notes of a survey, empty if it has none. Raises ValueError as `read_notes` does."""
    path = notes_file(profile)
    return read_notes(path, profile, load_codes()) if path else ()


def take_in(profile: Profile, path: Path) -> Path:
    """Keep a file of notes as received, beside earlier ones; it becomes the one in use.

    Raises ValueError, and keeps nothing, for a file that `read_notes` refuses, the same file again, or a simulated survey.
    """
    if profile.is_simulated:
        raise ValueError(
            f"{profile.id} is simulated; its notes stand in assessment/simulation/notes_{profile.id}.csv. Nothing was taken in"
        )
    read_notes(path, profile, load_codes())
    current = notes_file(profile)
    if current and current.read_bytes() == path.read_bytes():
        raise ValueError(f"{path} is the same as {current.name}, which is in use already; nothing was changed")
    folder = _folder(profile)
    folder.mkdir(parents=True, exist_ok=True)
    number = 1 + max((int(kept.stem) for kept in folder.glob("[0-9]*") if kept.stem.isdigit()), default=0)
    target = folder / f"{number:03d}{path.suffix.lower()}"
    shutil.copyfile(path, target)
    return target


def read_notes(path: Path, profile: Profile, codes: Sequence[Code]) -> tuple[Note, ...]:
    """Notes of a .csv file, or of a REFI-QDA project (.qdpx).

    One row of a .csv is one coder's code on one excerpt, with an empty code where a coder found none. Raises ValueError
    naming file and row of what is missing, unknown or contradicts another row, and how many faults there are.
    """
    from bsna.intake.qdpx import read_project

    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path} ends in {path.suffix!r}; expected one of {', '.join(SUFFIXES)}")
    if path.suffix.lower() == ".csv":
        rows = [(f"line {line}", row) for line, row in read_rows(path, COLUMNS)]
    else:
        rows = read_project(path)
    faults = [fault for where, row in rows for fault in _faults(where, row, profile, codes)] + _contradictions(rows)
    if not rows:
        faults = ["no coded excerpt"]
    if faults:
        more = [f"... and {len(faults) - _SHOWN_FAULTS} more"] if len(faults) > _SHOWN_FAULTS else []
        raise ValueError("\n  ".join([f"{path} has {len(faults)} fault(s):", *faults[:_SHOWN_FAULTS], *more]))
    return tuple(_note(row) for _, row in rows)


def _note(row: Mapping[str, str]) -> Note:
    return Note(**{key: row[key] for key in COLUMNS if key != "may_quote"}, may_quote=row["may_quote"] == "yes")  # type: ignore[arg-type]


def _faults(where: str, row: Mapping[str, str], profile: Profile, codes: Sequence[Code]) -> list[str]:
    wanted = ("excerpt_id", "source_id", "text", "coder")
    faults = [f"{where}: {key} is empty" for key in wanted if not row[key].strip()]
    allowed = {
        "source_type": SOURCE_TYPES,
        "population": [name for name in POPULATIONS if name in profile.populations],
        "may_quote": ("yes", "no"),
        "code": ("", *(code.code for code in codes)),
    }
    for key, known in allowed.items():
        if row[key] not in known:
            hint = "; add it to assessment/plan/codes.csv" if key == "code" else ""
            faults.append(f"{where}: {key} is {row[key]!r}, expected one of {list(known)}{hint}")
    return faults


def _contradictions(rows: Sequence[tuple[str, Mapping[str, str]]]) -> list[str]:
    """An excerpt is one text of one source, a source is of one kind, and a coder gives a code once."""
    faults: list[str] = []
    first: dict[tuple[str, ...], tuple[str, tuple[str, ...]]] = {}
    same = {"excerpt_id": ("source_id", "text", "may_quote"), "source_id": ("source_type", "population")}
    for where, row in rows:
        for key, facts in same.items():
            told = tuple(row[fact] for fact in facts)
            place, known = first.setdefault((key, row[key]), (where, told))
            if known != told:
                faults.append(f"{where}: {key} {row[key]!r} has another {', '.join(facts)} than in {place}")
        given = ("given", row["excerpt_id"], row["coder"], row["code"])
        if first.setdefault(given, (where, ()))[0] != where:
            faults.append(f"{where}: the code {row['code']!r} stands there already, in {first[given][0]}")
    for where, row in rows:
        if row["code"] and ("given", row["excerpt_id"], row["coder"], "") in first:
            faults.append(f"{where}: the coder gives {row['code']!r}, but found no code in the same excerpt elsewhere")
    return faults


def _folder(profile: Profile) -> Path:
    return paths.raw(profile.id) / "notes"
