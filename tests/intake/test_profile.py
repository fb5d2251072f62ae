"""A profile holds facts, and says which key is wrong."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from bsna.intake.profile import list_profiles, load_profile
from tests.intake.village import PROFILE_TOML


def rewrite(hill: Path, old: str, new: str) -> None:
    assert old in PROFILE_TOML
    path = hill / "assessment" / "profiles" / "hill.toml"
    path.write_text(PROFILE_TOML.replace(old, new, 1), encoding="utf-8")


def test_a_profile_is_read_with_its_facts(hill):
    facts = load_profile("hill")
    assert facts.name["fr"] == "Colline"
    assert [row.adults for row in facts.frame] == [600, 300]
    assert not facts.is_simulated


def test_profiles_are_listed_in_alphabetical_order(hill):
    for name in ("zebra", "ant"):
        (hill / "assessment" / "profiles" / f"{name}.toml").write_text("")
    assert list_profiles() == ("ant", "hill", "zebra")


def test_an_unknown_profile_is_answered_with_the_known_ones_and_the_nearest(hill):
    with pytest.raises(ValueError, match=r"'hil'; known are hill.*mean hill"):
        load_profile("hil")


@pytest.mark.parametrize(
    ("right", "wrong", "where"),
    [
        ("threshold = 10", "treshold = 10", "publication.treshold"),
        ("seed = 1", "sede = 1", "sede"),
        ("sampled_clusters = 2", "sampled_cluster = 2", "frame.0.sampled_cluster"),
        ('psu = "cluster_id"', 'pus = "cluster_id"', "design.community.pus"),
    ],
)
def test_a_misspelt_key_is_named_with_its_file_and_the_nearest_key(hill, right, wrong, where):
    rewrite(hill, right, wrong)
    meant = right.split(" ")[0]
    with pytest.raises(ValueError) as caught:
        load_profile("hill")
    message = str(caught.value)
    assert message.startswith("hill.toml has ")
    assert f"  {where}: " in message and f"did you mean {meant}?" in message


def test_a_fact_that_is_missing_stops_the_run(hill):
    rewrite(hill, "seed = 1\n", "")
    with pytest.raises(ValueError, match=r"hill\.toml has 1 fault.*\n.*seed: Field required"):
        load_profile("hill")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("end = 2014-06-20", "end = 2014-04-20", "before its start"),
        ("threshold = 10", "threshold = 1", "publication.threshold"),
        ('admin_level = "region"', 'admin_level = "commune"', "permission_reason"),
        ('admin_level = "region"', 'admin_level = "region"\nsensitive_groups = ["x"]', "permission"),
        ('fr = "Colline"', 'de = "Hügel"', "name"),
        (', fr = "Colline"', "", "missing in \\['fr'\\]"),
        ("[design.leaders]", "[design.providers]", "design.leaders"),
        ('region = "south"', 'region = "west"', "\\['west'\\], not among"),
        ("adults = 600", "adults = 0", "frame.0.adults"),
        ('id = "hill"', 'id = "dale"', "expected 'hill'"),
        ('id = "hill"', "id = hill", "not readable as TOML"),
    ],
)
def test_a_fact_that_cannot_be_true_is_refused(hill, old, new, complaint):
    rewrite(hill, old, new)
    with pytest.raises(ValueError, match=complaint):
        load_profile("hill")


def test_a_name_with_signs_that_turn_the_direction_of_writing_is_refused(hill):
    rewrite(hill, 'fr = "Colline"', 'fr = "\\u202Eenilloc"')
    with pytest.raises(ValueError, match=r"name.*turn the direction of writing \(U\+202E\)"):
        load_profile("hill")


def test_margins_that_do_not_add_up_are_refused(hill):
    margin = '\n[[margin]]\nvariable = "sex"\nshares = { female = 0.6, male = 0.6 }\nsource = "x"\n'
    path = hill / "assessment" / "profiles" / "hill.toml"
    path.write_text(PROFILE_TOML + margin, encoding="utf-8")
    with pytest.raises(ValueError, match=r"margin sex add up to 1\.2"):
        load_profile("hill")


def test_a_profile_cannot_be_changed(hill):
    with pytest.raises(ValidationError, match="frozen"):
        load_profile("hill").seed = 2
