"""Pages made of results: sections of text, tables and figures that become one page of the book at a stable address."""

import re
from dataclasses import dataclass, field

from bsna.publishing.addresses import FIGURES, ROOT
from bsna.publishing.blocks import figure_files, figure_html
from bsna.publishing.cards.marks import plain, written_link
from bsna.publishing.drawing import Drawing

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|$~&@^])")


@dataclass
class WrittenPage:
    """A page while it is written. `figures` are the files of its figures by name; the text names them below `FIGURES`.

    Headings and the title are plain text; everything else is HTML whose texts are escaped already.
    """

    title: str
    parts: list[str] = field(default_factory=list)
    figures: dict[str, bytes] = field(default_factory=dict)

    def head(self, text: str, level: int = 2) -> None:
        """Open a section."""
        self.parts.append(f"{'#' * level} {plain_markdown(text)}")

    def add(self, html: str) -> None:
        """Add a piece of HTML; nothing for an empty one."""
        if html:
            self.parts.append(fenced(written_link(html)))

    def draw(self, drawing: Drawing | None) -> None:
        """Add a figure with its alt text; nothing for None."""
        if drawing is not None:
            self.figures |= figure_files(drawing)
            self.add(figure_html(FIGURES, drawing, ROOT))

    @property
    def text(self) -> str:
        """The page as Markdown."""
        return "\n\n".join([f"# {plain_markdown(self.title)}", *self.parts]) + "\n"


def plain_markdown(text: str) -> str:
    """A text in which nothing is taken for Markdown, on one line."""
    return _MARKS.sub(r"\\\1", " ".join(plain(text).split()))


def fenced(html: str) -> str:
    """HTML as a block of Markdown that no text inside it can end."""
    longest = max((len(run) for run in re.findall(r"`+", html)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{{raw}} html\n{html}\n{fence}"
