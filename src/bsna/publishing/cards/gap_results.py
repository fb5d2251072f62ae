"""Gaps between populations, and their rankings, as results."""

from collections.abc import Mapping, Sequence
from typing import Any

from bsna.intake.plan import Mirror, Plan, Rank
from bsna.judgement.gaps import Gap
from bsna.judgement.rank_gaps import RankGap, Top
from bsna.publishing.cards.keys import row_key
from bsna.publishing.cards.results import Result


def mirror_result(survey: str, chapter: str, mirror: Mirror, gap: Gap) -> Result | None:
    """The gap of a mirrored question with its test, which compares two shares that the chapter keeps; None where it is not
    shown."""
    row, sides = gap.difference, (gap.one, gap.other)
    if gap.p is None or row is None or row["estimate"] is None:
        return None
    return Result(
        survey,
        chapter,
        "difference",
        (mirror.mirror,),
        "mirror",
        "report_mirrors",
        "points",
        *_interval(row),
        p=gap.p,
        p_adjusted=gap.p_adjusted,
        n=int(row["n"]),
        clusters=int(row["clusters"]),
        about=((mirror.population, mirror.measure), (mirror.other_population, mirror.other_measure)),
        of=tuple(row_key(survey, chapter, side) for side in sides if side is not None),
    )


def ranking_results(survey: str, chapter: str, rank: Rank, items: Sequence[Mapping[str, Any]]) -> tuple[Result, ...]:
    """The worth of each item of a ranking that was drawn by itself; none of one that nobody named. `items` as in
    `estimation.rank_bootstrap`."""
    return tuple(
        _worth(survey, chapter, rank, (rank.id, item["item"]), rank.id, item, item["worth"])
        for item in items
        if item["high"] > 0
    )


def top_results(survey: str, chapter: str, plan: Plan, top: Top) -> tuple[Result, ...]:
    """The worth of each item where rankings were drawn together, and its chance of a place at the top."""
    rank = plan.row("ranks", top.rank)
    found = []
    for row, chance in zip(top.rows, top.chances, strict=True):
        names = (rank.id, row["category"], "together")
        further = (("top_prob", float(chance)),)
        found.append(
            _worth(survey, chapter, rank, names, "report_rank_gaps", row, row["estimate"], "rank_together", further)
        )
    return tuple(found)


def pair_result(
    survey: str, chapter: str, plan: Plan, pair: RankGap, worths: Mapping[str, Sequence[str]]
) -> Result | None:
    """In how much of their order two rankings disagree, with its test. `worths` are keys of the worths that it compares, by
    ranking (`top_results`). None where it is not shown."""
    if pair.discordance is None or pair.p_adjusted is None:
        return None
    spec = plan.row("rank_pairs", pair.pair)
    ranks = [plan.row("ranks", name) for name in (spec.one, spec.other)]
    further = {"chance_share": pair.by_chance, "same_prob": pair.same_top, "shared_number": pair.shared}
    return Result(
        survey,
        chapter,
        "rank",
        (pair.pair,),
        "rank_pair",
        "report_rank_gaps",
        value=pair.discordance,
        low=pair.low,
        high=pair.high,
        p=pair.p,
        p_adjusted=pair.p_adjusted,
        further=tuple((name, float(value)) for name, value in further.items() if value is not None),
        about=tuple((rank.population, question) for rank in ranks for question in rank.questions),
        of=tuple(key for rank in ranks for key in worths[rank.id]),
    )


def _worth(
    survey: str,
    chapter: str,
    rank: Rank,
    names: tuple[str, ...],
    asked: str,
    row: Mapping[str, Any],
    worth: float,
    method: str = "rank_alone",
    further: tuple[tuple[str, float], ...] = (),
) -> Result:
    return Result(
        survey,
        chapter,
        "rank",
        names,
        method,
        asked,
        value=float(worth),
        low=row["low"],
        high=row["high"],
        n=int(row["n"]),
        clusters=int(row["clusters"]),
        further=further,
        about=tuple((rank.population, question) for question in rank.questions),
    )


def _interval(row: Mapping[str, Any]) -> tuple[float, float, float]:
    return row["estimate"], row["low"], row["high"]
