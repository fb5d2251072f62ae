"""Expressions over named evidence: `and`, `or`, `not`, `at least 2 of (...)`, and parentheses where `and` meets `or`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

RESERVED = ("and", "or", "not", "at", "least", "of")
"""Words of the grammar, which name nothing."""


@dataclass(frozen=True)
class Name:
    """An item of evidence, or a claim, by its id."""

    name: str


@dataclass(frozen=True)
class Not:
    """That its part is not so."""

    part: "Expression"


@dataclass(frozen=True)
class AtLeast:
    """That `count` or more of its parts are so: all of them for `and`, one for `or`."""

    count: int
    parts: tuple["Expression", ...]


Expression: TypeAlias = Name | Not | AtLeast


def parsed(text: str) -> Expression:
    """The expression that a text writes out.

    Raises ValueError saying what was expected where, if the text is no expression, mixes `and` with `or` without
    parentheses, asks for none or for more than there are of a list, or names one thing twice.
    """
    left = re.findall(r"\w+|\S", text)[::-1]
    whole = _joined(left)
    if left:
        raise ValueError(f"{left[-1]!r} stands where the expression should have ended, or `and` or `or` should stand")
    names = list(names_in(whole))
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{twice} stand twice in one expression; each item of evidence counts once")
    return whole


def names_in(expression: Expression) -> Iterator[str]:
    """Names in the order in which they stand."""
    match expression:
        case Name(name):
            yield name
        case Not(part):
            yield from names_in(part)
        case AtLeast(parts=parts):
            for part in parts:
                yield from names_in(part)


def _joined(left: list[str]) -> Expression:
    """Parts joined by one word; `left` holds the tokens that are left, the next one last."""
    parts, joint = [_single(left)], ""
    while left and left[-1] in ("and", "or"):
        found = left.pop()
        if joint not in ("", found):
            raise ValueError("`and` and `or` stand side by side; put parentheses around those that belong together")
        joint = found
        parts.append(_single(left))
    return AtLeast(len(parts) if joint == "and" else 1, tuple(parts)) if joint else parts[0]


def _single(left: list[str]) -> Expression:
    token = left.pop() if left else "the end"
    if token == "not":
        return Not(_single(left))
    if token == "(":
        inside = _joined(left)
        _take(left, ")")
        return inside
    if token == "at":
        return _at_least(left)
    if token in RESERVED or not re.fullmatch(r"[A-Za-z]\w*", token):
        raise ValueError(f"{token!r} stands where a name, `not`, `at least` or a parenthesis should")
    return Name(token)


def _at_least(left: list[str]) -> AtLeast:
    _take(left, "least")
    count = left.pop() if left else "the end"
    for word in ("of", "("):
        _take(left, word)
    parts = [_joined(left)]
    while left and left[-1] == ",":
        left.pop()
        parts.append(_joined(left))
    _take(left, ")")
    if not count.isdecimal() or not 1 <= int(count) <= len(parts):
        raise ValueError(f"at least {count} of {len(parts)}; expected a number from 1 to {len(parts)}")
    return AtLeast(int(count), tuple(parts))


def _take(left: list[str], expected: str) -> None:
    found = left.pop() if left else "the end"
    if found != expected:
        raise ValueError(f"{found!r} stands where {expected!r} should")
