"""The chapters of the house: what each notebook declares, reads and writes, and which modules it uses."""

import ast
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat

from bsna import paths
from bsna.intake.plan import load_plan
from bsna.intake.profile import Profile
from bsna.publishing.addresses import written_pages
from bsna.running.trees import tree_of


@dataclass(frozen=True)
class Chapter:
    """One notebook: its file, id, whether it is about one survey or all, and rooms it reads and writes."""

    path: Path
    id: str
    scope: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    title: dict[str, str]


def list_chapters() -> tuple[Chapter, ...]:
    """Chapters in reading order. Raises ValueError for a notebook without the metadata `bsna`."""
    chapters = []
    for path in sorted(paths.notebooks().glob("[0-9]*.ipynb")):
        facts = json.loads(path.read_text(encoding="utf-8"))["metadata"].get("bsna")
        if facts is None:
            raise ValueError(f"{path.name} has no metadata 'bsna' (chapter, scope, reads, writes, title)")
        chapters.append(
            Chapter(
                path, facts["chapter"], facts["scope"], tuple(facts["reads"]), tuple(facts["writes"]), facts["title"]
            )
        )
    return tuple(chapters)


def check_parameters(path: Path, parameters: dict[str, Any]) -> None:
    """Compare parameters with those the notebook declares.

    Raises ValueError for one that is misspelt, or of another type than the default in the notebook.
    """
    from papermill import inspect_notebook  # a run with nothing to do need not wait for it

    declared = inspect_notebook(str(path))
    if unknown := sorted(set(parameters) - set(declared)):
        raise ValueError(f"{path.name} has no parameter {unknown}; it has {sorted(declared)}")
    for name, value in parameters.items():
        default = ast.literal_eval(declared[name]["default"])
        if type(value) is not type(default):
            raise ValueError(
                f"{path.name}: parameter {name} is {value!r} ({type(value).__name__}), expected {type(default).__name__}"
            )


def notebook_file(survey: str, chapter: Chapter, language: str) -> Path:
    """Where the executed notebook of a chapter stands."""
    return paths.told(survey, language) / "notebooks" / chapter.path.name


def written_files(chapter: Chapter, profile: Profile, language: str) -> list[Path]:
    """Pages made of results that a chapter writes for one survey, in one language."""
    rooms = [room.removeprefix("pages/") for room in chapter.writes if room.startswith("pages/")]
    home = paths.told(profile.id, language) / "pages"
    return [home / f"{name}.md" for room in rooms for name in written_pages(load_plan())[room]]


def products(chapter: Chapter, profile: Profile) -> list[Path]:
    """Data files that a chapter writes for one survey, and its pages in the language of the source."""
    return [path for room in chapter.writes for path in room_files(room, profile)]


def room_files(room: str, profile: Profile) -> list[Path]:
    """Files of one room of one survey."""
    home, people = paths.processed(profile.id), profile.populations
    if room == "raw":
        return [paths.raw(profile.id) / "SOURCE.toml"]
    if room in ("verdicts", "recommendations"):
        return [home / room / f"{room}.json"]
    if room == "robustness":
        return [home / room / "robustness.json", home / room / "log_rows.parquet"]
    if room == "moved":
        return [home / "moved" / "edition.json"]
    if room == "published":
        return []  # what may be absent is compared by content, with what is declared
    if room in ("gaps", "results"):
        return [home / f"{w}.json" for c in list_chapters() for w in c.writes if w.startswith(f"{room}/")]
    if room.startswith(("gaps/", "results/")):
        return [home / f"{room}.json"]
    if room == "estimates":
        chapters = [w for c in list_chapters() for w in c.writes if w.startswith("estimates/")]
        return [home / f"{name}.parquet" for name in chapters]
    if room.startswith("pages/"):
        return [home / "pages" / f"{name}.md" for name in written_pages(load_plan())[room.removeprefix("pages/")]]
    if room.startswith("estimates/"):
        return [home / f"{room}.parquet"]
    extra = {"cleaned": ["log", "flags"], "design": ["diagnostics"], "measured": ["absent"]}.get(room, [])
    return [home / room / f"{name}.parquet" for name in (*people, *extra)]


@cache
def modules_used(path: Path) -> frozenset[Path]:
    """Modules of this package that a notebook or module imports, and those they import."""
    found: set[Path] = set()
    waiting = set(_imported(path))
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting |= _imported(module)
    return frozenset(found)


@cache
def _imported(path: Path) -> frozenset[Path]:
    root = Path(__file__).parents[1]
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = nbformat.reads(source, as_version=4).cells
        source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    names: set[str] = set()
    for node in ast.walk(tree_of(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bsna"):
            names |= {f"{node.module}", *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names if alias.name.startswith("bsna")}
    files = set()
    for name in names:
        stem = root.joinpath(*name.split(".")[1:])
        files |= {
            path
            for path in (stem.with_suffix(".py"), stem / "__init__.py")
            if path.is_file() and path != root.with_suffix(".py")
        }
    return frozenset(files)
