"""`make bench`: speed of a run against plain sequential papermill, recovery of the known truth, and the engine against peers.

`python -m benchmarks engine` measures the engine alone, `python -m benchmarks engine quick` in a minute, writing nothing;
`python -m benchmarks coverage` whether its intervals contain the truth, `python -m benchmarks reference` whether its numbers
are those of R, `python -m benchmarks claims` how often claims come out against a known truth, `python -m benchmarks chapters` how long each
chapter takes.
"""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import pandas as pd
import papermill

from benchmarks.chapters import measure_chapters
from benchmarks.claims import measure_claims
from benchmarks.coverage import measure_coverage
from benchmarks.engine import SURVEY, measure_engine
from benchmarks.imputation import measure_imputation
from benchmarks.reference import measure_agreement
from bsna import paths
from bsna.intake.checks import load_checks, run_checks
from bsna.intake.instrument import load_questionnaire
from bsna.intake.profile import load_profile
from bsna.intake.reading import type_survey
from bsna.publishing.rebuilding import copy_sources
from bsna.running.chapters import list_chapters
from bsna.simulation.recovery import coverage, fault_recovery

HERE = Path(__file__).parent
REPLICATES = 200
SURVEYS = ("zz", "mli")
ALONE = {
    "chapters": measure_chapters,
    "claims": measure_claims,
    "coverage": measure_coverage,
    "imputation": measure_imputation,
    "reference": measure_agreement,
}
"""Measured without a house."""
BSNA = str(Path(sys.executable).parent / "bsna")


def main(words: list[str]) -> None:
    """Write benchmarks/results.md and engine.md, and the tables beside them."""
    if strange := set(words) - {"engine", "quick", *ALONE}:
        raise SystemExit(f"Unknown: {sorted(strange)}; say nothing, one of {list(ALONE)}, `engine` or `engine quick`")
    if len(words) == 1 and words[0] in ALONE:
        return ALONE[words[0]]()
    if "quick" in words:
        return measure_engine(None, quick=True)
    with tempfile.TemporaryDirectory(prefix="bsna-bench-") as folder:
        house = copy_sources(Path(folder).resolve(), SURVEYS)
        os.environ["BSNA_HOUSE"] = str(house)
        if words:
            _timed("run", SURVEY)
            return measure_engine(house)
        speed = _told("speed", _speed(house))
        faults = _told("faults", pd.concat([_faults(name) for name in SURVEYS]))
        samples = [coverage(load_profile(n), replicates=REPLICATES, seed=11).assign(survey=n) for n in SURVEYS]
        cover = _told("coverage", pd.concat(samples))
        _write(speed, faults, cover)
        for measure in ALONE.values():
            measure()
        measure_engine(house)


def _told(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Write a table beside this module, and print it."""
    table.to_csv(HERE / f"{name}.csv", index=False, float_format="%.4g", lineterminator="\n")
    print(f"\n{name}\n{table.to_string(index=False)}", flush=True)
    return table


def _speed(house: Path) -> pd.DataFrame:
    """Seconds for the same notebooks of two surveys: one after another by papermill, by our run, and again; then the book.

    Raises RuntimeError if our run does not show every figure that plain papermill shows.
    """
    _timed("run", "--all")  # makes the surveys, which is no part of the comparison
    shutil.rmtree(house / "data" / "processed")
    shown, plain = _plain(house)
    ours, again = _timed("run", "--all"), _timed("run", "--all")
    found = _figures(house / "data" / "processed")
    if found != shown:
        raise RuntimeError(f"plain papermill shows {shown} figures, our run {found}")
    shutil.rmtree(house / "data")
    shutil.rmtree(house / ".pytask")
    book, book_again = _timed("book"), _timed("book")
    rows = [
        (f"papermill, one after another, {shown} figures", plain, 1.0),
        (f"bsna run, two workers, {found} figures", ours, ours / plain),
        ("bsna run, nothing changed", again, again / ours),
        ("bsna book, simulation included", book, 1.0),
        ("bsna book, nothing changed", book_again, book_again / book),
    ]
    return pd.DataFrame(rows, columns=["what", "seconds", "ratio"])


def _plain(house: Path) -> tuple[int, float]:
    out, seconds = house / "plain", 0.0
    for number, (path, parameters) in enumerate(_work(house)):
        target = out / str(number) / path.name
        target.parent.mkdir(parents=True)
        start = time.monotonic()
        papermill.execute_notebook(str(path), str(target), parameters, progress_bar=False, kernel_name="python3")
        seconds += time.monotonic() - start
    shown = _figures(out)
    shutil.rmtree(house / "data" / "processed")
    return shown, seconds


def _work(house: Path) -> list[tuple[Path, dict[str, str]]]:
    chapters = list_chapters()
    own = [(c.path, {"profile": name}) for name in SURVEYS for c in chapters if c.scope == "survey"]
    return own + [(c.path, {}) for c in chapters if c.scope == "all"]


def _figures(folder: Path) -> int:
    notebooks = (nbformat.read(path, as_version=4) for path in sorted(folder.rglob("*.ipynb")))
    outputs = (output for notebook in notebooks for cell in notebook.cells for output in cell.get("outputs", []))
    return sum("image/png" in output.get("data", {}) for output in outputs)


def _timed(*words: str) -> float:
    start = time.monotonic()
    subprocess.run([BSNA, *words, "--quiet"], check=True)
    return time.monotonic() - start


def _faults(name: str) -> pd.DataFrame:
    typed = type_survey(load_profile(name))
    findings = run_checks(typed, load_checks(), {n: load_questionnaire(n) for n in typed})
    planted = pd.read_csv(paths.raw(name) / "truth" / "faults.csv", dtype=str, keep_default_na=False)
    return fault_recovery(findings, planted).assign(survey=name)


def _write(speed: pd.DataFrame, faults: pd.DataFrame, cover: pd.DataFrame) -> None:
    apart, biased = cover[~cover["refused_not_at_random"]], cover[cover["refused_not_at_random"]]
    lines = [
        "# Measured",
        "",
        f"Python {platform.python_version()}, {os.cpu_count()} cores, surveys {' and '.join(SURVEYS)}. Seconds differ from "
        "machine to machine; ratios less. A ratio is to the first line of its kind; where nothing changed, to the run before.",
        "",
        "| what | seconds | ratio |",
        "|---|---|---|",
        *(f"| {row['what']} | {row['seconds']:.1f} | {row['ratio']:.3f} |" for row in speed.to_dict("records")),
        "",
        f"- 95% intervals contained the truth in {apart['covered'].mean():.1%} of {REPLICATES} samples, over {len(apart)} "
        f"measures (lowest {apart['covered'].min():.1%}, highest {apart['covered'].max():.1%}).",
        f"- Where refusals depend on the answer, plain intervals contained it in {biased['covered'].min():.0%} to "
        f"{biased['covered'].max():.0%}; worst-case bounds in {biased['bounds_hold'].min():.1%} to "
        f"{biased['bounds_hold'].max():.1%}.",
        f"- Planted faults: lowest recall {faults['recall'].min():.2f}, lowest precision {faults['precision'].min():.2f}.",
        "",
        "Details: `speed.csv`, `coverage.csv`, `faults.csv`. The estimation engine against its peers: `engine.md`; how often its "
        "intervals contain the truth, over 2,000 samples: `coverage_engine.md`; how often claims come out against it: `claims.md`.",
        "",
    ]
    (HERE / "results.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
