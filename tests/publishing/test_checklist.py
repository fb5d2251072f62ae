"""The reviewer's checklist is filled for every survey; an item without an answer stops the build."""

import json
import re
from html import unescape

import pandas as pd
import pytest

from bsna import paths, shelf
from bsna.chapter import vocabulary
from bsna.estimation import estimate_rows
from bsna.intake.checklist import Checklist, Item, Own, answer_of, load_checklist, own_answers
from bsna.intake.plan import load_plan
from bsna.intake.profile import LANGUAGES, list_profiles, load_profile
from bsna.publishing.checklist import HAND_WRITTEN, checklist_page, counted, filled_answer
from bsna.publishing.checklist_facts import checklist_facts

PLAN, CHECKLIST = load_plan(), load_checklist()
PROFILES = [load_profile(name) for name in list_profiles()]
HOSTILE = "<script>alert(1)</script> **b** {role}`x` [l](javascript:x) =cmd|x \u202egnirts"
SOURCE = """current = "001"
[[delivery]]
id = "001"
received = 2014-06-21
origin = "simulated"
licence = "CC0-1.0"
note = ""
"""
ITEM = Item(id="Q1", list="l", page="methods", asks={"en": "Who?", "fr": "Qui ?"})


def words(language, profile=PROFILES[-1]):
    return vocabulary(profile, PLAN, language)


def write_run(profile):
    """What a run leaves of zz: twelve interviews of each population in four clusters of two strata, one more record refused."""
    source = SOURCE
    for name in profile.populations:
        places = {"stratum": list("aaaaaabbbbbb"), "psu": list("111222111222")}
        shelf.write_frame(pd.DataFrame({"weight": 1.0, **places}), profile.id, "design", name)
        source += (
            f'[[delivery.file]]\npopulation = "{name}"\nname = "{name}.csv"\nsha256 = "{name[0] * 64}"\nrows = 14\n'
        )
    (paths.raw(profile.id)).mkdir(parents=True)
    (paths.raw(profile.id) / "SOURCE.toml").write_text(source)
    facts = [
        {"population": name, "kind": kind, "variable": variable, "before": before, "after": after}
        for name in profile.populations
        for kind, variable, before, after in (("count", "records", 13, 12), ("design_effect", "weights", 1, 1.25))
    ]
    shelf.write_frame(pd.DataFrame(facts), profile.id, "design", "diagnostics")
    shelf.write_frame(pd.DataFrame({"rule": ["personal", "D1", "D2"]}), profile.id, "cleaned", "log")
    shelf.write_frame(pd.DataFrame({"check": ["c"]}), profile.id, "cleaned", "flags")
    shelf.write_frame(pd.DataFrame({"measure": ["m", "n"]}), profile.id, "measured", "absent")
    status = ["ok", "imprecise", "withheld", "withheld", "not_asked"]
    shelf.write_frame(estimate_rows([{"measure": "m", "status": s} for s in status]), profile.id, "estimates", "trust")
    shelf.write_record([{"verdict": "supported"}, {"verdict": "not_asked"}], profile.id, "verdicts", "verdicts")
    shelf.write_record([{"status": "holds"}], profile.id, "recommendations", "recommendations")
    shelf.write_record([{"variants": [{"count": 3}, {"count": 4}]}], profile.id, "robustness", "robustness")
    made = {"code": "0.1.0+abcdef", "plan": "0123456789abcdef", "seed": 7, "libraries": {"numpy": "2.4"}}
    path = paths.processed(profile.id) / "notebooks" / "10_findings.certificate.json"
    path.parent.mkdir()
    path.write_text(json.dumps(made))


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.id)
@pytest.mark.parametrize("item", CHECKLIST.item, ids=lambda item: item.id)
def test_every_item_is_answered_or_has_its_reason_for_every_survey(item, profile):
    answer = answer_of(item, profile, own_answers(profile, CHECKLIST))
    assert set(answer.text) >= set(LANGUAGES)


def test_the_lists_are_those_that_are_cited_and_none_is_empty():
    cited = paths.book("references.bib").read_text(encoding="utf-8")
    assert all(f"{{{one.source}," in cited for one in CHECKLIST.list)
    sizes = {one.id: sum(item.list == one.id for item in CHECKLIST.item) for one in CHECKLIST.list}
    assert sizes == {"disclosure": 12, "reporting": 22, "rerun": 6, "responsibility": 7}


