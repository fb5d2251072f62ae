"""The register of comparability as a reader sees it: concept by survey, in word and shape, with the reasons."""

from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd

from bsna.chapter import head, tell, vocabulary
from bsna.intake.plan import Comparable, load_plan
from bsna.intake.profile import Profile, list_profiles, load_profile
from bsna.intake.register import asks_any, unmarked
from bsna.judgement.comparability import mark_of, marks_of
from bsna.publishing.blocks import folded, show_block
from bsna.publishing.tables import table_html
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
        show_block(_table(words, kind))
        _show_missing(words, kind)
        reasons = "".join(_reasons(words, concept, kind) for concept in words.plan.comparability)
        show_block(folded(words.say("register", "all_reasons"), reasons))


def _table(words: Words, surveys: Sequence[Profile]) -> str:
    """Concept by survey: the shape of each mark, small enough for a telephone, with its word for who hears it and below."""
    heads = "".join(f'<th scope="col">{escape(_name(words, survey))}</th>' for survey in surveys)
    rows, said = [], dict[str, None]()
    for concept in words.plan.comparability:
        cells = []
        for survey in surveys:
            mark = words.word(f"mark_{_state(words, concept, survey)}")
            shape, _, meaning = mark.partition(" ")
            said[mark] = None
            cells.append(
                f'<td><span aria-hidden="true">{escape(shape)}</span><span class="bsna-spoken">{escape(meaning)}</span></td>'
            )
        rows.append(f'<tr><th scope="row">{escape(words.text(concept, "label"))}</th>{"".join(cells)}</tr>')
    head = f'<thead><tr><th scope="col">{escape(words.word("concept"))}</th>{heads}</tr></thead>'
    caption = f"<caption>{escape(words.say('register', 'title'))}</caption>"
    legend = f'<p class="bsna-legend">{escape(words.word("separator").join(said))}</p>'
    table = f"<table>{caption}{head}<tbody>{''.join(rows)}</tbody></table>"
    return f'<div class="bsna-front">{table}</div>{legend}<p class="bsna-legend">{escape(words.sources(surveys))}</p>'


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


def _reasons(words: Words, concept: Comparable, surveys: Sequence[Profile]) -> str:
    """Everything that the register says on a concept, as a folded table."""
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
        return ""
    title = words.say("register", "reasons", {"concept": words.text(concept, "label")})
    name = f"reasons-{concept.concept}-{surveys[0].source}"
    table = table_html(words, pd.DataFrame(lines), title, name, words.sources(surveys))
    return folded(words.text(concept, "label"), f'<div class="bsna-table">{table}</div>')


def _name(words: Words, survey: Profile) -> str:
    names: Any = survey.name
    return str(names[words.language])
