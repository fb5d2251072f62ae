"""One figure of the engine's seconds beside those of its peers, in the house's style."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from PIL import Image

from bsna.publishing.canvas import COLOURS, DPI, GRID, INK, QUIET, WIDTH, Frame, canvas, style

TITLES = {"crosstab": "Cross-tabulation", "binary": "Binary logit", "ordered": "Ordered logit"}
LINE, HEAD = 0.19, 0.28
"""Inches that a line and a heading take."""


def draw_seconds(table: pd.DataFrame, path: Path) -> None:
    """Draw the three hard tasks, one block for each size and task, a dot for each tool on a logarithmic axis.

    Our dots are full, others hollow; the scan is a stroke. Tools that failed are left out. `table` has one row per people, task and tool.
    """
    shown = table[table["task"].isin(TITLES) & table["seconds"].notna()]
    blocks = [
        (people, task, shown[(shown["people"] == people) & (shown["task"] == task)].sort_values("seconds"))
        for people in sorted(shown["people"].unique())
        for task in TITLES
    ]
    blocks = [block for block in blocks if len(block[2])]
    height = sum(HEAD + LINE * len(rows) for _, _, rows in blocks) + 0.1
    frame = Frame(
        "Seconds to declare the design and estimate", "Logarithmic axis; a stroke marks DuckDB's scan of the columns"
    )
    with style():
        figure, ax = canvas(frame, height, right=0.7, below=0.4)
        below = 0.0
        for people, task, rows in blocks:
            below = _block(ax, f"{TITLES[task]}, {spaced(people)} people", rows.to_dict("records"), below)
        ax.set(ylim=(below + 0.05, 0), yticks=[], xscale="log", xlabel="seconds")
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.grid(axis="x", color=GRID)
        ax.tick_params(length=0, labelsize=8.5, which="both")
        ax.spines[:].set_visible(False)
        buffer = io.BytesIO()
        figure.savefig(buffer, dpi=DPI)
    Image.open(buffer).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(path, format="PNG", optimize=True)


def spaced(count: float) -> str:
    """A whole number with a space at every thousand."""
    return f"{count:,.0f}".replace(",", " ")


def _block(ax: Axes, title: str, rows: list[Mapping[Any, Any]], below: float) -> float:
    inch = 1 / (ax.get_position().width * WIDTH)
    across = ax.get_yaxis_transform()
    ax.text(-1.54 * inch, below + HEAD * 0.6, title, weight="bold", va="center", transform=across, color=INK)
    below += HEAD
    for row in rows:
        place = below + LINE / 2
        colour = COLOURS[0] if row["tool"].startswith("bsna") else QUIET
        face = colour if row["tool"].startswith("bsna") else "white"
        if row["scan"] == row["scan"]:
            ax.plot(row["scan"], place, "|", color=COLOURS[1], ms=9, mew=2)
        ax.plot(row["seconds"], place, "o", color=colour, mfc=face, ms=5.5, mew=1.4)
        ax.text(-0.08 * inch, place, row["tool"], ha="right", va="center", transform=across, color=colour)
        ax.text(1 + 0.1 * inch, place, f"{row['seconds']:.2g}", va="center", size=8.5, transform=across)
        below += LINE
    return below
