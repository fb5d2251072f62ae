"""The whole house on the invented country: run, read, changed, interrupted, and searched for what must not leave."""

import json
import os
import re
import signal
import subprocess
import time

import nbformat
import pandas as pd
import papermill
import pytest

from bsna import paths
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.intake.raw import read_raw
from bsna.running.execution import scrubbed
from tests.house.making import BSNA, HOSTILE, bsna

pytestmark = pytest.mark.xdist_group("house")


def bytes_of(folder):
    return {p.relative_to(folder): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_book_has_a_page_for_every_chapter_claim_and_audience(house):
    chapters, claims = len(list(paths.notebooks().glob("*.ipynb"))), [claim.id for claim in load_plan().claims]
    site = house / "book" / "_build" / "html"
    for survey in ("zz", "zy"):
        assert len(list((site / survey).glob("[0-9]*.html"))) == chapters - 1
        assert len(list((site / survey).glob("for_*.html"))) == 4
        findings = (site / survey / "10_findings.html").read_text(encoding="utf-8")
        assert all(f">{claim}. " in findings for claim in claims)
        assert sorted(p.stem for p in (site / survey / "claims").glob("*.html")) == sorted(c.lower() for c in claims)
        advice = (site / survey / "11_recommendations.html").read_text(encoding="utf-8")
        assert all(f">R{n}. " in advice for n in range(1, 14))
    ours = {path.relative_to(site) for path in site.rglob("*.html")}
    ours = {name for name in ours if name.parts[0] not in ("fr", "_static")}  # old addresses stand below _static
    assert ours == {path.relative_to(site / "fr") for path in (site / "fr").rglob("*.html")}
    for page in ("index", "methods", "glossary", "decisions", "references", "countries/13_countries"):
        assert (site / f"{page}.html").is_file()


def test_the_same_inputs_give_the_same_site_byte_by_byte_in_another_place(house):
    done = bsna(house, "verify", str(house / "book" / "_build" / "html"), check=False)
    assert done.returncode == 0, done.stdout[:3000] + done.stderr[-2000:]
    assert re.match(r"\d{4} files the same\.", done.stdout)
    compared = house / "book" / "_build" / "html" / "countries" / "13_countries.html"
    assert "Afrobarometer" in compared.read_text(encoding="utf-8")  # a survey without data is declared there


def test_every_page_of_a_simulated_survey_says_so(house):
    for path in (house / "book" / "_build" / "html" / "zz").rglob("*.html"):
        assert "bsna-simulated" in path.read_text(encoding="utf-8"), path.name
    rows = pd.read_csv(house / "data" / "processed" / "zz" / "downloads" / "estimates.csv")
    assert len(rows) > 1000 and rows["simulated"].all()


def test_every_figure_has_its_alt_text(house):
    site = house / "book" / "_build" / "html"
    page = (site / "zz" / "05_trust.html").read_text(encoding="utf-8")
    images = [part.split(">")[0] for part in page.split('<img loading="lazy"')[1:]]
    assert len(images) > 10
    assert all('alt="SIMULATED DATA.' in image for image in images)


def test_no_respondent_or_free_text_is_in_any_page_notebook_or_download(house, monkeypatch):
    monkeypatch.setenv("BSNA_HOUSE", str(house))
    raw = read_raw(load_profile("zz"), "community")
    secrets = set(raw["_uuid"]) | set(raw["cover/cluster_id"]) | {f">{name}<" for name in raw["cover/commune"]}
    secrets |= {
        text
        for column in ("close/remarks", "profile/activity_other", "cover/respondent_phone")
        for text in raw[column]
        if text
    }
    assert len(secrets) > 300
    pictures = re.compile(r"[A-Za-z0-9+/=]{200,}")
    published = [
        p
        for p in (house / "book" / "_build" / "html").rglob("*")
        if p.suffix in (".html", ".ipynb", ".csv", ".json", ".js", ".txt")
    ]
    published += list((house / "data" / "processed" / "zz" / "notebooks").rglob("*"))
    for path in published:
        text = pictures.sub("", path.read_text(encoding="utf-8", errors="ignore"))
        assert not [secret for secret in secrets if secret in text], path


def test_hostile_text_reaches_no_page_notebook_or_download(house):
    delivered = (house / "data" / "raw" / "zy" / "002_2014-06-22" / "community.csv").read_text(encoding="utf-8")
    assert all(text.replace('"', '""') in delivered for text in HOSTILE)
    published = [house / "book" / "_build" / "html", house / "data" / "processed" / "countries"]
    published += [house / "data" / "processed" / "zy" / room for room in ("notebooks", "downloads", "verdicts")]
    files = [path for folder in published for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 100
    assert not [path for path in files if b"MARKED" in path.read_bytes()]


def test_nothing_changed_means_nothing_is_redone(house):
    before = bytes_of(house / "data" / "processed")
    again = bsna(house, "book")
    assert again.stdout.startswith("0 tasks run")
    assert "book unchanged" in again.stdout
    assert bytes_of(house / "data" / "processed") == before


def test_a_touched_notebook_reruns_itself_and_what_depends_on_it(house):
    path, french = house / "notebooks" / "12_summary.ipynb", house / "notebooks" / "locale" / "fr" / "12_summary.po"
    before = {file: file.read_text(encoding="utf-8") for file in (path, french)}
    changed = [
        file.write_text(text.replace("how sure it is", "and how sure it is"), "utf-8") for file, text in before.items()
    ]
    assert len(changed) == 2
    assert bsna(house, "run", "zz").stdout.startswith("4 tasks run")  # in both languages, and what is taken away
    french.write_text(before[french], encoding="utf-8")
    refused = bsna(house, "run", "zz", check=False)
    assert (
        refused.returncode == 1 and "12_summary.po: 1 blocks of 12_summary.ipynb have no translation" in refused.stderr
    )
    path.write_text(before[path], encoding="utf-8")
    bsna(house, "run", "--all")


def test_results_are_the_same_bytes_in_an_ordinary_kernel_from_another_folder(house, tmp_path, monkeypatch):
    monkeypatch.setenv("BSNA_HOUSE", str(house))
    monkeypatch.chdir(tmp_path)
    papermill.execute_notebook(
        str(house / "notebooks" / "05_trust.ipynb"),
        "out.ipynb",
        {"profile": "zz", "language": "en"},
        progress_bar=False,
        kernel_name="python3",
    )
    plain = scrubbed(nbformat.read("out.ipynb", as_version=4))
    forked = nbformat.read(house / "data" / "processed" / "zz" / "notebooks" / "05_trust.ipynb", as_version=4)
    assert [c.get("outputs") for c in plain.cells] == [c.get("outputs") for c in forked.cells]
    assert sum("image/png" in o.get("data", {}) for c in plain.cells for o in c.get("outputs", [])) > 10


def test_a_later_delivery_with_one_answer_changed_moves_only_its_own_survey(house, tmp_path, monkeypatch):
    monkeypatch.setenv("BSNA_HOUSE", str(house))
    other, compared = (house / "data" / "processed" / name for name in ("zy", "countries"))
    before = bytes_of(other), bytes_of(house / "book" / "_build" / "html" / "zy"), bytes_of(compared)
    own = bytes_of(house / "data" / "processed" / "zz")
    raw = read_raw(load_profile("zz"), "community")
    row = raw.index[(raw["trust/trust_army"] == "somewhat") & (raw["cover/enumerator_id"] == "E01")][0]
    raw.loc[row, "trust/trust_army"] = "not_at_all"
    raw.to_csv(tmp_path / "community.csv", index=False)
    told = bsna(house, "receive", "zz", str(tmp_path / "community.csv"), "--received", "2014-07-01").stdout
    assert "trust_army" in told
    bsna(house, "book")
    assert bytes_of(other) == before[0]
    assert bytes_of(house / "book" / "_build" / "html" / "zy") == before[1]
    assert bytes_of(compared) != before[2]
    assert bytes_of(house / "data" / "processed" / "zz") != own


def test_a_run_killed_in_the_middle_leaves_whole_results_and_the_next_finishes(house):
    done = house / "data" / "processed" / "zz"
    path = house / "assessment" / "plan" / "wording.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# touched\n", encoding="utf-8")
    environment = os.environ | {"BSNA_HOUSE": str(house)}
    running = subprocess.Popen(
        [BSNA, "run", "zz"], env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    time.sleep(12)
    running.send_signal(signal.SIGKILL)
    running.wait()
    for notebook in (done / "notebooks").glob("[0-9]*.ipynb"):
        nbformat.validate(nbformat.read(notebook, as_version=4))
    assert len(json.loads((done / "verdicts" / "verdicts.json").read_text(encoding="utf-8"))) == len(load_plan().claims)
    bsna(house, "run", "--all")
    assert bsna(house, "run", "--all").stdout.startswith("0 tasks run")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("run", "zzz"), 1, "Unknown profile 'zzz'"),
        (("run",), 2, "name one or more surveys"),
        (("check", "nowhere"), 1, "Unknown profile 'nowhere'"),
        (("receive", "zz", "absent.csv", "--population", "community"), 1, "does not exist"),
        (("form", "villagers"), 2, "is no population"),
    ],
)
def test_a_mistake_is_told_in_one_message_with_an_exit_code(house, words, code, message):
    done = bsna(house, *words, check=False)
    assert done.returncode == code
    assert message in done.stderr.replace("\n", " ").replace("│", "")
    assert "Traceback" not in done.stderr


def test_a_failing_chapter_names_notebook_and_error_and_leaves_earlier_results(house):
    path = house / "assessment" / "geography" / "zz.geojson"
    text, before = path.read_text(encoding="utf-8"), bytes_of(house / "data" / "processed" / "zz" / "verdicts")
    path.write_text("no geography", encoding="utf-8")
    done = bsna(house, "run", "zz", check=False)
    path.write_text(text, encoding="utf-8")
    assert done.returncode == 1
    assert "03_flows.ipynb" in done.stderr and "Previous task" not in done.stderr
    assert bytes_of(house / "data" / "processed" / "zz" / "verdicts") == before


def test_every_result_has_its_birth_certificate(house):
    facts = json.loads((house / "data" / "processed" / "zy" / "notebooks" / "05_trust.certificate.json").read_text())
    assert facts["survey"] == "zy" and facts["seed"] == 8
    assert set(facts["raw"]) == {"community.csv", "providers.csv", "leaders.xlsx", "sites.csv"}
    assert facts["code"].startswith("0.1.0+")
