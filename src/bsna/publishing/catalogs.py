"""The .po files of a language, brought up to date with prose and with the texts of assessment/."""

import json
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import polib

from bsna import paths
from bsna.intake.languages import BESIDE
from bsna.intake.sheets import source_facts, source_rows
from bsna.intake.texts import Place, catalog_of, entries_of, fact_texts, row_texts, text_files
from bsna.publishing.translation import catalog_path, translatable

_ALIKE = 0.7
"""Likeness (difflib: twice the letters in common over all letters) from which a block is an old one that changed."""


def update_catalog(texts: Sequence[str], source: Path, language: str) -> tuple[int, int]:
    """Bring the .po file of a page or notebook up to date with its Markdown: new blocks come in empty, blocks that changed
    a little keep their translation marked fuzzy, those that went are kept as obsolete. Returns how many blocks there are and
    how many still need a translator."""
    blocks = dict.fromkeys(block for text in texts for block in translatable(text))
    return _update(catalog_path(source, language), [polib.POEntry(msgid=block) for block in blocks], language)


def update_texts(source: Path, language: str) -> tuple[int, int] | None:
    """The same for the texts of a file of assessment/, each once with the places where it stands; None if it has none.

    An entry that a translator added with a place as context, since one English text needs two translations, stays as long
    as that place says the same.
    """
    texts = _texts(source)
    path = catalog_of(source, language)
    entries = [polib.POEntry(msgid=text, occurrences=_named(source, places)) for text, places in texts.items()]
    for place, text in entries_of(path):
        if place is not None and place in texts.get(text, ()):
            entries.append(polib.POEntry(msgid=text, msgctxt=place, occurrences=_named(source, [place])))
    return _update(path, entries, language) if texts else None


def update_catalogs(language: str) -> dict[Path, tuple[int, int]]:
    """Bring all .po files of a language up to date with the pages and notebooks of the house, and with the texts of
    assessment/ unless they stand there in this language; how many blocks or texts each holds, and how many of them still
    need a translator. Raises ValueError for two files of assessment/ whose texts would stand in one .po file."""
    texts: dict[Path, list[str]] = {
        page: [page.read_text(encoding="utf-8")] for page in sorted(paths.book().glob("*.md"))
    }
    for path in sorted(paths.notebooks().glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts[path] = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    made = {catalog_path(source, language): update_catalog(text, source, language) for source, text in texts.items()}
    for source in text_files() if language not in BESIDE else ():
        if catalog_of(source, language) in made:
            raise ValueError(
                f"{source} has the name of another file beside it; rename one, their translations share a file"
            )
        if (counts := update_texts(source, language)) is not None:
            made[catalog_of(source, language)] = counts
    return made


def _texts(source: Path) -> dict[str, list[str]]:
    """The places of every English text of a file; blank ones need no translation."""
    found: list[Place] = []
    if source.suffix == ".toml":
        found += fact_texts(source_facts(source))
    else:
        found += row_texts([row for _, row in source_rows(source)])
    texts: dict[str, list[str]] = {}
    for place, text in found:
        if text.strip() and place not in texts.setdefault(text, []):
            texts[text].append(place)
    return texts


def _named(source: Path, places: Sequence[str]) -> list[tuple[str, str]]:
    return [(source.relative_to(paths.house()).as_posix(), place) for place in places]


def _update(path: Path, entries: Sequence[polib.POEntry], language: str) -> tuple[int, int]:
    template = polib.POFile(wrapwidth=0)
    template.extend(entries)
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog = polib.pofile(str(path), wrapwidth=0) if path.is_file() else polib.POFile(wrapwidth=0)
    catalog.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Language": language}
    changed = _changed(catalog, template)
    catalog.merge(template)
    for entry in catalog:
        if entry.msgid in changed:
            entry.msgstr, entry.previous_msgid = changed[entry.msgid].msgstr, changed[entry.msgid].msgid
            entry.flags.append("fuzzy")
    order = {(entry.msgctxt, entry.msgid): place for place, entry in enumerate(template)}
    catalog.sort(key=lambda entry: order.get((entry.msgctxt, entry.msgid), len(order)))
    catalog.save(str(path))
    return len(order), len(order) - len(catalog.translated_entries())


def _changed(catalog: polib.POFile, template: polib.POFile) -> dict[str, polib.POEntry]:
    """New blocks that are much like one that went, which has a translation: the entry of the latter."""
    wanted, held = {entry.msgid for entry in template}, {entry.msgid for entry in catalog}
    gone = {entry.msgid: entry for entry in catalog if entry.msgid not in wanted and entry.msgstr and not entry.fuzzy}
    likest = {
        entry.msgid: get_close_matches(entry.msgid, gone, 1, _ALIKE) for entry in template if entry.msgid not in held
    }
    return {block: gone[found[0]] for block, found in likest.items() if found}
