"""What the trials of claims found, in words for those who read `benchmarks/claims.md`."""

from collections.abc import Sequence

import pandas as pd
from scipy import stats

from bsna.intake.plan import Plan
from bsna.simulation.truths.declared import undeclared

WORDS = {"yes": "yes", "by_chance": "within two errors", "no": "**no**"}
LEVELS = {
    "true": "true, as assumed",
    "true_by_little": "true by little",
    "false_by_little": "false by little",
    "false_by_lot": "false by a lot",
}


REASONS = {
    "shared_top": "the plan gives a list of several places the cluster effect of a first choice; people of a cluster resemble each "
    "other more in whole lists, so that errors are larger than planned",
    "equivalence": "the plan takes the error to be estimated on clusters minus strata; with fewer effective degrees of freedom small "
    "errors come more often, and at a strict level only these can show it",
    "majority_all": "the exact test rests on an effective number of people that is itself estimated, from few clusters; the plan takes "
    "it as known",
}
"""Why a claim of some kind may be shown more or less often than planned, as found by looking at the errors of its estimates."""


def claims_text(table: pd.DataFrame, survey: str, plan: Plan, df: tuple[float, float]) -> str:
    """The benchmark of the claims, from its rows. `df`: nominal and effective degrees of freedom of the community's sample."""
    left_out = undeclared(plan)
    parts = [
        _head(table, survey, left_out),
        _alone(table),
        _levels(df),
        _power(table, plan),
        _family(table),
        _grades(table),
        _how(),
    ]
    return "\n".join(line for part in parts for line in part)


def _head(table: pd.DataFrame, survey: str, left_out: Sequence[str]) -> list[str]:
    goals = table[table["met"].notna()]
    counts = goals["met"].value_counts()
    return [
        "# Claims against known truths",
        "",
        f"Each claim was tested on surveys drawn from declared truths (`assessment/simulation/claims.toml`) at the planned sample of "
        f"`{survey}`: its strata, clusters, interviews and weights, with the shares and cluster effects that its power was planned "
        f"under. {int(table.loc[table['part'] == 'alone', 'surveys'].max()):,} surveys of each truth; fewer of a claim's second and third "
        f"border, and of truths that are false by a lot. Of {len(goals)} "
        f"goals {counts.get('yes', 0)} are met, {counts.get('by_chance', 0)} missed by no more than two Monte Carlo standard "
        f"errors, {counts.get('no', 0)} missed by more."
        + (f" Not tried, as no truth is declared: {', '.join(left_out)}." if left_out else ""),
        "",
        "Details: `claims.csv`.",
        "",
    ]


def _alone(table: pd.DataFrame) -> list[str]:
    rows = table[table["part"] == "alone"]
    lines = [
        "## Each claim alone",
        "",
        "A false claim should be called supported, and a true one contradicted, in at most 5 of 100 surveys. By little is the "
        "hardest case: all parts but one far on the right side of the border, or all parts on the border at once.",
        "",
        "| claim | truth | what is true | surveys | supported | contradicted | uncertain | at most 5% |",
        "|---|---|---|---:|---:|---:|---:|---|",
    ]
    for (claim, level, border), group in rows.groupby(["claim", "level", "border"], sort=False):
        found = group.set_index("quantity")
        cells = " | ".join(_share(found.loc[word]) for word in ("supported", "contradicted", "uncertain"))
        met = WORDS[str(found["met"].dropna().iloc[0])]
        lines.append(f"| {claim} | {LEVELS[str(level)]} | {border} | {found['surveys'].iloc[0]:,} | {cells} | {met} |")
    return [*lines, ""]


def _levels(df: tuple[float, float]) -> list[str]:
    """What the strictness of tests is worth with fewer degrees of freedom than are counted."""
    nominal, effective = df
    worth = [float(stats.t.sf(stats.t.isf(level, nominal), effective)) for level in (0.05, 0.05 / 9)]
    return [
        f"Tests count clusters minus strata, {nominal:.0f} degrees of freedom. The strata of this sample differ so much in weight that "
        f"an error has {effective:.0f} by Satterthwaite's formula. A test at 5% then errs in {worth[0]:.1%}, one at a ninth of that "
        f"({0.05 / 9:.2%}) in {worth[1]:.2%}: a little more than promised.",
        "",
    ]


