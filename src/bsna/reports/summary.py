"""Two minutes for a minister."""

from bsna import shelf
from bsna.chapter import banner, vocabulary
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.publishing.blocks import heading, items, show_block, texts
from bsna.publishing.cards.rows import traced_verdicts
from bsna.publishing.verdicts import (
    count_of_verdicts,
    recommendation_count,
    recommendation_list,
    verdict_list,
    who_was_asked,
)
from bsna.publishing.wording import Words
from bsna.reports.audiences import audience_links
from bsna.reports.findings import read_verdicts


def report_summary(profile: str, language: str) -> None:
    """Two minutes for a minister: the verdicts in sentences, then what holds for each recommendation."""
    facts, plan = load_profile(profile), load_plan()
    words = vocabulary(facts, plan, language)
    banner(words)
    verdicts = traced_verdicts(profile, read_verdicts(profile))
    made = sorted(shelf.read_record(profile, "recommendations", "recommendations"), key=lambda item: item["place"])
    interviews = {name: len(shelf.read_frame(profile, "design", name)) for name in facts.populations}
    show_block(heading(2, words.word("asked_heading")))
    topics = topics_of(words, profile)
    about = [words.say("summary", "topics", {"topics_list": topics})] if topics else []
    show_block(texts([who_was_asked(words, interviews), *about]))
    show_block(heading(2, words.word("found_heading")))
    show_block(
        texts([count_of_verdicts(words, [verdict.verdict for verdict in verdicts]), words.say("verdicts", "legend")])
    )
    show_block(verdict_list(words, verdicts, "10_findings.html"))
    show_block(heading(2, words.word("do_heading")))
    show_block(texts([recommendation_count(words, [item["status"] for item in made])]))
    show_block(recommendation_list(words, made, "11_recommendations.html"))
    show_block(items(list(audience_links(words).values()), "facts"))


def topics_of(words: Words, profile: str) -> list[str]:
    """What a survey is about: the topics of those chapters that show an estimate."""
    shown = {
        chapter: shelf.read_frame(profile, "estimates", chapter)["status"].isin(["ok", "imprecise"]).any()
        for chapter in words.states("topic")
    }
    return [words.say("topic", chapter) for chapter, has_answers in shown.items() if has_answers]
