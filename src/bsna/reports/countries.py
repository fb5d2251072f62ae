"""All surveys side by side: verdicts and recommendations, simulated and real apart."""

import pandas as pd

from bsna import paths, shelf
from bsna.chapter import banner, head, tell, vocabulary
from bsna.intake.plan import load_plan
from bsna.intake.profile import Profile, list_profiles, load_profile
from bsna.publishing.tables import show_table
from bsna.publishing.wording import Words
from bsna.reports.findings import read_verdicts

SOURCES = ("simulated", "delivered")


def report_countries(language: str) -> None:
    """Verdicts and recommendations of all surveys that have results, side by side, simulated and real apart.

    What was declared after a survey was last run stands there as not run yet.
    """
    words = vocabulary(None, load_plan(), language)
    banner(words)
    for source in SOURCES:
        surveys = surveys_of(source)
        head(2, words.say("countries", source))
        if surveys:
            _show_matrix(words, surveys)
        else:
            tell(words.say("countries", "no_delivered"))


def surveys_of(source: str) -> list[Profile]:
    """Surveys of one source that have results, by id."""
    found = [load_profile(name) for name in list_profiles() if paths.has_results(name)]
    return [profile for profile in found if profile.source == source]


def _show_matrix(words: Words, surveys: list[Profile]) -> None:
    verdicts = {s.id: {v.claim_id: v.verdict for v in read_verdicts(s.id)} for s in surveys}
    lines = [
        {words.word("claim"): f"{c.id}. {words.text(c, 'title')}"}
        | {s.name[words.language]: words.word(verdicts[s.id].get(c.id, "not_run")) for s in surveys}  # type: ignore[index]
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
        | {
            s.name[words.language]: words.word(items[s.id].get(r.id, "not_run")) if r.id in items[s.id] else "–"
            for s in surveys
        }  # type: ignore[index]
        for r in words.plan.recommendations
    ]
    show_table(words, pd.DataFrame(lines), words.word("recommendation"), f"recommendations-{kind}", source)
