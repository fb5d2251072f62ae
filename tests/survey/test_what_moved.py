"""Publishing a run, and what the next run moved, on the invented country with three of its claims."""

import json
import shutil
from dataclasses import asdict
from datetime import date

import pytest

from bsna import chapter, provenance, shelf
from bsna.intake.instrument import load_questionnaire
from bsna.intake.plan import load_plan
from bsna.intake.profile import POPULATIONS, load_profile
from bsna.intake.raw import read_raw
from bsna.intake.reading import clean_survey, type_survey
from bsna.intake.receive import receive
from bsna.intake.sampling import design_frame
from bsna.judgement import claims, judge
from bsna.judgement.moved import Cause, compare
from bsna.publishing.published import publish, published_path, read_published
from bsna.publishing.wording import Words
from bsna.reports.moved import moved_lines, show_last_published, show_moved
from bsna.running import ingredients
from bsna.running.edition import current_edition, read_edition, write_edition
from bsna.running.sources import modules_behind
from bsna.simulation import deliver_simulated
from tests.conftest import furnish
from tests.survey.test_command_line import bsna  # noqa: F401

JUDGED = ("F3a", "F3b", "F3c")
DAY = date(2026, 11, 26)


def run_survey():
    """From the delivery to an edition, without pages; trust in the three forces only."""
    facts, plan = load_profile("zz"), load_plan()
    typed = type_survey(facts)
    cleaned = clean_survey(facts, typed)
    for name, frame in typed.items():
        shelf.write_frame(frame, "zz", "typed", name)
    shelf.write_frame(cleaned.log, "zz", "cleaned", "log")
    weighted = {name: design_frame(frame, facts, name).frame for name, frame in cleaned.frames.items()}
    designs = {name: chapter.design_of(frame, facts, plan, name) for name, frame in weighted.items()}
    few = plan.model_copy(update={"claims": tuple(claim for claim in plan.claims if claim.id in JUDGED)})
    absent = {name: chapter.absent_measures(frame, plan, name) for name, frame in weighted.items()}
    verdicts = judge(few, designs, absent, facts.publication, seed=facts.seed)
    shelf.write_record([asdict(verdict) for verdict in verdicts], "zz", "verdicts", "verdicts")
    shelf.write_record([], "zz", "recommendations", "recommendations")
    return write_edition(facts)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory):
    home = furnish(tmp_path_factory.mktemp("first"), ("zz",))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BSNA_HOUSE", str(home))
        deliver_simulated(load_profile("zz"))
        run_survey()
    return home / "data"


@pytest.fixture
def unpublished(house):
    """A house of which nothing has been published."""
    shutil.rmtree(house / "assessment" / "published", ignore_errors=True)
    return house


@pytest.fixture
def published(unpublished, first_run):
    """A house with one run, which is published."""
    house = unpublished
    shutil.copytree(first_run, house / "data")
    provenance.computing_versions.cache_clear()
    publish(read_edition("zz"), provenance.certificate("zz", provenance.package_modules()), on=DAY, note="First.")
    yield house
    provenance.computing_versions.cache_clear()


def what_moved():
    """The run at hand beside the published edition: the causes of each claim that moved."""
    moved = compare(read_published("zz").edition, run_survey())
    return {move.claim_id: move.causes for move in moved.claims if move.state != "same"}


def receive_answer(house, column, was, now):
    """A later delivery in which one answer of a kept interview is another."""
    raw = read_raw(load_profile("zz"), "community")
    log = shelf.read_frame("zz", "cleaned", "log")
    kept = ~raw["_uuid"].isin(log.loc[log["column"] == "*", "respondent_id"])
    raw.loc[raw.index[kept & (raw[column] == was)][0], column] = now
    raw.to_csv(house / "community.csv", index=False)
    facts = load_profile("zz")
    receive(facts, {"community": house / "community.csv"}, received=date(2014, 7, 1), origin="test", licence="")


def edit(house, file, was, now):
    path = house / "assessment" / file
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now, 1), encoding="utf-8")


