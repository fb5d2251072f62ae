"""Numbers in a text are marked with the key of their row; where the text becomes a page, the marks become links to cards."""

import re
from html import escape

from bsna.publishing.addresses import ROOT
from bsna.publishing.cards.keys import address_of, is_key

_OPEN, _MIDDLE, _CLOSE = "\ue000", "\ue001", "\ue002"
"""For private use in Unicode: no text holds them by itself, and those that do lose them."""

_MARKED = re.compile(f"{_OPEN}([^{_OPEN}{_MIDDLE}{_CLOSE}]*){_MIDDLE}([^{_OPEN}{_MIDDLE}{_CLOSE}]*){_CLOSE}")
_OPENED = re.compile(f"{_OPEN}[^{_OPEN}{_MIDDLE}{_CLOSE}]*{_MIDDLE}")
_LONE = re.compile(f"[{_OPEN}{_MIDDLE}{_CLOSE}]")
_TAG = re.compile(r"""(<!--.*?-->|<[A-Za-z/](?:"[^"]*"|'[^']*'|[^'"<>])*>)""", re.DOTALL)
_NAME = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)")
_ROW_HEAD = re.compile(r"""<th\b[^>]* scope="row""")
"""Heading of a row or of a block of rows, in which a link may stand. Headings of columns are pressed to sort."""
_NO_LINKS = {
    "a",
    "button",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "option",
    "script",
    "style",
    "summary",
    "svg",
    "th",
    "title",
}
"""Elements in which a link would stand in another thing to press, or mean nothing."""


def marked(key: str, text: str) -> str:
    """A number as text, with the key of its row; as it is without a key, or if it is marked already."""
    return f"{_OPEN}{key}{_MIDDLE}{text}{_CLOSE}" if key and _OPEN not in text else text


def plain(text: str) -> str:
    """A text without marks, for headings, figures, files and whatever compares texts."""
    return _LONE.sub("", _MARKED.sub(r"\2", text))


def parted(text: str) -> tuple[str, str]:
    """What stands before the first letter of a text if it opens with a mark, and the rest."""
    found = _OPENED.match(text)
    return (found[0], text[found.end() :]) if found else ("", text)


def linked(html: str, up: str = "..") -> str:
    """HTML, or Markdown with HTML in it, whose marks are links to cards. `up` leads to the root of the book.

    Marks go without a link where none may stand: in attributes, in other links, and in what is pressed. No mark is left.
    """
    if not _LONE.search(html):
        return html
    parts, within = [], 0
    for place, part in enumerate(_TAG.split(html)):
        if place % 2 == 0:
            parts.append(plain(part) if within else _with_links(part, up))
            continue
        name = found[1].lower() if (found := _NAME.match(part)) else ""
        if name in _NO_LINKS and not _ROW_HEAD.match(part):
            within = max(within - 1, 0) if part.startswith("</") else within + 1
        parts.append(plain(part))
    return "".join(parts)


def written_link(html: str) -> str:
    """The same for a page made of results, which does not know yet how deep it will stand (`addresses.ROOT`)."""
    return linked(html, ROOT)


def card_link(key: str, text: str, up: str = "..") -> str:
    """A number as a link to its card; `text` is escaped here. Raises ValueError for what is no key."""
    return _link(key, escape(plain(text)), up)


def _with_links(html: str, up: str) -> str:
    return _LONE.sub(
        "", _MARKED.sub(lambda found: _link(found[1], found[2], up) if is_key(found[1]) else found[2], html)
    )


def _link(key: str, html: str, up: str) -> str:
    return f'<a href="{up}/{address_of(key).href}">{html}</a>'
