"""Tables as HTML: caption, numbers with intervals and people, status in words, source below."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd
from great_tables import GT
from IPython.display import HTML, display

from bsna.publishing.cards.keys import key_of
from bsna.publishing.cards.marks import linked, plain
from bsna.publishing.wording import Words

Row = Mapping[str, Any]


def show_table(words: Words, table: pd.DataFrame, title: str, name: str, source: str = "") -> None:
    """Display a table; every cell is shown as text, and the table maker escapes it. `name` makes its id, `source` stands
    in for that of the survey at hand."""
    display(HTML(linked(f'<div class="bsna-table">{table_html(words, table, title, name, source)}</div>')))


def show_estimate_table(words: Words, table: pd.DataFrame, title: str, name: str) -> None:
    """Display the numbers behind a figure: folded, to be opened by those who want them."""
    summary = escape(words.word("numbers").format(title=title))
    html = table_html(words, table, title, name)
    display(HTML(linked(f'<details class="bsna-table bsna-numbers"><summary>{summary}</summary>{html}</details>')))


def table_html(words: Words, table: pd.DataFrame, title: str, name: str, source: str = "") -> str:
    """A table with its title and source. A column without name holds the headings of blocks of rows."""
    made = (
        GT(table.map(str), id=f"t-{name}".replace("_", "-"), groupname_col="" if "" in table else None)
        .tab_header(title=plain(title))
        .tab_source_note(source or words.source or " ")
        .cols_align("left")
    )
    with pd.option_context(
        "mode.string_storage", "python"
    ):  # quicker where cells are set one by one, as the maker does
        html = made.as_raw_html(inline_css=False)
    return lean(html)


def lean(html: str) -> str:
    """A table without the maker's look, which would weigh more than the numbers, and with what screen readers need: a caption,
    the first cell of a row as its heading, and a body of its own for each block of rows. The look is that of the book."""
    html = re.sub(r"<style>.*?</style>\s*", "", html, flags=re.DOTALL)
    title = re.search(r'<tr class="gt_heading">\s*<td[^>]*>(.*?)</td>\s*</tr>', html, re.DOTALL)
    if title:
        html = html.replace(title[0], "", 1)
    caption = f"<table><caption>{title[1] if title else ''}</caption>"
    html = re.sub(
        r"<table[^>]*>", lambda _: caption, html, count=1
    )  # a backslash in a title is no reference to a group
    block = r'<tr class="gt_group_heading_row">\s*<th[^>]*?(colspan="\d+")[^>]*>'
    html = re.sub(block, r'</tbody><tbody><tr class="bsna-block"><th \1 scope="rowgroup">', html)
    html = re.sub(r' (?:headers|rowspan|style|class|id)="[^"]*"(?=[^<]*>)', _kept, html).replace(' colspan="1"', "")
    html = re.sub(r'(<th[^>]*?) id="t-[^"]*"', r"\1", html)  # of columns, to which nothing leads
    html = re.sub(r"<tr>\s*<td>(.*?)</td>", r'<tr><th scope="row">\1</th>', html, flags=re.DOTALL)
    return re.sub(r">\s+<", "><", html).replace("<tbody></tbody>", "")


def _kept(attribute: re.Match[str]) -> str:
    """Attributes of a table that readers or links use: its id, its blocks, and whatever a cell brought along."""
    return attribute[0] if "bsna-" in attribute[0] or attribute[0].startswith(' id="t-') else ""


def estimate_table(words: Words, rows: Sequence[Row], p_values: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Estimate rows for a reader: measure, group, estimate, interval, people, design effect, status.

    Columns that would say the same in every row are left out; a breakdown has a block of rows per measure,
    with levels in their natural order, and several populations have a block each. A block says the corrected p-value of its
    measure where that has a card.
    """
    by = next((row["by"] for row in rows if row["by"]), "")
    if by:
        levels = words.ordered(by, list({row["level"] for row in rows}), rows[0]["population"])
        measures = list(dict.fromkeys(row["measure"] for row in rows))
        rows = sorted(rows, key=lambda row: (measures.index(row["measure"]), levels.index(row["level"])))
    measure = "" if by else words.word("measure")
    lines = [{measure: _measured(words, r, (p_values or {}).get(r["measure"])), **_cells(words, r)} for r in rows]
    frame = pd.DataFrame(lines)
    if by or len({row["population"] for row in rows}) == 1:
        frame = frame.drop(columns=words.word("population"))
    frame = frame.rename(columns={words.word("population"): ""})
    if not by:
        frame = frame.drop(columns=words.word("level"))
    return _without_ok(words, frame, rows)


def answer_table(
    words: Words,
    rows: Sequence[Row],
    labels: Mapping[str, str],
    answers: Sequence[str],
    sides: Sequence[Row] = (),
    summed: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """All answers to questions on a scale, a block of rows per question; in it the sum of each side that has several answers.

    `sides` are rows of sums, `summed` the codes of the answers on a side by its name.
    """
    codes = list(dict.fromkeys(row["category"] for row in rows))
    named = dict(zip(codes, answers, strict=True))
    for side, parts in (summed or {}).items():
        together = [named[code] for code in parts if code in named]
        named |= {side: words.say("result", "together", {"answers_list": together})} if len(together) > 1 else {}
    questions, rows = list(labels), [*rows, *(row for row in sides if row["category"] in named)]
    lines = []
    for row in sorted(rows, key=lambda row: questions.index(row["measure"])):
        cells = _cells(words, row)
        del cells[words.word("population")], cells[words.word("level")]
        lines.append({"": labels[row["measure"]], words.word("answer"): named[row["category"]], **cells})
    return _without_ok(words, pd.DataFrame(lines), rows)


def _measured(words: Words, row: Row, p_value: float | None) -> str:
    """The name of a measure, with the p-value of its test."""
    name = words.measure(row["measure"], row["population"])
    return words.say("result", "block", {"measure": name, "test_p": p_value}) if key_of(p_value) else name


def _cells(words: Words, row: Row) -> dict[str, str]:
    known = row["status"] in ("ok", "imprecise")
    level = words.level(row["by"], row["level"], row["population"]) if row["by"] and row["level"] else ""
    return {
        words.word("population"): words.word(row["population"]),
        words.word("level"): level or words.word("everybody"),
        words.word("estimate"): words.value(row) if known else "–",
        words.word("interval"): words.span(row["low"], row["high"], row["unit"]) if known else "–",
        words.word("people"): words.show("n_count", row["n"]) if known else "–",
        words.word("deff"): words.show("deff_number", row["deff"]) if known and row["deff"] == row["deff"] else "–",
        words.word("status"): "" if row["status"] == "ok" else words.word(row["status"]),
    }


def _without_ok(words: Words, frame: pd.DataFrame, rows: Sequence[Row]) -> pd.DataFrame:
    """A status is shown only where some row has one to tell."""
    return frame.drop(columns=words.word("status")) if all(row["status"] == "ok" for row in rows) else frame
