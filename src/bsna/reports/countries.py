"""All surveys side by side, as the register of comparability allows."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import pandas as pd

from bsna import paths, shelf
from bsna.chapter import banner, head, tell, vocabulary
from bsna.estimation import records
from bsna.intake.plan import Comparable, load_plan
from bsna.intake.profile import Profile, list_profiles, load_profile
from bsna.publishing.tables import show_table
from bsna.publishing.wording import Words
from bsna.reports.findings import read_verdicts

Estimates: TypeAlias = Mapping[str, Mapping[tuple[str, str], dict[str, Any]]]
"""By survey, then by measure and population."""


def report_countries(language: str) -> None:
    """All surveys that have verdicts, side by side, simulated and real apart, as the comparability rows allow."""
    plan = load_plan()
    words = vocabulary(None, plan, language)
    banner(words)
    done = [load_profile(p) for p in list_profiles() if paths.has_results(p)]
    for source in ("simulated", "delivered"):
        surveys = [profile for profile in done if profile.source == source]
        head(2, words.say("countries", source))
        if not surveys:
            tell(words.say("countries", "no_delivered"))
            continue
        _show_matrix(words, surveys)
        _show_levels(words, surveys)


def _show_matrix(words: Words, surveys: list[Profile]) -> None:
    verdicts = {s.id: {v.claim_id: v for v in read_verdicts(s.id)} for s in surveys}
    lines = [
        {words.word("claim"): f"{c.id}. {words.text(c, 'title')}"}
        | {s.name[words.language]: words.word(verdicts[s.id][c.id].verdict) for s in surveys}  # type: ignore[index]
        for c in words.plan.claims
    ]
    source, kind = words.sources(surveys), surveys[0].source
    show_table(words, pd.DataFrame(lines), words.word("verdict"), f"verdicts-{kind}", source)
    items = {
        s.id: {r["id"]: r["status"] for r in shelf.read_record(s.id, "recommendations", "recommendations")}
        for s in surveys
    }
    lines = [
        {words.word("recommendation"): f"{r.id}. {words.text(r, 'action')}"}
        | {s.name[words.language]: words.word(items[s.id][r.id]) if r.id in items[s.id] else "–" for s in surveys}  # type: ignore[index]
        for r in words.plan.recommendations
    ]
    show_table(words, pd.DataFrame(lines), words.word("recommendation"), f"recommendations-{kind}", source)


def _show_levels(words: Words, surveys: list[Profile]) -> None:
    """Estimates side by side, concept by concept, each with the reason why it may or may not be compared.

    Surveys with our questionnaire and those that came through a crosswalk are never put into one table.
    """
    for family in ("bsna", "foreign"):
        members = [survey for survey in surveys if (survey.crosswalk is None) == (family == "bsna")]
        estimates = {survey.id: _estimates(survey.id) for survey in members}
        for concept in words.plan.comparability if members else ():
            if family in concept.surveys:
                _show_concept(words, concept, members, estimates, f"levels-{concept.concept}-{family}")


def _show_concept(words: Words, concept: Comparable, surveys: list[Profile], estimates: Estimates, name: str) -> None:
    reason = words.text(concept, "reason")
    if concept.kind == "not":
        tell(reason)
        return
    lines = [_level_line(words, measure, surveys, estimates) for measure in concept.measures]
    if filled := [line for line in lines if line]:
        show_table(words, pd.DataFrame(filled), reason, name, words.sources(surveys))


def _level_line(words: Words, name: str, surveys: list[Profile], estimates: Estimates) -> dict[str, str] | None:
    known = False
    line: dict[str, str] = {}
    population = next(m.population for m in words.plan.measures if m.measure == name)
    line[words.word("measure")] = words.measure(name, population)
    for survey in surveys:
        row = estimates[survey.id].get((name, population))
        known |= row is not None
        line[survey.name[words.language]] = "–" if row is None else words.estimate(row)
    return line if known else None


def _estimates(profile: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Released estimates of a survey as a whole, by measure and population; the first chapter that shows one counts."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for path in sorted((paths.processed(profile) / "estimates").glob("*.parquet")):
        rows = shelf.read_frame(profile, "estimates", path.stem)
        whole = rows[(rows["by"] == "") & (rows["category"] == "") & rows["status"].isin(["ok", "imprecise"])]
        for row in records(whole):
            found.setdefault((row["measure"], row["population"]), row)
    return found
