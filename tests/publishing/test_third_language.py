"""A further language is .po files and nothing else: here one that says each text of assessment/ as English does, after a ¡."""

import json

import nbformat
import openpyxl
import polib
import pytest

from bsna import paths
from bsna.chapter import vocabulary
from bsna.intake.checks import load_checks
from bsna.intake.instrument import load_questionnaire, write_form
from bsna.intake.languages import LANGUAGES, further_languages
from bsna.intake.plan import load_plan
from bsna.intake.profile import POPULATIONS, load_profile
from bsna.intake.sheets import read_rows, read_toml, source_facts, source_rows
from bsna.intake.texts import catalog_of, fact_texts, row_texts, text_files
from bsna.publishing.book import book_languages
from bsna.publishing.catalogs import update_catalogs, update_texts
from bsna.publishing.firmness import check_sentence
from bsna.publishing.gate import check_declared, unlisted_languages
from bsna.publishing.gate.templates import plan_templates
from bsna.publishing.redirects import Redirect
from bsna.publishing.takeaway.declared import load_declared
from bsna.publishing.translation import chapter_title, translated_notebook

TOLD = "¡"


def fill(path, say=lambda entry: TOLD + entry.msgid):
    """Translate a .po file by a rule."""
    catalog = polib.pofile(str(path), wrapwidth=0)
    for entry in catalog:
        entry.msgstr = say(entry)
    catalog.save(str(path))


@pytest.fixture
def spanish(house):
    """A house whose texts are all said in a third language."""
    for path in update_catalogs("es"):
        fill(path, (lambda e: TOLD + e.msgid) if path.is_relative_to(house / "assessment") else (lambda e: e.msgid))
    return house


def texts_in(path):
    return list(
        fact_texts(source_facts(path)) if path.suffix == ".toml" else row_texts([r for _, r in source_rows(path)])
    )


def without(value, language):
    """What is left of facts or rows where one language is taken out."""
    if isinstance(value, dict):
        endings = (f"_{language}", f"::{language}", f"({language})")
        kept = {key: one for key, one in value.items() if key != language and not key.endswith(endings)}
        return {key: without(one, language) for key, one in kept.items()}
    return [without(one, language) for one in value] if isinstance(value, list) else value


def test_languages_are_english_french_and_the_folders_of_the_house(house):
    assert dict(LANGUAGES) == {"en": "English (en)", "fr": "Français (fr)"} and further_languages() == ()
    for language in ("pt", "es"):
        (house / "assessment" / "locale" / language).mkdir(parents=True)
    assert dict(LANGUAGES) == {
        "en": "English (en)",
        "fr": "Français (fr)",
        "es": "Español (es)",
        "pt": "Português (pt)",
    }
    assert len(LANGUAGES) == 4 and "es" in LANGUAGES and "de" not in LANGUAGES


def test_a_folder_that_is_no_language_is_refused_where_its_name_is_needed(house):
    (house / "assessment" / "locale" / "qqqqq").mkdir(parents=True)
    with pytest.raises(ValueError, match="assessment/locale/qqqqq is no code of a language"):
        LANGUAGES["qqqqq"]


def test_a_folder_of_a_language_that_stands_in_the_sources_is_refused(house):
    (house / "assessment" / "locale" / "fr").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"locale holds \['fr'\], whose texts stand in the files of assessment/"):
        further_languages()


def test_there_is_a_catalog_for_every_file_with_texts_and_for_no_other(spanish):
    made = {
        path.relative_to(spanish / "assessment" / "locale" / "es")
        for path in (spanish / "assessment" / "locale").rglob("*.po")
    }
    told = {path for path in text_files() if texts_in(path)}
    assert made == {path.relative_to(spanish / "assessment").with_suffix(".po") for path in told}
    names = {path.name for path in told}
    assert {
        "wording.toml",
        "measures.csv",
        "checks.csv",
        "choices.csv",
        "survey.csv",
        "settings.csv",
        "zz.toml",
    } <= names


