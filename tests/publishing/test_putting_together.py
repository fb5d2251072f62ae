"""The parts of the site are put together: shared files once, nothing of the generator that readers do not need."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from bsna.publishing.blocks import figure_files, figure_html
from bsna.publishing.book import _without_evaluation, join_languages
from bsna.publishing.canvas import STYLE
from bsna.publishing.drawing import Drawing, bundle, unbundled
from bsna.publishing.shell import cleaned
from bsna.publishing.tables import lean
from bsna.publishing.vector import svg_of


def written(folder, **files):
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_files_that_two_languages_share_stand_once_and_pages_lead_to_them(tmp_path):
    page = '<link href="../_static/look.css?v=1"><img src="../_static/own.svg"><a href="../index.html#a">x</a>'
    names = {"_static__look.css": "p{}", "zz__a.html": page}
    english = written(tmp_path / "en", **names, **{"_static__own.svg": "English"})
    french = written(tmp_path / "fr", **names, **{"_static__own.svg": "French"})
    root = join_languages({"en": english, "fr": french})
    assert (root / "fr" / "_static" / "own.svg").read_text() == "French"
    assert not (root / "fr" / "_static" / "look.css").exists() and (root / "zz" / "a.html").read_text() == page
    assert (root / "fr" / "zz" / "a.html").read_text() == page.replace("../_static/look", "../../_static/look")


def test_a_page_keeps_no_script_or_style_inside_it():
    body = '<p style="color:red" id="a">x</p><script>alert(1)</script><script type="x">{}</script><div style="a" class="b">'
    assert cleaned(body) == '<p id="a">x</p><div class="b">'
    assert cleaned('<script src="a.js"></script>') == '<script src="a.js"></script>'


def test_the_search_makes_no_code_of_a_text(tmp_path):
    script = tmp_path / "doctools.js"
    script.write_text("a = new Function(\n  'n',\n  `return (${x})`\n);\nb();", encoding="utf-8")
    _without_evaluation(script)
    assert "Function" not in script.read_text() and script.read_text().endswith(";\nb();")
    with pytest.raises(ValueError, match="another way"):
        _without_evaluation(script)


def test_a_table_keeps_what_screen_readers_need_and_loses_the_rest():
    made = (
        '<style>x</style><div id="t-a" style="p"><table class="gt"><thead><tr class="gt_heading"><td colspan="2" class="t">'
        'T \\\\1</td></tr><tr><th class="c" rowspan="1" colspan="1" scope="col" id="x">A</th></tr></thead><tbody class="b">'
        '<tr class="gt_group_heading_row"><th class="g" colspan="2" scope="colgroup" id="y">G</th></tr>'
        '<tr><td headers="x y" class="r">one</td><td class="r"><a class="bsna-number" href="#k">2</a></td></tr></tbody></table></div>'
    )
    assert lean(made) == (
        '<div id="t-a"><table><caption>T \\\\1</caption><thead><tr><th scope="col">A</th></tr></thead>'
        '<tbody><tr class="bsna-block"><th colspan="2" scope="rowgroup">G</th></tr>'
        '<tr><th scope="row">one</th><td><a class="bsna-number" href="#k">2</a></td></tr></tbody></table></div>'
    )


def drawn(image=False):
    with plt.rc_context(STYLE):
        figure, ax = plt.subplots(figsize=(2, 1))
        ax.plot([0, 1], [0, 1])
        ax.set_title("<b> $x$ & y")
        if image:
            ax.imshow(np.zeros((2, 2)))
        made = svg_of(figure, "T <i>", 'says "2%"')
        plt.close(figure)
    return made


def test_a_figure_is_text_without_styles_or_ids_that_vary():
    made = drawn()
    assert made == drawn() and "style=" not in made and "<style" not in made and "<metadata" not in made
    assert "&lt;b&gt; $x$ &amp; y</text>" in made and made.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert "<title>T &lt;i&gt;</title><desc>says &quot;2%&quot;</desc>" in made and len(made) < 8_000


def test_a_figure_that_would_not_scale_is_refused():
    with pytest.raises(ValueError, match="raster image"):
        drawn(image=True)


def test_a_figure_goes_through_a_notebook_and_keeps_files_numbers_and_table():
    rows = ({"label": "=A", "estimate": 0.5, "low": 0.25, "n": 8, "status": "ok"}, {"label": "B", "estimate": None})
    labels = {"files": "Files:", "data": "data", "table": "Table"}
    one = Drawing(
        drawn(), b"\x89PNG", "alt <x>", "T", rows, (("What", "Value"), ("=A", "50%"), ("B", "–")), labels, "Source"
    )
    assert unbundled(bundle(one)) == one and unbundled({"text/html": ""}) is None
    files = figure_files(one)
    assert sorted(name.split(".")[1] for name in files) == ["csv", "png", "svg"]
    table = next(text for name, text in files.items() if name.endswith("csv")).decode().splitlines()
    assert table == ["label,estimate,low,n,status,source", "'=A,0.5,0.25,8,ok,Source", "B,,,,,Source"]
    html = figure_html("f", one)
    assert 'alt="alt &lt;x&gt;"' in html and '<th scope="row">B</th><td>–</td>' in html and "Files:" in html
