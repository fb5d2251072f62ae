"""Languages of all texts of assessment/: English and French stand beside each other, any further one in .po files."""

import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from bsna import paths

BESIDE = {"en": "English (en)", "fr": "Français (fr)"}
"""Languages that stand beside each other in a source, with their names in questionnaires. Others are translated from the first."""

FOLDER = "locale"
"""Folder below assessment/ that holds one folder of .po files for each further language."""


class _Languages(Mapping[str, str]):
    """Asked of the house at each use, as `paths` is."""

    def __iter__(self) -> Iterator[str]:
        return iter((*BESIDE, *_further()))

    def __len__(self) -> int:
        return len(BESIDE) + len(_further())

    def __contains__(self, language: object) -> bool:
        return language in BESIDE or language in _further()

    def __getitem__(self, language: str) -> str:
        if language in BESIDE:
            return BESIDE[language]
        if language not in _further():
            raise KeyError(language)
        return _name(language)


LANGUAGES: Mapping[str, str] = _Languages()
"""Languages of every text, with their names in questionnaires: English, French, and those with a folder below assessment/locale."""


def further_languages() -> tuple[str, ...]:
    """Languages that stand in .po files only. Raises ValueError for a folder of one that stands in the sources."""
    found = _further()
    if (folder := paths.assessment(FOLDER)).is_dir() and (twice := sorted(BESIDE.keys() & set(os.listdir(folder)))):
        raise ValueError(f"{folder} holds {twice}, whose texts stand in the files of assessment/ themselves; remove it")
    return found


def _further() -> tuple[str, ...]:
    try:
        with os.scandir(_home(os.environ.get(paths.HOUSE_VARIABLE))) as found:
            names = [one.name for one in found if one.is_dir() and not one.name.startswith(".")]
    except FileNotFoundError:
        return ()
    return tuple(sorted(set(names) - BESIDE.keys()))


@lru_cache(maxsize=64)
def _home(declared: str | None) -> Path:
    """Kept by what is declared, since languages are asked for at every text."""
    return paths.assessment(FOLDER)


@lru_cache(maxsize=64)
def _name(language: str) -> str:
    from babel import Locale, UnknownLocaleError  # a run that writes no form need not wait for it

    try:
        name = str(Locale.parse(language).get_display_name(language))
    except (ValueError, UnknownLocaleError) as error:
        raise ValueError(f"assessment/{FOLDER}/{language} is no code of a language; expected such as 'es'") from error
    return f"{name[:1].upper()}{name[1:]} ({language})"
