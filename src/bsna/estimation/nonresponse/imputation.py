"""What those who gave no answer might have said: several completed copies of a survey."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from bsna.estimation.nonresponse.matching import Item, Unimputable, item_of, matched
from bsna.estimation.sample.design import SurveyDesign, Where
from bsna.estimation.sample.resampling import bootstrap_weights

_ANSWERS_PER_TERM = 5
_UNSETTLED = 1e-5


@dataclass(frozen=True)
class Imputed:
    """Completed copies of a survey.

    `original` is the design as it was; `designs` one for each copy, the same but for the imputed columns. `counts` has
    a row per imputed column: column, answered and imputed (people, unweighted). `trace` holds after each cycle the mean
    of the imputed numbers, or the share of the first category among them, shape (copies, cycles, columns with something
    missing).
    """

    original: SurveyDesign
    designs: tuple[SurveyDesign, ...]
    counts: pd.DataFrame
    trace: np.ndarray


def impute(
    design: SurveyDesign,
    columns: Sequence[str],
    *,
    rng: np.random.Generator,
    given: Sequence[str] = (),
    where: Where | Mapping[str, Where] = None,
    sets: int = 20,
    cycles: int = 10,
    donors: int = 5,
) -> Imputed:
    """Fill the missing answers of `columns` several times, each time as they might have been.

    Assumption: answers are **missing at random** given what the survey holds, that is, among people alike in the other
    `columns`, in `given`, in stratum and in cluster, those who kept silent would have answered like those who spoke.
    Where silence depends on the answer itself this is wrong, and no data can tell; `worst_case_bounds` shows how wrong
    it can be.

    A missing value in `where` is a missing answer; outside it the person was not asked (or the interview broke off),
    and nothing is imputed: a question asked only after an answer that was itself imputed stays unasked. `where` may
    differ by column, as a mapping; columns it does not name are then asked of everybody. Columns of numbers (0/1 flags,
    scores, counts) are numbers, all others categories; `given` are complete columns that help to predict.

    Each copy starts from answers drawn at random and goes through `cycles`; each cycle draws clusters within strata
    anew (so that copies differ as samples do) and goes through the columns, those with the fewest missing first. A
    column is regressed, by weighted least squares, on all others and the strata, a deviation is drawn for each cluster,
    and each missing answer is taken from one of the `donors` people with the nearest prediction (`matched`). So only
    answers that somebody gave are imputed, neighbours stay nearly as alike as they were, and weights, strata and
    clusters count. Clusters count as drawn with replacement. In a stratum with one cluster there is none to draw
    instead, and the copies differ too little there. The same generator gives the same copies, in whatever order the
    rows stand, unless rows equal in everything used here differ in something else.

    Raises Unimputable for a column that nobody answered, a design without degrees of freedom or with replicate weights
    only, fewer than five answers for each term of a regression; RuntimeError for copies that still drift at the last
    cycle; ValueError for unknown, repeated or incomplete columns, infinite numbers and settings out of range. Sources:
    van Buuren and Groothuis-Oudshoorn (2011), chained equations; Little (1988), predictive mean matching; Rubin and
    Schenker (1986), approximate Bayesian bootstrap, here of clusters by Rao and Wu (1988); Reiter, Raghunathan and
    Kinney (2006), the design in the model.
    """
    for name, value, least in (("sets", sets, 2), ("cycles", cycles, 1), ("donors", donors, 1)):
        if value < least:
            raise ValueError(f"{name} is {value}; it must be at least {least}")
    _check_columns(design, columns, given)
    if design.replicates is not None and design.psu is None:
        raise Unimputable(
            "The design has replicate weights and names no clusters; without them copies cannot differ as samples do"
        )
    order = _order(design, [*columns, *given])
    sorted_design = SurveyDesign(
        design.frame.iloc[order].reset_index(drop=True), design.weight, design.stratum, design.psu, design.lonely
    )
    asked = _asked(design, columns, where)
    items = [item_of(sorted_design.frame[name], asked[name][order]) for name in columns]
    fixed = [item_of(sorted_design.frame[name], np.ones(len(order), dtype=bool)) for name in given]
    todo = sorted((item for item in items if item.missing.any()), key=lambda item: int(item.missing.sum()))
    _check_answers(sorted_design, todo, [*items, *fixed])
    chains = [_chain(sorted_design, todo, [*items, *fixed], rng, cycles, donors) for _ in range(sets)]
    trace = np.array([means for _, means in chains]).reshape(sets, cycles, len(todo))
    _check_settled(trace, todo)
    return Imputed(
        design,
        tuple(_completed(design, todo, values, order) for values, _ in chains),
        pd.DataFrame(
            {
                "column": list(columns),
                "answered": [int(item.observed.sum()) for item in items],
                "imputed": [int(item.missing.sum()) for item in items],
            }
        ),
        trace,
    )


def _chain(
    design: SurveyDesign, todo: list[Item], items: list[Item], rng: np.random.Generator, cycles: int, donors: int
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Completed values of one copy by column, and the means after each cycle, shape (cycles, columns)."""
    values = {item.name: item.values.copy() for item in items}
    for item in todo:
        pool = np.flatnonzero(item.observed)
        chances = design.weights[pool] / design.weights[pool].sum()
        values[item.name][item.missing] = item.values[rng.choice(pool, int(item.missing.sum()), p=chances)]
    strata = (design.stratum_codes[:, None] == np.arange(design.stratum_codes.max() + 1)).astype(float)
    blocks = {item.name: item.predictors(values[item.name]) for item in items}
    means = np.zeros((cycles, len(todo)))
    for cycle, weights in enumerate(bootstrap_weights(design, rng, cycles)):
        for place, item in enumerate(todo):
            others = np.column_stack([strata, *(block for name, block in blocks.items() if name != item.name)])
            filled = matched(item, others, design, weights, rng, donors)
            values[item.name][item.missing] = filled
            blocks[item.name] = item.predictors(values[item.name])
            means[cycle, place] = (filled == 0).mean() if item.levels else filled.mean()
    return {item.name: values[item.name] for item in todo}, means


