"""A whole house is made: surveys delivered, one of them with hostile text, and the book built."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bsna.intake.profile import load_profile
from bsna.intake.raw import read_raw
from bsna.simulation import deliver_simulated

BSNA = str(Path(sys.executable).parent / "bsna")


TITLE = "Zy <script>TITLED()</script> [x](javascript:1) {glue:text}`k` $x$"
"""The title of the second survey, which somebody wrote who means harm or knows no better."""


def bsna(house, *words, check=True):
    environment = os.environ | {"BSNA_HOUSE": str(house)}
    done = subprocess.run([BSNA, *words], capture_output=True, text=True, env=environment, check=False)
    assert not check or done.returncode == 0, done.stderr
    return done


def build_house(home):
    """Two surveys of invented countries, run, and the book built."""
    twin = (
        (home / "assessment" / "profiles" / "zz.toml")
        .read_text(encoding="utf-8")
        .replace('id = "zz"', 'id = "zy"')
        .replace("seed = 7", "seed = 8")
        .replace("Zandara, simulated survey", TITLE)
        .replace("Zandara, enquête simulée", TITLE)
    )
    assert twin.count(TITLE) == 2
    (home / "assessment" / "profiles" / "zy.toml").write_text(twin, encoding="utf-8")
    shutil.copyfile(home / "assessment" / "simulation" / "zz.toml", home / "assessment" / "simulation" / "zy.toml")
    decisions = (home / "assessment" / "corrections" / "zz.csv").read_text(encoding="utf-8").splitlines()[:2]
    (home / "assessment" / "corrections" / "zy.csv").write_text("\n".join(decisions) + "\n", encoding="utf-8")
    _receive_hostile_text(home)
    first = bsna(home, "book")
    assert "index.html" in first.stdout
    return home


HOSTILE = (
    '<script>alert("MARKED")</script>',
    '=HYPERLINK("http://MARKED")',
    "# MARKED\n\n[x](javascript:1) {{MARKED}} {glue:text}`MARKED`",
    "MARKED" * 40_000,
    "\u202eMARKED\u202c",
    "~refused MARKED",
)


def _receive_hostile_text(home):
    """The second country's file arrives with hostile text wherever somebody may write freely."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BSNA_HOUSE", str(home))
        deliver_simulated(load_profile("zy"))
        raw = read_raw(load_profile("zy"), "community")
    free = ("commune", "respondent_name", "respondent_phone", "activity_other", "crossing_reason_other", "remarks")
    for column in (c for c in raw.columns if c.split("/")[-1] in free):
        chosen = [HOSTILE[len(column + who) * ord(who[-3]) % len(HOSTILE)] for who in raw["_uuid"]]
        raw[column] = [text if said else "" for text, said in zip(chosen, raw[column], strict=True)]
    raw.to_csv(home / "community.csv", index=False)
    bsna(home, "receive", "zy", str(home / "community.csv"), "--received", "2014-06-22")
