"""The recommendations of the plan with their evidence; none is ever dropped."""

from dataclasses import asdict
from html import escape

import pandas as pd

from bsna import shelf
from bsna.chapter import Survey, tell
from bsna.intake.plan_recommendations import Recommendation
from bsna.judgement import recommend
from bsna.judgement.recommendations import Recommended
from bsna.publishing import advice
from bsna.publishing.blocks import badge, heading, items, show_block, texts
from bsna.publishing.cards.rows import traced_recommendations
from bsna.publishing.tables import show_table
from bsna.publishing.verdicts import recommendation_count
from bsna.publishing.wording import Words
from bsna.reports.audiences import after_html, audience_links, ordered, write_audience_pages
from bsna.reports.findings import read_verdicts


def report_recommendations(survey: Survey) -> None:
    """Weigh the recommendations, show each by audience, and write them and a page for every audience."""
    words, profile = survey.words, survey.profile
    verdicts = read_verdicts(profile.id)
    made = recommend(survey.plan, verdicts, survey.designs, survey.absent, profile.publication, country=profile.country)
    shelf.write_record([asdict(item) for item in made], profile.id, "recommendations", "recommendations")
    made = traced_recommendations(profile.id, made)
    write_audience_pages(words, made)
    tell(recommendation_count(words, [item.status for item in made]))
    show_block(texts([*advice.rule_sentences(words), advice.assumptions(words)]))
    links = audience_links(words)
    for audience in survey.plan.telling.audience:
        show_block(heading(2, words.word(audience.id)) + f"<p>{links[audience.id]}</p>")
        for row, item in ordered(words, audience.id, made):
            _tell_recommendation(words, row, item)


def _tell_recommendation(words: Words, row: Recommendation, item: Recommended) -> None:
    mark = badge(words, item.status, advice.shown_grade(item))
    show_block(heading(3, f"{row.id}. {words.text(row, 'action')}", row.id, mark))
    said = [*advice.status_sentences(words, item), advice.needs_sentence(words, row, item)]
    show_block(texts([" ".join(said)]))
    lines = [advice.evidence_line(words, one) for one in item.evidence]
    title = words.word("evidence_for").format(id=row.id)
    show_table(words, pd.DataFrame(lines), title, f"evidence-{row.id}")
    facts = [
        words.say("recommendations", "actor", {"who": words.text(row, "who")}),
        " ".join(advice.indicator_sentences(words, row, item)),
        " ".join(advice.follow_up_sentences(words, item)),
        advice.cost_sentence(words, row),
        " ".join(advice.turning_sentences(words, row, item)),
    ]
    show_block(items([*map(escape, facts), *after_html(words, row, "11_recommendations.html")], "facts"))
