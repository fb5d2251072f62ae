"""Who stands for whom: strata, clusters and weights of each population."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bsna.estimation.sample.weighting import kish_design_effect, rake, trim
from bsna.intake.examples import few
from bsna.intake.profile import Design, Profile
from bsna.intake.reasons import NOT_IN_SURVEY, is_reason

DESIGN_COLUMNS = ("weight", "weight_base", "stratum", "psu")
DIAGNOSTIC_COLUMNS = ("population", "kind", "variable", "level", "before", "after", "target")


@dataclass(frozen=True)
class Weighting:
    """`frame`: the cleaned table of those interviewed, with `DESIGN_COLUMNS`.

    `diagnostics`: one row per fact, in `DIAGNOSTIC_COLUMNS`. Of kind "margin": weighted share of a level
    before and after raking, and the target. Of kind "design_effect": Kish's, of base and final weights.
    Of kind "count": records received and interviews held; clusters planned and reached, by stratum;
    weights trimmed; strata with one cluster.
    """

    frame: pd.DataFrame
    diagnostics: pd.DataFrame


def design_frame(cleaned: pd.DataFrame, profile: Profile, population: str) -> Weighting:
    """Give each interview its weight, stratum and cluster.

    Weights come from the file where the profile names a column; for the community else from the sampling
    frame, raked to the margins of the profile; else they are 1: each respondent stands for himself. A
    population without a design in the profile has no strata, and each row is its own cluster. People who
    did not consent leave, and are counted. Raises ValueError for a weight that is no positive number, a
    stratum or cluster that is not known, both with row numbers, an interview outside the frame, and a
    stratum of the frame without interviews.
    """
    design = next((d for name, d in profile.design.items() if name == population), None)
    people = _consenting(cleaned)
    if people.empty:
        raise ValueError(f"{profile.id}/{population}: none of {len(cleaned)} records is an interview")
    facts = [_fact("count", "records", before=len(cleaned), after=len(people))]
    stratum, psu = _places(people, design, f"{profile.id}/{population}")
    frame = people.assign(stratum=stratum, psu=psu)
    weights = pd.Series(1.0, index=people.index)
    if design and design.weight:
        weights = _delivered_weights(people, design.weight, f"{profile.id}/{population}")
    elif population == "community" and profile.frame:
        weights = _frame_weights(frame, profile)
        facts += _clusters_reached(frame, profile)
    final = weights
    if design and population == "community" and not design.weight and profile.margin:
        final, more = _raked(frame.assign(weight=weights), profile, design)
        facts += more
    lonely = int((frame.groupby("stratum")["psu"].nunique() == 1).sum())
    facts += [
        _fact("count", "strata_with_one_cluster", after=lonely),
        _fact(
            "design_effect",
            "weights",
            before=kish_design_effect(weights),
            after=kish_design_effect(final),
        ),
    ]
    diagnostics = pd.DataFrame(facts, columns=list(DIAGNOSTIC_COLUMNS)).assign(population=population)
    return Weighting(frame.assign(weight_base=weights, weight=final), diagnostics)


def _fact(
    kind: str,
    variable: str,
    level: str = "",
    *,
    before: float = np.nan,
    after: float = np.nan,
    target: float = np.nan,
) -> dict[str, Any]:
    return {
        "kind": kind,
        "variable": variable,
        "level": level,
        "before": float(before),
        "after": float(after),
        "target": float(target),
    }


def _consenting(cleaned: pd.DataFrame) -> pd.DataFrame:
    if "consent" not in cleaned.columns:
        return cleaned.reset_index(drop=True)
    return cleaned[cleaned["consent"].isin(["yes", NOT_IN_SURVEY])].reset_index(drop=True)


def _places(people: pd.DataFrame, design: Design | None, where: str) -> tuple[pd.Series, pd.Series]:
    strata, psu = (design.strata, design.psu) if design else ((), "")
    for column in (*strata, *filter(None, [psu])):
        if column not in people.columns:
            raise ValueError(f"{where}: the profile's design names {column!r}, no column of the table")
        if (unknown := is_reason(people[column])).any():
            raise ValueError(
                f"{where}: {int(unknown.sum())} interview(s) have no {column}, in rows "
                f"{list(people.loc[unknown, 'row_number'][:5])}; correct or drop them in "
                "assessment/corrections"
            )
    stratum = pd.Series("all", index=people.index, dtype=str)
    if strata:
        stratum = people[list(strata)].agg(" / ".join, axis=1).astype(str)
    return stratum, people[psu] if psu else people["row_number"]


def _frame_weights(frame: pd.DataFrame, profile: Profile) -> pd.Series:
    """Adults of a stratum shared out over its clusters, and within a cluster over its interviews.

    Exact where clusters are of one size or drawn with chances in proportion to size. Source: Kish (1965),
    chapter 7.
    """
    adults = {(row.region, row.settlement): row.adults for row in profile.frame}
    cells = pd.Series(list(zip(frame["region"], frame["settlement"], strict=True)), index=frame.index)
    if strange := sorted(set(cells) - set(adults)):
        raise ValueError(
            f"{profile.id}: {int(cells.isin(strange).sum())} interview(s) lie in {strange}, which "
            "[[frame]] does not hold"
        )
    if empty := sorted(set(adults) - set(cells)):
        raise ValueError(
            f"{profile.id}: no interview was made in {empty}; merge these strata in [[frame]] or take "
            "their adults out of the survey's population"
        )
    by_cell = frame["psu"].groupby(cells)
    interviews = frame.groupby([cells, frame["psu"]])["psu"].transform("size")
    return cells.map(adults) / by_cell.transform("nunique") / interviews


def _clusters_reached(frame: pd.DataFrame, profile: Profile) -> list[dict[str, Any]]:
    reached = frame.groupby(["region", "settlement"])["psu"].nunique()
    return [
        _fact(
            "count",
            "clusters",
            f"{row.region} / {row.settlement}",
            before=row.sampled_clusters,
            after=reached[row.region, row.settlement],
        )
        for row in profile.frame
    ]


def _delivered_weights(people: pd.DataFrame, column: str, where: str) -> pd.Series:
    if column not in people.columns:
        raise ValueError(f"{where}: the profile's design names {column!r}, no column of the table")
    return positive_weights(people[column].set_axis(people["row_number"]), f"{where}: {column}").set_axis(people.index)


def positive_weights(delivered: pd.Series, where: str) -> pd.Series:
    """Weights as numbers. Raises ValueError for one that is missing, zero, negative or no number, with what labels its row."""
    weights = pd.to_numeric(delivered, errors="coerce")
    bad = ~(weights > 0) | ~np.isfinite(weights)
    if bad.any():
        raise ValueError(
            f"{where}: {int(bad.sum())} weight(s) are missing, zero or negative, in rows {few(delivered.index[bad])}, such as "
            f"{few(delivered[bad])}; ask the sender for the right ones, or take these records out"
        )
    return weights


def _raked(frame: pd.DataFrame, profile: Profile, design: Design) -> tuple[pd.Series, list[dict[str, Any]]]:
    targets = {margin.variable: dict(margin.shares) for margin in profile.margin}
    levels = {name: _levels(frame, name, tuple(shares)) for name, shares in targets.items()}
    coded = pd.DataFrame({"weight": frame["weight"], **levels})
    first = rake(coded, "weight", targets)
    held = trim(first, low=design.trim_low, high=design.trim_high)
    final = rake(coded.assign(weight=held), "weight", targets)
    facts = [_fact("count", "trimmed", after=_trimmed(first, held))]
    for variable, shares in targets.items():
        for level, target in shares.items():
            before, after = (
                _share(levels[variable] == level, weights, levels[variable].notna())
                for weights in (frame["weight"], final)
            )
            facts.append(_fact("margin", variable, level, before=before, after=after, target=target))
    return final, facts


def _trimmed(before: pd.Series, after: pd.Series) -> int:
    """Weights that were held at a limit: the others all moved by one factor, the commonest."""
    factors = (after / before).round(9)
    return int((factors != factors.mode().iloc[0]).sum())


def _share(member: pd.Series, weights: pd.Series, known: pd.Series) -> float:
    return float(weights[member].sum() / weights[known].sum())


def _levels(frame: pd.DataFrame, variable: str, levels: tuple[str, ...]) -> pd.Series:
    """Levels of a margin: codes as they are, or bands such as "18-29" and "60+" of a number."""
    answers = frame[variable].mask(is_reason(frame[variable]))
    if not any(level[0].isdigit() for level in levels):
        return answers
    numbers = pd.to_numeric(answers, errors="coerce")
    banded: pd.Series = pd.Series(None, index=frame.index, dtype=object)
    for level in levels:
        low, _, high = level.rstrip("+").partition("-")
        inside = (numbers >= float(low)) & (numbers <= float(high or "inf"))
        banded = banded.mask(inside, level)
    return banded
