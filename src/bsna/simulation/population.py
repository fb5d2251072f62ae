"""An invented population whose true answers are known, from which a survey can be drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from bsna.intake.instrument import Question, Questionnaire
from bsna.intake.reasons import NOT_ASKED
from bsna.intake.relevance import is_asked, referenced

EXCLUSIVE = ("none", "nothing")
"""Codes of a multiple choice that stand for having chosen nothing else."""


@dataclass(frozen=True)
class Place:
    """One cluster: its code, where it is, and how many adults each of its simulated people stands for."""

    cluster: str
    region: str
    settlement: str
    commune: str
    adults_per_person: float


@dataclass(frozen=True)
class Population:
    """People of all clusters. One row of `answers` is one person with true answers, in typed shape but
    without refusals; `place` is the number of the person's cluster in `places`."""

    answers: pd.DataFrame
    place: np.ndarray
    places: tuple[Place, ...]

    @property
    def weights(self) -> np.ndarray:
        """Adults that each simulated person stands for, shape (people,)."""
        return np.array([place.adults_per_person for place in self.places])[self.place]


def populate(
    questionnaire: Questionnaire,
    parameters: dict[str, Any],
    places: Sequence[Place],
    people_per_cluster: int,
    fixed: Mapping[str, Sequence[str]],
    rng: np.random.Generator,
) -> Population:
    """Draw the true answers of everybody.

    Each ordered answer cuts a standard normal made of shared factors (which correlate questions), cluster
    effects (which make neighbours alike) and noise. Choices without order have utilities with cluster
    effects; ranked ones are the highest three. `fixed` gives options of lists that the profile holds.
    Raises ValueError for a question without parameters or marginals of the wrong length.
    """
    place = np.repeat(np.arange(len(places)), people_per_cluster)
    factors = _factors(parameters["factor"], place, rng)
    ranked = {q: stem for stem, rank in parameters["rank"].items() for q in rank["questions"]}
    columns: dict[str, Any] = {}
    for question in questionnaire.questions:
        if question.name in ranked:
            if question.name not in columns:
                columns |= _ranks(question, parameters["rank"][ranked[question.name]], place, rng)
        elif question.name in parameters["question"]:
            columns[question.name] = _answer(question, parameters, factors, place, places, fixed, rng)
    here = {key: np.array([getattr(p, key) for p in places])[place] for key in ("region", "settlement")}
    answers = pd.DataFrame({**columns, **here, "consent": "yes"}, dtype=object)
    return Population(route(answers, questionnaire), place, tuple(places))


