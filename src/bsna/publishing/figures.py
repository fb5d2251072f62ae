"""Figures in one style: direct labels, intervals always drawn, source below, a watermark on simulated data."""

import base64
import io
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bsna.publishing.wording import Words

INK, QUIET, GRID = "#1b2a33", "#5d6b73", "#dfe5e8"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8a6d3b")
"""Okabe and Ito's colours, in an order in which neighbours differ most."""

SCALE = ("#a6491a", "#e6a772", "#c9cfd3", "#8fb8d8", "#1f5f94")
VERDICT_COLOURS = {
    "supported": "#00664b",
    "contradicted": "#a6390a",
    "uncertain": "#8a6d00",
    "not_asked": "#7c878d",
    "withheld": "#7c878d",
}
VERDICT_SHAPES = {"supported": "o", "contradicted": "X", "uncertain": "D", "not_asked": "_", "withheld": "s"}
WIDTH, DPI = 8.0, 130
STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "axes.edgecolor": GRID,
    "axes.labelcolor": QUIET,
    "axes.axisbelow": True,
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


def show(drawing: Drawing | None) -> None:
    """Display a figure with its alt text; nothing for None."""
    if drawing is not None:
        content = {"image/png": base64.b64encode(drawing.png).decode(), "text/plain": drawing.alt}
        display(content, metadata={"image/png": {"alt": drawing.alt}}, raw=True)


def intervals(words: Words, rows: Sequence[Mapping[str, Any]], title: str) -> Drawing | None:
    """One dot with its interval per measure, highest first; withheld ones say so."""
    shown = _shown(rows)
    if not shown:
        return None
    several = len({row["measure"] for row in rows}) > 1
    ordered = sorted(
        rows,
        key=lambda r: (
            r["status"] not in ("ok", "imprecise"),
            -(r["estimate"] if r["estimate"] == r["estimate"] else 0),
        ),
    )
    labels = [words.measure(r["measure"], r["population"], short=several) for r in ordered]
    with _style():
        figure, ax = _canvas(len(ordered), title)
        for place, row in enumerate(ordered):
            _dot(ax, row, place, COLOURS[0], words)
        _finish_rows(ax, labels, shown, words)
        return _drawn(
            figure,
            words,
            shown,
            "intervals",
            [f"{n}: {_value(words, r)}" for n, r in zip(labels, ordered, strict=True)],
            title,
        )


def grouped(words: Words, rows: Sequence[Mapping[str, Any]], title: str, most: int = 6) -> Drawing | None:
    """Dots by level of a group, one panel row per measure; the first `most` measures."""
    shown = _shown(rows)
    if not shown:
        return None
    measures = list(dict.fromkeys(row["measure"] for row in rows))[:most]
    levels = list(dict.fromkeys(row["level"] for row in rows))
    by, population = shown[0]["by"], shown[0]["population"]
    names = [words.level(by, level, population) for level in levels]
    with _style():
        figure, ax = _canvas(len(measures) * (0.42 * len(levels) + 0.5), title)
        texts, ticks, labels, place = [], [], [], 0.0
        for measure in measures:
            start = place
            for number, level in enumerate(levels):
                row = next((r for r in rows if (r["measure"], r["level"]) == (measure, level)), None)
                if row is not None:
                    _dot(ax, row, place, COLOURS[number % len(COLOURS)], words, f"{names[number]} ")
                    texts.append(f"{words.measure(measure, population, True)}, {names[number]}: {_value(words, row)}")
                place += 0.62
            ticks.append((start + place - 0.62) / 2)
            labels.append(words.measure(measure, population, short=True))
            place += 0.55
        _finish_rows(ax, labels, shown, words, ticks, place - 0.6)
        return _drawn(figure, words, shown, "intervals", texts, title)


