"""What two rounds of one survey say of a claim about change: a before and an after, not a memory of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pandas as pd

from bsna.estimation import EmptyDomain, SurveyDesign, change, proportion, records
from bsna.intake.plan import Plan, Trend
from bsna.intake.profile import Earlier, Publication
from bsna.judgement.claims import holm, plain, word_of
from bsna.judgement.disclosure import release
from bsna.judgement.p_values import above_zero, within_margin

PLACES = "_both_rounds"
Four: TypeAlias = tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]


@dataclass(frozen=True)
class Moved:
    """One measure in two rounds. `before`, `after` and `change` are released estimate rows among the places that both
    rounds reached, `everywhere` the change among all places each of them reached. `verdict` is supported, contradicted
    or uncertain as in claims, withheld where a row is, or not_asked where a round did not ask."""

    trend: str
    verdict: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    change: dict[str, Any] | None = None
    everywhere: dict[str, Any] | None = None
    p_for: float | None = None
    p_against: float | None = None


def judge_trends(
    plan: Plan,
    earlier: Mapping[str, SurveyDesign],
    later: Mapping[str, SurveyDesign],
    absent: Mapping[str, Sequence[str]],
    link: Earlier,
    rules: Publication,
) -> tuple[Moved, ...]:
    """One verdict for each row of trends.csv, in its order, p-values corrected over all of them (Holm).

    A measure expected to have fallen is tested against no change, one expected to stay the same by two one-sided tests
    against its margin (Schuirmann 1987). `absent` lists measures that either round did not ask. `rules` are the stricter
    of the two surveys' rules.
    """
    rows = {t.trend: _rows(t, earlier, later, absent, link) for t in plan.trends}
    released = {
        t.trend: _release(rows[t.trend], t.population, rules) for t in plan.trends if isinstance(rows[t.trend], tuple)
    }
    tested = {
        t.trend: _p_values(t, records(rows[t.trend][2])[0])
        for t in plan.trends
        if t.trend in released and all(row["status"] != "withheld" for row in released[t.trend][:3])
    }
    p_for = holm({name: p[0] for name, p in tested.items()})
    p_against = holm({name: p[1] for name, p in tested.items()})
    moved = []
    for name in (t.trend for t in plan.trends):
        if name in tested:
            word, sides = word_of(p_for[name], p_against[name]), (p_for[name], p_against[name])
            moved.append(Moved(name, word, *released[name], *sides))
        else:
            moved.append(Moved(name, "withheld", *released[name]) if name in released else Moved(name, rows[name]))
    return tuple(moved)


def stricter(one: Publication, other: Publication) -> Publication:
    """Publication rules that satisfy two surveys at once: what either withholds or calls imprecise is so for both."""
    return one.model_copy(
        update={
            "threshold": max(one.threshold, other.threshold),
            "min_clusters": max(one.min_clusters, other.min_clusters),
            "imprecise_half_width": min(one.imprecise_half_width, other.imprecise_half_width),
            "imprecise_n": max(one.imprecise_n, other.imprecise_n),
        }
    )


def _rows(
    trend: Trend,
    earlier: Mapping[str, SurveyDesign],
    later: Mapping[str, SurveyDesign],
    absent: Mapping[str, Sequence[str]],
    link: Earlier,
) -> Any:
    """Before, after, change and change everywhere; or the word for why there are none."""
    population = trend.population
    if population not in earlier or population not in later or trend.measure in absent.get(population, ()):
        return "not_asked"
    rounds = []
    for design in (earlier[population], later[population]):
        here = design.column(link.variable).isin(list(link.places))
        rounds.append(design.with_columns(**{PLACES: here.astype(float)}))
    try:
        before, after = (proportion(design, trend.measure, where=PLACES) for design in rounds)
        everywhere = [proportion(design, trend.measure) for design in rounds]
    except EmptyDomain:
        return "withheld"
    return before, after, change(before, after), change(*everywhere)


def _release(tables: Sequence[pd.DataFrame], population: str, rules: Publication) -> Four:
    one, two, three, four = (plain(records(release(table.assign(population=population), rules))[0]) for table in tables)
    return one, two, three, four


def _p_values(trend: Trend, row: Mapping[str, Any]) -> tuple[float, float]:
    """For what is expected, and against it."""
    if trend.expected == "fell":
        risen, fallen = above_zero(row)
        return fallen, risen
    return within_margin(row, trend.margin or 0.0)
