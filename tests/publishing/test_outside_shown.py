"""Evidence from outside as a reader sees it: counted, compared, and plain where it goes against the assessment."""

import pytest

from bsna.chapter import vocabulary
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.judgement.claims import Verdict
from bsna.judgement.outside import outside_figures
from bsna.publishing.cards.marks import plain
from bsna.publishing.drawing import Drawing
from bsna.publishing.outside_shown import outside_sentence, outside_table, statements_html
from bsna.publishing.rounds_shown import outside_text
from bsna.reports import rounds as report
from bsna.reports.rounds import published_rounds

PLAN = load_plan()
WORDS = {name: vocabulary(load_profile("mli"), PLAN, name) for name in ("en", "fr")}
OURS = {"unit": "share", "estimate": 0.45, "se": 0.01, "df": 100, "low": 0.43, "high": 0.47, "n": 900, "clusters": 100}


def figures(measure="trusts_army"):
    return outside_figures(PLAN.row("claims", "F3a"), PLAN, [OURS | {"measure": measure}], "mli")


def test_figures_are_counted_by_how_they_stand_beside_ours():
    rows = figures()
    # army at 45%: 68% and 82% of the country and 78% of the north, above one half, conflict; 69% of townspeople, asked
    # otherwise, differs; gendarmerie, police and the work of the army are not compared
    counted = outside_sentence(WORDS["en"], rows)
    assert counted.endswith("agree with ours: 0; differ: 1; conflict: 3; shown and not compared: 8.")
    assert outside_sentence(WORDS["fr"], rows).count("3") == 1


@pytest.mark.parametrize(
    ("language", "word", "north"), [("en", "conflicts", "was not reached"), ("fr", "s’oppose", "n’a pas été atteint")]
)
def test_the_table_says_source_people_difference_wording_and_who_was_reached(language, word, north):
    words = WORDS[language]
    html = outside_table(words, Verdict("F3a", "contradicted"), figures())
    assert word in html and north in html
    assert words.typeset(words.say("outside", "rule"))[:40] in html
    assert outside_text(words, "wording_secure_country").split(";")[0] in html.replace("&#x27;", "’")
    assert "−23 points" in html.replace("\u00a0", " ")  # 45% less 68.1%
    assert outside_table(words, Verdict("F3a", "contradicted"), ()) == ""


def test_an_unknown_text_is_refused_with_the_file():
    with pytest.raises(ValueError, match=r"outside_texts.csv has no text 'moon'"):
        outside_text(WORDS["en"], "moon")


def test_the_words_of_2014_stand_beside_a_verdict_with_its_mark():
    claim = PLAN.row("claims", "F3b")
    html = statements_html(WORDS["en"], claim, Verdict("F3b", "contradicted"), "mli")
    assert html.index("bsna-conflicts") < html.index("Trust in the forces of the state is being eroded.")
    assert "Danish Demining Group, assessment of 2014" in html and "bsna-agrees" in html


def test_a_simulated_survey_shows_the_published_rounds_unmarked_and_says_plainly_that_trust_rose():
    before, drawing, after = published_rounds(WORDS["en"], PLAN, load_profile("mli"), "F3b")
    assert isinstance(drawing, Drawing) and "SIMULATED" not in drawing.alt
    assert (
        "rose from 68% in 2012 to 82% in 2014, +14 points (+10 to +18). This is the opposite of what claim F3b says."
        in plain(before)
    )
    assert "Mali, the regions reached both times" in before and "elected government" in before
    assert "was not reached" in after and "Afrobarometer, Mali, Round 6" in after
    assert "2012: 68% (65–71%); " in drawing.alt and "2014: 82% (79–84%); " in drawing.alt
    assert published_rounds(WORDS["en"], PLAN, load_profile("mli"), "F1") == ()
    assert published_rounds(WORDS["en"], PLAN, load_profile("ner"), "F3b") == ()


def test_the_comparison_of_countries_shows_published_rounds_without_any_file_of_a_round(monkeypatch):
    said, shown = [], []
    monkeypatch.setattr(report.paths, "has_results", lambda name: name == "mli")
    monkeypatch.setattr(report, "tell", said.append)
    monkeypatch.setattr(report, "head", lambda level, text: said.append(text))
    monkeypatch.setattr(report, "show_block", shown.append)
    monkeypatch.setattr(report.figures, "show", shown.append)
    monkeypatch.setattr(report, "shelve_results", lambda *_: None)
    report.report_rounds("fr")
    assert said[0] == "Aucune enquête ici n’a de vague antérieure à ses côtés."
    assert [text.split()[3] for text in said[1:]] == ["l’énoncé", "l’énoncé"]
    assert sum(isinstance(block, Drawing) for block in shown) == 2
    assert "C’est le contraire de ce que dit l’énoncé F3b." in plain("".join(b for b in shown if isinstance(b, str)))
