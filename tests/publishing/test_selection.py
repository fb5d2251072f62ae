"""A book shows all surveys, only some, or all but some; a name that is not known is refused."""

import pytest

from bsna.publishing.selection import chosen

KNOWN = {"hill": True, "ant": True, "moth": False, "zebra": True}


def test_without_a_choice_all_surveys_are_known_in_their_order_those_without_data_too():
    assert chosen(KNOWN) == ["hill", "ant", "moth", "zebra"]


def test_only_those_asked_for_are_shown_in_the_order_of_the_house():
    assert chosen(KNOWN, only=["zebra", "hill"]) == ["hill", "zebra"]


def test_those_withheld_are_left_out():
    assert chosen(KNOWN, without=["ant"]) == ["hill", "moth", "zebra"]
    assert chosen(KNOWN, without=["moth"]) == ["hill", "ant", "zebra"]


@pytest.mark.parametrize("choice", [{"only": ["ants"]}, {"without": ["ants"]}])
def test_an_unknown_survey_is_refused_with_those_known(choice):
    with pytest.raises(ValueError, match=r"ants; those declared are hill, ant, moth, zebra"):
        chosen(KNOWN, **choice)


def test_a_survey_cannot_be_both_asked_for_and_withheld():
    with pytest.raises(ValueError, match="ant: named under --only and under --without"):
        chosen(KNOWN, only=["ant", "hill"], without=["ant"])


@pytest.mark.parametrize(
    "choice", [{"without": list(KNOWN)}, {"without": ["hill", "ant", "zebra"]}, {"only": ["moth"]}]
)
def test_a_book_of_no_survey_with_data_is_refused(choice):
    with pytest.raises(ValueError, match="No survey with data is left of hill, ant, zebra; name one of them"):
        chosen(KNOWN, **choice)
