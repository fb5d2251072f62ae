"""Notes beside claims: sources counted, coders compared, and nobody made known."""

import re

import numpy as np
import pandas as pd
import pytest

from bsna.chapter import vocabulary
from bsna.intake.instrument import load_questionnaire
from bsna.intake.notes import Code, Note, load_notes
from bsna.intake.plan import load_plan
from bsna.intake.profile import POPULATIONS, load_profile
from bsna.judgement.notes import (
    ClaimNotes,
    count_sources,
    kappa,
    krippendorff_alpha,
    percent_agreement,
    read_alike,
    weigh_notes,
)
from bsna.judgement.quotes import Guard, Quote, Quoted, guard_of, quote
from bsna.publishing.notes_shown import notes_blocks
from bsna.reports.notes import survey_notes

CODES = tuple(
    Code(code=code, claim=claim, direction=direction, label_en=code, label_fr=code)
    for code, claim, direction in [
        ("yes", "F3a", "for"),
        ("no", "F3a", "against"),
        ("so", "F3a", "context"),
        ("other", "F5", "for"),
    ]
)
NOBODY = Guard(frozenset(), frozenset(), frozenset({"we", "they", "the"}))


def note(
    number,
    code="yes",
    coder="C1",
    *,
    source=None,
    text="we trust them",
    population="community",
    kind="interview",
    may=True,
):
    return Note(f"E{number}", source or f"S{number}", kind, population, text, coder, code, may)


def units(*coders):
    """What each coder found in each excerpt, in a string for each coder; a dot is an excerpt not read."""
    return {
        str(place): {str(coder): word for coder, word in enumerate(words) if word != "."}
        for place, words in enumerate(zip(*coders, strict=True))
    }


def test_alpha_of_two_coders_who_find_yes_or_no_is_that_of_the_published_example():
    # Krippendorff (2011), A: 4 mismatches of 10, 14 zeros and 6 ones: 1 - 19 * 8 / (2 * 14 * 6) = 0.095
    judged = units("0100000010", "1110010000")
    assert krippendorff_alpha(judged) == pytest.approx(1 - 19 * 8 / (2 * 14 * 6))
    assert percent_agreement(judged) == pytest.approx(0.6)


def test_alpha_with_four_coders_and_excerpts_not_read_by_all_is_that_of_the_published_example():
    # Krippendorff (2011), C: 0.743
    judged = units("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
    assert krippendorff_alpha(judged) == pytest.approx(0.743, abs=0.0005)


def test_kappa_is_agreement_beyond_chance():
    # both for 4, both against 3, one only for 1 and 2: observed 0.7, by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5, kappa 0.2 / 0.5
    judged = units("fffffaaaaa", "ffffaffaaa")
    assert percent_agreement(judged) == pytest.approx(0.7)
    assert kappa(judged, ["0", "1"]) == pytest.approx(0.4)


def test_without_any_variation_neither_kappa_nor_alpha_exists():
    judged = units("ffff", "ffff")
    assert kappa(judged, ["0", "1"]) is None and krippendorff_alpha(judged) is None


def test_coders_are_compared_on_what_they_found_about_this_claim_only():
    notes = [note(1), note(1, "yes", "C2"), note(2, "other"), note(2, "", "C2"), note(3, "no"), note(3, "yes", "C2")]
    alike = read_alike(notes, CODES, "F3a", np.random.default_rng(7))
    # three excerpts: for and for, neither and neither, against and for
    assert (alike.units, alike.coders, alike.percent) == (3, 2, pytest.approx(2 / 3))
    assert read_alike(notes[:1], CODES, "F3a", np.random.default_rng(7)) is None
    again = read_alike(notes, CODES, "F3a", np.random.default_rng(7))
    assert again == alike


def test_the_interval_of_alpha_holds_it_and_narrows_with_more_excerpts():
    def alike(times):
        notes = [note(n, "yes" if n % 2 else "no") for n in range(10 * times)]
        notes += [note(n, "yes" if n % 2 and n % 10 else "no", "C2") for n in range(10 * times)]
        notes += [note(n, "", "C3") for n in (0, 1)]
        return read_alike(notes, CODES, "F3a", np.random.default_rng(7))

    small, large = alike(2), alike(20)
    assert small.low < small.alpha < small.high and small.kappa is None  # three coders
    assert large.high - large.low < small.high - small.low


def test_sources_are_counted_and_not_mentions():
    notes = [note(n, source="S1") for n in range(5)] + [note(9, source="S2"), note(10, "no", source="S2")]
    counted = count_sources(notes, CODES, "F3a", threshold=2)
    assert [(count.population, count.directions) for count in counted] == [
        ("community", {"for": 2, "against": None, "context": None})
    ]


def test_a_side_needs_more_than_half_of_the_coders():
    split = [note(1), note(1, "no", "C2"), note(2), note(2, "", "C2"), note(3), note(3, "yes", "C2")]
    counted = count_sources(split, CODES, "F3a", threshold=1)
    assert counted[0].directions["for"] == 1


def test_too_few_sources_of_a_population_are_not_counted():
    notes = [note(1), note(2), note(3, population="leaders")]
    counted = count_sources(notes, CODES, "F3a", threshold=2)
    assert [(count.population, bool(count.directions)) for count in counted] == [
        ("community", True),
        ("leaders", False),
    ]


GUARD = Guard(frozenset({"Tamba", "Tin-Essako", "C01"}), frozenset({"Zandara"}), frozenset({"we", "they", "nobody"}))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("We trust them.", None),
        ("In Zandara we trust them.", "capital"),  # "in" stands nowhere in small letters here
        ("We of Zandara trust them, I say.", None),
        ("they all fled to tamba", "name"),
        ("they met at tin essako", "name"),
        ("they met at TÂMBA", "name"),
        ("they live in tambas", None),
        ("they were 14", "digits"),
        ("they were ½ of us", "digits"),
        ("they say Karamo helps", "capital"),
        ("Karamo helps", "capital"),
        ("they \u202eevil", "signs"),
        ("they " * 100, "too_long"),
    ],
)
def test_what_may_betray_somebody_is_withheld_with_its_reason(text, reason):
    quoted = quote([note(1, text=text)], CODES, "F3a", guard=GUARD, threshold=1)
    assert quoted.withheld == ({reason: 1} if reason else {})
    assert len(quoted.quotes) == (0 if reason else 1)


