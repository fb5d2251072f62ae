"""All surveys side by side: verdicts and recommendations, simulated and real apart."""

from html import escape

import pandas as pd

from bsna import paths, shelf
from bsna.chapter import banner, head, tell, vocabulary
from bsna.intake.plan import load_plan
from bsna.intake.profile import Profile, list_profiles, load_profile
from bsna.publishing.blocks import folded, items, show_block
from bsna.publishing.front import badges_table
from bsna.publishing.tables import table_html
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
    """Verdicts as badges that lead to their pages, claims that no survey was asked below; recommendations folded."""
    said = {s.id: {v.claim_id: {"verdict": v.verdict, "grade": v.grade} for v in read_verdicts(s.id)} for s in surveys}
    answered = {name for own in said.values() for name, one in own.items() if one["verdict"] != "not_asked"}
    asked = [claim for claim in words.plan.claims if claim.id in answered]
    lines = {f"{claim.id}. {words.text(claim, 'title')}": {claim.id: ""} for claim in asked}
    show_block(badges_table(words, lines, surveys, said, up="../"))
    if unasked := [f"{c.id}. {words.text(c, 'title')}" for c in words.plan.claims if c not in asked]:
        show_block(folded(words.say("countries", "unasked_claims"), items(list(map(escape, unasked)), "facts")))
    made = {
        s.id: {r["id"]: r["status"] for r in shelf.read_record(s.id, "recommendations", "recommendations")}
        for s in surveys
    }
    told = [
        {words.word("recommendation"): f"{r.id}. {words.text(r, 'action')}"}
        | {s.name[words.language]: words.word(made[s.id][r.id]) if r.id in made[s.id] else "–" for s in surveys}  # type: ignore[index]
        for r in words.plan.recommendations
    ]
    title, name = words.say("countries", "recommendations"), f"recommendations-{surveys[0].source}"
    table = table_html(words, pd.DataFrame(told), title, name, words.sources(surveys))
    show_block(folded(title, f'<div class="bsna-table">{table}</div>'))
