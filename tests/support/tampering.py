"""What whoever owns a book's file can do to it: change it with the seals off."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def unsealed(book: Path) -> Iterator[sqlite3.Connection]:
    """A connection for which there are no triggers; they are put back, so only the change can be found."""
    with closing(sqlite3.connect(book)) as books, books:
        triggers = books.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            books.execute(f"DROP TRIGGER {name}")
        yield books
        for _, sql in triggers:
            books.execute(sql)
