"""Letters of a picture in a PDF, which the typesetter places one by one, set as whole lines of text: half the bytes of a report,
and a reader of the file finds words."""

import re
from dataclasses import dataclass, field

Matrix = tuple[float, float, float, float]

_NUMBER = rb"(-?\d+(?:\.\d+)?)"
_LETTER = re.compile(
    rb"q " + rb" ".join([_NUMBER] * 6) + rb" cm(/c\d+ cs [\d. ]+ scn)\n"
    rb"(BT \d Tr/f\d+ [\d.]+ Tf) 1 0 0 -1 0 0 Tm(\((?:[^()\\]|\\.)*\))Tj\nET\nQ\n",
    re.DOTALL,
)
"""One letter: where it stands, its colour, its font, the letter itself."""

_PLACED = re.compile(rb"(?m)(^q 1 0 0 -?1 )" + rb" ".join([_NUMBER] * 2) + rb" cm")
"""A place on the page, and what stands there neither turned nor stretched."""

_POINT = re.compile(rb"-?\d+\.\d{3,}(?=(?: -?[\d.]+){0,5} [mlc]\b)")
"""A number of a step of a path."""

_PLACES = (4, 4, 4, 4, 2, 2)
"""Decimals kept of where a letter stands: of how it is turned and stretched, and of its place in points."""

_OFF, _FAR = 0.02, 100.0
"""How far, in units of the picture, a letter may stand off the line of the one before it, and how far behind it."""


@dataclass
class _Line:
    """Letters of one look behind each other. `e` and `f` are where the last one stands, by what was written."""

    turn: Matrix
    look: tuple[bytes, bytes]
    e: float
    f: float
    written: list[bytes] = field(default_factory=list)

    def step(self, e: float, f: float) -> tuple[float, float]:
        """From the last letter to a place, along the line and across it."""
        a, b, c, d = self.turn
        across, down, size = e - self.e, f - self.f, a * d - b * c
        return (d * across - c * down) / size, (a * down - b * across) / size

    def advance(self, along: float) -> None:
        self.e, self.f = self.e + along * self.turn[0], self.f + along * self.turn[1]


def joined(content: bytes) -> bytes:
    """The content of a page with letters that follow each other on a line as one piece of text; all else as it is. Places are
    kept to a hundredth of a point, steps from letter to letter to a tenth, and the error does not add up."""
    parts: list[bytes] = []
    line: _Line | None = None
    at = 0
    for found in _LETTER.finditer(content):
        if found.start() > at:
            parts += [*_closed(line), content[at : found.start()]]
            line = None
        at = found.end()
        a, b, c, d, e, f = (
            round(float(number), places) for number, places in zip(found.groups()[:6], _PLACES, strict=True)
        )
        turn, look, letter = (a, b, c, d), (found[7], found[8]), found[9]
        along, across = line.step(e, f) if line else (0.0, 0.0)
        if line and (line.turn, line.look) == (turn, look) and abs(across) < _OFF and 0 < along < _FAR:
            along = round(along, 1)
            line.written.append(b" " + _written(along) + b" 0 Td" + letter + b"Tj")
            line.advance(along)
            continue
        parts += _closed(line)
        line = _Line(turn, look, e, f)
        line.written.append(
            b"q %s cm%s\n%s 1 0 0 -1 0 0 Tm%sTj" % (b" ".join(map(_written, (*turn, e, f))), *look, letter)
        )
    made = _PLACED.sub(_rounded, b"".join([*parts, *_closed(line), content[at:]]))
    return _POINT.sub(lambda number: _written(round(float(number[0]), 2)), made)


def _rounded(placed: re.Match[bytes]) -> bytes:
    """Where a piece of text or a drawing begins, to a hundredth of a point."""
    return placed[1] + b" ".join(_written(round(float(number), 2)) for number in placed.groups()[1:]) + b" cm"


def _closed(line: _Line | None) -> list[bytes]:
    return [*line.written, b"\nET\nQ\n"] if line else []


def _written(number: float) -> bytes:
    text = f"{number:.4f}".rstrip("0").rstrip(".")
    return (text if text != "-0" else "0").encode()
