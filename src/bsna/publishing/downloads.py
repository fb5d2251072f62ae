"""Texts that may go into a table for a spreadsheet."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: one that begins like a formula gets an apostrophe in front."""
    return f"'{text}" if text.startswith(_FORMULA) else text
