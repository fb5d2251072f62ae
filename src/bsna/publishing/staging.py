"""The sources of the web book in one language: hand-written pages, executed notebooks and pages made of results."""

import json
import re
import shutil
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import nbformat
import yaml

from bsna import paths
from bsna.chapter import vocabulary
from bsna.intake.plan import load_plan
from bsna.intake.profile import Profile
from bsna.publishing import explore
from bsna.publishing.addresses import FIGURES, ROOT, audience_page, checklist_address, written_pages
from bsna.publishing.benchmarks import TABLE, measured_table
from bsna.publishing.blocks import figure_files, figure_html
from bsna.publishing.checklist import checklist_page
from bsna.publishing.contents import COMMON, PAGES, contents, notebooks_of, settings
from bsna.publishing.drawing import unbundled
from bsna.publishing.front import front_page
from bsna.publishing.modules import linked_modules, linked_within, stage_modules
from bsna.publishing.notebook_pages import notebook_block
from bsna.publishing.published_notebook import published_notebook
from bsna.publishing.translation import SOURCE, translated
from bsna.publishing.wording import Words
from bsna.publishing.written import fenced, plain_markdown

MEASURED = ("engine.csv", "engine.png")
"""What `benchmarks` holds of the engine, shown on the page of methods."""

SURVEYS = "<!-- surveys -->"
"""Where the front page lists the surveys."""


def stage_book(stage: Path, surveys: Sequence[Profile], language: str, spoken: Sequence[str]) -> None:
    """Put into the folder `stage` all that the book of one language is built from; `spoken` are all languages of the book."""
    plan = load_plan()
    words = vocabulary(None, plan, language)
    stage.mkdir(parents=True)
    _stage_pages(stage, surveys, words)
    for survey in surveys:
        own = vocabulary(survey, plan, language)
        _stage_notebooks(stage, survey.id, own)
        _stage_downloads(stage, survey.id, language)
        _stage_written(stage, survey, own)
        _stage_checklist(stage, survey, language)
    _stage_notebooks(stage, COMMON, words)
    _stage_explorer(stage, surveys, language)
    for name, made in (("_toc", contents(surveys, words)), ("_config", settings(words, spoken))):
        text = yaml.safe_dump(made, sort_keys=False, allow_unicode=True)
        (stage / f"{name}.yml").write_text(text, encoding="utf-8")


def measured_file(name: str) -> Path:
    """A file of measurements that a page shows."""
    return paths.house() / "benchmarks" / name


def open_with_survey(notebook: Any, title: str) -> None:
    """Name the survey in the heading of its page, and put what kind of survey it is right below."""
    first = notebook.cells[0]
    heading, _, rest = first.source.partition("\n")
    if title:
        heading = f"{heading} · {plain_markdown(title)}"
    banner = ""
    for cell in notebook.cells:
        for output in list(cell.get("outputs", [])):
            html = output.get("data", {}).get("text/html", "")
            if not banner and 'class="bsna-banner' in html:
                banner = html
                cell.outputs.remove(output)
    first.source = "\n\n".join(part for part in (heading, banner, rest.strip()) if part)


def _stage_pages(stage: Path, surveys: Sequence[Profile], words: Words) -> None:
    shutil.copytree(paths.book("_static"), stage / "_static")
    if paths.book("_templates").is_dir():
        shutil.copytree(paths.book("_templates"), stage / "_templates")
    shutil.copyfile(measured_file("engine.png"), stage / "_static" / "engine.png")
    filled = {
        SURVEYS: front_page(surveys, words.language),
        TABLE: measured_table(measured_file("engine.csv"), words),
        "](../benchmarks/engine.png)": "](_static/engine.png)",
    }
    for name in PAGES:
        source = paths.book(f"{name}.md")
        page = translated(source.read_text(encoding="utf-8"), source, words.language)
        stage_modules(stage, linked_modules(page))
        for mark, content in filled.items():
            page = page.replace(mark, content)
        (stage / f"{name}.md").write_text(linked_within(page), encoding="utf-8")
    shutil.copyfile(paths.book("references.bib"), stage / "references.bib")


def _stage_notebooks(stage: Path, survey: str, words: Words) -> None:
    (stage / survey).mkdir(exist_ok=True)
    files = stage / "_static" / "downloads" / survey
    files.mkdir(parents=True, exist_ok=True)
    title = words.profile.title[words.language] if words.profile else ""  # type: ignore[index]
    for path in notebooks_of(survey, words.language):
        certificate = paths.told(survey, SOURCE) / "notebooks" / f"{path.stem}.certificate.json"
        shutil.copyfile(certificate, files / certificate.name)
        notebook = nbformat.read(path, as_version=4)
        nbformat.write(published_notebook(words, notebook, f"../../../{survey}/{path.stem}.html"), files / path.name)
        _part_figures(notebook, stage, survey)
        open_with_survey(notebook, title)
        foot = _foot(path, survey, words, notebook, certificate)
        notebook.cells.append(nbformat.v4.new_markdown_cell(foot, id="take-away"))
        nbformat.write(notebook, stage / survey / path.name)


