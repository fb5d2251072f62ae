"""A questionnaire of two dozen questions, a profile, and people who can be pictured."""

import tomllib
from typing import Any

import pandas as pd

from bsna.intake.faults import Check
from bsna.intake.instrument import Choice, Question, Questionnaire
from bsna.intake.profile import Profile
from bsna.intake.reasons import NOT_ASKED

PROFILE_TOML = """
id = "hill"
country = "hl"
source = "delivered"
name = { en = "Hill", fr = "Colline" }
title = { en = "Hill survey", fr = "Enquête de la colline" }
populations = ["community", "leaders"]
seed = 1

[fieldwork]
start = 2014-05-12
end = 2014-06-20
source = "invented for a test"

[publication]
threshold = 10
min_clusters = 3
imprecise_half_width = 0.15
imprecise_n = 30
admin_level = "region"

[design.community]
strata = ["region", "settlement"]
psu = "cluster_id"
lonely = "adjust"
assumption = { en = "None.", fr = "Aucune." }

[design.leaders]
lonely = "fail"
assumption = { en = "None.", fr = "Aucune." }

[[region]]
code = "north"
name = { en = "North", fr = "Nord" }

[[region]]
code = "south"
name = { en = "South", fr = "Sud" }

[[frame]]
region = "north"
settlement = "sedentary"
adults = 600
clusters = 20
sampled_clusters = 2
interviews_per_cluster = 2
source = "invented for a test"

[[frame]]
region = "south"
settlement = "sedentary"
adults = 300
clusters = 10
sampled_clusters = 1
interviews_per_cluster = 2
source = "invented for a test"
"""


def profile(**changes: Any) -> Profile:
    """The profile of the hill, with facts of the first level changed."""
    return Profile.model_validate({**tomllib.loads(PROFILE_TOML), **changes})


def question(
    name: str,
    type: str = "select_one",
    codes: str = "",
    relevance: str = "",
    *,
    list_name: str = "",
    group: str = "village",
    since: str = "1",
    personal: bool = False,
) -> Question:
    choices = tuple(Choice(code, {"en": code, "fr": code}) for code in codes.split())
    label = {"en": name, "fr": name}
    required = type not in ("text", "start", "end")
    return Question(name, type, list_name, label, choices, relevance, "", group, required, since, personal)


ASKED = "(${consent} = 'yes')"
TRUST = "not_at_all a_little somewhat a_lot dont_know refused"
RISKS = "banditry extremism mines dont_know refused"

QUESTIONS = (
    question("start", "start", group=""),
    question("end", "end", group=""),
    question("region", list_name="region", group="cover"),
    question("settlement", codes="sedentary nomadic", group="cover"),
    question("cluster_id", "text", group="cover"),
    question("enumerator_id", "text", group="cover"),
    question("consent", codes="yes no", group="cover"),
    question("respondent_name", "text", "", ASKED, personal=True),
    question("sex", codes="female male", relevance=ASKED),
    question("age", "integer", relevance=ASKED),
    question("activity", codes="herding trade other refused", relevance=ASKED),
    question("activity_other", "text", "", ASKED + " and ${activity} = 'other'"),
    question("crossed_12m", codes="yes no refused", relevance=ASKED),
    question("crossing_frequency", codes="daily weekly", relevance="${crossed_12m} = 'yes'"),
    question("crossing_route", codes="post track", relevance="${crossing_frequency} != ''"),
    question("goods_seen", "select_multiple", "livestock weapons none dont_know", ASKED),
    question("joint_patrols_seen", codes="yes no", relevance=ASKED, since="2"),
    question("trust_army", codes=TRUST, relevance=ASKED),
    question("trust_police", codes=TRUST, relevance=ASKED),
    question("risk_first", codes=RISKS, relevance=ASKED),
    question("risk_second", codes=RISKS, relevance=ASKED),
    question("risk_third", codes=RISKS, relevance=ASKED),
    question("remarks", "text", "", ASKED, personal=True),
)
FORM = Questionnaire("community", "2", {"en": "Village", "fr": "Village"}, QUESTIONS)

AWA = {
    "start": "2014-05-12T08:00:00Z",
    "end": "2014-05-12T08:50:00Z",
    "region": "north",
    "settlement": "sedentary",
    "cluster_id": "N1",
    "enumerator_id": "E01",
    "consent": "yes",
    "respondent_name": "Awa",
    "sex": "female",
    "age": "34",
    "activity": "herding",
    "activity_other": "",
    "crossed_12m": "no",
    "crossing_frequency": "",
    "crossing_route": "",
    "goods_seen": "livestock",
    "joint_patrols_seen": "yes",
    "trust_army": "somewhat",
    "trust_police": "a_little",
    "risk_first": "banditry",
    "risk_second": "mines",
    "risk_third": "extremism",
    "remarks": "",
    "__version__": "2",
    "_uuid": "awa",
    "_submission_time": "2014-05-12T20:00:00Z",
}
"""A complete interview, as an export without group names has it."""

NO_CONSENT = dict.fromkeys(list(AWA)[7:23], "") | {"consent": "no"}


def export(*people: dict[str, str]) -> pd.DataFrame:
    """Raw records: each Awa with some answers changed, ids a0, a1, ... unless given."""
    rows = [{**AWA, "_uuid": f"a{number}", **person} for number, person in enumerate(people)]
    return pd.DataFrame(rows, dtype=str)


def typed(*people: dict[str, str]) -> pd.DataFrame:
    """Typed records: each Awa with some answers changed, reasons written as such by the test."""
    blanks = {"activity_other": NOT_ASKED, "crossing_frequency": NOT_ASKED}
    blanks |= {"crossing_route": NOT_ASKED, "remarks": "~no_answer"}
    rows = [
        {
            "row_number": str(number + 1),
            "respondent_id": f"a{number}",
            "form_version": "2",
            "submitted": "",
            **{name: AWA[name] for name in FORM.names},
            **blanks,
            **person,
        }
        for number, person in enumerate(people)
    ]
    return pd.DataFrame(rows, dtype=str)


def check(kind: str, columns: str = "", action: str = "flag", *, id: str = "a_check", **parameters: Any) -> Check:
    return Check(
        id,
        "community",
        kind,
        tuple(columns.split()),
        parameters,
        action,
        {"en": "A reason", "fr": "Une raison"},
    )
