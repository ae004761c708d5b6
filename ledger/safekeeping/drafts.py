"""Drafts: a file is made in a hidden folder beside its place, and gets its name when it is whole.

Whoever is killed leaves such a folder and nothing else; who works there next clears it away.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import socket
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from ledger.errors import BadInput, Refused, reason_of
from ledger.storage.atomic_file import name_new

_FOLDER = ".mdfm-draft."
_LOGS = ("-wal", "-journal", "-shm")
_OTHERS_SECONDS = 7 * 24 * 3600
_IN_USE: set[Path] = set()
"""The drafts of this process."""


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
        folder = Path(tempfile.mkdtemp(prefix=f"{_own()}.", dir=place.parent))
    except OSError as error:
        raise unwritable(place, error) from None
    _IN_USE.add(folder)
    try:
        yield folder / "draft"
    except sqlite3.Error as error:
        raise unwritable(place, error) from error
    except DatabaseError as error:
        raise unwritable(place, error.orig or error) from error
    except OSError as error:
        raise unwritable(place, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _IN_USE.discard(folder)


def require_free(place: Path) -> None:
    """Refused where there is a file, a folder, or the log of a database that is gone."""
    for path in (place, *(Path(f"{place}{ending}") for ending in _LOGS)):
        if os.path.lexists(path):
            raise Refused(
                "place-taken",
                "{path} is there already, and nothing is written over it: choose another name, or move it "
                "away.",
                path=path,
            )


def give_name(draft: Path, place: Path) -> None:
    """Give a draft that is whole its name, for good; Refused when a file has got the name meanwhile."""
    require_free(place)
    if not name_new(draft, place):
        require_free(place)
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(place))


def unwritable(place: Path, error: BaseException) -> BadInput | Refused:
    """The error for a draft that cannot be written, with the reason of the system."""
    reason = (error.strerror or str(error)) if isinstance(error, OSError) else reason_of(error)
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or "is full" in reason:
        return Refused(
            "place-full",
            "There is no room for {path} on its disk: nothing is left of it; make room and try again.",
            path=place,
        )
    return BadInput("file-unwritable", "{path} cannot be written: {why}.", path=place, why=reason)


def _own() -> str:
    return f"{_FOLDER}{_machine()}.{os.getpid()}"


def _machine() -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:60]


def _clear_away(folder: Path) -> None:
    """Remove what dead processes left; another machine's is dead when its draft has not moved for days."""
    for path in folder.iterdir():
        machine, _, rest = path.name.removeprefix(_FOLDER).partition(".")
        number, dot, _ = rest.partition(".")
        if not (path.name.startswith(_FOLDER) and dot and number.isdigit()) or path in _IN_USE:
            continue
        here = machine == _machine()
        if not (_lives(int(number)) if here else _moved_lately(path)):
            shutil.rmtree(path, ignore_errors=True)


def _moved_lately(folder: Path) -> bool:
    with suppress(OSError):
        moved = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
        return time.time() - moved < _OTHERS_SECONDS
    return True


def _lives(process: int) -> bool:
    if process == os.getpid():
        return False  # what this process has in use is known; the other is of one that had its number
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
