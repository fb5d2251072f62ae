"""Two rounds of one survey: a slope for each measure, from its level before to its level after, with both intervals."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import seaborn as sns
from matplotlib.axes import Axes

from bsna.publishing.canvas import COLOURS, GRID, QUIET, WIDTH, Frame, canvas, drawn, foot_height, style, wrap
from bsna.publishing.drawing import Drawing
from bsna.publishing.headlines import shown_rows
from bsna.publishing.wording import Words

Row = Mapping[str, Any]
Side = tuple[str, Row, Row]
"""A label, and its estimate rows before and after."""
COLUMNS, HEIGHT, NAME, MARGIN, SPACE = 2, 1.15, 0.62, 0.52, 1.04
"""Panels side by side; inches: of a slope, of the label above it, left and right of all, between two."""
MARKS = ("o", "s")


def slopes(
    words: Words, sides: Sequence[Side], rounds: tuple[str, str], title: str, subtitle: str = ""
) -> Drawing | None:
    """A small panel for each measure, all on one scale; shares only. A level that is withheld says so and has no slope."""
    shown = shown_rows([row for _, before, after in sides for row in (before, after)])
    if not shown:
        return None
    if strange := [row["measure"] for row in shown if row["unit"] != "share"]:
        raise ValueError(f"Slopes share one scale of shares; {len(strange)} rows have another unit: {strange[:5]}")
    frame, deep = Frame(title, subtitle, words.word("slope_note"), "slopes"), -(-len(sides) // COLUMNS)
    top = max(row["high"] for row in shown) + 0.04
    with style():
        figure, ax = canvas(frame, deep * (NAME + HEIGHT), left=MARGIN, right=MARGIN, below=0.58)
        whole, tall = ax.get_position(), figure.get_figheight()
        ax.axis("off")
        width = (WIDTH - 2 * MARGIN - SPACE * (COLUMNS - 1)) / COLUMNS
        marks: list[tuple[str, str, Row]] = []
        for number, side in enumerate(sides):
            left = MARGIN + (number % COLUMNS) * (width + SPACE)
            low = whole.y1 * tall - (number // COLUMNS + 1) * (NAME + HEIGHT)
            panel = figure.add_axes((left / WIDTH, low / tall, width / WIDTH, HEIGHT / tall))
            panel.set(xlim=(0, 1), ylim=(0, min(top, 1.04)), yticks=[], xticks=[])
            _panel(panel, words, side)
            marks += [
                (f"{side[0]}, {name}", words.estimate(row), row) for name, row in zip(rounds, side[1:], strict=True)
            ]
        handles = [
            mpl.lines.Line2D([], [], marker=mark, color=COLOURS[0], ms=6, linestyle="", label=name)
            for mark, name in zip(MARKS, rounds, strict=True)
        ]
        corner = (0, foot_height(frame) / tall)
        figure.legend(handles=handles, loc="lower left", bbox_to_anchor=corner, frameon=False)
        return drawn(figure, words, frame, shown, marks)


def _panel(ax: Axes, words: Words, side: Side) -> None:
    label, before, after = side
    ax.text(0.5, 1.06, wrap(label, 25), ha="center", va="bottom", weight="bold", size=8.5, transform=ax.transAxes)
    ends = [row for row in (before, after) if row in shown_rows([row])]
    if len(ends) == 2:
        ax.plot([0, 1], [before["estimate"], after["estimate"]], color=COLOURS[0], linewidth=1.4, clip_on=False)
    for at, row in ((0, before), (1, after)):
        align, step = ("right", -0.11) if at == 0 else ("left", 0.11)
        if row not in ends:
            ax.text(at + step, 0.02, words.word(row["status"]), ha=align, va="bottom", size=7.5, color=QUIET)
            continue
        ax.plot([at] * 2, [row["low"], row["high"]], color=COLOURS[0], linewidth=2, clip_on=False)
        face = COLOURS[0] if row["status"] == "ok" else "white"
        ax.plot(at, row["estimate"], MARKS[at], color=COLOURS[0], mfc=face, ms=5.5, clip_on=False)
        ax.text(at + step, row["estimate"], words.value(row), ha=align, va="center", size=8.5, weight="bold")
    ax.axhline(0, color=GRID, linewidth=0.9, zorder=0)
    sns.despine(ax=ax, left=True, bottom=True)
