"""One page for each audience: what to do first, and why, in plain words."""

from collections.abc import Mapping, Sequence
from html import escape

from bsna import shelf
from bsna.chapter import banner_html
from bsna.intake.plan_recommendations import Audience, Recommendation
from bsna.judgement.recommendations import Recommended, Weighed
from bsna.publishing import advice
from bsna.publishing.addresses import audience_page, claim_page
from bsna.publishing.blocks import badge, folded, heading, items, texts
from bsna.publishing.wording import Words
from bsna.publishing.written import WrittenPage


def write_audience_pages(words: Words, made: Sequence[Recommended]) -> None:
    """Write a page for every audience of the plan with all recommendations to it, in their order; none is left out."""
    assert words.profile is not None
    for audience in words.plan.telling.audience:
        page = audience_html(words, audience, made)
        shelf.write_page(page.text, words.profile.id, audience_page(audience.id), words.language, page.figures)


def audience_html(words: Words, audience: Audience, made: Sequence[Recommended]) -> WrittenPage:
    """The page of one audience. Each recommendation has its id, in lower case, as anchor."""
    assert words.profile is not None
    name = words.profile.title[words.language]
    page = WrittenPage(f"{words.say('advice', 'page_title', {'audience': words.word(audience.id)})} · {name}")
    page.add(banner_html(words))
    told = ordered(words, audience.id, made)
    page.add(texts([advice.lead_sentence(words, audience, [item.status for _, item in told])]))
    for row, item in told:
        page.add(_told(words, row, item))
    rules = [*advice.rule_sentences(words), advice.assumptions(words)]
    page.add(folded(words.say("verdicts", "how"), texts(rules)))
    return page


def ordered(words: Words, audience: str, made: Sequence[Recommended]) -> list[tuple[Recommendation, Recommended]]:
    """Recommendations to an audience in the order in which they are told."""
    by_id = {item.id: item for item in made}
    places = {name: item.place for name, item in by_id.items()}
    return [(row, by_id[row.id]) for row in advice.told_to(words, audience, places)]


def after_html(words: Words, row: Recommendation, page: str = "") -> list[str]:
    """What a recommendation comes after, each linked to where that stands; to its audience's page unless `page` is given."""
    if row.after_why is None:
        return [escape(words.say("advice", "no_after"))]
    lines = []
    for name in row.after:
        other = words.plan.row("recommendations", name)
        values = {"id": name, "other_label": words.text(other, "action"), "audience": words.word(other.audience)}
        said = words.say("advice", "after", values | {"why": words.text(row, "after_why")})
        target = page or f"{audience_page(other.audience)}.html"
        lines.append(f'<a href="{target}#{name.lower()}">{escape(said)}</a>')
    return lines


def _told(words: Words, row: Recommendation, item: Recommended) -> str:
    """At most a screen: what, how the evidence stands, why, what to follow, what comes first, and what would turn it."""
    mark = badge(words, item.status, advice.shown_grade(item))
    facts = [
        escape(words.say("recommendations", "actor", {"who": words.text(row, "who")})),
        _joined(advice.indicator_sentences(words, row, item)),
        _joined(advice.follow_up_sentences(words, item)),
        *after_html(words, row),
        escape(advice.cost_sentence(words, row)),
        _joined(advice.turning_sentences(words, row, item)),
        f'<a href="11_recommendations.html#{row.id.lower()}">'
        f"{escape(words.say('advice', 'argued', {'id': row.id}))}</a>",
    ]
    return "".join(
        [
            heading(2, f"{item.place}. {words.text(row, 'action')} ({row.id})", row.id, mark),
            texts([" ".join(advice.status_sentences(words, item))]),
            items([_evidence(words, one) for one in item.evidence], "facts"),
            items(facts, "facts"),
        ]
    )


def _evidence(words: Words, one: Weighed) -> str:
    said = escape(advice.evidence_sentence(words, one))
    return f'<a href="{claim_page(one.claim)}.html">{said}</a>' if one.claim else said


def _joined(sentences: Sequence[str]) -> str:
    return escape(" ".join(sentences))


def audience_links(words: Words) -> Mapping[str, str]:
    """A link to the page of each audience, by its id."""
    return {
        audience.id: f'<a href="{audience_page(audience.id)}.html">'
        f"{escape(words.say('advice', 'page_link', {'audience': words.word(audience.id)}))}</a>"
        for audience in words.plan.telling.audience
    }
