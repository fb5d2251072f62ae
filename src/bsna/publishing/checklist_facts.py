"""What a run knows of its survey, as the values that answers of the reviewer's checklist are filled with."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
from babel.dates import format_date

from bsna import paths, shelf
from bsna.intake.checks import load_checks
from bsna.intake.crosswalk import load_crosswalk
from bsna.intake.profile import Profile
from bsna.intake.raw import current_delivery
from bsna.judgement.planned_power import planned_samples
from bsna.publishing.verdicts import count_of_verdicts, recommendation_count
from bsna.publishing.wording import Words

CHAPTER = "10_findings"
"""The chapter whose birth certificate stands for the run."""
_SHOWN = 12
"""Characters shown of a checksum."""


def checklist_facts(words: Words) -> dict[str, Any]:
    """Values by name; None where the survey has no such fact. Raises ValueError if it was not run to its end."""
    profile = words.profile
    assert profile is not None
    return {
        **_declared(words, profile),
        **_received(words, profile),
        **_sample(words, profile),
        **_computed(words, profile),
        **_certified(profile),
    }


def _declared(words: Words, profile: Profile) -> dict[str, Any]:
    language, rules = words.language, profile.publication
    cited = profile.citation.text[language] if profile.citation and profile.citation.text else None
    planned = [
        words.say(
            "checklist",
            "planned",
            {"population": words.word(name), "people_count": s.people, "clusters_count": s.clusters},
        )
        for name, s in planned_samples(profile).items()
    ]
    return {
        "survey": profile.id,
        "title": profile.title[language],
        "citation": cited,
        "start": _day(profile.fieldwork.start, language),
        "end": _day(profile.fieldwork.end, language),
        "populations_list": [words.word(name) for name in profile.populations],
        "regions_series": [region.name[language] for region in profile.region] or None,
        "assumptions": " ".join(dict.fromkeys(d.assumption[language] for d in profile.design.values())) or None,
        "frame": _frame(words, profile),
        "planned_series": planned or None,
        "threshold_count": rules.threshold,
        "limit_count": rules.min_clusters,
        "level": words.say("checklist", f"level_{rules.admin_level}"),
    }


def _received(words: Words, profile: Profile) -> dict[str, Any]:
    delivery = current_delivery(profile.id)
    questions = (
        len(load_crosswalk(profile.crosswalk).column)
        if profile.crosswalk
        else sum(len(words.questionnaires[name].names) for name in profile.populations)
    )
    files = [f"{words.word(file.population)} {file.sha256[:_SHOWN]}" for file in delivery.files]
    return {
        "delivery": delivery.id,
        "received": _day(delivery.received, words.language),
        "received_count": sum(file.rows for file in delivery.files),
        "files_series": files,
        "questions_count": questions,
    }


def _sample(words: Words, profile: Profile) -> dict[str, Any]:
    frames = {name: shelf.read_frame(profile.id, "design", name) for name in profile.populations}
    facts = shelf.read_frame(profile.id, "design", "diagnostics")
    received = facts[facts["variable"] == "records"].set_index("population")
    samples = [
        words.say(
            "checklist",
            "sample",
            {
                "population": words.word(name),
                "interviews_count": len(frame),
                "clusters_count": frame[["stratum", "psu"]].drop_duplicates().shape[0],
                "strata_count": frame["stratum"].nunique(),
            },
        )
        for name, frame in frames.items()
    ]
    effects = facts[facts["kind"] == "design_effect"].set_index("population")["after"]
    return {
        "samples_series": samples,
        "records_count": received["before"].sum(),
        "interviews_count": received["after"].sum(),
        "refused_count": (received["before"] - received["after"]).sum(),
        "deff_number": effects[profile.populations[0]],
        "weights": _weights(words, profile),
    }


def _computed(words: Words, profile: Profile) -> dict[str, Any]:
    log, flags = (shelf.read_frame(profile.id, "cleaned", name) for name in ("log", "flags"))
    folder = paths.processed(profile.id) / "estimates"
    status = pd.concat([pd.read_parquet(path, columns=["status"]) for path in sorted(folder.glob("*.parquet"))])[
        "status"
    ]
    verdicts = shelf.read_record(profile.id, "verdicts", "verdicts")
    advised = shelf.read_record(profile.id, "recommendations", "recommendations")
    tried = shelf.read_record(profile.id, "robustness", "robustness")
    return {
        "checks_count": len(load_checks()),
        "flags_count": len(flags),
        "changes_count": len(log),
        "personal_count": int((log["rule"] == "personal").sum()),
        "estimates_count": int((status != "not_asked").sum()),
        "imprecise_count": int((status == "imprecise").sum()),
        "withheld_count": int((status == "withheld").sum()),
        "measures_count": len(words.plan.measures),
        "absent_count": _absent(words, profile),
        "claims_count": len(words.plan.claims),
        "verdicts": count_of_verdicts(words, [verdict["verdict"] for verdict in verdicts]),
        "recommendations": recommendation_count(words, [item["status"] for item in advised]),
        "reruns_count": sum(variant["count"] for claim in tried for variant in claim["variants"]),
    }


def _certified(profile: Profile) -> dict[str, Any]:
    path = paths.processed(profile.id) / "notebooks" / f"{CHAPTER}.certificate.json"
    if not path.is_file():
        raise ValueError(f"{path} is not there yet; run `bsna run {profile.id}` first")
    made: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {
        "code": made["code"].partition("+")[2],
        "plan": made["plan"][:_SHOWN],
        "seed": str(made["seed"]),
        "libraries_count": len(made["libraries"]),
    }


def _absent(words: Words, profile: Profile) -> int:
    """Measures that were not asked: those of populations at hand that are absent, and all of populations that are not."""
    gone = shelf.read_frame(profile.id, "measured", "absent")
    return len(gone) + sum(row.population not in profile.populations for row in words.plan.measures)


def _weights(words: Words, profile: Profile) -> str:
    design = profile.design.get(profile.populations[0])
    if design and design.weight:
        return words.say("checklist", "weights_file")
    if not profile.frame:
        return words.say("checklist", "weights_alike")
    margins = [words.group(_group(words, margin.variable), "community") for margin in profile.margin]
    return words.say("checklist", "weights_frame" if not margins else "weights_raked", {"margins_list": margins})


def _group(words: Words, variable: str) -> str:
    return next(
        (row.group for row in words.plan.groups if (row.source, row.population) == (variable, "community")), variable
    )


def _frame(words: Words, profile: Profile) -> str | None:
    if not profile.frame:
        return None
    adults = round(sum(row.adults for row in profile.frame))
    values = {"strata_count": len(profile.frame), "adults_count": adults}
    return words.say("checklist", "frame", values | {"clusters_count": sum(row.clusters for row in profile.frame)})


def _day(day: Any, language: str) -> str:
    return format_date(day, "d MMMM yyyy", locale=language)