def test_both_languages_of_a_text_name_the_same_facts():
    texts = [
        text
        for item in CHECKLIST.item
        for text in (
            item.answer,
            item.simulated,
            item.delivered,
            *item.not_known.values(),
            *item.not_applicable.values(),
        )
        if text
    ]
    for text in texts:
        assert sorted(re.findall(r"\{\w+\}", text["en"])) == sorted(re.findall(r"\{\w+\}", text["fr"]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_a_run_has_every_item_filled(house, language):
    profile = load_profile("zz")
    write_run(profile)
    text = unescape(checklist_page(profile, language).text)
    assert all(f'<dt id="{item.id.lower()}">' in text for item in CHECKLIST.item)
    assert not re.search(r"\{\w+_\w+\}|<dd>\s*<", re.sub(r"</?em>", "", text))
    assert 'class="bsna-banner bsna-simulated"' in text


def test_facts_are_counted_from_what_the_run_left(house):
    profile = load_profile("zz")
    write_run(profile)
    facts = checklist_facts(words("en", profile))
    assert [facts[f"{name}_count"] for name in ("received", "records", "interviews", "refused")] == [56, 52, 48, 4]
    assert [facts[f"{name}_count"] for name in ("estimates", "imprecise", "withheld")] == [4, 1, 2]
    assert facts["samples_series"][0] == "People: interviews 12, clusters 4, strata 2"
    assert (facts["absent_count"], facts["changes_count"], facts["personal_count"]) == (2, 3, 1)
    assert (facts["reruns_count"], facts["deff_number"], facts["seed"], facts["code"]) == (7, 1.25, "7", "abcdef")
    assert facts["plan"] == "0123456789ab" and facts["files_series"][0] == "People cccccccccccc"
    assert facts["verdicts"] == "Of 2 claims: 1 supported and 1 not asked."


def test_facts_name_no_file_since_its_name_may_be_that_of_a_person(house):
    profile = load_profile("zz")
    write_run(profile)
    assert ".csv" not in checklist_page(profile, "en").text


def test_an_item_without_an_answer_stops_the_build_and_is_named():
    profile = load_profile("zz")
    only_real = ITEM.model_copy(update={"delivered": {"en": "x", "fr": "x"}})
    for item in (ITEM, only_real):
        with pytest.raises(ValueError, match=r"item Q1 \(Who\?\) has no answer for zz, which is simulated"):
            answer_of(item, profile, {})


def test_an_answer_that_rests_on_a_fact_the_survey_lacks_stops_the_build():
    answer = Own(text={"en": "See {citation}.", "fr": "Voir {citation}."})
    with pytest.raises(ValueError, match=r"item Q1 \(Who\?\) rests on citation, which zz does not have"):
        filled_answer(words("en"), ITEM, answer, {"citation": None, "survey": "zz"})
    with pytest.raises(ValueError, match=r"item Q1 names \['citation'\]; facts are survey"):
        filled_answer(words("en"), ITEM, answer, {"survey": "zz"})


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_a_blank_is_no_answer_and_no_reason(blank):
    with pytest.raises(ValueError, match=r"blank|at least 1"):
        Item(**ITEM.model_dump(exclude={"answer"}), answer={"en": blank, "fr": "x"})
    with pytest.raises(ValueError, match=r"blank|at least 1"):
        Own(state="not_known", text={"en": "x", "fr": blank})


def test_two_answers_for_one_kind_of_survey_are_refused():
    said = {"en": "x", "fr": "x"}
    with pytest.raises(ValueError, match="item Q1 has 2 answers for delivered surveys"):
        Item(**ITEM.model_dump(exclude={"answer", "not_known"}), answer=said, not_known={"delivered": said})


def test_an_item_that_stands_twice_or_in_no_list_is_refused():
    one = {"id": "l", "source": "s", "title": ITEM.asks, "cited": ITEM.asks}
    with pytest.raises(ValueError, match=r"items \['Q1'\] stand twice"):
        Checklist(list=[one], item=[ITEM, ITEM])
    with pytest.raises(ValueError, match=r"lists \['l'\], expected some of \['k'\]"):
        Checklist(list=[one | {"id": "k"}], item=[ITEM])


def test_the_answer_of_a_survey_goes_before_that_of_its_kind_and_must_be_to_an_item(house):
    folder = house / "assessment" / "checklists"
    folder.mkdir(exist_ok=True)
    (folder / "zz.toml").write_text('[answer.T6]\nstate = "not_known"\ntext = { en = "Lost.", fr = "Perdu." }\n')
    profile = load_profile("zz")
    item = next(item for item in CHECKLIST.item if item.id == "T6")
    assert answer_of(item, profile, own_answers(profile, CHECKLIST)).text["en"] == "Lost."
    (folder / "zz.toml").write_text('[answer.Z9]\ntext = { en = "x", fr = "x" }\n')
    with pytest.raises(ValueError, match=r"checklists/zz\.toml answers \['Z9'\]"):
        own_answers(profile, CHECKLIST)


def test_items_are_counted_by_what_became_of_them():
    said = {"en": "x", "fr": "x"}
    answers = [Own(text=said), Own(text=said), Own(state="not_known", text=said)]
    assert counted(words("en"), answers).startswith("Items: 3. Answered: 2; not known, with the reason: 1; not")


def test_every_item_leads_to_a_page_of_the_book():
    chapters = {path.stem for path in paths.notebooks().glob("*.ipynb")}
    assert {item.page for item in CHECKLIST.item} <= chapters | set(HAND_WRITTEN)


def test_a_hostile_title_is_plain_text_on_the_page(house):
    plain = load_profile("zz")
    write_run(plain)
    labels = {"en": HOSTILE, "fr": HOSTILE}
    text = checklist_page(plain.model_copy(update={"title": labels, "name": labels}), "en").text
    title, body = text.split("\n", 1)
    assert "<script" not in body and "&lt;script&gt;" in body
    assert not re.search(r"(?<!\\)[<>`*{}\[\]|]", title.removeprefix("# "))
