"""The page on which a reader chooses numbers: a form over the estimates that are released already, and its data as a script."""

import json
from collections.abc import Sequence
from html import escape
from typing import Any

from babel.numbers import get_decimal_symbol, get_group_symbol

from bsna.chapter import banner_html, vocabulary
from bsna.intake.plan import Plan, load_plan
from bsna.intake.profile import LANGUAGES, Profile
from bsna.publishing.blocks import items
from bsna.publishing.contents import EXPLORER, FIRST
from bsna.publishing.explore_cells import explore_cells
from bsna.publishing.translation import SOURCE
from bsna.publishing.wording import Words
from bsna.publishing.written import fenced, plain_markdown

PAGE, FOLDER = EXPLORER, "_static/explore"
"""Name of the page at the root of a language, and of the folder of its data at the root of the book."""

GLOBAL = "bsnaExplore"
"""Where the scripts of data put what they hold, by survey."""

SAID = (
    *(
        "surveys",
        "of",
        "search",
        "found",
        "measure",
        "by",
        "only",
        "every",
        "level",
        "download",
    ),
    *("loading", "failed", "none", "no_cells", "apart", "caution", "comparison", "shown", "caption"),
)
"""Sentences of the form, which its script fills."""

WORDS = ("estimate", "interval", "people", "status", "withheld", "imprecise", "interval_note")
"""Words beside its numbers."""


def explore_data(profile: Profile) -> str:
    """The released estimates of a survey as a script that a browser loads from a file or a server, the same for all
    languages.

    Only rows that chapters show are in it; of a row that is withheld no number is. Raises ValueError for a survey without
    estimates. Shape: see `explore_cells`.
    """
    plan = load_plan()
    vocabularies = {language: vocabulary(profile, plan, language) for language in LANGUAGES}
    facts = {
        "languages": list(LANGUAGES),
        "name": [profile.name[language] for language in LANGUAGES],  # type: ignore[index]
        "source": [vocabularies[language].source for language in LANGUAGES],
    }
    made = json.dumps(facts | explore_cells(profile, vocabularies), ensure_ascii=True, separators=(",", ":"))
    made = made.replace("<", "\\u003c")
    return f"window.{GLOBAL}=window.{GLOBAL}||{{}};\nwindow.{GLOBAL}[{json.dumps(profile.id)}]={made};\n"


def explore_page(profiles: Sequence[Profile], language: str) -> str:
    """The page in one language, as Markdown: what simulated surveys are, the form, and what a reader without script can do.

    The data of each survey (`explore_data`) are to stand once, as `<survey>.js` in `FOLDER` at the root of the book.
    """
    plan = load_plan()
    words = vocabulary(None, plan, language)
    form = (
        f'<div id="explore" hidden data-words="{_attribute(_texts(words))}" '
        f'data-surveys="{_attribute([_survey(profile, language) for profile in profiles])}"></div>'
    )
    plainly = "".join(f"<p>{escape(words.say('explore', key))}</p>" for key in ("lead", "rule"))
    parts = [
        banner_html(words),
        plainly,
        form,
        f'<div id="explore-plain">{_without_script(profiles, plan, words)}</div>',
    ]
    return f"# {plain_markdown(words.say('explore', 'title'))}\n\n{fenced(''.join(parts))}\n"


def _texts(words: Words) -> dict[str, Any]:
    """Words, sentences and formats, for a script that knows none."""
    names = ("found", "total", "survey", "surveys", "measure", "group")
    gaps = {name: f"{{{name}}}" for name in names}
    said = {key: words.say("explore", key, gaps) for key in SAID} | {key: words.word(key) for key in WORDS}
    said |= {key: words.say("countries", key) for key in ("simulated", "delivered")} | {"mark": words.word("simulated")}
    locale = words.language
    return said | {
        "banner": words.say("banner", "simulated"),
        "alt": words.say("alt", "intervals", {"rows_series": ["{rows}"]}),
        "row": words.say("alt", "row", {"name": "{name}", "value": "{value}"}),
        "percent": words.share(0.0).replace("0", "{n}"),
        "span": words.span(0.0, 0.01, "share").replace("0", "{low}").replace("1", "{high}"),
        "decimal": get_decimal_symbol(locale),
        "thousands": get_group_symbol(locale),
        "separator": words.word("separator"),
        "language": list(LANGUAGES).index(locale),
    }


def _survey(profile: Profile, language: str) -> dict[str, Any]:
    folder = FOLDER if language == SOURCE else f"../{FOLDER}"
    return {
        "id": profile.id,
        "name": profile.name[language],  # type: ignore[index]
        "source": profile.source,
        "file": f"{folder}/{profile.id}.js",
    }


def _without_script(profiles: Sequence[Profile], plan: Plan, words: Words) -> str:
    """Where the same numbers stand: chapters and files, survey by survey."""
    lines = []
    for profile in profiles:
        here = f"_static/downloads/{profile.id}"
        root = here if words.language == SOURCE else f"../{here}"
        links = [
            (f"{profile.id}/{FIRST[0]}.html", words.say("explore", "chapters")),
            (f"{here}/estimates.xlsx", words.say("take_away", "xlsx")),
            (f"{root}/estimates.csv", words.say("take_away", "csv")),
        ]
        name = vocabulary(profile, plan, words.language).source
        lines.append(f"{escape(name)}: " + " · ".join(f'<a href="{href}">{escape(text)}</a>' for href, text in links))
    return f"<p>{escape(words.say('explore', 'plain'))}</p>{items(lines, 'facts')}"


def _attribute(value: Any) -> str:
    return escape(json.dumps(value, ensure_ascii=False, separators=(",", ":")), quote=True)
