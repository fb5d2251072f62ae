"""Birth certificates: what each result was made from."""

import hashlib
import platform
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bsna import paths
from bsna.intake.profile import load_profile
from bsna.intake.raw import current_delivery, list_deliveries

LIBRARIES = ("numpy", "pandas", "scipy", "matplotlib", "papermill", "jupyter-book", "pydantic")
COMPUTING = ("numpy", "pandas", "scipy", "pyarrow", "openpyxl", "pyreadstat")
"""Libraries that read answers or compute with them."""


def digest(files: list[Path]) -> str:
    """One checksum over the names and bytes of files, in the order of their names. The same files have the same checksum in
    every house, whether or not the package stands in it."""
    total = hashlib.sha256()
    for name, path in sorted(((_name(path), path) for path in files), key=lambda pair: pair[0].split("/")):
        total.update(name.encode() + _content(path, path.stat().st_mtime_ns))
    return total.hexdigest()


def _name(path: Path) -> str:
    """A module by its place in the package, another file by its place in the house, and what is outside by its own name."""
    package, house = Path(__file__).parent, paths.house()
    if path.is_relative_to(package):
        return f"src/bsna/{path.relative_to(package).as_posix()}"
    return path.relative_to(house).as_posix() if path.is_relative_to(house) else path.name


@cache
def _content(path: Path, changed_ns: int) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def package_modules() -> list[Path]:
    """All modules of the package."""
    return sorted(Path(__file__).parent.rglob("*.py"))


@lru_cache(maxsize=1)
def code_version() -> str:
    """Version of the package and a checksum of its modules."""
    root = Path(__file__).parent
    total = hashlib.sha256()
    for path in package_modules():
        total.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return f"{version('bsna')}+{total.hexdigest()[:12]}"


@cache
def computing_versions() -> dict[str, str]:
    """Versions of Python and of the libraries on which numbers may depend."""
    return {"python": platform.python_version()} | {name: version(name) for name in COMPUTING}


def researcher_files(profile_id: str) -> dict[str, list[Path]]:
    """What a researcher decided of the answers to a survey: its corrections, and the checks of all surveys."""
    corrections = paths.assessment("corrections", f"{profile_id}.csv")
    checks = sorted(path for path in paths.assessment("checks").rglob("*") if path.is_file())
    return {"corrections": [corrections] if corrections.is_file() else [], "checks": checks}


def certificate(profile_id: str, modules: Iterable[Path]) -> dict[str, Any]:
    """What a chapter of a survey was made from: code, raw files, corrections, checks, profile, plan, seed, libraries.

    `modules` are those the chapter uses: a change elsewhere does not make it run anew, and leaves its certificate as it is.
    """
    profile = load_profile(profile_id)
    delivery = current_delivery(profile_id) if list_deliveries(profile_id) else None
    return {
        "survey": profile_id,
        "source": profile.source,
        "code": f"{version('bsna')}+{digest(list(modules))[:12]}",
        "raw": {file.name: file.sha256 for file in delivery.files} if delivery else {},
        "delivery": delivery.id if delivery else "",
        **{name: digest(files) for name, files in researcher_files(profile_id).items()},
        "profile": digest([paths.assessment("profiles", f"{profile_id}.toml")]),
        "plan": digest(list(paths.assessment("plan").glob("*"))),
        "instrument": digest(list(paths.assessment("instrument").rglob("*.csv"))),
        "seed": profile.seed,
        "libraries": {name: version(name) for name in LIBRARIES},
    }
