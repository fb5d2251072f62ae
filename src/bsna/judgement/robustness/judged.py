"""All claims judged again on other designs: p-values anew where a claim is touched, Holm's correction over its family."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from bsna.estimation import EmptyDomain, NoFit, SurveyDesign
from bsna.intake.plan import Claim, Plan
from bsna.judgement.claims import Verdict, holm, word_of
from bsna.judgement.lead import lead_row
from bsna.judgement.rules import Tested, test_claim
from bsna.judgement.standing import Variant

Designs = Mapping[str, SurveyDesign]
Pair = tuple[float, float]


@dataclass(frozen=True)
class Rerun:
    """What one rerun says of one claim: p-values for and against, None where nobody was left to answer, and the claim's leading
    estimate."""

    p_values: Pair | None
    lead: float | None


@dataclass(frozen=True)
class Judged:
    """The claims of a survey that were tested, as its verdicts have them. `base` holds p-values and leading estimate by
    claim, `words` the verdicts, `leads` the place of the leading estimate among the rows of each claim."""

    plan: Plan
    designs: Designs
    claims: tuple[Claim, ...]
    base: Mapping[str, Rerun]
    words: Mapping[str, str]
    leads: Mapping[str, int]
    rows: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def again(self, claim: Claim, designs: Designs) -> Rerun:
        """One claim tested on other designs of the same populations."""
        try:
            return self._read(claim, test_claim(claim, self.plan, designs, None))
        except (EmptyDomain, NoFit):
            return Rerun(None, None)

    def _read(self, claim: Claim, tested: Tested) -> Rerun:
        place = self.leads[claim.id]
        lead = float(tested.rows["estimate"].iloc[place]) if place < len(tested.rows) else float("nan")
        return Rerun((tested.p_for, tested.p_against), None if lead != lead else lead)

    def corrected(self, reruns: Mapping[str, Rerun]) -> dict[str, str]:
        """Verdicts of all claims where some were judged again; the others keep their p-values. A claim without p-values is
        withheld and leaves the correction."""
        now = {**self.base, **reruns}
        words = {name: "withheld" for name, rerun in now.items() if rerun.p_values is None}
        for family in dict.fromkeys(claim.family for claim in self.claims):
            pairs = {c.id: p for c in self.claims if c.family == family and (p := now[c.id].p_values) is not None}
            p_for = holm({name: pair[0] for name, pair in pairs.items()})
            p_against = holm({name: pair[1] for name, pair in pairs.items()})
            words |= {name: word_of(p_for[name], p_against[name]) for name in pairs}
        return words

    def one_by_one(self, family: str, claim: Claim, reruns: Sequence[Rerun]) -> Variant:
        """Reruns of one claim while all others stay as they are."""
        words = [self.corrected({claim.id: rerun})[claim.id] for rerun in reruns]
        return self.variant(family, claim, reruns, words)

    def together(self, family: str, reruns: Iterable[Mapping[str, Rerun]]) -> dict[str, Variant]:
        """Reruns of all claims at once, by claim."""
        each = list(reruns)
        words = [self.corrected(rerun) for rerun in each]
        return {
            c.id: self.variant(family, c, [r.get(c.id, self.base[c.id]) for r in each], [w[c.id] for w in words])
            for c in self.claims
        }

    def variant(self, family: str, claim: Claim, reruns: Sequence[Rerun], words: Sequence[str]) -> Variant:
        """Count the verdicts of reruns, and span their leading estimates."""
        found = [rerun.lead for rerun in reruns if rerun.lead is not None]
        counts = {word: words.count(word) for word in sorted(set(words))}
        return Variant(
            family,
            len(words),
            counts.get(self.words[claim.id], 0),
            counts,
            self.base[claim.id].lead,
            min(found, default=None),
            max(found, default=None),
        )


def judged(plan: Plan, designs: Designs, verdicts: Sequence[Verdict]) -> Judged:
    """The tested claims among verdicts, ready to be judged again."""
    tested = {v.claim_id: v for v in verdicts if v.p_for is not None and v.p_against is not None}
    claims = tuple(claim for claim in plan.claims if claim.id in tested)
    designs = {name: _narrowed(plan, design) for name, design in designs.items()}
    rows = {claim.id: test_claim(claim, plan, designs, None).rows for claim in claims}
    leads = {claim.id: lead_row(claim, rows[claim.id]) for claim in claims}
    base = {}
    for claim in claims:
        verdict, lead = tested[claim.id], float(rows[claim.id]["estimate"].iloc[leads[claim.id]])
        base[claim.id] = Rerun((verdict.p_for or 0.0, verdict.p_against or 0.0), lead)
    return Judged(plan, designs, claims, base, {name: v.verdict for name, v in tested.items()}, leads, rows)


def _narrowed(plan: Plan, design: SurveyDesign) -> SurveyDesign:
    """The same sample with the columns that claims can rest on, side by side in memory and texts as
    objects: wide tables are slow to cut, and Arrow's texts slow to go through."""
    named = {design.weight, design.stratum, design.psu, *(q for rank in plan.ranks for q in rank.questions)}
    named |= {term for model in plan.models for term in model.terms}
    named |= {term for row in plan.covariates for term in row.terms}
    columns = [name for name, kind in design.frame.dtypes.items() if name in named or pd.api.types.is_float_dtype(kind)]
    texts = [name for name in columns if isinstance(design.frame[name].dtype, pd.StringDtype)]
    return replace(design, frame=design.frame[columns].astype(dict.fromkeys(texts, object)).copy(), _known={})


def each_claim(judged: Judged, designs: Designs) -> dict[str, Rerun]:
    """Every claim judged again on other designs."""
    return {claim.id: judged.again(claim, designs) for claim in judged.claims}
