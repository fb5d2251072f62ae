"""The front door: `bsna` on the command line."""

import io
import shutil
import sys
import time
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from tqdm import tqdm

from bsna import paths
from bsna.intake.profile import LANGUAGES, POPULATIONS, list_profiles, load_profile

# Commands import what they need when they run, so that help, and a run with nothing to do, need not wait for it.

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Border security needs assessment: from raw answers to a published recommendation. Start with `bsna book`.",
)
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only.")]
Only = Annotated[list[str] | None, typer.Option("--only", help="Only this survey; may be given again.")]
Without = Annotated[list[str] | None, typer.Option("--without", help="All but this survey; may be given again.")]


@app.command()
def book(quiet: Quiet = False, only: Only = None, without: Without = None) -> None:
    """Run every survey that has data and build the web book. Only what changed is redone."""
    from bsna.publishing.book import build_book
    from bsna.publishing.gate import check_declared, unlisted_languages

    if only or without:
        return _build_selected(only, without, quiet)
    start = time.monotonic()
    check_declared()
    if (unlisted := unlisted_languages()) and not quiet:
        print(f"Words and numbers of sentences are not checked in {', '.join(unlisted)}: firmness.toml lists none.")
    outcome = _run(_runnable(), quiet)
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
    outcome = _run(list(profiles or _runnable()), quiet)
    if not quiet:
        print(f"{outcome.executed} tasks run, {outcome.unchanged} unchanged, {outcome.seconds:.0f} s.")


@app.command()
def profiles() -> None:
    """List the surveys and the state each is in."""
    broken = []
    for profile_id in list_profiles():
        try:
            print(_state(profile_id))
        except ValueError as error:
            broken.append(f"{profile_id}: {error}")
    if broken:
        raise ValueError("\n".join(broken))


@app.command()
def plan(
    profile: Annotated[str, typer.Argument(help="Survey that is planned.")],
    language: Annotated[str, typer.Option(help=f"Language of the table: {', '.join(LANGUAGES)}.")] = "en",
) -> None:
    """Print what the planned sample of a survey can show of each claim, before fieldwork. Needs no data."""
    from bsna.chapter import vocabulary
    from bsna.intake.plan import load_plan
    from bsna.reports.sample import planned_power

    if language not in LANGUAGES:
        raise typer.BadParameter(f"{language!r} is no language; expected one of {', '.join(LANGUAGES)}")
    words = vocabulary(load_profile(profile), load_plan(), language)
    lines, table = planned_power(words)
    print(words.source, *lines, sep="\n")
    for (_, claim), *cells in (list(row.items()) for row in table.to_dict("records")):
        print(f"\n{claim}", *(f"  {name}: {value}" for name, value in cells), sep="\n")


@app.command()
def check(profile: Annotated[str, typer.Argument(help="Survey to check.")]) -> None:
    """Check profile, questionnaires, plan, raw files, checks and corrections of a survey, without running it."""
    from bsna.chapter import design_of
    from bsna.intake.checks import load_checks
    from bsna.intake.decisions import load_decisions
    from bsna.intake.instrument import load_questionnaire
    from bsna.intake.plan import load_plan, validate_plan
    from bsna.intake.raw import check_delivery, current_delivery, list_deliveries
    from bsna.intake.reading import clean_survey, type_survey
    from bsna.intake.sampling import design_frame
    from bsna.judgement.planned_power import claim_powers, planned_samples

    facts, plan = load_profile(profile), load_plan()
    validate_plan(plan, {name: load_questionnaire(name) for name in POPULATIONS})
    claim_powers(plan, planned_samples(facts))
    load_checks(), load_decisions(profile)
    if not list_deliveries(profile):
        print(f"{profile}: profile, plan, checks and corrections are sound; nothing has been received yet.")
        return
    check_delivery(profile, current_delivery(profile))
    typed = type_survey(facts)
    cleaned = clean_survey(facts, typed)
    for population, frame in cleaned.frames.items():
        kept = design_of(design_frame(frame, facts, population).frame, facts, plan, population).frame
        print(
            f"{profile}: {population}: {len(typed[population])} records, every code known; "
            f"{len(kept)} interviews kept and weighted"
        )
    print(f"{profile}: profile, questionnaires, plan, raw files, checks and corrections are sound.")


