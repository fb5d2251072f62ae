"""Questions asked apart at each level of a breakdown."""

import ibis
import numpy as np
import pytest

from bsna import estimation as est
from tests.estimation.doors import CHOICES, ITEMS, people

ASKED = {
    "a cross-tabulation": lambda d: lambda where: est.crosstab(d, "sex", "trust", where=where).p_value,
    "a t test": lambda d: lambda where: est.t_test(d, "age", by="sex", where=where).p_value,
    "a rank test": lambda d: lambda where: est.rank_test(d, "trust", "sex", where=where).p_value,
    "a model": lambda d: lambda where: est.binary_logit(d, "feels_safe", ["sex"], where=where).se[1],
    "a ranking": lambda d: lambda where: est.rank_model(d, CHOICES, ITEMS, where=where).worths[0],
}


@pytest.mark.parametrize("question", ASKED)
def test_each_level_is_a_domain_of_the_whole_sample(question):
    frame = people(41, rows=400)
    design, table = est.survey_design(frame), est.survey_design(ibis.memtable(frame))
    found = est.at_each_level(design, "zone", ASKED[question](design))
    alone = {zone: ASKED[question](design)(frame["zone"] == zone) for zone in ("east", "north", "west")}
    assert found == pytest.approx(alone)
    assert est.at_each_level(table, "zone", ASKED[question](table)) == pytest.approx(alone, rel=1e-9)


def test_a_domain_within_a_domain_keeps_to_both():
    frame = people(42, rows=400)
    design, table = est.survey_design(frame), est.survey_design(ibis.memtable(frame))
    for one in (design, table):
        ask = lambda where, one=one: est.mean(one, "age", where=where)["n"].iloc[0]  # noqa: E731
        found = est.at_each_level(one, "zone", ask, where="is_victim")
        both = frame[(frame["is_victim"] == 1) & frame["age"].notna()]
        assert found == both.groupby("zone").size().to_dict()


def test_a_level_that_allows_no_answer_holds_the_refusal():
    frame = people(43)
    frame.loc[frame["zone"] == "north", "feels_safe"] = 1.0
    frame.loc[frame["zone"] == "west", "feels_safe"] = np.nan
    design = est.survey_design(frame, lonely="adjust")
    found = est.at_each_level(
        design, "zone", lambda where: est.binary_logit(design, "feels_safe", ["sex"], where=where)
    )
    assert isinstance(found["east"], est.Fit)
    assert isinstance(found["north"], est.NoFit) and isinstance(found["west"], est.EmptyDomain)
    with pytest.raises(ValueError, match="no column"):
        est.at_each_level(design, "zone", lambda where: est.mean(design, "nothing", where=where))
