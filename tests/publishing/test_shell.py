from bsna.publishing.shell import cleaned, contents_of

FOLDED = """<details class="admonition hide above-input">
<summary aria-label="Toggle hidden content">
<p class="collapsed admonition-title">le code</p>
<p class="expanded admonition-title">Hide code cell source</p>
</summary>
<div>1 + 1</div></details>"""


def test_scripts_and_styles_within_a_page_go_and_files_of_scripts_stay():
    page = '<p style="color: red" class="a">x</p><script>alert(1)</script><script src="a.js"></script>'
    assert cleaned(page) == '<p class="a">x</p><script src="a.js"></script>'


def test_folded_code_has_one_name_which_is_in_the_language_of_the_page():
    made = cleaned(FOLDED)
    assert made == '<details class="bsna-code"><summary>le code</summary>\n<div>1 + 1</div></details>'


def test_code_keeps_its_colours_and_loses_marks_without_any():
    code = '<pre><span></span><span class="n">a</span><span class="w"> </span><span class="o">=</span> <span class="s2">"&lt;"</span></pre>'
    assert cleaned(code) == '<pre>a <span class="o">=</span> <span class="s2">"&lt;"</span></pre>'


def test_tables_are_closed_by_what_comes_next():
    table = "<table><thead><tr><th>a</th><td>b</td></tr></thead><tbody><tr><th>c</th><td>d</td></tr></tbody></table><p>e</p>"
    assert cleaned(table) == "<table><thead><tr><th>a<td>b<tbody><tr><th>c<td>d</table><p>e</p>"


def test_the_contents_of_the_book_keep_where_one_is_and_lose_what_nothing_asks_for():
    tree = (
        '<p class="caption" role="heading" aria-level="2"><span>Part</span></p>'
        '<ul class="current"><li class="toctree-l1 current"><a class="current reference internal" href="#">Here</a></li>'
        '<li class="toctree-l1"><a class="reference internal" href="b.html">There</a></li></ul>'
    )
    assert contents_of(tree) == (
        '<p class="caption"><span>Part</span></p>'
        '<ul class="current"><li class="current"><a class="current" href="#">Here</a></li>'
        '<li><a href="b.html">There</a></li></ul>'
    )
