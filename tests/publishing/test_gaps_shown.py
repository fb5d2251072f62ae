"""Gaps as a reader sees them: sentences, a figure and a table whose numbers are the same."""

import pandas as pd
import pytest

from bsna import shelf
from bsna.chapter import Survey, vocabulary
from bsna.estimation import survey_design
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.judgement.gaps import Gap
from bsna.publishing import gaps_shown
from bsna.reports import gaps as report

WORDS = {language: vocabulary(load_profile("zz"), load_plan(), language) for language in ("en", "fr")}


def row(population, estimate, reach, unit="share", status="ok"):
    facts = {"population": population, "unit": unit, "status": status, "n": 100.0, "clusters": 10.0}
    if status == "withheld":
        return facts | {"estimate": None, "low": None, "high": None, "n": float("nan")}
    return facts | {"estimate": estimate, "low": estimate - reach, "high": estimate + reach}


def pair(label="Trust in the army", status="ok"):
    other = row("providers", 0.7, 0.1, status=status)
    return label, row("community", 0.4, 0.05), other, row("", 0.3, 0.12, "points", status)


def test_a_figure_of_gaps_states_every_number_and_what_is_withheld():
    drawing = gaps_shown.paired(WORDS["en"], [pair(), pair("Respect", "withheld")], "The two sides differ", "Both")
    said = "Trust in the army, People: 40% (35–45%); Trust in the army, Security providers: 70% (60–80%); "
    assert f"{said}Trust in the army, gap: +30 points (+18 to +42)" in drawing.alt
    assert "Respect, Security providers: withheld; Respect, gap: withheld" in drawing.alt
    assert [line[1] for line in drawing.table[1:4]] == ["40% (35–45%)", "70% (60–80%)", "+30 points (+18 to +42)"]
    assert "SIMULATED DATA" in drawing.alt and drawing.png[:4] == b"\x89PNG"
    again = gaps_shown.paired(WORDS["en"], [pair(), pair("Respect", "withheld")], "The two sides differ", "Both")
    assert again.png == drawing.png
    assert gaps_shown.paired(WORDS["en"], [], "x", "x") is None


def test_a_figure_of_chances_never_says_that_they_are_certain():
    chances = {"community": (1.0, 0.4), "leaders": (0.0, 0.4)}
    drawing = gaps_shown.tops(WORDS["fr"], ["Mines", "Pauvreté"], chances, [row("community", 0.2, 0.1)], "x", "y")
    assert "Mines : Population : plus de 99\u00a0% ; Responsables : moins de 1\u00a0%" in drawing.alt.replace(
        "\u00a0:", " :"
    ).replace("\u00a0;", " ;")
    assert gaps_shown.tops(WORDS["fr"], [], {}, [], "x", "y") is None


@pytest.fixture
def survey(house):
    """Ten places with five people and two providers each; people trust the army in 2 of 5 cases, nine providers in ten believe it."""
    plan, profile = load_plan(), load_profile("zz")
    people = pd.DataFrame(
        {"psu": [f"P{k // 5}" for k in range(50)], "trusts_army": [float(k % 5 < 2) for k in range(50)]}
    )
    met = pd.DataFrame(
        {"psu": [f"P{k // 2}" for k in range(20)], "believes_trusted_army": [float(k % 10 > 0) for k in range(20)]}
    )
    designs = {
        name: survey_design(frame.assign(weight=1.0, stratum="all"))
        for name, frame in (("community", people), ("providers", met))
    }
    named = {m.measure for m in plan.measures} - {"trusts_army", "believes_trusted_army"}
    absent = dict.fromkeys(designs, tuple(named))
    for name, ranks in (("community", "risks_community"), ("providers", "risks_providers")):
        first = plan.row("ranks", ranks).questions[0]
        designs[name] = designs[name].with_columns(**{first: None})
    return Survey(profile, plan, WORDS["en"], "providers", designs, absent)


def test_mirrors_are_written_shown_and_read_again(survey, monkeypatch):
    said, tables = [], []
    monkeypatch.setattr(report, "tell", said.append)
    monkeypatch.setattr(report, "head", lambda level, text: None)
    monkeypatch.setattr(report, "show", lambda drawing: said.append(drawing.alt))
    monkeypatch.setattr(report, "show_table", lambda words, table, *more: tables.append(table))
    report.report_mirrors(survey)
    report.report_rank_gaps(survey)
    # 18 of 20 less 20 of 50: 90% less 40%
    assert any("Trust in the army, People: 40%" in text and "gap: +50 points" in text for text in said)
    assert "Gaps shown beyond chance: trust in the army." in said
    assert "Pairs compared: 1" in said[0]
    assert any(text.startswith("This survey did not ask about this: Do people") for text in said)
    line = tables[0].iloc[0]
    assert "90%" in line["Other side"] and "+50 points" in line["Gap: other side minus one side (95% interval)"]
    found = report.read_gaps("zz")
    assert [gap.mirror for gap in found.mirrors if gap.state == "gap"] == ["trust_army"]
    assert found.ranks[0].state == "not_asked" and found.tops[0].chances == ()
    # our own interval, exact, reaches one half: the two differ, and lie not wholly on different sides of it
    row = {"measure": "trusts_army", "population": "community", "across": "providers", "agreement": "differs"}
    about = [claim.id for claim in survey.plan.claims if "trusts_army" in claim.measures]
    assert "F3a" in about and list(found.agreements(survey.plan)) == [{"claim": name} | row for name in about]
    assert "psu" not in str(shelf.read_record("zz", "gaps", "mirrors"))


def test_a_pair_of_rankings_is_told_with_its_p_value_and_chances():
    from bsna.judgement.rank_gaps import RankGap

    apart = RankGap("risks_people_leaders", "shown", 0.25, 0.1, 0.4, 0.08, 0.01, 0.02, 0.3, 2.1, ())
    told = report._pair_sentence(WORDS["en"], apart, 3)
    assert "25% of all pairs of risks (10–40%); were there no difference, 8%" in told
    assert "differ beyond chance" in told and "0.020" in told and "30%" in told and "2.1" in told
    alike = RankGap("risks_people_leaders", "shown", 0.25, 0.1, 0.4, 0.2, 0.3, 0.6, 0.3, 2.1, ())
    assert "No difference between the orders can be shown" in report._pair_sentence(WORDS["en"], alike, 3)
    gone = report._pair_sentence(WORDS["fr"], RankGap("risks_people_leaders", "withheld"), 3)
    assert gone.startswith("Trop peu de réponses")
    assert Gap("x", "withheld").p is None


def test_a_figure_that_takes_shares_both_ways_round_says_for_each_pair_which_is_taken_from_which():
    label, people, met, gap = pair()
    leaders = met | {"population": "leaders"}
    turned = ("Trust in the police", leaders, people, gap)
    drawing = gaps_shown.paired(WORDS["en"], [(label, people, leaders, gap), turned], "The two sides differ", "Both")
    assert ">Leaders minus people<" in drawing.svg and ">People minus leaders<" in drawing.svg
