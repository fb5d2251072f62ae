"""All surveys side by side, as the register of comparability allows."""

from typing import Any

import pandas as pd

from bsna import paths, shelf
from bsna.chapter import banner, head, tell, vocabulary
from bsna.intake.plan import Comparable, load_plan
from bsna.intake.profile import Profile, list_profiles, load_profile
from bsna.publishing.tables import show_table
from bsna.publishing.wording import Words
from bsna.reports.findings import read_verdicts


def report_countries(language: str) -> None:
    """All surveys that have verdicts, side by side, simulated and real apart, as the comparability rows allow."""
    plan = load_plan()
    words = vocabulary(None, plan, language)
    banner(words)
    done = [load_profile(p) for p in list_profiles() if (paths.processed(p) / "recommendations").is_dir()]
    for source in ("simulated", "delivered"):
        surveys = [profile for profile in done if profile.source == source]
        head(2, words.say("countries", source))
        if not surveys:
            tell(words.say("countries", "no_delivered"))
            continue
        _show_matrix(words, surveys)
        _show_levels(words, surveys)


def _show_matrix(words: Words, surveys: list[Profile]) -> None:
    verdicts = {s.id: {v.claim_id: v for v in read_verdicts(s.id)} for s in surveys}
    lines = [
        {words.word("claim"): f"{c.id}. {words.text(c, 'title')}"}
        | {s.name[words.language]: words.word(verdicts[s.id][c.id].verdict) for s in surveys}  # type: ignore[index]
        for c in words.plan.claims
    ]
    show_table(_under(words, surveys[0]), pd.DataFrame(lines), words.word("verdict"), f"verdicts-{surveys[0].source}")
    items = {
        s.id: {r["id"]: r["status"] for r in shelf.read_record(s.id, "recommendations", "recommendations")}
        for s in surveys
    }
    lines = [
        {words.word("recommendation"): f"{r.id}. {words.text(r, 'action')}"}
        | {s.name[words.language]: words.word(items[s.id][r.id]) for s in surveys}  # type: ignore[index]
        for r in words.plan.recommendations
    ]
    show_table(
        _under(words, surveys[0]),
        pd.DataFrame(lines),
        words.word("recommendation"),
        f"recommendations-{surveys[0].source}",
    )


def _show_levels(words: Words, surveys: list[Profile]) -> None:
    """Estimates side by side, concept by concept, each with the reason why it may or may not be compared.

    Surveys with our questionnaire and those that came through a crosswalk are never put into one table.
    """
    for family in ("bsna", "foreign"):
        members = [survey for survey in surveys if (survey.crosswalk is None) == (family == "bsna")]
        for concept in words.plan.comparability if members else ():
            if family in concept.surveys:
                _show_concept(words, concept, members, f"levels-{concept.concept}-{family}")


def _show_concept(words: Words, concept: Comparable, surveys: list[Profile], name: str) -> None:
    reason = words.text(concept, "reason")
    if concept.kind == "not":
        tell(reason)
        return
    lines = [_level_line(words, measure, surveys) for measure in concept.measures]
    if filled := [line for line in lines if line]:
        show_table(_under(words, surveys[0]), pd.DataFrame(filled), reason, name)


def _level_line(words: Words, name: str, surveys: list[Profile]) -> dict[str, str] | None:
    known = False
    line: dict[str, str] = {}
    population = next(m.population for m in words.plan.measures if m.measure == name)
    line[words.word("measure")] = words.measure(name, population)
    for survey in surveys:
        row = _estimate_of(survey.id, name, population)
        known |= row is not None
        line[survey.name[words.language]] = (
            "–" if row is None else f"{words.value(row)} ({words.span(row['low'], row['high'], row['unit'])})"
        )  # type: ignore[index]
    return line if known else None


def _estimate_of(profile: str, name: str, population: str) -> dict[str, Any] | None:
    folder = paths.processed(profile) / "estimates"
    for path in sorted(folder.glob("*.parquet")):
        rows = shelf.read_frame(profile, "estimates", path.stem)
        hit = rows[
            (rows["measure"] == name)
            & (rows["population"] == population)
            & (rows["by"] == "")
            & (rows["category"] == "")
            & rows["status"].isin(["ok", "imprecise"])
        ]
        if len(hit):
            return {str(k): v for k, v in hit.iloc[0].to_dict().items()}
    return None


def _under(words: Words, survey: Profile) -> Words:
    """The same words, with the source line of one kind of survey."""
    return Words(words.plan, words.questionnaires, survey, words.language)