def test_nothing_is_quoted_without_leave_or_from_a_kind_of_conversation_that_is_rare():
    notes = [
        note(1),
        note(2, may=False),
        note(3, kind="focus_group"),
        note(4, population="leaders"),
        note(5, text="they do"),
    ]
    quoted = quote(notes, CODES, "F3a", guard=GUARD, threshold=2)
    assert [one.text for one in quoted.quotes] == ["they do", "we trust them"]
    assert quoted.withheld == {"not_permitted": 1, "few_sources": 2}


def test_three_excerpts_of_a_side_are_shown_in_alphabetical_order_once_each_and_the_rest_counted():
    texts = ["we d", "we b", "we a", "we c", "we a"]
    notes = [note(n, text=text) for n, text in enumerate(texts)] + [note(9, "no", text="they no")]
    quoted = quote(notes, CODES, "F3a", guard=GUARD, threshold=1)
    assert [(one.direction, one.text) for one in quoted.quotes] == [
        ("for", "we a"),
        ("for", "we b"),
        ("for", "we c"),
        ("against", "they no"),
    ]
    assert quoted.more == 2


def test_an_excerpt_that_coders_read_differently_is_not_quoted():
    assert quote([note(1), note(1, "no", "C2")], CODES, "F3a", guard=GUARD, threshold=1) == Quoted((), 0, {})


def test_names_are_those_of_the_survey_itself_and_regions_and_groups_as_the_profile_permits():
    profile, forms = load_profile("zz"), {name: load_questionnaire(name) for name in POPULATIONS}
    typed = {
        "community": pd.DataFrame(
            {
                "cluster_id": ["C01"],
                "commune": ["Tamba"],
                "respondent_name": ["Awa Diallo"],
                "remarks": ["nothing more than five words"],
                "sex": ["woman"],
            }
        )
    }
    guard = guard_of(profile, forms, typed, [note(1, text="nobody Karamo")])
    assert {"C01", "Tamba", "Awa Diallo"} <= guard.hidden
    assert not {"woman", "nothing more than five words"} & guard.hidden
    region = next(iter(profile.region[0].name.values()))
    assert region in guard.permitted and region not in guard.hidden
    assert {group.label["en"] for group in profile.ethnic_group} <= guard.hidden
    assert "nobody" in guard.ordinary and "Karamo" not in guard.ordinary
    country_only = profile.model_copy(
        update={"publication": profile.publication.model_copy(update={"admin_level": "country"})}
    )
    assert region in guard_of(country_only, forms, typed, []).hidden


def words(language="en"):
    return vocabulary(load_profile("zz"), load_plan(), language)


def test_a_claim_without_notes_has_nothing_on_its_page():
    assert notes_blocks(words(), "F3a", {}) == ""
    assert weigh_notes([note(1)], CODES, ["F1"], NOBODY, threshold=1, rng=np.random.default_rng(1)) == {}


def test_hostile_text_is_shown_as_plain_text():
    text = '<script>alert("x")</script> {{x}} & <b onload=x>'
    found = ClaimNotes("F3a", (), (), None, Quoted((Quote("for", "community", "interview", text),), 0, {}))
    html = notes_blocks(words(), "F3a", {"F3a": found})
    assert "<script" not in html and "<b onload" not in html
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; {{x}} &amp;" in html


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_notes_of_the_invented_country_are_told_in_both_languages_and_name_nobody(language):
    profile, plan = load_profile("zz"), load_plan()
    forms = {name: load_questionnaire(name) for name in POPULATIONS}
    found = survey_notes(profile, plan, forms, {})
    assert list(found) == ["F3a", "F3c", "F5"]
    html = "".join(notes_blocks(words(language), claim.id, found) for claim in plan.claims)
    assert {"en": "Cohen’s kappa", "fr": "kappa de Cohen"}[language] in html
    for secret in ("Karamo", "Ambera-Sud", "14 men"):
        assert secret in " ".join(one.text for one in load_notes(profile)) and secret not in html
    assert not re.search(r"\b[ES]\d\d|\bC[12]\b", re.sub(r'id="[^"]*"|headers="[^"]*"', "", html))
    assert "{" not in html
