"""The small copy of the reference that stays with the tests: which calls it holds. Values are copied, none is computed."""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.estimation.rsurvey.calls import parse
from tests.estimation.rsurvey.reading import FULL_NAME, SMALL_NAME
from tests.estimation.rsurvey.refusals import refusal

DATA = ("apistrat", "apiclus1", "scd", "trust", "trust_lonely")
"""Data sets of the small copy."""

WEIGHTS = ("r_brr_scd", "r_brr_scd_user")
"""Designs whose replicate weights are copied: half-samples, which are read and not made."""

DESIGNS = (
    *("d_clus1", "d_strat", "d_trust", "d_trust_40", "d_scd"),
    *("d_lonely_dom", "d_trust_small", "d_lonely_fpc", "d_lonely", "d_trust_fpc2", "d_clus1_E"),
    *("d_clus1_ps", "d_clus1_rake", "d_clus1_callin", "d_clus1_calrak", "d_clus1_callogit", "d_clus1_calbound"),
    *("d_clus1_calclus", "d_strat_cal", "d_strat_trim", "d_strat_trim_strict", "d_trust_rake"),
    *("r_jk1", "r_jk1_mse", "r_jkn_trust", "r_brr_scd", "r_brr_scd_user", "r_jk1_ps", "r_jk1_rake", "r_jk1_cal"),
)
"""Designs of the small copy. Each kind of call is taken on the first of them on which R made it."""

ON_EVERY_DESIGN = ("mean", "mean_num", "total", "lonely_remove_adlFALSE/mean", "lonely_adjust_adlTRUE/total")
"""Calls taken on all of them."""


def write_small_copy(full: Path, small: Path) -> None:
    """Copy the chosen calls, their designs and data from the full folder. Files of the small copy are overwritten."""
    raw = json.loads((full / FULL_NAME).read_text(encoding="utf-8"))
    raw["cases"] = [case for case in raw["cases"] if case["id"] in set(small_cases(raw))]
    raw["designs"] = {name: _slim(raw["designs"][name]) for name in _with_bases(raw["designs"])}
    raw["data"] = {name: raw["data"][name] for name in DATA}
    for name in (*DATA, *(f"repw_{name}" for name in WEIGHTS)):
        shutil.copyfile(full / "data" / f"{name}.csv", small / f"{name}.csv")
    lines = [f"{_compact(key)}:{_compact(raw[key])}" for key in ("meta", "data", "designs")]
    cases = ",\n".join(map(_compact, raw["cases"]))
    text = "{" + ",\n".join(lines) + ',\n"cases":[\n' + cases + "\n]}\n"
    (small / SMALL_NAME).write_text(text, encoding="utf-8")


def small_cases(raw: Mapping[str, Any]) -> Iterator[str]:
    """Ids of the calls to copy: each kind that is answered once, some on every design; none that is refused, or judged by
    its tight twin, and no regression under each of R's rules for a stratum with one cluster."""
    seen = set()
    order = {name: number for number, name in enumerate(DESIGNS)}
    cases = [case for case in raw["cases"] if not case["design"] or case["design"] in order]
    for case in sorted(cases, key=lambda case: order.get(case["design"], -1)):
        kind = case["call"].replace(case["design"] or " ", "design"), json.dumps(case["options"])
        always = case["id"].removeprefix(f"{case['design']}/") in ON_EVERY_DESIGN
        wanted = case["tol"] != "default_iter" and not (case["options"] and "svyglm" in case["call"])
        if (always or kind not in seen) and wanted and refusal(parse(case["call"])) is None:
            yield case["id"]
        seen.add(kind)


def _with_bases(designs: Mapping[str, Any]) -> list[str]:
    """The designs and what they were made from, in R's order."""
    wanted = set(DESIGNS)
    for name in reversed(list(designs)):
        if name in wanted and designs[name].get("base"):
            wanted.add(designs[name]["base"])
    return [name for name in designs if name in wanted]


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _slim(design: Mapping[str, Any]) -> dict[str, Any]:
    """A design without its weights where they are a column of the data."""
    plain = design["call"].startswith(("svydesign", "subset"))
    return {key: value for key, value in design.items() if not (plain and key == "weights")}
