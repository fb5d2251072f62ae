"""How long each chapter takes alone, one after another: what the pages of the book say of their run time."""

import csv
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bsna import paths
from bsna.intake.profile import list_profiles, load_profile
from bsna.kernels import nursery
from bsna.publishing.notebook_pages import COLUMNS, RECORD
from bsna.publishing.rebuilding import furnish
from bsna.running import runnable
from bsna.running.chapters import list_chapters
from bsna.running.execution import execute

HERE = Path(__file__).parent


def measure_chapters() -> None:
    """Write benchmarks/chapters.csv for all surveys that have data, in a house of its own."""
    surveys = [name for name in list_profiles() if runnable(load_profile(name))]
    before = os.environ.get(paths.HOUSE_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="bsna-bench-") as folder:
        os.environ[paths.HOUSE_VARIABLE] = str(furnish(Path(folder).resolve(), surveys))
        try:
            subprocess.run([sys.executable, "-m", "bsna.cli", "run", "--all", "--quiet"], check=True)
            write_record([*timed_chapters(surveys)])
        finally:
            os.environ.pop(paths.HOUSE_VARIABLE)
            if before is not None:
                os.environ[paths.HOUSE_VARIABLE] = before


def timed_chapters(surveys: Sequence[str]) -> Iterator[tuple[str, str, float]]:
    """Chapter, survey and seconds of every chapter, in the house at hand, whose surveys have been run."""
    with tempfile.TemporaryDirectory(prefix="bsna-bench-") as folder, nursery():
        for chapter in list_chapters():
            own = [(name, {"profile": name}) for name in surveys] if chapter.scope == "survey" else [("", {})]
            for survey, parameters in own:
                start = time.monotonic()
                execute(chapter.path, Path(folder) / chapter.path.name, {**parameters, "language": "en"})
                yield chapter.path.stem, survey, time.monotonic() - start


def write_record(rows: Sequence[tuple[str, str, float]]) -> None:
    """Write what was measured beside this module; seconds to a tenth."""
    with (HERE / RECORD).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for chapter, survey, seconds in rows:
            table.writerow([chapter, survey, f"{seconds:.1f}", os.cpu_count(), platform.python_version()])
