"""A small invented survey as its chapters leave it, for tests of what is taken away."""

import base64
import io
from dataclasses import asdict

import nbformat
import numpy as np
import pandas as pd
from PIL import Image

from bsna import paths, shelf
from bsna.chapter import vocabulary
from bsna.estimation import estimate_rows, survey_design
from bsna.intake.plan import load_plan
from bsna.intake.profile import load_profile
from bsna.judgement import Verdict, recommend

PLAN, PROFILE = load_plan(), load_profile("zz")
VOCABULARIES = {language: vocabulary(PROFILE, PLAN, language) for language in ("en", "fr")}
HOSTILE = '#import "x": * $x$ @y \\ <script>alert(1)</script> {=html} `a` *b* =cmd|x \u202egnirts'


def share(measure, estimate, status="ok", **more):
    shown = {"low": estimate - 0.1, "high": estimate + 0.1, "n": 40, "clusters": 8, "deff": 1.5}
    row = {"measure": measure, "population": "community", "unit": "share", "estimate": estimate, "status": status}
    return row | shown | more


ROWS = [
    share("trusts_army", 0.8),
    share("trusts_army", 0.6, by="region", level="ambera"),
    share("trusts_army", 0.4, by="region", level="basalte", status="withheld"),
    share("trust_army", 0.25, category="a_lot"),
    share("trusts_army", 0.8),
]
"""Four estimates, of which one is shown twice and one withheld, though a number stands in it."""

BANNER = '<div class="bsna-banner bsna-simulated" role="note"><strong>Zandara.</strong> Simulated data.</div>'
TABLE = """<details class="bsna-table bsna-numbers"><summary>Table: Trust</summary><div><table class="gt_table"><thead>
<tr class="gt_heading"><td colspan="2" class="gt_heading gt_title">Trust</td></tr>
<tr class="gt_col_headings"><th>Measure</th><th>Estimate</th></tr></thead>
<tbody><tr class="gt_group_heading_row"><th colspan="2">Forces</th></tr><tr><td>Army</td><td>80%</td></tr></tbody>
<tfoot><tr><td colspan="2">Simulated survey, Zandara</td></tr></tfoot></table></div></details>"""


def png():
    buffer = io.BytesIO()
    Image.new("RGB", (40, 20), "white").save(buffer, format="PNG")
    return buffer.getvalue()


def write_survey(language="en"):
    """Results of zz in the house at hand, with chapters in a language."""
    shelf.write_frame(estimate_rows(ROWS), "zz", "estimates", "trust")
    for name in PROFILE.populations:
        shelf.write_frame(pd.DataFrame({"weight": [1.0] * 12}), "zz", "design", name)
    verdicts, made = judged()
    shelf.write_record([asdict(verdict) for verdict in verdicts], "zz", "verdicts", "verdicts")
    shelf.write_record([asdict(item) for item in made], "zz", "recommendations", "recommendations")
    write_chapters(language)


def judged():
    """People know a contact and would not use it: the verdicts of all claims, and the recommendations weighed on them."""
    designs = {"community": people(knows_contact=0.8, would_share=0.2), "providers": people(has_enough_radio=0.1)}
    absent = {
        p: tuple(m.measure for m in PLAN.measures if m.population == p and m.measure not in d.frame)
        for p, d in designs.items()
    }
    said = {claim.id: Verdict(claim.id, "not_asked") for claim in PLAN.claims}
    return list(said.values()), recommend(PLAN, list(said.values()), designs, absent, PROFILE.publication)


def people(**shares):
    spread, count = np.random.default_rng(5), 400
    frame = pd.DataFrame({"weight": 1.0, "stratum": "all", "psu": np.arange(count) % 40})
    made = {k: spread.permutation((np.arange(count) < v * count).astype(float)) for k, v in shares.items()}
    return survey_design(frame.assign(**made))


def write_chapters(language):
    home = paths.processed("zz")
    folder = (home if language == "en" else home / language) / "notebooks"
    folder.mkdir(parents=True, exist_ok=True)
    picture = {"image/png": base64.b64encode(png()).decode(), "text/plain": "figure"}
    shown = [
        nbformat.v4.new_output("display_data", {"text/html": BANNER}),
        nbformat.v4.new_output("display_data", picture, metadata={"image/png": {"alt": "Army: 80% (70–90%)."}}),
        nbformat.v4.new_output("display_data", {"text/markdown": "Told in *numbers*."}),
        nbformat.v4.new_output("display_data", {"text/html": TABLE}),
    ]
    for stem, chapter in (("05_trust", "trust"), ("12_summary", "summary")):
        cells = [nbformat.v4.new_markdown_cell(f"# {chapter} {HOSTILE}"), nbformat.v4.new_code_cell("", outputs=shown)]
        for number, cell in enumerate(cells):
            cell["id"] = f"c{number}"
        facts = {"chapter": chapter, "title": {"en": chapter, "fr": f"{chapter} (fr)"}}
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"bsna": facts})
        nbformat.write(notebook, folder / f"{stem}.ipynb")
