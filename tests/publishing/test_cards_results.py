"""Numbers that are no estimate of a row have a card too: tests, differences, ranks, sums, rounds and reruns."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bsna import chapter
from bsna.chapter import shelve_results
from bsna.estimation import crosstab, survey_design
from bsna.estimation.differential import CommonOdds, Differential
from bsna.judgement import Verdict
from bsna.judgement.comparability import Permission
from bsna.judgement.functioning import ItemOdds, ItemTests
from bsna.judgement.gaps import Gap
from bsna.judgement.published import published_lines
from bsna.judgement.rank_gaps import RankGap, Top
from bsna.judgement.standing import Standing, Variant
from bsna.judgement.survey_differences import SurveyDifference
from bsna.judgement.trends import Moved
from bsna.judgement.unanswered import Unanswered
from bsna.pages import show_estimates
from bsna.publishing.cards.answer_results import shift_results, silence_results
from bsna.publishing.cards.cells import chapter_sources
from bsna.publishing.cards.claim_results import claim_results
from bsna.publishing.cards.comparison_results import (
    LEVELS,
    difference_result,
    item_result,
    moved_results,
    odds_result,
)
from bsna.publishing.cards.gap_results import mirror_result, pair_result, ranking_results, top_results
from bsna.publishing.cards.keys import address_of, check_keys, is_key
from bsna.publishing.cards.marks import linked, marked
from bsna.publishing.cards.pages import card_html
from bsna.publishing.cards.rerun_results import rerun_results
from bsna.publishing.cards.result_labels import METHODS, result_label, result_number, result_test
from bsna.publishing.cards.results import KINDS, Result, keyed_records, read_result, result_record, tied, whole
from bsna.publishing.cards.round_results import published_results, tied_lines
from bsna.publishing.cards.rows import traced_verdicts
from bsna.publishing.rounds_shown import rounds_table
from bsna.publishing.standings import standing_figure, standing_html
from bsna.publishing.tables import answer_table
from bsna.reports.cards import chapter_results
from bsna.reports.sides import answer_sides
from bsna.reports.trace import list_keys, trace_lines
from tests.publishing.test_cards import CERTIFICATE, WORDS, cards, displayed, row, small_survey

__all__ = ["displayed"]

TEST = Result(
    "zz",
    "trust",
    "test",
    ("trust_by_sex", "trusts_army"),
    "table",
    "trust_by_sex",
    p=0.0004,
    p_adjusted=0.0123,
    statistic=9.5,
    df1=1.0,
    df2=22.0,
    n=240,
    about=(("community", "trusts_army"),),
    of=("zz/trust/community/trusts_army/sex=female", "zz/trust/community/trusts_army/sex=male"),
)


def test_the_key_of_a_result_says_its_kind_and_what_it_is_of():
    assert TEST.key == "zz/trust/test/trust_by_sex/trusts_army" and is_key(TEST.key)
    assert address_of(TEST.key).href == "zz/cards/trust.html#test.trust_by_sex.trusts_army"
    assert replace(TEST, names=("a/b é",)).key == "zz/trust/test/a~2fb~20~c3~a9"
    for faulty in ({"kind": "guess"}, {"names": ()}, {"names": ("x", "")}):
        with pytest.raises(ValueError, match="expected a kind of"):
            replace(TEST, **faulty)


def test_a_result_is_read_as_it_was_written_and_what_is_not_a_number_is_nothing():
    assert read_result(json.loads(json.dumps(result_record(TEST)))) == TEST
    assert whole(replace(TEST, value=float("nan"), statistic=np.nan)) == replace(TEST, statistic=None)
    assert TEST.traced("p").key == TEST.key and TEST.traced("value") is None
    with pytest.raises(TypeError, match="guess"):
        read_result(result_record(TEST) | {"guess": 1})


def test_rows_and_results_share_the_check_of_keys():
    check_keys([row() | {"key": "zz/trust/community/trusts_army"}, *keyed_records([TEST, TEST])])
    with pytest.raises(ValueError, match=r"two different rows have this key: .*'p': '0.0004'.*'p': '0.5'"):
        check_keys(keyed_records([TEST, replace(TEST, p=0.5)]))
    with pytest.raises(ValueError, match="two different rows have this key"):
        check_keys([row() | {"key": TEST.key}, *keyed_records([TEST])])


def test_a_row_without_a_card_of_its_own_carries_the_key_of_a_result():
    made = tied(row(high=None), TEST)
    assert made["key"] == made["estimate"].key == TEST.key and made["high"] != made["high"]
    assert WORDS["en"].value(made) == marked(TEST.key, "41%")


def test_a_heading_of_rows_may_hold_a_link_and_a_heading_of_a_column_may_not():
    number = marked(TEST.key, "0.012")
    assert "<a " in linked(f'<th colspan="4" scope="rowgroup">{number}</th>')
    assert "<a " in linked(f'<th scope="row">{number}</th>')
    assert linked(f'<th scope="col">{number}</th>') == '<th scope="col">0.012</th>'


def links(texts):
    return re.findall(r'<a href="\.\./zz/cards/trust\.html#([^"]+)">([^<]*)</a>', "".join(texts))


def test_the_p_value_of_a_breakdown_stands_in_its_table_and_leads_to_its_card(displayed, house):
    survey = small_survey()
    show_estimates(survey, "trust_by_sex")
    chapter.close_chapter(survey)
    (kept,) = chapter_results("zz", "trust")
    alone = crosstab(survey.designs["community"], "trusts_army", "sex")
    assert (kept.key, kept.p, kept.p_adjusted) == (TEST.key, alone.p_value, alone.p_value)
    assert (kept.statistic, kept.df1, kept.df2, kept.n) == (alone.statistic, alone.df1, alone.df2, 240)
    assert kept.clusters == alone.clusters == survey.designs["community"].frame["psu"].nunique() and kept.of == TEST.of
    assert ("test.trust_by_sex.trusts_army", "&lt; 0.001") in links(displayed)


def test_a_test_with_a_group_withheld_has_no_card_since_it_would_tell_of_that_group(displayed, house):
    survey = small_survey()
    people = survey.designs["community"].frame
    few = people["sex"].where(people.index > 2, "other")
    survey.designs["community"] = survey.designs["community"].with_columns(sex=few)
    found = chapter.answer(survey, "trust_by_sex")
    assert "withheld" in {r["status"] for r in found.rows if r["measure"] == "trusts_army"}
    assert set(found.p_values) == {"trusts_army"} and not survey.results
    show_estimates(survey, "trust_by_sex")
    assert not any(anchor.startswith("test.") for anchor, _ in links(displayed))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_card_of_a_result_says_its_test_its_method_and_what_it_compares(language):
    words = WORDS[language]
    made = replace(cards([], language), results=(TEST,))
    page = card_html(made, banner="")
    assert re.findall(r'<tr id="([^"]+)"', page) == ["test.trust_by_sex.trusts_army"]
    for said in (
        words.say("result", "table"),
        words.p(0.0123),
        words.show("f_ratio", 9.5),
        "<td>240<td>",
        'href="#community.trusts_army.sex=male">2</a>',
        "<td>6<td>",
    ):
        assert said in page
    assert page.count("How much do you trust the army?") == 1 and 'class="design community"' in page


def test_results_are_listed_and_traced_to_the_keys_they_are_made_of(displayed, house):
    survey = small_survey()
    show_estimates(survey, "trust_by_sex")
    chapter.close_chapter(survey)
    notebooks = house / "data/processed/zz/notebooks"
    notebooks.mkdir(parents=True)
    (notebooks / "05_trust.certificate.json").write_text(json.dumps(CERTIFICATE), encoding="utf-8")
    assert TEST.key in list_keys("zz/trust")
    told = trace_lines(TEST.key)
    assert told[0] == TEST.key and "n 240" in told[3]
    assert told[-2:] == [f"  bsna trace {key}" for key in TEST.of]
    assert "  results/trust.json: the result" in told and any("trust_by_sex" in line for line in told)


def argued():
    rows = (row(), row(measure="trusts_police", estimate=0.41, low=0.35, high=0.47))
    p_values = {"p_for": 0.01, "p_for_adjusted": 0.03, "p_against": 0.99, "p_against_adjusted": 1.0}
    values = {"lowest_share": 0.41, "lowest_label": "trusts_police", "all_prob": 0.9, "margin_size": 0.1}
    return Verdict("F1", "supported", **p_values, rows=rows, n=250, clusters=25, values=values)


def test_the_tests_of_a_claim_and_its_chance_have_cards_that_lead_to_its_rows():
    sides = claim_results("zz", "findings", argued())
    assert [(r.key, r.p, r.p_adjusted, r.value) for r in sides] == [
        ("zz/findings/test/F1/for", 0.01, 0.03, None),
        ("zz/findings/test/F1/against", 0.99, 1.0, None),
        ("zz/findings/rank/F1/chance", None, None, 0.9),
    ]
    behind = ("zz/findings/F1/community/trusts_army", "zz/findings/F1/community/trusts_police")
    assert {(r.of, r.n, r.clusters) for r in sides} == {(behind, 250, 25)}
    assert claim_results("zz", "findings", Verdict("F1", "not_asked")) == ()


def test_a_verdict_carries_the_keys_of_its_tests_and_of_the_row_that_its_label_names():
    (made,) = traced_verdicts("zz", [argued()])
    assert made == replace(argued(), rows=made.rows)
    assert made.p_for.key == made.p_for_adjusted.key == "zz/findings/test/F1/for"
    assert made.p_against.key == made.p_against_adjusted.key == "zz/findings/test/F1/against"
    assert made.values["all_prob"].key == "zz/findings/rank/F1/chance"
    assert made.values["lowest_share"].key == "zz/findings/F1/community/trusts_police"
    assert not hasattr(made.values["margin_size"], "key")
    assert traced_verdicts("zz", [Verdict("F1", "not_asked")]) == (Verdict("F1", "not_asked"),)


def small_scale():
    """Ten posts of four agents; of every five, one each gives an answer of the scale, from very bad to very good, or none."""
    answers = np.array(["very_bad", "bad", "good", "very_good", "dont_know"])[np.arange(40) % 5]
    frame = pd.DataFrame({"psu": [f"P{k // 4}" for k in range(40)], "coordination_forces": answers, "weight": 1.0})
    design = survey_design(frame.assign(stratum="all", coordination_authorities=None))
    return replace(small_survey("providers"), designs={"providers": design}, absent={"providers": ()})


def test_answers_taken_together_stand_in_the_table_with_the_key_of_their_sum():
    survey, name = small_scale(), "providers_coordination_scale"
    sums, found = answer_sides(survey, name), chapter.answer_distribution(survey, name)
    left, right = survey.results
    assert (left.key, left.value, left.n) == ("zz/providers/side/" + name + "/coordination_forces/left", 0.5, 32)
    assert left.of == tuple(f"zz/providers/providers/coordination_forces/{code}" for code in ("very_bad", "bad"))
    assert [one["key"] for one in sums] == [left.key, right.key]
    sides = {"left": ["very_bad", "bad"], "right": ["very_good"]}
    labels = {"coordination_forces": "Forces"}
    table = answer_table(WORDS["en"], found.rows, labels, ["VB", "Bad", "Good", "VG"], sums, sides)
    assert list(table["Answer"]) == ["VB", "Bad", "Good", "VG", "Together: VB and bad"]
    assert table["Estimate"].iloc[4] == marked(left.key, "50%")
    assert result_label(WORDS["en"], left).endswith("Together: very bad and bad")


def test_a_sum_that_is_withheld_has_no_card():
    survey = small_scale()
    few = survey.designs["providers"].frame["coordination_forces"].where(np.arange(40) < 3)
    survey.designs["providers"] = survey.designs["providers"].with_columns(coordination_forces=few)
    assert {one["status"] for one in answer_sides(survey, "providers_coordination_scale")} == {"withheld"}
    assert survey.results == []


def test_a_gap_and_its_test_have_one_card_that_leads_to_both_sides():
    mirror = WORDS["en"].plan.row("mirrors", "trust_army")
    one, other = row(), row(population="providers", measure="believes_trusted_army", estimate=0.7)
    apart = row(measure="trust_army", population="", estimate=0.29, low=0.2, high=0.38, unit="points", n=30)
    gap = Gap("trust_army", "gap", one, other, apart, 0.001, 0.02)
    made = mirror_result("zz", "providers", mirror, gap)
    assert (made.key, made.value, made.low, made.high) == ("zz/providers/difference/trust_army", 0.29, 0.2, 0.38)
    assert (made.p, made.p_adjusted, made.n) == (0.001, 0.02, 30)
    sides = ("zz/providers/community/trusts_army", "zz/providers/providers/believes_trusted_army")
    assert made.of == sides and made.populations == ("community", "providers")
    assert result_number(WORDS["en"], made) == "+29 points (+20 to +38)"
    assert mirror_result("zz", "providers", mirror, replace(gap, p=None)) is None


def test_ranked_items_have_cards_drawn_alone_and_together_and_so_has_each_pair_of_rankings():
    plan = WORDS["en"].plan
    rank = plan.row("ranks", "risks_community")
    item = {"item": "mines", "worth": 0.2, "low": 0.1, "high": 0.3, "n": 250, "clusters": 25}
    (alone,) = ranking_results("zz", "risks", rank, [item, item | {"item": "poverty", "worth": 0.0, "high": 0.0}])
    assert (alone.key, alone.value, alone.further) == ("zz/risks/rank/risks_community/mines", 0.2, ())
    worth = row(measure="risks_community", category="mines", estimate=0.2)
    (both,) = top_results("zz", "risks", plan, Top("risks_community", "shown", 3, (worth,), (0.98,)))
    assert both.key == alone.key + "/together" and both.traced("top_prob") == 0.98
    assert result_test(WORDS["en"], both) == "Chance of a place at the top: 98%"
    pair = RankGap("risks_people_leaders", "shown", 0.25, 0.1, 0.4, 0.08, 0.01, 0.02, 0.3, 2.1, ())
    worths = {"risks_community": [both.key], "risks_leaders": ["zz/risks/rank/risks_leaders/mines/together"]}
    apart = pair_result("zz", "risks", plan, pair, worths)
    assert apart.of == (both.key, "zz/risks/rank/risks_leaders/mines/together")
    assert '<td><a href="#rank.risks_community.mines.together">1</a> <a href="#rank.risks_leaders' in card_html(
        replace(cards([], name="risks"), results=(apart,)), banner=""
    )
    assert (apart.key, apart.value, apart.p_adjusted) == ("zz/risks/rank/risks_people_leaders", 0.25, 0.02)
    assert apart.traced("shared_number").key == apart.key and apart.populations == ("community", "leaders")
    assert pair_result("zz", "risks", plan, RankGap("risks_people_leaders", "withheld"), {}) is None


def test_reruns_have_cards_that_lead_to_the_estimate_on_which_the_claim_stands():
    sites = Variant("sites", 25, 24, {"supported": 24, "uncertain": 1}, 0.58, 0.55, 0.6)
    standing = Standing("F3a", "supported", (sites,), (), ({"rule": "D1", "rows": 30, "largest": -0.012},))
    verdict = replace(argued(), claim_id="F3a")
    made, corrected = rerun_results("zz", WORDS["en"].plan, [standing], {"F3a": verdict})
    assert (made.key, made.value, made.low, made.high) == ("zz/robustness/rerun/F3a/sites", None, 0.55, 0.6)
    assert made.of == corrected.of and made.of[0].startswith("zz/findings/F3a/community/")
    assert result_number(WORDS["en"], made) == "55–60%" and "stands in: 24" in result_test(WORDS["en"], made)
    assert corrected.further == (("rows_count", 30.0), ("largest_number", pytest.approx(1.2)))
    assert rerun_results("zz", WORDS["en"].plan, [standing], {})[0].of == ()
    html = linked(standing_html(WORDS["en"], standing))
    for number in ("24</a>", "55–60%</a>"):
        assert f'zz/cards/robustness.html#rerun.F3a.sites">{number}' in html
    assert 'zz/cards/robustness.html#rerun.F3a.corrections">1.2</a>' in html
    row_of_lead = {"measure": "trusts_army", "se": 0.03, "estimate": 0.58, "low": 0.52, "high": 0.64}
    judged = traced_verdicts("zz", [replace(verdict, rows=(row(**row_of_lead),))])[0]
    drawing = standing_figure(WORDS["en"], WORDS["en"].plan.row("claims", "F3a"), judged, standing)
    assert [mark["key"] for mark in drawing.rows] == [judged.rows[0]["key"], made.key]


def test_the_change_between_published_rounds_has_a_card_and_the_published_levels_have_none():
    plan = WORDS["en"].plan
    made = published_results("mli", "findings", "report_findings", plan, "mli")
    first = plan.rounds[0]
    assert made[0].key == f"mli/findings/round/{first.claim}/{first.population}/{first.measure}/{first.line}"
    lines = published_lines(plan, first.country, first.claim)
    assert made[0].value == lines[0].change["estimate"] and made[0].n == 1179
    tied_ones = tied_lines("mli", "findings", "report_findings", first.claim, lines)
    assert [line.change["key"] for line in tied_ones] == [one.key for one in made if one.names[0] == first.claim]
    html = linked(rounds_table(WORDS["en"], tied_ones, "x", "y"))
    assert html.count("/cards/") == len(tied_ones) and "68% (" in html
    assert published_results("zz", "findings", "report_findings", plan, "no such country") == ()


def test_estimates_before_and_after_cleaning_and_of_the_silent_have_cards():
    made = shift_results("zz", "trusts_army", {"received": row(estimate=0.4), "cleaned": row()})
    assert [one.key for one in made.values()] == [f"zz/cleaning/rerun/trusts_army/{s}" for s in ("received", "cleaned")]
    assert [(one.value, one.n) for one in made.values()] == [(0.4, 250), (0.41, 250)]
    bounds = {"lowest": 0.3, "highest": 0.5, "low": 0.25, "high": 0.55}
    found = silence_results("zz", "findings", "community", Unanswered("trusts_army", 0.11, row(), None, bounds))
    assert list(found) == ["answered", "worst"]
    assert result_test(WORDS["en"], found["answered"]) == "Without an answer, of those asked: 11%"
    assert result_number(WORDS["en"], found["worst"]) == "30–50%"
    assert found["worst"].key == "zz/findings/rerun/trusts_army/worst"
    hidden = Unanswered("trusts_army", 0.11, row(status="withheld"), None, None)
    assert silence_results("zz", "findings", "community", hidden) == {}


def compared():
    keys = [f"{survey}/trust/community/trusts_army" for survey in ("mli", "ner")]
    before, after = (row(estimate=share) | {"key": key} for share, key in zip((0.5, 0.6), keys, strict=True))
    apart = row(estimate=0.1, low=0.02, high=0.18, unit="points")
    permission = Permission("comparable", "", (), ())
    return SurveyDifference("trusts_army", "mli", "ner", permission, before, after, apart, 0.01, 0.02)


def test_a_comparison_of_surveys_has_a_card_that_leads_to_the_estimate_of_each():
    pair = compared()
    made = difference_result("trust", pair)
    assert made.key == "countries/countries/comparison/trust/trusts_army/mli/ner"
    assert (made.value, made.p, made.p_adjusted, made.of) == (0.1, 0.01, 0.02, (pair.before["key"], pair.after["key"]))
    assert difference_result("trust", replace(pair, row=None)) is None
    assert result_label(WORDS["en"], made).count("imulated") == 2
    assert 'href="../../ner/cards/trust.html#community.trusts_army">2</a>' in page_of_all([made])


def test_the_levels_and_changes_of_rounds_have_cards_and_those_withheld_have_none():
    before, after = (row(estimate=share) for share in (0.5, 0.6))
    change = row(estimate=0.1, low=0.02, high=0.18, unit="points")
    item = Moved("army", "supported", before, after, change, None, 0.01, 0.99)
    made = moved_results("mli", "community", "trusts_army", item)
    assert list(made) == ["before", "after", "change"]
    assert made["change"].key == "countries/countries/round/mli/community/trusts_army/change"
    assert result_test(WORDS["en"], made["change"]) == "p for: 0.010. p against: 0.990"
    assert moved_results("mli", "community", "trusts_army", Moved("army", "not_asked")) == {}


def test_how_an_item_of_a_scale_works_has_a_card_that_leads_to_the_shares_it_compares():
    item = WORDS["en"].plan.scales[0]
    odds = CommonOdds(0.5, -0.69, 0.2, 40.0, 0.3, 0.8, 0.004, 1.6, "C", 900, 48, 10, 3)
    keys = ("mli/trust/community/trusts_army", "ner/trust/community/trusts_army")
    made = odds_result(ItemOdds(item, "mli", "ner", odds, 0.02), keys)
    assert made.key == f"countries/countries/item/{item.scale}/community/{item.share}/mli/ner"
    assert (made.n, made.clusters, made.of) == (900, 48, keys)
    assert result_number(WORDS["en"], made) == "0.50 (0.30 to 0.80)"
    assert result_test(WORDS["en"], made) == "p alone: 0.004; corrected: 0.020"
    assert result_label(WORDS["en"], made).count("imulated") == 2
    assert 'href="../../ner/cards/trust.html#community.trusts_army">2</a>' in page_of_all([made])
    assert odds_result(ItemOdds(item, "mli", "ner", None, None), ()) is None


def test_how_an_item_works_in_all_surveys_has_a_card_of_its_own_beside_that_of_the_pair():
    item = WORDS["en"].plan.scales[0]
    tests = Differential(0.001, 0.2, 900, 48, 40.0)
    made = item_result(ItemTests(item, ("mli", "ner"), tests, 0.004, 0.4), ())
    assert made.key == f"countries/countries/item/{item.scale}/community/{item.share}/mli/ner/together"
    assert result_test(WORDS["en"], made) == "p of a shift: 0.004. p of a shift that depends on the score: 0.400"
    assert (made.traced("uniform_p"), made.traced("nonuniform_p").key) == (0.004, made.key)
    assert item_result(ItemTests(item, ("mli", "ner"), None, None, None), ()) is None


def page_of_all(results):
    words = replace(WORDS["en"], profile=None)
    made = cards([], name="trust")
    source = chapter_sources("all")["countries"]
    certificates = {"mli": CERTIFICATE, "ner": CERTIFICATE}
    return card_html(
        replace(made, words=words, source=source, certificate=certificates, results=tuple(results)), banner=""
    )


def test_the_page_of_cards_about_all_surveys_says_what_each_was_made_from():
    page = page_of_all([difference_result("trust", compared())])
    assert "<dt>mli<dd>" in page and "<dt>ner<dd>" in page and page.count("abababababababab") == 2
    assert "13_countries.ipynb" in page and "report_differences(language)" in page


def test_a_comparison_is_traced_to_the_estimates_of_both_surveys(house):
    shelve_results("countries", "differences", [difference_result("trust", compared())])
    key = "countries/countries/comparison/trust/trusts_army/mli/ner"
    assert list_keys("countries") == [key]
    with pytest.raises(ValueError, match="none of the 1 results of countries has this key; did you mean"):
        trace_lines(key + "x")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_method_has_a_label_and_a_sentence_in_both_languages(language):
    words = WORDS[language]
    sides = ("providers_coordination_scale", "coordination_forces", "left")
    made = [
        TEST,
        *claim_results("zz", "findings", argued()),
        replace(TEST, kind="side", method="side", names=sides, about=(("providers", "coordination_forces"),)),
        replace(TEST, kind="difference", method="mirror", names=("trust_army",)),
        replace(TEST, kind="rank", method="rank_alone", names=("risks_community", "mines")),
        replace(TEST, kind="rank", method="rank_together", names=("risks_community", "mines", "together")),
        replace(TEST, kind="rank", method="rank_pair", names=("risks_people_leaders",)),
        replace(TEST, kind="comparison", method="surveys", names=("trust", "trusts_army", "mli", "ner")),
        replace(TEST, kind="item", method="item_pair", names=("trust", "community", "trusts_army", "mli", "ner")),
        replace(
            TEST,
            kind="item",
            method="item_tests",
            names=("trust", "community", "trusts_army", "mli", "ner", "together"),
        ),
        *(
            replace(TEST, kind="round", method=f"round_{level}", names=("mli", "community", "trusts_army", level))
            for level in LEVELS
        ),
        replace(TEST, kind="round", method="published_round", names=("F3b", "community", "trusts_army", "mali_mopti")),
        *(
            replace(TEST, kind="rerun", method=f"answers_{state}", names=("trusts_army", state))
            for state in ("received", "cleaned")
        ),
        *(
            replace(TEST, kind="rerun", method=f"silence_{state}", names=("trusts_army", state))
            for state in ("answered", "imputed", "worst")
        ),
        replace(TEST, kind="rerun", method="rerun", names=("F3a", "sites")),
        replace(TEST, kind="rerun", method="rerun_corrections", names=("F3a", "corrections")),
    ]
    assert {one.method for one in made} == set(METHODS)
    assert all(result_label(words, one) for one in made)
    assert len({words.say("result", one.method) for one in made}) == len(made)
    page = card_html(replace(cards([], language), results=tuple(made)), banner="")
    assert re.findall(r'<tr id="([^"]+)"', page) == [
        address_of(one.key).anchor for one in sorted(made, key=lambda one: (KINDS.index(one.kind), one.populations))
    ]


def test_every_kind_has_a_name():
    for words in WORDS.values():
        assert len({words.word(f"result_{kind}") for kind in KINDS}) == len(KINDS)
