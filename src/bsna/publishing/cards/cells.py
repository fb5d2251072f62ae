"""Which cell of a chapter's notebook makes which rows, read from the notebook as it is written."""

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bsna import paths
from bsna.intake.plan import Plan

_REPORT = "report_"
"""How calls begin that name no row of the plan and show a chapter's own results."""


@dataclass(frozen=True)
class Cell:
    """One call in a cell of code. `number` counts cells of code from 1; `names` are the plan's rows it asks for."""

    number: int
    id: str
    call: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """A chapter as a notebook: its file, its title by language, and its calls in order."""

    file: str
    title: Mapping[str, str]
    cells: tuple[Cell, ...]

    @property
    def page(self) -> str:
        """The chapter's page, in the part of its survey."""
        return f"{Path(self.file).stem}.html"


def chapter_sources(scope: str = "survey") -> dict[str, Source]:
    """The chapters about one survey, or with scope `all` those about all, by id, in reading order."""
    found = {}
    for path in sorted(paths.notebooks().glob("[0-9]*.ipynb")):
        facts, source = _read(path, path.stat().st_mtime_ns)
        if facts.get("scope") == scope:
            found[str(facts["chapter"])] = source
    return found


def cell_of(plan: Plan, source: Source, row: Mapping[str, Any]) -> Cell | None:
    """The first cell that makes a row; else the first that reports the chapter's own results; None if there is none."""
    wanted = _wanted(plan, row)
    own = [cell for cell in source.cells if wanted & set(cell.names)]
    return next(iter([*own, *(cell for cell in source.cells if cell.call.startswith(_REPORT))]), None)


def cell_asking(source: Source, asked: str) -> Cell | None:
    """The first cell that names a row of the plan, or that calls a function."""
    return next((cell for cell in source.cells if asked in cell.names or cell.call.startswith(f"{asked}(")), None)


def _wanted(plan: Plan, row: Mapping[str, Any]) -> set[str]:
    """Rows of the plan whose answer holds an estimate row."""
    measure, population, by = row["measure"], row["population"], row["by"]
    names = {t.table for t in plan.tables if (t.population, t.by) == (population, by) and measure in t.measures}
    names |= {d.distribution for d in plan.distributions if d.population == population and measure in d.questions}
    names |= {flow.flow for flow in plan.flows if (flow.population, flow.flow) == (population, measure)}
    if row["unit"] == "points":
        models = [model for model in plan.models if model.population == population and by in model.terms]
        names |= {model.id for model in models if measure in (model.score, model.share)}
    return names


@lru_cache(maxsize=64)
def _read(path: Path, changed_ns: int) -> tuple[dict[str, Any], Source]:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    facts = notebook["metadata"].get("bsna", {})
    codes = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    cells = [
        Cell(number, cell["id"], call, names)
        for number, cell in enumerate(codes, 1)
        if "parameters" not in cell["metadata"].get("tags", [])
        for call, names in _calls("".join(cell["source"]))
    ]
    return facts, Source(path.name, facts.get("title", {}), tuple(cells))


def _calls(code: str) -> list[tuple[str, tuple[str, ...]]]:
    """Each statement that calls something, with the texts it is given."""
    found = []
    for statement in ast.parse(code).body:
        if isinstance(statement, ast.Expr | ast.Assign) and isinstance(statement.value, ast.Call):
            given = [arg.value for arg in statement.value.args if isinstance(arg, ast.Constant)]
            found.append((ast.unparse(statement.value), tuple(name for name in given if isinstance(name, str))))
    return found
