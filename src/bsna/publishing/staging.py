"""The sources of the web book in one language: hand-written pages, executed notebooks and pages made of results."""

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import yaml

from bsna import paths
from bsna.chapter import vocabulary
from bsna.intake.plan import load_plan
from bsna.intake.profile import Profile
from bsna.publishing.addresses import FIGURES, written_pages
from bsna.publishing.benchmarks import TABLE, measured_table
from bsna.publishing.blocks import figure_html
from bsna.publishing.contents import COMMON, FIRST, PAGES, contents, heading_of, notebooks_of, settings
from bsna.publishing.modules import linked_modules, linked_within, stage_modules
from bsna.publishing.translation import SOURCE, translated
from bsna.publishing.verdicts import count_of_verdicts, recommendation_count
from bsna.publishing.wording import Words
from bsna.publishing.written import plain_markdown

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
        _stage_written(stage, survey, language)
    _stage_notebooks(stage, COMMON, words)
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


def front_list(surveys: Sequence[Profile], language: str) -> str:
    """The surveys on the front page: what was asked of how many, what came out, and where to read on."""
    plan, lines = load_plan(), []
    for survey in surveys:
        words = vocabulary(survey, plan, language)
        verdicts, made = (
            json.loads((paths.processed(survey.id) / room / f"{room}.json").read_text(encoding="utf-8"))
            for room in ("verdicts", "recommendations")
        )
        found = count_of_verdicts(words, [verdict["verdict"] for verdict in verdicts])
        advised = recommendation_count(words, [item["status"] for item in made])
        chapters = {path.stem: heading_of(path) for path in notebooks_of(survey.id, language)}
        links = " · ".join(f"[{chapters[name]}]({survey.id}/{name}.ipynb)" for name in FIRST)
        title = plain_markdown(survey.title[language])  # type: ignore[index]
        lines.append(f"- **{title}.** {found} {advised}\n  {links}")
    return "\n".join(lines)


def _stage_pages(stage: Path, surveys: Sequence[Profile], words: Words) -> None:
    shutil.copytree(paths.book("_static"), stage / "_static")
    if paths.book("_templates").is_dir():
        shutil.copytree(paths.book("_templates"), stage / "_templates")
    shutil.copyfile(measured_file("engine.png"), stage / "_static" / "engine.png")
    filled = {
        SURVEYS: front_list(surveys, words.language),
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
        shutil.copyfile(path, files / path.name)
        shutil.copyfile(certificate, files / certificate.name)
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            for output in cell.get("outputs", []):
                _lift_figure(output, stage, survey)
        open_with_survey(notebook, title)
        notebook.cells.append(nbformat.v4.new_markdown_cell(_take_away(path, survey, words), id="take-away"))
        nbformat.write(notebook, stage / survey / path.name)


def _stage_downloads(stage: Path, survey: str, language: str) -> None:
    """Numbers stand once, in the part of the language of the source."""
    if language == SOURCE:
        target = stage / "_static" / "downloads" / survey
        shutil.copytree(paths.processed(survey) / "downloads", target, dirs_exist_ok=True)


def _stage_written(stage: Path, survey: Profile, language: str) -> None:
    """Put the pages made of results into the part of their survey, their figures where all figures are."""
    home, figures = paths.told(survey.id, language) / "pages", stage / "_static" / "figures" / survey.id
    for name in (name for names in written_pages(load_plan()).values() for name in names):
        page, up = (home / f"{name}.md").read_text(encoding="utf-8"), "../" * (name.count("/") + 1)
        for figure in sorted(set(re.findall(rf"{FIGURES}/(\w+\.\w+)", page))):
            shutil.copyfile(home / "figures" / figure, figures / figure)
        target = stage / survey.id / f"{name}.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page.replace(FIGURES, f"{up}_static/figures/{survey.id}"), encoding="utf-8")


def _lift_figure(output: Any, stage: Path, survey: str) -> None:
    """Put a figure into a file of its own, loaded when it is scrolled to, with its alt text."""
    data = output.get("data", {})
    if "image/png" not in data:
        return
    content = base64.b64decode(data.pop("image/png"))
    alt = output.metadata.pop("image/png", {}).get("alt", "")
    name = f"{hashlib.sha256(content).hexdigest()[:16]}.png"
    folder = stage / "_static" / "figures" / survey
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    data["text/html"] = figure_html(f"../_static/figures/{survey}/{name}", content, alt)


def _take_away(path: Path, survey: str, words: Words) -> str:
    """What a reader of a chapter can take along; its numbers stand once for all languages."""
    here = f"../_static/downloads/{survey}"
    root = here if words.language == SOURCE else f"../{here}"
    links = [
        (f"{here}/{path.name}", words.say("take_away", "notebook")),
        (f"{root}/{path.stem}.certificate.json", words.say("take_away", "certificate")),
    ]
    chapter = json.loads(path.read_text(encoding="utf-8"))["metadata"]["bsna"]["chapter"]
    folder = paths.processed(survey) / "downloads"
    links += [
        (f"{root}/{chapter}.{kind}", words.say("take_away", kind))
        for kind in ("csv", "xlsx")
        if (folder / f"{chapter}.{kind}").is_file()
    ]
    items = " · ".join(f'<a href="{href}" download>{text}</a>' for href, text in links)
    return f'<p class="bsna-take-away">{words.say("take_away", "head")} {items}</p>'
