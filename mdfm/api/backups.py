"""Backups of a fund's book, and restores."""

from __future__ import annotations

from pathlib import Path

from ledger import BackupMark, Clock, Progress, back_up, no_progress, read_mark, restore_book, utc_now
from mdfm import __version__
from mdfm.api.files import require_file
from mdfm.books import ALL_KINDS


def back_up_fund(
    location: str | Path,
    file: Path,
    progress: Progress = no_progress,
    *,
    although_unsound: bool = False,
    clock: Clock = utc_now,
) -> BackupMark:
    """Write a backup of the book at `location` into a new file; as `Fund.backup`, but of older books, too.

    `clock` tells when it is taken, in UTC.
    """
    return back_up(
        str(location),
        ALL_KINDS,
        require_file(file),
        progress,
        clock,
        program=__version__,
        although_unsound=although_unsound,
    )


def restore_fund(
    file: Path, location: str | Path, progress: Progress = no_progress, *, although_unsound: bool = False
) -> BackupMark:
    """Make a book at `location`, where nothing is yet, of a backup, and return the backup's mark.

    `location` is a path, or the URL of an empty database, whose owner restores. The backup of an older book
    becomes a book of this version of the program. Tampered when the backup was changed or does not verify,
    Refused when it is a plain copy; then nothing is left at `location`. `although_unsound` restores what does
    not verify.
    """
    return restore_book(
        require_file(file), str(location), ALL_KINDS, progress, although_unsound=although_unsound
    )


def read_backup(file: Path) -> BackupMark:
    """When a backup was taken, and its head; it is not verified, for which it can be opened as any book.

    Refused for a file that is no backup, Tampered when it ends with another entry.
    """
    return read_mark(require_file(file), ALL_KINDS)
