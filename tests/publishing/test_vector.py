import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bsna.publishing.canvas import STYLE
from bsna.publishing.vector import svg_of


def figure_of(*drawers, title="T", alt="A"):
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(2, 2))
        FigureCanvasAgg(figure)
        ax = figure.add_axes((0, 0, 1, 1))
        ax.set_axis_off()
        ax.set_xlim(0, 1)
        ax.set_ylim(0, 1)
        for draw in drawers:
            draw(ax)
        return svg_of(figure, title, alt)


def drawn(points, title="A title"):
    return figure_of(lambda ax: ax.plot(*points, color="#0072b2"), title=title, alt="What it shows & how")


def test_a_drawing_carries_its_title_and_its_text_for_the_blind():
    svg = drawn(([0.25, 0.75], [0.5, 0.5]), "A < B")
    assert "<title>A &lt; B</title><desc>What it shows &amp; how</desc>" in svg


def test_a_level_line_within_its_window_is_written_by_its_end_alone_and_needs_no_window():
    svg = drawn(([0.25, 0.75], [0.5, 0.5]))
    assert ' d="M36 72H108"' in svg
    assert "clip" not in svg


def test_an_upright_line_is_written_by_its_end_alone():
    assert ' d="M72 108V36"' in drawn(([0.5, 0.5], [0.25, 0.75]))


def test_a_line_that_leaves_its_window_is_still_cut():
    svg = drawn(([0.25, 0.75, 2.0], [0.5, 0.75, 0.9]))
    assert svg.count("<clipPath") == 1
    assert svg.count('clip-path="url(#') == 1


def test_the_same_drawing_has_the_same_bytes():
    assert drawn(([0.1, 0.9], [0.2, 0.3])) == drawn(([0.1, 0.9], [0.2, 0.3]))


def test_a_picture_in_dots_within_a_drawing_is_refused():
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(2, 2))
        FigureCanvasAgg(figure)
        figure.add_axes((0, 0, 1, 1)).imshow([[0, 1], [1, 0]])
        with pytest.raises(ValueError, match="holds a raster image"):
            svg_of(figure, "T", "A")


def test_texts_of_one_look_stand_in_one_group_above_all_shapes():
    svg = figure_of(
        lambda ax: ax.text(0.1, 0.9, "one", color="#52616a"),
        lambda ax: ax.plot([0.2, 0.8], [0.5, 0.5], color="#0072b2"),
        lambda ax: ax.text(0.1, 0.5, "two", color="#1b2a33"),
        lambda ax: ax.text(0.1, 0.1, "three", color="#52616a"),
    )
    assert svg.index('<path d="M28.8') < svg.index(">one<") < svg.index(">three<")
    assert svg.count("<g") == 1 and all(f">{text}</text>" in svg for text in ("one", "two", "three"))


def test_the_mark_behind_a_drawing_stays_behind_it():
    svg = figure_of(
        lambda ax: ax.figure.text(0.5, 0.5, "MARK", color="#e3e8ea", zorder=-1),
        lambda ax: ax.plot([0.2, 0.8], [0.5, 0.5], color="#0072b2"),
    )
    assert svg.index(">MARK<") < svg.index("M28.8")


def test_lines_of_one_look_that_follow_each_other_are_one_path():
    svg = figure_of(
        lambda ax: ax.plot([0.25, 0.25], [0.25, 0.75], color="#dfe5e8"),
        lambda ax: ax.plot([0.5, 0.5], [0.25, 0.75], color="#dfe5e8"),
        lambda ax: ax.plot([0.75, 0.75], [0.25, 0.75], color="#0072b2"),
    )
    assert ' d="M36 108V36M72 108V36"' in svg and ' d="M108 108V36"' in svg


def test_numbers_in_texts_are_as_they_were_written():
    svg = figure_of(lambda ax: ax.text(0.1, 0.9, "p = 0.00123, 12.3456"))
    assert ">p = 0.00123, 12.3456</text>" in svg
