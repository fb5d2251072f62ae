"""What a person types, and is told."""

import io
import shutil
import socket
import sys

import pandas as pd
import pytest
from pyxform.xls2xform import convert

from bsna import cli
from bsna.intake.plan import load_plan
from bsna.intake.profile import LANGUAGES, POPULATIONS, load_profile
from bsna.intake.raw import current_delivery, read_raw
from bsna.simulation import deliver_simulated
from tests.conftest import furnish


@pytest.fixture
def bsna(monkeypatch, capsys):
    """Type a command; gives the exit code, what was printed and what was complained of."""

    def type_in(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bsna", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return int(ended.value.code or 0), printed.out, printed.err

    return type_in


@pytest.fixture(scope="module")
def delivery(tmp_path_factory):
    """The survey of the invented country as it arrives, drawn once for all tests here."""
    home = furnish(tmp_path_factory.mktemp("delivery"), ("zz",))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BSNA_HOUSE", str(home))
        deliver_simulated(load_profile("zz"))
    return home / "data"


@pytest.fixture
def delivered(house, delivery):
    """A house in which the survey of the invented country has arrived."""
    shutil.copytree(delivery, house / "data")
    return house


def everything(house):
    return {p: p.read_bytes() for p in (house / "data").rglob("*") if p.is_file()}


def exported(house, change):
    """The community's file, changed, outside the house's data."""
    path = house / "community.csv"
    change(read_raw(load_profile("zz"), "community")).to_csv(path, index=False)
    return path


def another_answer(frame: pd.DataFrame) -> pd.DataFrame:
    other = "a_lot" if frame["trust/trust_army"][0] != "a_lot" else "somewhat"
    return frame.assign(**{"trust/trust_army": [other, *frame["trust/trust_army"][1:]]})


def test_a_file_that_fits_is_received_with_what_changed_and_what_to_do_next(delivered, bsna):
    code, told, _ = bsna("receive", "zz", exported(delivered, another_answer), "--received", "2014-07-01")
    assert code == 0
    assert "delivery 002_2014-07-01 received and current" in told
    assert [line.split() for line in told.splitlines() if "trust_army" in line] == [
        ["community", "trust_army", "1", "0", "0"]
    ]
    assert "Next: `bsna check zz`" in told
    assert current_delivery("zz").id == "002_2014-07-01"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda f: f.replace({"trust/trust_army": {"somewhat": "somwhat"}}), r"codes ['somwhat']"),
        (lambda f: f.rename(columns={"trust/trust_army": "trust/trust_armi"}), "perhaps trust/trust_armi"),
        (lambda f: f.drop(columns="trust/trust_army"), "1 column(s) missing ['trust_army']"),
        (lambda f: f.assign(_uuid=["same", "same", *f["_uuid"][2:]]), "in rows [1, 2]"),
        (lambda f: f.assign(__version__="9"), "form version ['9']"),
        (lambda f: f[["_uuid"]], "no column '__version__'"),
    ],
)
def test_a_file_that_does_not_fit_is_not_received(delivered, bsna, change, complaint):
    path, before = exported(delivered, change), everything(delivered)
    code, _, told = bsna("receive", "zz", path)
    assert code == 1
    assert f"{path} does not fit the survey, nothing was received" in told and complaint in told
    assert everything(delivered) == before


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("receive", "zz", "."), 1, ". does not exist or is no file"),
        (("receive", "zz", "absent.csv"), 1, "absent.csv does not exist"),
        (("receive", "zz", "community.csv", "--received", "yesterday"), 2, "'yesterday' does not match the format"),
        (("form", "community", "--output", "absent/form.xlsx"), 1, "is no place for a form"),
        (("form", "community", "--output", "form.docx"), 1, "ends in .xlsx"),
        (("form", "community", "--language", "de"), 1, "Unknown language 'de'"),
        (("run", "zz", "--all"), 2, "name one or more surveys"),
    ],
)
def test_a_slip_of_the_pen_is_told_and_changes_nothing(delivered, bsna, monkeypatch, words, code, complaint):
    monkeypatch.chdir(delivered)
    before = everything(delivered)
    got, _, told = bsna(*words)
    assert got == code
    assert complaint in " ".join(told.replace("│", " ").split())
    assert everything(delivered) == before


def test_a_survey_is_planned_before_there_is_any_data(house, bsna):
    code, told, _ = bsna("plan", "zz")
    assert code == 0
    assert told.startswith("Simulated survey, Zandara")
    assert "Interviews planned: 300; clusters: 25; strata: 4." in told
    assert "F3a. Trust in army, gendarmerie and police is high" in told
    assert told.count("Power, corrected for all claims: ") == len(load_plan().claims)
    assert "Puissance, corrigée pour tous les énoncés" in bsna("plan", "zz", "--language", "fr")[1]
    assert bsna("plan", "zz", "--language", "de")[0] == 2


def test_a_survey_without_a_planned_sample_has_no_power_and_says_so(house, bsna):
    profile = house / "assessment" / "profiles" / "zz.toml"
    text = profile.read_text(encoding="utf-8")
    text = text[: text.index("[planned.providers]")] + text[text.index("[design.leaders]") :]
    profile.write_text(text, encoding="utf-8")
    assert "that rest on them: Security providers." in bsna("plan", "zz")[1]
    begins, ends = text.index("[[frame]]"), text.index("[[margin]]")
    profile.write_text(text[:begins] + text[ends:], encoding="utf-8")
    code, told, _ = bsna("plan", "zz")
    assert code == 0
    assert "No planned sample is declared" in told and "F1." not in told


def corrections(house):
    return house / "assessment" / "corrections" / "zz.csv"


