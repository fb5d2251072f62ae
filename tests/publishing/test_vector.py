import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bsna.publishing.canvas import STYLE
from bsna.publishing.vector import svg_of


def drawn(points, title="A title"):
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(2, 2))
        FigureCanvasAgg(figure)
        ax = figure.add_axes((0, 0, 1, 1))
        ax.set_axis_off()
        ax.set_xlim(0, 1)
        ax.set_ylim(0, 1)
        ax.plot(*points, color="#0072b2")
        return svg_of(figure, title, "What it shows & how")


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
