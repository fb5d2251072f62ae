"""What every figure shares: size, style, title, source, the mark of simulated data, small files, text for the blind."""

import io
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from bsna.publishing.drawing import Drawing, cells_of, letters, people_range, records_of
from bsna.publishing.stated import check_title
from bsna.publishing.vector import svg_of
from bsna.publishing.wording import Words

INK, QUIET, GRID = "#1b2a33", "#52616a", "#dfe5e8"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8a6d3b")
"""Okabe and Ito's colours, in an order in which neighbours differ most."""

WIDTH, DPI = 4.4, 105
"""Inches, so narrow that letters keep their size on a telephone 390 pixels wide; dots per inch of the picture in dots, for
documents that take no SVG. At that many, letters whose edges are not smoothed read well, and take half the bytes."""

TITLE, SUBTITLE, NOTE = 41, 53, 75
"""Letters in a line."""

MARKER, LETTER = 0.5, 0.075
"""Inches that a mark of a legend takes with the room around it, and a letter beside it."""

SHADES = ("#e3ecf2", "#b4cfe2", "#7badd0", "#3b7fb0", "#16486f")
"""From the first answer on a scale to the last, ever darker: seen in grey too, and no answer is painted as the bad one."""

LEFTWARD, BETWEEN, RIGHTWARD = ("#f0c394", "#a8560f"), "#cfd6da", ("#7badd0", "#16486f")
"""Answers left and right of the middle of a scale, from the middle outwards, and the answer between. No answer is painted as the
bad one."""

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
    "svg.fonttype": "none",
    "text.parse_math": False,
}


@dataclass(frozen=True)
class Frame:
    """What stands around a drawing: the finding above, what was asked below it, notes under the axis.

    `is_simulated` marks a drawing about several surveys, whose sources then stand in the note."""

    title: str
    subtitle: str = ""
    note: str = ""
    kind: str = "intervals"
    is_simulated: bool = False


def style() -> Any:
    """The house style, as a context."""
    return mpl.rc_context(STYLE)  # type: ignore[arg-type]


def canvas(
    frame: Frame, height: float, *, left: float = 1.62, right: float = 1.12, below: float = 0.3
) -> tuple[Figure, Axes]:
    """A figure whose axes are `height` inches high, between margins of `left` and `right` inches.

    `below` is the room for ticks or a legend, in inches.
    """
    title, subtitle = textwrap.wrap(letters(frame.title), TITLE), textwrap.wrap(letters(frame.subtitle), SUBTITLE)
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
    """Inches that source, which may run over two lines, and note take below the axes and what belongs to them."""
    return 0.12 + 0.135 * (2 + len(textwrap.wrap(letters(frame.note), NOTE)))


def drawn(
    figure: Figure,
    words: Words,
    frame: Frame,
    rows: Sequence[Mapping[str, Any]],
    marks: Sequence[tuple[str, str, Mapping[str, Any]]],
) -> Drawing:
    """Finish a figure: source and people below, the mark behind, and the alt text, which states every number.

    `marks` holds for everything drawn what it is, its value as a reader sees it, and the estimate row or record behind it.
    Raises ValueError if the title states what does not follow from them (`stated.check_title`).
    """
    check_title(frame.title, [row for _, _, row in marks])
    people = people_range(words, rows)
    source = " · ".join(filter(None, (words.source, people)))
    lines = [*textwrap.wrap(letters(source), NOTE), *textwrap.wrap(letters(frame.note), NOTE)]
    figure.text(0.016, 0.06 / figure.get_figheight(), "\n".join(lines), size=7.5, color=QUIET, va="bottom")
    simulated = frame.is_simulated or (words.profile is not None and words.profile.is_simulated)
    if simulated:
        _watermark(figure, words.word("simulated"))
    title = words.say("alt", "people", {"title": frame.title, "people": people}) if people else f"{frame.title}."
    mark = f"{words.word('simulated')}. " if simulated else ""
    for text in figure.findobj(Text):
        text.set_text(letters(text.get_text()))  # type: ignore[attr-defined]
    texts = [words.say("alt", "row", {"name": name, "value": value}) for name, value, _ in marks]
    alt = letters(f"{mark}{title} {words.say('alt', frame.kind, {'rows_series': texts})}")
    labels = {key: words.say("figure", key) for key in ("files", "table", "data")}
    return Drawing(
        svg_of(figure, letters(frame.title), alt),
        _png(figure),
        alt,
        letters(frame.title),
        records_of(marks),
        cells_of(words, marks),
        labels,
        words.source or (words.word("simulated") if simulated else ""),
    )


def legend_columns(labels: Sequence[str], most: int) -> int:
    """In how many columns, at most `most`, a legend of these labels stays inside the figure, filled from the top down."""
    for columns in range(min(most, len(labels)), 1, -1):
        parts = np.array_split(np.array([len(label) for label in labels]), columns)
        if sum(MARKER + LETTER * part.max() for part in parts) <= WIDTH:
            return columns
    return 1


def wrap(text: str, width: int) -> str:
    """Text over several lines of at most `width` characters."""
    return "\n".join(textwrap.wrap(letters(text), width))


def _watermark(figure: Figure, text: str) -> None:
    """Behind everything, so that no number is crossed out; once for every three inches of height. Level, which in dots takes a
    fraction of what slanting letters take."""
    times = max(1, round(figure.get_figheight() / 3))
    for place in range(times):
        figure.text(
            0.5,
            (place + 0.5) / times,
            text,
            size=25,
            color=MARK,
            ha="center",
            va="center",
            weight="bold",
            zorder=-1,
        )


def _png(figure: Figure) -> bytes:
    """The picture in the house's own colours, its letters without smoothed edges: a quarter of the bytes of full colour. The
    same figure, the same bytes."""
    agg: Any = figure.canvas
    for text in figure.findobj(Text):
        text.set_antialiased(False)  # type: ignore[attr-defined]
    agg.draw()
    picture = Image.fromarray(np.asarray(agg.buffer_rgba())).convert("RGB")
    buffer = io.BytesIO()
    picture.quantize(palette=_palette(), dither=Image.Dither.NONE).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


@cache
def _palette() -> Image.Image:
    """Every colour of the house and its way to white in three steps, which is how the edges of marks are smoothed."""
    strong = np.array([mpl.colors.to_rgb(colour) for colour in (INK, QUIET, *COLOURS, *SHADES[1:], *LEFTWARD)])
    pale = np.array([mpl.colors.to_rgb(colour) for colour in ("white", GRID, PAPER, MARK, BETWEEN, SHADES[0])])
    tints = [strong + (1 - strong) * step for step in (0.0, 1 / 3, 2 / 3)]
    entries = np.rint(np.vstack([pale, *tints]) * 255).astype(int)
    image = Image.new("P", (1, 1))
    image.putpalette([int(value) for value in entries.ravel()])
    return image