@app.command()
def receive(
    profile: Annotated[str, typer.Argument(help="Survey the files belong to.")],
    files: Annotated[list[Path], typer.Argument(help="Delivered files: .csv, .xlsx, .sav or .dta.")],
    population: Annotated[
        str | None, typer.Option(help="Population of a single file, if its name does not say.")
    ] = None,
    received: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Date of reception, YYYY-MM-DD; today if not given.")
    ] = None,
    origin: Annotated[str, typer.Option(help="Who delivered the files.")] = "delivered by hand",
    licence: Annotated[str, typer.Option(help="What may be done with them.")] = "not stated; keep the files private",
    note: Annotated[str, typer.Option(help="Anything a later reader should know.")] = "",
) -> None:
    """Take in delivered files; they become the current delivery of the survey."""
    from bsna.intake.raw import current_delivery, list_deliveries
    from bsna.intake.reading import check_fit
    from bsna.intake.receive import assign_populations, compare_deliveries
    from bsna.intake.receive import receive as take_in

    facts = load_profile(profile)
    if absent := [str(path) for path in files if not path.is_file()]:
        raise ValueError(f"{', '.join(absent)} does not exist or is no file; nothing was received")
    assigned = assign_populations(facts, files, population)
    check_fit(facts, assigned)
    before = current_delivery(profile) if list_deliveries(profile) else None
    day = received.date() if received else date.today()
    delivery = take_in(facts, assigned, received=day, origin=origin, licence=licence, note=note)
    print(f"{profile}: delivery {delivery.id} received and current")
    for file in delivery.files:
        print(f"  {file.population}: {file.rows} records, sha256 {file.sha256[:12]}…")
    if before:
        print("Changed since the delivery before:")
        print(compare_deliveries(facts, before, delivery).to_string(index=False))
    print(f"Next: `bsna check {profile}`, then `bsna run {profile}`.")


@app.command()
def notes(
    profile: Annotated[str, typer.Argument(help="Survey the notes belong to.")],
    file: Annotated[Path, typer.Argument(help="Coded excerpts: .csv, or a REFI-QDA project .qdpx.")],
) -> None:
    """Take in notes of focus groups and interviews; they become those in use, and stay private."""
    from bsna.intake.notes import load_notes, take_in

    facts = load_profile(profile)
    kept = take_in(facts, file)
    found = load_notes(facts)
    sources, coders = ({getattr(note, key) for note in found} for key in ("source_id", "coder"))
    print(
        f"{profile}: notes {kept.name} received and in use: {len(found)} codings, {len(sources)} sources, {len(coders)} coders"
    )
    print(f"Next: `bsna run {profile}`.")


@app.command()
def publish(
    survey: Annotated[str, typer.Argument(help="Survey whose last run is published.")],
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of publication, YYYY-MM-DD; today if not given.")
    ] = None,
    note: Annotated[str, typer.Option(help="What a later reader should know of this edition.")] = "",
) -> None:
    """Make the last run of a survey its published edition, with which later runs are compared."""
    from bsna.provenance import certificate, package_modules
    from bsna.publishing.published import publish as put_in_place
    from bsna.publishing.published import published_path
    from bsna.running.edition import current_edition

    edition = current_edition(load_profile(survey))
    made = put_in_place(
        edition, certificate(survey, package_modules()), on=on.date() if on else date.today(), note=note
    )
    print(f"{survey}: edition of {made.published} published: {len(edition.claims)} claims")
    print(f"Next: commit {_shown(published_path(survey))}; the next run shows it.")


@app.command()
def moved(
    surveys: Annotated[
        list[str] | None, typer.Argument(help="Surveys; all that have been run if none is named.")
    ] = None,
    language: Annotated[str, typer.Option(help=f"Language: {', '.join(LANGUAGES)}.")] = "en",
) -> None:
    """Print what moved since the published edition of surveys, and what differs."""
    from bsna.intake.plan import load_plan
    from bsna.reports.moved import moved_lines
    from bsna.running.edition import read_edition, stale_parts

    if language not in LANGUAGES:
        raise typer.BadParameter(f"{language!r} is no language; expected one of {', '.join(LANGUAGES)}")
    plan, ids = load_plan(), surveys or [name for name in list_profiles() if paths.has_results(name)]
    for number, facts in enumerate(map(load_profile, ids)):
        stale = stale_parts(read_edition(facts.id), facts)
        lines = moved_lines(facts, plan, language, stale)
        print(*([""] if number else []), f"{facts.id}: {facts.title[language]}", *lines, sep="\n")


@app.command()
def form(
    population: Annotated[str, typer.Argument(help=f"One of {', '.join(POPULATIONS)}.")],
    language: Annotated[str, typer.Option(help=f"Language shown first: {', '.join(LANGUAGES)}.")] = "en",
    output: Annotated[Path | None, typer.Option(help="File to write; POPULATION_LANGUAGE.xlsx if not given.")] = None,
) -> None:
    """Write a questionnaire as .xlsx, ready for Kobo or ODK."""
    from bsna.intake.instrument import write_form

    if population not in POPULATIONS:
        raise typer.BadParameter(f"{population!r} is no population; expected one of {', '.join(POPULATIONS)}")
    own = [p for p in map(load_profile, list_profiles()) if not p.crosswalk]
    print(f"Wrote {write_form(population, language, output or Path(f'{population}_{language}.xlsx'), own)}")


