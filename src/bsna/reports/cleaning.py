"""What cleaning found and changed, and what it did to the headline estimates."""

from collections.abc import Mapping

import pandas as pd

from bsna import shelf
from bsna.chapter import banner, design_of, shelve_results, tell, vocabulary
from bsna.estimation import EmptyDomain, proportion
from bsna.intake.cleaned import Cleaned, cleaning_counts, count_columns, replay
from bsna.intake.instrument import load_questionnaire
from bsna.intake.plan import load_plan, validate_plan
from bsna.intake.profile import POPULATIONS, load_profile
from bsna.intake.reading import checks_of, clean_survey, type_survey
from bsna.intake.reasons import reason_counts
from bsna.intake.sampling import design_frame
from bsna.judgement import release
from bsna.publishing.cards.answer_results import CLEANING, shift_results
from bsna.publishing.cards.results import Result, tied
from bsna.publishing.tables import show_table
from bsna.publishing.wording import Words

HEADLINES = "cleaning_headlines"
"""Table of the plan whose measures are shown before and after."""


def report_cleaning(profile: str, language: str) -> None:
    """Type and clean a survey, show what was found and changed, and write the cleaned tables."""
    facts, plan = load_profile(profile), load_plan()
    validate_plan(plan, {name: load_questionnaire(name) for name in POPULATIONS})
    words = vocabulary(facts, plan, language)
    banner(words)
    typed = type_survey(facts)
    cleaned = clean_survey(facts, typed)
    for name, frame in cleaned.frames.items():
        if not replay(typed[name], cleaned.log, name).equals(frame):
            raise ValueError(f"{profile}/{name}: the log does not replay into the cleaned table")
        shelf.write_frame(frame, profile, "cleaned", name)
        shelf.write_frame(typed[name], profile, "typed", name)
    shelf.write_frame(cleaned.log, profile, "cleaned", "log")
    shelf.write_frame(cleaned.flags, profile, "cleaned", "flags")
    _tell_cleaning(words, typed, cleaned)


def _tell_cleaning(words: Words, typed: Mapping[str, pd.DataFrame], cleaned: Cleaned) -> None:
    facts = words.profile
    assert facts is not None
    questionnaires = {name: load_questionnaire(name) for name in typed}
    counts = cleaning_counts(typed, cleaned, checks_of(facts), questionnaires)
    interviews = pd.DataFrame(counts["interviews"])
    per_check = pd.DataFrame(counts["checks"], columns=count_columns())
    decided = pd.DataFrame(counts["decisions"])
    if per_check.empty and decided.empty:
        tell(words.say("cleaning", "none"))
    else:
        changed = per_check["changed"].sum() + (decided["changed"].sum() if len(decided) else 0)
        values = {
            "records_count": interviews["received"].sum(),
            "dropped_count": interviews["dropped"].sum(),
            "changed_count": changed,
            "flagged_count": per_check["flagged"].sum(),
        }
        tell(words.say("cleaning", "counts", values))
        tell(words.say("cleaning", "replayed"))
        _show_checks(words, per_check, decided)
    shelve_results(facts.id, CLEANING, _show_shift(words, typed, cleaned))
    _show_silence(words, cleaned)


def _show_checks(words: Words, per_check: pd.DataFrame, decided: pd.DataFrame) -> None:
    found = per_check[per_check["found"] > 0]
    checks = pd.DataFrame(
        {
            words.word("check"): found[f"reason_{words.language}"],
            words.word("population"): [words.word(p) for p in found["population"]],
            words.word("found"): found["found"],
            words.word("changed"): found["changed"],
            words.word("dropped"): found["dropped"],
            words.word("flagged"): found["flagged"],
        }
    )
    if len(checks):
        show_table(words, checks, words.word("checks_title"), "checks")
    if len(decided):
        decided = decided.groupby(["reason", "population"], sort=False, as_index=False)[["changed", "dropped"]].sum()
        table = pd.DataFrame(
            {
                words.word("decision"): decided["reason"],
                words.word("population"): [words.word(p) for p in decided["population"]],
                words.word("changed"): decided["changed"],
                words.word("dropped"): decided["dropped"],
            }
        )
        show_table(words, table, words.word("decisions_title"), "decisions")


def _show_shift(words: Words, typed: Mapping[str, pd.DataFrame], cleaned: Cleaned) -> list[Result]:
    """Show headline estimates on uncleaned and cleaned answers, under the same design, and give them as results."""
    facts = words.profile
    assert facts is not None
    designs = []
    for frames in (typed, cleaned.frames):
        weighted = design_frame(frames["community"], facts, "community").frame
        designs.append(design_of(weighted, facts, words.plan, "community"))
    lines, largest = [], 0.0
    results: list[Result] = []
    for name in words.plan.row("tables", HEADLINES).measures:
        try:
            rows = [
                release(proportion(d, name).assign(population="community"), facts.publication).iloc[0] for d in designs
            ]
        except EmptyDomain:
            continue
        if any(row["status"] == "withheld" for row in rows):
            continue
        largest = max(largest, abs(rows[1]["estimate"] - rows[0]["estimate"]))
        made = shift_results(facts.id, name, {"received": rows[0], "cleaned": rows[1]})
        results += made.values()
        ends = [tied(dict(row), one) for row, one in zip(rows, made.values(), strict=True)]
        cells = {words.word("raw"): ends[0], words.word("cleaned"): ends[1]}
        lines.append(
            {words.word("measure"): words.measure(name, "community")} | {k: words.estimate(r) for k, r in cells.items()}
        )
    if lines:
        tell(words.say("cleaning", "shift", {"largest_size": largest}))
        show_table(words, pd.DataFrame(lines), words.word("shift_title"), "shift")
    return results


def _show_silence(words: Words, cleaned: Cleaned) -> None:
    frame = cleaned.frames["community"]
    counts = reason_counts(
        frame[[q.name for q in load_questionnaire("community").questions if q.choices and q.name in frame]]
    )
    silent = counts[["~refused", "~dont_know", "~no_answer"]].sum(axis=1)
    share = (silent / (silent + counts["answered"]).clip(lower=1)).where(counts["answered"] > 0, 0.0)
    worst = counts.assign(share=share).nlargest(1, "share", keep="first").iloc[0]
    label = words.question(worst["column"], "community")
    tell(words.say("sample", "missing", {"question": label, "silent_share": worst["share"]}))
