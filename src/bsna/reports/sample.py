"""How a survey was drawn and weighted, and for whom each interview stands."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from bsna import shelf
from bsna.chapter import Survey, banner, measure_survey, tell, vocabulary
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.intake.sampling import design_frame
from bsna.judgement.planned_power import ClaimPower, claim_powers, planned_samples
from bsna.publishing import figures
from bsna.publishing.tables import show_table
from bsna.publishing.wording import Words


def report_sample(profile: str, language: str) -> Survey:
    """Weight the interviews, show who stands for whom, and write the designs."""
    facts, plan = load_profile(profile), load_plan()
    words = vocabulary(facts, plan, language)
    banner(words)
    answers, diagnostics = {}, []
    for name in facts.populations:
        weighting = design_frame(shelf.read_frame(profile, "cleaned", name), facts, name)
        shelf.write_frame(weighting.frame, profile, "design", name)
        answers[name] = weighting.frame
        diagnostics.append(weighting.diagnostics)
        _tell_design(words, name, weighting.frame, weighting.diagnostics)
    shelf.write_frame(pd.concat(diagnostics, ignore_index=True), profile, "design", "diagnostics")
    return measure_survey(answers, words, "sample")


def show_planned_power(survey: Survey) -> None:
    """Show what the planned sample could tell of each claim, as known before anybody was asked."""
    lines, table = planned_power(survey.words)
    for line in lines:
        tell(line)
    if not table.empty:
        show_table(survey.words, table, survey.words.word("planned_title"), "planned-power")


def planned_power(words: Words) -> tuple[list[str], pd.DataFrame]:
    """Sentences on the planned sample of a survey and on what is assumed, and a table with a row for each claim.

    The table is empty if the survey declares no planned sample. Raises ValueError as `claim_powers` does.
    """
    assert words.profile is not None
    samples = planned_samples(words.profile)
    if not samples:
        return [words.say("planned", "absent")], pd.DataFrame()
    powers = claim_powers(words.plan, samples)
    lines = []
    for name, sample in samples.items():
        values = {
            "population": words.word(name),
            "people_count": sample.people,
            "clusters_count": sample.clusters,
            "strata_count": sample.strata,
            "deff_number": sample.weight_effect,
        }
        lines.append(words.say("planned", "sample", values))
    return lines + _assumptions(words, powers), pd.DataFrame([_power_cells(words, power) for power in powers])


def _assumptions(words: Words, powers: Sequence[ClaimPower]) -> list[str]:
    plan = words.plan
    used = {(row.source, row.item): row for row in map(plan.cluster_effect, plan.assumed_shares)}
    studies = dict.fromkeys(words.text(row, "study") for row in used.values())
    values = {
        "total_count": len(plan.assumed_shares),
        "published_count": sum(row.basis == "published" for row in plan.assumed_shares),
        "studies_series": list(studies),
    }
    lines = [words.say("planned", "power", {"claims_count": max(power.family or 0 for power in powers)})]
    lines += [words.say("planned", "assumed", values), words.say("planned", "reading")]
    if unplanned := [words.word(name) for name in _unplanned(words, powers)]:
        lines.append(words.say("planned", "unplanned", {"populations_series": unplanned}))
    return lines


def _unplanned(words: Words, powers: Sequence[ClaimPower]) -> list[str]:
    """Populations without a planned sample on which some claim rests."""
    assert words.profile is not None
    planned = planned_samples(words.profile)
    claims = [words.plan.row("claims", power.claim_id) for power in powers if power.alone is None]
    needed = [name for claim in claims for name in words.plan.populations_of(claim)]
    return [name for name in dict.fromkeys(needed) if name not in planned]


def _power_cells(words: Words, power: ClaimPower) -> dict[str, str]:
    claim = words.plan.row("claims", power.claim_id)
    return {
        words.word("claim"): f"{claim.id}. {words.text(claim, 'title')}",
        words.word("expected"): words.show("people_count", power.people),
        words.word("assumed_deff"): words.show("deff_number", power.design_effect),
        words.word("half_width"): words.show("half_size", power.half_width),
        words.word("power_alone"): _chances(words, power.alone),
        words.word("power_corrected"): _chances(words, power.corrected),
    }


def _chances(words: Words, bounds: tuple[float, float] | None) -> str:
    if bounds is None:
        return "–"
    low, high = map(words.probability, bounds)
    return low if low == high else words.word("span_points").format(low=low, high=high)


def _tell_design(words: Words, population: str, frame: pd.DataFrame, facts: pd.DataFrame) -> None:
    count = facts[facts["kind"] == "count"].set_index("variable")
    records = count.loc["records"]
    effect = facts[facts["kind"] == "design_effect"]["after"].iloc[0]
    values = {
        "interviews_count": len(frame),
        "clusters_count": frame[["stratum", "psu"]].drop_duplicates().shape[0],
        "strata_count": frame["stratum"].nunique(),
        "without_consent_count": records["before"] - records["after"],
        "deff_number": effect,
    }
    tell(f"**{words.word(population)}.** " + words.say("sample", "base", values))
    assert words.profile is not None
    design = words.profile.design.get(population)  # type: ignore[call-overload]
    if design:
        tell(words.text(design, "assumption"))
    lonely = count.loc["strata_with_one_cluster", "after"]
    if lonely and design:
        tell(words.say("sample", "lonely", {"lonely_count": lonely, "rule": design.lonely}))
    margins = facts[facts["kind"] == "margin"]
    if population != "community":
        return
    if margins.empty:
        tell(words.say("sample", "not_raked"))
        return
    trimmed = count["after"].get("trimmed", 0)
    title = words.say("sample", "raked", {"trimmed_count": trimmed})
    labels = [_margin_label(words, row) for row in margins.to_dict("records")]
    figures.show(figures.before_after(words, margins, labels, title))


def _margin_label(words: Words, row: Mapping[Any, Any]) -> str:
    for group in words.plan.groups:
        if (group.source, group.population) == (row["variable"], "community"):
            return words.level(group.group, row["level"], "community")
    question = words.questionnaires["community"].question(row["variable"])
    return words.typeset(question.choice_label(row["level"], words.language))
