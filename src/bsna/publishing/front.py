"""The front page: what was asked, of whom and when; every claim in every survey with its grade; what each audience should do."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from bsna import paths
from bsna.chapter import vocabulary
from bsna.intake.plan import Plan, load_plan
from bsna.intake.profile import Profile
from bsna.publishing.addresses import audience_page, claim_page
from bsna.publishing.advice import borne_out, told_to
from bsna.publishing.blocks import badge, items
from bsna.publishing.contents import FIRST, heading_of, notebooks_of
from bsna.publishing.verdicts import count_of_verdicts, recommendation_count, who_was_asked
from bsna.publishing.wording import Words
from bsna.publishing.written import fenced

Verdicts = Mapping[str, Mapping[str, Any]]
"""The verdicts of a survey as written by its findings, by claim."""


def front_page(surveys: Sequence[Profile], language: str) -> str:
    """What stands first in the book, as Markdown: simulated surveys and real ones apart, each kind with its claims in one
    table, then a box per survey. Surveys without verdicts raise FileNotFoundError."""
    plan, parts = load_plan(), []
    for source in ("simulated", "delivered"):
        chosen = [survey for survey in surveys if survey.source == source]
        if chosen:
            parts.append(_part(chosen, plan, source, language))
    return fenced("\n".join(parts))


def claims_table(words: Words, surveys: Sequence[Profile], said: Mapping[str, Verdicts]) -> str:
    """Claims of the first family of the plan that some survey could be asked, in the lines of the plan, with a small badge per
    survey that leads to the page of the claim; if none of these could, the claims of other families that could. Of a line all
    claims are told, since its title names them."""
    asked = {claim.id for claim in words.plan.claims if any(_is_asked(said[survey.id], claim.id) for survey in surveys)}
    first = {claim.id for claim in words.plan.claims if claim.family == words.plan.claims[0].family} & asked or asked
    lines = {name: line for line in words.plan.telling.line for name in line.claims}
    named = first | {name for claim in first & lines.keys() for name in lines[claim].claims}
    told: dict[str, dict[str, str]] = {}
    for claim in (claim for claim in words.plan.claims if claim.id in named):
        line = lines.get(claim.id)
        row = line or claim
        title = f"{row.id}. {words.text(row, 'title')}"
        told.setdefault(title, {})[claim.id] = line.letters[claim.id] if line else ""
    return badges_table(words, told, surveys, said)


def badges_table(
    words: Words,
    lines: Mapping[str, Mapping[str, str]],
    surveys: Sequence[Profile],
    said: Mapping[str, Verdicts],
    up: str = "",
) -> str:
    """A row for each line: its title, and for each survey a small badge per claim that leads to the page of the claim. Claims of
    a line stand by their ids, with the letter that its title has for them, or none. `up` leads to the root of the book."""
    heads = "".join(f'<th scope="col">{escape(survey.name[words.language])}</th>' for survey in surveys)  # type: ignore[index]
    rows = []
    for title, claims in lines.items():
        cells = "".join(f"<td>{_marks(words, survey, claims, said[survey.id], up)}</td>" for survey in surveys)
        rows.append(f'<tr><th scope="row">{escape(title)}</th>{cells}</tr>')
    caption = escape(words.say("front", "caption"))
    head = f'<thead><tr><th scope="col">{escape(words.word("claim"))}</th>{heads}</tr></thead>'
    return (
        f'<div class="bsna-front"><table><caption>{caption}</caption>{head}<tbody>{"".join(rows)}</tbody></table></div>'
    )


def _part(surveys: Sequence[Profile], plan: Plan, source: str, language: str) -> str:
    words = vocabulary(None, plan, language)
    said = {survey.id: _verdicts(survey) for survey in surveys}
    lead = words.say("front", source, {"surveys_count": len(surveys), "people_count": sum(map(_people, surveys))})
    boxes = "".join(f"<li>{_box(survey, plan, said[survey.id], language)}</li>" for survey in surveys)
    legend = escape(words.say("front", "legend"))
    kind = "simulated" if source == "simulated" else "delivered"
    return (
        f'<div class="bsna-banner bsna-{kind}" role="note">{escape(lead)}</div>{claims_table(words, surveys, said)}'
        f'<p class="bsna-legend">{legend}</p><ul class="bsna-front-surveys">{boxes}</ul>'
    )


def _box(survey: Profile, plan: Plan, verdicts: Verdicts, language: str) -> str:
    """One survey: of whom and when, what came out, where to read on, and a page for each audience."""
    words = vocabulary(survey, plan, language)
    made = _record(survey, "recommendations")
    facts = [
        who_was_asked(words, {name: _count(survey, name) for name in survey.populations}),
        count_of_verdicts(words, [verdict["verdict"] for verdict in verdicts.values()]),
        recommendation_count(words, [item["status"] for item in made]),
    ]
    titles = {path.stem: heading_of(path) for path in notebooks_of(survey.id, language)}
    links = " · ".join(f'<a href="{survey.id}/{name}.html">{escape(titles[name])}</a>' for name in FIRST)
    audiences = [_first_advice(words, survey.id, one.id, made) for one in plan.telling.audience]
    title, what = escape(survey.title[language]), escape(words.say("front", "audiences"))  # type: ignore[index]
    told = "".join(f"<p>{escape(fact)}</p>" for fact in facts)
    return f"<h2>{title}</h2>{told}<p>{links}</p><p>{what}</p>{items(audiences, 'facts')}"


def _first_advice(words: Words, survey: str, audience: str, made: Sequence[Mapping[str, Any]]) -> str:
    """An audience, as a link to its page, and the recommendation that stands first there with its status."""
    page = f"{survey}/{audience_page(audience)}.html"
    name = f'<a href="{page}">{escape(words.word(audience))}</a>'
    by_id = {item["id"]: item for item in made}
    told = told_to(words, audience, {name: item["place"] for name, item in by_id.items()})
    if not told:
        return name
    if not borne_out(by_id[row.id]["status"] for row in told):
        return f"{name}<br>{escape(words.say('front', 'no_advice'))}"
    action = f"{told[0].id}. {words.text(told[0], 'action')}"
    return f"{name}<br>{escape(action)} {badge(words, by_id[told[0].id]['status'])}"


def _marks(words: Words, survey: Profile, claims: Mapping[str, str], verdicts: Verdicts, up: str) -> str:
    marks = [(letter, _mark(words, survey, claim, verdicts, up)) for claim, letter in claims.items()]
    return "".join(
        f'<span class="bsna-lettered"><small>{escape(letter)}</small> {mark}</span>' if letter else mark
        for letter, mark in marks
    )


def _mark(words: Words, survey: Profile, claim_id: str, verdicts: Verdicts, up: str) -> str:
    """A badge small enough for a telephone: shape and grade to the eye, word and grade to the ear."""
    verdict = verdicts.get(claim_id)
    kind, grade = (verdict["verdict"], verdict["grade"] or "") if verdict else ("not_run", "")
    text = words.word(kind)
    spoken = f"{text}, {words.say('verdicts', 'graded', {'grade': grade})}" if grade else text
    inner = f'<span aria-hidden="true">{escape(grade)}</span><span class="bsna-spoken">{escape(spoken)}</span>'
    badge = (
        f'<span class="bsna-badge bsna-{escape(kind, quote=True)}" title="{escape(spoken, quote=True)}">{inner}</span>'
    )
    return f'<a href="{up}{survey.id}/{claim_page(claim_id)}.html">{badge}</a>' if verdict else badge


def _is_asked(verdicts: Verdicts, claim_id: str) -> bool:
    return claim_id in verdicts and verdicts[claim_id]["verdict"] != "not_asked"


def _verdicts(survey: Profile) -> Verdicts:
    return {verdict["claim_id"]: verdict for verdict in _record(survey, "verdicts")}


def _record(survey: Profile, room: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        (paths.processed(survey.id) / room / f"{room}.json").read_text(encoding="utf-8")
    )
    return found


def _people(survey: Profile) -> int:
    """Interviews kept, sheets on places left out."""
    return sum(_count(survey, name) for name in survey.populations if name != "sites")


def _count(survey: Profile, population: str) -> int:
    return len(pd.read_parquet(paths.processed(survey.id) / "design" / f"{population}.parquet", columns=["weight"]))
