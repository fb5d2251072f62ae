"""The register of comparability as a reader sees it: concept by survey, in word and shape, with the reasons."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from bsna.chapter import head, tell, vocabulary
from bsna.intake.plan import Comparable, load_plan
from bsna.intake.profile import Profile, list_profiles, load_profile
from bsna.intake.register import asks_any, unmarked
from bsna.judgement.comparability import mark_of, marks_of
from bsna.publishing.blocks import folded, show_block
from bsna.publishing.tables import show_table, table_html
from bsna.publishing.wording import Words


def report_register(language: str) -> None:
    """Show for every survey that the house knows, run or not, what may be compared; simulated and real apart."""
    words = vocabulary(None, load_plan(), language)
    surveys = [load_profile(name) for name in list_profiles()]
    tell(words.say("register", "rule"))
    for source in ("simulated", "delivered"):
        kind = [survey for survey in surveys if survey.source == source]
        if not kind:
            continue
        head(3, words.say("countries", source))
        lines = [_line(words, concept, kind) for concept in words.plan.comparability]
        show_table(
            words, pd.DataFrame(lines), words.say("register", "title"), f"register-{source}", words.sources(kind)
        )
        _show_missing(words, kind)
        for concept in words.plan.comparability:
            _show_reasons(words, concept, kind)


def _line(words: Words, concept: Comparable, surveys: Sequence[Profile]) -> dict[str, str]:
    return {words.word("concept"): words.text(concept, "label")} | {
        _name(words, survey): words.word(f"mark_{_state(words, concept, survey)}") for survey in surveys
    }


def _state(words: Words, concept: Comparable, survey: Profile) -> str:
    """The mark of a survey on a concept; else whether it lacks one or never asked."""
    kind = mark_of(words.plan, concept.concept, survey.id)
    return kind or ("unmarked" if asks_any(survey, words.plan, concept.concept) else "not_asked")


def _show_missing(words: Words, surveys: Sequence[Profile]) -> None:
    if not unmarked(words.plan, surveys):
        return
    names = [
        words.say("register", "missing_one", {"concept": words.text(concept, "label"), "survey": _name(words, survey)})
        for concept in words.plan.comparability
        for survey in surveys
        if _state(words, concept, survey) == "unmarked"
    ]
    tell(words.say("register", "missing", {"missing_series": names}))


def _show_reasons(words: Words, concept: Comparable, surveys: Sequence[Profile]) -> None:
    rows = [(row, survey) for survey in surveys for row in marks_of(words.plan, concept.concept, survey.id)]
    alike: dict[tuple[str, str, str], list[str]] = {}
    for row, survey in rows:
        alike.setdefault((row.aspect, row.kind, words.text(row, "reason")), []).append(_name(words, survey))
    lines = [
        {
            words.word("surveys_pair"): words.word("separator").join(names),
            words.word("aspect"): words.word(f"aspect_{aspect}"),
            words.word("mark"): words.word(f"mark_{kind}"),
            words.word("reason"): reason,
        }
        for (aspect, kind, reason), names in alike.items()
    ]
    if not lines:
        return
    title = words.say("register", "reasons", {"concept": words.text(concept, "label")})
    name = f"reasons-{concept.concept}-{surveys[0].source}"
    table = table_html(words, pd.DataFrame(lines), title, name, words.sources(surveys))
    show_block(folded(title, f'<div class="bsna-table">{table}</div>'))


def _name(words: Words, survey: Profile) -> str:
    names: Any = survey.name
    return str(names[words.language])
