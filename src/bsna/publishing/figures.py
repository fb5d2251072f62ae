"""Dots on lines: every estimate stands in a row of its own, with its interval drawn and written beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from bsna.publishing.canvas import COLOURS, GRID, INK, QUIET, WIDTH, Frame, canvas, drawn, foot_height, style, wrap
from bsna.publishing.drawing import Drawing
from bsna.publishing.drawing import show as show
from bsna.publishing.headlines import shown_rows
from bsna.publishing.wording import Words

Row = Mapping[str, Any]
HEAD, LABEL = 53, 20
"""Letters in a line of a heading and of a label."""


@dataclass(frozen=True)
class Line:
    """One row of a figure: an estimate with its label, or a heading if it has no estimate. `span` is what stands beside a range
    of estimates, drawn without a dot, in place of the estimate and its interval."""

    label: str
    row: Row | None = None
    colour: str = COLOURS[0]
    span: str = ""

    @property
    def height(self) -> float:
        """Inches."""
        lines = wrap(self.label, HEAD if self.row is None else LABEL).count("\n") + 1
        return 0.16 + 0.135 * lines


def intervals(words: Words, rows: Sequence[Row], title: str, subtitle: str = "") -> Drawing | None:
    """One dot with its interval per measure, highest first; withheld ones say so."""
    several = len({row["measure"] for row in rows}) > 1
    ordered = sorted(shown_rows(rows), key=lambda row: -row["estimate"])
    ordered += [row for row in rows if row not in ordered]
    lines = [Line(words.measure(row["measure"], row["population"], short=several), row) for row in ordered]
    return _lines(words, lines, Frame(title, subtitle, words.word("interval_note")))


def grouped(
    words: Words, rows: Sequence[Row], title: str, subtitle: str = "", note: str = "", most: int = 6
) -> Drawing | None:
    """Levels of a group in their natural order under each measure; the first `most` measures."""
    if not rows:
        return None
    by, population = rows[0]["by"], rows[0]["population"]
    levels = words.ordered(by, list({row["level"] for row in rows if row["level"]}), population)
    lines: list[Line] = []
    for measure in list(dict.fromkeys(row["measure"] for row in rows))[:most]:
        lines.append(Line(words.measure(measure, population, short=True)))
        found = {row["level"]: row for row in rows if row["measure"] == measure}
        lines += [Line(words.level(by, level, population), found[level]) for level in levels if level in found]
    return _lines(words, lines, Frame(title, subtitle, f"{note} {words.word('interval_note')}".strip()))


def forest(words: Words, groups: Mapping[str, Sequence[tuple[str, Row]]], title: str, subtitle: str) -> Drawing | None:
    """Differences in percentage points around zero, under the name of each term; grey where zero is not excluded."""
    lines: list[Line] = []
    for group, members in groups.items():
        lines.append(Line(group))
        lines += [
            Line(label, row, COLOURS[0] if row["low"] > 0 or row["high"] < 0 else QUIET) for label, row in members
        ]
    return _lines(words, lines, Frame(title, subtitle, words.word("zero_note")))


def ranks(words: Words, table: pd.DataFrame, labels: Sequence[str], title: str) -> Drawing | None:
    """Worth of each ranked item with its interval, highest first; an item that nobody named says so."""
    ordered = table.assign(label=list(labels)).sort_values("worth", ascending=False)
    lines = [Line(record["label"], _worth(record)) for record in ordered.to_dict("records")]
    return _lines(words, lines, Frame(title, words.word("worth"), words.word("interval_note")))


def pairs(
    words: Words,
    sides: Sequence[tuple[str, Row, Row]],
    title: str,
    names: tuple[str, str] | None = None,
    subtitle: str = "",
) -> Drawing | None:
    """The same thing twice, one under the other: two populations, or two rounds where `names` says what each dot is."""
    lines: list[Line] = []
    for label, one, other in sides:
        own = names or (words.word(one["population"]), words.word(other["population"]))
        lines += [Line(label), Line(own[0], one, COLOURS[0]), Line(own[1], other, COLOURS[1])]
    return _lines(words, lines, Frame(title, subtitle, words.word("interval_note")))


def deciding(words: Words, rows: Sequence[Row], title: str, subtitle: str, borders: Sequence[float]) -> Drawing | None:
    """Estimates that decide a claim, in the order of its rule, against the borders that they must pass.

    Rows of one unit; each population has a heading where there are several.
    """
    lines: list[Line] = []
    populations = list(dict.fromkeys(row["population"] for row in rows))
    for population in populations:
        lines += [Line(words.word(population))] if len(populations) > 1 else []
        own = [row for row in rows if row["population"] == population]
        lines += [Line(words.measure(row["measure"], population, short=True), row) for row in own]
    return _lines(words, lines, Frame(title, subtitle, words.word("border_note")), borders)


def reruns(
    words: Words, base: Row, spans: Sequence[tuple[str, Row, str]], title: str, borders: Sequence[float]
) -> Drawing | None:
    """An estimate as judged, with its interval, and below it the range it takes under each family of reruns; `spans` holds the
    label, the range as a row with `low` and `high`, and what stands beside it."""
    lines = [Line(words.word("as_judged"), base), Line(words.word("done_otherwise"))]
    lines += [Line(label, row, COLOURS[1], span) for label, row, span in spans]
    subtitle = words.measure(base["measure"], base["population"])
    return _lines(words, lines, Frame(title, subtitle, words.word("reruns_note")), borders)


def corridors(words: Words, labelled: Sequence[tuple[str, Row]], title: str, subtitle: str) -> Drawing | None:
    """Corridors with their intervals, most mentioned first."""
    ordered = sorted(labelled, key=lambda pair: -pair[1]["estimate"])
    return _lines(
        words, [Line(*pair) for pair in ordered], Frame(title, subtitle, words.word("interval_note"), "flows")
    )


def before_after(words: Words, facts: pd.DataFrame, labels: Sequence[str], title: str) -> Drawing | None:
    """Weighted shares before and after raking, and the target."""
    if facts.empty:
        return None
    records = facts.to_dict("records")
    frame = Frame(title, note=words.word("raked_note"), kind="raked")
    with style():
        figure, ax = canvas(frame, 0.29 * len(facts), right=0.3, below=0.55)
        for place, row in enumerate(records):
            ax.plot([row["before"], row["after"]], [place, place], color=GRID, linewidth=3, zorder=1)
            ax.plot(row["before"], place, "o", mfc="white", mec=QUIET, ms=6)
            ax.plot(row["target"], place, "|", color=COLOURS[1], ms=13, mew=2)
            ax.plot(row["after"], place, "o", color=COLOURS[0], ms=5)
        signs = [("o", "white", QUIET, "before"), ("o", COLOURS[0], COLOURS[0], "after")]
        signs.append(("|", COLOURS[1], COLOURS[1], "target"))
        handles = [
            mpl.lines.Line2D([], [], marker=m, mfc=f, mec=e, ms=7, linestyle="", label=words.word(k))
            for m, f, e, k in signs
        ]
        figure.legend(
            handles=handles,
            ncol=3,
            loc="lower left",
            bbox_to_anchor=(0, foot_height(frame) / figure.get_figheight()),
            frameon=False,
        )
        ax.set(yticks=range(len(facts)), ylim=(len(facts) - 0.5, -0.6), xlim=(0, None))
        ax.set_yticklabels(list(labels))
        _axis(ax, "share", words)
        marks = [(label, _raked(words, row), row) for label, row in zip(labels, records, strict=True)]
        return drawn(figure, words, frame, [], marks)


def _raked(words: Words, row: Row) -> str:
    return words.say("alt", "raked_row", {f"{key}_share": row[key] for key in ("before", "after", "target")})


def _worth(record: Mapping[Any, Any]) -> Row:
    row = {str(key): value for key, value in record.items()} | {"unit": "share"}
    if record["high"] == 0:
        return row | {"estimate": float("nan"), "status": "unnamed"}
    return row | {"estimate": record["worth"], "status": "ok"}


def _lines(words: Words, lines: Sequence[Line], frame: Frame, borders: Sequence[float] = ()) -> Drawing | None:
    """Draw the lines from the top down, `borders` across them; None if nothing may be shown."""
    shown = shown_rows([line.row for line in lines if line.row is not None])
    if not shown:
        return None
    unit = shown[0]["unit"]
    with style():
        height, points = sum(line.height for line in lines) + 0.05, unit == "points"
        figure, ax = canvas(frame, height, right=1.32, below=0.42 if points else 0.28)
        below, marks, head = 0.0, [], ""
        for line in lines:
            place = below + line.height / 2
            below += line.height
            if line.row is None:
                head = line.label
                across = ax.get_yaxis_transform()
                ax.text(
                    -1.54 / _width(ax), place + 0.03, wrap(head, HEAD), weight="bold", va="center", transform=across
                )
                continue
            _dot(ax, line, place, words)
            label = f"{head}, {line.label}" if head else line.label
            marks.append((label, line.span or words.estimate(line.row), line.row))
        ax.set(ylim=(below + 0.05, 0), yticks=[])
        _limits(ax, unit, shown, borders)
        _axis(ax, unit, words)
        return drawn(figure, words, frame, shown, marks)


def _width(ax: Axes) -> float:
    """Inches across the axes."""
    return ax.get_position().width * WIDTH


def _dot(ax: Axes, line: Line, place: float, words: Words) -> None:
    row = line.row
    assert row is not None
    where, inch = ax.get_yaxis_transform(), 1 / _width(ax)
    ax.text(-0.08 * inch, place, wrap(line.label, LABEL), ha="right", va="center", transform=where, linespacing=1.1)
    if row["status"] not in ("ok", "imprecise"):
        ax.text(0.02, place, words.word(row["status"]), va="center", size=8.5, transform=where, color=QUIET)
        return
    ax.text(1 + 0.1 * inch, place, line.span or words.brief(row), va="center", size=8.5, transform=where)
    ax.plot([row["low"], row["high"]], [place, place], color=line.colour, linewidth=1.8, solid_capstyle="round")
    if line.span:
        ax.plot([row["low"], row["high"]], [place, place], "|", color=line.colour, ms=9, mew=1.8, clip_on=False)
        return
    face = line.colour if row["status"] == "ok" else "white"
    ax.plot(row["estimate"], place, "o", color=line.colour, mfc=face, ms=5.5, mew=1.4, clip_on=False)


def _limits(ax: Axes, unit: str, shown: Sequence[Row], borders: Sequence[float] = ()) -> None:
    low, high = (
        min([*(row["low"] for row in shown), *borders]),
        max([*(row["high"] for row in shown), *borders]),
    )
    marks = [border for border in borders if border != 0]
    if unit == "share":
        ax.set_xlim(0, min(1.0, max(0.1, high * 1.05)))
        marks = marks or ([0.5] if high > 0.5 else [])
    else:
        reach = (max(high, 0.0) - min(low, 0.0) if unit == "points" else high - low) * 0.05 or 0.5
        least, most = (min(low, 0.0), max(high, 0.0)) if unit == "points" else (low, high)
        ax.set_xlim(least - reach, most + reach)
    for mark in marks:
        ax.axvline(mark, color=QUIET, linewidth=0.9, linestyle=(0, (2, 3)), zorder=0)
    if unit == "points":
        ax.axvline(0, color=INK, linewidth=0.9, zorder=0)


def _axis(ax: Axes, unit: str, words: Words) -> None:
    ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    if unit == "share":
        ax.xaxis.set_major_formatter(lambda value, _: words.share(value))
    elif unit == "points":
        ax.xaxis.set_major_formatter(lambda value, _: words.signed(value))
        ax.set_xlabel(words.word("per_points"), size=8.5)
    else:
        ax.xaxis.set_major_formatter(lambda value, _: words.show("tick_number", value))
    ax.grid(axis="x")
    ax.tick_params(length=0, labelsize=8.5)
    sns.despine(ax=ax, left=True, bottom=True)
