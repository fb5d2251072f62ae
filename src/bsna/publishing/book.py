"""The web book: hand-written pages and executed notebooks are staged, built without a warning, and swapped in."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import nbformat
import yaml

from bsna import paths
from bsna.intake.instrument import load_questionnaire
from bsna.intake.plan import load_plan
from bsna.intake.profile import POPULATIONS, Profile, list_profiles, load_profile
from bsna.provenance import code_version, digest
from bsna.publishing.addresses import FIGURES, written_pages
from bsna.publishing.benchmarks import TABLE, measured_table
from bsna.publishing.modules import linked_modules, linked_within, stage_modules

PAGES = ("index", "methods", "numbers", "glossary", "decisions", "references")
MEASURED = ("engine.csv", "engine.png")
"""What `benchmarks` holds of the engine, shown on the page of methods."""

FIRST = ("12_summary", "10_findings", "11_recommendations")
"""Chapters that stand first in each survey's part of the book, the opening one before the others."""

SURVEYS = "<!-- surveys -->"
"""Where the front page lists the surveys."""

COMMON = "countries"


@dataclass(frozen=True)
class Built:
    """Where the book is, and whether it had to be built."""

    index: Path
    is_new: bool


def build_book() -> Built:
    """Build the book from all surveys that have results.

    Nothing is done if no page, figure or download changed. Raises ValueError for sentences that claim too much
    (`gate.check_wording`), and RuntimeError with the warnings of a build that is not clean; the earlier book then stays in
    place.
    """
    stage, site = paths.book("_build", "source"), paths.book("_build", "html")
    surveys = [p for p in map(load_profile, list_profiles()) if _results(p.id)]
    version, stamp = _made_from(surveys), site / ".built-from"
    if stamp.is_file() and stamp.read_text() == version:
        return Built(site / "index.html", False)
    shutil.rmtree(stage, ignore_errors=True)
    _stage_pages(stage, surveys)
    for survey in surveys:
        _stage_notebooks(stage, survey.id, _results(survey.id), survey.title["en"])
        shutil.copytree(
            paths.processed(survey.id) / "downloads", stage / "_static" / "downloads" / survey.id, dirs_exist_ok=True
        )
        _stage_written(stage, survey)
    _stage_notebooks(stage, COMMON, _results(COMMON), "")
    (stage / "_toc.yml").write_text(
        yaml.safe_dump(_contents(surveys), sort_keys=False, allow_unicode=True), encoding="utf-8"
    )
    _check_wording(stage, surveys)
    draft = paths.book("_build", "draft")
    shutil.rmtree(draft, ignore_errors=True)
    _build(stage, draft)
    made = draft / "_build" / "html"
    (made / ".built-from").write_text(version)
    _swap(made, site)
    shutil.rmtree(draft, ignore_errors=True)
    return Built(site / "index.html", True)


def _check_wording(stage: Path, surveys: Sequence[Profile]) -> None:
    from bsna.publishing.gate import check_wording  # an unchanged book need not wait

    check_wording(stage, surveys)


def _results(survey: str) -> list[Path]:
    return sorted((paths.processed(survey) / "notebooks").glob("*.ipynb"))


def _stage_pages(stage: Path, surveys: Sequence[Profile]) -> None:
    stage.mkdir(parents=True)
    shutil.copytree(paths.book("_static"), stage / "_static")
    shutil.copyfile(_benchmarks("engine.png"), stage / "_static" / "engine.png")
    filled = {SURVEYS: front_list(surveys), TABLE: measured_table(_benchmarks("engine.csv"))}
    filled["](../benchmarks/engine.png)"] = "](_static/engine.png)"
    for name in PAGES:
        page = paths.book(f"{name}.md").read_text(encoding="utf-8")
        stage_modules(stage, linked_modules(page))
        for mark, content in filled.items():
            page = page.replace(mark, content)
        (stage / f"{name}.md").write_text(linked_within(page), encoding="utf-8")
    shutil.copyfile(paths.book("references.bib"), stage / "references.bib")
    shutil.copyfile(paths.house() / "_config.yml", stage / "_config.yml")