def stacked(
    words: Words, rows: Sequence[Mapping[str, Any]], labels: Sequence[str], answers: Sequence[str], title: str
) -> Drawing | None:
    """All answers of each question, as bars that add up to one, with the shares written in."""
    shown = _shown(rows)
    if not shown:
        return None
    questions = list(dict.fromkeys(row["measure"] for row in rows))
    codes = list(dict.fromkeys(row["category"] for row in rows))
    colours = [SCALE[round(i)] for i in np.linspace(0, 4, len(codes))]
    with _style():
        figure, ax = _canvas(len(questions) + 0.8, title, foot=0.72 + 0.26 * ((len(codes) + 2) // 3))
        texts = []
        for place, question in enumerate(questions):
            left = 0.0
            for number, code in enumerate(codes):
                row = next(r for r in rows if (r["measure"], r["category"]) == (question, code))
                if row["estimate"] != row["estimate"]:
                    continue
                ax.barh(place, row["estimate"], left=left, color=colours[number], height=0.66, edgecolor="white")
                if row["estimate"] > 0.065:
                    ink = "white" if number in (0, len(codes) - 1) else INK
                    ax.text(
                        left + row["estimate"] / 2,
                        place,
                        words.share(row["estimate"]),
                        ha="center",
                        va="center",
                        color=ink,
                        fontsize=9.5,
                    )
                left += row["estimate"]
            texts.append(
                f"{labels[place]}: "
                + ", ".join(
                    f"{answers[n]} {words.share(r['estimate'])}"
                    for n, c in enumerate(codes)
                    for r in rows
                    if (r["measure"], r["category"]) == (question, c) and r["estimate"] == r["estimate"]
                )
            )
        handles = [mpl.patches.Patch(color=colours[n], label=answers[n]) for n in range(len(codes))]
        ax.legend(
            handles=handles,
            ncol=min(len(codes), 3),
            loc="upper left",
            bbox_to_anchor=(0, 0),
            frameon=False,
            fontsize=10,
        )
        ax.set(xlim=(0, 1), xticks=[], yticks=range(len(questions)), ylim=(len(questions) - 0.4, -0.6))
        ax.set_yticklabels([_wrap(label, 24) for label in labels])
        sns.despine(ax=ax, left=True, bottom=True)
        return _drawn(figure, words, shown, "stacked", texts, title, note=False)


def forest(words: Words, rows: Sequence[Mapping[str, Any]], labels: Sequence[str], title: str) -> Drawing | None:
    """Differences in percentage points around zero."""
    shown = _shown(rows)
    if not shown:
        return None
    with _style():
        figure, ax = _canvas(len(rows), title)
        for place, row in enumerate(rows):
            sure = row["low"] > 0 or row["high"] < 0
            _dot(ax, row, place, COLOURS[0] if sure else QUIET, words)
        ax.axvline(0, color=INK, linewidth=1)
        _finish_rows(ax, list(labels), shown, words)
        texts = [
            f"{n}: {words.points(r['estimate'])}"
            for n, r in zip(labels, rows, strict=True)
            if r["estimate"] == r["estimate"]
        ]
        return _drawn(figure, words, shown, "intervals", texts, title)


def ranks(words: Words, table: pd.DataFrame, labels: Sequence[str], title: str) -> Drawing:
    """Worth of each ranked item with its interval, highest first."""
    ordered = table.assign(label=list(labels)).sort_values("worth", ascending=False)
    rows = [
        {"estimate": r["worth"], "low": r["low"], "high": r["high"], "unit": "share", "status": "ok", "n": r["n"]}
        for r in ordered.to_dict("records")
    ]
    with _style():
        figure, ax = _canvas(len(rows), title)
        for place, row in enumerate(rows):
            _dot(ax, row, place, COLOURS[0], words)
        _finish_rows(ax, ordered["label"].tolist(), rows, words, half=False)
        texts = [f"{n}: {words.share(r['estimate'])}" for n, r in zip(ordered["label"], rows, strict=True)]
        return _drawn(figure, words, rows, "intervals", texts, title)


def pairs(
    words: Words,
    sides: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]],
    title: str,
    names: tuple[str, str] | None = None,
) -> Drawing | None:
    """The same thing twice, as two dots: two populations, or two rounds where `names` says what each dot is."""
    shown = [row for _, one, other in sides for row in (one, other) if row["status"] in ("ok", "imprecise")]
    if not shown:
        return None
    with _style():
        figure, ax = _canvas(1.35 * len(sides), title)
        texts = []
        for place, (label, one, other) in enumerate(sides):
            own = names or (words.word(one["population"]), words.word(other["population"]))
            for row, shift, colour, name in zip((one, other), (-0.17, 0.17), COLOURS[:2], own, strict=True):
                _dot(ax, row, place + shift, colour, words, f"{name} ")
            texts.append(f"{label}: {own[0]} {_value(words, one)}, {own[1]} {_value(words, other)}")
        _finish_rows(ax, [label for label, _, _ in sides], shown, words)
        return _drawn(figure, words, shown, "intervals", texts, title)


