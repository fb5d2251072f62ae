"""Corridors: who goes from where to where, as bands and on a map. Mentions, never volumes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.patches import FancyArrowPatch, PathPatch
from matplotlib.path import Path as Outline
from shapely import clip_by_rect
from shapely.geometry import shape

from bsna import paths
from bsna.publishing.canvas import COLOURS, GRID, INK, PAPER, QUIET, Frame, canvas, drawn, style
from bsna.publishing.drawing import Drawing
from bsna.publishing.headlines import corridor_label, shown_rows
from bsna.publishing.wording import Words

Corridor = Mapping[str, Any]
"""An estimate row whose level is the origin and whose category is the destination."""


def sankey(words: Words, rows: Sequence[Corridor], names: Mapping[str, str], title: str) -> Drawing | None:
    """Bands from origins on the left to destinations on the right, as wide as the share of mentions."""
    shown = shown_rows(rows)
    if not shown:
        return None
    origins = list(dict.fromkeys(row["level"] for row in shown))
    ends = list(dict.fromkeys(row["category"] for row in shown))
    left, right = (_blocks(shown, key, codes) for key, codes in (("level", origins), ("category", ends)))
    with style():
        figure, ax = canvas(frame := _frame(words, title), 3.2, left=1.1, right=1.1, below=0.05)
        for row in sorted(shown, key=lambda r: (origins.index(r["level"]), ends.index(r["category"]))):
            low, end = left[row["level"]].pop(0), right[row["category"]].pop(0)
            colour = COLOURS[origins.index(row["level"]) % len(COLOURS)]
            ax.add_patch(_band(low, end, row["estimate"], colour))
        top = 0.0
        for side, key, codes, align in ((0, "level", origins, "right"), (1, "category", ends, "left")):
            for code, (base, height) in _spans(shown, key, codes).items():
                top = max(top, base + height)
                ax.plot([side, side], [base, base + height], color=INK, linewidth=5, solid_capstyle="butt")
                ax.text(
                    side + (0.03 if side else -0.03),
                    base + height / 2,
                    f"{names[code]}\n{words.share(height)}",
                    ha=align,
                    va="center",
                )
        ax.set(xlim=(-0.01, 1.01), ylim=(-0.01, top + 0.01))
        ax.axis("off")
        return drawn(figure, words, frame, shown, _marks(words, shown, names))


def corridor_map(words: Words, rows: Sequence[Corridor], names: Mapping[str, str], title: str) -> Drawing | None:
    """Regions with arrows as thick as the share of mentions. Nothing finer than regions is drawn."""
    shown, profile = shown_rows(rows), words.profile
    if not shown or profile is None or profile.geography is None:
        return None
    places = {region.code: region.geo for region in (*profile.region, *profile.neighbour)}
    text = paths.assessment("geography", profile.geography.file).read_text(encoding="utf-8")
    shapes = {f["properties"]["name"]: shape(f["geometry"]) for f in json.loads(text)["features"]}
    points = {code: shapes[geo].representative_point() for code, geo in places.items() if geo}
    with style():
        figure, ax = canvas(frame := _frame(words, title, "map_note"), 4.2, left=0.05, right=0.05, below=0.05)
        bounds = np.array([shapes[geo].bounds for geo in places.values() if geo])
        view = (*(bounds[:, :2].min(axis=0) - 0.3), *(bounds[:, 2:].max(axis=0) + 0.3))
        for geo, outline in shapes.items():
            inside = geo in places.values()
            _polygon(ax, _seen(outline, view), PAPER if inside else "white", "#9aa7ae" if inside else GRID)
        for row in shown:
            start, end = points[row["level"]], points[row["category"]]
            arrow = FancyArrowPatch(
                (start.x, start.y),
                (end.x, end.y),
                connectionstyle="arc3,rad=0.18",
                arrowstyle="-|>",
                mutation_scale=12,
                linewidth=1 + 16 * row["estimate"],
                color=COLOURS[0],
                alpha=0.62,
                shrinkA=6,
                shrinkB=10,
            )
            ax.add_patch(arrow)
        for code, point in points.items():
            ax.annotate(
                names[code],
                (point.x, point.y),
                xytext=(0, 8),
                textcoords="offset points",
                ha="center",
                fontsize=9,
                weight="bold",
                color=INK,
                bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.8},
            )
            ax.plot(point.x, point.y, "o", color=QUIET, ms=4)
        ax.set(xlim=view[::2], ylim=view[1::2], aspect="equal")
        ax.axis("off")
        return drawn(figure, words, frame, shown, _marks(words, shown, names))


def _seen(outline: Any, view: Sequence[float]) -> Any:
    """An outline without what lies outside the map, nor bends too small to be seen, so that the file stays small."""
    west, south, east, north = view
    return clip_by_rect(outline.simplify(0.01), west - 0.5, south - 0.5, east + 0.5, north + 0.5)


def _polygon(ax: Any, outline: Any, face: str, edge: str) -> None:
    for part in (part for part in getattr(outline, "geoms", [outline]) if not part.is_empty):
        ax.add_patch(PathPatch(Outline(np.asarray(part.exterior.coords)), fc=face, ec=edge, linewidth=0.8))


def _spans(rows: Sequence[Corridor], key: str, codes: Sequence[str]) -> dict[str, tuple[float, float]]:
    gap = 0.2 / max(len(codes) - 1, 1)
    spans, base = {}, 0.0
    for code in codes:
        height = sum(row["estimate"] for row in rows if row[key] == code)
        spans[code] = (base, height)
        base += height + gap
    return spans


def _blocks(rows: Sequence[Corridor], key: str, codes: Sequence[str]) -> dict[str, list[float]]:
    """Where each band starts on one side, in the order bands are drawn."""
    other = "category" if key == "level" else "level"
    order = list(dict.fromkeys(row[other] for row in rows))
    blocks: dict[str, list[float]] = {}
    for code, (base, _) in _spans(rows, key, codes).items():
        own = sorted((row for row in rows if row[key] == code), key=lambda r: order.index(r[other]))
        starts = []
        for row in own:
            starts.append(base)
            base += row["estimate"]
        blocks[code] = starts
    return blocks


def _band(low: float, end: float, width: float, colour: str) -> PathPatch:
    moves = [Outline.MOVETO] + [Outline.CURVE4] * 3 + [Outline.LINETO] + [Outline.CURVE4] * 3 + [Outline.CLOSEPOLY]
    corners = [
        (0, low),
        (0.5, low),
        (0.5, end),
        (1, end),
        (1, end + width),
        (0.5, end + width),
        (0.5, low + width),
        (0, low + width),
        (0, low),
    ]
    return PathPatch(Outline(corners, moves), fc=colour, ec="none", alpha=0.5)


def _marks(words: Words, rows: Sequence[Corridor], names: Mapping[str, str]) -> list[tuple[str, str, Corridor]]:
    ordered = sorted(rows, key=lambda row: -row["estimate"])
    return [(corridor_label(words, row, names), words.estimate(row), row) for row in ordered]


def _frame(words: Words, title: str, note: str = "flows_note") -> Frame:
    return Frame(title, words.say("flow", "subtitle"), words.word(note), "flows")
