"""Modules of the judgement with one line changed, and whether the tests of its rules notice."""

import importlib.util
import inspect
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

PACKAGE = "bsna.judgement"


class _Changed(SourceFileLoader):
    """Loads a module from another text than that of its file."""

    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self._text = text

    def get_code(self, fullname):
        return compile(self._text, self.path, "exec")


class _Finder:
    """Finds one module in its changed form and leaves all others to those that found them before."""

    def __init__(self, name: str, text: str) -> None:
        self._name, self._text = name, text

    def find_spec(self, fullname, path, target=None):
        if fullname != self._name:
            return None
        spec = PathFinder.find_spec(fullname, path)
        spec.loader = _Changed(fullname, spec.origin, self._text)
        return spec


def text_of(module: str) -> str:
    """The source of a module of the judgement."""
    spec = importlib.util.find_spec(f"{PACKAGE}.{module}")
    return Path(spec.origin).read_text(encoding="utf-8")


def changed(module: str, was: str, now: str) -> str:
    """The source of a module with one text in place of another; fails, naming it, unless the text stands there once."""
    text = text_of(module)
    if (times := text.count(was)) != 1:
        pytest.fail(f"{PACKAGE}.{module} holds {was!r} {times} times; a mutant needs a text that stands there once")
    return text.replace(was, now)


@contextmanager
def loaded(module: str, text: str) -> Iterator[None]:
    """The whole judgement anew with one module changed; afterwards the modules of before are back."""
    before = _take()
    parent, finder = sys.modules["bsna"], _Finder(f"{PACKAGE}.{module}", text)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        _take()
        sys.modules.update(before)
        parent.judgement = before[PACKAGE]


def fails(test: str) -> bool:
    """Whether any case of a test, named as file.function, fails with what is loaded now."""
    stem, _, name = test.partition(".")
    function = vars(_anew(stem)).get(name)
    cases = list(_arguments(function)) if function else []
    if not cases:
        pytest.fail(f"{stem} has no test {name!r} without fixtures; name one that notices the mutant")
    try:
        for arguments in cases:
            function(**arguments)
    except (Exception, pytest.fail.Exception):
        return True
    return False


def _arguments(test) -> Iterator[dict]:
    """Arguments of every case of a test; none if it needs fixtures."""
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    for case in itertools.product(*(_cases(*mark.args[:2]) for mark in marks)):
        arguments = {key: value for part in case for key, value in part.items()}
        if set(inspect.signature(test).parameters) == set(arguments):
            yield arguments


def _cases(names, values):
    """Each case of one parametrization, as arguments by name."""
    keys = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    return [dict(zip(keys, value if len(keys) > 1 else (value,), strict=True)) for value in values]


def _anew(stem: str) -> ModuleType:
    """A file of tests as a module of its own, bound to what is loaded now."""
    spec = importlib.util.spec_from_file_location(f"mutated_{stem}", Path(__file__).with_name(f"{stem}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _take() -> dict[str, ModuleType]:
    """Take all modules of the judgement out of what is loaded."""
    names = [name for name in sys.modules if name == PACKAGE or name.startswith(f"{PACKAGE}.")]
    return {name: sys.modules.pop(name) for name in names}
