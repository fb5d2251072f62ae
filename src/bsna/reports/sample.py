"""How a survey was drawn and weighted, and for whom each interview stands."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bsna import shelf
from bsna.chapter import Survey, banner, measure_survey, tell, vocabulary
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.intake.sampling import design_frame
from bsna.publishing import figures
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
