"""A page and its twin in another language say the same: the same numbers and the same verdicts, part by part."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from babel.numbers import get_decimal_symbol, get_group_symbol

from bsna.publishing.translation import SOURCE

SHOWN_FAULTS = 20

_BADGE = re.compile(r'class="bsna-badge bsna-(\w+)')
_ALT = re.compile(r'\balt="([^"]*)"')
_TAG = re.compile(r"<[^>]*>")
_LINK = re.compile(r"\]\([^)]*\)|`[^`]*`")
_SPACES = {"\u00a0", "\u202f", " "}


def check_twins(source: Path, other: Path, language: str) -> None:
    """Compare the staged pages of a language with those of the source.

    Every output of every cell, and every section of every page made of results, must hold the same numbers, each as often,
    and the same badges in the same order. Raises ValueError with each difference: page, part, and what stands only here or
    there.
    """
    faults = []
    for path in sorted(path for path in source.rglob("*") if path.suffix in (".ipynb", ".md")):
        name = path.relative_to(source)
        if "_static" not in name.parts and len(name.parts) > 1 and name.parts[0] != "code":
            faults += _compare(path, other / name, name.as_posix(), language)
    if faults:
        more = [f"... and {len(faults) - SHOWN_FAULTS} more"] if len(faults) > SHOWN_FAULTS else []
        head = f"{len(faults)} part(s) of pages say something else in {language!r} than in {SOURCE!r}:"
        raise ValueError("\n".join([head, *faults[:SHOWN_FAULTS], *more]))


def numbers_in(text: str, language: str) -> Counter[str]:
    """The numbers that a text holds, written as in English without separators, each with how often it stands there."""
    decimal, group = get_decimal_symbol(language), get_group_symbol(language)
    groups = "".join(_SPACES - {" "}) if group in _SPACES else re.escape(group)
    pattern = rf"\d{{1,3}}(?:[{groups}]\d{{3}})+(?!\d)(?:{re.escape(decimal)}\d+)?|\d+(?:{re.escape(decimal)}\d+)?"
    found = re.findall(pattern, text)
    return Counter(re.sub(rf"[{groups}]", "", number).replace(decimal, ".") for number in found)


def _compare(path: Path, twin: Path, name: str, language: str) -> list[str]:
    if not twin.is_file():
        return [f"{name}: there is no such page in {language!r}"]
    ours, theirs = list(_parts(path)), list(_parts(twin))
    if len(ours) != len(theirs):
        return [f"{name}: {len(theirs)} parts instead of {len(ours)}"]
    faults = []
    for place, (one, two) in enumerate(zip(ours, theirs, strict=True), 1):
        if _BADGE.findall(one) != _BADGE.findall(two):
            faults.append(f"{name}, part {place}: badges {_BADGE.findall(two)} instead of {_BADGE.findall(one)}")
        here, there = numbers_in(_plain(one), SOURCE), numbers_in(_plain(two), language)
        if here != there:
            only = f"only in {SOURCE!r}: {sorted((here - there).elements())}, only in {language!r}: "
            faults.append(f"{name}, part {place}: {only}{sorted((there - here).elements())}")
    return faults


def _parts(path: Path) -> Iterator[str]:
    """Outputs of a notebook, or sections of a page."""
    if path.suffix == ".md":
        yield from re.split(r"(?m)^(?=#)", path.read_text(encoding="utf-8"))
        return
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            data: dict[str, Any] = output.get("data", {})
            yield str(data.get("text/html") or data.get("text/markdown") or data.get("text/plain") or "")


def _plain(part: str) -> str:
    """What a reader reads of a part, alternative texts included."""
    seen = " ".join([*_ALT.findall(part), _TAG.sub(" ", _LINK.sub(" ", part))])
    return html.unescape(seen)
