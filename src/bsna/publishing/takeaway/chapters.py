"""Blocks of a document from the executed notebook of a chapter."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from markdown_it import MarkdownIt

from bsna import paths
from bsna.publishing.drawing import FIGURE
from bsna.publishing.takeaway.document import Block, Figure, Note
from bsna.publishing.takeaway.page_blocks import blocks_of_html


@dataclass(frozen=True)
class Told:
    """One chapter as it was told in one language: its number and name in the file, its id, its title and its blocks."""

    stem: str
    id: str
    title: str
    blocks: tuple[Block, ...]


def read_chapters(survey: str, language: str) -> tuple[Told, ...]:
    """Chapters of a survey in the order of their files. Raises ValueError, with what to run, if there are none."""
    files = sorted((paths.told(survey, language) / "notebooks").glob("*.ipynb"))
    if not files:
        raise ValueError(f"{survey} has no chapters in {language!r}; run `bsna run {survey}` first")
    return tuple(_read(path, language) for path in files)


def _read(path: Path, language: str) -> Told:
    notebook = nbformat.read(path, as_version=4)
    facts = notebook.metadata["bsna"]
    blocks = [block for cell in notebook.cells for block in _of_cell(cell, path.name)]
    return Told(path.stem, facts["chapter"], facts["title"][language], tuple(blocks))


def _of_cell(cell: Any, file: str) -> Iterator[Block]:
    if cell.cell_type == "markdown":
        yield from blocks_of_markdown(cell.source)
    for output in cell.get("outputs", []):
        for block in blocks_of_output(output, file):
            if not isinstance(block, Note):  # the banner stands once, at the top of the document
                yield block


def blocks_of_output(output: Any, file: str) -> tuple[Block, ...]:
    """Blocks of what a cell shows: a figure, a generated sentence or a piece of HTML.

    Raises ValueError naming the file for anything else, and for a figure without alt text.
    """
    shown = output.get("data", {})
    if "image/svg+xml" in shown or "image/png" in shown:
        return (_figure(shown, output.get("metadata", {}), file),)
    if "text/html" in shown:
        return blocks_of_html(shown["text/html"])
    if "text/markdown" in shown:
        return blocks_of_markdown(shown["text/markdown"])
    kinds = sorted(shown) or [str(output.get("output_type"))]
    raise ValueError(f"{file} shows {kinds}, which no report can hold; show a figure, a sentence or a table")


def blocks_of_markdown(text: str) -> tuple[Block, ...]:
    """Blocks of Markdown, in which HTML is plain text."""
    return blocks_of_html(MarkdownIt("commonmark", {"html": False}).enable("table").render(text))


def _figure(shown: Any, metadata: Any, file: str) -> Figure:
    alt = shown.get(FIGURE, {}).get("alt") or metadata.get("image/png", {}).get("alt", "")
    if not alt:
        raise ValueError(
            f"{file} shows a figure without alt text; give it one in {FIGURE} or in the metadata of its PNG"
        )
    svg = "".join(shown.get("image/svg+xml", ""))
    return Figure(alt, base64.b64decode(shown.get("image/png", "")), svg.encode())
