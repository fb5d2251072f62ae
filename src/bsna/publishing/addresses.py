"""Where pages made of results stand in the book: stable addresses, known before a page is there."""

from bsna.intake.plan import Plan

FIGURES = "@figures@"
"""Stands in such a page for the folder of its figures, until the page has its place in the book."""

ROOT = "@root@"
"""Stands in such a page for the way up to the root of the book, likewise: `..`, or `../..` for a page one folder deeper."""


def claim_page(claim_id: str) -> str:
    """The page of one claim, below the part of its survey, without ending."""
    return f"claims/{claim_id.lower()}"


def audience_page(audience: str) -> str:
    """The page of one audience, below the part of its survey, without ending."""
    return f"for_{audience}"


def checklist_address() -> str:
    """The reviewer's checklist of a survey, below its part, without ending. It is made when the book is staged."""
    return "checklist"


def written_pages(plan: Plan) -> dict[str, list[str]]:
    """Pages made of results in reading order, without ending, by the chapter below which they stand."""
    return {
        "10_findings": [claim_page(claim.id) for claim in plan.claims],
        "11_recommendations": [audience_page(audience.id) for audience in plan.telling.audience],
    }