def test_an_entry_tells_where_its_text_stands(spanish):
    catalog = {
        entry.msgid: entry for entry in polib.pofile(str(catalog_of(paths.assessment("plan", "wording.toml"), "es")))
    }
    assert catalog["supported"].occurrences == [("assessment/plan/wording.toml:words.supported", "")]
    choices = {
        entry.msgid: entry
        for entry in polib.pofile(str(catalog_of(paths.assessment("instrument", "choices.csv"), "es")))
    }
    places = [place for place, _ in choices["Refused (do not read aloud)"].occurrences]
    assert "assessment/instrument/choices.csv:yes_no.refused.label" in places and len(places) > 10


def test_english_and_french_are_as_before_and_every_text_is_told_beside_them(spanish):
    for path in text_files():
        if path.suffix == ".toml":
            told, source = read_toml(path), source_facts(path)
        else:
            told, source = ([row for _, row in read(path)] for read in (read_rows, source_rows))
        assert without(told, "es") == source
        assert json.dumps(without(told, "es"), default=str) == json.dumps(source, default=str)
        assert json.dumps(told, ensure_ascii=False, default=str).count(f'"{TOLD}') == len(
            [text for _, text in texts_in(path) if text.strip()]
        )


def test_a_vocabulary_says_words_sentences_labels_and_questions(spanish):
    plan, profile = load_plan(), load_profile("zz")
    told, english = vocabulary(profile, plan, "es"), vocabulary(profile, plan, "en")
    assert told.word("supported") == TOLD + "supported"
    assert told.say("banner", "simulated") == TOLD + english.say("banner", "simulated")
    spec = plan.measures[0]
    assert told.measure(spec.measure, spec.population, True) == TOLD + spec.short_en
    assert told.name(spec.measure) == TOLD + spec.short_en
    assert told.text(plan.tables[0], "title") == TOLD + english.text(plan.tables[0], "title")
    assert told.text(plan.models[0], "title") == TOLD + english.text(plan.models[0], "title")
    assert told.text(plan.claims[0], "caveat") == TOLD + english.text(plan.claims[0], "caveat")
    assert told.group("sex", "community") == TOLD + english.group("sex", "community")
    assert told.level(plan.levels[0].group, plan.levels[0].level, "community").startswith(TOLD)
    assert told.question("border_purpose", "community") == TOLD + english.question("border_purpose", "community")
    assert told.choice("border_purpose", "separate_states", "community").startswith(TOLD)
    assert told.choice("region", profile.region[0].code, "community") == TOLD + profile.region[0].name["en"]
    assert plan.outside[0].labels("note")["es"] == TOLD + plan.outside[0].note_en
    assert load_checks()[0].reason["es"] == TOLD + load_checks()[0].reason["en"]


def test_numbers_follow_the_rules_of_the_language(spanish):
    words = vocabulary(load_profile("zz"), load_plan(), "es")
    assert words.share(0.413) == "41\u00a0%"
    assert words.show("a_number", 12345.6) == "12.345,6" and words.show("a_ratio", 0.5) == "0,50"
    assert words.points(-0.01) == TOLD + "−1 point" and words.points(0.02) == TOLD + "+2 points"
    assert words.enumeration(["a", "b", "c"]) == "a, b y c"
    assert words.typeset("a : b") == "a : b"


def test_a_plural_form_that_english_does_not_have_falls_back_on_other(spanish):
    words = vocabulary(None, load_plan(), "es")
    assert words.word("points_many") == words.word("points_other")
    with pytest.raises(ValueError, match="no word 'points_several'"):
        words.word("points_several")


