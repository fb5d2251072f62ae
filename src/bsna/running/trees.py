"""Syntax trees of Python sources, made one at a time: tasks run in threads, and Python's own maker may fail when two make one at
once (CPython issue 106905)."""

import ast
import threading

_making = threading.Lock()


def tree_of(source: str) -> ast.Module:
    """The syntax tree of a source."""
    with _making:
        return ast.parse(source)
