"""Grades: every declared criterion moves the letter on a case made by hand, and tells why with the numbers in it."""

from dataclasses import fields
from typing import get_args

import pytest

from bsna.chapter import vocabulary
from bsna.intake.grading import Criterion, Fact, Firmness, Limit
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.judgement import Verdict
from bsna.judgement.claims import graded
from bsna.judgement.facts import Facts, facts_of
from bsna.judgement.grades import grade
from bsna.judgement.standing import Breaking, Standing, Variant
from bsna.publishing.firmness import check_sentence, joined
from bsna.publishing.grades_shown import grade_reasons, grade_table
from bsna.publishing.verdicts import verdict_sentence

PLAN = load_plan()
WORDS = {
    (survey, language): vocabulary(load_profile(survey), PLAN, language)
    for survey in ("zz", "mli_afrobarometer_r6")
    for language in ("en", "fr")
}
SOUND = Facts(
    half_width=0.05,
    clusters=80,
    df=70,
    deff=2.0,
    silent=0.01,
    silence_changes=0,
    cleaning_changes=0,
    stands=1.0,
    breaking_sites=0.10,
    breaking_enumerators=0.30,
    mirror_conflicts=0,
    outside_conflicts=0,
)


def weaker(**changed):
    return Facts(**{field.name: getattr(SOUND, field.name) for field in fields(Facts)} | changed)


def test_a_verdict_without_a_weakness_is_graded_a():
    made = grade(SOUND, PLAN.grades)
    assert (made.letter, made.reasons) == ("A", ())
    assert [one.is_met for one in made.weighed] == [True] * len(PLAN.grades)


@pytest.mark.parametrize(
    ("fact", "kept", "missed", "letter"),
    [
        ("uncertain", 0, 1, "C"),
        ("half_width", 0.10, 0.11, "B"),
        ("half_width", 0.104, 0.16, "C"),  # 0.104 is shown as 10 points, the limit
        ("clusters", 30, 29, "B"),
        ("clusters", 30, 9, "C"),
        ("df", 8, 7, "B"),
        ("deff", 3.0, 3.1, "B"),
        ("silent", 0.05, 0.06, "B"),
        ("silent", 0.05, 0.21, "C"),
        ("silence_changes", 0, 1, "B"),
        ("cleaning_changes", 0, 1, "B"),
        ("stands", 0.90, 0.89, "B"),
        ("stands", 0.90, 0.69, "C"),
        ("breaking_sites", 0.05, 0.04, "B"),
        ("breaking_sites", 0.05, 0.01, "C"),
        ("breaking_enumerators", 0.10, 0.09, "B"),
        ("mirror_conflicts", 0, 1, "B"),
        ("outside_conflicts", 0, 2, "B"),
    ],
)
def test_each_criterion_moves_the_grade_by_its_steps(fact, kept, missed, letter):
    assert grade(weaker(**{fact: kept}), PLAN.grades).letter == "A"
    made = grade(weaker(**{fact: missed}), PLAN.grades)
    assert (made.letter, made.reasons) == (letter, (fact,))


def test_every_fact_has_a_criterion_and_every_criterion_a_fact():
    assert [c.id for c in PLAN.grades] == list(dict.fromkeys(c.id for c in PLAN.grades))
    assert {c.id for c in PLAN.grades} == set(get_args(Fact)) == {f.name for f in fields(Facts)} - {"at_least"}


def test_steps_add_up_and_three_or_more_make_d():
    assert grade(weaker(clusters=29, deff=3.5), PLAN.grades).letter == "C"
    assert grade(weaker(clusters=29, deff=3.5, df=7), PLAN.grades).letter == "D"
    assert grade(weaker(clusters=9, silent=0.3, stands=0.1), PLAN.grades).letter == "D"
    assert grade(weaker(uncertain=1, clusters=29), PLAN.grades).letter == "D"


