"""A simulated survey arrives like a real one: as files that are received."""

import io
import json
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter

from bsna import paths
from bsna.intake.profile import Profile
from bsna.intake.raw import Delivery, list_deliveries
from bsna.intake.receive import receive
from bsna.simulation.parameters import load_parameters
from bsna.simulation.survey import Simulated, simulate

ORIGIN = "simulated"


def simulated_survey(profile: Profile) -> Simulated:
    """The simulated survey of a profile, made from its seed."""
    parameters = load_parameters(profile.id) | {"fieldwork_start": profile.fieldwork.start.isoformat()}
    return simulate(profile, parameters, np.random.default_rng(profile.seed))


def deliver_simulated(profile: Profile) -> Delivery | None:
    """Make the simulated survey and receive it; None if somebody delivered other files, which then stay current.

    An earlier simulated delivery is made anew, so that changed parameters show.

    Besides the delivery, data/raw/<survey>/truth/ gets the true share of every answer and the planted
    faults. Raises ValueError for a survey that is not simulated.
    """
    if not profile.is_simulated:
        raise ValueError(f"{profile.id} is a delivered survey; only simulated ones can be made")
    earlier = list_deliveries(profile.id)
    if any(delivery.origin != ORIGIN for delivery in earlier):
        return None
    survey = simulated_survey(profile)
    formats = load_parameters(profile.id)["export"]
    with tempfile.TemporaryDirectory() as folder:
        files = {
            name: _write(table, Path(folder) / f"{name}.{formats[name]['format']}")
            for name, table in survey.exports.items()
        }
        if earlier:
            shutil.rmtree(paths.raw(profile.id))
        _write_truth(profile.id, survey)
        return receive(
            profile,
            files,
            received=profile.fieldwork.end + timedelta(days=1),
            origin=ORIGIN,
            licence="CC0-1.0",
            note="Drawn by a computer; says nothing about real people",
        )


def _write(table: pd.DataFrame, path: Path) -> Path:
    if path.suffix == ".csv":
        table.to_csv(path, index=False, lineterminator="\n")
        return path
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_numbers": False}) as workbook:
        workbook.set_properties({"created": pd.Timestamp("2000-01-01").to_pydatetime()})
        sheet = workbook.add_worksheet("data")
        for number, column in enumerate(table.columns):
            sheet.write_string(0, number, column)
            for line, value in enumerate(table[column], start=1):
                if value:
                    sheet.write_string(line, number, value)
    path.write_bytes(written.getvalue())
    return path


def _write_truth(profile_id: str, survey: Simulated) -> None:
    home = paths.raw(profile_id) / "truth"
    home.mkdir(parents=True, exist_ok=True)
    survey.faults.to_csv(home / "faults.csv", index=False, lineterminator="\n")
    truth = {name: true_shares(survey, name) for name in survey.populations}
    (home / "truth.json").write_text(json.dumps(truth, indent=1, sort_keys=True), encoding="utf-8")


def true_shares(survey: Simulated, population: str) -> dict[str, dict[str, float]]:
    """True share of each answer to each question among those it concerns, by weight of adults."""
    people = survey.populations[population]
    shares: dict[str, dict[str, float]] = {}
    for name in people.answers.columns:
        answers, weights = people.answers[name].astype(str), people.weights
        asked = ~answers.str.startswith("~")
        codes = answers[asked].str.split(" ").explode()
        held = pd.Series(weights, index=answers.index)
        counted = held[asked].reindex(codes.index).groupby(codes).sum() / held[asked].sum()
        if counted.size <= 60:
            shares[name] = {str(code): round(float(share), 6) for code, share in counted.items()}
    return shares
