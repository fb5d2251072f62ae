"""The rule of a claim is shown in words and formulas, with what correction is and promises."""

import pytest

from bsna import paths
from bsna.chapter import vocabulary
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.publishing.formulas import mathml
from bsna.publishing.rules_shown import rule_html

PLAN = load_plan()


def words(language, plan=PLAN):
    return vocabulary(load_profile("zz"), plan, language)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("claim", PLAN.claims, ids=lambda claim: claim.id)
def test_every_claim_shows_its_rule_that_of_its_kind_and_both_formulas(claim, language):
    said = words(language)
    html, kind = rule_html(said, claim), PLAN.row("kinds", claim.kind)
    for text in (said.text(claim, "rule"), said.text(kind, "words")):
        assert text in html.replace("&#x27;", "'").replace("&quot;", '"')
    assert html.count("<math") == len(kind.supported.split(r"\qquad")) + len(kind.contradicted.split(r"\qquad"))
    assert "\n" not in html and "{" not in html.replace("<mo>{</mo>", "")


@pytest.mark.parametrize("kind", PLAN.kinds, ids=lambda kind: kind.id)
def test_every_kind_has_formulas_that_can_be_set_and_sources_that_are_cited(kind):
    cited = paths.book("references.bib").read_text(encoding="utf-8")
    assert all(f"{{{source}," in cited for source in kind.source.split())
    for formula in (kind.supported, kind.contradicted):
        assert all(mathml(part, is_block=True).startswith("<math") for part in formula.split(r"\qquad"))
        assert r"\le\alpha" in formula


def test_the_correction_names_the_size_of_the_family_and_what_both_sides_together_promise():
    claim = PLAN.row("claims", "A1")
    html = rule_html(words("en"), claim)
    assert "allows for 2 claims being looked at together" in html
    assert "at most 5%" in html and "of either sort, is at most 10%" in html
    assert "contradicting needs as much evidence as supporting" in html
    lone = PLAN.model_copy(update={"claims": (claim,)})
    assert "its adjusted p-value is the raw one" in rule_html(words("en", lone), claim)


def test_a_formula_that_cannot_be_set_is_refused_by_name():
    broken = tuple(kind.model_copy(update={"supported": r"\nosuch{p}"}) for kind in PLAN.kinds)
    with pytest.raises(ValueError, match=r"nosuch"):
        rule_html(words("en", PLAN.model_copy(update={"kinds": broken})), PLAN.row("claims", "F2"))
