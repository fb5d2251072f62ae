"""`python -m tests.estimation.rsurvey`: the ledger on all of R's values if they are at hand, else on the small copy."""

from tests.estimation.rsurvey.ledger import judge_all, left_out_table, table
from tests.estimation.rsurvey.reading import SMALL, full_folder, read_reference


def main() -> None:
    """Print the table, what is refused and why, which fields are not compared, and every call that differs."""
    outcomes = judge_all(read_reference(full_folder() or SMALL))
    counts = table(outcomes)
    print(counts.drop(columns=["why_explained", "why_refused"]).to_string(index=False))
    for column in ("why_explained", "why_refused"):
        print(f"\n{column}")
        for row in counts[counts[column] != ""].itertuples():
            print(f"- {row.family}: {getattr(row, column)}")
    print(f"\nFields not compared\n{left_out_table(outcomes).to_string(index=False)}")
    for outcome in outcomes:
        if outcome.verdict == "differs":
            print(f"{outcome.case}: {outcome.reason}")


if __name__ == "__main__":
    main()
