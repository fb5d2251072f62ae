"""What moved between two runs of a survey, and which of their ingredients differ."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bsna.judgement.editions import Edition, Ingredients, Stated

CAUSES = ("data", "simulation", "corrections", "plan", "questions", "profile", "seed", "code", "library", "elsewhere")
"""Ingredients by which two runs can differ, in the order in which they are named; `elsewhere` are those that a claim is not known to use."""

_ROUNDING = 1.5e-5
"""Two numbers kept to six digits that differ by one in the last are the same: one hundred-thousandth at most."""
_NOTHING = 1e-9
_KEYS = ("population", "measure", "by", "level", "category")


@dataclass(frozen=True)
class Cause:
    """One ingredient that differs between two runs: its kind (`CAUSES`), and which `parts` where it has several: modules,
    libraries with both versions, or other kinds."""

    kind: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class RowMove:
    """An estimate row that moved; `before` or `after` is None where it was not there."""

    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True)
class ClaimMove:
    """What became of one claim. `state`: same, moved, new or gone. `verdict` and `grade` are (before, after) if they changed;
    `rows` the estimate rows that moved, the one that moved furthest first, of `compared`. `through`: if its own figures stayed
    and only the correction for several claims changed, those of its family that moved. `causes`: the ingredients that differ
    and that it uses; one is the cause, several are possible and not ranked, none means that nothing recorded differs."""

    claim_id: str
    state: Literal["same", "moved", "new", "gone"]
    verdict: tuple[str, str] | None = None
    grade: tuple[str | None, str | None] | None = None
    rows: tuple[RowMove, ...] = ()
    compared: int = 0
    through: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class Moved:
    """All claims, in the order of the later run and then those gone; recommendations whose status changed, as (before,
    after) by id, "" where one was not there; and every ingredient that differs, whether or not anything moved."""

    claims: tuple[ClaimMove, ...]
    recommendations: dict[str, tuple[str, str]]
    differs: tuple[Cause, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing moved."""
        return not self.recommendations and all(claim.state == "same" for claim in self.claims)


def compare(before: Edition, after: Edition) -> Moved:
    """What moved from one run to another of the same survey. Raises ValueError for two surveys."""
    if before.survey != after.survey:
        raise ValueError(f"{before.survey} and {after.survey} are two surveys; a run is compared with one of its own")
    names = [*after.claims, *(name for name in before.claims if name not in after.claims)]
    own = {name: _own_move(name, before.claims.get(name), after.claims.get(name)) for name in names}
    causes = {name: _causes(before.ingredients, after.ingredients, name) for name in names}
    return Moved(
        tuple(_with_causes(own, causes, before, after, name) for name in names),
        _changed(before.recommendations, after.recommendations),
        differing(before.ingredients, after.ingredients),
    )


def differing(before: Ingredients, after: Ingredients) -> tuple[Cause, ...]:
    """Every ingredient of a survey that differs between two runs, whether or not a claim uses it."""
    kinds = ("corrections", "plan", "questions", "profile", "seed")
    found = [Cause(kind) for kind in kinds if getattr(before, kind) != getattr(after, kind)]
    if before.simulation != after.simulation:
        found.append(Cause("simulation"))
    return _merged(_delivered(before, after), found, _computed(before, after))


def _own_move(name: str, before: Stated | None, after: Stated | None) -> ClaimMove:
    if before is None or after is None:
        return ClaimMove(name, "new" if before is None else "gone")
    rows, compared = _row_moves(before, after)
    verdict = None if before.verdict == after.verdict else (before.verdict, after.verdict)
    grade = None if before.grade == after.grade else (before.grade, after.grade)
    return ClaimMove(name, "moved" if verdict or grade or rows else "same", verdict, grade, rows, compared)


def _row_moves(before: Stated, after: Stated) -> tuple[tuple[RowMove, ...], int]:
    old, new = ({tuple(row.get(key, "") for key in _KEYS): row for row in one.rows} for one in (before, after))
    keys = list(dict.fromkeys([*new, *old]))
    moves = [RowMove(old.get(key), new.get(key)) for key in keys if _differ(old.get(key), new.get(key))]
    return tuple(sorted(moves, key=_nearness)), len(keys)


