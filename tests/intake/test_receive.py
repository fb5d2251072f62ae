"""A delivery is kept beside the earlier ones, and nothing is lost when reception fails."""

import shutil
import tomllib
from datetime import date

import pytest

from bsna.intake import receive as reception
from bsna.intake.raw import current_delivery, list_deliveries, read_raw, sha256_of
from bsna.intake.receive import assign_populations, compare_deliveries, receive
from tests.intake.village import profile

FIRST = "_uuid,sex,age,name\nawa,female,34,Awa\nbah,male,50,Bah\ncire,male,61,Cire\n"
LATER = "_uuid,sex,age,name,new\nbah,male,51,Ba,x\nawa,female,34,Awa,\ndiallo,male,20,Dia,\nege,male,30,Ege,\n"


def bring(hill, text: str, name: str = "community", day: int = 1, **extra):
    path = hill / f"{name}.csv"
    path.write_text(text, encoding="utf-8")
    return receive(
        profile(),
        {name: path},
        received=date(2014, 7, day),
        origin='The "field" team',
        licence="restricted",
        **extra,
    )


def everything(hill) -> dict[str, bytes]:
    raw = hill / "data" / "raw"
    return {str(path.relative_to(raw)): path.read_bytes() for path in raw.rglob("*") if path.is_file()}


def test_a_delivery_is_copied_and_described(hill):
    bring(hill, FIRST, note="line one\nline two é")
    home = hill / "data" / "raw" / "hill"
    source = tomllib.loads((home / "SOURCE.toml").read_text(encoding="utf-8"))
    assert source["current"] == "001_2014-07-01"
    (delivery,) = source["delivery"]
    assert delivery["received"] == date(2014, 7, 1)
    assert delivery["origin"] == 'The "field" team'
    assert delivery["note"] == "line one\nline two é"
    (file,) = delivery["file"]
    assert file["rows"] == 3
    assert file["sha256"] == sha256_of(home / "001_2014-07-01" / file["name"])
    assert (home / "001_2014-07-01" / "community.csv").read_text() == FIRST


def test_a_later_delivery_stands_beside_the_earlier_and_becomes_current(hill):
    first = bring(hill, FIRST)
    before = everything(hill)
    bring(hill, FIRST.replace("34", "35"), day=9)
    assert [delivery.id for delivery in list_deliveries("hill")] == ["001_2014-07-01", "002_2014-07-09"]
    assert current_delivery("hill").id == "002_2014-07-09"
    assert list(read_raw(profile(), "community")["age"]) == ["35", "50", "61"]
    assert list(read_raw(profile(), "community", first)["age"]) == ["34", "50", "61"]
    kept = everything(hill)
    assert all(kept[name] == held for name, held in before.items() if name != "hill/SOURCE.toml")


def test_populations_that_were_not_sent_again_are_carried_over(hill):
    bring(hill, FIRST)
    bring(hill, "_uuid\nchief\n", name="leaders", day=2)
    assert list(read_raw(profile(), "community")["_uuid"]) == ["awa", "bah", "cire"]
    assert list(read_raw(profile(), "leaders")["_uuid"]) == ["chief"]


def set_back(hill, to: str) -> None:
    """Somebody declares an earlier delivery the one in use."""
    source = hill / "data" / "raw" / "hill" / "SOURCE.toml"
    lines = [f'current = "{to}"' if line.startswith("current") else line for line in source.read_text().splitlines()]
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_after_an_earlier_delivery_was_put_back_in_use_the_next_one_builds_on_it(hill):
    first = bring(hill, FIRST)
    bring(hill, LATER, day=2)
    set_back(hill, first.id)
    assert list(read_raw(profile(), "community")["age"]) == ["34", "50", "61"]
    bring(hill, "_uuid\nchief\n", name="leaders", day=3)
    assert list(read_raw(profile(), "community")["age"]) == ["34", "50", "61"]
    bring(hill, LATER, day=4)
    assert [delivery.id[:3] for delivery in list_deliveries("hill")] == ["001", "002", "003", "004"]


def test_two_files_that_changed_places_are_another_delivery(hill):
    bring(hill, FIRST)
    bring(hill, LATER, name="leaders", day=2)
    (hill / "community.csv").write_text(LATER, encoding="utf-8")
    (hill / "leaders.csv").write_text(FIRST, encoding="utf-8")
    swapped = {name: hill / f"{name}.csv" for name in ("community", "leaders")}
    receive(profile(), swapped, received=date(2014, 7, 3), origin="x", licence="y")
    assert list(read_raw(profile(), "leaders")["age"]) == ["34", "50", "61"]


