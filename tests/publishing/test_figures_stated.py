"""Titles say the finding, and a figure whose title does not follow from what it draws is not made."""

import pytest

from bsna.chapter import vocabulary
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.publishing import figures, gaps_shown
from bsna.publishing.headlines import group_headline, levels_headline
from bsna.publishing.slopes import slopes
from bsna.publishing.stated import Stated, check_title

WORDS = vocabulary(load_profile("zz"), load_plan(), "en")


def share(measure, estimate, reach=0.03, **more):
    facts = {"measure": measure, "population": "community", "by": "", "level": "", "category": "", "unit": "share"}
    ends = {"estimate": estimate, "low": estimate - reach, "high": estimate + reach}
    return facts | ends | {"n": 400.0, "status": "ok"} | more


ARMY, POLICE, COURTS = share("trusts_army", 0.7), share("trusts_police", 0.5), share("trusts_courts", 0.48)
ROWS = [COURTS, ARMY, POLICE]


def said(statement, state, *named, **more):
    return Stated("A title", (statement, state), named, **more)


def test_the_title_made_from_rows_is_drawn_with_them():
    title = levels_headline(WORDS, ROWS, "Trust")
    assert title.state == ("levels", "clear") and title.named == (ARMY, POLICE)
    assert figures.intervals(WORDS, ROWS, title, "Trust").title == str(title)


def test_a_figure_whose_title_puts_a_lower_one_first_is_not_made():
    lies = Stated("First: police", ("levels", "close"), (POLICE, ARMY))
    with pytest.raises(ValueError, match=r"First: police.*0\.700, more than.*0\.500"):
        figures.intervals(WORDS, ROWS, lies, "Trust")


@pytest.mark.parametrize(
    ("title", "fault"),
    [
        (said("levels", "clear", POLICE, COURTS), "interval of the first starts at 0.470"),
        (said("levels", "close", ARMY, POLICE), "intervals are apart"),
        (said("levels", "close", ARMY, share("trusts_police", 0.51)), "does not draw so"),
        (said("levels", "close", ARMY, share("trusts_customs", 0.5)), "does not draw so"),
        (said("levels", "above", ARMY, POLICE), "named without ground.*trusts_police"),
        (said("levels", "above"), "left out.*trusts_army"),
        (said("levels", "none_above", ARMY), "above one half"),
        (said("levels", "single_minority", ARMY), "says majority"),
        (said("levels", "single_majority", ARMY), "3 are drawn"),
        (said("levels", "mistyped", ARMY), "no check for levels.mistyped"),
    ],
)
def test_a_title_about_levels_that_does_not_follow_is_refused(title, fault):
    with pytest.raises(ValueError, match=fault):
        check_title(title, ROWS)


def test_a_withheld_row_is_neither_named_nor_a_rival():
    hidden = share("trusts_customs", 0.9, status="withheld")
    check_title(said("levels", "clear", ARMY, POLICE), [*ROWS, hidden])
    with pytest.raises(ValueError, match="does not draw so"):
        check_title(said("levels", "clear", hidden, ARMY), [*ROWS, hidden])


WOMEN, MEN = (share("trusts_army", value, by="sex", level=sex) for sex, value in (("female", 0.4), ("male", 0.6)))


def test_a_title_about_groups_must_name_the_ends_and_what_the_test_shows():
    title = group_headline(WORDS, [MEN, WOMEN], {"trusts_army": 0.01}, "Trust by sex")
    assert title.named == (WOMEN, MEN)
    check_title(title, [MEN, WOMEN])
    for lie, fault in (
        (said("by", "differs", MEN, WOMEN, tests={"trusts_army": 0.01}), "levels run from 0.400 to 0.600"),
        (said("by", "differs", WOMEN, MEN, tests={"trusts_army": 0.2}), "p is 0.200"),
        (said("by", "none", tests={"trusts_army": 0.01}), "beyond chance are"),
        (said("by", "untested", WOMEN, MEN, tests={"trusts_army": 0.2}), "1 tests were made"),
    ):
        with pytest.raises(ValueError, match=fault):
            check_title(lie, [MEN, WOMEN])


def test_a_rise_is_one_only_if_the_change_excludes_zero_and_the_figure_draws_it():
    before, after = share("trusts_army", 0.4), share("trusts_army", 0.6)
    sure, unsure = (share("trusts_army", 0.2, reach, unit="points") for reach in (0.1, 0.3))
    sides = [("Army", before, after)]
    assert slopes(WORDS, sides, ("2012", "2014"), said("rounds", "rose", before, after, changes=[sure]))
    for lie, fault in (
        (said("rounds", "fell", before, after, changes=[sure]), "went from 0.400 to 0.600"),
        (said("rounds", "rose", before, after, changes=[unsure]), "zero is not excluded"),
        (said("rounds", "still", changes=[sure]), "changes beyond chance"),
    ):
        with pytest.raises(ValueError, match=fault):
            slopes(WORDS, sides, ("2012", "2014"), lie)


def test_a_gap_between_two_sides_is_named_if_and_only_if_its_test_shows_it():
    one, other = share("trusts_army", 0.4), share("believes_trusted_army", 0.7, population="providers")
    gap = share("trust_army", 0.3, 0.1, unit="points", population="")
    pairs = [("Trust in the army", one, other, gap)]
    assert gaps_shown.paired(WORDS, pairs, said("mirror", "gap", gap, tests={"trust_army": 0.001}), "Both")
    for lie, fault in (
        (said("mirror", "close", tests={"trust_army": 0.001}), "left out"),
        (said("mirror", "gap", gap, tests={"trust_army": 0.3}), "named without ground"),
    ):
        with pytest.raises(ValueError, match=fault):
            gaps_shown.paired(WORDS, pairs, lie, "Both")


def test_a_term_of_a_model_is_named_if_and_only_if_zero_is_excluded():
    sure, unsure = (share("x", 0.1, reach, unit="points", by=term) for term, reach in (("sex", 0.05), ("age", 0.2)))
    check_title(said("model", "some", sure), [sure, unsure])
    with pytest.raises(ValueError, match="zero is excluded for"):
        check_title(said("model", "none"), [sure, unsure])
    with pytest.raises(ValueError, match="the title names"):
        check_title(said("model", "some", sure, unsure), [sure, unsure])


def test_a_plain_title_states_nothing_and_passes():
    check_title("Trust", ROWS)
