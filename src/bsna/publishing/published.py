"""The last published edition of each survey: kept under version control, an input of the runs that follow."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bsna import paths
from bsna.drafts import drafted
from bsna.intake.profile import Strict
from bsna.intake.sheets import read_text
from bsna.judgement.editions import Edition
from bsna.judgement.moved import Moved, compare


class Published(Strict):
    """One published edition: its date, a note, the certificate of its run and what it says; what moved in it against the
    edition published before, of the date `since`. Both are None in the first."""

    published: date
    note: str
    certificate: dict[str, Any]
    edition: Edition
    since: date | None = None
    moved: Moved | None = None


def published_path(survey: str) -> Path:
    """File of the published edition of a survey, whether or not it is there."""
    return paths.assessment("published", f"{survey}.json")


def read_published(survey: str) -> Published | None:
    """The published edition of a survey, None if there is none. Raises ValueError naming file and key of a fault."""
    path = published_path(survey)
    if not path.is_file():
        return None
    try:
        found = Published.model_validate_json(read_text(path))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, f['loc'])) or 'the whole'}: {f['msg']}" for f in error.errors()]
        raise ValueError(
            f"{path} has {len(faults)} fault(s): {'; '.join(faults[:5])}; it is written by `bsna publish` alone: restore it, or "
            "remove it and publish anew"
        ) from error
    if found.edition.survey != survey:
        raise ValueError(
            f"{path} holds an edition of {found.edition.survey!r}, expected {survey!r} as in the file name"
        )
    return found


def publish(edition: Edition, certificate: dict[str, Any], *, on: date, note: str = "") -> Published:
    """Make a run the published edition of its survey.

    Raises ValueError if it says what the published one says, from the same ingredients, or if that one is of a later day;
    nothing is changed then.
    """
    before = read_published(edition.survey)
    if before and before.edition == edition:
        raise ValueError(
            f"{edition.survey}: nothing changed since the edition published on {before.published}; nothing was published"
        )
    if before and on < before.published:
        raise ValueError(
            f"{edition.survey}: an edition was published on {before.published}, after {on}; give that day or a later one with --on"
        )
    made = Published(
        published=on,
        note=note,
        certificate=certificate,
        edition=edition,
        since=before.published if before else None,
        moved=compare(before.edition, edition) if before else None,
    )
    _write(made)
    return made


def _write(made: Published) -> None:
    path = published_path(made.edition.survey)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(made.model_dump(mode="json"), indent=1, sort_keys=True, ensure_ascii=False)
    with drafted(path) as draft:
        draft.write_text(text + "\n", encoding="utf-8")