def test_forms_hold_every_language_side_by_side_and_open_in_the_one_asked_for(spanish):
    for population in POPULATIONS:
        path = write_form(population, "es", spanish / f"{population}.xlsx", [load_profile("zz")])
        book = openpyxl.load_workbook(path)
        head = [cell.value for cell in book["survey"][1]]
        place = head.index("label::Français (fr)")
        assert head[place - 1 : place + 2] == ["label::English (en)", "label::Français (fr)", "label::Español (es)"]
        settings = dict(zip(*([cell.value for cell in row] for row in book["settings"].iter_rows()), strict=True))
        assert settings["default_language"] == "Español (es)" and settings["form_title"].startswith(TOLD)
        for sheet in ("survey", "choices"):
            rows = [[cell.value for cell in row] for row in book[sheet].iter_rows()]
            english, spoken = rows[0].index("label::English (en)"), rows[0].index("label::Español (es)")
            assert [row[spoken] for row in rows[1:]] == [row[english] and TOLD + row[english] for row in rows[1:]]
    assert load_questionnaire("community").title["es"].startswith(TOLD)


def test_downloads_hold_the_labels_of_every_language_and_describe_them(spanish):
    names = [column.name for column in load_declared().column]
    assert names[names.index("label_fr") + 1] == "label_es"
    described = {column.name: column.describes for column in load_declared().column}
    assert described["level_es"] == {
        "en": "The group in words, in Spanish",
        "fr": "Le groupe en toutes lettres, en espagnol",
        "es": TOLD + "The group in words, in español",
    }


def test_chapters_take_their_title_from_their_heading(spanish):
    source = spanish / "notebooks" / "05_trust.ipynb"
    english = nbformat.read(source, 4).metadata["bsna"]["title"]["en"]
    assert chapter_title(source, "es") == chapter_title(source, "en") == english
    made = translated_notebook(nbformat.read(source, 4), source, "es")
    assert made.metadata["bsna"]["title"]["es"] == english


def test_sentences_are_checked_for_their_opening_where_words_are_not_listed(spanish):
    check_declared()
    assert unlisted_languages() == ("es",)
    check_sentence(TOLD + "The survey indicates that this is so", "B", "es")
    with pytest.raises(ValueError, match="opens with nothing that grade B allows"):
        check_sentence(TOLD + "The survey shows that this is so", "B", "es")
    told = [template for template in plan_templates() if template.language == "es"]
    assert len(told) == len([template for template in plan_templates() if template.language == "en"])
    place = next(template.place for template in told if template.address == "wording/words/supported")
    line = int(place.removeprefix("assessment/locale/es/plan/wording.po:"))
    lines = catalog_of(paths.assessment("plan", "wording.toml"), "es").read_text(encoding="utf-8").splitlines()
    assert 'msgid "supported"' in lines[line - 1 : line + 3]


@pytest.mark.parametrize("state", ["missing", "empty", "fuzzy"])
def test_a_text_without_translation_is_refused_with_file_place_text_count_and_what_to_run(spanish, state):
    path = catalog_of(paths.assessment("plan", "wording.toml"), "es")
    catalog = polib.pofile(str(path), wrapwidth=0)
    entry = catalog.find("supported")
    if state == "missing":
        catalog.remove(entry)
    elif state == "empty":
        entry.msgstr = ""
    else:
        entry.flags.append("fuzzy")
    catalog.save(str(path))
    with pytest.raises(ValueError) as told:
        read_toml(paths.assessment("plan", "wording.toml"))
    assert str(told.value) == (
        f"{path}: 1 texts of wording.toml have no translation, or an old one, marked fuzzy:\n  words.supported: 'supported'\n"
        "Run `bsna messages --language es`, then fill the empty entries and those marked fuzzy"
    )


def test_a_new_language_is_refused_until_it_is_translated_and_then_said(house):
    update_catalogs("es")
    measures = paths.assessment("plan", "measures.csv")
    with pytest.raises(ValueError, match=r"locale/es/plan/grades\.po: \d+ texts of grades\.toml have no translation"):
        load_plan()
    with pytest.raises(ValueError) as told:
        read_rows(measures)
    assert str(told.value).count("\n") == 11  # ten texts are shown
    fill(catalog_of(measures, "es"))
    assert read_rows(measures)[0][1]["label_es"].startswith(TOLD)


