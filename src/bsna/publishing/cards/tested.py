"""The tests of a table of the plan as results: whether the groups of a breakdown differ, measure by measure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bsna.estimation import CrossTab
from bsna.intake.plan import Table
from bsna.publishing.cards.results import Result

_SHOWN = ("ok", "imprecise")


def table_tests(
    survey: str,
    chapter: str,
    table: Table,
    tests: Mapping[str, CrossTab],
    adjusted: Mapping[str, float],
    rows: Sequence[Mapping[str, Any]],
) -> dict[str, Result]:
    """A result for each measure whose test may be shown: all its groups are, else the test would tell of those withheld.

    `adjusted` are p-values by measure after correction, `rows` the released rows of the table with their keys.
    """
    found = {}
    for measure, test in tests.items():
        own = [row for row in rows if row["measure"] == measure]
        if own and all(row["status"] in _SHOWN for row in own):
            found[measure] = Result(
                survey,
                chapter,
                "test",
                (table.table, measure),
                "table",
                table.table,
                p=float(test.p_value),
                p_adjusted=float(adjusted[measure]),
                statistic=float(test.statistic),
                df1=float(test.df1),
                df2=float(test.df2),
                n=int(test.n),
                clusters=int(test.clusters),
                about=((table.population, measure),),
                of=tuple(row["key"] for row in own),
            )
    return found
