"""What moved between two runs, in words: sentences and tables."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from bsna.judgement.moved import Cause, ClaimMove, Moved, RowMove
from bsna.publishing.wording import Words

_NUMBERS = ("estimate", "low", "high")


def told(words: Words, moved: Moved, day: str) -> list[str]:
    """Whether anything moved since the edition of a day, then what differs: between the two altogether, and for each claim that
    moved."""
    still = sum(claim.state == "same" for claim in moved.claims)
    values = {
        "day": day,
        "claims_count": len(moved.claims),
        "moved_count": len(moved.claims) - still,
        "same_count": still,
    }
    lines = [words.say("moved", "nothing" if moved.is_empty else "count", values)]
    if moved.differs:
        lines.append(words.say("moved", "differs", {"causes_series": causes(words, moved.differs)}))
    else:
        lines.append(words.say("moved", "all_the_same"))
    return lines + [_why(words, claim) for claim in _in_order(words, moved.claims)]


def claim_table(words: Words, moved: Moved) -> pd.DataFrame:
    """One row for each claim that moved: its verdict and grade before and after, the estimate that moved furthest, and what
    differs. Empty if none did."""
    lines = [
        {
            words.word("claim"): _name(words, claim.claim_id),
            words.word("verdict"): _verdict(words, claim),
            words.word("grade"): _pair(words, *(mark or "–" for mark in claim.grade)) if claim.grade else "–",
            words.word("moved_estimate"): _furthest(words, claim),
            words.word("moved_differs"): words.word("separator").join(causes(words, claim.causes))
            or words.word("moved_unknown"),
        }
        for claim in _in_order(words, moved.claims)
    ]
    return pd.DataFrame(lines)


def advice_table(words: Words, moved: Moved) -> pd.DataFrame:
    """One row for each recommendation whose status changed; empty if none did."""
    lines = [
        {
            words.word("recommendation"): _advice(words, name),
            words.word("status"): _pair(words, *map(_status(words), pair)),
        }
        for name, pair in moved.recommendations.items()
    ]
    return pd.DataFrame(lines)


def causes(words: Words, found: Sequence[Cause]) -> list[str]:
    """Names of ingredients that differ, with their parts where they have several."""
    named = []
    for cause in found:
        parts = [words.word(f"cause_{part}") if cause.kind == "elsewhere" else part for part in cause.parts]
        name = words.word(f"cause_{cause.kind}")
        named.append(
            words.fill(words.word("moved_parts"), {"name": name, "parts": ", ".join(parts)}) if parts else name
        )
    return named


def _why(words: Words, claim: ClaimMove) -> str:
    """What the two runs can tell of why a claim moved, and no more."""
    values: dict[str, Any] = {"claim": claim.claim_id, "causes_series": causes(words, claim.causes)}
    if claim.state in ("new", "gone"):
        return words.say("moved", f"is_{claim.state}", values)
    if claim.through:
        values["claims_series"] = claim.through
        return words.say("moved", "through_one" if len(claim.causes) == 1 else "through_several", values)
    if not claim.causes:
        return words.say("moved", "unknown", values)
    if claim.causes[0].kind == "elsewhere":
        return words.say("moved", "elsewhere", values)
    return words.say("moved", "one" if len(claim.causes) == 1 else "several", values)


def _in_order(words: Words, claims: Sequence[ClaimMove]) -> list[ClaimMove]:
    """Those that moved, in the order of the plan; those no longer in it come last."""
    order = [claim.id for claim in words.plan.claims]
    there = [claim for claim in claims if claim.state != "same"]
    return sorted(there, key=lambda claim: order.index(claim.claim_id) if claim.claim_id in order else len(order))


def _name(words: Words, claim_id: str) -> str:
    found = [claim for claim in words.plan.claims if claim.id == claim_id]
    return f"{claim_id}. {words.text(found[0], 'title')}" if found else claim_id


def _advice(words: Words, name: str) -> str:
    found = [row for row in words.plan.recommendations if row.id == name]
    return f"{name}. {words.text(found[0], 'action')}" if found else name


def _status(words: Words) -> Any:
    return lambda status: words.word(status) if status else "–"


def _verdict(words: Words, claim: ClaimMove) -> str:
    if claim.state in ("new", "gone"):
        return words.word(f"moved_{claim.state}")
    return _pair(words, *map(words.word, claim.verdict)) if claim.verdict else words.word("moved_same_verdict")


def _furthest(words: Words, claim: ClaimMove) -> str:
    """The estimate that moved furthest, and how many did."""
    if not claim.rows:
        return "–"
    first = claim.rows[0]
    before, after = (_estimate(words, row) for row in (first.before, first.after))
    change = words.word("moved_less") if before == after else _pair(words, before, after)
    values = {
        "measure": _measure(words, first),
        "change": change,
        "some_count": len(claim.rows),
        "all_count": claim.compared,
    }
    return words.fill(words.word("moved_row"), values)


def _estimate(words: Words, row: Mapping[str, Any] | None) -> str:
    if row is None:
        return words.word("moved_absent")
    return words.estimate({key: row.get(key, math.nan) for key in _NUMBERS} | {k: row[k] for k in ("unit", "status")})


def _measure(words: Words, move: RowMove) -> str:
    """What is estimated, by its label; by its name if the plan no longer has it."""
    row = move.after or move.before or {}
    try:
        label = words.measure(row["measure"], row["population"])
        level = words.level(row["by"], row["level"], row["population"]) if row.get("level") else ""
    except ValueError:
        label, level = row["measure"], row.get("level", "")
    return words.fill(words.word("moved_level"), {"name": label, "level": level}) if level else label


def _pair(words: Words, before: str, after: str) -> str:
    return words.fill(words.word("moved_pair"), {"before": before, "after": after})
