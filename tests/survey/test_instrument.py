"""The questionnaires: complete in both languages, accepted by the collection tools, evaluated as asked."""

import pandas as pd
import pytest
from pyxform.xls2xform import convert

from bsna.intake.instrument import codebook, load_questionnaire, write_form
from bsna.intake.profile import POPULATIONS, list_profiles, load_profile
from bsna.intake.relevance import is_asked


def own_profiles():
    return [p for p in map(load_profile, list_profiles()) if not p.crosswalk]


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_form_compiler_accepts_each_form_without_warnings(population, language, tmp_path):
    path = write_form(population, language, tmp_path / "form.xlsx", own_profiles())
    assert convert(path).warnings == []


@pytest.mark.parametrize("population", POPULATIONS)
def test_every_question_and_code_has_a_label_in_both_languages(population):
    book = codebook(load_questionnaire(population))
    asked = book[~book["type"].isin(["start", "end", "today", "deviceid"])]
    assert (asked[["label_en", "label_fr"]] != "").all().all()
    coded = book[book["code"] != ""]
    assert (coded[["code_label_en", "code_label_fr"]] != "").all().all()


def test_the_same_form_is_the_same_bytes(tmp_path):
    one, two = (write_form("community", "fr", tmp_path / f"{n}.xlsx", own_profiles()) for n in "ab")
    assert one.read_bytes() == two.read_bytes()


def test_an_unknown_language_is_named():
    with pytest.raises(ValueError, match="Unknown language 'de'; expected one of en, fr"):
        write_form("community", "de", None)


def test_a_question_is_asked_only_where_its_relevance_holds():
    answers = pd.DataFrame({"crossed": ["yes", "no", "~refused"], "goods": ["fuel none2", "none", "weapons"]})
    assert is_asked("${crossed} = 'yes'", answers).tolist() == [True, False, False]
    assert is_asked("selected(${goods}, 'none')", answers).tolist() == [False, True, False]
    assert is_asked("not(selected(${goods}, 'weapons')) or ${crossed} = 'yes'", answers).tolist() == [True, True, False]
    assert is_asked("", answers).all()


def test_a_relevance_that_refers_to_nothing_is_refused():
    with pytest.raises(ValueError, match="absent_question"):
        is_asked("${absent_question} = 'yes'", pd.DataFrame({"a": ["x"]}))


def test_a_sheet_that_lacks_a_column_or_is_gone_is_named(house):
    path = house / "assessment" / "instrument" / "leaders" / "survey.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",relevant,", ",relevnt,", 1), encoding="utf-8")
    with pytest.raises(ValueError, match=r"survey\.csv lacks the columns \['relevant'\]; it has"):
        load_questionnaire("leaders")
    path.unlink()
    with pytest.raises(ValueError, match=r"leaders/survey\.csv is missing"):
        load_questionnaire("leaders")


def test_a_choice_list_that_does_not_exist_is_named_with_its_line(house):
    path = house / "assessment" / "instrument" / "leaders" / "survey.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("select_one function", "select_one funktion"), encoding="utf-8"
    )
    with pytest.raises(ValueError, match=r"line \d+: choice list 'funktion' is not in choices.csv"):
        load_questionnaire("leaders")
