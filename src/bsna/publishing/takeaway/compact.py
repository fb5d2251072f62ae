"""A PDF in fewer bytes: objects that are no streams go into compressed object streams (ISO 32000-1, 7.5.7 and 7.5.8)."""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from bsna.publishing.takeaway.letters import joined

_CONTENT = re.compile(rb"<<\s*/Length (\d+)\s*/Filter\s*/FlateDecode\s*>>\s*stream\r?\n(.*)\nendstream", re.DOTALL)
"""A stream that says nothing of itself but its length: the content of a page. Fonts and pictures say more."""

_TOGETHER = 1000
_ENTRY = 20
"""Bytes of one line of a cross-reference table."""


@dataclass(frozen=True)
class _Object:
    number: int
    body: bytes

    @property
    def is_stream(self) -> bool:
        return self.body.endswith(b"endstream")

    def rewritten(self) -> "_Object":
        """The content of a page with its letters joined to lines (`letters.joined`); any other stream as it is."""
        found = _CONTENT.fullmatch(self.body)
        if found is None or b"BT" not in (content := zlib.decompress(found[2])):
            return self
        return _Object(self.number, _stream(b"", joined(content)))


def compacted(pdf: bytes) -> bytes:
    """The same document in fewer bytes; a tagged report shrinks to a third, since each cell of a table is an object.

    Reads what the typesetter writes: one section of a cross-reference table, every object of generation 0. Raises ValueError
    for anything else.
    """
    objects, trailer, first = _read(pdf)
    kept = [thing.rewritten() for thing in objects if thing.is_stream]
    loose = [thing for thing in objects if not thing.is_stream]
    number = max(thing.number for thing in objects) + 1
    made, places = bytearray(pdf[:first]), {0: (0, 0, 65535)}
    for thing in kept:
        places[thing.number] = (1, len(made), 0)
        made += b"%d 0 obj\n%s\nendobj\n" % (thing.number, thing.body)
    for start in range(0, len(loose), _TOGETHER):
        group = loose[start : start + _TOGETHER]
        places |= {thing.number: (2, number, place) for place, thing in enumerate(group)}
        places[number] = (1, len(made), 0)
        made += b"%d 0 obj\n%s\nendobj\n" % (number, _together(group))
        number += 1
    places[number] = (1, len(made), 0)
    return bytes(made) + b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (
        number,
        _table(places, trailer),
        len(made),
    )


def _read(pdf: bytes) -> tuple[list[_Object], bytes, int]:
    """Objects in the order of their numbers, the inside of the trailer, and where the first object starts."""
    found = re.search(rb"startxref\n(\d+)\n%%EOF\s*$", pdf)
    table = int(found[1]) if found else -1
    head = re.match(rb"xref\n0 (\d+)\n", pdf[table : table + 40]) if found else None
    if head is None:
        raise ValueError("The PDF has no cross-reference table of one section, which is expected of the typesetter")
    start, count = table + head.end(), int(head[1])
    lines = [pdf[start + _ENTRY * i : start + _ENTRY * (i + 1)] for i in range(count)]
    offsets = {i: int(line[:10]) for i, line in enumerate(lines) if line[17:18] == b"n"}
    ends = dict(zip(order := sorted(offsets.values()), [*order[1:], table], strict=True))
    objects = [_object(i, pdf[offset : ends[offset]]) for i, offset in offsets.items()]
    trailer = re.search(rb"trailer\s*<<(.*)>>\s*startxref", pdf[start:], re.DOTALL)
    if trailer is None:
        raise ValueError("The PDF has no trailer, which is expected of the typesetter")
    return objects, trailer[1], order[0]


def _object(number: int, written: bytes) -> _Object:
    opening, closing = b"%d 0 obj" % number, b"endobj"
    written = written.strip()
    if not written.startswith(opening) or not written.endswith(closing):
        raise ValueError(f"Object {number} of the PDF is not where the cross-reference table has it")
    return _Object(number, written[len(opening) : -len(closing)].strip())


def _together(group: Sequence[_Object]) -> bytes:
    offsets, inside = [], bytearray()
    for thing in group:
        offsets.append(b"%d %d" % (thing.number, len(inside)))
        inside += thing.body + b"\n"
    head = b" ".join(offsets) + b"\n"
    return _stream(b"/Type/ObjStm/N %d/First %d" % (len(group), len(head)), head + inside)


def _table(places: dict[int, tuple[int, int, int]], trailer: bytes) -> bytes:
    size = max(places) + 1
    rows = [places.get(i, (0, 0, 65535)) for i in range(size)]
    lines = [kind.to_bytes(1) + where.to_bytes(4) + which.to_bytes(2) for kind, where, which in rows]
    facts = re.sub(rb"/Size \d+", b"/Size %d" % size, trailer.strip())
    return _stream(b"/Type/XRef/W[1 4 2]/DecodeParms<</Predictor 12/Columns 7>>" + facts, _as_steps(lines))


def _as_steps(lines: Sequence[bytes]) -> bytes:
    """Each line as what it is above the one before, which packs to a fraction (PNG's filter "up", ISO 32000-1, 7.4.4.4)."""
    before = [bytes(len(lines[0])), *lines[:-1]]
    return b"".join(
        b"\x02" + bytes((one - other) % 256 for one, other in zip(line, last, strict=True))
        for line, last in zip(lines, before, strict=True)
    )


def _stream(facts: bytes, content: bytes) -> bytes:
    packed = zlib.compress(content, 9)
    return b"<<%s/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (facts, len(packed), packed)
