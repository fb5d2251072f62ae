"""Claims tried on many surveys drawn from declared truths: what verdicts come out, and how often against the truth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from bsna.estimation import EmptyDomain, SurveyDesign
from bsna.intake.plan import Claim, Plan
from bsna.judgement.claims import ALPHA, holm, word_of
from bsna.judgement.rules import Tested, test_claim
from bsna.simulation.truths.declared import Truth
from bsna.simulation.truths.drawing import answers_of, draw_survey

Rule: TypeAlias = Callable[[Claim, Plan, Mapping[str, SurveyDesign], np.random.Generator | None], Tested]
Correction: TypeAlias = Callable[[Mapping[Any, float]], Mapping[Any, float]]


@dataclass(frozen=True)
class Trials:
    """Verdicts on surveys of one truth. `p_for` and `p_against` (surveys,) are those of the claim alone."""

    truth: Truth
    p_for: np.ndarray
    p_against: np.ndarray

    @property
    def words(self) -> np.ndarray:
        """Supported, contradicted or uncertain, without correction for other claims, shape (surveys,)."""
        return np.array([word_of(*pair) for pair in zip(self.p_for, self.p_against, strict=True)])

    def share(self, word: str) -> float:
        """Share of the surveys in which the claim alone comes out as `word`."""
        return float((self.words == word).mean())

    def shown_at(self, family: int) -> float:
        """Share of the surveys in which the claim is shown at the level that Holm's correction gives the first of a family."""
        return float((self.p_for <= ALPHA / family).mean())


def try_truth(
    truth: Truth,
    designs: Mapping[str, SurveyDesign],
    surveys: Sequence[int],
    *,
    seed: Sequence[int],
    rule: Rule = test_claim,
) -> Trials:
    """Test the claim on the surveys of these numbers; each has a generator of its own, from `seed` and its number, so that
    surveys may be shared out in any way. `rule` is what the claim is tested by. Raises ValueError if some survey holds nobody
    who answered."""
    answers = answers_of(truth.claim, truth.plan)
    found = np.empty((len(surveys), 2))
    for place, number in enumerate(surveys):
        rng = np.random.default_rng([*seed, number])
        try:
            result = rule(truth.claim, truth.plan, draw_survey(answers, designs, rng), None)
        except EmptyDomain as error:
            raise ValueError(
                f"{truth.claim.id}, {truth.border!r}, survey {number}: {error}; plan more people"
            ) from error
        found[place] = result.p_for, result.p_against
    return Trials(truth, found[:, 0], found[:, 1])


def corrected_words(family: Sequence[Trials], correction: Correction = holm) -> np.ndarray:
    """Verdicts of claims that are corrected together, as words (claims, surveys).

    Survey by survey, the n-th of each: as each claim is tested on answers of its own, drawn independently, any truths can be
    put together.
    """
    sides = []
    for name in ("p_for", "p_against"):
        values = np.array([getattr(trials, name) for trials in family])
        adjusted = [correction(dict(enumerate(column))) for column in values.T.tolist()]
        sides.append(np.array([[one[k] for one in adjusted] for k in range(len(family))]))
    return np.array([[word_of(*pair) for pair in zip(*rows, strict=True)] for rows in zip(*sides, strict=True)])


def any_error(family: Sequence[Trials], correction: Correction = holm) -> tuple[float, float]:
    """Shares of surveys in which some false claim of a family comes out supported, and some true one contradicted."""
    words = corrected_words(family, correction)
    is_true = np.array([trials.truth.holds for trials in family])
    return (
        float((words[~is_true] == "supported").any(axis=0).mean()),
        float((words[is_true] == "contradicted").any(axis=0).mean()),
    )
