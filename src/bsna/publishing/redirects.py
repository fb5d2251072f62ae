"""Old addresses of the book: each stays as a page that leads to the one which took its place."""

import os
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from pydantic import AfterValidator, Field

from bsna import paths
from bsna.intake.profile import LANGUAGES, Strict, Text
from bsna.intake.sheets import read_toml, validated
from bsna.publishing.contents import COMMON, notebooks_of
from bsna.publishing.translation import SOURCE
from bsna.publishing.wording import Words


def _below_the_site(address: str) -> str:
    if address.startswith("/") or ".." in address or not re.fullmatch(r"[\w{}./-]+\.html", address):
        raise ValueError(f"{address!r} is no page below the site; write it such as part/page.html")
    return address


def _known(language: str) -> str:
    if language not in LANGUAGES:
        raise ValueError(f"{language!r} is no language of the house; expected some of {', '.join(LANGUAGES)}")
    return language


Address = Annotated[str, AfterValidator(_below_the_site)]
"""A page below the site, without a step up."""


class Redirect(Strict):
    """One row of redirects.toml; `reason` says why the address is gone."""

    old: Address
    new: Address
    languages: tuple[Annotated[str, AfterValidator(_known)], ...] = Field(min_length=1)
    reason: Text


class Redirects(Strict):
    """redirects.toml as a whole."""

    redirect: tuple[Redirect, ...] = ()


def load_redirects() -> tuple[Redirect, ...]:
    """Read and check book/redirects.toml. Raises ValueError with every fault."""
    path = paths.book("redirects.toml")
    return validated(Redirects, read_toml(path), path.name).redirect


def expanded(rows: Sequence[Redirect], chapters: Mapping[str, Sequence[str]], language: str) -> dict[str, str]:
    """Every old address of one language and the page it leads to; `chapters` are those of each survey.

    Raises ValueError for an address that leads to two pages.
    """
    found: dict[str, str] = {}
    for row in (row for row in rows if language in row.languages):
        for survey, chapter in ((survey, chapter) for survey, own in chapters.items() for chapter in own):
            old, new = (a.replace("{survey}", survey).replace("{chapter}", chapter) for a in (row.old, row.new))
            if found.setdefault(old, new) != new:
                raise ValueError(f"redirects.toml: {old} leads to {found[old]} and to {new}; keep one")
    return found


def redirect_page(words: Words, target: str) -> str:
    """A page that leads to `target` at once, and names it in a link for browsers that do not go by themselves."""
    address, title = escape(quote(target), quote=True), escape(words.say("redirect", "title"))
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(words.language, quote=True)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f'<meta name="robots" content="noindex">\n<meta http-equiv="refresh" content="0; url={address}">\n'
        f'<link rel="canonical" href="{address}">\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n'
        f'<p><a href="{address}">{escape(words.say("redirect", "link"))}</a></p>\n</main>\n</body>\n</html>\n'
    )


def write_redirects(part: Path, surveys: Sequence[str], words: Words) -> list[Path]:
    """Write a page at every old address of the book of one language, whose built site is `part`.

    Raises ValueError for an old address where a page stands, and for one that leads to a page which is not there.
    """
    chapters = {name: [path.stem for path in notebooks_of(name, SOURCE)] for name in (*surveys, COMMON)}
    written = []
    for old, new in expanded(load_redirects(), chapters, words.language).items():
        page = part / old
        if page.exists():
            raise ValueError(f"redirects.toml: {old} is a page of the book; take the row out")
        if not (part / new).is_file():
            raise ValueError(f"redirects.toml: {old} leads to {new}, which is no page of the book; correct `new`")
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(redirect_page(words, _relative(old, new)), encoding="utf-8")
        written.append(page)
    return written


def _relative(old: str, new: str) -> str:
    return os.path.relpath(new, os.path.dirname(old) or ".").replace(os.sep, "/")
