"""A survey is drawn from the invented population, spoilt as surveys are, and written as an export."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pandas as pd

from bsna.intake.instrument import Questionnaire, load_questionnaire
from bsna.intake.profile import Profile
from bsna.intake.reasons import NOT_ASKED
from bsna.intake.relevance import referenced
from bsna.simulation.faults import FAULT_COLUMNS, FaultBook, plant
from bsna.simulation.population import Place, Population, populate, route


@dataclass(frozen=True)
class Simulated:
    """`exports`: one table of text per population, as a collection server exports it. `populations`: the
    people it was drawn from. `faults`: one row per planted fault."""

    exports: dict[str, pd.DataFrame]
    populations: dict[str, Population]
    faults: pd.DataFrame


def simulate(profile: Profile, parameters: dict[str, Any], rng: np.random.Generator) -> Simulated:
    """Make one simulated survey. The same profile, parameters and generator give the same bytes."""
    populations = make_populations(profile, parameters, rng)
    exports: dict[str, pd.DataFrame] = {}
    faults: list[dict[str, str]] = []
    community, drawn = draw_community(profile, populations["community"], rng)
    books = {name: FaultBook(name) for name in profile.populations}
    interviews = _fieldwork(community, profile, parameters, "community", rng)
    interviews = _withhold(interviews, parameters["community"], books["community"], rng)
    interviews = route(interviews, load_questionnaire("community"))
    typical = _typical(populations["community"].answers, load_questionnaire("community"))
    interviews = plant(interviews, parameters["faults"], typical, books["community"], rng)
    exports["community"] = _export(interviews, load_questionnaire("community"), parameters, "community")
    for name in ("providers", "leaders"):
        people = _draw_posts(populations[name], parameters[name], drawn, rng)
        people = _fieldwork(people, profile, parameters, name, rng)
        people = route(_withhold(people, parameters[name], books[name], rng), load_questionnaire(name))
        for slip in parameters["faults"]["slips_elsewhere"]:
            if slip["population"] == name:
                _slip(people, slip, books[name], rng)
        exports[name] = _export(people, load_questionnaire(name), parameters, name)
    exports["sites"] = _export(
        _fieldwork(_sites(profile, parameters, drawn, rng), profile, parameters, "sites", rng),
        load_questionnaire("sites"),
        parameters,
        "sites",
    )
    for name in profile.populations:
        faults += books[name].rows
    return Simulated(exports, populations, pd.DataFrame(faults, columns=list(FAULT_COLUMNS)))


def make_populations(profile: Profile, parameters: dict[str, Any], rng: np.random.Generator) -> dict[str, Population]:
    """Everybody who could have been asked, with true answers."""
    size = parameters["community"]["people_per_cluster"]
    places = _places(profile, parameters, size)
    lists = {
        "ethnic_group": [group.code for group in profile.ethnic_group],
        "any_region": [region.code for region in (*profile.region, *profile.neighbour)],
    }
    community = populate(load_questionnaire("community"), parameters["community"], places, size, lists, rng)
    made = {"community": community}
    for name in ("providers", "leaders"):
        made[name] = populate(
            load_questionnaire(name), parameters[name], places, parameters[name]["people_per_cluster"], lists, rng
        )
    return made


def draw_community(
    profile: Profile, population: Population, rng: np.random.Generator
) -> tuple[pd.DataFrame, list[Place]]:
    """A stratified sample of clusters, and people within them; one row per person, and the places drawn."""
    rows, drawn = [], []
    for stratum in profile.frame:
        members = [
            number
            for number, place in enumerate(population.places)
            if (place.region, place.settlement) == (stratum.region, stratum.settlement)
        ]
        for number in sorted(rng.choice(members, stratum.sampled_clusters, replace=False)):
            here = np.flatnonzero(population.place == number)
            rows.append(np.sort(rng.choice(here, stratum.interviews_per_cluster, replace=False)))
            drawn.append(population.places[number])
    chosen = np.concatenate(rows)
    return _with_places(population, chosen), drawn


def _with_places(population: Population, chosen: np.ndarray) -> pd.DataFrame:
    places = [population.places[number] for number in population.place[chosen]]
    return (
        population.answers.iloc[chosen]
        .reset_index(drop=True)
        .assign(
            cluster_id=[place.cluster for place in places],
            commune=[place.commune for place in places],
        )
    )


def _places(profile: Profile, parameters: dict[str, Any], people: int) -> list[Place]:
    places = []
    for stratum in profile.frame:
        communes = parameters["communes"][stratum.region]
        for number in range(stratum.clusters):
            code = f"{stratum.region[:3].upper()}-{stratum.settlement[0].upper()}{number + 1:03d}"
            commune = communes[number % len(communes)]
            share = stratum.adults / stratum.clusters / people
            places.append(Place(code, stratum.region, stratum.settlement, commune, share))
    return places


def _draw_posts(
    population: Population, parameters: dict[str, Any], drawn: list[Place], rng: np.random.Generator
) -> pd.DataFrame:
    """People at a number of the places that the community survey visited."""
    numbers = [population.places.index(place) for place in drawn]
    posts = sorted(rng.choice(numbers, parameters["posts"], replace=False))
    rows = [
        np.sort(rng.choice(np.flatnonzero(population.place == post), parameters["people_per_post"], replace=False))
        for post in posts
    ]
    return _with_places(population, np.concatenate(rows))


def _sites(profile: Profile, parameters: dict[str, Any], drawn: list[Place], rng: np.random.Generator) -> pd.DataFrame:
    questionnaire = load_questionnaire("sites")
    sites = populate(questionnaire, parameters["sites"], drawn, 1, {}, rng)
    return _with_places(sites, np.arange(len(drawn)))


def _fieldwork(
    people: pd.DataFrame, profile: Profile, parameters: dict[str, Any], name: str, rng: np.random.Generator
) -> pd.DataFrame:
    """Enumerators, dates, durations, form versions and ids; texts that must never leave the raw data."""
    days = (profile.fieldwork.end - profile.fieldwork.start).days + 1
    clusters = pd.factorize(people["cluster_id"])[0]
    position = people.groupby("cluster_id").cumcount()
    team = parameters["faults"]["enumerators"]
    who = (2 * clusters + (position % 2 == 1)) % team + 1
    day = (clusters * days) // (clusters.max() + 1)
    minutes = np.clip(rng.normal(52, 9, len(people)), 28, 110).round().astype(int)
    version2 = day >= int(days * parameters["faults"]["version_2_after_share_of_days"])
    serial = rng.permutation(len(people) * 7)[: len(people)]
    return people.copy().assign(
        respondent_id=[f"{profile.id}-{name[:3]}-{number:05d}-o" for number in serial],
        country=profile.country,
        enumerator_id=[f"E{number:02d}" for number in who],
        interview_language=parameters["languages"][0],
        household_number=[str(number + 1) for number in position],
        consent="yes",
        minutes=minutes.astype(str),
        day=day,
        hour=(position % 9).to_numpy(),
        form_version=np.where(version2, "2", "1") if name == "community" else "1",
    )


def _withhold(
    people: pd.DataFrame, parameters: dict[str, Any], book: FaultBook, rng: np.random.Generator
) -> pd.DataFrame:
    """Refusals and don't-knows: at random everywhere, and not at random where declared."""
    frame = people.copy()
    for question in load_questionnaire(book.population).questions:
        if question.name not in frame.columns or question.group == "cover":
            continue
        answered = ~frame[question.name].str.startswith("~")
        offered = {choice.name for choice in question.choices}
        draw = rng.random(len(frame))
        if "dont_know" in offered:
            frame.loc[answered & (draw < parameters["dont_know"]), question.name] = "dont_know"
        if "refused" in offered:
            frame.loc[answered & (draw > 1 - parameters["refused"]), question.name] = "refused"
    for rule in parameters.get("refusal_not_at_random", []):
        column = rule["question"]
        refuses = frame[column].isin(rule["codes"]) & (rng.random(len(frame)) < rule["chance"])
        for row in frame.index[refuses]:
            book.note("refusal_not_at_random", frame.at[row, "respondent_id"], column, frame.at[row, column], "refused")
        frame.loc[refuses, column] = "refused"
    return frame


