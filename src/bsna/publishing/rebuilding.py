"""The book built again in a house of its own, of the same inputs: to be compared, or to hold some surveys only."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bsna import paths

PARTS = ("assessment", "notebooks", "book", "benchmarks", "_config.yml")
"""What of a house the book is built from, beside deliveries: everything that is kept under version control, but code."""

_MADE = shutil.ignore_patterns("_build", "__pycache__", ".*")


@contextmanager
def rebuilt(surveys: Sequence[str]) -> Iterator[Path]:
    """The folder of a site built anew of these surveys alone; it goes, with the copies of the deliveries, when it was used.

    A survey left out is not known in that house: no page, comparison, search or download can name it. One without data is
    known if it is among `surveys`: pages across countries name it. Raises RuntimeError with what was printed if the book
    cannot be built.
    """
    with tempfile.TemporaryDirectory(prefix="bsna-house-") as folder:
        house = furnish(Path(folder).resolve(), surveys)
        environment = os.environ | {paths.HOUSE_VARIABLE: str(house)}
        command = [sys.executable, "-m", "bsna.cli", "book", "--quiet"]
        done = subprocess.run(command, cwd=house, env=environment, capture_output=True, text=True, check=False)
        site = house / "book" / "_build" / "html"
        if done.returncode != 0 or not (site / "index.html").is_file():
            raise RuntimeError(f"The book could not be built anew:\n{done.stderr.strip()[-4000:]}")
        yield site


def furnish(home: Path, surveys: Sequence[str]) -> Path:
    """Copy into a folder all that the book of these surveys is built from, and nothing that was made."""
    copy_sources(home, surveys)
    for survey in surveys:
        if paths.raw(survey).is_dir():
            shutil.copytree(paths.raw(survey), home / "data" / "raw" / survey)
    return home


def copy_sources(home: Path, surveys: Sequence[str]) -> Path:
    """Copy into a folder what of the house is kept under version control, with the profiles of these surveys; no data."""
    for part in PARTS:
        source = paths.house() / part
        if source.is_dir():
            shutil.copytree(source, home / part, ignore=_MADE)
        else:
            shutil.copyfile(source, home / part)
    for profile in sorted((home / "assessment" / "profiles").glob("*.toml")):
        if profile.stem not in surveys:
            profile.unlink()
    return home
