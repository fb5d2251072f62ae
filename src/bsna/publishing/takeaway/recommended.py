"""Recommendations of a survey with their evidence, as they were written."""

from collections.abc import Mapping
from typing import Any

from bsna import shelf
from bsna.judgement.borders import Border
from bsna.judgement.recommendations import Recommended, Sample, Weighed


def read_recommended(survey: str) -> tuple[Recommended, ...]:
    """Recommendations of a survey in the order of the plan. Raises ValueError, with what to run, if there are none."""
    return tuple(_recommended(record) for record in shelf.read_record(survey, "recommendations", "recommendations"))


def _recommended(record: Mapping[str, Any]) -> Recommended:
    sample = record["follow_up"]
    evidence = tuple(_weighed(item) for item in record["evidence"])
    return Recommended(**{**record, "evidence": evidence, "follow_up": Sample(**sample) if sample else None})


def _weighed(record: Mapping[str, Any]) -> Weighed:
    border = record["border"]
    return Weighed(**{**record, "border": Border(**border) if border else None})
