"""Whatever is changed in a rule of judgement, a test of the rules fails: a table of changes and of what notices each."""

import importlib
import sys
from pathlib import Path

import pytest

from bsna.judgement.claims import word_of
from bsna.judgement.kinds import shares
from tests.judgement.mutants import changed, fails, loaded, text_of

MUTANTS = [
    # p-values of shares and differences: each inequality turned
    ("p_values", "float(stats.beta.cdf(margin, yes, no + 1))", "float(stats.beta.sf(margin, yes, no + 1))",
     "test_rules.test_the_exact_test_is_the_binomial_test"),
    ("p_values", "float(stats.beta.sf(margin, yes + 1, no))", "float(stats.beta.cdf(margin, yes + 1, no))",
     "test_rules.test_the_exact_test_is_the_binomial_test"),
    ("p_values", "return float(stats.t.sf(t, df)), float(stats.t.cdf(t, df))", "return float(stats.t.cdf(t, df)), float(stats.t.sf(t, df))",
     "test_verdicts.test_all_silent_for_the_claim_give_the_highest_and_against_it_the_lowest_share"),
    ("p_values", 'float(stats.t.sf(t, row["df"])), float(stats.t.cdf(t, row["df"]))', 'float(stats.t.cdf(t, row["df"])), float(stats.t.sf(t, row["df"]))',
     "test_rules.test_a_difference_is_tested_in_the_direction_it_is_declared"),
    ("p_values", "np.log(share / (1 - share)) - np.log(margin / (1 - margin))", "np.log(share / (1 - share)) + np.log(margin / (1 - margin))",
     "test_kinds.test_a_claim_of_every_kind_comes_out_as_the_survey_says"),
    ("p_values", "t = distance / (se / (share * (1 - share)))", "t = distance / se",
     "test_verdicts.test_all_silent_for_the_claim_give_the_highest_and_against_it_the_lowest_share"),
    ("p_values", '(row["estimate"] - shift) / row["se"]', '(row["estimate"] + shift) / row["se"]',
     "test_kinds.test_more_must_be_more_than_the_margin"),
    ("p_values", '* _few_clusters(row["n"], df)', "",
     "test_rules.test_a_share_of_one_is_tested_on_fewer_people_where_clusters_are_few"),
    ("p_values", "** clusters)", "** 1)",
     "test_rules.test_clusters_that_all_agree_are_no_certainty"),
    ("p_values", '    if not df > 0:\n', '    if df != df:\n',
     "test_rules.test_without_degrees_of_freedom_nothing_is_shown_for_or_against"),
    ("p_values", '    if not row["df"] > 0:\n', '    if row["df"] != row["df"]:\n',
     "test_rules.test_without_degrees_of_freedom_nothing_is_shown_for_or_against"),
    # equivalence
    ("p_values", "above_upper, below_upper = above_zero(row, margin)", "above_upper, below_upper = above_zero(row, -margin)",
     "test_rules.test_two_one_sided_tests_take_the_worse_for_and_twice_the_better_against"),
    ("p_values", "above_lower, below_lower = above_zero(row, -margin)", "above_lower, below_lower = above_zero(row, margin)",
     "test_rules.test_two_one_sided_tests_take_the_worse_for_and_twice_the_better_against"),
    ("p_values", "max(below_upper, above_lower)", "min(below_upper, above_lower)",
     "test_rules.test_two_one_sided_tests_take_the_worse_for_and_twice_the_better_against"),
    ("p_values", "2 * min(above_upper, below_lower)", "min(above_upper, below_lower)",
     "test_rules.test_two_one_sided_tests_take_the_worse_for_and_twice_the_better_against"),
    ("p_values", "2 * min(above_upper, below_lower)", "2 * max(above_upper, below_lower)",
     "test_rules.test_two_one_sided_tests_take_the_worse_for_and_twice_the_better_against"),
    # intersection-union, partial conjunction, Bonferroni
    ("p_values", "max(p for p, _ in parts)", "min(p for p, _ in parts)",
     "test_rules.test_all_parts_take_the_weakest_for_and_bonferroni_against"),
    ("p_values", "min(q for _, q in parts) * len(parts)", "min(q for _, q in parts)",
     "test_rules.test_all_parts_take_the_weakest_for_and_bonferroni_against"),
    ("p_values", "min(q for _, q in parts)", "max(q for _, q in parts)",
     "test_rules.test_all_parts_take_the_weakest_for_and_bonferroni_against"),
    ("p_values", "reverse=True", "reverse=False",
     "test_rules.test_being_among_the_first_needs_all_rivals_but_so_many_below"),
    ("p_values", "min(1.0, places * above)", "min(1.0, above)",
     "test_rules.test_being_among_the_first_needs_all_rivals_but_so_many_below"),
    ("p_values", "(len(rivals) - places + 1) * below", "below",
     "test_rules.test_being_among_the_first_needs_all_rivals_but_so_many_below"),
    ("p_values", "if len(rivals) < places:", "if len(rivals) <= places:",
     "test_rules.test_being_among_the_first_needs_all_rivals_but_so_many_below"),
    # Holm, its families, the level, the words
    ("claims", "ALPHA = 0.05", "ALPHA = 0.06",
     "test_rules.test_a_difference_is_tested_in_the_direction_it_is_declared"),
    ("claims", "ALPHA = 0.05", "ALPHA = 0.04",
     "test_rules.test_a_difference_is_tested_in_the_direction_it_is_declared"),
    ("claims", "p_values[name] * (len(ordered) - place)", "p_values[name]",
     "test_rules.test_holm_by_hand"),
    ("claims", "p_values[name] * (len(ordered) - place)", "p_values[name] * len(ordered)",
     "test_rules.test_holm_by_hand"),
    ("claims", "reached = max(reached, min(", "reached = (min(",
     "test_rules.test_holm_by_hand"),
    ("claims", "holm({name: result.p_for for name, result in members.items()})", "{name: result.p_for for name, result in members.items()}",
     "test_rules.test_claims_of_one_family_are_corrected_together_on_both_sides_and_others_by_themselves"),
    ("claims", "holm({name: result.p_against for name, result in members.items()})", "{name: result.p_against for name, result in members.items()}",
     "test_rules.test_claims_of_one_family_are_corrected_together_on_both_sides_and_others_by_themselves"),
    ("claims", "if claim.family == family and isinstance(", "if isinstance(",
     "test_rules.test_claims_of_one_family_are_corrected_together_on_both_sides_and_others_by_themselves"),
    ("claims", "for name, rows in shown.items() if not _is_withheld(rows)}", "for name, rows in shown.items()}",
     "test_verdicts.test_a_withheld_claim_does_not_count_in_the_correction_of_others"),
    ("claims", "(for_side[name], against[name])", "(against[name], for_side[name])",
     "test_verdicts.test_a_withheld_claim_does_not_count_in_the_correction_of_others"),
    ("claims", "def word_of(p_for: float, p_against: float)", "def word_of(p_against: float, p_for: float)",
     "test_rules.test_a_difference_is_tested_in_the_direction_it_is_declared"),
    ("claims", "if p_for <= ALPHA:", "if p_for < ALPHA:",
     "test_rules.test_a_difference_is_tested_in_the_direction_it_is_declared"),
    ("claims", '"contradicted" if p_against <= ALPHA', '"contradicted" if p_against < ALPHA',
     "test_rules.test_a_difference_is_tested_in_the_direction_it_is_declared"),
    ("claims", '"contradicted" if p_against <= ALPHA else "uncertain"', '"uncertain" if p_against <= ALPHA else "contradicted"',
     "test_rules.test_a_difference_is_tested_in_the_direction_it_is_declared"),
    ("claims", "or not has_its_questions(claim, plan, designs, absent)", "",
     "test_kinds.test_an_association_is_not_asked_without_its_outcome_or_its_term_and_withheld_where_no_model_fits"),
    ("claims", "return bool(set(measures_of(claim)) & set(absent.get(claim.population, ())))", "return False",
     "test_rules.test_a_measure_that_was_not_asked_leaves_the_claim_not_asked"),
    # which rule, which interval, which pair, which population
    ("rules", '"majority_all": shares.majority_all', '"majority_all": shares.chain',
     "test_kinds.test_few_people_are_tested_exactly_whatever_interval_the_claim_declares"),
    ("rules", '"comparison_all": shares.comparison_all', '"comparison_all": shares.equivalence',
     "test_verdicts.test_a_withheld_claim_does_not_count_in_the_correction_of_others"),
    ("rules", '"equivalence": shares.equivalence', '"equivalence": shares.comparison_all',
     "test_verdicts.test_the_silent_are_counted_against_each_half_of_a_difference"),
    ("rules", '"top_k": places.top_k', '"top_k": shares.majority_all',
     "test_verdicts.test_mayor_and_chiefs_count_together_as_local_authorities"),
    ("rules", '"shared_top": places.shared_top', '"shared_top": places.top_k',
     "test_kinds.test_level_worths_of_a_ranking_do_not_go_by_the_order_of_the_list"),
    ("rules", '"only_one": shares.only_one', '"only_one": shares.chain',
     "test_rules.test_the_only_trusted_actor_also_has_the_highest_joint_confidence"),
    ("rules", '"chain": shares.chain', '"chain": shares.majority_all',
     "test_verdicts.test_used_but_weak_and_eroding_needs_every_part_of_the_chain"),
    ("rules", '"above_average": shares.above_average', '"above_average": places.ranking',
     "test_rules.test_each_cause_must_stand_above_the_average"),
    ("rules", '"ranking": places.ranking', '"ranking": shares.above_average',
     "test_kinds.test_a_ranking_needs_all_named_among_the_first_and_tells_the_rest"),
    ("rules", '"association": association.association', '"association": shares.majority_all',
     "test_kinds.test_an_association_of_one_term_is_the_difference_of_two_shares"),
    ("rules", '"trend": trend.trend', '"trend": shares.majority_all',
     "test_kinds.test_a_trend_with_too_few_people_in_one_round_is_withheld"),
    ("rules", 'claim.kind != "trend" or ', "",
     "test_rules.test_no_significance_alone_never_supports_no_change"),
    ("kinds.tested", "claim.pairs if pairs is None else pairs", "[p[::-1] for p in claim.pairs] if pairs is None else pairs",
     "test_rules.test_the_sentence_names_the_weakest_part"),
    ("kinds.tested", 'return claim.interval if population == "community" else "beta"', "return claim.interval",
     "test_kinds.test_few_people_are_tested_exactly_whatever_interval_the_claim_declares"),
    # shares
    ("kinds.shares", "p_for, p_against = all_parts(_above_margin(claim, rows))", "p_against, p_for = all_parts(_above_margin(claim, rows))",
     "test_kinds.test_few_people_are_tested_exactly_whatever_interval_the_claim_declares"),
    ("kinds.shares", 'rows["estimate"].idxmin()', 'rows["estimate"].idxmax()',
     "test_rules.test_the_sentence_names_the_weakest_part"),
    ("kinds.shares", "all_parts(_above_margin(claim, shares) + [above_zero(row) for row in records(gaps)])", "all_parts(_above_margin(claim, shares))",
     "test_verdicts.test_used_but_weak_and_eroding_needs_every_part_of_the_chain"),
    ("kinds.shares", "all_parts(_above_margin(claim, shares) + [above_zero(row) for row in records(gaps)])", "all_parts([above_zero(row) for row in records(gaps)])",
     "test_verdicts.test_used_but_weak_and_eroding_needs_every_part_of_the_chain"),
    ("kinds.shares", "design.frame[everything].mean(", "design.frame[list(claim.measures)].mean(",
     "test_rules.test_each_cause_must_stand_above_the_average"),
    ("kinds.shares", "design.frame[name] - average for", "average - design.frame[name] for",
     "test_rules.test_each_cause_must_stand_above_the_average"),
    ("kinds.shares", "len(claim.measures), len(claim.measures), rng", "len(claim.measures), len(everything), rng",
     "test_kinds.test_the_probability_beside_above_average_is_that_all_come_first"),
    ("kinds.shares", "argmin()", "argmax()",
     "test_rules.test_the_sentence_names_the_weakest_part"),
    # only this one: both halves
    ("kinds.shares", "own_for = max(above for above, _ in tests[0])", "own_for = min(above for above, _ in tests[0])",
     "test_rules.test_only_one_actor_needs_both_halves"),
    ("kinds.shares", "min(1.0, 2 * min(below for _, below in pair))", "min(1.0, min(below for _, below in pair))",
     "test_rules.test_another_actor_has_two_chances_to_fall_short_so_the_smaller_p_value_counts_twice"),
    ("kinds.shares", "2 * min(below for _, below in pair)", "2 * max(below for _, below in pair)",
     "test_rules.test_the_only_trusted_actor_also_has_the_highest_joint_confidence"),
    ("kinds.shares", "2 * min(below for _, below in pair)", "2 * min(above for above, _ in pair)",
     "test_rules.test_another_actor_has_two_chances_to_fall_short_so_the_smaller_p_value_counts_twice"),
    ("kinds.shares", "[max(above for above, _ in pair) for pair in tests[1:]]", "[min(above for above, _ in pair) for pair in tests[1:]]",
     "test_rules.test_the_only_trusted_actor_also_has_the_highest_joint_confidence"),
    ("kinds.shares", "[below for _, below in tests[0]] +", "[above for above, _ in tests[0]] +",
     "test_rules.test_only_one_actor_needs_both_halves"),
    ("kinds.shares", "against += [below for _, below in leads]", "against += []",
     "test_rules.test_the_only_trusted_actor_also_has_the_highest_joint_confidence"),
    ("kinds.shares", "max(own_for, *others_for, *(above for above, _ in leads))", "max(own_for, *others_for)",
     "test_rules.test_the_only_trusted_actor_also_has_the_highest_joint_confidence"),
    ("kinds.shares", "max(own_for, *others_for, *(above", "max(own_for, *(above",
     "test_rules.test_another_actor_has_two_chances_to_fall_short_so_the_smaller_p_value_counts_twice"),
    ("kinds.shares", "min(against) * len(against)", "min(against)",
     "test_rules.test_the_only_trusted_actor_also_has_the_highest_joint_confidence"),
    ("kinds.shares", "[(names[0], other) for", "[(other, names[0]) for",
     "test_rules.test_the_only_trusted_actor_also_has_the_highest_joint_confidence"),
    # places
    ("kinds.places", "_gaps(claim, design, names[0], names[1:]), top)", "_gaps(claim, design, names[0], names[1:]), 1)",
     "test_verdicts.test_first_recourse_must_be_among_the_two_most_named_in_both_cases"),
    ("kinds.places", "_gaps(claim, design, names[0], names[1:]), top)", "_gaps(claim, design, names[-1], names[:-1]), top)",
     "test_verdicts.test_mayor_and_chiefs_count_together_as_local_authorities"),
    ("kinds.places", "[(name, rival) for", "[(rival, name) for",
     "test_kinds.test_a_ranking_needs_all_named_among_the_first_and_tells_the_rest"),
    ("kinds.places", "places = top - len(claim.measures) + 1", "places = top",
     "test_kinds.test_a_ranking_needs_all_named_among_the_first_and_tells_the_rest"),
    ("kinds.places", "_gaps(claim, design, name, claim.others), places)", "_gaps(claim, design, name, claim.others[:1]), places)",
     "test_kinds.test_a_ranking_needs_all_named_among_the_first_and_tells_the_rest"),
    ("kinds.places", "for name in claim.measures]", "for name in claim.measures[:1]]",
     "test_kinds.test_a_ranking_needs_all_named_among_the_first_and_tells_the_rest"),
    ("kinds.places", "fit.gap(item, rival)", "fit.gap(rival, item)",
     "test_verdicts.test_two_doubts_do_not_make_a_contradiction"),
    ("kinds.places", "top - len(claim.items) + 1", "top",
     "test_verdicts.test_shared_priorities_need_the_same_three_risks_in_both_populations"),
    ("kinds.places", "set(rank.items) - set(claim.items)", "set(claim.items)",
     "test_verdicts.test_two_doubts_do_not_make_a_contradiction"),
    ("kinds.places", "design = designs[rank.population]\n        fit,", "design = designs[claim.population]\n        fit,",
     "test_verdicts.test_the_silent_could_have_turned_a_ranking_over"),
    ("kinds.places", "holds = holds * all_placed(", "holds = all_placed(",
     "test_verdicts.test_two_doubts_do_not_make_a_contradiction"),
    ("kinds.places", "comb(tied - needed, left - needed) / comb(tied, left)", "1.0",
     "test_kinds.test_level_values_share_the_places_left"),
    ("kinds.places", "if needed <= left else 0.0", "if needed <= left else 1.0",
     "test_kinds.test_level_values_share_the_places_left"),
    ("kinds.places", "or (chosen & (values <= 0)).any()", "",
     "test_kinds.test_level_values_share_the_places_left"),
    ("kinds.places", "np.sort(values)[::-1][top - 1]", "np.sort(values)[::-1][0]",
     "test_kinds.test_level_values_share_the_places_left"),
    # associations
    ("kinds.association", 'if expected == "less":', 'if expected == "more":',
     "test_kinds.test_an_association_of_one_term_is_the_difference_of_two_shares"),
    ("kinds.association", 'above_zero({**row, "estimate": -value}, margin)', 'above_zero({**row, "estimate": -value}, -margin)',
     "test_kinds.test_an_association_must_lie_beyond_its_margin_in_the_expected_direction"),
    ("kinds.association", "return above_zero(row, margin)", "return above_zero(row, -margin)",
     "test_kinds.test_more_must_be_more_than_the_margin"),
    ("kinds.association", "claim.margin or 0.0", "0.0",
     "test_kinds.test_more_must_be_more_than_the_margin"),
    ("kinds.association", "if claim.population not in designs or model.share in absent.get(claim.population, ()):", "if claim.population not in designs:",
     "test_kinds.test_an_association_is_not_asked_without_its_outcome_or_its_term_and_withheld_where_no_model_fits"),
    ("kinds.association", "return bool(usable_terms(plan, [claim.term], designs[claim.population]))", "return True",
     "test_kinds.test_an_association_is_not_asked_without_its_outcome_or_its_term_and_withheld_where_no_model_fits"),
    ("kinds.association", "except NoFit as error:", "except KeyError as error:",
     "test_kinds.test_an_association_is_not_asked_without_its_outcome_or_its_term_and_withheld_where_no_model_fits"),
    ("kinds.association", '(side == "for") == (claim.expected == "more")', 'side == "for"',
     "test_kinds.test_the_silent_of_an_association_answer_one_way_at_the_level_and_the_other_at_the_reference"),
    ("kinds.association", "level, reference = (high, low) if wants_high", "level, reference = (low, high) if wants_high",
     "test_kinds.test_the_silent_of_an_association_answer_one_way_at_the_level_and_the_other_at_the_reference"),
    ("kinds.association", "reference_of(plan, claim.term, design), reference,", "reference_of(plan, claim.term, design), level,",
     "test_kinds.test_the_silent_of_an_association_answer_one_way_at_the_level_and_the_other_at_the_reference"),
    ("model_terms", '(rows["by"] == term) & (rows["level"] == level)', 'rows["by"] != term',
     "test_kinds.test_an_association_of_one_term_is_the_difference_of_two_shares"),
    ("model_terms", "binary_logit(design, model.share, terms, levels", "binary_logit(design, model.share, [term], levels",
     "test_kinds.test_other_terms_of_the_model_are_held_as_people_have_them"),
    # two rounds
    ("kinds.trend", "(fallen, risen) if expected ==", "(fallen, risen) if expected !=",
     "test_trends.test_trust_that_fell_supports_a_claim_of_erosion_and_trust_that_rose_contradicts_it"),
    ("kinds.trend", "risen, fallen = above_zero(row)", "fallen, risen = above_zero(row)",
     "test_trends.test_trust_that_fell_supports_a_claim_of_erosion_and_trust_that_rose_contradicts_it"),
    ("kinds.trend", 'if expected == "same":', 'if expected == "still":',
     "test_trends.test_only_places_that_both_rounds_reached_decide"),
    ("kinds.trend", "TwoRounds(before, after, change(before, after)", "TwoRounds(before, after, change(after, before)",
     "test_trends.test_trust_that_fell_supports_a_claim_of_erosion_and_trust_that_rose_contradicts_it"),
    ("kinds.trend", 'designs[f"{claim.population}{BEFORE}"], designs[claim.population]', 'designs[claim.population], designs[f"{claim.population}{BEFORE}"]',
     "test_kinds.test_rows_of_trends_and_claims_about_change_come_out_alike"),
    ("kinds.trend", "proportion(design, measure, where=PLACES)", "proportion(design, measure)",
     "test_kinds.test_a_trend_with_too_few_people_in_one_round_is_withheld"),
    # the silent
    ("extremes", 'value if side == "for" else 1.0 - value', 'value if side == "against" else 1.0 - value',
     "test_kinds.test_the_silent_of_a_comparison_say_the_first_and_not_the_second"),
    ("extremes", "order = claim.items if side ==", "order = claim.items if side !=",
     "test_verdicts.test_the_silent_could_have_turned_a_ranking_over"),
    ("extremes", "favoured |= {one: 1.0, other: 0.0}", "favoured |= {one: 0.0, other: 1.0}",
     "test_kinds.test_the_silent_of_a_comparison_say_the_first_and_not_the_second"),
    ("extremes", "max((silent / asked", "min((silent / asked",
     "test_verdicts.test_those_who_named_no_risk_count_as_silent"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "was", "now", "test"), MUTANTS, ids=lambda part: part.strip()[:40])
