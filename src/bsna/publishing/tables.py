"""Tables as HTML: caption, numbers with intervals and people, status in words, source below."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from great_tables import GT
from IPython.display import HTML, display

from bsna.publishing.wording import Words


def show_table(words: Words, table: pd.DataFrame, title: str, name: str) -> None:
    """Display a table; every cell is shown as text, and the table maker escapes it. `name` makes its id."""
    made = (
        GT(table.map(str), id=f"t-{name}".replace("_", "-"))
        .tab_header(title=title)
        .tab_source_note(words.source or " ")
        .tab_options(
            table_width="100%",
            table_font_size="14px",
            heading_align="left",
            heading_title_font_size="16px",
            table_border_top_style="hidden",
        )
        .cols_align("left")
    )
    html = made.as_raw_html(inline_css=False)
    display(HTML(f'<div class="bsna-table">{html}</div>'))


def estimate_table(words: Words, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Estimate rows for a reader: measure, group, estimate, interval, people, design effect, status."""
    lines = []
    several = len({row["population"] for row in rows}) > 1
    for row in rows:
        known = row["status"] in ("ok", "imprecise")
        lines.append(
            {
                words.word("measure"): words.measure(row["measure"], row["population"]),
                words.word("population"): words.word(row["population"]),
                words.word("level"): words.level(row["by"], row["level"], row["population"])
                if row["by"]
                else words.word("everybody"),
                words.word("estimate"): words.value(row),
                words.word("interval"): words.span(row["low"], row["high"], row["unit"]) if known else "–",
                words.word("people"): words.show("n_count", row["n"]) if known else "–",
                words.word("deff"): words.show("deff_number", row["deff"])
                if known and row["deff"] == row["deff"]
                else "–",
                words.word("status"): words.word(row["status"]),
            }
        )
    frame = pd.DataFrame(lines)
    if not several:
        frame = frame.drop(columns=words.word("population"))
    if all(row["by"] == "" for row in rows):
        frame = frame.drop(columns=words.word("level"))
    return frame