def test_the_same_files_again_are_refused_and_nothing_changes(hill):
    bring(hill, FIRST)
    before = everything(hill)
    with pytest.raises(ValueError, match="same as those of delivery 001_2014-07-01"):
        bring(hill, FIRST, day=9)
    assert everything(hill) == before


def test_a_broken_file_changes_nothing(hill):
    bring(hill, FIRST)
    before = everything(hill)
    with pytest.raises(ValueError, match="truncated"):
        bring(hill, "_uuid,age\nawa", day=9)
    assert everything(hill) == before


@pytest.mark.parametrize("step", ["copyfile", "replace"])
def test_a_reception_cut_short_leaves_the_earlier_delivery_whole_and_can_be_repeated(hill, monkeypatch, step):
    bring(hill, FIRST)
    before = everything(hill)

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shutil if step == "copyfile" else reception.os, step, full)
        with pytest.raises(OSError, match=r"002_2014-07-09 could not be written, nothing was received: No space left"):
            bring(hill, LATER, day=9)
    assert everything(hill) == before
    bring(hill, LATER, day=9)
    assert current_delivery("hill").id == "002_2014-07-09"


def test_a_reception_killed_before_it_was_recorded_leaves_the_earlier_one_current(hill, monkeypatch):
    bring(hill, FIRST)
    with monkeypatch.context() as patch:
        patch.setattr(reception, "_write_source", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            bring(hill, LATER, day=9)
    assert list(read_raw(profile(), "community")["age"]) == ["34", "50", "61"]
    bring(hill, LATER, day=9)
    assert list(read_raw(profile(), "community")["age"]) == ["51", "34", "20", "30"]


def test_what_a_killed_reception_left_half_copied_goes_at_the_next(hill):
    bring(hill, FIRST)
    left = hill / "data" / "raw" / "hill" / ".receiving-abc"
    left.mkdir()
    (left / "community.csv").write_text("_uuid,a")
    bring(hill, LATER, day=9)
    assert not left.exists()


def test_a_population_the_survey_does_not_have_is_refused(hill):
    with pytest.raises(ValueError, match=r"no population \['sites'\]; it has \['community', 'leaders'\]"):
        bring(hill, FIRST, name="sites")


def test_what_changed_between_deliveries_is_counted_by_column_without_values(hill):
    first, second = bring(hill, FIRST), bring(hill, LATER, day=9)
    changes = compare_deliveries(profile(), first, second)
    counted = {
        row["column"]: (row["cells_changed"], row["rows_added"], row["rows_removed"])
        for row in changes[changes["population"] == "community"].to_dict("records")
    }
    # bah is a year older and loses a letter; `new` is a new column for the two who stayed;
    # diallo and ege came, cire left; the order of rows does not matter.
    assert counted == {"*": (0, 2, 1), "age": (1, 0, 0), "name": (1, 0, 0), "new": (2, 0, 0)}
    shown = changes.to_csv()
    assert not any(value in shown for value in ("Awa", "Bah", "51", "cire"))


def test_records_sent_twice_are_matched_one_by_one(hill):
    first = bring(hill, "_uuid,age\nawa,34\nawa,34\n")
    second = bring(hill, "_uuid,age\nawa,34\n", day=9)
    (row,) = compare_deliveries(profile(), first, second).query("population == 'community'").to_dict("records")
    assert (row["column"], row["rows_added"], row["rows_removed"]) == ("*", 0, 1)


def test_files_find_their_population_by_name_or_as_told(tmp_path):
    leaders, other = tmp_path / "leaders.csv", tmp_path / "export_12.csv"
    assert assign_populations(profile(), [leaders], None) == {"leaders": leaders}
    assert assign_populations(profile(), [other], "community") == {"community": other}
    alone = profile(populations=["community"])
    assert assign_populations(alone, [other], None) == {"community": other}


def test_a_file_that_fits_no_population_or_one_already_taken_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"export_12\.csv fits no population of hill"):
        assign_populations(profile(), [tmp_path / "export_12.csv"], None)
    with pytest.raises(ValueError, match=r"Both leaders\.csv and leaders\.xlsx are given for leaders"):
        assign_populations(profile(), [tmp_path / "leaders.csv", tmp_path / "leaders.xlsx"], None)
