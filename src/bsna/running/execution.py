"""One notebook is executed, made the same at every run, and put in place when it is whole."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError

from bsna.kernels import PromptManager
from bsna.publishing.translation import translated_notebook
from bsna.running.chapters import check_parameters

_HOW: dict[str, Any] = {
    "progress_bar": False,
    "kernel_name": "python3",
    "kernel_manager_class": PromptManager,
    "shutdown_kernel": "immediate",
}
_TIMED = ("papermill", "execution", "widgets")


def execute(source: Path, target: Path, parameters: dict[str, Any]) -> None:
    """Execute a notebook into `target`, its prose first translated into the language among the parameters.

    Parameters are checked first, and ValueError is raised for prose without translation. Raises RuntimeError naming notebook, cell and error if a cell fails; files of an earlier
    run then stay as they are.
    """
    check_parameters(source, parameters)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".running-") as folder:
        draft = Path(folder) / source.name
        notebook = translated_notebook(nbformat.read(source, as_version=4), source, parameters["language"])
        nbformat.write(notebook, draft)
        try:
            # to no file: papermill would write the notebook anew, figures and all, before and after each cell
            executed = papermill.execute_notebook(str(draft), None, parameters, **_HOW)
        except PapermillExecutionError as error:
            raise RuntimeError(
                f"{source.name} {parameters}: cell {error.exec_count} failed: {error.ename}: {error.evalue}"
            ) from None
        nbformat.write(scrubbed(executed), draft)
        os.replace(draft, target)


def scrubbed(notebook: Any) -> Any:
    """Take out everything that differs between two runs on the same inputs."""
    for key in _TIMED:
        notebook.metadata.pop(key, None)
    notebook.metadata.get("language_info", {}).pop("version", None)
    for number, cell in enumerate(notebook.cells):
        for key in _TIMED:
            cell.metadata.pop(key, None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = f"injected{number}"
            cell.metadata["tags"] = ["injected-parameters", "remove-cell"]
        for output in cell.get("outputs", []):
            output.metadata.pop("execution", None)
    return notebook


def write_certificate(path: Path, facts: dict[str, Any]) -> None:
    """Put a birth certificate beside a result."""
    path.write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
