"""What may stand side by side: the register decides concept by concept, survey by survey, and pairs obey it."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from lxml import html

from bsna.chapter import vocabulary
from bsna.estimation import estimate_rows, proportion, records, survey_design
from bsna.intake.instrument import load_questionnaire
from bsna.intake.plan import SurveyMark, load_plan, validate_plan
from bsna.intake.profile import POPULATIONS, list_profiles, load_profile
from bsna.intake.register import asks_any, unmarked
from bsna.judgement.comparability import lowered, mark_of, marks_of, may_compare
from bsna.judgement.functioning import item_functioning
from bsna.judgement.survey_differences import survey_differences
from bsna.reports import differences, register
from bsna.reports.differing import same_headline
from bsna.reports.scales import scales_of

ONE, OTHER, THIRD, REAL = "mli", "ner", "bfa", "mli_afrobarometer_r6"


def marked(**kinds):
    """The plan with these marks on trust instead of its own, each with one reason."""
    rows = tuple(
        SurveyMark(
            concept="trust", survey=survey, kind=kind, aspect="wording", reason_en=f"why {survey}", reason_fr="x"
        )
        for survey, kind in kinds.items()
    )
    return load_plan().model_copy(update={"comparability_surveys": rows})


def permission(plan, one=ONE, other=OTHER):
    return may_compare(plan, "trust", load_profile(one), load_profile(other))


def test_every_survey_of_the_house_that_asks_about_a_concept_has_a_mark_there():
    plan, profiles = load_plan(), [load_profile(name) for name in list_profiles()]
    assert unmarked(plan, profiles) == ()
    assert {mark.survey for mark in plan.comparability_surveys} <= set(list_profiles())


def test_a_survey_without_a_mark_is_told_and_compared_with_none():
    plan = marked(mli="comparable")
    told = unmarked(plan, [load_profile(ONE), load_profile(OTHER)])
    assert "comparability_surveys.csv: ner asks about 'trust' and has no mark there" in told
    assert not [line for line in told if "mli asks about 'trust'" in line]
    found = permission(plan)
    assert (found.kind, found.because, found.surveys) == ("not", "unmarked", (OTHER,))


def test_a_survey_that_never_asked_needs_no_mark():
    plan = load_plan()
    assert asks_any(load_profile(REAL), plan, "trust") and not asks_any(load_profile(REAL), plan, "forces")
    assert mark_of(plan, "forces", REAL) is None


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("comparable", "comparable", "comparable"),
        ("comparable", "with_caution", "with_caution"),
        ("with_caution", "comparable", "with_caution"),
        ("with_caution", "with_caution", "with_caution"),
        ("comparable", "not", "not"),
        ("not", "with_caution", "not"),
        ("not", "not", "not"),
    ],
)
def test_a_pair_is_as_comparable_as_the_worse_of_the_two_and_carries_its_reasons(one, other, kind):
    found = permission(marked(mli=one, ner=other))
    assert found.kind == kind
    expected = [] if kind == "comparable" else [s for s, k in ((ONE, one), (OTHER, other)) if k == kind]
    assert [mark.survey for mark in found.marks] == expected


def test_the_mark_of_a_survey_is_the_most_severe_of_its_aspects():
    plan = marked(mli="comparable")
    worse = plan.comparability_surveys[0].model_copy(update={"aspect": "frame", "kind": "not"})
    both = plan.model_copy(update={"comparability_surveys": (*plan.comparability_surveys, worse)})
    assert mark_of(both, "trust", ONE) == "not"
    assert [mark.aspect for mark in marks_of(both, "trust", ONE)] == ["frame", "wording"]


def test_simulated_and_real_are_never_compared_whatever_their_marks():
    plan = marked(mli="comparable", mli_afrobarometer_r6="comparable")
    found = permission(plan, ONE, REAL)
    assert (found.kind, found.because) == ("not", "sources")
    assert permission(plan, REAL, ONE).kind == "not"


@pytest.mark.parametrize(
    ("kind", "when_large", "left"),
    [
        ("comparable", "with_caution", "with_caution"),
        ("with_caution", "with_caution", "with_caution"),
        ("with_caution", "not", "not"),
        ("not", "with_caution", "not"),
    ],
)
def test_an_item_that_works_very_differently_lowers_the_comparison_and_never_raises_it(kind, when_large, left):
    item = load_plan().scales[0].model_copy(update={"when_large": when_large})
    found = lowered(permission(marked(mli=kind, ner="comparable")), item)
    assert found.kind == left
    assert found.because == ("marks" if kind == "not" else "large")


@pytest.mark.parametrize(
    ("file", "was", "now", "message"),
    [
        (
            "comparability_surveys.csv",
            "trust,mli,",
            "trusst,mli,",
            "comparability_surveys.csv, mli: no concept 'trusst'",
        ),
        ("comparability_surveys.csv", "trust,mli,comparable,scale", "trust,mli,perhaps,scale", "kind: .*'not'"),
        ("comparability_surveys.csv", "trust,mli,comparable,scale", "trust,mli,comparable,mood", "aspect: .*'season'"),
        ("comparability_surveys.csv", ",One questionnaire,", ",,", "reason_en: "),
        ("comparability_surveys.csv", "trust,mli,comparable,frame", "trust,mli,comparable,scale", "stands 2 times"),
        ("comparability.csv", "feels_unsafe_walking", "feels_unsafe", "fear: no measure 'feels_unsafe' of community"),
        ("comparability.csv", "\nfear,", "\ntrust,", "comparability.csv, trust: stands 2 times"),
        ("scales.csv", "trust_army_score", "trust_navy_score", "trust: no measure 'trust_navy_score'"),
        ("scales.csv", "with_caution", "maybe", "when_large: "),
    ],
)
def test_a_register_that_says_what_cannot_be_is_refused_with_file_and_row(house, file, was, now, message):
    path = house / "assessment" / "plan" / file
    text = path.read_text(encoding="utf-8")
    assert was in text
    path.write_text(text.replace(was, now, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        validate_plan(load_plan(), {name: load_questionnaire(name) for name in POPULATIONS})


def row(measure, share, se, df=20.0, n=400, clusters=21):
    made = {"measure": measure, "population": "community", "estimate": share, "se": se, "df": df, "unit": "share"}
    made |= {"n": n, "clusters": clusters, "low": share - 2 * se, "high": share + 2 * se, "status": "ok"}
    return records(estimate_rows([made]))[0]


def estimates(**shares):
    """Per survey, released rows of trust in army and police."""
    return {
        survey: {(name, "community"): row(name, share, 0.03) for name, share in both.items()}
        for survey, both in shares.items()
    }


def found(plan, made, large=None):
    surveys = [load_profile(name) for name in made]
    return survey_differences(plan, plan.row("comparability", "trust"), surveys, made, large or {})


def test_a_difference_is_the_second_survey_minus_the_first_and_errors_add_up_in_squares():
    made = {ONE: {("trusts_army", "community"): row("trusts_army", 0.3, 0.03)}}
    made[OTHER] = {("trusts_army", "community"): row("trusts_army", 0.5, 0.04, df=30.0)}
    (pair,) = found(marked(mli="comparable", ner="comparable"), made)
    # 20 points, error 5 (3² + 4² = 5²), t = 4 with 49.7 degrees of freedom (Satterthwaite): p = 0.0002
    assert pair.row["estimate"] == pytest.approx(0.2) and pair.row["se"] == pytest.approx(0.05)
    assert pair.p_value == pytest.approx(0.00021, abs=1e-5)
    assert pair.p_adjusted == pair.p_value  # one difference, nothing to correct


def test_p_values_are_corrected_over_the_permitted_differences_only():
    made = estimates(
        mli={"trusts_army": 0.50, "trusts_police": 0.50},
        ner={"trusts_army": 0.60, "trusts_police": 0.52},
        bfa={"trusts_army": 0.90, "trusts_police": 0.90},
    )
    pairs = found(marked(mli="comparable", ner="comparable", bfa="not"), made)
    assert len(pairs) == 6  # two measures, three pairs
    refused = [pair for pair in pairs if THIRD in (pair.one, pair.other)]
    assert len(refused) == 4 and all(p.row is None and p.p_value is None and p.p_adjusted is None for p in refused)
    army, police = (pair for pair in pairs if pair.row)
    assert army.p_adjusted == pytest.approx(2 * army.p_value)  # the smaller of two, times two
    assert police.p_adjusted == pytest.approx(police.p_value)


def test_too_few_people_at_either_end_leave_no_difference():
    made = estimates(mli={"trusts_army": 0.5}, ner={"trusts_army": 0.6})
    made[OTHER][("trusts_army", "community")]["n"] = 9.0
    (pair,) = found(marked(mli="comparable", ner="comparable"), made)
    assert pair.permission.kind == "comparable" and pair.row is None and pair.p_value is None


def sentences(plan, made, language="en", large=None):
    words, pairs = vocabulary(None, plan, language), found(plan, made, large)
    concept, named = plan.row("comparability", "trust"), {name: load_profile(name) for name in made}
    permitted = [pair for pair in pairs if pair.permission.kind != "not"]
    title = differences.headline(words, concept, permitted, named)
    return title, differences.refusals(words, concept, pairs, named), permitted


THREE = {
    "mli": {"trusts_army": 0.50, "trusts_police": 0.40},
    "ner": {"trusts_army": 0.52, "trusts_police": 0.60},
    "bfa": {"trusts_army": 0.95, "trusts_police": 0.05},
}


def test_the_title_says_the_largest_permitted_difference_and_no_other():
    title, refused, _ = sentences(marked(mli="comparable", ner="comparable", bfa="not"), estimates(**THREE))
    assert title == "Surveys differ most on: Trust in the police (somewhat or a lot), from 40% (Mali) to 60% (Niger)"
    assert [sentence for sentence, _ in refused] == [
        "Not compared: Mali and Burkina Faso, on army and police. The register gives these reasons:",
        "Not compared: Niger and Burkina Faso, on army and police. The register gives these reasons:",
    ]
    assert all(reasons == ["Burkina Faso: why bfa"] for _, reasons in refused)


def test_caution_and_absence_of_a_difference_are_said_in_both_languages():
    careful = marked(mli="comparable", ner="with_caution", bfa="not")
    assert sentences(careful, estimates(**THREE))[0].startswith(
        "With caution: surveys differ most on: Trust in the police"
    )
    assert sentences(careful, estimates(**THREE), "fr")[0].startswith(
        "Avec prudence\u00a0: les enquêtes diffèrent le plus"
    )
    same = estimates(mli={"trusts_army": 0.50}, ner={"trusts_army": 0.52})
    plan = marked(mli="comparable", ner="comparable")
    assert sentences(plan, same)[0].endswith("no difference between these surveys can be shown")
    assert sentences(plan, same, "fr")[0].endswith("aucune différence entre ces enquêtes ne peut être montrée")


def test_a_survey_that_nobody_judged_is_named_where_it_is_left_out():
    _, refused, permitted = sentences(marked(mli="comparable"), estimates(mli=THREE["mli"], ner=THREE["ner"]))
    assert not permitted
    assert refused[0][0].endswith("Nobody has judged yet whether it may be compared: Niger.")


def test_an_item_that_works_very_differently_turns_its_own_difference_into_one_with_caution():
    plan = marked(mli="comparable", ner="comparable")
    item = next(item for item in plan.scales if item.share == "trusts_police")
    made = estimates(mli=THREE["mli"], ner=THREE["ner"])
    title, _, permitted = sentences(plan, made, large={("trusts_police", ONE, OTHER): item})
    assert {pair.measure: pair.permission.kind for pair in permitted} == {
        "trusts_army": "comparable",
        "trusts_police": "with_caution",
    }
    assert title.startswith("With caution")
    refusing = item.model_copy(update={"when_large": "not"})
    title, refused, permitted = sentences(plan, made, large={("trusts_police", ONE, OTHER): refusing})
    assert [pair.measure for pair in permitted] == ["trusts_army"]
    assert title.endswith("no difference between these surveys can be shown")
    assert refused[0][0].endswith("The question works very differently in the two surveys.")


def answers(seed, n, easier=0.0):
    """Six trust items of one trait, the army's `easier` by that much on the logit."""
    rng = np.random.default_rng(seed)
    trait, made = rng.normal(0, 1.5, n), {"stratum": "all", "psu": np.arange(n) // 10, "weight": rng.uniform(1, 2, n)}
    for item in load_plan().scales:
        shift = easier if item.share == "trusts_army" else 0.0
        score = np.digitize(trait + shift + rng.logistic(0, 1, n), [-1.5, 0.0, 1.5]).astype(float)
        made |= {item.score: score, item.share: (score >= 2).astype(float)}
    return survey_design(pd.DataFrame(made), lonely="adjust")


def test_of_three_surveys_the_pairs_with_an_odd_item_are_found_and_only_these():
    items, rules = load_plan().scales, load_profile(ONE).publication
    designs = {"a": answers(1, 800), "b": answers(2, 800), "c": answers(3, 800, easier=1.6)}
    result = item_functioning(items, designs, dict.fromkeys(designs, ()), rules)
    assert set(result.large) == {("trusts_army", "a", "c"), ("trusts_army", "b", "c")}
    assert len(result.pairs) == 3 * len(items) and len(result.items) == len(items)
    army = next(test for test in result.items if test.item.share == "trusts_army")
    assert army.uniform < 1e-6 and army.uniform == min(test.uniform for test in result.items)
    assert result.large["trusts_army", "a", "c"].odds.odds_ratio < 1
    smallest = min(result.pairs, key=lambda pair: pair.odds.p_value)
    assert smallest.p_adjusted == pytest.approx(18 * smallest.odds.p_value)  # Holm: three pairs of six items


def test_items_are_compared_on_what_both_surveys_asked_and_not_on_too_few():
    items, rules = load_plan().scales, load_profile(ONE).publication
    designs = {"a": answers(1, 300), "b": answers(2, 300)}
    gone = [item.score for item in items[3:]]
    three = item_functioning(items, designs, {"a": (), "b": gone}, rules)
    assert [pair.item.score for pair in three.pairs] == [item.score for item in items[:3]]
    two = item_functioning(items, designs, {"a": (), "b": [*gone, items[2].score]}, rules)
    assert two.pairs == () and two.items == ()


def test_too_few_people_show_no_odds():
    items = load_plan().scales
    rules = load_profile(ONE).publication.model_copy(update={"threshold": 10_000})
    result = item_functioning(items, {"a": answers(1, 300), "b": answers(2, 300)}, {"a": (), "b": ()}, rules)
    assert all(pair.odds is None and pair.p_adjusted is None for pair in result.pairs)
    assert all(test.tests is None for test in result.items)


def test_every_scale_belongs_to_one_concept():
    (scale,) = scales_of(load_plan())
    assert scale.concept.concept == "trust" and len(scale.items) == 6
    strange = load_plan().scales[0].model_copy(update={"share": "feels_unsafe_walking"})
    with pytest.raises(ValueError, match="measures of 0 concepts"):
        scales_of(load_plan().model_copy(update={"scales": (*load_plan().scales, strange)}))


@pytest.fixture
def page(monkeypatch):
    """What the section on differences would show: surveys in each figure, sentences, and names of tables."""
    drawn, told, tables = [], [], []
    everything = {
        (m.measure, m.population): row(m.measure, 0.5, 0.02) | {"population": m.population}
        for m in load_plan().measures
    }
    monkeypatch.setattr(differences, "_estimates", lambda profile: everything)
    monkeypatch.setattr(
        differences, "surveys_of", lambda source: [p for p in map(load_profile, list_profiles()) if p.source == source]
    )
    monkeypatch.setattr(
        differences,
        "read_survey",
        lambda profile, *_: SimpleNamespace(profile=load_profile(profile), designs={}, absent={}, plan=load_plan()),
    )
    monkeypatch.setattr(differences, "show", lambda drawing: None)
    monkeypatch.setattr(
        differences,
        "multiples",
        lambda words, groups, absent, title, subtitle: drawn.append(
            {survey.id for members in groups.values() for survey, _ in members}
        ),
    )
    monkeypatch.setattr(differences, "table_html", lambda words, frame, title, name, source: tables.append(name) or "")
    monkeypatch.setattr(differences, "tell", told.append)
    monkeypatch.setattr(differences, "show_block", told.append)
    monkeypatch.setattr(differences, "shelve_results", lambda *_: None)
    differences.report_differences("en")
    return drawn, told, tables


def test_no_figure_holds_a_simulated_and_a_real_survey(page):
    drawn, _, _ = page
    kinds = [{load_profile(name).source for name in surveys} for surveys in drawn]
    assert {"simulated"} in kinds and {"delivered"} in kinds and {"simulated", "delivered"} not in kinds


def test_what_is_refused_is_drawn_nowhere_and_told_with_its_reason(page):
    _, told, tables = page
    assert "differences-help-simulated" in tables and "differences-help-delivered" not in tables
    refused = [
        text for text in told if "Not compared: Mali, Afrobarometer 2012 and Niger" in text and "help easy" in text
    ]
    assert len(refused) == 1 and "under another wording" in refused[0]


def test_the_register_is_shown_in_word_and_shape_with_its_reasons(monkeypatch):
    blocks = []
    monkeypatch.setattr(register, "show_block", blocks.append)
    monkeypatch.setattr(register, "tell", lambda text: None)
    monkeypatch.setattr(register, "head", lambda level, text: None)
    register.report_register("en")
    simulated, real = (html.fromstring(block) for block in blocks[::2])
    marks = {
        row.findtext("th"): [cell.text_content() for cell in row.findall("td")] for row in real.findall(".//tbody/tr")
    }
    assert set(marks["Ease of getting help"]) == {"✕not compared"}
    assert set(marks["People and security forces"]) == {"–not asked"}
    assert set(marks["Trust in institutions and leaders"]) == {"◐with caution"}
    assert len(simulated.findall(".//tbody/tr")) == len(load_plan().comparability)
    assert "◐ with caution; – not asked; ✕ not compared" in real.text_content()
    assert "under another wording" in blocks[3] and "under another wording" not in blocks[1]


def test_a_survey_without_a_mark_is_told_on_the_page(monkeypatch):
    told = []
    plan = load_plan()
    kept = tuple(m for m in plan.comparability_surveys if (m.concept, m.survey) != ("fear", THIRD))
    monkeypatch.setattr(register, "load_plan", lambda: plan.model_copy(update={"comparability_surveys": kept}))
    monkeypatch.setattr(register, "tell", told.append)
    for name in ("show_block", "head"):
        monkeypatch.setattr(register, name, lambda *_: None)
    register.report_register("en")
    assert "Not judged yet, and so not compared: Fear of crime, Burkina Faso." in told


def test_a_difference_of_two_designs_is_that_of_their_released_rows():
    """From answers to difference: 60% of 100 people and 40% of 100, in clusters of ten alike within each survey."""
    shares = {}
    for survey, yes in ((ONE, 60), (OTHER, 40)):
        frame = pd.DataFrame({"trusts_army": np.resize([1.0] * (yes // 10) + [0.0] * (10 - yes // 10), 100)})
        design = survey_design(frame.assign(stratum="s", psu=np.arange(100) % 7, weight=1.0), lonely="adjust")
        made = proportion(design, "trusts_army").assign(population="community", status="ok")
        shares[survey] = {("trusts_army", "community"): records(made)[0]}
    (pair,) = found(marked(mli="comparable", ner="comparable"), shares)
    assert pair.row["estimate"] == pytest.approx(-0.2)
    assert pair.row["se"] == pytest.approx(np.hypot(*(r["trusts_army", "community"]["se"] for r in shares.values())))


def test_a_single_survey_of_its_kind_is_told_once_and_compared_with_nothing(monkeypatch):
    told = []
    one = {"simulated": [load_profile(ONE)], "delivered": []}
    monkeypatch.setattr(differences, "surveys_of", lambda source: one[source])
    monkeypatch.setattr(differences, "tell", told.append)
    monkeypatch.setattr(differences, "shelve_results", lambda *_: None)
    differences.report_differences("en")
    assert told[-1] == "Mali is the only survey of this kind with results, so there is nothing to compare."


def test_concepts_on_which_nothing_differs_have_one_title_that_names_them_all():
    words = vocabulary(None, load_plan(), "en")
    trust, fear = (load_plan().row("comparability", name) for name in ("trust", "fear"))
    plan = marked(mli="comparable", ner="comparable")
    pairs = found(plan, estimates(mli={"trusts_army": 0.50}, ner={"trusts_army": 0.52}))
    title = same_headline(words, [(trust, pairs), (fear, ())])
    assert (
        title == "Trust in institutions and leaders and fear of crime: no difference between these surveys can be shown"
    )
    assert list(title.tests) == ["trusts_army mli ner"]


def test_only_concepts_without_caution_and_without_a_difference_may_share_a_figure():
    trust, surveys = load_plan().row("comparability", "trust"), (load_profile(ONE), load_profile(OTHER))
    alike = estimates(mli={"trusts_army": 0.50}, ner={"trusts_army": 0.52})
    apart = estimates(mli={"trusts_army": 0.50}, ner={"trusts_army": 0.80})
    free, careful = marked(mli="comparable", ner="comparable"), marked(mli="comparable", ner="with_caution")
    assert differences.Compared(trust, surveys, found(free, alike)).is_plain
    assert not differences.Compared(trust, surveys, found(free, apart)).is_plain
    assert not differences.Compared(trust, surveys, found(careful, alike)).is_plain
