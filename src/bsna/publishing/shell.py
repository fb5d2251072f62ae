"""What the generator of the site puts into the text of a page and readers do not need: taken out before the page is written."""

import re
from typing import Any

_SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)[^>]*>.*?</script>", re.DOTALL)
_STYLE = re.compile(r'(<[a-z][^<>]*?) style="[^"]*"')


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx, after all who add to a page."""
    app.connect("html-page-context", _clean, priority=990)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def cleaned(body: str) -> str:
    """The text of a page without scripts and styles inside it, which a strict policy forbids, and without roles of lists of
    references that screen readers no longer know."""
    body = _SCRIPT.sub("", body).replace(' role="doc-biblioentry"', "")
    body = body.replace('<div role="list" class="citation-list">', '<div class="citation-list">')
    while (bare := _STYLE.sub(r"\1", body)) != body:
        body = bare
    return body


def _clean(app: Any, name: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if "body" in context:
        context["body"] = cleaned(context["body"])
