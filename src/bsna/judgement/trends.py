"""What two rounds of one survey say of a claim about change: a before and an after, not a memory of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from bsna.estimation import EmptyDomain, SurveyDesign, records
from bsna.intake.plan import Plan, Trend
from bsna.intake.profile import Earlier, Publication
from bsna.judgement.claims import holm, plain, word_of
from bsna.judgement.disclosure import release
from bsna.judgement.kinds.trend import BEFORE, TwoRounds, both_rounds, moved_as, two_rounds

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
    designs = both_rounds(earlier, later, link)
    rows = {t.trend: _rows(t, designs, absent) for t in plan.trends}
    released = {
        name: _release(found, plan.row("trends", name).population, rules)
        for name, found in rows.items()
        if isinstance(found, TwoRounds)
    }
    tested = {
        t.trend: moved_as(records(found.change)[0], t.expected, t.margin)
        for t in plan.trends
        if isinstance(found := rows[t.trend], TwoRounds)
        and all(row["status"] != "withheld" for row in released[t.trend][:3])
    }
    p_for = holm({name: p[0] for name, p in tested.items()})
    p_against = holm({name: p[1] for name, p in tested.items()})
    moved = []
    for name in (t.trend for t in plan.trends):
        if name in tested:
            word, sides = word_of(p_for[name], p_against[name]), (p_for[name], p_against[name])
            moved.append(Moved(name, word, *released[name], *sides))
        else:
            moved.append(Moved(name, "withheld", *released[name]) if name in released else Moved(name, str(rows[name])))
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


def _rows(trend: Trend, designs: Mapping[str, SurveyDesign], absent: Mapping[str, Sequence[str]]) -> TwoRounds | str:
    """Both rounds and what moved; or the word for why there is none."""
    later, earlier = designs.get(trend.population), designs.get(f"{trend.population}{BEFORE}")
    if earlier is None or later is None or trend.measure in absent.get(trend.population, ()):
        return "not_asked"
    try:
        return two_rounds(earlier, later, trend.measure)
    except EmptyDomain:
        return "withheld"


def _release(found: TwoRounds, population: str, rules: Publication) -> Four:
    tables = (found.before, found.after, found.change, found.everywhere)
    one, two, three, four = (plain(records(release(table.assign(population=population), rules))[0]) for table in tables)
    return one, two, three, four