def _stage_downloads(stage: Path, survey: str, language: str) -> None:
    target = stage / "_static" / "downloads" / survey
    shutil.copytree(paths.told(survey, language) / "downloads", target, dirs_exist_ok=True)


def _stage_written(stage: Path, survey: Profile, words: Words) -> None:
    """Put the pages made of results into the part of their survey, their figures where all figures are."""
    language = words.language
    audiences = {audience_page(audience.id): audience.id for audience in words.plan.telling.audience}
    home, figures = paths.told(survey.id, language) / "pages", stage / "_static" / "figures" / survey.id
    for name in (name for names in written_pages(words.plan).values() for name in names):
        page, up = (home / f"{name}.md").read_text(encoding="utf-8"), "../" * (name.count("/") + 1)
        for figure in sorted(set(re.findall(rf"{FIGURES}/(\w+\.\w+)", page))):
            shutil.copyfile(home / "figures" / figure, figures / figure)
        target = stage / survey.id / f"{name}.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        if name in audiences:
            brief = f"{up}_static/downloads/{survey.id}/brief_{audiences[name]}"
            page += (
                "\n" + fenced(_links([(f"{brief}.pdf", "brief_pdf"), (f"{brief}.docx", "brief_word")], words)) + "\n"
            )
        page = page.replace(FIGURES, f"{up}_static/figures/{survey.id}").replace(ROOT, up.rstrip("/"))
        target.write_text(page, encoding="utf-8")


def _stage_explorer(stage: Path, surveys: Sequence[Profile], language: str) -> None:
    """The page on which numbers are chosen; what it chooses from stands once for all languages."""
    (stage / f"{explore.PAGE}.md").write_text(explore.explore_page(surveys, language), encoding="utf-8")
    if language == SOURCE:
        folder = stage / explore.FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        for survey in surveys:
            (folder / f"{survey.id}.js").write_text(explore.explore_data(survey), encoding="utf-8")


def _stage_checklist(stage: Path, survey: Profile, language: str) -> None:
    """The reviewer's checklist, filled from the results as they stand."""
    page = checklist_page(survey, language).text.replace(ROOT, "..")
    (stage / survey.id / f"{checklist_address()}.md").write_text(page, encoding="utf-8")


def _part_figures(notebook: Any, stage: Path, survey: str) -> None:
    """Put the figures of an executed notebook into files of their own; the notebook loads them when they are scrolled to, with
    all that belongs to them."""
    folder = stage / "_static" / "figures" / survey
    folder.mkdir(parents=True, exist_ok=True)
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        if drawing := unbundled(output.get("data", {})):
            for name, content in figure_files(drawing).items():
                (folder / name).write_bytes(content)
            html = figure_html(f"../_static/figures/{survey}", drawing)
            output["data"], output["metadata"] = {"text/html": html, "text/plain": drawing.alt}, {}


def _foot(path: Path, survey: str, words: Words, notebook: Any, certificate: Path) -> str:
    """What stands below a chapter: what a reader takes along, how its numbers were made, and how its notebook is run again.
    Numbers and certificates stand once for all languages."""
    here = f"../_static/downloads/{survey}"
    root = here if words.language == SOURCE else f"../{here}"
    own = [(f"{here}/{path.name}", "notebook"), (f"{root}/{certificate.name}", "certificate")]
    taken, cards = "", ""
    if words.profile:
        chapter = notebook.metadata["bsna"]["chapter"]
        cards = f'<p class="bsna-cards"><a href="cards/{chapter}.html#made">{escape(words.say("take_away", "cards"))}</a></p>'
        links = [(f"{here}/report.pdf", "report"), (f"{here}/estimates.xlsx", "xlsx"), (f"{root}/estimates.csv", "csv")]
        links += [(f"{root}/estimates.parquet", "parquet"), (f"{root}/datapackage.json", "package")]
        taken = _links(links, words)
    facts = json.loads(certificate.read_text(encoding="utf-8"))
    named = [(address, words.say("take_away", label)) for address, label in own]
    return "\n\n".join(filter(None, (taken, cards, notebook_block(words, notebook, facts, path.name, named))))


def _links(links: Sequence[tuple[str, str]], words: Words) -> str:
    items = " · ".join(f'<a href="{href}" download>{escape(words.say("take_away", name))}</a>' for href, name in links)
    return f'<p class="bsna-take-away">{escape(words.say("take_away", "head"))} {items}</p>'
