"""What the generator of the site puts into the text of a page and readers do not need: taken out before the page is written."""

import re
from typing import Any

_SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)[^>]*>.*?</script>", re.DOTALL)
_STYLE = re.compile(r'(<[a-z][^<>]*?) style="[^"]*"')
_UNCOLOURED = re.compile(r'<span class="(?:n|nn|p|w)">([^<]*)</span>')
"""Names, marks and spaces in code, which have the colour of all its text."""
_CLOSED_BY_THE_NEXT = re.compile(r"</(?:td|th|tr|thead|tbody)>")
"""Ends of parts of a table, which HTML takes from the beginning of the next part: a tenth of a chapter's bytes."""
_FOLDED_CODE = re.compile(
    r'<details class="admonition hide above-input">\s*<summary[^>]*>\s*<p class="collapsed[^>]*>(.*?)</p>\s*<p.*?</p>\s*</summary>',
    re.DOTALL,
)


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx, after all who add to a page."""
    app.connect("html-page-context", _clean, priority=990)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def cleaned(body: str) -> str:
    """The text of a page without scripts and styles inside it, which a strict policy forbids, without roles of lists of
    references that screen readers no longer know, and without marks that change nothing of how it looks or is read. Code that
    is folded has one name, in the language of the page."""
    body = _SCRIPT.sub("", body).replace(' role="doc-biblioentry"', "").replace("<span></span>", "")
    body = _CLOSED_BY_THE_NEXT.sub("", body)
    body = _FOLDED_CODE.sub(r'<details class="bsna-code"><summary>\1</summary>', _UNCOLOURED.sub(r"\1", body))
    body = body.replace('<div role="list" class="citation-list">', '<div class="citation-list">')
    while (bare := _STYLE.sub(r"\1", body)) != body:
        body = bare
    return body


def contents_of(tree: str) -> str:
    """The contents of the book without names that nothing asks for, and without levels of headings that are none."""
    tree = re.sub(r' role="heading"| aria-level="2"| ?reference internal|toctree-l\d ?', "", tree)
    return tree.replace(' class=""', "")


def _clean(app: Any, name: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if "body" in context:
        context["body"] = cleaned(context["body"])
    if "toctree" in context:
        contents = context["toctree"]
        context["toctree"] = lambda **options: contents_of(contents(**options))
