"""Publication rules, in one place: what is too small to show, and what may not be broken down."""

import numpy as np
import pandas as pd

from bsna.intake.plan import Group
from bsna.intake.profile import Profile, Publication

_NUMBERS = ("estimate", "se", "low", "high", "df", "n", "clusters", "deff")
_LEVELS = ("country", "region", "commune")


def release(rows: pd.DataFrame, rules: Publication) -> pd.DataFrame:
    """Give each estimate row its status and take the numbers out of those withheld.

    Withheld: fewer than `threshold` people or `min_clusters` clusters; and, where the levels of a breakdown that
    are withheld are one only, or fewer than `threshold` people together, the levels with the next fewest too, since
    they could be worked out from the total. Imprecise: no interval or a wide one, or few people. Rows already marked keep
    their status. Exact counts of answers (`n_yes`) leave all rows: those of the levels taken from those of
    all would tell the answers of the few whose level is not known. One row in, one row out.
    """
    small = (rows["n"] < rules.threshold) | (rows["clusters"] < rules.min_clusters)
    fresh = rows["status"] == ""
    withheld = small & fresh
    reason = pd.Series("", index=rows.index).mask(withheld, "too_few")
    for row in _could_be_worked_out(rows[fresh], withheld[fresh], rules.threshold):
        withheld[row], reason[row] = True, "protects_another"
    half_width = (rows["high"] - rows["low"]) / 2
    wide = rows["unit"].isin(["share", "points"]) & (half_width > rules.imprecise_half_width)
    imprecise = fresh & ~withheld & (wide | half_width.isna() | (rows["n"] < rules.imprecise_n))
    status = rows["status"].mask(fresh, "ok").mask(imprecise, "imprecise").mask(withheld, "withheld")
    out = rows.assign(status=status, status_reason=rows["status_reason"].mask(withheld, reason), n_yes=float("nan"))
    for column in _NUMBERS:
        out[column] = out[column].mask(status == "withheld", np.nan)
    return out


def release_corridors(rows: pd.DataFrame, rules: Publication) -> pd.DataFrame:
    """Release shares of corridors, which divide one base of people among them.

    One row is one corridor: `level` the origin, `category` the destination. What must not be small is the number who
    mention it (`n_yes`). A hidden corridor could be worked out from all the others, and from those of its origin, whose
    number of people who cross stands in other tables: both sums must leave it in company.
    """
    mentions = rows.assign(n=rows["n_yes"], level=rows["category"], category="")
    hidden = mentions["n"] < rules.threshold
    more: list[object] = [*hidden.index[hidden]]
    while more:
        more = _could_be_worked_out(mentions.assign(by=rows["level"]), hidden, rules.threshold)
        more = more or _could_be_worked_out(mentions, hidden, rules.threshold)
        hidden.loc[more] = True
    return release(rows.assign(n=rows["n"].mask(hidden, 0)), rules)


def permitted(group: Group, profile: Profile) -> bool:
    """Whether a breakdown by this group may be published for this survey.

    A sensitive group needs the profile's permission by name, an area finer than the profile's level is refused.
    """
    if group.sensitive == "yes" and group.group not in profile.publication.sensitive_groups:
        return False
    if group.admin_level:
        return _LEVELS.index(group.admin_level) <= _LEVELS.index(profile.publication.admin_level)
    return True


def _could_be_worked_out(rows: pd.DataFrame, withheld: pd.Series, threshold: int) -> list[object]:
    """Levels to hide as well: the total less what is shown must leave at least two levels and, together, at
    least `threshold` people; else those hidden could be worked out, alone or as a group too small to show."""
    more: list[object] = []
    if not withheld.any():
        return more
    broken_down = rows[rows["by"] != ""]
    for _, family in broken_down.groupby(["population", "measure", "by", "category"], sort=False):
        hidden = withheld[family.index] & (family["n"] > 0)
        shown = family.loc[~withheld[family.index], "n"].sort_values(kind="stable")
        count, people = int(hidden.sum()), float(family.loc[hidden, "n"].sum())
        for row, n in shown.items() if count else ():
            if count >= 2 and people >= threshold:
                break
            more.append(row)
            count, people = count + 1, people + n
    return more