def _stage_notebooks(stage: Path, survey: str, notebooks: Sequence[Path], title: str) -> None:
    (stage / survey).mkdir(exist_ok=True)
    files = stage / "_static" / "downloads" / survey
    files.mkdir(parents=True, exist_ok=True)
    style = paths.book("_static", "bsna.css").read_text(encoding="utf-8")
    for path in notebooks:
        for suffix in (".ipynb", ".certificate.json"):
            shutil.copyfile(path.with_suffix(suffix), files / path.with_suffix(suffix).name)
        page = path.with_suffix(".html").read_text(encoding="utf-8")
        page = styled(page, style, " · ".join(filter(None, (_heading(path), title))))
        (files / f"{path.stem}.html").write_text(linked_to_pages(page, survey), encoding="utf-8")
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            for output in cell.get("outputs", []):
                _lift_figure(output, stage, survey)
        open_with_survey(notebook, title)
        notebook.cells.append(nbformat.v4.new_markdown_cell(_take_away(path, survey), id="take-away"))
        nbformat.write(notebook, stage / survey / path.name)


def _stage_written(stage: Path, survey: Profile) -> None:
    """Put the pages made of results into the part of their survey, their figures where all figures are."""
    home, figures = paths.processed(survey.id) / "pages", stage / "_static" / "figures" / survey.id
    for name in (name for names in written_pages(load_plan()).values() for name in names):
        page, up = (home / f"{name}.md").read_text(encoding="utf-8"), "../" * (name.count("/") + 1)
        for figure in sorted(set(re.findall(rf"{FIGURES}/(\w+\.png)", page))):
            shutil.copyfile(home / "figures" / figure, figures / figure)
        target = stage / survey.id / f"{name}.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page.replace(FIGURES, f"{up}_static/figures/{survey.id}"), encoding="utf-8")


def styled(page: str, style: str, title: str) -> str:
    """A page to mail, in the look of the book, named after its chapter and survey."""
    page = re.sub(r"<title>.*?</title>", lambda _: f"<title>{escape(title)}</title>", page, count=1, flags=re.DOTALL)
    return page.replace("</head>", f"<style>{style}</style></head>", 1)


def linked_to_pages(page: str, survey: str) -> str:
    """A page to mail whose links to pages made of results lead there from the folder of downloads."""
    return re.sub(r'href="(claims/|for_\w+\.html)', rf'href="../../../{survey}/\1', page)


def open_with_survey(notebook: Any, title: str) -> None:
    """Name the survey in the heading of its page, and put what kind of survey it is right below."""
    first = notebook.cells[0]
    heading, _, rest = first.source.partition("\n")
    if title:
        heading = f"{heading} · {title}"
    banner = ""
    for cell in notebook.cells:
        for output in list(cell.get("outputs", [])):
            html = output.get("data", {}).get("text/html", "")
            if not banner and 'class="bsna-banner' in html:
                banner = html
                cell.outputs.remove(output)
    first.source = "\n\n".join(part for part in (heading, banner, rest.strip()) if part)


def front_list(surveys: Sequence[Profile]) -> str:
    """The surveys on the front page: what was asked of how many, what came out, and where to read on."""
    from bsna.publishing.verdicts import count_of_verdicts, recommendation_count  # an unchanged book need not wait
    from bsna.publishing.wording import Words

    plan, lines = load_plan(), []
    for survey in surveys:
        words = Words(plan, {name: load_questionnaire(name) for name in POPULATIONS}, survey, "en")
        verdicts, made = (
            json.loads((paths.processed(survey.id) / room / f"{room}.json").read_text(encoding="utf-8"))
            for room in ("verdicts", "recommendations")
        )
        found = count_of_verdicts(words, [verdict["verdict"] for verdict in verdicts])
        advised = recommendation_count(words, [item["status"] for item in made])
        links = " · ".join(
            f"[{label}]({survey.id}/{name}.ipynb)"
            for name, label in zip(FIRST, ("Summary", "Findings", "Recommendations"), strict=True)
        )
        lines.append(f"- **{survey.title['en']}.** {found} {advised}\n  {links}")
    return "\n".join(lines)


def _lift_figure(output: Any, stage: Path, survey: str) -> None:
    """Put a figure into a file of its own, loaded when it is scrolled to, with its alt text."""
    from bsna.publishing.blocks import figure_html  # an unchanged book need not wait

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


def _take_away(path: Path, survey: str) -> str:
    base = f"../_static/downloads/{survey}"
    links = [
        (f"{base}/{path.stem}.html", "this page as one file to mail"),
        (f"{base}/{path.name}", "its notebook"),
        (f"{base}/{path.stem}.certificate.json", "its birth certificate"),
    ]
    chapter = json.loads(path.read_text(encoding="utf-8"))["metadata"]["bsna"]["chapter"]
    folder = paths.processed(survey) / "downloads"
    links += [
        (f"{base}/{chapter}.{kind}", label)
        for kind, label in (("csv", "its numbers as CSV"), ("xlsx", "its numbers for Excel"))
        if (folder / f"{chapter}.{kind}").is_file()
    ]
    items = " · ".join(f'<a href="{href}" download>{text}</a>' for href, text in links)
    return f'<p class="bsna-take-away">Take away: {items}</p>'


