"""The notebook of a page as a file to take away: small, since figures and long tables stay on the page."""

import copy
import re
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any

import nbformat

from bsna.publishing.drawing import FIGURE
from bsna.publishing.wording import Words
from bsna.publishing.written import plain_markdown

LARGEST = 30_000
"""Bytes of a published notebook; where tables would make it larger, they are named and stay on the page."""

_KEPT = ("text/html", "text/markdown", "text/plain")
_ATTRIBUTES = ("colspan", "scope")
_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_CAPTION = re.compile(r"<caption>(.*?)</caption>", re.DOTALL)


def published_notebook(words: Words, notebook: Any, page: str) -> Any:
    """A copy of an executed notebook without figures: each is its text for the blind and a link to `page`, where it stands.

    Cells keep their ids and code; HTML loses what only the page uses. The same notebook gives the same file.
    """
    made = copy.deepcopy(notebook)
    for cell in made.cells:
        for output in cell.get("outputs", []):
            _lighten(words, output, page)
    if len(nbformat.writes(made).encode()) > LARGEST:
        for cell in made.cells:
            for output in cell.get("outputs", []):
                if html := output.get("data", {}).get("text/html"):
                    output["data"]["text/html"] = _TABLE.sub(lambda table: _named(words, table[0], page), html)
    return made


def _lighten(words: Words, output: Any, page: str) -> None:
    data = output.get("data", {})
    is_figure = FIGURE in data or any(kind.startswith("image/") for kind in data)
    if is_figure:
        pictured = output.get("metadata", {}).pop("image/png", {})
        alt = data.get("text/plain") if FIGURE in data else pictured.get("alt", data.get("text/plain", ""))
        said = plain_markdown(words.say("notebook", "figure", {"alt": alt}))
        link = f"[{plain_markdown(words.say('notebook', 'on_page'))}]({page})"
        output["data"] = nbformat.from_dict({"text/markdown": f"{said} {link}"})
    elif data:
        kept = {kind: content for kind, content in data.items() if kind in _KEPT}
        if "text/html" in kept:
            kept = {"text/html": slim(kept["text/html"])}
        elif "text/markdown" in kept:
            kept.pop("text/plain", None)
        output["data"] = nbformat.from_dict(kept)


def slim(html: str) -> str:
    """HTML without anything that only the page uses: classes, ids, and links, which lead from there; their texts stay."""
    parser = _Slim()
    parser.feed(html)
    parser.close()
    return re.sub(r">\s+<", "><", "".join(parser.parts))


def _named(words: Words, table: str, page: str) -> str:
    found = _CAPTION.search(table)
    caption = words.say("notebook", "table", {"caption": unescape(found[1]) if found else "–"})
    link = f'<a href="{escape(page, quote=True)}">{escape(words.say("notebook", "on_page"))}</a>'
    return f"<p>{escape(caption)} {link}</p>"


class _Slim(HTMLParser):
    """Collects tags with the attributes that tables need, and texts as they stand."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "a":
            kept = [f' {key}="{escape(value or "", quote=True)}"' for key, value in attrs if key in _ATTRIBUTES]
            self.parts.append(f"<{tag}{''.join(kept)}>")

    def handle_endtag(self, tag: str) -> None:
        if tag != "a":
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_entityref(self, name: str) -> None:
        self.parts.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.parts.append(f"&#{name};")
