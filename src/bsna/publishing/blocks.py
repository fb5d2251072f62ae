"""Small pieces of a page as HTML: headings one can link to, badges, folded parts, lists. Every text is escaped."""

from collections.abc import Sequence
from html import escape

from IPython.display import HTML, display

from bsna.publishing.wording import Words


def show_block(html: str) -> None:
    """Display a piece of HTML made by this module."""
    display(HTML(html))


def heading(level: int, text: str, anchor: str = "", mark: str = "") -> str:
    """A heading with a stable address, and a badge behind it."""
    address = f' id="{escape(anchor.lower(), quote=True)}"' if anchor else ""
    return f'<h{level} class="bsna-heading"{address}>{escape(text)}{f" {mark}" if mark else ""}</h{level}>'


def badge(words: Words, kind: str, grade: str = "") -> str:
    """A verdict or status in word, colour and shape, the same wherever it appears."""
    text = words.word(kind)
    if grade:
        text = f"{text} · {words.say('verdicts', 'graded', {'grade': grade})}"
    return f'<span class="bsna-badge bsna-{escape(kind, quote=True)}">{escape(text)}</span>'


def items(lines: Sequence[str], kind: str) -> str:
    """A list whose items are HTML already."""
    return f'<ul class="bsna-{kind}">{"".join(f"<li>{line}</li>" for line in lines)}</ul>'


def texts(lines: Sequence[str]) -> str:
    """Plain texts as paragraphs."""
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def figure_html(source: str, png: bytes, alt: str) -> str:
    """A figure in a file of its own, loaded when it is scrolled to, which opens in full size."""
    width, height = (int.from_bytes(png[start : start + 4], "big") for start in (16, 20))
    return (
        f'<figure class="bsna-figure"><a href="{source}"><img loading="lazy" src="{source}" width="{width}" '
        f'height="{height}" alt="{escape(alt, quote=True)}"></a></figure>'
    )


def folded(summary: str, html: str) -> str:
    """A part that the reader opens."""
    return f'<details class="bsna-folded"><summary>{escape(summary)}</summary>{html}</details>'
