"""Answers on a scale with a middle: one side to the left of a line, the other to the right, the sum of each with its interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from bsna.publishing.canvas import (
    BETWEEN,
    INK,
    LEFTWARD,
    QUIET,
    RIGHTWARD,
    WIDTH,
    Frame,
    canvas,
    drawn,
    foot_height,
    legend_columns,
    style,
    wrap,
)
from bsna.publishing.drawing import Drawing
from bsna.publishing.headlines import shown_rows
from bsna.publishing.wording import Words

Row = Mapping[str, Any]
ROOM, BAR, LABEL = 0.42, 0.25, 16
"""Inches beside the longest bar, for its sum; height of a bar in inches; letters in a line of a label."""


@dataclass(frozen=True)
class Sides:
    """How many answers of a scale lie left of its middle and how many right of it; `rows` are the estimate rows of their sums,
    one for each question and side, `category` left or right."""

    left: int
    right: int
    rows: Sequence[Row]

    def row(self, question: str, side: str) -> Row:
        """The sum of one side of one question."""
        return next(row for row in self.rows if (row["measure"], row["category"]) == (question, side))


def diverging(
    words: Words,
    rows: Sequence[Row],
    sides: Sides,
    labels: Sequence[str],
    answers: Sequence[str],
    title: str,
    subtitle: str = "",
) -> Drawing | None:
    """One bar per question around a middle line, in the order given; an answer that is on neither side straddles the line.

    A lone question carries its wording as subtitle and needs no label. A question whose numbers are withheld says so.
    """
    if not shown_rows(rows):
        return None
    questions = list(dict.fromkeys(row["measure"] for row in rows))
    bars = [[row for row in rows if row["measure"] == question] for question in questions]
    lone, frame = len(questions) == 1, Frame(title, subtitle, words.word("diverging_note"), "diverging")
    heights = [0.14 + (BAR if lone else max(BAR, 0.15 * (wrap(label, LABEL).count("\n") + 1))) for label in labels]
    with style():
        legend = 0.1 + 0.2 * -(-len(answers) // legend_columns(answers, 2))
        figure, ax = canvas(frame, sum(heights), left=0.12 if lone else 1.36, right=0.1, below=legend)
        unit = _frame_axes(ax, [_reach(bar, sides) for bar in bars])
        marks: list[tuple[str, str, Row]] = []
        places = [sum(heights[:number]) + height / 2 for number, height in enumerate(heights)]
        _draw(ax, words, bars, sides, places, unit)
        for label, bar, place in zip(labels, bars, places, strict=True):
            if not lone:
                ax.text(-0.02, place, wrap(label, LABEL), ha="right", va="center", transform=ax.get_yaxis_transform())
            marks += _marks(words, bar, sides, label, answers)
        ax.set(ylim=(sum(heights), 0), xticks=[], yticks=[])
        sns.despine(ax=ax, left=True, bottom=True)
        _legend(figure, frame, answers, colours(sides, len(answers)))
        return drawn(figure, words, frame, shown_rows(rows), marks)


def colours(sides: Sides, count: int) -> list[str]:
    """A colour for each answer of a scale: ever darker to the left in one hue and to the right in another, grey between."""
    left = [_shade(LEFTWARD, place, sides.left) for place in reversed(range(sides.left))]
    right = [_shade(RIGHTWARD, place, sides.right) for place in range(sides.right)]
    return [*left, *[BETWEEN] * (count - sides.left - sides.right), *right]


def _shade(shades: Sequence[str], place: int, count: int) -> str:
    """The colour of an answer by its distance from the middle; the outermost is the darkest."""
    return shades[len(shades) - count + place]


def _reach(bar: Sequence[Row], sides: Sides) -> tuple[float, float]:
    """How far the bar of a question, and the intervals of its sums, go to the left and to the right of the line."""
    if not shown_rows(bar):
        return 0.0, 0.0
    half = _half(bar, sides)
    left, right = (sides.row(bar[0]["measure"], side) for side in ("left", "right"))
    return half + _far(left), half + _far(right)


def _far(row: Row) -> float:
    """The outer end of what is drawn of a sum: its interval's, or its own where there is no interval."""
    return max(row["high"], row["estimate"]) if row["high"] == row["high"] else row["estimate"]


