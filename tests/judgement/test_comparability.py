"""What may stand side by side: the register of comparability decides, family by family."""

import pytest

from bsna.chapter import vocabulary
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.reports import countries

OURS, FOREIGN = "zz", "mli_afrobarometer_r6"


@pytest.fixture
def shown(monkeypatch):
    """Tables of levels as they would be shown, by name: the surveys in each, every one with an estimate of everything."""
    tables = {}
    row = {"estimate": 0.5, "low": 0.4, "high": 0.6, "unit": "share"}
    everything = {(spec.measure, spec.population): row for spec in load_plan().measures}
    monkeypatch.setattr(countries, "_estimates", lambda profile: everything)
    monkeypatch.setattr(
        countries, "show_table", lambda words, frame, title, name, source: tables.update({name: [*frame.columns[1:]]})
    )

    def show(*profiles):
        surveys = [load_profile(profile) for profile in profiles]
        countries._show_levels(vocabulary(None, load_plan(), "en"), surveys)
        return tables, {survey.id: survey.name["en"] for survey in surveys}

    return show


@pytest.mark.parametrize("order", [(OURS, FOREIGN), (FOREIGN, OURS)])
def test_our_questionnaire_and_a_foreign_one_never_share_a_table(shown, order):
    tables, names = shown(*order)
    assert {tuple(columns) for columns in tables.values()} == {(names[OURS],), (names[FOREIGN],)}
    for name, columns in tables.items():
        assert columns == [names[OURS] if name.endswith("bsna") else names[FOREIGN]]


def test_what_may_not_be_compared_is_not_shown(shown):
    tables, _ = shown(FOREIGN)
    refused = {c.concept for c in load_plan().comparability if c.kind == "not"}
    assert refused == {"help"}
    assert not [name for name in tables if name.startswith("levels-help")]


def test_every_measure_of_the_register_exists_and_has_one_reason_per_family():
    plan = load_plan()
    known = {spec.measure for spec in plan.measures}
    rows = [(family, name) for c in plan.comparability for family in c.surveys for name in c.measures]
    assert {name for _, name in rows} <= known
    assert len(rows) == len(set(rows))
