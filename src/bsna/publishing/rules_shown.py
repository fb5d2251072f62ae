"""The rule of a claim as a reader sees it: its own words, those of its kind, formulas, and what correction promises."""

from html import escape

from bsna.intake.plan import Claim, Kind
from bsna.judgement.claims import ALPHA
from bsna.publishing.blocks import folded, texts
from bsna.publishing.formulas import mathml
from bsna.publishing.wording import Words


def rule_html(words: Words, claim: Claim) -> str:
    """How a claim is judged: its rule, the rule of its kind with both formulas, and raw beside adjusted p-values explained.

    One block of HTML without blank lines. Raises ValueError for a formula of kinds.toml that cannot be set.
    """
    kind: Kind = words.plan.row("kinds", claim.kind)
    general = words.say("rule", "formulas", {"kind": words.text(kind, "title"), "words": words.text(kind, "words")})
    parts = [
        texts([general]),
        _formula(words.say("rule", "supported_if"), kind.supported),
        _formula(words.say("rule", "contradicted_if"), kind.contradicted),
        texts(_correction(words, claim)),
    ]
    behind = folded(words.say("claim_page", "rule"), "".join(parts))
    return f'<div class="bsna-rule">{texts([words.text(claim, "rule")])}{behind}</div>'


def _correction(words: Words, claim: Claim) -> list[str]:
    """What raw and adjusted p-values are, how the verdict follows from them, and what is promised of the family."""
    family = [other.id for other in words.plan.claims if other.family == claim.family]
    values = {"claims_count": len(family), "alpha_share": ALPHA, "both_share": 2 * ALPHA}
    correction = "adjusted" if len(family) > 1 else "lone"
    return [words.say("rule", state, values) for state in ("raw", correction, "sides", "promise")]


def _formula(lead: str, formula: str) -> str:
    """A formula with what it is of; parts that \\qquad keeps apart go below each other where there is little room."""
    shown = "".join(mathml(part, is_block=True) for part in formula.split(r"\qquad"))
    one_line = "".join(line.strip() for line in shown.splitlines())
    return f'<p>{escape(lead)}</p><div class="bsna-formula">{one_line}</div>'
