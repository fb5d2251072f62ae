"""Whether two sites are the same, file by file and byte by byte."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SHOWN = 60
"""Bytes shown of either file from the first place where they differ."""


@dataclass(frozen=True)
class Difference:
    """One file that is not the same in both sites. `path` is its name below the site; `kind` says whether the second site
    lacks it (missing), only the second has it (extra), or its bytes are others (differing). `line` counts from 1, `byte`
    from 0: the first place that differs; `first` and `second` are what stands there. They are 0 and empty if only one
    site has the file."""

    path: str
    kind: Literal["missing", "extra", "differing"]
    line: int = 0
    byte: int = 0
    first: bytes = b""
    second: bytes = b""

    def __str__(self) -> str:
        if self.kind == "missing":
            return f"{self.path}: not in the site built anew"
        if self.kind == "extra":
            return f"{self.path}: only in the site built anew"
        return (
            f"{self.path}: differs from byte {self.byte}, in line {self.line}\n"
            f"  site:       {_legible(self.first)}\n  built anew: {_legible(self.second)}"
        )


def compare_sites(one: Path, other: Path) -> list[Difference]:
    """What differs between two sites, by the names of the files; empty if they are the same byte by byte.

    Raises ValueError if either has no front page, or holds a link to a file, since what it leads to is no part of the site.
    """
    first, second = site_files(one), site_files(other)
    found = []
    for name in sorted({*first, *second}):
        if name not in second:
            found.append(Difference(name, "missing"))
        elif name not in first:
            found.append(Difference(name, "extra"))
        elif difference := _first_place(name, first[name].read_bytes(), second[name].read_bytes()):
            found.append(difference)
    return found


def site_files(site: Path) -> dict[str, Path]:
    """Files of a site by their names below it. Errors as in `compare_sites`."""
    if not (site / "index.html").is_file():
        raise ValueError(f"{site} is no site: it has no index.html; name the folder that `bsna book` built")
    below = sorted(site.rglob("*"))
    if links := [path.relative_to(site).as_posix() for path in below if path.is_symlink()]:
        raise ValueError(
            f"{site} holds {len(links)} link(s) where files are expected: {links[:5]}; copy the files there"
        )
    return {path.relative_to(site).as_posix(): path for path in below if path.is_file()}


def _first_place(name: str, one: bytes, other: bytes) -> Difference | None:
    if one == other:
        return None
    shorter = min(len(one), len(other))
    byte = next((i for i in range(shorter) if one[i] != other[i]), shorter)
    line = one.count(b"\n", 0, byte) + 1
    return Difference(name, "differing", line, byte, one[byte : byte + SHOWN], other[byte : byte + SHOWN])


def _legible(content: bytes) -> str:
    """Bytes on one line, in letters as far as they are; nothing in them can steer a terminal."""
    return repr(content.decode("utf-8", errors="backslashreplace")) if content else "(ends here)"
