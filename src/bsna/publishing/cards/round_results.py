"""Changes between published rounds of a survey's country, as results: the levels are published, the change is worked out."""

from collections.abc import Iterable
from dataclasses import replace

from bsna.intake.plan import Plan
from bsna.judgement.published import PublishedLine, published_lines
from bsna.publishing.cards.results import Result, tied


def line_result(survey: str, chapter: str, asked: str, claim: str, line: PublishedLine) -> Result:
    """The change of one measure in one place."""
    row = line.change
    return Result(
        survey,
        chapter,
        "round",
        (claim, line.population, line.measure, line.line),
        "published_round",
        asked,
        "points",
        value=float(row["estimate"]),
        low=float(row["low"]),
        high=float(row["high"]),
        n=int(min(end["n"] for end in (line.before, line.after))),
    )


def tied_lines(
    survey: str, chapter: str, asked: str, claim: str, lines: Iterable[PublishedLine]
) -> tuple[PublishedLine, ...]:
    """Lines whose changes carry the keys of their cards."""
    return tuple(
        replace(line, change=tied(line.change, line_result(survey, chapter, asked, claim, line))) for line in lines
    )


def published_results(survey: str, chapter: str, asked: str, plan: Plan, country: str) -> tuple[Result, ...]:
    """All of a country, claim by claim."""
    claims = dict.fromkeys(row.claim for row in plan.rounds if row.country == country)
    return tuple(
        line_result(survey, chapter, asked, claim, line)
        for claim in claims
        for line in published_lines(plan, country, claim)
    )
