"""From codes to numbers: the measures and groups of the plan, one column each."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bsna.intake.plan import Group, Measure, Plan
from bsna.intake.reasons import ASKED_WITHOUT_ANSWER, NOT_ASKED, NOT_IN_SURVEY, is_reason


def measure(frame: pd.DataFrame, plan: Plan, population: str) -> pd.DataFrame:
    """Make the analysis table of one population.

    One row is one interview. `frame` is a typed table, with or without design columns, which stay. Added are
    one float column per measure (share: 1, 0; missing where there is no answer or the person does not count)
    and one text column per group (missing where there is no answer). Ranked and scaled questions also get a
    column under their own name, with missing answers taken out.
    """
    columns: dict[str, pd.Series] = {}
    for name in frame.columns:
        columns[name] = frame[name] if name in ("weight", "weight_base") else _answers(frame, name)
    for spec in plan.measures:
        if spec.population == population:
            columns[spec.measure] = _measure(frame, spec)
    for group in plan.groups:
        if group.population == population and _is_there(group.source, columns):
            columns[group.group] = _group(columns, frame, group, plan)
    return pd.DataFrame(columns)


def absent_measures(frame: pd.DataFrame, plan: Plan, population: str) -> tuple[str, ...]:
    """Measures of which at least one question was not part of this survey for anybody."""
    gone = {c for c in frame.columns if c not in ("weight", "weight_base") and (frame[c] == NOT_IN_SURVEY).all()}
    return tuple(
        spec.measure
        for spec in plan.measures
        if spec.population == population and any(name in gone or name not in frame.columns for name in spec.question)
    )


def nonresponse(answers: pd.Series) -> tuple[int, int]:
    """People asked a question, and those of them without a usable answer."""
    silent = answers.isin(ASKED_WITHOUT_ANSWER)
    return int((silent | ~is_reason(answers)).sum()), int(silent.sum())


def is_silent(frame: pd.DataFrame, spec: Measure) -> pd.Series:
    """True for those asked who gave no usable answer and whose measure is therefore missing.

    A measure of several questions that the answers given settle already is not missing.
    """
    return frame[list(spec.question)].isin(ASKED_WITHOUT_ANSWER).any(axis=1) & _measure(frame, spec).isna()


def extreme_measure(frame: pd.DataFrame, spec: Measure, value: float) -> pd.Series:
    """The measure if everybody silent (`is_silent`) had answered `value` (0 or 1)."""
    return _measure(frame, spec).mask(is_silent(frame, spec), value)


def extreme_ranking(frame: pd.DataFrame, questions: Sequence[str], items: Sequence[str]) -> pd.DataFrame:
    """The ranked answers if everybody asked who named no first had named these, in this order."""
    silent = frame[questions[0]].isin(ASKED_WITHOUT_ANSWER)
    columns = {name: _answers(frame, name) for name in questions}
    return pd.DataFrame({name: columns[name].mask(silent, item) for name, item in zip(questions, items, strict=True)})


def _answers(frame: pd.DataFrame, name: str) -> pd.Series:
    answers = frame[name].astype(object)
    return answers.mask(is_reason(frame[name]), None)


def _is_there(source: str, columns: dict[str, pd.Series]) -> bool:
    return source in columns and bool(columns[source].notna().any())


def _measure(frame: pd.DataFrame, spec: Measure) -> pd.Series:
    if any(name not in frame.columns for name in spec.question):
        return pd.Series(np.nan, index=frame.index)
    values = _KINDS[spec.kind](frame, spec)
    if spec.not_asked_means == "no":
        values = values.mask(frame[spec.question[0]] == NOT_ASKED, 0.0)
    if spec.base:
        column, _, codes = spec.base.partition("=")
        values = values.where(frame[column].isin(codes.split("|")))
    return values


def _share(frame: pd.DataFrame, spec: Measure) -> pd.Series:
    return _one(frame[spec.question[0]], spec.codes)


def _one(answers: pd.Series, codes: Sequence[str]) -> pd.Series:
    """1 or 0 for each answer, missing where a reason stands. Each different answer is looked at once."""
    places, different = pd.factorize(answers)
    silent = is_reason(pd.Series(different, dtype=object))
    hits = [np.nan if none else float(_is_hit(value, codes)) for value, none in zip(different, silent, strict=True)]
    return pd.Series(np.array([*hits, np.nan])[places], index=answers.index)


def _is_hit(answer: str, codes: Sequence[str]) -> bool:
    """Whether an answer holds one of the codes, or is a number within one given as from..to."""
    return any(
        float(low) <= float(answer) <= float(high) if dots else code in answer.split(" ")
        for code, (low, dots, high) in ((code, code.partition("..")) for code in codes)
    )


def _any(frame: pd.DataFrame, spec: Measure) -> pd.Series:
    """One of the questions; missing only if none says yes and some is unanswered."""
    parts = pd.DataFrame({name: _one(frame[name], spec.codes) for name in spec.question})
    return parts.max(axis=1).mask((parts.max(axis=1) == 0) & parts.isna().any(axis=1))


def _all(frame: pd.DataFrame, spec: Measure) -> pd.Series:
    """All of the questions; missing only if none says no and some is unanswered."""
    parts = pd.DataFrame({name: _one(frame[name], spec.codes) for name in spec.question})
    return parts.min(axis=1).mask((parts.min(axis=1) == 1) & parts.isna().any(axis=1))


def _named(frame: pd.DataFrame, spec: Measure) -> pd.Series:
    """Named at any place of a list, among people who named a first."""
    named = frame[list(spec.question)].isin(list(spec.codes)).any(axis=1).astype(float)
    return named.mask(is_reason(frame[spec.question[0]]))


def _number(frame: pd.DataFrame, spec: Measure) -> pd.Series:
    answers = frame[spec.question[0]]
    return pd.to_numeric(answers.mask(is_reason(answers) | (answers == "")), errors="coerce").astype(float)


def _score(frame: pd.DataFrame, spec: Measure) -> pd.Series:
    position = {code: float(number) for number, code in enumerate(spec.codes)}
    return frame[spec.question[0]].map(position).astype(float)


def _group(columns: dict[str, pd.Series], frame: pd.DataFrame, group: Group, plan: Plan) -> pd.Series:
    levels = [level for level in plan.levels if level.group == group.group]
    source = columns[group.source]
    if not levels:
        return source.astype(object)
    numbers = pd.to_numeric(source, errors="coerce")
    made = pd.Series(None, index=frame.index, dtype=object)
    for level in levels:
        low, dots, high = level.codes.partition("..")
        if dots:
            inside = (numbers >= float(low)) & (numbers <= float(high))
        elif pd.api.types.is_float_dtype(source):
            inside = numbers == float(level.codes)
        else:
            inside = source.isin(level.codes.split())
        made = made.mask(inside.fillna(False).astype(bool), level.level)
    return made


_KINDS = {
    "share": _share,
    "any": _any,
    "all": _all,
    "named": _named,
    "number": _number,
    "score": _score,
}
