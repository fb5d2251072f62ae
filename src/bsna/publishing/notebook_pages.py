"""What a chapter says of itself as a notebook: its parameters, run time and birth certificate, and how to run it again."""

import ast
import csv
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from bsna import paths
from bsna.intake.profile import load_profile
from bsna.publishing.blocks import folded
from bsna.publishing.cards.cells import Source
from bsna.publishing.cards.sentences import made_from
from bsna.publishing.translation import SOURCE
from bsna.publishing.wording import Words

RECORD = "chapters.csv"
"""Below `benchmarks`: how long each chapter took, measured once, since a page must not change with the clock."""

COLUMNS = ("chapter", "survey", "seconds", "cores", "python")


@dataclass(frozen=True)
class Measured:
    """How long one chapter of one survey took: seconds, and on how many cores."""

    seconds: float
    cores: int


def notebook_block(
    words: Words, notebook: Any, certificate: Mapping[str, Any], name: str, links: Sequence[tuple[str, str]] = ()
) -> str:
    """A folded part of a page on one line of HTML. `notebook` is the executed one, `name` its file; `links` are addresses and
    names of files to take away.

    `certificate` is that of the survey; where a chapter is about all surveys, one for each, by id. Raises ValueError for a
    notebook whose parameters are no literals.
    """
    given = parameters_of(notebook, name)
    say = words.say
    shown = "".join(f"<li><code>{escape(f'{key} = {value!r}')}</code></li>" for key, value in given.items())
    commands = "".join(f"<pre><code>{escape(line)}</code></pre>" for line in commands_of(words, name, given))
    files = " · ".join(f'<a href="{escape(at, quote=True)}" download>{escape(label)}</a>' for at, label in links)
    rows = [
        (say("notebook", "parameters"), f"<ul>{shown}</ul>"),
        (say("notebook", "time_label"), escape(_time(words, name))),
        (say("notebook", "again"), commands),
        (say("notebook", "take_away"), files),
    ]
    listed = "".join(f"<dt>{escape(label)}</dt><dd>{html}</dd>" for label, html in rows if html)
    inside = f"<p>{escape(say('notebook', 'code'))}</p><dl>{listed}</dl>{_certificates(words, certificate, name)}"
    return _on_one_line(folded(say("notebook", "head"), inside))


def parameters_of(notebook: Any, name: str) -> dict[str, Any]:
    """Parameters with which a notebook was executed: those declared, with the values that were put in after them.

    Raises ValueError for a value that is no literal.
    """
    given: dict[str, Any] = {}
    for tag in ("parameters", "injected-parameters"):
        for cell in notebook.cells:
            if tag in cell.metadata.get("tags", []):
                for line in ast.parse(cell.source).body:
                    if not isinstance(line, ast.Assign) or not isinstance(line.targets[0], ast.Name):
                        raise ValueError(f"{name}: the cell of parameters holds more than assignments of literals")
                    given[line.targets[0].id] = ast.literal_eval(line.value)
    return given


def commands_of(words: Words, name: str, given: Mapping[str, Any]) -> tuple[str, str]:
    """The two commands that make a page again: the notebook alone, and the survey or all of them."""
    usual = {"language": SOURCE}
    put = [f"-p {key} {shlex.quote(str(value))}" for key, value in given.items() if usual.get(key) != value]
    alone = " ".join(["papermill", shlex.quote(f"notebooks/{name}"), "out.ipynb", *put])
    return alone, f"bsna run {shlex.quote(words.profile.id) if words.profile else '--all'}"


def measured(chapter: str, survey: str) -> Measured | None:
    """How long a chapter took by the record; None if it was not measured for this survey.

    Raises ValueError for a record with other columns, or a number that is none, with its line.
    """
    path = paths.house() / "benchmarks" / RECORD
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise ValueError(f"{RECORD} has the columns {reader.fieldnames}, expected {list(COLUMNS)}; measure it anew")
        for row in reader:
            if (row["chapter"], row["survey"]) == (chapter, survey):
                try:
                    return Measured(float(row["seconds"]), int(row["cores"]))
                except ValueError as error:
                    raise ValueError(f"{RECORD} line {reader.line_num}: {error}; measure it anew") from error
    return None


def _time(words: Words, name: str) -> str:
    found = measured(name.removesuffix(".ipynb"), words.profile.id if words.profile else "")
    if found is None:
        return words.say("notebook", "untimed")
    return words.say("notebook", "time", {"seconds_number": found.seconds, "cores_count": found.cores})


def _certificates(words: Words, certificate: Mapping[str, Any], name: str) -> str:
    """The birth certificate in words, folded; one for each survey where the chapter is about all."""
    if words.profile:
        return _certificate(words, words.say("notebook", "certificate"), certificate, name)
    titles = {survey: load_profile(survey).title[words.language] for survey in certificate}
    return "".join(
        _certificate(words, words.say("notebook", "certificate_of", {"title": titles[survey]}), facts, name)
        for survey, facts in certificate.items()
    )


def _certificate(words: Words, summary: str, facts: Mapping[str, Any], name: str) -> str:
    rows = made_from(words, facts, Source(name, {}, ()))
    return folded(summary, f"<dl>{''.join(f'<dt>{escape(label)}</dt><dd>{html}</dd>' for label, html in rows)}</dl>")


def _on_one_line(html: str) -> str:
    """Markdown takes a block of HTML to end at an empty line, so no text may bring one along."""
    return " ".join(html.split())
