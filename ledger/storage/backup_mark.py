"""The mark of a backup: a table of one row that only backups have, in a book in SQLite.

It tells a backup from a plain copy, and names the head that the backup must still have.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, column, select, table, text

from ledger.entry.canonical import Head

BACKUP_FORMAT = "mdfm-backup-1"
_NAME = "backup_mark"
MARK_TABLE = ("table", _NAME)
"""The type and the name of the mark among the objects of a database."""


class BackupMark(NamedTuple):
    """The row of the mark."""

    format: str
    made_at: str
    """When the backup was taken, UTC, ISO 8601."""
    seq: int
    """The number of the last entry; 0 where there was none."""
    hash: str
    program: str
    """The version of the program that took it."""
    engine: str
    """What kept the book: `sqlite` or `postgresql`."""
    migration: str
    """The last migration of the book."""
    findings: str
    """What verification found in the book, a sentence a line; empty for a sound book."""

    @property
    def head(self) -> Head:
        """The last entry of the backup."""
        return Head(self.seq, self.hash)


_DEFINITION = (
    "CREATE TABLE backup_mark (format TEXT NOT NULL, made_at TEXT NOT NULL, seq INTEGER NOT NULL, "
    "hash TEXT NOT NULL, program TEXT NOT NULL, engine TEXT NOT NULL, migration TEXT NOT NULL, "
    "findings TEXT NOT NULL) STRICT"
)
_ROWS = table(_NAME, *(column(name) for name in BackupMark._fields))


def put_mark(books: Connection, mark: BackupMark) -> None:
    """Make a copy of a book in SQLite a backup."""
    books.exec_driver_sql(_DEFINITION)
    books.execute(_ROWS.insert().values(mark._asdict()))


def take_mark_off(books: Connection) -> None:
    """Make a backup a book again."""
    books.exec_driver_sql(f"DROP TABLE {_NAME}")


def set_findings(books: Connection, findings: str) -> None:
    """Write down what verification found in a backup."""
    books.execute(_ROWS.update().values(findings=findings))


def mark_of(books: Connection) -> BackupMark | None:
    """The mark of a backup; None for a book that is none, or whose mark is not whole."""
    if not is_marked(books) or any(mark_faults(books)):
        return None
    return BackupMark(*books.execute(select(_ROWS)).one())


def is_marked(books: Connection) -> bool:
    """Whether a book has a mark of any form: nothing is recorded into it then."""
    return books.dialect.name == "sqlite" and _definition(books) is not None


def mark_faults(books: Connection) -> Iterator[str]:
    """What is wrong with the form of the mark of a book that has one."""
    if _definition(books) != _DEFINITION:
        yield "the mark of the backup is not as this program makes it"
        return
    formats = books.execute(select(_ROWS.c.format)).scalars().all()
    if formats != [BACKUP_FORMAT]:
        yield f"the mark of the backup should have one row in the format {BACKUP_FORMAT}, and has {formats}"


def _definition(books: Connection) -> str | None:
    query = text("SELECT sql FROM sqlite_master WHERE name = :name")
    found: str | None = books.execute(query, {"name": _NAME}).scalar()
    return found
