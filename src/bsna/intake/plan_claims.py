"""Claims and their kinds as rows of the plan: what each kind asks to be declared, and what its sentences may say."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from pydantic import Field, model_validator

from bsna.intake.profile import Labels, Population, Strict, Text

VERDICTS = ("supported", "contradicted", "uncertain", "not_asked", "withheld")
TESTED = VERDICTS[:3]
"""Verdicts that come with numbers; the sentences of the others have none."""

KindName = Literal[
    "majority_all",
    "comparison_all",
    "equivalence",
    "top_k",
    "shared_top",
    "only_one",
    "chain",
    "above_average",
    "ranking",
    "association",
    "trend",
]


@dataclass(frozen=True)
class KindFields:
    """What a claim of one kind declares beside what all declare: keys it `needs`, keys it `may` have, and no others.
    `values` are the numbers and names that its sentences may use."""

    needs: tuple[str, ...]
    may: tuple[str, ...]
    values: tuple[str, ...]


_SMALLEST = ("smallest_label", "smallest_points", "smallest_size")
_CHAIN = ("used_share", "first_points", "second_points", "first_size", "second_size")
_ASSOCIATION = ("gap_points", "gap_size", "margin_size", "people_count")
_TREND = ("before_share", "after_share", "change_points", "change_size", "margin_size")

KIND_FIELDS: dict[str, KindFields] = {
    "majority_all": KindFields(("measures", "margin"), ("interval",), ("lowest_label", "lowest_share")),
    "comparison_all": KindFields(("pairs",), (), _SMALLEST),
    "equivalence": KindFields(("pairs", "margin"), (), ("net_points", "margin_size")),
    "top_k": KindFields(("lists", "top"), ("interval", "draws"), ("first_share", "second_share", "all_prob")),
    "shared_top": KindFields(
        ("ranks", "items", "top"), ("interval", "draws"), ("items_list", "first_list", "second_list", "all_prob")
    ),
    "only_one": KindFields(
        ("pairs", "lists", "margin"), ("interval",), ("first_share", "second_share", "joint_share", "both_list")
    ),
    "chain": KindFields(("measures", "pairs", "margin"), ("interval",), _CHAIN),
    "above_average": KindFields(("measures", "others"), ("interval", "draws"), (*_SMALLEST, "all_prob")),
    "ranking": KindFields(
        ("measures", "others", "top"), ("interval", "draws"), ("named_list", "first_list", "rest_list", "all_prob")
    ),
    "association": KindFields(("model", "term", "level", "expected"), ("margin",), _ASSOCIATION),
    "trend": KindFields(("measures", "expected"), ("margin",), _TREND),
}
_EXPECTED = {"association": ("more", "less"), "trend": ("fell", "rose", "same")}


class Claim(Strict):
    """A statement declared before the data are seen. The keys used depend on `kind`; `sentences` has one
    template for each verdict and language."""

    id: Text
    objective: Text
    family: Text
    kind: KindName
    population: Population
    source: Text
    title: Labels
    rule: Labels
    caveat: Labels
    measures: tuple[Text, ...] = ()
    others: tuple[Text, ...] = ()
    pairs: tuple[tuple[Text, Text], ...] = ()
    lists: tuple[tuple[Text, ...], ...] = ()
    ranks: tuple[Text, ...] = ()
    items: tuple[Text, ...] = ()
    model: str = ""
    term: str = ""
    level: str = ""
    expected: str = ""
    interval: Literal["logit", "beta"] = "logit"
    margin: float | None = Field(default=None, ge=0, lt=1)
    top: int | None = Field(default=None, ge=1)
    draws: int = Field(default=500, ge=2)
    sentences: dict[str, Labels]

    @model_validator(mode="after")
    def _declares_what_its_kind_uses(self) -> "Claim":
        """ValueError names every key that is missing, superfluous or does not fit, and what to do."""
        if faults := [*_key_faults(self), *_size_faults(self), *_sentence_faults(self)]:
            raise ValueError("; ".join(faults))
        return self


class Kind(Strict):
    """A kind of claim for readers: its rule in `words`, and the formulas (LaTeX) by which a claim of it is supported and
    contradicted, before Holm's correction. `source`: keys of references.bib, apart by spaces."""

    id: KindName
    title: Labels
    words: Labels
    supported: Text
    contradicted: Text
    source: Text


