"""Coded texts of a REFI-QDA project, the file in which programs for qualitative analysis exchange their work.

Source: REFI-QDA standard 1.5, project exchange (namespace urn:QDA-XML:project:1.0).
"""

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

PROJECT = "project.qde"
NAMESPACE = "urn:QDA-XML:project:1.0"
LARGEST_BYTES = 50_000_000
MOST_FILES = 5_000
DECLARED = ("source_type", "population", "may_quote")
"""Variables of a source, or of a case it belongs to, that say what the standard has no place for."""

_NAME = {"n": NAMESPACE}


def read_project(path: Path) -> list[tuple[str, dict[str, str]]]:
    """Codings of the texts of a project, each with where it stands: excerpt_id, source_id, source_type, population, text,
    coder, code, may_quote.

    An excerpt is a passage with the same start and end, whoever coded it; one that only some coders marked was read by these
    only. A text without the variable may_quote may not be quoted. Raises ValueError for a file that is no such project, is
    too large when unpacked, holds paths that lead outside or XML that defines entities, or points to what is not there.
    """
    files = _unpacked(path)
    root = _project(path, files[PROJECT])
    codes = {code.get("guid", ""): code.get("name", "") for code in root.iterfind(".//n:CodeBook//n:Code", _NAME)}
    facts = _variables(root)
    rows: list[tuple[str, dict[str, str]]] = []
    for source in root.iterfind("n:Sources/n:TextSource", _NAME):
        name = source.get("name", "") or source.get("guid", "")
        text = _text(path, source, name, files)
        known = {key: facts.get(source.get("guid", ""), {}).get(key, "") for key in DECLARED}
        known["may_quote"] = known["may_quote"] or "no"
        for passage, code, coder in _codings(source):
            where = f"source {name!r}, characters {passage}"
            if code not in codes:
                raise ValueError(f"{path}: {where}: the code {code!r} is not in the project's code book")
            start, end = _span(path, where, passage, len(text))
            rows.append(
                (
                    where,
                    {
                        "excerpt_id": f"{source.get('guid')} {start}-{end}",
                        "source_id": source.get("guid", ""),
                        "text": text[start:end],
                        "coder": coder,
                        "code": codes[code],
                        **known,
                    },
                )
            )
    return rows


def _unpacked(path: Path) -> dict[str, bytes]:
    """Files of the archive by their path in small letters, read only after their sizes and names were found harmless."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_entries(path, entries)
            files = {entry.filename.lower(): archive.read(entry) for entry in entries if _is_wanted(entry.filename)}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, FileNotFoundError) as error:
        raise ValueError(f"{path} is not a readable REFI-QDA project (.qdpx): {error}") from error
    if PROJECT not in files:
        raise ValueError(f"{path} holds no {PROJECT}; export it as a REFI-QDA project (.qdpx)")
    return files


def _is_wanted(name: str) -> bool:
    return name.lower() == PROJECT or name.lower().endswith(".txt")


def _check_entries(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    total = sum(entry.file_size for entry in entries if _is_wanted(entry.filename))
    if len(entries) > MOST_FILES or total > LARGEST_BYTES:
        raise ValueError(
            f"{path} holds {len(entries)} files with {total} bytes of text unpacked; at most {MOST_FILES} and {LARGEST_BYTES} are read"
        )
    for entry in entries:
        place = PurePosixPath(entry.filename.replace("\\", "/"))
        if place.is_absolute() or ".." in place.parts or ":" in entry.filename:
            raise ValueError(f"{path} holds the path {entry.filename!r}, which leads outside of it; nothing was read")
        if entry.flag_bits & 1:
            raise ValueError(f"{path}: {entry.filename!r} is encrypted; export the project without a password")


def _project(path: Path, content: bytes) -> Element:
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise ValueError(f"{path}: {PROJECT} defines entities or a document type, which is refused: {error}") from error
    except ParseError as error:
        raise ValueError(f"{path}: {PROJECT} is not readable as XML: {error}") from error
    if root.tag != f"{{{NAMESPACE}}}Project":
        raise ValueError(f"{path}: {PROJECT} begins with {root.tag!r}, expected Project of {NAMESPACE}")
    return root


def _variables(root: Element) -> dict[str, dict[str, str]]:
    """Variables that are declared here, by source: its own, else those of its case."""
    names = {v.get("guid", ""): v.get("name", "") for v in root.iterfind("n:Variables/n:Variable", _NAME)}
    found: dict[str, dict[str, str]] = {}
    for case in root.iterfind("n:Cases/n:Case", _NAME):
        for reference in case.iterfind("n:SourceRef", _NAME):
            found.setdefault(reference.get("targetGUID", ""), {}).update(_values(case, names))
    for source in root.iterfind("n:Sources/n:TextSource", _NAME):
        found.setdefault(source.get("guid", ""), {}).update(_values(source, names))
    return found


def _values(holder: Element, names: Mapping[str, str]) -> dict[str, str]:
    values = {}
    for value in holder.iterfind("n:VariableValue", _NAME):
        reference, text = value.find("n:VariableRef", _NAME), value.find("n:TextValue", _NAME)
        name = names.get(reference.get("targetGUID", "") if reference is not None else "", "")
        if name in DECLARED and text is not None:
            values[name] = (text.text or "").strip()
    return values


def _text(path: Path, source: Element, name: str, files: Mapping[str, bytes]) -> str:
    """Text of a source, which stands in the project itself or in a file of the archive."""
    inside = source.find("n:PlainTextContent", _NAME)
    if inside is not None:
        return inside.text or ""
    place = source.get("plainTextPath", "")
    content = files.get(f"sources/{place.removeprefix('internal://')}".lower())
    if not place.startswith("internal://") or content is None:
        raise ValueError(f"{path}: the text of source {name!r} is {place!r}, which is not in the project")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: the text of source {name!r} is not UTF-8: {error}") from error


def _codings(source: Element) -> Iterator[tuple[str, str, str]]:
    """Passage as start-end, code and coder of every coding of a passage of a text."""
    for selection in source.iterfind("n:PlainTextSelection", _NAME):
        passage = f"{selection.get('startPosition', '')}-{selection.get('endPosition', '')}"
        for coding in selection.iterfind("n:Coding", _NAME):
            coder: Any = coding.get("creatingUser") or selection.get("creatingUser") or ""
            for reference in coding.iterfind("n:CodeRef", _NAME):
                yield passage, reference.get("targetGUID", ""), coder


def _span(path: Path, where: str, passage: str, length: int) -> tuple[int, int]:
    start, _, end = passage.partition("-")
    if not (start.isdecimal() and end.isdecimal() and int(start) < int(end) <= length):
        raise ValueError(f"{path}: {where}: the text has {length} characters; expected a start below an end within it")
    return int(start), int(end)
