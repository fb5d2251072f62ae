"""Foreign surveys: an invented file always, the real ones where they are."""

import csv
from datetime import date
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from bsna.chapter import design_of
from bsna.estimation import proportion
from bsna.intake.crosswalk import load_crosswalk, type_foreign
from bsna.intake.instrument import load_questionnaire
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.intake.raw import read_table
from bsna.intake.reading import clean_survey, type_survey
from bsna.intake.receive import receive
from bsna.intake.sampling import design_frame
from bsna.judgement.trends import judge_trends
from bsna.reports.cleaning import report_cleaning
from tests.conftest import furnish, real_data


def invented(crosswalk, codes="2"):
    """Sixteen people in two enumeration areas, every answer the first code of its column."""
    n = 16
    columns = {crosswalk.respondent: [f"X{i}" for i in range(n)]}
    columns |= {name: ["1"] * n for name in crosswalk.cluster_columns}
    for column in crosswalk.column:
        columns[column.raw] = [next(iter(column.codes), "40")] * n
    columns["URBRUR"] = ["1"] * 8 + ["2"] * 8
    columns["withinwt"] = ["0.5"] * 8 + ["1.5"] * 8
    columns["Q52I"] = [*("0123" * 3), "9", "98", "-1", codes]
    return pd.DataFrame(columns)


def read(raw):
    crosswalk, profile = load_crosswalk("afrobarometer_mli_r6"), load_profile("mli_afrobarometer_r6")
    return type_foreign(raw, crosswalk, load_questionnaire("community"), profile)


def test_foreign_codes_become_ours_and_missing_keeps_its_reason():
    typed = read(invented(load_crosswalk("afrobarometer_mli_r6")))
    assert typed["trust_army"].tolist()[:4] == ["not_at_all", "a_little", "somewhat", "a_lot"]
    assert typed["trust_army"].tolist()[12:] == ["~dont_know", "~refused", "~no_answer", "somewhat"]
    assert typed["crossed_12m"].eq("~not_in_survey").all()
    assert typed["cluster_id"].nunique() == 2
    assert typed["area"].tolist() == ["urban"] * 8 + ["rural"] * 8


def test_a_foreign_code_that_the_crosswalk_does_not_know_is_refused():
    with pytest.raises(ValueError, match=r"1 answer\(s\) in Q52I use the codes \['7'\]"):
        read(invented(load_crosswalk("afrobarometer_mli_r6"), codes="7"))


def test_clusters_of_the_wrong_size_are_refused_with_their_rows():
    raw = invented(load_crosswalk("afrobarometer_mli_r6"))
    with pytest.raises(ValueError, match=r"1 of 2 inferred clusters do not hold a multiple of 8.* rows \[9, 10"):
        read(raw.iloc[:-1])


def first(column, value):
    """The invented survey with another value in the first row of one column."""
    raw = invented(load_crosswalk("afrobarometer_mli_r6"))
    return raw.assign(**{column: [value, *raw[column][1:]]})


@pytest.mark.parametrize("bad", ["0", "-1", ""])
def test_a_weight_that_is_no_positive_number_is_told_as_such_and_not_as_a_cluster(bad):
    with pytest.raises(ValueError, match=r"withinwt: 1 weight\(s\) are missing, zero or negative, in rows \['1'\]"):
        read(first("withinwt", bad))


@pytest.mark.parametrize(("bad", "rows"), [("X1", r"\[1, 2\]"), ("", r"\[1\]")])
def test_a_respondent_id_that_is_blank_or_stands_twice_is_refused_with_its_rows(bad, rows):
    with pytest.raises(ValueError, match=r"respondent id \(RESPNO\) .* in rows " + rows):
        read(first("RESPNO", bad))


def test_a_number_that_is_none_is_refused_and_a_code_that_is_no_number_keeps_its_reason():
    with pytest.raises(ValueError, match=r"Q1: 1 answer\(s\) to age are no integer, in rows \[1\], such as \['3\.5'\]"):
        read(first("Q1", "3.5"))
    assert read(first("Q1", "-1"))["age"].tolist()[:2] == ["~no_answer", "40"]


def test_a_renamed_column_is_named_with_its_likely_new_name():
    raw = invented(load_crosswalk("afrobarometer_mli_r6")).rename(columns={"Q52I": "Q52II"})
    with pytest.raises(ValueError, match=r"lacks 1 column\(s\): \['Q52I'\]. Q52I: perhaps Q52II"):
        read(raw)


@pytest.mark.parametrize(
    ("was", "now", "complaint"),
    [
        ('question = "trust_army"', 'question = "trust_armee"', r"has no questions \['trust_armee'\]"),
        ('question = "trust_army"', 'question = "trust_police"', r"two columns each are mapped to \['trust_police'\]"),
        ("[[column]]", "[[columns]]", "fault"),
    ],
)
def test_a_crosswalk_that_names_what_is_not_there_is_refused(tmp_path, monkeypatch, was, now, complaint):
    monkeypatch.setenv("BSNA_HOUSE", str(furnish(tmp_path, ("mli_afrobarometer_r6",))))
    path = tmp_path / "assessment" / "crosswalks" / "afrobarometer_mli_r6.toml"
    text = path.read_text(encoding="utf-8")
    assert was in text
    raw = invented(load_crosswalk("afrobarometer_mli_r6"))
    path.write_text(text.replace(was, now), encoding="utf-8")
    with pytest.raises(ValueError, match=complaint):
        read(raw)


