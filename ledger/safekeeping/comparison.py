"""Comparison with a backup: whether a book still has what was in it when the backup was taken.

A copy that lost its newest entries is sound in itself, and so is a chain that was written anew; neither has
the entries of a backup.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import zip_longest
from pathlib import Path

from sqlalchemy import Connection, select

from ledger.audit.verification import Finding
from ledger.entry.event import Kinds
from ledger.journal.queries import head
from ledger.safekeeping.restore import head_differs, open_backup, require_mark
from ledger.storage.backup_mark import BackupMark
from ledger.storage.schema import entry

_SHOWN = 5
"""How many of the entries that are missing are named."""


def read_mark(file: Path, kinds: Kinds) -> BackupMark:
    """The mark of a backup: its head, and when it was taken. Tampered when the backup ends otherwise."""
    with closing(open_backup(file, kinds)) as backup:
        mark = require_mark(backup, file)
        with backup.reading() as books:
            last = head(books)
    if last != mark.head:
        raise head_differs(file, mark, last)
    return mark


def differences_from_backup(books: Connection, file: Path, kinds: Kinds) -> Iterator[Finding]:
    """The entries of a backup that the books lack, or have otherwise; newer entries are no difference."""
    mark = read_mark(file, kinds)
    hashes = select(entry.c.seq, entry.c.hash).where(entry.c.seq <= mark.seq).order_by(entry.c.seq)
    with closing(open_backup(file, kinds)) as backup, backup.reading() as kept:
        for was, now in zip_longest(kept.execute(hashes), books.execute(hashes)):
            if now is None:
                yield from _missing(kept, was.seq, mark)
                return
            if was is None or tuple(was) != tuple(now):
                yield Finding(
                    now.seq, f"its hash is {now.hash}, and is another in the backup of {mark.made_at}"
                )
                return


def _missing(kept: Connection, first: int, mark: BackupMark) -> Iterator[Finding]:
    """The entries of a backup from a number on, the first of them by what they record."""
    shown = select(entry.c.seq, entry.c.kind, entry.c.effective_on).where(entry.c.seq >= first)
    for row in kept.execute(shown.order_by(entry.c.seq).limit(_SHOWN)):
        yield Finding(
            row.seq,
            f"is missing: in the backup of {mark.made_at} it is '{row.kind}' of {row.effective_on}",
        )
    if mark.seq >= first + _SHOWN:
        yield Finding(None, f"entries {first + _SHOWN} to {mark.seq} of the backup are missing, too")
