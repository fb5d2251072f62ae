"""Values of R survey 4.5 held against this engine: a ledger of what is matched and what is refused on purpose."""
