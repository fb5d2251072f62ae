"""Files come in, are checked, and nothing is lost when they are bad."""

from datetime import date

import pandas as pd
import pyreadstat
import pytest

from bsna import paths
from bsna.intake.instrument import load_questionnaire
from bsna.intake.profile import load_profile
from bsna.intake.raw import current_delivery, list_deliveries, read_raw, read_table
from bsna.intake.receive import assign_populations, compare_deliveries, receive
from bsna.intake.typed import type_answers
from bsna.simulation import deliver_simulated


@pytest.fixture
def delivered(house):
    profile = load_profile("zz")
    deliver_simulated(profile)
    return profile


def again(profile, folder, change, population="community"):
    """A later delivery of one population, changed."""
    path = folder / f"{population}.csv"
    change(read_raw(profile, population)).to_csv(path, index=False)
    return receive(profile, {population: path}, received=date(2014, 7, 1), origin="test", licence="none")


def test_an_unknown_profile_is_named_with_the_known_ones(house):
    with pytest.raises(ValueError, match=r"Unknown profile 'zzz'; known are zz\. Did you mean zz\?"):
        load_profile("zzz")


def test_a_misspelt_key_of_a_profile_is_named_with_the_nearest(house):
    path = house / "assessment" / "profiles" / "zz.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("threshold = 10", "treshold = 10"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"zz\.toml has 2 fault(?s:.*)did you mean threshold\?"):
        load_profile("zz")


def test_a_later_delivery_stands_beside_the_earlier_one_and_becomes_current(delivered, tmp_path):
    first = current_delivery("zz")

    def one_answer(frame):
        other = "a_lot" if frame["trust/trust_army"][0] != "a_lot" else "somewhat"
        return frame.assign(**{"trust/trust_army": [other, *frame["trust/trust_army"][1:]]})

    second = again(delivered, tmp_path, one_answer)
    assert [d.id for d in list_deliveries("zz")] == [first.id, second.id]
    assert current_delivery("zz") == second
    assert (paths.raw("zz") / first.id / "community.csv").is_file()
    changes = compare_deliveries(delivered, first, second)
    assert changes.loc[changes["column"] == "trust_army", "cells_changed"].tolist() == [1]


def joined(frame):
    """The same answers as another export writes them: points for strokes, multiple choices in one column."""
    form = load_questionnaire("community")
    for name in (question.name for question in form.questions if question.type == "select_multiple"):
        dummies = [column for column in frame.columns if f"/{name}/" in column]
        ticked = [[c.split("/")[-1] for c in dummies if row[c] in ("1", "True")] for row in frame.to_dict("records")]
        if dummies:
            frame = frame.drop(columns=dummies).assign(**{dummies[0].rpartition("/")[0]: [" ".join(t) for t in ticked]})
    return frame.rename(columns=lambda column: column.replace("/", "."))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_same_answers_exported_in_another_way_are_no_change(delivered, tmp_path, kind):
    path, raw = tmp_path / f"community.{kind}", joined(read_raw(delivered, "community"))
    if kind == "csv":
        raw.to_csv(path, index=False, sep=";", encoding="utf-8-sig", lineterminator="\r\n")
    else:
        as_text = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}
        with pd.ExcelWriter(path, engine="xlsxwriter", engine_kwargs=as_text) as writer:
            raw.to_excel(writer, index=False)
    assert len(set(read_raw(delivered, "community").columns) - set(raw.columns)) > 100
    first = current_delivery("zz")
    second = receive(delivered, {"community": path}, received=date(2014, 7, 1), origin="test", licence="none")
    changes = compare_deliveries(delivered, first, second)
    assert set(changes["column"]) == {"*"}
    assert not changes[["cells_changed", "rows_added", "rows_removed"]].to_numpy().any()


def test_a_changed_file_is_no_longer_the_one_received(delivered):
    path = paths.raw("zz") / current_delivery("zz").id / "providers.csv"
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(ValueError, match=r"providers\.csv is not the file received.*expected"):
        read_raw(delivered, "providers")


def test_a_missing_file_is_named(delivered):
    (paths.raw("zz") / current_delivery("zz").id / "sites.csv").unlink()
    with pytest.raises(ValueError, match=r"sites\.csv is missing"):
        read_raw(delivered, "sites")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "is empty"),
        ("latin.csv", "a,b\né,1\n".encode("latin-1"), "is not UTF-8"),
        ("cut.xlsx", b"PK\x03\x04 cut short", "not a readable .xlsx"),
        ("cut.sav", b"$FL2 cut short", "not a readable SPSS .sav"),
        ("text.dta", b"this is no Stata file at all", "not a readable Stata .dta"),
        ("note.pdf", b"%PDF", "ends in '.pdf'"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_nothing_is_received(delivered, tmp_path, name, content, message):
    before = list_deliveries("zz")
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        receive(delivered, {"community": path}, received=date(2014, 7, 1), origin="", licence="")
    assert list_deliveries("zz") == before


def test_spss_codes_come_as_they_are_and_not_as_labels(tmp_path):
    path = tmp_path / "small.sav"
    pyreadstat.write_sav(
        pd.DataFrame({"Q1": [1.0, 2.0, None], "w": [0.5, 1.25, 1.0]}),
        path,
        variable_value_labels={"Q1": {1: "Yes", 2: "No"}},
    )
    assert read_table(path)["Q1"].tolist() == ["1", "2", ""]
    assert read_table(path)["w"].tolist() == ["0.5", "1.25", "1"]


def test_a_file_that_fits_no_population_is_refused(delivered, tmp_path):
    with pytest.raises(ValueError, match=r"export\.csv fits no population of zz"):
        assign_populations(delivered, [tmp_path / "export.csv"], None)


def spoilt(delivered, change):
    raw = change(read_raw(delivered, "community"))
    return type_answers(raw, load_questionnaire("community"), delivered)


def test_an_unknown_code_is_named_with_column_and_count(delivered):
    def misspell(frame):
        return frame.assign(**{"trust/trust_army": frame["trust/trust_army"].replace("somewhat", "somwhat")})

    with pytest.raises(ValueError, match=r"answer\(s\) to trust_army use the codes \['somwhat'\]"):
        spoilt(delivered, misspell)


def test_a_renamed_column_is_named_with_the_nearest(delivered):
    with pytest.raises(ValueError, match=r"(?s)trust_army.*trust_armi"):
        spoilt(delivered, lambda frame: frame.rename(columns={"trust/trust_army": "trust/trust_armi"}))


def test_one_respondent_with_two_records_that_differ_is_refused(delivered):
    with pytest.raises(ValueError, match="respondent id"):
        spoilt(delivered, lambda frame: frame.assign(_uuid=["same", "same", *frame["_uuid"][2:]]))


def test_a_form_version_that_the_questionnaire_does_not_know_is_refused(delivered):
    with pytest.raises(ValueError, match=r"form version.*9"):
        spoilt(delivered, lambda frame: frame.assign(__version__="9"))


def test_an_empty_cell_keeps_its_reason(delivered):
    typed = spoilt(delivered, lambda frame: frame)
    old = typed["form_version"] == "1"
    assert (typed.loc[old, "joint_patrols_seen"] == "~not_in_survey").all()
    stayed = typed["crossed_12m"] == "no"
    assert typed.loc[stayed, "crossing_route"].eq("~not_asked").all()
    assert typed["weapons_common"].eq("~refused").any()
    assert set(typed["goods_seen"].str.split(" ").explode()) <= {
        *load_questionnaire("community").question("goods_seen").codes,
        "~refused",
        "~dont_know",
    }
