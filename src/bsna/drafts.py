"""Files that are written whole or not at all."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """A file beside `path` to write to, which takes its place once it is whole.

    If writing fails, or is interrupted, the draft goes and what stood at `path` stays. Raises OSError, naming `path`,
    if the disk is full or does not let us write.
    """
    draft = path.with_name(f".{path.name}.draft")
    try:
        yield draft
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise OSError(
            error.errno or errno.EIO, f"{path} could not be written and is as it was: {error.strerror or error}"
        ) from error
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
