"""`python -m tests.estimation.rsurvey`: the ledger on all of R's values if they are at hand, else on the small copy."""

from tests.estimation.rsurvey.ledger import judge_all, table
from tests.estimation.rsurvey.reading import SMALL, full_folder, read_reference


def main() -> None:
    """Print the table, then every call that differs."""
    outcomes = judge_all(read_reference(full_folder() or SMALL))
    print(table(outcomes).to_string(index=False))
    for outcome in outcomes:
        if outcome.verdict == "differs":
            print(f"{outcome.case}: {outcome.reason}")


if __name__ == "__main__":
    main()
