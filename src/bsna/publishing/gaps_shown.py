"""Two populations side by side: shares with the gap between them, and chances of a place at the top."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bsna.publishing.canvas import COLOURS, GRID, INK, QUIET, WIDTH, Frame, canvas, drawn, foot_height, style, wrap
from bsna.publishing.drawing import Drawing
from bsna.publishing.headlines import shown_rows
from bsna.publishing.wording import Words

Row = Mapping[str, Any]
Pair = tuple[str, Row, Row, Row]
"""A label, the estimate rows of two populations, and their difference."""
HEIGHT, LINE = 0.56, 0.5
"""Inches for one pair; where its line lies within, of one."""
MARKS = ("o", "s", "D", "^")
TEXTS = ("#00598c", "#a84a00", "#00714f", "#8f4f75")
"""Colours of the populations, dark enough for letters."""
LEFT, RIGHT, SPACE, TEXT = 0.16, 2.3, 0.22, 1.06
"""Inches: margins of the shares, room between them and the gaps, room for the gap in figures."""
ACROSS = 1 + (TEXT - 0.06) / (RIGHT - SPACE - TEXT)
"""Where the room for the gap in figures ends, in widths of the axes of gaps."""


def paired(words: Words, pairs: Sequence[Pair], title: str, subtitle: str) -> Drawing | None:
    """Marks of two populations on one line for each pair, and beside them the gap with its interval around zero.

    Pairs of which a number is withheld say so. A gap whose interval holds zero is grey. The note, or, in a
    figure that takes shares both ways round, each pair, says whose share is taken from whose.
    """
    rows = [row for _, one, other, gap in pairs for row in (one, other, gap)]
    if not shown_rows(rows):
        return None
    whose = {
        (other["population"], one["population"]): _minus(words, (label, one, other, gap))
        for label, one, other, gap in pairs
    }
    turned = any((second, first) in whose for first, second in whose)
    said = "" if turned else words.say("gaps", "whose", {"gaps_series": list(whose.values())})
    frame = Frame(title, subtitle, f"{words.word('gap_note')} {said}".strip())
    with style():
        figure, ax = canvas(frame, HEIGHT * len(pairs), left=LEFT, right=RIGHT, below=0.66)
        gap_ax = _beside(figure, ax)
        marks = [mark for place, pair in enumerate(pairs) for mark in _pair(words, ax, gap_ax, place, pair, turned)]
        for axes in (ax, gap_ax):
            axes.set(ylim=(len(pairs) - 0.02, -0.02), yticks=[])
        ax.set_xlim(0, 1)
        reach = max((abs(end) for _, _, _, gap in pairs for end in _ends(gap)), default=0.1) * 1.08
        gap_ax.set_xlim(-reach, reach)
        gap_ax.axvline(0, color=INK, linewidth=0.9, zorder=0)
        _axis(ax, words.word("shares"), lambda value, _: words.share(value))
        _axis(gap_ax, words.word("gap_points"), lambda value, _: words.signed(value))
        _legend(
            figure,
            words,
            sorted({r["population"] for _, one, other, _ in pairs for r in (one, other)}, key=_number),
            frame,
        )
        return drawn(figure, words, frame, shown_rows([r for _, one, other, _ in pairs for r in (one, other)]), marks)


def tops(
    words: Words,
    labels: Sequence[str],
    chances: Mapping[str, Sequence[float]],
    people: Sequence[Row],
    title: str,
    subtitle: str,
) -> Drawing | None:
    """The chance of each item to be at the top, one mark for each population; the most often there first."""
    if not chances:
        return None
    frame = Frame(title, subtitle, words.word("top_note"), "tops")
    order = sorted(range(len(labels)), key=lambda k: -max(given[k] for given in chances.values()))
    with style():
        figure, ax = canvas(frame, 0.34 * len(labels), left=1.75, right=0.3, below=0.55)
        marks: list[tuple[str, str, Row]] = []
        for place, item in enumerate(order):
            ax.axhline(place, color=GRID, linewidth=0.8, zorder=0)
            for number, given in enumerate(chances.values()):
                height = place + 0.2 * (number - (len(chances) - 1) / 2)
                ax.plot(given[item], height, MARKS[number], color=_colour(list(chances)[number]), ms=5.5, clip_on=False)
            values = [
                {"name": words.word(name), "value": words.probability(given[item])} for name, given in chances.items()
            ]
            inside = words.word("separator").join(words.say("alt", "row", value) for value in values)
            marks.append((labels[item], inside, {name: float(given[item]) for name, given in chances.items()}))
        ax.set(yticks=range(len(order)), ylim=(len(order) - 0.5, -0.5), xlim=(-0.03, 1.03))
        ax.set_yticklabels([wrap(labels[item], 22) for item in order])
        _axis(ax, "", lambda value, _: words.share(value))
        _legend(figure, words, list(chances), frame)
        return drawn(figure, words, frame, people, marks)


def _beside(figure: Figure, ax: Axes) -> Axes:
    """Axes for the gaps, right of those for the shares and as high."""
    place = ax.get_position()
    left, width = place.x1 + SPACE / WIDTH, (RIGHT - SPACE - TEXT) / WIDTH
    return figure.add_axes((left, place.y0, width, place.height))


def _pair(words: Words, ax: Axes, gap_ax: Axes, place: int, pair: Pair, says_whose: bool) -> list[tuple[str, str, Row]]:
    """Draw one pair on one line, and say what each of its marks is, its value, and the row behind it."""
    label, one, other, gap = pair
    ax.text(0, place + 0.16, label, weight="bold", va="center", size=8.5, transform=ax.get_yaxis_transform())
    if says_whose:
        across = gap_ax.get_yaxis_transform()
        minus = words.opening(_minus(words, pair))
        gap_ax.text(
            ACROSS, place + LINE + 0.25, minus, va="center", ha="right", size=7.5, color=QUIET, transform=across
        )
    said: list[tuple[str, str, Row]] = []
    height, right = place + LINE, _goes_right(other, one)
    ax.axhline(height, color=GRID, linewidth=0.8, zorder=0)
    for row, is_right in ((one, not right), (other, right)):
        name = words.word(row["population"])
        said.append((f"{label}, {name}", words.estimate(row), row))
        if _ends(row):
            _mark(words, ax, row, height, is_right)
    said.append((f"{label}, {words.inside(words.word('gap'))}", words.estimate(gap), gap))
    _gap(words, gap_ax, height, pair)
    return said


def _minus(words: Words, pair: Pair) -> str:
    """Whose share is taken from whose."""
    _, one, other, _ = pair
    sides = {"first_label": words.word(other["population"]), "second_label": words.word(one["population"])}
    return words.say("gaps", "minus", sides)


def _goes_right(row: Row, other: Row) -> bool:
    """Whether a row's value is written to the right of its mark: it is the higher of the two, or the other is not shown."""
    return not _ends(row) or not _ends(other) or row["estimate"] >= other["estimate"]


