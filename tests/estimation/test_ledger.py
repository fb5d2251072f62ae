"""Every call that R survey 4.5 answered is answered with the same numbers, or refused on purpose."""

from dataclasses import replace

import numpy as np
import pytest

from bsna.estimation.regression import models
from tests.estimation.rsurvey.calls import Call, Name, calls_to, parse, terms, written
from tests.estimation.rsurvey.comparison import ROUNDING, compare, floors
from tests.estimation.rsurvey.families import FAMILIES
from tests.estimation.rsurvey.ledger import judge, judge_all, table
from tests.estimation.rsurvey.objects import POPULATION
from tests.estimation.rsurvey.reading import SMALL, full_folder, read_frame, read_reference

FOLDERS = {"small copy": SMALL} | ({"all of R's values": folder} if (folder := full_folder()) else {})
pytestmark = pytest.mark.xdist_group("ledger")


@pytest.fixture(scope="module", params=FOLDERS.values(), ids=FOLDERS)
def outcomes(request):
    return judge_all(read_reference(request.param))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_call_of_a_family_has_rs_numbers_or_is_refused_with_a_reason(outcomes, family):
    mine = [outcome for outcome in outcomes if outcome.family == family]
    differing = [f"{o.case}: {o.reason}" for o in mine if o.verdict == "differs"]
    assert mine
    assert not differing, "\n".join([f"{len(differing)} of {len(mine)} calls differ", *differing])
    assert all(o.reason for o in mine if o.verdict in ("explained", "refused"))
    assert all(o.compared for o in mine if o.verdict == "matched" and "lonely_fail" not in o.case)


def test_the_table_counts_every_call_once(outcomes, capsys):
    counts = table(outcomes).set_index("family")
    with capsys.disabled():
        print(f"\n{counts.drop(columns=['why_explained', 'why_refused']).to_string()}")
    assert counts.loc["all", "cases"] == len(outcomes) == counts.loc[list(FAMILIES), "cases"].sum()
    assert (counts[["matched", "explained", "differs", "refused"]].sum(axis=1) == counts["cases"]).all()


def test_a_number_that_is_wrong_in_the_ninth_digit_is_found():
    reference = read_reference(SMALL)
    case = reference.cases["d_clus1/mean"]
    wrong = replace(case, result=case.result | {"se": [se * (1 + 1e-9) for se in case.result["se"]]})
    assert judge(reference, case).verdict == "matched"
    assert judge(reference, wrong).verdict == "differs"
    assert judge(reference, wrong).reason.startswith("se[")


def test_what_is_explained_fails_if_either_side_moves(monkeypatch):
    """R's Poisson regression stops one step short; neither its numbers nor ours may be anything else."""
    reference = read_reference(SMALL)
    case = reference.cases["d_trust/glm_pois"]
    assert judge(reference, case).verdict == "explained"
    wrong = replace(case, result=case.result | {"se": [se * (1 + 1e-7) for se in case.result["se"]]})
    assert judge(reference, wrong).verdict == "differs"
    ours = models.poisson_regression

    def moved(*arguments, **named):
        fit = ours(*arguments, **named)
        return replace(fit, covariance=fit.covariance * (1 + 1e-7))

    monkeypatch.setattr(models, "poisson_regression", moved)
    assert judge(reference, case).verdict == "differs"


def test_a_field_that_is_not_answered_is_found():
    reference = read_reference(SMALL)
    case = reference.cases["d_clus1/mean"]
    more = replace(case, result=case.result | {"skewness": [0.1, 0.2]})
    assert judge(reference, more).reason == "skewness is not answered"


def test_only_what_rounding_leaves_of_nil_is_spared_the_relative_comparison():
    """A share of one half with an error of one tenth: covariances are made of numbers of a twentieth."""
    floor = floors({"est": [0.5, 0.5], "se": [0.1, 0.1], "vcov": [[0.01, 1e-17], [1e-17, 0.01]]})
    assert floor["vcov"][0, 1] == pytest.approx(ROUNDING * (0.1 * 0.5 + 0.1 * 0.5))
    assert compare("vcov", [3e-16], [-2e-16], allowed=1e-10, floor=floor["vcov"][0, 1]).is_close
    assert not compare("vcov", [1.01e-14], [-1e-15], allowed=1e-10, floor=floor["vcov"][0, 1]).is_close
    assert not compare("vcov", [3e-16], [-2e-16], allowed=1e-10).is_close
    # beside the error itself the floor is nothing: it differs by a part of 1e-10 at most
    assert floor["se"].max() < 1e-10 * 0.1


def test_not_a_number_is_matched_by_nothing_else():
    assert compare("cv", [np.nan, np.inf], ["NaN", "Inf"], allowed=1e-10).is_close
    assert not compare("cv", [np.nan], [1.0], allowed=1e-10).is_close
    assert not compare("cv", [1.0], ["NaN"], allowed=1e-10).is_close
    with pytest.raises(ValueError, match="shape"):
        compare("cv", [1.0, 2.0], [1.0], allowed=1e-10)


def test_a_call_of_r_is_read_as_r_reads_it():
    call = parse('svyby(~I(x == "a") + log(y), ~g, subset(d, !is.na(x) & -y^2 < 1), svymean, vartype = c("se", "ci"))')
    assert call.function == "svyby"
    assert [written(term) for term in terms(call.args[0])] == ['I(x == "a")', "log(y)"]
    assert call.args[3] == Name("svymean")
    assert call.named["vartype"] == Call("c", ("se", "ci"))
    # a power binds tighter than a sign, a comparison tighter than "and", a negation in between
    assert written(call.args[2].args[1]) == "!is.na(x) & -y^2 < 1"
    assert call.args[2].args[1].function == "&"
    assert next(calls_to(call, "<")).args[0] == Call("-", (Call("^", (Name("y"), 2.0)),))
    with pytest.raises(ValueError, match="Not understood"):
        parse("svymean(~a, d) ?")


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_data_have_the_rows_and_missing_values_that_r_counted(folder):
    reference = read_reference(folder)
    assert {name: len(read_frame(reference, name)) for name in reference.data} == {
        name: spec["nrow"] for name, spec in reference.data.items()
    }


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_the_small_copy_holds_what_r_gave(folder):
    small, whole = read_reference(SMALL), read_reference(folder)
    assert {name: whole.cases[name] for name in small.cases} == dict(small.cases)
    assert len(small.cases) > 150


def test_population_totals_are_those_of_the_population_file():
    types, widths, totals = (POPULATION[name] for name in ("pop.types", "pop.sw", "pop.totals"))
    assert sum(types.values()) == sum(widths.values()) == totals["(Intercept)"]
    assert totals["stypeH"] == types["H"] and totals["stypeM"] == types["M"]
    for reference in map(read_reference, FOLDERS.values()):
        if "apipop" in reference.data:  # only among all of R's values
            people = read_frame(reference, "apipop")
            assert people["stype"].value_counts().to_dict() == types
            assert people["sch.wide"].value_counts().to_dict() == widths
            assert people["api99"].sum() == totals["api99"]
