"""What every figure shares: size, style, title, source, the mark of simulated data, small files, text for the blind."""

import base64
import io
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from bsna.publishing.wording import Words

INK, QUIET, GRID = "#1b2a33", "#52616a", "#dfe5e8"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8a6d3b")
"""Okabe and Ito's colours, in an order in which neighbours differ most."""

WIDTH, DPI = 5.2, 170
"""Inches and dots per inch: narrow, so that letters stay readable on a telephone."""

SHADES = ("#e3ecf2", "#b4cfe2", "#7badd0", "#3b7fb0", "#16486f")
"""From the first answer on a scale to the last, ever darker: seen in grey too, and no answer is painted as the bad one."""

PAPER, MARK = "#eef3f5", "#e3e8ea"
"""Land on a map; the mark of simulated data."""

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.edgecolor": GRID,
    "axes.labelcolor": QUIET,
    "axes.axisbelow": True,
    "axes.facecolor": "none",
    "text.color": INK,
    "xtick.color": QUIET,
    "ytick.color": INK,
    "grid.color": GRID,
    "svg.hashsalt": "bsna",
}


@dataclass(frozen=True)
class Drawing:
    """A finished figure as PNG bytes, with the text for those who cannot see it."""

    png: bytes
    alt: str


@dataclass(frozen=True)
class Frame:
    """What stands around a drawing: the finding above, what was asked below it, notes under the axis.

    `is_simulated` marks a drawing about several surveys, whose sources then stand in the note."""

    title: str
    subtitle: str = ""
    note: str = ""
    kind: str = "intervals"
    is_simulated: bool = False


def show(drawing: Drawing | None) -> None:
    """Display a figure with its alt text; nothing for None."""
    if drawing is not None:
        content = {"image/png": base64.b64encode(drawing.png).decode(), "text/plain": drawing.alt}
        display(content, metadata={"image/png": {"alt": drawing.alt}}, raw=True)


def style() -> Any:
    """The house style, as a context."""
    return mpl.rc_context(STYLE)  # type: ignore[arg-type]


def canvas(
    frame: Frame, height: float, *, left: float = 1.62, right: float = 1.12, below: float = 0.3
) -> tuple[Figure, Axes]:
    """A figure whose axes are `height` inches high, between margins of `left` and `right` inches.

    `below` is the room for ticks or a legend, in inches.
    """
    title, subtitle = textwrap.wrap(frame.title, 46), textwrap.wrap(frame.subtitle, 66)
    head = 0.1 + 0.205 * len(title) + 0.165 * len(subtitle) + 0.14
    foot = foot_height(frame)
    total = head + height + below + foot
    figure = Figure(figsize=(WIDTH, total), dpi=DPI)
    FigureCanvasAgg(figure)
    ax = figure.add_axes((left / WIDTH, (below + foot) / total, 1 - (left + right) / WIDTH, height / total))
    figure.text(0.016, 1 - 0.09 / total, "\n".join(title), weight="bold", size=11, va="top", linespacing=1.25)
    under = 1 - (0.12 + 0.205 * len(title)) / total
    figure.text(0.016, under, "\n".join(subtitle), size=9, va="top", color=QUIET, linespacing=1.25)
    return figure, ax


def foot_height(frame: Frame) -> float:
    """Inches that source and note take below the axes and what belongs to them."""
    return 0.12 + 0.135 * (1 + len(textwrap.wrap(frame.note, 88)))


def drawn(
    figure: Figure, words: Words, frame: Frame, rows: Sequence[Mapping[str, Any]], texts: Sequence[str]
) -> Drawing:
    """Finish a figure: source and people below, the mark behind, and the alt text, which states every number."""
    people = people_range(words, rows)
    lines = [" · ".join(filter(None, (words.source, people))), *textwrap.wrap(frame.note, 88)]
    figure.text(0.016, 0.06 / figure.get_figheight(), "\n".join(lines), size=7.5, color=QUIET, va="bottom")
    simulated = frame.is_simulated or (words.profile is not None and words.profile.is_simulated)
    if simulated:
        _watermark(figure, words.word("simulated"))
    title = words.say("alt", "people", {"title": frame.title, "people": people}) if people else f"{frame.title}."
    mark = f"{words.word('simulated')}. " if simulated else ""
    return Drawing(_png(figure), f"{mark}{title} {words.say('alt', frame.kind, {'rows_series': list(texts)})}")


def people_range(words: Words, rows: Sequence[Mapping[str, Any]]) -> str:
    """n = 10 to 20, from the rows that may be shown."""
    counts = sorted(int(row["n"]) for row in rows if row["n"] == row["n"])
    if not counts:
        return ""
    key = "n_range" if counts[0] == counts[-1] else "n_ranges"
    return words.fill(words.word(key), {"low_count": counts[0], "high_count": counts[-1]})


def wrap(text: str, width: int) -> str:
    """Text over several lines of at most `width` characters."""
    return "\n".join(textwrap.wrap(text, width))


def _watermark(figure: Figure, text: str) -> None:
    """Behind everything, so that no number is crossed out; once for every three inches of height."""
    times = max(1, round(figure.get_figheight() / 3))
    for place in range(times):
        figure.text(
            0.5,
            (place + 0.5) / times,
            text,
            size=25,
            color=MARK,
            rotation=14,
            ha="center",
            va="center",
            weight="bold",
            zorder=-1,
        )


def _png(figure: Figure) -> bytes:
    """The picture in the house's own colours: a third of the bytes of full colour. The same figure, the same bytes."""
    agg: Any = figure.canvas
    agg.draw()
    picture = Image.fromarray(np.asarray(agg.buffer_rgba())).convert("RGB")
    buffer = io.BytesIO()
    picture.quantize(palette=_palette(), dither=Image.Dither.NONE).save(buffer, format="PNG", compress_level=7)
    return buffer.getvalue()


@cache
def _palette() -> Image.Image:
    """Every colour of the house and its way to white in four steps, which is how the edges of letters are smoothed."""
    strong = np.array([mpl.colors.to_rgb(colour) for colour in (INK, QUIET, *COLOURS, *SHADES[1:])])
    pale = np.array([mpl.colors.to_rgb(colour) for colour in ("white", GRID, PAPER, MARK, SHADES[0])])
    tints = [strong + (1 - strong) * step for step in (0.0, 0.25, 0.5, 0.75)]
    entries = np.rint(np.vstack([pale, *tints]) * 255).astype(int)
    image = Image.new("P", (1, 1))
    image.putpalette([int(value) for value in entries.ravel()])
    return image