KINDS: tuple[str, ...] = get_args(KindName)


def _key_faults(claim: Claim) -> list[str]:
    fields = KIND_FIELDS[claim.kind]
    special = {key for kind in KIND_FIELDS.values() for key in (*kind.needs, *kind.may)}
    given = {key for key in special & claim.model_fields_set if getattr(claim, key) not in ((), "", None)}
    faults = [f"kind {claim.kind} needs the key {key!r}" for key in fields.needs if key not in given]
    strange = sorted((special & claim.model_fields_set) - {*fields.needs, *fields.may})
    faults += [f"kind {claim.kind} does not use the key {key!r}; take it out" for key in strange]
    allowed = _EXPECTED.get(claim.kind, ())
    if allowed and claim.expected and claim.expected not in allowed:
        faults.append(f"expected is {claim.expected!r}; kind {claim.kind} knows {', '.join(allowed)}")
    if claim.kind == "trend" and (claim.expected == "same") != (claim.margin is not None):
        faults.append("a margin belongs to what is expected to stay the same, and only to that")
    if claim.margin == 0 and claim.kind != "association":
        faults.append("margin is 0; expected a number above 0 and below 1")
    return faults


def _size_faults(claim: Claim) -> list[str]:
    """Keys with too few or too many entries, or one entry twice."""
    listed, top = (*claim.measures, *claim.others), claim.top or 1
    bounds = [
        ("pairs", claim.kind == "equivalence" and len(claim.pairs) > 1, "one pair"),
        ("pairs", claim.kind == "only_one" and len(claim.pairs) == 1, "the actor's own pair and at least one other"),
        ("measures", claim.kind == "trend" and len(claim.measures) > 1, "one measure"),
        ("lists", any(len(names) < 2 for names in claim.lists), "lists of at least two"),
        ("top", claim.kind == "top_k" and any(top >= len(names) for names in claim.lists), "fewer than are on each list"),
        ("top", bool(claim.items) and top < len(claim.items), "at least as many places as items"),
        ("top", claim.kind == "ranking" and not len(claim.measures) <= top < len(listed), "places for all measures, not all"),
    ]  # fmt: skip
    faults = [f"{key} of kind {claim.kind}: expected {expected}" for key, is_wrong, expected in bounds if is_wrong]
    entries = [claim.pairs, claim.ranks, claim.items, listed, *claim.pairs, *claim.lists]
    twice = {str(name) for names in entries for name in names if names.count(name) > 1}  # type: ignore[attr-defined]
    return faults + [f"{name} stands twice in one list" for name in sorted(twice)]


def _sentence_faults(claim: Claim) -> list[str]:
    """A sentence for each verdict, with the same values in both languages, and none that its kind does not make."""
    missing = [f"no sentence for {verdict}" for verdict in VERDICTS if verdict not in claim.sentences]
    faults = missing + [f"a sentence for {name!r}, no verdict" for name in claim.sentences if name not in VERDICTS]
    for verdict, labels in claim.sentences.items():
        used = [set(re.findall(r"\{(\w*)\}", text)) for text in labels.values()]
        known = KIND_FIELDS[claim.kind].values if verdict in TESTED else ()
        if any(names != used[0] for names in used):
            faults.append(f"sentence {verdict}: other values in {' than in '.join(labels)}")
        strange = sorted(set().union(*used) - set(known))
        faults += [f"sentence {verdict}: kind {claim.kind} makes no value {name!r}" for name in strange]
    return faults