def test_what_is_not_known_costs_nothing_and_is_told():
    made = grade(weaker(stands=None, mirror_conflicts=None), PLAN.grades)
    assert made.letter == "A"
    assert {one.criterion for one in made.weighed if one.is_met is None} == {"stands", "mirror_conflicts"}


def test_a_set_not_found_as_far_as_tried_counts_only_where_the_bound_suffices():
    # of 40 sites, none of up to 3 changes the verdict: the smallest set is 4 of 40 or more, which keeps to 5%
    far = grade(weaker(breaking_sites=0.10, at_least=frozenset({"breaking_sites"})), PLAN.grades)
    # of 100 sites, none of up to 3: 4 of 100 or more, which may or may not keep to 5%
    near = grade(weaker(breaking_sites=0.04, at_least=frozenset({"breaking_sites"})), PLAN.grades)
    found = {name: {o.criterion: o.is_met for o in made.weighed} for name, made in (("far", far), ("near", near))}
    assert (far.letter, found["far"]["breaking_sites"]) == ("A", True)
    assert (near.letter, found["near"]["breaking_sites"]) == ("A", None)


def judged(**more):
    """A supported verdict on one share, 0.60 to 0.70, of 24 clusters."""
    row = {"measure": "trusts_army", "unit": "share", "low": 0.60, "high": 0.70, "df": 20.0, "estimate": 0.65}
    usual = {
        "p_for": 0.001,
        "p_against": 1.0,
        "rows": (row,),
        "clusters": 24,
        "deff": 1.5,
        "nonresponse": 0.02,
        "bounds": ("supported", "supported"),
        "raw": "supported",
        "values": {"lowest_label": "trusts_army", "lowest_share": 0.65},
    }
    return Verdict("F3a", "supported", **(usual | more))


STANDING = Standing(
    "F3a",
    "supported",
    (
        # stands in 1 of 1, in 20 of 25, in 1 of 2: (1 + 0.8 + 0.5) / 3 = 0.767
        Variant("unweighted", 1, 1, {"supported": 1}, 0.65, 0.64, 0.64),
        Variant("sites", 25, 20, {"supported": 20, "uncertain": 5}, 0.65, 0.60, 0.70),
        Variant("silence", 2, 1, {"supported": 1, "uncertain": 1}, 0.65, 0.50, 0.70),
    ),
    (Breaking("sites", 2, 25, 5, "uncertain"), Breaking("enumerators", None, 8, 2, None)),
)


def test_facts_are_taken_from_rows_bounds_and_reruns():
    found = facts_of(judged(bounds=("uncertain", "supported")), "supported", standing=STANDING)
    assert found.half_width == pytest.approx(0.05)
    assert (found.clusters, found.df, found.silence_changes, found.cleaning_changes) == (24, 20, 1, 0)
    assert found.stands == pytest.approx(2.3 / 3)
    assert (found.breaking_sites, found.breaking_enumerators) == (2 / 25, 3 / 8)
    assert found.at_least == {"breaking_enumerators"}
    assert found.mirror_conflicts is None and found.outside_conflicts is None


def test_only_a_conflict_with_those_asked_the_mirrored_question_costs_a_step():
    asked = {"measure": "trusts_police", "population": "providers"}
    mild = [asked | {"agreement": word} for word in ("agrees", "differs", "untested")]
    conflict = asked | {"agreement": "conflicts"}
    found = {
        "mild": graded(PLAN, [judged()], {}, {"F3a": mild})[0],
        "hard": graded(PLAN, [judged()], {}, {"F3a": [*mild, conflict]})[0],
        "of another claim": graded(PLAN, [judged()], {}, {"F3b": [conflict]})[0],
    }
    assert {name: verdict.grade for name, verdict in found.items()} == {
        "mild": "B",
        "hard": "C",
        "of another claim": "B",
    }
    assert found["hard"].grade_reasons == ("clusters", "mirror_conflicts")
    met = [{one["criterion"]: one["is_met"] for one in found[n].weighed}["mirror_conflicts"] for n in found]
    assert met == [True, False, None]
    assert facts_of(judged(outside=({"agreement": "untested"},)), "supported").outside_conflicts is None


