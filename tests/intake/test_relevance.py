"""Who was asked, by the expressions of the form."""

import pandas as pd
import pytest

from bsna.intake.relevance import is_asked, referenced

PEOPLE = pd.DataFrame(
    {
        "consent": ["yes", "no", "~refused", "yes"],
        "crossed": ["yes", "~not_asked", "~not_asked", "no"],
        "goods": ["weapons gold", "~not_asked", "~not_asked", "weapon"],
    },
    dtype=str,
)


@pytest.mark.parametrize(
    ("expression", "asked"),
    [
        ("", [True, True, True, True]),
        ("${consent} = 'yes'", [True, False, False, True]),
        ("(${consent} = 'yes')", [True, False, False, True]),
        ("((${consent} = 'yes'))", [True, False, False, True]),
        ("(${consent} = 'yes') and (${crossed} = 'yes')", [True, False, False, False]),
        ("${crossed} != ''", [True, False, False, True]),
        ("${consent} != 'refused'", [True, True, False, True]),
        ("not(selected('dont_know refused', ${consent}))", [True, True, False, True]),
        ("selected(${goods}, 'weapons')", [True, False, False, False]),
        ("not(selected(${goods}, 'gold'))", [False, True, True, True]),
        ("${goods}", [True, False, False, True]),
    ],
)
def test_an_expression_tells_for_each_person_whether_the_question_was_put(expression, asked):
    assert list(is_asked(expression, PEOPLE)) == asked


def test_a_reference_to_a_question_the_table_lacks_is_named():
    with pytest.raises(ValueError, match=r"refers to \['age'\]"):
        is_asked("${age} > 3", PEOPLE)


def test_what_is_no_expression_is_refused():
    with pytest.raises(ValueError, match="cannot be evaluated"):
        is_asked("${consent} = = 'yes'", PEOPLE)


def test_references_are_listed_once_in_order():
    assert referenced("${b} = 1 or ${a} = ${b}") == ("b", "a")
