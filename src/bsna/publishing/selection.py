"""Which surveys a book shows: all, only some, or all but some."""

from collections.abc import Sequence


def chosen(profiles: Sequence[str], only: Sequence[str] = (), without: Sequence[str] = ()) -> list[str]:
    """Ids of the surveys a book shows, in the order of `profiles`; all of them if neither is given.

    Raises ValueError for an id that is not among `profiles`, for a survey that is both asked for and withheld, and for a
    choice that leaves none.
    """
    if unknown := sorted({*only, *without} - set(profiles)):
        raise ValueError(
            f"{len(unknown)} of the surveys named cannot be shown or withheld: {', '.join(unknown)}; those with data are "
            f"{', '.join(profiles)}"
        )
    if both := sorted(set(only) & set(without)):
        raise ValueError(f"{', '.join(both)}: named under --only and under --without; keep one")
    kept = [name for name in profiles if (not only or name in only) and name not in without]
    if not kept:
        raise ValueError(f"No survey is left of {', '.join(profiles)}; withhold fewer")
    return kept