def received(tmp_path, monkeypatch, profile_id, file):
    monkeypatch.setenv("BSNA_HOUSE", str(furnish(tmp_path, (profile_id,))))
    profile = load_profile(profile_id)
    path = real_data() / "afrobarometer" / file
    receive(profile, {"community": path}, received=date(2026, 1, 1), origin="Afrobarometer", licence="citation")
    frame = clean_survey(profile, type_survey(profile)).frames["community"]
    return profile, frame, design_of(design_frame(frame, profile, "community").frame, profile, load_plan(), "community")


def test_a_foreign_survey_with_a_decision_shows_it_and_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("BSNA_HOUSE", str(furnish(tmp_path, ("mli_afrobarometer_r6",))))
    profile = load_profile("mli_afrobarometer_r6")
    raw = invented(load_crosswalk("afrobarometer_mli_r6")).assign(REGION=["501"] * 16)
    pyreadstat.write_sav(raw.apply(lambda c: c if c.name == "RESPNO" else c.astype(float)), tmp_path / "f.sav")
    receive(profile, {"community": tmp_path / "f.sav"}, received=date(2026, 1, 1), origin="x", licence="x")
    head = "decision_id,population,where_column,where_value,column,was,now,reason,who,when"
    line = "D1,community,respondent_id,X3,trust_army,a_lot,~refused,called back,supervisor,2026-01-02"
    decisions = tmp_path / "assessment" / "corrections" / "mli_afrobarometer_r6.csv"
    decisions.write_text(f"{head}\n{line}\n", encoding="utf-8")
    report_cleaning("mli_afrobarometer_r6", "en")
    log = pd.read_parquet(tmp_path / "data" / "processed" / "mli_afrobarometer_r6" / "cleaned" / "log.parquet")
    assert (log["rule"] == "D1").sum() == 1


@pytest.mark.real
def test_trust_in_mali_2014_comes_out_as_published(tmp_path, monkeypatch):
    _, _, design = received(tmp_path, monkeypatch, "mli_afrobarometer_r6", "mli_r6_data_2015_eng.sav")
    wanted = {"trusts_army": 0.82, "trusts_police": 0.52, "trusts_customary_chief": 0.85, "trusts_council": 0.57}
    for name, share in wanted.items():
        row = proportion(design, name).iloc[0]
        assert row["estimate"] == pytest.approx(share, abs=0.01)
        assert row["low"] < share < row["high"]
        assert row["clusters"] == 150


@pytest.mark.real
def test_published_rows_of_mali_2014_agree_within_rounding(tmp_path, monkeypatch):
    """Published shares keep don't-know in the base and leave out refusals: 100 x weight of the answer / weight of
    all who did not refuse. The file is copied from published figures; nothing in it was computed here."""
    profile, frame, _ = received(tmp_path, monkeypatch, "mli_afrobarometer_r6", "mli_r6_data_2015_eng.sav")
    weights = pd.to_numeric(frame["withinwt"])
    compared = 0
    with (Path(__file__).parents[1] / "reference" / "published_mli_r6.csv").open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            inside = ~frame[row["question"]].isin(["~refused", "~no_answer"])
            if row["region"] != "national":
                inside &= frame["region"].isin(row["region"].split())
            hit = inside & frame[row["question"]].isin(row["codes"].split())
            got = 100 * weights[hit].sum() / weights[inside].sum()
            assert got == pytest.approx(float(row["value_percent"]), abs=0.06), row
            compared += 1
    assert compared > 100


@pytest.mark.real
@pytest.mark.parametrize(
    ("profile", "file"),
    [("mli_afrobarometer_r5", "mli_r5_data_july_2015.sav"), ("ner_afrobarometer_r6", "ngr_r6_data_2016_eng.sav")],
)
def test_the_other_real_surveys_are_read_with_150_areas_of_eight(tmp_path, monkeypatch, profile, file):
    _, frame, design = received(tmp_path, monkeypatch, profile, file)
    assert len(frame) == 1200
    assert frame["cluster_id"].value_counts().eq(8).all()
    assert 0 < proportion(design, "trusts_army")["estimate"].iloc[0] < 1


@pytest.mark.real
def test_what_moved_between_two_rounds_in_mali_agrees_with_published_figures(tmp_path, monkeypatch):
    """Published, 2012 and 2014, whole country: army (17.0 + 49.7) / 98.0 = 68.1% without don't-knows, then 82.1%: up 14.0
    points. Unsafe walking 42.7%, then 35.1%: down 7.6. Crime at home 32.4%, then 28.7%: down 3.7. Trust did not fall."""
    rounds = []
    for name, file in (("r5", "mli_r5_data_july_2015.sav"), ("r6", "mli_r6_data_2015_eng.sav")):
        (tmp_path / name).mkdir()
        rounds.append(received(tmp_path / name, monkeypatch, f"mli_afrobarometer_{name}", file))
    later = rounds[1][0]
    designs = [{"community": design} for _, _, design in rounds]
    moved = judge_trends(load_plan(), *designs, {}, later.earlier, later.publication)
    found = {item.trend: item for item in moved}
    published = {"army_trust": 0.140, "unsafe_walking": -0.076, "crime_at_home": -0.037}
    for name, change in published.items():
        assert found[name].everywhere["estimate"] == pytest.approx(change, abs=0.002), name
    assert found["army_trust"].verdict == "contradicted"
    assert found["police_trust"].verdict == "uncertain"
    assert found["army_trust"].after["clusters"] == 135  # 15 areas lie in the three regions of the north


def test_reading_a_table_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "x.sav"
    path.write_text("no")
    with pytest.raises(ValueError, match="not a readable SPSS"):
        read_table(path)
