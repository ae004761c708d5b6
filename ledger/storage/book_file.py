"""The file of a book on SQLite: whether it can be one, and how it is opened where it may only be read.

SQLite writes beside a book even to read it: a log (`-wal`) and its index (`-shm`). On a medium that is
read-only, and in an archive, it cannot. There a file without a log is read as one that nobody changes, and
that is checked. A log that is not finished holds the last entries: with its index it is read where it is,
else from a private copy of file and log.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from ledger.errors import Refused

_DATABASE = b"SQLite format 3\0"
_JOURNAL = b"CREATE TABLE entry ("
"""Stands in the file of every book: the definition of its journal."""
_SMALLEST_PAGE = 512
_SEARCHED = 4 * 1024 * 1024
"""Bytes at the beginning of a file in which the definition is looked for."""
_LOG, _INDEX, _UNDO = "-wal", "-shm", "-journal"
_COPIED = ("", _LOG, _UNDO)
LOGS = (_LOG, _UNDO, _INDEX)
"""How the names of the files end that SQLite keeps beside a database."""
_TRIES = 3
_EFFECTIVE = os.access in os.supports_effective_ids

FileStamp = tuple[tuple[int, int, int] | None, ...]
"""What changes when a file or its logs are written."""


class BookFile(NamedTuple):
    """How the file of a book is opened."""

    path: Path
    options: str
    """Those of SQLite's URI."""
    read_only: bool = False
    stamp: FileStamp | None = None
    """Of a file that is read without locks: as it must still be when something was read."""
    copy: tempfile.TemporaryDirectory[str] | None = None
    """The folder of a private copy."""

    def connect(self) -> sqlite3.Connection:
        """A connection that any one thread at a time may use."""
        place = f"file:{quote(str(self.path))}?{self.options}"
        connection = sqlite3.connect(place, uri=True, check_same_thread=False)
        if self.read_only:
            connection.execute("PRAGMA query_only = ON")
        return connection

    def require_unchanged(self) -> None:
        """Refused when a file that is read without locks was changed: what was read may be of two states."""
        if self.stamp is not None and _stamp(self.path) != self.stamp:
            raise Refused(
                "book-changed-while-read",
                "The book at {file} was changed while it was read, and in its folder nothing can be written "
                "that would keep the two apart: open it again.",
                file=self.path,
            )

    def close(self) -> None:
        """Remove the private copy, if there is one."""
        if self.copy is not None:
            self.copy.cleanup()


def file_to_make(path: Path) -> BookFile:
    """For a file that may have to be made."""
    return BookFile(path.absolute(), "mode=rwc")


def existing_file(path: Path) -> BookFile:
    """For the file of a book: to be written where that is possible, else to be read.

    Refused when it may not be read, or not be copied where that is needed.
    """
    real = Path(os.path.realpath(path))
    beside = [_beside(real, ending) for ending in (_LOG, _INDEX)]
    _require_readable(path)
    if _allowed(real, os.W_OK) and (
        _allowed(real.parent, os.W_OK) or all(_allowed(each, os.W_OK) for each in beside)
    ):
        return BookFile(real, "mode=rw")
    stamp = _stamp(real)
    in_place = BookFile(real, "mode=ro", read_only=True)
    if all(each.exists() for each in beside) and _can_be_read(in_place):
        return in_place
    if any(_size(_beside(real, ending)) for ending in (_LOG, _UNDO)):
        return _private_copy(real)
    return BookFile(real, "mode=ro&immutable=1", read_only=True, stamp=stamp)


def is_there(path: Path) -> bool:
    """Whether there is anything at a path; Refused when its folder is closed to this user."""
    try:
        return path.exists()
    except PermissionError:
        raise _not_readable(path) from None


def _require_readable(path: Path) -> None:
    if not _allowed(path, os.R_OK):
        raise _not_readable(path)


def _not_readable(path: Path) -> Refused:
    return Refused(
        "book-not-readable", "The book at {file} may not be read by this user: ask its owner.", file=path
    )


def _allowed(path: Path, how: int) -> bool:
    return os.access(path, how, effective_ids=_EFFECTIVE)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _stamp(path: Path) -> FileStamp:
    return tuple(_stamp_of(_beside(path, ending)) for ending in _COPIED)


def _stamp_of(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _can_be_read(file: BookFile) -> bool:
    """Whether SQLite reads a file and its log in their place; damage is for its readers to report."""
    connection = None
    try:
        connection = file.connect()
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True
    finally:
        if connection is not None:
            connection.close()
    return True


def _private_copy(real: Path) -> BookFile:
    """A copy of a file and its logs as they were at one moment, in a folder that is removed in the end."""
    for log in (_beside(real, ending) for ending in (_LOG, _UNDO)):
        if log.exists() and not _allowed(log, os.R_OK):
            raise Refused(
                "book-log-not-readable",
                "The book at {file} has entries in its log {log}, which may not be read by this user: ask "
                "its owner.",
                file=real,
                log=log,
            )
    folder = tempfile.TemporaryDirectory(prefix="mdfm-")
    copy = Path(folder.name) / "read-only.book"
    for _ in range(_TRIES):
        before = _stamp(real)
        try:
            for ending in _COPIED:
                _beside(copy, ending).unlink(missing_ok=True)
                if _beside(real, ending).exists():
                    shutil.copyfile(_beside(real, ending), _beside(copy, ending))
        except OSError as error:
            folder.cleanup()
            raise Refused(
                "book-not-copied",
                "The book at {file} has entries in a log that can only be read from a copy, and none can be "
                "made in {folder}: {why}.",
                file=real,
                folder=tempfile.gettempdir(),
                why=error.strerror or error,
            ) from error
        if _stamp(real) == before:
            return BookFile(copy, "mode=rw", read_only=True, copy=folder)
    folder.cleanup()
    raise Refused(
        "book-always-changes",
        "The book at {file} is written all the time, and its folder is closed to this user: try again later.",
        file=real,
    )


def why_no_book(path: Path) -> str:
    """Why a path cannot be that of a book; empty for a database, and for what was a book before damage.

    Refused when it may not be read.
    """
    if path.is_dir():
        return "it is a folder"
    if not path.is_file():
        return "it is no ordinary file"
    _require_readable(path)
    with path.open("rb") as file:
        header = file.read(100)
    size = path.stat().st_size
    if not size:
        return "it is an empty file"
    if not header.startswith(_DATABASE):
        in_pages = size % _SMALLEST_PAGE == 0
        return "" if in_pages and has_journal_text(path) else "it is no SQLite database"
    if size < (int.from_bytes(header[16:18], "big") or _SMALLEST_PAGE):
        return "it is only the beginning of a database"
    return ""


def is_cut_off(path: Path) -> bool:
    """Whether a database that has no log is shorter than its header says."""
    with path.open("rb") as file:
        header = file.read(100)
    page = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    # 1 stands for a page of 65,536 bytes, which the field cannot hold.
    return header.startswith(_DATABASE) and path.stat().st_size < (65_536 if page == 1 else page) * pages


def has_journal_text(path: Path) -> bool:
    """Whether the definition of a journal stands in a file, whatever else is wrong with it."""
    with path.open("rb") as file:
        return _JOURNAL in file.read(_SEARCHED)