def test_a_sound_survey_is_said_to_be_sound(delivered, bsna):
    code, told, _ = bsna("check", "zz")
    assert code == 0
    assert "community: 306 records, every code known; " in told
    assert "checks and corrections are sound" in told


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (
            "DX,community,respondent_id,{who},age,999,40,called back,supervisor,2014-06-25",
            "expects the old value '999'",
        ),
        ("DX,community,respondent_id,nobody,age,9,40,called back,supervisor,2014-06-25", "fits no interview"),
        ("DX,community,respondent_id,{who},age,9,40,called, twice,supervisor,2014-06-25", "not in quotes"),
        ("{last}", "Decisions D5 and DX both correct age"),
    ],
)
def test_a_correction_that_does_not_fit_is_found_before_any_run(delivered, bsna, line, complaint):
    text = corrections(delivered).read_text(encoding="utf-8")
    last = text.splitlines()[-1].replace("D5", "DX")
    line = line.format(who=read_raw(load_profile("zz"), "community")["_uuid"][3], last=last)
    corrections(delivered).write_text(f"{text}{line}\n", encoding="utf-8")
    code, _, told = bsna("check", "zz")
    assert code == 1
    assert complaint in told


@pytest.mark.parametrize(
    ("file", "was", "now", "complaint"),
    [
        ("checks/checks.csv", ",community,range,age,", ",community,range,agee,", "names the questions ['agee']"),
        ("checks/checks.csv", ",community,range,", ",comunity,range,", "population 'comunity' is unknown"),
        ("checks/recodes.csv", "activity_other,", "activty_other,", "no check recodes 'activty_other'"),
        ("plan/measures.csv", ",trust_army,", ",trust_armee,", "no question 'trust_armee'"),
        ("plan/claims.toml", "[[claim]]", "[[claims]]", "claims.toml"),
        ("plan/assumed_shares.csv", "trusts_police,", "trusts_polise,", "no row 'trusts_police' of community"),
        (
            "plan/cluster_effects.csv",
            "afb_mli_r6,trust_police,",
            "afb_mli_r6,trust_polise,",
            "no cluster effect of 'trust_police'",
        ),
        ("plan/tables.csv", "table,chapter", "tables,chapter", "tables.csv has the columns"),
    ],
)
def test_a_slip_in_what_a_researcher_edits_is_found_before_any_run(delivered, bsna, file, was, now, complaint):
    path = delivered / "assessment" / file
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now, 1), encoding="utf-8")
    code, _, told = bsna("check", "zz")
    assert code == 1
    assert complaint in told


def one_cluster(frame: pd.DataFrame) -> pd.DataFrame:
    """The first stratum loses all clusters but one."""
    place = frame["cover/region"] + frame["cover/settlement"]
    return frame[(place != place[0]) | (frame["cover/cluster_id"] == frame["cover/cluster_id"][0])]


def no_cluster(frame: pd.DataFrame) -> pd.DataFrame:
    place = frame["cover/region"] + frame["cover/settlement"]
    return frame[place != place[0]]


@pytest.mark.parametrize(
    ("change", "rule", "complaint"),
    [
        (one_cluster, "fail", "1 stratum(s) have one cluster only"),
        (one_cluster, "adjust", None),
        (no_cluster, "adjust", "no interview was made in"),
    ],
)
def test_a_stratum_with_one_cluster_or_none_is_found_before_any_run(delivered, bsna, change, rule, complaint):
    header = corrections(delivered).read_text(encoding="utf-8").splitlines()[0]
    corrections(delivered).write_text(header + "\n", encoding="utf-8")
    path = delivered / "assessment" / "profiles" / "zz.toml"
    text = path.read_text(encoding="utf-8").replace('lonely = "adjust"', f'lonely = "{rule}"', 1)
    path.write_text(text, encoding="utf-8")
    assert bsna("receive", "zz", exported(delivered, change))[0] == 0
    code, _, told = bsna("check", "zz")
    assert code == (1 if complaint else 0)
    assert (complaint or "") in told


def test_a_broken_survey_does_not_hide_the_others_from_the_list(delivered, bsna):
    sound = delivered / "assessment" / "profiles" / "zz.toml"
    text = sound.read_text(encoding="utf-8").replace('id = "zz"', 'id = "aa"').replace("threshold =", "treshold =")
    sound.with_name("aa.toml").write_text(text, encoding="utf-8")
    code, told, complaint = bsna("profiles")
    assert code == 1
    assert "001_2014-06-21" in told
    assert "aa.toml has 2 fault(s)" in complaint


def test_the_list_shows_the_delivery_in_use(delivered, bsna):
    bsna("receive", "zz", exported(delivered, another_answer), "--received", "2014-07-01")
    source = delivered / "data" / "raw" / "zz" / "SOURCE.toml"
    source.write_text(source.read_text().replace('current = "002_2014-07-01"', 'current = "001_2014-06-21"'))
    assert "001_2014-06-21" in bsna("profiles")[1]


def test_a_terminal_without_accents_stops_nothing(house, monkeypatch):
    shown = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", shown)
    monkeypatch.setattr(sys, "argv", ["bsna", "--help"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    print("sha256 42c2…", file=shown)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("population", POPULATIONS)
def test_every_form_is_written_where_asked_and_accepted_by_the_form_compiler(house, bsna, population, language):
    path = house / "form.xlsx"
    code, told, _ = bsna("form", population, "--language", language, "--output", path)
    assert code == 0 and str(path) in told
    assert convert(path).warnings == []


def test_a_port_in_use_is_told_with_what_to_do(bsna, house):
    site = house / "book" / "_build" / "html"
    site.mkdir(parents=True)
    (site / "index.html").write_text("", encoding="utf-8")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, _, told = bsna("serve", "--port", taken.getsockname()[1])
    assert code == 1
    assert "cannot be used" in told and "--port" in told
