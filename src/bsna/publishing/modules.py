"""Modules that a hand-written page links to, as pages of the book: what a formula says, one click from how it is done."""

import re
from pathlib import Path

import bsna

LINK = re.compile(r"\]\(\.\./src/bsna/([\w/]+)\.py\)")
"""A link from a page in `book/` to a module, which works in the repository as it stands."""


def linked_modules(page: str) -> list[str]:
    """The modules a page links to, as paths without ending, in the order of their first link.

    Raises ValueError for those that are not there.
    """
    found = list(dict.fromkeys(LINK.findall(page)))
    if absent := [name for name in found if not _source(name).is_file()]:
        raise ValueError(f"{len(absent)} linked module(s) are not there: {absent}; correct the links")
    return found


def linked_within(page: str) -> str:
    """The page with its links to modules turned to the pages that show them."""
    return LINK.sub(r"](code/\1.md)", page)


def stage_modules(stage: Path, modules: list[str]) -> None:
    """Write a page for each module below `code`, its text as it is."""
    for name in modules:
        path = stage / "code" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        source = _source(name).read_text(encoding="utf-8").rstrip()
        path.write_text(f"# {name.replace('/', '.')}\n\n`````python\n{source}\n`````\n", encoding="utf-8")


def _source(name: str) -> Path:
    return Path(bsna.__file__).parent / f"{name}.py"