def _power(table: pd.DataFrame, plan: Plan) -> list[str]:
    rows = table[table["part"] == "power"]
    lines = [
        "## Power",
        "",
        "Where what is assumed is true: how often the claim is shown, beside the least and greatest power planned for it. At the "
        "first step: at the level that Holm's correction gives the first of its family, which is what is planned; after Holm: "
        "as verdicts are given. The other terms of a model, which explain nothing here, are planned so too.",
        "",
        "| claim | alone | planned | within | at the first step | planned | within | after Holm |",
        "|---|---:|---:|---|---:|---:|---|---:|",
    ]
    for claim, group in rows.groupby("claim", sort=False):
        found = group.set_index("quantity")
        cells = [
            f"{_share(row)} | {row['low']:.1%} to {row['high']:.1%} | {_side(row)}"
            for row in (found.loc["alone"], found.loc["corrected"])
        ]
        lines.append(f"| {claim} | {' | '.join(cells)} | {_share(found.loc['holm'])} |")
    missed = list(dict.fromkeys(rows.loc[rows["met"] == "no", "claim"]))
    kinds = {name: str(plan.row("claims", name).kind) for name in missed}
    why = [f"- {name}: {REASONS.get(kind, 'not explained')}." for name, kind in kinds.items()]
    return [*lines, "", *(["Not as planned:", "", *why, ""] if why else [])]


def _family(table: pd.DataFrame) -> list[str]:
    rows = table[table["part"] == "family"]
    lines = [
        "## Families",
        "",
        "Claims of a family put together, each under one of its truths; verdicts after Holm's correction. How often at least one "
        "false claim is called supported, or one true claim contradicted. Where one claim differs from all others, the worst of all.",
        "",
        "| family | truths | error | surveys | how often | at most 5% |",
        "|---|---|---|---:|---:|---|",
    ]
    for (family, what, error), group in rows.groupby(["claim", "level", "quantity"], sort=False):
        row = group.loc[group["value"].idxmax()]
        which = f"{what} ({row['border']})" if row["border"] else what
        says = str(error).replace("_", " ")
        lines.append(f"| {family} | {which} | {says} | {row['surveys']:,} | {_share(row)} | {WORDS[str(row['met'])]} |")
    return [*lines, ""]


def _grades(table: pd.DataFrame) -> list[str]:
    rows = table[table["part"] == "grade"]
    lines = [
        "## Grades",
        "",
        "Surveys of any size with faults: a tenth to all of the planned clusters, silence that depends on the answer in half of "
        "them, in half of them an enumerator who invents, whom the checks find in half. Each claim has a truth near its border, on "
        "either side. Grades are those of the plan, from precision, design, silence, and reruns unweighted, uncleaned, with all "
        "silence on one side and without each enumerator; sites are not left out one by one, and nobody else's answers are "
        "set beside. Claims on places in a list and that only one is, which take most of the time, are left out. Of the firm "
        "verdicts (supported or contradicted) of each grade, how many the truth denies, with exact 95% limits as if verdicts "
        "were independent; those of one survey share its faults.",
        "",
        "| grade | verdicts | firm | against the truth | limits |",
        "|---|---:|---:|---:|---|",
    ]
    firm = rows[rows["quantity"] == "wrong_of_firm"].set_index("level")
    for row in rows[rows["quantity"] == "verdicts"].to_dict("records"):
        if row["level"] in firm.index:
            found = firm.loc[row["level"]]
            low, high = _limits(float(found["value"]), int(found["surveys"]))
            cells = f"{found['surveys']:,} | {_share(found)} | {low:.1%} to {high:.1%}"
        else:
            cells = "0 | – | –"
        lines.append(f"| {row['level']} | {row['surveys']:,} | {cells} |")
    shares = firm["value"].tolist()
    return [
        *lines,
        "",
        f"Lowest in A: {_yes(firm['value'].get('A') == min(shares))}. Rising at every step: {_yes(shares == sorted(shares))}.",
        "",
    ]


def _limits(share: float, n: int) -> tuple[float, float]:
    """Clopper and Pearson's."""
    yes = round(share * n)
    low = stats.beta.ppf(0.025, yes, n - yes + 1) if yes else 0.0
    high = stats.beta.ppf(0.975, yes + 1, n - yes) if yes < n else 1.0
    return float(low), float(high)


def _yes(holds: bool) -> str:
    return "yes" if holds else "**no**"


def _how() -> list[str]:
    return [
        "## How surveys are drawn",
        "",
        "- Every cluster has shares of its own, from a Dirichlet distribution about the true ones, so that two people of a cluster "
        "correlate as the cluster effect says. Answers to one question exclude each other; causes of a list are ticked "
        "independently; confidence in both roles is of the same person; ranked lists follow a Plackett–Luce model.",
        "- Strata do not differ, so that nothing is gained from them. Weights are those of the frame, not raked.",
        "- Every claim is tested on answers of its own, drawn independently of those of others, also where two claims of a family "
        "rest on one question. Holm's correction needs no such assumption.",
        "- The error after ± is the Monte Carlo standard error. A test that is right to the point is beyond 5% by more than two of "
        "them in one truth of forty.",
        "",
    ]


def _share(row: object) -> str:
    return f"{row['value']:.1%} ± {row['error']:.1%}"  # type: ignore[index]


def _side(row: pd.Series) -> str:
    if row["met"] != "no":
        return WORDS[str(row["met"])]
    return "**no**, less" if row["value"] < row["low"] else "**no**, more"