def _contents(surveys: Sequence[Profile]) -> dict[str, Any]:
    """Each survey is one entry that opens to its chapters, so that four surveys fit on a telephone."""
    parts: list[dict[str, Any]] = []
    for source, caption in (("simulated", "Simulated surveys"), ("delivered", "Real surveys")):
        chapters = [_survey_entry(survey) for survey in surveys if survey.source == source]
        if chapters:
            parts.append({"caption": caption, "chapters": chapters})
    parts.append({"caption": "All surveys", "chapters": [{"file": f"{COMMON}/{p.stem}"} for p in _results(COMMON)]})
    parts.append({"caption": "How it is made", "chapters": [_page_entry(name) for name in PAGES[1:]]})
    return {"format": "jb-book", "root": "index", "parts": parts}


def _page_entry(name: str) -> dict[str, Any]:
    modules = linked_modules(paths.book(f"{name}.md").read_text(encoding="utf-8"))
    shown = {"sections": [{"file": f"code/{module}"} for module in modules]} if modules else {}
    return {"file": name} | shown


def _survey_entry(survey: Profile) -> dict[str, Any]:
    stems = {path.stem: path for path in _results(survey.id)}
    order = [stem for stem in FIRST if stem in stems] + [stem for stem in stems if stem not in FIRST]
    below = written_pages(load_plan())
    sections: list[dict[str, Any]] = []
    for stem in order[1:]:
        entry: dict[str, Any] = {"file": f"{survey.id}/{stem}", "title": _heading(stems[stem])}
        if stem in below:
            entry["sections"] = [_written_entry(survey, name) for name in below[stem]]
        sections.append(entry)
    return {"file": f"{survey.id}/{order[0]}", "title": survey.name["en"], "sections": sections}


def _written_entry(survey: Profile, name: str) -> dict[str, Any]:
    """A page made of results, named without its survey, which stands above it."""
    page = paths.processed(survey.id) / "pages" / f"{name}.md"
    title = page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ").partition(" · ")[0]
    return {"file": f"{survey.id}/{name}", "title": re.sub(r"\\(.)", r"\1", title)}


def _heading(path: Path) -> str:
    cell = json.loads(path.read_text(encoding="utf-8"))["cells"][0]
    return "".join(cell["source"]).splitlines()[0].removeprefix("# ")


def _made_from(surveys: Sequence[Profile]) -> str:
    """Everything that the book is made from, as one checksum: results, hand-written pages, what is declared, and code."""
    homes = [paths.processed(name) for name in (*(survey.id for survey in surveys), COMMON)]
    made = [
        home / room for home in homes for room in ("notebooks", "downloads", "pages", "verdicts", "recommendations")
    ]
    written = [paths.book("_static"), *(paths.assessment(part) for part in ("instrument", "plan", "profiles"))]
    files = [path for folder in (*made, *written) for path in folder.rglob("*") if path.is_file()]
    files += [paths.book(f"{name}.md") for name in PAGES]
    files += [paths.book("references.bib"), paths.house() / "_config.yml", *map(_benchmarks, MEASURED)]
    return f"{digest(files)} {code_version()}"


def _benchmarks(name: str) -> Path:
    return paths.house() / "benchmarks" / name


def _build(stage: Path, draft: Path) -> None:
    """A clean build in which every warning is an error, since a cached one does not repeat them."""
    command = [
        sys.executable,
        "-c",
        "from jupyter_book.cli.main import main; main()",
        "build",
        str(stage),
        "--path-output",
        str(draft),
        "--config",
        str(stage / "_config.yml"),
        "--all",
        "-W",
        "--keep-going",
        "--quiet",
    ]
    environment = os.environ | {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "1400000000"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0 or not (draft / "_build" / "html" / "index.html").is_file():
        lines = [
            line for line in (done.stdout + done.stderr).splitlines() if "WARNING" in line or "ERROR" in line.upper()
        ]
        raise RuntimeError("The book did not build cleanly:\n" + "\n".join(lines[:20] or [done.stderr[-2000:]]))


def _swap(made: Path, site: Path) -> None:
    old = site.with_name("html-before")
    shutil.rmtree(old, ignore_errors=True)
    if site.exists():
        os.replace(site, old)
    os.replace(made, site)
    shutil.rmtree(old, ignore_errors=True)
