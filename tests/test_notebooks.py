"""The laws of a notebook: thin, without outputs, nothing but calls, declared in its own metadata."""

import ast
import json

import pytest

from bsna import paths
from bsna.intake.plan import load_plan
from bsna.reports.cleaning import HEADLINES
from bsna.running.chapters import check_parameters, list_chapters, modules_used

FORBIDDEN = (
    ast.FunctionDef,
    ast.ClassDef,
    ast.For,
    ast.While,
    ast.If,
    ast.Try,
    ast.Lambda,
    ast.With,
    ast.ListComp,
    ast.DictComp,
)
NOTEBOOKS = sorted(paths.notebooks().glob("*.ipynb"))


def code_cells(path):
    return [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]


def test_there_is_a_chapter_for_every_objective_and_purpose():
    assert [c.id for c in list_chapters()] == (
        [
            "cleaning",
            "sample",
            "flows",
            "risks",
            "trust",
            "associations",
            "providers",
            "conflict",
            "cooperation",
            "findings",
            "recommendations",
            "summary",
            "countries",
            "robustness",
            "moved",
        ]
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_holds_calls_and_prose_and_no_output(path):
    for cell in code_cells(path):
        assert cell["outputs"] == [] and cell["execution_count"] is None
        tree = ast.parse("".join(cell["source"]))
        assert not [node for node in ast.walk(tree) if isinstance(node, FORBIDDEN)]
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        assert all(isinstance(node, ast.ImportFrom) and node.module.startswith("bsna") for node in imports)
        calls = [node for node in tree.body if not isinstance(node, ast.ImportFrom)]
        assert len(calls) <= 6


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_the_parameters_cell_holds_literals_only(path):
    first = code_cells(path)[0]
    assert "parameters" in first["metadata"]["tags"]
    for node in ast.parse("".join(first["source"])).body:
        assert isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_headings_below_the_title_are_questions(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    headings = ["".join(c["source"]).splitlines()[0] for c in cells if c["cell_type"] == "markdown"]
    assert headings[0].startswith("# ")
    assert all(line.startswith("## ") and line.endswith("?") for line in headings[1:])


def test_a_misspelt_parameter_stops_with_the_declared_ones():
    with pytest.raises(ValueError, match=r"no parameter \['profil'\]; it has \['language', 'profile'\]"):
        check_parameters(NOTEBOOKS[4], {"profil": "zz"})


def test_an_ill_typed_parameter_stops():
    with pytest.raises(ValueError, match=r"parameter profile is 7 \(int\), expected str"):
        check_parameters(NOTEBOOKS[4], {"profile": 7})


def test_a_notebook_depends_on_the_modules_it_uses_and_on_theirs():
    names = {path.name for path in modules_used(paths.notebooks() / "05_trust.ipynb")}
    assert {"chapter.py", "pages.py", "crosstabs.py", "wording.py", "disclosure.py"} <= names
    assert "survey.py" not in names  # nothing of the simulation


def test_no_module_names_a_country_or_a_question():
    words = [profile.stem for profile in paths.assessment("profiles").glob("*.toml") if len(profile.stem) == 3]
    words += ["Mali", "Niger", "Burkina", "Sahel", "Afrobarometer"]
    for path in (paths.house() / "src").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not [word for word in words if f'"{word}' in text], path


def test_every_row_of_the_plan_that_makes_a_figure_is_shown_by_the_notebook_of_its_chapter():
    sources = {c.id: "\n".join("".join(cell["source"]) for cell in code_cells(c.path)) for c in list_chapters()}
    plan = load_plan()
    rows = [(row.table, row.chapter) for row in plan.tables if row.table != HEADLINES]
    rows += [(row.distribution, row.chapter) for row in plan.distributions]
    rows += [(row.flow, row.chapter) for row in plan.flows]
    rows += [(row.id, row.chapter) for kind in (plan.models, plan.ranks) for row in kind]
    assert not [(name, chapter) for name, chapter in rows if f'"{name}"' not in sources[chapter]]