@app.command()
def messages(
    language: Annotated[str, typer.Option(help="Language to translate into, as a two-letter code.")],
) -> None:
    """Bring the .po files of a language up to date with prose and with the texts of assessment/; a new language gets its own."""
    from babel import Locale, UnknownLocaleError

    from bsna.publishing.catalogs import update_catalogs
    from bsna.publishing.translation import SOURCE

    try:
        Locale.parse(language)
    except (ValueError, UnknownLocaleError) as error:
        raise typer.BadParameter(f"{language!r} is no language code; expected such as 'fr' or 'pt'") from error
    if language == SOURCE:
        raise typer.BadParameter(f"prose is written in {SOURCE!r}; name a language to translate into")
    for path, (blocks, lacking) in update_catalogs(language).items():
        print(f"{path.relative_to(paths.house()).as_posix()}: {blocks} entries, {lacking} to translate")


@app.command()
def serve(port: Annotated[int, typer.Option(help="Port on this computer.")] = 8000) -> None:
    """Serve the built book on this computer."""
    site = paths.book("_build", "html")
    if not (site / "index.html").is_file():
        raise ValueError("The book has not been built; run `bsna book` first")
    from bsna.publishing.serving import server_of

    try:
        server = server_of(site, port)
    except OSError as error:
        raise ValueError(
            f"Port {port} of this computer cannot be used ({error}); choose another with --port"
        ) from error
    print(f"http://localhost:{port} (stop with Ctrl-C)", flush=True)
    server.serve_forever()


@app.command()
def clean() -> None:
    """Remove everything that was generated. Deliveries other than simulated ones stay."""
    from bsna.intake.raw import list_deliveries

    for folder in (paths.house() / "data" / "processed", paths.book("_build"), paths.house() / ".pytask"):
        shutil.rmtree(folder, ignore_errors=True)
    for profile_id in list_profiles():
        deliveries = list_deliveries(profile_id)
        if load_profile(profile_id).is_simulated and len(deliveries) <= 1:
            shutil.rmtree(paths.raw(profile_id), ignore_errors=True)
    print("Removed what was generated.")


@app.command()
def trace(
    key: Annotated[
        str, typer.Argument(help="Key of a number, as on its card; with --list a survey, or survey/chapter.")
    ],
    is_list: Annotated[bool, typer.Option("--list", help="List the keys of a survey or chapter.")] = False,
) -> None:
    """Print how a published number was made, and the way back to the raw rows; never anybody's answers."""
    from bsna.reports.trace import list_keys, trace_lines

    print(*(list_keys(key) if is_list else trace_lines(key)), sep="\n")


@app.command()
def verify(
    site: Annotated[Path, typer.Argument(help="Folder of a site that `bsna book` built.")],
    only: Only = None,
    without: Without = None,
) -> None:
    """Build the site anew from the same inputs and compare every file, byte by byte. Exit code 1 if any differs."""
    from bsna.publishing.rebuilding import rebuilt
    from bsna.publishing.selection import chosen
    from bsna.publishing.verifying import compare_sites, site_files

    count = len(site_files(site))
    with rebuilt(chosen(_declared(), only or (), without or ())) as anew:
        differences = compare_sites(site, anew)
    if differences:
        print(*differences, sep="\n")
        print(f"{len(differences)} of the files of both sites differ.")
        raise typer.Exit(1)
    print(f"{count} files the same.")


def _build_selected(only: list[str] | None, without: list[str] | None, quiet: bool) -> None:
    """Build a book of some surveys, in which the others are not known; the book of all stays as it is."""
    from bsna.publishing.rebuilding import rebuilt
    from bsna.publishing.selection import chosen

    declared, target = _declared(), paths.book("_build", "selected")
    surveys = chosen(declared, only or (), without or ())
    with rebuilt(surveys) as made:
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(made, target)
    if not quiet:
        shown = [name for name in surveys if declared[name]]
        print(f"Book of {', '.join(shown)} built. Open {_shown(target / 'index.html')}")


def _runnable() -> list[str]:
    return [name for name, has_data in _declared().items() if has_data]


def _declared() -> dict[str, bool]:
    """Whether each survey has data, or can make them."""
    from bsna.running import runnable

    return {name: runnable(load_profile(name)) for name in list_profiles()}


def _run(ids: list[str], quiet: bool) -> Any:
    from bsna.running import run_surveys

    if quiet:
        return run_surveys(ids, lambda _: None)
    with tqdm(unit="task", disable=not sys.stderr.isatty(), file=sys.stderr) as bar:

        def report(message: str) -> None:
            bar.update()
            bar.write(message, file=sys.stderr)

        return run_surveys(ids, report, begin=bar.reset)


def _state(profile_id: str) -> str:
    """One line on a survey: what it is, what was received, whether it was run."""
    from bsna.intake.raw import current_delivery, list_deliveries

    profile = load_profile(profile_id)
    nothing = "made at the first run" if profile.is_simulated else "nothing received"
    state = current_delivery(profile_id).id if list_deliveries(profile_id) else nothing
    done = "run" if paths.has_results(profile_id) else "not run"
    return f"{profile_id:24} {profile.source:10} {done:8} {state:24} {profile.title['en']}"


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def main() -> None:
    """Entry point: an error a user can mend is one message and exit code 1; a bug keeps its traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that cannot show a letter stops nothing
    try:
        app()
    except (ValueError, RuntimeError, OSError) as error:
        print(f"bsna: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
