"""What people, security providers and leaders say of the same things, side by side, and by how much they differ."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from bsna import shelf
from bsna.chapter import Survey, head, keep_results, tell
from bsna.estimation import estimate_rows
from bsna.intake.plan import Plan
from bsna.judgement.gaps import Gap, agreements, compare_mirrors
from bsna.judgement.rank_gaps import RankGap, Top, compare_ranks, rank_agreements
from bsna.publishing import gaps_shown
from bsna.publishing.cards.gap_results import mirror_result, pair_result, top_results
from bsna.publishing.cards.keys import Traced, key_of, keyed
from bsna.publishing.cards.marks import marked
from bsna.publishing.cards.results import tied
from bsna.publishing.drawing import show
from bsna.publishing.headlines import stated
from bsna.publishing.tables import show_estimate_table, show_table
from bsna.publishing.wording import Words

DIRECTIONS = ("seen_and_believed", "same_question", "about_each_other", "same_exchange")


@dataclass(frozen=True)
class Gaps:
    """Gaps of a survey as its chapters wrote them: `mirrors` of mirrored questions, `tops` and `ranks` of rankings."""

    mirrors: tuple[Gap, ...]
    tops: tuple[Top, ...]
    ranks: tuple[RankGap, ...]

    def agreements(self, plan: Plan) -> tuple[dict[str, str], ...]:
        """Whether others who were asked agree with each claim of the plan: claim, measure, population (the claim's own),
        across (theirs), agreement (agrees, differs, conflicts)."""
        return tuple(
            row
            for claim in plan.claims
            for row in (*agreements(claim, plan, self.mirrors), *rank_agreements(claim, plan, self.tops))
        )


def read_gaps(profile: str) -> Gaps:
    """Gaps of a survey. Raises ValueError, with what to run, if its chapters have not written them."""
    ranks = shelf.read_record(profile, "gaps", "ranks")
    tops = [Top(**record | {key: tuple(record[key]) for key in ("rows", "chances")}) for record in ranks["tops"]]
    pairs = [RankGap(**record | {"both": tuple(record["both"])}) for record in ranks["pairs"]]
    mirrors = [Gap(**record) for record in shelf.read_record(profile, "gaps", "mirrors")]
    return Gaps(tuple(mirrors), tuple(tops), tuple(pairs))


def report_mirrors(survey: Survey) -> None:
    """Compare the mirrored questions of a survey, write the gaps, and show them by what they compare."""
    gaps = compare_mirrors(survey.plan, survey.designs, survey.absent, survey.profile)
    shelf.write_record([asdict(gap) for gap in gaps], survey.profile.id, "gaps", "mirrors")
    sides = [row for gap in gaps for row in (gap.one, gap.other) if row is not None]
    survey.kept.append(estimate_rows(list({(row["population"], row["measure"]): row for row in sides}.values())))
    gaps = tuple(_tied(survey, gap) for gap in gaps)
    tested = [gap for gap in gaps if gap.p is not None]
    if tested:
        tell(survey.words.say("gaps", "method", {"tests_count": len(tested)}))
    for direction in DIRECTIONS:
        _show_mirrors(survey.words, gaps, direction)


def report_rank_gaps(survey: Survey) -> None:
    """Compare the rankings of a survey, write what was found, and show it: the chances of the top, then each pair."""
    tops, pairs = compare_ranks(survey.plan, survey.designs, survey.profile)
    record = {"tops": [asdict(top) for top in tops], "pairs": [asdict(pair) for pair in pairs]}
    shelf.write_record(record, survey.profile.id, "gaps", "ranks")
    words, shown = survey.words, [_traced_top(survey, top) for top in tops if top.state == "shown"]
    if len(shown) < 2:
        state = "not_asked" if any(top.state == "not_asked" for top in tops) else "withheld"
        tell(words.say("levels", state, {"title": words.word("rank_gaps")}))
        return
    rank = words.plan.row("ranks", shown[0].rank)
    labels = [words.choice(rank.questions[0], item, rank.population) for item in rank.items]
    chances = {words.plan.row("ranks", top.rank).population: top.chances for top in shown}
    people = [top.rows[0] for top in shown]
    title = _tops_headline(words, shown, labels)
    subtitle = words.say("rank_gap", "subtitle", {"top_count": rank.top})
    show(gaps_shown.tops(words, labels, chances, people, title, subtitle), table_follows=True)
    worths = {top.rank: [row["key"] for row in top.rows] for top in shown}
    for pair in (_traced_pair(survey, pair, worths) for pair in pairs):
        tell(_pair_sentence(words, pair, rank.top))
    show_estimate_table(words, _tops_table(words, shown, labels), words.word("rank_gaps"), "rank-gaps")


def _kept(survey: Survey, row: dict[str, Any] | None) -> dict[str, Any] | None:
    """A share of one side as the chapter keeps it, with its key."""
    return keyed([row], survey.profile.id, survey.chapter)[0] if row else None


def _tied(survey: Survey, gap: Gap) -> Gap:
    """A gap whose numbers know their cards: both shares those of their rows, the difference and its test that of a result."""
    made = replace(gap, one=_kept(survey, gap.one), other=_kept(survey, gap.other))
    mirror = survey.plan.row("mirrors", gap.mirror)
    result = mirror_result(survey.profile.id, survey.chapter, mirror, gap)
    if result is None or gap.difference is None:
        return made
    keep_results(survey, [result])
    return replace(made, difference=tied(gap.difference, result), p_adjusted=result.traced("p_adjusted"))


def _traced_top(survey: Survey, top: Top) -> Top:
    results = keep_results(survey, top_results(survey.profile.id, survey.chapter, survey.plan, top))
    rows = tuple(tied(row, result) for row, result in zip(top.rows, results, strict=True))
    return replace(top, rows=rows, chances=tuple(Traced(dict(one.further)["top_prob"], one.key) for one in results))


def _traced_pair(survey: Survey, pair: RankGap, worths: Mapping[str, Sequence[str]]) -> RankGap:
    result = pair_result(survey.profile.id, survey.chapter, survey.plan, pair, worths)
    if result is None:
        return pair
    keep_results(survey, [result])
    return replace(
        pair,
        discordance=result.traced("value"),
        p_adjusted=result.traced("p_adjusted"),
        by_chance=result.traced("chance_share"),
        same_top=result.traced("same_prob"),
        shared=result.traced("shared_number"),
    )


def _show_mirrors(words: Words, gaps: Sequence[Gap], direction: str) -> None:
    """Figure, sentence and table of the mirrors of one direction."""
    specs = {gap.mirror: words.plan.row("mirrors", gap.mirror) for gap in gaps}
    own = [gap for gap in gaps if specs[gap.mirror].direction == direction]
    head(3, words.word(direction))
    asked = [gap for gap in own if gap.one and gap.other and gap.difference]
    if not asked:
        tell(words.say("levels", "not_asked", {"title": words.word(direction)}))
        return
    labels = {gap.mirror: words.text(specs[gap.mirror], "label") for gap in own}
    apart = {labels[gap.mirror]: gap.difference for gap in own if gap.state == "gap" and gap.difference}
    tests = {gap.mirror: gap.p_adjusted for gap in own if gap.p_adjusted is not None}
    values = {"gap_list": list(apart)}
    title = stated(words, ("mirror", "gap" if apart else "close"), values, list(apart.values()), tests)
    pairs = [(labels[g.mirror], g.one, g.other, g.difference) for g in asked if g.one and g.other and g.difference]
    show(gaps_shown.paired(words, pairs, title, words.word(direction)))
    for state in ("gap", "none", "withheld", "not_asked"):
        if names := [labels[gap.mirror] for gap in own if gap.state == state]:
            tell(words.say("gaps", state, {"names_list": names}))
    lines = [_line(words, gap, labels[gap.mirror], words.text(specs[gap.mirror], "note")) for gap in asked]
    show_table(words, pd.DataFrame(lines), words.word(direction), f"gaps-{direction}")


def _line(words: Words, gap: Gap, label: str, note: str) -> dict[str, str]:
    assert gap.one is not None and gap.other is not None and gap.difference is not None
    sides = [
        words.say("alt", "row", {"name": words.word(row["population"]), "value": words.estimate(row)})
        for row in (gap.one, gap.other)
    ]
    return {
        words.word("measure"): words.say("alt", "row", {"name": label, "value": note}),
        words.word("one_side"): sides[0],
        words.word("other_side"): sides[1],
        words.word("gap_column"): words.estimate(gap.difference),
        words.word("p_adjusted"): words.show("adjusted_p", gap.p_adjusted),
    }


def _tops_headline(words: Words, shown: Sequence[Top], labels: Sequence[str]) -> str:
    """What all populations have at the top with a chance of 95% or more each."""
    sure = [k for k in range(len(labels)) if all(top.chances[k] >= 0.95 for top in shown)]
    named = [{words.plan.row("ranks", top.rank).population: float(top.chances[k]) for top in shown} for k in sure]
    return stated(words, ("rank_gap", "all" if sure else "none"), {"sure_list": [labels[k] for k in sure]}, named)


def _pair_sentence(words: Words, pair: RankGap, top: int) -> str:
    spec = words.plan.row("rank_pairs", pair.pair)
    values: dict[str, Any] = {"title": words.text(spec, "title"), "top_count": top}
    if pair.discordance is None or pair.p_adjusted is None:
        return words.say("levels", pair.state, values)
    values |= {
        "apart_share": pair.discordance,
        "span": marked(key_of(pair.discordance), words.span(pair.low or 0.0, pair.high or 0.0, "share")),
        "chance_share": pair.by_chance,
        "order_p": pair.p_adjusted,
        "same_prob": pair.same_top,
        "shared_number": pair.shared,
    }
    return words.say("rank_gap", "apart" if pair.p_adjusted <= 0.05 else "alike", values)


def _tops_table(words: Words, shown: Sequence[Top], labels: Sequence[str]) -> pd.DataFrame:
    lines = []
    for k, label in enumerate(labels):
        line = {words.word("answer"): label}
        for top in shown:
            name = words.word(words.plan.row("ranks", top.rank).population)
            line[words.say("rank_gap", "worth_of", {"name": name})] = words.estimate(top.rows[k])
            line[words.say("rank_gap", "chance_of", {"name": name})] = words.show("top_prob", top.chances[k])
        lines.append(line)
    return pd.DataFrame(lines)