def _half(bar: Sequence[Row], sides: Sides) -> float:
    return sum(row["estimate"] for row in bar[sides.left : len(bar) - sides.right]) / 2


def _frame_axes(ax: Axes, reaches: Sequence[tuple[float, float]]) -> float:
    """Set how much lies left and right of the line, and draw the line; returns what one inch is worth."""
    left, right = max(reach[0] for reach in reaches), max(reach[1] for reach in reaches)
    unit = (left + right) / (WIDTH * ax.get_position().width - 2 * ROOM)
    ax.set_xlim(-left - ROOM * unit, right + ROOM * unit)
    ax.axvline(0, color=INK, linewidth=1, zorder=0)
    return unit


def _draw(
    ax: Axes, words: Words, bars: Sequence[Sequence[Row]], sides: Sides, places: Sequence[float], unit: float
) -> None:
    """All bars, one shape for each answer, so that the file stays small; then the intervals of the sums, just below them."""
    shades, lines = colours(sides, len(bars[0])), []
    boxes: list[list[Outline]] = [[] for _ in shades]
    for bar, place in zip(bars, places, strict=True):
        if not shown_rows(bar):
            ax.text(0.06 * unit, place, words.word(bar[0]["status"]), va="center", size=8.5, color=QUIET)
            continue
        half = _half(bar, sides)
        start = -half - sum(row["estimate"] for row in bar[: sides.left])
        for row, box, shade in zip(bar, boxes, shades, strict=True):
            share = row["estimate"]
            box.append(_box(start, place, share))
            if share > 0.29 * unit:
                ink = "white" if shade in (LEFTWARD[-1], RIGHTWARD[-1]) else INK
                ax.text(start + share / 2, place, words.share(share), ha="center", va="center", color=ink, size=8)
            start += share
        for side, sign in (("left", -1), ("right", 1)):
            row = sides.row(bar[0]["measure"], side)
            end = sign * (half + _far(row) + 0.05 * unit)
            ax.text(end, place, words.value(row), ha="right" if sign < 0 else "left", va="center", weight="bold")
            lines.append(_line(sign * (half + row["low"]), sign * (half + row["high"]), place + BAR / 2 + 0.035))
    for box, shade in zip(boxes, shades, strict=True):
        whole = Outline.make_compound_path(*box)
        ax.add_patch(PathPatch(whole, facecolor=shade, edgecolor="white", linewidth=0.8, clip_on=False))
    ax.add_patch(
        PathPatch(Outline.make_compound_path(*lines), edgecolor="black", linewidth=1.4, fill=False, clip_on=False)
    )


def _box(start: float, place: float, share: float) -> Outline:
    low, high, end = place - BAR / 2, place + BAR / 2, start + share
    return Outline([(start, low), (end, low), (end, high), (start, high), (start, low)], closed=True)


def _line(low: float, high: float, height: float) -> Outline:
    """An interval; nothing where there is none."""
    return Outline([(low, height), (high, height)] if low == low and high == high else np.empty((0, 2)))


def _marks(
    words: Words, bar: Sequence[Row], sides: Sides, label: str, answers: Sequence[str]
) -> list[tuple[str, str, Row]]:
    """Each answer, and the sum of each side that has several."""
    marks = [(f"{label}, {answer}", words.estimate(row), row) for answer, row in zip(answers, bar, strict=True)]
    parts = (("left", answers[: sides.left]), ("right", answers[len(answers) - sides.right :]))
    for side, summed in parts:
        if len(summed) > 1:
            row = sides.row(bar[0]["measure"], side)
            name = words.say("alt", "together", {"question": label, "answers_list": list(summed)})
            marks.append((name, words.estimate(row), row))
    return marks


def _legend(figure: Figure, frame: Frame, answers: Sequence[str], shades: Sequence[str]) -> None:
    """Two columns, so that each side of the scale stands on its side, if its answers are short enough."""
    handles = [mpl.patches.Patch(color=shade, label=answer) for shade, answer in zip(shades, answers, strict=True)]
    corner = (0.005, foot_height(frame) / figure.get_figheight())
    figure.legend(
        handles=handles,
        ncol=legend_columns(answers, 2),
        loc="lower left",
        bbox_to_anchor=corner,
        frameon=False,
        borderaxespad=0,
        fontsize=8.5,
    )
