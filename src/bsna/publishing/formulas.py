"""Formulas as MathML, which browsers draw by themselves: no page of the book needs the network to show one."""

import re
from typing import Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

INDEXED_ACCENT = re.compile(r"\\(bar|hat|tilde)\s*(?:\{(\\?\w+)\}|(\\\w+|\w))(?=[_^])")
"""A letter with an accent and an index. docutils sets the index below the letter, unless something stands between."""
BARE_DIGITS = re.compile(r"frac\s*\d\d")
"""A fraction of two digits without braces, which docutils takes for one number over what follows."""


def setup(app: Any) -> dict[str, bool]:
    """Offer Sphinx `html_math_renderer: mathml`. A formula that cannot be set warns, which stops a strict build."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def mathml(formula: str, *, is_block: bool) -> str:
    """A formula in LaTeX as MathML, a block with a line of its own. Raises ValueError for what cannot be set."""
    if BARE_DIGITS.search(formula):
        raise ValueError(
            f"The formula {formula.strip()!r} cannot be set: write \\frac{{1}}{{2}} for a fraction of digits"
        )
    spaced = INDEXED_ACCENT.sub(lambda found: f"{found[0]}{{}}", formula.strip())
    try:
        return str(tex2mathml(spaced, as_block=is_block))
    except MathError as error:
        raise ValueError(f"The formula {formula.strip()!r} cannot be set: {error}") from error


def _inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(_set(node, is_block=False))
    raise nodes.SkipNode


def _block(writer: Any, node: nodes.math_block) -> None:
    writer.body.append(f'<div class="bsna-formula">{_set(node, is_block=True)}</div>\n')
    raise nodes.SkipNode


def _set(node: nodes.Element, *, is_block: bool) -> str:
    # what stands apart is set apart, so that it goes below on a telephone
    parts = node.astext().split(r"\qquad") if is_block else [node.astext()]
    try:
        return "".join(mathml(part, is_block=is_block) for part in parts)
    except ValueError as error:
        logging.getLogger(__name__).warning(str(error), location=node)
        return ""
