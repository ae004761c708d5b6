"""Upgrades of books that an earlier version of the program made."""

from __future__ import annotations

from pathlib import Path

from ledger import Clock, Progress, Upgrade, no_progress, upgrade_book, utc_now
from mdfm import __version__
from mdfm.books import ALL_KINDS


def upgrade_fund(
    location: str | Path,
    *,
    backup: Path | None = None,
    dry_run: bool = False,
    although_unsound: bool = False,
    progress: Progress = no_progress,
    clock: Clock = utc_now,
) -> Upgrade:
    """Bring the book of a fund to the tables of this version, after a backup into a new file.

    The backup is beside a book in a file unless `backup` names another place; for a book on a server it must,
    and there the owner of the book upgrades it. `dry_run` only says what would run. Tampered when the book
    does not verify, unless `although_unsound`. Whatever fails, the book is as it was.
    """
    return upgrade_book(
        str(location),
        ALL_KINDS,
        backup=backup,
        dry_run=dry_run,
        although_unsound=although_unsound,
        progress=progress,
        clock=clock,
        program=__version__,
    )