def test_reruns_move_the_grade_of_a_verdict_that_was_written_before():
    assert graded(PLAN, [judged()], {}, {})[0].grade == "B"
    assert graded(PLAN, [judged()], {"F3a": STANDING}, {})[0].grade_reasons == ("clusters", "stands")
    untested = Verdict("F3a", "not_asked")
    assert graded(PLAN, [untested], {"F3a": STANDING}, {}) == (untested,)


def test_reasons_have_the_numbers_in_them_in_both_languages():
    verdict = graded(PLAN, [judged(nonresponse=0.12)], {"F3a": STANDING}, {})[0]
    assert grade_reasons(WORDS["zz", "en"], verdict) == [
        "fewer than 30 clusters: 24",
        "more than 5% of those asked gave no usable answer: 12%",
        "the verdict stands in fewer than 90% of the reruns done otherwise: 77%",
    ]
    assert grade_reasons(WORDS["zz", "fr"], verdict)[0] == "moins de 30 grappes\u00a0: 24"


def test_a_reader_sees_every_criterion_with_value_limit_and_whether_it_is_met():
    verdict = graded(PLAN, [judged()], {}, {})[0]
    for language, met, missed, unknown in (
        ("en", "at least 30", "no: 1 step down", "not known: no step"),
        ("fr", "au moins 30", "non\u00a0: abaissée de 1 cran", "non connu\u00a0: pas d’abaissement"),
    ):
        html = grade_table(WORDS["zz", language], verdict)
        labels = [WORDS["zz", language].typeset(criterion.label[language]) for criterion in PLAN.grades]
        assert all(label in html for label in labels)
        assert met in html and missed in html and unknown in html and ">24<" in html
    assert grade_table(WORDS["zz", "en"], Verdict("F3a", "not_asked")) == ""


def test_limits_that_do_not_grow_are_refused():
    kept = {"id": "clusters", "facet": "design", "keep": "at_least", "unit": "count"}
    texts = {"label": {"en": "x", "fr": "x"}, "reason": {"en": "x", "fr": "x"}}
    rising = (Limit(value=10, steps=1), Limit(value=30, steps=2))
    with pytest.raises(ValueError, match="from mild to severe"):
        Criterion(**kept, **texts, limits=rising)
    assert Criterion(**kept, **texts, limits=(Limit(value=30, steps=1), Limit(value=10, steps=2)))


@pytest.mark.parametrize(
    ("survey", "grade", "verdict", "english", "french"),
    [
        ("mli_afrobarometer_r6", "A", "supported", "The survey shows that most", "L’enquête montre que la plupart"),
        (
            "mli_afrobarometer_r6",
            "B",
            "supported",
            "The survey indicates that most",
            "L’enquête indique que la plupart",
        ),
        (
            "zz",
            "C",
            "supported",
            "The simulated answers suggest that most",
            "Les réponses simulées laissent penser que la",
        ),
        (
            "zz",
            "D",
            "contradicted",
            "The simulated survey gives only weak reasons to think that not all",
            "L’enquête simulée ne donne que de faibles raisons de penser que les trois",
        ),
        (
            "zz",
            "C",
            "uncertain",
            "The simulated survey cannot tell whether most",
            "L’enquête simulée ne permet pas de dire si",
        ),
        ("zz", None, "not_asked", "This survey did not ask", "Cette enquête n’a pas posé"),
    ],
)
def test_the_grade_chooses_the_opening_and_a_simulated_survey_is_called_so(survey, grade, verdict, english, french):
    values = {"lowest_label": "trusts_police", "lowest_share": 0.58}
    found = Verdict("F3a", verdict, grade=grade, values=values)
    assert verdict_sentence(WORDS[survey, "en"], found).startswith(english)
    assert verdict_sentence(WORDS[survey, "fr"], found).startswith(french)


def test_a_verdict_without_a_grade_has_no_sentence():
    with pytest.raises(ValueError, match="needs a grade"):
        verdict_sentence(
            WORDS["zz", "en"], Verdict("F3a", "supported", values={"lowest_label": "x", "lowest_share": 1})
        )