def before_after(words: Words, facts: pd.DataFrame, labels: Sequence[str], title: str) -> Drawing | None:
    """Weighted shares before and after raking, and the target."""
    if facts.empty:
        return None
    with _style():
        figure, ax = _canvas(len(facts), title, foot=1.0)
        for place, row in enumerate(facts.to_dict("records")):
            ax.plot([row["before"], row["after"]], [place, place], color=GRID, linewidth=3, zorder=1)
            ax.plot(row["before"], place, "o", mfc="white", mec=QUIET, ms=8)
            ax.plot(row["target"], place, "|", color=COLOURS[1], ms=18, mew=2.5)
            ax.plot(row["after"], place, "o", color=COLOURS[0], ms=8)
        marks = [
            ("o", "white", QUIET, "before"),
            ("o", COLOURS[0], COLOURS[0], "after"),
            ("|", COLOURS[1], COLOURS[1], "target"),
        ]
        handles = [
            mpl.lines.Line2D([], [], marker=m, mfc=f, mec=e, linestyle="", label=words.word(k)) for m, f, e, k in marks
        ]
        ax.legend(handles=handles, ncol=3, loc="upper left", bbox_to_anchor=(0, -0.35 / len(facts)), frameon=False)
        ax.xaxis.set_major_formatter(lambda value, _: words.share(value))
        ax.set(yticks=range(len(facts)), ylim=(len(facts) - 0.5, -0.6))
        ax.set_yticklabels(list(labels))
        ax.grid(axis="x")
        sns.despine(ax=ax, left=True, bottom=True)
        texts = [
            f"{n}: {words.share(r['before'])} – {words.share(r['after'])}"
            for n, r in zip(labels, facts.to_dict("records"), strict=True)
        ]
        return _drawn(figure, words, [], "intervals", texts, title, note=False)


def verdict_strip(words: Words, verdicts: Sequence[Any], title: str) -> Drawing:
    """Each claim with its verdict in word, colour and shape."""
    with _style():
        figure, ax = _canvas(0.9 * len(verdicts), title)
        texts = []
        for place, verdict in enumerate(verdicts):
            claim = words.plan.row("claims", verdict.claim_id)
            colour, word = VERDICT_COLOURS[verdict.verdict], words.word(verdict.verdict)
            ax.plot(0.0, place, marker=VERDICT_SHAPES[verdict.verdict], color=colour, ms=11, mew=2.5)
            ax.text(
                0.06,
                place,
                f"{word}{f' · {verdict.grade}' if verdict.grade else ''}",
                color=colour,
                va="center",
                weight="bold",
            )
            ax.text(
                0.95, place, _wrap(f"{verdict.claim_id}  {words.text(claim, 'title')}", 48), va="center", fontsize=10
            )
            texts.append(f"{verdict.claim_id} {words.text(claim, 'title')}: {word}")
        ax.set_position((0.04, ax.get_position().y0, 0.94, ax.get_position().height))
        ax.set(xlim=(-0.05, 3.0), ylim=(len(verdicts) - 0.4, -0.6))
        ax.axis("off")
        return _drawn(figure, words, [], "verdicts", texts, title, note=False)


def _style() -> Any:
    return mpl.rc_context(STYLE)  # type: ignore[arg-type]


