"""The web book: one part of the site per language, each built without a warning, put together and swapped in."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from bsna import paths
from bsna.chapter import vocabulary
from bsna.intake.plan import load_plan
from bsna.intake.profile import Profile, list_profiles, load_profile
from bsna.provenance import code_version, digest
from bsna.publishing.contents import COMMON, PAGES
from bsna.publishing.notebook_pages import RECORD
from bsna.publishing.redirects import write_redirects
from bsna.publishing.staging import MEASURED, measured_file, stage_book
from bsna.publishing.translation import FOLDER, SOURCE, languages

ROOMS = ("notebooks", "downloads", "pages", "cards", "verdicts", "recommendations", "estimates")
"""Rooms of a survey that the book shows."""

STATIC = {
    *(
        "pygments.css",
        "documentation_options.js",
        "doctools.js",
        "sphinx_highlight.js",
        "searchtools.js",
        "language_data.js",
    ),
    *("translations.js", "figures", "downloads", "explore", "engine.png"),
}
"""What of `_static` pages use beside the house's own files: colours of code, the search, and what is staged there."""

_LINK = re.compile(r'\b(href|src)="((?:\.\./)*)([^"#:]+)"')


@dataclass(frozen=True)
class Built:
    """Where the book is, and whether it had to be built."""

    index: Path
    is_new: bool


def build_book() -> Built:
    """Build the book from all surveys that have results, in every language: English at the root of the site, others below it.

    Nothing is done if no page, figure or download changed. Raises ValueError for sentences that claim too much
    (`gate.check_wording`), for prose without translation and for pages that say other numbers in another language
    (`twins.check_twins`); RuntimeError with the warnings of a build that is not clean. The earlier book then stays in place.
    """
    site = paths.book("_build", "html")
    surveys = [p for p in map(load_profile, list_profiles()) if paths.has_results(p.id)]
    version, stamp = _made_from(surveys), site / ".built-from"
    if stamp.is_file() and stamp.read_text() == version:
        return Built(site / "index.html", False)
    spoken = book_languages()
    stages = {language: paths.book("_build", "source", language) for language in spoken}
    shutil.rmtree(paths.book("_build", "source"), ignore_errors=True)
    for language, stage in stages.items():
        stage_book(stage, surveys, language, spoken)
    _check(stages, surveys)
    drafts = {language: paths.book("_build", f"draft-{language}") for language in spoken}
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        list(pool.map(_build, stages.values(), drafts.values()))
    parts = {language: draft / "_build" / "html" for language, draft in drafts.items()}
    for language, part in parts.items():
        trim_static(part)
        for name in (*(survey.id for survey in surveys), COMMON):
            shutil.copytree(paths.told(name, language) / "cards", part / name / "cards")
        write_redirects(part, [survey.id for survey in surveys], vocabulary(None, load_plan(), language))
    made = join_languages(parts)
    (made / ".built-from").write_text(version)
    _swap(made, site)
    for draft in drafts.values():
        shutil.rmtree(draft, ignore_errors=True)
    return Built(site / "index.html", True)


def book_languages() -> tuple[str, ...]:
    """Languages of the book: those its front page can be read in, the one of its source first."""
    return languages(paths.book("index.md"))


def trim_static(part: Path) -> None:
    """Take out what the generator and its theme put below `_static` and no page or script of ours uses; and its own records."""
    ours = {path.relative_to(paths.book("_static")).parts[0] for path in paths.book("_static").iterdir()}
    for path in sorted((part / "_static").iterdir()):
        if path.name not in ours | STATIC and not path.name.endswith("-stemmer.js"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name in ("objects.inv", ".buildinfo"):
        (part / name).unlink(missing_ok=True)
    _without_evaluation(part / "_static" / "doctools.js")


def _without_evaluation(script: Path) -> None:
    """Have the search choose plural forms by the browser's own rules: making code of a text is what a strict policy forbids.
    Raises ValueError if the script is not as expected."""
    text = script.read_text(encoding="utf-8")
    rule = '(n) => (new Intl.PluralRules(document.documentElement.lang).select(n) === "one" ? 0 : 1);'
    changed, count = re.subn(r"new Function\(.*?\);", rule, text, count=1, flags=re.DOTALL)
    if count != 1 or "new Function" in changed:
        raise ValueError(
            f"{script.name} of this version of Sphinx makes code of texts in another way; see _without_evaluation"
        )
    script.write_text(changed, encoding="utf-8")


def join_languages(made: dict[str, Path]) -> Path:
    """Put the parts of other languages into that of the source, and keep files they share once.

    A shared file is one below `_static` or `_images` with the same bytes; pages that used it lead to the one at the root.
    """
    root = made[SOURCE]
    for language, part in made.items():
        if language != SOURCE:
            shared = [path for path in _shared_files(part) if _is_same(path, root / path.relative_to(part))]
            names = {path.relative_to(part).as_posix() for path in shared}
            for path in shared:
                path.unlink()
            for page in sorted(part.rglob("*.html")):
                _lead_up(page, part, names)
            os.replace(part, root / language)
    return root


def _shared_files(part: Path) -> list[Path]:
    return [path for room in ("_static", "_images") for path in sorted((part / room).rglob("*")) if path.is_file()]


def _is_same(one: Path, other: Path) -> bool:
    return other.is_file() and one.stat().st_size == other.stat().st_size and one.read_bytes() == other.read_bytes()


def _lead_up(page: Path, part: Path, names: set[str]) -> None:
    """Turn the links of a page to files that stand at the root to where they are, one folder further up."""
    up = "../" * (len(page.relative_to(part).parts) - 1)

    def led(found: re.Match[str]) -> str:
        name = unquote(found[3].partition("?")[0])
        return f'{found[1]}="../{found[2]}{found[3]}"' if found[2] == up and name in names else found[0]

    text = page.read_text(encoding="utf-8")
    page.write_text(_LINK.sub(led, text), encoding="utf-8")


def _check(stages: dict[str, Path], surveys: Sequence[Profile]) -> None:
    from bsna.publishing.gate import check_wording  # an unchanged book need not wait
    from bsna.publishing.twins import check_twins

    check_wording(stages[SOURCE], surveys)
    for language, stage in stages.items():
        if language != SOURCE:
            check_twins(stages[SOURCE], stage, language)


def _made_from(surveys: Sequence[Profile]) -> str:
    """Everything that the book is made from, as one checksum: results, hand-written pages, what is declared, and code."""
    homes = [paths.processed(name) for name in (*(survey.id for survey in surveys), COMMON)]
    told = [home / language for home in homes for language in book_languages()[1:]]
    made = [home / room for home in (*homes, *told) for room in ROOMS]
    written = [paths.book("_static"), paths.book("_templates"), paths.book(FOLDER)]
    written += [paths.assessment(part) for part in ("instrument", "plan", "profiles", "checklists", FOLDER)]
    files = [path for folder in (*made, *written) for path in folder.rglob("*") if path.is_file()]
    files += [paths.book(f"{name}.md") for name in PAGES]
    files += [paths.book("references.bib"), paths.book("redirects.toml"), paths.house() / "_config.yml"]
    files += [path for path in map(measured_file, (*MEASURED, RECORD)) if path.is_file()]
    return f"{digest(files)} {code_version()}"


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
