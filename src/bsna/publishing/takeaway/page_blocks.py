"""Blocks of a document from the HTML of a page."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import lxml.html

from bsna.publishing.takeaway.document import Block, Heading, ListBlock, Note, Paragraph, Run, Runs, Table

_CONTROLS = ("script", "style", "button", "input", "select", "form", "svg", "label")
"""Parts of a page that are nothing on paper."""

_INLINE = ("a", "abbr", "b", "bdi", "br", "code", "em", "i", "small", "span", "strong", "sub", "sup", "time")


def blocks_of_html(html: str) -> tuple[Block, ...]:
    """Blocks of a piece of HTML in its order: text that stands nowhere else becomes a paragraph, controls become nothing.

    A folded part is opened; its summary stands above it unless it holds one table, which has a title of its own. A badge
    behind a heading becomes its mark.
    """
    if not html.strip():
        return ()
    return tuple(_inside(lxml.html.fragment_fromstring(html, create_parent="div")))


def _inside(element: Any) -> Iterator[Block]:
    """Blocks below an element; inline parts that stand side by side are one paragraph."""
    waiting: list[Run] = list(_text(element.text))
    for child in element:
        if not isinstance(child.tag, str) or child.tag in _CONTROLS:
            waiting += _text(child.tail)
            continue
        if child.tag in _INLINE:
            waiting += [*_inline(child), *_text(child.tail)]
            continue
        yield from _paragraph(waiting)
        yield from _block(child)
        waiting = list(_text(child.tail))
    yield from _paragraph(waiting)


def _block(element: Any) -> Iterator[Block]:
    kind = element.tag
    if kind in ("h1", "h2", "h3", "h4", "h5", "h6"):
        yield _heading(element)
    elif kind in ("ul", "ol"):
        yield ListBlock(tuple(_trimmed(_inline(item)) for item in element.findall("li")), kind == "ol")
    elif kind == "table":
        yield _table(element)
    elif kind == "details":
        yield from _folded(element)
    elif "bsna-banner" in (element.get("class") or ""):
        yield Note(_trimmed(_inline(element)))
    else:
        yield from _inside(element)


def _folded(element: Any) -> Iterator[Block]:
    summary = element.find("summary")
    if summary is not None:
        element.remove(summary)
    inside = list(_inside(element))
    if summary is not None and not (len(inside) == 1 and isinstance(inside[0], Table) and inside[0].caption):
        yield Paragraph(tuple(replace(run, is_strong=True) for run in _trimmed(_inline(summary))))
    yield from inside


def _heading(element: Any) -> Heading:
    marks = element.find_class("bsna-badge")
    said = "; ".join(" ".join(mark.text_content().split()) for mark in marks)
    for mark in marks:
        mark.drop_tree()
    return Heading(int(element.tag[1]), _words(element), said)


def _table(element: Any) -> Table:
    """A table made by `tables.table_html` or of Markdown: its title row is the caption, its foot the source."""
    caption = [*element.find_class("gt_title"), *element.iter("caption")]
    header = [_words(cell) for cell in element.find("thead").iter("th")]
    rows = [tuple(_words(cell) for cell in row if cell.tag in ("td", "th")) for row in _rows(element)]
    for row in rows:
        if len(row) not in (1, len(header)):
            raise ValueError(
                f"A table with {len(header)} columns has a row of {len(row)} cells, which cannot be set: {row}"
            )
    foot = " ".join(_words(cell) for part in element.findall("tfoot") for cell in part.iter("td"))
    return Table(_words(caption[0]) if caption else "", tuple(header), tuple(rows), foot)


def _rows(element: Any) -> Iterator[Any]:
    for body in element.findall("tbody"):
        yield from body.iter("tr")


def _inline(element: Any, style: Run | None = None) -> Iterator[Run]:
    style = style or Run("")
    kind = element.tag if isinstance(element.tag, str) else ""
    if kind in _CONTROLS:
        return
    if kind in ("strong", "b"):
        style = replace(style, is_strong=True)
    elif kind in ("em", "i"):
        style = replace(style, is_emphasised=True)
    elif kind == "code":
        style = replace(style, is_code=True)
    elif kind == "a" and (element.get("href") or "").startswith(("https://", "http://")):
        style = replace(style, address=element.get("href"))
    elif kind == "br":
        yield Run("\n")
    opens, closes = ("[", "]") if "bsna-badge" in (element.get("class") or "") else ("", "")
    yield from _text(f"{opens}{element.text or ''}{closes if not len(element) else ''}", style)
    for number, child in enumerate(element):
        yield from _inline(child, style)
        yield from _text(f"{child.tail or ''}{closes if number == len(element) - 1 else ''}", style)


def _text(text: str | None, style: Run | None = None) -> Iterator[Run]:
    """White space of a page is one space."""
    if text:
        squeezed = f"{' ' if text[0].isspace() and text[0] != chr(160) else ''}{_squeezed(text)}"
        if squeezed.strip(" ") and text[-1] in " \n\t":
            squeezed += " "
        yield replace(style or Run(""), text=squeezed)


def _squeezed(text: str) -> str:
    return " ".join(part for part in text.replace("\n", " ").replace("\t", " ").split(" ") if part)


def _trimmed(runs: Iterator[Run] | Sequence[Run]) -> Runs:
    """Runs without white space at either end."""
    made = [run for run in runs if run.text]
    while made and not made[0].text.strip():
        made.pop(0)
    while made and not made[-1].text.strip():
        made.pop()
    if made:
        made[0] = replace(made[0], text=made[0].text.lstrip(" \n"))
        made[-1] = replace(made[-1], text=made[-1].text.rstrip(" \n"))
    return tuple(made)


def _paragraph(runs: Sequence[Run]) -> Iterator[Block]:
    if trimmed := _trimmed(runs):
        yield Paragraph(trimmed)


def _words(element: Any) -> str:
    return "".join(run.text for run in _trimmed(_inline(element))).replace("\n", " ")
