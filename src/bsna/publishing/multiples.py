"""Small multiples: a panel per survey side by side, a line per measure across them, all on one scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from matplotlib.axes import Axes

from bsna.intake.profile import Profile
from bsna.publishing.canvas import COLOURS, GRID, QUIET, WIDTH, Frame, canvas, drawn, style, wrap
from bsna.publishing.drawing import Drawing
from bsna.publishing.headlines import shown_rows
from bsna.publishing.wording import Words

Row: TypeAlias = Mapping[str, Any]
Groups: TypeAlias = Mapping[str, Sequence[tuple[Profile, Row]]]
"""By label of a measure, the surveys that may be compared on it, with their estimates."""

BESIDE = 4
"""Panels beside each other, so that numbers keep their size on a telephone; further surveys stand below."""

_MARGIN = 0.06
_ACROSS = WIDTH - 2 * _MARGIN
_DOT, _VALUE, _GAP, _TICKS = 0.14, 0.16, 0.09, 0.2
"""Inches: of a line, of the number below it, between measures, and of the scale."""

_LETTERS = 60


def multiples(
    words: Words, groups: Groups, absent: Mapping[tuple[str, str], str], title: str, subtitle: str
) -> Drawing | None:
    """A panel per survey, in the order in which they first come; None if nothing may be shown.

    `absent` says, by label of a measure and survey, what stands in a panel that has no estimate there. All surveys are
    simulated, or all real. Raises ValueError for estimates in several units, which have no common scale.
    """
    shown = shown_rows([row for members in groups.values() for _, row in members])
    if not shown:
        return None
    if len(units := {row["unit"] for row in shown}) > 1:
        raise ValueError(f"The figure {title!r} has estimates in {sorted(units)}; panels on one scale need one unit")
    surveys = list({survey.id: survey for members in groups.values() for survey, _ in members}.values())
    profiles = [survey for survey in surveys if any(row in shown for row in _rows_of(groups, survey))]
    bands = [profiles[start : start + BESIDE] for start in range(0, len(profiles), BESIDE)]
    note = f"{words.word('interval_note')} {words.sources(profiles)}"
    frame = Frame(title, subtitle, note, is_simulated=profiles[0].is_simulated)
    colours = {survey.id: COLOURS[place % len(COLOURS)] for place, survey in enumerate(profiles)}
    with style():
        height = sum(_band_height(words, band, groups) for band in bands)
        figure, ax = canvas(frame, height, left=_MARGIN, right=_MARGIN, below=0.04)
        ax.set(xlim=(0, _ACROSS), ylim=(height, 0))
        ax.axis("off")
        sheet, top = _Sheet(words, ax, _limits(shown), shown[0]["unit"], colours, absent), 0.0
        for band in bands:
            top = _draw_band(sheet, band, groups, top)
        marks = [
            (f"{measure}, {survey.name[words.language]}", words.estimate(row), row)  # type: ignore[index]
            for measure, members in groups.items()
            for survey, row in members
        ]
        return drawn(figure, words, frame, shown, marks)


def _rows_of(groups: Groups, survey: Profile) -> list[Row]:
    return [row for members in groups.values() for one, row in members if one.id == survey.id]


def _limits(shown: Sequence[Row]) -> tuple[float, float]:
    """One scale for all panels: shares from nothing to the next tenth above the highest interval."""
    low, high = min(row["low"] for row in shown), max(row["high"] for row in shown)
    return (0.0, min(1.0, -(-high // 0.1) * 0.1)) if shown[0]["unit"] == "share" else (low, high)


@dataclass(frozen=True)
class _Sheet:
    """What all panels share: the axes in inches, the scale, a colour per survey, and what stands where nothing is drawn."""

    words: Words
    ax: Axes
    limits: tuple[float, float]
    unit: str
    colours: Mapping[str, str]
    absent: Mapping[tuple[str, str], str]

    def at(self, value: float, left: float, wide: float) -> float:
        """Place of a value in a panel."""
        low, high = self.limits
        return left + wide * (value - low) / ((high - low) or 1.0)


def _names(words: Words, band: Sequence[Profile]) -> list[str]:
    letters = round(58 / max(len(band), 2)) - 1
    return [wrap(survey.name[words.language], letters) for survey in band]  # type: ignore[index]


def _head_height(words: Words, band: Sequence[Profile]) -> float:
    return 0.13 + 0.15 * max(name.count("\n") + 1 for name in _names(words, band))


def _label_height(label: str) -> float:
    return 0.04 + 0.145 * (wrap(label, _LETTERS).count("\n") + 1)


def _band_height(words: Words, band: Sequence[Profile], groups: Groups) -> float:
    lines = sum(_label_height(label) + _DOT + _VALUE + _GAP for label in groups)
    return _head_height(words, band) + lines + _TICKS


def _draw_band(sheet: _Sheet, band: Sequence[Profile], groups: Groups, top: float) -> float:
    """Draw panels beside each other from `top` down; where they end."""
    step = _ACROSS / len(band)
    for place, name in enumerate(_names(sheet.words, band)):
        for number, part in enumerate(name.split("\n")):
            sheet.ax.text(place * step + 0.08, top + 0.13 + 0.15 * number, part, weight="bold", size=8.5)
    below = top + _head_height(sheet.words, band)
    for label, members in groups.items():
        sheet.ax.text(0.08, below, wrap(label, _LETTERS), size=8.5, va="top", color=QUIET, linespacing=1.15)
        below += _label_height(label)
        found = {survey.id: row for survey, row in members}
        for place, survey in enumerate(band):
            instead = sheet.absent.get((label, survey.id), sheet.words.word("no_number"))
            _draw_cell(sheet, found.get(survey.id), (place * step + 0.08, below), step - 0.22, survey.id, instead)
        below += _DOT + _VALUE + _GAP
    for place in range(len(band)):
        _draw_scale(sheet, (place * step + 0.08, below), step - 0.22)
    return below + _TICKS


def _draw_cell(
    sheet: _Sheet, row: Row | None, corner: tuple[float, float], wide: float, survey: str, instead: str
) -> None:
    """One estimate on the line of its scale, with its number below; or what stands instead."""
    left, top = corner
    line, colour = top + _DOT / 2, sheet.colours[survey]
    if row is None or row["status"] not in ("ok", "imprecise"):
        text = instead if row is None else sheet.words.word(row["status"])
        sheet.ax.text(left, top + _DOT, wrap(text, round(wide * 13)), size=8, va="center", color=QUIET)
        return
    ends = [sheet.at(row[name], left, wide) for name in ("low", "high")]
    sheet.ax.plot([left, left + wide], [line, line], color=GRID, linewidth=1.2, zorder=1)
    sheet.ax.plot(ends, [line, line], color=colour, linewidth=2.2, solid_capstyle="round")
    face = colour if row["status"] == "ok" else "white"
    place = sheet.at(row["estimate"], left, wide)
    sheet.ax.plot(place, line, "o", color=colour, mfc=face, ms=5, mew=1.4, clip_on=False)
    sheet.ax.text(left, top + _DOT + _VALUE / 2, sheet.words.brief(row), size=8.5, va="center")


def _draw_scale(sheet: _Sheet, corner: tuple[float, float], wide: float) -> None:
    left, top = corner
    for value, side in zip(sheet.limits, ("left", "right"), strict=True):
        text = sheet.words.show(f"end_{sheet.unit}", value)
        sheet.ax.text(sheet.at(value, left, wide), top, text, size=7.5, va="top", ha=side, color=QUIET)
    sheet.ax.plot([left, left + wide], [top - 0.02] * 2, color=QUIET, linewidth=0.8)
