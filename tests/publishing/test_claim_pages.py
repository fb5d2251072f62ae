"""A claim's own page holds what one needs to argue with it, and nothing in it is taken for markup."""

import numpy as np
import pandas as pd
import pytest

from bsna import paths, shelf
from bsna.chapter import Survey, vocabulary
from bsna.estimation import survey_design
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.judgement import judge
from bsna.judgement.rows_used import questions_behind, rows_used
from bsna.publishing.addresses import FIGURES, claim_page, written_pages
from bsna.publishing.written import WrittenPage, fenced, plain_markdown
from bsna.reports.claim_pages import Findings, write_claim_pages

PLAN = load_plan()
FORCES = ("army", "gendarmerie", "police")


def findings(language, trusting=0.8, people=400):
    """A survey that asked about trust in three forces, and nothing else."""
    profile = load_profile("zz")
    answers = pd.DataFrame({f"trust_{force}": ["a_lot"] * people for force in FORCES})
    answers.loc[:4, "trust_army"] = "~refused"
    shares = {f"trusts_{force}": (np.arange(people) < trusting * people).astype(float) for force in FORCES}
    frame = pd.DataFrame({"weight": 1.0, "stratum": "all", "psu": [str(i) for i in range(people)], **shares})
    asked = {"trusts_army", "trusts_gendarmerie", "trusts_police"}
    absent = {"community": tuple({m.measure for m in PLAN.measures} - asked)}
    designs = {"community": survey_design(frame)}
    verdicts = judge(PLAN, designs, absent, profile.publication, seed=1)
    survey = Survey(profile, PLAN, vocabulary(profile, PLAN, language), "findings", designs, absent)
    return Findings(survey, {"community": answers}, {"community": people + 7}, verdicts, {}, {})


@pytest.fixture(params=["en", "fr"])
def pages(house, request):
    write_claim_pages(findings(request.param))
    home = paths.told("zz", request.param) / "pages"
    return request.param, {c.id: (home / f"{claim_page(c.id)}.md").read_text(encoding="utf-8") for c in PLAN.claims}


def test_every_claim_has_a_page_whether_asked_or_not(pages):
    language, written = pages
    words = vocabulary(load_profile("zz"), PLAN, language)
    assert len(written) == len(PLAN.claims) == len(written_pages(PLAN)["10_findings"])
    for claim in PLAN.claims:
        page = written[claim.id]
        assert page.startswith(f"# {claim.id}. ") and 'class="bsna-banner bsna-simulated"' in page
        assert words.word("supported" if claim.id in ("F3a", "X1") else "not_asked") in page
        assert f'href="../10_findings.html#{claim.id.lower()}"' in page


def test_the_page_of_a_tested_claim_shows_figure_numbers_rule_questions_and_rows(pages):
    language, written = pages
    words, page = vocabulary(load_profile("zz"), PLAN, language), written["F3a"]
    for section in ("what_decides", "how_judged", "as_asked", "rows_used", "where_made"):
        assert f"\n## {words.word(section)}\n" in page
    assert f'src="{FIGURES}/' in page and "80%" in page.replace("\u202f", "").replace("\u00a0", "")
    for text in words.questionnaires["community"].question("trust_army").label.values():
        assert text.replace("'", "&#x27;") in page
    assert words.show("n_count", 407) in page and words.show("n_count", 395) in page


def test_rows_used_tell_those_asked_from_those_who_answered():
    frame = pd.DataFrame({"trust_army": ["a_lot"] * 9 + ["~refused", "~dont_know", "~not_asked"]})
    claim = PLAN.row("claims", "F3a")
    assert ("community", "trust_army") in questions_behind(claim, PLAN)
    (use,) = rows_used(claim, PLAN, {"community": frame}, threshold=10)
    assert (use.interviews, use.asked, use.answered) == (12, 11, 9)
    (few,) = rows_used(claim, PLAN, {"community": frame}, threshold=12)
    assert (few.interviews, few.asked, few.answered) == (12, None, None)


def test_nothing_in_a_page_is_taken_for_markup():
    hostile = "a <script>x</script> {ref}`b` [c](d) *e* \n## f ${g}$"
    assert plain_markdown(hostile) == (r"a \<script\>x\</script\> \{ref\}\`b\` \[c\](d) \*e\* \#\# f \$\{g\}\$")
    block = fenced("<p>````\n```{raw} html</p>")
    assert block.startswith("`````{raw} html\n") and block.endswith("\n`````")


def test_a_page_keeps_its_figures_beside_it(house):
    page = WrittenPage("t")
    page.draw(None)
    assert page.figures == {}
    shelf.write_page("# t\n", "zz", "claims/f1", "en", {"a.png": b"1"})
    told = shelf.write_page("# t\n", "zz", "claims/f1", "fr")
    assert told == house / "data" / "processed" / "zz" / "fr" / "pages" / "claims" / "f1.md"
    home = house / "data" / "processed" / "zz" / "pages"
    assert (home / "figures" / "a.png").read_bytes() == b"1" and (home / "claims" / "f1.md").read_text() == "# t\n"
