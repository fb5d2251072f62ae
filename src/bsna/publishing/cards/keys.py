"""The name of a released estimate row, the same over reruns, and numbers that know it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NUMBERS = ("estimate", "low", "high")
"""Numbers of an estimate row that carry its key."""

_FREE = re.compile(r"[^A-Za-z0-9_+-]")
_FORM = re.compile(r"[A-Za-z0-9_+~-]+(/[A-Za-z0-9_+~-]+)(/[A-Za-z0-9_+~=-]+){2,}")


class Traced(float):
    """A number of an estimate row, with the key of the row. Whatever is computed from it is a plain float: it is a number
    of no row."""

    __slots__ = ("key",)
    key: str

    def __new__(cls, value: float, key: str) -> "Traced":
        made = super().__new__(cls, value)
        made.key = key
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Traced, (float(self), self.key)


@dataclass(frozen=True)
class Address:
    """Where the card of a row is: on the page of its survey and chapter, at its anchor."""

    survey: str
    chapter: str
    anchor: str

    @property
    def href(self) -> str:
        """From the root of the book."""
        return f"{card_file(self.survey, self.chapter)}#{self.anchor}"


def card_file(survey: str, chapter: str) -> str:
    """The page of cards of one chapter, from the root of the book."""
    return f"{survey}/cards/{chapter}.html"


def row_key(survey: str, chapter: str, row: Mapping[str, Any], under: Sequence[str] = ()) -> str:
    """survey/chapter[/under]/population/measure[/by=level][/category] of an estimate row.

    `under` names what within the chapter the row belongs to, as a claim. Letters that mean something in an address or in the
    key itself are written as ~ and their number in hexadecimal digits, so that two rows never share a key.
    """
    parts = [joined((survey, chapter, *under, row["population"], row["measure"]))]
    if row["by"]:
        parts.append(f"{_safe(row['by'])}={_safe(row['level'])}")
    if row["category"]:
        parts.append(_safe(row["category"]))
    return "/".join(parts)


def joined(parts: Iterable[str]) -> str:
    """Parts of a key with strokes between them, each written as in `row_key`."""
    return "/".join(map(_safe, parts))


def keyed(
    rows: Iterable[Mapping[str, Any]], survey: str, chapter: str, under: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Estimate rows with their key as `key`, and numbers that carry it; what is missing stays missing.

    Raises ValueError for two different rows with one key, naming both.
    """
    made = []
    for row in rows:
        key = row_key(survey, chapter, row, under)
        numbers = {name: _traced(row[name], key) for name in NUMBERS}
        made.append({**row, **numbers, "key": key})
    check_keys(made)
    return made


def check_keys(rows: Iterable[Mapping[str, Any]]) -> None:
    """Raise ValueError if two rows have one `key` and differ in anything; the same row may come twice, in two tables."""
    seen: dict[str, dict[str, str]] = {}
    for row in rows:
        facts = {name: str(value) for name, value in row.items()}
        if (other := seen.setdefault(row["key"], facts)) != facts:
            names = [name for name in facts if facts[name] != other.get(name)]
            one, two = ({name: found.get(name, "") for name in names} for found in (other, facts))
            raise ValueError(
                f"{row['key']}: two different rows have this key: {one} and {two}; "
                "expected one row for each key; give one of them another measure, group or category"
            )


def address_of(key: str) -> Address:
    """Where the card of a key is. Raises ValueError for what is no key."""
    if not is_key(key):
        raise ValueError(f"{key!r} is no key; expected survey/chapter/population/measure[/by=level][/category]")
    survey, chapter, *rest = key.split("/")
    return Address(survey, chapter, ".".join(rest))


def is_key(text: str) -> bool:
    """Whether a text has the form of a key."""
    return _FORM.fullmatch(text) is not None


def key_of(value: Any) -> str:
    """The key that a number carries; nothing for any other value."""
    return value.key if isinstance(value, Traced) else ""


def _safe(part: str) -> str:
    return _FREE.sub(lambda found: "".join(f"~{byte:02x}" for byte in found[0].encode()), str(part))


def _traced(value: Any, key: str) -> Any:
    return Traced(value, key) if isinstance(value, float) and value == value else value