def _differ(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> bool:
    """Whether a row came, went, or has another status, estimate or interval, beyond rounding."""
    if before is None or after is None or before["status"] != after["status"]:
        return True
    return any(not _same(before.get(key), after.get(key)) for key in ("estimate", "low", "high"))


def _same(before: float | None, after: float | None) -> bool:
    if before is None or after is None:
        return before is after
    return math.isclose(before, after, rel_tol=_ROUNDING, abs_tol=_NOTHING)


def _nearness(move: RowMove) -> float:
    before, after = ((row or {}).get("estimate") for row in (move.before, move.after))
    return -math.inf if before is None or after is None else -abs(after - before)


def _with_causes(
    own: Mapping[str, ClaimMove],
    causes: Mapping[str, tuple[Cause, ...]],
    before: Edition,
    after: Edition,
    name: str,
) -> ClaimMove:
    move = own[name]
    if move.state == "same":
        return move
    if move.state in ("new", "gone"):
        return ClaimMove(name, move.state, causes=(Cause("plan"),))
    through: tuple[str, ...] = ()
    found = causes[name]
    if move.verdict and not move.rows and _same_tests(before.claims[name], after.claims[name]):
        family = dict.fromkeys([*before.claims[name].family, *after.claims[name].family])
        through = tuple(other for other in family if other != name and _tests_moved(before, after, other))
        through_them = (
            causes[other] if other in before.claims and other in after.claims else (Cause("plan"),) for other in through
        )
        found = _merged(found, *through_them)
    return ClaimMove(
        name, "moved", move.verdict, move.grade, move.rows, move.compared, through, found or _elsewhere(before, after)
    )


def _same_tests(before: Stated, after: Stated) -> bool:
    return _same(before.p_for, after.p_for) and _same(before.p_against, after.p_against)


def _tests_moved(before: Edition, after: Edition, name: str) -> bool:
    one, other = before.claims.get(name), after.claims.get(name)
    if one is None or other is None:
        return one is not other
    return not _same_tests(one, other)


def _causes(before: Ingredients, after: Ingredients, name: str) -> tuple[Cause, ...]:
    """Ingredients of a claim that differ, each once and the first in the chain only: answers that differ between the same files
    were read by other code, and are no cause of their own."""
    old, new = before.claims.get(name), after.claims.get(name)
    if old is None or new is None:
        return (Cause("plan"),)
    found = []
    if old.answers != new.answers:
        found += _delivered(before, after)
    if old.cleaning != new.cleaning and before.corrections != after.corrections:
        found.append(Cause("corrections"))
    found += [Cause(kind) for kind in ("plan", "questions") if getattr(old, kind) != getattr(new, kind)]
    found += [Cause(kind) for kind in ("profile", "seed") if getattr(before, kind) != getattr(after, kind)]
    return _merged(found, _computed(before, after))


def _delivered(before: Ingredients, after: Ingredients) -> list[Cause]:
    """Why other answers were received: a simulated survey was drawn otherwise, or other files came."""
    if before.delivery == after.delivery:
        return []
    if before.simulation != after.simulation:
        return [Cause("simulation")]
    return [] if after.simulation and before.seed != after.seed else [Cause("data")]


def _computed(before: Ingredients, after: Ingredients) -> list[Cause]:
    modules = [name for name in sorted({*before.code, *after.code}) if before.code.get(name) != after.code.get(name)]
    old, new = before.libraries, after.libraries
    libraries = [f"{n} {old.get(n, '–')} → {new.get(n, '–')}" for n in sorted({*old, *new}) if old.get(n) != new.get(n)]
    parts = {"code": tuple(modules), "library": tuple(libraries)}
    return [Cause(kind, found) for kind, found in parts.items() if found]


def _elsewhere(before: Edition, after: Edition) -> tuple[Cause, ...]:
    """What differs although the claim is not known to use it; nothing if nothing does."""
    parts = tuple(cause.kind for cause in differing(before.ingredients, after.ingredients))
    return (Cause("elsewhere", parts),) if parts else ()


def _merged(*several: Iterable[Cause]) -> tuple[Cause, ...]:
    """All causes, each kind once with all its parts, in the order of `CAUSES`."""
    parts: dict[str, list[str]] = {}
    for cause in (cause for causes in several for cause in causes):
        parts.setdefault(cause.kind, []).extend(cause.parts)
    return tuple(Cause(kind, tuple(dict.fromkeys(parts[kind]))) for kind in CAUSES if kind in parts)


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    names = [*after, *(name for name in before if name not in after)]
    pairs = {name: (before.get(name, ""), after.get(name, "")) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
