"""The order of the book in one language, its table of contents and its settings."""

import json
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from babel import Locale

from bsna import paths
from bsna.intake.profile import Profile
from bsna.publishing.addresses import checklist_address, written_pages
from bsna.publishing.modules import linked_modules
from bsna.publishing.wording import Words

PAGES = ("index", "methods", "numbers", "glossary", "decisions", "references")
"""Hand-written pages, the front page first."""

FIRST = ("12_summary", "10_findings", "11_recommendations")
"""Chapters that stand first in each survey's part of the book, the opening one before the others."""

SHELL = (
    *(
        "skip",
        "menu",
        "search",
        "search_page",
        "search_words",
        "search_how",
        "search_script",
        "languages",
        "contents",
        "on_page",
    ),
    *("theme_auto", "theme_light", "theme_dark", "turn", "previous", "following", "footer", "version", "filter"),
    *("decisions", "methods", "glossary"),
)
"""Words of the shell of a page."""

EXPLORER = "explore"
"""The page on which a reader chooses numbers."""

COMMON = "countries"
"""Part of the book about all surveys together."""


def contents(surveys: Sequence[Profile], words: Words) -> dict[str, Any]:
    """Each survey is one entry that opens to its chapters, so that four surveys fit on a telephone."""
    parts: list[dict[str, Any]] = []
    for source in ("simulated", "delivered"):
        chapters = [_survey_entry(survey, words) for survey in surveys if survey.source == source]
        if chapters:
            parts.append({"caption": words.say("contents", source), "chapters": chapters})
    together = [{"file": f"{COMMON}/{path.stem}"} for path in notebooks_of(COMMON, words.language)]
    parts.append({"caption": words.say("contents", "all"), "chapters": [*together, {"file": EXPLORER}]})
    parts.append({"caption": words.say("contents", "made"), "chapters": [_page_entry(name) for name in PAGES[1:]]})
    return {"format": "jb-book", "root": "index", "parts": parts}


def settings(words: Words, spoken: Sequence[str]) -> dict[str, Any]:
    """The settings of the house, `_config.yml`, with what differs from language to language."""
    made: dict[str, Any] = yaml.safe_load((paths.house() / "_config.yml").read_text(encoding="utf-8"))
    config = made["sphinx"]["config"]
    made["title"] = config["project"] = words.say("contents", "title")
    config["language"] = words.language
    config["nb_code_prompt_show"] = words.say("contents", "show_code")
    config["html_context"] = _shell(words, spoken)
    config["templates_path"] = ["_templates"]
    return made


def _shell(words: Words, spoken: Sequence[str]) -> dict[str, Any]:
    """What the shell of each page shows (`book/_templates/layout.html`): words, languages, and the house's own styles and scripts."""
    own = {suffix: sorted(p.name for p in paths.book("_static").glob(f"*.{suffix}")) for suffix in ("css", "js")}
    return {
        "bsna_language": words.language,
        "bsna_languages": list(spoken),
        "bsna_names": {code: Locale.parse(code).get_display_name(code).capitalize() for code in spoken},  # type: ignore[union-attr]
        "bsna_texts": {key: words.say("shell", key) for key in SHELL},
        "bsna_styles": own["css"],
        "bsna_scripts": [name for name in own["js"] if name not in ("theme.js", f"{EXPLORER}.js")],
        "bsna_explorer": EXPLORER,
        "bsna_version": version("bsna"),
    }


def notebooks_of(survey: str, language: str) -> list[Path]:
    """Executed notebooks of a survey, or of all together, in one language and in reading order."""
    return sorted((paths.told(survey, language) / "notebooks").glob("*.ipynb"))


def heading_of(path: Path) -> str:
    """The heading of an executed notebook."""
    cell = json.loads(path.read_text(encoding="utf-8"))["cells"][0]
    return "".join(cell["source"]).splitlines()[0].removeprefix("# ")


def _page_entry(name: str) -> dict[str, Any]:
    modules = linked_modules(paths.book(f"{name}.md").read_text(encoding="utf-8"))
    shown = {"sections": [{"file": f"code/{module}"} for module in modules]} if modules else {}
    return {"file": name} | shown


def _survey_entry(survey: Profile, words: Words) -> dict[str, Any]:
    stems = {path.stem: path for path in notebooks_of(survey.id, words.language)}
    order = [stem for stem in FIRST if stem in stems] + [stem for stem in stems if stem not in FIRST]
    below = written_pages(words.plan)
    sections: list[dict[str, Any]] = []
    for stem in order[1:]:
        entry: dict[str, Any] = {"file": f"{survey.id}/{stem}", "title": heading_of(stems[stem])}
        if stem in below:
            entry["sections"] = [_written_entry(survey, name, words.language) for name in below[stem]]
        sections.append(entry)
    sections.append({"file": f"{survey.id}/{checklist_address()}", "title": words.say("contents", "checklist")})
    return {"file": f"{survey.id}/{order[0]}", "title": survey.name[words.language], "sections": sections}  # type: ignore[index]


def _written_entry(survey: Profile, name: str, language: str) -> dict[str, Any]:
    """A page made of results, named without its survey, which stands above it."""
    page = paths.told(survey.id, language) / "pages" / f"{name}.md"
    title = page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ").partition(" · ")[0]
    return {"file": f"{survey.id}/{name}", "title": re.sub(r"\\(.)", r"\1", title)}