def _completed(
    design: SurveyDesign, todo: list[Item], values: Mapping[str, np.ndarray], order: np.ndarray
) -> SurveyDesign:
    """The design with its columns filled; rows back in their own order, observed values untouched."""
    filled = {}
    for item in todo:
        column = design.frame[item.name].copy()
        rows = order[item.missing]
        found = values[item.name][item.missing]
        if item.levels:
            found = np.array([item.levels[int(code)] for code in found], dtype=object)
        elif not pd.api.types.is_float_dtype(column.dtype):
            found = pd.array(found).astype(column.dtype)
        column.iloc[rows] = found
        filled[item.name] = column
    return design.with_columns(**filled)


def _order(design: SurveyDesign, columns: Sequence[str]) -> np.ndarray:
    """An order of the rows that does not depend on how they stand: by design, then by the columns used."""
    keys = [design.frame[name] for name in filter(None, (design.stratum, design.psu, design.weight, *columns))]
    codes = [
        key.to_numpy() if pd.api.types.is_float_dtype(key) else pd.factorize(key.map(str), sort=True)[0] for key in keys
    ]
    return np.lexsort(codes[::-1])


def _asked(design: SurveyDesign, columns: Sequence[str], where: Where | Mapping[str, Where]) -> dict[str, np.ndarray]:
    per_column = dict.fromkeys(columns, where) if not isinstance(where, Mapping) else dict(where)
    if unknown := sorted(set(per_column) - set(columns)):
        raise ValueError(f"`where` names {unknown}, which are not to be imputed; expected some of {sorted(columns)}")
    return {name: design.select(per_column.get(name)) for name in columns}


def _check_columns(design: SurveyDesign, columns: Sequence[str], given: Sequence[str]) -> None:
    names = [*columns, *given]
    if not columns or design.frame.empty:  # asks a table for its rows, which it refuses
        raise ValueError("No column to impute was named")
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{repeated} stand more than once among `columns` and `given`")
    if used := sorted({design.weight, design.stratum, design.psu} & set(columns)):  # type: ignore[type-var]
        raise ValueError(f"{used} are part of the design, which has no missing values")
    for name in names:
        column = design.column(name)
        if pd.api.types.is_numeric_dtype(column) and np.isinf(column.to_numpy(dtype=float, na_value=np.nan)).any():
            raise ValueError(f"{name!r} holds infinite numbers")
        if name in given and (absent := int(column.isna().sum())):
            raise ValueError(
                f"{name!r} is given but missing for {absent} of {len(column)} respondents; impute it too, or do without"
            )


def _check_answers(design: SurveyDesign, todo: list[Item], items: list[Item]) -> None:
    if todo and not design.degrees_of_freedom(np.ones(len(design.frame), dtype=bool)) > 0:
        raise Unimputable(
            f"The design has {len(design.stratum_of_psu)} cluster(s) in {len(design.clusters_in_stratum)} stratum(s); "
            "with no cluster to draw instead of another, nothing says how uncertain an imputed answer is"
        )
    for item in todo:
        if not item.observed.any():
            raise Unimputable(
                f"Nobody of {int(item.missing.sum())} asked answered {item.name!r}; there is no answer to impute"
            )
    widths = {item.name: item.predictors(item.values).shape[1] for item in items}
    for item in todo:
        answers = int(item.observed.sum())
        terms = len(design.clusters_in_stratum) + sum(widths.values()) - widths[item.name]
        if answers < _ANSWERS_PER_TERM * terms and np.ptp(item.values[item.observed]) > 0:
            raise Unimputable(
                f"{item.name!r} has {answers} answers for the {terms} terms of its regression; it needs "
                f"{_ANSWERS_PER_TERM} for each. Name fewer columns, or merge categories or strata."
            )


def _check_settled(trace: np.ndarray, todo: list[Item]) -> None:
    """Copies are independent, so that a common movement over the second half of the cycles is drift, not chance."""
    sets, cycles, _ = trace.shape
    moved = trace[:, -1] - trace[:, cycles // 2]
    for place, item in enumerate(todo):
        spread = moved[:, place].std(ddof=1)
        if spread > 0:
            t = abs(moved[:, place].mean()) / (spread / np.sqrt(sets))
            if 2 * stats.t.sf(t, sets - 1) < _UNSETTLED:
                raise RuntimeError(f"The imputed values of {item.name!r} still drift after {cycles} cycles; give more")
