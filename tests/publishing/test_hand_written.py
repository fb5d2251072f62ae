"""Hand-written pages: formulas that browsers draw, modules one click away, and what was measured as a table."""

import re

import pandas as pd
import pytest

from bsna.chapter import vocabulary
from bsna.intake.plan import load_plan
from bsna.publishing.benchmarks import TABLE, measured_table
from bsna.publishing.contents import PAGES
from bsna.publishing.formulas import mathml
from bsna.publishing.modules import linked_modules, linked_within, stage_modules
from tests.conftest import ROOT
from tests.estimation.rsurvey import refusals

WRITTEN = {name: (ROOT / "book" / f"{name}.md").read_text(encoding="utf-8") for name in PAGES}


def words(language):
    return vocabulary(None, load_plan(), language)


@pytest.mark.parametrize("page", WRITTEN)
def test_every_formula_of_a_page_can_be_set(page):
    blocks = re.findall(r"\$\$(.+?)\$\$", WRITTEN[page], re.DOTALL)
    lines = re.findall(r"(?<!\$)\$([^$\n]+)\$(?!\$)", re.sub(r"\$\$.+?\$\$", "", WRITTEN[page], flags=re.DOTALL))
    assert all(mathml(formula, is_block=True).startswith("<math") for formula in blocks)
    assert all(mathml(formula, is_block=False).startswith("<math") for formula in lines)
    assert (page not in ("methods", "numbers")) or len(blocks) > 3


def test_the_index_of_a_letter_with_an_accent_stands_beside_it_not_below():
    for formula in (r"\bar z_h", r"\bar{z}_h", r"\hat p_{rc}", r"\hat\theta_r", r"\tilde w_i^2"):
        found = mathml(formula, is_block=False)
        assert "munder" not in found and '<mover accent="true">' in found and re.search("<msub>|<msubsup>", found)


def test_a_formula_that_cannot_be_set_is_named():
    with pytest.raises(ValueError, match=r"'\\\\nonsense x' cannot be set"):
        mathml(r"\nonsense x", is_block=True)
    with pytest.raises(ValueError, match=r"write \\frac\{1\}\{2\}"):
        mathml(r"x \ge \tfrac12 y", is_block=True)


def test_a_linked_module_becomes_a_page_with_its_text(tmp_path):
    page = "See [stages](../src/bsna/estimation/sample/stages.py) and [again](../src/bsna/estimation/sample/stages.py)."
    assert linked_modules(page) == ["estimation/sample/stages"]
    stage_modules(tmp_path, linked_modules(page))
    made = (tmp_path / "code" / "estimation" / "sample" / "stages.md").read_text(encoding="utf-8")
    source = (ROOT / "src" / "bsna" / "estimation" / "sample" / "stages.py").read_text(encoding="utf-8")
    assert made.startswith("# estimation.sample.stages\n") and source.rstrip() in made
    assert linked_within(page).startswith("See [stages](code/estimation/sample/stages.md) and [again](code/")


def test_a_link_to_a_module_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"1 linked module\(s\) are not there: \['estimation/stagse'\]"):
        linked_modules("[x](../src/bsna/estimation/stagse.py)")


def test_the_benchmark_is_one_row_for_each_task_and_number_of_people(tmp_path):
    runs = [(1600, "mean", "ours", 0.00111, None), (1600, "mean", "other", 12.34, None)]
    runs += [(1_000_000, "crosstab", "ours", 0.066, None), (1_000_000, "crosstab", "third", None, "ShapeError")]
    path = tmp_path / "engine.csv"
    pd.DataFrame(runs, columns=["people", "task", "tool", "seconds", "failed"]).to_csv(path, index=False)
    assert measured_table(path, words("en")).splitlines() == [
        "| people | task | ours | other | third |",
        "|---:|---|---:|---:|---:|",
        "| 1,600 | mean by group | 0.0011 | 12 | – |",
        "| 1,000,000 | cross-tabulation | 0.066 | – | failed |",
    ]
    french = measured_table(path, words("fr")).splitlines()
    assert french[2] == "| 1\u202f600 | moyenne par groupe | 0,0011 | 12 | – |" and "| échec |" in french[3]
    pd.DataFrame(runs, columns=["people", "task", "tool", "seconds", "failed"]).assign(task="nap").to_csv(path)
    with pytest.raises(ValueError, match="nap"):
        measured_table(path, words("en"))


def test_methods_shows_table_and_plot_of_what_was_measured():
    assert TABLE in WRITTEN["methods"] and "](../benchmarks/engine.png)" in WRITTEN["methods"]
    assert len(measured_table(ROOT / "benchmarks" / "engine.csv", words("en")).splitlines()) > 10


def test_methods_names_everything_the_ledger_refuses_and_where_to_turn():
    turn_to = [reason.split("; ")[-1].split(", ")[-1] for reason in refusals._FUNCTIONS.values()]
    turn_to += ["svyciprop", "svyquantile", "svychisq", "svyolr", "svyranktest", "multipletests", "AIC", "confint"]
    section = WRITTEN["methods"].split("## What is refused")[1].split("\n## ")[0]
    assert len(turn_to) > 12
    assert [name for name in turn_to if f"`{name}`" not in section] == []
