"""The wording gate: the house passes, and every fault planted in a copy of it breaks the build with file and line."""

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.publishing.firmness import words_found
from bsna.publishing.gate import check_declared, check_wording
from bsna.publishing.gate.cited import missing_claims
from bsna.publishing.gate.licences import broken_licences
from bsna.publishing.gate.templates import notebook_templates, plan_templates

PLAN = load_plan()
BSNA = str(Path(sys.executable).parent / "bsna")


def plant(house, file, was, now):
    """Change the first place where a text stands in a file, and tell its line."""
    path = house / file
    text = path.read_text(encoding="utf-8")
    assert was in text, (file, was)
    path.write_text(text.replace(was, now, 1), encoding="utf-8")
    return text[: text.index(was)].count("\n") + 1


def staged(house, claims):
    """A page of the survey that names these claims, as a notebook would."""
    folder = house / "stage" / "zz"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    html = "".join(f'<h3 id="{claim.lower()}">x</h3>' for claim in claims)
    page = {"cells": [{"cell_type": "code", "outputs": [{"data": {"text/html": html}}]}]}
    (folder / "10_findings.ipynb").write_text(json.dumps(page), encoding="utf-8")
    return house / "stage"


def test_the_house_as_it_is_passes_in_a_few_seconds(house):
    stage = staged(house, [claim.id for claim in load_plan().claims])
    check_wording(stage, [load_profile("zz")])
    start = time.process_time()
    check_wording(stage, [load_profile("zz")])
    assert time.process_time() - start < 5