def _mark(words: Words, ax: Axes, row: Row, height: float, is_right: bool) -> None:
    """A mark with its interval, its value in the same colour below it, away from the other mark."""
    colour = _colour(row["population"])
    ax.plot([row["low"], row["high"]], [height] * 2, color=colour, linewidth=1.8, alpha=0.75, solid_capstyle="butt")
    face = colour if row["status"] == "ok" else "white"
    ax.plot(row["estimate"], height, MARKS[_number(row["population"])], color=colour, mfc=face, ms=6, clip_on=False)
    ax.annotate(
        words.value(row),
        (row["estimate"], height),
        xytext=(1.5 if is_right else -1.5, -8),
        textcoords="offset points",
        ha="left" if is_right else "right",
        va="center",
        size=8.5,
        weight="bold",
        color=TEXTS[_number(row["population"])],
        annotation_clip=False,
    )


def _gap(words: Words, ax: Axes, height: float, pair: Pair) -> None:
    """The gap around zero and in figures; in its place, where there is none, whose number is withheld."""
    _, one, other, gap = pair
    across = ax.get_yaxis_transform()
    if not _ends(gap):
        missing = [row for row in (one, other) if not _ends(row)]
        said = [{"name": words.word(row["population"]), "value": words.word(row["status"])} for row in missing]
        text = "\n".join(wrap(words.say("alt", "row", values), 21) for values in said) or words.word(gap["status"])
        ax.text(1.06, height, text, va="center", size=7.5, color=QUIET, transform=across)
        return
    colour = INK if gap["low"] > 0 or gap["high"] < 0 else QUIET
    ax.plot([gap["low"], gap["high"]], [height, height], color=colour, linewidth=1.6, solid_capstyle="round")
    ax.plot(gap["estimate"], height, "o", color=colour, mfc=colour if gap["status"] == "ok" else "white", ms=4.5)
    ax.text(1.06, height, words.brief(gap), va="center", size=8, transform=across)


def _ends(gap: Row) -> list[float]:
    return [] if gap["low"] is None or gap["low"] != gap["low"] else [gap["low"], gap["high"]]


def _number(population: str) -> int:
    return ("community", "providers", "leaders", "sites").index(population)


def _colour(population: str) -> str:
    return COLOURS[_number(population)]


def _axis(ax: Axes, label: str, form: Any) -> None:
    ax.xaxis.set_major_locator(mpl.ticker.MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    ax.xaxis.set_major_formatter(form)
    ax.set_xlabel(label, size=8)
    ax.grid(axis="x")
    ax.tick_params(length=0, labelsize=8)
    sns.despine(ax=ax, left=True, bottom=True)


def _legend(figure: Figure, words: Words, populations: Sequence[str], frame: Frame) -> None:
    handles = [
        mpl.lines.Line2D([], [], marker=MARKS[_number(p)], color=_colour(p), ms=6, linestyle="", label=words.word(p))
        for p in populations
    ]
    place = (0, foot_height(frame) / figure.get_figheight())
    figure.legend(handles=handles, ncol=3, loc="lower left", bbox_to_anchor=place, frameon=False, fontsize=8.5)
