"""Verdicts and recommendations whose numbers know their rows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bsna.judgement import Verdict
from bsna.judgement.recommendations import Recommended
from bsna.publishing.cards.keys import NUMBERS, Traced, keyed

FINDINGS, RECOMMENDATIONS = "findings", "recommendations"
"""Chapters whose rows are those of verdicts and recommendations."""


def traced_verdicts(survey: str, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Verdicts whose rows have keys, `survey/findings/claim/...`.

    A value of a sentence that is a number of exactly one of the rows carries its key; any other is a plain number.
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
    keys: dict[float, set[str]] = {}
    for row in rows:
        for name in NUMBERS:
            if isinstance(row[name], Traced):
                keys.setdefault(float(row[name]), set()).add(row["key"])
    values = {name: _value(value, keys) for name, value in verdict.values.items()}
    return replace(verdict, rows=tuple(rows), values=values)


def _value(value: Any, keys: Mapping[float, set[str]]) -> Any:
    own = keys.get(value, set()) if isinstance(value, float) else set()
    return Traced(value, next(iter(own))) if len(own) == 1 else value


def _row(survey: str, name: str, row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return keyed([row], survey, RECOMMENDATIONS, (name,))[0] if row else None  # type: ignore[return-value]
