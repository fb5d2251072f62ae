"""Every value of R survey against the engine, as a table for readers."""

from pathlib import Path

from tests.estimation.rsurvey.ledger import judge_all, left_out_table, table
from tests.estimation.rsurvey.reading import SMALL, full_folder, read_reference

HERE = Path(__file__).parent


def measure_agreement() -> None:
    """Write reference.csv, one row per family, and reference.md; of all values if they are at hand, else of the small copy."""
    outcomes = judge_all(read_reference(full_folder() or SMALL))
    counts, left_out = table(outcomes), left_out_table(outcomes)
    counts.to_csv(HERE / "reference.csv", index=False, float_format="%.4g", lineterminator="\n")
    shown = counts[["family", "cases", "matched", "explained", "differs", "refused"]]
    lines = [
        "# Against R survey 4.5",
        "",
        "Calls of R and samples it declared, answered by the engine. Matched: to ten digits (eight where R iterates, five "
        "where its own root finding limits them). Explained: R's number has fewer digits than that; its own steps, taken as far "
        "as R takes them, give R's number, and taken to the end ours. Refused: no chapter needs it.",
        "",
        *_rows(shown.columns, shown.astype(str).to_numpy().tolist()),
        "",
        "## Explained",
        "",
        *(f"- {row.family}: {row.why_explained}" for row in counts[counts["why_explained"] != ""].itertuples()),
        "",
        "## Refused, and where to turn",
        "",
        *(f"- {row.family}: {row.why_refused}" for row in counts[counts["why_refused"] != ""].itertuples()),
        "",
        "## Fields not compared",
        "",
        *_rows(left_out.columns, left_out.astype(str).to_numpy().tolist()),
        "",
    ]
    (HERE / "reference.md").write_text("\n".join(lines), encoding="utf-8")
    print(shown.to_string(index=False), flush=True)


def _rows(names: object, rows: list[list[str]]) -> list[str]:
    head = [str(name) for name in names]  # type: ignore[attr-defined]
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
