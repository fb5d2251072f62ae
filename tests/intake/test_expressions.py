"""What is asked of the evidence is written as an expression that leaves no doubt."""

import pytest

from bsna.intake.expressions import AtLeast, Name, Not, names_in, parsed

A, B, C = Name("a"), Name("b"), Name("F3b")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a", A),
        ("not a", Not(A)),
        ("a and b and F3b", AtLeast(3, (A, B, C))),
        ("a or b", AtLeast(1, (A, B))),
        ("a and (b or F3b)", AtLeast(2, (A, AtLeast(1, (B, C))))),
        ("not (a or b)", Not(AtLeast(1, (A, B)))),
        ("a and at least 1 of (b, not F3b)", AtLeast(2, (A, AtLeast(1, (B, Not(C)))))),
        ("at least 2 of (a, b, F3b)", AtLeast(2, (A, B, C))),
    ],
)
def test_an_expression_means_what_it_says(text, meant):
    assert parsed(text) == meant
    assert set(names_in(meant)) <= {"a", "b", "F3b"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a and b or c", "put parentheses"),
        ("a and", "'the end' stands where a name"),
        ("a b", "'b' stands where the expression should have ended"),
        ("(a and b", r"'the end' stands where '\)' should"),
        ("a)", r"'\)' stands where the expression should have ended"),
        ("at least 3 of (a, b)", "at least 3 of 2; expected a number from 1 to 2"),
        ("at least 0 of (a, b)", "at least 0 of 2"),
        ("at least two of (a, b)", "at least two of 2"),
        ("at most 1 of (a, b)", "'most' stands where 'least' should"),
        ("a & b", "'&' stands where the expression should have ended"),
        ("a and (b or a)", r"\['a'\] stand twice"),
        ("and", "'and' stands where a name"),
        ("", "'the end' stands where a name"),
    ],
)
def test_anything_else_is_refused_with_what_was_expected(text, message):
    with pytest.raises(ValueError, match=message):
        parsed(text)
