"""Published rounds before and after an event: slopes with their intervals, a table, and a sentence for each line."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import matplotlib as mpl
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from bsna.judgement.published import PublishedLine
from bsna.publishing.canvas import COLOURS, QUIET, WIDTH, Frame, canvas, drawn, foot_height, style, wrap
from bsna.publishing.drawing import Drawing
from bsna.publishing.headlines import stated
from bsna.publishing.tables import table_html
from bsna.publishing.wording import Words

HEIGHT, NAME, LEFT, RIGHT, SPACE = 1.75, 0.2, 0.5, 0.12, 0.3
"""Inches: height of a panel, of its name above it, margins, room between panels."""
STROKES: tuple[tuple[float, Sequence[float]] | None, ...] = (None, (0, (4, 2)), (0, (1, 1.5)))
MARKS = ("o", "s", "D")


def rounds_figure(words: Words, lines: Sequence[PublishedLine], subtitle: str) -> Drawing:
    """One panel for each measure, one line for each place. The figure shows published numbers, whatever the survey."""
    words = replace(words, profile=None)
    sources = [outside_text(words, source) for source in dict.fromkeys(s for line in lines for s in line.sources)]
    note = words.fill(words.word("rounds_note"), {"sources_series": sources})
    frame = Frame(rounds_headline(words, lines), subtitle, note, "rounds")
    measures = list(dict.fromkeys((line.measure, line.population) for line in lines))
    places = list(dict.fromkeys(line.line for line in lines))
    with style():
        figure, ax = canvas(frame, HEIGHT + NAME, left=LEFT, right=RIGHT, below=0.32 + 0.19 * len(places))
        whole = ax.get_position()
        width = (whole.width - SPACE / WIDTH * (len(measures) - 1)) / len(measures)
        height = whole.height - NAME / figure.get_figheight()
        panels = [ax, *(figure.add_axes(whole.bounds) for _ in measures[1:])]
        for number, (panel, (measure, population)) in enumerate(zip(panels, measures, strict=True)):
            panel.set_position((whole.x0 + number * (width + SPACE / WIDTH), whole.y0, width, height))
            own = [line for line in lines if line.measure == measure]
            for line in own:
                _slope(panel, line, places.index(line.line))
            panel.set_title(wrap(words.measure(measure, population, short=True), 26), size=8.5, loc="left", pad=3)
            _axis(panel, words, sorted({year for line in own for year in line.years}), is_first=number == 0)
        _legend(figure, words, places, frame)
        rows = [row for line in lines for row in line.rows]
        return drawn(figure, words, frame, rows, [mark for line in lines for mark in _marks(words, line)])


def rounds_headline(words: Words, lines: Sequence[PublishedLine]) -> str:
    """The surest change of the first place, or that none is shown."""
    first = [line for line in lines if line.line == lines[0].line]
    sure = [line for line in first if line.change["low"] > 0 or line.change["high"] < 0]
    if not sure:
        return stated(words, ("published_rounds", "still"), {}, changes=[line.change for line in first])
    line = max(sure, key=lambda one: abs(one.change["estimate"] / one.change["se"]))
    state = "rose" if line.change["estimate"] > 0 else "fell"
    named, values = [line.before, line.after], _values(words, line, "")
    return stated(words, ("published_rounds", state), values, named, changes=[line.change])


def rounds_sentences(words: Words, lines: Sequence[PublishedLine], claim_id: str) -> list[str]:
    """What each line says of the claim, plainly, whichever way it goes."""
    return [words.say("published_rounds", line.state, _values(words, line, claim_id)) for line in lines]


def rounds_table(words: Words, lines: Sequence[PublishedLine], title: str, name: str) -> str:
    """Every published level with its interval, people and coverage, and the change."""
    words = replace(words, profile=None)
    cells = []
    for line in lines:
        block = words.measure(line.measure, line.population)
        for year, row, coverage, source in zip(line.years, line.rows, line.coverage, line.sources, strict=True):
            cells.append(
                {
                    "": block,
                    words.word("place"): words.say(
                        "outside", "where", {"place": outside_text(words, line.line), "year": str(year)}
                    ),
                    words.word("estimate"): words.estimate(row),
                    words.word("people"): words.show("n_count", row["n"]),
                    words.word("deff"): words.show("deff_number", row["deff"]),
                    words.word("change"): words.estimate(line.change) if year == line.between[1] else "",
                    words.word("coverage"): words.say(
                        "outside",
                        "by",
                        {"where": outside_text(words, coverage).rstrip("."), "source": outside_text(words, source)},
                    ),
                }
            )
    sources = [outside_text(words, source) for source in dict.fromkeys(s for line in lines for s in line.sources)]
    made = words.fill(words.word("sources_delivered"), {"surveys_series": sources})
    return f'<div class="bsna-table">{table_html(words, pd.DataFrame(cells), title, name, made)}</div>'


def outside_text(words: Words, key: str) -> str:
    """A text of the plan that rows about outside evidence share; ValueError naming the file if it is not there."""
    for row in words.plan.outside_texts:
        if row.key == key:
            return words.text(row, "text")
    raise ValueError(f"assessment/plan/outside_texts.csv has no text {key!r}")


def _values(words: Words, line: PublishedLine, claim_id: str) -> dict[str, Any]:
    return {
        "measure": words.measure(line.measure, line.population),
        "place": outside_text(words, line.line),
        "before": str(line.between[0]),
        "after": str(line.between[1]),
        "before_share": line.before["estimate"],
        "after_share": line.after["estimate"],
        "change": words.estimate(line.change),
        "margin_size": line.margin or 0.0,
        "claim": claim_id,
    }


def _marks(words: Words, line: PublishedLine) -> list[tuple[str, str, Mapping[str, Any]]]:
    """What each mark of a line is, its value, and the row behind it."""
    names = (words.measure(line.measure, line.population, short=True), outside_text(words, line.line))
    return [
        (", ".join([*names, str(year)]), words.estimate(row), row)
        for year, row in zip(line.years, line.rows, strict=True)
    ]


def _slope(ax: Axes, line: PublishedLine, number: int) -> None:
    """Levels joined by a line, moved sideways a little so that intervals of several places stay apart."""
    at = [year + 0.22 * (number - 1) for year in line.years]
    colour = COLOURS[number]
    ax.plot(at, [row["estimate"] for row in line.rows], color=colour, linestyle=STROKES[number] or "-", linewidth=1.3)
    for x, row in zip(at, line.rows, strict=True):
        ax.plot([x, x], [row["low"], row["high"]], color=colour, linewidth=1.4, solid_capstyle="round")
        ax.plot(x, row["estimate"], MARKS[number], color=colour, ms=4.5)


def _axis(ax: Axes, words: Words, years: Sequence[int], *, is_first: bool) -> None:
    ax.set(ylim=(0, 1), xticks=years, xlim=(years[0] - 0.9, years[-1] + 0.9))
    ax.set_xticklabels([str(year) for year in years])
    ax.yaxis.set_major_locator(mpl.ticker.FixedLocator([0, 0.25, 0.5, 0.75, 1]))
    ax.yaxis.set_major_formatter((lambda value, _: words.share(value)) if is_first else mpl.ticker.NullFormatter())
    ax.grid(axis="y")
    ax.tick_params(length=0, labelsize=8, colors=QUIET)
    sns.despine(ax=ax, left=True, bottom=True)


def _legend(figure: Any, words: Words, places: Sequence[str], frame: Frame) -> None:
    handles = [
        mpl.lines.Line2D(
            [],
            [],
            color=COLOURS[k],
            linestyle=STROKES[k] or "-",
            marker=MARKS[k],
            ms=5,
            label=outside_text(words, place),
        )
        for k, place in enumerate(places)
    ]
    place = (0, foot_height(frame) / figure.get_figheight())
    figure.legend(handles=handles, loc="lower left", bbox_to_anchor=place, frameon=False, fontsize=8, handlelength=2.6)
