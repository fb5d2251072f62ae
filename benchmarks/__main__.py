"""`make bench`: speed of a run against plain sequential papermill, and recovery of the known truth."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import papermill

from bsna import paths
from bsna.intake.checks import load_checks, run_checks
from bsna.intake.instrument import load_questionnaire
from bsna.intake.profile import load_profile
from bsna.reports import type_survey
from bsna.simulation import deliver_simulated
from bsna.simulation.recovery import coverage, fault_recovery

HERE = Path(__file__).parent
REPLICATES = 200
BSNA = str(Path(sys.executable).parent / "bsna")


def main() -> None:
    """Write benchmarks/results.md and the tables beside it."""
    with tempfile.TemporaryDirectory(prefix="bsna-bench-") as folder:
        house = _furnished(Path(folder))
        os.environ["BSNA_HOUSE"] = str(house)
        speed = _speed(house)
        faults = pd.concat([_faults(name) for name in ("zz", "mli")])
    cover = pd.concat(
        [coverage(load_profile(n), replicates=REPLICATES, seed=11).assign(survey=n) for n in ("zz", "mli")]
    )
    for name, table in (("speed", speed), ("faults", faults), ("coverage", cover)):
        table.to_csv(HERE / f"{name}.csv", index=False, float_format="%.4g", lineterminator="\n")
        print(f"\n{name}\n{table.to_string(index=False)}", flush=True)
    _write(speed, faults, cover)


def _furnished(house: Path) -> Path:
    for part in ("assessment", "notebooks", "book"):
        shutil.copytree(paths.house() / part, house / part, ignore=shutil.ignore_patterns("_build"))
    shutil.copyfile(paths.house() / "_config.yml", house / "_config.yml")
    for path in (house / "assessment" / "profiles").glob("*.toml"):
        if path.stem not in ("zz", "mli"):
            path.unlink()
    return house


def _speed(house: Path) -> pd.DataFrame:
    """Seconds for the same notebooks of two surveys: one after another by papermill, by our run, and again."""
    for name in ("zz", "mli"):
        deliver_simulated(load_profile(name))
    start = time.monotonic()
    for name in ("zz", "mli"):
        for path in sorted((house / "notebooks").glob("*.ipynb"))[:-1]:
            papermill.execute_notebook(
                str(path), str(house / "out.ipynb"), {"profile": name}, progress_bar=False, kernel_name="python3"
            )
    papermill.execute_notebook(
        str(house / "notebooks" / "13_countries.ipynb"),
        str(house / "out.ipynb"),
        {},
        progress_bar=False,
        kernel_name="python3",
    )
    plain = time.monotonic() - start
    shutil.rmtree(house / "data" / "processed")
    ours, again = _timed([BSNA, "run", "--all", "--quiet"]), _timed([BSNA, "run", "--all", "--quiet"])
    rows = [
        ("papermill, one after another", plain),
        ("bsna run, two workers", ours),
        ("bsna run, nothing changed", again),
    ]
    return pd.DataFrame([{"what": what, "seconds": s, "ratio": s / plain} for what, s in rows])


def _timed(command: list[str]) -> float:
    start = time.monotonic()
    subprocess.run(command, check=True)
    return time.monotonic() - start


def _faults(name: str) -> pd.DataFrame:
    typed = type_survey(load_profile(name))
    findings = run_checks(typed, load_checks(), {n: load_questionnaire(n) for n in typed})
    planted = pd.read_csv(paths.raw(name) / "truth" / "faults.csv", dtype=str, keep_default_na=False)
    return fault_recovery(findings, planted).assign(survey=name)


def _write(speed: pd.DataFrame, faults: pd.DataFrame, cover: pd.DataFrame) -> None:
    apart = cover[~cover["refused_not_at_random"]]
    lines = [
        "# Measured",
        "",
        f"Python {platform.python_version()}, {os.cpu_count()} cores. Seconds differ from machine to machine; ratios less.",
        "",
        *(f"- {row['what']}: {row['seconds']:.0f} s, ratio {row['ratio']:.2f}" for row in speed.to_dict("records")),
        f"- 95% intervals contained the truth in {apart['covered'].mean():.1%} of {REPLICATES} samples, over {len(apart)} measures",
        f"- planted faults: lowest recall {faults['recall'].min():.2f}, lowest precision {faults['precision'].min():.2f}",
        "",
    ]
    (HERE / "results.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
