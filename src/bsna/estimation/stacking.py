"""Several samples drawn apart, put into one design, so that one question can be asked of all of them."""

from collections.abc import Mapping, Sequence

import pandas as pd

from bsna.estimation.sample.declaration import survey_design
from bsna.estimation.sample.design import SurveyDesign

SAMPLE = "sample"
"""Column of a stacked design that names the sample a person belongs to."""


def stacked(designs: Mapping[str, SurveyDesign], columns: Sequence[str]) -> SurveyDesign:
    """One design of all people of several independent samples, with these columns and `sample`, the name of each one's own.

    Strata and clusters are those within a sample. Weights are scaled to average one in each sample, so that a sample
    counts by its people and not by the size of its population. Raises ValueError for fewer than two samples, for
    lonely-cluster rules that differ, for a column that a sample lacks, and for designs of a kind that cannot be put together here: with second
    stages, finite populations, calibrations or replicate weights.
    """
    if len(designs) < 2:
        raise ValueError(f"{list(designs)} is {len(designs)} sample(s); stacking needs two or more")
    rules = {design.lonely for design in designs.values()}
    if len(rules) > 1:
        raise ValueError(f"Samples with different rules for lone clusters cannot be stacked: {sorted(rules)}")
    if strange := [name for name, design in designs.items() if _is_more_than_clusters(design)]:
        raise ValueError(
            f"{strange}: stacking knows weights, strata and clusters, not second stages, finite populations, calibrations "
            "or replicate weights"
        )
    parts = [_part(name, design, columns) for name, design in designs.items()]
    return survey_design(pd.concat(parts, ignore_index=True), lonely=rules.pop())


def _is_more_than_clusters(design: SurveyDesign) -> bool:
    return bool(design.ssu or design.fpc or design.domain_lonely or design.adjustments or design.replicates)


def _part(name: str, design: SurveyDesign, columns: Sequence[str]) -> pd.DataFrame:
    own = {column: design.column(column) for column in columns}
    keys = {
        "weight": design.weights / design.weights.mean(),
        "stratum": [f"{name}|{code}" for code in design.stratum_codes],
        "psu": [f"{name}|{code}" for code in design.psu_codes],
    }
    return pd.DataFrame({**own, **keys, SAMPLE: name})
