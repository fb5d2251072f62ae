"""Whether the items of a scale work alike in several surveys, pair by pair and all together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from bsna.estimation import EmptyDomain, NoFit, SurveyDesign, Untestable
from bsna.estimation.differential import (
    CommonOdds,
    Differential,
    common_odds,
    differential_functioning,
    with_rest_scores,
)
from bsna.estimation.stacking import SAMPLE, stacked
from bsna.intake.plan import ScaleItem
from bsna.intake.profile import Publication
from bsna.judgement.claims import holm

FEWEST_ITEMS = 3


@dataclass(frozen=True)
class ItemOdds:
    """One item in two surveys: odds of the share in the first over those in the second among people with one rest score.

    `p_adjusted` is corrected over all items and pairs of the scale (Holm). `odds` is None where too few people or clusters
    may be shown, or nothing can be tested.
    """

    item: ScaleItem
    one: str
    other: str
    odds: CommonOdds | None
    p_adjusted: float | None

    @property
    def is_large(self) -> bool:
        """Whether the item works very differently in the two surveys (class C)."""
        return self.odds is not None and self.odds.size == "C"


@dataclass(frozen=True)
class ItemTests:
    """One item in all `surveys` that hold it: ordered logit on rest score and survey; p-values corrected over the items
    (Holm). All None where nothing can be tested or shown."""

    item: ScaleItem
    surveys: tuple[str, ...]
    tests: Differential | None
    uniform: float | None
    nonuniform: float | None


@dataclass(frozen=True)
class Functioning:
    """How the items of one scale work in surveys: `pairs` by item within pairs of surveys, `items` over all of them."""

    scale: str
    pairs: tuple[ItemOdds, ...]
    items: tuple[ItemTests, ...]

    @property
    def large(self) -> dict[tuple[str, str, str], ItemOdds]:
        """Those that work very differently, by share and the two surveys."""
        return {(found.item.share, found.one, found.other): found for found in self.pairs if found.is_large}


def item_functioning(
    items: Sequence[ScaleItem],
    designs: Mapping[str, SurveyDesign],
    absent: Mapping[str, Sequence[str]],
    rules: Publication,
) -> Functioning:
    """Compare the items of one scale in surveys that may be compared, given by name.

    `absent` lists measures that a survey did not ask. A pair is compared on the items that both asked, and all surveys on
    those that all asked, each time among people who answered all of these; fewer than three items make no scale. `rules`
    are the strictest of the surveys' rules. Raises ValueError for designs that cannot be stacked.
    """
    found: list[tuple[ItemOdds, float | None]] = []
    for one, other in combinations(designs, 2):
        shared = _shared(items, absent, (one, other))
        design = _matched(shared, {one: designs[one], other: designs[other]}) if shared else None
        found += [_odds(item, one, other, design, rules) for item in shared]
    p_values = holm({str(k): p for k, (_, p) in enumerate(found) if p is not None})
    pairs = [ItemOdds(row.item, row.one, row.other, row.odds, p_values.get(str(k))) for k, (row, _) in enumerate(found)]
    return Functioning(items[0].scale, tuple(pairs), _over_all(items, designs, absent, rules))


def _over_all(
    items: Sequence[ScaleItem],
    designs: Mapping[str, SurveyDesign],
    absent: Mapping[str, Sequence[str]],
    rules: Publication,
) -> tuple[ItemTests, ...]:
    shared = _shared(items, absent, tuple(designs)) if len(designs) > 1 else []
    if not shared:
        return ()
    design = _matched(shared, designs)
    tests = {item.score: _tests(item, design, rules) for item in shared}
    uniform = holm({name: test.uniform for name, test in tests.items() if test})
    other = holm({name: test.nonuniform for name, test in tests.items() if test})
    return tuple(
        ItemTests(item, tuple(designs), tests[item.score], uniform.get(item.score), other.get(item.score))
        for item in shared
    )


def _shared(items: Sequence[ScaleItem], absent: Mapping[str, Sequence[str]], surveys: Sequence[str]) -> list[ScaleItem]:
    gone = {name for survey in surveys for name in absent[survey]}
    shared = [item for item in items if item.score not in gone]
    return shared if len(shared) >= FEWEST_ITEMS else []


def _rest(item: ScaleItem) -> str:
    return f"_rest_{item.score}"


def _matched(items: Sequence[ScaleItem], designs: Mapping[str, SurveyDesign]) -> SurveyDesign:
    """All people of these surveys, with the rest score of each item."""
    scores = [item.score for item in items]
    whole = stacked(designs, [*scores, *(item.share for item in items)])
    return with_rest_scores(whole, scores, {item.score: _rest(item) for item in items})


def _odds(
    item: ScaleItem, one: str, other: str, design: SurveyDesign | None, rules: Publication
) -> tuple[ItemOdds, float | None]:
    assert design is not None
    try:
        odds = common_odds(design, item.share, SAMPLE, (one, other), _rest(item))
    except (EmptyDomain, Untestable):
        return ItemOdds(item, one, other, None, None), None
    if _is_small(odds, rules):
        return ItemOdds(item, one, other, None, None), None
    return ItemOdds(item, one, other, odds, None), odds.p_value


def _tests(item: ScaleItem, design: SurveyDesign, rules: Publication) -> Differential | None:
    try:
        tests = differential_functioning(design, item.score, SAMPLE, _rest(item))
    except (EmptyDomain, NoFit):
        return None
    return None if _is_small(tests, rules) else tests


def _is_small(found: CommonOdds | Differential, rules: Publication) -> bool:
    return found.n < rules.threshold or found.clusters < rules.min_clusters
