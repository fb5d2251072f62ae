"""What a reader takes away: released estimates as CSV and Excel, which say what they are."""

from pathlib import Path

import pandas as pd
import xlsxwriter

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_downloads(rows: pd.DataFrame, stem: Path, notice: str) -> tuple[Path, Path]:
    """Write released estimate rows beside each other as CSV and Excel.

    The first line says where the numbers come from. Text that a spreadsheet would take for a formula gets
    an apostrophe in front. The same rows give the same bytes.
    """
    safe = rows.copy()
    for column in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[column]):
            safe[column] = [guarded(str(text)) for text in safe[column]]
    table, workbook = stem.with_suffix(".csv"), stem.with_suffix(".xlsx")
    body = safe.to_csv(index=False, lineterminator="\n", float_format="%.6g")
    table.write_text(f"# {notice}\n{body}", encoding="utf-8")
    with xlsxwriter.Workbook(workbook, {"nan_inf_to_errors": True}) as book:
        book.set_properties({"created": pd.Timestamp("2000-01-01").to_pydatetime(), "comments": notice})
        sheet = book.add_worksheet("estimates")
        sheet.write_string(0, 0, notice)
        for number, column in enumerate(safe.columns):
            sheet.write_string(1, number, column)
            for line, value in enumerate(safe[column], start=2):
                if isinstance(value, str):
                    sheet.write_string(line, number, value)
                elif value == value:
                    sheet.write_number(line, number, float(value))
    return table, workbook


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: one that begins like a formula gets an apostrophe in front."""
    return f"'{text}" if text.startswith(_FORMULA) else text
