"""What is said of a recommendation: what it needs, how its evidence stands, what to follow, what would turn it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bsna.intake.expressions import AtLeast, Expression, Name, Not
from bsna.intake.plan_recommendations import Audience, Recommendation
from bsna.judgement.borders import Border
from bsna.judgement.claims import ALPHA
from bsna.judgement.recommendations import Recommended, Sample, Weighed
from bsna.publishing.wording import Words


def told_to(words: Words, audience: str, places: Mapping[str, int]) -> list[Recommendation]:
    """Recommendations to an audience in the order in which they are told; `places` are those of all, by id."""
    rows = [words.plan.row("recommendations", name) for name in sorted(places, key=places.__getitem__)]
    return [row for row in rows if row.audience == audience]


def borne_out(statuses: Iterable[str]) -> bool:
    """Whether the evidence of any recommendation holds, at least in part; else none is to be told as what to do first."""
    return bool({"holds", "mixed"} & set(statuses))


def lead_sentence(words: Words, audience: Audience, statuses: Iterable[str]) -> str:
    """What an audience is told first: what is asked of it, or that the answers bear out none of its recommendations."""
    if borne_out(statuses):
        return words.typeset(audience.lead[words.language])
    return words.say("advice", "none_borne_out", {"survey": _survey(words)})


def status_sentences(words: Words, item: Recommended) -> list[str]:
    """What the evidence comes to, said as firmly as its grade allows, and how much of it could be tested."""
    if item.status == "mixed":
        state = f"mixed_{item.outcome}"
    else:
        state = item.status if item.status == "not_testable" else f"{item.status}_{item.grade or 'D'}"
    counts = {"tested_count": item.tested, "total_count": len(item.evidence)}
    return [words.say("advice", state, {"survey": _survey(words)}), words.say("advice", "tested", counts)]


def shown_grade(item: Recommended) -> str:
    """The grade beside a status: that of evidence that holds or fails, else none."""
    return item.grade or "" if item.status in ("holds", "fails") else ""


def needs_sentence(words: Words, row: Recommendation, item: Recommended) -> str:
    """What a recommendation asks of the evidence, in words."""
    notes = {one.name: words.inside(words.typeset(one.note[words.language])) for one in item.evidence}
    return words.say("advice", "needs", {"needs": _spelt(words, row.expression, notes)})


def evidence_value(words: Words, one: Weighed) -> str:
    """What was found for an item of evidence: the verdict of its claim, an estimate, or why there is none."""
    if one.claim:
        return words.say("alt", "row", {"name": one.claim, "value": words.word(one.verdict)})
    if not one.row or one.row["estimate"] is None:
        return words.word("no_estimate" if not one.row else one.row["status"])
    return words.estimate(one.row)


def evidence_line(words: Words, one: Weighed) -> dict[str, str]:
    """An item of evidence as a row of a table."""
    return {
        words.word("evidence"): words.typeset(one.note[words.language]),
        words.word("here"): evidence_value(words, one),
        words.word("outcome"): words.word(one.outcome),
        words.word("border"): _border(words, one),
        words.word("distance"): _distance(words, one.border),
        words.word("alone_turns"): words.word("yes" if one.decides else "no"),
    }


def evidence_sentence(words: Words, one: Weighed) -> str:
    """An item of evidence as a sentence."""
    values = {"note": words.typeset(one.note[words.language]), "value": evidence_value(words, one)}
    return words.say("advice", "evidence", values | {"outcome": words.word(one.outcome)})


def indicator_sentences(words: Words, row: Recommendation, item: Recommended) -> list[str]:
    """The indicator to follow with its baseline and goal, and the survey that would see a change in it."""
    label = {"indicator_label": words.measure(row.indicator, row.indicator_population)}
    base, goal = item.baseline, {"goal_share": row.goal, "need_size": item.need}
    if not base or base["estimate"] is None:
        return [words.say("recommendations", "no_indicator", label), words.say("advice", "goal_alone", goal)]
    span = (
        words.span(base["low"], base["high"], base["unit"]) if base["low"] is not None else words.show("no_share", None)
    )
    shown = words.say("recommendations", "indicator", label | {"baseline_share": base["estimate"], "span": span})
    return [shown, words.say("advice", "goal" if item.need else "goal_reached", goal)]


def follow_up_sentences(words: Words, item: Recommended) -> list[str]:
    """The sample of the next survey, or why no survey would do, and what one of this size would see."""
    sample = item.follow_up
    if sample is None or item.baseline is None:
        return [words.say("advice", "no_follow_up")]
    return [words.say("advice", sample.state, _sampled(words, sample, item.baseline)), _seen(words, sample)]


def assumptions(words: Words) -> str:
    """What all sample sizes on a page rest on."""
    rule = words.plan.telling.follow_up
    return words.say("advice", "assumptions", {"power_share": rule.power, "alpha_share": rule.alpha})


def cost_sentence(words: Words, row: Recommendation) -> str:
    """The cost class with its source, or that it is not known."""
    if row.cost_source is None:
        return words.say("advice", "cost_unknown")
    values = {"cost_label": words.word(f"cost_{row.cost}"), "source_label": words.text(row, "cost_source")}
    return words.say("advice", "cost", values)


def turning_sentences(words: Words, row: Recommendation, item: Recommended) -> list[str]:
    """What would change our mind: as declared, and the item nearest to turning the whole alone, in numbers."""
    declared = {"text_label": words.text(row, "change_mind")}
    return [words.say("recommendations", "change_mind", declared), *_turning(words, item.evidence)]


def rule_sentences(words: Words) -> list[str]:
    """How a status comes about, and the order in which recommendations stand."""
    rule = words.plan.telling.order
    statuses = {"statuses_list": [words.word(status) for status in rule.status]}
    keys = [words.say("advice", f"key_{key}", statuses) for key in rule.keys]
    return [words.say("advice", "rule_status"), words.say("advice", "rule_order", {"keys_series": keys})]


def _survey(words: Words) -> str:
    is_simulated = words.profile is not None and words.profile.is_simulated
    return words.word(f"this_survey_{'simulated' if is_simulated else 'delivered'}")


def _spelt(words: Words, expression: Expression, notes: Mapping[str, str], is_inner: bool = False) -> str:
    match expression:
        case Name(name):
            return notes[name]
        case Not(part):
            said = words.say("advice", "not_of", {"part": _spelt(words, part, notes, True)})
        case AtLeast(count, parts):
            state = "all_of" if count == len(parts) else "any_of" if count == 1 else "at_least_of"
            spelt = [_spelt(words, part, notes, True) for part in parts]
            said = words.say("advice", state, {"least_count": count, "parts_series": spelt})
    return words.say("advice", "inner", {"part": said}) if is_inner else said


def _border(words: Words, one: Weighed) -> str:
    if one.border is not None:
        return _in_unit(words, one.border, one.border.border)
    return words.say("advice", "border_p", {"alpha_p": ALPHA}) if one.p is not None else "–"


def _distance(words: Words, border: Border | None) -> str:
    if border is None or border.errors is None:
        return "–"
    return words.say("advice", "distance", {"gap_points": border.gap, "errors_number": abs(border.errors)})


def _in_unit(words: Words, border: Border, value: float) -> str:
    return words.show(f"the_{border.unit}", value)


def _turning(words: Words, evidence: Sequence[Weighed]) -> list[str]:
    """The item nearest to its border among those that decide alone; without borders, the claim of the largest p-value."""
    near = [one for one in evidence if one.decides and one.border and one.border.errors is not None]
    claims = [one for one in evidence if one.decides and one.p is not None]
    if near:
        one = min(near, key=lambda item: abs(item.border.errors))  # type: ignore[union-attr,arg-type]
        said = [words.say("advice", "turn", _distances(words, one, one.border))]  # type: ignore[arg-type]
    elif claims:
        one = max(claims, key=lambda item: item.p or 0.0)
        said = [words.say("advice", "turn_claim", {"note_label": one.note[words.language]})]
    else:
        return [words.say("advice", "turn_none")]
    if one.p is not None:
        said.append(words.say("advice", "turn_p", {"found_p": one.p, "alpha_share": ALPHA}))
    return said


def _distances(words: Words, one: Weighed, border: Border) -> dict[str, Any]:
    return {
        "note_label": one.note[words.language],
        "measured": words.opening(words.measure(border.measure, border.population)),
        "value": _in_unit(words, border, border.estimate),
        "border": _in_unit(words, border, border.border),
        "gap_size": border.gap,
        "errors_number": abs(border.errors or 0.0),
    }


def _sampled(words: Words, sample: Sample, base: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "baseline_share": base["estimate"],
        "expected_share": sample.expected,
        "change_points": sample.change,
        "people_count": sample.people,
        "clusters_count": sample.clusters,
        "times_number": words.plan.telling.follow_up.most_times,
    }


def _seen(words: Words, sample: Sample) -> str:
    return words.say("advice", "seen_none" if sample.seen is None else "seen", {"seen_size": sample.seen})
