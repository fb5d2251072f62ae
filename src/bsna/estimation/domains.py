"""Any question asked apart at each level of a breakdown, with the full design kept."""

from collections.abc import Callable
from typing import Any, TypeVar

from bsna.estimation.association import Untestable
from bsna.estimation.comparisons import Incomparable
from bsna.estimation.regression.newton import NoFit
from bsna.estimation.rows import EmptyDomain
from bsna.estimation.sample.design import SurveyDesign, Where

Answer = TypeVar("Answer")
Refusal = EmptyDomain | Incomparable | NoFit | Untestable


def at_each_level(
    design: SurveyDesign, by: str, ask: Callable[[Any], Answer], *, where: Where = None
) -> dict[object, Answer | Refusal]:
    """What `ask` answers for the people at each level of `by`, in the order of levels.

    `ask` takes a domain and passes it on as `where`: a cross-tabulation, a test, a model, a ranking. All strata and clusters
    stay, so that errors are those of domains. A level of which the question cannot be asked holds the
    refusal in its place: EmptyDomain, Untestable, Incomparable or NoFit. Raises what `ask` raises else.
    """
    answers: dict[object, Answer | Refusal] = {}
    for level in design.levels(by):
        try:
            answers[level] = ask(design.domain(by, level, where))
        except (EmptyDomain, Incomparable, NoFit, Untestable) as refusal:
            answers[level] = refusal
    return answers
