"""Prose in another language: Markdown block by block, from a .po file beside its source, before anything is executed."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import nbformat

from bsna import paths
from bsna.intake.languages import LANGUAGES
from bsna.intake.texts import entries_of

SOURCE = "en"
"""The language in which prose is written; all others are translated from it."""

FOLDER = "locale"
"""Folder beside the source that holds one folder of .po files per language."""

_FENCE = re.compile(r"(`{3,}|:{3,})")
_PROSE = re.compile(r"(`{3,}|:{3,})\{(glossary|admonition|note|margin|tip|warning)\}")
_MARK = re.compile(r"<!--|%|\(\S+\)=$|\$\$")
"""Blocks without prose: comments, labels and formulas that stand alone."""

_VERBATIM = re.compile(r"(`+[^`]*`+|\$[^$]*\$|\]\([^)]*\))")
"""Parts of a block whose spaces are not those of prose: code, formulas, addresses."""

_WORD = re.compile(r"[^\W\d_]{2,}")


def catalog_path(source: Path, language: str) -> Path:
    """Where the translation of a page or notebook stands."""
    return source.parent / FOLDER / language / f"{source.stem}.po"


def languages(source: Path) -> tuple[str, ...]:
    """Languages a page or notebook can be read in: that of its source first, then those it has a .po file for.

    Raises ValueError for one in which the texts of assessment/ cannot be said.
    """
    folder = source.parent / FOLDER
    found = sorted(path.parent.name for path in folder.glob(f"*/{source.stem}.po"))
    if strange := [language for language in found if language not in LANGUAGES]:
        raise ValueError(
            f"{folder} holds translations into {strange}, but {paths.assessment(FOLDER)} has no folder for the texts of "
            f"assessment/; run `bsna messages --language {strange[0]}` and translate those too"
        )
    return (SOURCE, *found)


def translated(text: str, source: Path, language: str) -> str:
    """Markdown in another language, block by block; code, formulas and comments stay as they are.

    Raises ValueError, with the file and every block concerned, for a block that the .po file lacks, has left empty or marks
    as fuzzy, that is, whose source has changed since; and if there is no .po file.
    """
    if language == SOURCE:
        return text
    found = _catalog(source, language)
    path, lacking = catalog_path(source, language), [b for b in translatable(text) if b not in found]
    if lacking:
        shown = "\n".join(f"  {block.splitlines()[0][:90]}" for block in lacking[:10])
        raise ValueError(
            f"{path}: {len(lacking)} blocks of {source.name} have no translation, or an old one, marked fuzzy:\n{shown}\n"
            f"Run `bsna messages --language {language}`, then fill the empty entries and those marked fuzzy"
        )
    return _mapped(text, lambda block: found[block]) + "\n"


def translated_notebook(notebook: Any, source: Path, language: str) -> Any:
    """The same notebook with its Markdown cells in another language; its heading is its title in that language, where its
    metadata give none. Raises as `translated`."""
    if language != SOURCE:
        prose = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
        translated("\n\n".join(cell.source for cell in prose), source, language)  # tells of all cells at once
        for cell in prose:
            cell.source = translated(cell.source, source, language).rstrip("\n")
        titles = notebook.metadata.get("bsna", {}).get("title", {})
        titles.setdefault(language, prose[0].source.splitlines()[0].removeprefix("# ") if prose else "")
    return notebook


def chapter_title(source: Path, language: str) -> str:
    """Title of a chapter, from its notebook and, in a language that its metadata do not have, from its .po file."""
    notebook = nbformat.read(source, as_version=4)
    titles = notebook.metadata["bsna"]["title"]
    known = titles if language in titles else translated_notebook(notebook, source, language).metadata["bsna"]["title"]
    return str(known[language])


def translatable(text: str) -> list[str]:
    """The blocks of a page that are to be translated, each once, in their order."""
    found: list[str] = []
    _mapped(text, lambda block: found.append(block) or block)  # type: ignore[func-returns-value]
    return list(dict.fromkeys(found))


def _catalog(source: Path, language: str) -> dict[str, str]:
    path = catalog_path(source, language)
    if not path.is_file():
        raise ValueError(f"{path} does not exist; run `bsna messages --language {language}` and translate it")
    entries = {block: entry for (_, block), entry in entries_of(path).items() if not entry.is_open}
    return {block: _set(entry.text, language) for block, entry in entries.items()}


def _set(text: str, language: str) -> str:
    """Prose as it is printed in a language: in French, no line breaks before : ; ? ! % » or after «, outside code, formulas
    and the rules of tables."""
    if language != "fr":
        return text
    parts = _VERBATIM.split(text)
    said = [re.sub(r"(?<![\s|]) ([;:?!%»])", "\u00a0\\1", part).replace("« ", "«\u00a0") for part in parts[::2]]
    return "".join(one for pair in zip(said, [*parts[1::2], ""], strict=True) for one in pair)


def _mapped(text: str, say: Callable[[str], str]) -> str:
    """The page with every block of prose said anew. Fences of prose are opened; what else is fenced stays whole."""
    blocks = []
    for block, is_whole in _blocks(text):
        if not is_whole:
            blocks.append(say(block) if _WORD.search(block) and not _MARK.match(block) else block)
        elif _PROSE.match(block):
            blocks.append(_opened(block, say))
        else:
            blocks.append(block)
    return "\n\n".join(blocks)


def _opened(fence: str, say: Callable[[str], str]) -> str:
    """A fence of prose: its title and what is inside are said anew, its options are kept."""
    (head, *inside), tail = fence.split("\n")[:-1], fence.rpartition("\n")[2]
    kind, _, title = head.partition(" ")
    options = list(takewhile(lambda line: line.startswith(":"), inside))
    first = f"{kind} {say(title)}" if title else kind
    body = _mapped("\n".join(inside[len(options) :]), say)
    if kind.endswith("{glossary}"):
        body = "\n\n".join(sorted(body.split("\n\n"), key=_plain))
    return "\n".join([first, *options, body, tail])


def _blocks(text: str) -> Iterator[tuple[str, bool]]:
    """Parts between blank lines; fenced parts and displayed formulas whole, whatever blank lines they hold."""
    block: list[str] = []
    until = ""
    for line in text.strip("\n").split("\n"):
        if until:
            block.append(line)
            if line.strip() == until:
                yield "\n".join(block), True
                block, until = [], ""
            continue
        mark = _FENCE.match(line)
        if (mark or line.strip() == "$$") and not block:
            block, until = [line], mark[1] if mark else "$$"
        elif line.strip():
            block.append(line)
        elif block:
            yield "\n".join(block), False
            block = []
    if block:
        yield "\n".join(block), bool(until)


def _plain(entry: str) -> str:
    letters = unicodedata.normalize("NFKD", entry.split("\n")[0].casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
