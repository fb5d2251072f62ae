"""The files that the verdicts of a survey are made from, beside its answers."""

from pathlib import Path

from bsna import paths
from bsna.intake.profile import Profile, profile_path
from bsna.provenance import researcher_files
from bsna.running.chapters import list_chapters, modules_used

RESULT = "verdicts"
"""The room whose making is described."""

_SHOWN = "publishing"
"""The storey that only turns results into words, tables and figures: no result depends on it."""


def files_behind(profile: Profile) -> list[Path]:
    """All of them: if none changes, neither does what `ingredients` tells, as long as answers and their cleaning stay."""
    found = [
        profile_path(profile.id),
        *modules_behind().values(),
        *crosswalk_files(profile),
        *simulation_files(profile),
    ]
    found += [path for files in researcher_files(profile.id).values() for path in files]
    return found + [
        p for room in ("plan", "instrument") for p in sorted(paths.assessment(room).rglob("*")) if p.is_file()
    ]


def modules_behind() -> dict[str, Path]:
    """Modules behind verdicts, by name: those of the chapter that writes them and of all chapters it reads from."""
    own = [chapter for chapter in list_chapters() if chapter.scope == "survey"]
    wanted, chapters = [RESULT], []
    for room in wanted:  # grows while it is gone through: a chapter may read what a later one in the book writes
        for chapter in own:
            if chapter not in chapters and room in {_room(name) for name in chapter.writes}:
                chapters.append(chapter)
                wanted += [_room(name) for name in chapter.reads]
    root = Path(__file__).parents[1]
    found = {path.relative_to(root).as_posix(): path for chapter in chapters for path in modules_used(chapter.path)}
    return {name: found[name] for name in sorted(found) if not name.startswith(f"{_SHOWN}/")}


def simulation_files(profile: Profile) -> list[Path]:
    """What a simulated survey is drawn from: its parameters and the modules that draw; none for a delivered one."""
    if not profile.is_simulated:
        return []
    parameters = [paths.assessment("simulation", f"{name}.toml") for name in ("common", profile.id)]
    package = Path(__file__).parents[1] / "simulation"
    return [*(path for path in parameters if path.is_file()), *sorted(package.rglob("*.py"))]


def crosswalk_files(profile: Profile) -> list[Path]:
    """How the files of a foreign survey are read; none for one with our questionnaire."""
    path = paths.assessment("crosswalks", f"{profile.crosswalk}.toml")
    return [path] if profile.crosswalk and path.is_file() else []


def _room(name: str) -> str:
    return name.split("/")[0]
