"""A sample design is declared, and checked before anything is estimated."""

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
import pandas as pd

from bsna.estimation.sample.design import SurveyDesign
from bsna.estimation.sample.stages import Lonely, LonelyUnit


def survey_design(
    frame: Any,
    *,
    weight: str = "weight",
    stratum: str | None = "stratum",
    psu: str | None = "psu",
    ssu: str | None = None,
    fpc: Sequence[str] = (),
    lonely: Lonely = "fail",
    domain_lonely: bool = False,
) -> SurveyDesign:
    """Declare a sample design and check it. Arguments as the fields of `SurveyDesign`.

    `frame` is a pandas DataFrame, or an Ibis table, whose design answers the same questions without reading it into
    memory (`TableDesign`).

    Raises ValueError, with counts and row numbers, for an empty frame, a weight that is missing, not finite
    or not above zero, a missing stratum or cluster, a population size that is missing, varies where it cannot, or is
    below the sample's, and, under `lonely="fail"`, a stratum with one cluster.
    """
    if not isinstance(frame, pd.DataFrame):
        return _table_design(  # type: ignore[no-any-return]
            frame, weight=weight, stratum=stratum, psu=psu, ssu=ssu, fpc=fpc, lonely=lonely, domain_lonely=domain_lonely
        )
    if frame.empty:
        raise ValueError("A design needs at least one respondent; the frame has no rows")
    if lonely not in get_args(Lonely):
        raise ValueError(f"lonely is {lonely!r}; expected one of {get_args(Lonely)}")
    if len(fpc) > (1 if ssu is None else 2):
        raise ValueError(f"fpc has {len(fpc)} columns for {1 if ssu is None else 2} stage(s) of the sample")
    weights = pd.to_numeric(frame[weight], errors="coerce")
    bad = ~(np.isfinite(weights.to_numpy(dtype=float, na_value=np.nan)) & (weights > 0).to_numpy())
    if bad.any():
        rows = list(np.flatnonzero(bad)[:5] + 1)
        raise ValueError(
            f"{int(bad.sum())} weight(s) in {weight!r} are missing, infinite, zero or negative, in rows "
            f"{[int(r) for r in rows]}; every respondent needs a positive weight"
        )
    for column in filter(None, (stratum, psu, ssu, *fpc)):
        if (missing := int(frame[column].isna().sum())) > 0:
            raise ValueError(f"{missing} respondent(s) have no {column!r}")
    rows_numbered = frame.reset_index(drop=True)
    design = SurveyDesign(rows_numbered, weight, stratum, psu, lonely, ssu, tuple(fpc), domain_lonely)
    _check_lonely(design)
    return design


def _check_lonely(design: SurveyDesign) -> None:
    stages = design.stages
    size = design.clusters_in_stratum
    alone = np.flatnonzero((size == 1) & (stages.psus_in_population > 1))
    if design.lonely == "fail" and len(alone):
        names = [design.codes(design.stratum)[1][k] for k in alone] if design.stratum else ["the whole sample"]
        raise LonelyUnit(
            f"{len(alone)} stratum(s) have one cluster only: {[str(name) for name in names[:5]]}. Give the "
            "profile a rule (lonely = adjust, average, remove or certainty) or merge strata."
        )


def _table_design(
    table: Any,
    *,
    weight: str,
    stratum: str | None,
    psu: str | None,
    ssu: str | None,
    fpc: Sequence[str],
    lonely: Lonely,
    domain_lonely: bool,
) -> Any:
    """Declare and check the design of a table, in one pass that leaves its sampling units."""
    from bsna.estimation.sample.tables import TableDesign  # Ibis takes half a second to import
    from bsna.estimation.sample.units import Units

    if psu is None:
        raise ValueError("A sample of single persons needs its rows in memory: give survey_design table.to_pandas()")
    named = [name for name in (stratum, psu, ssu) if name is not None]
    if missing := sorted({weight, *named, *fpc} - set(table.columns)):
        raise ValueError(f"The table has no column {missing}; it has {list(table.columns)[:20]}")
    w = table[weight].cast("float64")
    good = ((w > 0) & (w < float("inf"))).fill_null(False)  # a NaN is no less than infinity here
    ends = {f"{end}_{k}": getattr(table[name], end)() for k, name in enumerate(fpc) for end in ("min", "max")}
    found = table.group_by(named).aggregate(
        _people=table.count(), _bad=good.ifelse(0, 1).sum(), _weight=w.sum(), **ends
    )
    frame = found.to_pandas()
    if bad := int(frame["_bad"].sum()):
        raise ValueError(
            f"{bad} weight(s) in {weight!r} are missing, infinite, zero or negative; every respondent needs a positive one"
        )
    for k, name in enumerate(fpc):
        if varying := int((frame[f"min_{k}"] != frame[f"max_{k}"]).sum()):
            raise ValueError(f"{name!r} varies within {varying} sampling unit(s); it counts their whole population")
        frame[name] = frame[f"min_{k}"]
    frame = frame.sort_values(named, ignore_index=True)
    units = survey_design(
        frame, weight="_weight", stratum=stratum, psu=psu, ssu=ssu, fpc=fpc, lonely=lonely, domain_lonely=domain_lonely
    )
    alone = next((name for name in reversed(named) if frame[name].is_unique), None)
    return TableDesign(table, weight, Units(units, tuple(named) if alone is None else (alone,)))
