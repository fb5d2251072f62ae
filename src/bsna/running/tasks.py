"""Tasks of a run, on pytask: what changed is found by content, what is ready runs in parallel."""

import contextlib
import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytask
import pytask_parallel.execute as engine
from pytask import ExitCode, PythonNode, TaskOutcome, task

from bsna import paths
from bsna.intake.notes import notes_file
from bsna.intake.profile import Profile, list_profiles, load_profile
from bsna.intake.raw import check_delivery, current_delivery, list_deliveries
from bsna.kernels import nursery
from bsna.provenance import certificate, computing_versions, digest
from bsna.publishing.translation import SOURCE, catalog_path, languages
from bsna.running.chapters import (
    Chapter,
    list_chapters,
    modules_used,
    notebook_file,
    products,
    room_files,
    written_files,
)
from bsna.running.sources import files_behind

ALL = "countries"
"""Folder in data/processed of what is about all surveys together."""


@dataclass(frozen=True)
class Outcome:
    """What a run did: tasks executed and unchanged, and seconds."""

    executed: int
    unchanged: int
    seconds: float


def runnable(profile: Profile) -> bool:
    """Whether a survey can be run: it is simulated, or something has been received."""
    return profile.is_simulated or bool(list_deliveries(profile.id))


def run_surveys(
    profile_ids: Sequence[str],
    report: Callable[[str], None],
    workers: int | None = None,
    begin: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Run the chapters of surveys, and the comparison of all surveys that have results.

    Only what changed is redone. `begin` is told how many tasks there may be, `report` of each that was done. Raises ValueError for a survey without data, RuntimeError listing what failed; results
    of earlier runs stay, and the next run does the rest.
    """
    start = time.monotonic()
    profiles = [load_profile(profile_id) for profile_id in profile_ids]
    for profile in profiles:
        if not profile.is_simulated or list_deliveries(profile.id):
            check_delivery(profile.id, current_delivery(profile.id))
    tasks = [made for profile in profiles for made in _survey_tasks(profile, report)]
    others = [load_profile(p) for p in list_profiles() if p not in profile_ids]
    done = [p for p in others if paths.has_results(p.id)]
    tasks += _comparison_tasks([*profiles, *done], report)
    begin(len(tasks))
    with nursery(), _watchful(), contextlib.redirect_stdout(io.StringIO()):
        session = pytask.build(
            tasks=tasks,
            paths=(_state(),),
            n_workers=workers or max(os.cpu_count() or 1, 1),
            parallel_backend="threads",
            verbose=0,
            capture="no",
            show_errors_immediately=False,
            max_failures=3,
        )
    _raise_failures(session)
    outcomes = [str(r.outcome) for r in session.execution_reports]
    executed = sum("SUCCESS" in outcome for outcome in outcomes)
    return Outcome(executed, len(outcomes) - executed, time.monotonic() - start)


@contextlib.contextmanager
def _watchful() -> Iterator[None]:
    """Have the engine look for finished tasks a hundred times a second. By itself it sleeps up to a second at a time, and so do its
    workers, whose tasks take three."""
    usual = engine._Sleeper
    engine._Sleeper = partial(usual, timings=[0.01])  # type: ignore[misc, assignment]
    try:
        yield
    finally:
        engine._Sleeper = usual  # type: ignore[misc]


def _state() -> Path:
    """Folder where pytask remembers what it has seen: it belongs to the house, wherever the run is started."""
    folder = paths.house() / ".pytask"
    folder.mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text("[tool.pytask.ini_options]\n", encoding="utf-8")
    return folder


def _raise_failures(session: Any) -> None:
    failed = [r for r in session.execution_reports if r.exc_info and r.outcome == TaskOutcome.FAIL]
    if failed:
        raise RuntimeError("; ".join(dict.fromkeys(_told(r.task.name, r.exc_info[1]) for r in failed)))
    if session.exit_code != ExitCode.OK:
        raise RuntimeError(f"The run ended with {session.exit_code.name}")


def _told(task_name: str, error: BaseException) -> str:
    """What failed, in the words of those errors that name it; else under the name of the task."""
    return str(error) if isinstance(error, RuntimeError | ValueError) else f"{task_name}: {error}"


def _survey_tasks(profile: Profile, report: Callable[[str], None]) -> list[Any]:
    """Tasks of one survey; chapters for which others wait come first."""
    made = [_delivery_task(profile, report)] if profile.is_simulated else []
    own = [c for c in list_chapters() if c.scope == "survey"]
    wanted = {room for chapter in own for room in chapter.reads}
    for chapter in own:
        one = _chapter_task(chapter, profile, report)
        made.append(pytask.mark.try_first(one) if wanted & set(chapter.writes) else one)
        made += [_retelling_task(chapter, profile, language, report) for language in languages(chapter.path)[1:]]
    spoken = languages(paths.book("index.md"))
    return [*made, _edition_task(profile), *(_takeaway_task(profile, language, report) for language in spoken)]


def _delivery_task(profile: Profile, report: Callable[[str], None]) -> Any:
    declared = [*_files("instrument"), *_parameter_files(profile), _profile_file(profile)]

    @task(
        name=f"simulate {profile.id}",
        id=f"simulate-{profile.id}",
        kwargs={"declared": _content(profile.id, declared), "produces": paths.raw(profile.id) / "SOURCE.toml"},
    )
    def simulate_survey(declared: str, produces: Path) -> None:
        from bsna.simulation import deliver_simulated  # a run with nothing to do need not wait for it

        deliver_simulated(profile)
        report(f"{profile.id}: simulated survey in place")

    return simulate_survey


def _edition_task(profile: Profile) -> Any:
    """What the run said, put together as it would be published, for the chapter on what moved."""
    rooms = ("raw", "typed", "cleaned", "verdicts", "recommendations")

    @task(
        name=f"edition {profile.id}",
        id=f"edition-{profile.id}",
        kwargs={
            "declared": _content(f"edition-{profile.id}", files_behind(profile)),
            "rooms": [path for room in rooms for path in room_files(room, profile)],
            "produces": room_files("moved", profile),
        },
    )
    def put_together(declared: str, rooms: list[Path], produces: list[Path]) -> None:
        from bsna.running.edition import write_edition  # a run with nothing to do need not wait for it

        write_edition(profile)

    return put_together


def _chapter_task(chapter: Chapter, profile: Profile, report: Callable[[str], None]) -> Any:
    target = notebook_file(profile.id, chapter, SOURCE)

    @task(
        name=f"{chapter.path.stem} {profile.id}",
        id=f"{profile.id}-{chapter.id}",
        kwargs={
            "declared": _content(f"{profile.id}-{chapter.id}", _behind_chapter(chapter, profile)),
            "rooms": [path for room in chapter.reads for path in room_files(room, profile)],
            "produces": [*_made(chapter, profile), *products(chapter, profile)],
        },
    )
    def run_chapter(declared: str, rooms: list[Path], produces: list[Path]) -> None:
        from bsna.running.execution import execute, write_certificate

        started = time.monotonic()
        execute(chapter.path, target, {"profile": profile.id, "language": SOURCE})
        write_certificate(target.with_suffix(".certificate.json"), certificate(profile.id, modules_used(chapter.path)))
        report(f"{profile.id}: {chapter.path.stem} ({time.monotonic() - started:.1f} s)")

    return run_chapter


def _retelling_task(chapter: Chapter, profile: Profile, language: str, report: Callable[[str], None]) -> Any:
    """The same chapter in another language, after it was run in the first: it must come to the same results."""
    target = notebook_file(profile.id, chapter, language)
    declared = [*_behind_chapter(chapter, profile), catalog_path(chapter.path, language)]

    @task(
        name=f"{chapter.path.stem} {profile.id} {language}",
        id=f"{profile.id}-{chapter.id}-{language}",
        kwargs={
            "declared": _content(f"{profile.id}-{chapter.id}-{language}", declared),
            "rooms": [path for room in chapter.reads for path in room_files(room, profile)],
            "results": [*_made(chapter, profile), *products(chapter, profile)],
            "produces": [target, *written_files(chapter, profile, language)],
        },
    )
    def tell_again(declared: str, rooms: list[Path], results: list[Path], produces: list[Path]) -> None:
        from bsna.running.execution import execute

        started, before = time.monotonic(), digest(results)
        execute(chapter.path, target, {"profile": profile.id, "language": language})
        if digest(results) != before:
            target.unlink()
            raise RuntimeError(
                f"{chapter.path.name} {profile.id}: results in language {language!r} are not those in {SOURCE!r}: {results}"
            )
        report(f"{profile.id}: {chapter.path.stem}, {language} ({time.monotonic() - started:.1f} s)")

    return tell_again


def _takeaway_task(profile: Profile, language: str, report: Callable[[str], None]) -> Any:
    """What is made of all chapters of a survey in one language: cards of its numbers, and what a reader takes away; the second in
    a process of its own, since it computes."""
    from bsna.publishing import takeaway
    from bsna.reports import cards

    own = [c for c in list_chapters() if c.scope == "survey"]
    name = f"takeaway-{profile.id}-{language}"
    room = paths.told(profile.id, language) / "downloads"
    modules = modules_used(Path(takeaway.__file__)) | modules_used(Path(cards.__file__)) | {Path(cards.__file__)}
    declared = [*modules, *_files("plan", "instrument", "locale"), _profile_file(profile), *_own_files(profile)]

    @task(
        name=f"takeaway {profile.id} {language}",
        id=name,
        kwargs={
            "declared": _content(name, declared),
            "rooms": [
                path for r in ("estimates", "results", "verdicts", "recommendations") for path in room_files(r, profile)
            ],
            "told": [
                *(notebook_file(profile.id, chapter, language) for chapter in own),
                *(path for chapter in own for path in _made(chapter, profile)),
            ],
            "produces": [room / "estimates.xlsx", room / "report.pdf"],
        },
    )
    def write_takeaway(declared: str, rooms: list[Path], told: list[Path], produces: list[Path]) -> None:
        started = time.monotonic()
        cards.write_cards(profile.id, language)
        command = [sys.executable, "-m", "bsna.publishing.takeaway", profile.id, language]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"{name} failed")
        report(f"{profile.id}: to take away, {language} ({time.monotonic() - started:.1f} s)")

    return write_takeaway


def _made(chapter: Chapter, profile: Profile) -> list[Path]:
    """The executed notebook of a chapter in the language of the source, and its birth certificate."""
    notebook = notebook_file(profile.id, chapter, SOURCE)
    return [notebook, notebook.with_suffix(".certificate.json")]


def _behind_chapter(chapter: Chapter, profile: Profile) -> list[Path]:
    """All that is declared or written in code and may change what a chapter says of a survey."""
    declared = [chapter.path, _profile_file(profile), *modules_used(chapter.path)]
    return [
        *declared,
        *_files("plan", "instrument", "checks", "locale"),
        *_own_files(profile),
        *_published_files(chapter, profile),
    ]


def _comparison_tasks(profiles: Sequence[Profile], report: Callable[[str], None]) -> list[Any]:
    return [
        _comparison_task(c, profiles, language, report)
        for c in list_chapters()
        if c.scope == "all"
        for language in languages(c.path)
    ]


def _comparison_task(
    chapter: Chapter, profiles: Sequence[Profile], language: str, report: Callable[[str], None]
) -> Any:
    from bsna.reports import cards

    target, name = notebook_file(ALL, chapter, language), f"all-{chapter.id}-{language}"
    modules = modules_used(chapter.path) | modules_used(Path(cards.__file__)) | {Path(cards.__file__)}
    declared = [chapter.path, *modules, *_files("plan", "instrument", "locale")]
    declared += [_profile_file(p) for p in profiles]
    declared += [] if language == SOURCE else [catalog_path(chapter.path, language)]

    @task(
        name=f"{chapter.path.stem} {language}",
        id=name,
        kwargs={
            "declared": _content(name, declared),
            "rooms": [path for p in profiles for room in chapter.reads for path in room_files(room, p)],
            "produces": [target, cards.comparison_page(language)],
        },
    )
    def compare_surveys(declared: str, rooms: list[Path], produces: list[Path]) -> None:
        from bsna.running.execution import execute, write_certificate

        execute(chapter.path, target, {"language": language})
        facts = {profile.id: certificate(profile.id, modules_used(chapter.path)) for profile in profiles}
        cards.write_comparison_cards(language, facts)
        if language == SOURCE:
            write_certificate(target.with_suffix(".certificate.json"), facts)
        report(f"{chapter.path.stem}, {language}")

    return compare_surveys


def _content(task_id: str, files: list[Path]) -> PythonNode:
    """All that is declared rather than computed, as one thing that changes when any of its files or a library does."""
    libraries = " ".join(f"{name} {version}" for name, version in computing_versions().items())
    return PythonNode(name=f"declared-{task_id}", value=f"{digest(files)} {libraries}", hash=True)


def _files(*rooms: str) -> list[Path]:
    return [p for room in rooms for p in sorted(paths.assessment(room).rglob("*")) if p.is_file()]


def _own_files(profile: Profile) -> list[Path]:
    """What a researcher edits for this survey alone."""
    candidates = [paths.assessment("corrections", f"{profile.id}.csv")]
    if profile.crosswalk:
        candidates.append(paths.assessment("crosswalks", f"{profile.crosswalk}.toml"))
    if profile.geography:
        candidates.append(paths.assessment("geography", profile.geography.file))
    candidates += [path for path in (notes_file(profile),) if path]
    return [path for path in candidates if path.is_file()]


def _published_files(chapter: Chapter, profile: Profile) -> list[Path]:
    """The published edition, for a chapter that reads it; there may be none."""
    path = paths.assessment("published", f"{profile.id}.json")
    return [path] if "published" in chapter.reads and path.is_file() else []


def _parameter_files(profile: Profile) -> list[Path]:
    return [paths.assessment("simulation", f"{name}.toml") for name in ("common", profile.id)]


def _profile_file(profile: Profile) -> Path:
    return paths.assessment("profiles", f"{profile.id}.toml")
