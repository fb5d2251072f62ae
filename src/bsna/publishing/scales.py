"""All answers on a scale: bars that add up to one, with the intervals of both ends drawn on them."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from bsna.publishing.canvas import INK, SHADES, Frame, canvas, drawn, foot_height, legend_columns, style, wrap
from bsna.publishing.drawing import Drawing
from bsna.publishing.headlines import shown_rows
from bsna.publishing.wording import Words

Row = Mapping[str, Any]


def stacked(
    words: Words, rows: Sequence[Row], labels: Sequence[str], answers: Sequence[str], title: str, subtitle: str = ""
) -> Drawing | None:
    """One bar per question, in the order given; a lone question carries its wording as subtitle and needs no label."""
    shown = shown_rows(rows)
    if not shown:
        return None
    questions = list(dict.fromkeys(row["measure"] for row in rows))
    codes = list(dict.fromkeys(row["category"] for row in rows))
    lone, columns = len(questions) == 1, legend_columns(answers, 3)
    legend = 0.08 + 0.2 * -(-len(codes) // columns)
    frame = Frame(title, subtitle, words.word("stacked_note"), "stacked")
    with style():
        figure, ax = canvas(frame, 0.36 * len(questions), left=0.12 if lone else 1.62, right=0.2, below=legend)
        marks = []
        for place, question in enumerate(questions):
            bar = [next(r for r in rows if (r["measure"], r["category"]) == (question, code)) for code in codes]
            _bar(ax, bar, place, words)
            marks += [
                (f"{labels[place]}, {answer}", words.estimate(row), row)
                for answer, row in zip(answers, bar, strict=True)
            ]
        handles = [mpl.patches.Patch(color=c, label=a) for c, a in zip(_colours(len(codes)), answers, strict=True)]
        corner = (0.005, foot_height(frame) / figure.get_figheight())
        figure.legend(
            handles=handles,
            ncol=columns,
            loc="lower left",
            bbox_to_anchor=corner,
            frameon=False,
            fontsize=8.5,
            borderaxespad=0,
        )
        ax.set(xlim=(0, 1), xticks=[], yticks=[] if lone else range(len(questions)), ylim=(len(questions) - 0.5, -0.5))
        if not lone:
            ax.set_yticklabels([wrap(label, 20) for label in labels], fontsize=9)
        ax.tick_params(length=0)
        sns.despine(ax=ax, left=True, bottom=True)
        return drawn(figure, words, frame, shown, marks)


def _colours(count: int) -> list[str]:
    return [SHADES[round(place)] for place in np.linspace(0, 4, count)]


def _bar(ax: Axes, bar: Sequence[Row], place: int, words: Words) -> None:
    """The answers to one question. Intervals are drawn where one answer alone makes the border: after the first
    answer and before the last."""
    left = 0.0
    for row, colour in zip(bar, _colours(len(bar)), strict=True):
        share = row["estimate"]
        if share != share:
            continue
        ax.barh(place, share, left=left, color=colour, height=0.7, edgecolor="white", linewidth=0.8)
        if share > 0.085:
            ink = "white" if colour in SHADES[3:] else INK
            ax.text(left + share / 2, place, words.share(share), ha="center", va="center", color=ink, size=8.5)
        left += share
    for row, low, high in ((bar[0], "low", "high"), (bar[-1], "high", "low")):
        if row["status"] in ("ok", "imprecise"):
            ends = [row[low], row[high]] if row is bar[0] else [1 - row[low], 1 - row[high]]
            ax.plot(ends, [place + 0.26] * 2, color="white", linewidth=3, solid_capstyle="butt")
            ax.plot(ends, [place + 0.26] * 2, color="black", linewidth=1.2, solid_capstyle="butt")
