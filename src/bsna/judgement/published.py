"""Published levels of rounds before and after an event, beside what a claim leads one to expect of them."""

from dataclasses import dataclass
from typing import Any

from bsna.estimation import change, estimate_rows, records
from bsna.intake.evidence import Round
from bsna.intake.plan import Plan, Trend
from bsna.judgement.outside import figure_row


@dataclass(frozen=True)
class PublishedLine:
    """One measure in one place, round by round. `line` names the place (a text of the plan); `years` and `rows` are the
    rounds in time with their estimate rows, `coverage` what of the place each reached (texts of the plan), `sources` their
    sources. `change` is after minus before, in points. `state` joins what is expected with what is seen: fell or same;
    for, against, open, and, for the same, moved: a change is shown, but not that it is beyond the margin."""

    measure: str
    population: str
    line: str
    years: tuple[int, ...]
    rows: tuple[dict[str, Any], ...]
    coverage: tuple[str, ...]
    sources: tuple[str, ...]
    before: dict[str, Any]
    after: dict[str, Any]
    between: tuple[int, int]
    change: dict[str, Any]
    state: str
    margin: float | None


def published_lines(plan: Plan, country: str, claim_id: str) -> tuple[PublishedLine, ...]:
    """The lines of rounds.csv for one claim in one country, in its order.

    Rounds are independent samples: variances add up, each with its own design effect, and degrees of freedom are
    Satterthwaite's (`change`). Each line is read off its own 95% interval, not corrected for the number of lines.
    """
    own = [row for row in plan.rounds if (row.country, row.claim) == (country, claim_id)]
    keys = dict.fromkeys((row.measure, row.line) for row in own)
    return tuple(_line([row for row in own if (row.measure, row.line) == key], plan) for key in keys)


def state_of(trend: Trend, row: dict[str, Any]) -> str:
    """What a change says of what was expected, by its interval."""
    low, high = row["low"], row["high"]
    if trend.expected == "fell":
        return "fell_for" if high < 0 else "fell_against" if low > 0 else "fell_open"
    margin = trend.margin or 0.0
    if low > margin or high < -margin:
        return "same_against"
    if -margin < low and high < margin:
        return "same_for"
    return "same_moved" if low > 0 or high < 0 else "same_open"


def _line(rounds: list[Round], plan: Plan) -> PublishedLine:
    ordered = sorted(rounds, key=lambda row: row.year)
    rows = [figure_row(row, plan) for row in ordered]
    known = tuple(row | {"status": "ok"} for row in rows if row is not None)
    ends = {row.moment: number for number, row in enumerate(ordered)}
    before, after = known[ends["before"]], known[ends["after"]]
    moved = records(change(estimate_rows([before]), estimate_rows([after])))[0] | {"status": "ok"}
    first = ordered[0]
    trend = next(t for t in plan.trends if (t.claim, t.measure) == (first.claim, first.measure))
    return PublishedLine(
        first.measure,
        first.population,
        first.line,
        tuple(row.year for row in ordered),
        known,
        tuple(row.coverage for row in ordered),
        tuple(row.source for row in ordered),
        before,
        after,
        (ordered[ends["before"]].year, ordered[ends["after"]].year),
        moved,
        state_of(trend, moved),
        trend.margin,
    )
