"""Claims that are cited but not there, and claims that are there but named on no page."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from bsna import paths
from bsna.intake.plan import Plan
from bsna.intake.profile import Profile
from bsna.intake.sheets import read_rows, read_text
from bsna.publishing.addresses import claim_page
from bsna.publishing.gate.templates import line_of, relative

_GRAMMAR = {"and", "or", "not", "at", "least", "of"}
_CITES = re.compile(r'\bclaims?\s*=\s*(\[[^\]]*\]|"[^"]*")')


def missing_claims(plan: Plan) -> list[str]:
    """One fault for each row of the plan that cites a claim which is not there, under a key or column claim or claims, or
    in what a recommendation asks of its evidence."""
    known = {claim.id for claim in plan.claims}
    return [
        f"{place}: cites the claim {claim!r}, which claims.toml does not have; it has {sorted(known)}"
        for place, claim in (*_citations(), *_expressions())
        if claim not in known
    ]


def uncited_claims(plan: Plan, stage: Path, surveys: Sequence[Profile]) -> list[str]:
    """One fault for each claim and survey where no staged page but the claim's own links to it or bears its anchor."""
    faults = []
    path = paths.assessment("plan", "claims.toml")
    for survey in surveys:
        pages = {page: page.read_text(encoding="utf-8") for page in _pages(stage / survey.id)}
        for claim in plan.claims:
            marks = _marks(claim.id.lower(), claim_page(claim.id))
            own = stage / survey.id / f"{claim_page(claim.id)}.md"
            if not any(mark in text for page, text in pages.items() if page != own for mark in marks):
                line = line_of(path, 'id = "' + claim.id + '"')
                faults.append(
                    f"{relative(path)}:{line}: claim {claim.id} is named on no page of {survey.id}: link to it from a chapter"
                )
    return faults


def _marks(anchor: str, page: str) -> list[str]:
    """How a page can name a claim: by its anchor, or by a link to the anchor or to the claim's page. Notebooks are JSON, in
    which a quotation mark has a backslash before it."""
    return [f"id={quote}{anchor}{quote}" for quote in ('"', '\\"')] + [
        f"{target}{end}" for target in (f"#{anchor}", page) for end in ('"', '\\"', ")", ".html", ".md")
    ]


def _pages(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".ipynb", ".md"))


def _citations() -> Iterator[tuple[str, str]]:
    """Place and id of every claim that a row of the plan cites."""
    for path in sorted(paths.assessment("plan").glob("*.toml")):
        for number, line in enumerate(read_text(path).splitlines(), 1):
            for cited in [] if line.lstrip().startswith("#") else _CITES.findall(line):
                yield from ((f"{relative(path)}:{number}", name) for name in re.findall(r'"([^"]+)"', cited))
    for path in sorted(paths.assessment("plan").glob("*.csv")):
        for number, row in read_rows(path):
            names = f"{row.get('claim', '')} {row.get('claims', '')}".split()
            yield from ((f"{relative(path)}:{number}", name) for name in names)


def _expressions() -> Iterator[tuple[str, str]]:
    """Place and name of what recommendations ask of their evidence, where it is written as an expression; items of
    evidence that stand under their own id in the same file are left out."""
    path = paths.assessment("plan", "recommendations.toml")
    lines = read_text(path).splitlines()
    own = {found[1] for line in lines if (found := re.match(r'id\s*=\s*"([^"]+)"', line))}
    for number, line in enumerate(lines, 1):
        if asked := re.match(r'evidence\s*=\s*"([^"]*)"', line):
            names = [name for name in re.findall(r"\w+", asked[1]) if name not in _GRAMMAR and not name.isdigit()]
            yield from ((f"{relative(path)}:{number}", name) for name in names if name not in own)
