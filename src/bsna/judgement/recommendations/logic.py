"""What an expression over evidence comes to, when some of its parts are unclear or could not be tested."""

from collections.abc import Mapping

from bsna.intake.expressions import AtLeast, Expression, Name, Not

OPPOSITE = {"holds": "fails", "fails": "holds", "for": "against", "against": "for"}


def outcome_of(expression: Expression, outcomes: Mapping[str, str]) -> str:
    """holds, fails, unclear or not_testable, from the outcomes by name.

    Kleene's strong logic of three values: an expression holds, or fails, if it does so whatever becomes of the parts that
    are open, and is open else. `at least k of n` holds if k parts hold, fails if fewer than k could; `and` is all of n, `or` is one.
    What is open is unclear if any of its parts is unclear, else not testable: more of the same answers might settle
    the one, never the other. Source: Kleene (1952), section 64.
    """
    match expression:
        case Name(name):
            return outcomes[name]
        case Not(part):
            found = outcome_of(part, outcomes)
            return OPPOSITE.get(found, found)
        case AtLeast(count, parts):
            made = [outcome_of(part, outcomes) for part in parts]
            if made.count("holds") >= count:
                return "holds"
            if len(made) - made.count("fails") < count:
                return "fails"
            return "unclear" if "unclear" in made else "not_testable"


def negated(expression: Expression, is_negated: bool = False) -> dict[str, bool]:
    """By name, whether an item is wanted not to be so: whether it stands below an odd number of `not`."""
    match expression:
        case Name(name):
            return {name: is_negated}
        case Not(part):
            return negated(part, not is_negated)
        case AtLeast(parts=parts):
            return {name: flag for part in parts for name, flag in negated(part, is_negated).items()}


def grade_of(expression: Expression, outcomes: Mapping[str, str], grades: Mapping[str, str | None]) -> str | None:
    """Grade of what an expression comes to: the lowest among the parts that decide it.

    For `at least k of n` that holds, the k parts of the best grades that hold decide; where it fails, the n - k + 1 best that
    fail; where it is unclear, all that are unclear. None if it could not be tested, or a part that decides has no grade.
    """
    match expression:
        case Name(name):
            return grades[name]
        case Not(part):
            return grade_of(part, outcomes, grades)
        case AtLeast(count, parts):
            found = outcome_of(expression, outcomes)
            same = [part for part in parts if outcome_of(part, outcomes) == found]
            known = sorted(g for part in same if (g := grade_of(part, outcomes, grades)))
            needed = {"holds": count, "fails": len(parts) - count + 1, "unclear": len(same)}.get(found, 0)
            return known[needed - 1] if 0 < needed <= len(known) else None


def deciding(expression: Expression, outcomes: Mapping[str, str]) -> frozenset[str]:
    """Names of those items that would turn what an expression comes to, if they alone held or failed where they do not."""
    found = outcome_of(expression, outcomes)
    return frozenset(
        name
        for name in outcomes
        if {outcome_of(expression, {**outcomes, name: other}) for other in ("holds", "fails")} != {found}
    )


def status_of(outcome: str, sides: Mapping[str, str]) -> str:
    """Status of a recommendation: holds; fails, if nothing speaks for it; not_testable; else mixed.

    `outcome` is that of its expression, `sides` what each item says of it: for, against or open.
    """
    if outcome == "fails":
        return "mixed" if "for" in sides.values() else "fails"
    return {"holds": "holds", "unclear": "mixed", "not_testable": "not_testable"}[outcome]
