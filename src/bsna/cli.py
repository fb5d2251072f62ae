"""The front door: `bsna` on the command line."""

import http.server
import shutil
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from tqdm import tqdm

from bsna import paths
from bsna.intake.instrument import LANGUAGES, load_questionnaire, write_form
from bsna.intake.plan import load_plan, validate_plan
from bsna.intake.profile import POPULATIONS, list_profiles, load_profile
from bsna.intake.raw import check_delivery, current_delivery, list_deliveries
from bsna.intake.receive import assign_populations, compare_deliveries
from bsna.intake.receive import receive as take_in
from bsna.publishing.book import build_book
from bsna.reports import type_survey
from bsna.running import run_surveys, runnable

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Border security needs assessment: from raw answers to a published recommendation. Start with `bsna book`.",
)
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only.")]


@app.command()
def book(quiet: Quiet = False) -> None:
    """Run every survey that has data and build the web book. Only what changed is redone."""
    start = time.monotonic()
    ids = [p for p in list_profiles() if runnable(load_profile(p))]
    outcome = _run(ids, quiet)
    middle = time.monotonic()
    made = build_book()
    if not quiet:
        print(
            f"{outcome.executed} tasks run, {outcome.unchanged} unchanged; book {'built' if made.is_new else 'unchanged'}."
        )
        took = f"chapters {middle - start:.0f} s, book {time.monotonic() - middle:.0f} s"
        print(f"Open {_shown(made.index)} ({took})")


@app.command()
def run(
    profiles: Annotated[list[str] | None, typer.Argument(help="Surveys to run; see `bsna profiles`.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All surveys that have data.")] = False,
    quiet: Quiet = False,
) -> None:
    """Rerun the chapters of one or more surveys. Only what changed is redone."""
    if everything == bool(profiles):
        raise typer.BadParameter("name one or more surveys, or give --all")
    ids = profiles or [p for p in list_profiles() if runnable(load_profile(p))]
    outcome = _run(list(ids), quiet)
    if not quiet:
        print(f"{outcome.executed} tasks run, {outcome.unchanged} unchanged, {outcome.seconds:.0f} s.")


@app.command()
def profiles() -> None:
    """List the surveys and the state each is in."""
    for profile_id in list_profiles():
        profile = load_profile(profile_id)
        deliveries = list_deliveries(profile_id)
        state = (
            f"{deliveries[-1].id}"
            if deliveries
            else "made at the first run"
            if profile.is_simulated
            else "nothing received"
        )
        done = "run" if (paths.processed(profile_id) / "recommendations").is_dir() else "not run"
        print(f"{profile_id:24} {profile.source:10} {done:8} {state:24} {profile.title['en']}")


@app.command()
def check(profile: Annotated[str, typer.Argument(help="Survey to check.")]) -> None:
    """Check profile, questionnaires, plan and raw files of a survey, without running it."""
    facts = load_profile(profile)
    validate_plan(load_plan(), {name: load_questionnaire(name) for name in POPULATIONS})
    if not list_deliveries(profile):
        print(f"{profile}: profile and plan are sound; nothing has been received yet.")
        return
    check_delivery(profile, current_delivery(profile))
    for population, frame in type_survey(facts).items():
        print(f"{profile}: {population}: {len(frame)} records, every code known")
    print(f"{profile}: profile, questionnaires, plan and raw files are sound.")


@app.command()
def receive(
    profile: Annotated[str, typer.Argument(help="Survey the files belong to.")],
    files: Annotated[list[Path], typer.Argument(help="Delivered files: .csv, .xlsx, .sav or .dta.")],
    population: Annotated[
        str | None, typer.Option(help="Population of a single file, if its name does not say.")
    ] = None,
    received: Annotated[str | None, typer.Option(help="Date of reception, YYYY-MM-DD; today if not given.")] = None,
    origin: Annotated[str, typer.Option(help="Who delivered the files.")] = "delivered by hand",
    licence: Annotated[str, typer.Option(help="What may be done with them.")] = "not stated; keep the files private",
    note: Annotated[str, typer.Option(help="Anything a later reader should know.")] = "",
) -> None:
    """Take in delivered files; they become the current delivery of the survey."""
    facts = load_profile(profile)
    if absent := [str(path) for path in files if not path.is_file()]:
        raise ValueError(f"{', '.join(absent)} does not exist; nothing was received")
    before = list_deliveries(profile)
    day = date.fromisoformat(received) if received else date.today()
    delivery = take_in(
        facts, assign_populations(facts, files, population), received=day, origin=origin, licence=licence, note=note
    )
    print(f"{profile}: delivery {delivery.id} received and current")
    for file in delivery.files:
        print(f"  {file.population}: {file.rows} records, sha256 {file.sha256[:12]}…")
    if before:
        print("Changed since the delivery before:")
        print(compare_deliveries(facts, before[-1], delivery).to_string(index=False))


@app.command()
def form(
    population: Annotated[str, typer.Argument(help=f"One of {', '.join(POPULATIONS)}.")],
    language: Annotated[str, typer.Option(help=f"Language shown first: {', '.join(LANGUAGES)}.")] = "en",
    output: Annotated[Path | None, typer.Option(help="File to write; POPULATION_LANGUAGE.xlsx if not given.")] = None,
) -> None:
    """Write a questionnaire as .xlsx, ready for Kobo or ODK."""
    if population not in POPULATIONS:
        raise typer.BadParameter(f"{population!r} is no population; expected one of {', '.join(POPULATIONS)}")
    own = [p for p in map(load_profile, list_profiles()) if not p.crosswalk]
    print(f"Wrote {write_form(population, language, output or Path(f'{population}_{language}.xlsx'), own)}")


@app.command()
def serve(port: Annotated[int, typer.Option(help="Port on this computer.")] = 8000) -> None:
    """Serve the built book on this computer."""
    site = paths.book("_build", "html")
    if not (site / "index.html").is_file():
        raise ValueError("The book has not been built; run `bsna book` first")
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(site))
    print(f"http://localhost:{port} (stop with Ctrl-C)", flush=True)
    http.server.ThreadingHTTPServer(("127.0.0.1", port), handler).serve_forever()


@app.command()
def clean() -> None:
    """Remove everything that was generated. Deliveries other than simulated ones stay."""
    for folder in (paths.house() / "data" / "processed", paths.book("_build"), paths.house() / ".pytask"):
        shutil.rmtree(folder, ignore_errors=True)
    for profile_id in list_profiles():
        deliveries = list_deliveries(profile_id)
        if load_profile(profile_id).is_simulated and len(deliveries) <= 1:
            shutil.rmtree(paths.raw(profile_id), ignore_errors=True)
    print("Removed what was generated.")


def _run(ids: list[str], quiet: bool) -> Any:
    report: Callable[[str], None]
    if quiet:
        return run_surveys(ids, lambda _: None)
    with tqdm(desc="chapters", unit="", disable=not sys.stderr.isatty(), file=sys.stderr) as bar:

        def report(message: str) -> None:
            bar.update()
            bar.write(message, file=sys.stderr)

        return run_surveys(ids, report)


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def main() -> None:
    """Entry point: an error a user can mend is one message and exit code 1; a bug keeps its traceback."""
    try:
        app()
    except (ValueError, RuntimeError, OSError) as error:
        print(f"bsna: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
