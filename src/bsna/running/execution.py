"""One notebook is executed, made the same at every run, and put in place when it is whole."""

import json
import os
import tempfile
import threading
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbconvert import HTMLExporter
from papermill.exceptions import PapermillExecutionError

from bsna.kernels import PromptManager
from bsna.running.chapters import check_parameters

_HOW: dict[str, Any] = {
    "progress_bar": False,
    "kernel_name": "python3",
    "kernel_manager_class": PromptManager,
    "shutdown_kernel": "immediate",
}
_TIMED = ("papermill", "execution", "widgets")


def execute(source: Path, target: Path, parameters: dict[str, Any]) -> None:
    """Execute a notebook into `target`, and beside it a single HTML file that can be mailed.

    Parameters are checked first. Raises RuntimeError naming notebook, cell and error if a cell fails; files of an earlier
    run then stay as they are.
    """
    check_parameters(source, parameters)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".running-") as folder:
        draft = Path(folder) / source.name
        try:
            # to no file: papermill would write the notebook anew, figures and all, before and after each cell
            executed = papermill.execute_notebook(str(source), None, parameters, **_HOW)
        except PapermillExecutionError as error:
            raise RuntimeError(
                f"{source.name} {parameters}: cell {error.exec_count} failed: {error.ename}: {error.evalue}"
            ) from None
        notebook = scrubbed(executed)
        nbformat.write(notebook, draft)
        page = draft.with_suffix(".html")
        page.write_text(self_contained(notebook), encoding="utf-8")
        os.replace(page, target.with_suffix(".html"))
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


def self_contained(notebook: Any) -> str:
    """The executed notebook as one HTML file."""
    with _exporting:
        return str(_exporter().from_notebook_node(notebook)[0])


_exporting = threading.Lock()
"""One notebook is exported at a time: an exporter keeps facts of the notebook at hand."""


@cache
def _exporter() -> HTMLExporter:
    exporter = HTMLExporter(template_name="lab", embed_images=True)
    exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
    return exporter


def write_certificate(path: Path, facts: dict[str, Any]) -> None:
    """Put a birth certificate beside a result."""
    path.write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
