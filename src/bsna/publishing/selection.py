"""Which surveys a book knows: all, only some, or all but some."""

from collections.abc import Mapping, Sequence


def chosen(profiles: Mapping[str, bool], only: Sequence[str] = (), without: Sequence[str] = ()) -> list[str]:
    """Ids of the surveys a book knows, in the order of `profiles` (whether each has data); all of them if neither is given.

    A survey without data has no page, but those across countries name it. Raises ValueError for an id that is not among
    `profiles`, for a survey that is both asked for and withheld, and for a choice that leaves none with data.
    """
    if unknown := sorted({*only, *without} - set(profiles)):
        raise ValueError(
            f"{len(unknown)} of the surveys named cannot be shown or withheld: {', '.join(unknown)}; those declared are "
            f"{', '.join(profiles)}"
        )
    if both := sorted(set(only) & set(without)):
        raise ValueError(f"{', '.join(both)}: named under --only and under --without; keep one")
    kept = [name for name in profiles if (not only or name in only) and name not in without]
    if not any(profiles[name] for name in kept):
        having = [name for name in profiles if profiles[name]]
        raise ValueError(f"No survey with data is left of {', '.join(having)}; name one of them, or withhold fewer")
    return kept