PLANTED = {
    "a verb of grade A in a sentence that weaker grades use": (
        "assessment/plan/claims.toml",
        'en = "most people trust each',
        'en = "it is shown that most people trust each',
        "'shown' at grade B; only A may",
    ),
    "a French verb of grade A": (
        "assessment/plan/claims.toml",
        'fr = "la plupart des gens font confiance',
        'fr = "on démontre que la plupart des gens font confiance',
        "'démontre' at grade B; only A may",
    ),
    "an opening too firm for its grade": (
        "assessment/plan/firmness.toml",
        "The answers suggest that",
        "The answers show that",
        "'show' at grade C; only A may",
    ),
    "a word of cause in a sentence on a claim": (
        "assessment/plan/claims.toml",
        "people see a change in security since foreign troops came",
        "foreign troops caused a change in security",
        "'caused'; no grade allows it",
    ),
    "a word of cause in a template": (
        "assessment/plan/wording.toml",
        "{title} goes with:",
        "{title} is influenced because of:",
        "'because of', which speaks of cause",
    ),
    "a digit in a sentence on a claim": (
        "assessment/plan/claims.toml",
        "by {smallest_size} more.",
        "by 5 points or {smallest_size} more.",
        "the number '5' typed by hand",
    ),
    "a number in words that is not what the claim declares": (
        "assessment/plan/claims.toml",
        "the same three risks first",
        "the same four risks first",
        "the number 'four' typed by hand",
    ),
    "a digit in a recommendation": (
        "assessment/plan/recommendations.toml",
        "Feedback reaching most people",
        "Feedback reaching 60% of people",
        "the number '60' typed by hand",
    ),
    "a French number in a template": (
        "assessment/plan/wording.toml",
        "Parmi les {top_count} premiers",
        "Parmi les trois premiers",
        "the number 'trois' typed by hand",
    ),
    "a number in the prose of a notebook": (
        "notebooks/04_risks.ipynb",
        "At least once in twelve months",
        "At least once in twelve months, 41 in a hundred",
        "the number '41' typed by hand",
    ),
    "an adjective in a sentence whose kind does not prove it": (
        "assessment/plan/claims.toml",
        "local authorities are among",
        "local authorities are clearly among",
        "'clearly', which no check proves",
    ),
    "a quantifier in a verdict that does not prove it": (
        "assessment/plan/claims.toml",
        "people do see a change",
        "most people do see a change",
        "'most', which no check proves",
    ),
    "a French adjective in a template": (
        "assessment/plan/wording.toml",
        "Aucun écart entre les deux côtés",
        "Aucun écart important entre les deux côtés",
        "'important', which no check proves",
    ),
    "a quantifier in the prose of a notebook": (
        "notebooks/05_trust.ipynb",
        "Conduct as people see it.",
        "Conduct as most people see it.",
        "'most', which no check proves",
    ),
    "a licence whose check is no verdict of a kind": (
        "assessment/plan/firmness.toml",
        'check = "only_one.supported"',
        'check = "only_one.confirmed"',
        "'only_one.confirmed' of a licence is no kind.verdict",
    ),
    "a licence whose check is no function": (
        "assessment/plan/firmness.toml",
        'check = "publishing.headlines.above_half"',
        'check = "publishing.headlines.above_most"',
        "no function of the package",
    ),
    "a recommendation that cites a missing claim": (
        "assessment/plan/recommendations.toml",
        "F1 and F6a and F6b",
        "F1 and F6z and F6b",
        "cites the claim 'F6z', which claims.toml does not have",
    ),
    "a trend that cites a missing claim": (
        "assessment/plan/trends.csv",
        "community,F3b,fell",
        "community,F9,fell",
        "cites the claim 'F9', which claims.toml does not have",
    ),
    "a number in words for a claim that is not there": (
        "assessment/plan/firmness.toml",
        'claim = "F3a"',
        'claim = "F8"',
        "cites the claim 'F8', which claims.toml does not have",
    ),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_named_with_its_file_and_line(house, fault):
    file, was, now, message = PLANTED[fault]
    line = plant(house, file, was, now)
    with pytest.raises(ValueError, match="The wording has") as error:
        check_declared()
    named = [said for said in str(error.value).splitlines() if message in said]
    assert named and named[0].startswith(f"{file}:{line}: "), str(error.value)


def test_a_claim_that_no_page_names_is_told_with_its_line(house):
    plan, zz = load_plan(), load_profile("zz")
    ids = [claim.id for claim in plan.claims]
    text = (house / "assessment" / "plan" / "claims.toml").read_text(encoding="utf-8")
    line = text[: text.index('id = "F4"')].count("\n") + 1
    stage = staged(house, [name for name in ids if name != "F4"])
    own = stage / "zz" / "claims" / "f4.md"
    own.parent.mkdir()
    own.write_text("# F4\n[here](f4.html#f4)\n", encoding="utf-8")  # its own page does not count
    with pytest.raises(ValueError, match=rf"claims\.toml:{line}: claim F4 is named on no page of zz"):
        check_wording(stage, [zz])
    (stage / "zz" / "12_summary.md").write_text('<a href="10_findings.html#f4">F4</a>', encoding="utf-8")
    check_wording(stage, [zz])


def test_a_claim_is_not_taken_for_one_whose_name_begins_alike(house):
    stage = staged(house, [claim.id for claim in load_plan().claims if claim.id != "F1"])
    (stage / "zz" / "other.md").write_text('<a href="claims/f10.html">F10</a> <b id="f1x">', encoding="utf-8")
    with pytest.raises(ValueError, match="claim F1 is named on no page"):
        check_wording(stage, [load_profile("zz")])


def test_a_generated_sentence_that_its_grade_does_not_allow_is_told(house):
    stage = staged(house, [claim.id for claim in load_plan().claims])
    folder = house / "data" / "processed" / "zz" / "verdicts"
    folder.mkdir(parents=True)
    # a label that the questionnaire fills in turns a sound template into a sentence that speaks of cause
    said = {
        "claim_id": "F3a",
        "verdict": "supported",
        "grade": "B",
        "values": {"lowest_label": "police", "lowest_share": 0.6},
    }
    (folder / "verdicts.json").write_text(json.dumps([said]), encoding="utf-8")
    check_wording(stage, [load_profile("zz")])
    said["values"]["lowest_label"] = "the army because of patrols"
    (folder / "verdicts.json").write_text(json.dumps([said]), encoding="utf-8")
    with pytest.raises(ValueError, match=r"claims\.toml:\d+: zz, claim F3a: .*'because of'; no grade allows it"):
        check_wording(stage, [load_profile("zz")])
    said |= {"grade": None}
    (folder / "verdicts.json").write_text(json.dumps([said]), encoding="utf-8")
    with pytest.raises(ValueError, match="needs a grade for its sentence"):
        check_wording(stage, [load_profile("zz")])


def test_the_command_that_builds_the_book_stops_at_a_fault_with_file_and_line(house):
    line = plant(
        house, "assessment/plan/claims.toml", "by {smallest_size} more.", "by 5 points or {smallest_size} more."
    )
    done = subprocess.run([BSNA, "book"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"assessment/plan/claims.toml:{line}: " in done.stderr and "'5' typed by hand" in done.stderr
    assert not (house / "book" / "_build").exists()


def test_a_claim_cited_in_an_expression_must_be_there(house):
    path = house / "assessment" / "plan" / "recommendations.toml"
    asked = 'id = "few_meet"\nevidence = "few_meet and at least 2 of (F1, F77, F3b)"\n'
    path.write_text(asked + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert [fault.partition(",")[0] for fault in missing_claims(PLAN)] == [
        "assessment/plan/recommendations.toml:2: cites the claim 'F77'"
    ]


def test_texts_that_cannot_be_found_line_by_line_are_refused(house):
    plant(house, "assessment/plan/wording.toml", 'ok = { en = "ok", fr = "ok" }', "ok = { en = 'ok', fr = \"ok\" }")
    with pytest.raises(ValueError, match="write each so, that a fault can be named by its line"):
        check_declared()


def test_every_text_of_plan_and_notebooks_is_looked_at(house):
    templates = {template.address for template in plan_templates()}
    for claim in load_plan().claims:
        assert {f"claims/{claim.id}/{verdict}" for verdict in claim.sentences} <= templates
    assert {"wording/levels/above", "recommendations/few_see_patrols/note", "grades/clusters/reason"} <= templates
    prose = [template for template in notebook_templates() if template.address == "notebooks/10_findings"]
    assert any("Supported and contradicted need equal evidence" in template.text for template in prose)
    for template in notebook_templates():
        path, line = template.place.rsplit(":", 1)
        found = (house / path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        assert template.text.split("\n")[0][:20].replace('"', '\\"') in found


def test_a_word_counts_only_where_it_stands_alone_and_outside_of_what_is_permitted():
    assert words_found("Nearly almost", ["most"]) == []
    assert words_found("Most\u00a0people", ["most"]) == ["most"]
    assert words_found("L’effet de plan, l’effet net", ["effet"], ["effet de plan"]) == ["effet"]
    assert words_found("On démontrera", ["démontr*"]) == ["démontrera"]
    assert words_found("tout 95 % ici", ["*"]) == ["tout", "95", "ici"]


def test_no_licence_is_broken_and_each_exemption_has_a_reason():
    plan = load_plan()
    assert broken_licences(plan) == []
    assert all(re.search(r"\w{4}", row.reason) for row in plan.firmness.exempt)