def test_a_second_run_of_the_same_moves_nothing(published):
    assert what_moved() == {}
    with pytest.raises(ValueError, match="nothing changed since the edition published on 2026-11-26"):
        publish(current_edition(load_profile("zz")), {}, on=DAY)


def test_one_answer_moves_the_claims_that_rest_on_it_and_is_named_as_data(published):
    receive_answer(published, "trust/trust_trend_army", "fallen", "risen")
    # F3a asks for trust today, not for how it changed
    assert what_moved() == {"F3b": (Cause("data"),)}


def test_a_correction_moves_the_claims_that_rest_on_it_and_is_named(published):
    typed, log = shelf.read_frame("zz", "typed", "community"), shelf.read_frame("zz", "cleaned", "log")
    kept = ~typed["respondent_id"].isin(log.loc[log["column"] == "*", "respondent_id"])
    who = typed.loc[kept & (typed["trust_trend_army"] == "fallen"), "respondent_id"].iloc[0]
    path = published / "assessment" / "corrections" / "zz.csv"
    line = f"D77,community,respondent_id,{who},trust_trend_army,fallen,risen,called back,supervisor,2014-06-25\n"
    path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")
    assert what_moved() == {"F3b": (Cause("corrections"),)}


def test_a_measure_counted_otherwise_is_named_as_plan(published):
    edit(
        published,
        "plan/measures.csv",
        "trusts_army,community,trust_army,share,somewhat a_lot",
        "trusts_army,community,trust_army,share,a_lot",
    )
    moved = what_moved()
    assert moved["F3a"] == (Cause("plan"),)
    assert "F3b" not in moved


def test_a_label_in_the_plan_or_a_comment_in_the_code_is_no_difference(published):
    edit(published, "plan/claims.toml", "Trust in army, gendarmerie and police is high", "Trust in the forces is high")
    before = ingredients.ingredients(load_profile("zz"))
    assert before == read_edition("zz").ingredients
    module = published / "module.py"
    module.write_text('"""Says."""\n\n\ndef half(x):\n    """Half."""\n    return x / 2\n', encoding="utf-8")
    said = ingredients._instructions(module, 1)
    module.write_text("def half(x):\n    # by two\n    return x / 2\n", encoding="utf-8")
    assert ingredients._instructions(module, 2) == said
    module.write_text("def half(x):\n    return x / 3\n", encoding="utf-8")
    assert ingredients._instructions(module, 3) != said


def test_code_that_differs_alone_is_named_with_its_modules(published, monkeypatch):
    real = ingredients._instructions
    monkeypatch.setattr(ingredients, "_instructions", lambda p, t: "new" if p.name == "claims.py" else real(p, t))
    monkeypatch.setattr(claims, "ALPHA", 1e-12)
    moved = what_moved()
    assert moved["F3a"] == (Cause("code", ("judgement/claims.py",)),)


def test_a_library_that_differs_alone_is_named_with_both_versions(published, monkeypatch):
    real = provenance.version
    old = real("scipy")
    monkeypatch.setattr(provenance, "version", lambda name: "99.0" if name == "scipy" else real(name))
    provenance.computing_versions.cache_clear()
    monkeypatch.setattr(claims, "ALPHA", 1e-12)  # what another library might bring about
    assert what_moved()["F3a"] == (Cause("library", (f"scipy {old} → 99.0",)),)


def test_all_modules_on_the_way_to_verdicts_are_looked_at_and_those_that_only_show_them_are_not():
    found = set(modules_behind())
    assert {"intake/checks.py", "intake/sampling.py", "judgement/gaps.py", "judgement/claims.py"} <= found
    assert "judgement/robustness/otherwise.py" in found  # read from a chapter that stands later in the book
    assert not [name for name in found if name.startswith(("publishing/", "simulation/", "running/"))]


def test_simulation_parameters_that_differ_are_named_as_such(published):
    edit(published, "simulation/zz.toml", "[", "# drawn otherwise\n[")
    receive_answer(published, "trust/trust_trend_army", "fallen", "risen")  # what other parameters might bring about
    assert what_moved() == {"F3b": (Cause("simulation"),)}


