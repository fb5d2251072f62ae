"""Every text that somebody typed and a reader sees, with the file and line where it stands."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bsna import paths
from bsna.intake.languages import further_languages
from bsna.intake.sheets import read_text, source_facts
from bsna.intake.texts import Entry, catalog_of, entries_of

FILES = ("claims", "recommendations", "order", "wording", "grades", "firmness", "checklist")
"""Files of the plan that hold sentences, as far as they are there. Of firmness.toml only the openings are."""

_TEXT = re.compile(r'\b(en|fr)\s*=\s*"((?:[^"\\]|\\.)*)"')
_OPENINGS = ("[firm.opening.", "[uncertain.")


@dataclass(frozen=True)
class Template:
    """One text in one language. `address` is file/row/key, as claims/F1/supported, wording/levels/above or
    notebooks/05_trust; `place` is file:line; `line` is what stands there, for what else it says."""

    address: str
    place: str
    language: str
    text: str
    line: str


def plan_templates() -> list[Template]:
    """Texts of the plan in the order of its files, those in further languages after them, by the lines of their .po files.
    Raises ValueError where one cannot be found line by line."""
    files = [path for name in FILES if (path := paths.assessment("plan", f"{name}.toml")).is_file()]
    beside = {path: _of_file(path) for path in files}
    told = [one for path in files for language in further_languages() for one in _retold(path, beside[path], language)]
    return [*(template for path in files for template in beside[path]), *told]


def notebook_templates() -> list[Template]:
    """Lines of prose in the notebooks, in their order; in English, as notebooks are."""
    return [template for path in sorted(paths.notebooks().glob("*.ipynb")) for template in _of_notebook(path)]


def relative(path: Path) -> str:
    """A path as it is named in a message: from the root of the house."""
    return path.relative_to(paths.house()).as_posix()


def line_of(path: Path, sought: str) -> int:
    """The first line that holds a text; 1 if none does."""
    lines = read_text(path).splitlines()
    return next((number for number, line in enumerate(lines, 1) if sought in line), 1)


def _of_file(path: Path) -> list[Template]:
    header, row, key, found = "", "", "", []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if line.startswith("["):
            header = line.strip()
            row = row if header.startswith("[claim.") else header.strip("[]").rpartition(".")[2]
        elif start := re.match(r"(\w+)\s*=", line):
            key = start[1]
            if identity := re.match(r'id\s*=\s*"([^"]*)"', line):
                row = identity[1]
        if path.stem != "firmness" or header.startswith(_OPENINGS):
            place = f"{relative(path)}:{number}"
            for said in () if line.lstrip().startswith("#") else _TEXT.finditer(line):
                inner = re.findall(r"(\w+)\s*=\s*\{", line[: said.start()])
                address = f"{path.stem}/{row}/{inner[-1] if inner else key}"
                found.append(Template(address, place, said[1], _unescaped(said[2]), line))
    expected = sum(1 for _ in _texts_in(source_facts(path), path.stem == "firmness"))
    if len(found) != expected:
        raise ValueError(
            f"{relative(path)} holds {expected} texts in en or fr, of which {len(found)} stand on one line in double quotes; "
            "write each so, that a fault can be named by its line"
        )
    return found


def _retold(path: Path, beside: Sequence[Template], language: str) -> list[Template]:
    """The same texts in a further language; one English text may be said in two ways."""
    catalog = catalog_of(path, language)
    said: dict[str, list[Entry]] = {}
    for (_, text), entry in entries_of(catalog).items():
        said.setdefault(text, []).append(entry)
    return [
        Template(one.address, f"{relative(catalog)}:{entry.line}", language, entry.text, one.line)
        for one in beside
        if one.language == "en"
        for entry in said.get(one.text, ())
    ]


def _texts_in(value: Any, only_openings: bool) -> Iterator[str]:
    """All strings under the keys en and fr, wherever they stand; lists of words are no texts."""
    if isinstance(value, dict):
        for key, inside in value.items():
            if key in ("en", "fr") and isinstance(inside, str):
                yield inside
            elif not only_openings or key in ("firm", "opening", "delivered", "simulated", "uncertain"):
                yield from _texts_in(inside, only_openings)
    elif isinstance(value, list):
        for inside in value:
            yield from _texts_in(inside, only_openings)


def _unescaped(text: str) -> str:
    return text.replace('\\"', '"').replace("\\\\", "\\")


def _of_notebook(path: Path) -> list[Template]:
    text = read_text(path)
    lines, at, found = text.splitlines(), 0, []
    for cell in json.loads(text)["cells"]:
        source = cell["source"] if isinstance(cell["source"], list) else [cell["source"]]
        for prose in source:
            forms = [json.dumps(prose, ensure_ascii=is_ascii) for is_ascii in (False, True)]
            at = next((i for i in range(at, len(lines)) if any(form in lines[i] for form in forms)), at)
            if cell["cell_type"] == "markdown":
                place = f"{relative(path)}:{at + 1}"
                found.append(Template(f"notebooks/{path.stem}", place, "en", prose, lines[at]))
    return found