def test_a_change_of_a_rule_is_noticed(module, was, now, test):
    with loaded(module, changed(module, was, now)):
        assert fails(test), f"{module}: {was!r} became {now!r}, and {test} did not fail"


def test_the_rules_as_they_are_pass_and_are_put_back():
    before = sys.modules["bsna.judgement.claims"]
    with loaded("claims", text_of("claims")):
        assert importlib.import_module("bsna.judgement.claims") is not before
        for test in dict.fromkeys(row[3] for row in MUTANTS):
            assert not fails(test), test
    assert sys.modules["bsna.judgement.claims"] is before and word_of(0.05, 1.0) == "supported"


def test_every_module_of_the_rules_is_changed_somewhere():
    kinds = {f"kinds.{path.stem}" for path in Path(shares.__file__).parent.glob("[a-z]*.py")}
    assert kinds | {"p_values", "claims", "rules", "extremes", "model_terms"} == {row[0] for row in MUTANTS}


def test_a_mutant_whose_text_is_not_there_or_there_twice_fails_by_name():
    with pytest.raises(pytest.fail.Exception, match=r"bsna.judgement.claims holds 'ALPHA = 0.5' 0 times"):
        changed("claims", "ALPHA = 0.5", "ALPHA = 0.6")
    with pytest.raises(pytest.fail.Exception, match=r"holds 'p_for' [0-9]+ times"):
        changed("claims", "p_for", "p_against")
    with pytest.raises(pytest.fail.Exception, match=r"test_rules has no test 'test_nothing' without fixtures"):
        fails("test_rules.test_nothing")