def _canvas(lines: float, title: str, foot: float = 0.72) -> tuple[Figure, Axes]:
    """A figure of `lines` rows, with room for the title above and `foot` inches below for axis and source."""
    head = 0.34 * len(textwrap.wrap(title, 62)) + 0.25
    height = head + 0.42 * max(lines, 1.6) + foot + 0.1
    figure = Figure(figsize=(WIDTH, height), dpi=DPI)
    FigureCanvasAgg(figure)
    ax = figure.add_axes((0.27, foot / height, 0.6, 1 - (foot + head) / height))
    figure.text(0.02, 1 - 0.14 / height, _wrap(title, 62), weight="bold", fontsize=13, va="top", linespacing=1.25)
    return figure, ax


def _dot(ax: Axes, row: Mapping[str, Any], place: float, colour: str, words: Words, name: str = "") -> None:
    if row["status"] not in ("ok", "imprecise"):
        ax.text(0, place, f" {name}{words.word(row['status'])}", va="center", color=QUIET, fontsize=9.5, style="italic")
        return
    ax.plot([row["low"], row["high"]], [place, place], color=colour, linewidth=2, solid_capstyle="round")
    face = colour if row["status"] == "ok" else "white"
    ax.plot(row["estimate"], place, "o", color=colour, mfc=face, ms=7, mew=1.8)
    ax.annotate(
        f"{name}{_value(words, row)}",
        (row["high"], place),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=9.5,
    )


def _finish_rows(
    ax: Axes,
    labels: Sequence[str],
    shown: Sequence[Mapping[str, Any]],
    words: Words,
    ticks: Sequence[float] | None = None,
    end: float | None = None,
    half: bool = True,
) -> None:
    unit = shown[0]["unit"]
    places = list(ticks) if ticks is not None else list(range(len(labels)))
    ax.set_yticks(places)
    ax.set_yticklabels([_wrap(label, 24) for label in labels], fontsize=10.5)
    ax.set_ylim((end if end is not None else len(labels) - 0.5), -0.6)
    high = max(row["high"] for row in shown)
    if unit == "share":
        ax.set_xlim(0, min(1.0, max(0.1, high * 1.08)))
        if half and high > 0.5:
            ax.axvline(0.5, color=QUIET, linewidth=1, linestyle=(0, (2, 3)), zorder=0)
        ax.xaxis.set_major_formatter(lambda value, _: words.share(value))
    elif unit == "points":
        ax.xaxis.set_major_formatter(lambda value, _: words.points(value).split(" ")[0])
    ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(5))
    ax.grid(axis="x")
    ax.tick_params(length=0)
    sns.despine(ax=ax, left=True, bottom=True)


def _drawn(
    figure: Figure,
    words: Words,
    rows: Sequence[Mapping[str, Any]],
    kind: str,
    texts: Sequence[str],
    title: str,
    note: bool = True,
) -> Drawing:
    counts = sorted(int(row["n"]) for row in rows if row["n"] == row["n"])
    people = ""
    if counts:
        key = "n_range" if counts[0] == counts[-1] else "n_ranges"
        people = words.fill(words.word(key), {"low_count": counts[0], "high_count": counts[-1]})
    line = " · ".join(filter(None, (words.source, people)))
    foot = line + ("\n" + words.word("interval_note") if note else "")
    figure.text(0.02, 0.012, foot, fontsize=8.5, color=QUIET, va="bottom")
    simulated = words.profile is not None and words.profile.is_simulated
    if simulated:
        figure.text(
            0.57,
            0.5,
            words.word("simulated"),
            fontsize=30,
            color="#8b979e",
            alpha=0.2,
            rotation=18,
            ha="center",
            va="center",
            weight="bold",
            zorder=0,
        )
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    mark = f"{words.word('simulated')}. " if simulated else ""
    return Drawing(buffer.getvalue(), f"{mark}{title}. {words.say('alt', kind, {'rows_list': list(texts)})}")


def _shown(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [row for row in rows if row["status"] in ("ok", "imprecise")]


def _value(words: Words, row: Mapping[str, Any]) -> str:
    return words.value(row)


def _wrap(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(text, width))
