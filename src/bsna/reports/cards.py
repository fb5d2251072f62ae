"""The pages of cards of a survey, made of its results as they stand."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bsna import paths, shelf
from bsna.chapter import banner_html, vocabulary
from bsna.drafts import drafted
from bsna.estimation import records
from bsna.intake.crosswalk import load_crosswalk
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.publishing.cards.cells import Source, chapter_sources
from bsna.publishing.cards.claim_results import verdict_results
from bsna.publishing.cards.comparison_results import COMPARED
from bsna.publishing.cards.keys import check_keys, keyed
from bsna.publishing.cards.pages import Cards, card_html
from bsna.publishing.cards.rerun_results import ROBUSTNESS, rerun_results
from bsna.publishing.cards.results import Result, read_result
from bsna.publishing.cards.round_results import published_results
from bsna.publishing.cards.rows import FINDINGS, RECOMMENDATIONS
from bsna.reports.findings import read_verdicts
from bsna.reports.robustness import read_standings


def card_chapters(survey: str) -> tuple[str, ...]:
    """Chapters of a survey that have a page of cards, in reading order: all that were run."""
    return tuple(name for name, source in chapter_sources().items() if _certificate(survey, source) is not None)


def write_cards(survey: str, language: str) -> None:
    """Write the pages of cards of all chapters of a survey into its room of what is read in a language."""
    for chapter in card_chapters(survey):
        path = paths.told(survey, language) / "cards" / f"{chapter}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        with drafted(path) as draft:
            draft.write_text(card_page(survey, chapter, language), encoding="utf-8")


def write_comparison_cards(language: str, certificates: Mapping[str, Mapping[str, Any]]) -> None:
    """Write the page of cards of the chapter about all surveys. `certificates` are the birth certificates by survey."""
    path = comparison_page(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    words = vocabulary(None, load_plan(), language)
    cards = Cards(words, COMPARED, comparison_source(), certificates, (), None, comparison_results())
    with drafted(path) as draft:
        draft.write_text(card_html(cards, banner_html(words)), encoding="utf-8")


def comparison_page(language: str) -> Path:
    """Where the page of cards of the chapter about all surveys is written."""
    return paths.told(COMPARED, language) / "cards" / f"{COMPARED}.html"


def comparison_source() -> Source:
    """The notebook of the chapter about all surveys."""
    return chapter_sources("all")[COMPARED]


def comparison_results() -> tuple[Result, ...]:
    """Results of the chapter about all surveys: comparisons, then rounds."""
    return (*_kept(COMPARED, "differences"), *_kept(COMPARED, "rounds"))


def card_page(survey: str, chapter: str, language: str) -> str:
    """The page of cards of one chapter, a whole HTML document for `<survey>/cards/<chapter>.html` (`keys.card_file`).

    Raises ValueError, with what to do, for a chapter that is not there or was not run, and for two rows with one key.
    """
    profile = load_profile(survey)
    words = vocabulary(profile, load_plan(), language)
    source, certificate = chapter_source(survey, chapter)
    crosswalk = load_crosswalk(profile.crosswalk) if profile.crosswalk else None
    rows = tuple(filter(_is_shown, chapter_rows(survey, chapter)))
    results = chapter_results(survey, chapter)
    return card_html(Cards(words, chapter, source, certificate, rows, crosswalk, results), banner_html(words))


def chapter_source(survey: str, chapter: str) -> tuple[Source, dict[str, Any]]:
    """The notebook of a chapter and the birth certificate of its last run. Errors as in `card_page`."""
    sources = chapter_sources()
    if chapter not in sources:
        raise ValueError(f"There is no chapter {chapter!r} about one survey; there are {', '.join(sources)}")
    certificate = _certificate(survey, sources[chapter])
    if certificate is None:
        raise ValueError(f"{sources[chapter].file} has not been run for {survey}; run `bsna run {survey}` first")
    return sources[chapter], certificate


def chapter_rows(survey: str, chapter: str) -> list[dict[str, Any]]:
    """Released rows of a chapter with their keys, each once, by what they belong to, population and measure.

    Rows of verdicts and recommendations are those of the chapters that make these.
    """
    if chapter == FINDINGS:
        found = [row for v in _record(survey, "verdicts") for row in _under(survey, chapter, v["claim_id"], v["rows"])]
    elif chapter == RECOMMENDATIONS:
        found = []
        for item in _record(survey, "recommendations"):
            rows = [item["baseline"], *(one["row"] for one in item["evidence"])]
            found += _under(survey, chapter, item["id"], filter(None, rows))
    elif f"{chapter}.parquet" in {path.name for path in (paths.processed(survey) / "estimates").glob("*.parquet")}:
        found = keyed(records(shelf.read_frame(survey, "estimates", chapter)), survey, chapter)
    else:
        return []
    check_keys(found)
    once = list({row["key"]: row for row in found}.values())
    stems = list(dict.fromkeys(_group(row) for row in once))
    return sorted(once, key=lambda row: stems.index(_group(row)))


def chapter_results(survey: str, chapter: str) -> tuple[Result, ...]:
    """Results of a chapter, in the order in which it shows them: those of its verdicts or of their reruns, or those that it
    kept; none for a chapter that keeps none."""
    if chapter == FINDINGS:
        rounds = published_results(survey, FINDINGS, "report_findings", load_plan(), load_profile(survey).country)
        return (*verdict_results(survey, FINDINGS, read_verdicts(survey)), *rounds, *_kept(survey, chapter))
    if chapter == ROBUSTNESS:
        verdicts = {verdict.claim_id: verdict for verdict in read_verdicts(survey)}
        return rerun_results(survey, load_plan(), read_standings(survey).values(), verdicts)
    return _kept(survey, chapter)


def _kept(survey: str, chapter: str) -> tuple[Result, ...]:
    if not (paths.processed(survey) / "results" / f"{chapter}.json").is_file():
        return ()
    return tuple(map(read_result, shelf.read_record(survey, "results", chapter)))


def _is_shown(row: Mapping[str, Any]) -> bool:
    """Whether pages show the numbers of a row: it has some, and it is no single answer of an ordered model, of which they show
    the two highest together."""
    is_answer = row["unit"] == "points" and row["category"].isdecimal()
    return bool(row["estimate"] == row["estimate"]) and not is_answer


def _group(row: Mapping[str, Any]) -> tuple[str, str]:
    return (row["key"].partition(f"/{row['population']}/")[0], row["population"])


def _under(survey: str, chapter: str, name: str, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    whole = ({key: float("nan") if value is None else value for key, value in row.items()} for row in rows)
    return keyed(whole, survey, chapter, (name,))


def _record(survey: str, name: str) -> list[dict[str, Any]]:
    return list(shelf.read_record(survey, name, name))


def _certificate(survey: str, source: Source) -> dict[str, Any] | None:
    path = paths.processed(survey) / "notebooks" / source.file.replace(".ipynb", ".certificate.json")
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None
