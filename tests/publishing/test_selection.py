"""A book shows all surveys, only some, or all but some; a name that is not known is refused."""

import pytest

from bsna.publishing.selection import chosen

KNOWN = ["hill", "ant", "zebra"]


def test_without_a_choice_all_surveys_are_shown_in_their_order():
    assert chosen(KNOWN) == KNOWN


def test_only_those_asked_for_are_shown_in_the_order_of_the_house():
    assert chosen(KNOWN, only=["zebra", "hill"]) == ["hill", "zebra"]


def test_those_withheld_are_left_out():
    assert chosen(KNOWN, without=["ant"]) == ["hill", "zebra"]


@pytest.mark.parametrize("choice", [{"only": ["ants"]}, {"without": ["ants"]}])
def test_an_unknown_survey_is_refused_with_those_known(choice):
    with pytest.raises(ValueError, match=r"ants; those with data are hill, ant, zebra"):
        chosen(KNOWN, **choice)


def test_a_survey_cannot_be_both_asked_for_and_withheld():
    with pytest.raises(ValueError, match="ant: named under --only and under --without"):
        chosen(KNOWN, only=["ant", "hill"], without=["ant"])


def test_a_book_of_no_survey_is_refused():
    with pytest.raises(ValueError, match="No survey is left"):
        chosen(KNOWN, without=KNOWN)
