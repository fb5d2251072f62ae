"""The tests of a claim as results, as its verdict has them: for and against, and the chance of all of it together."""

from collections.abc import Iterable
from dataclasses import replace

from bsna.judgement import Verdict
from bsna.publishing.cards.keys import keyed
from bsna.publishing.cards.results import Result

FOR, AGAINST, CHANCE = "for", "against", "chance"
CHANCE_OF_ALL = "all_prob"
"""The value of a verdict that holds the chance."""

_ASKED = "report_findings"


def claim_results(survey: str, chapter: str, verdict: Verdict) -> tuple[Result, ...]:
    """Both one-sided tests of a verdict that was tested, and the chance that all its parts hold if it has one, worked out from
    the rows of the verdict; none for any other verdict."""
    of = tuple(row["key"] for row in keyed(verdict.rows, survey, chapter, (verdict.claim_id,)))
    tests = (
        (FOR, verdict.p_for, verdict.p_for_adjusted),
        (AGAINST, verdict.p_against, verdict.p_against_adjusted),
    )
    base = Result(
        survey, chapter, "test", (verdict.claim_id,), "", _ASKED, n=verdict.n, clusters=verdict.clusters, of=of
    )
    found = [
        replace(base, names=(verdict.claim_id, side), method=f"claim_{side}", p=raw, p_adjusted=adjusted)
        for side, raw, adjusted in tests
        if raw is not None
    ]
    chance = verdict.values.get(CHANCE_OF_ALL)
    if isinstance(chance, float):
        names = (verdict.claim_id, CHANCE)
        found.append(replace(base, kind="rank", names=names, method="claim_chance", unit="prob", value=chance))
    return tuple(found)


def verdict_results(survey: str, chapter: str, verdicts: Iterable[Verdict]) -> tuple[Result, ...]:
    """Those of all verdicts, in their order."""
    return tuple(result for verdict in verdicts for result in claim_results(survey, chapter, verdict))