def test_a_translation_repeats_the_values_of_its_text(spanish):
    path = catalog_of(paths.assessment("plan", "wording.toml"), "es")
    fill(path, lambda entry: (TOLD + entry.msgid).replace("{limit}", "{limite}"))
    with pytest.raises(
        ValueError, match=r"4 translations have other values in braces.*\n  words\.over: 'over \{limit\}'"
    ):
        read_toml(paths.assessment("plan", "wording.toml"))


def test_one_english_text_can_be_said_in_two_ways_by_place(spanish):
    source = paths.assessment("instrument", "choices.csv")
    path = catalog_of(source, "es")
    catalog = polib.pofile(str(path), wrapwidth=0)
    catalog.append(polib.POEntry(msgid="Yes", msgctxt="yes_no.yes.label", msgstr="Sí"))
    catalog.append(polib.POEntry(msgid="Yes", msgctxt="gone.yes.label", msgstr="Sí"))
    catalog.save(str(path))
    counts = update_texts(source, "es")
    assert counts is not None and counts[1] == 0
    kept = [entry for entry in polib.pofile(str(path)) if entry.msgctxt]
    assert [(entry.msgctxt, entry.obsolete) for entry in kept] == [
        ("yes_no.yes.label", False),
        ("gone.yes.label", True),
    ]
    said = {row["list_name"]: row["label::Español (es)"] for _, row in read_rows(source) if row["name"] == "yes"}
    assert said["yes_no"] == "Sí" and {text for name, text in said.items() if name != "yes_no"} == {TOLD + "Yes"}


def test_a_text_that_changed_a_little_keeps_its_translation_marked_fuzzy(spanish):
    source = paths.assessment("plan", "order.toml")
    (_, old), *_ = texts_in(source)
    new = old.replace(" ", "  ", 1)
    source.write_text(source.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert update_texts(source, "es") is not None
    entry = polib.pofile(str(catalog_of(source, "es"))).find(new)
    assert entry.fuzzy and entry.msgstr == TOLD + old and entry.previous_msgid == old


def test_an_update_of_what_is_up_to_date_changes_no_byte(spanish):
    files = sorted((spanish / "assessment" / "locale").rglob("*.po"))
    before = [path.read_bytes() for path in files]
    made = update_catalogs("es")
    assert [path.read_bytes() for path in files] == before and not any(lacking for _, lacking in made.values())


def test_two_files_whose_texts_would_share_a_catalog_are_refused(house):
    text = '[one]\ntitle = { en = "One", fr = "Un" }\n'
    paths.assessment("plan", "measures.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="has the name of another file beside it"):
        update_catalogs("es")


def test_french_texts_of_the_assessment_need_no_catalog(house):
    assert all(not path.is_relative_to(house / "assessment") for path in update_catalogs("fr"))


def test_a_book_in_a_language_without_the_texts_of_the_assessment_is_refused(house):
    update_catalogs("es")
    assert book_languages() == ("en", "es", "fr")
    for path in sorted((house / "assessment" / "locale").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (house / "assessment" / "locale").rmdir()
    with pytest.raises(ValueError, match=r"holds translations into \['es'\].*run `bsna messages --language es`"):
        book_languages()


def test_words_in_a_language_that_the_house_does_not_have_are_refused(house):
    with pytest.raises(
        ValueError, match="No text is said in 'es', languages are en, fr; run `bsna messages --language es`"
    ):
        vocabulary(None, load_plan(), "es")


def test_an_old_address_may_be_of_a_third_language_that_is_there(spanish):
    row = {"old": "a.html", "new": "b.html", "reason": "moved"}
    assert Redirect.model_validate({**row, "languages": ["es"]}).languages == ("es",)
    with pytest.raises(ValueError, match="'de' is no language of the house"):
        Redirect.model_validate({**row, "languages": ["de"]})
