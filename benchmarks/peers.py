"""Other tools for survey data: installed where nothing else is, asked the same tasks, each in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

HERE = Path(__file__).parent
PINNED = {"svy": "0.35.0", "samplics": "0.6.1", "statsmodels": "0.15.0"}
"""Version of each peer. All that is asked of them stands in `peer_scripts`."""

LIMIT = 240
"""Seconds that one peer may take for its tasks on one file."""

TWO_THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS"), "2")
"""Every process may use two threads."""

AS_IN_CHAPTERS = {"OPENBLAS_NUM_THREADS": "1"}
"""Ours multiplies its small matrices in one thread, as the kernels of chapters do; DuckDB still reads with two."""

Answers = dict[str, dict[str, Any]]


def install_peers(folder: Path, only: tuple[str, ...] | None = None) -> Path:
    """Make a virtual environment with all peers, or `only` some; returns its Python."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    packages = [f"{name}=={version}" for name, version in PINNED.items() if name in (only or PINNED)]
    subprocess.run([python, "-m", "pip", "install", "--quiet", *packages, "pyarrow", "pandas"], check=True)
    return python


def peer_versions(python: Path) -> dict[str, str]:
    """Version of each peer and of what carries its weight, as installed; R's where it is found."""
    names = (*PINNED, "polars", "numpy", "pandas")
    code = "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))"
    there = json.loads(subprocess.run([python, "-c", code], capture_output=True, check=True).stdout)
    found: dict[str, str] = {name: there[name] for name in names if name in there}
    if has_r():
        code = "cat(as.character(getRversion()), as.character(packageVersion('survey')))"
        r, survey = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=True).stdout.split()
        found |= {"R": r, "R survey": survey}
    return found


def has_r() -> bool:
    """Whether R and its package survey are on this machine."""
    return (
        bool(shutil.which("Rscript"))
        and not subprocess.run(["Rscript", "-e", "library(survey)"], capture_output=True, check=False).returncode
    )


def ask(command: list[str | Path], tasks: tuple[str, ...], settings: Mapping[str, str] | None = None) -> Answers:
    """Run a script that answers tasks in JSON on its last line; what it could not answer says why in `failed`."""
    environment = os.environ | TWO_THREADS | dict(settings or {})
    try:
        done = subprocess.run(
            [*command, *tasks],
            cwd=HERE.parent,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {task: {"failed": f"no answer within {LIMIT} s"} for task in tasks}
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
        return {task: {"failed": reason} for task in tasks}
    answers: Answers = json.loads(done.stdout.strip().splitlines()[-1])
    return answers


def ask_peer(python: Path, peer: str, path: Path, tasks: tuple[str, ...]) -> Answers:
    """What a peer answers about one file."""
    return ask([python, "-W", "ignore", "-m", f"benchmarks.peer_scripts.{peer}_tasks", path], tasks)


def ask_r(path: Path, tasks: tuple[str, ...]) -> Answers:
    """What R survey answers about one file, which it reads as text."""
    text = path.with_suffix(".csv")
    pd.read_parquet(path).to_csv(text, index=False)
    command: list[str | Path] = ["Rscript", HERE / "peer_scripts" / "survey.R", text, *tasks]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=2 * LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return {task: {"failed": f"no answer within {2 * LIMIT} s"} for task in tasks}
    if done.returncode:
        return {task: {"failed": done.stderr.strip().splitlines()[-1]} for task in tasks}
    answers: Answers = {}
    for line in filter(None, done.stdout.splitlines()):
        task, seconds, name, value = line.strip().split("\t")
        answer = answers.setdefault(task, {"seconds": float(seconds), "numbers": {}})
        answer["numbers"][name] = float(value)
    return answers


def own_python() -> list[str | Path]:
    """The interpreter of this project, for processes that answer as peers do."""
    return [sys.executable, "-W", "ignore"]