def _typical(answers: pd.DataFrame, questionnaire: Questionnaire) -> dict[str, str]:
    """Commonest answer to each question that neither is routed, nor routes, nor is part of a ranking."""
    gates = {name for question in questionnaire.questions for name in referenced(question.relevance)}
    names = [
        question.name
        for question in questionnaire.questions
        if question.type == "select_one"
        and question.group not in ("cover", "profile")
        and question.name in answers
        and question.name not in gates
        and not any(name in question.constraint for name in questionnaire.names)
        and not (answers[question.name] == NOT_ASKED).any()
    ]
    return {name: str(answers[name].mode().iloc[0]) for name in names}


def _slip(frame: pd.DataFrame, slip: dict[str, Any], book: FaultBook, rng: np.random.Generator) -> None:
    rows = rng.choice(len(frame), len(slip["values"]), replace=False)
    for row, value in zip(rows, slip["values"], strict=True):
        book.note(slip["type"], frame.at[row, "respondent_id"], slip["column"], frame.at[row, slip["column"]], value)
        frame.at[row, slip["column"]] = value


def _export(
    interviews: pd.DataFrame, questionnaire: Questionnaire, parameters: dict[str, Any], name: str
) -> pd.DataFrame:
    """Columns as a collection server names them: groups in front, multiple choices as told."""
    columns: dict[str, Any] = {}
    times = _times(interviews, parameters)
    dummies = parameters["export"][name]["select_multiple"] == "dummies"
    for question in questionnaire.questions:
        label = f"{question.group}/{question.name}" if question.group else question.name
        if question.name in times:
            columns[label] = times[question.name]
            continue
        if question.name in interviews:
            values = interviews[question.name].astype(str).where(lambda s: ~s.str.startswith("~"), "")
        else:
            values = pd.Series(parameters["constants"].get(question.name, ""), index=interviews.index)
        if question.since != "1":
            values = values.where(interviews["form_version"].astype(int) >= int(question.since), "")
        if question.type == "select_multiple" and dummies:
            chosen = values.str.split(" ")
            for choice in question.choices:
                ticked = chosen.map(lambda codes, code=choice.name: str(int(code in codes)))
                columns[f"{label}/{choice.name}"] = ticked.where(values != "", "")
        else:
            columns[label] = values
    columns["__version__"] = interviews["form_version"]
    columns["_uuid"] = interviews["respondent_id"]
    columns["_submission_time"] = times["end"]
    columns["_index"] = [str(number + 1) for number in range(len(interviews))]
    return pd.DataFrame(columns).astype(str)


def _times(interviews: pd.DataFrame, parameters: dict[str, Any]) -> dict[str, list[str]]:
    first = date.fromisoformat(parameters["fieldwork_start"])
    starts = [
        datetime.combine(first, time(8)) + timedelta(days=int(day), minutes=int(hour) * 61)
        for day, hour in zip(interviews["day"], interviews["hour"], strict=True)
    ]
    ends = [s + timedelta(minutes=int(m)) for s, m in zip(starts, interviews["minutes"], strict=True)]
    return {
        "start": [f"{s.isoformat()}Z" for s in starts],
        "end": [f"{e.isoformat()}Z" for e in ends],
        "today": [s.date().isoformat() for s in starts],
        "deviceid": [f"tablet-{who}" for who in interviews["enumerator_id"]],
    }
