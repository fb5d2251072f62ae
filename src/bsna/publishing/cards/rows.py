"""Verdicts and recommendations whose numbers know their rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bsna.judgement import Verdict
from bsna.judgement.recommendations import Recommended
from bsna.publishing.cards.claim_results import AGAINST, CHANCE, CHANCE_OF_ALL, FOR, claim_results
from bsna.publishing.cards.keys import NUMBERS, Traced, keyed

FINDINGS, RECOMMENDATIONS = "findings", "recommendations"
"""Chapters whose rows are those of verdicts and recommendations."""


def traced_verdicts(survey: str, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Verdicts whose rows have keys, `survey/findings/claim/...`.

    A value of a sentence that is a number of exactly one of the rows carries its key, and so do p-values and the chance of all
    (`claim_results`); any other is a plain number.
    """
    return tuple(_traced(survey, verdict) for verdict in verdicts)


def traced_recommendations(survey: str, made: Sequence[Recommended]) -> tuple[Recommended, ...]:
    """Recommendations whose baselines and estimates in evidence have keys, `survey/recommendations/id/...`."""
    return tuple(
        replace(
            item,
            baseline=_row(survey, item.id, item.baseline),
            evidence=tuple(replace(one, row=_row(survey, item.id, one.row)) for one in item.evidence),
        )
        for item in made
    )


def _traced(survey: str, verdict: Verdict) -> Verdict:
    rows = keyed(verdict.rows, survey, FINDINGS, (verdict.claim_id,))
    results = {result.names[1]: result for result in claim_results(survey, FINDINGS, verdict)}
    values = {name: _value(verdict.values, name, rows) for name in verdict.values}
    if CHANCE in results:
        values[CHANCE_OF_ALL] = results[CHANCE].traced("value")
    tests: dict[str, Any] = {}
    if FOR in results:
        tests |= {"p_for": results[FOR].traced("p"), "p_for_adjusted": results[FOR].traced("p_adjusted")}
    if AGAINST in results:
        tests |= {
            "p_against": results[AGAINST].traced("p"),
            "p_against_adjusted": results[AGAINST].traced("p_adjusted"),
        }
    return replace(verdict, rows=tuple(rows), values=values, **tests)


def _value(values: Mapping[str, Any], name: str, rows: Sequence[Mapping[str, Any]]) -> Any:
    """A value with the key of the row it is a number of: the one row, or among several the one that its label names."""
    value = values[name]
    found = [row for row in rows if isinstance(value, float) and value in [row[number] for number in NUMBERS]]
    keys = {row["key"] for row in found}
    if len(keys) > 1:
        label = values.get(f"{name.rsplit('_', 1)[0]}_label")
        keys = {row["key"] for row in found if row["measure"] == label}
    return Traced(value, next(iter(keys))) if len(keys) == 1 else value


def _row(survey: str, name: str, row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return keyed([row], survey, RECOMMENDATIONS, (name,))[0] if row else None  # type: ignore[return-value]
