"""Who stands for whom: strata, clusters and weights of each population."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bsna.estimation.weighting import kish_design_effect, rake, trim
from bsna.intake.profile import Design, Profile
from bsna.intake.reasons import is_reason

DESIGN_COLUMNS = ("weight", "weight_base", "stratum", "psu")


@dataclass(frozen=True)
class Weighting:
    """`frame`: the cleaned table with `DESIGN_COLUMNS`. `margins`: one row per level of each raked variable
    with its share before and after and the target. `facts`: one row of counts and design effects."""

    frame: pd.DataFrame
    margins: pd.DataFrame
    facts: pd.DataFrame


def design_frame(cleaned: pd.DataFrame, profile: Profile, population: str) -> Weighting:
    """Give each interview its weight, stratum and cluster.

    Weights come from the file where the profile names a column, else from the sampling frame and margins,
    else they are 1 (each respondent stands for himself). Interviews without consent leave, and are
    counted in `facts`. Raises ValueError for a weight that is no positive number, with row numbers, an
    interview in a stratum that the frame lacks, and a stratum of the frame without interviews.
    """
    design = profile.design[population]  # type: ignore[index]
    people = _consenting(cleaned)
    stratum = _joined(people, design.strata)
    psu = people[design.psu] if design.psu else people["row_number"]
    base = _base_weights(people, profile, design, population)
    frame = people.assign(stratum=stratum, psu=psu, weight_base=base, weight=base)
    margins = pd.DataFrame(columns=["variable", "level", "before", "after", "target"])
    trimmed = 0
    if population == "community" and not design.weight and profile.margin:
        frame, margins, trimmed = _raked(frame, profile, design)
    facts = {
        "population": population,
        "records": len(cleaned),
        "without_consent": len(cleaned) - len(people),
        "interviews": len(frame),
        "strata": frame["stratum"].nunique(),
        "clusters": frame[["stratum", "psu"]].drop_duplicates().shape[0],
        "lonely_strata": int((frame.groupby("stratum")["psu"].nunique() == 1).sum()),
        "trimmed": trimmed,
        "deff_base": kish_design_effect(frame["weight_base"]),
        "deff_final": kish_design_effect(frame["weight"]),
    }
    return Weighting(frame, margins, pd.DataFrame([facts]))


def _consenting(cleaned: pd.DataFrame) -> pd.DataFrame:
    if "consent" not in cleaned.columns:
        return cleaned.reset_index(drop=True)
    return cleaned[cleaned["consent"] != "no"].reset_index(drop=True)


def _joined(people: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series:
    if not columns:
        return pd.Series("all", index=people.index, dtype=str)
    return people[list(columns)].agg(" / ".join, axis=1).astype(str)


def _base_weights(
    people: pd.DataFrame, profile: Profile, design: Design, population: str
) -> pd.Series:
    if design.weight:
        return _delivered_weights(people, design.weight, profile.id)
    if population != "community" or not profile.frame:
        return pd.Series(1.0, index=people.index)
    adults = {(row.region, row.settlement): row.adults for row in profile.frame}
    cells = list(zip(people["region"], people["settlement"], strict=True))
    counts = pd.Series(cells).value_counts()
    if strange := sorted(set(cells) - set(adults)):
        raise ValueError(
            f"{profile.id}: {sum(counts[c] for c in strange)} interview(s) lie in {strange}, "
            "which [[frame]] does not hold"
        )
    if empty := sorted(set(adults) - set(cells)):
        raise ValueError(
            f"{profile.id}: no interview was made in {empty}; merge these strata in [[frame]] or take "
            "their adults out of the survey's population"
        )
    return pd.Series([adults[cell] / counts[cell] for cell in cells], index=people.index)


def _delivered_weights(people: pd.DataFrame, column: str, survey: str) -> pd.Series:
    weights = pd.to_numeric(people[column], errors="coerce")
    bad = ~(weights > 0) | ~np.isfinite(weights)
    if bad.any():
        rows = list(people.loc[bad, "row_number"][:5])
        raise ValueError(
            f"{survey}: {int(bad.sum())} weight(s) in {column!r} are missing, zero or negative, in rows {rows}"
        )
    return weights


def _raked(
    frame: pd.DataFrame, profile: Profile, design: Design
) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    targets = {margin.variable: dict(margin.shares) for margin in profile.margin}
    coded = pd.DataFrame({"weight": frame["weight_base"]})
    for margin in profile.margin:
        coded[margin.variable] = _levels(frame, margin.variable, tuple(margin.shares))
    first = rake(coded, "weight", targets)
    held = trim(first, low=design.trim_low, high=design.trim_high)
    trimmed = int((~np.isclose(held / first, (held / first).median(), rtol=1e-9)).sum())
    final = rake(coded.assign(weight=held), "weight", targets)
    rows = [
        {
            "variable": variable,
            "level": level,
            "before": _share(
                coded[variable] == level, frame["weight_base"], coded[variable].notna()
            ),
            "after": _share(coded[variable] == level, final, coded[variable].notna()),
            "target": target,
        }
        for variable, shares in targets.items()
        for level, target in shares.items()
    ]
    return frame.assign(weight=final), pd.DataFrame(rows), trimmed


def _share(member: pd.Series, weights: pd.Series, known: pd.Series) -> float:
    return float(weights[member].sum() / weights[known].sum())


def _levels(frame: pd.DataFrame, variable: str, levels: tuple[str, ...]) -> pd.Series:
    """Levels of a margin: codes as they are, or bands such as "18-29" and "60+" of a number."""
    answers = frame[variable].mask(is_reason(frame[variable]))
    if not any(level[0].isdigit() for level in levels):
        return answers
    numbers = pd.to_numeric(answers, errors="coerce")
    banded = pd.Series(np.nan, index=frame.index, dtype=object)
    for level in levels:
        low, _, high = level.rstrip("+").partition("-")
        inside = (numbers >= float(low)) & (numbers <= float(high or "inf"))
        banded = banded.mask(inside, level)
    return banded