def test_results_older_than_a_correction_are_not_published_and_the_reason_is_told(published, bsna):  # noqa: F811
    path = published / "assessment" / "corrections" / "zz.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("D1,", "D99,"), encoding="utf-8")
    before = published_path("zz").read_bytes()
    code, _, complaint = bsna("publish", "zz", "--on", "2026-12-01")
    assert code == 1
    assert "changed since: corrections" in complaint and "run `bsna run zz` first" in complaint
    assert published_path("zz").read_bytes() == before
    assert "run the survey again. Changed since: corrections and checks." in bsna("moved", "zz")[1]


def test_a_survey_that_was_never_run_or_published_says_so(unpublished, bsna, first_run):  # noqa: F811
    assert "run `bsna run zz` first" in bsna("publish", "zz")[2]
    shutil.copytree(first_run, unpublished / "data")
    code, told, _ = bsna("moved", "zz")
    assert code == 0 and "Nothing has been published of this survey yet" in told
    assert "Rien n’a encore été publié" in bsna("moved", "zz", "--language", "fr")[1]
    assert bsna("moved", "zz", "--language", "de")[0] == 2


def test_what_moved_is_printed_and_told_again_of_the_next_edition(published, bsna, capsys):  # noqa: F811
    receive_answer(published, "trust/trust_trend_army", "fallen", "risen")
    run_survey()
    code, told, _ = bsna("moved", "zz")
    assert code == 0
    assert (
        "Since the edition of 26 November 2026, of 3 claims: 1 moved in verdict, grade or estimates, 2 did not." in told
    )
    assert "F3b: of all that it is made from, one thing differs, and so moved it: the answers received." in told
    assert "F3b. Trust in these three forces is eroding" in told
    code, _, complaint = bsna("publish", "zz", "--on", "2026-11-25")
    assert code == 1 and "was published on 2026-11-26, after 2026-11-25" in complaint
    assert bsna("publish", "zz", "--on", "2026-12-01", "--note", "One answer came later")[0] == 0
    kept = read_published("zz")
    assert (kept.since, kept.note) == (DAY, "One answer came later")
    assert [move.claim_id for move in kept.moved.claims if move.state == "moved"] == ["F3b"]
    assert "Nothing moved since the edition of 1 December 2026" in bsna("moved", "zz")[1]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_kind_of_move_has_its_words_in_both_languages(published, language):
    facts, plan = load_profile("zz"), load_plan()
    edition = read_edition("zz")
    claims_after = dict(edition.claims)
    claims_after["Fx"] = claims_after.pop("F3c")
    row = claims_after["F3a"].rows[0] | {"measure": "unheard_of"}
    claims_after["F3a"] = claims_after["F3a"].model_copy(update={"rows": (row,), "verdict": "uncertain", "grade": None})
    changed = edition.model_copy(update={"claims": claims_after, "recommendations": {"R1": "holds", "R99": "fails"}})
    shelf.write_record(changed.model_dump(mode="json"), "zz", "moved", "edition")
    told = "\n".join(moved_lines(facts, plan, language))
    assert "F3c" in told and "Fx" in told and "Unheard_of" in told and "R99" in told and "{" not in told
    words = Words(plan, {name: load_questionnaire(name) for name in POPULATIONS}, facts, language)
    survey = chapter.Survey(facts, plan, words, "moved", {}, {})
    show_moved(survey)
    show_last_published(survey)


def test_a_published_edition_damaged_by_hand_is_refused_with_file_and_key(published):
    path = published_path("zz")
    facts = json.loads(path.read_text(encoding="utf-8"))
    facts["edition"]["claims"]["F3a"]["verdikt"] = "supported"
    path.write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(ValueError, match=r"zz\.json has 1 fault\(s\): edition\.claims\.F3a\.verdikt"):
        read_published("zz")


def test_what_is_published_names_nobody(published):
    text = published_path("zz").read_text(encoding="utf-8")
    raw = read_raw(load_profile("zz"), "community")
    secrets = {*raw["_uuid"], *raw["cover/cluster_id"], *raw["cover/enumerator_id"]}
    assert len(secrets) > 300
    assert not [secret for secret in secrets if f'"{secret}"' in text]
