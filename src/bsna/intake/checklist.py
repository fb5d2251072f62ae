"""What reviewers ask of a survey: the items of checklist.toml, and answers that only the makers of one survey can give."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from bsna import paths
from bsna.intake.profile import Labels, Profile, Strict, Text
from bsna.intake.sheets import read_toml, validated

State = Literal["answered", "not_known", "not_applicable"]
Kind = Literal["simulated", "delivered"]


def _in_letters(labels: dict[str, str]) -> dict[str, str]:
    if blank := [language for language, text in labels.items() if not text.strip()]:
        raise ValueError(f"the text is blank in {blank}; write it, or take the key out")
    return labels


Said = Annotated[Labels, AfterValidator(_in_letters)]


class List(Strict):
    """One list of items; `source` is its key in references.bib, `cited` that source in words."""

    id: Text
    source: Text
    title: Said
    cited: Said


class Item(Strict):
    """One question of a reviewer. It is answered for every survey (`answer`) or by source kind; where it cannot be, the
    reason is declared by source kind. `page` is a chapter, as its notebook is named, or a hand-written page."""

    id: Text
    list: Text
    page: Text
    asks: Said
    answer: Said | None = None
    simulated: Said | None = None
    delivered: Said | None = None
    not_known: Mapping[Kind, Said] = {}
    not_applicable: Mapping[Kind, Said] = {}

    @model_validator(mode="after")
    def _one_answer(self) -> "Item":
        for kind in ("simulated", "delivered"):
            texts = (self.answer, getattr(self, kind), self.not_known.get(kind), self.not_applicable.get(kind))  # type: ignore[call-overload]
            if (found := sum(text is not None for text in texts)) > 1:
                raise ValueError(f"item {self.id} has {found} answers for {kind} surveys; keep one")
        return self


class Checklist(Strict):
    """checklist.toml as a whole: lists and items in the order in which they are shown."""

    list: tuple[List, ...]
    item: tuple[Item, ...]

    @model_validator(mode="after")
    def _fits(self) -> "Checklist":
        names, lists = [item.id for item in self.item], [one.id for one in self.list]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"the items {twice} stand twice; give each its own id")
        if strange := sorted({item.list for item in self.item} - set(lists)):
            raise ValueError(f"items name the lists {strange}, expected some of {lists}")
        return self


class Own(Strict):
    """An answer for one survey, and what it is: a reason if the state is not `answered`."""

    state: State = "answered"
    text: Said


class OwnAnswers(Strict):
    """Answers for one survey, by the id of their item."""

    answer: dict[str, Own] = Field(default={})


def load_checklist() -> Checklist:
    """Read and check assessment/plan/checklist.toml. Raises ValueError with every fault."""
    path = paths.assessment("plan", "checklist.toml")
    return validated(Checklist, read_toml(path), path.name)


def own_answers(profile: Profile, checklist: Checklist) -> dict[str, Own]:
    """Answers of assessment/checklists/<survey>.toml; none if there is no such file.

    Raises ValueError with every fault, and for an id that the checklist does not have.
    """
    path = paths.assessment("checklists", f"{profile.id}.toml")
    if not path.is_file():
        return {}
    found = validated(OwnAnswers, read_toml(path), f"checklists/{path.name}").answer
    if strange := sorted(set(found) - {item.id for item in checklist.item}):
        raise ValueError(
            f"checklists/{path.name} answers {strange}, which are no items of checklist.toml; correct the ids"
        )
    return found


def answer_of(item: Item, profile: Profile, own: Mapping[str, Own]) -> Own:
    """The answer declared for one item of one survey, its own first. Raises ValueError naming an item that has none."""
    if item.id in own:
        return own[item.id]
    kind = profile.source
    declared: tuple[tuple[State, dict[str, str] | None], ...] = (
        ("answered", item.answer),
        ("answered", getattr(item, kind)),
        ("not_known", item.not_known.get(kind)),
        ("not_applicable", item.not_applicable.get(kind)),
    )
    for state, text in declared:
        if text is not None:
            return Own(state=state, text=text)
    raise ValueError(
        f"checklist.toml: item {item.id} ({item.asks['en']}) has no answer for {profile.id}, which is {kind}: give `answer` or "
        f"`{kind}`, declare why under `not_known.{kind}` or `not_applicable.{kind}`, or answer it in "
        f"assessment/checklists/{profile.id}.toml"
    )