@pytest.mark.parametrize(
    ("opening", "clause", "whole"),
    [
        ("L'enquête montre que", "au total rien ne change", "L'enquête montre qu'au total rien ne change"),
        ("L'enquête montre que", "elles ont confiance", "L'enquête montre qu'elles ont confiance"),
        (
            "L'enquête montre que",
            "habitants et agents s'accordent",
            "L'enquête montre qu'habitants et agents s'accordent",
        ),
        ("L'enquête montre que", "huit lieux changent", "L'enquête montre que huit lieux changent"),
        ("L'enquête montre que", "onze lieux changent", "L'enquête montre que onze lieux changent"),
        ("L'enquête montre que", "l'armée rassure", "L'enquête montre que l'armée rassure"),
        ("On ne peut dire si", "ils changent", "On ne peut dire s'ils changent"),
        ("On ne peut dire si", "elle change", "On ne peut dire si elle change"),
    ],
)
def test_french_joins_lose_their_vowel_where_they_must(opening, clause, whole):
    assert joined(opening, clause, "fr", PLAN.firmness) == whole


FIRM = PLAN.firmness.firm
ORDER = "ABCD"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("grade", ORDER)
@pytest.mark.parametrize("kind", ["delivered", "simulated"])
def test_an_opening_may_stand_at_its_grade_and_stronger_ones_but_at_no_weaker(language, grade, kind):
    opening = getattr(FIRM[ORDER.index(grade)].opening, kind)[language]
    sentence = f"{opening} people turn to local authorities."
    for other in ORDER:
        if other <= grade:
            check_sentence(sentence, other, language)
        else:
            with pytest.raises(
                ValueError, match=rf"at grade {other}; only {', '.join(ORDER[: ORDER.index(grade) + 1])} may"
            ):
                check_sentence(sentence, other, language)


@pytest.mark.parametrize(
    ("language", "grade", "word"),
    [(language, firm.grade, word) for firm in FIRM for language, words in firm.words.items() for word in words],
)
def test_every_verb_of_a_grade_is_found_in_a_sentence_of_the_next_weaker_one(language, grade, word):
    weaker_one = ORDER[min(ORDER.index(grade) + 1, 3)]
    opening = FIRM[ORDER.index(weaker_one)].opening.delivered[language]
    sentence = f"{opening} rien ; on {word.replace('*', 'er')} cela."
    if grade == weaker_one:
        check_sentence(sentence, grade, language)
    else:
        with pytest.raises(ValueError, match=f"at grade {weaker_one}"):
            check_sentence(sentence, weaker_one, language)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_grade_allows_a_word_of_cause(language):
    opening = FIRM[0].opening.delivered[language]
    for word in PLAN.firmness.causal.words[language]:
        with pytest.raises(ValueError, match="no grade allows it"):
            check_sentence(f"{opening} contact {word.replace('*', 'er')} trust.", "A", language)


def test_a_term_and_an_answer_are_no_causes():
    check_sentence("The survey shows that the four causes stand out; the design effect is small.", "A", "en")
    check_sentence("L’enquête montre que les quatre causes se détachent, effet de plan compris.", "A", "fr")
    with pytest.raises(ValueError, match="'effet'"):
        check_sentence("L’enquête montre que l’effet du contact est net.", "A", "fr")


def test_a_bare_assertion_is_firmer_than_any_opening():
    with pytest.raises(ValueError, match="opens with nothing that grade A allows"):
        check_sentence("Most people trust the army.", "A", "en")
    check_sentence("The survey cannot tell whether most people trust the army.", "D", "en")


def test_strong_and_weak_forms_are_declared_for_each_grade_once():
    assert isinstance(PLAN.firmness, Firmness)
    for language in ("en", "fr"):
        words = [word for firm in FIRM for word in firm.words[language]]
        assert len(words) == len(set(words)) and all(firm.words[language] for firm in FIRM)