def _factors(shares: dict[str, float], place: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Shared traits of people, standard normal; `shares` is the part of variance between clusters."""
    return {name: _normal(share, place, rng) for name, share in shares.items()}


def _normal(share: float, place: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    between = rng.standard_normal(place.max() + 1)[place]
    return np.sqrt(share) * between + np.sqrt(1 - share) * rng.standard_normal(len(place))


def _answer(
    question: Question,
    parameters: dict[str, Any],
    factors: dict[str, np.ndarray],
    place: np.ndarray,
    places: Sequence[Place],
    fixed: Mapping[str, Sequence[str]],
    rng: np.random.Generator,
) -> np.ndarray:
    spec = parameters["question"][question.name]
    if "place" in spec:
        return np.array([getattr(p, spec["place"]) for p in places], dtype=object)[place]
    shape = {**parameters["list"].get(question.list_name, {}), **spec}
    latent = _latent(shape, factors, place, rng)
    latent = latent + _shift(shape.get("shift", {}), place, places)
    if question.type in ("integer", "decimal"):
        number = np.clip(
            stats.lognorm.ppf(stats.norm.cdf(latent), spec["spread"], scale=spec["mean"]), spec["low"], spec["high"]
        )
        return np.array([str(round(n)) if question.type == "integer" else f"{n:.1f}" for n in number], dtype=object)
    if question.type == "text":
        return np.array(spec["texts"], dtype=object)[rng.integers(0, len(spec["texts"]), len(place))]
    codes = np.array(fixed.get(question.list_name, question.codes), dtype=object)
    if question.type == "select_multiple":
        return _many(question, spec, codes, latent, shape, place, rng)
    if "weights" in spec:
        utilities = _utilities(spec["weights"], len(codes), shape.get("spread", 0.4), place, rng, question.name)
        return codes[utilities.argmax(axis=1)]
    cuts = stats.norm.ppf(np.cumsum(_marginals(spec, len(codes), question.name))[:-1])
    return codes[np.searchsorted(cuts, latent)]


def _latent(
    shape: dict[str, Any], factors: dict[str, np.ndarray], place: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    load = shape.get("load", {})
    explained = sum(weight**2 for weight in load.values())
    own = _normal(min(shape.get("cluster", 0.0) / (1 - explained), 1.0), place, rng)
    value = np.sqrt(1 - explained) * own
    for name, weight in load.items():
        value = value + weight * factors[name]
    return value


def _shift(shift: dict[str, float], place: np.ndarray, places: Sequence[Place]) -> np.ndarray:
    """Push of the latent answer by region or settlement, in standard deviations."""
    push = [shift.get(p.region, 0.0) + shift.get(p.settlement, 0.0) for p in places]
    return np.array(push)[place]


def _marginals(spec: dict[str, Any], levels: int, question: str) -> np.ndarray:
    if "first" in spec and levels == 2:
        return np.array([spec["first"], 1 - spec["first"]])
    if "upper" in spec:
        upper, half = spec["upper"], levels // 2
        low = np.full(half, (1 - upper) / half)
        return np.concatenate([low, np.full(levels - half, upper / (levels - half))])
    probs = np.array(spec.get("probs", ()), dtype=float)
    if len(probs) != levels or abs(probs.sum() - 1) > 1e-9:
        raise ValueError(f"{question!r} has {levels} codes; its marginals {probs.tolist()} do not fit")
    return probs


def _many(
    question: Question,
    spec: dict[str, Any],
    codes: np.ndarray,
    latent: np.ndarray,
    shape: dict[str, Any],
    place: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    options = [code for code in codes if code not in EXCLUSIVE]
    if len(spec["probs"]) != len(options):
        raise ValueError(f"{question.name!r} offers {options}; its marginals have {len(spec['probs'])}")
    common = shape.get("common", 0.3)
    ticks = np.column_stack(
        [
            np.sqrt(common) * latent + np.sqrt(1 - common) * _normal(shape.get("cluster", 0.05), place, rng)
            > stats.norm.isf(chance)
            for chance in spec["probs"]
        ]
    )
    empty = next((code for code in EXCLUSIVE if code in codes), None)
    if empty is None:
        nothing = ~ticks.any(axis=1)
        likely = int(np.argmax(spec["probs"]))
        ticks[nothing, likely] = True
    chosen = np.array([" ".join(np.array(options)[row]) for row in ticks], dtype=object)
    return np.where(chosen == "", empty or "", chosen)


def _utilities(
    weights: Sequence[float],
    count: int,
    spread: float,
    place: np.ndarray,
    rng: np.random.Generator,
    question: str,
) -> np.ndarray:
    if len(weights) != count:
        raise ValueError(f"{question!r} has {count} codes but {len(weights)} weights")
    between = rng.standard_normal((place.max() + 1, count)) * spread
    gumbel = rng.gumbel(size=(len(place), count))
    return np.log(np.maximum(weights, 1e-12)) + between[place] + gumbel


def _ranks(
    question: Question, rank: dict[str, Any], place: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    codes = np.array(question.codes, dtype=object)
    utilities = _utilities(rank["weights"], len(codes), rank["spread"], place, rng, question.name)
    order = np.argsort(-utilities, axis=1)
    return {name: codes[order[:, position]] for position, name in enumerate(rank["questions"])}


def route(answers: pd.DataFrame, questionnaire: Questionnaire) -> pd.DataFrame:
    """Take out answers to questions that the routing does not put."""
    routed = {name: answers[name] for name in answers.columns}
    for question in questionnaire.questions:
        if question.relevance and question.name in routed:
            needed = referenced(question.relevance)
            asked = is_asked(question.relevance, pd.DataFrame({n: routed[n] for n in needed}))
            routed[question.name] = routed[question.name].where(asked, NOT_ASKED)
    return pd.DataFrame(routed)
