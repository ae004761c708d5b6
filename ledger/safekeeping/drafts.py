"""Drafts: a file is made in a hidden folder beside its place, and gets its name when it is whole.

The folder is locked while somebody works there. Whoever is killed leaves one without a lock and nothing else;
who works there next clears it away.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from ledger.storage.atomic_file import name_new, unwritable
from ledger.storage.recognition import require_free

_FOLDER = ".mdfm-draft."
_FORGOTTEN_SECONDS = 7 * 24 * 3600
"""Where folders cannot be locked, a draft that has not moved for so long is nobody's."""


@contextmanager
def draft_of(place: Path) -> Iterator[Path]:
    """The path for the draft of the file at `place`; `give_name` gives it its name.

    The folder of the draft is for its owner alone, and is gone afterwards. Refused where there is a file, or
    the log of one that is gone, which SQLite would take for the new one's.
    """
    require_free(place)
    place = Path(os.path.abspath(place))  # noqa: PTH100 - a link at the end of the path is not followed
    try:
        with suppress(PermissionError):  # a folder to put in, and not to look into
            _clear_away(place.parent)
        folder, opened = _locked_folder(place.parent)
    except OSError as error:
        raise unwritable(place, error) from None
    try:
        yield folder / "draft"
    except DatabaseError as error:
        raise unwritable(place, error.orig or error) from error
    except (OSError, sqlite3.Error) as error:
        raise unwritable(place, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(opened)


def give_name(draft: Path, place: Path) -> None:
    """Give a draft that is whole its name, for good; Refused when a file has got the name meanwhile."""
    require_free(place)
    if not name_new(draft, place):
        require_free(place)
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place))


def _locked_folder(parent: Path) -> tuple[Path, int]:
    """A new folder, and what holds its lock until it is closed."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_FOLDER, dir=parent))
        with suppress(FileNotFoundError):  # another cleared it away before it had its lock
            opened = os.open(folder, os.O_RDONLY)
            try:
                _lock(opened, wait=True)
                folder.stat()
            except BaseException:
                os.close(opened)
                raise
            return folder, opened


def _clear_away(parent: Path) -> None:
    """Remove the drafts in which nobody works any more."""
    for folder in parent.glob(f"{_FOLDER}*"):
        with suppress(OSError):  # another's, whom it belongs to, or gone
            opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                if _lock(opened, wait=False) or _is_forgotten(folder):
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(opened)


def _lock(opened: int, *, wait: bool) -> bool:
    """Lock a folder; False where folders have no locks. BlockingIOError when another has it, unless `wait`.

    The system holds it for whoever opened the folder, and lets go of it when that process ends, however it
    does; containers of one machine see each other's.
    """
    import fcntl  # noqa: PLC0415 - not every system has it

    try:
        fcntl.flock(opened, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return False
    return True


def _is_forgotten(folder: Path) -> bool:
    moved = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
    return time.time() - moved > _FORGOTTEN_SECONDS
